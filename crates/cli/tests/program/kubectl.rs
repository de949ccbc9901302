//! The program as a plugin of kubectl, which knows it by its name alone.
#![cfg(unix)]

use crate::common::{Folder, ISOLATED};
use std::os::unix::fs::symlink;
use std::process::{Command, Output};

/// What the program does under the name that kubectl looks for.
fn plugin(folder: &Folder, arguments: &[&str]) -> Output {
    let link = folder.path().join("kubectl-watertight");
    symlink(env!("CARGO_BIN_EXE_watertight"), &link).unwrap();
    Command::new(link).current_dir(folder.path()).args(arguments).env_clear().output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

#[test]
fn usage_and_examples_say_what_is_typed() {
    for arguments in [&["--help"][..], &["prove", "--help"], &["map", "--help"], &["explain", "--help"]] {
        let output = plugin(&Folder::with(&[]), arguments);
        let lines: Vec<&str> = text(&output.stdout).lines().collect();
        let usage = lines.iter().find_map(|line| line.strip_prefix("Usage: ")).unwrap();
        assert!(usage.starts_with("kubectl watertight "), "{usage}");
        let bare: Vec<_> = lines.iter().filter(|line| line.trim_start().starts_with("watertight ")).collect();
        assert!(bare.is_empty(), "{bare:#?}");
        let examples = lines.iter().filter(|line| line.starts_with("  kubectl watertight "));
        assert!(examples.count() > 0, "{lines:#?}");
    }
}

#[test]
fn bad_usage_says_what_is_typed() {
    let output = plugin(&Folder::with(&[]), &["prove"]);
    let usage = text(&output.stderr).lines().find_map(|line| line.strip_prefix("Usage: ")).unwrap();
    assert!(usage.starts_with("kubectl watertight prove "), "{usage}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_answer_is_the_same_under_both_names() {
    let arguments = ["prove", "-f", "a.yaml", "--from", "staging", "--to", "production", "-o", "json"];
    let folder = Folder::with(&[("a.yaml", ISOLATED.as_bytes())]);
    let output = plugin(&folder, &arguments);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), crate::common::run(&folder, &arguments).stdout);
}
