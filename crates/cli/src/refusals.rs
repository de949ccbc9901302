//! What `compile` will say no to, of an intent that was just written of manifests: they are there as they are, and a wall lets in
//! less.

use crate::commands::compile::add_refused_by_servers;
use std::collections::BTreeSet;
use watertight_base::{Diagnostic, Severity, Source, SourceId};
use watertight_compile::{Given, GivenFile, Question, compile};
use watertight_intent::{ApplicationId, Date, Intent, PlacedSource};

/// What `compile` refuses of a text, as errors in `sources`, of which the text is the first. Kustomizations are not rendered. `said`
/// is what was found where the manifests were read, and `path_to` leads from the intent to a file.
pub(crate) fn refusals(
    sources: &[Source],
    said: &[Diagnostic],
    today: Date,
    path_to: &dyn Fn(&str) -> String,
) -> Vec<Diagnostic> {
    let intent =
        sources.first().and_then(|source| watertight_intent::read(SourceId(0), source, today).intent);
    let Some(intent) = intent else { return Vec::new() };
    let given = given(&intent, sources, path_to);
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
fn given(intent: &Intent, sources: &[Source], path_to: &dyn Fn(&str) -> String) -> Vec<Given> {
    // The intent itself is none.
    let paths: Vec<(SourceId, String)> =
        (0..).map(SourceId).zip(sources).skip(1).map(|(id, source)| (id, path_to(&source.name))).collect();
    let mut given = Vec::new();
    for (index, application) in intent.applications.iter().enumerate() {
        for placement in &application.placements {
            let PlacedSource::Manifests(named) = &placement.source else { continue };
            let named = named.value.as_str();
            let is_below = |path: &str| path == named || named.ends_with('/') && path.starts_with(named);
            let files = paths.iter().filter(|(_, path)| is_below(path));
            let files = files.map(|(source, from)| GivenFile { source: *source, from: from.clone() });
            given.push(Given {
                application: ApplicationId(index),
                environment: placement.environment,
                files: files.collect(),
            });
        }
    }
    given
}
