//! What passes between two endpoints that are there: the policies' plain meaning, read off peer by peer.

use crate::direction::Direction;
use crate::placement::Meeting;
use crate::profile::Fault;
use crate::rule::Ports;
use crate::tier::Question;
use crate::view::{Active, View, block_addresses, known_addresses};
use crate::world::{World, network_addresses};
use watertight_base::{AddressSet, ConnectionSet};
use watertight_model::{
    NetworkPolicy, Node, PeerKind, Pod, PodState, PolicyPeer, PolicyRule, Tier, TierPeerKind,
};

/// One end of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Endpoint<'a> {
    /// A pod of the snapshot.
    Pod(&'a Pod),
    /// A node of the snapshot.
    Node(&'a Node),
    /// Addresses outside the cluster: one cell of the partition that the ipBlocks cut, so that each block holds all of
    /// it or nothing.
    Outside(&'a AddressSet),
}

/// What decides before any policy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing enforces policies (rule N54).
    NotEnforced,
    /// A pod talks to itself (rule N32).
    Itself,
    /// The source is the node on which the destination runs (rule N35).
    FromItsNode,
    /// The destination is the node on which the source runs (rule N35, permissive).
    ToItsNode,
    /// Neither end sends or receives (rule N55).
    Silent,
}

impl Before {
    /// The rule's number in the semantics.
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::NotEnforced => "N54",
            Self::Itself => "N32",
            Self::FromItsNode | Self::ToItsNode => "N35",
            Self::Silent => "N55",
        }
    }

    /// What it says, in one sentence.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::NotEnforced => "nothing enforces NetworkPolicy under this profile",
            Self::Itself => "a pod always reaches itself, whatever the policies say",
            Self::FromItsNode => "the node on which a pod runs always reaches it, whatever the policies say",
            Self::ToItsNode => "a pod may reach the node on which it runs, whatever the policies say",
            Self::Silent => "a pod that has ended, or has no address yet, takes no part",
        }
    }
}

impl<'a> View<'a> {
    /// What `from` can open to `to`.
    pub(crate) fn passes(&self, from: Endpoint<'_>, to: Endpoint<'_>) -> ConnectionSet {
        match self.before_policies(from, to) {
            Some(Before::Silent) => ConnectionSet::empty(),
            Some(_) => ConnectionSet::full(),
            None => self.by_policies(from, to),
        }
    }

    /// What `from` can open to `to` as far as policies decide: whoever the ends are, and wherever they run.
    pub(crate) fn by_policies(&self, from: Endpoint<'_>, to: Endpoint<'_>) -> ConnectionSet {
        if !self.profile.enforces {
            return ConnectionSet::full();
        }
        self.fold(&self.worlds, |world| {
            let out = self.side(world, Direction::Egress, from, to);
            if out.is_empty() {
                out
            } else {
                out.intersection(&self.side(world, Direction::Ingress, to, from))
            }
        })
    }

    /// What passes in some case in `may`, and in every case in `must`. Stops as soon as no case can change it; where
    /// there is none, nothing passes.
    pub(crate) fn fold<T>(
        &self,
        cases: impl IntoIterator<Item = T>,
        passes: impl Fn(T) -> ConnectionSet,
    ) -> ConnectionSet {
        let mut all: Option<ConnectionSet> = None;
        for case in cases {
            let one = passes(case);
            let combined = match all {
                None => one,
                Some(all) if self.permissive => all.union(&one),
                Some(all) => all.intersection(&one),
            };
            let settled = if self.permissive { combined.is_full() } else { combined.is_empty() };
            all = Some(combined);
            if settled {
                break;
            }
        }
        all.unwrap_or_default()
    }

    /// What decides before any policy does between two endpoints that are not one and the same, if something does.
    pub(crate) fn before_policies(&self, from: Endpoint<'_>, to: Endpoint<'_>) -> Option<Before> {
        if self.silent(from) || self.silent(to) {
            return Some(Before::Silent);
        }
        if !self.profile.enforces {
            return Some(Before::NotEnforced);
        }
        if !self.profile.nodes {
            return None;
        }
        if self.is_on_host(from) && self.meet(from, to) {
            return Some(Before::FromItsNode);
        }
        let freely = self.profile.pod_to_own_node.holds(self.permissive);
        (self.is_on_host(to) && freely && self.meet(from, to)).then_some(Before::ToItsNode)
    }

