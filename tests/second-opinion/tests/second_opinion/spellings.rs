//! Ways to write a policy or a workload that the random clusters do not use, on a cluster by hand.

use crate::analyser::Analyser;
use crate::{compare, ours};

/// Two namespaces and three pods.
const PODS: &str = r#"
{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {env: production}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: b}}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: a, labels: {app: web}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: a, labels: {app: db}}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: v1
kind: Pod
metadata: {name: other, namespace: b, labels: {app: web}}
spec: {containers: [{name: c, image: i}]}
"#;

/// Specs of a policy in namespace `a`, each under the rule that says what it means.
const SPECS: [(&str, &str); 21] = [
    ("N1", "{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}"),
    ("N4", "{podSelector: {}}"),
    ("N4", "{podSelector: {}, policyTypes: []}"),
    ("N4", "{podSelector: {}, egress: [{ports: [{port: 53, protocol: UDP}]}]}"),
    ("N7", "{podSelector: {}, ingress: [{}]}"),
    ("N8", "{podSelector: {}, ingress: [{from: null, ports: null}]}"),
    ("N8", "{podSelector: {}, ingress: [{from: [], ports: []}]}"),
    ("N14", "{podSelector: {}, ingress: [{from: [{namespaceSelector: null, podSelector: {}}]}]}"),
    (
        "N16",
        "{podSelector: {matchLabels: {app: web}, matchExpressions: [{key: app, operator: NotIn, values: [web]}]}}",
    ),
    (
        "N17",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]}",
    ),
    ("N23", "{podSelector: {}, ingress: [{ports: [{}]}]}"),
    ("N24", "{podSelector: {}, ingress: [{ports: [{protocol: SCTP}]}]}"),
    ("N25", "{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 90}]}]}"),
    ("N25", "{podSelector: {}, ingress: [{ports: [{port: 80, endPort: 80}]}]}"),
    ("N26", "{podSelector: {}, ingress: [{ports: [{port: http}]}]}"),
    ("N27", "{podSelector: {}, ingress: [{ports: [{port: http, protocol: UDP}]}]}"),
    ("N28", "{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: http}]}]}"),
    (
        "N28",
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: http}]}]}",
    ),
    (
        "N44",
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, {ipBlock: {cidr: 10.1.2.0/24}}]}]}",
    ),
    ("N45", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/24, except: [10.0.0.9/29]}}]}]}"),
    ("N46", "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '::/0'}}]}]}"),
];

/// Workloads whose pods are labelled `app: web`, in namespace `a` beside a policy that selects them.
const WORKLOADS: [(&str, &str, &str); 8] = [
    ("apps/v1", "Deployment", "{selector: {matchLabels: {app: web}}, TEMPLATE}"),
    ("apps/v1", "Deployment", "{replicas: 3, selector: {matchLabels: {app: web}}, TEMPLATE}"),
    (
        "apps/v1",
        "StatefulSet",
        "{replicas: 2, serviceName: web, selector: {matchLabels: {app: web}}, TEMPLATE}",
    ),
    ("apps/v1", "DaemonSet", "{selector: {matchLabels: {app: web}}, TEMPLATE}"),
    ("apps/v1", "ReplicaSet", "{replicas: 2, selector: {matchLabels: {app: web}}, TEMPLATE}"),
    ("v1", "ReplicationController", "{replicas: 2, selector: {app: web}, TEMPLATE}"),
    ("batch/v1", "Job", "{TEMPLATE}"),
    ("batch/v1", "CronJob", "{schedule: '* * * * *', jobTemplate: {spec: {TEMPLATE}}}"),
];

const TEMPLATE: &str = "template: {metadata: {labels: {app: web}}, \
    spec: {restartPolicy: Always, containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}}";

#[test]
fn both_programs_say_the_same_of_every_spelling_of_a_policy() {
    let clusters =
        SPECS.map(|(rule, spec)| (format!("{rule} {spec}"), format!("{PODS}---\n{}", policy(spec))));
    hold_together("policies", &clusters);
}

#[test]
fn both_programs_say_the_same_of_every_sort_of_workload() {
    let clusters = WORKLOADS.map(|(api_version, kind, spec)| {
        let restart = if api_version == "batch/v1" { "Never" } else { "Always" };
        let spec = spec.replace("TEMPLATE", TEMPLATE).replace("Always", restart);
        let workload = format!(
            "apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x, namespace: a}}\nspec: {spec}"
        );
        let fence = policy(
            "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: \
            {app: db}}}], ports: [{port: http}]}]}",
        );
        (format!("{kind} {spec}"), format!("{PODS}---\n{workload}\n---\n{fence}"))
    });
    hold_together("workloads", &clusters);
}

fn policy(spec: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: p, namespace: a}}\nspec: {spec}\n"
    )
}

fn hold_together(folder: &str, clusters: &[(String, String)]) {
    let Some(analyser) = Analyser::installed() else { return };
    let yamls: Vec<String> = clusters.iter().map(|(_, yaml)| yaml.clone()).collect();
    for ((name, yaml), theirs) in clusters.iter().zip(analyser.analyse(folder, &yamls)) {
        let theirs = theirs.unwrap_or_else(|why| panic!("{name}: it refuses the input: {why}"));
        let disagreements = compare::disagreements(&ours::answer(&ours::read(yaml)), &theirs);
        assert!(disagreements.is_empty(), "{name}:\n{}", disagreements.join("\n"));
    }
}
