//! Ways across the network that the hostile side opens through the API: it gives its namespaces other labels, takes its own
//! policies down, or runs pods in namespaces of neither side.
//!
//! What it may do is an edit of the snapshot; the network is then asked about the cluster as it would be.

use crate::api::{Reached, doubtful_right, names};
use crate::blindness::{self, Blindness};
use crate::creatable;
use crate::environments::Environment;
use crate::network::{OWN_FENCE, REFUSED, UNDECIDED, doubtful, group, undecided};
use crate::{Question, verdict_of};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use watertight_api::{Closure, Power};
use watertight_base::{LabelBox, fingerprint};
use watertight_model::{
    BlindScope, BlindSpot, Breach, Channel, ChannelReport, Fact, Gain, NamespaceId, ObjectRef, Root,
    Snapshot, Step, Verdict, When,
};
use watertight_network::{
    Crossings, Hostile, KeptLabels, Reading, Refused, Rights, crossings, kept_labels, labels_to_come,
    proxies, resting_on_policies,
};

/// What one power changes for the network.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    power: Power,
    changes: Changes,
}

/// What is changed for the network.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Changes {
    /// The namespaces whose pods are hostile by it.
    captured: Vec<NamespaceId>,
    /// The namespaces that may carry any labels by it.
    relabelled: Vec<NamespaceId>,
    /// The namespaces whose policies may go by it.
    unfenced: Vec<NamespaceId>,
    /// The namespaces in which it writes what proxies go by.
    published: Vec<NamespaceId>,
    /// The namespaces whose pods may go by objects that it writes there: configuration, custom resources.
    steered: Vec<NamespaceId>,
}

/// Adds to what was found on the network what the hostile side opens there through the API, unless it is open anyway. What
/// it opens only by rights that may not be there is not known.
pub(crate) fn add(
    report: &mut ChannelReport,
    snapshot: &Snapshot,
    (question, reading): (&Question, &Reading),
    reached: &Reached,
    [from, to]: [&Environment; 2],
) {
    if report.verdict == Verdict::Breached {
        return;
    }
    let search = Search::new(snapshot, (question, reading), [&from.namespaces, &to.namespaces]);
    let sure = search.opened(&reached.sure, report);
    if !matches!(sure, Opened::Ways(_)) && keeps_labels(&search, &reached.sure) {
        report.assumptions.push(resting_on_policies(snapshot));
        report.assumptions.sort();
        report.assumptions.dedup();
    }
    see_captured(report, &search, reached.most());
    see_creatable(report, &search, reached.most(), to);
    let spots = match sure {
        Opened::Ways(ways) => {
            report.breaches = ways;
            Vec::new()
        }
        Opened::Perhaps(spots) => spots,
        Opened::Nothing => match reached.in_doubt().map(|doubtful| search.opened(doubtful, report)) {
            Some(Opened::Ways(ways)) => {
                ways.iter().take(1).map(|way| doubtful_right(way, &[Channel::Network])).collect()
            }
            Some(Opened::Perhaps(spots)) => spots,
            Some(Opened::Nothing) | None => Vec::new(),
        },
    };
    if spots.is_empty() && !snapshot.role_bindings.is_empty() {
        // Whether the hostile side can take its own fence down is known now (convention 12).
        report.blind_spots.retain(|spot| spot.rule != OWN_FENCE);
    }
    report.blind_spots.extend(spots);
    report.blind_spots.sort();
    report.blind_spots.dedup();
    report.verdict = verdict_of(&report.breaches, &report.blind_spots);
}

/// What is open on the network by what somebody comes to through the API.
enum Opened {
    Nothing,
    /// It is not known: why.
    Perhaps(Vec<BlindSpot>),
    /// Ways that are there whether or not doubtful objects are.
    Ways(Vec<Breach>),
}

/// The question about the network, with the namespaces of both sides.
pub(crate) struct Search<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) question: &'a Question,
    /// The policies as they are read without any edit.
    pub(crate) reading: &'a Reading,
    pub(crate) from: &'a [NamespaceId],
    pub(crate) to: &'a [NamespaceId],
    /// The namespaces of neither side that a proxy serves which serves none of the `from` side.
    proxied: BTreeSet<NamespaceId>,
}

