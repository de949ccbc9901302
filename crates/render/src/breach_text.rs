//! The ways across with one cause, as people read them: the worst with its headline, source, derivation and help, and the
//! others in a line each.

use crate::because_text::because_text;
use crate::colour::Tone;
use crate::excerpt::excerpt;
use crate::page::Page;
use crate::{Detail, Inputs};
use watertight_model::{Breach, Cause, When};

/// How many of the pods that a breach reaches are named.
const REACHED_MAX: usize = 8;

/// Writes the worst breach of a cause, and the others in short, or how many they are.
pub(crate) fn cause_text(page: &mut Page, cause: &Cause<'_>, inputs: &Inputs<'_>, detail: Detail) {
    breach_text(page, cause.worst, inputs);
    let more = cause.count() - 1;
    if more == 0 {
        return;
    }
    if detail == Detail::Summary || cause.others.is_empty() {
        page.entry(0, Tone::Strong, "", &format!("the same cause gives {more} more; `--all` lists each"));
        return;
    }
    page.entry(0, Tone::Strong, "", &format!("the same cause gives {more} more:"));
    for other in &cause.others {
        page.hanging(2, Tone::Plain, &format!("- {}: ", other.rule), &short(other, cause), 4);
    }
}

/// What a breach says beside the worst one with its cause: the cause is said there, and who it is, if it is the same one.
pub(crate) fn short(breach: &Breach, cause: &Cause<'_>) -> String {
    let object = cause.worst.root.object.as_ref();
    let named = object.map(|object| format!(" ({object})")).unwrap_or_default();
    let message = breach.message.strip_suffix(&named).unwrap_or(&breach.message);
    let who = cause.worst.message.split_inclusive(" can ").next().unwrap_or_default();
    let message = message.strip_prefix(who).unwrap_or(message);
    let possible = if breach.when > cause.worst.when { " (possible)" } else { "" };
    format!("{message}{possible}")
}

fn breach_text(page: &mut Page, breach: &Breach, inputs: &Inputs<'_>) {
    let Breach { rule, when, message, help, steps, highlight, .. } = breach;
    page.hanging(0, Tone::Bad, &format!("error[{rule}]: "), message, 2);
    if let Some((span, label)) = highlight
        && let Some(text) = excerpt(inputs, *span, label, page.colour())
    {
        page.block(&text);
    }
    page.entry(0, Tone::Strong, "when: ", when_text(*when));
    if breach.reached.len() > 1 {
        let shown =
            breach.reached.iter().take(REACHED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = breach.reached.len().saturating_sub(REACHED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        page.entry(0, Tone::Strong, "reaches: ", &format!("{shown}{more}"));
    }
    page.line(0, Tone::Strong, "because:", "");
    let number_width = steps.len().to_string().len();
    let channel_width = steps.iter().map(|step| step.channel.name().len()).max().unwrap_or(0);
    for step in steps {
        let lead = format!("{:>number_width$}. {:channel_width$}  ", step.id, step.channel.name());
        page.entry(2, Tone::Plain, &lead, &format!("{} ({})", step.text, step.rule));
        let indent = 2 + lead.chars().count();
        for because in &step.because {
            page.hanging(indent, Tone::Plain, "- ", &because_text(because, &step.text, inputs), indent + 2);
        }
    }
    page.entry(0, Tone::Hint, "help: ", help);
    page.line(0, Tone::Hint, "rule: ", &format!("watertight explain {rule}"));
}

pub(crate) fn when_text(when: When) -> &'static str {
    match when {
        When::Now => "now, with the objects of the input",
        When::Possible => "possible, with an object that could be created or a label that is not known",
    }
}
