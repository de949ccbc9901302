//! What tests from manifests to verdict share.

use watertight_base::Source;
use watertight_ingest::{Ingested, Options, read};

/// Manifests, each as a file of one input.
pub(crate) fn ingested(manifests: &[&str]) -> Ingested {
    let source = |(index, text): (usize, &&str)| Source {
        name: format!("{index}.yaml"),
        bytes: text.as_bytes().into(),
    };
    let sources: Vec<Source> = manifests.iter().enumerate().map(source).collect();
    read(&sources, &Options { default_namespace: "default".into(), values: true })
}
