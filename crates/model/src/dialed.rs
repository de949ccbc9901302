//! Whom a node dials for a pod: the hosts that probes, lifecycle hooks, images and volumes name (rule N35).

use crate::{Host, TargetPort};
use watertight_base::Span;

/// A host that a node dials for a pod by TCP, and that need not be the pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialedHost {
    /// Where the host stands.
    pub span: Span,
    /// The path from the container or volume to it, as `livenessProbe.httpGet.host` or `nfs.server`.
    pub field: String,
    /// The host.
    pub host: Host,
    /// The port; a name is that of a port of the same container. `None` if it was missing or is no port, so that it may be
    /// any.
    pub port: Option<TargetPort>,
    /// What the node dials it for.
    pub purpose: DialedFor,
}

/// What a node dials a host for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialedFor {
    /// A probe or a lifecycle hook: any host that is not the pod.
    Probe,
    /// What the pod is made of, an image or a volume: an address, or a name that only the cluster's DNS knows. Other names
    /// are of registries and servers as everybody has them, and are not kept.
    Contents,
}
