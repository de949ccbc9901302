//! What the administrator's policies decide about a pair that is there (rules N57 to N69).

use crate::direction::Direction;
use crate::pair::Endpoint;
use crate::rule::{PeerRef, Rule, rules_of_cluster_policy};
use crate::view::{Certainty, View};
use crate::world::{ActiveTier, World, network_addresses};
use watertight_base::{AddressSet, ConnectionSet, Selector};
use watertight_model::{Action, ClusterPolicy, Node, Pod, Tier, TierPeerKind};

/// What one tier makes of all connections of a pair, in one direction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Decided {
    /// Accepted, whatever comes later.
    accepted: ConnectionSet,
    /// Left to what comes later.
    left: ConnectionSet,
    /// In `must`: passed on by a policy that may not be there, so that what comes later must let them through too.
    doubtful: ConnectionSet,
}

impl Decided {
    /// What is accepted outright.
    pub(crate) fn accepted(&self) -> ConnectionSet {
        self.accepted.clone()
    }

    /// What passes in the end, if what comes later lets this pass.
    pub(crate) fn then(&self, later: impl Fn() -> ConnectionSet) -> ConnectionSet {
        if self.left.is_empty() && self.doubtful.is_empty() {
            return self.accepted.clone();
        }
        let later = later();
        let passed = self.accepted.union(&self.left.intersection(&later));
        passed.difference(&self.doubtful.difference(&later))
    }
}

/// What the rules of one policy, or of several that no order is defined of, decide first.
#[derive(Default)]
struct Outcomes {
    accepted: ConnectionSet,
    denied: ConnectionSet,
    passed: ConnectionSet,
    /// In `must`: perhaps passed on.
    doubtful: ConnectionSet,
    /// What nothing later in the tier is asked about.
    settled: ConnectionSet,
}

impl Outcomes {
    fn add(&mut self, other: &Self) {
        self.accepted = self.accepted.union(&other.accepted);
        self.denied = self.denied.union(&other.denied);
        self.passed = self.passed.union(&other.passed);
        self.doubtful = self.doubtful.union(&other.doubtful);
        self.settled = self.settled.union(&other.settled);
    }
}

/// A pair in one direction, and how the administrator's policies are treated.
#[derive(Clone, Copy)]
pub(crate) struct Question<'q, 'a> {
    /// How they are treated.
    pub(crate) world: &'q World<'a>,
    /// Whose side is asked about.
    pub(crate) direction: Direction,
    /// The pod on that side.
    pub(crate) own: &'q Pod,
    /// Who is across.
    pub(crate) other: Endpoint<'q>,
    /// Where the other end is: a set that every block in force holds whole or not at all.
    pub(crate) address: Option<&'q AddressSet>,
}

impl<'a> View<'a> {
    /// What one tier decides.
    pub(crate) fn tier(&self, tier: Tier, question: Question<'_, 'a>) -> Decided {
        let mut open = ConnectionSet::full();
        let mut decided = Decided::default();
        let policies: Vec<ActiveTier<'a>> =
            question.world.tiers.iter().filter(|active| active.policy.tier == tier).copied().collect();
        // Policies of one priority may come in any order (rule N59): the relation at hand takes what it wants.
        for tied in policies.chunk_by(|one, other| one.policy.priority == other.policy.priority) {
            let mut all = Outcomes::default();
            for active in tied {
                all.add(&self.outcomes(*active, question, &open));
            }
            if self.permissive {
                decided.accepted = decided.accepted.union(&all.accepted);
                decided.left = decided.left.union(&all.passed);
            } else {
                let passed = all.passed.difference(&all.denied);
                let accepted = all.accepted.difference(&all.denied).difference(&passed);
                decided.accepted = decided.accepted.union(&accepted);
                decided.left = decided.left.union(&passed);
                decided.doubtful = decided.doubtful.union(&all.doubtful);
            }
            // What is denied at all is closed, even if it is not certain that it is denied.
            open = open.difference(&all.settled.union(&all.denied));
        }
        decided.left = decided.left.union(&open);
        decided
    }

    /// The rules of one policy in order: the first that matches decides (rule N60). What is not certain, whether the
    /// policy is there or whether a rule matches, decides nothing alone: in `may` it can open, in `must` close.
    fn outcomes(&self, active: ActiveTier<'a>, question: Question<'_, 'a>, open: &ConnectionSet) -> Outcomes {
        let mut outcomes = Outcomes::default();
        let about = self.is_subject(question.world, active.policy, question.own);
        if about == Certainty::No {
            return outcomes;
        }
        let mut open = open.clone();
        for rule in rules_of_cluster_policy(active.policy, question.direction) {
            if open.is_empty() {
                break;
            }
            let peer = self.tier_peer_is(rule, question);
            let means = about.and(peer);
            if means == Certainty::No {
                continue;
            }
            let matched = self.tier_ports(&rule, question).intersection(&open);
            let sure = active.sure && means == Certainty::Yes;
            let outcome = match (rule.action, self.permissive) {
                (Action::Accept, true) => Some(&mut outcomes.accepted),
                (Action::Accept, false) => sure.then_some(&mut outcomes.accepted),
                (Action::Deny, true) => sure.then_some(&mut outcomes.denied),
                (Action::Deny, false) => Some(&mut outcomes.denied),
                (Action::Pass, true) => Some(&mut outcomes.passed),
                (Action::Pass, false) if sure => Some(&mut outcomes.passed),
                (Action::Pass, false) => Some(&mut outcomes.doubtful),
            };
            if let Some(outcome) = outcome {
                *outcome = outcome.union(&matched);
            }
            if sure {
                outcomes.settled = outcomes.settled.union(&matched);
            }
            // Within a policy that may not be there, or not be about the pod, its own order still holds.
            if peer == Certainty::Yes {
                open = open.difference(&matched);
            }
        }
        outcomes
    }

