//! Whom a node dials for a pod: the hosts that probes and lifecycle hooks name (rule N35).

use crate::{Host, TargetPort};
use watertight_base::Span;

/// A host that a node dials for a pod by TCP, and that need not be the pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialedHost {
    /// Where the host stands.
    pub span: Span,
    /// The path from the container to it, as `livenessProbe.httpGet.host`.
    pub field: String,
    /// The host.
    pub host: Host,
    /// The port; a name is that of a port of the same container. `None` if it was missing or is no port, so that it may be
    /// any.
    pub port: Option<TargetPort>,
}
