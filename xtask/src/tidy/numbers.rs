//! The numbered rules of NetworkPolicy: each stands in `docs/semantics.md`, and each that stands there has a test whose
//! name begins with its number.

use super::Problem;
use crate::repository::Repository;
use std::collections::BTreeMap;

/// The page that says what the numbers mean.
const PAGE: &str = "docs/semantics.md";

pub(super) fn check(repository: &Repository) -> Vec<Problem> {
    let Some(page) = repository.files.get(PAGE) else { return Vec::new() };
    let rules: BTreeMap<u32, usize> =
        (1..).zip(page.lines()).filter_map(|(line, text)| Some((row(text)?, line))).collect();
    let mut problems = Vec::new();
    let mut tested = Vec::new();
    for (file, text) in repository.with_ending(".rs").filter(|(file, _)| file.starts_with("crates/")) {
        // Tests may name numbers that there are not, to see what happens.
        let own = if file.contains("/tests/") { 0 } else { code_lines(text) };
        for (line, code) in (1..).zip(text.lines()) {
            let test = test_number(code);
            tested.extend(test);
            let named = named(code).filter(|_| line <= own);
            let unknown = named.chain(test).filter(|number| !rules.contains_key(number));
            problems.extend(
                unknown.map(|number| Problem::at(file, line, format!("names N{number}, which {PAGE} lacks"))),
            );
        }
    }
    for (number, &line) in &rules {
        if !tested.contains(number) {
            let what = format!("N{number} has no test: the name of one begins with `n{number}_`");
            problems.push(Problem::at(PAGE, line, what));
        }
    }
    problems
}

/// How many lines stand before the tests of a file.
fn code_lines(text: &str) -> usize {
    text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count()
}

/// The number of the rule that a row of a table is about.
fn row(line: &str) -> Option<u32> {
    line.strip_prefix("| N")?.split_once(" |")?.0.parse().ok()
}

/// The number at the front of a test's name.
fn test_number(line: &str) -> Option<u32> {
    line.trim_start().strip_prefix("fn n")?.split_once('_')?.0.parse().ok()
}

/// The rules that code names in a string of their own: `"N35"`.
fn named(line: &str) -> impl Iterator<Item = u32> {
    let quoted = line.split('"').skip(1).step_by(2);
    quoted.filter_map(|text| text.strip_prefix('N')?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: (&str, &str) = (PAGE, "| rule | says |\n|---|---|\n| N1 | a | spec |\n| N2 | b | spec |\n");

    fn found(code: &str) -> Vec<String> {
        let files = [ROWS, ("crates/a/src/lib.rs", code)];
        check(&Repository::of(&files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_rule_has_a_test() {
        assert_eq!(found("fn n1_a() {}\n    fn n2_b() {}"), Vec::<String>::new());
        assert_eq!(
            found("fn n2_b() {}\nfn name() {}\nfn n10() {}"),
            ["docs/semantics.md:3: N1 has no test: the name of one begins with `n1_`"]
        );
    }

    #[test]
    fn every_number_in_code_and_in_the_names_of_tests_has_a_rule() {
        let tests = "fn n1_a() {}\nfn n2_b() {}\n";
        assert_eq!(found(&format!("{tests}rule(\"N2\", \"None\")")), Vec::<String>::new());
        assert_eq!(found(&format!("{tests}#[cfg(test)]\nrule(\"N3\")")), Vec::<String>::new());
        assert_eq!(
            found(&format!("{tests}rule(\"N3\")\nfn n4_c() {{}}")),
            [
                "crates/a/src/lib.rs:3: names N3, which docs/semantics.md lacks",
                "crates/a/src/lib.rs:4: names N4, which docs/semantics.md lacks"
            ]
        );
    }
}
