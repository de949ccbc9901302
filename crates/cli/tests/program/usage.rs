//! Help, bad usage and the explanation of rules: what needs no manifest.

use crate::common::{Folder, RULES, commands, run};

fn empty() -> Folder {
    Folder::with(&[])
}

#[test]
fn help_is_data_and_fits_the_page() {
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help_prove", &["prove", "--help"]),
        ("help_map", &["map", "--help"]),
        ("help_can", &["can", "--help"]),
        ("help_who_can", &["who-can", "--help"]),
        ("help_check_certificate", &["check-certificate", "--help"]),
        ("help_init", &["init", "--help"]),
        ("help_import", &["import", "--help"]),
        ("help_compile", &["compile", "--help"]),
        ("help_explain", &["explain", "--help"]),
        ("help_rules", &["rules", "--help"]),
        ("help_schema", &["schema", "--help"]),
        ("help_completions", &["completions", "--help"]),
        ("help_man", &["man", "--help"]),
    ] {
        let outcome = run(&empty(), arguments);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{arguments:?}");
        let usage = |line: &str| line.starts_with("Usage:");
        let wide: Vec<&str> =
            outcome.stdout.lines().filter(|line| line.chars().count() > 80 && !usage(line)).collect();
        assert!(wide.is_empty(), "{wide:#?}");
        insta::assert_snapshot!(name, outcome.stdout);
    }
}

#[test]
fn every_command_shows_examples_of_itself() {
    for command in commands() {
        let help = run(&empty(), &[&command, "--help"]).stdout;
        let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{command}: {help}"));
        let is_example = |line: &str| line.split_whitespace().take(2).eq(["watertight", &command]);
        assert!(examples.lines().any(is_example), "{command}: {examples}");
    }
}

