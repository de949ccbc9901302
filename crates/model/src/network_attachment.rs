//! Further networks of pods, which NetworkPolicy does not govern (rule N56).
//!
//! Source: the Kubernetes Network Custom Resource Definition De-facto Standard, version 1.3.

use crate::{NamespaceId, Origin};
use watertight_base::Span;

/// One annotation of a pod that asks for networks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FurtherNetworks {
    /// Where the annotation's value stands.
    pub span: Span,
    /// The value, as it is written.
    pub text: String,
    /// Whether it takes the place of the cluster's network (`v1.multus-cni.io/default-network`) instead of coming on top.
    pub replaces_default: bool,
    /// The networks by name; `None` if the value was not understood.
    pub names: Option<Vec<NetworkName>>,
}

/// The name of a network: that of its NetworkAttachmentDefinition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetworkName {
    /// The namespace; `None` if it was missing. For a network that comes on top that means the pod's own, for one that
    /// takes the place of the cluster's only the CNI's configuration tells.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

/// A NetworkAttachmentDefinition: a network that pods may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkAttachment {
    /// The object.
    pub origin: Origin,
    /// The namespace.
    pub namespace: NamespaceId,
    /// The CNI plugins that make it, in order: `type` of `spec.config`, or of each of its `plugins`. Empty if the
    /// configuration lies elsewhere or was not understood.
    pub plugins: Vec<String>,
    /// Whether it gives pods an interface. Only where every plugin is known to make none, and the object is surely there, it
    /// does not: service meshes attach plugins of their own in this way.
    pub gives_interface: bool,
}
