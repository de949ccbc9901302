//! YAML and JSON bytes into a Snapshot, with spans, diagnostics and blind spots.
//!
//! Data flows one way: `source` cuts bytes into documents, `tree` gives YAML and JSON one face, `read` turns each object
//! into the model's types and `validate` says what the API server would refuse, `assemble` puts the objects of all
//! sources together.

mod assemble;
mod context;
mod forms;
mod hidden;
mod kinds;
mod kubectl_lines;
mod kustomization;
mod read;
mod resources;
mod rules;
mod scalar;
mod source;
mod tree;
mod trees;
mod validate;

pub use forms::{Form, unread};
pub use kustomization::is_named as is_kustomization;
pub use rules::RULES;
pub use trees::{Content, Member, Tree, Trees, trees};

use kustomization::SourceNames;
use rayon::prelude::*;
use watertight_base::{Diagnostic, Source, SourceId, Span};
use watertight_model::Snapshot;

/// How to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The namespace of namespaced objects that name none, as `kubectl -n` (rule N19).
    pub default_namespace: String,
    /// Whether the values of Secrets, ConfigMaps and environments are read. Without it, only what they are.
    pub values: bool,
}

impl Default for Options {
    /// As kubectl without `-n`: the namespace `default`.
    fn default() -> Self {
        Self { default_namespace: "default".to_owned(), values: false }
    }
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingested {
    /// The picture.
    pub snapshot: Snapshot,
    /// What is wrong with the input, in the order of the input.
    pub diagnostics: Vec<Diagnostic>,
    /// The parts of the input that no output shows, since they are or may be values of Secrets. Sorted, and none meets
    /// another.
    pub hidden: Vec<Span>,
}

/// Reads all inputs as one cluster. Never fails: what cannot be read is a diagnostic and a blind spot.
#[must_use]
pub fn read(sources: &[Source], options: &Options) -> Ingested {
    read_each(sources, &|_| options)
}

/// The same, with each input read in its own way: what is applied with `kubectl -n` comes to a namespace of its own.
#[must_use]
pub fn read_each<'o>(sources: &[Source], options: &(dyn Fn(SourceId) -> &'o Options + Sync)) -> Ingested {
    let names = SourceNames::new(sources);
    // Sources are read side by side; what they hold is put together in their order.
    let mut read: Vec<_> = sources
        .par_iter()
        .enumerate()
        .map(|(index, source)| {
            let id = SourceId(u32::try_from(index).unwrap_or(u32::MAX));
            source::read(id, source, &names, options(id))
        })
        .collect();
    kustomization::add_unapplied(sources, &mut read);
    assemble::assemble(read)
}
