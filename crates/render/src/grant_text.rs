//! How somebody comes to a right, as people read it: numbered steps with their places.

use crate::Inputs;
use crate::because_text::place_text;
use crate::colour::Tone;
use crate::page::Page;
use watertight_model::{Because, Grant, GrantStep};

/// Writes the steps, each with the place that says so.
pub(crate) fn grant_text(page: &mut Page, indent: usize, grant: &Grant, inputs: &Inputs<'_>) {
    for (index, GrantStep { text, because }) in grant.steps.iter().enumerate() {
        let lead = format!("{}. ", index + 1);
        page.entry(indent, Tone::Plain, &lead, text);
        let inner = indent + lead.chars().count();
        // What every server has by itself stands in no file, and the step says so.
        if let Some(because) = because.as_ref().filter(|because| because.evidence.is_some()) {
            page.hanging(inner, Tone::Plain, "- ", &place_text(because, text, inputs), inner + 2);
        }
    }
}

/// The binding by which a right is granted: the first step.
pub(crate) fn binding(grant: &Grant) -> Option<&Because> {
    grant.steps.first()?.because.as_ref()
}
