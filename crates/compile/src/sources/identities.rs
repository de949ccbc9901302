//! Cloud identities, of which each belongs to one environment: who names one is meant to have it.

use super::object::{Object, containers};
use crate::rules;
use std::collections::BTreeMap;
use watertight_base::{Diagnostic, Span};
use watertight_ingest::Tree;
use watertight_intent::{EnvironmentId, Intent};

/// Annotations of ServiceAccounts that name an identity, with the variable by which the cloud's libraries are told of one.
///
/// Sources: <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>,
/// <https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html> and
/// <https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity>.
const NAMES: [(&str, &str); 3] = [
    ("eks.amazonaws.com/role-arn", "AWS_ROLE_ARN"),
    ("azure.workload.identity/client-id", "AZURE_CLIENT_ID"),
    ("iam.gke.io/gcp-service-account", "GOOGLE_SERVICE_ACCOUNT_EMAIL"),
];

/// Identities that objects of two environments name.
pub(crate) fn shared(intent: &Intent, objects: &[Object<'_>]) -> Vec<Diagnostic> {
    let mut first: BTreeMap<(usize, String), (EnvironmentId, String)> = BTreeMap::new();
    let mut diagnostics = Vec::new();
    let environment =
        |id: EnvironmentId| intent.environments.get(id.0).map_or("", |it| it.name.value.as_str());
    for object in objects {
        for (cloud, name, span) in named(object) {
            // Those of Azure are numbers in hexadecimal digits.
            let key = (cloud, name.to_ascii_lowercase());
            let (other, label) = first.entry(key).or_insert_with(|| (object.environment, object.label()));
            if *other != object.environment {
                let (own, theirs) = (environment(object.environment), environment(*other));
                let message = format!(
                    "{} of `{own}` names the cloud identity `{name}`, as {label} of `{theirs}` does",
                    object.label()
                );
                diagnostics.push(
                    Diagnostic::error(rules::SAME_CLOUD_IDENTITY, message)
                        .at(span, format!("an identity of `{theirs}`"))
                        .help("give each environment an identity of its own, by an overlay, by `values` or by manifests of its own"),
                );
            }
        }
    }
    diagnostics
}

/// The identities that an object names: its annotation, its settings and those of its containers.
fn named<'q>(object: &Object<'q>) -> Vec<(usize, &'q str, Span)> {
    let mut named = Vec::new();
    let settings = object.is("ConfigMap").then(|| object.at(&["data"])).flatten();
    let spec = object.template().and_then(|template| template.get("spec"));
    for (cloud, (annotation, variable)) in NAMES.into_iter().enumerate() {
        let annotated = object.is("ServiceAccount").then(|| object.annotation(annotation)).flatten();
        let set = settings.and_then(|data| data.get(variable));
        let variables = spec.into_iter().flat_map(containers).filter_map(|container| container.get("env"));
        let variables = variables.flat_map(Tree::elements);
        let variables = variables.filter(|entry| entry.get("name").and_then(Tree::text) == Some(variable));
        let values = variables.filter_map(|entry| entry.get("value"));
        let all = annotated.into_iter().chain(set).chain(values);
        named.extend(all.filter_map(|tree| {
            let name = tree.text()?.trim();
            (!name.is_empty()).then_some((cloud, name, tree.span))
        }));
    }
    named
}
