//! How files are laid out: a first sentence, a bounded length, no debris at the ends of lines, no test that is off.

use super::Problem;
use crate::repository::Repository;

/// The longest that a source file may get. Well before, look for the second idea in it.
const LINES_MAX: usize = 600;

/// Attributes that take a test out of the run, or let it pass for any panic.
const TEST_OFF: [&str; 2] = ["#[ignore", "#[should_panic"];

pub(super) fn check(repository: &Repository) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, text) in &repository.files {
        if file.ends_with(".rs") {
            source(file, text, &mut problems);
        }
        if is_ours(file) {
            layout(file, text, &mut problems);
        }
    }
    problems
}

fn source(file: &str, text: &str, problems: &mut Vec<Problem>) {
    if !text.starts_with("//! ") {
        problems.push(Problem::at(file, 1, "must begin with a `//!` sentence that says what the file holds"));
    }
    let lines = text.lines().count();
    if lines > LINES_MAX {
        problems.push(Problem::in_file(
            file,
            format!(
                "has {lines} lines, and {LINES_MAX} are the limit: move its second idea to a file of its own"
            ),
        ));
    }
    for (number, line) in (1..).zip(text.lines()) {
        if TEST_OFF.iter().any(|attribute| line.trim_start().starts_with(attribute)) {
            problems.push(Problem::at(
                file,
                number,
                "turns a test off or weakens it: assert what must hold instead",
            ));
        }
    }
}

/// Whether the layout is up to us: not that of other projects' manifests, of licences and of generated files.
fn is_ours(file: &str) -> bool {
    let foreign = file.starts_with("tests/corpus/") && !file.ends_with(".md");
    let generated =
        file.contains(".snap") || file.ends_with(".lock") || file.contains("proptest-regressions");
    !foreign && !generated && !file.ends_with("LICENSE")
}

fn layout(file: &str, text: &str, problems: &mut Vec<Problem>) {
    for (number, line) in (1..).zip(text.split('\n')) {
        if line.ends_with([' ', '\t', '\r']) {
            problems.push(Problem::at(file, number, "ends in white space"));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        problems.push(Problem::in_file(file, "does not end in a newline"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_with_problems(file: &str, text: &str) -> Vec<usize> {
        check(&Repository::of(&[(file, text)])).into_iter().map(|problem| problem.line).collect()
    }

    #[test]
    fn a_source_file_begins_with_a_sentence() {
        assert_eq!(lines_with_problems("src/a.rs", "//! Holds a.\n"), [0_usize; 0]);
        assert_eq!(lines_with_problems("src/a.rs", "use b;\n"), [1]);
    }

    #[test]
    fn a_source_file_has_at_most_six_hundred_lines() {
        let long = |lines: usize| format!("//! Long.\n{}", "\n".repeat(lines - 1));
        assert_eq!(lines_with_problems("src/a.rs", &long(600)), [0_usize; 0]);
        assert_eq!(lines_with_problems("src/a.rs", &long(601)), [0]);
    }

    #[test]
    fn no_test_is_turned_off() {
        assert_eq!(
            lines_with_problems("src/a.rs", "//! A.\n    #[ignore]\n#[should_panic(expected = \"x\")]\n"),
            [2, 3]
        );
    }

    #[test]
    fn lines_end_where_they_end() {
        assert_eq!(lines_with_problems("a.md", "# a \n\nb"), [1, 0]);
        assert_eq!(lines_with_problems("tests/corpus/x/a.yaml", "a: b \nc"), [0_usize; 0]);
        assert_eq!(lines_with_problems("tests/corpus/README.md", "a \n"), [1]);
    }
}
