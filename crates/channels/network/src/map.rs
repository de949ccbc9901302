//! Who can open a connection to whom, between classes of peers that nothing tells apart.
//!
//! Where a pod runs decides only beside the host network, and there alone: so what policies say is asked once for two
//! classes, and who meets whom on a node is told apart.

use crate::kinds::{Kind, Kinds};
use crate::outside::{self, Edges};
use crate::pair::Endpoint;
use crate::paths::{Known, paths};
use crate::sides::{Both, Sides};
use crate::sorts::{Groups, Sort, workloads};
use crate::view::View;
use rayon::prelude::*;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::ConnectionSet;
use watertight_model::{ClassEdge, ClassMap, ClassPath, NamespaceId, Node, Peer, Pod, Relation};

/// The whole map of one reading.
pub(crate) fn class_map<'a>(view: &View<'a>, to_come: &'a [Pod], relation: Relation) -> ClassMap {
    let mut kinds = Kinds::of(view);
    let mut groups = workloads(view, &mut kinds);
    groups.extend(to_come.iter().map(|pod| pod_to_come(view, &mut kinds, pod)));
    let nodes = nodes(view, &mut kinds);
    let mut map = Growing::of(&groups, relation);
    let classes = Classes::of(view, &groups);
    let sides = Sides::of(view, &kinds);
    map.add_workloads(view, &classes, &sides);
    map.add_host_network(view, &groups, &classes);
    map.add_nodes(view, &groups, &classes, &nodes, &sides);
    let outside = map.add_outside(view, &classes, &kinds, &sides);
    let (all, sorts): (Vec<_>, Vec<_>) =
        (classes.all().collect(), groups.values().map(Vec::as_slice).collect());
    map.add_paths(&Known {
        view,
        kinds: &kinds,
        sides: &sides,
        classes: &all,
        sorts: &sorts,
        outside: &outside,
    });
    map.finish()
}

/// The peers of one class.
pub(crate) struct Class<'g, 'a> {
    /// The namespace of all of them.
    pub(crate) namespace: NamespaceId,
    /// Indices into the peers of the map.
    pub(crate) peers: Vec<usize>,
    /// The pods of the first, which stand for those of all.
    pub(crate) first: &'g [Sort<'a>],
    /// Their kinds.
    pub(crate) kinds: Vec<Kind>,
}

/// The workloads by class.
pub(crate) struct Classes<'g, 'a> {
    /// Those with networks of their own.
    ordinary: Vec<Class<'g, 'a>>,
    /// Those on the host network, each by itself.
    on_host: Vec<Class<'g, 'a>>,
}

impl<'g, 'a> Classes<'g, 'a> {
    fn of(view: &View<'a>, groups: &'g Groups<'a>) -> Self {
        let mut ordinary: BTreeMap<(bool, Vec<(Kind, bool)>), Class<'g, 'a>> = BTreeMap::new();
        let mut on_host = Vec::new();
        for (peer, (name, sorts)) in groups.iter().enumerate() {
            let Some(namespace) = sorts.first().map(Sort::namespace) else { continue };
            let kinds = || sorts.iter().map(|sort| sort.kind).collect();
            let alone = || Class { namespace, peers: vec![peer], first: sorts, kinds: kinds() };
            if sorts.iter().any(|sort| view.is_on_host(sort.one())) {
                on_host.push(alone());
                continue;
            }
            let key = sorts.iter().map(|sort| (sort.kind, sort.is_single())).collect();
            match ordinary.entry((is_to_come(name), key)) {
                Entry::Vacant(new) => {
                    new.insert(alone());
                }
                Entry::Occupied(mut known) => {
                    known.get_mut().peers.push(peer);
                }
            }
        }
        Self { ordinary: ordinary.into_values().collect(), on_host }
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Class<'g, 'a>> {
        self.ordinary.iter().chain(&self.on_host)
    }
}

/// A map as it grows.
struct Growing {
    map: ClassMap,
    // By source and what it may open: to whom.
    edges: BTreeMap<(usize, ConnectionSet), Vec<usize>>,
}

impl Growing {
    fn of(groups: &Groups<'_>, relation: Relation) -> Self {
        let peers = groups.keys().cloned().collect();
        let map = ClassMap {
            relation,
            peers,
            classes: Vec::new(),
            edges: Vec::new(),
            own: Vec::new(),
            paths: Vec::new(),
        };
        Self { map, edges: BTreeMap::new() }
    }

