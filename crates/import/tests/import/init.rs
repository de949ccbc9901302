//! What is written of manifests that are there.

use crate::support::{initialised, intent, manifests, rules, shown, source};
use watertight_base::Source;
use watertight_compile::{Question, compile};
use watertight_import::Written;

/// Compiles what was written, and gives the paths of the files.
fn compiled(written: &Written) -> Vec<String> {
    let text = written.text.as_deref().unwrap_or_else(|| panic!("{:#?}", written.diagnostics));
    let compiled = compile(Question {
        intent: &intent(text),
        sources: &[source("watertight.yaml", text)],
        given: &[],
        beside: &[],
    });
    let errors: Vec<_> = compiled
        .diagnostics
        .iter()
        .filter(|found| found.severity == watertight_base::Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{text}");
    compiled.files.into_iter().map(|file| file.path).collect()
}

#[test]
fn the_leaky_shop_becomes_an_intent() {
    let sources = manifests("examples/shop-leaky", "examples");
    let written = initialised(&sources, &[]).unwrap();
    assert!(compiled(&written).contains(&"default/production/networkpolicies.yaml".to_owned()));
    insta::assert_snapshot!(shown(&written, &sources));
}

#[test]
fn the_watertight_shop_becomes_an_intent() {
    let sources = manifests("examples/shop-watertight", "examples");
    let written = initialised(&sources, &[]).unwrap();
    assert!(compiled(&written).contains(&"default/staging/networkpolicies.yaml".to_owned()));
    insta::assert_snapshot!(written.text.unwrap());
}

/// A public stack, twice: each in a folder and a namespace of its environment.
fn twice(folder: &str, named: Option<&str>) -> Vec<Source> {
    let mut sources = Vec::new();
    for environment in ["staging", "production"] {
        for own in manifests(folder, folder) {
            let text = String::from_utf8(own.bytes).unwrap();
            let text = match named {
                Some(named) => {
                    text.replace(&format!("namespace: {named}"), &format!("namespace: {environment}"))
                }
                None => format!("\n{text}")
                    .replace("\nmetadata:\n", &format!("\nmetadata:\n  namespace: {environment}\n")),
            };
            sources.push(source(&format!("k8s/{environment}/{}", own.name), &text));
        }
    }
    sources
}

#[test]
fn public_stacks_become_intents_that_compile() {
    for (folder, named) in [
        ("tests/corpus/online-boutique", None),
        ("tests/corpus/argo-cd/manifests", None),
        ("tests/corpus/kube-prometheus/manifests", Some("monitoring")),
        ("tests/corpus/two-environments/argo-cd", None),
    ] {
        let sources = twice(folder, named);
        let written = initialised(&sources, &[]).unwrap();
        assert!(!compiled(&written).is_empty());
        let name = folder.trim_start_matches("tests/corpus/").replace('/', "-");
        insta::assert_snapshot!(name, shown(&written, &sources));
    }
}

const SMALL: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: shop-staging, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota, namespace: shop-staging}
spec: {hard: {requests.cpu: \"20\", pods: \"50\", count/widgets.example.com: \"3\", services.loadbalancers: \"1\"}}
---
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: shop-staging}
spec:
  limits:
    - {type: Container, max: {memory: 2Gi}, defaultRequest: {cpu: \"1\"}, min: {cpu: 10m}}
    - {type: Pod, max: {cpu: \"8\"}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out, namespace: shop-staging}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.128/25]}}]
      ports: [{port: 443}, {port: 8000, endPort: 8002}, {protocol: UDP, port: 53}]
    - to: [{ipBlock: {cidr: 198.51.100.0/24}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: people, namespace: shop-staging}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects:
  - {kind: Group, apiGroup: rbac.authorization.k8s.io, name: Shop Developers}
  - {kind: Group, apiGroup: rbac.authorization.k8s.io, name: \"system:authenticated\"}
  - {kind: ServiceAccount, name: deployer, namespace: ci}
  - {kind: User, apiGroup: rbac.authorization.k8s.io, name: night@on-call.example}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: shop-staging}
";

const WORKLOADS: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop-staging}
spec:
  replicas: 30
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: web, resources: {requests: {cpu: 100m, memory: 1Gi}}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop-staging}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}, {port: 81, name: other}]}
";

#[test]
fn bounds_access_and_egress_are_carried_over() {
    let production = "apiVersion: v1\nkind: Namespace\nmetadata: {name: prod}\n";
    let sources = [
        source("k8s/staging/wall.yaml", SMALL),
        source("k8s/staging/workloads.yaml", WORKLOADS),
        source("k8s/production.yaml", production),
    ];
    let written = initialised(&sources, &[]).unwrap();
    compiled(&written);
    insta::assert_snapshot!(shown(&written, &sources));
}

#[test]
fn a_folder_in_which_all_may_come_from_an_application_is_named_once() {
    let of = |namespace: &str| WORKLOADS.replace("shop-staging", namespace);
    let sources = [
        source("k8s/prod/a.yaml", &of("prod")),
        source("k8s/prod/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: prod}\n"),
        source("k8s/stage/a.yaml", &of("stage")),
        source(
            "k8s/stage/sub/b.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b, namespace: stage}\n",
        ),
    ];
    let written = initialised(&sources, &[]).unwrap();
    let text = written.text.clone().unwrap();
    assert!(text.contains("manifests: k8s/stage/\n") && text.contains("manifests: k8s/prod/\n"), "{text}");
    assert_eq!(intent(&text).applications.len(), 1);
    compiled(&written);
}

#[test]
fn what_is_of_two_environments_or_from_stdin_is_told() {
    let both = format!("{}---\n{}", WORKLOADS, WORKLOADS.replace("shop-staging", "production"));
    for name in ["all.yaml", "-"] {
        let written = initialised(&[source(name, &both)], &[]).unwrap();
        assert!(rules(&written).contains(&"taken-by-wall"), "{written:#?}");
        assert_eq!(intent(written.text.as_deref().unwrap()).applications.len(), 0);
    }
}

#[test]
fn every_object_comes_from_an_application_or_is_told() {
    for folder in ["examples/shop-leaky", "examples/shop-watertight"] {
        let sources = manifests(folder, "examples");
        let written = initialised(&sources, &[]).unwrap();
        let text = written.text.clone().unwrap();
        for (index, source) in sources.iter().enumerate() {
            let folder = source.name.rsplit_once('/').map_or("", |(folder, _)| folder);
            let pointed = text.contains(&format!("manifests: {}\n", source.name))
                || text.contains(&format!("manifests: {folder}/\n"));
            let told = written
                .diagnostics
                .iter()
                .any(|found| found.at.as_ref().is_some_and(|(span, _)| span.source.0 as usize == index));
            // Of what is of no environment, one word stands for all.
            assert!(pointed || told || source.name.contains("/cluster/"), "{}", source.name);
        }
    }
}

#[test]
fn a_namespace_of_the_whole_cluster_is_no_environment() {
    let sources = [source("a.yaml", &WORKLOADS.replace("shop-staging", "default"))];
    assert!(initialised(&sources, &[]).is_err());
    let written = initialised(&sources, &[("staging", "default")]).unwrap();
    assert_eq!((written.text.as_ref(), rules(&written).contains(&"shared-namespace")), (None, true));
}

#[test]
fn pods_that_a_deployment_made_are_not_counted_twice() {
    let dumped = |owner: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: staging{owner}}}\nspec: {{containers: [{{name: c, image: c, resources: {{requests: {{cpu: \"5\"}}, limits: {{cpu: \"5\", memory: 1Gi}}}}}}]}}\n"
        )
    };
    let text = |owner: &str| initialised(&[source("k8s/a.yaml", &dumped(owner))], &[]).unwrap().text.unwrap();
    assert!(text("").contains("quota:"));
    assert!(
        !text(", ownerReferences: [{kind: ReplicaSet, name: r, apiVersion: apps/v1, uid: u}]")
            .contains("quota:")
    );
}

#[test]
fn nobody_acts_in_two_environments() {
    let binding = |namespace: &str, subject: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: b, namespace: {namespace}}}\nroleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}}\nsubjects: [{subject}]\n"
        )
    };
    let of = |subject: &str| {
        let both = [binding("staging", subject), binding("production", subject)].join("---\n");
        let written = initialised(&[source("k8s/a.yaml", &both)], &[]).unwrap();
        let read = intent(written.text.as_deref().unwrap());
        let acting: Vec<usize> =
            read.environments.iter().map(|environment| environment.access.parties().count()).collect();
        (acting, rules(&written).contains(&"taken-by-wall"))
    };
    assert_eq!(of("{kind: Group, apiGroup: rbac.authorization.k8s.io, name: dev}"), (vec![1, 0], true));
    assert_eq!(of("{kind: ServiceAccount, name: prometheus, namespace: monitoring}"), (vec![1, 0], true));
    // Whoever lives in one acts there alone.
    assert_eq!(of("{kind: ServiceAccount, name: ci, namespace: production}"), (vec![0, 1], true));
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let sources = [source("a.yaml", WORKLOADS), source("b.yaml", "a: [")];
    let written = initialised(&sources, &[]).unwrap();
    assert_eq!((written.text.as_ref(), rules(&written).contains(&"unparsable")), (None, true));
}

