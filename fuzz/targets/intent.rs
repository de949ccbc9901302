//! Any bytes as an intent: nothing panics, every place is inside the input, and what is accepted compiles to the same each time.

#![no_main]

use libfuzzer_sys::fuzz_target;
use watertight_base::{Source, SourceId};
use watertight_compile::{Question, compile};
use watertight_intent::{Date, read};

fuzz_target!(|bytes: &[u8]| {
    let sources = [Source { name: "watertight.yaml".to_owned(), bytes: bytes.to_vec() }];
    let today = Date::new(2026, 11, 20).expect("a day");
    let found = read(SourceId(0), &sources[0], today);
    for (span, _) in found.diagnostics.iter().filter_map(|diagnostic| diagnostic.at.as_ref()) {
        assert!(span.start <= span.end && span.end <= bytes.len());
    }
    let Some(intent) = found.intent else {
        assert!(!found.diagnostics.is_empty());
        return;
    };
    let question = Question { intent: &intent, sources: &sources, given: &[], beside: &[] };
    let compiled = compile(question);
    for (span, _) in compiled.diagnostics.iter().filter_map(|diagnostic| diagnostic.at.as_ref()) {
        assert!(span.start <= span.end && span.end <= bytes.len());
    }
    assert_eq!(compiled, compile(question));
});
