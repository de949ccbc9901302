//! Peers into boxes: peers of one namespace that no connection tells apart are one box.

use super::Setting;
use super::peers::{Passes, Peers};
use super::ways::Ways;
use crate::map_text::{cidrs_text, labels_text};
use crate::page::clean;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::ConnectionSet;
use watertight_model::Peer;

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
    /// What a box stands for.
    pub(crate) level: Level,
    /// The boxes, by home.
    pub(crate) boxes: Vec<PeerBox>,
    /// What passes from one to another, or among those in one; what is absent is nothing.
    pub(crate) allow: BTreeMap<(usize, usize), ConnectionSet>,
    /// The same of what objects carry on.
    pub(crate) carried: BTreeMap<(usize, usize), Ways>,
}

impl Boxes {
    /// Those of a map.
    pub(crate) fn of(peers: &Peers<'_>, setting: Setting<'_>, level: Level) -> Self {
        let homes: Vec<Home> = peers.all.iter().map(|peer| home(peer, setting)).collect();
        let mut members: BTreeMap<Home, Vec<Vec<usize>>> = BTreeMap::new();
        for (peer, home) in homes.iter().enumerate() {
            let boxes = members.entry(level.shown(home)).or_default();
            let fits = |members: &&mut Vec<usize>| match level {
                Level::Peers => peers.alike(members, peer),
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
        let mut box_of = vec![0; peers.all.len()];
        for (number, (_, members)) in members.iter().enumerate() {
            members.iter().for_each(|&peer| box_of[peer] = number);
        }
        let between = peers.rows().map(|(from, to, number)| (box_of[from], box_of[to], number));
        let mut allow: BTreeMap<(usize, usize), ConnectionSet> = BTreeMap::new();
        let mut carried: BTreeMap<(usize, usize), Ways> = BTreeMap::new();
        for (from, to, number) in between.collect::<BTreeSet<_>>() {
            match peers.each[number] {
                Passes::Open(ports) => {
                    let all = allow.entry((from, to)).or_default();
                    *all = all.union(ports);
                }
                Passes::Carried(way) => {
                    carried.entry((from, to)).or_default().0.insert(way);
                }
            }
        }
        let boxes = members.into_iter().map(|(home, members)| PeerBox {
            home,
            names: members.iter().map(|&peer| clean(&name(peers.all[peer]))).collect(),
            peers: members.iter().map(|&peer| peers.all[peer].clone()).collect(),
        });
        Self { level, boxes: boxes.collect(), allow, carried }
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

fn home(peer: &Peer, setting: Setting<'_>) -> Home {
    match peer {
        Peer::Workload { namespace, .. } | Peer::Future { namespace, .. } => {
            let mut environments = setting.environments.iter();
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