#[test]
fn bad_usage_is_talk_and_exits_with_2() {
    for arguments in [
        &[][..],
        &["prowe"],
        &["prove", "--from", "staging", "--to", "production"],
        &["prove", "-f", ".", "--from", "staging"],
        &["prove", "-f", ".", "--from", "a", "--to", "b", "--env", "a"],
        &["prove", "-f", ".", "--from", "a", "--to", "a"],
        &["prove", "-f", ".", "--from", "a", "--to", "b", "--accept", "Portal="],
        &["prove", "-f", ".", "--from", "a", "--to", "b", "--profile", "cilum"],
        &["prove", "-f", ".", "--from", "a", "--to", "b", "-o", "yaml"],
        &["completions"],
        &["completions", "tcsh"],
        &["man", "prowe"],
        &["man", "prove", "--output-dir", "."],
        &["map", "-f", ".", "--explain", "a"],
        &["map", "-f", ".", "--explain", "a/b", "c/d", "http"],
        &["map", "-f", ".", "--explain", "a/b", "c/d", "-o", "json"],
        &["can", "-f", ".", "get", "pods"],
        &["can", "-f", ".", "--as", "jane"],
        &["can", "-f", ".", "--as", "jane", "get"],
        &["can", "-f", ".", "--as", "", "get", "pods"],
        &["can", "-f", ".", "--as", "jane", "get", "pods", "-n", ""],
        &["can", "-f", ".", "--as", "jane", "get", "pods", "-n", "a", "-A"],
        &["can", "-f", ".", "--as", "jane", "get", "pods", "--kubernetes-version", "36"],
        &["can", "-f", ".", "--as", "jane", "get", "pods", "--profile", "calico"],
        &["can", "-f", ".", "--as", "jane", "get", "pods", "--list"],
        &["can", "-f", ".", "--as", "jane", "--list", "-A"],
        &["can", "-f", ".", "--as", "jane", "--batch", "-"],
        &["can", "-f", ".", "--batch", "-", "-o", "json"],
        &["can", "-f", "-", "--batch", "-"],
        &["can", "-f", ".", "--batch", "missing.jsonl"],
        &["init"],
        &["init", "-f", ".", "--force"],
        &["init", "-f", ".", "--env", "staging"],
        &["init", "-f", ".", "--env", "Staging=a"],
        &["init", "-f", ".", "--name", "-"],
        &["import"],
        &["import", "missing.yml"],
        &["import", ".", "--image", "shop=shop:1"],
        &["import", ".", "--port", "shop=0"],
        &["import", ".", "--host", "staging=-"],
        &["import", ".", "--ingress", "nginx"],
        &["who-can", "-f", ".", "get"],
        &["who-can", "-f", ".", "get", "pods", "--as", "jane"],
    ] {
        let outcome = run(&empty(), arguments);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{arguments:?}: {}", outcome.stderr);
        assert!(!outcome.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn an_environment_at_neither_end_is_refused_and_the_likely_one_suggested() {
    let arguments = ["prove", "-f", ".", "--from", "staging", "--to", "production", "--env", "stagin=qa-*"];
    let outcome = run(&empty(), &arguments);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert_eq!(
        outcome.stderr,
        "error: `--env stagin=qa-*` is for neither `--from` nor `--to`\n\
         help: did you mean `--env staging=qa-*`?\n"
    );
}

#[test]
fn an_unknown_profile_names_those_that_there_are() {
    let outcome = run(&empty(), &["map", "-f", ".", "--profile", "cilum"]);
    let first = outcome.stderr.lines().next().unwrap();
    assert_eq!(
        first,
        "error: invalid value 'cilum' for '--profile <PROFILE>': the profiles are `conservative`, `calico`, `cilium`, \
         `kube-router`, `antrea`, `kube-network-policies`, `none`, `declared`"
    );
}

#[test]
fn version_is_data() {
    let outcome = run(&empty(), &["--version"]);
    assert_eq!(outcome.stdout, format!("watertight {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(outcome.code, 0);
}

#[test]
fn a_rule_is_explained_by_its_page() {
    let list = run(&empty(), &["explain"]);
    assert_eq!((list.code, list.stderr.as_str()), (0, ""));
    // A meaning that is too long for its line goes on below, indented.
    let entries = list.stdout.lines().filter(|line| !line.starts_with(' '));
    let names: Vec<&str> = entries.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(list.stdout.lines().all(|line| line.chars().count() <= 80), "{}", list.stdout);
    assert!(names.contains(&"broad-namespace-selector"), "{names:?}");
    for name in names {
        let page = run(&empty(), &["explain", name]);
        assert_eq!((page.code, page.stderr.as_str()), (0, ""), "{name}");
        assert_eq!(page.stdout.lines().next(), Some(format!("# {name}").as_str()));
    }
}

#[test]
fn all_rules_are_listed_by_what_finds_them() {
    let text = run(&empty(), &["rules"]);
    assert_eq!((text.code, text.stderr.as_str()), (0, ""));
    assert!(text.stdout.lines().all(|line| line.chars().count() <= 80), "{}", text.stdout);
    let headings: Vec<&str> = text.stdout.lines().filter(|line| line.starts_with("The ")).collect();
    assert_eq!(headings[..2], ["The channel `api`", "The channel `network`"]);
    assert_eq!(headings[headings.len() - 3..], ["The input", "The intent", "The proof"]);

    let document = run(&empty(), &["rules", "-o", "json"]).valid_json(RULES);
    let rules = document["rules"].as_array().unwrap();
    let split = rules.iter().find(|rule| rule["name"] == "split-peer").unwrap();
    assert_eq!(split["group"], "The channel `network`");
    let listed = text.stdout.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    assert_eq!(listed.filter(|name| !name.is_empty()).count(), rules.len());
}

#[test]
fn the_schema_of_an_intent_is_data() {
    let outcome = run(&empty(), &["schema"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    assert_eq!(outcome.stdout, include_str!("../../../../schemas/intent-v1alpha1.schema.json"));
}

#[test]
fn an_unknown_rule_suggests_those_like_it() {
    let outcome = run(&empty(), &["explain", "broad-namespace-selektor"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    let mut lines = outcome.stderr.lines();
    assert_eq!(lines.next(), Some("error: there is no rule `broad-namespace-selektor`"));
    assert!(lines.next().unwrap().starts_with("help: did you mean `broad-namespace-selector`?"));
}

#[test]
fn colours_are_sent_only_where_they_are_asked_for() {
    let escape = '\u{1b}';
    let of = |arguments: &[&str]| run(&empty(), arguments).stderr;
    assert!(!of(&["explain", "x"]).contains(escape));
    assert!(!of(&["explain", "x", "--color", "never"]).contains(escape));
    assert!(of(&["explain", "x", "--color", "always"]).contains(escape));
}
