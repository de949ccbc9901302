//! The oracle of the search: repairs are applied to the text, the text is read and proved again, and what was open is compared.

use crate::input::Input;
use crate::kept::{Lost, lost, lost_through_nodes};
use crate::patch::{self, FilePatch};
use crate::state::State;
use std::collections::BTreeMap;
use watertight_base::{Diagnostic, Source, Span};
use watertight_ingest::{Ingested, Options};
use watertight_model::{Breach, ConnectivityMap, Relation, Report, Snapshot};
use watertight_network::connectivity;
use watertight_prove::{Question, prove};

/// What is left, by rule and object: how many ways across, and how many blind spots.
pub(crate) type Left = BTreeMap<(String, String), usize>;

/// An input with repairs, and what the proof says of it.
pub(crate) struct Mended {
    pub(crate) sources: Vec<Source>,
    pub(crate) snapshot: Snapshot,
    pub(crate) report: Report,
    pub(crate) patches: Vec<FilePatch>,
    pub(crate) left: Left,
}

impl Mended {
    /// The ways across, the worst first.
    pub(crate) fn breaches(&self) -> Vec<&Breach> {
        breaches(&self.report)
    }
}

/// Tries repairs.
pub(crate) struct Judge<'a> {
    input: &'a Input<'a>,
    options: &'a Options,
    question: &'a Question,
    /// What was surely open.
    before: &'a ConnectivityMap,
    /// What the reader says of the input as it is, each finding with how often.
    findings: BTreeMap<(&'static str, String), usize>,
    /// What no output shows.
    hidden: &'a [Span],
    tries: usize,
    tries_max: usize,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(
        input: &'a Input<'a>,
        options: &'a Options,
        question: &'a Question,
        before: &'a ConnectivityMap,
        ingested: &'a Ingested,
        tries_max: usize,
    ) -> Self {
        let findings = counted(ingested.diagnostics.iter().chain(&admission(&ingested.snapshot)));
        Self { input, options, question, before, findings, hidden: &ingested.hidden, tries: 0, tries_max }
    }

    /// Whether no more may be tried.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.tries >= self.tries_max
    }

    /// The input with repairs; `None` if they cannot be made or shown, or the reader has something new to complain about.
    pub(crate) fn mend(&mut self, state: &State) -> Option<Mended> {
        self.tries += 1;
        let sources = state.apply(self.input)?;
        let patches = patch::of(self.input.sources, &sources, self.hidden)?;
        // A file that lost all its objects is deleted.
        let read = watertight_ingest::read(&sources, self.options);
        let findings = counted(read.diagnostics.iter().chain(&admission(&read.snapshot)));
        let is_known =
            |(finding, count): (&_, &usize)| self.findings.get(finding).is_some_and(|known| count <= known);
        if !findings.iter().all(is_known) {
            return None;
        }
        let report = prove(&read.snapshot, self.question).ok()?;
        let left = left(&report);
        Some(Mended { sources, snapshot: read.snapshot, report, patches, left })
    }

    /// What was surely open and is so no more.
    pub(crate) fn losses(&self, mended: &Mended) -> Vec<Lost> {
        let after = connectivity(&mended.snapshot, self.question.profile, Relation::Must);
        let ways = lost(self.input, self.before, &after);
        ways.chain(lost_through_nodes(self.input, &mended.snapshot)).collect()
    }

    /// Something that was surely open and is so no more.
    pub(crate) fn lost(&self, mended: &Mended) -> Option<Lost> {
        self.losses(mended).into_iter().next()
    }

    /// As many tries again.
    pub(crate) fn renew(&mut self) {
        self.tries = 0;
    }
}

fn admission(snapshot: &Snapshot) -> Vec<Diagnostic> {
    watertight_prove::admission_diagnostics(snapshot)
}

fn counted<'d>(diagnostics: impl Iterator<Item = &'d Diagnostic>) -> BTreeMap<(&'static str, String), usize> {
    let mut counted = BTreeMap::new();
    for diagnostic in diagnostics {
        *counted.entry((diagnostic.rule, diagnostic.message.clone())).or_default() += 1;
    }
    counted
}

/// The ways across of a report, the worst first.
pub(crate) fn breaches(report: &Report) -> Vec<&Breach> {
    let causes = report.boundaries.iter().flat_map(|boundary| boundary.causes());
    causes.flat_map(|cause| cause.breaches().collect::<Vec<_>>()).collect()
}

/// How a way across is counted: places in an object move when it is edited, and its name does not.
pub(crate) fn key(breach: &Breach) -> (String, String) {
    let of = breach.root.object.as_ref().map_or_else(|| breach.root.part.clone(), ToString::to_string);
    (breach.rule.to_owned(), of)
}

fn left(report: &Report) -> Left {
    let mut left = Left::new();
    for breach in breaches(report) {
        *left.entry(key(breach)).or_default() += breach.count;
    }
    for channel in report.boundaries.iter().flat_map(|boundary| &boundary.channels) {
        for spot in &channel.blind_spots {
            *left.entry((spot.rule.to_owned(), spot.reason.clone())).or_default() += 1;
        }
    }
    left
}

/// Whether no more is left than with other repairs.
pub(crate) fn is_enough(left: &Left, goal: &Left) -> bool {
    left.iter().all(|(key, count)| goal.get(key).is_some_and(|most| count <= most))
}
