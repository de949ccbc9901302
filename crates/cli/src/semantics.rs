//! The numbered rules of NetworkPolicy (`N35`), which steps and assumptions name, as `docs/semantics.md` has them.

const PAGE: &str = include_str!("../../../docs/semantics.md");

/// What the rule of that number says, and where it comes from, in one line; `None` if the page has no such rule. Letters
/// may be of either case.
pub(crate) fn numbered(number: &str) -> Option<String> {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let mut rows = rows.map(|row| row.split(" | ").collect::<Vec<_>>());
    rows.find_map(|cells| match cells[..] {
        [name, says, source] if name.eq_ignore_ascii_case(number) && name.starts_with('N') => {
            Some(format!("{name}: {} ({source})\n", says.replace('`', "")))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbered_rule_is_one_line_of_the_page() {
        let line = numbered("n23").unwrap();
        assert_eq!(line, "N23: No protocol means TCP. (spec)\n");
        assert_eq!(numbered("N999"), None);
        assert_eq!(numbered("rule"), None);
    }
}
