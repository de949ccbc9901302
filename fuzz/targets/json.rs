//! Any bytes as the elements of a JSON list: what is parsed one level at a time is where it says it is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use watertight_base::Source;
use watertight_ingest::{Options, read};

fuzz_target!(|bytes: &[u8]| {
    let mut text = br#"{"apiVersion": "v1", "kind": "List", "items": ["#.to_vec();
    text.extend_from_slice(bytes);
    text.extend_from_slice(b"]}");
    let sources = [Source { name: "input.json".to_owned(), bytes: text }];
    let found = read(&sources, &Options::default());
    for (span, _) in found.diagnostics.iter().filter_map(|diagnostic| diagnostic.at.as_ref()) {
        assert!(sources[0].bytes.get(span.start..span.end).is_some());
    }
    for pod in &found.snapshot.pods {
        let span = pod.origin.span;
        let object = sources[0].bytes.get(span.start..span.end).expect("the object is inside the input");
        // A text that is no JSON may still be YAML, where an object has no braces.
        assert!(object.first() != Some(&b'{') || object.last() == Some(&b'}'));
    }
});
