//! Any bytes as a file to import: the reader neither panics nor hangs, every place is inside the input, and what is written is an
//! intent.

#![no_main]

use libfuzzer_sys::fuzz_target;
use watertight_base::{Source, SourceId};
use watertight_import::{Question, import};
use watertight_intent::{Date, read};

fuzz_target!(|bytes: &[u8]| {
    let sources = [Source { name: "input.yaml".to_owned(), bytes: bytes.to_vec() }];
    let environments = ["staging", "production"].map(str::to_owned);
    let ingress = watertight_import::Ingress {
        environment: None,
        namespace: "ingress-nginx".to_owned(),
        class: "nginx".to_owned(),
    };
    let written = import(&Question {
        sources: &sources,
        name: None,
        environments: &environments,
        images: &[],
        ports: &[],
        hosts: &[],
        ingresses: std::slice::from_ref(&ingress),
    });
    for (span, _) in written.diagnostics.iter().filter_map(|diagnostic| diagnostic.at.as_ref()) {
        assert!(span.start <= span.end && span.end <= bytes.len());
    }
    for span in &written.hidden {
        assert!(span.start <= span.end && span.end <= bytes.len());
    }
    // Nothing but the input is ever to blame.
    assert!(written.diagnostics.iter().all(|diagnostic| diagnostic.at.is_some()));
    if let (Some(text), Some(today)) = (written.text, Date::new(2026, 11, 20)) {
        let source = Source { name: "watertight.yaml".to_owned(), bytes: text.into_bytes() };
        assert!(read(SourceId(0), &source, today).intent.is_some());
    }
});
