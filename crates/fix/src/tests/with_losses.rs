//! One case for each sort of repair that loses something: without the option it is for people, and with it each loss is named.

use super::cases::{DENY, FENCED, POLICY};
use super::{applied, asked, fixed, holds, sources, verdict};
use watertight_model::Verdict;
use watertight_prove::Question;

/// Repairs files beside the fenced cluster: isolated only where losses are accepted. Yields the repaired file, and what each object's
/// repair loses.
#[track_caller]
fn repaired_with_losses(cluster: &str, file: &str) -> (String, Vec<(String, Vec<String>)>) {
    let sources = sources(&[("cluster.yaml", cluster), ("file.yaml", file), ("deny.yaml", DENY)]);
    let question = Question::between("staging", "production");
    let without = fixed(&sources, &question);
    holds(&sources, &without, &question);
    assert_ne!(verdict(&without.after), Verdict::Isolated);
    assert!(without.repairs.iter().all(|repair| repair.loses.is_empty()));
    assert!(without.left.iter().any(|left| left.would_lose.is_some()), "{:#?}", without.left);
    let fix = asked(&sources, &question, true);
    assert_eq!(verdict(&fix.after), Verdict::Isolated, "{:#?}", fix.left);
    assert!(fix.is_smallest);
    let proved = watertight_ingest::read(&applied(&fix), &super::options());
    assert_eq!(verdict(&watertight_prove::prove(&proved.snapshot, &question).unwrap()), Verdict::Isolated);
    let text = applied(&fix).into_iter().find(|source| source.name == "file.yaml");
    let text = text.map_or_else(String::new, |source| String::from_utf8(source.bytes).unwrap());
    (text, fix.repairs.iter().map(|repair| (repair.object.to_string(), repair.loses.clone())).collect())
}

const AGENT: &str = "\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: staging}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      hostNetwork: true # trial
      dnsPolicy: ClusterFirstWithHostNet
      containers:
        - name: agent
          image: i:1
          ports:
            - hostPort: 9100
              containerPort: 9100
";

#[test]
fn a_workload_of_staging_leaves_the_host_and_the_next_one_is_refused() {
    let unlabelled = FENCED.replace(
        "{name: staging, labels: {pod-security.kubernetes.io/enforce: baseline}}",
        "{name: staging, labels: {team: a}}",
    );
    let (text, losses) = repaired_with_losses(&unlabelled, AGENT);
    let without = AGENT
        .replace("      hostNetwork: true # trial\n      dnsPolicy: ClusterFirstWithHostNet\n", "")
        .replace("- hostPort: 9100\n              container", "- container");
    assert_eq!(text, without);
    let lost = "what DaemonSet staging/agent has of its nodes: `hostNetwork`, `hostPort: 9100`".to_owned();
    assert_eq!(
        losses,
        [("DaemonSet staging/agent".to_owned(), vec![lost]), ("Namespace staging".to_owned(), Vec::new())]
    );
}

#[test]
fn what_the_level_refuses_for_the_rest_is_said() {
    let unlabelled = FENCED.replace(
        "{name: staging, labels: {pod-security.kubernetes.io/enforce: baseline}}",
        "{name: staging, labels: {team: a}}",
    );
    let with_folder = format!("{AGENT}      volumes: [{{name: sys, hostPath: {{path: /sys}}}}]\n");
    let (_, losses) = repaired_with_losses(&unlabelled, &with_folder);
    let refused = "new pods of DaemonSet staging/agent, which Pod Security refuses from their next start on (HostPathVolumes)";
    assert_eq!(losses[1], ("Namespace staging".to_owned(), vec![refused.to_owned()]));
}

/// Its controller would make it anew as it was.
#[test]
fn a_pod_that_a_controller_makes_is_not_edited() {
    let unlabelled = FENCED.replace(
        "{name: staging, labels: {pod-security.kubernetes.io/enforce: baseline}}",
        "{name: staging, labels: {team: a}}",
    );
    let pod = "\
apiVersion: v1
kind: Pod
metadata:
  name: agent-x7k2p
  namespace: staging
  ownerReferences: [{apiVersion: apps/v1, kind: DaemonSet, name: agent, uid: u, controller: true}]
spec: {hostNetwork: true, containers: [{name: c, image: i:1}]}
";
    let sources = sources(&[("cluster.yaml", &unlabelled), ("file.yaml", pod), ("deny.yaml", DENY)]);
    let fix = asked(&sources, &Question::between("staging", "production"), true);
    assert!(fix.repairs.is_empty(), "{:#?}", fix.repairs);
    assert_eq!(verdict(&fix.after), Verdict::Breached);
}

#[test]
fn addresses_of_nodes_that_somebody_needs_are_left_out_as_a_loss() {
    let office = POLICY
        .replace("        - podSelector: {matchLabels: {app: web}} # ours\n", "")
        .replace("PEER", "ipBlock: {cidr: 192.168.0.0/16}");
    let service = "\
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: production}
spec: {type: NodePort, selector: {app: db}, ports: [{port: 5432, nodePort: 30432}]}
";
    let (text, losses) = repaired_with_losses(FENCED, &format!("{office}{service}"));
    assert!(!text.contains("cidr: 192.168.0.0/16}\n"), "{text}");
    let [(object, lost)] = &losses[..] else { panic!("{losses:?}") };
    assert_eq!(object, "NetworkPolicy production/db");
    assert!(
        lost.contains(&"addresses outside within 192.168.0.0/16 to Pod production/db on TCP 5432".to_owned()),
        "{lost:?}"
    );
}

/// All that a role and a grant are for but for what leads out stays.
#[test]
fn a_right_and_a_reference_that_lead_out_go_alone() {
    let role = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: helper, namespace: staging}
rules:
  - {apiGroups: [\"\"], resources: [configmaps], verbs: [get]}
  - {apiGroups: [\"\"], resources: [services, services/status], verbs: [patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: helper, namespace: staging}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: helper}
subjects: [{kind: ServiceAccount, name: ci, namespace: staging}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ci, namespace: staging}
";
    let grant = "\
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: {name: shared, namespace: production}
spec:
  from:
    - {group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: staging}
    - {group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: monitoring}
  to: [{group: \"\", kind: Service}]
";
    let (text, losses) = repaired_with_losses(FENCED, &format!("{role}{grant}"));
    let of_staging = "    - {group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: staging}\n";
    let expected = format!("{role}{grant}").replace(", services/status]", "]").replace(of_staging, "");
    assert_eq!(text, expected);
    let lost: Vec<&str> = losses.iter().flat_map(|(_, lost)| lost).map(String::as_str).collect();
    let expected = [
        "references of HTTPRoutes of `staging` by ReferenceGrant production/shared",
        "patch on `services/status`, which Role staging/helper grants",
    ];
    assert_eq!(lost, expected);
}
