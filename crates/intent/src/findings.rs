//! What is wrong with an intent, as it is found: everything at once, in the order of the file.

use watertight_base::words::{listed, nearest};
use watertight_base::{Diagnostic, Span};

/// The most characters of a message that people are shown: values of the file stand in it.
const CHARACTERS_MAX: usize = 300;

/// The findings so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    diagnostics: Vec<Diagnostic>,
}

impl Findings {
    /// Notes an error.
    pub(crate) fn error(
        &mut self,
        rule: &'static str,
        message: impl Into<String>,
        span: Span,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        let diagnostic = Diagnostic::error(rule, shortened(message.into()))
            .at(span, shortened(label.into()))
            .help(shortened(help.into()));
        self.diagnostics.push(diagnostic);
    }

    /// Adds what another reader found.
    pub(crate) fn extend(&mut self, diagnostics: Vec<Diagnostic>) {
        self.diagnostics.extend(diagnostics);
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// All, in the order of the file, each once.
    pub(crate) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        let place = |found: &Diagnostic| found.at.as_ref().map(|(span, _)| (span.start, span.end));
        self.diagnostics.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.cmp(b)));
        self.diagnostics.dedup();
        self.diagnostics
    }
}

/// ``did you mean `x`?``, or which words there are.
pub(crate) fn meant(word: &str, known: &[&str], what: &str) -> String {
    match nearest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{what} {}", listed(known)),
    }
}

/// A text without what is beyond [`CHARACTERS_MAX`].
fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(CHARACTERS_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text
}