    fn class(&mut self, peers: Vec<usize>) -> usize {
        self.map.classes.push(peers);
        self.map.classes.len() - 1
    }

    fn peer(&mut self, peer: Peer) -> usize {
        self.map.peers.push(peer);
        self.map.peers.len() - 1
    }

    fn edge(&mut self, from: usize, to: usize, allow: ConnectionSet) {
        if !allow.is_empty() {
            self.edges.entry((from, allow)).or_default().push(to);
        }
    }

    /// All workloads, the classes in the order of [`Classes::all`], as far as policies decide.
    fn add_workloads(&mut self, view: &View<'_>, classes: &Classes<'_, '_>, sides: &Sides) {
        let all: Vec<&Class<'_, '_>> = classes.all().collect();
        for class in &all {
            self.class(class.peers.clone());
        }
        let row = |(from, source): (usize, &&Class<'_, '_>)| {
            let others = all.iter().enumerate().filter(|&(to, _)| from != to || source.peers.len() > 1);
            by_passing(view, sides, &source.kinds, others.map(|(to, target)| (to, target.kinds.as_slice())))
        };
        let rows: Vec<_> = all.par_iter().enumerate().map(row).collect();
        for (from, row) in rows.into_iter().enumerate() {
            self.edges.extend(row.into_iter().map(|(allow, to)| ((from, allow), to)));
        }
        let own = |class: &&Class<'_, '_>| between(view, class.first, class.first);
        let own: Vec<ConnectionSet> = all.par_iter().map(own).collect();
        self.map.own = own.into_iter().enumerate().filter(|(_, own)| !own.is_empty()).collect();
    }

    /// What workloads on the host network reach on their nodes, and what reaches them from there (rule N35).
    fn add_host_network<'a>(&mut self, view: &View<'a>, groups: &Groups<'a>, classes: &Classes<'_, 'a>) {
        let sorts: Vec<&[Sort<'a>]> = groups.values().map(Vec::as_slice).collect();
        let residents = Residents::of(&sorts);
        for (number, host) in classes.all().enumerate().skip(classes.ordinary.len()) {
            let near = residents.near(host.first).into_iter();
            let near = near.filter(|&peer| meet(view, host.first, sorts[peer])).collect();
            self.freely(view, number, near, &sorts);
        }
    }

    /// The nodes, with all workloads.
    fn add_nodes<'a>(
        &mut self,
        view: &View<'a>,
        groups: &Groups<'a>,
        classes: &Classes<'_, 'a>,
        nodes: &[(Kind, &'a Node)],
        sides: &Sides,
    ) {
        let mut by_kind: BTreeMap<Kind, Vec<usize>> = BTreeMap::new();
        let mut each = Vec::new();
        for &(kind, node) in nodes {
            let peer = self.peer(Peer::Node { name: node.name.clone() });
            each.push((peer, node));
            by_kind.entry(kind).or_default().push(peer);
        }
        for (kind, peers) in by_kind {
            let of_nodes = self.class(peers);
            let all = || classes.all().map(|class| class.kinds.as_slice()).enumerate();
            for (allow, to) in by_passing(view, sides, &[kind], all()) {
                self.edges.insert((of_nodes, allow), to);
            }
            for (number, kinds) in all() {
                for (allow, to) in by_passing(view, sides, kinds, std::iter::once((of_nodes, &[kind][..]))) {
                    self.edges.entry((number, allow)).or_default().extend(to);
                }
            }
        }
        let sorts: Vec<&[Sort<'a>]> = groups.values().map(Vec::as_slice).collect();
        for (peer, node) in each {
            let there: Vec<usize> =
                (0..sorts.len()).filter(|&peer| are_on(view, sorts[peer], node)).collect();
            if !there.is_empty() {
                let itself = self.class(vec![peer]);
                self.freely(view, itself, there, &sorts);
            }
        }
    }

    /// Everything from a node, or what is on its network, to the peers that meet it there; and back, where the source is on
    /// the node's network too, or pods reach their own nodes.
    fn freely(&mut self, view: &View<'_>, host: usize, near: Vec<usize>, sorts: &[&[Sort<'_>]]) {
        if near.is_empty() || !view.profile.enforces {
            return;
        }
        let is_host = |&peer: &usize| sorts[peer].iter().any(|sort| view.is_on_host(sort.one()));
        let back = match view.profile.pod_to_own_node.holds(view.permissive) {
            true => near.clone(),
            false => near.iter().copied().filter(is_host).collect(),
        };
        let near = near.into_iter().filter(|&peer| !is_to_come(&self.map.peers[peer])).collect();
        let near = self.class(near);
        self.edge(host, near, ConnectionSet::full());
        if !back.is_empty() {
            let back = self.class(back);
            self.edge(back, host, ConnectionSet::full());
        }
    }

