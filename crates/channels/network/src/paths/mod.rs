//! Connections that objects carry on for those who could not open them to a pod itself: through node ports and load
//! balancers (rules N40 to N42), Ingresses and routes (conventions 7 and 8). What leads to a Service's own address is no
//! path of its own: policies decide on the pods behind it (rule N39).
//!
//! Whether an object is served, and how, only the cluster knows; so there are paths in `may` alone.

pub(crate) mod published;

use crate::direction::Direction;
use crate::kinds::{Kind, Kinds};
use crate::map::{Class, between};
use crate::outside::Edges;
use crate::pair::Endpoint;
use crate::sides::Sides;
use crate::sorts::Sort;
use crate::view::View;
use published::{Backends, NodePort};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{ConnectionSet, Labels};
use watertight_model::{Node, ObjectRef, Pod};

/// A path from some classes to one peer.
pub(crate) struct Found {
    /// Who takes it: classes of the map.
    pub(crate) from: Vec<usize>,
    /// The peer to which it leads.
    pub(crate) to: usize,
    /// The object that carries it on.
    pub(crate) via: ObjectRef,
    /// The ports at which it begins: those of a node, a load balancer or a proxy.
    pub(crate) allow: ConnectionSet,
}

/// What is known of a map when paths are looked for.
pub(crate) struct Known<'m, 'g, 'a> {
    pub(crate) view: &'m View<'a>,
    pub(crate) kinds: &'m Kinds<'a>,
    pub(crate) sides: &'m Sides,
    /// The workloads by class, numbered as in the map.
    pub(crate) classes: &'m [&'m Class<'g, 'a>],
    /// The workloads by peer.
    pub(crate) sorts: &'m [&'g [Sort<'a>]],
    /// The outside: the number of each class, and what is open to and from each class of workloads.
    pub(crate) outside: &'m [(usize, Edges)],
}

/// A peer to which something leads: the kinds of its pods that are meant, and their ports.
type Targets = BTreeMap<usize, (BTreeSet<Kind>, ConnectionSet)>;

/// The ways that lead to one peer by one object: by who takes them, the ports at which they begin.
type Ways<'a> = BTreeMap<(usize, &'a ObjectRef), BTreeMap<usize, ConnectionSet>>;

/// All paths.
pub(crate) fn paths(known: &Known<'_, '_, '_>) -> Vec<Found> {
    let snapshot = known.view.snapshot;
    if !known.view.permissive || !known.view.profile.nodes {
        return Vec::new();
    }
    let (node_ports, forwarded) = (published::node_ports(snapshot), published::forwarded(snapshot));
    if node_ports.is_empty() && forwarded.is_empty() {
        return Vec::new();
    }
    let search = Search::of(known);
    let mut ways = Ways::new();
    for published in &node_ports {
        search.by_node_port(published, &mut ways);
    }
    // Who gets to a proxy by a node port, before any Ingress is followed.
    let mut arrivals: BTreeMap<usize, BTreeMap<usize, ConnectionSet>> = BTreeMap::new();
    for (&(to, _), sources) in &ways {
        merge(arrivals.entry(to).or_default(), sources);
    }
    for object in &forwarded {
        let targets = search.targets(&object.backends);
        let proxies = search.targets(&published::proxies(snapshot, object.namespace));
        for (&to, target) in &targets {
            let sources = match proxies.is_empty() {
                // What is published is reachable by everybody, wherever the proxy is.
                true if object.at.is_empty() => continue,
                true => known.outside.iter().map(|&(class, _)| (class, object.at.clone())).collect(),
                false => search.through_proxies(&proxies, &arrivals, to, target),
            };
            merge(ways.entry((to, object.via)).or_default(), &sources);
        }
    }
    found(ways)
}

fn merge(all: &mut BTreeMap<usize, ConnectionSet>, more: &BTreeMap<usize, ConnectionSet>) {
    for (&source, ports) in more {
        let known = all.entry(source).or_default();
        *known = known.union(ports);
    }
}

fn found(ways: Ways<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for ((to, via), sources) in ways {
        let mut by_ports: BTreeMap<ConnectionSet, Vec<usize>> = BTreeMap::new();
        for (source, ports) in sources {
            by_ports.entry(ports).or_default().push(source);
        }
        by_ports.remove(&ConnectionSet::empty());
        let each = by_ports.into_iter();
        found.extend(each.map(|(allow, from)| Found { from, to, via: via.clone(), allow }));
    }
    found
}

/// The search for paths in one map.
struct Search<'k, 'm, 'g, 'a> {
    known: &'k Known<'m, 'g, 'a>,
    peers: BTreeMap<*const Pod, (usize, Kind)>,
    class_of: BTreeMap<usize, usize>,
    // A node of which nothing is known, as connections pass through it.
    node: Option<Node>,
    // By class and world: what may be opened to nodes.
    to_nodes: Vec<Vec<ConnectionSet>>,
}