impl<'a> Search<'a> {
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        (question, reading): (&'a Question, &'a Reading),
        [from, to]: [&'a [NamespaceId]; 2],
    ) -> Self {
        Self { snapshot, question, reading, from, to, proxied: proxied_apart(snapshot, from, to) }
    }
}

/// Adds what could not be seen of the namespaces whose pods become hostile.
fn see_captured(report: &mut ChannelReport, search: &Search<'_>, closure: &Closure) {
    let Search { snapshot, question, reading, to, .. } = *search;
    let edits = search.edits(closure);
    let edits: Vec<&Edit> = edits.iter().collect();
    let mut captured = all(&edits, |changes| &changes.captured);
    captured.extend(all(&edits, |changes| &changes.steered));
    let captured: Vec<NamespaceId> = captured.into_iter().collect();
    if captured.is_empty() {
        return;
    }
    let any = Reading { refused: Refused::Either, ..reading.clone() };
    let Blindness { blind_spots, accepted } = blindness::of(snapshot, &question.accepted, &captured, to);
    report.blind_spots.extend(blind_spots);
    report.blind_spots.extend(watertight_network::blind_spots(snapshot, &any, &captured, to));
    report.assumptions.extend(accepted);
    report.assumptions.sort();
    report.assumptions.dedup();
}

/// Adds what could not be seen of objects that the hostile side may make.
fn see_creatable(report: &mut ChannelReport, search: &Search<'_>, closure: &Closure, to: &Environment) {
    let Search { snapshot, question, .. } = *search;
    let spots = creatable::blind_spots(snapshot, closure, &names(snapshot, to), Channel::Network);
    let Blindness { blind_spots, accepted } = blindness::accept(spots.into_iter(), &question.accepted);
    report.blind_spots.extend(blind_spots);
    report.assumptions.extend(accepted);
    report.assumptions.sort();
    report.assumptions.dedup();
}

/// Whether admission policies bound the labels that the hostile side may give to namespaces.
fn keeps_labels(search: &Search<'_>, closure: &Closure) -> bool {
    let mut relabelled = search.edits(closure).into_iter().flat_map(|edit| edit.changes.relabelled);
    relabelled.any(|id| labels_to_come(search.snapshot, id) != LabelBox::everything())
}

