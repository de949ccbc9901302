//! The pages of the rules, which whoever calls has at hand: what a finding means, for formats that carry it along.

/// One page, in Markdown. `cargo xtask tidy` holds every page to its parts.
#[derive(Debug, Clone, Copy)]
pub struct RulePage<'a> {
    /// The rule's name.
    pub name: &'a str,
    /// The page.
    pub markdown: &'a str,
}

/// The heading under which a page has its examples, which are as long as manifests are.
const EXAMPLES: &str = "## Examples";

impl<'a> RulePage<'a> {
    /// What the rule is about: the first line below the title.
    #[must_use]
    pub fn summary(self) -> &'a str {
        let mut lines = self.markdown.lines().map(str::trim);
        lines.find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default()
    }

    /// All but the examples.
    pub(crate) fn prose(self) -> &'a str {
        self.split().0.trim_end()
    }

    /// The prose, and the examples from their heading on.
    pub(crate) fn split(self) -> (&'a str, &'a str) {
        self.markdown.split_at(self.markdown.find(EXAMPLES).unwrap_or(self.markdown.len()))
    }

    /// What stands under a heading.
    pub(crate) fn section(self, heading: &str) -> Option<&'a str> {
        let (_, rest) = self.markdown.split_once(&format!("\n## {heading}\n"))?;
        Some(rest.split_once("\n## ").map_or(rest, |(section, _)| section).trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_its_parts() {
        let markdown =
            "# open-rule\n\nSays it.\n\n## What it finds\n\nThis\nand that.\n\n## Examples\n\n### One\n";
        let page = RulePage { name: "open-rule", markdown };
        assert_eq!(page.summary(), "Says it.");
        assert_eq!(page.section("What it finds"), Some("This\nand that."));
        assert_eq!(page.section("How to fix it"), None);
        assert_eq!(page.prose(), "# open-rule\n\nSays it.\n\n## What it finds\n\nThis\nand that.");
    }
}
