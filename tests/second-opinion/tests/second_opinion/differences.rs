//! The listed differences, each as an edit: it turns a cluster into what the other program takes it for. After all
//! edits both must say the same of every pair, so that nothing is left out of the comparison. `DIFFERENCES.md` shows
//! each on a minimal cluster.

use std::collections::BTreeSet;
use watertight_base::{Operator, Requirement};
use watertight_model::{ContainerRole, Namespace, NamespaceScope, PeerKind, PodState, Snapshot};

/// One difference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Difference {
    /// The rule that decides it.
    pub(crate) rule: &'static str,
    /// Edits a cluster into what the other program takes it for.
    pub(crate) apply: fn(&mut Snapshot),
}

/// All of them. A pod's traffic to itself (N32) is left out by the comparison.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference { rule: "N12", apply: n12_exists_looks_in_the_own_namespace },
    Difference { rule: "N26", apply: n26_the_last_container_port_of_a_name_counts },
    Difference { rule: "N55", apply: n55_pods_that_ended_take_part },
];

/// N12: in a peer with both selectors, `Exists` and `DoesNotExist` on pod labels are met only by pods of the policy's
/// own namespace.
fn n12_exists_looks_in_the_own_namespace(snapshot: &mut Snapshot) {
    let names: Vec<String> = snapshot.namespaces.iter().map(|namespace| namespace.name.clone()).collect();
    for policy in &mut snapshot.policies {
        let home = names[policy.namespace.0].clone();
        let rules = policy.ingress.iter_mut().chain(&mut policy.egress);
        for peer in rules.flat_map(|rule| rule.peers.iter_mut().flatten()) {
            let PeerKind::Pods { namespaces: NamespaceScope::Selected(namespaces), pods, .. } =
                &mut peer.kind
            else {
                continue;
            };
            let asks_for_a_key = |requirement: &Requirement| {
                matches!(requirement.operator, Operator::Exists | Operator::DoesNotExist)
            };
            if pods.requirements.iter().any(asks_for_a_key) {
                namespaces.requirements.push(Requirement {
                    key: Namespace::NAME_LABEL.to_owned(),
                    operator: Operator::In,
                    values: [home.clone()].into_iter().collect(),
                });
            }
        }
    }
}

/// N26: of several container ports of one name only the last counts, whatever the protocols.
fn n26_the_last_container_port_of_a_name_counts(snapshot: &mut Snapshot) {
    for pod in &mut snapshot.pods {
        let mut seen = BTreeSet::new();
        pod.ports.reverse();
        pod.ports.retain(|port| {
            port.container != ContainerRole::Main
                || port.name.as_ref().is_none_or(|name| seen.insert(name.clone()))
        });
        pod.ports.reverse();
    }
}

/// N55: a pod that succeeded or failed is taken for one that runs.
fn n55_pods_that_ended_take_part(snapshot: &mut Snapshot) {
    for pod in &mut snapshot.pods {
        pod.state = PodState::Active;
    }
}
