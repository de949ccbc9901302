//! What is wrong with the input, in the manner of compilers.

use crate::colour::Tone;
use crate::excerpt::excerpt;
use crate::page::{Page, counted};
use crate::{Colour, Detail, Inputs};
use watertight_base::{Diagnostic, Severity};

/// How many diagnostics a summary shows with their excerpts.
const FEW: usize = 20;

/// The diagnostics, the worst first and else in their own order, and a last line that counts them; empty if there are
/// none.
#[must_use]
pub fn diagnostics_text(
    diagnostics: &[Diagnostic],
    inputs: &Inputs<'_>,
    detail: Detail,
    colour: Colour,
) -> String {
    let mut page = Page::new(colour);
    if diagnostics.is_empty() {
        return page.finish();
    }
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| diagnostic.severity);
    let shown = detail.shown(sorted.len(), FEW);
    for diagnostic in sorted.iter().take(shown) {
        one(&mut page, diagnostic, inputs);
        page.gap();
    }
    let rest = match sorted.len() - shown {
        0 => String::new(),
        hidden => format!("; {hidden} not shown here, `--all` shows each"),
    };
    page.entry(0, Tone::Strong, "input: ", &format!("{}{rest}", summary(diagnostics)));
    page.finish()
}

/// `1 error, 2 warnings`.
pub(crate) fn summary(diagnostics: &[Diagnostic]) -> String {
    let count = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let counts = [
        (count(Severity::Error), "error", "errors"),
        (count(Severity::Warning), "warning", "warnings"),
        (count(Severity::Info), "note", "notes"),
    ];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|&(count, _, _)| count > 0)
        .map(|(count, one, many)| counted(count, one, many))
        .collect();
    parts.join(", ")
}

fn one(page: &mut Page, diagnostic: &Diagnostic, inputs: &Inputs<'_>) {
    let Diagnostic { rule, severity, message, at, help } = diagnostic;
    let tone = match severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Doubtful,
        Severity::Info => Tone::Hint,
    };
    page.hanging(0, tone, &format!("{severity}[{rule}]: "), message, 2);
    if let Some((span, label)) = at
        && let Some(text) = excerpt(inputs, *span, label, page.colour())
    {
        page.block(&text);
    }
    if let Some(help) = help {
        page.entry(0, Tone::Hint, "help: ", help);
    }
    page.line(0, Tone::Hint, "rule: ", &format!("watertight explain {rule}"));
}
