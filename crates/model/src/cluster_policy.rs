//! The administrator's policies: ClusterNetworkPolicy, and the AdminNetworkPolicy and BaselineAdminNetworkPolicy that
//! came before it, in one shape (rules N57 to N71). As it was read; nothing is evaluated.
//!
//! Source: <https://network-policy-api.sigs.k8s.io/api-overview/>.

use crate::{Admission, Origin};
use ipnet::IpNet;
use watertight_base::{Protocol, Selector, Span};

/// One policy of the admin tiers. It is cluster-scoped, and belongs to neither side of a boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterPolicy {
    /// The object.
    pub origin: Origin,
    /// Before or after NetworkPolicy.
    pub tier: Tier,
    /// Lower comes first within the tier (rule N58). A BaselineAdminNetworkPolicy has none and is alone: 0.
    pub priority: u16,
    /// The pods that it is about.
    pub subject: ClusterSubject,
    /// What is decided about connections to the subject, in order.
    pub ingress: Vec<TierRule>,
    /// What is decided about connections from the subject, in order.
    pub egress: Vec<TierRule>,
    /// Whether the API server would take it, and keep it.
    pub admission: Admission,
}

/// Where a policy stands among the others (rule N57): Admin, then NetworkPolicy, then Baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Before NetworkPolicy.
    Admin,
    /// After it, for what it leaves undecided.
    Baseline,
}

impl Tier {
    /// `Admin` or `Baseline`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Baseline => "Baseline",
        }
    }
}

/// The pods that a policy is about; those on the host network never (rule N65).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterSubject {
    /// Where it stands.
    pub span: Span,
    /// Their namespaces.
    pub namespaces: Selector,
    /// The pods in them; everything for a subject of namespaces alone.
    pub pods: Selector,
}

/// One element of `ingress` or `egress`. The first rule that matches decides (rule N60).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierRule {
    /// The whole rule.
    pub span: Span,
    /// What it decides.
    pub action: Action,
    /// The other side. Never empty: a rule without peers is not accepted, and its policy is a blind spot.
    pub peers: Vec<TierPeer>,
    /// The destination ports: `None` is every port of every protocol (rule N69). Never an empty list.
    pub ports: Option<Vec<TierPort>>,
}

/// What a rule decides (rule N61).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// The connection is allowed in this direction, whatever comes later.
    Accept,
    /// The connection is denied.
    Deny,
    /// The rest of the tier is skipped.
    Pass,
}

impl Action {
    /// `Accept`, `Deny` or `Pass`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "Accept",
            Self::Deny => "Deny",
            Self::Pass => "Pass",
        }
    }
}

/// One element of `from` or `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierPeer {
    /// The whole element.
    pub span: Span,
    /// Whom it means.
    pub kind: TierPeerKind,
}

/// Whom a peer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TierPeerKind {
    /// Pods by namespace and labels, none of them on the host network (rules N38, N66).
    Pods {
        /// Their namespaces.
        namespaces: Selector,
        /// The pods in them; everything for a peer of namespaces alone.
        pods: Selector,
    },
    /// Destination addresses, those of pods and nodes included (rule N67). Egress only.
    Networks(Vec<IpNet>),
    /// Nodes by label, by the addresses in their status (rule N66). Egress only.
    Nodes(Selector),
    /// Names in DNS, whatever they resolve to (rule N70). Egress and `Accept` only.
    DomainNames(Vec<String>),
    /// A peer that the reader does not know: an `Accept` matches nothing, a `Deny` or `Pass` denies all (rule N68).
    Unknown,
}

/// One element of `protocols`, or of `ports` in the older kinds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierPort {
    /// The whole element.
    pub span: Span,
    /// Which ports.
    pub kind: TierPortKind,
}

/// Which destination ports (rule N69).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TierPortKind {
    /// All of a protocol.
    All(Protocol),
    /// One.
    Number(Protocol, u16),
    /// From the first to the last, both included. Never reversed.
    Range(Protocol, u16, u16),
    /// The container ports of this name on the destination pod, each with its own protocol.
    Named(String),
}
