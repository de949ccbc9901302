//! What enforcers are known to do against the specification, where it opens something.

use watertight_model::{NetworkPolicy, PolicyPort, PolicyRule, PortMatch, Snapshot, TierPeerKind};

/// A deviation of an enforcer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Rules of a direction that `policyTypes` leaves out isolate and allow all the same (rule N5).
    UnlistedRules,
    /// A rule of which every port is a name may open every port: it does if no pod in question has such a port, and the
    /// sets behind names are shared between policies (rule N27).
    UnreliablePortNames,
    /// Selectors of pods do not see some labels: for them, no pod has these.
    HiddenLabels(&'static [&'static str]),
    /// An Accept of the Baseline tier opens pods that a NetworkPolicy isolates (rule N57).
    BaselineOverrides,
    /// A policy of the admin tiers with a peer by nodes or domain names is dropped as a whole.
    DropsPoliciesWithNodesOrNames,
}

impl Fault {
    /// What it is, in a phrase.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::UnlistedRules => "policyTypes is ignored for a section that has rules",
            Self::UnreliablePortNames => "a rule whose ports are all names may open every port",
            Self::HiddenLabels(_) => "some labels of pods are not seen by selectors",
            Self::BaselineOverrides => {
                "an Accept of the Baseline tier opens pods that a NetworkPolicy isolates"
            }
            Self::DropsPoliciesWithNodesOrNames => {
                "an administrator's policy with a peer by nodes or domain names is dropped"
            }
        }
    }

    /// Whether it could make a difference for these objects.
    pub(crate) fn matters(self, snapshot: &Snapshot) -> bool {
        let policies = &snapshot.policies;
        match self {
            Self::UnlistedRules => policies.iter().any(has_unlisted_rules),
            Self::UnreliablePortNames => {
                let rules = policies.iter().flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
                rules.into_iter().any(names_all_its_ports)
            }
            Self::HiddenLabels(keys) => selected_keys(snapshot).any(|key| keys.contains(&key)),
            Self::BaselineOverrides => !snapshot.cluster_policies.is_empty(),
            Self::DropsPoliciesWithNodesOrNames => {
                let rules = snapshot.cluster_policies.iter().flat_map(|policy| &policy.egress);
                let mut peers = rules.flat_map(|rule| &rule.peers);
                peers.any(|peer| matches!(peer.kind, TierPeerKind::Nodes(_) | TierPeerKind::DomainNames(_)))
            }
        }
    }
}

fn has_unlisted_rules(policy: &NetworkPolicy) -> bool {
    (!policy.types.ingress && !policy.ingress.is_empty())
        || (!policy.types.egress && !policy.egress.is_empty())
}

fn names_all_its_ports(rule: &PolicyRule) -> bool {
    rule.ports.as_ref().is_some_and(|ports| all_are_names(ports))
}

/// Whether each of a rule's ports is given by name.
pub(crate) fn all_are_names(ports: &[PolicyPort]) -> bool {
    ports.iter().all(|port| matches!(port.port, PortMatch::Named(_)))
}

/// The label keys that selectors of pods ask for.
fn selected_keys(snapshot: &Snapshot) -> impl Iterator<Item = &str> {
    crate::kinds::pod_selectors(snapshot)
        .flat_map(|selector| &selector.requirements)
        .map(|requirement| requirement.key.as_str())
}
