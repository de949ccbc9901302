//! The network channel's verdict: from ways across, under every reading that a true answer must hold for.

use crate::blindness::{self, Blindness};
use crate::environments::Environment;
use crate::{Question, verdict_of};
use std::collections::{BTreeMap, BTreeSet};
use watertight_model::{
    Admission, BlindScope, BlindSpot, Breach, Channel, ChannelReport, PortMatch, Snapshot, TierPortKind,
};
use watertight_network::{Crossing, Crossings, Reading, Refused, assumptions, crossings, public_entries};

/// Examines the channel between two environments, by a plain reading of the policies.
///
/// 1. With every policy that stands, and the doubtful ones (convention 6) in the way that opens most: if nothing gets
///    across, the policies hold.
/// 2. Then the same without the `from` side's own policies, which it may be able to remove: if something gets across
///    now, they alone are the fence, and the answer is not known until RBAC is examined (convention 12).
/// 3. If something gets across in 1, it is a breach when it does so both with and without the doubtful policies.
pub(crate) fn examine(
    snapshot: &Snapshot,
    question: &Question,
    plain: &Reading,
    from: &Environment,
    to: &Environment,
) -> ChannelReport {
    let unseen = from.unseen.iter().chain(&to.unseen).cloned();
    let (from, to) = (from.namespaces.as_slice(), to.namespaces.as_slice());
    let profile = plain.profile;
    let search = |reading: &Reading| crossings(snapshot, reading, from, to);
    let Blindness { mut blind_spots, accepted } = blindness::of(snapshot, &question.accepted, from, to);
    blind_spots.extend(unseen);
    let any = Reading { refused: Refused::Either, ..plain.clone() };
    blind_spots.extend(watertight_network::blind_spots(snapshot, &any, from, to));
    let mut breaches = Vec::new();

    let widest = search(&any);
    blind_spots.extend(widest.undecided.iter().map(|reason| undecided(reason)));
    if widest.found.is_empty() {
        let unaided = Reading { without_policies_of: from.to_vec(), ..any };
        let found = search(&unaided);
        blind_spots.extend(found.undecided.iter().map(|reason| undecided(reason)));
        let own = group(found, false);
        blind_spots.extend(own.first().map(own_fence));
        blind_spots.extend(named_by_both(snapshot).map(|name| undecided(&two_ports_of(name))));
    } else if !profile.doubts_refused || !holds_doubtful_objects(snapshot) {
        breaches = group(widest, question.all);
    } else {
        let with = search(plain);
        let without = search(&Reading { refused: Refused::Without, ..plain.clone() });
        let doubt = |found, how| group(found, false).first().map(|breach| doubtful(breach, how));
        match (with.found.is_empty(), without.found.is_empty()) {
            (false, false) => breaches = group(with, question.all),
            (false, true) => blind_spots.extend(doubt(with, "with")),
            (true, false) => blind_spots.extend(doubt(without, "without")),
            // Neither all nor none of them opens anything, some mixture does.
            (true, true) => blind_spots.extend(doubt(widest, "with some of")),
        }
    }
    blind_spots.sort();
    blind_spots.dedup();

    let verdict = verdict_of(&breaches, &blind_spots);
    let mut assumptions = assumptions(snapshot, plain, from, to);
    assumptions.extend(accepted);
    assumptions.sort();
    let public = public_entries(snapshot, from, to);
    ChannelReport {
        channel: Channel::Network,
        verdict,
        breaches,
        lesser: Vec::new(),
        nearest: Vec::new(),
        public,
        blind_spots,
        assumptions,
    }
}

/// The ways across, similar ones as one that counts them, the most telling first: those that are there now before those
/// that are possible.
pub(crate) fn group(crossings: Crossings, all: bool) -> Vec<Breach> {
    let mut breaches: Vec<Breach> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for Crossing { similar, mut breach } in crossings.found {
        let first = known.get(&similar).and_then(|&index| breaches.get_mut(index)).filter(|_| !all);
        let Some(first) = first else {
            known.insert(similar, breaches.len());
            breaches.push(breach);
            continue;
        };
        if first.when > breach.when {
            std::mem::swap(first, &mut breach);
        }
        first.count += breach.count;
        first.reached.append(&mut breach.reached);
    }
    breaches.sort_by(|one, other| {
        (one.when, one.rule, &one.message, &one.id).cmp(&(other.when, other.rule, &other.message, &other.id))
    });
    breaches
}

/// Whether an object that decides here may not be there after all (convention 6).
fn holds_doubtful_objects(snapshot: &Snapshot) -> bool {
    let mut policies = snapshot.policies.iter().map(|policy| policy.admission);
    let mut namespaces = snapshot.namespaces.iter().map(|namespace| namespace.admission);
    policies.any(|admission| admission != Admission::Accepted)
        || namespaces.any(|admission| admission != Admission::Accepted)
}

/// A port name that both NetworkPolicies and the administrator's policies go by. A pod to come may give it to ports of two
/// containers, of which the one sort of policy takes the first and the other the second; the search asks about no such pod.
fn named_by_both(snapshot: &Snapshot) -> Option<&str> {
    let rules = snapshot.policies.iter().flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
    let names = rules.flat_map(|rule| rule.ports.iter().flatten()).filter_map(|port| match &port.port {
        PortMatch::Named(name) => Some(name.as_str()),
        _ => None,
    });
    let names: BTreeSet<&str> = names.collect();
    let rules =
        snapshot.cluster_policies.iter().flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
    rules.flat_map(|rule| rule.ports.iter().flatten()).find_map(|port| match &port.kind {
        TierPortKind::Named(name) => names.get(name.as_str()).copied(),
        _ => None,
    })
}

fn two_ports_of(name: &str) -> String {
    format!(
        "NetworkPolicies and the administrator's policies both go by the port name `{name}`, which a pod to come may give \
         to two ports"
    )
}

/// The rule of a search that did not come to an end.
pub(crate) const UNDECIDED: &str = "undecided";

pub(crate) fn undecided(reason: &str) -> BlindSpot {
    BlindSpot {
        rule: UNDECIDED,
        reason: reason.to_owned(),
        object: None,
        span: None,
        help: "simplify the selectors: fewer keys, or fewer policies on one namespace".into(),
        scope: BlindScope::Everything,
        hides: &[Channel::Network],
    }
}

/// The rule of a fence that only the hostile side's own policies make.
pub(crate) const OWN_FENCE: &str = "fence-on-from-side";

fn own_fence(breach: &Breach) -> BlindSpot {
    BlindSpot {
        rule: OWN_FENCE,
        reason: format!(
            "only policies that the hostile side owns, and may be able to remove, hold it back; without them, {}",
            breach.message
        ),
        object: None,
        span: breach.highlight.as_ref().map(|(span, _)| *span),
        help: format!("put the fence on the other side too: {}", breach.help),
        scope: BlindScope::Everything,
        hides: &[Channel::Network],
    }
}

/// The rule of an answer that hangs on objects which may not be there.
pub(crate) const REFUSED: &str = "refused-policy";

pub(crate) fn doubtful(breach: &Breach, how: &str) -> BlindSpot {
    BlindSpot {
        rule: REFUSED,
        reason: format!(
            "the answer hangs on objects that may not be there, as the diagnostics say; {how} them, {}",
            breach.message
        ),
        object: None,
        span: breach.highlight.as_ref().map(|(span, _)| *span),
        help: "mend the objects that the diagnostics name, and prove again".into(),
        scope: BlindScope::Everything,
        hides: &[Channel::Network],
    }
}
