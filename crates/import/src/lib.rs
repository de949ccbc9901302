//! Files of others, and manifests that are there, into the text of an intent.
//!
//! [`import`] reads what others call an application: `.qovery.yml` and `score.yaml`. [`init`] reads the manifests of
//! environments that are there. What both write is read back before anybody gets it: it is an intent, or nothing is written.
//! What an intent does not say is told, with its line; values that look like credentials are never copied.

mod amounts;
mod compose;
mod credentials;
mod draft;
mod init;
mod names;
mod notes;
mod qovery;
mod read;
mod rules;
mod score;
mod variables;
mod workload;

pub use init::{Found, Overlay, Skipped, init, names_no_namespace};
pub use names::label;
pub use rules::RULES;

use compose::File;
use draft::refusals;
use notes::Notes;
use watertight_base::{Diagnostic, Severity, Source, SourceId, Span};
use watertight_ingest::{Trees, trees};

/// What an intent is to be written from, and what the files do not say.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The files.
    pub sources: &'a [Source],
    /// The name of the fleet; without it, that of the project, or of the application.
    pub name: Option<&'a str>,
    /// The environments, at least one.
    pub environments: &'a [String],
    /// Images by digest, each by the application whose it is.
    pub images: &'a [(String, String)],
    /// Ports that containers listen on, each by the application whose it is.
    pub ports: &'a [(String, u16)],
    /// Hosts.
    pub hosts: &'a [Host],
    /// Who serves routes: at most one for each environment, and one for all that have none of their own.
    pub ingresses: &'a [Ingress],
}

impl Question<'_> {
    /// Who serves the routes of an environment.
    fn ingress_of(&self, environment: &str) -> Option<&Ingress> {
        let own = |ingress: &&Ingress| ingress.environment.as_deref() == Some(environment);
        let of_all = || self.ingresses.iter().find(|ingress| ingress.environment.is_none());
        self.ingresses.iter().find(own).or_else(of_all)
    }
}

/// An ingress controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingress {
    /// The environment whose routes it serves; `None` for each that has no other.
    pub environment: Option<String>,
    /// The namespace of its pods.
    pub namespace: String,
    /// Its IngressClass.
    pub class: String,
}

/// A host of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The environment.
    pub environment: String,
    /// The application that it leads to; `None` for each that is reached from outside.
    pub application: Option<String>,
    /// The host.
    pub host: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The intent, if nothing is wrong with what it was to be written from.
    pub text: Option<String>,
    /// What is wrong; where nothing is, what is still to be filled in, and what an intent does not say. In the order of the
    /// input.
    pub diagnostics: Vec<Diagnostic>,
    /// The parts of the input that no output shows, since they may be credentials. Sorted, and none meets another.
    pub hidden: Vec<Span>,
}

impl Written {
    /// A draft as text, if nothing is wrong.
    fn of(draft: &draft::Draft, mut notes: Notes) -> Self {
        let text = if notes.has_errors() { None } else { Some(draft.text()) };
        notes.extend(text.as_deref().map(refusals).unwrap_or_default());
        let text = text.filter(|_| !notes.has_errors());
        let (mut diagnostics, hidden) = notes.finish();
        if text.is_none() {
            // What is open about an intent that nobody gets would only stand in the way.
            diagnostics.retain(|found| found.severity == Severity::Error);
        }
        Self { text, diagnostics, hidden }
    }
}

/// Reads `.qovery.yml` and `score.yaml` into one intent.
#[must_use]
pub fn import(question: &Question<'_>) -> Written {
    let mut notes = Notes::default();
    let mut files: Vec<File> = Vec::new();
    for (index, source) in question.sources.iter().enumerate() {
        let id = SourceId(u32::try_from(index).unwrap_or(u32::MAX));
        credentials::lines_with_one(id, source).into_iter().for_each(|span| notes.hide(span));
        let Trees { documents, diagnostics } = trees(id, source);
        let could_be_read = diagnostics.is_empty();
        notes.extend(diagnostics);
        if documents.is_empty() && could_be_read {
            not_importable(Span::new(id, 0, 0), source, "is empty", &mut notes);
        }
        for document in &documents {
            if score::is_one(document) {
                files.push(score::read(document, question, &mut notes));
            } else if qovery::is_one(document) {
                files.push(qovery::read(document, question, &mut notes));
            } else {
                not_importable(document.span, source, "is no file that can be imported", &mut notes);
            }
        }
    }
    let draft = compose::compose(files, question, &mut notes);
    Written::of(&draft, notes)
}

fn not_importable(span: Span, source: &Source, why: &str, notes: &mut Notes) {
    let name = if source.name == "-" { "standard input" } else { &source.name };
    notes.push(
        Diagnostic::error(rules::NOT_IMPORTABLE, format!("`{name}` {why}"))
            .at(span, "neither `.qovery.yml` nor `score.yaml`")
            .help("give a `.qovery.yml`, which has an `application`, or a `score.yaml`, which begins with `apiVersion: score.dev/v1b1`; of manifests of Kubernetes, `init` writes an intent"),
    );
}
