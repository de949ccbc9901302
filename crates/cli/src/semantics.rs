//! The numbered rules of NetworkPolicy (`N35`), which steps and assumptions name, as `docs/semantics.md` has them.

const PAGE: &str = include_str!("../../../docs/semantics.md");

/// The number as the page writes it, what the rule of that number says, and where it comes from; `None` if the page has no
/// such rule. Letters may be of either case.
pub(crate) fn numbered(number: &str) -> Option<(String, String)> {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let mut rows = rows.map(|row| row.split(" | ").collect::<Vec<_>>());
    rows.find_map(|cells| match cells[..] {
        [name, says, source] if name.eq_ignore_ascii_case(number) && name.starts_with('N') => {
            Some((name.to_owned(), format!("{} ({source})", says.replace('`', ""))))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbered_rule_is_one_line_of_the_page() {
        let (name, says) = numbered("n23").unwrap();
        assert_eq!((name.as_str(), says.as_str()), ("N23", "No protocol means TCP. (spec)"));
        assert_eq!(numbered("N999"), None);
        assert_eq!(numbered("rule"), None);
    }
}