impl<'k, 'm, 'g, 'a> Search<'k, 'm, 'g, 'a> {
    fn of(known: &'k Known<'m, 'g, 'a>) -> Self {
        let peers = known.sorts.iter().enumerate().flat_map(|(peer, sorts)| {
            let each = sorts.iter().flat_map(|sort| sort.pods().iter().map(move |&pod| (pod, sort.kind)));
            each.map(move |(pod, kind)| (std::ptr::from_ref(pod), (peer, kind)))
        });
        let class_of = known
            .classes
            .iter()
            .enumerate()
            .flat_map(|(number, class)| class.peers.iter().map(move |&peer| (peer, number)));
        let node = known.view.snapshot.pods.first().map(|pod| Node {
            origin: pod.origin.clone(),
            name: String::new(),
            labels: Labels::new(),
            addresses: Vec::new(),
            pod_cidrs: Vec::new(),
            taints: Vec::new(),
        });
        let mut search =
            Self { known, peers: peers.collect(), class_of: class_of.collect(), node, to_nodes: Vec::new() };
        let to_nodes =
            known.classes.iter().map(|class| search.beside_a_node(Direction::Egress, &class.kinds));
        search.to_nodes = to_nodes.collect();
        search
    }

    /// What the side of some kinds lets pass to or from a node, by world.
    fn beside_a_node<'i>(
        &self,
        direction: Direction,
        kinds: impl IntoIterator<Item = &'i Kind> + Clone,
    ) -> Vec<ConnectionSet> {
        let Known { view, kinds: ends, .. } = self.known;
        let Some(node) = &self.node else { return Vec::new() };
        let by_world = view.worlds.iter().map(|world| {
            let each = kinds.clone().into_iter();
            let each = each.map(|&kind| view.side(world, direction, ends.end(kind), Endpoint::Node(node)));
            each.fold(ConnectionSet::empty(), |all, one| all.union(&one))
        });
        by_world.collect()
    }

    /// The peers of some pods.
    fn targets(&self, backends: &Backends) -> Targets {
        let mut targets = Targets::new();
        for (&index, ports) in backends {
            let pod = self.known.view.snapshot.pods.get(index).map(std::ptr::from_ref);
            if let Some(&(peer, kind)) = pod.and_then(|pod| self.peers.get(&pod)) {
                let target = targets.entry(peer).or_default();
                target.0.insert(kind);
                target.1 = target.1.union(ports);
            }
        }
        targets
    }

    /// Who gets to the pods behind a port of the nodes, and cannot open the connection to them itself.
    fn by_node_port<'p>(&self, published: &NodePort<'p>, ways: &mut Ways<'p>) {
        let Known { view, sides, classes, outside, .. } = self.known;
        let at_outside = match published.at_balancer.is_empty() {
            true => &published.at,
            false => &published.at_balancer,
        };
        for (&to, (kinds, ports)) in &self.targets(&published.backends) {
            let rewrites = view.profile.rewrites_sources.holds(view.permissive);
            let from_nodes = self.beside_a_node(Direction::Ingress, kinds);
            let from_nodes: Vec<bool> = from_nodes.iter().map(|open| rewrites && meet(open, ports)).collect();
            let mut sources = BTreeMap::new();
            for (number, class) in classes.iter().enumerate() {
                let mut direct = false;
                let mut around = false;
                for (world, &from_node) in from_nodes.iter().enumerate() {
                    for (out, into) in sides.in_world(world, &class.kinds, kinds) {
                        let (leaves, enters) = (meet(out, ports), meet(into, ports));
                        direct |= leaves && enters && meet(&out.intersection(into), ports);
                        let to_node = meet(&self.to_nodes[number][world], &published.at);
                        around |= (leaves || to_node) && (enters || from_node);
                    }
                }
                if around && !direct {
                    sources.insert(number, published.at.clone());
                }
            }
            let from_any_node = from_nodes.contains(&true);
            for (class, edges) in outside.iter() {
                let as_itself = self.class_of.get(&to).and_then(|&class| edges.get(class));
                if from_any_node || as_itself.is_some_and(|(inside, _)| meet(inside, ports)) {
                    sources.insert(*class, at_outside.clone());
                }
            }
            merge(ways.entry((to, published.via)).or_default(), &sources);
        }
    }

    /// Who gets to a proxy that carries connections on to a peer, and at which of its ports.
    fn through_proxies(
        &self,
        proxies: &Targets,
        arrivals: &BTreeMap<usize, BTreeMap<usize, ConnectionSet>>,
        to: usize,
        (_, ports): &(BTreeSet<Kind>, ConnectionSet),
    ) -> BTreeMap<usize, ConnectionSet> {
        let Known { view, sides, classes, sorts, outside, .. } = self.known;
        let mut sources = BTreeMap::new();
        for (&proxy, (kinds, listens)) in proxies {
            if proxy == to || !meet(&between(view, sorts[proxy], sorts[to]), ports) {
                continue;
            }
            let mut here = BTreeMap::new();
            for (number, class) in classes.iter().enumerate() {
                let worlds = 0..view.worlds.len();
                let pairs = worlds.flat_map(|world| sides.in_world(world, &class.kinds, kinds));
                let open = pairs.map(|(out, into)| out.intersection(into).intersection(listens));
                here.insert(number, open.fold(ConnectionSet::empty(), |all, one| all.union(&one)));
            }
            for (class, edges) in outside.iter() {
                let inside = self.class_of.get(&proxy).and_then(|&class| edges.get(class));
                here.insert(
                    *class,
                    inside.map(|(inside, _)| inside.intersection(listens)).unwrap_or_default(),
                );
            }
            merge(&mut sources, &here);
            merge(&mut sources, arrivals.get(&proxy).unwrap_or(&BTreeMap::new()));
        }
        sources
    }
}

fn meet(one: &ConnectionSet, other: &ConnectionSet) -> bool {
    !one.intersection(other).is_empty()
}
