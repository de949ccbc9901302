//! Peers into boxes: peers of one namespace that no connection tells apart are one box.

use super::Sides;
use crate::map_text::{cidrs_text, labels_text};
use crate::page::clean;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::ConnectionSet;
use watertight_model::{ConnectivityMap, Peer};

/// How many peers are compared with one another; above that, a box is a namespace.
const PEERS_MAX: usize = 2000;

/// What a box stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Peers that no connection tells apart: an arrow is about each of them.
    Peers,
    /// A namespace: an arrow is about some of its pods.
    Namespaces,
    /// An environment, all namespaces of neither, all nodes or all that is outside: an arrow is about some of them.
    Sides,
}

/// Where a box is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Home {
    /// In a namespace of the environment with that index.
    Environment(usize, String),
    /// In a namespace of neither.
    Neither(String),
    /// Among the nodes.
    Nodes,
    /// Outside the cluster.
    Outside,
}

/// One box.
#[derive(Debug, Clone)]
pub(crate) struct PeerBox {
    /// Where it is.
    pub(crate) home: Home,
    /// The peers, by their names.
    pub(crate) names: Vec<String>,
    /// The same as the map has them.
    pub(crate) peers: Vec<Peer>,
}

/// The boxes, and what passes between them.
#[derive(Debug, Clone)]
pub(crate) struct Boxes {
    /// The boxes, by home.
    pub(crate) boxes: Vec<PeerBox>,
    /// What passes from one to another, or among those in one; what is absent is nothing.
    pub(crate) allow: BTreeMap<(usize, usize), ConnectionSet>,
}

impl Boxes {
    /// Those of a map.
    pub(crate) fn of(map: &ConnectivityMap, sides: Sides<'_>, level: Level) -> Self {
        let peers: BTreeSet<&Peer> = map.edges.iter().flat_map(|edge| [&edge.from, &edge.to]).collect();
        let peers: Vec<&Peer> = peers.into_iter().collect();
        let index: BTreeMap<&Peer, usize> =
            peers.iter().enumerate().map(|(index, &peer)| (peer, index)).collect();
        let mut allow: BTreeMap<(usize, usize), &ConnectionSet> = BTreeMap::new();
        for edge in &map.edges {
            // What a peer may open to itself crosses nothing, and is not drawn.
            if let (Some(&from), Some(&to)) = (index.get(&edge.from), index.get(&edge.to))
                && from != to
            {
                allow.insert((from, to), &edge.allow);
            }
        }
        let homes: Vec<Home> = peers.iter().map(|peer| home(peer, sides)).collect();
        let mut members: BTreeMap<Home, Vec<Vec<usize>>> = BTreeMap::new();
        for (peer, home) in homes.iter().enumerate() {
            let boxes = members.entry(level.shown(home)).or_default();
            let fits = |members: &&mut Vec<usize>| match level {
                Level::Peers => {
                    peers.len() <= PEERS_MAX
                        && members
                            .first()
                            .is_some_and(|&other| alike(&allow, peers.len(), members, other, peer))
                }
                Level::Namespaces | Level::Sides => true,
            };
            match boxes.iter_mut().find(fits) {
                Some(members) => members.push(peer),
                None => boxes.push(vec![peer]),
            }
        }
        let members: Vec<(Home, Vec<usize>)> = members
            .into_iter()
            .flat_map(|(home, boxes)| boxes.into_iter().map(move |peers| (home.clone(), peers)))
            .collect();
        let mut box_of = vec![0; peers.len()];
        for (number, (_, members)) in members.iter().enumerate() {
            members.iter().for_each(|&peer| box_of[peer] = number);
        }
        let mut between: BTreeMap<(usize, usize), ConnectionSet> = BTreeMap::new();
        for (&(from, to), &ports) in &allow {
            let all = between.entry((box_of[from], box_of[to])).or_default();
            if !ports.is_subset(all) {
                *all = all.union(ports);
            }
        }
        let boxes = members.into_iter().map(|(home, members)| PeerBox {
            home,
            names: members.iter().map(|&peer| clean(&name(peers[peer]))).collect(),
            peers: members.iter().map(|&peer| peers[peer].clone()).collect(),
        });
        Self { boxes: boxes.collect(), allow: between }
    }
}

impl Level {
    /// Which home a box of this level stands for.
    fn shown(self, home: &Home) -> Home {
        match (self, home) {
            (Self::Sides, Home::Environment(index, _)) => Home::Environment(*index, String::new()),
            (Self::Sides, Home::Neither(_)) => Home::Neither(String::new()),
            (_, home) => home.clone(),
        }
    }
}

fn home(peer: &Peer, sides: Sides<'_>) -> Home {
    match peer {
        Peer::Workload { namespace, .. } | Peer::Future { namespace, .. } => {
            let mut environments = sides.environments.iter();
            let has = |environment: &watertight_model::EnvironmentReport| {
                environment.namespaces.iter().any(|choice| choice.name == *namespace)
            };
            match environments.position(has) {
                Some(index) => Home::Environment(index, namespace.clone()),
                None => Home::Neither(namespace.clone()),
            }
        }
        Peer::Node { .. } => Home::Nodes,
        Peer::Cidrs(_) => Home::Outside,
    }
}

/// Whether `peer` has the connections that `other` has, the first of some that are alike, and the same with all of them.
fn alike(
    allow: &BTreeMap<(usize, usize), &ConnectionSet>,
    count: usize,
    members: &[usize],
    other: usize,
    peer: usize,
) -> bool {
    let passes = |from: usize, to: usize| allow.get(&(from, to));
    let among = match members {
        &[first, second, ..] => passes(first, second),
        _ => passes(peer, other),
    };
    passes(peer, other) == among
        && passes(other, peer) == among
        && (0..count).filter(|&third| third != peer && third != other).all(|third| {
            passes(peer, third) == passes(other, third) && passes(third, peer) == passes(third, other)
        })
}

/// The peer within its group, which says the namespace.
fn name(peer: &Peer) -> String {
    match peer {
        Peer::Workload { kind, name, labels, .. } => {
            let labels =
                labels.as_ref().map(|labels| format!(" {}", labels_text(labels))).unwrap_or_default();
            format!("{kind}/{name}{labels}")
        }
        Peer::Future { labels, .. } => format!("new pod {}", labels_text(labels)),
        Peer::Node { name } => name.clone(),
        Peer::Cidrs(cidrs) => cidrs_text(cidrs),
    }
}
