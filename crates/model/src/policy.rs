//! NetworkPolicy, as it was read: every default filled in (rules N4, N6, N8, N9, N19, N23), nothing yet evaluated.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/>.

use crate::{NamespaceId, Origin};
use ipnet::IpNet;
use watertight_base::{Protocol, Selector, Span};

/// One NetworkPolicy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// The object.
    pub origin: Origin,
    /// Its namespace: the only one whose pods it can select.
    pub namespace: NamespaceId,
    /// The pods that it selects; everything if it was missing (rule N9).
    pub subject: Selector,
    /// Where the selector stands: `spec.podSelector`, or the whole object if it is missing.
    pub subject_span: Span,
    /// The directions in which it isolates.
    pub types: PolicyTypes,
    /// Where `policyTypes` stands, or `None` if they were filled in by default (rule N4).
    pub types_span: Option<Span>,
    /// Who may open connections to the selected pods. Kept also if `types` leaves ingress out, where it means nothing
    /// (rule N5).
    pub ingress: Vec<PolicyRule>,
    /// To whom the selected pods may open connections. Kept also if `types` leaves egress out.
    pub egress: Vec<PolicyRule>,
    /// Whether the API server would take it, and keep it.
    pub admission: Admission,
}

/// Whether the API server would take an object as it is written, and whether it is there to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It would.
    Accepted,
    /// It would not, though what is meant is clear: profiles that model a real cluster must hold with and without it
    /// (convention 6). A diagnostic says why.
    Refused,
    /// The server would take it, but what applies it makes it for a moment only, or not at all: a hook of Helm or Argo
    /// CD, or a file marked as local. As with a refused one, a proof must hold with and without it.
    Passing,
}

/// The directions in which a policy isolates the pods that it selects (rule N1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyTypes {
    /// Ingress.
    pub ingress: bool,
    /// Egress.
    pub egress: bool,
}

/// One element of `ingress` or `egress`: what it allows is its peers times its ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRule {
    /// The whole rule.
    pub span: Span,
    /// The other side: `None` is everyone, outside and nodes included (rules N7, N8). Never an empty list.
    pub peers: Option<Vec<PolicyPeer>>,
    /// The destination ports: `None` is every port of every protocol (rule N8). Never an empty list.
    pub ports: Option<Vec<PolicyPort>>,
}

/// One element of `from` or `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPeer {
    /// The whole element.
    pub span: Span,
    /// Whom it means.
    pub kind: PeerKind,
}

/// Whom a peer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerKind {
    /// Pods, by namespace and labels; both must match (rule N12).
    Pods {
        /// The namespaces.
        namespaces: NamespaceScope,
        /// The pods in them; everything if `podSelector` was missing (rule N11).
        pods: Selector,
        /// Whether `podSelector` was written, `{}` included. Some implementations let a hostNetwork pod match only
        /// then (rule N38).
        pods_written: bool,
    },
    /// Addresses (rules N43 to N46).
    IpBlock {
        /// The network; host bits mean nothing.
        cidr: IpNet,
        /// What is left out of it, and of it alone.
        except: Vec<IpNet>,
    },
}

/// The namespaces of a pod peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamespaceScope {
    /// The policy's own: `namespaceSelector` missing or null (rules N10, N14).
    Own,
    /// Those that the selector selects; `{}` is all, the own one included (rule N14).
    Selected(Selector),
}

/// One element of `ports`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPort {
    /// The whole element.
    pub span: Span,
    /// The protocol, TCP if it was missing (rule N23).
    pub protocol: Protocol,
    /// The ports of it.
    pub port: PortMatch,
}

/// Which ports of a protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortMatch {
    /// All (rule N24).
    All,
    /// One.
    Number(u16),
    /// From the first to the last, both included (rule N25). Never reversed.
    Range(u16, u16),
    /// The container ports of this name on the destination pod (rules N26 to N28).
    Named(String),
}
