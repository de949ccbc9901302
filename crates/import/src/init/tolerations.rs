//! Taints that the pods of an environment tolerate: an intent lists them, so that none gets onto nodes that are kept for others.

use super::inventory::{EnvironmentIndex, Inventory};
use std::collections::BTreeSet;
use watertight_base::label_key;
use watertight_ingest::Tree;
use watertight_yaml::{Value, texts};

/// Where the spec of pods is: in a template, in that of a CronJob's jobs, and in a pod itself.
const SPECS: [&[&str]; 3] =
    [&["spec", "template", "spec"], &["spec", "jobTemplate", "spec", "template", "spec"], &["spec"]];

/// How the keys of taints of Kubernetes itself begin, which every pod may tolerate.
///
/// Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/>.
const OWN_TAINTS: &str = "node.kubernetes.io/";

/// The keys, if there are some.
pub(super) fn tolerations(inventory: &Inventory<'_>, environment: EnvironmentIndex) -> Option<Value> {
    let objects = inventory.of(environment).filter(|object| object.is_of_applications());
    let specs = objects.filter_map(|object| SPECS.iter().find_map(|path| object.at(path)));
    let listed = specs.filter_map(|spec| spec.get("tolerations")).flat_map(Tree::elements);
    let keys = listed.filter_map(|toleration| toleration.get("key").and_then(Tree::text));
    let keys: BTreeSet<&str> =
        keys.filter(|key| !key.starts_with(OWN_TAINTS) && label_key(key).is_ok()).collect();
    (!keys.is_empty()).then(|| texts(keys))
}
