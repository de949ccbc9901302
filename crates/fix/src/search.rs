//! Which repairs are taken: first enough of them, then the fewest objects.
//!
//! Units of repair are tried by the prover. What does not suffice does not suffice with less either, since each repair only takes
//! something away: so a set that fails rules all its parts out, and one of the repairs outside of it has to be taken. The
//! cheapest set that has one of each such group is tried next, until one suffices.

use crate::binding::crosses_at_home;
use crate::candidates::{self, Ground, objects};
use crate::judge::{Judge, Left, Mended, is_enough, key};
use crate::state::State;
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use watertight_model::{Breach, ObjectRef};

/// What was found.
pub(crate) struct Found {
    pub(crate) state: State,
    pub(crate) mended: Mended,
    /// What the candidates together leave.
    pub(crate) goal: Left,
    /// Whether all smaller sets of the candidates were ruled out.
    pub(crate) is_smallest: bool,
    /// What a repair would lose that was not taken for it, by what it was for.
    pub(crate) refused: BTreeMap<(String, String), String>,
    /// The candidates, for tests.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests try all sets of them"))]
    pub(crate) units: Vec<State>,
}

/// The repairs of an input. `None` if there is none, or nothing to repair.
pub(crate) fn search(ground: &Ground<'_>, judge: &mut Judge<'_>) -> Option<Found> {
    let start = judge.mend(&State::default())?;
    let mut refused = BTreeMap::new();
    let (state, mended, units) = grow(ground, judge, start, &mut refused)?;
    let all = units.iter().fold(State::default(), |all, unit| all.with(unit));
    let goal = match judge.mend(&all) {
        Some(mended) if judge.lost(&mended).is_none() => mended.left,
        _ => mended.left.clone(),
    };
    let smallest = fewest(ground, judge, &units, &goal);
    let is_smallest = smallest.is_some();
    let (state, mended) = match smallest {
        Some(found) => found,
        None => without_needless(judge, &units, &goal, (state, mended)),
    };
    let (state, mended) = trimmed(judge, &goal, state, mended);
    Some(Found { state, mended, goal, is_smallest, refused, units })
}

/// Repairs one way across after the other, as long as one can be. Yields all that was done, and the units that could be done.
fn grow(
    ground: &Ground<'_>,
    judge: &mut Judge<'_>,
    start: Mended,
    refused: &mut BTreeMap<(String, String), String>,
) -> Option<(State, Mended, Vec<State>)> {
    let mut state = State::default();
    let mut now = start;
    let mut units: Vec<State> = Vec::new();
    let mut given_up: BTreeSet<String> = BTreeSet::new();
    let mut repaired_since = false;
    loop {
        let breaches = now.breaches();
        let next = breaches.into_iter().find(|breach| !given_up.contains(&breach.id)).cloned();
        let Some(breach) = next else {
            // What was given up may have a way now that others are closed.
            if !repaired_since || judge.is_exhausted() {
                break;
            }
            repaired_since = false;
            given_up.clear();
            continue;
        };
        let mut closed = None;
        for option in candidates::of(ground, &state, &breach) {
            let is_other = closed
                .as_ref()
                .is_none_or(|(taken, _): &(State, _)| objects(taken).is_disjoint(&objects(&option)));
            // The hostile side's own objects are changed where nothing else helps, and not besides.
            let is_own =
                closed.is_some() && objects(&option).into_iter().any(|object| rank(ground, object) > 1);
            if judge.is_exhausted() || !is_other || is_own {
                continue;
            }
            let wanted = state.with(&option);
            if wanted == state {
                continue;
            }
            let Some(mended) = judge.mend(&wanted) else { continue };
            if !closes(&breach, &now, &mended) || crosses_at_home(ground.input, &option, &mended.report) {
                continue;
            }
            if let Some(lost) = judge.lost(&mended) {
                refused.entry(key(&breach)).or_insert_with(|| words::lost(&lost));
                continue;
            }
            add_unit(&mut units, &option);
            if closed.is_none() {
                closed = Some((option, mended));
            }
        }
        match closed {
            Some((option, mended)) => {
                state = state.with(&option);
                now = mended;
                repaired_since = true;
            }
            None => drop(given_up.insert(breach.id)),
        }
    }
    (!units.is_empty()).then_some((state, now, units))
}

/// Whether a way across is gone, or of all that are like it at least one.
fn closes(breach: &Breach, before: &Mended, after: &Mended) -> bool {
    let key = key(breach);
    after.breaches().iter().all(|other| other.id != breach.id) || after.left.get(&key) < before.left.get(&key)
}

/// Adds a repair to the units: those that touch one object are one.
fn add_unit(units: &mut Vec<State>, option: &State) {
    let (same, others): (Vec<State>, Vec<State>) =
        units.drain(..).partition(|unit| !objects(unit).is_disjoint(&objects(option)));
    let merged = same.into_iter().fold(State::default(), |all, unit| all.with(&unit)).with(option);
    *units = others;
    units.push(merged);
}

/// Where an object stands: with the side that is to be kept, with neither, with the hostile one.
fn rank(ground: &Ground<'_>, object: &ObjectRef) -> usize {
    let own = if object.kind == "Namespace" { Some(&object.name) } else { object.namespace.as_ref() };
    match own {
        Some(namespace) if ground.input.to.contains(namespace) => 0,
        Some(namespace) if ground.input.from.contains(namespace) => 2,
        _ => 1,
    }
}

