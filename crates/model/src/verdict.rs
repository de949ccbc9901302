//! What the proof says: verdicts, derivations with evidence, blind spots and assumptions.

use crate::{BlindSpot, Cause, Gain, Need, ObjectRef, Principal, RoleRule, Root};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use watertight_base::{ConnectionSet, Labels, Protocol, Span};

/// The answer for a channel or a boundary. The order is the one in which they compose (convention 14): the greatest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Proved: nothing gets across, for any object that could exist.
    Isolated,
    /// Something that matters was not seen or not understood.
    Unknown,
    /// There is a way across, and it is shown.
    Breached,
}

impl Verdict {
    /// `isolated`, `unknown`, `breached`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Isolated => "isolated",
            Self::Unknown => "unknown",
            Self::Breached => "breached",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One way across a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Connections between pods.
    Network,
    /// RBAC, admission, secrets.
    Api,
    /// Shared nodes.
    Node,
    /// Cloud identities.
    Identity,
    /// Databases, caches, warehouses.
    Data,
    /// Quota, priority, API fairness.
    Capacity,
    /// Operators and controllers that act for others.
    Deputy,
}

impl Channel {
    /// All channels, in the order in which they are printed.
    pub const ALL: [Self; 7] =
        [Self::Network, Self::Api, Self::Node, Self::Identity, Self::Data, Self::Capacity, Self::Deputy];

    /// The name, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Api => "api",
            Self::Node => "node",
            Self::Identity => "identity",
            Self::Data => "data",
            Self::Capacity => "capacity",
            Self::Deputy => "deputy",
        }
    }
}

/// All that one run of the proof says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The CNI profile's name.
    pub profile: String,
    /// As in the snapshot: `1.36`, or `None`.
    pub kubernetes_version: Option<String>,
    /// The environments that were asked for.
    pub environments: Vec<EnvironmentReport>,
    /// The namespaces of neither side, whose pods are no attackers and nobody's to keep (convention 8).
    pub neither: Vec<String>,
    /// One entry per ordered pair that was asked for.
    pub boundaries: Vec<Boundary>,
    /// What one enforcer alone would mean, if the profile stands for many and the input shows which one there is.
    pub enforcer: Option<ShownEnforcer>,
    /// What must work, in the order in which it was asked.
    pub needs: Vec<Need>,
}

/// The enforcer that the input shows, with what its own profile says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownEnforcer {
    /// Its profile's name.
    pub profile: String,
    /// What people call it.
    pub title: String,
    /// The object that shows it.
    pub object: ObjectRef,
    /// The verdict under its profile, with its default settings: the worst of the boundaries.
    pub verdict: Verdict,
}

/// What one environment was taken to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentReport {
    /// Its name.
    pub name: String,
    /// Its namespaces.
    pub namespaces: Vec<NamespaceChoice>,
    /// Its principals, if the API channel was examined.
    pub principals: Vec<PrincipalChoice>,
}

/// Why somebody belongs to an environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PrincipalChoice {
    /// Who.
    pub principal: Principal,
    /// Why: `is there`, `is bound by RoleBinding staging/dev`.
    pub why: String,
}

/// Why a namespace belongs to an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceChoice {
    /// The namespace.
    pub name: String,
    /// Why: `is named staging`, `carries the label environment=staging`.
    pub why: String,
}

/// The answer for one boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boundary {
    /// The side that is taken as hostile.
    pub from: String,
    /// The side that is to be kept.
    pub to: String,
    /// The worst of the channels.
    pub verdict: Verdict,
    /// The channels that were examined.
    pub channels: Vec<ChannelReport>,
    /// The channels that were not (convention 3).
    pub not_examined: Vec<Channel>,
}

impl Boundary {
    /// The breaches of all channels by what has to change for them to go, the worst first.
    #[must_use]
    pub fn causes(&self) -> Vec<Cause<'_>> {
        Cause::of(self.channels.iter().flat_map(|channel| &channel.breaches))
    }
}

/// The answer for one channel of one boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelReport {
    /// Which.
    pub channel: Channel,
    /// The answer.
    pub verdict: Verdict,
    /// The ways across, the most telling first.
    pub breaches: Vec<Breach>,
    /// What is of lesser rank (convention 11): it does not decide, unless `--strict` makes breaches of it.
    pub lesser: Vec<Breach>,
    /// For a channel without breaches, if it was asked for: the ways that are nearest to being open.
    pub nearest: Vec<NearWay>,
    /// What the `to` side publishes to everybody (convention 7): no breach.
    pub public: Vec<PublicEntry>,
    /// What was not seen and matters here. Each keeps the verdict from being `isolated`.
    pub blind_spots: Vec<BlindSpot>,
    /// What the answer rests on.
    pub assumptions: Vec<Assumption>,
}

