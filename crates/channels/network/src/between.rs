//! What one pod, node or address can open to another, one pair at a time. A map speaks of workloads; what stands behind
//! a Service may be a part of one.

use crate::explain::{Ends, explain_ends};
use crate::pair::Endpoint;
use crate::sorts::Sort;
use crate::view::View;
use crate::{Profile, Reading, Refused};
use std::net::IpAddr;
use watertight_base::{AddressSet, ConnectionSet, Labels, Protocol};
use watertight_model::{Explanation, Node, Peer, PodState, Relation, Replicas, Snapshot, TierPeerKind};

/// One end of a connection. The indices are those of the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// A pod, or the pods of a template.
    Pod(usize),
    /// A node.
    Node(usize),
    /// An address outside the cluster.
    Outside(IpAddr),
    /// An address that each node has for its own pods alone, such as that of NodeLocal DNSCache. Only for destinations.
    OwnNode(IpAddr),
}

/// A snapshot under one reading, asked about pairs of ends.
#[derive(Debug)]
pub struct Between<'a> {
    view: View<'a>,
    // The nodes as an address of theirs is seen that no ipBlock is known to hold: those of the input, and one that it does
    // not show.
    own_nodes: Vec<Node>,
}

impl<'a> Between<'a> {
    /// The reading that a map has of the snapshot: policies that may not be there are read by half.
    #[must_use]
    pub fn new(snapshot: &'a Snapshot, profile: Profile, relation: Relation) -> Self {
        let reading = Reading { refused: Refused::Either, ..Reading::new(profile, relation) };
        let without_address = |node: &Node| Node { addresses: Vec::new(), ..node.clone() };
        let mut own_nodes: Vec<Node> = snapshot.nodes.iter().map(without_address).collect();
        own_nodes.extend(snapshot.pods.first().map(|pod| Node {
            origin: pod.origin.clone(),
            name: "its own".to_owned(),
            labels: Labels::new(),
            addresses: Vec::new(),
            pod_cidrs: Vec::new(),
            taints: Vec::new(),
        }));
        Self { view: View::new(snapshot, &reading), own_nodes }
    }

    /// What `from` can open to `to`. A pod that does not exist opens nothing.
    #[must_use]
    pub fn allows(&self, from: End, to: End) -> ConnectionSet {
        let pods = &self.view.snapshot.pods;
        if let (End::Pod(one), End::Pod(other)) = (from, to)
            && one == other
            && pods.get(one).is_some_and(|pod| pod.replicas == Replicas::One && pod.state == PodState::Active)
        {
            // A pod always reaches its own address (rule N32).
            return ConnectionSet::full();
        }
        self.with(from, |source| match to {
            End::OwnNode(address) => self.to_own_node(source, address),
            _ => self.with(to, |target| self.view.passes(source, target)).unwrap_or_default(),
        })
        .unwrap_or_default()
    }

    /// Why; `None` if one of the ends does not exist.
    #[must_use]
    pub fn explain(&self, from: End, to: End, port: (Protocol, u16)) -> Option<Explanation> {
        let (source, target) = (self.peer(from)?, self.peer(to)?);
        let sort = |end: End| match end {
            End::Pod(index) => self.view.snapshot.pods.get(index).map(Sort::of_one),
            _ => None,
        };
        let (from_sort, to_sort) = (sort(from), sort(to));
        let sources = self.ends(from, from_sort.as_slice())?;
        let targets = self.ends(to, to_sort.as_slice())?;
        let explained = explain_ends(&self.view, (&source, &sources), (&target, &targets), Some(port))?;
        if let End::OwnNode(_) = to
            && !explained.allow.is_empty()
        {
            // It passes as an address, and is held back as a node.
            let closing = |node: &&Node| {
                let passes = self
                    .with(from, |source| self.view.passes(source, Endpoint::Node(node)))
                    .unwrap_or_default();
                !passes.contains(port.0, port.1)
            };
            if let Some(node) = self.own_nodes.iter().find(closing) {
                let node_peer = Peer::Node { name: node.name.clone() };
                return explain_ends(
                    &self.view,
                    (&source, &sources),
                    (&node_peer, &Ends::Node(node)),
                    Some(port),
                );
            }
        }
        Some(explained)
    }

    /// Whether an address may be that of a pod or node that the input does not show (convention 13). Where the files are
    /// read alone, whatever they do not show is outside.
    #[must_use]
    pub fn may_be_inside(&self, address: IpAddr) -> bool {
        self.view.profile.nodes && self.view.space.nodes.contains(address)
    }

    /// An address of the pod's own node. What enforcers do with it is what they do with nodes: unless one always lets it
    /// pass, or matches nodes by their addresses, only a rule for everyone lets it pass.
    fn to_own_node(&self, from: Endpoint<'_>, address: IpAddr) -> ConnectionSet {
        let View { profile, permissive, .. } = self.view;
        let freely = self.view.is_on_host(from) || profile.pod_to_own_node.holds(permissive);
        if !self.view.silent(from) && profile.nodes && freely {
            return ConnectionSet::full();
        }
        let as_address = self.view.passes(from, Endpoint::Outside(&AddressSet::address(address)));
        let rules = self.view.snapshot.cluster_policies.iter().flat_map(|policy| &policy.egress);
        let by_node =
            rules.flat_map(|rule| &rule.peers).any(|peer| matches!(peer.kind, TierPeerKind::Nodes(_)));
        if !profile.nodes || (profile.ip_block_matches_nodes.holds(permissive) && !by_node) {
            return as_address;
        }
        let nodes = self.own_nodes.iter().map(|node| self.view.passes(from, Endpoint::Node(node)));
        nodes.fold(as_address, |all, one| all.intersection(&one))
    }

    fn with<T>(&self, end: End, ask: impl FnOnce(Endpoint<'_>) -> T) -> Option<T> {
        let snapshot = self.view.snapshot;
        match end {
            End::Pod(index) => snapshot.pods.get(index).map(|pod| ask(Endpoint::Pod(pod))),
            End::Node(index) => snapshot.nodes.get(index).map(|node| ask(Endpoint::Node(node))),
            End::Outside(address) | End::OwnNode(address) => {
                Some(ask(Endpoint::Outside(&AddressSet::address(address))))
            }
        }
    }

    fn ends<'s>(&'s self, end: End, sort: &'s [Sort<'a>]) -> Option<Ends<'s, 's>> {
        match end {
            End::Pod(_) => Some(Ends::Pods(sort)),
            End::Node(index) => self.view.snapshot.nodes.get(index).map(Ends::Node),
            End::Outside(address) | End::OwnNode(address) => {
                Some(Ends::Outside(AddressSet::address(address)))
            }
        }
    }

    /// How a map calls the end.
    #[must_use]
    pub fn peer(&self, end: End) -> Option<Peer> {
        let snapshot = self.view.snapshot;
        match end {
            End::Pod(index) => snapshot.pods.get(index).map(|pod| Peer::Workload {
                namespace: snapshot.namespace(pod.namespace).name.clone(),
                kind: pod.workload.kind.clone(),
                name: pod.workload.name.clone(),
                labels: None,
            }),
            End::Node(index) => snapshot.nodes.get(index).map(|node| Peer::Node { name: node.name.clone() }),
            End::Outside(address) | End::OwnNode(address) => {
                Some(Peer::Cidrs(AddressSet::address(address).cidrs()))
            }
        }
    }
}
