//! What `compile` will say no to, of an intent that was just written of manifests: they are there as they are, and a wall lets in
//! less.

use crate::commands::compile::add_refused_by_servers;
use std::collections::BTreeSet;
use watertight_base::{Diagnostic, Severity, Source, SourceId, Span};
use watertight_compile::{Given, GivenFile, Question, compile};
use watertight_import::Written;
use watertight_intent::{ApplicationId, Date, Intent, PlacedSource};

/// What was written, with what it was written from: the intent is the first source, as it is for `compile`.
#[derive(Debug)]
pub(crate) struct Tried {
    pub(crate) sources: Vec<Source>,
    pub(crate) written: Written,
    /// How many of the findings are refusals.
    pub(crate) refusals: usize,
}

/// Compiles what was written, but for kustomizations, which are not rendered, and adds what is refused as warnings. `name` is that
/// of the intent, `said` what was found where the manifests were read, and `path_to` leads from the intent to a file.
pub(crate) fn tried(
    written: Written,
    mut sources: Vec<Source>,
    said: Vec<Diagnostic>,
    (name, today): (String, Date),
    path_to: &dyn Fn(&str) -> String,
) -> Tried {
    let text = written.text.as_deref().unwrap_or_default();
    sources.insert(0, Source { name, bytes: text.as_bytes().to_vec() });
    let mut written = Written {
        diagnostics: written.diagnostics.into_iter().map(moved).collect(),
        hidden: written.hidden.into_iter().map(moved_span).collect(),
        text: written.text,
    };
    let intent =
        sources.first().and_then(|source| watertight_intent::read(SourceId(0), source, today).intent);
    let refused = match intent {
        Some(intent) => refusals(&intent, &sources, said, path_to),
        None => Vec::new(),
    };
    let refusals = refused.len();
    written.diagnostics.extend(refused);
    written.diagnostics.sort_by_key(|found| found.at.as_ref().map(|(span, _)| *span));
    Tried { sources, written, refusals }
}

fn refusals(
    intent: &Intent,
    sources: &[Source],
    said: Vec<Diagnostic>,
    path_to: &dyn Fn(&str) -> String,
) -> Vec<Diagnostic> {
    let given = given(intent, sources, path_to);
    let mut diagnostics = compile(Question { intent, sources, given: &given, beside: &[] }).diagnostics;
    let files: BTreeSet<SourceId> =
        given.iter().flat_map(|given| &given.files).map(|file| file.source).collect();
    let is_given =
        |found: &Diagnostic| found.at.as_ref().is_some_and(|(span, _)| files.contains(&span.source));
    add_refused_by_servers(&mut diagnostics, said.into_iter().map(moved).filter(is_given).collect());
    let errors = diagnostics.into_iter().filter(|found| found.severity == Severity::Error);
    let warning = |found: Diagnostic| Diagnostic {
        severity: Severity::Warning,
        message: format!("`compile` refuses this: {}", found.message),
        ..found
    };
    errors.map(warning).collect()
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

/// The same, behind one more source.
fn moved(found: Diagnostic) -> Diagnostic {
    Diagnostic { at: found.at.map(|(span, label)| (moved_span(span), label)), ..found }
}

fn moved_span(span: Span) -> Span {
    Span { source: SourceId(span.source.0.saturating_add(1)), ..span }
}
