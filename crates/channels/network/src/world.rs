//! The ways in which implementations treat the administrator's policies, and their faults. What opens in one of them may close in another,
//! so that each has to be followed by itself: in `may` something passes if it does in some world, in `must` if it does
//! in all.

use crate::profile::{Fault, Point};
use crate::{Reading, Refused};
use std::borrow::Cow;
use std::collections::BTreeMap;
use watertight_base::{AddressSet, ConnectionSet, LabelBox, Labels, PortSet};
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

/// One way to treat them, and the faults of whoever does.
#[derive(Debug, Clone)]
pub(crate) struct World<'a> {
    /// The policies in force, by tier and priority: those that are read.
    pub(crate) tiers: Vec<ActiveTier<'a>>,
    /// Whether all of them are.
    pub(crate) reads_tiers: bool,
    /// Whether `networks` match pods and nodes (rule N67).
    pub(crate) networks_match_cluster: bool,
    /// Whether a node that the input does not show has the labels that a peer asks for.
    pub(crate) unseen_nodes_match: bool,
    /// Whether port names on sidecars and init containers count (rule N30).
    side_names_count: bool,
    /// Which port a name means that several containers give.
    repeated_names: RepeatedNames,
    /// Against the specification.
    faults: Vec<Fault>,
    /// The one fault for whose sake the world is looked at, and whose it is, where the profile stands for many enforcers.
    pub(crate) for_the_sake_of: Option<(&'static str, Fault)>,
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
        let matters = |fault: &Fault| fault.matters(snapshot);
        let plain = Self {
            tiers: Vec::new(),
            reads_tiers: true,
            networks_match_cluster: true,
            unseen_nodes_match: profile.two_relations,
            side_names_count: profile.init_port_names.holds(true),
            repeated_names: RepeatedNames::All,
            faults: Vec::new(),
            for_the_sake_of: None,
        };
        let mut worlds = plain.by_tiers(snapshot, reading);
        // Each fault by itself, so that what it opens can be told, and then those of one enforcer together.
        let mut sets: Vec<(&'static str, Vec<Fault>)> = Vec::new();
        let mut together: BTreeMap<&'static str, Vec<Fault>> = BTreeMap::new();
        for (title, fault) in profile.all_faults().filter(|(_, fault)| matters(fault)) {
            if !sets.iter().any(|(_, known)| known[..] == [fault]) {
                sets.push((title, vec![fault]));
            }
            together.entry(title).or_default().push(fault);
        }
        sets.extend(together.into_iter().filter(|(_, faults)| faults.len() > 1));
        let plain = worlds.clone();
        for (title, faults) in sets {
            worlds.extend(plain.iter().map(|world| {
                let for_the_sake_of = faults.first().map(|&fault| (title, fault));
                let mut world = Self { faults: faults.clone(), for_the_sake_of, ..world.clone() };
                world.drop_unread_policies();
                world
            }));
        }
        worlds
    }

    /// The ways to treat the administrator's policies. Never none.
    fn by_tiers(self, snapshot: &'a Snapshot, reading: &Reading) -> Vec<Self> {
        let profile = reading.profile;
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
            return vec![self];
        }
        tiers.sort_by_key(|active| (active.policy.tier, active.policy.priority));
        let mut worlds = Vec::new();
        let has = |newer: bool| tiers.iter().any(|active| is_newer(active.policy) == newer);
        let answers = |newer: bool, point: Point| if has(newer) { point.answers() } else { &[true] };
        for &newer in answers(true, profile.reads_cluster_network_policy) {
            for &older in answers(false, profile.reads_admin_network_policy) {
                let read = |active: &&ActiveTier<'a>| if is_newer(active.policy) { newer } else { older };
                let tiers = tiers.iter().filter(read).copied().collect();
                worlds.push(Self { tiers, reads_tiers: newer && older, ..self.clone() });
            }
        }
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
        worlds
    }

    /// Leaves out the policies that a fault drops.
    fn drop_unread_policies(&mut self) {
        if self.has(Fault::DropsPoliciesWithNodesOrNames) {
            let unread =
                |peer: &TierPeerKind| matches!(peer, TierPeerKind::Nodes(_) | TierPeerKind::DomainNames(_));
            self.tiers.retain(|active| !peers_out(active.policy).any(unread));
        }
    }

    /// Whether whoever enforces has this fault.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// The labels of a pod as selectors see them.
    pub(crate) fn seen<'l>(&self, labels: &'l Labels) -> Cow<'l, Labels> {
        let hidden = self.hidden();
        if hidden.is_empty() {
            return Cow::Borrowed(labels);
        }
        let seen = labels.iter().filter(|(key, _)| !hidden.contains(&key.as_str()));
        Cow::Owned(seen.map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// What selectors could see of the pods of a box.
    pub(crate) fn seen_of(&self, labels: &LabelBox) -> LabelBox {
        labels.clone().hiding(self.hidden())
    }

    /// The keys of labels that selectors do not see.
    pub(crate) fn hidden(&self) -> &'static [&'static str] {
        let hidden = self.faults.iter().find_map(|fault| match fault {
            Fault::HiddenLabels(keys) => Some(*keys),
            _ => None,
        });
        hidden.unwrap_or_default()
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
        self.asks_for_nodes() || self.has_peer_out(|peer| matches!(peer, TierPeerKind::Networks(_)))
    }

    /// Whether a rule of a tier asks which node something is.
    pub(crate) fn asks_for_nodes(&self) -> bool {
        self.has_peer_out(|peer| matches!(peer, TierPeerKind::Nodes(_)))
    }

    fn has_peer_out(&self, is: impl Fn(&TierPeerKind) -> bool) -> bool {
        self.tiers.iter().flat_map(|active| peers_out(active.policy)).any(is)
    }
}

/// Whether it is a ClusterNetworkPolicy, rather than one of the kinds before it.
fn is_newer(policy: &ClusterPolicy) -> bool {
    policy.origin.object.kind == "ClusterNetworkPolicy"
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
