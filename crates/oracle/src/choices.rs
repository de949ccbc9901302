//! What makes one world differ from another: what the specifications leave open about the admin tiers, and the faults of
//! enforcers. One value for each point, and which values a reading allows.
//!
//! A [`Choices`] is one implementation, as far as these points go: a connection is looked at under one of them from end
//! to end. In may it passes if some implementation lets it pass, in must if all do.

use crate::endpoint::{ConcretePod, Endpoint};
use crate::faults::Faults;
use crate::reading::{ALWAYS, Answers, Reading};
use std::collections::BTreeSet;
use watertight_model::{
    ClusterPolicy, ContainerRole, Snapshot, Tier, TierPeerKind, TierPort, TierPortKind, TierRule,
};

/// When a NetworkPolicy keeps a pod's connections from the tier Baseline (rule N63).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finality {
    /// In the directions in which it isolates the pod.
    PerDirection,
    /// In both directions, as soon as it selects the pod.
    PerPod,
}

/// Which policy applies where several of one tier and one priority match (rule N59).
///
/// Any order of the policies is possible, anew for each connection. What an order decides is which of the actions that
/// match comes first, and a Deny never lets more pass than a Pass, nor a Pass more than an Accept: so these two orders
/// bound all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ties {
    /// One that accepts before one that passes, and that before one that denies.
    AcceptFirst,
    /// The other way round.
    DenyFirst,
}

/// Which ports a name means that several containers of a pod give (rules N30, N69).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RepeatedNames {
    /// All of them.
    All,
    /// The first one.
    First,
    /// The last one.
    Last,
}

/// One way to resolve every open point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Choices {
    /// Whether ClusterNetworkPolicy is read: many plugins do not know it.
    pub reads_cluster_network_policy: bool,
    /// Whether its forerunners AdminNetworkPolicy and BaselineAdminNetworkPolicy are read.
    pub reads_admin_network_policy: bool,
    /// What NetworkPolicy is final for (rule N63).
    pub finality: Finality,
    /// Which of equals comes first (rule N59).
    pub ties: Ties,
    /// Whether `networks` match the addresses of pods and nodes, as the text says (rule N67), or outside only.
    pub networks_match_cluster: bool,
    /// Whether a name in DNS resolves to the destination (rule N70). The attacker may well own the zone.
    pub domain_names_match: bool,
    /// Whether port names on sidecars and init containers count (rule N30).
    pub side_names_count: bool,
    /// What a repeated port name means.
    pub repeated_names: RepeatedNames,
    /// Whether a node that the snapshot does not hold has the labels that a peer asks for (rule N66).
    pub unseen_nodes_match: bool,
    /// What the enforcer does against the specification.
    pub faults: Faults,
}

impl Choices {
    /// Whether policies of the kind of this one are read.
    pub(crate) fn reads(&self, policy: &ClusterPolicy) -> bool {
        match is_cluster_network_policy(policy) {
            true => self.reads_cluster_network_policy,
            false => self.reads_admin_network_policy,
        }
    }

    /// Whether policies of some kind of the admin tiers are read.
    pub(crate) fn reads_tiers(&self) -> bool {
        self.reads_cluster_network_policy || self.reads_admin_network_policy
    }
}

/// For each point the choices that some implementation makes, or that some cluster could be. Never an empty list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenPoints {
    /// For [`Choices::reads_cluster_network_policy`].
    pub reads_cluster_network_policy: Answers,
    /// For [`Choices::reads_admin_network_policy`].
    pub reads_admin_network_policy: Answers,
    /// For [`Choices::finality`].
    pub finality: &'static [Finality],
    /// For [`Choices::ties`].
    pub ties: &'static [Ties],
    /// For [`Choices::networks_match_cluster`].
    pub networks_match_cluster: Answers,
    /// For [`Choices::domain_names_match`].
    pub domain_names_match: Answers,
    /// For [`Choices::side_names_count`].
    pub side_names_count: Answers,
    /// For [`Choices::repeated_names`].
    pub repeated_names: &'static [RepeatedNames],
    /// For [`Choices::unseen_nodes_match`].
    pub unseen_nodes_match: Answers,
    /// For [`Choices::faults`]: all that an enforcer has, for each enforcer. A world may have none of them, any one, or
    /// all of one enforcer.
    pub faults: &'static [Faults],
}

impl OpenPoints {
    /// What a plugin that follows the text of the admin tiers can do: only what the text itself leaves undefined is open.
    pub const SPECIFIED: Self = Self {
        reads_cluster_network_policy: ALWAYS,
        reads_admin_network_policy: ALWAYS,
        networks_match_cluster: ALWAYS,
        ..Reading::CONFORMING.open
    };

