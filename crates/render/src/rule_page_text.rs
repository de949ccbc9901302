//! A rule's page on a terminal: its prose wrapped, and its examples only where they are asked for.

use crate::colour::Tone;
use crate::page::Page;
use crate::{Colour, Detail, RulePage};

/// The page, which is Markdown: headings and paragraphs, and then its examples.
#[must_use]
pub fn rule_page_text(rule: RulePage<'_>, detail: Detail, colour: Colour) -> String {
    let (prose, examples) = rule.split();
    let mut page = Page::new(colour);
    for paragraph in prose.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        page.gap();
        if paragraph.starts_with('#') {
            page.line(0, Tone::Strong, paragraph, "");
        } else {
            page.entry(0, Tone::Plain, "", paragraph);
        }
    }
    if !examples.is_empty() {
        page.gap();
        match detail {
            Detail::All => page.block(examples),
            Detail::Summary => {
                page.line(0, Tone::Hint, "examples: ", &format!("watertight explain {} --all", rule.name));
            }
        }
    }
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WIDTH;

    fn text(detail: Detail) -> String {
        let prose = "says this and that ".repeat(12);
        let markdown = format!("# open-rule\n\nIt\n{prose}\n\n## Examples\n\n```yaml\nkind: Pod\n```\n");
        rule_page_text(RulePage { name: "open-rule", markdown: &markdown }, detail, Colour::Plain)
    }

    #[test]
    fn prose_is_wrapped_and_examples_wait_to_be_asked_for() {
        let summary = text(Detail::Summary);
        assert!(summary.lines().all(|line| line.chars().count() <= WIDTH), "{summary}");
        assert!(summary.starts_with("# open-rule\n\nIt says this"), "{summary}");
        assert_eq!(summary.lines().last(), Some("examples: watertight explain open-rule --all"));
    }

    #[test]
    fn examples_keep_their_lines() {
        assert!(text(Detail::All).ends_with("\n\n## Examples\n\n```yaml\nkind: Pod\n```\n"));
    }
}
