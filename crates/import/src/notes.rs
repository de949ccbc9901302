//! What is found on the way: errors of a foreign file, and what of it no intent says.

use crate::rules;
use watertight_base::{Diagnostic, Severity, Span};
use watertight_ingest::{Content, Member, Tree};

/// The most characters of a message that people are shown: words of the file stand in it.
const CHARACTERS_MAX: usize = 300;

/// The notes so far.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    diagnostics: Vec<Diagnostic>,
    hidden: Vec<Span>,
}

impl Notes {
    /// Adds one.
    pub(crate) fn push(&mut self, mut diagnostic: Diagnostic) {
        shorten(&mut diagnostic.message);
        diagnostic.at.iter_mut().for_each(|(_, label)| shorten(label));
        diagnostic.help.iter_mut().for_each(shorten);
        self.diagnostics.push(diagnostic);
    }

    /// Adds what another reader found.
    pub(crate) fn extend(&mut self, diagnostics: Vec<Diagnostic>) {
        self.diagnostics.extend(diagnostics);
    }

    /// No output shows what stands there.
    pub(crate) fn hide(&mut self, span: Span) {
        self.hidden.push(span);
    }

    /// A value of another type than its field has.
    pub(crate) fn wrong_type(&mut self, tree: &Tree, name: &str, wanted: &str) {
        let found = tree.type_name();
        let help = match (&tree.content, wanted) {
            (Content::Null, _) => "leave the field out, or give it a value".to_owned(),
            // The value is not repeated: it may be a credential.
            (Content::Number { .. } | Content::Boolean(_), "a string") => "put it in quotes".to_owned(),
            _ => format!("write {wanted} here"),
        };
        self.push(
            Diagnostic::error(rules::WRONG_TYPE, format!("`{name}` must be {wanted}, not {found}"))
                .at(tree.span, format!("this is {found}"))
                .help(help),
        );
    }

    /// A value of the right type that cannot be.
    pub(crate) fn invalid(&mut self, span: Span, message: String, label: &str, help: &str) {
        self.push(Diagnostic::error(rules::INVALID_VALUE, message).at(span, label).help(help));
    }

    /// A field that has to be there.
    pub(crate) fn missing(&mut self, span: Span, what: &str, field: &str) {
        let message = format!("the {what} has no `{field}`");
        let label = format!("no `{field}` here");
        self.push(
            Diagnostic::error(rules::MISSING_FIELD, message)
                .at(span, label)
                .help(format!("give it a `{field}`")),
        );
    }

    /// Something that no intent says.
    pub(crate) fn left_out(&mut self, span: Span, message: String, help: &str) {
        self.push(
            Diagnostic::warning(rules::NOT_CARRIED_OVER, message).at(span, "not carried over").help(help),
        );
    }

    /// A key that the format does not know, or of which nothing is known.
    pub(crate) fn unknown(&mut self, member: &Member, format: &str) {
        let message = format!("`{}` is no field of {format} that is known here", member.key);
        self.left_out(
            member.key_span,
            message,
            "say in the intent what it means, if an intent says it: `watertight schema`",
        );
    }

    /// What has to be filled in.
    pub(crate) fn gap(&mut self, span: Span, message: String, label: &str, help: String) {
        self.push(Diagnostic::warning(rules::IMPORT_GAP, message).at(span, label).help(help));
    }

    /// No environment is production, as far as names tell.
    pub(crate) fn production_is_named(&mut self, environments: &[&str]) {
        if environments.iter().any(|name| ["production", "prod"].contains(name)) {
            return;
        }
        let message = "no environment is called `production` or `prod`, so that each has a quota, and none comes before others";
        self.push(
            Diagnostic::warning(rules::IMPORT_GAP, message)
                .help("write `production: true` for the one that is"),
        );
    }

    /// Whether something is so wrong that nothing is written.
    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|found| found.severity == Severity::Error)
    }

    /// All, in the order of the input and each once, and what is not to be shown, sorted and in one piece where it meets.
    pub(crate) fn finish(mut self) -> (Vec<Diagnostic>, Vec<Span>) {
        let place =
            |found: &Diagnostic| found.at.as_ref().map(|(span, _)| (span.source, span.start, span.end));
        self.diagnostics.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.cmp(b)));
        self.diagnostics.dedup();
        self.hidden.sort();
        let mut hidden: Vec<Span> = Vec::new();
        for span in self.hidden {
            match hidden.last_mut() {
                Some(last) if last.source == span.source && span.start <= last.end => {
                    last.end = last.end.max(span.end);
                }
                _ => hidden.push(span),
            }
        }
        (self.diagnostics, hidden)
    }
}

/// A text without what is beyond [`CHARACTERS_MAX`].
fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(CHARACTERS_MAX) {
        text.truncate(end);
        text.push('…');
    }
}
