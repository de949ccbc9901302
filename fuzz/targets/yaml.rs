//! Any bytes as a YAML file: the reader neither panics nor hangs, every place is inside the input, and a second reading
//! says the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use watertight_base::Source;
use watertight_ingest::{Options, read};

fuzz_target!(|bytes: &[u8]| {
    let sources = [Source { name: "input.yaml".to_owned(), bytes: bytes.to_vec() }];
    let once = read(&sources, &Options::default());
    for (span, _) in once.diagnostics.iter().filter_map(|diagnostic| diagnostic.at.as_ref()) {
        assert!(span.start <= span.end && span.end <= bytes.len());
    }
    assert_eq!(once, read(&sources, &Options::default()));
});
