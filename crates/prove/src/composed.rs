//! Ways across the network that the hostile side opens through the API: it gives its namespaces other labels, takes its own
//! policies down, or runs pods in namespaces of neither side.
//!
//! What it may do is an edit of the snapshot; the network is then asked about the cluster as it would be.

use crate::api::{Reached, doubtful_right};
use crate::environments::Environment;
use crate::network::{OWN_FENCE, group};
use crate::{Question, verdict_of};
use std::borrow::Cow;
use std::collections::BTreeSet;
use watertight_api::{Closure, Power};
use watertight_base::{LabelBox, fingerprint};
use watertight_model::{
    Breach, Channel, ChannelReport, Fact, Gain, NamespaceId, ObjectRef, Relation, Snapshot, Step, Verdict,
    When,
};
use watertight_network::{Reading, Refused, crossings, labels_to_come, resting_on_policies};

/// What one power changes for the network.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit<'p> {
    power: &'p Power,
    /// The namespaces whose pods are hostile by it.
    captured: Vec<NamespaceId>,
    /// The namespaces that may carry any labels by it.
    relabelled: Vec<NamespaceId>,
    /// The namespaces whose policies may go by it.
    unfenced: Vec<NamespaceId>,
}

/// Adds to what was found on the network what the hostile side opens there through the API, unless it is open anyway. What
/// it opens only by rights that may not be there is not known.
pub(crate) fn add(
    report: &mut ChannelReport,
    snapshot: &Snapshot,
    question: &Question,
    reached: &Reached,
    from: &Environment,
    to: &Environment,
) {
    if report.verdict == Verdict::Breached {
        return;
    }
    report.breaches = ways(snapshot, question, &reached.sure, from, to);
    if report.breaches.is_empty() && keeps_labels(snapshot, &reached.sure, from, to) {
        report.assumptions.push(resting_on_policies(snapshot));
        report.assumptions.sort();
        report.assumptions.dedup();
    }
    let doubtful = match report.breaches.as_slice() {
        [] => ways(snapshot, question, &reached.doubtful, from, to).into_iter().next(),
        _ => None,
    };
    if let Some(way) = doubtful {
        report.blind_spots.push(doubtful_right(&way, &[Channel::Network]));
        report.blind_spots.sort();
    } else if !snapshot.role_bindings.is_empty() {
        // Whether the hostile side can take its own fence down is known now (convention 12).
        report.blind_spots.retain(|spot| spot.rule != OWN_FENCE);
    }
    report.verdict = verdict_of(&report.breaches, &report.blind_spots);
}

/// Whether admission policies bound the labels that the hostile side may give to namespaces.
fn keeps_labels(snapshot: &Snapshot, closure: &Closure, from: &Environment, to: &Environment) -> bool {
    let powers = closure.powers();
    let edits = powers.iter().filter_map(|power| Edit::of(power, snapshot, &from.namespaces, &to.namespaces));
    let mut relabelled = edits.flat_map(|edit| edit.relabelled);
    relabelled.any(|id| labels_to_come(snapshot, id) != LabelBox::everything())
}

/// The ways that are open only by what the hostile side comes to: one for each binding that opens some by itself, or else
/// one for all that are needed together.
fn ways(
    snapshot: &Snapshot,
    question: &Question,
    closure: &Closure,
    from: &Environment,
    to: &Environment,
) -> Vec<Breach> {
    let mut powers = closure.powers();
    powers.sort_by_key(|power| (power.gain, power.steps.len()));
    let edits: Vec<Edit<'_>> = powers
        .iter()
        .filter_map(|power| Edit::of(power, snapshot, &from.namespaces, &to.namespaces))
        .collect();
    let open = |edits: &[&Edit<'_>]| first(snapshot, question, edits, &from.namespaces, &to.namespaces);
    let mut needed: Vec<&Edit<'_>> = edits.iter().collect();
    // What is open without any, or may be, is told of the network alone.
    if edits.is_empty() || open(&[]).is_some() {
        return Vec::new();
    }
    // What no edit opens together with all others, it does not open by itself.
    let Some(mut way) = open(&needed) else { return Vec::new() };
    let mut breaches = Vec::new();
    let mut opened: BTreeSet<&ObjectRef> = BTreeSet::new();
    for edit in &edits {
        if question.all || !opened.contains(&edit.power.root) {
            let Some(way) = open(&[edit]) else { continue };
            breaches.push(composed(&[edit], way));
            opened.insert(&edit.power.root);
        }
    }
    if !breaches.is_empty() {
        return breaches;
    }
    for edit in &edits {
        let fewer: Vec<&Edit<'_>> = needed.iter().copied().filter(|&kept| kept != edit).collect();
        if let Some(still) = open(&fewer) {
            (needed, way) = (fewer, still);
        }
    }
    vec![composed(&needed, way)]
}

impl<'p> Edit<'p> {
    /// What a power changes, if it changes anything for the network. One that holds everywhere holds in the `to` side's
    /// namespaces too, and is a breach as it is.
    fn of(power: &'p Power, snapshot: &Snapshot, from: &[NamespaceId], to: &[NamespaceId]) -> Option<Self> {
        let scope = power.scope.as_deref()?;
        let ids: Vec<NamespaceId> =
            snapshot.namespace_named(scope).into_iter().filter(|id| !to.contains(id)).collect();
        let mut edit = Edit { power, captured: Vec::new(), relabelled: Vec::new(), unfenced: Vec::new() };
        let of_scope = || ids.clone();
        let strangers = |ids: Vec<NamespaceId>| ids.into_iter().filter(|id| !from.contains(id)).collect();
        match power.gain {
            Gain::RunsPods | Gain::EntersPods => edit.captured = strangers(of_scope()),
            Gain::GrantsRights | Gain::ControlsCluster => {
                edit.captured = strangers(of_scope());
                edit.unfenced = of_scope();
            }
            Gain::RelabelsNamespace => {
                let named = |id: &NamespaceId| {
                    power.names.is_empty() || power.names.contains(&snapshot.namespace(*id).name)
                };
                edit.relabelled = of_scope().into_iter().filter(named).collect();
            }
            Gain::ChangesFence => edit.unfenced = of_scope(),
            _ => return None,
        }
        let is_something =
            !(edit.captured.is_empty() && edit.relabelled.is_empty() && edit.unfenced.is_empty());
        is_something.then_some(edit)
    }
}

/// A cluster as the hostile side makes it.
#[derive(Debug)]
pub(crate) struct Edited<'s> {
    pub(crate) snapshot: Cow<'s, Snapshot>,
    /// What is known of labels that it may change.
    labels_within: Vec<(NamespaceId, LabelBox)>,
    /// The namespaces whose pods are hostile.
    pub(crate) sources: Vec<NamespaceId>,
    /// Those whose policies may go.
    pub(crate) unfenced: Vec<NamespaceId>,
}

