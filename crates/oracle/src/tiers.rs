//! What the admin tiers decide about a packet: policies by priority, their rules in order, the first match (rules N57
//! to N70).

use crate::choices::{Choices, RepeatedNames, Ties};
use crate::endpoint::{ConcretePod, Endpoint};
use crate::evaluate::{Direction, Evaluator, Packet, Refused};
use crate::faults::has_nodes_or_names;
use crate::matching::{holds, selects};
use ipnet::IpNet;
use std::collections::BTreeSet;
use watertight_base::{Protocol, Selector};
use watertight_model::{
    Action, Admission, ClusterPolicy, ContainerPort, ContainerRole, Tier, TierPeerKind, TierPort,
    TierPortKind, TierRule,
};

impl Evaluator<'_> {
    /// What one tier says about one direction of a packet: `None` if no rule of it matches (rule N62).
    pub(crate) fn tier_decides(
        &self,
        tier: Tier,
        direction: Direction,
        subject: &ConcretePod,
        packet: &Packet<'_>,
    ) -> Option<Action> {
        let mut policies = Vec::new();
        for policy in &self.snapshot.cluster_policies {
            let is_left_out =
                self.policies.refused == Refused::Without && policy.admission != Admission::Accepted;
            let faults = packet.choices.faults;
            let is_dropped = faults.drops_policies_with_nodes_or_names && has_nodes_or_names(policy);
            let is_in_force = packet.choices.reads(policy) && !is_left_out && !is_dropped;
            if policy.tier == tier && is_in_force && self.is_subject(policy, subject, &packet.choices) {
                policies.push(policy);
            }
        }
        // N58: lower numbers come first.
        let priorities: BTreeSet<u16> = policies.iter().map(|policy| policy.priority).collect();
        for priority in priorities {
            let mut actions = Vec::new();
            for policy in &policies {
                if policy.priority == priority {
                    actions.extend(self.policy_decides(policy, direction, packet));
                }
            }
            // N59: any of those that match may be the one that applies.
            let order = match packet.choices.ties {
                Ties::AcceptFirst => [Action::Accept, Action::Pass, Action::Deny],
                Ties::DenyFirst => [Action::Deny, Action::Pass, Action::Accept],
            };
            if let Some(action) = order.into_iter().find(|action| actions.contains(action)) {
                return Some(action);
            }
        }
        None
    }

    /// N65: pods by namespace and labels, and none on the host network.
    pub(crate) fn is_subject(&self, policy: &ClusterPolicy, pod: &ConcretePod, choices: &Choices) -> bool {
        self.pods_match(&policy.subject.namespaces, &policy.subject.pods, pod, choices)
    }

    /// N38: a pod on the host network is in no set of pods that namespaces and labels describe. Under `declared` it is a
    /// pod like any other.
    fn pods_match(
        &self,
        namespaces: &Selector,
        pods: &Selector,
        pod: &ConcretePod,
        choices: &Choices,
    ) -> bool {
        !self.is_on_a_nodes_network(pod)
            && selects(namespaces, &self.namespace_labels(pod))
            && selects(pods, &choices.faults.seen(&pod.labels))
    }

    /// N60: the first rule that matches decides.
    fn policy_decides(
        &self,
        policy: &ClusterPolicy,
        direction: Direction,
        packet: &Packet<'_>,
    ) -> Option<Action> {
        let rules = match direction {
            Direction::Egress => &policy.egress,
            Direction::Ingress => &policy.ingress,
        };
        rules.iter().find_map(|rule| self.tier_rule_decides(rule, direction, packet))
    }

    fn tier_rule_decides(
        &self,
        rule: &TierRule,
        direction: Direction,
        packet: &Packet<'_>,
    ) -> Option<Action> {
        // N68: the rule as a whole fails closed, whatever its other peers and its ports say.
        if rule.peers.iter().any(|peer| peer.kind == TierPeerKind::Unknown) {
            return match rule.action {
                Action::Accept => None,
                Action::Deny | Action::Pass => Some(Action::Deny),
            };
        }
        let peer_matches =
            rule.peers.iter().any(|peer| self.tier_peer_matches(&peer.kind, direction, packet));
        let port_matches = match &rule.ports {
            None => true,
            Some(ports) => ports.iter().any(|port| tier_port_matches(port, packet)),
        };
        (peer_matches && port_matches).then_some(rule.action)
    }

    /// N66: pods in both directions; addresses, nodes and names in egress only.
    fn tier_peer_matches(&self, peer: &TierPeerKind, direction: Direction, packet: &Packet<'_>) -> bool {
        let is_egress = direction == Direction::Egress;
        match peer {
            TierPeerKind::Pods { namespaces, pods } => match packet.other(direction) {
                // N40: behind a node there is no pod to be seen.
                Endpoint::Pod(_) if self.comes_through_a_node(direction, packet) => false,
                Endpoint::Pod(pod) => self.pods_match(namespaces, pods, pod, &packet.choices),
                Endpoint::Outside(_) | Endpoint::Node { .. } => false,
            },
            TierPeerKind::Networks(networks) => {
                is_egress && networks.iter().any(|network| self.network_matches(network, packet))
            }
            TierPeerKind::Nodes(selector) => is_egress && self.nodes_match(selector, packet),
            TierPeerKind::DomainNames(_) => is_egress && packet.choices.domain_names_match,
            TierPeerKind::Unknown => false,
        }
    }

    /// N67: an address is an address, a pod's as well. Under `declared` a pod whose address is not known has some IPv4
    /// address, which only the network of all of them surely holds.
    fn network_matches(&self, network: &IpNet, packet: &Packet<'_>) -> bool {
        let is_outside = matches!(packet.destination, Endpoint::Outside(_));
        if !is_outside && !packet.choices.networks_match_cluster {
            return false;
        }
        match packet.address {
            Some(address) => holds(network, address),
            None => !self.reading.two_relations && network.addr().is_ipv4() && network.prefix_len() == 0,
        }
    }

    /// N66: nodes by the addresses in their status; a destination at another address of a node, such as a tunnel's, is
    /// not meant. What the snapshot does not hold of a node is a choice. The profile `declared` has no nodes.
    fn nodes_match(&self, selector: &Selector, packet: &Packet<'_>) -> bool {
        if !self.reading.nodes || !packet.destination.is_on_the_host() {
            return false;
        }
        let nodes = &self.snapshot.nodes;
        let owner = nodes.iter().find(|node| packet.address.is_some_and(|at| node.addresses.contains(&at)));
        if let Some(owner) = owner {
            return selects(selector, &owner.labels);
        }
        let own = nodes.iter().find(|node| Some(node.name.as_str()) == packet.destination.node_name());
        match own {
            // Its status has addresses, and this is none of them.
            Some(node) if !node.addresses.is_empty() => false,
            // Its status is not known: whether this address is in it is a choice, as for a node that is not there.
            Some(node) => selects(selector, &node.labels) && packet.choices.unseen_nodes_match,
            None => packet.choices.unseen_nodes_match,
        }
    }
}

