//! What the tests of intents share.

use watertight_base::{Source, SourceId};
use watertight_intent::{Date, Intent, Read, read};
use watertight_render::{Colour, Detail, Inputs, diagnostics_text};

pub(crate) const MINIMAL: &str = include_str!("../../../../examples/intent-minimal/watertight.yaml");
pub(crate) const FULL: &str = include_str!("../../../../examples/intent-full/watertight.yaml");

/// A day on which no exception of the examples has expired.
pub(crate) fn today() -> Date {
    Date::new(2026, 11, 20).unwrap()
}

pub(crate) fn source(text: &str) -> Source {
    Source { name: "watertight.yaml".to_owned(), bytes: text.as_bytes().to_vec() }
}

pub(crate) fn read_text(text: &str) -> Read {
    read(SourceId(0), &source(text), today())
}

/// The intent of a text in which nothing is wrong.
pub(crate) fn intent(text: &str) -> Intent {
    let read = read_text(text);
    read.intent.unwrap_or_else(|| panic!("{}", rendered(text)))
}

/// What is wrong with a text, as people see it.
pub(crate) fn rendered(text: &str) -> String {
    let sources = [source(text)];
    let diagnostics = read_text(text).diagnostics;
    diagnostics_text(&diagnostics, &Inputs::new(&sources, &[]), Detail::All, Colour::Plain)
}

/// The rules that are broken, in the order of the file.
pub(crate) fn rules(text: &str) -> Vec<&'static str> {
    read_text(text).diagnostics.iter().map(|diagnostic| diagnostic.rule).collect()
}
