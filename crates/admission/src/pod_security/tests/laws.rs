//! What holds of every draft.

use super::random::{Choices, complete, forget, pod};
use super::{NEWEST, enforced};
use crate::Known;
use crate::pod_security::{Check, Standard};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

/// How many pods are tried.
const PODS: usize = 1000;

fn tried<S: Strategy>(strategy: &S) -> impl Iterator<Item = S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..PODS).map(move |_| strategy.new_tree(&mut runner).unwrap().current())
}

fn standards() -> Vec<Standard> {
    let versions = [0, 18, 19, 22, 24, 25, 34, 36].map(|minor| format!("v1.{minor}"));
    let levels =
        versions.iter().flat_map(|version| ["baseline", "restricted"].map(|level| enforced(level, version)));
    levels
        .flat_map(|enforced| [NEWEST..=NEWEST, 33..=NEWEST].map(|servers| Standard::new(enforced, servers)))
        .collect()
}

/// Whether something of it is not known.
fn has_gaps(known: &Known) -> bool {
    match known {
        Known::Map { fields, others } => *others == crate::Others::Any || fields.values().any(has_gaps),
        Known::List { elements, others } => *others == crate::Others::Any || elements.iter().any(has_gaps),
        Known::Text(texts) => texts.len() > 1,
        Known::Nothing | Known::OtherText(_) => true,
        _ => false,
    }
}

#[test]
fn if_a_draft_is_refused_every_pod_that_fits_it_is() {
    let standards = standards();
    let (mut refused, mut by) = (0, BTreeSet::new());
    let pods = (pod(), pod(), proptest::collection::vec(any::<u8>(), 101));
    for (one, other, choices) in tried(&pods) {
        let draft = forget(&one, &mut Choices::new(&choices));
        for standard in &standards {
            let Some(first) = standard.refuses(&draft).filter(|_| has_gaps(&draft)) else { continue };
            refused += 1;
            let failed = standard.failed(&draft);
            by.extend(failed.iter().copied().chain([first]));
            for whole in [&one, &complete(&draft, &other), &complete(&draft, &Known::Absent)] {
                assert!(standard.refuses(whole).is_some(), "{standard:?}\n{draft:#?}\n{whole:#?}");
                // By the same checks too: few pods are refused by one alone.
                let missing = failed.iter().find(|check| !standard.failed(whole).contains(check));
                assert_eq!(missing, None, "{standard:?}\n{draft:#?}\n{whole:#?}");
            }
        }
    }
    assert!(refused > 3000, "{refused}");
    assert_eq!(by, Check::all().collect(), "each check refused a draft");
}

#[test]
fn to_know_more_never_admits_more() {
    let standards = standards();
    let mut moved = 0;
    for (one, first, second) in tried(&(
        pod(),
        proptest::collection::vec(any::<u8>(), 101),
        proptest::collection::vec(any::<u8>(), 101),
    )) {
        let more = forget(&one, &mut Choices::new(&first));
        let less = forget(&more, &mut Choices::new(&second));
        for standard in &standards {
            let (with_more, with_less) = (standard.failed(&more), standard.failed(&less));
            let missing = with_less.iter().find(|check| !with_more.contains(check));
            assert_eq!(missing, None, "{standard:?}\n{less:#?}\n{more:#?}");
            moved += usize::from(with_less.len() < with_more.len());
        }
    }
    assert!(moved > 300, "{moved}");
}

#[test]
fn what_the_baseline_refuses_the_restricted_level_refuses() {
    let mut refused = 0;
    for pod in tried(&pod()) {
        for minor in [0, 18, 19, 22, 24, 25, 34, 35, 36] {
            let refuses = |level| {
                let enforced = enforced(level, &format!("v1.{minor}"));
                Standard::new(enforced, NEWEST..=NEWEST).refuses(&pod).is_some()
            };
            refused += usize::from(refuses("baseline"));
            assert!(!refuses("baseline") || refuses("restricted"), "{minor} {pod:#?}");
        }
    }
    assert!(refused > 3000, "{refused}");
}
