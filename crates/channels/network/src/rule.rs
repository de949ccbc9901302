//! Rules of every kind of policy as one thing: whom they are about, whom they mean, on which ports, what they decide.

use crate::direction::Direction;
use watertight_base::{Selector, Span};
use watertight_model::{
    Action, ClusterPolicy, NetworkPolicy, Origin, PeerKind, PolicyPort, TierPeerKind, TierPort,
};

/// A policy of either kind.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PolicyRef<'a> {
    Network(&'a NetworkPolicy),
    Cluster(&'a ClusterPolicy),
}

impl<'a> PolicyRef<'a> {
    /// The object.
    pub(crate) fn origin(self) -> &'a Origin {
        match self {
            Self::Network(policy) => &policy.origin,
            Self::Cluster(policy) => &policy.origin,
        }
    }

    /// Where it says whom it is about: a JSON Pointer and the place.
    pub(crate) fn subject(self) -> (&'static str, Span) {
        match self {
            Self::Network(policy) => ("/spec/podSelector", policy.subject_span),
            Self::Cluster(policy) => ("/spec/subject", policy.subject.span),
        }
    }
}

/// One rule of a policy, and the one peer of it that is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule<'a> {
    /// The policy.
    pub(crate) policy: PolicyRef<'a>,
    /// Which of its rules for the direction.
    pub(crate) index: usize,
    /// The rule.
    pub(crate) span: Span,
    /// What it decides; a NetworkPolicy only accepts.
    pub(crate) action: Action,
    /// Which of the rule's peers; `None` for a rule that means everyone.
    pub(crate) peer: Option<(usize, Peer<'a>)>,
    /// The destination ports.
    pub(crate) ports: Ports<'a>,
}

/// One peer of a rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer<'a> {
    /// The whole element.
    pub(crate) span: Span,
    /// Whom it means.
    pub(crate) kind: PeerRef<'a>,
}

/// Whom a peer means, in the words of its kind of policy.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PeerRef<'a> {
    Network(&'a PeerKind),
    Tier(&'a TierPeerKind),
}

/// The ports of a rule, in the words of its kind of policy; `None` is every port of every protocol.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ports<'a> {
    Network(Option<&'a [PolicyPort]>),
    Tier(Option<&'a [TierPort]>),
}

impl Ports<'_> {
    /// Every port of every protocol.
    pub(crate) const ALL: Self = Self::Network(None);

    /// Whether it is every port of every protocol.
    pub(crate) fn is_all(self) -> bool {
        matches!(self, Self::Network(None) | Self::Tier(None))
    }
}

/// The rules of a NetworkPolicy, one for each peer, in order.
pub(crate) fn rules_of_network_policy(
    policy: &NetworkPolicy,
    direction: Direction,
) -> impl Iterator<Item = Rule<'_>> {
    direction.rules(policy).iter().enumerate().flat_map(move |(index, rule)| {
        let rule_for = move |peer| Rule {
            policy: PolicyRef::Network(policy),
            index,
            span: rule.span,
            action: Action::Accept,
            peer,
            ports: Ports::Network(rule.ports.as_deref()),
        };
        match &rule.peers {
            None => vec![rule_for(None)],
            Some(peers) => {
                let peers = peers.iter().enumerate().map(|(number, peer)| {
                    let kind = PeerRef::Network(&peer.kind);
                    rule_for(Some((number, Peer { span: peer.span, kind })))
                });
                peers.collect()
            }
        }
    })
}

/// The rules of an administrator's policy, one for each peer, in order. One with a peer that is not known fails closed:
/// it accepts nobody, or denies everyone (rule N68).
pub(crate) fn rules_of_cluster_policy(
    policy: &ClusterPolicy,
    direction: Direction,
) -> impl Iterator<Item = Rule<'_>> {
    direction.tier_rules(policy).iter().enumerate().flat_map(move |(index, rule)| {
        let whole = Rule {
            policy: PolicyRef::Cluster(policy),
            index,
            span: rule.span,
            action: rule.action,
            peer: None,
            ports: Ports::Tier(rule.ports.as_deref()),
        };
        if rule.peers.iter().any(|peer| peer.kind == TierPeerKind::Unknown) {
            let denies = Rule { action: Action::Deny, ports: Ports::ALL, ..whole };
            return if rule.action == Action::Accept { Vec::new() } else { vec![denies] };
        }
        let peers = rule.peers.iter().enumerate().map(|(number, peer)| {
            let kind = PeerRef::Tier(&peer.kind);
            Rule { peer: Some((number, Peer { span: peer.span, kind })), ..whole }
        });
        peers.collect()
    })
}

/// What the pods of a NetworkPolicy's peer must carry: their own labels, and their namespace's if it says so.
pub(crate) fn pods_of(peer: &PeerKind) -> Option<&Selector> {
    match peer {
        PeerKind::Pods { pods, .. } => Some(pods),
        PeerKind::IpBlock { .. } => None,
    }
}
