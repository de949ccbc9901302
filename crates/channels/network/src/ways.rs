//! The ways out of a namespace and into it, as conditions on labels: true for every pod that could exist, not only for
//! those that do.
//!
//! A pod that could exist is fenced by policies through its labels alone, and its creator picks those. So what one side
//! of a connection lets pass is a list of ways: either no policy isolates the pod, or a rule of one allows it. Each way
//! asks something of the pod's own labels and something of the other end.

use crate::direction::Direction;
use crate::view::{NamespaceMatch, View, block_addresses};
use watertight_base::{AddressSet, Escape, LabelBox, Labels, Selector};
use watertight_model::{NamespaceId, NamespaceScope, NetworkPolicy, PeerKind, PolicyPeer, PolicyRule};

/// What is asked of a pod's labels: all of some selectors, none of some others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition<'a> {
    require: Vec<&'a Selector>,
    forbid: Vec<&'a Selector>,
}

impl<'a> Condition<'a> {
    /// The same condition, and the selector too.
    pub(crate) fn and(mut self, selector: Option<&'a Selector>) -> Self {
        self.require.extend(selector);
        self
    }

    /// Whether these labels meet it.
    pub(crate) fn holds(&self, labels: &Labels) -> bool {
        self.require.iter().all(|selector| selector.matches(labels))
            && !self.forbid.iter().any(|selector| selector.matches(labels))
    }

    /// Labels that meet it: for a pod that could exist. Takes from `budget` what the search costs.
    pub(crate) fn labels(&self, budget: &mut usize) -> Escape {
        let required =
            self.require.iter().try_fold(LabelBox::everything(), |within, selector| within.select(selector));
        required.map_or(Escape::None, |within| within.escape(&self.forbid, budget))
    }
}

/// One way through one side of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Way<'a> {
    /// What lets it pass.
    pub(crate) gate: Gate<'a>,
    /// What it asks of the pod on this side.
    pub(crate) own: Condition<'a>,
}

/// What lets a connection pass on one side.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gate<'a> {
    /// No policy isolates the pod.
    Unfenced,
    /// A rule allows it.
    Rule(RuleGate<'a>),
}

/// A rule of a policy, and the one peer of it that is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RuleGate<'a> {
    /// The policy.
    pub(crate) policy: &'a NetworkPolicy,
    /// Which of its rules for the direction.
    pub(crate) index: usize,
    /// The rule.
    pub(crate) rule: &'a PolicyRule,
    /// Which of the rule's peers; `None` for a rule that means everyone.
    pub(crate) peer: Option<(usize, &'a PolicyPeer)>,
}

/// What a gate asks of the other end.
#[derive(Debug, Clone)]
pub(crate) enum Across<'a> {
    /// Nothing.
    Anyone,
    /// A pod with such labels; the namespace is meant, surely or under some labels.
    Pod { selector: &'a Selector, namespace: NamespaceMatch },
    /// Someone with such an address.
    Address(AddressSet),
    /// It does not mean pods of that namespace.
    Nobody,
}

impl<'a> Across<'a> {
    /// What is asked of a pod's labels.
    pub(crate) fn selector(&self) -> Option<&'a Selector> {
        match self {
            Self::Pod { selector, .. } => Some(selector),
            Self::Anyone | Self::Address(_) | Self::Nobody => None,
        }
    }
}

/// All ways through one side, for pods of a namespace that have a network of their own.
pub(crate) fn ways<'a>(view: &View<'a>, namespace: NamespaceId, direction: Direction) -> Vec<Way<'a>> {
    let isolating = view.policies(namespace, direction).filter(|active| active.isolates);
    let unfenced =
        Condition { require: Vec::new(), forbid: isolating.map(|active| &active.policy.subject).collect() };
    let mut ways = vec![Way { gate: Gate::Unfenced, own: unfenced }];
    for active in view.policies(namespace, direction).filter(|active| active.allows) {
        let policy = active.policy;
        for (index, rule) in direction.rules(policy).iter().enumerate() {
            let peers: Vec<_> = match &rule.peers {
                None => vec![None],
                Some(peers) => peers.iter().enumerate().map(Some).collect(),
            };
            ways.extend(peers.into_iter().map(|peer| Way {
                gate: Gate::Rule(RuleGate { policy, index, rule, peer }),
                own: Condition::default().and(Some(&policy.subject)),
            }));
        }
    }
    ways
}

impl<'a> Gate<'a> {
    /// What the gate asks of the other end, if that is in `namespace`.
    pub(crate) fn across(&self, view: &View<'a>, namespace: NamespaceId) -> Across<'a> {
        let Self::Rule(gate) = self else { return Across::Anyone };
        match gate.peer.map(|(_, peer)| &peer.kind) {
            None => Across::Anyone,
            Some(PeerKind::IpBlock { cidr, except }) => Across::Address(block_addresses(*cidr, except)),
            Some(PeerKind::Pods { namespaces: NamespaceScope::Own, pods, .. }) => {
                if gate.policy.namespace == namespace {
                    Across::Pod { selector: pods, namespace: NamespaceMatch::Known }
                } else {
                    Across::Nobody
                }
            }
            Some(PeerKind::Pods { namespaces: NamespaceScope::Selected(scope), pods, .. }) => {
                let matched = view.namespace_match(scope, namespace);
                matched.map_or(Across::Nobody, |namespace| Across::Pod { selector: pods, namespace })
            }
        }
    }
}
