//! The pages of the rules, as they were when the program was built.

use watertight_render::{NEED, RuleGroup, RulePage};

/// Every rule, sorted by name.
pub(crate) const RULES: &[RulePage<'static>] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The index of the rules, which says by its headings what finds each.
const INDEX: &str = include_str!("../../../rules/README.md");

/// How alike a name must be to be suggested, from 0 to 1.
const ALIKE: f64 = 0.6;
/// How many names are suggested.
const SUGGESTIONS_MAX: usize = 3;

/// The page of what findings name so: a rule, or `need`.
pub(crate) fn named(name: &str) -> Option<&'static RulePage<'static>> {
    RULES.iter().chain([&NEED]).find(|page| page.name == name)
}

/// The rules as the index groups them.
pub(crate) fn groups() -> Vec<RuleGroup<'static>> {
    let mut groups: Vec<RuleGroup<'static>> = Vec::new();
    for line in INDEX.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            groups.push(RuleGroup { title, rules: Vec::new() });
        } else if let Some((name, _)) = line.strip_prefix("- [").and_then(|rest| rest.split_once(']'))
            && let (Some(group), Some(rule)) = (groups.last_mut(), named(name))
        {
            group.rules.push(*rule);
        }
    }
    groups
}

/// The names that are most like `wanted`, the most alike first.
pub(crate) fn suggestions<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let alike = |name: &str| {
        let part = wanted.len() > 2 && name.contains(&wanted);
        if part { 1.0 } else { strsim::normalized_damerau_levenshtein(name, &wanted) }
    };
    let mut scored: Vec<(f64, &str)> = names.into_iter().map(|name| (alike(name), name)).collect();
    scored.retain(|&(score, _)| score >= ALIKE);
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.dedup_by_key(|&mut (_, name)| name);
    scored.into_iter().take(SUGGESTIONS_MAX).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_suggested_and_nonsense_is_not() {
        let names = ["open-egress", "open-ingress", "unknown-kind"];
        assert_eq!(suggestions("unknown-knid", names), ["unknown-kind"]);
        assert_eq!(suggestions("Egress", names).first(), Some(&"open-egress"));
        assert!(suggestions("zzz", names).is_empty());
    }

    #[test]
    fn each_rule_is_in_one_group() {
        let mut names: Vec<&str> =
            groups().iter().flat_map(|group| &group.rules).map(|rule| rule.name).collect();
        names.sort_unstable();
        assert_eq!(names, RULES.iter().map(|rule| rule.name).collect::<Vec<_>>());
    }

    #[test]
    fn rules_are_sorted_and_no_page_is_empty() {
        assert!(RULES.is_sorted_by(|a, b| a.name < b.name));
        assert!(RULES.iter().all(|rule| !rule.summary().is_empty()));
    }
}
