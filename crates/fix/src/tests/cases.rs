//! One case for each sort of repair.

use super::{applied, fixed, holds, sources, verdict};
use watertight_model::Verdict;
use watertight_prove::Question;

/// Two environments that are fenced, and a shared namespace.
pub(super) const FENCED: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: staging, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
apiVersion: v1
kind: Namespace
metadata:
  name: production
  labels:
    pod-security.kubernetes.io/enforce: baseline
---
apiVersion: v1
kind: Namespace
metadata: {name: monitoring, labels: {team: shop}}
---
apiVersion: v1
kind: Node
metadata: {name: node-1}
spec: {podCIDRs: [10.244.0.0/24]}
status: {addresses: [{type: InternalIP, address: 192.168.7.1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: toolbox, namespace: monitoring, labels: {app: toolbox}}
spec: {containers: [{name: c, image: i:1}]}
status: {phase: Running, podIP: 10.244.0.3, podIPs: [{ip: 10.244.0.3}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: staging, labels: {app: web}}
spec: {containers: [{name: c, image: i:1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: production, labels: {app: web}}
spec: {containers: [{name: c, image: i:1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: production, labels: {app: db}}
spec: {containers: [{name: c, image: i:1}]}
";

pub(super) const DENY: &str = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: production}
spec: {podSelector: {}, policyTypes: [Ingress]}
";

/// Repairs some files beside the cluster, which have to be isolated then, and yields the repaired file and the changed objects.
#[track_caller]
fn repaired(file: &str, with_deny: bool) -> (String, Vec<String>) {
    let mut files = vec![("cluster.yaml", FENCED), ("file.yaml", file)];
    if with_deny {
        files.push(("deny.yaml", DENY));
    }
    let sources = sources(&files);
    let question = Question::between("staging", "production");
    let fix = fixed(&sources, &question);
    assert_eq!(verdict(&fix.before), Verdict::Breached);
    holds(&sources, &fix, &question);
    assert_eq!(verdict(&fix.after), Verdict::Isolated, "{:#?}", fix.left);
    assert!(fix.is_smallest);
    let text = applied(&fix).into_iter().find(|source| source.name == "file.yaml");
    let text = text.map_or_else(String::new, |source| String::from_utf8(source.bytes).unwrap());
    (text, fix.repairs.iter().map(|repair| repair.object.to_string()).collect())
}

pub(super) const POLICY: &str = "\
# The database.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
  namespace: production
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress: # who gets in
    - from:
        - podSelector: {matchLabels: {app: web}} # ours
        - PEER
      ports:
        - port: 5432
";

#[test]
fn a_peer_that_means_staging_alone_goes() {
    let peer = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: staging}}";
    let (text, objects) = repaired(&POLICY.replace("PEER", peer), true);
    assert_eq!(text, POLICY.replace("        - PEER\n", ""));
    assert_eq!(objects, ["NetworkPolicy production/db"]);
}

#[test]
fn a_peer_that_means_others_too_names_them() {
    let (text, _) = repaired(&POLICY.replace("PEER", "namespaceSelector: {}"), true);
    let peer = "namespaceSelector: {\"matchExpressions\": [{\"key\": \"kubernetes.io/metadata.name\", \
                \"operator\": \"In\", \"values\": [\"monitoring\", \"production\"]}]}";
    assert_eq!(text, POLICY.replace("PEER", peer));
}

#[test]
fn a_rule_of_which_no_peer_is_left_goes() {
    let all = "        - podSelector: {matchLabels: {app: web}} # ours\n        - PEER\n      ports:\n        - port: 5432\n";
    let staging = "        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: staging}}\n";
    let (text, _) = repaired(&POLICY.replace(all, staging), true);
    assert_eq!(text, POLICY.replace(&format!(" # who gets in\n    - from:\n{all}"), " []\n"));
}

#[test]
fn pods_are_left_out_of_a_block() {
    let (text, _) =
        repaired(&POLICY.replace("PEER", "ipBlock:\n            cidr: 10.0.0.0/8 # the office"), true);
    let block = "ipBlock:\n            cidr: 10.0.0.0/8 # the office\n            except:\n              - \"10.244.0.0/16\"";
    assert_eq!(text, POLICY.replace("PEER", block));
}

#[test]
fn a_rule_for_everyone_names_who_it_is_for() {
    let peers = "    - from:\n        - podSelector: {matchLabels: {app: web}} # ours\n        - PEER\n      ports:\n";
    let (text, _) = repaired(&POLICY.replace(peers, "    - ports:\n"), true);
    assert!(text.contains("    - from:\n        - namespaceSelector:\n"), "{text}");
    assert!(!text.contains("- staging"), "{text}");
}

#[test]
fn a_namespace_without_a_fence_gets_one() {
    let (_, objects) = repaired("# nothing\n", false);
    assert_eq!(objects, ["NetworkPolicy production/watertight-default-deny-ingress"]);
}

#[test]
fn a_workload_without_a_fence_gets_a_gate_beside_it() {
    let (text, objects) = repaired(&POLICY.replace("        - PEER\n", ""), false);
    assert_eq!(text, POLICY.replace("        - PEER\n", ""));
    let gate = "NetworkPolicy production/watertight-allow-ingress-web";
    assert_eq!(objects, [gate, "NetworkPolicy production/watertight-default-deny-ingress"]);
}

#[test]
fn a_service_that_hides_its_clients_keeps_their_addresses() {
    let service = "\
apiVersion: v1
kind: Service
metadata:
  name: shop
  namespace: production
spec:
  type: LoadBalancer
  selector: {app: web}
  ports: [{port: 80}] # the public
";
    let (text, objects) = repaired(service, false);
    assert_eq!(text, format!("{service}  externalTrafficPolicy: Local\n"));
    let fence = "NetworkPolicy production/watertight-default-deny-ingress";
    assert_eq!(objects, [fence, "Service production/shop"]);
}

#[test]
fn a_service_of_staging_claims_no_address_of_production_s() {
    let service = |claimed: &str| {
        format!(
            "\
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: staging}}
spec:
  externalIPs:{claimed}
  selector: {{app: web}}
  ports: [{{port: 443}}]
---
apiVersion: v1
kind: Service
metadata: {{name: shop, namespace: production}}
spec: {{type: LoadBalancer, selector: {{app: web}}, ports: [{{port: 443}}]}}
status: {{loadBalancer: {{ingress: [{{ip: 203.0.113.10}}]}}}}
---
# Whose rights are known, so that the API is looked at.
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: on-call, namespace: production}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}}
subjects: [{{kind: User, apiGroup: rbac.authorization.k8s.io, name: jane}}]
"
        )
    };
    let (text, objects) = repaired(&service("\n    - 203.0.113.10"), true);
    assert_eq!(text, service(" []"));
    assert_eq!(objects, ["Service staging/web"]);
}

/// Nobody but the user knows which of the office's addresses are pods'; what staging may open is closed on its own side.
#[test]
fn where_production_cannot_close_it_staging_s_way_out_is() {
    let office = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: office, namespace: production}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}
