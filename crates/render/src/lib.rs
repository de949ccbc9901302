//! A verdict, a map, an explanation, who may do what, or the diagnostics of an input, as text or JSON: one file a format.
//!
//! Everything here is pure: values in, text out. The text is for people, 80 columns wide and readable without colour;
//! the JSON is for machines, and is what the schemas in `schemas/` describe.

mod access;
mod because_text;
mod breach_text;
mod can_batch_json;
mod can_json;
mod can_list_json;
mod can_list_text;
mod can_text;
mod certificate_json;
mod checked;
mod checked_json;
mod checked_text;
mod colour;
mod comment;
mod diagnostics_text;
mod excerpt;
mod explanation_text;
mod fix_json;
mod grant_text;
mod headline;
mod inputs;
mod json;
mod links;
mod map_classes;
mod map_csv;
mod map_dot;
mod map_graph;
mod map_json;
mod map_lines;
mod map_markdown;
mod map_mermaid;
mod map_svg;
mod map_text;
mod markdown;
mod needs;
mod needs_text;
mod page;
mod picture;
mod place;
mod profiles;
mod profiles_json;
mod profiles_markdown;
mod profiles_text;
mod repairs;
mod rule_page_text;
mod rule_pages;
mod rules_list;
mod sarif;
mod style;
mod verdict_github;
mod verdict_html;
mod verdict_json;
mod verdict_junit;
mod verdict_markdown;
mod verdict_sarif;
mod verdict_text;
mod who_can_json;
mod who_can_text;
mod xml;

#[cfg(test)]
mod fixtures;

pub use access::{AccessQuestion, AskedIn};
pub use can_batch_json::AnswerLines;
pub use can_json::can_json;
pub use can_list_json::{ListQuestion, can_list_json};
pub use can_list_text::can_list_text;
pub use can_text::can_text;
pub use certificate_json::{Bound, certificate_json};
pub use checked::{Assumed, Checked};
pub use checked_json::checked_json;
pub use checked_text::checked_text;
pub use colour::Colour;
pub use diagnostics_text::diagnostics_text;
pub use explanation_text::explanation_text;
pub use fix_json::fix_json;
pub use inputs::Inputs;
pub use links::linked;
pub use map_classes::map_classes;
pub use map_csv::map_csv;
pub use map_dot::map_dot;
pub use map_json::map_json;
pub use map_markdown::map_markdown;
pub use map_mermaid::{MERMAID_ARROWS_MAX, map_mermaid};
pub use map_svg::map_svg;
pub use map_text::{blind_spots_text, map_text};
pub use needs::NEED;
pub use page::{WIDTH, glossary_text, note_text};
pub use picture::Setting;
pub use profiles_json::profiles_json;
pub use profiles_markdown::profiles_markdown;
pub use profiles_text::profiles_text;
pub use repairs::{LeftOver, PatchOf, RepairAction, RepairOf, Repairs};
pub use rule_page_text::rule_page_text;
pub use rule_pages::RulePage;
pub use rules_list::{RuleGroup, rules_json, rules_text};
pub use style::Style;
pub use verdict_github::verdict_github;
pub use verdict_html::verdict_html;
pub use verdict_json::verdict_json;
pub use verdict_junit::verdict_junit;
pub use verdict_markdown::verdict_markdown;
pub use verdict_sarif::verdict_sarif;
pub use verdict_text::verdict_text;
pub use who_can_json::who_can_json;
pub use who_can_text::who_can_text;

use watertight_base::Diagnostic;
use watertight_model::Snapshot;

/// What every machine format says beside the answer itself.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    /// The program's version.
    pub version: &'a str,
    /// What was read, as a digest: `sha256:` and 64 hexadecimal digits.
    pub input_digest: &'a str,
    /// The inputs themselves, for lines and columns.
    pub inputs: &'a Inputs<'a>,
    /// The folder from which relative names of inputs are read, as an absolute path.
    pub working_directory: &'a str,
    /// What the inputs say, to name the pods of facts.
    pub snapshot: &'a Snapshot,
    /// What is wrong with the inputs.
    pub diagnostics: &'a [Diagnostic],
}

/// How much of a long answer is shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The worst by each cause, with a count of the others, and the first few of every list.
    Summary,
    /// Every single one.
    All,
}

impl Detail {
    /// How many of `length` entries are shown if a summary shows `few`.
    fn shown(self, length: usize, few: usize) -> usize {
        match self {
            // A list that is longer by one is shown whole: the line that counts the rest would be no shorter.
            Self::Summary if length > few + 1 => few,
            Self::Summary | Self::All => length,
        }
    }
}