impl Search<'_> {
    /// What somebody comes to that changes anything for the network.
    fn edits(&self, closure: &Closure) -> Vec<Edit> {
        let changes = |gain, scope: Option<&str>, names: &[String]| Changes::of(self, gain, scope, names);
        let powers = closure
            .powers_where(|gain, scope, names| changes(gain, scope, names) != Changes::default())
            .into_iter();
        let edit =
            |power: Power| Edit { changes: changes(power.gain, power.scope.as_deref(), &power.names), power };
        powers.map(edit).collect()
    }

    /// What is open only by what the hostile side comes to: a way for each binding that opens some by itself, or else one
    /// for all that are needed together.
    fn opened(&self, closure: &Closure, report: &ChannelReport) -> Opened {
        let mut edits = self.edits(closure);
        edits.sort_by_key(|edit| (edit.power.gain, edit.power.steps.len()));
        let mut needed: Vec<&Edit> = edits.iter().collect();
        let is_in_doubt = |rule| report.blind_spots.iter().any(|spot| spot.rule == rule);
        let is_searched = ![OWN_FENCE, REFUSED, UNDECIDED].into_iter().any(is_in_doubt)
            && edits.iter().all(|edit| edit.changes.only_unfences(self.from));
        if edits.is_empty() || is_searched {
            return Opened::Nothing;
        }
        // What no edit opens together with all others, it does not open by itself.
        let widest = self.crossings(&needed, Refused::Either);
        let mut doubts: Vec<BlindSpot> = widest.undecided.iter().map(|reason| undecided(reason)).collect();
        let perhaps = group(widest, false).into_iter().next();
        // Whether pods go by what is written beside them is not known.
        let (sure, steering): (Vec<&Edit>, Vec<&Edit>) =
            needed.iter().partition(|edit| edit.changes.steered.is_empty());
        needed = sure;
        let Some(mut way) = perhaps.as_ref().and_then(|_| self.surely(&needed)) else {
            doubts.extend(perhaps.map(
                |way| match group(self.crossings(&needed, Refused::Either), false).pop() {
                    Some(way) => doubtful(&composed(&needed, way), "with some of"),
                    None => steered(&composed(&steering, way)),
                },
            ));
            return if doubts.is_empty() { Opened::Nothing } else { Opened::Perhaps(doubts) };
        };
        let mut breaches = Vec::new();
        let mut opened: BTreeSet<&ObjectRef> = BTreeSet::new();
        for edit in edits.iter().filter(|edit| edit.changes.steered.is_empty()) {
            if self.question.all || !opened.contains(&edit.power.root) {
                let Some(way) = self.surely(&[edit]) else { continue };
                breaches.push(composed(&[edit], way));
                opened.insert(&edit.power.root);
            }
        }
        if !breaches.is_empty() {
            return Opened::Ways(breaches);
        }
        for edit in needed.clone() {
            let fewer: Vec<&Edit> = needed.iter().copied().filter(|&kept| kept != edit).collect();
            if let Some(still) = self.surely(&fewer) {
                (needed, way) = (fewer, still);
            }
        }
        Opened::Ways(vec![composed(&needed, way)])
    }

    /// The most telling way across when all of these are made, with the policies that may not be there and without them
    /// (convention 6).
    fn surely(&self, edits: &[&Edit]) -> Option<Breach> {
        let way = |refused| group(self.crossings(edits, refused), false).into_iter().next();
        let with = way(Refused::With)?;
        way(Refused::Without).map(|_| with)
    }

    /// The ways across when all of these are made.
    fn crossings(&self, edits: &[&Edit], refused: Refused) -> Crossings {
        let Edited { snapshot, labels_within, sources, unfenced, published, .. } = Edited::by(self, edits);
        let reading = Reading {
            refused,
            without_policies_of: unfenced,
            labels_within,
            published,
            ..self.reading.clone()
        };
        crossings(&snapshot, &reading, &sources, self.to)
    }
}

/// A cluster as the hostile side makes it.
#[derive(Debug)]
pub(crate) struct Edited<'s> {
    /// The cluster as it is.
    original: &'s Snapshot,
    pub(crate) snapshot: Cow<'s, Snapshot>,
    /// What is known of labels that it may change.
    labels_within: Vec<(NamespaceId, LabelBox)>,
    /// The namespaces whose pods are hostile.
    sources: Vec<NamespaceId>,
    /// Those whose policies may go.
    unfenced: Vec<NamespaceId>,
    /// Those in which it writes what proxies go by that serve none of its own.
    published: Vec<NamespaceId>,
    /// Who may write what proxies go by, if that is known.
    rights: Option<Arc<Rights>>,
}

impl<'s> Edited<'s> {
    /// By all that it comes to.
    pub(crate) fn by_all(search: &Search<'s>, closure: &Closure) -> Self {
        let edits = search.edits(closure);
        Self::by(search, &edits.iter().collect::<Vec<_>>())
    }