    /// Every combination. Of points that make no difference to connections to this destination only the first choice.
    #[must_use]
    pub fn choices(&self, snapshot: &Snapshot, destination: &Endpoint) -> Vec<Choices> {
        let policies = &snapshot.cluster_policies;
        let first = Choices {
            reads_cluster_network_policy: false,
            reads_admin_network_policy: false,
            finality: self.finality[0],
            ties: self.ties[0],
            networks_match_cluster: self.networks_match_cluster[0],
            domain_names_match: self.domain_names_match[0],
            side_names_count: self.side_names_count[0],
            repeated_names: self.repeated_names[0],
            unseen_nodes_match: self.unseen_nodes_match[0],
            faults: Faults::NONE,
        };
        let mut kinds = vec![first];
        let has_new = policies.iter().any(is_cluster_network_policy);
        vary(&mut kinds, has_new, self.reads_cluster_network_policy, |choices, value| {
            choices.reads_cluster_network_policy = value;
        });
        let has_old = !policies.iter().all(is_cluster_network_policy);
        vary(&mut kinds, has_old, self.reads_admin_network_policy, |choices, value| {
            choices.reads_admin_network_policy = value;
        });
        let mut found = Vec::new();
        for choices in kinds {
            let mut worlds = vec![choices];
            if choices.reads_tiers() {
                self.vary_tiers(&mut worlds, &Matters::to(snapshot, destination));
            }
            let faults = Faults::worlds(self.faults, snapshot, choices.reads_tiers());
            for choices in worlds {
                found.extend(faults.iter().map(|&faults| Choices { faults, ..choices }));
            }
        }
        found
    }

    fn vary_tiers(&self, worlds: &mut Vec<Choices>, matters: &Matters) {
        vary(worlds, matters.finality, self.finality, |choices, value| choices.finality = value);
        vary(worlds, matters.ties, self.ties, |choices, value| choices.ties = value);
        vary(worlds, matters.networks, self.networks_match_cluster, |choices, value| {
            choices.networks_match_cluster = value;
        });
        vary(worlds, matters.domain_names, self.domain_names_match, |choices, value| {
            choices.domain_names_match = value;
        });
        vary(worlds, matters.names, self.side_names_count, |choices, value| {
            choices.side_names_count = value;
        });
        vary(worlds, matters.names, self.repeated_names, |choices, value| choices.repeated_names = value);
        vary(worlds, matters.nodes, self.unseen_nodes_match, |choices, value| {
            choices.unseen_nodes_match = value;
        });
    }
}

/// Whether it is of the kind of `v1alpha2`, and not of the older ones (rule N71).
fn is_cluster_network_policy(policy: &ClusterPolicy) -> bool {
    policy.origin.object.kind == "ClusterNetworkPolicy"
}

/// Replaces each combination by one for each value of a further point.
fn vary<T: Copy>(
    combinations: &mut Vec<Choices>,
    matters: bool,
    values: &[T],
    set: impl Fn(&mut Choices, T),
) {
    if !matters {
        return;
    }
    let before = std::mem::take(combinations);
    for mut choices in before {
        for &value in values {
            set(&mut choices, value);
            combinations.push(choices);
        }
    }
}

/// Which points could make a difference to connections to one destination. Each of them is left out only where it surely
/// makes none.
struct Matters {
    finality: bool,
    ties: bool,
    networks: bool,
    domain_names: bool,
    names: bool,
    nodes: bool,
}

impl Matters {
    fn to(snapshot: &Snapshot, destination: &Endpoint) -> Self {
        let policies = &snapshot.cluster_policies;
        let mut seen = BTreeSet::new();
        let has_peer = |is: fn(&TierPeerKind) -> bool| {
            policies
                .iter()
                .flat_map(|policy| &policy.egress)
                .flat_map(|rule| &rule.peers)
                .any(|peer| is(&peer.kind))
        };
        let has_names = || {
            let ports = policies.iter().flat_map(tier_rules).flat_map(|rule| rule.ports.iter().flatten());
            ports.into_iter().any(|port: &TierPort| matches!(port.kind, TierPortKind::Named(_)))
        };
        Self {
            finality: !snapshot.policies.is_empty()
                && policies.iter().any(|policy| policy.tier == Tier::Baseline),
            ties: !policies.iter().all(|policy| seen.insert((policy.tier, policy.priority))),
            networks: !matches!(destination, Endpoint::Outside(_))
                && has_peer(|kind| matches!(kind, TierPeerKind::Networks(_))),
            domain_names: has_peer(|kind| matches!(kind, TierPeerKind::DomainNames(_))),
            names: destination.pod().is_some_and(has_doubtful_names) && has_names(),
            nodes: destination.is_on_the_host() && has_peer(|kind| matches!(kind, TierPeerKind::Nodes(_))),
        }
    }
}

/// Whether implementations could differ on what some port name of the pod means.
fn has_doubtful_names(pod: &ConcretePod) -> bool {
    let mut seen = BTreeSet::new();
    pod.ports.iter().any(|port| {
        port.name.is_some() && (port.container != ContainerRole::Main || !seen.insert(&port.name))
    })
}

/// Every rule of a cluster policy, of both directions.
pub(crate) fn tier_rules(policy: &ClusterPolicy) -> impl Iterator<Item = &TierRule> {
    policy.ingress.iter().chain(&policy.egress)
}
