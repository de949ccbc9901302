//! Snapshot, facts, derivations and verdicts: pure types, no Kubernetes crate and no parser.
//!
//! Data flows through this crate one way: the reader fills a [`Snapshot`]; channels and the proof turn it into
//! [`Report`]s and [`ConnectivityMap`]s; the renderers print those.

mod cluster_policy;
mod map;
mod object;
mod pod_security;
mod policy;
mod snapshot;
mod verdict;
mod workload;

pub use cluster_policy::{
    Action, ClusterPolicy, ClusterSubject, Tier, TierPeer, TierPeerKind, TierPort, TierPortKind, TierRule,
};
pub use map::{ConnectivityMap, DirectionExplanation, Edge, Explanation, Peer, Relation, RuleEffect};
pub use object::{BlindScope, BlindSpot, ObjectRef, Origin};
pub use pod_security::{PodSecurity, PodSecurityLevel, PodSecurityVersion};
pub use policy::{
    Admission, NamespaceScope, NetworkPolicy, PeerKind, PolicyPeer, PolicyPort, PolicyRule, PolicyTypes,
    PortMatch,
};
pub use snapshot::{Namespace, NamespaceId, Node, Service, ServicePort, ServiceType, Snapshot, TargetPort};
pub use verdict::{
    Assumption, Because, Boundary, Breach, Channel, ChannelReport, EnvironmentReport, Evidence, Fact,
    FactPeer, NamespaceChoice, PublicEntry, Report, Role, Step, Verdict, When,
};
pub use workload::{
    ContainerPort, ContainerRole, Pod, PodState, Replicas, Scheduling, Taint, TaintEffect, Toleration,
    WorkloadRef,
};
