//! Random policies of the admin tiers: few priorities, so that there are ties, and subjects and peers that overlap with
//! each other and with NetworkPolicies.

use super::{Generator, NUMBERS, PORT_NAMES, network};
use crate::build;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use watertight_base::{Protocol, Selector};
use watertight_model::{
    Action, Admission, ClusterPolicy, PeerKind, Tier, TierPeerKind, TierPortKind, TierRule,
};

/// ClusterNetworkPolicy, AdminNetworkPolicy and BaselineAdminNetworkPolicy, which do not allow the same (rules N64, N71).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cluster,
    Admin,
    Baseline,
}

impl Generator {
    pub(super) fn cluster_policy(&mut self, number: usize) -> ClusterPolicy {
        // There is at most one of the baseline's older kind.
        let kind = match self.random.below(10) {
            0..3 if number == 0 => Kind::Baseline,
            3..6 => Kind::Admin,
            _ => Kind::Cluster,
        };
        let is_refused = kind != Kind::Baseline && self.random.chance(8);
        let admission = if is_refused { Admission::Refused } else { Admission::Accepted };
        let (namespaces, pods) = self.tier_pods();
        let directions = self.random.below(10);
        let ingress = if directions < 7 { self.tier_rules(kind, false) } else { Vec::new() };
        let egress = if directions >= 3 { self.tier_rules(kind, true) } else { Vec::new() };
        ClusterPolicy {
            subject: build::subject(namespaces, pods),
            ingress,
            egress,
            admission,
            ..self.head(kind, number, is_refused)
        }
    }

    /// A policy that says nothing yet, with a name, a tier and a priority that its kind allows.
    fn head(&mut self, kind: Kind, number: usize, is_refused: bool) -> ClusterPolicy {
        let name = if is_refused { format!("cluster_{number}") } else { format!("cluster-{number}") };
        let priority = self.random.one_of([0, 10, 10, 1000]);
        let (name, tier, priority, api) = match kind {
            Kind::Cluster => {
                let tier = self.random.one_of([Tier::Admin, Tier::Admin, Tier::Baseline]);
                return build::cluster_policy(&name, tier, priority);
            }
            Kind::Admin => (name, Tier::Admin, priority, "AdminNetworkPolicy"),
            Kind::Baseline => ("default".to_owned(), Tier::Baseline, 0, "BaselineAdminNetworkPolicy"),
        };
        let origin = build::origin("policy.networking.k8s.io/v1alpha1", api, "", &name);
        ClusterPolicy { origin, ..build::cluster_policy(&name, tier, priority) }
    }

    /// Everyone, namespaces as a whole, or pods in them.
    fn tier_pods(&mut self) -> (Selector, Selector) {
        match self.random.below(10) {
            0..5 => (Selector::everything(), Selector::everything()),
            5..7 => (self.namespace_selector(), Selector::everything()),
            7 | 8 => (Selector::everything(), self.pod_selector()),
            _ => (self.namespace_selector(), self.pod_selector()),
        }
    }

    fn tier_rules(&mut self, kind: Kind, is_egress: bool) -> Vec<TierRule> {
        let count = self.random.one_of([1, 1, 2, 2, 3]);
        (0..count).map(|_| self.tier_rule(kind, is_egress)).collect()
    }

    fn tier_rule(&mut self, kind: Kind, is_egress: bool) -> TierRule {
        let last = if kind == Kind::Baseline { Action::Deny } else { Action::Pass };
        let action = self.random.one_of([Action::Accept, Action::Accept, Action::Deny, Action::Deny, last]);
        let count = self.random.one_of([1, 1, 1, 2]);
        let peers: Vec<TierPeerKind> = (0..count).map(|_| self.tier_peer(kind, is_egress, action)).collect();
        // What is no pod has no port names, and the API server refuses a rule that speaks of both.
        let names_allowed = peers.iter().all(|peer| matches!(peer, TierPeerKind::Pods { .. }));
        let rule = build::tier_rule(action, peers);
        if self.random.chance(60) {
            return rule;
        }
        let count = self.random.one_of([1, 1, 2]);
        build::tier_on(rule, (0..count).map(|_| self.tier_port(kind, names_allowed)).collect())
    }

    fn tier_peer(&mut self, kind: Kind, is_egress: bool, action: Action) -> TierPeerKind {
        let names_allowed = kind != Kind::Baseline && action == Action::Accept;
        match self.random.below(100) {
            0..3 => TierPeerKind::Unknown,
            3..23 if is_egress => TierPeerKind::Networks(self.networks()),
            23..33 if is_egress => TierPeerKind::Nodes(self.node_selector()),
            33..40 if is_egress && names_allowed => {
                TierPeerKind::DomainNames(vec!["*.example.com".to_owned()])
            }
            _ => {
                let (namespaces, pods) = self.tier_pods();
                TierPeerKind::Pods { namespaces, pods }
            }
        }
    }

    fn node_selector(&mut self) -> Selector {
        if self.random.chance(30) {
            return Selector::everything();
        }
        let pool = self.random.one_of(["staging", "production", "shared"]);
        Selector { requirements: vec![self.requirement("pool", pool, "shared")] }
    }