    /// Whether an endpoint is a node, as far as the network goes.
    pub(crate) fn is_on_host(&self, endpoint: Endpoint<'_>) -> bool {
        match endpoint {
            Endpoint::Pod(pod) => self.on_host_network(pod),
            Endpoint::Node(_) => true,
            Endpoint::Outside(_) => false,
        }
    }

    /// Whether an endpoint takes no part (rule N55).
    pub(crate) fn silent(&self, endpoint: Endpoint<'_>) -> bool {
        let Endpoint::Pod(pod) = endpoint else { return false };
        match pod.state {
            PodState::Active => false,
            PodState::NoAddress => !self.permissive,
            PodState::Finished => true,
        }
    }

    fn meet(&self, one: Endpoint<'_>, other: Endpoint<'_>) -> bool {
        let on_node = |pod: &Pod, node: &Node| match pod.scheduling.node_name.as_deref() {
            Some(name) => name == node.name,
            None => self.permissive && Self::may_run_on(pod, node),
        };
        match (one, other) {
            (Endpoint::Pod(one), Endpoint::Pod(other)) => match self.meeting(one, other) {
                Meeting::Surely(_) => true,
                Meeting::Perhaps(_) => self.permissive,
                Meeting::Never => false,
            },
            (Endpoint::Pod(pod), Endpoint::Node(node)) | (Endpoint::Node(node), Endpoint::Pod(pod)) => {
                on_node(pod, node)
            }
            (Endpoint::Node(one), Endpoint::Node(other)) => one.name == other.name,
            (Endpoint::Outside(_), _) | (_, Endpoint::Outside(_)) => false,
        }
    }

    /// What the policies of one side let pass: `own` is that side, `other` the one across.
    pub(crate) fn side(
        &self,
        world: &World<'a>,
        direction: Direction,
        own: Endpoint<'_>,
        other: Endpoint<'_>,
    ) -> ConnectionSet {
        let Endpoint::Pod(pod) = own else { return ConnectionSet::full() };
        let question = Question { world, direction, own: pod, other, address: None };
        let later = || {
            let (isolated, allowed) = self.network_policies(world, direction, pod, other);
            (isolated, allowed, !isolated && (self.spared(world, pod) || !self.asks_baseline(pod.namespace)))
        };
        let decide = |question: Question<'_, 'a>| {
            self.tier(Tier::Admin, question).then(|| {
                let (isolated, allowed, spared) = later();
                let baseline = || self.tier(Tier::Baseline, question);
                if isolated && world.has(Fault::BaselineOverrides) {
                    allowed.union(&baseline().accepted())
                } else if isolated {
                    allowed
                } else if spared {
                    ConnectionSet::full()
                } else {
                    baseline().then(ConnectionSet::full).union(&allowed)
                }
            })
        };
        if direction == Direction::Ingress || !world.asks_for_addresses() {
            return decide(question);
        }
        let cells = self.cells_of(world, other);
        if cells.is_empty() {
            decide(question)
        } else {
            self.fold(&cells, |cell| decide(Question { address: Some(cell), ..question }))
        }
    }

    /// What the NetworkPolicies alone say: whether one isolates the pod, and what they allow.
    fn network_policies(
        &self,
        world: &World<'a>,
        direction: Direction,
        pod: &Pod,
        other: Endpoint<'_>,
    ) -> (bool, ConnectionSet) {
        let mut isolated = false;
        let mut allowed = ConnectionSet::empty();
        for Active { policy, isolates, allows } in self.policies_on(world, direction, pod) {
            isolated |= isolates;
            for rule in direction.rules(policy).iter().filter(|_| allows) {
                allowed = allowed.union(&self.rule_allows(
                    world,
                    direction,
                    policy,
                    rule,
                    Endpoint::Pod(pod),
                    other,
                ));
            }
        }
        (isolated, allowed)
    }

    /// Whether a pod that no policy isolates in some direction skips the Baseline tier, since one selects it at all (rule
    /// N63).
    pub(crate) fn spared(&self, world: &World<'a>, pod: &Pod) -> bool {
        let covered = !self.on_host_network(pod) || self.covers_host_network();
        self.profile.final_per_pod.holds(self.permissive)
            && covered
            && self.all_policies(pod.namespace).any(|policy| policy.subject.matches(&world.seen(&pod.labels)))
    }