";
    let binding = BINDING
        .replace("namespace: staging", "namespace: production")
        .replace("ClusterRole, name: edit", "ClusterRole, name: view");
    let documents: Vec<&str> = FENCED.split("---\n").collect();
    let without_addresses = [&documents[..2], &documents[5..]].concat().join("---\n");
    let sources =
        sources(&[("cluster.yaml", &without_addresses), ("file.yaml", office), ("rbac.yaml", &binding)]);
    let question = Question::between("staging", "production");
    let fix = fixed(&sources, &question);
    holds(&sources, &fix, &question);
    assert_eq!((verdict(&fix.before), verdict(&fix.after)), (Verdict::Breached, Verdict::Isolated));
    let objects: Vec<String> = fix.repairs.iter().map(|repair| repair.object.to_string()).collect();
    assert_eq!(objects, ["NetworkPolicy staging/watertight-default-deny-egress"]);
}

const BINDING: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: debugger, namespace: production}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects:
  - {kind: Group, apiGroup: rbac.authorization.k8s.io, name: on-call}
  - kind: ServiceAccount
    name: ci
    namespace: staging
---
# The pipeline.
apiVersion: v1
kind: ServiceAccount
metadata: {name: ci, namespace: staging}
";

#[test]
fn a_subject_of_staging_goes() {
    let (text, objects) = repaired(BINDING, true);
    let subject = "  - kind: ServiceAccount\n    name: ci\n    namespace: staging\n";
    assert_eq!(text, BINDING.replace(subject, ""));
    assert_eq!(objects, ["RoleBinding production/debugger"]);
}

