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
    /// The namespace, that of the pod if it was missing; `None` if it was missing in a place whose default only the CNI's
    /// configuration tells.
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
}
