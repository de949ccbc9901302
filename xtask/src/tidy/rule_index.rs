//! `rules/README.md`, the index of the rules by the room that finds them: written by `cargo xtask rule-index`, and held
//! true here.

use super::Problem;
use super::pages::{emitted, may_emit};
use crate::repository::Repository;
use std::collections::{BTreeMap, BTreeSet};

/// Where the index is.
pub(crate) const FILE: &str = "rules/README.md";

const INTRODUCTION: &str = "\
# Rules

Every finding has a rule, and every rule a page: what it finds, why it matters, how to fix it, and examples that run as
tests. `watertight explain RULE` prints the page, and `watertight rules` this list, which `cargo xtask rule-index`
writes.
";

/// The room that finds something. The order is that of the index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Room {
    Channel(String),
    Input,
    Intent,
    Proof,
}

impl Room {
    /// The room of a source file.
    fn of(file: &str) -> Self {
        let channel = file.strip_prefix("crates/channels/").and_then(|rest| rest.split('/').next());
        match channel {
            Some(channel) => Self::Channel(channel.to_owned()),
            // The catalogue, by whose rows that channel finds.
            None if file.starts_with("crates/kubernetes/") => Self::Channel("api".to_owned()),
            None if file.starts_with("crates/prove/") => Self::Proof,
            None if ["intent", "import", "compile"]
                .iter()
                .any(|room| file.starts_with(&format!("crates/{room}/"))) =>
            {
                Self::Intent
            }
            None => Self::Input,
        }
    }

    fn heading(&self) -> String {
        match self {
            Self::Channel(name) => format!("The channel `{name}`"),
            Self::Input => "The input".to_owned(),
            Self::Intent => "The intent".to_owned(),
            Self::Proof => "The proof".to_owned(),
        }
    }
}

/// The index, as it must be. A rule that several rooms find stands with the first of them.
pub(crate) fn index(repository: &Repository) -> String {
    let mut rooms: BTreeMap<&str, Room> = BTreeMap::new();
    for (file, text) in repository.with_ending(".rs").filter(|(file, _)| may_emit(file)) {
        for (_, name) in emitted(file, text) {
            let room = Room::of(file);
            let known = rooms.entry(name).or_insert_with(|| room.clone());
            *known = room.min(known.clone());
        }
    }
    let mut lines: BTreeMap<Room, BTreeSet<String>> = BTreeMap::new();
    for (file, text) in repository.with_ending(".md") {
        let name = file.strip_prefix("rules/").and_then(|file| file.strip_suffix(".md"));
        let Some(name) = name.filter(|_| file != FILE) else { continue };
        let about = text.lines().nth(2).unwrap_or_default();
        let room = rooms.get(name).cloned().unwrap_or(Room::Proof);
        lines.entry(room).or_default().insert(format!("- [{name}]({name}.md): {about}\n"));
    }
    let mut index = INTRODUCTION.to_owned();
    for (room, lines) in lines {
        index += &format!("\n## {}\n\n", room.heading());
        index.extend(lines);
    }
    index
}

pub(super) fn check(repository: &Repository) -> Vec<Problem> {
    let is_there = repository.files.get(FILE).map_or("", String::as_str);
    if is_there == index(repository) || !repository.holds("rules") {
        return Vec::new();
    }
    vec![Problem::in_file(FILE, "is not the index of the rules that there are: run `cargo xtask rule-index`")]
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: [(&str, &str); 3] = [
        ("rules/open-rule.md", "# open-rule\n\nOpen.\n"),
        ("rules/not-text.md", "# not-text\n\nBinary.\n"),
        ("rules/both.md", "# both\n\nTwo rooms.\n"),
    ];
    const CODE: [(&str, &str); 3] = [
        ("crates/ingest/src/a.rs", "Diagnostic::error(\"not-text\"); Diagnostic::error(\"both\")"),
        ("crates/prove/src/a.rs", "rule: \"both\""),
        ("crates/channels/network/src/a.rs", "rule: \"open-rule\""),
    ];

    #[test]
    fn a_rule_stands_with_the_first_room_that_finds_it() {
        let index = index(&Repository::of(&[&PAGES[..], &CODE].concat()));
        let list = index.strip_prefix(INTRODUCTION).unwrap();
        assert_eq!(
            list,
            "\n## The channel `network`\n\n- [open-rule](open-rule.md): Open.\n\
             \n## The input\n\n- [both](both.md): Two rooms.\n- [not-text](not-text.md): Binary.\n"
        );
    }

    #[test]
    fn an_index_that_lacks_a_rule_is_a_problem() {
        let all = Repository::of(&[&PAGES[..], &CODE].concat());
        let right = index(&all);
        let with = |text: &str| check(&Repository::of(&[&PAGES[..], &CODE, &[(FILE, text)]].concat())).len();
        assert_eq!((with(&right), with(INTRODUCTION), check(&all).len()), (0, 1, 1));
        assert_eq!(check(&Repository::of(&CODE)), []);
    }
}