#[test]
fn a_binding_of_staging_alone_goes() {
    let group = "  - {kind: Group, apiGroup: rbac.authorization.k8s.io, name: on-call}\n";
    let (text, _) = repaired(&BINDING.replace(group, ""), true);
    assert_eq!(text, BINDING.split_once("---\n").unwrap().1);
}

#[test]
fn a_namespace_whose_pods_could_share_a_node_s_network_gets_a_label() {
    for (written, expected) in [
        (", labels: {team: a}", ", labels: {team: a, \"pod-security.kubernetes.io/enforce\": \"baseline\"}"),
        (
            ", labels: {pod-security.kubernetes.io/enforce: privileged}",
            ", labels: {\"pod-security.kubernetes.io/enforce\": \"baseline\"}",
        ),
        ("", ", \"labels\": {\"pod-security.kubernetes.io/enforce\": \"baseline\"}"),
    ] {
        let namespace = |labels: &str| {
            format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: staging-jobs{labels}}}\n")
        };
        let (text, objects) = repaired(&namespace(written), true);
        assert_eq!(text, namespace(expected));
        assert_eq!(objects, ["Namespace staging-jobs"]);
    }
}

#[test]
fn objects_of_a_json_list_are_edited_in_place() {
    let json = r#"{"apiVersion": "v1", "kind": "List", "items": [
  {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
   "metadata": {"name": "x", "namespace": "production"},
   "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
   "subjects": [{"kind": "ServiceAccount", "name": "ci", "namespace": "staging"},
                {"kind": "ServiceAccount", "name": "ci", "namespace": "production"}]},
  {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "ci", "namespace": "staging"}}
]}
"#;
    let (text, _) = repaired(json, true);
    let subject =
        "{\"kind\": \"ServiceAccount\", \"name\": \"ci\", \"namespace\": \"staging\"},\n                ";
    assert_eq!(text, json.replace(subject, ""));
}

#[test]
fn nothing_is_proposed_where_nothing_gets_across() {
    let sources = sources(&[("cluster.yaml", FENCED), ("deny.yaml", DENY)]);
    let question = Question::between("staging", "production");
    let fix = fixed(&sources, &question);
    holds(&sources, &fix, &question);
    assert_eq!(verdict(&fix.before), Verdict::Isolated);
    assert!(fix.repairs.is_empty() && fix.patches.is_empty() && fix.left.is_empty());
}

#[test]
fn what_no_output_shows_is_in_no_patch() {
    let secret = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: production}\nstringData:\n  password: hunter2hunter2\n";
    let binding = BINDING.split_once("---\n").unwrap().0;
    let file = format!("{binding}{secret}");
    let sources = sources(&[("cluster.yaml", FENCED), ("deny.yaml", DENY), ("file.yaml", &file)]);
    let fix = fixed(&sources, &Question::between("staging", "production"));
    for patch in &fix.patches {
        assert!(!patch.text("file.yaml").contains("hunter2"), "{}", patch.text("file.yaml"));
    }
}

