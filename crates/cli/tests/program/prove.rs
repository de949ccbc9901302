//! `prove` and `map` from the manifests to the exit code.

use crate::common::{Folder, HOLE, ISOLATED, MAP, ODD, Outcome, VERDICT, example, program, run, run_with};
use std::io::Read as _;

const QUESTION: [&str; 7] = ["prove", "-f", ".", "--from", "staging", "--to", "production"];

fn prove(files: &[(&str, &str)], more: &[&str]) -> Outcome {
    let files: Vec<(&str, &[u8])> = files.iter().map(|&(path, text)| (path, text.as_bytes())).collect();
    let arguments: Vec<&str> = QUESTION.iter().chain(more).copied().collect();
    run(&Folder::with(&files), &arguments)
}

fn headline(outcome: &Outcome) -> &str {
    outcome.stdout.lines().next().unwrap_or_default()
}

fn last_line(outcome: &Outcome) -> &str {
    outcome.stdout.lines().last().unwrap_or_default()
}

#[test]
fn isolated_exits_with_0_and_offers_the_other_direction() {
    let outcome = prove(&[("a.yaml", ISOLATED)], &[]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(headline(&outcome), "isolated on network  staging → production");
    assert_eq!(last_line(&outcome), "next: watertight prove -f . --from production --to staging");
}

#[test]
fn breached_exits_with_1_and_shows_the_way() {
    let outcome = prove(&[("a.yaml", ISOLATED), ("hole.yaml", HOLE)], &[]);
    assert_eq!(outcome.code, 1, "{}{}", outcome.stdout, outcome.stderr);
    assert!(headline(&outcome).starts_with("breached on network  staging → production: "), "{outcome:#?}");
    assert!(
        outcome.stdout.lines().any(|line| line.trim_start() == "--> ./hole.yaml:9:11"),
        "{}",
        outcome.stdout
    );
    assert_eq!(last_line(&outcome), "next: watertight explain broad-namespace-selector");
}

#[test]
fn files_that_a_shell_has_spelled_out_are_read_as_one_cluster() {
    let folder = Folder::with(&[("a.yaml", ISOLATED.as_bytes()), ("hole.yaml", HOLE.as_bytes())]);
    let outcome =
        run(&folder, &["prove", "-f", "a.yaml", "hole.yaml", "--from", "staging", "--to", "production"]);
    assert_eq!(outcome.code, 1, "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn the_headline_of_a_breach_comes_again_where_the_answer_ends() {
    let outcome = prove(&[("a.yaml", ISOLATED), ("hole.yaml", HOLE)], &[]);
    let again = outcome.stdout.lines().rev().nth(1);
    assert_eq!(again, Some(headline(&outcome)), "{}", outcome.stdout);
}

#[test]
fn an_end_that_is_a_namespace_or_an_input_without_pods_is_named_so() {
    let folder = Folder::with(&[("a.yaml", ISOLATED.as_bytes())]);
    let outcome = run(&folder, &["map", "-f", ".", "--explain", "staging", "production"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.starts_with("error: `staging` is a namespace, and an end is one workload\n"),
        "{}",
        outcome.stderr
    );
    let namespace = b"apiVersion: v1\nkind: Namespace\nmetadata: {name: staging}\n";
    let outcome = run(&Folder::with(&[("a.yaml", namespace)]), &["map", "-f", "."]);
    assert_eq!(outcome.stderr, "note: the input holds no pod, and so the map is empty\n");
}

#[test]
fn unknown_exits_with_3_and_says_what_to_do() {
    let outcome = prove(&[("a.yaml", ISOLATED), ("odd.yaml", ODD)], &[]);
    assert_eq!(outcome.code, 3, "{}{}", outcome.stdout, outcome.stderr);
    assert_eq!(headline(&outcome), "unknown on network  staging → production: 1 blind spot");
    let next = outcome.stdout.lines().filter(|line| line.starts_with("next: "));
    assert_eq!(next.count(), 1, "{}", outcome.stdout);
}

#[test]
fn an_accepted_kind_is_an_assumption() {
    let outcome = prove(
        &[("a.yaml", ISOLATED), ("odd.yaml", ODD)],
        &["--accept", "Portal=only paints a page", "-o", "json"],
    );
    assert_eq!(outcome.code, 0, "{}{}", outcome.stdout, outcome.stderr);
    let document = outcome.valid_json(VERDICT);
    let assumptions = document["boundaries"][0]["assumptions"].as_array().unwrap();
    let texts: Vec<&str> = assumptions.iter().filter_map(|assumption| assumption["text"].as_str()).collect();
    assert!(texts.iter().any(|text| text.contains("only paints a page")), "{texts:#?}");
}

#[test]
fn a_breach_stands_beside_a_broken_file() {
    let files = [("a.yaml", ISOLATED), ("hole.yaml", HOLE), ("broken.yaml", "a: [1\nb: }\n")];
    assert_eq!(prove(&files, &[]).code, 1);
    assert_eq!(prove(&[files[0], files[2]], &[]).code, 3);
}

#[test]
fn every_verdict_is_json_as_the_schema_has_it() {
    for (files, code, verdict) in [
        (&[("a.yaml", ISOLATED)][..], 0, "isolated"),
        (&[("a.yaml", ISOLATED), ("hole.yaml", HOLE)], 1, "breached"),
        (&[("a.yaml", ISOLATED), ("odd.yaml", ODD)], 3, "unknown"),
    ] {
        let outcome = prove(files, &["-o", "json"]);
        assert_eq!(outcome.code, code);
        let document = outcome.valid_json(VERDICT);
        assert_eq!(document["boundaries"][0]["verdict"], verdict);
        assert_eq!(outcome.stderr, "");
    }
}

#[test]
fn the_examples_are_what_their_names_say() {
    for (name, code) in [("shop-leaky", 1), ("shop-watertight", 0)] {
        let path = example(name);
        let outcome = run(
            &Folder::with(&[]),
            &["prove", "-f", path.to_str().unwrap(), "--from", "staging", "--to", "production", "-o", "json"],
        );
        assert_eq!(outcome.code, code, "{name}: {}{}", outcome.stdout, outcome.stderr);
        outcome.valid_json(VERDICT);
    }
}

#[test]
fn every_breach_of_the_leaky_example_has_a_page() {
    let path = example("shop-leaky");
    let outcome = run(
        &Folder::with(&[]),
        &["prove", "-f", path.to_str().unwrap(), "--from", "staging", "--to", "production", "-o", "json"],
    );
    let document = outcome.json();
    let breaches = document["boundaries"][0]["channels"][0]["breaches"].as_array().unwrap();
    assert!(!breaches.is_empty());
    for breach in breaches {
        let rule = breach["rule"].as_str().unwrap();
        assert_eq!(run(&Folder::with(&[]), &["explain", rule]).code, 0, "{rule}");
    }
}

#[test]
fn an_environment_that_is_empty_is_a_failed_command() {
    let outcome = run(
        &Folder::with(&[("a.yaml", ISOLATED.as_bytes())]),
        &["prove", "-f", ".", "--from", "moon", "--to", "production"],
    );
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{outcome:#?}");
    let leads: Vec<&str> = outcome.stderr.lines().filter_map(|line| line.split(": ").next()).collect();
    assert_eq!(leads.first(), Some(&"error"), "{outcome:#?}");
    assert!(leads.contains(&"help"), "{outcome:#?}");
}

#[test]
fn environments_can_be_named_by_selectors() {
    let manifests = ISOLATED.replace("staging", "qa").replace("production", "shop");
    let folder = Folder::with(&[("a.yaml", manifests.as_bytes())]);
    let question =
        ["prove", "-f", "a.yaml", "--from", "test", "--to", "shop", "--env", "test=q*", "--env", "shop=shop"];
    let outcome = run(&folder, &question);
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    let next = "next: watertight prove -f a.yaml --from shop --to test --env 'test=q*' --env shop=shop";
    assert_eq!(last_line(&outcome), next);
}

#[test]
fn standard_input_is_proved_as_a_file_is() {
    let folder = Folder::with(&[]);
    let question = ["prove", "-f", "-", "--from", "staging", "--to", "production"];
    assert_eq!(run_with(&folder, &question, ISOLATED.as_bytes()).code, 0);
    let both = format!("{ISOLATED}---\n{HOLE}");
    let outcome = run_with(&folder, &question, both.as_bytes());
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.lines().any(|line| line.trim_start().starts_with("--> -:")), "{}", outcome.stdout);
}

#[test]
fn a_reader_that_has_seen_enough_does_not_change_the_answer() {
    let folder = Folder::with(&[("a.yaml", ISOLATED.as_bytes()), ("hole.yaml", HOLE.as_bytes())]);
    for (filename, code) in [("a.yaml", 0), (".", 1)] {
        let arguments = ["prove", "-f", filename, "--from", "staging", "--to", "production", "-o", "json"];
        let mut child = program(folder.path(), &arguments).spawn().unwrap();
        drop(child.stdin.take());
        drop(child.stdout.take());
        let mut talk = String::new();
        child.stderr.take().unwrap().read_to_string(&mut talk).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(talk, "");
    }
}

#[test]
fn a_map_can_be_narrowed_and_explained() {
    let folder = Folder::with(&[("a.yaml", ISOLATED.as_bytes()), ("hole.yaml", HOLE.as_bytes())]);
    let focus = run(&folder, &["map", "-f", ".", "--profile", "declared", "--focus", "db", "-o", "json"]);
    assert_eq!(focus.code, 0, "{focus:#?}");
    let document = focus.valid_json(MAP);
    let edges = document["edges"].as_array().unwrap();
    let touches = |end: &serde_json::Value| end["workload"]["name"] == "db";
    assert!(!edges.is_empty() && edges.iter().all(|edge| touches(&edge["from"]) || touches(&edge["to"])));

    let explained = run(
        &folder,
        &["map", "-f", ".", "--profile", "declared", "--explain", "staging/api", "production/db", "5432"],
    );
    assert_eq!(explained.code, 0, "{explained:#?}");
    assert_eq!(
        explained.stdout.lines().next(),
        Some("staging/Pod/api → production/Pod/db on TCP 5432: open")
    );

    let unknown = run(&folder, &["map", "-f", ".", "--focus", "dbb"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (2, ""));
    assert_eq!(unknown.stderr.lines().next(), Some("error: nothing in the input is called `dbb`"));
}

#[test]
fn all_shows_each_of_those_that_the_summary_counts() {
    let path = example("shop-leaky");
    let question =
        ["prove", "-f", path.to_str().unwrap(), "--from", "staging", "--to", "production", "-o", "json"];
    let breaches = |more: &[&str]| {
        let arguments: Vec<&str> = question.iter().chain(more).copied().collect();
        let document = run(&Folder::with(&[]), &arguments).valid_json(VERDICT);
        let breaches = document["boundaries"][0]["channels"][0]["breaches"].as_array().unwrap().clone();
        (breaches.len(), breaches.iter().map(|breach| breach["count"].as_u64().unwrap()).sum::<u64>())
    };
    let (sorts, counted) = breaches(&[]);
    let (each, total) = breaches(&["--all"]);
    assert!(sorts < each);
    assert_eq!((counted, total), (each as u64, each as u64));
}

#[test]
fn people_read_it_in_80_columns() {
    for name in ["shop-leaky", "shop-watertight"] {
        let examples = example(name).parent().unwrap().to_owned();
        let prove = ["prove", "-f", name, "--from", "staging", "--to", "production"];
        for arguments in [
            &prove[..],
            &[&prove[..], &["--all"]].concat(),
            &[&prove[..], &["--profile", "all"]].concat(),
            &["map", "-f", name],
            &["map", "-f", name, "--explain", "staging/api", "production/db"],
            &["explain", "N35"],
        ] {
            let output = program(&examples, arguments).output().unwrap();
            let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
            // A word of a command is never cut.
            let wide = text.lines().filter(|line| line.chars().count() > 80 && line.trim().contains(' '));
            assert_eq!(wide.collect::<Vec<_>>(), Vec::<&str>::new(), "{arguments:?}");
            assert!(!text.is_empty());
        }
    }
}
