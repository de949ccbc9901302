//! The ways in which implementations treat the administrator's policies. What opens in one of them may close in another,
//! so that each has to be followed by itself: in `may` something passes if it does in some world, in `must` if it does
//! in all.

use crate::{Reading, Refused};
use watertight_base::{AddressSet, ConnectionSet, PortSet};
use watertight_model::{
    Admission, ClusterPolicy, ContainerPort, ContainerRole, Pod, Snapshot, TierPeerKind, TierPortKind,
    TierRule,
};

/// An administrator's policy in force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActiveTier<'a> {
    /// The policy.
    pub(crate) policy: &'a ClusterPolicy,
    /// Whether it is surely there. One that may or may not be is read by half, as NetworkPolicies are.
    pub(crate) sure: bool,
}

/// One way to treat them.
#[derive(Debug, Clone)]
pub(crate) struct World<'a> {
    /// The policies in force, by tier and priority; none in a world that does not read them.
    pub(crate) tiers: Vec<ActiveTier<'a>>,
    /// Whether they are read.
    pub(crate) reads_tiers: bool,
    /// Whether `networks` match pods and nodes (rule N67).
    pub(crate) networks_match_cluster: bool,
    /// Whether a node that the input does not show has the labels that a peer asks for.
    pub(crate) unseen_nodes_match: bool,
    /// Whether port names on sidecars and init containers count (rule N30).
    side_names_count: bool,
    /// Which port a name means that several containers give.
    repeated_names: RepeatedNames,
}

/// Which port a name means that several containers give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RepeatedNames {
    All,
    First,
    Last,
}

impl<'a> World<'a> {
    /// The worlds that a reading has to hold in, the plainest first. Points that make no difference for this snapshot
    /// are not varied.
    pub(crate) fn all(snapshot: &'a Snapshot, reading: &Reading) -> Vec<Self> {
        let profile = reading.profile;
        let plain = Self {
            tiers: Vec::new(),
            reads_tiers: true,
            networks_match_cluster: true,
            unseen_nodes_match: profile.two_relations,
            side_names_count: profile.init_port_names.holds(true),
            repeated_names: RepeatedNames::All,
        };
        let in_force = |policy: &'a ClusterPolicy| {
            let doubted = profile.doubts_refused && policy.admission != Admission::Accepted;
            match reading.refused {
                Refused::Without if doubted => None,
                Refused::Either => Some(ActiveTier { policy, sure: !doubted }),
                Refused::With | Refused::Without => Some(ActiveTier { policy, sure: true }),
            }
        };
        let mut tiers: Vec<ActiveTier<'a>> = snapshot.cluster_policies.iter().filter_map(in_force).collect();
        if tiers.is_empty() {
            return vec![plain];
        }
        tiers.sort_by_key(|active| (active.policy.tier, active.policy.priority));
        let reads = profile.reads_cluster_policies.answers();
        let ignoring = reads.contains(&false).then(|| Self { reads_tiers: false, ..plain.clone() });
        let mut worlds = Vec::new();
        if reads.contains(&true) {
            worlds.push(Self { tiers, ..plain });
            let differ = Differ::of(snapshot);
            if differ.networks {
                vary(&mut worlds, profile.networks_match_cluster.answers(), |world, matches| {
                    world.networks_match_cluster = matches;
                });
            }
            if differ.nodes && profile.two_relations {
                vary(&mut worlds, &[true, false], |world, matches| world.unseen_nodes_match = matches);
            }
            if differ.names {
                vary(&mut worlds, profile.init_port_names.answers(), |world, count| {
                    world.side_names_count = count;
                });
                let repeated: &[RepeatedNames] = match profile.two_relations {
                    true => &[RepeatedNames::All, RepeatedNames::First, RepeatedNames::Last],
                    false => &[RepeatedNames::All],
                };
                vary(&mut worlds, repeated, |world, names| world.repeated_names = names);
            }
        }
        worlds.extend(ignoring);
        worlds
    }

    /// The connections behind a port name of a pod in a rule of a tier: each port with its own protocol (rule N69).
    pub(crate) fn named_port(&self, pod: &Pod, name: &str) -> ConnectionSet {
        let counts = |port: &&ContainerPort| {
            port.name.as_deref() == Some(name)
                && (port.container == ContainerRole::Main || self.side_names_count)
        };
        let all: Vec<&ContainerPort> = pod.ports.iter().filter(counts).collect();
        let meant = match self.repeated_names {
            RepeatedNames::All => all.as_slice(),
            RepeatedNames::First => all.get(..1).unwrap_or_default(),
            RepeatedNames::Last => all.last().map(std::slice::from_ref).unwrap_or_default(),
        };
        meant.iter().fold(ConnectionSet::empty(), |all, port| {
            all.union(&ConnectionSet::of(port.protocol, PortSet::single(port.number)))
        })
    }

    /// Whether a rule of a tier asks for the addresses of what is in the cluster.
    pub(crate) fn asks_for_addresses(&self) -> bool {
        let peers = self.tiers.iter().flat_map(|active| peers_out(active.policy));
        peers.into_iter().any(|peer| matches!(peer, TierPeerKind::Networks(_) | TierPeerKind::Nodes(_)))
    }
}

/// Replaces each world by one for each value of a further point.
fn vary<'a, T: Copy>(worlds: &mut Vec<World<'a>>, values: &[T], set: impl Fn(&mut World<'a>, T)) {
    for world in std::mem::take(worlds) {
        for &value in values {
            let mut world = world.clone();
            set(&mut world, value);
            worlds.push(world);
        }
    }
}

/// Which points could make a difference.
struct Differ {
    networks: bool,
    nodes: bool,
    names: bool,
}

impl Differ {
    fn of(snapshot: &Snapshot) -> Self {
        let has_peer =
            |is: fn(&TierPeerKind) -> bool| snapshot.cluster_policies.iter().flat_map(peers_out).any(is);
        let rules = snapshot.cluster_policies.iter().flat_map(rules);
        let mut ports = rules.flat_map(|rule| rule.ports.iter().flatten());
        let named = ports.any(|port| matches!(port.kind, TierPortKind::Named(_)));
        Self {
            networks: has_peer(|peer| matches!(peer, TierPeerKind::Networks(_))),
            nodes: has_peer(|peer| matches!(peer, TierPeerKind::Nodes(_))),
            names: named && snapshot.pods.iter().any(has_doubtful_names),
        }
    }
}

fn has_doubtful_names(pod: &Pod) -> bool {
    let named = |index: usize| pod.ports[..index].iter().filter_map(|port| port.name.as_deref());
    pod.ports.iter().enumerate().any(|(index, port)| {
        let name = port.name.as_deref();
        name.is_some_and(|name| {
            port.container != ContainerRole::Main || named(index).any(|before| before == name)
        })
    })
}

fn rules(policy: &ClusterPolicy) -> impl Iterator<Item = &TierRule> {
    policy.ingress.iter().chain(&policy.egress)
}

fn peers_out(policy: &ClusterPolicy) -> impl Iterator<Item = &TierPeerKind> {
    policy.egress.iter().flat_map(|rule| &rule.peers).map(|peer| &peer.kind)
}

/// The addresses of some networks together.
pub(crate) fn network_addresses(networks: &[ipnet::IpNet]) -> AddressSet {
    networks.iter().fold(AddressSet::empty(), |all, &net| all.union(&AddressSet::cidr(net)))
}
