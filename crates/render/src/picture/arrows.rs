//! As few arrows as say everything: what all of one group may open to all of another is one arrow between the groups.

use super::boxes::Boxes;
use super::tree::Tree;
use super::ways::{Passing, Says};
use std::collections::BTreeMap;

/// What all in one node may open to all in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrow {
    /// Who opens.
    pub(crate) from: usize,
    /// Who accepts.
    pub(crate) to: usize,
    /// What.
    pub(crate) says: Says,
    /// Whether the same passes the other way round.
    pub(crate) both: bool,
}

/// What all in a node may open to all in itself, or to or from all else in a group around it: it has no room for an arrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// Who opens.
    pub(crate) from: usize,
    /// Who accepts.
    pub(crate) to: usize,
    /// What.
    pub(crate) says: Says,
}

impl Note {
    /// The node that it is written in.
    pub(crate) fn within(&self, tree: &Tree) -> usize {
        if tree.is_within(self.to, self.from) { self.to } else { self.from }
    }

    /// What is written there.
    pub(crate) fn text(&self, tree: &Tree) -> String {
        let name = |node: usize| {
            let title = tree.nodes.get(node).map(|node| node.title.as_str()).unwrap_or_default();
            title
                .split_once(' ')
                .filter(|(kind, _)| ["environment", "namespace"].contains(kind))
                .map_or(title, |(_, name)| name)
        };
        let Self { from, to, says } = self;
        if from == to {
            format!("↻ {says}")
        } else if self.within(tree) == *to {
            format!("↙ {says} from all in {}", name(*from))
        } else {
            format!("↗ {says} to all in {}", name(*to))
        }
    }
}

/// What an arrow costs, in comparison with a note.
const ARROW_COST: usize = 10;
const NOTE_COST: usize = 2;

/// The arrows and notes that together say what passes between the boxes, and nothing else. What is open and what is carried
/// on are said by arrows of their own.
pub(crate) fn bundled(tree: &Tree, boxes: &Boxes) -> (Vec<Arrow>, Vec<Note>) {
    let (mut arrows, mut notes) = planned(tree, boxes, &boxes.allow);
    let (carried, of_carried) = planned(tree, boxes, &boxes.carried);
    arrows.extend(carried);
    notes.extend(of_carried);
    (arrows, notes)
}

fn planned<S: Passing>(
    tree: &Tree,
    boxes: &Boxes,
    passing: &BTreeMap<(usize, usize), S>,
) -> (Vec<Arrow>, Vec<Note>) {
    let mut planner = Planner {
        tree,
        boxes,
        passing,
        sets: Vec::new(),
        numbers: BTreeMap::new(),
        bounds: BTreeMap::new(),
        plans: BTreeMap::new(),
    };
    let nothing = planner.number(S::default());
    let mut drawn = Vec::new();
    for &from in &tree.roots {
        for &to in &tree.roots {
            planner.plan(from, to, nothing);
            planner.draw(from, to, nothing, &mut drawn);
        }
    }
    let (notes, arrows): (Vec<_>, Vec<_>) =
        drawn.into_iter().partition(|&(from, to, _)| related(tree, from, to));
    let says = |number: usize| planner.set(number).into();
    let notes = notes.into_iter().map(|(from, to, set)| Note { from, to, says: says(set) });
    let arrows: Vec<Arrow> =
        arrows.into_iter().map(|(from, to, set)| Arrow { from, to, says: says(set), both: false }).collect();
    (both_ways(arrows, tree), notes.collect())
}

/// Whether one of the two is the other, or in it.
fn related(tree: &Tree, one: usize, other: usize) -> bool {
    tree.is_within(one, other) || tree.is_within(other, one)
}

/// Two arrows that say the same of both directions become one, unless they cross between environments: there it matters
/// who opens.
fn both_ways(arrows: Vec<Arrow>, tree: &Tree) -> Vec<Arrow> {
    let environment = |node: usize| tree.nodes.get(node).and_then(|node| node.environment);
    let mut out: Vec<Arrow> = Vec::new();
    for arrow in arrows {
        let crosses = match (environment(arrow.from), environment(arrow.to)) {
            (Some(from), Some(to)) => from != to,
            _ => false,
        };
        let reverse =
            |other: &&mut Arrow| (other.from, other.to) == (arrow.to, arrow.from) && other.says == arrow.says;
        match out.iter_mut().find(reverse).filter(|_| !crosses) {
            Some(other) => other.both = true,
            None => out.push(arrow),
        }
    }
    out
}

/// What to do about a pair of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Plan {
    cost: usize,
    /// Whether an arrow is drawn between the two, with all that passes between each of the one and each of the other.
    drawn: bool,
    /// Where the rest is looked for: in the parts of the first, or of the second.
    split_first: bool,
}

