//! Cuts a box until every part of it is closed for a reason that can be named.

use super::kept::{Futures, Kept};
use super::space::{About, Look, Space};
use crate::region::{Block, Under};
use crate::rule::PolicyRef;
use crate::view::View;
use crate::ways::{Blocks, Way, Ways};
use crate::world::World;
use std::collections::BTreeSet;
use std::rc::Rc;
use watertight_model::{Case, Closer, Cut, PolicySide};

/// What one side lets pass between two namespaces.
pub(super) struct Half<'a> {
    pub(super) ways: Rc<Ways<'a>>,
    pub(super) blocks: Blocks<'a>,
}

/// Both sides, for one source, in one world. Without a half for ingress, nothing there holds a connection back.
pub(super) struct Pair<'w, 'a> {
    pub(super) world: &'w World<'a>,
    /// The number of the source in the box.
    pub(super) source: usize,
    pub(super) egress: Half<'a>,
    pub(super) ingress: Option<Half<'a>>,
}

/// What one side makes of a part of a box.
enum State {
    /// Nothing of it passes: for each way there is one of these closers, or it leads nowhere.
    Shut(Vec<BTreeSet<Closer>>),
    /// That differs within the part: here it can be cut.
    Mixed(Cut),
    /// Some way is open to all of it.
    Open,
}

/// What is known of a part of a box.
pub(super) enum Part {
    Closed(Vec<Closer>),
    Mixed(Cut),
    Open,
}

/// A box for which no cases were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotClosed {
    /// The bound was reached.
    TooMany,
    /// Something in it passes.
    Passes,
}

/// How the cases of a box are found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closing {
    /// How many cases there may be in all.
    pub(super) cases_left: usize,
    /// Whether a part of which all passes is written down as closed: what an engine that errs would do.
    pub(super) errs: bool,
}

impl Closing {
    /// The cases of a box, the first being the whole of it.
    pub(super) fn cases<'a>(
        &mut self,
        view: &View<'a>,
        pairs: &[Pair<'_, 'a>],
        futures: &Futures<'_>,
        whole: Space<'a>,
    ) -> Result<Vec<Case>, NotClosed> {
        let mut cases = vec![Case::Closed(Vec::new())];
        let mut left = vec![(0, whole)];
        while let Some((number, space)) = left.pop() {
            self.cases_left = self.cases_left.checked_sub(1).ok_or(NotClosed::TooMany)?;
            let case = match look_at(view, pairs, &space) {
                Part::Closed(closers) => Case::Closed(closers),
                Part::Mixed(by) => cut(by, &space, &mut cases, &mut left),
                Part::Open => match futures.of_part(view, pairs, &space) {
                    Kept::Closed(refused, closers) => Case::Refused(refused, closers),
                    Kept::Mixed(by) => cut(by, &space, &mut cases, &mut left),
                    Kept::Open if self.errs => futures.forged(view, every_closer(pairs)),
                    Kept::Open => return Err(NotClosed::Passes),
                },
            };
            if let Some(place) = cases.get_mut(number) {
                *place = case;
            }
        }
        Ok(cases)
    }
}

/// A case that is cut in two, of which both parts are still to be looked at.
fn cut<'a>(by: Cut, space: &Space<'a>, cases: &mut Vec<Case>, left: &mut Vec<(usize, Space<'a>)>) -> Case {
    let (yes, no) = (cases.len(), cases.len() + 1);
    cases.extend([Case::Closed(Vec::new()), Case::Closed(Vec::new())]);
    left.push((no, space.part(&by, false)));
    left.push((yes, space.part(&by, true)));
    Case::Cut { by, yes, no }
}

/// Whether all pairs of a part are closed, and by whom.
pub(super) fn look_at<'a>(view: &View<'a>, pairs: &[Pair<'_, 'a>], space: &Space<'a>) -> Part {
    let mut closed = Vec::new();
    for pair in pairs.iter().filter(|pair| space.sources.get(pair.source).is_some_and(Option::is_some)) {
        for target in (0..space.targets.len()).filter(|&target| space.targets[target].is_some()) {
            let look = |side| Look { source: pair.source, target, side };
            let under = (view, pair.world);
            let ingress = match &pair.ingress {
                Some(half) => state(under, space, half, look(PolicySide::Ingress)),
                None => State::Open,
            };
            let egress = state(under, space, &pair.egress, look(PolicySide::Egress));
            match (ingress, egress) {
                (State::Shut(ingress), State::Shut(egress)) => closed.push([Some(ingress), Some(egress)]),
                (State::Shut(ingress), _) => closed.push([Some(ingress), None]),
                (_, State::Shut(egress)) => closed.push([None, Some(egress)]),
                (State::Mixed(cut), _) | (State::Open, State::Mixed(cut)) => return Part::Mixed(cut),
                (State::Open, State::Open) => return Part::Open,
            }
        }
    }
    Part::Closed(fewest(&closed))
}

