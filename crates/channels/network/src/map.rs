//! Who can open a connection to whom, workload by workload.

use crate::direction::Direction;
use crate::pair::Endpoint;
use crate::view::{View, block_addresses};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watertight_base::{AddressSet, ConnectionSet, Labels, Protocol};
use watertight_model::{
    ConnectivityMap, ContainerPort, ContainerRole, Edge, Peer, PeerKind, Pod, Relation, Replicas,
};

/// The whole map of one reading.
pub(crate) fn connectivity(view: &View<'_>, relation: Relation) -> ConnectivityMap {
    let groups = workloads(view);
    let cells = outside_cells(view);
    let mut edges = Vec::new();
    for (from, sources) in &groups {
        for (to, targets) in &groups {
            push(&mut edges, from, to, between(view, sources, targets));
        }
    }
    if view.profile.nodes {
        for node in &view.snapshot.nodes {
            let peer = Peer::Node { name: node.name.clone() };
            let end = Endpoint::Node(node);
            for (other, pods) in &groups {
                push(&mut edges, &peer, other, inward(view, end, pods));
                push(&mut edges, other, &peer, outward(view, pods, end));
            }
        }
    }
    edges.extend(outside_edges(view, &groups, &cells));
    edges.sort();
    ConnectivityMap { relation, edges }
}

fn push(edges: &mut Vec<Edge>, from: &Peer, to: &Peer, allow: ConnectionSet) {
    if !allow.is_empty() {
        edges.push(Edge { from: from.clone(), to: to.clone(), allow });
    }
}

/// The pods of each peer, by sort.
pub(crate) type Groups<'a> = BTreeMap<Peer, Vec<Sort<'a>>>;

/// Pods of one peer that no policy in force can tell apart: the first stands for all of them, save where it matters on
/// which node each runs. Never empty.
#[derive(Debug)]
pub(crate) struct Sort<'a>(Vec<&'a Pod>);

impl<'a> Sort<'a> {
    /// The pod that stands for all.
    pub(crate) fn one(&self) -> Endpoint<'a> {
        Endpoint::Pod(self.0[0])
    }

    /// Whether there is only one such pod, so that what the sort opens to itself is a pod's traffic to itself.
    pub(crate) fn is_single(&self) -> bool {
        self.0.len() == 1 && self.0[0].replicas == Replicas::One
    }

    /// Whether a pod of that name is among them.
    pub(crate) fn holds_pod_named(&self, name: &str) -> bool {
        self.0.iter().any(|pod| pod.origin.object.name == name)
    }

    fn each(&self) -> impl Iterator<Item = Endpoint<'a>> {
        self.0.iter().map(|&pod| Endpoint::Pod(pod))
    }
}

/// What the policies in force see of a pod besides its labels.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Seen<'a> {
    named_ports: Vec<(&'a str, Protocol, u16, bool)>,
    // Which blocks hold it; `None` where its address is not known.
    in_blocks: Option<Vec<bool>>,
    // On the host network, what gives it its address.
    on_host: Option<(&'a [IpAddr], Option<&'a str>)>,
    replicas: bool,
}

impl<'a> Seen<'a> {
    fn of(view: &View<'_>, blocks: &BTreeSet<AddressSet>, pod: &'a Pod) -> Self {
        let on_host = view.on_host_network(pod);
        let holds = |block: &AddressSet| pod.addresses.iter().any(|&address| block.contains(address));
        let known = !on_host && !pod.addresses.is_empty();
        let named = |port: &'a ContainerPort| {
            let main = port.container == ContainerRole::Main;
            Some((port.name.as_deref()?, port.protocol, port.number, main))
        };
        Self {
            named_ports: pod.ports.iter().filter_map(named).collect(),
            in_blocks: known.then(|| blocks.iter().map(holds).collect()),
            on_host: on_host.then_some((pod.addresses.as_slice(), pod.scheduling.node_name.as_deref())),
            replicas: pod.replicas == Replicas::Many,
        }
    }
}

/// The workloads, with their pods. Pods of one workload that selectors can tell apart are peers of their own.
pub(crate) fn workloads<'a>(view: &View<'a>) -> Groups<'a> {
    let keys = selected_keys(view);
    let blocks = blocks(view);
    let mut by_workload: BTreeMap<(&str, &str, &str), BTreeMap<Labels, Vec<&Pod>>> = BTreeMap::new();
    for pod in &view.snapshot.pods {
        if view.silent(Endpoint::Pod(pod)) {
            continue;
        }
        let namespace = &view.snapshot.namespace(pod.namespace).name;
        let seen = pod.labels.iter().filter(|(key, _)| keys.contains(key.as_str()));
        let seen = seen.map(|(key, value)| (key.clone(), value.clone())).collect();
        let workload = by_workload.entry((namespace, &pod.workload.kind, &pod.workload.name)).or_default();
        workload.entry(seen).or_default().push(pod);
    }
    let mut groups = Groups::new();
    for ((namespace, kind, name), by_labels) in by_workload {
        let differ = by_labels.len() > 1;
        for pods in by_labels.into_values() {
            let labels = differ.then(|| common_labels(&pods));
            let peer =
                Peer::Workload { namespace: namespace.into(), kind: kind.into(), name: name.into(), labels };
            let mut sorts: BTreeMap<Seen<'_>, Vec<&Pod>> = BTreeMap::new();
            for pod in pods {
                sorts.entry(Seen::of(view, &blocks, pod)).or_default().push(pod);
            }
            groups.insert(peer, sorts.into_values().map(Sort).collect());
        }
    }
    groups
}