/// N69: one element of `protocols`.
fn tier_port_matches(element: &TierPort, packet: &Packet<'_>) -> bool {
    match &element.kind {
        TierPortKind::All(protocol) => *protocol == packet.protocol,
        TierPortKind::Number(protocol, number) => *protocol == packet.protocol && *number == packet.port,
        TierPortKind::Range(protocol, first, last) => {
            *protocol == packet.protocol && *first <= packet.port && packet.port <= *last
        }
        TierPortKind::Named(name) => packet.destination.pod().is_some_and(|pod| {
            named_ports(pod, name, packet.choices).contains(&(packet.protocol, packet.port))
        }),
    }
}

/// The ports that a name means on a pod, each with the protocol of its own.
fn named_ports(pod: &ConcretePod, name: &str, choices: Choices) -> Vec<(Protocol, u16)> {
    let counts = |port: &&ContainerPort| {
        port.name.as_deref() == Some(name)
            && (port.container == ContainerRole::Main || choices.side_names_count)
    };
    let mut found = Vec::new();
    for port in pod.ports.iter().filter(counts) {
        found.push((port.protocol, port.number));
    }
    match choices.repeated_names {
        RepeatedNames::All => found,
        RepeatedNames::First => found.into_iter().take(1).collect(),
        RepeatedNames::Last => found.pop().into_iter().collect(),
    }
}