    /// What a rule and its one peer are about, for a pair: nothing if it does not mean the other end for certain.
    pub(crate) fn tier_rule_matches(&self, rule: &Rule<'a>, question: Question<'_, 'a>) -> ConnectionSet {
        match self.tier_peer_is(*rule, question) {
            Certainty::No => ConnectionSet::empty(),
            Certainty::Maybe | Certainty::Yes => self.tier_ports(rule, question),
        }
    }

    fn tier_ports(&self, rule: &Rule<'a>, question: Question<'_, 'a>) -> ConnectionSet {
        let destination = match question.direction {
            Direction::Ingress => Endpoint::Pod(question.own),
            Direction::Egress => question.other,
        };
        self.ports(question.world, rule.ports, |name| match destination {
            Endpoint::Pod(pod) => question.world.named_port(pod, name),
            Endpoint::Node(_) | Endpoint::Outside(_) => ConnectionSet::empty(),
        })
    }

    /// Whether a policy is about the pod: never about one on the host network (rule N65).
    pub(crate) fn is_subject(&self, world: &World<'a>, policy: &ClusterPolicy, pod: &Pod) -> Certainty {
        let subject = &policy.subject;
        if self.on_host_network(pod) || !subject.pods.matches(&world.seen(&pod.labels)) {
            return Certainty::No;
        }
        self.namespace_certainty(&subject.namespaces, pod.namespace)
    }

    fn tier_peer_is(&self, rule: Rule<'a>, question: Question<'_, 'a>) -> Certainty {
        let other = question.other;
        let peer = match rule.peer.map(|(_, peer)| peer.kind) {
            None => return Certainty::Yes,
            Some(PeerRef::Network(_)) => return Certainty::No,
            Some(PeerRef::Tier(peer)) => peer,
        };
        match peer {
            TierPeerKind::Pods { namespaces, pods } => match other {
                Endpoint::Pod(pod) if !self.on_host_network(pod) => {
                    let labels = Certainty::of(pods.matches(&question.world.seen(&pod.labels)));
                    labels.and(self.namespace_certainty(namespaces, pod.namespace))
                }
                Endpoint::Pod(_) | Endpoint::Node(_) | Endpoint::Outside(_) => Certainty::No,
            },
            TierPeerKind::Networks(networks) => {
                let block = network_addresses(networks);
                Certainty::of(match (other, question.address) {
                    (Endpoint::Outside(cell), _) => cell.is_subset(&block),
                    (_, Some(address)) => question.world.networks_match_cluster && address.is_subset(&block),
                    (_, None) => false,
                })
            }
            TierPeerKind::Nodes(selector) => Certainty::of(self.node_is(selector, question)),
            // A name may resolve to anything (rule N70).
            TierPeerKind::DomainNames(_) => Certainty::Maybe,
            TierPeerKind::Unknown => Certainty::No,
        }
    }

    /// Whether a peer by node labels means the other end: by the addresses in the status of nodes, so that what is dialled
    /// at another address of a node, such as its tunnel's, is not meant (rule N66).
    fn node_is(&self, selector: &Selector, question: Question<'_, 'a>) -> bool {
        if !self.is_on_host(question.other) {
            return false;
        }
        let within = |address: &AddressSet, node: &Node| {
            let known = node.addresses.iter().map(|&at| AddressSet::address(at));
            known.fold(AddressSet::empty(), |all, at| all.union(&at)).meets(address)
        };
        let nodes = &self.snapshot.nodes;
        let owner = question.address.and_then(|address| nodes.iter().find(|node| within(address, node)));
        if let Some(owner) = owner {
            return selector.matches(&owner.labels);
        }
        let own = match question.other {
            Endpoint::Node(node) => Some(node),
            Endpoint::Pod(pod) => pod.scheduling.node_name.as_deref().and_then(|name| self.node_named(name)),
            Endpoint::Outside(_) => None,
        };
        match own {
            Some(node) if !node.addresses.is_empty() => false,
            Some(node) => selector.matches(&node.labels) && question.world.unseen_nodes_match,
            None => question.world.unseen_nodes_match,
        }
    }
}
