//! What holds a connection back: the direction, and the policy.

use super::ends::{self, Reason};
use std::collections::BTreeSet;
use watertight_base::Protocol;
use watertight_model::{Action, Admission, Because, DirectionExplanation, Explanation, ObjectRef, Snapshot};
use watertight_network::{Between, End};

/// Why `from` cannot open the port to `to` for certain.
pub(crate) fn held_back(
    snapshot: &Snapshot,
    must: &Between<'_>,
    may: &Between<'_>,
    from: End,
    to: End,
    (protocol, port): (Protocol, u16),
) -> Reason {
    let (source, target) = (ends::name(snapshot, from), ends::name(snapshot, to));
    let connection = format!("{} {port}", protocol.name());
    let explain = format!(
        "`watertight map --relation must --explain {} {} {port}/{}` shows each rule",
        ends::argument(snapshot, from),
        ends::argument(snapshot, to),
        protocol.name().to_lowercase()
    );
    let passes = |side: &DirectionExplanation| side.allow.contains(protocol, port);
    let explanation = must.explain(from, to, (protocol, port));
    let side = explanation.as_ref().and_then(|Explanation { egress, ingress, .. }| {
        let sides = [("egress", &source, egress), ("ingress", &target, ingress)];
        sides.into_iter().find(|(_, _, side)| !passes(side))
    });
    let differs = if may.allows(from, to).contains(protocol, port) {
        ", though some reading of the profile lets it pass"
    } else {
        ""
    };
    let Some((direction, whose, side)) = side else {
        return Reason {
            why: format!("{source} cannot open {connection} to {target} under every reading of the profile"),
            help: explain,
            because: Vec::new(),
        };
    };
    let denies = |action: Action| action == Action::Deny;
    let denying =
        side.rules.iter().filter(|rule| denies(rule.action) && rule.matches.contains(protocol, port));
    let denying: Vec<Because> = denying.map(|rule| rule.because.clone()).collect();
    let holds = if denying.is_empty() { side.isolated_by.clone() } else { denying.clone() };
    let (by, one) = names(&holds);
    let how = match (by.is_empty(), denying.is_empty()) {
        (true, _) => "a policy that some network plugin reads holds it back".to_owned(),
        (false, false) => format!("{by} {}", if one { "denies it" } else { "deny it" }),
        (false, true) => {
            let isolates = if one { "isolates" } else { "isolate" };
            format!("{by} {isolates} it, and no rule lets this pass for certain")
        }
    };
    let doubtful = doubtful(snapshot, side);
    let doubt = if doubtful.is_empty() {
        String::new()
    } else {
        format!("; {} may not be there, as the diagnostics say", doubtful.join(", "))
    };
    let mend = match (doubtful.is_empty(), differs.is_empty()) {
        (false, _) => "mend what the diagnostics name".to_owned(),
        (true, true) => format!("add an {direction} rule for {whose} that allows {connection}"),
        (true, false) => {
            format!(
                "allow {connection} by selectors and port numbers, which every network plugin reads alike"
            )
        }
    };
    Reason {
        why: format!(
            "{source} cannot open {connection} to {target}: {direction} of {whose}: {how}{differs}{doubt}"
        ),
        help: format!("{mend}; {explain}"),
        because: holds,
    }
}

/// The policies on a side that may not be there: those that isolate, and those whose rules would let something pass.
fn doubtful(snapshot: &Snapshot, side: &DirectionExplanation) -> Vec<String> {
    let rules = side.rules.iter().filter(|rule| !rule.matches.is_empty()).map(|rule| &rule.because);
    let objects: BTreeSet<&ObjectRef> = side.isolated_by.iter().chain(rules).map(|of| &of.object).collect();
    let policies = snapshot.policies.iter().map(|policy| (&policy.origin.object, policy.admission));
    let tiers = snapshot.cluster_policies.iter().map(|policy| (&policy.origin.object, policy.admission));
    let doubted = policies.chain(tiers).filter(|(_, admission)| *admission != Admission::Accepted);
    doubted.filter(|(object, _)| objects.contains(object)).map(|(object, _)| object.to_string()).collect()
}

/// The objects, each once, and whether it is but one.
fn names(because: &[Because]) -> (String, bool) {
    let objects: BTreeSet<String> = because.iter().map(|because| because.object.to_string()).collect();
    let one = objects.len() == 1;
    (objects.into_iter().collect::<Vec<_>>().join(" and "), one)
}