/// The label keys that some pod selector in force asks for.
fn selected_keys<'a>(view: &View<'a>) -> BTreeSet<&'a str> {
    let mut keys = BTreeSet::new();
    for policy in view.snapshot.policies.iter() {
        let peers = policy.ingress.iter().chain(&policy.egress).flat_map(|rule| rule.peers.iter().flatten());
        let selectors = peers.filter_map(|peer| match &peer.kind {
            PeerKind::Pods { pods, .. } => Some(pods),
            PeerKind::IpBlock { .. } => None,
        });
        for selector in selectors.chain([&policy.subject]) {
            keys.extend(selector.requirements.iter().map(|requirement| requirement.key.as_str()));
        }
    }
    keys
}

fn common_labels(pods: &[&Pod]) -> Labels {
    let mut labels = pods.first().map(|pod| pod.labels.clone()).unwrap_or_default();
    labels.retain(|key, value| pods.iter().all(|pod| pod.labels.get(key) == Some(value)));
    labels
}

/// What the pods of one peer can open to those of another.
pub(crate) fn between(view: &View<'_>, sources: &[Sort<'_>], targets: &[Sort<'_>]) -> ConnectionSet {
    let pairs = sources.iter().flat_map(|source| targets.iter().map(move |target| (source, target)));
    fold(view, pairs, |(source, target)| {
        if std::ptr::eq(source, target) {
            view.passes_within(source)
        } else {
            between_sorts(view, source, target)
        }
    })
}

/// What the pods of one sort can open to those of another. Where each runs matters only beside the host network.
fn between_sorts(view: &View<'_>, source: &Sort<'_>, target: &Sort<'_>) -> ConnectionSet {
    if !view.is_on_host(source.one()) && !view.is_on_host(target.one()) {
        return view.passes(source.one(), target.one());
    }
    let pairs = source.each().flat_map(|from| target.each().map(move |to| (from, to)));
    fold(view, pairs, |(from, to)| view.passes(from, to))
}

/// What the pods of a peer can open to an endpoint that is no pod.
pub(crate) fn outward(view: &View<'_>, sources: &[Sort<'_>], to: Endpoint<'_>) -> ConnectionSet {
    fold(view, parties(view, sources, to), |from| view.passes(from, to))
}

/// What an endpoint that is no pod can open to the pods of a peer.
pub(crate) fn inward(view: &View<'_>, from: Endpoint<'_>, targets: &[Sort<'_>]) -> ConnectionSet {
    fold(view, parties(view, targets, from), |to| view.passes(from, to))
}

/// The pods that can differ beside an endpoint that is no pod: before a node, each by where it runs.
fn parties<'s, 'a>(
    view: &View<'_>,
    sorts: &'s [Sort<'a>],
    beside: Endpoint<'_>,
) -> impl Iterator<Item = Endpoint<'a>> + use<'s, 'a> {
    let all = view.is_on_host(beside);
    sorts.iter().flat_map(move |sort| sort.each().take(if all { usize::MAX } else { 1 }))
}

/// What some pair can open in `may`, and what every pair can in `must`. Stops as soon as no pair can change it.
fn fold<T>(
    view: &View<'_>,
    pairs: impl Iterator<Item = T>,
    passes: impl Fn(T) -> ConnectionSet,
) -> ConnectionSet {
    let mut all: Option<ConnectionSet> = None;
    for pair in pairs {
        let one = passes(pair);
        let combined = match all {
            None => one,
            Some(all) if view.permissive => all.union(&one),
            Some(all) => all.intersection(&one),
        };
        let settled = if view.permissive { combined.is_full() } else { combined.is_empty() };
        all = Some(combined);
        if settled {
            break;
        }
    }
    all.unwrap_or_default()
}

/// The ipBlocks in force.
fn blocks(view: &View<'_>) -> BTreeSet<AddressSet> {
    let mut blocks = BTreeSet::new();
    for namespace in view.snapshot.namespace_ids() {
        for direction in [Direction::Egress, Direction::Ingress] {
            for active in view.policies(namespace, direction) {
                for peer in direction.rules(active.policy).iter().flat_map(|rule| rule.peers.iter().flatten())
                {
                    if let PeerKind::IpBlock { cidr, except } = &peer.kind {
                        blocks.insert(block_addresses(*cidr, except));
                    }
                }
            }
        }
    }
    blocks
}

/// The outside, cut by the ipBlocks in force into cells that each block holds whole or not at all.
fn outside_cells(view: &View<'_>) -> Vec<AddressSet> {
    let whole = if view.profile.ipv6 { AddressSet::full() } else { AddressSet::all_v4() };
    blocks(view).iter().fold(vec![whole], |cells, block| {
        let halves = cells.iter().flat_map(|cell| [cell.intersection(block), cell.difference(block)]);
        halves.filter(|half| !half.is_empty()).collect()
    })
}

/// The edges from and to the outside. Cells that no workload tells apart are one peer.
fn outside_edges(view: &View<'_>, groups: &Groups<'_>, cells: &[AddressSet]) -> Vec<Edge> {
    let mut by_edges: BTreeMap<Vec<(ConnectionSet, ConnectionSet)>, AddressSet> = BTreeMap::new();
    for cell in cells {
        let end = Endpoint::Outside(cell);
        let edges = groups.values().map(|pods| (inward(view, end, pods), outward(view, pods, end)));
        let same = by_edges.entry(edges.collect()).or_default();
        *same = same.union(cell);
    }
    let mut edges = Vec::new();
    for (allowed, addresses) in by_edges {
        let peer = Peer::Cidrs(addresses.cidrs());
        for (workload, (inside, outside)) in groups.keys().zip(allowed) {
            push(&mut edges, &peer, workload, inside);
            push(&mut edges, workload, &peer, outside);
        }
    }
    edges
}
