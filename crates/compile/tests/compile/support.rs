//! What the tests of the compiler share.

use watertight_base::{Source, SourceId};
use watertight_compile::{Compiled, Question, compile};
use watertight_intent::{Date, read};

pub(crate) const MINIMAL: &str = include_str!("../../../../examples/intent-minimal/watertight.yaml");
pub(crate) const FULL: &str = include_str!("../../../../examples/intent-full/watertight.yaml");

/// What an intent in which nothing is wrong compiles to.
pub(crate) fn compiled(text: &str) -> Compiled {
    let source = Source { name: "fleet/watertight.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
    let today = Date::new(2026, 11, 20).unwrap();
    let read = read(SourceId(0), &source, today);
    let intent = read.intent.unwrap_or_else(|| panic!("{:#?}\n{text}", read.diagnostics));
    compile(Question { intent: &intent, sources: &[source] })
}
