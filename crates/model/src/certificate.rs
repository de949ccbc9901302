//! What proves that a boundary is isolated. Nothing here is evaluated; the crate `check` does that, from the input anew.
//!
//! Of the network that is facts, each of which closes some way across for everything that could take it. Of the API it is all
//! that the hostile side comes to: a set from which nothing leads out.
//!
//! A fact of the network covers a *box*: all pods that two sets of namespaces run or could run, on all ports. Where one reason does not
//! close all of a box, it is cut in two, and each part again, until every part is closed by policies that are named.

use crate::Principal;
use std::collections::BTreeSet;
use std::fmt;
use watertight_base::{AddressSet, ConnectionSet, Requirement};

/// The number of the rules by which facts are written and checked. Whatever changes what a fact means makes a new one.
pub const CERTIFICATE_RULES: u32 = 4;

/// What proves that a boundary is isolated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// What the profile says of each open point, by name: `always`, `never` or `varies`, or what else there is to say.
    pub points: Vec<(String, String)>,
    /// Whether what is of lesser rank was asked for.
    pub strict: bool,
    /// Of the network, if it was examined: what is closed, in a fixed order. None of them can be left out.
    pub network: Option<Vec<ClosedFact>>,
    /// Of the API, if it was examined: all that the hostile side comes to, sorted. None of them can be left out.
    pub api: Option<Vec<ReachedFact>>,
}

impl Certificate {
    /// How many facts there are.
    #[must_use]
    pub fn facts(&self) -> usize {
        self.network.as_ref().map_or(0, Vec::len) + self.api.as_ref().map_or(0, Vec::len)
    }
}

/// Something that the hostile side comes to through the API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReachedFact {
    /// To act as somebody.
    ActsAs {
        /// Whom.
        principal: Principal,
        /// Whether it is so in requests with headers of impersonation alone: those impersonate nobody else.
        impersonated: bool,
    },
    /// What rights yield by a row of the catalogue.
    Gains {
        /// The name of the row.
        row: String,
        /// In which namespace; `None` for everywhere.
        scope: Option<String>,
        /// The names of the objects to which it is bound; empty for all.
        names: BTreeSet<String>,
    },
    /// Nobody can bring an object about.
    Refused(RefusedObject),
}

/// An object of which some is known, and that admission policies refuse in every way in which it could come to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedObject {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
    /// The kind.
    pub kind: String,
    /// The resource, in the plural.
    pub resource: String,
    /// The namespace. Of a namespace, its own name.
    pub namespace: String,
    /// What is known of it.
    pub fields: Vec<KnownField>,
    /// What refuses it, for each way in which it could come to be.
    pub by: Vec<RefusedBy>,
}

/// What is known of a field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownField {
    /// Where it is; `*` is some element of a list.
    pub path: Vec<String>,
    /// What it is.
    pub is: KnownAs,
}

/// What a field is known to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnownAs {
    /// One of these texts.
    OneOf(BTreeSet<String>),
    /// A text that is none of these.
    OtherThan(BTreeSet<String>),
    /// Not there.
    Absent,
    /// There, with any fields.
    Object,
    /// A list without elements.
    Empty,
    /// `true`.
    True,
    /// An element of a list, whatever it is.
    Anything,
}

/// What refuses an object, in one way in which it could come to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedBy {
    /// `CREATE` or `UPDATE`.
    pub operation: &'static str,
    /// The subresource; empty for none.
    pub subresource: &'static str,
    /// The name of the policy.
    pub policy: String,
    /// The name of its binding.
    pub binding: String,
    /// The number of the validation that fails; `None` if a match condition cannot be evaluated.
    pub validation: Option<usize>,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClosedFact {
    /// Nothing gets from some pods into some namespaces in one way.
    Closed {
        /// Who opens the connections.
        source: CertifiedSource,
        /// In which way.
        way: CertifiedWay,
        /// The namespaces that are kept, each of them alike.
        to: Vec<String>,
        /// Why, case by case: the first is the whole box.
        cases: Vec<Case>,
    },
    /// A namespace has no pod, and policies leave it none: no connection starts or ends there.
    NoPods {
        /// Its name.
        namespace: String,
        /// What refuses its pods, case by case: the first is all of them, as sources, and no network policy closes any.
        cases: Vec<Case>,
    },
    /// No pod of these namespaces is on the host network, and Pod Security or policies refuse new ones.
    NoHostNetwork {
        /// The namespaces.
        namespaces: Vec<String>,
        /// What policies refuse, where Pod Security does not.
        refused: Vec<RefusedObject>,
    },
    /// No probe or hook of a pod of these namespaces names a host that may be a pod, and Pod Security or policies refuse new
    /// ones.
    NoDialedHost {
        /// The namespaces.
        namespaces: Vec<String>,
        /// What policies refuse, where Pod Security does not.
        refused: Vec<RefusedObject>,
    },
    /// A proxy that serves the hostile side connects only to where objects say, and those that could come to be lead nowhere
    /// else.
    CarriesNothing {
        /// `NAMESPACE/KIND/NAME` of its workload.
        proxy: String,
        /// What policies refuse, where somebody may write it.
        refused: Vec<RefusedObject>,
    },
    /// A namespace of which the hostile side may change the labels never gets some of them, but for those that it has.
    KeepsLabels {
        /// Its name.
        namespace: String,
        /// What policies refuse: the namespace with a label of some values, or without one.
        refused: Vec<RefusedObject>,
    },
    /// No further network of a pod of these namespaces is one that the hostile side is on, or could be.
    NoSharedNetwork {
        /// The namespaces.
        namespaces: Vec<String>,
    },
}