    fn add_outside(
        &mut self,
        view: &View<'_>,
        classes: &Classes<'_, '_>,
        kinds: &Kinds<'_>,
        sides: &Sides,
    ) -> Vec<(usize, Edges)> {
        let all: Vec<&Class<'_, '_>> = classes.all().collect();
        let mut parts = Vec::new();
        for (addresses, edges) in outside::by_edges(view, &all, kinds, sides) {
            let peer = self.peer(Peer::Cidrs(addresses.cidrs()));
            let outside = self.class(vec![peer]);
            for (number, (inside, out)) in edges.iter().enumerate() {
                self.edge(outside, number, inside.clone());
                self.edge(number, outside, out.clone());
            }
            parts.push((outside, edges));
        }
        parts
    }

    fn add_paths(&mut self, known: &Known<'_, '_, '_>) {
        for path in paths(known) {
            let from = path.from.iter().flat_map(|&class| self.map.classes[class].clone());
            let from: BTreeSet<usize> = from.filter(|&peer| peer != path.to).collect();
            if !from.is_empty() {
                let (from, to) = (self.class(from.into_iter().collect()), self.class(vec![path.to]));
                self.map.paths.push(ClassPath { from, to, via: path.via, allow: path.allow });
            }
        }
    }

    /// The map with its peers in order.
    fn finish(self) -> ClassMap {
        let Self { mut map, edges } = self;
        // Pods to come are sources alone: what they listen on is theirs to choose.
        let are_there = |class: &Vec<usize>| !class.iter().any(|&peer| is_to_come(&map.peers[peer]));
        let are_there: Vec<bool> = map.classes.iter().map(are_there).collect();
        map.own.retain(|&(class, _)| are_there[class]);
        let edges = edges.into_iter().map(|((from, allow), mut to)| {
            to.retain(|&class| are_there[class]);
            to.sort_unstable();
            ClassEdge { from, to, allow }
        });
        map.edges = edges.filter(|edge| !edge.to.is_empty()).collect();
        map.edges.sort();
        map.paths.sort();
        let mut order: Vec<usize> = (0..map.peers.len()).collect();
        order.sort_by(|&one, &other| map.peers[one].cmp(&map.peers[other]));
        let mut place = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new;
        }
        for class in &mut map.classes {
            class.iter_mut().for_each(|peer| *peer = place[*peer]);
            class.sort_unstable();
        }
        map.peers = order.into_iter().map(|old| map.peers[old].clone()).collect();
        map
    }
}

/// A pod that could be created, as a peer of its own.
fn pod_to_come<'a>(view: &View<'a>, kinds: &mut Kinds<'a>, pod: &'a Pod) -> (Peer, Vec<Sort<'a>>) {
    let namespace = view.snapshot.namespace(pod.namespace).name.clone();
    let peer = Peer::Future { namespace, labels: pod.labels.clone() };
    (peer, vec![Sort::of(kinds.of_pod(view, pod), vec![pod])])
}

fn is_to_come(peer: &Peer) -> bool {
    matches!(peer, Peer::Future { .. })
}

/// The nodes of the snapshot with their kinds, where the profile knows nodes.
fn nodes<'a>(view: &View<'a>, kinds: &mut Kinds<'a>) -> Vec<(Kind, &'a Node)> {
    let nodes = view.snapshot.nodes.iter().filter(|_| view.profile.nodes);
    nodes.map(|node| (kinds.of_node(node), node)).collect()
}

/// Which peers run on which node.
struct Residents<'a> {
    by_node: BTreeMap<&'a str, Vec<usize>>,
    anywhere: Vec<usize>,
    all: usize,
}

