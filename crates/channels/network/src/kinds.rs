//! What policies can see of a pod or a node: those of which they see the same are of one kind, and one stands for all.

use crate::rule::pods_of;
use crate::view::{View, block_addresses};
use crate::world::network_addresses;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watertight_base::{AddressPartition, AddressSet, Labels, Operator, Protocol, Selector};
use watertight_model::{
    ClusterPolicy, ContainerPort, ContainerRole, NamespaceId, NetworkPolicy, Node, PeerKind, Pod, PortMatch,
    Snapshot, TierPeerKind, TierPortKind,
};

/// The number of a kind.
pub(crate) type Kind = usize;

/// The kinds of one view, numbered as they are met.
pub(crate) struct Kinds<'a> {
    // By label key: the values that selectors tell from all others.
    values: BTreeMap<&'a str, BTreeSet<&'a str>>,
    port_names: BTreeSet<&'a str>,
    /// The addresses, cut by the blocks that policies name.
    pub(crate) partition: AddressPartition,
    // By namespace, the blocks that policies about its pods name: indices into what the addresses are cut by.
    blocks_about: BTreeMap<NamespaceId, BTreeSet<usize>>,
    // Whether policies of the administrator ask for more of a node than the blocks that hold it.
    nodes_by_themselves: bool,
    known: BTreeMap<Seen<'a>, Kind>,
}

/// What policies see.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Seen<'a> {
    Pod {
        namespace: NamespaceId,
        // A value that no selector mentions is `None`.
        labels: Vec<(&'a str, Option<&'a str>)>,
        named_ports: Vec<(&'a str, Protocol, u16, bool)>,
        place: Place<'a>,
    },
    Node(Place<'a>),
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place<'a> {
    /// In the pod network: the cells of its addresses, if they are known, and their families.
    Pods(Option<(BTreeSet<usize>, BTreeSet<bool>)>),
    /// A node, or on its network. Where a policy can ask for one node, the node itself.
    Host(Option<(BTreeSet<usize>, BTreeSet<bool>)>, Option<(&'a [IpAddr], Option<&'a str>)>),
}

impl<'a> Kinds<'a> {
    /// What the policies of a view ask for.
    pub(crate) fn of(view: &View<'a>) -> Self {
        let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for requirement in pod_selectors(view.snapshot).flat_map(|selector| &selector.requirements) {
            let mentioned = values.entry(requirement.key.as_str()).or_default();
            if matches!(requirement.operator, Operator::In | Operator::NotIn) {
                mentioned.extend(requirement.values.iter().map(String::as_str));
            }
        }
        let Blocks { by_namespace, of_tiers } = Blocks::of(view.snapshot);
        let all: BTreeSet<&AddressSet> = by_namespace.values().flatten().chain(&of_tiers).collect();
        let all: Vec<AddressSet> = all.into_iter().cloned().collect();
        let number = |block: &AddressSet| all.binary_search(block).ok();
        let blocks_about = view.snapshot.namespace_ids().map(|id| {
            let own = by_namespace.get(&id).into_iter().flatten();
            (id, own.chain(&of_tiers).filter_map(number).collect())
        });
        Self {
            values,
            port_names: port_names(view.snapshot),
            blocks_about: blocks_about.collect(),
            partition: AddressPartition::by(&all),
            nodes_by_themselves: view.worlds.iter().any(|world| world.asks_for_addresses()),
            known: BTreeMap::new(),
        }
    }

    /// The blocks that policies about the pods of a namespace name: indices into what the addresses are cut by.
    pub(crate) fn blocks_about(&self, namespace: NamespaceId) -> &BTreeSet<usize> {
        const NONE: &BTreeSet<usize> = &BTreeSet::new();
        self.blocks_about.get(&namespace).unwrap_or(NONE)
    }

    /// The label keys that some selector of pods asks for, with a pod's values for them.
    pub(crate) fn asked_for<'p>(&self, labels: &'p Labels) -> impl Iterator<Item = (&'p String, &'p String)> {
        labels.iter().filter(|(key, _)| self.values.contains_key(key.as_str()))
    }

    /// The kind of a pod.
    pub(crate) fn of_pod(&mut self, view: &View<'a>, pod: &'a Pod) -> Kind {
        let labels = pod.labels.iter().filter_map(|(key, value)| {
            let mentioned = self.values.get(key.as_str())?;
            Some((key.as_str(), Some(value.as_str()).filter(|value| mentioned.contains(value))))
        });
        let named = |port: &'a ContainerPort| {
            let name = port.name.as_deref().filter(|name| self.port_names.contains(name))?;
            Some((name, port.protocol, port.number, port.container == ContainerRole::Main))
        };
        let place = if view.on_host_network(pod) {
            let node = pod.scheduling.node_name.as_deref();
            let of_node = node.and_then(|name| view.node_named(name)).map(|node| node.addresses.as_slice());
            let addresses = if pod.addresses.is_empty() { of_node.unwrap_or(&[]) } else { &pod.addresses };
            let itself = self.nodes_by_themselves.then_some((pod.addresses.as_slice(), node));
            Place::Host(self.cells(addresses), itself)
        } else {
            Place::Pods(self.cells(&pod.addresses))
        };
        let seen = Seen::Pod {
            namespace: pod.namespace,
            labels: labels.collect(),
            named_ports: pod.ports.iter().filter_map(named).collect(),
            place,
        };
        self.number(seen)
    }

    /// The kind of a node.
    pub(crate) fn of_node(&mut self, node: &'a Node) -> Kind {
        let itself = self.nodes_by_themselves.then_some((&[][..], Some(node.name.as_str())));
        let place = Place::Host(self.cells(&node.addresses), itself);
        self.number(Seen::Node(place))
    }

    fn cells(&self, addresses: &[IpAddr]) -> Option<(BTreeSet<usize>, BTreeSet<bool>)> {
        let cells = addresses.iter().map(|&address| self.partition.cell_of(address)).collect();
        let families = addresses.iter().map(IpAddr::is_ipv4).collect();
        (!addresses.is_empty()).then_some((cells, families))
    }

    fn number(&mut self, seen: Seen<'a>) -> Kind {
        let next = self.known.len();
        *self.known.entry(seen).or_insert(next)
    }
}

