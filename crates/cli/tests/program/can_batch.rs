//! `can --batch`: many questions, one line of JSON each.

use crate::common::{CAN_BATCH, Folder, Outcome, program, run, run_with};
use crate::team::{BROKEN, PIPELINE, ask_with, talk};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};

fn batch(lines: &str) -> Outcome {
    ask_with(&["can", "--batch", "-"], lines.as_bytes())
}

/// A question about a resource of the shop.
fn line(user: &str, groups: &[&str], verb: &str, resource: &str) -> String {
    let attributes = json!({"verb": verb, "resource": resource, "namespace": "shop"});
    json!({"user": user, "groups": groups, "resourceAttributes": attributes}).to_string()
}

#[test]
fn each_line_has_its_answer_in_order_and_exactly_its_groups_count() {
    let lines = [
        line("jane", &["shop-team"], "get", "pods"),
        String::new(),
        line("jane", &[], "get", "pods"),
        line("", &["shop-team"], "list", "services"),
        "  \t".to_owned(),
        // It is in the group of its namespace's ServiceAccounts only if the line says so.
        r#"{"user": "system:serviceaccount:ci:x", "nonResourceAttributes": {"path": "/metrics", "verb": "get"}}"#.to_owned(),
        r#"{"user": "x", "groups": ["system:serviceaccounts:ci"], "nonResourceAttributes": {"path": "/metrics", "verb": "get"}}"#
            .to_owned(),
        line(PIPELINE, &[], "get", "secrets"),
    ];
    let outcome = batch(&lines.join("\n"));
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let answers = outcome.valid_lines(CAN_BATCH);
    let allowed: Vec<&Value> = answers.iter().map(|answer| &answer["allowed"]).collect();
    assert_eq!(allowed, [true, false, true, false, true, false]);
    assert_eq!(answers[0]["because"][0]["object"]["name"], "team");
    assert_eq!(answers[1], json!({"allowed": false, "reason": "", "because": []}));
}

#[test]
fn a_line_that_is_no_question_has_an_answer_and_the_command_fails() {
    let good = line("jane", &["shop-team"], "get", "pods");
    let both = r#"{"user": "a", "resourceAttributes": {}, "nonResourceAttributes": {}}"#;
    let nobody = r#"{"resourceAttributes": {"verb": "get", "resource": "pods"}}"#;
    let outcome = batch(&[&good, "", "{", both, nobody, "\u{0}", &good, r#"{"user": "a"}"#].join("\n"));
    assert_eq!(outcome.code, 2);
    let answers = outcome.valid_lines(CAN_BATCH);
    let allowed: Vec<bool> = answers.iter().map(|answer| answer["allowed"] == true).collect();
    assert_eq!(allowed, [true, false, false, false, false, true, false]);
    let errors: Vec<&str> = answers.iter().filter_map(|answer| answer["evaluationError"].as_str()).collect();
    let starts = ["line 3: ", "line 4: both ", "line 5: a `user` ", "line 6: ", "line 8: one of "];
    assert_eq!(errors.len(), starts.len());
    for (error, start) in errors.iter().zip(starts) {
        assert!(error.starts_with(start), "{error}");
    }
    let said: Vec<String> = errors.iter().map(|error| format!("error: {error}")).collect();
    assert_eq!(talk(&outcome), said);
}

#[test]
fn of_many_lines_that_are_no_question_the_first_are_named() {
    let outcome = batch(&"x\n".repeat(5000));
    assert_eq!((outcome.code, outcome.stdout.lines().count()), (2, 5000));
    let talk = talk(&outcome);
    assert_eq!(talk.len(), 21);
    assert!(talk[19].starts_with("error: line 20: "), "{}", talk[19]);
    assert_eq!(talk[20], "error: and 4980 more lines that are no question, as their answers say");
}

#[test]
fn what_is_not_known_is_not_allowed_and_exits_with_3() {
    let folder = Folder::with(&[("a.yaml", BROKEN.as_bytes())]);
    let question = line("jane", &[], "get", "pods");
    let ask =
        |lines: &str| run_with(&folder, &["can", "-f", "a.yaml", "--batch", "-", "-q"], lines.as_bytes());
    let outcome = ask(&question);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (3, ""));
    let answer = &outcome.valid_lines(CAN_BATCH)[0];
    assert_eq!((&answer["allowed"], &answer["reason"]), (&json!(false), &json!("")));
    let why = answer["evaluationError"].as_str().unwrap();
    assert!(why.starts_with("unknown: wrong-type: in Role shop/r, "), "{why}");
    assert_eq!(ask(&format!("{question}\nx")).code, 2, "what is no question counts more");
}

#[test]
fn ten_thousand_questions_keep_their_order() {
    let names: Vec<String> = (0..10_000).map(|number| format!("u{}", number % 7)).collect();
    let lines: Vec<String> = names
        .iter()
        .map(|name| line(name, if name == "u3" { &["shop-team"] } else { &[] }, "get", "pods"))
        .collect();
    let folder = Folder::with(&[("questions.jsonl", lines.join("\n").as_bytes())]);
    let file = folder.path().join("questions.jsonl");
    let outcome = ask_with(&["can", "--batch", file.to_str().unwrap()], b"");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    let allowed: Vec<bool> =
        outcome.stdout.lines().map(|line| line.starts_with(r#"{"allowed":true,"#)).collect();
    let expected: Vec<bool> = names.iter().map(|name| name == "u3").collect();
    assert!(allowed == expected, "{} of {}", allowed.len(), expected.len());
}

#[test]
fn an_answer_comes_as_soon_as_its_question_is_there() {
    let folder = Folder::with(&[("a.yaml", b"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")]);
    let mut child = program(folder.path(), &["can", "-f", "a.yaml", "--batch", "-", "-q"]).spawn().unwrap();
    let (mut questions, mut answers) =
        (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    for _ in 0..3 {
        writeln!(questions, "{}", line("jane", &[], "get", "pods")).unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "{\"allowed\":false,\"reason\":\"\",\"because\":[]}\n");
    }
    drop(questions);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn it_ends_when_nobody_reads_on() {
    let folder = Folder::with(&[("a.yaml", b"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")]);
    let mut child = program(folder.path(), &["can", "-f", "a.yaml", "--batch", "-", "-q"]).spawn().unwrap();
    drop(child.stdout.take());
    let mut questions = child.stdin.take().unwrap();
    let question = line("jane", &[], "get", "pods");
    // Questions without end: the pipe breaks when the program has ended.
    while writeln!(questions, "{question}").is_ok() {}
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = Folder::with(&[("a.yaml", b"apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")]);
    for (arguments, error) in [
        (["can", "-f", "a.yaml", "--batch", "none.jsonl"], "error: there is no file `none.jsonl`"),
        (["can", "-f", "-", "--batch", "-"], "error: both `-f` and `--batch` are to read standard input"),
    ] {
        let outcome = run(&folder, &arguments);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
        assert_eq!(outcome.stderr.lines().next(), Some(error));
    }
    let outcome = run(&folder, &["can", "-f", "a.yaml", "--batch", "/dev/null"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (0, ""));
}
