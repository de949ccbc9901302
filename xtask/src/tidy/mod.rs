//! What neither the compiler nor clippy sees, checked on the repository as a whole.

mod dependencies;
mod layers;
mod links;
mod manifest;
mod numbers;
mod pages;
pub(crate) mod rule_index;
mod text;

use crate::repository::Repository;
use std::fmt;

/// Something untidy, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    /// The path from the root of the repository.
    pub(crate) file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub(crate) line: usize,
    /// One lower-case sentence without a full stop.
    pub(crate) what: String,
}

impl Problem {
    fn in_file(file: &str, what: impl Into<String>) -> Self {
        Self::at(file, 0, what)
    }

    fn at(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, what } = self;
        if *line == 0 { write!(f, "{file}: {what}") } else { write!(f, "{file}:{line}: {what}") }
    }
}

/// Every problem of the repository, sorted by file and line.
pub(crate) fn check(repository: &Repository) -> Vec<Problem> {
    let checks = [
        text::check,
        layers::check,
        dependencies::check,
        pages::check,
        rule_index::check,
        links::check,
        numbers::check,
    ];
    let mut problems: Vec<Problem> = checks.into_iter().flat_map(|check| check(repository)).collect();
    problems.sort();
    problems
}
