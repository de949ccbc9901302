//! What repairs lose, where losses are accepted: each loss in words, at the repair that causes it.

use crate::change::Changes;
use crate::grant::{referring, ungranted};
use crate::input::Input;
use crate::judge::{Judge, Mended};
use crate::kept::{Lost, Way};
use crate::state::State;
use crate::{level, words, workload};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{AddressSet, ConnectionSet};
use watertight_model::{ObjectRef, Peer};

/// What surely worked and does no more: connections, each once, and in full.
pub(crate) type Connections = BTreeMap<String, String>;

/// The connections of a list that have the same ends, as one.
pub(crate) fn connections(lost: Vec<Lost>) -> Connections {
    let mut all: BTreeMap<String, (AddressSet, ConnectionSet, BTreeSet<ObjectRef>)> = BTreeMap::new();
    for lost in lost {
        let (nets, ports, via) = all
            .entry(words::lost(&lost))
            .or_insert_with(|| (AddressSet::empty(), ConnectionSet::empty(), BTreeSet::new()));
        let Lost::Way(way) = lost else { continue };
        let Way { from, to, via: by, ports: on } = *way;
        for net in [from, to].into_iter().flat_map(|peer| match peer {
            Peer::Cidrs(nets) => nets,
            _ => Vec::new(),
        }) {
            *nets = nets.union(&AddressSet::cidr(net));
        }
        *ports = ports.union(&on);
        via.extend(by);
    }
    let text = |(ends, (nets, ports, via)): (String, (_, _, _))| {
        let text = words::connection(&ends, &nets, &ports, &via);
        (ends, text)
    };
    all.into_iter().map(text).collect()
}

/// What goes with the changes of an object themselves, whatever the map says of connections.
pub(crate) fn declared(
    input: &Input<'_>,
    state: &State,
    object: &ObjectRef,
    changes: &Changes,
) -> Vec<String> {
    let mut all = Vec::new();
    for (workload, checks) in level::refused(input, state, object, &changes.labels) {
        let checks: Vec<String> = checks.iter().map(|check| format!("{check:?}")).collect();
        let checks = checks.join(", ");
        all.push(format!(
            "new pods of {workload}, which Pod Security refuses from their next start on ({checks})"
        ));
    }
    if changes.leaves_host {
        let fields = workload::of_the_host(input, object).join(", ");
        all.push(format!("what {object} has of its nodes: {fields}"));
    }
    if changes.asks_itself {
        let dialed = workload::dialed(input, object).into_iter();
        all.extend(dialed.map(|(host, field)| format!("what {object} knows of {host} by `{field}`")));
    }
    let referring = referring(input, object, &changes.grantees).into_iter();
    all.extend(referring.map(|who| format!("references of {who} by {object}")));
    let ungranted = ungranted(input, object, &changes.rights).into_iter();
    all.extend(ungranted.map(|right| format!("{right}, which {object} grants")));
    all
}

/// How many losses repairs have.
pub(crate) fn count(input: &Input<'_>, judge: &Judge<'_>, state: &State, mended: &Mended) -> usize {
    all_declared(input, state).len() + connections(judge.losses(mended)).len()
}

/// All that goes with the changes of a state themselves.
pub(crate) fn all_declared(input: &Input<'_>, state: &State) -> Vec<String> {
    let of = |(object, changes)| declared(input, state, object, changes);
    state.changes.iter().flat_map(of).collect()
}

/// What each object's repair loses. Repairs are applied one after the other: a connection is lost by the one after which it is
/// no more, or has less than before.
pub(crate) fn by_object(
    input: &Input<'_>,
    judge: &mut Judge<'_>,
    state: &State,
    mended: &Mended,
) -> BTreeMap<ObjectRef, Vec<String>> {
    let all = connections(judge.losses(mended));
    let mut by_object: BTreeMap<ObjectRef, Vec<String>> = BTreeMap::new();
    for (object, changes) in &state.changes {
        let declared = declared(input, state, object, changes);
        if !declared.is_empty() {
            by_object.insert(object.clone(), declared);
        }
    }
    if all.is_empty() {
        return by_object;
    }
    // What lets pass comes before what isolates, and new objects before edits.
    let (fences, others): (Vec<_>, Vec<_>) = state.new.iter().partition(|(_, new)| new.selects_all());
    let new =
        others.into_iter().chain(fences).map(|(object, new)| (object, State::adding(vec![new.clone()])));
    let edits = state.changes.iter().map(|(object, changes)| (object, State::of(object, changes.clone())));
    let mut so_far = State::default();
    let mut lost = Connections::new();
    let mut steps = new.chain(edits).peekable();
    while let Some((object, step)) = steps.next() {
        so_far = so_far.with(&step);
        // By the last one, all that is not at another one is lost.
        let now = if steps.peek().is_none() {
            all.clone()
        } else {
            match judge.mend(&so_far) {
                Some(mended) => connections(judge.losses(&mended)),
                None => continue,
            }
        };
        let here =
            all.iter().filter(|(ends, _)| now.contains_key(*ends) && now.get(*ends) != lost.get(*ends));
        by_object.entry(object.clone()).or_default().extend(here.map(|(_, text)| text.clone()));
        lost = now;
    }
    by_object
}
