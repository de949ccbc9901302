//! `fix`: what it proposes, applied as people apply it, is what it says.

#![expect(clippy::disallowed_methods, reason = "what was written is read, and the example is copied")]

use crate::common::{FIX, Folder, Outcome, run, run_in};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;

/// The leaky shop in a folder of its own.
fn leaky() -> Folder {
    let shop = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop-leaky");
    let folder = Folder::with(&[]);
    for part in ["cluster", "production", "staging"] {
        for entry in std::fs::read_dir(shop.join(part)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            folder.write(&format!("shop/{part}/{name}"), &std::fs::read(&path).unwrap());
        }
    }
    folder
}

const BOUNDARY: [&str; 6] = ["-f", "shop", "--from", "staging", "--to", "production"];

fn fix(folder: &Folder, more: &[&str]) -> Outcome {
    run(folder, &[&["fix"][..], &BOUNDARY, more].concat())
}

/// The rules of the breaches, each with how often.
fn breaches(folder: &Folder) -> BTreeMap<String, usize> {
    let report = run(folder, &[&["prove"][..], &BOUNDARY, &["-o", "json"]].concat()).json();
    let mut rules = BTreeMap::new();
    for channel in report["boundaries"][0]["channels"].as_array().unwrap() {
        for breach in channel["breaches"].as_array().unwrap() {
            *rules.entry(breach["rule"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    rules
}

/// Applies a patch as people do.
fn apply(folder: &Folder, patch: &str) {
    let mut git = std::process::Command::new("git");
    git.args(["apply", "--whitespace=nowarn", "-"])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::piped());
    // Outside of any repository, so that paths are those of the folder.
    git.env("GIT_CEILING_DIRECTORIES", folder.path().parent().unwrap());
    let mut child = git.spawn().unwrap();
    child.stdin.take().unwrap().write_all(patch.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "{patch}");
}

/// What is left for a person, by rule, as the text lists it.
fn left(text: &str) -> BTreeSet<String> {
    let (_, left) = text.split_once("for a person to do").unwrap();
    let heads = left.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let rules = heads.filter_map(|line| line.trim_start().split_once(": "));
    rules.map(|(rule, _)| rule.to_owned()).filter(|rule| !rule.contains(' ')).collect()
}

#[test]
fn the_patch_for_the_leaky_shop_closes_what_it_says_and_the_rest_is_named() {
    let folder = leaky();
    let before = breaches(&folder);
    let shown = fix(&folder, &[]);
    assert_eq!(shown.code, 3, "{shown:#?}");
    insta::assert_snapshot!("fix_leaky", shown.stdout);
    let patch = fix(&folder, &["-o", "diff"]);
    assert_eq!(patch.code, 3);
    insta::assert_snapshot!("fix_leaky_diff", patch.stdout);
    apply(&folder, &patch.stdout);
    let after = breaches(&folder);
    let rules = |breaches: &BTreeMap<String, usize>| breaches.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(rules(&after), left(&shown.stdout));
    assert!(rules(&after).is_subset(&rules(&before)));
    let closed: BTreeSet<String> = rules(&before).difference(&rules(&after)).cloned().collect();
    assert_eq!(
        closed.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "admin-policy-admits",
            "broad-namespace-selector",
            "create-workloads",
            "exec-into-pods",
            "ipblock-holds-pods",
            "open-ingress-nginx",
            "read-secrets",
            "relabel-namespaces",
            "split-peer",
            "taken-host",
            "unfenced-ingress"
        ]
    );
    for rule in &closed {
        assert!(shown.stdout.contains(&format!("closes {rule}: ")), "{rule} is closed by nothing");
    }
    assert_needs_are_met(&folder);
    // Nothing more is found the second time.
    let again = fix(&folder, &["-o", "diff"]);
    assert_eq!((again.code, again.stdout.as_str()), (3, ""));
}

/// What the shop surely needs and no breach rests on.
fn assert_needs_are_met(folder: &Folder) {
    let needs = [
        "dns",
        "production/frontend=production/service/api:8080",
        "production/api=production/db:5432",
        "production/worker=production/db:5432",
        "production/api=production/service/cache:6379",
        "staging/api=staging/db:5432",
        "monitoring/prometheus=production/api:9100",
    ];
    let needs: Vec<&str> = needs.iter().flat_map(|need| ["--must", need]).collect();
    let report = run(folder, &[&["prove"][..], &BOUNDARY, &["-o", "json"], &needs].concat()).json();
    for need in report["needs"].as_array().unwrap() {
        assert_eq!(need["state"], "open", "{need}");
    }
}

/// Applies what was written into a folder: the patch, and the new files beside production's.
fn apply_written(folder: &Folder) {
    apply(folder, &std::fs::read_to_string(folder.path().join("fix/fix.patch")).unwrap());
    for entry in std::fs::read_dir(folder.path().join("fix")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "yaml") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            folder.write(&format!("shop/production/{name}"), &std::fs::read(&path).unwrap());
        }
    }
}

