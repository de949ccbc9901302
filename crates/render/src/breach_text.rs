//! One way across, as people read it: headline, source, derivation, help.

use crate::Inputs;
use crate::because_text::because_text;
use crate::colour::Tone;
use crate::excerpt::excerpt;
use crate::page::Page;
use watertight_model::{Breach, When};

/// How many of the pods that a breach reaches are named.
const REACHED_MAX: usize = 8;

/// Writes one breach, and how many like it are not written.
pub(crate) fn breach_text(page: &mut Page, breach: &Breach, inputs: &Inputs<'_>) {
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
    if breach.count > 1 {
        page.entry(
            0,
            Tone::Strong,
            "",
            &format!("and {} more like it; `--all` shows each", breach.count - 1),
        );
    }
}

pub(crate) fn when_text(when: When) -> &'static str {
    match when {
        When::Now => "now, with the objects of the input",
        When::Possible => "possible, with an object that could be created or a label that is not known",
    }
}