    /// Those of an ipBlock, or all addresses of both families: together they deny whatever is dialled.
    fn networks(&mut self) -> Vec<IpNet> {
        if self.random.chance(25) {
            let families = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
            return families.into_iter().filter_map(|family| network(family, 0)).collect();
        }
        match self.ip_block() {
            PeerKind::IpBlock { cidr, mut except } => {
                except.truncate(1);
                // The hole of an ipBlock is a network like any other here.
                if self.random.chance(50) || except.is_empty() { vec![cidr] } else { except }
            }
            PeerKind::Pods { .. } => Vec::new(),
        }
    }

    fn tier_port(&mut self, kind: Kind, names_allowed: bool) -> TierPortKind {
        let protocol =
            self.random.one_of([Protocol::Tcp, Protocol::Tcp, Protocol::Tcp, Protocol::Udp, Protocol::Sctp]);
        let number = self.random.one_of(NUMBERS);
        match self.random.below(10) {
            0 if kind == Kind::Cluster => TierPortKind::All(protocol),
            1 | 2 => TierPortKind::Range(
                protocol,
                number,
                number.saturating_add(self.random.one_of([1, 10, 30_000])),
            ),
            3..6 if names_allowed => TierPortKind::Named(self.random.one_of(PORT_NAMES).to_owned()),
            6 if names_allowed => TierPortKind::Named("missing".to_owned()),
            _ => TierPortKind::Number(protocol, number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Size, snapshot};
    use super::*;
    use crate::choices::tier_rules;
    use crate::{Endpoint, Evaluator, Reading};
    use std::collections::{BTreeMap, BTreeSet};
    use watertight_model::{Relation, Snapshot};

    fn without_tiers(snapshot: &Snapshot) -> Snapshot {
        let mut kinds = snapshot.kinds.clone();
        for kind in ["ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy"] {
            kinds.remove(kind);
        }
        Snapshot { cluster_policies: Vec::new(), kinds, ..snapshot.clone() }
    }

    #[test]
    fn tiers_change_nothing_else_of_a_seeds_cluster() {
        for seed in 0..100 {
            let with = snapshot(seed, Size::default().with_tiers());
            assert_eq!(without_tiers(&with), snapshot(seed, Size::default()));
        }
    }

    #[test]
    fn policies_are_of_every_shape_and_tie_with_each_other() {
        let mut shapes = BTreeMap::new();
        let mut note = |shape: &'static str| *shapes.entry(shape).or_insert(0) += 1;
        for seed in 0..300 {
            let policies = snapshot(seed, Size::default().with_tiers()).cluster_policies;
            assert!(policies.is_sorted_by_key(|policy| (policy.tier, policy.priority)));
            let mut places = BTreeSet::new();
            for policy in &policies {
                note(policy.tier.name());
                note(match policy.origin.object.kind.as_str() {
                    "ClusterNetworkPolicy" => "new kind",
                    "AdminNetworkPolicy" => "older kind",
                    _ => "older kind of the baseline",
                });
                if !places.insert((policy.tier, policy.priority)) {
                    note("tie");
                }
                for rule in tier_rules(policy) {
                    note(rule.action.name());
                    for peer in &rule.peers {
                        note(match &peer.kind {
                            TierPeerKind::Pods { .. } => "pods",
                            TierPeerKind::Networks(_) => "networks",
                            TierPeerKind::Nodes(_) => "nodes",
                            TierPeerKind::DomainNames(_) => "domainNames",
                            TierPeerKind::Unknown => "unknown",
                        });
                    }
                    for port in rule.ports.iter().flatten() {
                        note(match &port.kind {
                            TierPortKind::All(_) => "all ports",
                            TierPortKind::Number(..) => "number",
                            TierPortKind::Range(..) => "range",
                            TierPortKind::Named(_) => "name",
                        });
                    }
                }
            }
        }
        assert_eq!(shapes.len(), 18, "{shapes:?}");
        assert!(shapes.values().all(|&count| count >= 10), "{shapes:?}");
    }

    #[test]
    fn tiers_open_and_close_what_was_not() {
        let (mut opened, mut closed, mut same) = (0, 0, 0);
        for seed in 0..200 {
            let with = snapshot(seed, Size::default().with_tiers());
            let without = without_tiers(&with);
            let ends: Vec<Endpoint> =
                (0..with.pods.len()).filter_map(|pod| Endpoint::existing(&with, pod, 0)).collect();
            for source in &ends {
                for destination in &ends {
                    let ask = |snapshot: &Snapshot| {
                        let evaluator = Evaluator::new(snapshot, Reading::DECLARED, Relation::May);
                        evaluator.allowed(source, destination, Protocol::Tcp, 80)
                    };
                    match (ask(&without), ask(&with)) {
                        (false, true) => opened += 1,
                        (true, false) => closed += 1,
                        _ => same += 1,
                    }
                }
            }
        }
        assert!(
            opened > 200 && closed > 400 && same > 500,
            "{opened} opened, {closed} closed, {same} as before"
        );
    }
}
