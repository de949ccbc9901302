//! The kinds that the input itself defines.

use crate::{Called, Origin};

/// A CustomResourceDefinition: the names under which a kind is known.
///
/// Source: <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomResource {
    /// The object.
    pub origin: Origin,
    /// `spec.group`.
    pub group: String,
    /// `spec.names.kind`.
    pub kind: String,
    /// `spec.names.plural`, in URLs and in the rules of roles.
    pub plural: String,
    /// `spec.names.singular`, else the kind in lower case.
    pub singular: String,
    /// `spec.names.shortNames`.
    pub short_names: Vec<String>,
    /// Whether its objects live in namespaces (`spec.scope`).
    pub namespaced: bool,
    /// The versions that are served (`spec.versions`), in the order in which they are written.
    pub versions: Vec<CustomResourceVersion>,
    /// The webhook that turns its objects from one version into another (`spec.conversion`).
    pub conversion: Option<Called>,
}

/// One version of a custom resource that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomResourceVersion {
    /// `v1`, `v1alpha1`…
    pub name: String,
    /// Whether it has the subresource `status`.
    pub status: bool,
    /// Whether it has the subresource `scale`.
    pub scale: bool,
}
