//! `--must`: what has to work all the same, from the command line to the exit code.

use crate::common::{Folder, HOLE, ISOLATED, ODD, Outcome, PROFILES, VERDICT, program, run};
use std::path::{Path, PathBuf};

/// A web server in production, which the fence lets to the database.
const WEB: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: production, labels: {app: web}}
spec: {containers: [{name: web, image: web}]}
";

/// What is open, closed and unknown there.
const OPEN: &str = "production/web=production/db:5432";
const CLOSED: &str = "staging/api=production/db:5432";
const UNKNOWN: &str = "dns";

fn prove(files: &[(&str, &str)], needs: &[&str], more: &[&str]) -> Outcome {
    let files: Vec<(&str, &[u8])> =
        files.iter().chain(&[("web.yaml", WEB)]).map(|&(path, text)| (path, text.as_bytes())).collect();
    let mut arguments = vec!["prove", "-f", ".", "--from", "staging", "--to", "production"];
    arguments.extend(needs.iter().flat_map(|need| ["--must", need]));
    arguments.extend(more);
    run(&Folder::with(&files), &arguments)
}

#[test]
fn where_all_is_isolated_the_needs_decide_about_the_exit_code() {
    let isolated = [("a.yaml", ISOLATED)];
    for (needs, code) in
        [(&[OPEN][..], 0), (&[OPEN, UNKNOWN], 3), (&[UNKNOWN, CLOSED], 1), (&[CLOSED, OPEN], 1)]
    {
        let outcome = prove(&isolated, needs, &[]);
        assert_eq!(outcome.code, code, "{needs:?}: {}{}", outcome.stdout, outcome.stderr);
        assert_eq!(outcome.stdout.lines().next(), Some("isolated on network  staging → production"));
    }
    let breached = [("a.yaml", ISOLATED), ("hole.yaml", HOLE)];
    let unknown = [("a.yaml", ISOLATED), ("odd.yaml", ODD)];
    for need in [OPEN, UNKNOWN, CLOSED] {
        assert_eq!(prove(&breached, &[need], &[]).code, 1, "{need}");
        assert_eq!(prove(&unknown, &[need], &[]).code, 3, "{need}");
    }
}

