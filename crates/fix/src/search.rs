//! Which repairs are taken: first enough of them, then the fewest objects, then those that lose least.
//!
//! Units of repair are tried by the prover. What does not suffice does not suffice with less either, since each repair only takes
//! something away: so a set that fails rules all its parts out, and one of the repairs outside of it has to be taken. The
//! cheapest set that has one of each such group is tried next, until one suffices.
//!
//! Where losses are accepted, repairs that lose something are looked for after all others, for what these leave.

use crate::binding::crosses_at_home;
use crate::candidates::{self, Ground, objects};
use crate::judge::{Judge, Left, Mended, is_enough, key};
use crate::state::State;
use crate::{losses, words};
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
    /// Whether there is something among it that loses something.
    pub(crate) losses: Losses,
    /// The candidates, for tests.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests try all sets of them"))]
    pub(crate) units: Vec<State>,
}

/// What a repair would lose that was not taken for it, by what it was for.
pub(crate) type Refused = BTreeMap<(String, String), String>;

/// Whether a repair may lose what surely worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Losses {
    /// It may not.
    Refused,
    /// It may, where no other closes the same.
    Accepted,
}

/// Which options are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Those that lose nothing.
    Lossless,
    /// Of these, those that the hostile side cannot undo: others may come to more with a loss.
    LosslessAndLasting,
    /// Those that lose least.
    AtLeastLoss,
}

/// What was done so far, and the units that could be done.
struct Grown {
    state: State,
    mended: Mended,
    units: Vec<State>,
}

/// The repairs of an input, if there is one; and what others would lose.
pub(crate) fn search(
    ground: &Ground<'_>,
    judge: &mut Judge<'_>,
    accepted: Losses,
) -> (Option<Found>, Refused) {
    let mut refused = Refused::new();
    let state = State::default();
    let Some(mended) = judge.mend(&state) else { return (None, refused) };
    let start = Grown { state, mended, units: Vec::new() };
    let mut grown = match accepted {
        Losses::Refused => grow(ground, judge, start, Manner::Lossless, &mut refused),
        Losses::Accepted => grow(ground, judge, start, Manner::LosslessAndLasting, &mut refused),
    };
    let mut losses = Losses::Refused;
    if accepted == Losses::Accepted && !grown.mended.breaches().is_empty() {
        let known = grown.state.clone();
        judge.renew();
        grown = grow(ground, judge, grown, Manner::AtLeastLoss, &mut refused);
        if grown.state != known {
            losses = Losses::Accepted;
        }
    }
    (least(ground, judge, grown, losses), refused)
}

/// The fewest of what was found.
fn least(ground: &Ground<'_>, judge: &mut Judge<'_>, grown: Grown, losses: Losses) -> Option<Found> {
    let Grown { state, mended, units } = grown;
    if units.is_empty() {
        return None;
    }
    let all = units.iter().fold(State::default(), |all, unit| all.with(unit));
    let goal = match judge.mend(&all) {
        Some(all) if losses == Losses::Accepted && is_enough(&all.left, &mended.left) => all.left,
        Some(all) if losses == Losses::Refused && judge.lost(&all).is_none() => all.left,
        _ => mended.left.clone(),
    };
    let smallest = fewest(ground, judge, &units, &goal, losses);
    let is_smallest = smallest.is_some();
    let mut minimum = Minimum { ground, judge, goal: &goal, losses };
    let (state, mended) = match smallest {
        Some(found) => found,
        None => minimum.without_needless(&units, (state, mended)),
    };
    let (state, mended) = minimum.trimmed(state, mended);
    Some(Found { state, mended, goal, is_smallest, losses, units })
}

/// Repairs one way across after the other, as long as one can be.
fn grow(
    ground: &Ground<'_>,
    judge: &mut Judge<'_>,
    start: Grown,
    manner: Manner,
    refused: &mut Refused,
) -> Grown {
    let mut grown = start;
    let mut given_up: BTreeSet<String> = BTreeSet::new();
    let mut repaired_since = false;
    loop {
        let breaches = grown.mended.breaches();
        let next = breaches.into_iter().find(|breach| !given_up.contains(&breach.id)).cloned();
        let Some(breach) = next else {
            // What was given up may have a way now that others are closed.
            if !repaired_since || judge.is_exhausted() {
                return grown;
            }
            repaired_since = false;
            given_up.clear();
            continue;
        };
        let closed = match manner {
            Manner::Lossless | Manner::LosslessAndLasting => {
                close_without_loss(ground, judge, &mut grown, &breach, (manner, refused))
            }
            Manner::AtLeastLoss => close_with_least_loss(ground, judge, &mut grown, &breach),
        };
        match closed {
            Some((state, mended)) => {
                grown.state = state;
                grown.mended = mended;
                repaired_since = true;
            }
            None => drop(given_up.insert(breach.id)),
        }
    }
}