/// A way that is not open, and what stands in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearWay {
    /// The rule that would find it, were it open.
    pub rule: &'static str,
    /// What would be so, as a sentence that stands alone.
    pub message: String,
    /// What stands in it, as a sentence.
    pub blocked: String,
    /// The objects that stand in it: were all of them gone, or wider, it would be open.
    pub because: Vec<Because>,
}

/// A way across, as a derivation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Stable across runs and orders of input.
    pub id: String,
    /// The rule's name, which `watertight explain` knows.
    pub rule: &'static str,
    /// What has to change for it to go.
    pub root: Root,
    /// Whether it is there now or needs an object that could be created.
    pub when: When,
    /// One sentence that stands alone.
    pub message: String,
    /// How to close it.
    pub help: String,
    /// How many similar ones this one stands for, itself included.
    pub count: usize,
    /// The pods of the `to` side that it and the similar ones reach, by their names.
    pub reached: BTreeSet<String>,
    /// The derivation, in order: a step uses earlier ones only. The last one is the breach.
    pub steps: Vec<Step>,
    /// The place that shows best what is wrong, and what to write under it.
    pub highlight: Option<(Span, String)>,
}

impl Breach {
    /// What the hostile side comes to by it, which says how bad it is: what its last step yields.
    #[must_use]
    pub fn gain(&self) -> Gain {
        match self.steps.last().map(|step| &step.fact) {
            Some(Fact::Gains { gain, .. }) => *gain,
            Some(Fact::ActsAs { .. }) => Gain::MintsTokens,
            Some(Fact::SameValue { .. }) => Gain::ReadsSecrets,
            _ => Gain::DialsPods,
        }
    }
}

/// When a breach is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// With the objects of the input.
    Now,
    /// With an object that could be created, or a label that is not known.
    Possible,
}

impl When {
    /// `now` or `possible`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Possible => "possible",
        }
    }
}

/// One step of a derivation: it follows from the steps that it uses and from its evidence alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its number in the derivation, from 1.
    pub id: usize,
    /// The channel whose rules it follows.
    pub channel: Channel,
    /// The rule of the semantics that it applies: `N1`, `N35`…
    pub rule: &'static str,
    /// What holds after it.
    pub fact: Fact,
    /// The same in one lower-case sentence.
    pub text: String,
    /// The steps that it uses.
    pub uses: Vec<usize>,
    /// The objects that it rests on.
    pub because: Vec<Because>,
}

/// An object that a step rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// What it does in the step.
    pub role: EvidenceRole,
    /// The object; for [`EvidenceRole::Absent`] the place where something was looked for and not found.
    pub object: ObjectRef,
    /// A JSON Pointer into the object.
    pub path: String,
    /// Where that stands.
    pub evidence: Option<Evidence>,
}

/// What an object does in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceRole {
    /// It allows the connection.
    Allows,
    /// It denies it.
    Denies,
    /// It selects a pod.
    Selects,
    /// It is missing.
    Absent,
}

impl EvidenceRole {
    /// `allows`, `denies`, `selects`, `absent`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allows => "allows",
            Self::Denies => "denies",
            Self::Selects => "selects",
            Self::Absent => "absent",
        }
    }
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// In a file.
    File(Span),
}

