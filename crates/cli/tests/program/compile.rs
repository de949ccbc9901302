//! `watertight compile`: what it writes, what it leaves alone, and what it refuses.

use crate::common::{Folder, Outcome, run, run_with};
use std::collections::BTreeMap;

const INTENT: &str = "\
apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  environments: [{name: staging}, {name: production}]
";

fn fleet() -> Folder {
    Folder::with(&[("watertight.yaml", INTENT.as_bytes())])
}

fn compile(folder: &Folder, more: &[&str]) -> Outcome {
    run(folder, &[&["compile", "--output-dir", "out"], more].concat())
}

/// Everything in the folder into which is compiled, by path.
#[expect(clippy::disallowed_methods, reason = "a test that looks at what was written")]
fn written(folder: &Folder) -> BTreeMap<String, String> {
    let root = folder.path().join("out");
    let (mut files, mut folders) = (BTreeMap::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

#[test]
fn it_writes_what_it_says_and_a_second_run_changes_nothing() {
    let folder = fleet();
    let first = compile(&folder, &[]);
    assert_eq!((first.code, first.stderr.as_str()), (0, ""));
    let files = written(&folder);
    let said: Vec<String> = files.keys().map(|path| format!("add     out/{path}")).collect();
    assert_eq!(first.stdout.lines().collect::<Vec<_>>(), said);
    assert!(files.contains_key("default/staging/networkpolicies.yaml"), "{said:#?}");

    let second = compile(&folder, &[]);
    assert_eq!((second.code, second.stdout.as_str()), (0, "nothing changes in out\n"));
    assert_eq!(written(&folder), files);
}

#[test]
fn what_changes_is_written_and_what_is_not_asked_for_any_more_is_taken_away() {
    let folder = fleet();
    compile(&folder, &[]);
    folder.write(
        "watertight.yaml",
        INTENT.replace("{name: staging}", "{name: staging, podSecurity: restricted}").as_bytes(),
    );
    let changed = compile(&folder, &[]);
    assert_eq!((changed.code, changed.stdout.as_str()), (0, "change  out/default/staging/namespaces.yaml\n"));
    assert!(written(&folder)["default/staging/namespaces.yaml"].contains("enforce: restricted"));

    folder.write("watertight.yaml", INTENT.replace("{name: staging}", "{name: qa}").as_bytes());
    let moved = compile(&folder, &[]);
    assert_eq!(moved.code, 0);
    assert!(moved.stdout.contains("remove  out/default/staging/namespaces.yaml\n"), "{}", moved.stdout);
    assert!(moved.stdout.contains("add     out/default/qa/namespaces.yaml\n"), "{}", moved.stdout);
    assert!(!folder.path().join("out/default/staging").exists());
}

#[test]
fn with_check_it_writes_nothing_and_says_what_would_change() {
    let folder = fleet();
    let check = compile(&folder, &["--check"]);
    assert_eq!(check.code, 1);
    assert!(check.stdout.starts_with("add     out/default/kustomization.yaml\n"), "{}", check.stdout);
    assert!(!folder.path().join("out").exists());

    compile(&folder, &[]);
    let files = written(&folder);
    let check = compile(&folder, &["--check"]);
    assert_eq!((check.code, check.stdout.as_str()), (0, "nothing changes in out\n"));

    let edited = files["default/staging/namespaces.yaml"].replace("baseline", "privileged");
    folder.write("out/default/staging/namespaces.yaml", edited.as_bytes());
    let check = compile(&folder, &["--check"]);
    assert_eq!((check.code, check.stdout.as_str()), (1, "change  out/default/staging/namespaces.yaml\n"));
    assert_eq!(written(&folder)["default/staging/namespaces.yaml"], edited);
}

#[test]
fn files_of_others_stay_as_they_are() {
    let folder = fleet();
    folder.write("out/README.md", b"ours\n");
    folder.write("out/default/staging/secret.yaml", b"a: 1\n");
    assert_eq!(compile(&folder, &[]).code, 0);
    let files = written(&folder);
    assert_eq!(
        (files["README.md"].as_str(), files["default/staging/secret.yaml"].as_str()),
        ("ours\n", "a: 1\n")
    );
    folder.write("watertight.yaml", INTENT.replace("{name: staging}", "{name: qa}").as_bytes());
    assert_eq!(compile(&folder, &[]).code, 0);
    assert!(written(&folder).contains_key("default/staging/secret.yaml"));
}

#[test]
fn a_file_of_somebody_else_is_never_written_over() {
    let folder = fleet();
    folder.write("out/default/staging/namespaces.yaml", b"kind: Namespace\n");
    let outcome = compile(&folder, &[]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(
        outcome
            .stderr
            .starts_with("error: `out/default/staging/namespaces.yaml` was not compiled from an intent"),
        "{}",
        outcome.stderr
    );
    let files = written(&folder);
    assert_eq!(files.len(), 1, "{files:#?}");
    assert_eq!(files["default/staging/namespaces.yaml"], "kind: Namespace\n");
}

#[test]
fn all_errors_are_shown_at_once_and_nothing_is_written() {
    let folder = fleet();
    compile(&folder, &[]);
    let before = written(&folder);
    let broken = INTENT.replace("{name: staging}", "{name: staging, podsecurity: baseline}, {name: Qa}");
    folder.write("watertight.yaml", broken.as_bytes());
    let outcome = compile(&folder, &[]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    for part in ["unknown-field", "invalid-value", "`watertight.yaml` has 2 errors, and nothing is compiled"]
    {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }
    assert_eq!(written(&folder), before);
}

#[test]
fn an_intent_that_cannot_be_kept_is_refused_too() {
    let folder = fleet();
    let unenforced = format!("{INTENT}  clusters: [{{name: main, cniProfile: none}}]\n");
    folder.write("watertight.yaml", unenforced.as_bytes());
    let outcome = compile(&folder, &[]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("unenforced-policies"), "{}", outcome.stderr);
    assert!(!folder.path().join("out").exists());
}

#[test]
fn the_day_that_is_given_decides_over_exceptions() {
    let exception = "  boundaries:
    - from: staging
      to: production
      exceptions:
        - access: {group: developers, role: view}
          reason: the move
          owner: team-platform
          expires: 2027-06-30
";
    let folder = Folder::with(&[("watertight.yaml", format!("{INTENT}{exception}").as_bytes())]);
    let last_day = compile(&folder, &["--today", "2027-06-30"]);
    assert_eq!(last_day.code, 0);
    assert!(last_day.stderr.contains("exception"), "{}", last_day.stderr);
    let after = compile(&folder, &["--today", "2027-07-01"]);
    assert_eq!(after.code, 2);
    assert!(after.stderr.contains("expired-exception"), "{}", after.stderr);
    assert_eq!(compile(&folder, &["--today", "tomorrow"]).code, 2);
}

#[test]
fn an_intent_is_read_from_standard_input_and_one_that_is_missing_is_said() {
    let folder = Folder::with(&[]);
    let piped = run_with(&folder, &["compile", "-f", "-", "--output-dir", "out"], INTENT.as_bytes());
    assert_eq!(piped.code, 0, "{}", piped.stderr);
    let missing = compile(&folder, &[]);
    assert_eq!((missing.code, missing.stdout.as_str()), (2, ""));
    assert!(missing.stderr.starts_with("error: there is no file `watertight.yaml`"), "{}", missing.stderr);
}

#[test]
fn what_is_compiled_is_proved_isolated_both_ways() {
    let access =
        |name: &str| format!("{{name: {name}, access: {{teams: [{{name: team, groups: [{name}-team]}}]}}}}");
    let intent = ["staging", "production"]
        .into_iter()
        .fold(INTENT.to_owned(), |intent, name| intent.replace(&format!("{{name: {name}}}"), &access(name)));
    let folder = Folder::with(&[("watertight.yaml", intent.as_bytes())]);
    assert_eq!(compile(&folder, &[]).code, 0);
    for (from, to) in [("staging", "production"), ("production", "staging")] {
        let proved = run(
            &folder,
            &["prove", "-f", "out", "--from", from, "--to", to, "--channel", "network", "--channel", "api"],
        );
        assert_eq!(proved.code, 0, "{}", proved.stdout);
    }
}
