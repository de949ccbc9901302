//! A stack's manifests, installed twice in one cluster: once for staging, once for production.
//!
//! What a second installation of the same project needs is done here, and nothing else:
//!
//! - What has no namespace, or the one that the project is written for, goes to the environment's own.
//! - Roles, bindings and admission configurations that would meet those of the other installation are named after the
//!   environment, as a release name does it; what refers to them follows.
//! - What a cluster can have but once (definitions, APIServices, drivers, classes) is there once, as production has it.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use watertight_base::Source;

/// Both environments; the first has nothing that a cluster can have but once.
const ENVIRONMENTS: [&str; 2] = ["staging", "production"];

/// Kinds in no namespace of which each installation has its own.
const PREFIXED: [&str; 7] = [
    "ClusterRole",
    "ClusterRoleBinding",
    "FlowSchema",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
];

/// Kinds in no namespace that a cluster has once, whoever installs them.
const SHARED: [&str; 5] =
    ["APIService", "CSIDriver", "CustomResourceDefinition", "DeviceClass", "StorageClass"];

/// A project as it is published.
#[derive(Debug)]
pub(crate) struct Stack {
    pub(crate) name: &'static str,
    /// Where its manifests are, below `tests/corpus`.
    pub(crate) folders: &'static [&'static str],
    /// The namespace that it is written for.
    pub(crate) home: &'static str,
    /// What stays in that namespace all the same, since what it refers to is there: the names of the objects.
    pub(crate) stays: &'static [&'static str],
}

/// The kinds and names of a stack's objects.
type Own = BTreeSet<(String, String)>;

impl Stack {
    /// Both installations, a file for each environment, and the namespaces.
    pub(crate) fn installed(&self, manifests: &[Source]) -> Vec<Source> {
        let objects: Vec<Value> = manifests.iter().flat_map(documents).collect();
        let own: Own =
            objects.iter().map(|object| (text(object, "/kind"), text(object, "/metadata/name"))).collect();
        let installation = |environment: &&str| {
            let is_here = |object: &&Value| *environment == ENVIRONMENTS[1] || !is_shared(object);
            let objects = objects.iter().filter(is_here);
            let mut items: Vec<Value> = objects.map(|object| self.moved(object, environment, &own)).collect();
            if !own.iter().any(|(kind, _)| kind == "Namespace") {
                items.push(namespace(environment));
            }
            let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items});
            let bytes = serde_json::to_vec_pretty(&list).unwrap();
            Source { name: format!("{}/{environment}.json", self.name), bytes }
        };
        ENVIRONMENTS.iter().map(installation).collect()
    }

    /// An object as one environment has it.
    fn moved(&self, object: &Value, environment: &str, own: &Own) -> Value {
        let kind = text(object, "/kind");
        let namespace = text(object, "/metadata/namespace");
        let name = text(object, "/metadata/name");
        let is_prefixed = PREFIXED.contains(&kind.as_str());
        let is_shared = is_shared(object);
        let stays = self.stays.contains(&name.as_str());
        let is_elsewhere = stays || !namespace.is_empty() && namespace != self.home;
        let mut moved = object.clone();
        self.refer(&mut moved, environment);
        let Some(metadata) = moved.pointer_mut("/metadata").and_then(Value::as_object_mut) else {
            return moved;
        };
        if kind == "Namespace" {
            set(metadata, "name", environment);
        } else if is_prefixed || is_elsewhere {
            set(metadata, "name", &format!("{environment}-{name}"));
        }
        if is_prefixed || is_shared || kind == "Namespace" {
            metadata.remove("namespace");
        } else if stays {
            set(metadata, "namespace", self.home);
        } else if !is_elsewhere {
            set(metadata, "namespace", environment);
        }
        // A role in the project's namespace keeps its name; others have that of the environment in front.
        let reference = |kind: &str, name: &str| {
            let is_renamed = PREFIXED.contains(&kind) || is_elsewhere;
            let is_own = own.contains(&(kind.to_owned(), name.to_owned()));
            (is_renamed && is_own).then(|| format!("{environment}-{name}"))
        };
        if let Some(role) = reference(&text(object, "/roleRef/kind"), &text(object, "/roleRef/name")) {
            moved["roleRef"]["name"] = Value::String(role);
        }
        if let Some(policy) = reference("ValidatingAdmissionPolicy", &text(object, "/spec/policyName")) {
            moved["spec"]["policyName"] = Value::String(policy);
        }
        moved
    }

    /// Turns references to the project's namespace into ones to the environment's, and gives ServiceAccounts that are
    /// bound without a namespace that of the binding, as `kustomize` and `helm` do.
    fn refer(&self, value: &mut Value, environment: &str) {
        match value {
            Value::Object(fields) => {
                if fields.get("kind").is_some_and(|kind| kind == "ServiceAccount") && fields.len() == 2 {
                    set(fields, "namespace", environment);
                }
                if fields.get("namespace").is_some_and(|namespace| namespace == self.home) {
                    set(fields, "namespace", environment);
                }
                fields.values_mut().for_each(|value| self.refer(value, environment));
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.refer(item, environment)),
            Value::String(text) => {
                let of_home = format!("system:serviceaccount:{}:", self.home);
                *text = text.replace(&of_home, &format!("system:serviceaccount:{environment}:"));
            }
            _ => {}
        }
    }
}

/// The objects of a file, those of lists one by one.
fn documents(source: &Source) -> Vec<Value> {
    let text = std::str::from_utf8(&source.bytes).unwrap();
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    let documents = documents.into_iter().filter(|document| !document.is_null());
    let objects = |document: Value| match document.get("items").and_then(Value::as_array) {
        Some(items) => items.clone(),
        None => vec![document],
    };
    documents.flat_map(objects).collect()
}

fn is_shared(object: &Value) -> bool {
    SHARED.contains(&text(object, "/kind").as_str())
}

fn namespace(name: &str) -> Value {
    serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

/// The text at a place, or none.
fn text(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn set(object: &mut Map<String, Value>, key: &str, text: &str) {
    object.insert(key.to_owned(), Value::String(text.to_owned()));
}