impl<'a> Residents<'a> {
    fn of(sorts: &[&[Sort<'a>]]) -> Self {
        let mut residents = Self { by_node: BTreeMap::new(), anywhere: Vec::new(), all: sorts.len() };
        for (peer, sorts) in sorts.iter().enumerate() {
            for node in sorts.iter().flat_map(|sort| &sort.nodes) {
                residents.by_node.entry(node).or_default().push(peer);
            }
            if sorts.iter().any(Sort::floats) {
                residents.anywhere.push(peer);
            }
        }
        residents
    }

    /// The peers that could meet these pods, each once.
    fn near(&self, sorts: &[Sort<'_>]) -> BTreeSet<usize> {
        if sorts.iter().any(Sort::floats) {
            return (0..self.all).collect();
        }
        let nodes = sorts.iter().flat_map(|sort| &sort.nodes);
        let there = nodes.filter_map(|node| self.by_node.get(node)).flatten();
        there.chain(&self.anywhere).copied().collect()
    }
}

/// What the pods of one peer can open to those of another, or of the same.
pub(crate) fn between(view: &View<'_>, sources: &[Sort<'_>], targets: &[Sort<'_>]) -> ConnectionSet {
    let freely = view.profile.pod_to_own_node.holds(view.permissive);
    let counts = |sorts: &[Sort<'_>]| sorts.iter().any(|sort| view.is_on_host(sort.one()));
    if view.profile.enforces
        && (counts(sources) || (freely && counts(targets)))
        && meet(view, sources, targets)
    {
        return ConnectionSet::full();
    }
    let pairs = sources.iter().flat_map(|source| targets.iter().map(move |target| (source, target)));
    view.fold(pairs, |(source, target)| match std::ptr::eq(source, target) {
        // A pod's traffic to itself is always there (rule N32), but two replicas are two pods (rule N34).
        true if source.is_single() || view.permissive => ConnectionSet::full(),
        _ => view.by_policies(source.one(), target.one()),
    })
}

/// What pods of some kinds can open to those of others, as far as policies decide: the others by that.
fn by_passing<'k>(
    view: &View<'_>,
    sides: &Sides,
    from: &[Kind],
    others: impl Iterator<Item = (usize, &'k [Kind])>,
) -> BTreeMap<ConnectionSet, Vec<usize>> {
    let mut cases = Vec::new();
    // Pairs in equal cases have one answer.
    let mut answers: BTreeMap<Vec<Both>, Vec<usize>> = BTreeMap::new();
    for (number, to) in others {
        sides.cases(from, to, &mut cases);
        match answers.get_mut(&cases) {
            Some(same) => same.push(number),
            None => {
                answers.insert(cases.clone(), vec![number]);
            }
        }
    }
    let mut by_passing: BTreeMap<ConnectionSet, Vec<usize>> = BTreeMap::new();
    for (cases, others) in answers {
        let allow = match view.profile.enforces {
            true => view.fold(cases, |case| sides.passes(case)),
            false => ConnectionSet::full(),
        };
        by_passing.entry(allow).or_default().extend(others);
    }
    by_passing.remove(&ConnectionSet::empty());
    by_passing
}

/// Whether pods of two peers, of which one is on the host network, meet on a node: in `may` some that can, in `must` all of
/// them for certain.
fn meet(view: &View<'_>, one: &[Sort<'_>], other: &[Sort<'_>]) -> bool {
    let mut pairs = one.iter().flat_map(|one| other.iter().map(move |other| (one, other)));
    let meets = |(one, other): (&Sort<'_>, &Sort<'_>)| {
        (view.is_on_host(one.one()) || view.is_on_host(other.one())) && one.meets(view, other)
    };
    if view.permissive { pairs.any(meets) } else { pairs.all(meets) }
}

/// Whether pods of a peer are on a node: in `may` some that can be, in `must` all of them for certain.
fn are_on(view: &View<'_>, sorts: &[Sort<'_>], node: &Node) -> bool {
    let mut sorts = sorts.iter();
    match view.permissive {
        true => sorts.any(|sort| sort.is_on(view, node)),
        false => sorts.all(|sort| sort.is_on(view, node)),
    }
}

/// What the pods of a peer can open to an endpoint that is no pod.
pub(crate) fn outward(view: &View<'_>, sources: &[Sort<'_>], to: Endpoint<'_>) -> ConnectionSet {
    let on_host = sources.iter().any(|sort| view.is_on_host(sort.one()));
    let freely = on_host || view.profile.pod_to_own_node.holds(view.permissive);
    match to {
        Endpoint::Node(node) if freely && are_on(view, sources, node) => ConnectionSet::full(),
        _ => view.fold(sources, |sort| view.by_policies(sort.one(), to)),
    }
}

/// What an endpoint that is no pod can open to the pods of a peer.
pub(crate) fn inward(view: &View<'_>, from: Endpoint<'_>, targets: &[Sort<'_>]) -> ConnectionSet {
    match from {
        Endpoint::Node(node) if are_on(view, targets, node) => ConnectionSet::full(),
        _ => view.fold(targets, |sort| view.by_policies(from, sort.one())),
    }
}
