//! Which bindings the API channel names: each that lets staging across by itself, and no more principals than are needed.
#![expect(clippy::unwrap_used, reason = "a question without an answer is to be loud here")]

use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{Breach, Channel, When};
use watertight_prove::{Question, prove};

const NAMESPACES: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: staging}
---
apiVersion: v1
kind: Namespace
metadata: {name: production}
---
";

/// A ClusterRole with one rule, bound everywhere to a ServiceAccount of staging of the same name.
fn bound(name: &str, rule: &str) -> String {
    format!(
        "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: {name}}}
rules: [{{{rule}}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {{name: {name}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {name}}}
subjects: [{{kind: ServiceAccount, name: {name}, namespace: staging}}]
---
"
    )
}

fn breaches(bindings: &[String], all: bool) -> Vec<Breach> {
    let bytes = format!("{NAMESPACES}{}", bindings.concat()).into_bytes();
    let source = Source { name: "a.yaml".to_owned(), bytes };
    let ingested = read(&[source], &Options { default_namespace: "default".to_owned(), values: true });
    assert_eq!(ingested.diagnostics, []);
    let channels = vec![Channel::Network, Channel::Api];
    let question = Question { channels, all, ..Question::between("staging", "production") };
    let boundary = prove(&ingested.snapshot, &question).unwrap().boundaries.remove(0);
    boundary.channels.into_iter().find(|channel| channel.channel == Channel::Api).unwrap().breaches
}

fn messages(bindings: &[String], rule: &str, all: bool) -> Vec<String> {
    let breaches = breaches(bindings, all);
    breaches.into_iter().filter(|breach| breach.rule == rule).map(|breach| breach.message).collect()
}

const SECRETS: &str = "apiGroups: [''], resources: [secrets]";

#[test]
fn each_binding_that_grants_the_same_is_a_breach() {
    let reads = |name: &str| bound(name, &format!("{SECRETS}, verbs: [get]"));
    for all in [false, true] {
        assert_eq!(
            messages(&[reads("a"), reads("b"), reads("c")], "read-secrets", all),
            ["a", "b", "c"].map(|name| format!(
                "ServiceAccount staging/{name} can read the Secrets of every namespace (ClusterRoleBinding {name})"
            ))
        );
    }
}

#[test]
fn a_binding_is_named_once_for_a_rule_of_several_objects() {
    let verbs = "verbs: [get, list, watch]";
    let twice = bound("a", &format!("{SECRETS}, {verbs}}}, {{{SECRETS}, {verbs}"));
    assert_eq!(messages(&[twice], "read-secrets", true).len(), 1);
}

#[test]
fn a_binding_that_grants_nothing_across_is_not_named() {
    let reads = bound("a", &format!("{SECRETS}, verbs: [get]"));
    let lists = bound("b", "apiGroups: [''], resources: [pods], verbs: [list]");
    assert_eq!(breaches(&[reads, lists], false).len(), 1);
}

#[test]
fn who_needs_nobody_else_is_named_alone() {
    let reads = bound("a", &format!("{SECRETS}, verbs: [list]"));
    let writes = bound("b", &format!("{SECRETS}, verbs: [create]"));
    let does_both = bound("c", &format!("{SECRETS}, verbs: ['*']"));
    let forge = "can have tokens written for the ServiceAccounts of every namespace";
    assert_eq!(
        messages(&[reads.clone(), does_both], "forge-tokens", true),
        [format!("ServiceAccount staging/c {forge} (ClusterRoleBinding c)")]
    );
    assert_eq!(
        messages(&[reads, writes], "forge-tokens", true),
        [format!(
            "ServiceAccount staging/a and ServiceAccount staging/b together {forge} (ClusterRoleBinding a)"
        )]
    );
}

#[test]
fn a_breach_names_the_objects_to_which_it_is_bound() {
    let named = bound("a", &format!("{SECRETS}, resourceNames: [tls], verbs: [get]"));
    assert_eq!(
        messages(&[named], "read-secrets", false),
        [
            "ServiceAccount staging/a can read the Secrets of every namespace (only tls) (ClusterRoleBinding a)"
        ]
    );
}

#[test]
fn contents_of_snapshots_live_in_no_namespace() {
    let rule = "apiGroups: [snapshot.storage.k8s.io], resources: [volumesnapshotcontents], verbs: [patch]";
    let rules: Vec<&str> =
        breaches(&[bound("a", rule)], true).into_iter().map(|breach| breach.rule).collect();
    assert_eq!(rules, ["import-snapshots", "change-cluster-objects"]);
}

#[test]
fn a_workload_that_production_lacks_is_changed_as_soon_as_it_has_one() {
    let deployment = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: production}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
---
";
    let when = |verbs: &str, name: &str| {
        let rule =
            format!("apiGroups: [apps], resources: [deployments], verbs: [{verbs}], resourceNames: [{name}]");
        let breaches = breaches(&[deployment.to_owned(), bound("ci", &rule)], false);
        assert_eq!(breaches.len(), 1, "{breaches:#?}");
        (breaches[0].rule, breaches[0].when)
    };
    assert_eq!(when("patch", "web"), ("create-workloads", When::Now));
    assert_eq!(when("patch", "web-v2"), ("create-workloads", When::Possible));
    assert_eq!(when("'create', 'patch'", "web-v2"), ("create-workloads", When::Now), "it applies one");
}