/// What a unit costs: its objects, and then how far from the side that is to be kept they stand.
type Cost = (usize, usize);

fn cost(ground: &Ground<'_>, unit: &State) -> Cost {
    (unit.objects(ground.input), objects(unit).into_iter().map(|object| rank(ground, object)).sum())
}

/// The cheapest set of units that suffices, where all cheaper ones are ruled out.
fn fewest(
    ground: &Ground<'_>,
    judge: &mut Judge<'_>,
    units: &[State],
    goal: &Left,
) -> Option<(State, Mended)> {
    let costs: Vec<Cost> = units.iter().map(|unit| cost(ground, unit)).collect();
    let all: BTreeSet<usize> = (0..units.len()).collect();
    let together = |chosen: &BTreeSet<usize>| {
        chosen.iter().fold(State::default(), |state, &index| state.with(&units[index]))
    };
    // Of each group one has to be taken.
    let mut groups: Vec<BTreeSet<usize>> = Vec::new();
    for index in 0..units.len() {
        let mut others = all.clone();
        others.remove(&index);
        if fails(judge, &together(&others), goal)? {
            groups.push(BTreeSet::from([index]));
        }
    }
    loop {
        let chosen = cheapest(&groups, &costs);
        let state = together(&chosen);
        let mended = judge.mend(&state)?;
        if is_enough(&mended.left, goal) {
            return judge.lost(&mended).is_none().then_some((state, mended));
        }
        let mut failing = chosen;
        for index in 0..units.len() {
            if failing.contains(&index) {
                continue;
            }
            let mut more = failing.clone();
            more.insert(index);
            if fails(judge, &together(&more), goal)? {
                failing = more;
            }
        }
        let group: BTreeSet<usize> = all.difference(&failing).copied().collect();
        // All units together suffice; a group without any would say that they do not.
        if group.is_empty() {
            return None;
        }
        groups.push(group);
    }
}

/// Whether repairs surely do not suffice; `None` if that cannot be told, or no more may be tried.
fn fails(judge: &mut Judge<'_>, state: &State, goal: &Left) -> Option<bool> {
    if judge.is_exhausted() {
        return None;
    }
    judge.mend(state).map(|mended| !is_enough(&mended.left, goal))
}

/// The cheapest choice of one of each group.
fn cheapest(groups: &[BTreeSet<usize>], costs: &[Cost]) -> BTreeSet<usize> {
    fn total(chosen: &BTreeSet<usize>, costs: &[Cost]) -> Cost {
        chosen.iter().fold((0, 0), |sum, &index| (sum.0 + costs[index].0, sum.1 + costs[index].1))
    }
    fn go(
        groups: &[BTreeSet<usize>],
        costs: &[Cost],
        chosen: &mut BTreeSet<usize>,
        best: &mut Option<(Cost, BTreeSet<usize>)>,
    ) {
        let so_far = total(chosen, costs);
        if best.as_ref().is_some_and(|(cost, _)| so_far >= *cost) {
            return;
        }
        let open = groups.iter().filter(|group| group.is_disjoint(chosen)).min_by_key(|group| group.len());
        let Some(group) = open else {
            *best = Some((so_far, chosen.clone()));
            return;
        };
        for &index in group {
            chosen.insert(index);
            go(groups, costs, chosen, best);
            chosen.remove(&index);
        }
    }
    let mut best = None;
    go(groups, costs, &mut BTreeSet::new(), &mut best);
    best.map(|(_, chosen)| chosen).unwrap_or_default()
}

/// What was repaired, without the units that are not needed beside the others, the costliest tried first.
fn without_needless(
    judge: &mut Judge<'_>,
    units: &[State],
    goal: &Left,
    found: (State, Mended),
) -> (State, Mended) {
    let (mut state, mut mended) = found;
    for unit in units {
        let mut less = state.clone();
        for object in objects(unit) {
            less.changes.remove(object);
            less.new.remove(object);
        }
        if less == state || judge.is_exhausted() {
            continue;
        }
        if let Some(other) = judge.mend(&less)
            && is_enough(&other.left, goal)
            && judge.lost(&other).is_none()
        {
            (state, mended) = (less, other);
        }
    }
    (state, mended)
}

/// The same objects, without those changes and additions that are not needed.
fn trimmed(judge: &mut Judge<'_>, goal: &Left, mut state: State, mut mended: Mended) -> (State, Mended) {
    let mut smaller = Vec::new();
    for (object, changes) in &state.changes {
        let single = changes.single();
        if single.len() > 1 {
            smaller.extend(single.into_iter().map(|change| (object.clone(), Some(change))));
        }
    }
    smaller.extend(state.new.keys().filter(|_| state.new.len() > 1).map(|object| (object.clone(), None)));
    for (object, change) in smaller {
        if judge.is_exhausted() {
            break;
        }
        let mut less = state.clone();
        match change {
            Some(change) => {
                let Some(changes) = less.changes.get_mut(&object) else { continue };
                let rest: Vec<_> = changes.single().into_iter().filter(|other| *other != change).collect();
                if rest.is_empty() {
                    continue;
                }
                *changes = rest.iter().fold(crate::change::Changes::default(), |all, one| all.with(one));
            }
            None => drop(less.new.remove(&object)),
        }
        if let Some(other) = judge.mend(&less)
            && is_enough(&other.left, goal)
            && judge.lost(&other).is_none()
        {
            (state, mended) = (less, other);
        }
    }
    (state, mended)
}
