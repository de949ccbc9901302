//! What the objects are made of: for each kind valid objects to begin with, and for each field that the reader reads
//! values to put there, valid and broken ones.

mod admission;
pub(crate) mod cluster_policy;
mod custom_resource_definition;
mod metadata;
mod namespace;
mod network_policy;
mod pod;
mod rbac;
mod service;
mod values;
mod workload;

use serde_json::Value;

/// Stands in a list of values for "the field is not there".
pub(crate) const MISSING: &str = "(missing)";

/// A kind of objects.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) api_version: &'static str,
    /// The resource's name in a URL.
    pub(crate) plural: &'static str,
    pub(crate) namespaced: bool,
    /// Objects that the server takes: each without `apiVersion` and `kind`.
    pub(crate) bases: Vec<Value>,
    pub(crate) fields: Vec<Field>,
}

/// A field, and what may be put there.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// The JSON Pointer from the object to the field.
    pub(crate) pointer: String,
    pub(crate) values: Vec<Value>,
    /// Whether each value is tried by itself in every run. The fields of a pod are, in two kinds; the other templates
    /// are made by chance.
    pub(crate) always: bool,
}

/// A field at a pointer, with the values of a JSON list.
fn field(pointer: impl Into<String>, values: Value) -> Field {
    let Value::Array(values) = values else { panic!("the values of a field are a list") };
    Field { pointer: pointer.into(), values, always: true }
}

/// The same fields further inside an object, at `prefix`.
fn inside(prefix: &str, fields: Vec<Field>) -> impl Iterator<Item = Field> {
    fields.into_iter().map(move |field| Field { pointer: format!("{prefix}{}", field.pointer), ..field })
}

/// The elements of several JSON lists.
fn all_of<const N: usize>(lists: [Value; N]) -> Value {
    lists.into_iter().flat_map(|list| list.as_array().cloned().unwrap_or_default()).collect()
}

/// All kinds.
pub(crate) fn kinds() -> Vec<Kind> {
    let mut kinds = vec![network_policy::kind(), namespace::kind(), pod::kind(), service::kind()];
    kinds.extend(workload::kinds());
    kinds.extend(cluster_policy::kinds());
    kinds.extend(rbac::kinds());
    kinds.push(custom_resource_definition::kind());
    kinds.extend(admission::kinds());
    kinds
}
