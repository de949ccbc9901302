//! What `compile` will say no to, of an intent that was just written of manifests: they are there as they are, and a wall lets in
//! less.

use crate::commands::compile::add_refused_by_servers;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Diagnostic, Severity, Source, SourceId};
use watertight_compile::{Given, GivenFile, Question, compile};
use watertight_import::Overlay;
use watertight_ingest::is_kustomization;
use watertight_intent::{ApplicationId, Date, Intent, PlacedSource};

/// What `compile` refuses of a text, as errors in `sources`, of which the text is the first; with what kustomizations make, by its place
/// among them. `said` is what was found where the manifests were read, and `path_to` leads from the intent to a file.
pub(crate) fn refusals(
    (sources, rendered): (&[Source], &BTreeMap<usize, Overlay>),
    said: &[Diagnostic],
    today: Date,
    path_to: &dyn Fn(&str) -> String,
) -> Vec<Diagnostic> {
    let intent =
        sources.first().and_then(|source| watertight_intent::read(SourceId(0), source, today).intent);
    let Some(intent) = intent else { return Vec::new() };
    let given = given(&intent, (sources, rendered), path_to);
    let mut compiled = compile(Question { intent: &intent, sources, given: &given, beside: &[] });
    let files: BTreeSet<SourceId> =
        given.iter().flat_map(|given| &given.files).map(|file| file.source).collect();
    let is_given =
        |found: &&Diagnostic| found.at.as_ref().is_some_and(|(span, _)| files.contains(&span.source));
    let said = said.iter().filter(is_given).cloned().collect();
    add_refused_by_servers(&mut compiled.diagnostics, said, &compiled.left_out);
    compiled.diagnostics.retain(|found| found.severity == Severity::Error);
    compiled.diagnostics
}

/// The files of each application, in each of its environments.
fn given(
    intent: &Intent,
    (sources, rendered): (&[Source], &BTreeMap<usize, Overlay>),
    path_to: &dyn Fn(&str) -> String,
) -> Vec<Given> {
    // The intent itself is none.
    let path = |(id, (place, source)): (SourceId, (usize, &Source))| match rendered.get(&place) {
        Some(overlay) => (id, format!("{}/", path_to(&overlay.folder)), true),
        None => (id, path_to(&source.name), false),
    };
    let paths: Vec<(SourceId, String, bool)> =
        (0..).map(SourceId).zip(sources.iter().enumerate()).skip(1).map(path).collect();
    let mut given = Vec::new();
    for (index, application) in intent.applications.iter().enumerate() {
        for placement in &application.placements {
            let (named, is_made) = match &placement.source {
                PlacedSource::Manifests(named) => (named.value.as_str(), false),
                PlacedSource::Kustomization(named) => (named.value.as_str(), true),
                PlacedSource::Helm { .. } | PlacedSource::Workload(_) => continue,
            };
            let is_below = |path: &str| path == named || named.ends_with('/') && path.starts_with(named);
            let of_overlay = paths.iter().filter(|(_, path, made)| is_made && *made && path == named);
            let mut files: Vec<&(SourceId, String, bool)> = of_overlay.collect();
            if files.is_empty() {
                // A kustomization that only lists files makes what they say.
                let is_file = |path: &str| is_below(path) && !(is_made && is_kustomization(path));
                files.extend(paths.iter().filter(|(_, path, made)| !made && is_file(path)));
            }
            let files =
                files.into_iter().map(|(source, from, _)| GivenFile { source: *source, from: from.clone() });
            given.push(Given {
                application: ApplicationId(index),
                environment: placement.environment,
                files: files.collect(),
            });
        }
    }
    given
}