    /// Asks something about the hostile side as it is then.
    pub(crate) fn hostile<T>(&self, ask: impl FnOnce(&Hostile<'_>) -> T) -> T {
        let relabelled = self.labels_within.iter();
        let relabelled: Vec<KeptLabels> = relabelled.map(|(id, _)| kept_labels(self.original, *id)).collect();
        let Self { sources: from, unfenced, published, .. } = self;
        let rights = self.rights.as_ref();
        ask(&Hostile { from, unfenced, published, relabelled: &relabelled, rights })
    }

    /// The cluster as it is, where nobody knows whether the hostile side can take its own fence down.
    pub(crate) fn by_unknown_rights(search: &Search<'s>) -> Self {
        Self { unfenced: search.from.to_vec(), ..Self::by(search, &[]) }
    }

    fn by(search: &Search<'s>, edits: &[&Edit]) -> Self {
        let all = |of| all(edits, of);
        let mut snapshot = Cow::Borrowed(search.snapshot);
        let mut labels_within = Vec::new();
        for id in all(|changes| &changes.relabelled) {
            snapshot.to_mut().namespaces[id.0].labels = None;
            // What is refused of it now is refused of it then; whether it is still refused of its pods depends on the labels.
            labels_within.push((id, labels_to_come(search.snapshot, id)));
        }
        let mut sources = all(|changes| &changes.captured);
        sources.extend(all(|changes| &changes.steered));
        sources.extend(search.from);
        let unfenced = all(|changes| &changes.unfenced).into_iter().collect();
        let published = all(|changes| &changes.published).into_iter().collect();
        let sources = sources.into_iter().collect();
        let rights = search.reading.rights.clone();
        let original = search.snapshot;
        Self { original, snapshot, labels_within, sources, unfenced, published, rights }
    }
}

/// The namespaces of neither side that a proxy serves which serves none of the `from` side.
fn proxied_apart(snapshot: &Snapshot, from: &[NamespaceId], to: &[NamespaceId]) -> BTreeSet<NamespaceId> {
    let of = |ids: &[NamespaceId]| proxies(snapshot, ids).into_iter().collect::<BTreeSet<usize>>();
    let others = snapshot.namespace_ids().filter(|id| !from.contains(id) && !to.contains(id));
    let others: Vec<NamespaceId> = others.collect();
    let serving = of(from);
    if of(&others).is_subset(&serving) {
        return BTreeSet::new();
    }
    others.into_iter().filter(|&id| !of(&[id]).is_subset(&serving)).collect()
}

/// The namespaces that some of these change in one way.
fn all(edits: &[&Edit], of: for<'e> fn(&'e Changes) -> &'e Vec<NamespaceId>) -> BTreeSet<NamespaceId> {
    edits.iter().flat_map(|edit| of(&edit.changes)).copied().collect()
}

impl Changes {
    /// What a gain changes for the network. One that holds everywhere holds in the `to` side's namespaces too, and is a
    /// breach as it is.
    fn of(search: &Search<'_>, gain: Gain, scope: Option<&str>, names: &[String]) -> Self {
        let Search { snapshot, from, to, .. } = *search;
        let mut changes = Self::default();
        let id = scope.and_then(|scope| snapshot.namespace_named(scope)).filter(|id| !to.contains(id));
        let Some(id) = id else { return changes };
        let stranger = Some(id).filter(|id| !from.contains(id));
        match gain {
            Gain::RunsPods | Gain::EntersPods => changes.captured.extend(stranger),
            Gain::ChangesObjects => changes.steered.extend(stranger),
            Gain::GrantsRights | Gain::ControlsCluster => {
                changes.captured.extend(stranger);
                changes.unfenced.push(id);
            }
            Gain::RelabelsNamespace if names.is_empty() || names.contains(&snapshot.namespace(id).name) => {
                changes.relabelled.push(id);
            }
            Gain::ChangesFence => changes.unfenced.push(id),
            Gain::TakesTraffic => changes.published.extend(Some(id).filter(|id| search.proxied.contains(id))),
            _ => {}
        }
        changes
    }

    /// Whether it takes down nothing but what the hostile side owns, without which the network was searched already.
    fn only_unfences(&self, from: &[NamespaceId]) -> bool {
        self.captured.is_empty()
            && self.relabelled.is_empty()
            && self.published.is_empty()
            && self.steered.is_empty()
            && self.unfenced.iter().all(|id| from.contains(id))
    }
}

/// A way across with what opens it before it.
fn composed(edits: &[&Edit], way: Breach) -> Breach {
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
    let root = edits.first().map_or(way.root, |edit| Root::object(edit.power.root.clone()));
    Breach { id: fingerprint(&message), rule, root, when: When::Possible, message, help, steps, ..way }
}

/// What is open if pods of a third namespace go by what the hostile side writes there.
fn steered(way: &Breach) -> BlindSpot {
    BlindSpot {
        rule: "steered-pods",
        reason: format!("it is not known whether pods go by objects that are beside them: {}", way.message),
        object: None,
        span: way.highlight.as_ref().map(|(span, _)| *span),
        help: "take the right away, or admit these pods to nothing of the `to` side".to_owned(),
        scope: BlindScope::Everything,
        hides: &[Channel::Network],
    }
}

/// A step behind others.
fn shifted(mut step: Step, by: usize) -> Step {
    step.id += by;
    for used in &mut step.uses {
        *used += by;
    }
    step
}
