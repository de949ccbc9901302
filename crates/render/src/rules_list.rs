//! All rules in one line each, as text and as JSON: `watertight.dev/rules/v1`.

use crate::colour::Tone;
use crate::json::{ToolJson, pretty};
use crate::page::Page;
use crate::{RulePage, Style};
use serde::Serialize;

/// Rules that belong together, such as those of one channel.
#[derive(Debug, Clone)]
pub struct RuleGroup<'a> {
    /// What finds them: ``The channel `network` ``.
    pub title: &'a str,
    /// Their pages, sorted by name.
    pub rules: Vec<RulePage<'a>>,
}

/// The rules for people: a heading for each group, and the names aligned.
#[must_use]
pub fn rules_text(groups: &[RuleGroup<'_>], style: impl Into<Style>) -> String {
    let names = groups.iter().flat_map(|group| &group.rules).map(|rule| rule.name.chars().count());
    let width = names.max().unwrap_or(0);
    let mut page = Page::new(style);
    for RuleGroup { title, rules } in groups {
        page.gap();
        page.line(0, Tone::Strong, title, "");
        for rule in rules {
            page.entry(2, Tone::Plain, &format!("{:width$}  ", rule.name), rule.summary());
        }
    }
    page.gap();
    page.line(0, Tone::Hint, "next: ", "watertight explain RULE");
    page.finish()
}

#[derive(Debug, Serialize)]
struct RulesJson<'a> {
    schema: &'static str,
    tool: ToolJson<'a>,
    rules: Vec<RuleJson<'a>>,
}

#[derive(Debug, Serialize)]
struct RuleJson<'a> {
    name: &'a str,
    group: &'a str,
    summary: &'a str,
}

/// The rules for machines, sorted by name.
///
/// # Errors
/// Only if the serializer does.
pub fn rules_json<'a>(groups: &[RuleGroup<'a>], version: &'a str) -> serde_json::Result<String> {
    let mut rules: Vec<RuleJson<'a>> = Vec::new();
    for RuleGroup { title, rules: pages } in groups {
        let json = |page: &RulePage<'a>| RuleJson { name: page.name, group: title, summary: page.summary() };
        rules.extend(pages.iter().map(json));
    }
    rules.sort_by_key(|rule| rule.name);
    pretty(&RulesJson { schema: "watertight.dev/rules/v1", tool: ToolJson::at(version), rules })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Colour;

    fn groups() -> Vec<RuleGroup<'static>> {
        let page = |name, markdown| RulePage { name, markdown };
        vec![
            RuleGroup {
                title: "The channel `network`",
                rules: vec![page(
                    "open-rule",
                    "# open-rule\n\nAn ingress rule without `from`, which admits everyone, whoever and wherever they are.\n",
                )],
            },
            RuleGroup {
                title: "The input",
                rules: vec![page("not-text", "# not-text\n\nA file that is no text.\n")],
            },
        ]
    }

    #[test]
    fn rules_are_listed_by_what_finds_them() {
        insta::assert_snapshot!(rules_text(&groups(), Colour::Plain));
    }

    #[test]
    fn rules_are_json_sorted_by_name() {
        let document: serde_json::Value =
            serde_json::from_str(&rules_json(&groups(), "1.2.3").unwrap()).unwrap();
        assert_eq!(document["rules"][0]["name"], "not-text");
        assert_eq!(document["rules"][0]["group"], "The input");
        assert_eq!(document["rules"][1]["name"], "open-rule");
    }
}