    /// Where an endpoint inside the cluster can be, cut so that each network that a tier names holds a part whole or not at
    /// all, and each node has a part to itself or nothing of it.
    pub(crate) fn cells_of(&self, world: &World<'a>, endpoint: Endpoint<'_>) -> Vec<AddressSet> {
        let on_host = |known: AddressSet| match known.is_empty() {
            true => self.space.nodes.clone(),
            // The node's tunnel has an address in the pod network.
            false => known.union(&self.space.pods),
        };
        let whole = match endpoint {
            Endpoint::Outside(_) => return Vec::new(),
            Endpoint::Node(node) => on_host(known_addresses(&node.addresses)),
            Endpoint::Pod(pod) if self.on_host_network(pod) => {
                let node = pod.scheduling.node_name.as_deref().and_then(|name| self.node_named(name));
                let of_node = node.map_or_else(AddressSet::empty, |node| known_addresses(&node.addresses));
                on_host(known_addresses(&pod.addresses).union(&of_node))
            }
            Endpoint::Pod(pod) => self.addresses_of(Some(pod)),
        };
        let rules = world.tiers.iter().flat_map(|active| &active.policy.egress);
        let networks = rules.flat_map(|rule| &rule.peers).filter_map(|peer| match &peer.kind {
            TierPeerKind::Networks(networks) => Some(network_addresses(networks)),
            _ => None,
        });
        let by_nodes = self.is_on_host(endpoint) && world.asks_for_nodes();
        let nodes = self.snapshot.nodes.iter().filter(|_| by_nodes);
        let cuts = networks.chain(nodes.map(|node| known_addresses(&node.addresses)));
        cuts.fold(vec![whole], |cells, cut| {
            let parts = cells.iter().flat_map(|cell| [cell.intersection(&cut), cell.difference(&cut)]);
            parts.filter(|part| !part.is_empty()).collect()
        })
    }

    /// The policies that select the pod, in force in that direction.
    pub(crate) fn policies_on(&self, world: &World<'a>, direction: Direction, pod: &Pod) -> Vec<Active<'a>> {
        let covered = !self.on_host_network(pod) || self.covers_host_network();
        let labels = world.seen(&pod.labels);
        let policies = self.policies(world, pod.namespace, direction);
        policies.filter(|active| covered && active.policy.subject.matches(&labels)).collect()
    }

    /// What one rule allows of a pair.
    pub(crate) fn rule_allows(
        &self,
        world: &World<'a>,
        direction: Direction,
        policy: &NetworkPolicy,
        rule: &PolicyRule,
        own: Endpoint<'_>,
        other: Endpoint<'_>,
    ) -> ConnectionSet {
        let matched = rule
            .peers
            .as_ref()
            .is_none_or(|peers| peers.iter().any(|peer| self.peer_is(world, policy, peer, other)));
        if !matched {
            return ConnectionSet::empty();
        }
        let destination = if direction == Direction::Ingress { own } else { other };
        self.ports(world, Ports::Network(rule.ports.as_deref()), |name| match destination {
            Endpoint::Pod(pod) => self.named_port(pod, name),
            // A port name means nothing outside (rule N28).
            Endpoint::Node(_) | Endpoint::Outside(_) => ConnectionSet::empty(),
        })
    }

    /// Whether a peer of a rule means this endpoint.
    pub(crate) fn peer_is(
        &self,
        world: &World<'a>,
        policy: &NetworkPolicy,
        peer: &PolicyPeer,
        endpoint: Endpoint<'_>,
    ) -> bool {
        match &peer.kind {
            PeerKind::Pods { namespaces, pods, .. } => {
                let Endpoint::Pod(pod) = endpoint else { return false };
                let seen =
                    !self.on_host_network(pod) || self.profile.selects_host_network.holds(self.permissive);
                seen && pods.matches(&world.seen(&pod.labels))
                    && self.in_scope(policy, namespaces, pod.namespace)
            }
            PeerKind::IpBlock { cidr, except } => {
                let block = block_addresses(*cidr, except);
                match endpoint {
                    Endpoint::Pod(pod) => self.block_holds_pod(&block, pod),
                    Endpoint::Node(node) => self.block_holds_node(&block, node),
                    Endpoint::Outside(cell) => cell.is_subset(&block),
                }
            }
        }
    }
}
