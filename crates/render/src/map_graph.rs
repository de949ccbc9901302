//! A map as a drawing needs it: peers in groups by namespace, each with a short id, and arrows between them.

use crate::map_text::{labels_text, peer_text};
use crate::page::clean;
use std::collections::BTreeMap;
use watertight_model::{ConnectivityMap, Edge, Peer};

/// Peers and arrows.
pub(crate) struct Graph {
    /// The namespaces by name, and the nodes of the cluster, with their peers.
    pub(crate) groups: Vec<(String, Vec<Dot>)>,
    /// The peers of no group.
    pub(crate) others: Vec<Dot>,
    /// The connections, in the order of the map.
    pub(crate) arrows: Vec<Arrow>,
}

/// One peer.
pub(crate) struct Dot {
    /// `p0`, `p1`…: letters and digits that mean nothing in any language of drawings.
    pub(crate) id: String,
    /// What people read.
    pub(crate) label: String,
}

/// What one peer may open to another.
pub(crate) struct Arrow {
    /// The id of the source.
    pub(crate) from: String,
    /// The id of the destination.
    pub(crate) to: String,
    /// What people read: the ports.
    pub(crate) label: String,
}

impl Graph {
    /// That of a map.
    pub(crate) fn of(map: &ConnectivityMap) -> Self {
        let mut ids: BTreeMap<&Peer, String> = BTreeMap::new();
        for peer in map.edges.iter().flat_map(|edge| [&edge.from, &edge.to]) {
            ids.entry(peer).or_default();
        }
        for (index, id) in ids.values_mut().enumerate() {
            *id = format!("p{index}");
        }
        let mut groups: BTreeMap<(u8, &str), Vec<Dot>> = BTreeMap::new();
        let mut others = Vec::new();
        for (peer, id) in &ids {
            let dot = Dot { id: id.clone(), label: clean(&label(peer)) };
            match peer {
                Peer::Workload { namespace, .. } | Peer::Future { namespace, .. } => {
                    groups.entry((0, namespace)).or_default().push(dot);
                }
                Peer::Node { .. } => groups.entry((1, "nodes")).or_default().push(dot),
                Peer::Cidrs(_) => others.push(dot),
            }
        }
        let id = |peer: &Peer| ids.get(peer).cloned().unwrap_or_default();
        let arrow =
            |edge: &Edge| Arrow { from: id(&edge.from), to: id(&edge.to), label: edge.allow.to_string() };
        let named = |((kind, name), dots): ((u8, &str), Vec<Dot>)| {
            let name = if kind == 0 { format!("namespace {name}") } else { name.to_owned() };
            (clean(&name), dots)
        };
        Self {
            groups: groups.into_iter().map(named).collect(),
            others,
            arrows: map.edges.iter().map(arrow).collect(),
        }
    }
}

/// The peer within its group, which says the namespace.
fn label(peer: &Peer) -> String {
    match peer {
        Peer::Workload { kind, name, labels, .. } => {
            let labels =
                labels.as_ref().map(|labels| format!(" {}", labels_text(labels))).unwrap_or_default();
            format!("{kind}/{name}{labels}")
        }
        Peer::Future { labels, .. } => format!("new pod {}", labels_text(labels)),
        Peer::Node { .. } | Peer::Cidrs(_) => peer_text(peer),
    }
}
