//! Applications that wait for each other start never.

use crate::findings::Findings;
use crate::intent::{ApplicationId, Intent};
use crate::rules;
use std::collections::BTreeSet;

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    let mut reported: BTreeSet<usize> = BTreeSet::new();
    for start in 0..intent.applications.len() {
        if reported.contains(&start) {
            continue;
        }
        let Some(ring) = ring(intent, start) else { continue };
        reported.extend(&ring);
        let name = |index: &usize| {
            format!(
                "`{}`",
                intent.applications.get(*index).map_or("", |application| application.name.value.as_str())
            )
        };
        let mut names: Vec<String> = ring.iter().map(name).collect();
        names.push(name(&start));
        let next = ring.get(1).copied().unwrap_or(start);
        let Some(application) = intent.applications.get(start) else { continue };
        let edge = application.depends_on.iter().find(|edge| edge.value.0 == next);
        findings.error(
            rules::DEPENDENCY_CYCLE,
            format!("applications depend on each other in a ring: {}", names.join(" → ")),
            edge.map_or(application.span, |edge| edge.span),
            "the ring goes on here",
            "take one of them out of `dependsOn`",
        );
    }
}

/// A shortest ring from an application to itself: the applications in it, the first one first.
fn ring(intent: &Intent, start: usize) -> Option<Vec<usize>> {
    // Each application with the one that led to it, in the order in which they were found.
    let mut found: Vec<(usize, Option<usize>)> = vec![(start, None)];
    let mut seen = BTreeSet::new();
    let mut place = 0;
    while let Some(&(index, _)) = found.get(place) {
        let edges = intent.applications.get(index).map(|application| application.depends_on.as_slice());
        for edge in edges.unwrap_or_default() {
            let ApplicationId(next) = edge.value;
            if next == start {
                return Some(back(&found, place));
            }
            if seen.insert(next) {
                found.push((next, Some(place)));
            }
        }
        place += 1;
    }
    None
}

/// The applications on the way to a place, the first one first.
fn back(found: &[(usize, Option<usize>)], place: usize) -> Vec<usize> {
    let mut way = Vec::new();
    let mut at = Some(place);
    while let Some(&(index, before)) = at.and_then(|at| found.get(at)) {
        way.push(index);
        at = before;
    }
    way.reverse();
    way
}