impl<'s> Edited<'s> {
    /// By all that it comes to.
    pub(crate) fn by_all(
        snapshot: &'s Snapshot,
        closure: &Closure,
        from: &[NamespaceId],
        to: &[NamespaceId],
    ) -> Self {
        let powers = closure.powers();
        let edits: Vec<Edit<'_>> =
            powers.iter().filter_map(|power| Edit::of(power, snapshot, from, to)).collect();
        Self::by(snapshot, &edits.iter().collect::<Vec<_>>(), from)
    }

    /// The cluster as it is, where nobody knows whether the hostile side can take its own fence down.
    pub(crate) fn by_unknown_rights(snapshot: &'s Snapshot, from: &[NamespaceId]) -> Self {
        Self { unfenced: from.to_vec(), ..Self::by(snapshot, &[], from) }
    }

    fn by(snapshot: &'s Snapshot, edits: &[&Edit<'_>], from: &[NamespaceId]) -> Self {
        let all = |of: for<'e> fn(&'e Edit<'_>) -> &'e Vec<NamespaceId>| -> BTreeSet<NamespaceId> {
            edits.iter().flat_map(|edit| of(edit)).copied().collect()
        };
        let mut edited = Cow::Borrowed(snapshot);
        let mut labels_within = Vec::new();
        for id in all(|edit| &edit.relabelled) {
            edited.to_mut().namespaces[id.0].labels = None;
            // What is refused of it now is refused of it then; whether it is still refused of its pods depends on the labels.
            labels_within.push((id, labels_to_come(snapshot, id)));
        }
        let mut sources: BTreeSet<NamespaceId> = from.iter().copied().collect();
        sources.extend(all(|edit| &edit.captured));
        let unfenced = all(|edit| &edit.unfenced).into_iter().collect();
        Self { snapshot: edited, labels_within, sources: sources.into_iter().collect(), unfenced }
    }
}

/// The most telling way across when all of these are made.
fn first(
    snapshot: &Snapshot,
    question: &Question,
    edits: &[&Edit<'_>],
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Option<Breach> {
    let Edited { snapshot, labels_within, sources, unfenced } = Edited::by(snapshot, edits, from);
    let search = |refused| {
        let reading = Reading {
            refused,
            without_policies_of: unfenced.clone(),
            labels_within: labels_within.clone(),
            ..Reading::new(question.profile, Relation::May)
        };
        group(crossings(&snapshot, &reading, &sources, to), false).into_iter().next()
    };
    // With the policies that may not be there, and without them (convention 6).
    let way = search(Refused::With)?;
    search(Refused::Without).map(|_| way)
}

/// A way across with what opens it before it.
fn composed(edits: &[&Edit<'_>], way: Breach) -> Breach {
    let mut steps: Vec<Step> = Vec::new();
    let mut said: Vec<usize> = Vec::new();
    for edit in edits {
        let before = steps.len();
        steps.extend(edit.power.steps.iter().cloned().map(|step| shifted(step, before)));
        said.push(steps.len());
    }
    let before = steps.len();
    for step in way.steps {
        let is_source = matches!(step.fact, Fact::Runs { .. } | Fact::Relays { .. });
        let mut step = shifted(step, before);
        if is_source {
            step.uses.extend(&said);
        }
        steps.push(step);
    }
    let powers: Vec<&str> = edits.iter().map(|edit| edit.power.message.as_str()).collect();
    let message = format!("{}, and then {}", powers.join(", "), way.message);
    let rule = edits.first().map_or(way.rule, |edit| edit.power.rule);
    let help = edits.first().map_or(way.help, |edit| edit.power.help.clone());
    Breach { id: fingerprint(&message), rule, when: When::Possible, message, help, steps, ..way }
}

/// A step behind others.
fn shifted(mut step: Step, by: usize) -> Step {
    step.id += by;
    for used in &mut step.uses {
        *used += by;
    }
    step
}
