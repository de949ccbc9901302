//! The forms of an answer that other programs read: each is whole, and each comes with the same exit code.

use crate::common::{Folder, HOLE, ISOLATED, ODD, Outcome, example, program, run, run_with};
use serde_json::{Value, json};

/// The schema of SARIF, which is others'.
const SARIF: &str = include_str!("../../../render/tests/schemas/sarif-2.1.0.schema.json");

const QUESTION: [&str; 7] = ["prove", "-f", ".", "--from", "staging", "--to", "production"];

fn prove(files: &[(&str, &str)], more: &[&str]) -> Outcome {
    let files: Vec<(&str, &[u8])> = files.iter().map(|&(path, text)| (path, text.as_bytes())).collect();
    let arguments: Vec<&str> = QUESTION.iter().chain(more).copied().collect();
    run(&Folder::with(&files), &arguments)
}

fn sarif(outcome: &Outcome) -> Value {
    let schema = serde_json::from_str(SARIF).unwrap();
    let document = outcome.json();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    document
}

#[test]
fn every_form_has_the_exit_code_of_the_verdict_and_no_talk() {
    for (files, code) in [
        (&[("a.yaml", ISOLATED)][..], 0),
        (&[("a.yaml", ISOLATED), ("hole.yaml", HOLE)], 1),
        (&[("a.yaml", ISOLATED), ("odd.yaml", ODD)], 3),
    ] {
        for form in ["json", "markdown", "sarif", "github", "junit", "html"] {
            let outcome = prove(files, &["-o", form]);
            assert_eq!((outcome.code, outcome.stderr.as_str()), (code, ""), "{form}");
            assert!(!outcome.stdout.is_empty(), "{form}");
        }
    }
}

#[test]
fn sarif_names_files_from_the_folder_of_the_run() {
    let outcome = prove(&[("a.yaml", ISOLATED), ("k8s/the hole.yaml", HOLE)], &["-o", "sarif"]);
    let document = sarif(&outcome);
    let result = &document["runs"][0]["results"][0];
    assert_eq!(
        result["locations"][0]["physicalLocation"]["artifactLocation"],
        json!({"uri": "k8s/the%20hole.yaml", "uriBaseId": "%SRCROOT%"})
    );
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 9);
    let rule = &document["runs"][0]["tool"]["driver"]["rules"][0];
    assert_eq!(rule["id"], "broad-namespace-selector");
    assert!(rule["help"]["markdown"].as_str().unwrap().starts_with("# broad-namespace-selector\n"));
}

/// Breaches, blind spots and needs have rules of one list.
#[test]
fn every_rule_in_sarif_has_a_help_text_which_explain_prints_too() {
    let files = [("a.yaml", ISOLATED), ("again.yaml", ISOLATED), ("hole.yaml", HOLE), ("odd.yaml", ODD)];
    let outcome = prove(&files, &["--must", "production/db=staging/api:80", "--must", "dns", "-o", "sarif"]);
    let rules = sarif(&outcome)["runs"][0]["tool"]["driver"]["rules"].take();
    let rules = rules.as_array().unwrap();
    let ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    for id in ["broad-namespace-selector", "need", "unknown-kind"] {
        assert!(ids.contains(&id), "{ids:?}");
    }
    for (id, rule) in ids.iter().zip(rules) {
        let help = rule["help"]["markdown"].as_str().unwrap();
        assert!(help.starts_with(&format!("# {id}\n")) && help.contains("\n## How to fix it\n"), "{help}");
        let explained = run(&Folder::with(&[]), &["explain", id]);
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(explained.code, 0, "{id}");
        assert!(words(&explained.stdout).starts_with(&words(help)), "{id}: {}", explained.stdout);
    }
}

