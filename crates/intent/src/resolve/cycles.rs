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

/// The shortest ring from an application to itself: the applications in it, the first one first.
fn ring(intent: &Intent, start: usize) -> Option<Vec<usize>> {
    let next = |index: usize| {
        let edges = intent.applications.get(index).map(|application| application.depends_on.as_slice());
        edges.unwrap_or_default().iter().map(|edge| {
            let ApplicationId(index) = edge.value;
            index
        })
    };
    let mut paths: Vec<Vec<usize>> = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while !paths.is_empty() {
        let mut longer = Vec::new();
        for path in paths {
            for index in next(*path.last()?) {
                if index == start {
                    return Some(path);
                }
                if seen.insert(index) {
                    longer.push([path.as_slice(), &[index]].concat());
                }
            }
        }
        paths = longer;
    }
    None
}
