//! The pages of the rules, as they were when the program was built.

/// A rule and the page that explains it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// Its name, as findings print it.
    pub(crate) name: &'static str,
    /// The page, in Markdown.
    pub(crate) page: &'static str,
}

/// Every rule, sorted by name.
pub(crate) const RULES: &[Rule] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// How alike a name must be to be suggested, from 0 to 1.
const ALIKE: f64 = 0.6;
/// How many names are suggested.
const SUGGESTIONS_MAX: usize = 3;

impl Rule {
    /// The rule of that name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.name == name)
    }

    /// What the rule is about, in one line: the page's first sentence of its own, which is not just the rule's name.
    pub(crate) fn summary(&self) -> &'static str {
        let lines = self.page.lines().map(|line| line.trim_start_matches('#').trim());
        let mut telling = lines.filter(|line| !line.is_empty() && line.trim_matches('`') != self.name);
        telling.next().unwrap_or_default()
    }
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
    fn a_summary_is_the_first_line_that_says_more_than_the_name() {
        let summary = |page| Rule { name: "open-egress", page }.summary();
        assert_eq!(summary("# open-egress\n\nEgress is open.\n"), "Egress is open.");
        assert_eq!(summary("# Egress is open\n\nMore.\n"), "Egress is open");
        assert_eq!(summary("# `open-egress`\n"), "");
    }

    #[test]
    fn rules_are_sorted_and_no_page_is_empty() {
        assert!(RULES.is_sorted_by(|a, b| a.name < b.name));
        assert!(RULES.iter().all(|rule| !rule.summary().is_empty()));
    }
}
