//! What the policies of one side make of a whole box of connections: whether they surely close all of it.
//!
//! This is docs/semantics.md, rule by rule, with one difference: what a rule is about is asked of a set, so that it may be
//! about all of it, some or none. Only what is sure for all closes anything, and whatever may open for some opens.

use crate::ends::{Cluster, End, Share};
use crate::format::{Closer, OfNames, Side};
use crate::profile::{Fault, HIDDEN_LABELS};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{AddressSet, ConnectionSet, PortSet, Protocol};
use watertight_model::{
    Action, Admission, ClusterPolicy, NamespaceId, NamespaceScope, NetworkPolicy, PeerKind, PolicyPort,
    PolicyRule, PortMatch, Tier, TierPeerKind, TierPort, TierPortKind, TierRule,
};

/// One way in which implementations treat what is open, and their faults.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct World {
    reads_newer: bool,
    reads_older: bool,
    networks_match_cluster: bool,
    faults: BTreeSet<Fault>,
}

impl World {
    /// All of them that a profile allows.
    pub(crate) fn all(cluster: &Cluster<'_>) -> BTreeSet<Self> {
        let answers = |point| cluster.profile.axis(point).answers();
        let mut worlds = BTreeSet::new();
        for &reads_newer in answers("reads-cluster-network-policy") {
            for &reads_older in answers("reads-admin-network-policy") {
                for &networks_match_cluster in answers("networks-match-cluster") {
                    for faults in cluster.profile.fault_sets() {
                        worlds.insert(Self { reads_newer, reads_older, networks_match_cluster, faults });
                    }
                }
            }
        }
        if cluster.snapshot.cluster_policies.is_empty() {
            // Where there is nothing to read, worlds that differ in that are one.
            let first = worlds.first().cloned();
            worlds.retain(|world| {
                first.as_ref().is_some_and(|first| {
                    let reads = |world: &Self| (world.reads_newer, world.reads_older);
                    reads(world) == reads(first)
                        && world.networks_match_cluster == first.networks_match_cluster
                })
            });
        }
        worlds
    }

    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// Whether a policy of the administrator is read.
    pub(crate) fn reads(&self, policy: &ClusterPolicy) -> bool {
        let asks_for_nodes_or_names = policy
            .egress
            .iter()
            .flat_map(|rule| &rule.peers)
            .any(|peer| matches!(peer.kind, TierPeerKind::Nodes(_) | TierPeerKind::DomainNames(_)));
        let is_dropped = self.has(Fault::DropsPoliciesWithNodesOrNames) && asks_for_nodes_or_names;
        let is_read = match policy.origin.object.kind.as_str() {
            "ClusterNetworkPolicy" => self.reads_newer,
            _ => self.reads_older,
        };
        is_read && !is_dropped
    }
}

/// Which port names stand for the connection's port, as far as the box is cut by that.
pub(crate) type Names = BTreeMap<(OfNames, String), bool>;

/// What one side is asked.
pub(crate) struct Question<'q> {
    pub(crate) cluster: &'q Cluster<'q>,
    pub(crate) world: &'q World,
    /// The namespaces whose policies are whatever those who live there want (convention 12).
    pub(crate) hostile: &'q [NamespaceId],
    pub(crate) side: Side,
    /// The pods whose policies decide.
    pub(crate) subject: &'q End,
    /// What is at the other end.
    pub(crate) other: &'q End,
    pub(crate) ports: &'q ConnectionSet,
    /// Port names of the destination; `None` for a node, which has none.
    pub(crate) names: Option<&'q Names>,
    /// The policies that are taken to close something. What others close is not counted.
    pub(crate) closers: &'q BTreeSet<Closer>,
}

/// What a tier may decide about members of a box.
#[derive(Debug, Clone, Copy, Default)]
struct May {
    accept: bool,
    pass: bool,
    deny: bool,
    /// No rule of it matches.
    nothing: bool,
}