#[test]
fn what_stands_on_standard_input_is_not_edited() {
    let sources = sources(&[("-", &format!("{FENCED}---\n{DENY}---\n{BINDING}"))]);
    let question = Question::between("staging", "production");
    let fix = fixed(&sources, &question);
    assert!(fix.repairs.is_empty(), "{:#?}", fix.repairs);
    assert!(fix.left.iter().any(|left| left.is_breach));
    assert_eq!(verdict(&fix.after), Verdict::Breached);
}

/// Staging's accounts and production's share a binding for the whole cluster.
const EVERYWHERE: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: deploy}
rules: [{apiGroups: [apps], resources: [deployments], verbs: [create, patch]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: deploy}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: deploy}
subjects:
  - {kind: ServiceAccount, name: ci, namespace: staging}
  - {kind: ServiceAccount, name: ci, namespace: production}
";

/// The files beside the cluster after the repair, by name.
fn all_repaired(file: &str) -> Vec<(String, String)> {
    let sources = sources(&[("cluster.yaml", FENCED), ("file.yaml", file), ("deny.yaml", DENY)]);
    let question = Question::between("staging", "production");
    let fix = fixed(&sources, &question);
    holds(&sources, &fix, &question);
    assert_eq!(verdict(&fix.after), Verdict::Isolated, "{:#?}", fix.left);
    let text = |source: watertight_base::Source| (source.name, String::from_utf8(source.bytes).unwrap());
    applied(&fix)
        .into_iter()
        .map(text)
        .filter(|(name, _)| !["cluster.yaml", "deny.yaml"].contains(&name.as_str()))
        .collect()
}

#[test]
fn what_a_cluster_role_binding_grants_stays_at_home() {
    let files = all_repaired(EVERYWHERE);
    let edited = EVERYWHERE.replace("  - {kind: ServiceAccount, name: ci, namespace: staging}\n", "");
    assert_eq!(files[0], ("file.yaml".to_owned(), edited));
    let home = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: watertight-deploy
  namespace: staging
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: deploy
subjects:
  - kind: ServiceAccount
    name: ci
    namespace: staging
";
    assert_eq!(files[1..], [("staging-watertight-deploy.yaml".to_owned(), home.to_owned())]);
}

#[test]
fn a_binding_of_everybody_is_for_all_but_staging() {
    let everybody = "  - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: system:serviceaccounts}\n";
    let (head, _) = EVERYWHERE.split_once("  - ").unwrap();
    let files = all_repaired(&format!("{head}{everybody}"));
    let group = |name: &str| {
        format!(
            "  - apiGroup: rbac.authorization.k8s.io\n    kind: Group\n    name: \"system:serviceaccounts{name}\"\n"
        )
    };
    assert_eq!(files[0].1, format!("{head}{}{}", group(":monitoring"), group(":production")));
    assert!(files[1].1.ends_with(&format!("subjects:\n{}", group(""))), "{}", files[1].1);
}

#[test]
fn what_a_namespace_cannot_have_is_not_kept_at_home() {
    let nodes = EVERYWHERE.replace("[apps], resources: [deployments]", "[\"\"], resources: [nodes]");
    let files = all_repaired(&nodes);
    assert_eq!(files.len(), 1, "{files:#?}");
}

const KUSTOMIZATION: &str = "\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
";

/// The kustomization after the repair of files in two folders, whose kustomization is in `folder`.
fn relisted(folder: &str, list: &str) -> String {
    let kustomization = format!("{KUSTOMIZATION}{list}");
    let name = format!("{folder}kustomization.yaml");
    let (head, production) = FENCED.split_once("---\napiVersion: v1\nkind: Namespace\nmetadata:\n").unwrap();
    let production = format!("apiVersion: v1\nkind: Namespace\nmetadata:\n{production}");
    let files = [
        ("k8s/staging.yaml", head),
        ("k8s/production/all.yaml", production.as_str()),
        ("k8s/production/binding.yaml", BINDING_OF_STAGING),
        (name.as_str(), kustomization.as_str()),
    ];
    let sources = sources(&files);
    let question = Question::between("staging", "production");
    let fix = fixed(&sources, &question);
    holds(&sources, &fix, &question);
    assert_eq!(verdict(&fix.after), Verdict::Isolated, "{:#?}", fix.left);
    assert!(
        fix.repairs
            .iter()
            .filter(|repair| repair.added_in.is_some())
            .all(|repair| repair.listed == crate::Listing::In(name.clone()))
    );
    let kustomization = fix.sources.iter().find(|source| source.name == name).unwrap();
    String::from_utf8(kustomization.bytes.clone()).unwrap()
}