/// What the leaky shop cannot be closed without: the scanners of the warehouse, the partners, and the metrics of the nodes.
#[test]
fn with_losses_accepted_the_leaky_shop_is_isolated_and_each_loss_is_named() {
    let folder = leaky();
    assert!(
        fix(&folder, &[]).stdout.contains("help: `--accept-losses` takes edits that close 3 of these too")
    );
    let shown = fix(&folder, &["--accept-losses", "--output-dir", "fix"]);
    assert_eq!(shown.code, 1, "{shown:#?}");
    insta::assert_snapshot!("fix_leaky_with_losses", shown.stdout);
    let found = fix(&folder, &["--accept-losses", "-o", "json"]).valid_json(FIX);
    assert_eq!((&found["acceptsLosses"], &found["smallest"]), (&true.into(), &true.into()));
    let of = |repair: &serde_json::Value| {
        let losses = repair["loses"].as_array().unwrap().iter();
        let name = repair["object"]["name"].as_str().unwrap().to_owned();
        (name, losses.map(|lost| lost.as_str().unwrap().to_owned()).collect::<Vec<_>>())
    };
    let mut losses: BTreeMap<String, Vec<String>> =
        found["repairs"].as_array().unwrap().iter().map(of).collect();
    losses.retain(|_, lost| !lost.is_empty());
    let expected = [
        (
            "node-metrics",
            vec!["what DaemonSet staging/node-metrics has of its nodes: `hostNetwork`, `hostPID`"],
        ),
        (
            "partners",
            vec![
                "Deployment ingress-nginx/ingress-nginx-controller to Deployment production/api on TCP 8080",
            ],
        ),
        (
            "warehouse",
            vec![
                "addresses outside within 172.31.0.0/16 to Deployment production/api on TCP 8080",
                "clients of Service production/warehouse under the addresses of nodes",
            ],
        ),
    ];
    let named: Vec<(&str, Vec<&str>)> = losses
        .iter()
        .map(|(name, lost)| (name.as_str(), lost.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(named, expected);
    apply_written(&folder);
    let proved = run(&folder, &[&["prove"][..], &BOUNDARY].concat());
    assert_eq!(proved.code, 0, "{proved:#?}");
    assert_needs_are_met(&folder);
    let again = fix(&folder, &["--accept-losses"]);
    assert_eq!(
        (again.code, again.stdout.as_str()),
        (0, "nothing to do: nothing gets from staging to production\n")
    );
}

#[test]
fn new_objects_and_edits_are_written_into_a_folder() {
    let folder = leaky();
    let wanted = fix(&folder, &["-o", "diff"]);
    let outcome = fix(&folder, &["--output-dir", "fix"]);
    assert_eq!(outcome.code, 3, "{outcome:#?}");
    let edits = std::fs::read_to_string(folder.path().join("fix/fix.patch")).unwrap();
    assert!(wanted.stdout.contains(edits.lines().nth(5).unwrap()));
    apply_written(&folder);
    let (copied, patched) = (breaches(&folder), leaky());
    apply(&patched, &wanted.stdout);
    assert_eq!(copied, breaches(&patched));
}

const OPEN: &str = "\
apiVersion: v1
kind: Namespace
metadata:
  name: staging
  labels:
    pod-security.kubernetes.io/enforce: baseline
---
apiVersion: v1
kind: Namespace
metadata:
  name: production
  labels:
    pod-security.kubernetes.io/enforce: baseline
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: staging, labels: {app: web}}
spec: {containers: [{name: c, image: i:1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: production, labels: {app: web}}
spec: {containers: [{name: c, image: i:1}]}
";

#[test]
fn the_exit_code_says_whether_there_is_something_to_do() {
    let folder = Folder::with(&[("shop/all.yaml", OPEN.as_bytes())]);
    let first = fix(&folder, &[]);
    assert_eq!(first.code, 1, "{first:#?}");
    assert!(first.stdout.ends_with(
        "with repairs of an object: isolated staging → production\n\
         proved smallest: no smaller set of the repairs that were found does the same\n"
    ));
    apply(&folder, &fix(&folder, &["-o", "diff"]).stdout);
    assert_eq!(run(&folder, &[&["prove"][..], &BOUNDARY].concat()).code, 0);
    let second = fix(&folder, &[]);
    assert_eq!(
        (second.code, second.stdout.as_str()),
        (0, "nothing to do: nothing gets from staging to production\n")
    );
    let third = fix(&folder, &["-o", "diff"]);
    assert_eq!((third.code, third.stdout.as_str()), (0, ""));
    assert_eq!(run(&folder, &["fix", "-f", "shop", "--from", "a", "--to", "a"]).code, 2);
}

#[test]
fn files_are_named_from_the_folder_that_the_command_is_started_in() {
    let folder = Folder::with(&[("shop/all.yaml", OPEN.as_bytes())]);
    let whole = folder.path().canonicalize().unwrap().join("shop");
    let arguments =
        ["fix", "-f", &whole.to_string_lossy(), "--from", "staging", "--to", "production", "-o", "diff"];
    let outcome = run_in(&folder.path().canonicalize().unwrap(), &arguments, b"");
    let head = "--- /dev/null\n+++ b/shop/production-watertight-default-deny-ingress.yaml\n";
    assert!(outcome.stdout.starts_with(head), "{outcome:#?}");
}

#[test]
fn nothing_is_written_that_was_not_asked_for() {
    let folder = leaky();
    let before = walk(folder.path());
    fix(&folder, &[]);
    fix(&folder, &["-o", "diff"]);
    assert_eq!(walk(folder.path()), before);
}

#[test]
fn the_json_says_what_the_text_and_the_patch_say() {
    let folder = leaky();
    let outcome = fix(&folder, &["-o", "json"]);
    assert_eq!(outcome.code, 3);
    let found = outcome.valid_json(FIX);
    let patches: Vec<&str> =
        found["patches"].as_array().unwrap().iter().map(|patch| patch["diff"].as_str().unwrap()).collect();
    assert_eq!(patches.concat(), fix(&folder, &["-o", "diff"]).stdout);
    let text = fix(&folder, &[]).stdout;
    let rules = |of: &str| -> BTreeSet<String> {
        let all = found[of].as_array().unwrap().iter();
        all.map(|left| left["rule"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(rules("left"), left(&text));
    for repair in found["repairs"].as_array().unwrap() {
        let object = &repair["object"];
        let namespace = object["namespace"].as_str().map_or_else(String::new, |name| format!("{name}/"));
        let name =
            format!("{} {namespace}{}\n", object["kind"].as_str().unwrap(), object["name"].as_str().unwrap());
        assert!(text.contains(&name), "{name}");
        assert_eq!(repair["action"] == "add", repair["file"].is_string(), "{repair}");
    }
    assert_eq!((&found["before"], &found["after"]), (&"breached".into(), &"breached".into()));
    let broken =
        run(&folder, &["fix", "-f", "none", "--from", "staging", "--to", "production", "-o", "json"]);
    assert_eq!((broken.code, broken.stdout.as_str()), (2, ""));
}

#[test]
fn standard_input_gets_new_objects_and_is_told_so() {
    let folder = Folder::with(&[]);
    let arguments = ["fix", "-f", "-", "--from", "staging", "--to", "production"];
    let outcome = run_in(folder.path(), &arguments, OPEN.as_bytes());
    assert_eq!(outcome.code, 1, "{outcome:#?}");
    assert!(
        outcome.stdout.contains("\n      production-watertight-default-deny-ingress.yaml\n"),
        "{outcome:#?}"
    );
    assert!(outcome.stderr.contains("standard input is no file that a patch could edit"), "{outcome:#?}");
}

#[test]
fn a_kustomization_lists_what_is_new() {
    let list = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - all.yaml\n";
    let folder =
        Folder::with(&[("shop/all.yaml", OPEN.as_bytes()), ("shop/kustomization.yaml", list.as_bytes())]);
    let text = fix(&folder, &[]);
    assert!(text.stdout.contains("    - list its file in shop/kustomization.yaml\n"), "{text:#?}");
    apply(&folder, &fix(&folder, &["-o", "diff"]).stdout);
    let listed = std::fs::read_to_string(folder.path().join("shop/kustomization.yaml")).unwrap();
    assert_eq!(listed, format!("{list}  - production-watertight-default-deny-ingress.yaml\n"));
    assert_eq!(run(&folder, &[&["prove"][..], &BOUNDARY].concat()).code, 0);
}

fn walk(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.insert(path.to_string_lossy().into_owned(), std::fs::read(&path).unwrap());
        }
    }
    files
}