#[test]
fn sarif_of_the_leaky_example_has_a_result_for_each_sort_of_breach() {
    let examples = example("shop-leaky").parent().unwrap().to_owned();
    let question = ["prove", "-f", "shop-leaky", "--from", "staging", "--to", "production", "-o"];
    let output = |form: &str| {
        let output = program(&examples, &[&question[..], &[form]].concat()).output().unwrap();
        Outcome {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    };
    let (own, document) = (output("json").json(), sarif(&output("sarif")));
    let channels = own["boundaries"][0]["channels"].as_array().unwrap();
    let breaches = channels.iter().flat_map(|channel| channel["breaches"].as_array().unwrap());
    let breaches: Vec<&Value> = breaches.collect();
    // In SARIF they stand by their causes, over all channels.
    let causes = own["boundaries"][0]["causes"].as_array().unwrap();
    let ids = causes.iter().flat_map(|cause| cause["breaches"].as_array().unwrap());
    let with = |id: &Value| (*breaches.iter().find(|breach| breach["id"] == *id).unwrap()).clone();
    let by_cause: Vec<Value> = ids.map(with).collect();
    assert_eq!(by_cause.len(), breaches.len());
    let breaches = by_cause;
    let results = document["runs"][0]["results"].as_array().unwrap();
    let of = |values: &[Value], path: &str| -> Vec<Value> {
        values.iter().filter_map(|value| value.pointer(path).cloned()).collect()
    };
    assert_eq!(of(&breaches, "/id"), of(results, "/partialFingerprints/watertightFinding~1v1"));
    assert_eq!(of(&breaches, "/rule"), of(results, "/ruleId"));
    assert!(results.iter().all(|result| result["locations"].as_array().unwrap().len() == 1));
}

#[test]
fn standard_input_has_no_place_in_sarif() {
    let both = format!("{ISOLATED}---\n{HOLE}");
    let arguments = ["prove", "-f", "-", "--from", "staging", "--to", "production", "-o", "sarif"];
    let document = sarif(&run_with(&Folder::with(&[]), &arguments, both.as_bytes()));
    assert_eq!(document["runs"][0]["results"][0]["locations"], json!([]));
}

#[test]
fn a_comment_begins_with_the_verdict() {
    let outcome = prove(&[("a.yaml", ISOLATED), ("hole.yaml", HOLE)], &["-o", "markdown"]);
    assert_eq!(outcome.stdout.lines().next(), Some("### breached on network: staging → production"));
    let outcome = prove(&[("a.yaml", ISOLATED)], &["--profile", "all", "-o", "markdown"]);
    assert_eq!(
        outcome.stdout.lines().next(),
        Some("### staging → production: holds on 5 of 5 network plugins")
    );
}

#[test]
fn workflow_commands_point_at_the_file_from_the_folder_of_the_run() {
    let outcome = prove(&[("a.yaml", ISOLATED), ("hole.yaml", HOLE)], &["-o", "github"]);
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(
        lines[0],
        "::notice title=watertight::breached on network: staging → production, 1 way across from 1 cause (now)"
    );
    assert!(
        lines[1].starts_with("::error title=broad-namespace-selector,file=hole.yaml,line=9,col=11,"),
        "{}",
        lines[1]
    );
    assert_eq!(lines.len(), 2);
}

#[test]
fn junit_has_a_suite_for_each_network_plugin() {
    let outcome = prove(&[("a.yaml", ISOLATED), ("hole.yaml", HOLE)], &["--profile", "all", "-o", "junit"]);
    assert_eq!(outcome.code, 1);
    let suites = outcome.stdout.lines().filter(|line| line.trim_start().starts_with("<testsuite name="));
    let json =
        prove(&[("a.yaml", ISOLATED), ("hole.yaml", HOLE)], &["--profile", "all", "-o", "json"]).json();
    assert_eq!(suites.count(), json["verdicts"].as_array().unwrap().len());
}

#[test]
fn a_form_that_does_not_fit_names_those_that_do() {
    for form in ["sarif", "github", "html"] {
        let outcome = prove(&[("a.yaml", ISOLATED)], &["--profile", "all", "-o", form]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
        assert_eq!(
            outcome.stderr,
            format!(
                "error: `--profile all` has no form `{form}`\n\
                 help: choose one of `text`, `json`, `markdown`, `junit`, or name one profile\n"
            )
        );
    }
    let outcome = run(&Folder::with(&[]), &["map", "-f", ".", "-o", "sarif"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    let mut lines = outcome.stderr.lines();
    assert_eq!(lines.next(), Some("error: invalid value 'sarif' for '--output <FORMAT>'"));
    assert!(lines.next().unwrap().trim_start().starts_with("[possible values: text, json"));
}

fn map(files: &[(&str, &str)], more: &[&str]) -> Outcome {
    let files: Vec<(&str, &[u8])> = files.iter().map(|&(path, text)| (path, text.as_bytes())).collect();
    let arguments: Vec<&str> = ["map", "-f", "."].iter().chain(more).copied().collect();
    run(&Folder::with(&files), &arguments)
}

#[test]
fn every_form_of_a_map_has_the_same_connections() {
    let files = [("a.yaml", ISOLATED), ("hole.yaml", HOLE)];
    let edges = map(&files, &["-o", "json"]).json()["edges"].as_array().unwrap().len();
    let count = |form: &str, is_edge: &dyn Fn(&str) -> bool| {
        let outcome = map(&files, &["-o", form]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{form}");
        outcome.stdout.lines().filter(|line| is_edge(line)).count()
    };
    assert!(edges > 3);
    assert_eq!(count("dot", &|line| line.contains(" -> ")), edges);
    assert_eq!(count("mermaid", &|line| line.contains(" -->|")), edges);
    assert_eq!(count("markdown", &|line| line.starts_with('|')), edges + 2);
    let pair = |line: &str| line.rsplitn(4, ',').last().unwrap_or_default().to_owned();
    let csv = map(&files, &["-o", "csv"]).stdout;
    let pairs: std::collections::BTreeSet<String> =
        csv.lines().skip(1).filter(|line| !line.contains('"')).map(pair).collect();
    assert_eq!(pairs.len(), edges, "{csv}");
}

#[test]
fn a_map_that_has_no_place_for_blind_spots_says_them_beside() {
    let files = [("a.yaml", ISOLATED), ("odd.yaml", ODD)];
    for form in ["csv", "dot", "mermaid", "markdown", "svg"] {
        let outcome = map(&files, &["-o", form]);
        assert_eq!(outcome.code, 3, "{form}");
        assert!(
            outcome.stderr.lines().any(|line| line.starts_with("warning: 1 blind spot")),
            "{form}: {outcome:#?}"
        );
    }
}

#[test]
fn a_map_can_be_narrowed_in_every_form() {
    let files = [("a.yaml", ISOLATED), ("hole.yaml", HOLE)];
    let lines = |more: &[&str]| map(&files, &[&["-o", "csv"], more].concat()).stdout.lines().count();
    assert!(lines(&["--focus", "db"]) < lines(&[]));
}
