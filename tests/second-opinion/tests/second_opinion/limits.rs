//! What network-config-analyzer does not take: the random clusters are kept within it. `DIFFERENCES.md` shows each.

use watertight_model::{Admission, Snapshot};

/// The rules that say what the input means all the same.
pub(crate) const RULES: [&str; 2] = ["N5", "N21"];

/// Takes out of a cluster what the analyser refuses to read.
pub(crate) fn keep_within(snapshot: &mut Snapshot) {
    n5_no_rules_beside_the_types(snapshot);
    n21_no_refused_names(snapshot);
}

/// N5: rules of a direction that is not among the policy's types mean nothing. The analyser takes them for an error.
fn n5_no_rules_beside_the_types(snapshot: &mut Snapshot) {
    for policy in &mut snapshot.policies {
        if !policy.types.ingress {
            policy.ingress.clear();
        }
        if !policy.types.egress {
            policy.egress.clear();
        }
    }
}

/// N21: names that the API server refuses. We read such a policy as it is written; the analyser does not go on.
fn n21_no_refused_names(snapshot: &mut Snapshot) {
    snapshot.policies.retain(|policy| policy.admission == Admission::Accepted);
}