/// Who opens connections.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CertifiedSource {
    /// Every pod that the hostile side runs or could create, without the fences that it owns itself.
    From,
    /// A proxy that serves the hostile side: `NAMESPACE/KIND/NAME` of its workload.
    Proxy(String),
    /// Every pod that namespaces of neither side could run, as a proxy that the input does not show.
    UnseenProxy,
}

/// A way across.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CertifiedWay {
    /// From pod to pod.
    Direct,
    /// From pod to pod, where it arrives under a node's address (rule N40).
    BehindNode,
    /// From a pod to a port of a node, and from the node to a pod: either half may be shut (rules N40, N42).
    NodePort,
    /// From a pod to one on the host network, which no policy fences (rule N37).
    HostNetwork,
}

impl CertifiedWay {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Direct, Self::BehindNode, Self::NodePort, Self::HostNetwork];

    /// Its name in a certificate.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::BehindNode => "behind-node",
            Self::NodePort => "node-port",
            Self::HostNetwork => "host-network",
        }
    }
}

/// A box, and why nothing in it passes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    /// These policies close all of it; without any one of them they would not.
    Closed(Vec<Closer>),
    /// Pods of it cannot come to be, and the policies close what is left of it.
    Refused(Vec<RefusedPods>, Vec<Closer>),
    /// It is cut in two.
    Cut {
        /// By what.
        by: Cut,
        /// The number of the case of the part of which that is so.
        yes: usize,
        /// The number of the case of the part of which it is not.
        no: usize,
    },
}

/// Pods of a namespace that cannot come to have any labels of a box.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusedPods {
    /// At which end, and whether it is the labels of the pods or of their namespace.
    pub of: CutLabels,
    /// The namespace.
    pub namespace: String,
    /// What refuses them, for each way in which they could come to be.
    pub by: Vec<RefusedBy>,
    /// What refuses those without any labels, where that is something else: then `by` is about those with some.
    pub bare: Vec<RefusedBy>,
}

/// A policy that isolates pods, or denies connections, on one side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Closer {
    /// On whose side: `egress` for the source's.
    pub side: PolicySide,
    /// The kind of the policy. A NetworkPolicy is one of the namespace on its side.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// On whose side of a connection a policy decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicySide {
    /// The source's.
    Egress,
    /// The destination's.
    Ingress,
}

impl PolicySide {
    /// `egress` or `ingress`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Egress => "egress",
            Self::Ingress => "ingress",
        }
    }
}

/// What a box is cut by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cut {
    /// Whether the labels of an end, or of its namespace, meet a requirement.
    Labels(CutLabels, Requirement),
    /// Whether an address of an end is one of these.
    Addresses(CutAddresses, AddressSet),
    /// Whether the port is one of these.
    Ports(CutPorts, ConnectionSet),
    /// Whether a port name stands for the connection's port on the target. Enforcers may read the names of one pod
    /// differently in NetworkPolicies and in the administrator's policies (rules N30, N69).
    PortName {
        /// The name.
        name: String,
        /// Whether it is the administrator's policies that ask.
        tier: bool,
    },
}

/// Whose labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CutLabels {
    /// The source pod's.
    Source,
    /// The target pod's.
    Target,
    /// Those of the source's namespace.
    SourceNamespace,
    /// Those of the target's namespace.
    TargetNamespace,
}

/// Whose address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CutAddresses {
    /// The source's.
    Source,
    /// The target's.
    Target,
    /// That of the node which the source dials.
    Dialed,
    /// That of the node under whose address it arrives.
    Arrival,
}

/// Which port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CutPorts {
    /// That of the target.
    Target,
    /// That of the node which the source dials.
    Dialed,
}

impl CutLabels {
    /// Its name in a certificate.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
            Self::SourceNamespace => "source-namespace",
            Self::TargetNamespace => "target-namespace",
        }
    }
}

impl CutAddresses {
    /// Its name in a certificate.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
            Self::Dialed => "dialed-node",
            Self::Arrival => "arrival-node",
        }
    }
}

impl CutPorts {
    /// Its name in a certificate.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Dialed => "dialed-node",
        }
    }
}

impl fmt::Display for CertifiedSource {
    /// `from`, `proxy ingress/Deployment/nginx`, `unseen-proxy`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::From => f.write_str("from"),
            Self::Proxy(workload) => write!(f, "proxy {workload}"),
            Self::UnseenProxy => f.write_str("unseen-proxy"),
        }
    }
}
