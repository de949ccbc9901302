//! What `-f` takes, and how each thing that cannot be read ends.

use crate::common::{Folder, ISOLATED, MAP, ODD, Outcome, run, run_with};
use serde_json::{Value, json};

/// `map -o json`, which shows what was read.
fn map(folder: &Folder, filenames: &[&str]) -> Outcome {
    run(folder, &arguments(filenames))
}

fn arguments<'a>(filenames: &[&'a str]) -> Vec<&'a str> {
    let filenames = filenames.iter().flat_map(|filename| ["-f", *filename]);
    ["map", "-o", "json"].into_iter().chain(filenames).collect()
}

/// The command failed, with this line first and a way to mend it in the last.
#[track_caller]
fn fails(outcome: &Outcome, message: &str) {
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{outcome:#?}");
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    assert!(lines.contains(&message), "{outcome:#?}");
}

/// A pod that nothing isolates.
fn pod(name: &str) -> Vec<u8> {
    let spec = "spec: {containers: [{name: main, image: main}]}";
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: staging}}\n{spec}\n")
        .into_bytes()
}

/// The same as JSON.
fn json_pod(name: &str) -> Vec<u8> {
    let spec = json!({"containers": [{"name": "main", "image": "main"}]});
    let metadata = json!({"name": name, "namespace": "staging"});
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}).to_string().into_bytes()
}

