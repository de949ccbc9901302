//! The order of the administrator's policies, and those of which the order is not defined (rules N58, N59).

use crate::read::{Body, Found, ReadClusterPolicy};
use crate::rules;
use std::collections::BTreeMap;
use watertight_base::Diagnostic;
use watertight_model::{ClusterPolicy, Tier};

/// What the policies are sorted by: tier, priority, kind and name.
pub(super) fn order(policy: &ClusterPolicy) -> impl Ord + '_ {
    let object = &policy.origin.object;
    (policy.tier, policy.priority, &object.kind, &object.name, &policy.origin)
}

/// Warns of policies that have the priority of an earlier one in their tier, and rules in the same direction.
pub(super) fn report(found: &[Found], diagnostics: &mut Vec<Diagnostic>) {
    let mut policies: Vec<&ReadClusterPolicy> = found.iter().filter_map(with_priority).collect();
    policies.sort_by(|a, b| order(&a.policy).cmp(&order(&b.policy)));
    // The first of each tier, priority and direction.
    let mut first: BTreeMap<(Tier, u16, &str), &ClusterPolicy> = BTreeMap::new();
    for ReadClusterPolicy { policy, priority_span, .. } in policies {
        let directions = [("ingress", &policy.ingress), ("egress", &policy.egress)];
        let mut earlier = None;
        for (direction, _) in directions.into_iter().filter(|(_, rules)| !rules.is_empty()) {
            let known = first.entry((policy.tier, policy.priority, direction)).or_insert(policy);
            if known.origin != policy.origin && earlier.is_none() {
                earlier = Some((direction, *known));
            }
        }
        let (Some((direction, earlier)), Some(span)) = (earlier, priority_span) else { continue };
        let (object, other) = (&policy.origin.object, &earlier.origin.object);
        let tier = policy.tier.name();
        let message = format!("{object} has the priority of {other} in the tier {tier}");
        diagnostics.push(
            Diagnostic::warning(rules::SHARED_PRIORITY, message)
                .at(*span, format!("{other} has it too, and {direction} rules"))
                .help("give each policy of a tier a priority of its own: else it is not defined which one applies"),
        );
    }
}

fn with_priority(object: &Found) -> Option<&ReadClusterPolicy> {
    match &object.body {
        Body::ClusterPolicy(read) if read.priority_span.is_some() => Some(read),
        _ => None,
    }
}