impl Question<'_> {
    /// Whether this side surely closes all of the box.
    pub(crate) fn is_closed(&self) -> bool {
        if !self.world.has(Fault::HiddenLabels) {
            return self.closes();
        }
        let (subject, other) = (self.subject.hiding(HIDDEN_LABELS), self.other.hiding(HIDDEN_LABELS));
        Question { subject: &subject, other: &other, ..*self }.closes()
    }

    /// N57: the tiers in turn.
    fn closes(&self) -> bool {
        let admin = self.tier(Tier::Admin);
        if admin.accept {
            return false;
        }
        if !admin.pass && !admin.nothing {
            return true;
        }
        // A namespace that the input does not hold has no policies in it either.
        let namespace = self.subject.namespace;
        if namespace.is_some_and(|id| self.hostile.contains(&id)) {
            // Whoever may remove the policies of a namespace may also write one that allows everything.
            return false;
        }
        let policies =
            || self.cluster.snapshot.policies.iter().filter(move |it| Some(it.namespace) == namespace);
        if policies().any(|policy| self.may_allow(policy)) {
            return false;
        }
        let isolated = policies().any(|policy| self.isolates(policy));
        let baseline = self.tier(Tier::Baseline);
        if isolated {
            return !(baseline.accept && self.world.has(Fault::BaselineOverrides));
        }
        // N63: a policy that selects the pod for the other direction may keep the tier from being asked.
        let selected = policies().any(|policy| self.subject.labels.share(&policy.subject) != Share::None);
        let spared = selected && self.cluster.profile.axis("final-per-pod").may();
        baseline.deny && !baseline.accept && !baseline.pass && !baseline.nothing && !spared
    }

    fn is_sure(&self, admission: Admission) -> bool {
        admission == Admission::Accepted || self.cluster.profile.reads_files_alone()
    }

    fn is_named(&self, kind: &str, name: &str) -> bool {
        let named = Closer { side: self.side, kind: kind.to_owned(), name: name.to_owned() };
        self.closers.contains(&named)
    }

    /// The rules of a NetworkPolicy for this direction, if it is about it (rules N1, N5).
    fn rules<'p>(&self, policy: &'p NetworkPolicy) -> Option<&'p [PolicyRule]> {
        let (listed, rules) = match self.side {
            Side::Egress => (policy.types.egress, &policy.egress),
            Side::Ingress => (policy.types.ingress, &policy.ingress),
        };
        let by_fault = self.world.has(Fault::UnlistedRules) && !rules.is_empty();
        (listed || by_fault).then_some(rules)
    }

    fn isolates(&self, policy: &NetworkPolicy) -> bool {
        let object = &policy.origin.object;
        self.rules(policy).is_some()
            && self.is_sure(policy.admission)
            && self.is_named(&object.kind, &object.name)
            && self.subject.labels.share(&policy.subject) == Share::All
    }

    fn may_allow(&self, policy: &NetworkPolicy) -> bool {
        let rules = self.rules(policy).unwrap_or_default();
        let may = |rule: &PolicyRule| {
            let peers = rule.peers.as_ref();
            let means = peers.is_none_or(|peers| {
                peers.iter().any(|peer| self.peer(policy.namespace, &peer.kind) != Share::None)
            });
            means && self.ports(rule.ports.as_deref()) != Share::None
        };
        self.subject.labels.share(&policy.subject) != Share::None && rules.iter().any(may)
    }

    /// How much of the other end a peer of a NetworkPolicy means.
    fn peer(&self, own: NamespaceId, peer: &PeerKind) -> Share {
        let (cluster, other) = (self.cluster, self.other);
        match peer {
            PeerKind::Pods { .. } if other.is_node => Share::None,
            PeerKind::Pods { namespaces, pods, .. } => {
                let scope = match namespaces {
                    NamespaceScope::Own => Share::of_one(other.namespace == Some(own)),
                    NamespaceScope::Selected(selector) => other.namespace_labels.share(selector),
                };
                scope.min(other.labels.share(pods))
            }
            PeerKind::IpBlock { cidr, except } => {
                let point = if other.is_node { "ip-block-matches-nodes" } else { "ip-block-matches-pods" };
                match cluster.profile.axis(point).may() {
                    true => other.at(&except.iter().fold(AddressSet::cidr(*cidr), |left, &hole| {
                        left.difference(&AddressSet::cidr(hole))
                    })),
                    false => Share::None,
                }
            }
        }
    }

    fn ports(&self, entries: Option<&[PolicyPort]>) -> Share {
        let Some(entries) = entries else { return Share::All };
        let all_are_names = entries.iter().all(|entry| matches!(entry.port, PortMatch::Named(_)));
        if all_are_names && self.world.has(Fault::UnreliablePortNames) {
            return Share::All;
        }
        let ranges = self.cluster.profile.axis("end-port").may();
        let entries = entries.iter().map(|entry| {
            let numbers = match &entry.port {
                PortMatch::All => PortSet::full(),
                PortMatch::Number(port) => PortSet::single(*port),
                PortMatch::Range(first, last) if ranges => PortSet::range(*first, *last),
                PortMatch::Range(first, _) => PortSet::single(*first),
                PortMatch::Named(name) => {
                    let whole = ConnectionSet::of(entry.protocol, PortSet::full());
                    return (whole, Some((OfNames::NetworkPolicies, name)));
                }
            };
            (ConnectionSet::of(entry.protocol, numbers), None)
        });
        self.on_ports(entries)
    }

    fn tier_ports(&self, entries: Option<&[TierPort]>) -> Share {
        let Some(entries) = entries else { return Share::All };
        // Where the files are read alone, there is one way to read a pod's port names.
        let of = match self.cluster.profile.reads_files_alone() {
            true => OfNames::NetworkPolicies,
            false => OfNames::AdministratorsPolicies,
        };
        let on = |protocol: Protocol, ports| (ConnectionSet::of(protocol, ports), None);
        let entries = entries.iter().map(|entry| match &entry.kind {
            TierPortKind::All(protocol) => on(*protocol, PortSet::full()),
            TierPortKind::Number(protocol, port) => on(*protocol, PortSet::single(*port)),
            TierPortKind::Range(protocol, first, last) => on(*protocol, PortSet::range(*first, *last)),
            TierPortKind::Named(name) => (ConnectionSet::full(), Some((of, name))),
        });
        self.on_ports(entries)
    }

    /// How much of the box is on some ports, each given by numbers or, within these, by a name.
    fn on_ports<'e>(
        &self,
        entries: impl Iterator<Item = (ConnectionSet, Option<(OfNames, &'e String)>)>,
    ) -> Share {
        let (mut surely, mut possibly) = (ConnectionSet::empty(), ConnectionSet::empty());
        for (ports, name) in entries {
            let means = match (name, self.names) {
                (None, _) => Some(true),
                (Some(_), None) => Some(false),
                (Some((of, name)), Some(names)) => names.get(&(of, name.clone())).copied(),
            };
            if means == Some(true) {
                surely = surely.union(&ports);
            }
            if means != Some(false) {
                possibly = possibly.union(&ports);
            }
        }
        match (self.ports.is_subset(&surely), self.ports.intersection(&possibly).is_empty()) {
            (true, _) => Share::All,
            (false, true) => Share::None,
            (false, false) => Share::Some,
        }
    }

    /// What a tier may decide: policies in the order of their priorities (rule N58), those of one priority in any order
    /// (rule N59).
    fn tier(&self, tier: Tier) -> May {
        let in_force = |policy: &&ClusterPolicy| policy.tier == tier && self.world.reads(policy);
        let policies: Vec<&ClusterPolicy> =
            self.cluster.snapshot.cluster_policies.iter().filter(in_force).collect();
        let priorities: BTreeSet<u16> = policies.iter().map(|policy| policy.priority).collect();
        let mut may = May { nothing: true, ..May::default() };
        for priority in priorities {
            let mut undecided = true;
            for policy in policies.iter().filter(|policy| policy.priority == priority) {
                let one = self.policy(policy);
                may.accept |= one.accept;
                may.pass |= one.pass;
                may.deny |= one.deny;
                undecided &= one.nothing;
            }
            if !undecided {
                may.nothing = false;
                break;
            }
        }
        may
    }

    /// What one policy may decide: the first of its rules that matches (rules N60, N62).
    fn policy(&self, policy: &ClusterPolicy) -> May {
        let mut may = May { nothing: true, ..May::default() };
        let subject = &policy.subject;
        let about = self.subject.namespace_labels.share(&subject.namespaces);
        let about = about.min(self.subject.labels.share(&subject.pods));
        // N65: nodes, and pods on their network, are never meant.
        if about == Share::None || self.subject.is_node {
            return may;
        }
        let object = &policy.origin.object;
        let (sure, named) = (self.is_sure(policy.admission), self.is_named(&object.kind, &object.name));
        let rules = match self.side {
            Side::Egress => &policy.egress,
            Side::Ingress => &policy.ingress,
        };
        for rule in rules {
            for (action, share) in self.tier_rule(rule) {
                let counts = named || action == Action::Accept;
                match (action, about.min(share)) {
                    (_, Share::None) => {}
                    (Action::Deny, _) if !named => {}
                    (action, share) => {
                        may.accept |= action == Action::Accept;
                        may.pass |= action == Action::Pass;
                        may.deny |= action == Action::Deny;
                        if share == Share::All && counts {
                            may.nothing = !sure;
                            return may;
                        }
                    }
                }
            }
        }
        may
    }

    /// What a rule decides, peer by peer, and about how much of the box. With a peer that is not known it fails closed
    /// (rule N68).
    fn tier_rule(&self, rule: &TierRule) -> Vec<(Action, Share)> {
        if rule.peers.iter().any(|peer| peer.kind == TierPeerKind::Unknown) {
            return match rule.action {
                Action::Accept => Vec::new(),
                Action::Deny | Action::Pass => vec![(Action::Deny, Share::All)],
            };
        }
        let ports = self.tier_ports(rule.ports.as_deref());
        let peers = rule.peers.iter();
        peers.map(|peer| (rule.action, self.tier_peer(&peer.kind, rule.action).min(ports))).collect()
    }

    fn tier_peer(&self, peer: &TierPeerKind, action: Action) -> Share {
        let other = self.other;
        match peer {
            TierPeerKind::Pods { namespaces, pods } if !other.is_node => {
                other.namespace_labels.share(namespaces).min(other.labels.share(pods))
            }
            TierPeerKind::Networks(networks) if self.world.networks_match_cluster => {
                other.at(&union(networks))
            }
            // N70: a name may resolve to anything.
            TierPeerKind::DomainNames(_) if action == Action::Accept => Share::All,
            // N66: which node it is is not known here, so that a rule may be about it, and never surely is.
            TierPeerKind::Nodes(_) if other.is_node => Share::Some,
            _ => Share::None,
        }
    }
}

fn union(networks: &[IpNet]) -> AddressSet {
    networks.iter().fold(AddressSet::empty(), |all, &network| all.union(&AddressSet::cidr(network)))
}
