//! What policies can see of a pod or a node: those of which they see the same are of one kind, and one stands for all.

use crate::pair::Endpoint;
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
    // By kind: one that stands for it.
    ends: Vec<Endpoint<'a>>,
    by_namespace: BTreeMap<NamespaceId, Vec<Kind>>,
    hosts: Vec<u32>,
    // Equal ports by name, and equal places, have equal numbers.
    known_ports: BTreeMap<NamedPorts<'a>, u32>,
    ports: Vec<u32>,
    known_places: BTreeMap<Place<'a>, u32>,
    places: Vec<u32>,
}

/// The ports by name that policies mention: name, protocol, number, and whether a main container has it.
type NamedPorts<'a> = Vec<(&'a str, Protocol, u16, bool)>;

/// What policies see.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Seen<'a> {
    Pod {
        namespace: NamespaceId,
        // A value that no selector mentions is `None`.
        labels: Vec<(&'a str, Option<&'a str>)>,
        named_ports: NamedPorts<'a>,
        place: Place<'a>,
    },
    Node(Place<'a>),
}

/// The cells of some addresses, and their families; `None` if no address is known.
type Cells = Option<(BTreeSet<usize>, BTreeSet<bool>)>;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place<'a> {
    /// In the pod network: the cells of its addresses, if they are known, and their families.
    Pods(Cells),
    /// A node, or on its network: its own addresses and those of the node. Where a policy can ask for one node, the node
    /// itself.
    Host(Cells, Cells, Option<(&'a [IpAddr], Option<&'a str>)>),
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
            nodes_by_themselves: view.worlds.iter().any(|world| world.asks_for_nodes()),
            known: BTreeMap::new(),
            ends: Vec::new(),
            by_namespace: BTreeMap::new(),
            hosts: Vec::new(),
            known_ports: BTreeMap::new(),
            ports: Vec::new(),
            known_places: BTreeMap::new(),
            places: Vec::new(),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One that stands for all of a kind.
    pub(crate) fn end(&self, kind: Kind) -> Endpoint<'a> {
        self.ends[kind]
    }

    /// The kinds of pods of a namespace.
    pub(crate) fn within(&self, namespace: NamespaceId) -> &[Kind] {
        self.by_namespace.get(&namespace).map_or(&[], Vec::as_slice)
    }

    /// By kind, whether it is on the network of a node: 1 or 0.
    pub(crate) fn hosts(&self) -> &[u32] {
        &self.hosts
    }

    /// By kind, a number for its ports by name.
    pub(crate) fn all_ports(&self) -> &[u32] {
        &self.ports
    }

    /// The number for the ports by name of one kind.
    pub(crate) fn ports(&self, kind: Kind) -> u32 {
        self.ports[kind]
    }

    /// By kind, a number for where it is: for the blocks that hold its addresses.
    pub(crate) fn places(&self) -> &[u32] {
        &self.places
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
            let itself = self.nodes_by_themselves.then_some((pod.addresses.as_slice(), node));
            Place::Host(self.cells(&pod.addresses), self.cells(of_node.unwrap_or(&[])), itself)
        } else {
            Place::Pods(self.cells(&pod.addresses))
        };
        let seen = Seen::Pod {
            namespace: pod.namespace,
            labels: labels.collect(),
            named_ports: pod.ports.iter().filter_map(named).collect(),
            place,
        };
        self.number(Endpoint::Pod(pod), seen)
    }

    /// The kind of a node.
    pub(crate) fn of_node(&mut self, node: &'a Node) -> Kind {
        let itself = self.nodes_by_themselves.then_some((&[][..], Some(node.name.as_str())));
        let place = Place::Host(None, self.cells(&node.addresses), itself);
        self.number(Endpoint::Node(node), Seen::Node(place))
    }

    fn cells(&self, addresses: &[IpAddr]) -> Cells {
        let cells = addresses.iter().map(|&address| self.partition.cell_of(address)).collect();
        let families = addresses.iter().map(IpAddr::is_ipv4).collect();
        (!addresses.is_empty()).then_some((cells, families))
    }

    fn number(&mut self, end: Endpoint<'a>, seen: Seen<'a>) -> Kind {
        let next = self.known.len();
        let (namespace, named_ports, place) = match &seen {
            Seen::Pod { namespace, named_ports, place, .. } => {
                (Some(*namespace), named_ports.clone(), place.clone())
            }
            Seen::Node(place) => (None, Vec::new(), place.clone()),
        };
        let kind = *self.known.entry(seen).or_insert(next);
        if kind == next {
            self.ends.push(end);
            self.hosts.push(u32::from(matches!(place, Place::Host(..))));
            self.ports.push(number_of(&mut self.known_ports, named_ports));
            self.places.push(number_of(&mut self.known_places, place));
            if let Some(namespace) = namespace {
                self.by_namespace.entry(namespace).or_default().push(kind);
            }
        }
        kind
    }
}

/// The number of something among what is known, in the order in which it was met.
fn number_of<T: Ord>(known: &mut BTreeMap<T, u32>, what: T) -> u32 {
    let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
    *known.entry(what).or_insert(next)
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
