//! Each repair on a small case: applied, it is isolated, and what worked still does.

mod cases;
mod laws;
mod pages;
mod with_losses;

use crate::input::Input;
use crate::kept::{lost, lost_through_nodes};
use crate::{Fix, Question};
use std::collections::BTreeSet;
use watertight_base::Source;
use watertight_ingest::{Ingested, Options, read};
use watertight_model::{Relation, Report, Verdict};
use watertight_network::connectivity;
use watertight_prove::prove;

fn options() -> Options {
    Options { default_namespace: "default".to_owned(), values: true }
}

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    let source =
        |(name, text): &(&str, &str)| Source { name: (*name).to_owned(), bytes: text.as_bytes().to_vec() };
    files.iter().map(source).collect()
}

fn fixed(sources: &[Source], boundary: &watertight_prove::Question) -> Fix {
    asked(sources, boundary, false)
}

fn asked(sources: &[Source], boundary: &watertight_prove::Question, accepts_losses: bool) -> Fix {
    let ingested = read(sources, &options());
    crate::fix(Question { sources, ingested: &ingested, options: &options(), boundary, accepts_losses })
        .unwrap()
}

fn verdict(report: &Report) -> Verdict {
    report.boundaries[0].verdict
}

/// The repaired files as a user has them afterwards, sorted by name.
fn applied(fix: &Fix) -> Vec<Source> {
    let mut sources: Vec<Source> =
        fix.sources.iter().filter(|source| !source.bytes.is_empty()).cloned().collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    sources
}

/// Whether something that surely worked before is lost.
fn is_something_lost(
    old: &[Source],
    before: &Ingested,
    fix: &Fix,
    boundary: &watertight_prove::Question,
) -> bool {
    let side = |index: usize| -> BTreeSet<String> {
        fix.before.environments[index].namespaces.iter().map(|choice| choice.name.clone()).collect()
    };
    let input = Input::new(old, &before.snapshot, side(0), side(1));
    let after = read(&applied(fix), &options());
    let open = |ingested: &Ingested| connectivity(&ingested.snapshot, boundary.profile, Relation::Must);
    lost(&input, &open(before), &open(&after)).next().is_some()
        || lost_through_nodes(&input, &after.snapshot).next().is_some()
}

/// What holds of all repairs: the report after them is that of the files with them, and nothing is lost.
fn holds(old: &[Source], fix: &Fix, boundary: &watertight_prove::Question) {
    let before = read(old, &options());
    let after = read(&applied(fix), &options());
    let proved = prove(&after.snapshot, boundary).unwrap();
    assert_eq!(verdict(&proved), verdict(&fix.after), "the files say something else");
    assert!(!is_something_lost(old, &before, fix, boundary), "something is lost");
    assert_eq!(fix.left.is_empty(), verdict(&proved) == Verdict::Isolated);
    if verdict(&fix.before) == Verdict::Isolated {
        assert!(fix.repairs.is_empty(), "{:#?}", fix.repairs);
    }
    assert_eq!(fix.repairs.is_empty(), fix.patches.is_empty());
}
