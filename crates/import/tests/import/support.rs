//! What the tests share.
#![expect(clippy::disallowed_methods, reason = "tests that read manifests where they are")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use watertight_base::{Source, SourceId, Span};
use watertight_import::{Found, Question, Written, import, init};
use watertight_ingest::Options;
use watertight_intent::{Date, Intent, read};
use watertight_render::{Colour, Detail, Inputs, Style, diagnostics_text};

pub(crate) const DIGEST: &str = "sha256:8d9001d32c6a703d95921a77115050f33dd823d3f1730bd35215dcbecad6dc20";

pub(crate) fn source(name: &str, text: &str) -> Source {
    Source { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
}

/// A question about files, in which nothing is said beside them.
pub(crate) fn question<'a>(sources: &'a [Source], environments: &'a [String]) -> Question<'a> {
    Question { sources, name: None, environments, images: &[], ports: &[], hosts: &[], ingresses: &[] }
}

pub(crate) fn both() -> Vec<String> {
    vec!["staging".to_owned(), "production".to_owned()]
}

/// What one file becomes, with nothing said beside it.
pub(crate) fn imported(name: &str, text: &str) -> Written {
    import(&question(&[source(name, text)], &both()))
}

/// The intent of a text in which nothing is wrong.
pub(crate) fn intent(text: &str) -> Intent {
    let read = read(SourceId(0), &source("watertight.yaml", text), Date::new(2026, 11, 20).unwrap());
    read.intent.unwrap_or_else(|| panic!("{:#?}\n{text}", read.diagnostics))
}

/// What is written and what is said, as people read it.
pub(crate) fn shown(written: &Written, sources: &[Source]) -> String {
    let inputs = Inputs::new(sources, &written.hidden);
    let style = Style { colour: Colour::Plain, program: "watertight" };
    let said = diagnostics_text(&written.diagnostics, &inputs, Detail::All, style);
    let said: Vec<&str> = said.lines().filter(|line| !line.starts_with("rule: ")).collect();
    format!("{}\n=== said\n{}\n", written.text.as_deref().unwrap_or("nothing\n"), said.join("\n"))
}

/// The rules of what is said, each once.
pub(crate) fn rules(written: &Written) -> Vec<&'static str> {
    let mut rules: Vec<&str> = written.diagnostics.iter().map(|found| found.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// A folder of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The manifests below a folder of the repository, by their paths from `from`.
pub(crate) fn manifests(folder: &str, from: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut open = vec![repository(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.strip_prefix(repository(from)).unwrap().to_string_lossy().into_owned();
            sources.push(Source { name, bytes: std::fs::read(&path).unwrap() });
        }
    }
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    sources
}

/// What `init` writes of manifests in the folder of the intent.
pub(crate) fn initialised(sources: &[Source], given: &[(&str, &str)]) -> Result<Written, String> {
    initialised_without(sources, given, &[])
}

/// What `init` writes where applications are to leave out parts of the manifests.
pub(crate) fn initialised_without(
    sources: &[Source],
    given: &[(&str, &str)],
    left_out: &[Span],
) -> Result<Written, String> {
    let ingested = watertight_ingest::read(sources, &Options::default());
    let given: Vec<_> =
        given.iter().map(|&(name, selector)| (name.to_owned(), selector.to_owned())).collect();
    let environments =
        watertight_prove::all_environments(&ingested.snapshot, &given).map_err(|error| error.message)?;
    Ok(init(&Found {
        sources,
        snapshot: &ingested.snapshot,
        hidden: &ingested.hidden,
        environments: &environments,
        is_for_all: false,
        rendered: &BTreeMap::new(),
        skipped: &[],
        left_out,
        name: "shop",
        path: &|file| file.to_owned(),
        is_whole: &|_| true,
    }))
}
