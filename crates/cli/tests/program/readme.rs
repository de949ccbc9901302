//! The picture in the README is what the program prints.

use crate::common::program;
use std::path::{Path, PathBuf};

/// The picture leaves out lines where it says `…`; what stands between is there, in this order.
#[test]
fn the_readme_shows_what_the_program_prints() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = include_str!("../../../../README.md");
    let picture = between(
        readme,
        "<!-- terminal picture: begin -->\n```text\n$ watertight ",
        "```\n<!-- terminal picture: end -->",
    );
    let (command, shown) = picture.split_once('\n').unwrap();
    let printed = printed(&root, &command.split(' ').collect::<Vec<_>>());
    let mut rest = printed.as_str();
    for part in shown.split("…\n").filter(|part| !part.is_empty()) {
        let place =
            rest.find(part).unwrap_or_else(|| panic!("the program does not print, in this place:\n{part}"));
        rest = &rest[place + part.len()..];
    }
    assert_eq!(rest, "", "the picture ends before the output does");
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, behind) = text.split_once(start).unwrap();
    behind.split_once(end).unwrap().0
}

fn printed(folder: &Path, arguments: &[&str]) -> String {
    let output = program(folder, arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}
