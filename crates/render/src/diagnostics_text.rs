//! What is wrong with the input, in the manner of compilers.

use crate::colour::Tone;
use crate::excerpt::excerpt;
use crate::page::{Page, counted};
use crate::{Detail, Inputs, Style};
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
    style: impl Into<Style>,
) -> String {
    let mut page = Page::new(style);
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
    let Diagnostic { rule, severity, message, at, help, without: _ } = diagnostic;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Colour;
    use crate::fixtures;

    #[test]
    fn diagnostics_show_the_place_and_the_worst_comes_first() {
        let diagnostics = fixtures::diagnostics();
        let text = fixtures::with_inputs(|inputs| {
            diagnostics_text(&diagnostics, inputs, Detail::Summary, Colour::Plain)
        });
        insta::assert_snapshot!(text);
    }

    #[test]
    fn many_diagnostics_are_cut_and_counted() {
        let diagnostics: Vec<Diagnostic> = (0..50).map(|_| Diagnostic::warning("x", "odd")).collect();
        let count = |detail| {
            let text =
                fixtures::with_inputs(|inputs| diagnostics_text(&diagnostics, inputs, detail, Colour::Plain));
            let shown = text.lines().filter(|line| line.starts_with("warning[x]: ")).count();
            (shown, text.lines().last().unwrap_or_default().to_owned())
        };
        let rest = "input: 50 warnings; 30 not shown here, `--all` shows each";
        assert_eq!(count(Detail::Summary), (20, rest.to_owned()));
        assert_eq!(count(Detail::All), (50, "input: 50 warnings".to_owned()));
    }

    #[test]
    fn nothing_wrong_says_nothing() {
        let text = fixtures::with_inputs(|inputs| diagnostics_text(&[], inputs, Detail::All, Colour::Ansi));
        assert_eq!(text, "");
    }
}