/// Some of the closers without any of which not all pairs would be closed. Each pair is closed by one of its sides.
fn fewest(closed: &[[Option<Vec<BTreeSet<Closer>>>; 2]]) -> Vec<Closer> {
    let sides = || closed.iter().flatten().flatten();
    let mut taken: BTreeSet<&Closer> = sides().flatten().flatten().collect();
    let suffices = |taken: &BTreeSet<&Closer>| {
        let shut = |side: &Vec<BTreeSet<Closer>>| {
            side.iter().all(|way| way.iter().any(|closer| taken.contains(closer)))
        };
        closed.iter().all(|sides| sides.iter().flatten().any(shut))
    };
    // The source's side first: a fence on the side that is kept says more.
    for closer in taken.clone() {
        taken.remove(closer);
        if !suffices(&taken) {
            taken.insert(closer);
        }
    }
    taken.into_iter().cloned().collect()
}

fn state<'a>(under: Under<'_, 'a>, space: &Space<'a>, half: &Half<'a>, look: Look) -> State {
    let mut shut = Vec::new();
    let mut mixed = None;
    for way in &half.ways.ways {
        match way_state(under, space, half, way, look) {
            WayState::Nowhere => {}
            WayState::Shut(closers) => shut.push(closers),
            WayState::Mixed(cut) => mixed = mixed.or(Some(cut)),
            WayState::Open => return State::Open,
        }
    }
    mixed.map_or(State::Shut(shut), State::Mixed)
}

enum WayState {
    /// What it needs is never so.
    Nowhere,
    Shut(BTreeSet<Closer>),
    Mixed(Cut),
    Open,
}

fn way_state<'a>(
    under: Under<'_, 'a>,
    space: &Space<'a>,
    half: &Half<'a>,
    way: &Way<'a>,
    look: Look,
) -> WayState {
    let Some(needs) = way.needs(&half.blocks) else { return WayState::Nowhere };
    let about = |block: &Block<'a>| space.about(under, look, block);
    let mut cut = None;
    for need in needs {
        match about(need) {
            About::None => return WayState::Nowhere,
            About::Part(part) => cut = cut.or(Some(part)),
            About::All => {}
        }
    }
    let mut closers = BTreeSet::new();
    for (policy, block) in half.ways.blocked_by(way, &half.blocks) {
        match about(block) {
            About::None => {}
            About::Part(part) => cut = cut.or(Some(part)),
            About::All => {
                closers.insert(closer(policy, look.side));
            }
        }
    }
    match (closers.is_empty(), cut) {
        (false, _) => WayState::Shut(closers),
        (true, Some(cut)) => WayState::Mixed(cut),
        (true, None) => WayState::Open,
    }
}

fn closer(policy: PolicyRef<'_>, side: PolicySide) -> Closer {
    let object = &policy.origin().object;
    Closer { side, kind: object.kind.clone(), name: object.name.clone() }
}

/// Every policy that closes anything.
fn every_closer(pairs: &[Pair<'_, '_>]) -> Vec<Closer> {
    let of = |half: &Half<'_>, side| {
        let ways = half.ways.ways.iter();
        let blocks = ways.flat_map(|way| half.ways.blocked_by(way, &half.blocks));
        blocks.map(|(policy, _)| closer(policy, side)).collect::<Vec<_>>()
    };
    let all = pairs.iter().flat_map(|pair| {
        let ingress = pair.ingress.as_ref().map(|half| of(half, PolicySide::Ingress));
        of(&pair.egress, PolicySide::Egress).into_iter().chain(ingress.into_iter().flatten())
    });
    all.collect::<BTreeSet<_>>().into_iter().collect()
}