#[test]
fn each_need_has_a_line_and_a_way_to_open_it() {
    let outcome = prove(&[("a.yaml", ISOLATED)], &[OPEN, UNKNOWN, CLOSED], &[]);
    let section = outcome.stdout.split_once("\nneeds: ").unwrap().1.split_once("\nnext: ").unwrap().0;
    insta::assert_snapshot!(section);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn needs_are_json_as_the_schema_has_it() {
    let outcome = prove(&[("a.yaml", ISOLATED)], &[OPEN, UNKNOWN, CLOSED], &["-o", "json"]);
    let document = outcome.valid_json(VERDICT);
    let needs = document["needs"].as_array().unwrap();
    let word = |need: &serde_json::Value, key: &str| need[key].as_str().unwrap().to_owned();
    let answers: Vec<_> = needs.iter().map(|need| (word(need, "need"), word(need, "state"))).collect();
    let expected = [(OPEN, "open"), (UNKNOWN, "unknown"), (CLOSED, "closed")];
    assert_eq!(answers, expected.map(|(need, state)| (need.to_owned(), state.to_owned())));
    assert_eq!(needs[2]["because"][0]["object"]["name"], "fence");
    assert_eq!(needs[2]["because"][0]["evidence"]["line"], 27);
    assert_eq!(document["boundaries"][0]["verdict"], "isolated");
    let none = prove(&[("a.yaml", ISOLATED)], &[], &["-o", "json"]);
    assert_eq!(none.valid_json(VERDICT)["needs"], serde_json::json!([]));
}

#[test]
fn every_form_names_a_need_that_is_closed_and_has_the_same_exit_code() {
    for form in ["json", "markdown", "sarif", "github", "junit", "html"] {
        let outcome = prove(&[("a.yaml", ISOLATED)], &[OPEN, CLOSED], &["-o", form]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (1, ""), "{form}");
        assert!(outcome.stdout.contains(CLOSED), "{form}");
    }
}

#[test]
fn each_network_plugin_has_needs_of_its_own() {
    let by_address = "\
apiVersion: v1
kind: Pod
metadata: {name: cache, namespace: production, labels: {app: cache}}
spec: {containers: [{name: c, image: c}]}
status: {phase: Running, podIP: 10.1.0.7, podIPs: [{ip: 10.1.0.7}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out, namespace: production}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress: [{to: [{ipBlock: {cidr: 10.1.0.0/16}}]}]
";
    let files = [("a.yaml", ISOLATED), ("cache.yaml", by_address)];
    let need = "production/web=production/cache:6379";
    let outcome = prove(&files, &[need], &["--profile", "all"]);
    assert_eq!(outcome.code, 1, "{}{}", outcome.stdout, outcome.stderr);
    let lines: Vec<&str> = outcome.stdout.lines().map(str::trim).collect();
    assert!(lines.contains(&"open on calico, kube-router, kube-network-policies"), "{lines:#?}");
    for plugin in ["cilium", "antrea"] {
        let closed = format!("closed on {plugin}: ");
        assert!(lines.iter().any(|line| line.starts_with(&closed)), "{lines:#?}");
    }

    let outcome = prove(&files, &[need], &["--profile", "all", "-o", "json"]);
    let document = outcome.valid_json(PROFILES);
    for verdict in document["verdicts"].as_array().unwrap() {
        let open = ["calico", "kube-router", "kube-network-policies"].map(|name| verdict["profile"] == name);
        let state = if open.contains(&true) { "open" } else { "closed" };
        assert_eq!(verdict["needs"][0]["state"], state, "{}", verdict["profile"]);
    }
}

#[test]
fn what_cannot_be_asked_says_what_was_meant() {
    let store = "apiVersion: v1\nkind: Service\nmetadata: {name: store, namespace: production}\nspec: {selector: {app: db}, ports: [{port: 80}]}\n";
    for (need, error) in [
        ("production/wob=production/db:5432", "nothing in the input is called `production/wob`"),
        ("production/web=production/bd:5432", "nothing in the input is called `production/bd`"),
        ("production=production/db:5432", "`production` is a namespace, and an end is one workload"),
        (
            "production/store=production/db:5432",
            "`production/store` is a Service, and a Service opens no connections",
        ),
        ("production/web:5432", "`production/web:5432` is no need: it has no `=` between two ends"),
        ("198.51.100.7=203.0.113.9:80", "neither end of `198.51.100.7=203.0.113.9:80` is in the cluster"),
    ] {
        let outcome = prove(&[("a.yaml", ISOLATED), ("store.yaml", store)], &[need], &[]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{need}");
        let mut lines = outcome.stderr.lines();
        assert_eq!(lines.next(), Some(format!("error: {error}").as_str()));
        assert!(lines.next().is_some_and(|line| line.starts_with("help: ")), "{}", outcome.stderr);
    }
    let outcome = prove(&[("a.yaml", ISOLATED)], &["production/web=production/bd:5432"], &[]);
    assert!(
        outcome.stderr.ends_with("help: did you mean `production/db` or `production/web`?\n"),
        "{}",
        outcome.stderr
    );
}

/// The page of the shop promises a command; it is run as it stands there, and says that all of its needs are open.
#[test]
fn the_needs_of_the_watertight_shop_are_open_as_its_page_says() {
    let words = include_str!("../../../../examples/shop-watertight/README.md").replace("\\\n", " ");
    let command = words.lines().find(|line| line.contains("--must dns")).unwrap();
    let (_, arguments) = command.split_once(" -- ").unwrap();
    let mut arguments: Vec<&str> = arguments.split_whitespace().collect();
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let needs = arguments.iter().filter(|word| **word == "--must").count();
    assert!(needs > 3, "{arguments:?}");
    arguments.extend(["-o", "json"]);
    for profile in ["conservative", "calico", "cilium", "kube-router", "antrea", "kube-network-policies"] {
        let output = program(&root, &[&arguments[..], &["--profile", profile]].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{profile}");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let states: Vec<_> =
            document["needs"].as_array().unwrap().iter().map(|need| &need["state"]).collect();
        assert_eq!(states, vec!["open"; needs], "{profile}");
    }
}
