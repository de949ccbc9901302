//! The manual pages.
#![expect(clippy::disallowed_methods, reason = "the tests read what the program wrote")]

use crate::common::{Folder, commands, is_installed, run, through};
use std::collections::BTreeSet;

/// All pages, by the names of their files.
fn pages() -> Vec<(String, String)> {
    let folder = Folder::with(&[]);
    let outcome = run(&folder, &["man", "--output-dir", "share/man1"]);
    assert_eq!((outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()), (0, "", ""));
    let mut pages: Vec<(String, String)> = std::fs::read_dir(folder.path().join("share/man1"))
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect();
    pages.sort();
    pages
}

/// The sections of a page.
fn sections(page: &str) -> Vec<&str> {
    page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect()
}

#[test]
fn the_program_and_each_command_have_a_page_with_examples() {
    let pages = pages();
    let names: BTreeSet<String> = pages.iter().map(|(name, _)| name.clone()).collect();
    let of_commands = commands().into_iter().map(|command| format!("watertight-{command}.1"));
    assert_eq!(names, of_commands.chain(["watertight.1".to_owned()]).collect());
    for (name, page) in &pages {
        let sections = sections(page);
        let always = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES"];
        assert!(always.iter().all(|section| sections.contains(section)), "{name}: {sections:?}");
    }
    let prove = &pages.iter().find(|(name, _)| name == "watertight-prove.1").unwrap().1;
    assert_eq!(sections(prove).last(), Some(&r#""EXIT CODES""#));
}

#[test]
fn a_page_that_is_printed_is_the_one_that_is_written() {
    for (name, page) in pages() {
        let name = name.trim_end_matches(".1").replace("watertight-", "");
        let arguments = if name == "watertight" { vec!["man"] } else { vec!["man", &name] };
        let outcome = run(&Folder::with(&[]), &arguments);
        assert_eq!((outcome.code, outcome.stdout, outcome.stderr), (0, page, String::new()), "{name}");
    }
}

#[test]
fn groff_sets_every_page_without_a_warning_and_examples_line_by_line() {
    if !is_installed("groff") {
        return;
    }
    for (name, page) in pages() {
        let text = through("groff", &["-man", "-Tutf8", "-Kutf8", "-ww", "-P-cbou"], &page);
        let command = name.trim_end_matches(".1").replacen('-', " ", 1);
        let example = |line: &str| line.starts_with("         ") && line.trim_start().starts_with(&command);
        assert!(text.lines().any(example), "{name}: {text}");
    }
}

#[test]
fn what_cannot_be_written_is_named() {
    let folder = Folder::with(&[("file", b"")]);
    let outcome = run(&folder, &["man", "--output-dir", "file"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert_eq!(outcome.stderr.lines().next(), Some("error: `file` could not be written"));
}
