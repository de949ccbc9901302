//! Clusters that are written by hand, each about one rule of the checker.

use crate::common::{checked, source};
use crate::rights::{answer_about, forged_about};
use serde_json::Value;
use watertight_check::Refusal;
use watertight_model::{Channel, Verdict};
use watertight_prove::Question;

/// Two sides, an account of staging, and a fence around production that admits nobody.
pub(crate) const CLOSED: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: staging, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: Namespace
metadata: {name: production, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: production}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ci, namespace: staging}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: own, namespace: production}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: own, namespace: production}]
";

/// A namespace of neither side, whose pods keep to the pod network.
pub(crate) fn third(name: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{pod-security.kubernetes.io/enforce: restricted}}}}\n"
    )
}

/// Lets pods of the namespaces with these labels into production.
pub(crate) fn admitting(labels: &str) -> String {
    format!(
        "---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: admitting, namespace: production}}
spec:
  podSelector: {{}}
  policyTypes: [Ingress]
  ingress: [{{from: [{{namespaceSelector: {{matchLabels: {labels}}}}}]}}]
"
    )
}

/// The same for one namespace.
pub(crate) fn admitting_all_of(namespace: &str) -> String {
    admitting(&format!("{{kubernetes.io/metadata.name: {namespace}}}"))
}

/// Gives staging's account `ci` a right in a namespace: a rule, as it stands in a role.
pub(crate) fn right(namespace: &str, rule: &str) -> String {
    format!(
        "---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: given, namespace: {namespace}}}
rules: [{rule}]
{}",
        binding(namespace, "Role", "given", "{kind: ServiceAccount, name: ci, namespace: staging}")
    )
}

/// Binds somebody to a role in a namespace.
pub(crate) fn binding(namespace: &str, kind: &str, role: &str, subject: &str) -> String {
    format!(
        "---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: given, namespace: {namespace}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {kind}, name: {role}}}
subjects: [{subject}]
"
    )
}

/// The same manifests with a RoleBinding that may not be there, by what its metadata has: the server refuses it, or it comes and
/// goes.
pub(crate) fn doubted(text: &str, metadata: &str) -> String {
    let doubted = text.replace(
        "kind: RoleBinding\nmetadata: {name: given",
        &format!("kind: RoleBinding\nmetadata: {{{metadata}, name: given"),
    );
    assert_ne!(doubted, text);
    doubted
}

/// A key of a label that the server refuses.
pub(crate) const REFUSED: &str = "labels: {'a b': c}";
/// What Helm makes for a moment.
pub(crate) const PASSING: &str = "annotations: {helm.sh/hook: pre-install}";

/// Both channels.
pub(crate) fn question() -> Question {
    Question::between("staging", "production")
}

/// Rights alone.
pub(crate) fn of_rights() -> Question {
    Question { channels: vec![Channel::Api], ..question() }
}

/// What the engine says.
pub(crate) fn verdict(question: &Question, text: &str) -> Verdict {
    answer_about(&source(text), question).unwrap().0.boundaries[0].verdict
}

/// The certificate of a cluster that is isolated, which the checker accepts.
#[track_caller]
pub(crate) fn accepted(question: &Question, text: &str) -> Value {
    let (report, certificate) = answer_about(&source(text), question).unwrap();
    let Some(certificate) = certificate else {
        panic!("no certificate: {:#?}\n{text}", report.boundaries[0].channels)
    };
    if let Err(why) = checked(&certificate, text) {
        panic!("{why:?}\n{certificate}\n{text}");
    }
    serde_json::from_str(&certificate).unwrap()
}

/// What an engine that errs would write.
#[track_caller]
pub(crate) fn forged(question: &Question, text: &str) -> Value {
    serde_json::from_str(&forged_about(&source(text), question).unwrap()).unwrap()
}

/// A certificate is rejected, for this reason.
#[track_caller]
pub(crate) fn rejected(certificate: &Value, text: &str, reason: &str) {
    match checked(&certificate.to_string(), text) {
        Err(Refusal::Rejected(why)) if why.to_string().contains(reason) => {}
        other => panic!("{other:?}, and not `{reason}`\n{certificate:#}\n{text}"),
    }
}

/// The facts of a channel.
pub(crate) fn facts<'c>(certificate: &'c mut Value, channel: &str) -> &'c mut Vec<Value> {
    let channels = certificate["channels"].as_array_mut().unwrap();
    let of_channel = channels.iter_mut().find(|it| it["channel"] == channel).unwrap();
    of_channel["facts"].as_array_mut().unwrap()
}

/// The number of facts, without each of which a certificate is rejected, and with any of which said twice.
#[track_caller]
pub(crate) fn needs_each_fact(certificate: &Value, text: &str) -> usize {
    let mut tried = 0;
    for channel in ["api", "network"] {
        let channels = certificate["channels"].as_array().unwrap();
        if channels.iter().all(|it| it["channel"] != channel) {
            continue;
        }
        for index in 0..facts(&mut certificate.clone(), channel).len() {
            let mut less = certificate.clone();
            let gone = facts(&mut less, channel).remove(index);
            rejected(&less, text, "");
            let mut more = certificate.clone();
            facts(&mut more, channel).push(gone);
            rejected(&more, text, "");
            tried += 1;
        }
    }
    tried
}

/// The certificate with the facts about rights of another one: it knows what is gained, and not what that does to the network.
pub(crate) fn with_rights_of(certificate: &Value, other: &Value) -> Value {
    let mut grafted = certificate.clone();
    *facts(&mut grafted, "api") = facts(&mut other.clone(), "api").clone();
    grafted
}