/// Sets by number, so that plans can be remembered.
struct Planner<'a, S> {
    tree: &'a Tree,
    boxes: &'a Boxes,
    passing: &'a BTreeMap<(usize, usize), S>,
    sets: Vec<S>,
    numbers: BTreeMap<S, usize>,
    /// What passes between each and each, and between some and some.
    bounds: BTreeMap<(usize, usize), (usize, usize)>,
    plans: BTreeMap<(usize, usize, usize), Plan>,
}

impl<S: Passing> Planner<'_, S> {
    fn number(&mut self, set: S) -> usize {
        if let Some(&number) = self.numbers.get(&set) {
            return number;
        }
        let number = self.sets.len();
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        number
    }

    fn set(&self, number: usize) -> S {
        self.sets.get(number).cloned().unwrap_or_default()
    }

    fn is_subset(&self, part: usize, whole: usize) -> bool {
        match (self.sets.get(part), self.sets.get(whole)) {
            (Some(part), Some(whole)) => part.is_subset(whole),
            _ => false,
        }
    }

    fn children(&self, node: usize) -> Vec<usize> {
        self.tree.nodes.get(node).map(|node| node.children.clone()).unwrap_or_default()
    }

    /// What passes between each of `from` and each of `to`, and between some of them.
    fn bounds(&mut self, from: usize, to: usize) -> (usize, usize) {
        if let Some(&bounds) = self.bounds.get(&(from, to)) {
            return bounds;
        }
        let (mut every, mut some) = (None, S::default());
        let empty = S::default();
        let others = self.tree.leaves(to);
        for first in self.tree.leaves(from) {
            for &second in &others {
                let alone = self.boxes.boxes.get(first).is_none_or(|each| each.peers.len() < 2);
                if first == second && alone {
                    continue;
                }
                let passing = self.passing.get(&(first, second)).unwrap_or(&empty);
                some = some.union(passing);
                every = Some(match every {
                    None => passing.clone(),
                    Some(every) => passing.intersection(&every),
                });
            }
        }
        let bounds = (self.number(every.unwrap_or_default()), self.number(some));
        self.bounds.insert((from, to), bounds);
        bounds
    }

    /// The cheapest way to say what passes between two nodes and is not `said` already.
    fn plan(&mut self, from: usize, to: usize, said: usize) -> usize {
        if let Some(plan) = self.plans.get(&(from, to, said)) {
            return plan.cost;
        }
        let (every, some) = self.bounds(from, to);
        let mut best = Plan { cost: 0, drawn: false, split_first: false };
        if !self.is_subset(some, said) {
            best.cost = usize::MAX;
            let own = if related(self.tree, from, to) { NOTE_COST } else { ARROW_COST };
            for drawn in [true, false] {
                let whole = self.said_after(drawn, every, said);
                if drawn && whole == said {
                    continue;
                }
                let mut consider = |rest: Option<usize>, split_first| {
                    let Some(rest) = rest else { return };
                    let cost = rest.saturating_add(if drawn { own } else { 0 });
                    if cost < best.cost {
                        best = Plan { cost, drawn, split_first };
                    }
                };
                if self.is_subset(some, whole) {
                    consider(Some(0), false);
                    continue;
                }
                let second = self.rest(from, to, whole, false);
                consider(second, false);
                let first = self.rest(from, to, whole, true);
                consider(first, true);
            }
        }
        self.plans.insert((from, to, said), best);
        best.cost
    }

    fn said_after(&mut self, drawn: bool, every: usize, said: usize) -> usize {
        if !drawn {
            return said;
        }
        let union = self.set(every).union(&self.set(said));
        self.number(union)
    }

    /// The pairs of parts in which the rest is looked for; none where nothing has parts.
    fn parts(&self, from: usize, to: usize, split_first: bool) -> Vec<(usize, usize)> {
        match split_first {
            true => self.children(from).into_iter().map(|part| (part, to)).collect(),
            false => self.children(to).into_iter().map(|part| (from, part)).collect(),
        }
    }

    fn rest(&mut self, from: usize, to: usize, said: usize, split_first: bool) -> Option<usize> {
        let parts = self.parts(from, to, split_first);
        if parts.is_empty() {
            return None;
        }
        parts.into_iter().try_fold(0_usize, |sum, (from, to)| sum.checked_add(self.plan(from, to, said)))
    }

    /// Follows the plans, and collects what is drawn.
    fn draw(&mut self, from: usize, to: usize, said: usize, out: &mut Vec<(usize, usize, usize)>) {
        let Some(&Plan { drawn, split_first, .. }) = self.plans.get(&(from, to, said)) else { return };
        let (every, some) = self.bounds(from, to);
        if self.is_subset(some, said) {
            return;
        }
        let whole = self.said_after(drawn, every, said);
        if drawn {
            out.push((from, to, every));
        }
        if !self.is_subset(some, whole) {
            for (from, to) in self.parts(from, to, split_first) {
                self.draw(from, to, whole, out);
            }
        }
    }
}
