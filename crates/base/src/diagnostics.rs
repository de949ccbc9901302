//! A diagnostic is a value: what is wrong with the input, where, and how to mend it. It never decides a verdict; what
//! it means for the proof stands in the snapshot (a blind spot, a refused object).

use crate::Span;
use std::fmt;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The API server would refuse this, or it could not be read.
    Error,
    /// It is read, but hardly means what its author thinks.
    Warning,
    /// Good to know.
    Info,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        })
    }
}

/// One finding about the input.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Diagnostic {
    /// The rule's name, which `watertight explain` knows.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One lower-case sentence without a full stop, user input in backticks; it stands alone.
    pub message: String,
    /// Where, and what to write under the underlined text.
    pub at: Option<(Span, String)>,
    /// How to mend it, in one sentence.
    pub help: Option<String>,
    /// What of the input to leave out so that it is mended, where the rule knows that.
    pub without: Vec<Span>,
}

impl Diagnostic {
    /// An error at a place.
    #[must_use]
    pub fn error(rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: Severity::Error,
            message: message.into(),
            at: None,
            help: None,
            without: Vec::new(),
        }
    }

    /// A warning at a place.
    #[must_use]
    pub fn warning(rule: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, message) }
    }

    /// The same diagnostic, pointing at `span` with `label` under it.
    #[must_use]
    pub fn at(self, span: Span, label: impl Into<String>) -> Self {
        Self { at: Some((span, label.into())), ..self }
    }

    /// The same diagnostic with a way to mend it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same diagnostic, mended without these parts of the input.
    #[must_use]
    pub fn without(self, parts: impl IntoIterator<Item = Span>) -> Self {
        Self { without: parts.into_iter().collect(), ..self }
    }
}
