//! A profile as a certificate has it: every open point, every fault, and what else it says of the network.

use crate::Profile;
use crate::profile::{Axis, Fault};
use std::collections::BTreeMap;

/// What a profile says, by name.
pub(super) fn points(profile: &Profile) -> Vec<(String, String)> {
    let axes = profile.points().into_iter().map(|(name, point)| {
        let axis = match point.axis {
            Axis::Always => "always",
            Axis::Never => "never",
            Axis::Varies => "varies",
        };
        (name.to_owned(), axis.to_owned())
    });
    let yes_or_no = [
        ("enforces", profile.enforces),
        ("nodes", profile.nodes),
        ("ipv6", profile.ipv6),
        ("unknown-labels", profile.unknown_labels),
        ("two-relations", profile.two_relations),
        ("doubts-refused", profile.doubts_refused),
    ];
    let yes_or_no = yes_or_no.into_iter().map(|(name, holds)| {
        let holds = if holds { "yes" } else { "no" };
        (name.to_owned(), holds.to_owned())
    });
    let mut by_enforcer: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (title, fault) in profile.all_faults() {
        by_enforcer.entry(title).or_default().push(fault_name(fault));
    }
    let faults =
        by_enforcer.into_iter().map(|(title, faults)| (format!("faults of {title}"), faults.join(", ")));
    axes.chain(yes_or_no).chain(faults).collect()
}

fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::UnlistedRules => "unlisted-rules",
        Fault::UnreliablePortNames => "unreliable-port-names",
        Fault::HiddenLabels(_) => "hidden-labels",
        Fault::BaselineOverrides => "baseline-overrides",
        Fault::DropsPoliciesWithNodesOrNames => "drops-policies-with-nodes-or-names",
    }
}