#[test]
fn taints_that_pods_tolerate_are_listed_outside_of_production() {
    let of = |namespace: &str| {
        format!(
            "apiVersion: v1
kind: Namespace
metadata: {{name: {namespace}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {{name: report, namespace: {namespace}}}
spec:
  schedule: '@daily'
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{{name: report, image: registry.example/report:1}}]
          tolerations:
            - {{key: example.com/spot, operator: Exists}}
            - {{key: node.kubernetes.io/unreachable, operator: Exists}}
"
        )
    };
    let sources = ["staging", "production"].map(|name| source(&format!("k8s/{name}.yaml"), &of(name)));
    let written = initialised(&sources, &[]).unwrap();
    let intent = intent(written.text.as_deref().unwrap());
    let tolerated = intent.environments.iter().map(|environment| {
        let keys = environment.tolerations.iter().map(|key| key.value.as_str()).collect::<Vec<_>>();
        (environment.name.value.as_str(), keys)
    });
    let tolerated: Vec<_> = tolerated.collect();
    assert_eq!(tolerated, [("staging", vec!["example.com/spot"]), ("production", vec![])]);
}

/// What is of no environment is for the proof to read, where one file or folder holds all of it, and nothing else.
#[test]
fn what_is_of_no_environment_is_of_the_cluster() {
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: reader}\n";
    let class = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: k8s.io/ingress-nginx}\n";
    let namespace = |name: &str| format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");
    let mixed = format!("{}---\n{role}", namespace("staging"));
    for (files, wanted) in [
        (vec![("k8s/cluster/role.yaml", role), ("k8s/cluster/sub/class.yaml", class)], Some("k8s/cluster/")),
        (vec![("k8s/role.yaml", role)], Some("k8s/role.yaml")),
        // Each of these would name less than all, or more than that.
        (vec![("k8s/role.yaml", role), ("k8s/cluster/class.yaml", class)], None),
        (vec![("k8s/staging/role.yaml", &mixed)], None),
        (vec![("role.yaml", role), ("class.yaml", class)], None),
        (vec![("-", role)], None),
        (vec![], None),
    ] {
        let (staging, production) = (namespace("staging"), namespace("production"));
        let of_environments = [("k8s/staging/a.yaml", &*staging), ("k8s/production/a.yaml", &*production)];
        let all = files.iter().copied().chain(of_environments);
        let sources: Vec<Source> = all.map(|(name, text)| source(name, text)).collect();
        let written = initialised(&sources, &[]).unwrap();
        let clusters = intent(written.text.as_deref().unwrap()).clusters;
        let named = clusters.first().and_then(|cluster| cluster.manifests.as_ref());
        assert_eq!(named.map(|named| named.value.as_str()), wanted, "{files:?}");
        let is_told = written.diagnostics.iter().any(|found| found.message.starts_with("of no environment"));
        assert_eq!(is_told, !files.is_empty(), "{files:?}");
    }
}
