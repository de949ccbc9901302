//! How what the specification leaves open is read: a profile of a network plugin, as plain facts.
//!
//! The profiles of the engine are data, which its tests hand over as a [`Reading`]. What follows from them is decided
//! here anew.

use crate::choices::{Finality, OpenPoints, RepeatedNames, Ties};
use crate::faults::Faults;
use watertight_model::Relation;

/// The answers that implementations give to a yes-or-no question. Never an empty list.
pub type Answers = &'static [bool];

/// All do it.
pub const ALWAYS: Answers = &[true];
/// None does it.
pub const NEVER: Answers = &[false];
/// Some do, some do not.
pub const VARIES: Answers = &[true, false];

/// A profile: for each open point what its implementations do.
///
/// Points of NetworkPolicy are read one by one, each as the relation wants it: no answer to one of them makes another
/// matter less. Points of the admin tiers, where more can mean less, are the [`OpenPoints`] of whole worlds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Whether anything enforces policies (rule N54).
    pub enforces: bool,
    /// Whether nodes take part. If not, hostNetwork pods are ordinary pods, and the points about nodes are not asked.
    pub nodes: bool,
    /// Whether IPv6 takes part.
    pub ipv6: bool,
    /// Whether labels of namespaces that the input does not show could be anything (convention 9).
    pub unknown_labels: bool,
    /// Whether the two relations differ. If not, both are read as may, and nothing is known but what the input shows.
    pub two_relations: bool,
    /// Whether a pod can always open connections to its own node (rule N35).
    pub pod_to_own_node: Answers,
    /// Whether policies that select a hostNetwork pod apply to it (rule N37).
    pub covers_host_network: Answers,
    /// Whether a selector in a peer matches hostNetwork pods (rule N38).
    pub selects_host_network: Answers,
    /// Whether an ipBlock matches nodes, and what comes under their addresses (rule N36).
    pub ip_block_matches_nodes: Answers,
    /// Whether a connection can arrive under a node's address (rule N40).
    pub rewrites_sources: Answers,
    /// Whether an ipBlock matches pods (rule N43).
    pub ip_block_matches_pods: Answers,
    /// Whether `endPort` is understood (rule N25).
    pub end_port: Answers,
    /// Whether port names on sidecars and init containers count in a NetworkPolicy (rule N30).
    pub side_names_count: Answers,
    /// What belongs to whole worlds: the admin tiers, and faults.
    pub open: OpenPoints,
}

impl Reading {
    /// Some implementation that keeps to the specification: whatever it leaves open varies.
    pub const CONFORMING: Self = Self {
        enforces: true,
        nodes: true,
        ipv6: true,
        unknown_labels: true,
        two_relations: true,
        pod_to_own_node: VARIES,
        covers_host_network: VARIES,
        selects_host_network: VARIES,
        ip_block_matches_nodes: VARIES,
        rewrites_sources: VARIES,
        ip_block_matches_pods: VARIES,
        end_port: VARIES,
        side_names_count: VARIES,
        open: OpenPoints {
            reads_cluster_network_policy: VARIES,
            reads_admin_network_policy: VARIES,
            finality: &[Finality::PerPod, Finality::PerDirection],
            ties: &[Ties::AcceptFirst, Ties::DenyFirst],
            networks_match_cluster: VARIES,
            domain_names_match: VARIES,
            side_names_count: VARIES,
            repeated_names: &[RepeatedNames::All, RepeatedNames::First, RepeatedNames::Last],
            unseen_nodes_match: VARIES,
            faults: &[],
        },
    };

    /// The profile `none`: nothing enforces policies (rule N54).
    pub const UNENFORCED: Self = Self { enforces: false, ..Self::CONFORMING };

    /// What the policies say, read alone: ipBlocks are outside the cluster only, hostNetwork pods are ordinary pods,
    /// nodes are ignored, IPv4 only.
    ///
    /// It leaves nothing open, so that its two relations are one: the tiers are enforced, `networks` match pods and nodes
    /// as the text says, and NetworkPolicy is final in the direction in which it isolates, as rule N1 has it. Where even
    /// the text read alone says nothing (which of two equals comes first, what a name resolves to), it takes what lets
    /// more pass.
    pub const DECLARED: Self = Self {
        enforces: true,
        nodes: false,
        ipv6: false,
        unknown_labels: false,
        two_relations: false,
        pod_to_own_node: NEVER,
        covers_host_network: ALWAYS,
        selects_host_network: ALWAYS,
        ip_block_matches_nodes: NEVER,
        rewrites_sources: NEVER,
        ip_block_matches_pods: NEVER,
        end_port: ALWAYS,
        side_names_count: NEVER,
        open: OpenPoints {
            reads_cluster_network_policy: ALWAYS,
            reads_admin_network_policy: ALWAYS,
            finality: &[Finality::PerDirection],
            ties: &[Ties::AcceptFirst],
            networks_match_cluster: ALWAYS,
            domain_names_match: ALWAYS,
            side_names_count: NEVER,
            repeated_names: &[RepeatedNames::All],
            unseen_nodes_match: NEVER,
            faults: &[],
        },
    };

    /// The same with the faults of these enforcers, each of which has all of its own.
    #[must_use]
    pub const fn with_faults(mut self, faults: &'static [Faults]) -> Self {
        self.open.faults = faults;
        self
    }

    /// Whether connections can arrive under a node's address in some implementation.
    pub(crate) fn may_rewrite_sources(&self) -> bool {
        self.nodes && self.rewrites_sources.contains(&true)
    }

    /// Whether every world counts, and not just one.
    pub(crate) fn is_strict(&self, relation: Relation) -> bool {
        self.two_relations && relation == Relation::Must
    }

    /// The answer that the relation takes of those that are possible: in may the one that opens more.
    pub(crate) fn answer(&self, answers: Answers, opening: bool, relation: Relation) -> bool {
        let wanted = if self.is_strict(relation) { !opening } else { opening };
        if answers.contains(&wanted) { wanted } else { !wanted }
    }
}
