//! A rule's page on a terminal: its prose wrapped, and its examples only where they are asked for.

use crate::colour::Tone;
use crate::page::Page;
use crate::{Detail, RulePage, Style};

/// What a block of code begins with, and ends with.
const FENCE: &str = "```";

/// The page, which is Markdown: headings and paragraphs, and then its examples.
#[must_use]
pub fn rule_page_text(rule: RulePage<'_>, detail: Detail, style: impl Into<Style>) -> String {
    let (prose, examples) = rule.split();
    let mut page = Page::new(style);
    blocks(&mut page, prose);
    if !examples.is_empty() {
        match detail {
            Detail::All => blocks(&mut page, examples),
            Detail::Summary => {
                page.gap();
                page.line(0, Tone::Hint, "examples: ", &format!("watertight explain {} --all", rule.name));
            }
        }
    }
    page.finish()
}

/// Headings and paragraphs, wrapped, and blocks of code, line by line.
fn blocks(page: &mut Page, markdown: &str) {
    let mut rest = markdown.trim_start();
    while !rest.is_empty() {
        let is_code = rest.starts_with(FENCE);
        // A block of code may have empty lines.
        let end = if is_code { "\n```" } else { "\n\n" };
        let length = rest.find(end).map_or(rest.len(), |at| at + end.len());
        let (block, after) = rest.split_at(length);
        page.gap();
        if is_code {
            page.block(block);
        } else if block.starts_with('#') {
            page.line(0, Tone::Strong, block.trim_end(), "");
        } else {
            page.entry(0, Tone::Plain, "", block.trim_end());
        }
        rest = after.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Colour;
    use crate::WIDTH;

    fn text(detail: Detail) -> String {
        let prose = "says this and that ".repeat(12);
        let markdown = format!(
            "# open-rule\n\nIt\n{prose}\n\n## Examples\n\nHere {prose}\n\n```yaml\nkind: Pod\n\nspec: {{}}\n```\n\n### Two\n"
        );
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
    fn examples_keep_their_lines_and_what_is_said_of_them_is_wrapped() {
        let all = text(Detail::All);
        assert!(all.lines().all(|line| line.chars().count() <= WIDTH), "{all}");
        let (_, examples) = all.split_once("\n\n## Examples\n\nHere ").unwrap();
        let (said, code) = examples.split_once("\n\n").unwrap();
        assert!(said.lines().count() > 2, "{said}");
        assert_eq!(code, "```yaml\nkind: Pod\n\nspec: {}\n```\n\n### Two\n");
    }
}
