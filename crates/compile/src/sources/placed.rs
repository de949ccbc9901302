//! An object as it is written: as it was given, in its namespace, with the environment's labels and the line that asks for it.

use super::object::Object;
use super::value;
use watertight_base::Diagnostic;
use watertight_ingest::{Member, Tree};
use watertight_intent::{Environment, Isolation};
use watertight_yaml::Value;

/// What servers and clients write into metadata by themselves, and no manifest says.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>, "Read-only".
const OF_SERVER: [&str; 7] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
];

/// Where kubectl keeps the whole object, with its values.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The object, as it is written. `place` says where in the intent it is asked for.
///
/// # Errors
/// It holds a value that no server takes.
pub(crate) fn document(
    object: &Object<'_>,
    environment: &Environment,
    place: &str,
) -> Result<Value, Diagnostic> {
    let mut members = vec![
        ("apiVersion".to_owned(), object.kind.api_versions[0].into()),
        ("kind".to_owned(), object.kind.name.into()),
        ("metadata".to_owned(), metadata(object, environment, place)?),
    ];
    if let Some(api_version) = object.at(&["apiVersion"]).and_then(Tree::text) {
        members[0].1 = api_version.into();
    }
    for member in object.tree.members() {
        if !["apiVersion", "kind", "metadata", "status"].contains(&member.key.as_str()) {
            members.push(value::member(member)?);
        }
    }
    let mut document = Value::Mapping(members);
    if environment.isolation.value != Isolation::Cluster
        && let Some(template) = object.kind.template
    {
        prioritise(&mut document, template, &environment.name.value);
    }
    Ok(document)
}

fn metadata(object: &Object<'_>, environment: &Environment, place: &str) -> Result<Value, Diagnostic> {
    let own = object.at(&["metadata"]).map(Tree::members).unwrap_or_default();
    let mut labels = texts(own, "labels")?;
    labels.push(("watertight.dev/environment".to_owned(), environment.name.value.as_str().into()));
    if !labels.iter().any(|(key, _)| key == "app.kubernetes.io/managed-by") {
        labels.push(("app.kubernetes.io/managed-by".to_owned(), "watertight".into()));
    }
    let mut annotations = texts(own, "annotations")?;
    annotations.retain(|(key, _)| key != LAST_APPLIED);
    annotations.push(("watertight.dev/intent".to_owned(), place.into()));
    annotations.push(("watertight.dev/source".to_owned(), object.from.into()));
    for map in [&mut labels, &mut annotations] {
        map.sort_by(|(one, _), (other, _)| one.cmp(other));
    }
    let mut metadata = vec![
        ("name".to_owned(), object.name.into()),
        ("namespace".to_owned(), object.namespace.as_str().into()),
        ("labels".to_owned(), Value::Mapping(labels)),
        ("annotations".to_owned(), Value::Mapping(annotations)),
    ];
    for member in own {
        let is_known = ["name", "namespace", "labels", "annotations"].contains(&member.key.as_str());
        if !is_known && !OF_SERVER.contains(&member.key.as_str()) {
            metadata.push(value::member(member)?);
        }
    }
    Ok(Value::Mapping(metadata))
}

/// Labels or annotations, without those that are ours.
fn texts(metadata: &[Member], field: &str) -> Result<Vec<(String, Value)>, Diagnostic> {
    let map = metadata.iter().find(|member| member.key == field);
    let members = map.map(|map| map.value.members()).unwrap_or_default();
    let others = members.iter().filter(|member| !member.key.starts_with("watertight.dev/"));
    others.map(value::member).collect()
}

/// Gives pods without a priority that of their environment.
fn prioritise(document: &mut Value, template: &[&str], class: &str) {
    let spec = template.iter().chain(&["spec"]).try_fold(document, |value, key| match value {
        Value::Mapping(members) => members.iter_mut().find(|(known, _)| known == key).map(|(_, value)| value),
        _ => None,
    });
    let Some(Value::Mapping(spec)) = spec else { return };
    spec.retain(|(key, value)| key != "priorityClassName" || *value != Value::Null);
    if !spec.iter().any(|(key, _)| key == "priorityClassName") {
        spec.push(("priorityClassName".to_owned(), class.into()));
    }
}
