//! The three kinds of the administrator's policies: what each allows that another does not (rules N64, N71).
//!
//! Source: the CustomResourceDefinitions of <https://github.com/kubernetes-sigs/network-policy-api>, of the experimental
//! channel: v0.2.0 for `v1alpha2`, v0.1.7 for `v1alpha1`.

use crate::kinds::EvaluatedKind;
use watertight_model::{Action, Tier};

/// How one kind says what all three can.
#[derive(Debug)]
pub(super) struct Dialect {
    /// The fields of `spec`.
    pub(super) spec: &'static [&'static str],
    /// The tier of all policies of the kind; `None` if each has its own.
    pub(super) tier: Option<Tier>,
    /// The one name that a policy may have.
    pub(super) only_name: Option<&'static str>,
    /// The actions that a rule may have, by name.
    pub(super) actions: &'static [(&'static str, Action)],
    /// What a peer of an egress rule may be.
    pub(super) destinations: &'static [&'static str],
    /// The field of a rule that holds its ports.
    pub(super) ports: &'static str,
    /// The most rules of a direction, peers of a rule and ports of a rule.
    pub(super) max: usize,
    /// What `pods` of a peer or subject must have.
    pub(super) required_of_pods: &'static [&'static str],
}

/// What a peer of an ingress rule may be (rule N66).
pub(super) const SOURCES: &[&str] = &["namespaces", "pods"];

const CLUSTER: Dialect = Dialect {
    spec: &["tier", "priority", "subject", "ingress", "egress"],
    tier: None,
    only_name: None,
    actions: &[("Accept", Action::Accept), ("Deny", Action::Deny), ("Pass", Action::Pass)],
    destinations: &["namespaces", "pods", "nodes", "networks", "domainNames"],
    ports: "protocols",
    max: 25,
    required_of_pods: &["podSelector"],
};

const ADMIN: Dialect = Dialect {
    spec: &["priority", "subject", "ingress", "egress"],
    tier: Some(Tier::Admin),
    only_name: None,
    actions: &[("Allow", Action::Accept), ("Deny", Action::Deny), ("Pass", Action::Pass)],
    destinations: &["namespaces", "pods", "nodes", "networks", "domainNames"],
    ports: "ports",
    max: 100,
    required_of_pods: &["namespaceSelector", "podSelector"],
};

const BASELINE: Dialect = Dialect {
    spec: &["subject", "ingress", "egress"],
    tier: Some(Tier::Baseline),
    only_name: Some("default"),
    actions: &[("Allow", Action::Accept), ("Deny", Action::Deny)],
    destinations: &["namespaces", "pods", "nodes", "networks"],
    ..ADMIN
};

impl Dialect {
    /// The dialect of a kind, if it is one of the three.
    pub(super) fn of(kind: EvaluatedKind) -> Option<&'static Self> {
        match kind {
            EvaluatedKind::ClusterNetworkPolicy => Some(&CLUSTER),
            EvaluatedKind::AdminNetworkPolicy => Some(&ADMIN),
            EvaluatedKind::BaselineAdminNetworkPolicy => Some(&BASELINE),
            _ => None,
        }
    }

    /// Whether the kind has a field `priority`.
    pub(super) fn has_priority(&self) -> bool {
        self.spec.contains(&"priority")
    }
}