/// The first option that closes a way across and loses nothing. Others that do are units too.
fn close_without_loss(
    ground: &Ground<'_>,
    judge: &mut Judge<'_>,
    grown: &mut Grown,
    breach: &Breach,
    (manner, refused): (Manner, &mut Refused),
) -> Option<(State, Mended)> {
    let mut closed: Option<(State, State, Mended)> = None;
    for option in candidates::of(ground, &grown.state, breach) {
        if closed.as_ref().is_some_and(|(taken, ..)| !is_beside(ground, taken, &option)) {
            continue;
        }
        let Some((wanted, mended)) = tried(ground, judge, grown, breach, &option) else { continue };
        if manner == Manner::LosslessAndLasting && may_be_undone(&grown.mended, &mended) {
            continue;
        }
        if let Some(lost) = judge.lost(&mended) {
            refused.entry(key(breach)).or_insert_with(|| words::lost(&lost));
            continue;
        }
        add_unit(&mut grown.units, &option);
        if closed.is_none() {
            closed = Some((option, wanted, mended));
        }
    }
    if closed.is_none() && !refused.contains_key(&key(breach)) {
        let mut with_losses = candidates::with_losses(ground, &grown.state, breach).into_iter();
        let would_close = with_losses.find(|option| tried(ground, judge, grown, breach, option).is_some());
        if let Some(option) = would_close {
            refused.insert(key(breach), losses::all_declared(ground.input, &option).join("; "));
        }
    }
    closed.map(|(_, wanted, mended)| (wanted, mended))
}

/// The option that closes a way across with the fewest objects, and of these, loses least; one without a loss before those with
/// one, and what the hostile side may undo after all others.
/// Those that do it besides are units too, as far as they lose nothing or each of them loses something.
fn close_with_least_loss(
    ground: &Ground<'_>,
    judge: &mut Judge<'_>,
    grown: &mut Grown,
    breach: &Breach,
) -> Option<(State, Mended)> {
    let input = ground.input;
    let lost_before = losses::count(input, judge, &grown.state, &grown.mended);
    let mut all = Vec::new();
    let options = candidates::of(ground, &grown.state, breach);
    for option in options.into_iter().chain(candidates::with_losses(ground, &grown.state, breach)) {
        let Some((wanted, mended)) = tried(ground, judge, grown, breach, &option) else { continue };
        // The same by another object would be no repair.
        let is_new = |(rule, of): &&(String, String)| {
            rule == breach.rule && !grown.mended.left.contains_key(&(rule.clone(), of.clone()))
        };
        if mended.left.keys().any(|left| is_new(&left)) {
            continue;
        }
        let lost = losses::count(input, judge, &wanted, &mended).saturating_sub(lost_before);
        let may_be_undone = may_be_undone(&grown.mended, &mended);
        all.push(((may_be_undone, lost > 0, wanted.objects(input), lost), option, wanted, mended));
    }
    all.sort_by_key(|(cost, ..)| *cost);
    let mut all = all.into_iter();
    let (cost, taken, wanted, mended) = all.next()?;
    add_unit(&mut grown.units, &taken);
    for (other_cost, other, ..) in all {
        if (other_cost.0, other_cost.1) == (cost.0, cost.1) && is_beside(ground, &taken, &other) {
            add_unit(&mut grown.units, &other);
        }
    }
    Some((wanted, mended))
}

/// Whether a repair rests on a fence that the hostile side may take away, so that it is not known to last.
fn may_be_undone(before: &Mended, after: &Mended) -> bool {
    let mut rests = after.left.keys().filter(|(rule, _)| rule == words::FENCE_ON_FROM_SIDE);
    rests.any(|key| !before.left.contains_key(key))
}

/// Whether an option is one beside another that is taken. The hostile side's own objects are changed where nothing else helps,
/// and not besides.
fn is_beside(ground: &Ground<'_>, taken: &State, option: &State) -> bool {
    let objects_of_option = objects(option);
    objects(taken).is_disjoint(&objects_of_option)
        && objects_of_option.into_iter().all(|object| rank(ground, object) <= 1)
}

