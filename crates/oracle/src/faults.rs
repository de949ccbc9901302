//! What enforcers are known to do against the specification.

use crate::choices::tier_rules;
use crate::probe::rules;
use std::borrow::Cow;
use std::collections::BTreeSet;
use watertight_base::{Labels, Selector};
use watertight_model::{
    ClusterPolicy, NetworkPolicy, PeerKind, PolicyRule, PortMatch, Snapshot, TierPeerKind,
};

/// The faults of one world, or those that one enforcer has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Faults {
    /// A section that `policyTypes` leaves out isolates and allows all the same, unless it is empty (against rule N5).
    pub unlisted_rules: bool,
    /// A rule of a NetworkPolicy all of whose ports are names opens every port of every protocol (against rule N27).
    pub unreliable_port_names: bool,
    /// Labels of pods that no selector sees.
    pub hidden_labels: &'static [&'static str],
    /// An Accept of the tier Baseline opens what a NetworkPolicy isolates (against rule N57).
    pub baseline_overrides: bool,
    /// A policy of the admin tiers with a peer by nodes or domain names is dropped as a whole.
    pub drops_policies_with_nodes_or_names: bool,
}

impl Faults {
    /// None: the enforcer does what the specification says.
    pub const NONE: Self = Self {
        unlisted_rules: false,
        unreliable_port_names: false,
        hidden_labels: &[],
        baseline_overrides: false,
        drops_policies_with_nodes_or_names: false,
    };

    /// The worlds of some enforcers: one without faults, one with each fault alone, and for each enforcer one with all
    /// that it has. Only faults count that could make a difference for these objects.
    pub(crate) fn worlds(enforcers: &[Self], snapshot: &Snapshot, reads_tiers: bool) -> BTreeSet<Self> {
        let mut found = BTreeSet::from([Self::NONE]);
        for enforcer in enforcers {
            let all = enforcer.that_matter_to(snapshot, reads_tiers);
            found.extend(all.each_alone());
            found.insert(all);
        }
        found
    }

    fn each_alone(self) -> [Self; 5] {
        [
            Self { unlisted_rules: self.unlisted_rules, ..Self::NONE },
            Self { unreliable_port_names: self.unreliable_port_names, ..Self::NONE },
            Self { hidden_labels: self.hidden_labels, ..Self::NONE },
            Self { baseline_overrides: self.baseline_overrides, ..Self::NONE },
            Self {
                drops_policies_with_nodes_or_names: self.drops_policies_with_nodes_or_names,
                ..Self::NONE
            },
        ]
    }

    fn that_matter_to(self, snapshot: &Snapshot, reads_tiers: bool) -> Self {
        let policies = &snapshot.policies;
        let unlisted = || policies.iter().any(has_unlisted_rules);
        let named = || policies.iter().flat_map(rules).any(names_all_its_ports);
        let hidden = || asks_for(snapshot, self.hidden_labels);
        let dropped = || snapshot.cluster_policies.iter().any(has_nodes_or_names);
        Self {
            unlisted_rules: self.unlisted_rules && unlisted(),
            unreliable_port_names: self.unreliable_port_names && named(),
            hidden_labels: if hidden() { self.hidden_labels } else { &[] },
            baseline_overrides: self.baseline_overrides && reads_tiers,
            drops_policies_with_nodes_or_names: self.drops_policies_with_nodes_or_names
                && reads_tiers
                && dropped(),
        }
    }

    /// The labels of a pod that selectors see.
    pub(crate) fn seen(self, labels: &Labels) -> Cow<'_, Labels> {
        if !labels.keys().any(|key| self.hidden_labels.contains(&key.as_str())) {
            return Cow::Borrowed(labels);
        }
        let mut seen = labels.clone();
        seen.retain(|key, _| !self.hidden_labels.contains(&key.as_str()));
        Cow::Owned(seen)
    }
}

fn has_unlisted_rules(policy: &NetworkPolicy) -> bool {
    let unlisted_ingress = !policy.types.ingress && !policy.ingress.is_empty();
    let unlisted_egress = !policy.types.egress && !policy.egress.is_empty();
    unlisted_ingress || unlisted_egress
}

/// Whether each of a rule's ports is a name.
pub(crate) fn names_all_its_ports(rule: &PolicyRule) -> bool {
    let Some(ports) = &rule.ports else {
        return false;
    };
    !ports.is_empty() && ports.iter().all(|port| matches!(port.port, PortMatch::Named(_)))
}

/// Whether a policy of the admin tiers has a peer by nodes or domain names.
pub(crate) fn has_nodes_or_names(policy: &ClusterPolicy) -> bool {
    let mut peers = policy.egress.iter().flat_map(|rule| &rule.peers);
    peers.any(|peer| matches!(peer.kind, TierPeerKind::Nodes(_) | TierPeerKind::DomainNames(_)))
}

/// Whether some selector of pods, of a subject or of a peer, asks for one of these labels.
fn asks_for(snapshot: &Snapshot, keys: &[&str]) -> bool {
    if keys.is_empty() {
        return false;
    }
    let asks = |selector: &Selector| {
        selector.requirements.iter().any(|requirement| keys.contains(&requirement.key.as_str()))
    };
    let policy_asks = |policy: &NetworkPolicy| {
        let mut peers = rules(policy).flat_map(|rule| rule.peers.iter().flatten());
        asks(&policy.subject)
            || peers.any(|peer| match &peer.kind {
                PeerKind::Pods { pods, .. } => asks(pods),
                PeerKind::IpBlock { .. } => false,
            })
    };
    let cluster_policy_asks = |policy: &ClusterPolicy| {
        let mut peers = tier_rules(policy).flat_map(|rule| &rule.peers);
        asks(&policy.subject.pods)
            || peers.any(|peer| match &peer.kind {
                TierPeerKind::Pods { pods, .. } => asks(pods),
                _ => false,
            })
    };
    snapshot.policies.iter().any(policy_asks) || snapshot.cluster_policies.iter().any(cluster_policy_asks)
}