/// What a step derives. Enough to be checked again by an evaluator that knows only the snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The `from` side runs this pod, or could create it.
    Runs {
        /// The pod.
        pod: FactPeer,
    },
    /// The `to` side runs this pod, or could create it.
    Target {
        /// The pod.
        pod: FactPeer,
    },
    /// Nothing on the source's side stops the connection.
    EgressAllowed {
        /// The source.
        from: FactPeer,
        /// The destination.
        to: FactPeer,
        /// The destination ports.
        ports: ConnectionSet,
    },
    /// Nothing on the source's side stops connections to nodes, which can carry them on (rules N40, N42).
    LeavesForNode {
        /// The source.
        from: FactPeer,
        /// An address that the node may have, if that decides.
        address: Option<IpAddr>,
        /// The ports of the node.
        ports: ConnectionSet,
    },
    /// Nothing on the destination's side stops the connection.
    IngressAllowed {
        /// The source.
        from: FactPeer,
        /// The destination.
        to: FactPeer,
        /// The destination ports.
        ports: ConnectionSet,
    },
    /// An object of this namespace, there or still to be created, makes a proxy carry connections on (convention 8).
    Relays {
        /// The namespace, on the source's side.
        namespace: String,
        /// The proxy's pod, which is not on the source's side.
        proxy: FactPeer,
    },
    /// Both pods can be on one node, and one of them shares its network.
    SharedNode {
        /// The source.
        from: FactPeer,
        /// The destination.
        to: FactPeer,
        /// A node of the input where they can meet, if it holds nodes.
        node: Option<String>,
    },
    /// Both pods are, or could be, on one further network, which no policy governs (rule N56).
    SharedNetwork {
        /// The source.
        from: FactPeer,
        /// The destination.
        to: FactPeer,
        /// The network: `NAMESPACE/NAME` of its NetworkAttachmentDefinition, or the name alone where the namespace is
        /// not known.
        network: String,
    },
    /// The `from` side can act as somebody.
    ActsAs {
        /// Who.
        principal: Principal,
    },
    /// RBAC lets somebody do something.
    Granted {
        /// Who.
        principal: Principal,
        /// What: one of the verbs, on one of the resources, as the rule has them.
        rule: RoleRule,
        /// Where: in this namespace; `None` for everywhere.
        scope: Option<String>,
    },
    /// The `from` side comes to something through the API.
    Gains {
        /// To what.
        gain: Gain,
        /// Where: in this namespace; `None` for everywhere.
        scope: Option<String>,
        /// The names of the objects that it is bound to; empty for all.
        names: Vec<String>,
    },
    /// The `from` side answers what the API server asks by an object: a webhook configuration, an APIService, a definition.
    Answers {
        /// The object.
        object: ObjectRef,
        /// The namespace whose pods answer.
        namespace: String,
    },
    /// The `from` side holds a value of the `to` side. The value is nowhere in it.
    SameValue {
        /// Where the `from` side holds it, alone or inside a longer one.
        held: ValuePlace,
        /// Where the `to` side does.
        of: ValuePlace,
    },
    /// The connection can be opened.
    Connects {
        /// The source.
        from: FactPeer,
        /// The destination.
        to: FactPeer,
        /// The destination ports.
        ports: ConnectionSet,
    },
}

impl Fact {
    /// The fact's kind, as the JSON has it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Runs { .. } => "runs",
            Self::Target { .. } => "target",
            Self::EgressAllowed { .. } => "egressAllowed",
            Self::LeavesForNode { .. } => "leavesForNode",
            Self::IngressAllowed { .. } => "ingressAllowed",
            Self::Relays { .. } => "relays",
            Self::SharedNode { .. } => "sharedNode",
            Self::SharedNetwork { .. } => "sharedNetwork",
            Self::ActsAs { .. } => "actsAs",
            Self::Granted { .. } => "granted",
            Self::Gains { .. } => "gains",
            Self::Answers { .. } => "answers",
            Self::SameValue { .. } => "sameValue",
            Self::Connects { .. } => "connects",
        }
    }
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValuePlace {
    /// The object.
    pub object: ObjectRef,
    /// The JSON Pointer from the object to the value.
    pub path: String,
}

/// A pod in a fact: one of the input, or one that could be created, with all that decides about its connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactPeer {
    /// The namespace's name.
    pub namespace: String,
    /// What must be true of the namespace's labels, beyond those that are known: for a namespace without an object of
    /// its own, labels that it could carry (convention 9); else empty.
    pub namespace_labels: Labels,
    /// The index in [`crate::Snapshot::pods`], or `None` for a pod that could be created.
    pub pod: Option<usize>,
    /// How people know it: `Deployment staging/api`, or `a future pod in staging`.
    pub name: String,
    /// The labels: the pod's, or those that the future pod must carry.
    pub labels: Labels,
    /// Whether it shares its node's network.
    pub host_network: bool,
    /// Named container ports of a future pod.
    pub named_ports: BTreeMap<String, (Protocol, u16)>,
    /// The address under which it is seen, where that decides.
    pub address: Option<IpAddr>,
    /// Whether that is the address of a node that the connection comes through, so that nothing of the pod itself is to
    /// be seen at the other end (rule N40).
    pub behind_node: bool,
    /// Whether its node opens the connection for it, by a probe or hook that names another host (rule N35).
    pub opened_by_node: bool,
}

/// Something that the `to` side publishes to everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicEntry {
    /// What is published, and through what: one sentence.
    pub message: String,
    /// The objects that publish it.
    pub because: Vec<Because>,
}

/// What an answer rests on and the input cannot show.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assumption {
    /// Its name: `cni-enforces`.
    pub id: String,
    /// What is assumed, in one sentence.
    pub text: String,
    /// The command, or the thing to do, that checks it.
    pub check: String,
}
