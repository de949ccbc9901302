//! Who can open a connection to whom, workload by workload.

use crate::direction::Direction;
use crate::pair::Endpoint;
use crate::view::{View, block_addresses};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{AddressSet, ConnectionSet, Labels};
use watertight_model::{ConnectivityMap, Edge, Peer, PeerKind, Pod, Relation};

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
            let end = [Endpoint::Node(node)];
            for (other, pods) in &groups {
                let pods = endpoints(pods);
                push(&mut edges, &peer, other, combine(view, &end, &pods));
                push(&mut edges, other, &peer, combine(view, &pods, &end));
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

/// The pods of each peer, one of each sort: pods that no rule in force can tell apart are one.
type Groups<'a> = BTreeMap<Peer, Vec<&'a Pod>>;

/// The workloads, with their pods. Pods of one workload that selectors can tell apart are peers of their own.
pub(crate) fn workloads<'a>(view: &View<'a>) -> Groups<'a> {
    let keys = selected_keys(view);
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
            groups.insert(peer, pods);
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

fn endpoints<'a>(pods: &[&'a Pod]) -> Vec<Endpoint<'a>> {
    pods.iter().map(|&pod| Endpoint::Pod(pod)).collect()
}

/// What the pods of one peer can open to those of another.
pub(crate) fn between(view: &View<'_>, sources: &[&Pod], targets: &[&Pod]) -> ConnectionSet {
    fold(
        view,
        sources.iter().flat_map(|&source| targets.iter().map(move |&target| (source, target))),
        |(source, target)| {
            if std::ptr::eq(source, target) {
                view.passes_within(source)
            } else {
                view.passes(Endpoint::Pod(source), Endpoint::Pod(target))
            }
        },
    )
}

/// What some endpoints can open to others.
pub(crate) fn combine(view: &View<'_>, sources: &[Endpoint<'_>], targets: &[Endpoint<'_>]) -> ConnectionSet {
    let pairs = sources.iter().flat_map(|&source| targets.iter().map(move |&target| (source, target)));
    fold(view, pairs, |(source, target)| view.passes(source, target))
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

/// The outside, cut by the ipBlocks in force into cells that each block holds whole or not at all.
fn outside_cells(view: &View<'_>) -> Vec<AddressSet> {
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
    let whole = if view.profile.ipv6 { AddressSet::full() } else { AddressSet::all_v4() };
    blocks.iter().fold(vec![whole], |cells, block| {
        let halves = cells.iter().flat_map(|cell| [cell.intersection(block), cell.difference(block)]);
        halves.filter(|half| !half.is_empty()).collect()
    })
}

/// The edges from and to the outside. Cells that no workload tells apart are one peer.
fn outside_edges(view: &View<'_>, groups: &Groups<'_>, cells: &[AddressSet]) -> Vec<Edge> {
    let mut by_edges: BTreeMap<Vec<(ConnectionSet, ConnectionSet)>, AddressSet> = BTreeMap::new();
    for cell in cells {
        let end = [Endpoint::Outside(cell)];
        let edges = groups.values().map(|pods| {
            let pods = endpoints(pods);
            (combine(view, &end, &pods), combine(view, &pods, &end))
        });
        let same = by_edges.entry(edges.collect()).or_default();
        *same = same.union(cell);
    }
    let mut edges = Vec::new();
    for (allowed, addresses) in by_edges {
        let peer = Peer::Cidrs(addresses.cidrs());
        for (workload, (inward, outward)) in groups.keys().zip(allowed) {
            push(&mut edges, &peer, workload, inward);
            push(&mut edges, workload, &peer, outward);
        }
    }
    edges
}
