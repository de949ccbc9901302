//! The two directions of a NetworkPolicy, so that neither is written twice.

use watertight_model::{ClusterPolicy, NetworkPolicy, PolicyRule, TierRule};

/// From whose side a connection is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    /// The source's.
    Egress,
    /// The destination's.
    Ingress,
}

impl Direction {
    /// `egress` or `ingress`: the field of a policy's spec.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Egress => "egress",
            Self::Ingress => "ingress",
        }
    }

    /// The field that lists a rule's peers.
    pub(crate) fn peers_field(self) -> &'static str {
        match self {
            Self::Egress => "to",
            Self::Ingress => "from",
        }
    }

    /// Whether the policy isolates in this direction (rules N1, N5).
    pub(crate) fn isolates(self, policy: &NetworkPolicy) -> bool {
        match self {
            Self::Egress => policy.types.egress,
            Self::Ingress => policy.types.ingress,
        }
    }

    /// The policy's rules for this direction.
    pub(crate) fn rules(self, policy: &NetworkPolicy) -> &[PolicyRule] {
        match self {
            Self::Egress => &policy.egress,
            Self::Ingress => &policy.ingress,
        }
    }

    /// The rules for this direction of an administrator's policy.
    pub(crate) fn tier_rules(self, policy: &ClusterPolicy) -> &[TierRule] {
        match self {
            Self::Egress => &policy.egress,
            Self::Ingress => &policy.ingress,
        }
    }
}
