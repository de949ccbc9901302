//! Who can open a connection to whom, workload by workload.

use crate::pair::Endpoint;
use crate::sorts::{Groups, Sort, blocks, workloads};
use crate::view::View;
use std::collections::BTreeMap;
use watertight_base::{AddressSet, ConnectionSet};
use watertight_model::{ConnectivityMap, Edge, Peer, Relation};

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

/// What the pods of one peer can open to those of another.
pub(crate) fn between(view: &View<'_>, sources: &[Sort<'_>], targets: &[Sort<'_>]) -> ConnectionSet {
    let pairs = sources.iter().flat_map(|source| targets.iter().map(move |target| (source, target)));
    view.fold(pairs, |(source, target)| {
        if std::ptr::eq(source, target) { within(view, source) } else { between_sorts(view, source, target) }
    })
}

/// What the pods of one sort can open to each other and to themselves: all, for it holds each pod's traffic to itself (rule
/// N32); in `must`, what every pair of them can, since two replicas are two pods (rule N34).
fn within(view: &View<'_>, sort: &Sort<'_>) -> ConnectionSet {
    let one = sort.one();
    if sort.is_single() || view.permissive { ConnectionSet::full() } else { view.passes(one, one) }
}

/// What the pods of one sort can open to those of another. Where each runs matters only beside the host network.
fn between_sorts(view: &View<'_>, source: &Sort<'_>, target: &Sort<'_>) -> ConnectionSet {
    if !view.is_on_host(source.one()) && !view.is_on_host(target.one()) {
        return view.passes(source.one(), target.one());
    }
    let pairs = source.each().flat_map(|from| target.each().map(move |to| (from, to)));
    view.fold(pairs, |(from, to)| view.passes(from, to))
}

/// What the pods of a peer can open to an endpoint that is no pod.
pub(crate) fn outward(view: &View<'_>, sources: &[Sort<'_>], to: Endpoint<'_>) -> ConnectionSet {
    view.fold(parties(view, sources, to), |from| view.passes(from, to))
}

/// What an endpoint that is no pod can open to the pods of a peer.
pub(crate) fn inward(view: &View<'_>, from: Endpoint<'_>, targets: &[Sort<'_>]) -> ConnectionSet {
    view.fold(parties(view, targets, from), |to| view.passes(from, to))
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