/// Every selector of pods in a policy.
pub(crate) fn pod_selectors(snapshot: &Snapshot) -> impl Iterator<Item = &Selector> {
    let of_policies = snapshot.policies.iter().flat_map(pod_selectors_of_policy);
    of_policies.chain(snapshot.cluster_policies.iter().flat_map(pod_selectors_of_cluster_policy))
}

/// The selectors of pods in a NetworkPolicy.
pub(crate) fn pod_selectors_of_policy(policy: &NetworkPolicy) -> impl Iterator<Item = &Selector> {
    let rules = policy.ingress.iter().chain(&policy.egress);
    let peers = rules.flat_map(|rule| rule.peers.iter().flatten());
    peers.filter_map(|peer| pods_of(&peer.kind)).chain([&policy.subject])
}

/// The selectors of pods in an administrator's policy.
pub(crate) fn pod_selectors_of_cluster_policy(policy: &ClusterPolicy) -> impl Iterator<Item = &Selector> {
    let peers = policy.ingress.iter().chain(&policy.egress).flat_map(|rule| &rule.peers);
    let selectors = peers.filter_map(|peer| match &peer.kind {
        TierPeerKind::Pods { pods, .. } => Some(pods),
        _ => None,
    });
    selectors.chain([&policy.subject.pods])
}

/// The port names that policies mention.
fn port_names(snapshot: &Snapshot) -> BTreeSet<&str> {
    let rules = snapshot.policies.iter().flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
    let of_policies =
        rules.flat_map(|rule| rule.ports.iter().flatten()).filter_map(|port| match &port.port {
            PortMatch::Named(name) => Some(name.as_str()),
            _ => None,
        });
    let rules =
        snapshot.cluster_policies.iter().flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
    let of_tiers = rules.flat_map(|rule| rule.ports.iter().flatten()).filter_map(|port| match &port.kind {
        TierPortKind::Named(name) => Some(name.as_str()),
        _ => None,
    });
    of_policies.chain(of_tiers).collect()
}

/// The blocks of addresses that policies name.
#[derive(Default)]
struct Blocks {
    by_namespace: BTreeMap<NamespaceId, BTreeSet<AddressSet>>,
    of_tiers: BTreeSet<AddressSet>,
}

impl Blocks {
    fn of(snapshot: &Snapshot) -> Self {
        let mut blocks = Self::default();
        for policy in &snapshot.policies {
            let rules = policy.ingress.iter().chain(&policy.egress);
            for peer in rules.flat_map(|rule| rule.peers.iter().flatten()) {
                if let PeerKind::IpBlock { cidr, except } = &peer.kind {
                    let own = blocks.by_namespace.entry(policy.namespace).or_default();
                    own.insert(block_addresses(*cidr, except));
                }
            }
        }
        let rules = snapshot.cluster_policies.iter().flat_map(|policy| &policy.egress);
        for peer in rules.flat_map(|rule| &rule.peers) {
            if let TierPeerKind::Networks(networks) = &peer.kind {
                blocks.of_tiers.insert(network_addresses(networks));
            }
        }
        blocks
    }
}
