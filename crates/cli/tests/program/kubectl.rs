//! The program as a plugin of kubectl, which knows it by its name alone.
#![cfg(unix)]

use crate::common::{Folder, HOLE, ISOLATED};
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
    for arguments in [&["--help"][..], &["prove", "--help"], &["can", "--help"], &["explain", "--help"]] {
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

/// The words, whatever lines they stand on.
fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().map(|word| word.trim_matches('`')).collect()
}

/// The words, where the program is called by its own name; and how often it is.
fn by_its_own_name(words: &[&str]) -> (Vec<String>, usize) {
    let mut own = Vec::new();
    let mut count = 0;
    for (index, word) in words.iter().enumerate() {
        if words[index..].starts_with(&["kubectl", "watertight"]) {
            count += 1;
        } else {
            own.push((*word).to_owned());
        }
    }
    (own, count)
}

#[test]
fn hints_say_what_is_typed_and_all_else_is_the_same() {
    let files = [("a.yaml", ISOLATED), ("again.yaml", ISOLATED), ("hole.yaml", HOLE)];
    let files = files.map(|(name, text)| (name, text.as_bytes()));
    let boundary = ["--from", "staging", "--to", "production"];
    let commands = crate::common::commands();
    let prove = |more: &[&'static str]| [&["prove"], &boundary[..], more].concat();
    for arguments in [
        prove(&["-f", "."]),
        prove(&["-f", ".", "--all"]),
        prove(&["-f", "a.yaml"]),
        prove(&["-f", "a.yaml", "--must", "staging/api=production/db:5432"]),
        vec!["map", "-f", "a.yaml", "--focus", "nobody"],
        vec!["map", "-f", "a.yaml", "--profile", "all"],
        vec!["explain", "no-such-rule"],
        vec!["explain", "split-peer"],
        vec!["rules"],
    ] {
        let folder = Folder::with(&files);
        let output = plugin(&folder, &arguments);
        let plain = crate::common::run(&folder, &arguments);
        let mut count = 0;
        for (typed, own) in [(text(&output.stdout), &plain.stdout), (text(&output.stderr), &plain.stderr)] {
            let own = words(own);
            let (words_typed, named) = by_its_own_name(&words(typed));
            assert_eq!(words_typed, own, "{arguments:?}");
            let calls =
                |pair: &&[&str]| pair[0] == "watertight" && commands.iter().any(|name| name == pair[1]);
            assert_eq!(named, own.windows(2).filter(calls).count(), "{arguments:?}: {typed}");
            let wide = typed.lines().find(|line| line.chars().count() > 80 && line.trim().contains(' '));
            assert_eq!(wide, None, "{arguments:?}");
            count += named;
        }
        assert!(count > 0, "{arguments:?}");
    }
}

#[test]
fn the_answer_is_the_same_under_both_names() {
    let arguments = ["prove", "-f", "a.yaml", "--from", "staging", "--to", "production", "-o", "json"];
    let folder = Folder::with(&[("a.yaml", ISOLATED.as_bytes())]);
    let output = plugin(&folder, &arguments);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), crate::common::run(&folder, &arguments).stdout);
}