/// The names of the workloads in a map's edges.
fn workloads(document: &Value) -> Vec<String> {
    let edges = document["edges"].as_array().unwrap();
    let ends = edges.iter().flat_map(|edge| [&edge["from"], &edge["to"]]);
    let mut names: Vec<String> =
        ends.filter_map(|end| end["workload"]["name"].as_str()).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

fn pods(outcome: &Outcome) -> Vec<String> {
    assert_eq!(outcome.code, 0, "{outcome:#?}");
    workloads(&outcome.valid_json(MAP))
}

#[test]
fn a_missing_path_is_named() {
    let folder = Folder::with(&[]);
    fails(&map(&folder, &["k8s/nope.yaml"]), "error: there is no file or folder `k8s/nope.yaml`");
}

#[test]
fn a_glob_that_matches_nothing_is_named() {
    let folder = Folder::with(&[("k8s/a.txt", b"x")]);
    fails(&map(&folder, &["k8s/*.yaml"]), "error: the glob `k8s/*.yaml` matches no file");
    fails(&map(&folder, &["none/*.yaml"]), "error: the glob `none/*.yaml` matches no file");
    fails(&map(&folder, &["k8s/[.yaml"]), "error: `k8s/[.yaml` is no glob");
}

#[test]
fn a_folder_without_manifests_is_named() {
    let folder = Folder::with(&[("k8s/README.md", b"x"), ("k8s/.git/a.yaml", b"x")]);
    fails(&map(&folder, &["k8s"]), "error: the folder `k8s` holds no manifest");
}

#[test]
fn input_without_any_object_is_a_failed_command() {
    let folder = Folder::with(&[("empty.yaml", b""), ("comment.yaml", b"# nothing\n---\n")]);
    fails(&map(&folder, &["."]), "error: no Kubernetes object was read from `.`");
}

#[test]
fn a_binary_file_alone_is_a_failed_command() {
    let folder = Folder::with(&[("a.yaml", b"\x7fELF\x02\x01\x01\0\0\0\xff\xfe\x80")]);
    let outcome = map(&folder, &["a.yaml"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{outcome:#?}");
}

#[test]
fn endless_nesting_is_a_clear_error_and_no_crash() {
    for text in ["[".repeat(200_000), "{a: ".repeat(100_000), "- ".repeat(100_000)] {
        let folder = Folder::with(&[("deep.yaml", text.as_bytes()), ("deep.json", text.as_bytes())]);
        let outcome = map(&folder, &["."]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{}", outcome.stderr);
    }
}

#[test]
fn a_stream_of_zeroes_ends_at_once() {
    let folder = Folder::with(&[]);
    let outcome = run_with(&folder, &arguments(&["-"]), &[0; 100_000]);
    fails(&outcome, "error: standard input is no text");
    if cfg!(unix) {
        fails(&map(&folder, &["/dev/zero"]), "error: `/dev/zero` is no text");
    }
}

#[test]
fn folders_are_read_to_the_bottom_hidden_files_included() {
    let folder = Folder::with(&[
        ("k8s/a.yaml", &pod("a")),
        ("k8s/deep/er/b.yml", &pod("b")),
        ("k8s/c.json", &json_pod("c")),
        ("k8s/.hidden.yaml", &pod("hidden")),
        ("k8s/.git/d.yaml", &pod("git")),
        ("k8s/notes.txt", &pod("notes")),
    ]);
    assert_eq!(pods(&map(&folder, &["k8s"])), ["a", "b", "c", "hidden"]);
}

#[test]
fn globs_match_within_one_folder_or_below() {
    let folder = Folder::with(&[
        ("k8s/a.yaml", &pod("a")),
        ("k8s/deep/b.yaml", &pod("b")),
        ("k8s/notes.txt", &pod("notes")),
        ("c.yaml", &pod("c")),
    ]);
    assert_eq!(pods(&map(&folder, &["k8s/*.yaml"])), ["a"]);
    assert_eq!(pods(&map(&folder, &["k8s/**/*.yaml"])), ["a", "b"]);
    assert_eq!(pods(&map(&folder, &["k8s/*"])), ["a", "b"]);
    assert_eq!(pods(&map(&folder, &["k*"])), ["a", "b"]);
    assert_eq!(pods(&map(&folder, &["*.yaml"])), ["c"]);
    assert_eq!(pods(&map(&folder, &["k8s/{a,x}.yaml", "c.yaml"])), ["a", "c"]);
    assert_eq!(pods(&map(&folder, &["k8s/*.txt"])), ["notes"]);
}

#[test]
fn a_file_is_read_once_however_often_it_is_named() {
    let folder = Folder::with(&[("a/b.yaml", &pod("b")), ("a/c.yaml", &pod("c"))]);
    let once = map(&folder, &["a"]);
    assert_eq!(pods(&once), ["b", "c"]);
    assert_eq!(map(&folder, &["a", "a/b.yaml"]), once);
    assert_eq!(map(&folder, &["a/c.yaml", "a/b.yaml", "a/*.yaml"]), once);
}

#[test]
fn standard_input_adds_up_with_files() {
    let folder = Folder::with(&[("a.yaml", &pod("a"))]);
    let outcome = run_with(&folder, &arguments(&["-", "a.yaml"]), &pod("b"));
    assert_eq!(pods(&outcome), ["a", "b"]);
}

#[test]
fn the_order_of_the_arguments_never_shows() {
    let folder =
        Folder::with(&[("a.yaml", ISOLATED.as_bytes()), ("b.yaml", ODD.as_bytes()), ("c.yaml", &pod("c"))]);
    let one = map(&folder, &["a.yaml", "b.yaml", "c.yaml"]);
    assert_eq!(one.code, 3);
    assert_eq!(map(&folder, &["c.yaml", "a.yaml", "b.yaml"]), one);
}

#[test]
fn the_digest_is_that_of_the_contents() {
    let digest = |files: &[(&str, &[u8])]| map(&Folder::with(files), &["."]).json()["inputDigest"].clone();
    let (a, b) = (pod("a"), pod("b"));
    assert_eq!(digest(&[("x.yaml", &a), ("y.yaml", &b)]), digest(&[("p.yaml", &b), ("q.yaml", &a)]));
    assert_ne!(digest(&[("x.yaml", &a)]), digest(&[("x.yaml", &b)]));
}

#[test]
fn a_broken_file_among_others_leaves_the_map_in_doubt() {
    let folder = Folder::with(&[("a.yaml", &pod("a")), ("broken.yaml", b"a: [1, 2\nb: }\n")]);
    let outcome = map(&folder, &["."]);
    assert_eq!(outcome.code, 3, "{outcome:#?}");
    let document = outcome.valid_json(MAP);
    assert_eq!(workloads(&document), ["a"]);
    let evidence = &document["diagnostics"][0]["evidence"];
    assert_eq!(evidence["file"], json!("./broken.yaml"), "{document:#}");
    assert_eq!(document["blindSpots"].as_array().unwrap().len(), 1);
}

#[test]
fn in_text_the_doubt_is_talk_and_the_map_is_data() {
    let folder = Folder::with(&[("a.yaml", &pod("a")), ("broken.yaml", b"a: [1, 2\nb: }\n")]);
    let outcome = run(&folder, &["map", "-f", "."]);
    assert_eq!(outcome.code, 3);
    assert_eq!(
        outcome.stdout,
        "staging/Pod/a\n  → staging/Pod/a   every port\n  → outside (all)   every port\n\n\
         outside (all)\n  → staging/Pod/a   every port\n",
    );
    let headlines: Vec<&str> = outcome
        .stderr
        .lines()
        .filter(|line| line.starts_with("error[") || line.starts_with("warning: "))
        .collect();
    assert_eq!(headlines.len(), 2, "{outcome:#?}");
}

/// A Role whose meaning is not clear, and what it does to forms of an answer that is about the network: a diagnostic, and
/// no blind spot.
#[test]
fn an_unclear_role_is_told_and_leaves_the_network_as_it_is() {
    let role = b"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n\
                 metadata: {name: r, namespace: staging}\nrules: none\n";
    let folder = Folder::with(&[("a.yaml", ISOLATED.as_bytes()), ("role.yaml", role)]);
    let plain = Folder::with(&[("a.yaml", ISOLATED.as_bytes())]);
    let answers = [
        &["prove", "--from", "staging", "--to", "production", "-f", ".", "-o", "json"][..],
        &["map", "-f", ".", "-o", "json"],
        &["map", "-f", ".", "-o", "classes"],
    ];
    for arguments in answers {
        let (with, without) = (run(&folder, arguments), run(&plain, arguments));
        assert_eq!((with.code, without.code), (0, 0), "{with:#?}");
        let (mut with, mut without) = (with.json(), without.json());
        let told = with["diagnostics"].take();
        assert_eq!(told.as_array().map(Vec::len), Some(1), "{told:#}");
        assert_eq!(told[0]["rule"], json!("wrong-type"));
        for document in [&mut with, &mut without] {
            for field in ["diagnostics", "inputDigest"] {
                document.as_object_mut().unwrap().remove(field);
            }
        }
        assert_eq!(with, without);
    }
    for form in ["text", "markdown", "svg", "dot"] {
        let arguments = ["map", "-f", ".", "-o", form];
        assert_eq!(run(&folder, &arguments).stdout, run(&plain, &arguments).stdout, "{form}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_those_that_lead_back_end() {
    use std::os::unix::fs::symlink;
    let folder = Folder::with(&[("k8s/a.yaml", &pod("a")), ("other/b.yaml", &pod("b"))]);
    symlink("..", folder.path().join("k8s/loop")).unwrap();
    symlink("loop-b", folder.path().join("k8s/loop-a")).unwrap();
    symlink("loop-a", folder.path().join("k8s/loop-b")).unwrap();
    assert_eq!(pods(&map(&folder, &["k8s"])), ["a", "b"]);
}

#[cfg(unix)]
#[test]
fn a_device_that_is_called_like_a_manifest_is_never_passed_over() {
    let folder = Folder::with(&[("k8s/a.yaml", &pod("a"))]);
    std::os::unix::fs::symlink("/dev/null", folder.path().join("k8s/b.yaml")).unwrap();
    fails(&map(&folder, &["k8s"]), "error: `k8s/b.yaml` is no regular file");
}

/// Other files in a folder of manifests, with what is said of them in one line.
const UNREAD: [(&str, &[u8]); 8] = [
    ("k8s/a.ndjson", b"{}"),
    ("k8s/b.jsonl", b"{}"),
    ("k8s/c.cue", b"x"),
    ("k8s/deep/d.libsonnet", b"x"),
    ("k8s/_helpers.tpl", b"x"),
    ("k8s/deploy", b"apiVersion: v1\nkind: ConfigMap\n"),
    ("k8s/LICENSE", b"kind: of\n"),
    ("k8s/run.sh", b"x"),
];

#[test]
fn what_is_not_read_of_a_folder_is_said_in_one_line() {
    let mut files: Vec<(&str, &[u8])> = vec![("k8s/a.yaml", ISOLATED.as_bytes())];
    let arguments = ["prove", "-f", "k8s", "--from", "staging", "--to", "production"];
    let ordinary = [("k8s/README.md", b"x".as_slice()), ("k8s/run.sh", b"x"), ("k8s/Makefile", b"all:\n")];
    let quiet = run(&Folder::with(&[files.clone(), ordinary.to_vec()].concat()), &arguments);
    assert!(!quiet.stderr.contains("not read"), "{}", quiet.stderr);
    files.extend(UNREAD);
    let folder = Folder::with(&files);
    let told = run(&folder, &arguments);
    let words = told.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = "info[unread-files]: 6 files in folders are not read, and may hold or make manifests: 1 `.cue`, 1 `.jsonl`, 1 `.libsonnet`, 1 `.ndjson`, 1 `.tpl`, 1 without an ending";
    assert!(words.contains(line), "{}", told.stderr);
    assert_eq!(told.code, quiet.code);
    let json: Value =
        serde_json::from_str(&run(&folder, &[&arguments[..], &["-o", "json"]].concat()).stdout).unwrap();
    let of_rule: Vec<&Value> =
        json["diagnostics"].as_array().unwrap().iter().filter(|it| it["rule"] == "unread-files").collect();
    assert_eq!((of_rule.len(), &of_rule[0]["severity"]), (1, &json!("info")));
    // Who names one by itself has it read.
    let named = run(&folder, &[&arguments[..], &["-f", "k8s/deploy"]].concat());
    assert!(named.stderr.contains("5 files in folders are not read"), "{}", named.stderr);
}

#[test]
fn a_template_of_a_manifest_is_not_as_if_it_were_not_there() {
    let arguments = ["prove", "-f", "k8s", "--from", "staging", "--to", "production"];
    let isolated = run(&Folder::with(&[("k8s/a.yaml", ISOLATED.as_bytes())]), &arguments);
    assert_eq!(isolated.code, 0, "{}", isolated.stdout);
    for (name, contents, rule) in [
        (
            "k8s/b.yaml.j2",
            b"kind: {% if x %}Role{% endif %}\npassword: marked-7f3c9a\n".as_slice(),
            "helm-template",
        ),
        (
            "k8s/deep/b.yml.tmpl",
            b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: $NAME}\n",
            "helm-template",
        ),
        ("k8s/b.json.tpl", b"{}", "helm-template"),
        ("k8s/b.yaml.gz", b"\x1f\x8b\x08\0\0", "not-text"),
    ] {
        let folder = Folder::with(&[("k8s/a.yaml", ISOLATED.as_bytes()), (name, contents)]);
        let outcome = run(&folder, &arguments);
        assert_eq!(outcome.code, 3, "{name}: {}", outcome.stdout);
        let all = run(&folder, &[&arguments[..], &["-o", "json"]].concat());
        assert!(all.stdout.contains(&format!("\"id\": \"{rule}")), "{name}: {}", all.stdout);
        assert!(!format!("{}{}{}", outcome.stdout, outcome.stderr, all.stdout).contains("marked-7f3c9a"));
        let init = run(&folder, &["init", "-f", "k8s"]);
        assert_eq!(init.code, 0, "{}", init.stderr);
        assert!(init.stderr.contains("unread-files"), "{name}: {}", init.stderr);
    }
}
