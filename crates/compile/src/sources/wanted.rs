//! The documents of all that is given, without what the intent leaves out.

use super::documents::Target;
use super::left_out::Cut;
use super::{GivenFile, name};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Diagnostic, SourceId, Span};
use watertight_ingest::{Tree, Trees};
use watertight_intent::Intent;

/// What of all that is given is wanted.
pub(crate) struct Wanted<'q> {
    /// For each target its documents, each with its file.
    pub(crate) documents: Vec<Vec<(&'q GivenFile, Cow<'q, Tree>)>>,
    /// What was read and is not wanted anywhere.
    pub(crate) left_out: Vec<Span>,
    /// What is to be left out and is not there.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'q> Wanted<'q> {
    pub(crate) fn new(intent: &Intent, targets: &[Target<'q>], read: &'q BTreeMap<SourceId, Trees>) -> Self {
        let mut cut = Cut::default();
        let mut documents = Vec::new();
        let mut times: BTreeMap<Span, usize> = BTreeMap::new();
        for target in targets {
            let mut rest = Vec::new();
            let before = cut.spans.len();
            for (file, tree) in trees_of(target, read) {
                rest.extend(cut.rest(tree, &target.placement.without).map(|tree| (file, tree)));
            }
            let left_out: BTreeSet<Span> = cut.spans.iter().skip(before).copied().collect();
            left_out.into_iter().for_each(|span| *times.entry(span).or_default() += 1);
            documents.push(rest);
        }
        let takers = |span: &Span| {
            let takes =
                |target: &&Target<'_>| target.given.files.iter().any(|file| file.source == span.source);
            targets.iter().filter(takes).count()
        };
        let left_out =
            times.into_iter().filter(|(span, times)| *times == takers(span)).map(|(span, _)| span).collect();
        let mut diagnostics = BTreeSet::new();
        for target in targets {
            // What is said once for all environments needs to lead to something in one of them.
            let of_application = targets.iter().filter(|of| of.given.application == target.given.application);
            let all: Vec<&Tree> =
                of_application.flat_map(|target| trees_of(target, read)).map(|(_, tree)| tree).collect();
            diagnostics.extend(cut.unused(name(intent, target), &target.placement.without, &all));
        }
        Self { documents, left_out, diagnostics: diagnostics.into_iter().collect() }
    }
}

/// The documents of a target, each with its file.
fn trees_of<'q>(
    target: &Target<'q>,
    read: &'q BTreeMap<SourceId, Trees>,
) -> impl Iterator<Item = (&'q GivenFile, &'q Tree)> {
    let documents = |file: &'q GivenFile| {
        read.get(&file.source).map(|trees| trees.documents.as_slice()).unwrap_or_default()
    };
    target.given.files.iter().flat_map(move |file| documents(file).iter().map(move |tree| (file, tree)))
}