const BINDING_OF_STAGING: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ci, namespace: production}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: ServiceAccount, name: ci, namespace: staging}]
";

#[test]
fn a_kustomization_lists_new_files_and_those_that_go_no_more() {
    assert_eq!(
        relisted("k8s/production/", "  - all.yaml\n  - ./binding.yaml\n"),
        format!("{KUSTOMIZATION}  - all.yaml\n  - production-watertight-default-deny-ingress.yaml\n")
    );
    assert_eq!(
        relisted("k8s/", "- staging.yaml\n- production/binding.yaml\n- production/all.yaml # both\n"),
        format!(
            "{KUSTOMIZATION}- staging.yaml\n- production/production-watertight-default-deny-ingress.yaml\n- production/all.yaml # both\n"
        )
    );
}

/// Staging may write Ingresses, and one controller serves both sides.
fn shared_controller(version: &str, of_staging: &str) -> String {
    format!(
        "\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: web, namespace: staging}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}}
subjects: [{{kind: ServiceAccount, name: ci, namespace: staging}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: web, namespace: staging}}
rules: [{{apiGroups: [networking.k8s.io], resources: [ingresses], verbs: [create, update]}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web, namespace: production}}
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: controller, namespace: monitoring}}
spec:
  selector: {{matchLabels: {{app: controller}}}}
  template:
    metadata: {{labels: {{app: controller}}}}
    spec:
      containers: [{{name: controller, image: 'registry.k8s.io/ingress-nginx/controller:{version}'}}]
{of_staging}"
    )
}

fn ingress_of_staging(host: &str) -> String {
    format!(
        "\
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web, namespace: staging}}
spec:
  ingressClassName: nginx
  rules:
    - host: {host}
      http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {{number: 80}}}}}}}}]}}
"
    )
}

#[test]
fn hosts_of_production_are_refused_to_staging() {
    let files = all_repaired(&shared_controller("v1.15.1", &ingress_of_staging("staging.example.com")));
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let new = ["watertight-staging-ingress-hosts-binding.yaml", "watertight-staging-ingress-hosts.yaml"];
    assert_eq!(names[1..], new.map(|name| format!("production-{name}")));
    assert_eq!(files[2].1.matches("in ['shop.example.com']").count(), 2, "{}", files[2].1);
}

#[test]
fn each_ingress_is_refused_where_the_controller_has_faults_and_staging_has_none() {
    let files = all_repaired(&shared_controller("v1.14.0", ""));
    assert!(files[2].0.ends_with("-watertight-staging-ingresses.yaml"), "{files:#?}");
    assert!(files[2].1.contains("expression: \"false\""), "{}", files[2].1);
}

#[test]
fn ingresses_that_staging_has_are_not_refused() {
    for (version, host) in [("v1.14.0", "staging.example.com"), ("v1.15.1", "shop.example.com")] {
        let file = shared_controller(version, &ingress_of_staging(host));
        let sources = sources(&[("cluster.yaml", FENCED), ("file.yaml", &file), ("deny.yaml", DENY)]);
        let question = Question::between("staging", "production");
        let fix = fixed(&sources, &question);
        holds(&sources, &fix, &question);
        assert_eq!(verdict(&fix.after), Verdict::Breached);
        assert!(fix.new.is_empty(), "{:#?}", fix.new);
        assert!(fix.left.iter().any(|left| left.rule == "taken-host"), "{:#?}", fix.left);
    }
}