/// What was done with an option besides, if it closes a way across.
fn tried(
    ground: &Ground<'_>,
    judge: &mut Judge<'_>,
    grown: &Grown,
    breach: &Breach,
    option: &State,
) -> Option<(State, Mended)> {
    let wanted = grown.state.with(option);
    if judge.is_exhausted() || wanted == grown.state {
        return None;
    }
    let mended = judge.mend(&wanted)?;
    let is_closed =
        closes(breach, &grown.mended, &mended) && !crosses_at_home(ground.input, option, &mended.report);
    is_closed.then_some((wanted, mended))
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

/// What a unit costs: its objects, then what it loses by itself, and then how far from the side that is to be kept they stand.
type Cost = (usize, usize, usize);

fn cost(ground: &Ground<'_>, judge: &mut Judge<'_>, unit: &State, losses: Losses) -> Cost {
    let lost = match losses {
        Losses::Refused => 0,
        Losses::Accepted => {
            let mended = judge.mend(unit);
            mended.map_or(0, |mended| losses::count(ground.input, judge, unit, &mended))
        }
    };
    let ranks = objects(unit).into_iter().map(|object| rank(ground, object)).sum();
    (unit.objects(ground.input), lost, ranks)
}

/// The cheapest set of units that suffices, where all cheaper ones are ruled out.
fn fewest(
    ground: &Ground<'_>,
    judge: &mut Judge<'_>,
    units: &[State],
    goal: &Left,
    losses: Losses,
) -> Option<(State, Mended)> {
    let costs: Vec<Cost> = units.iter().map(|unit| cost(ground, judge, unit, losses)).collect();
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
            let may_lose = losses == Losses::Accepted || judge.lost(&mended).is_none();
            return may_lose.then_some((state, mended));
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
        chosen
            .iter()
            .map(|&index| costs[index])
            .fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2))
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

/// Makes what was found smaller, as long as it suffices and loses no more.
struct Minimum<'m, 'g, 'j> {
    ground: &'m Ground<'g>,
    judge: &'m mut Judge<'j>,
    goal: &'m Left,
    losses: Losses,
}

impl Minimum<'_, '_, '_> {
    /// The input with less done, if that suffices and loses no more.
    fn suffices(&mut self, less: &State, than: (&State, &Mended)) -> Option<Mended> {
        let mended = self.judge.mend(less).filter(|mended| is_enough(&mended.left, self.goal))?;
        let loses_more = match self.losses {
            Losses::Refused => self.judge.lost(&mended).is_some(),
            Losses::Accepted => {
                let count = |state, mended| losses::count(self.ground.input, self.judge, state, mended);
                count(less, &mended) > count(than.0, than.1)
            }
        };
        (!loses_more).then_some(mended)
    }

    /// What was repaired, without the units that are not needed beside the others.
    fn without_needless(&mut self, units: &[State], found: (State, Mended)) -> (State, Mended) {
        let (mut state, mut mended) = found;
        for unit in units {
            let mut less = state.clone();
            for object in objects(unit) {
                less.changes.remove(object);
                less.new.remove(object);
            }
            if less == state || self.judge.is_exhausted() {
                continue;
            }
            if let Some(other) = self.suffices(&less, (&state, &mended)) {
                (state, mended) = (less, other);
            }
        }
        (state, mended)
    }

    /// The same objects, without those changes and additions that are not needed.
    fn trimmed(&mut self, mut state: State, mut mended: Mended) -> (State, Mended) {
        let mut smaller = Vec::new();
        for (object, changes) in &state.changes {
            let single = changes.single();
            if single.len() > 1 {
                smaller.extend(single.into_iter().map(|change| (object.clone(), Some(change))));
            }
        }
        smaller.extend(state.new.keys().filter(|_| state.new.len() > 1).map(|object| (object.clone(), None)));
        for (object, change) in smaller {
            if self.judge.is_exhausted() {
                break;
            }
            let mut less = state.clone();
            match change {
                Some(change) => {
                    let Some(changes) = less.changes.get_mut(&object) else { continue };
                    let rest: Vec<_> =
                        changes.single().into_iter().filter(|other| *other != change).collect();
                    if rest.is_empty() {
                        continue;
                    }
                    *changes = rest.iter().fold(crate::change::Changes::default(), |all, one| all.with(one));
                }
                None => drop(less.new.remove(&object)),
            }
            if let Some(other) = self.suffices(&less, (&state, &mended)) {
                (state, mended) = (less, other);
            }
        }
        (state, mended)
    }
}
