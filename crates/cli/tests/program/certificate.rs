//! Certificates, from the command that writes them to the command that checks them.

use crate::common::{CERTIFICATE, CHECK, Folder, HOLE, ISOLATED, ODD, Outcome, example, run, run_with};
use serde_json::Value;

const PROVE: [&str; 9] =
    ["prove", "-f", "k8s", "--from", "staging", "--to", "production", "--certificate", "proof.json"];
const CHECKED: [&str; 4] = ["check-certificate", "proof.json", "-f", "k8s"];

fn folder(files: &[(&str, &str)]) -> Folder {
    let files: Vec<(String, &[u8])> =
        files.iter().map(|(path, text)| (format!("k8s/{path}"), text.as_bytes())).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), *bytes)).collect();
    Folder::with(&files)
}

fn prove(folder: &Folder, more: &[&str]) -> Outcome {
    run(folder, &[&PROVE[..], more].concat())
}

#[expect(clippy::disallowed_methods, reason = "the test reads what the program wrote")]
fn certificate(folder: &Folder) -> Option<String> {
    std::fs::read_to_string(folder.path().join("proof.json")).ok()
}

#[test]
fn what_is_written_is_accepted_and_both_follow_their_schemas() {
    let folder = folder(&[("a.yaml", ISOLATED)]);
    let proved = prove(&folder, &[]);
    assert_eq!((proved.code, proved.stderr.as_str()), (0, ""));
    let written = Outcome { stdout: certificate(&folder).unwrap(), ..proved };
    let document = written.valid_json(CERTIFICATE);
    assert_eq!(document["from"]["namespaces"][0], "staging");
    let checked = run(&folder, &CHECKED);
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""));
    assert!(checked.stdout.starts_with("accepted  isolated on network: staging → production\n"));
    let answer = run(&folder, &[&CHECKED[..], &["-o", "json"]].concat()).valid_json(CHECK);
    assert_eq!(answer["accepted"], true);
    assert_eq!(answer["inputDigest"], document["inputDigest"]);
}

#[test]
fn a_certificate_of_the_example_covers_both_channels() {
    let folder = folder(&[]);
    let shop = example("shop-watertight").display().to_string();
    let sides = ["--from", "staging", "--to", "production", "--certificate", "proof.json"];
    let proved = run(&folder, &[&["prove", "-f", &shop], &sides[..]].concat());
    assert_eq!((proved.code, proved.stderr.as_str()), (0, ""));
    let document = Outcome { stdout: certificate(&folder).unwrap(), ..proved }.valid_json(CERTIFICATE);
    let channels = document["channels"].as_array().unwrap().iter();
    let names: Vec<&str> = channels.map(|channel| channel["channel"].as_str().unwrap()).collect();
    assert_eq!(names, ["network", "api"]);
    let checked = run(&folder, &["check-certificate", "proof.json", "-f", &shop]);
    assert_eq!((checked.code, checked.stderr.as_str()), (0, ""));
    assert!(checked.stdout.starts_with("accepted  isolated on network, api: staging → production\n"));
}

#[test]
fn the_verdict_is_the_same_with_a_certificate_and_without() {
    for form in ["text", "json", "markdown", "sarif", "github", "junit", "html"] {
        let folder = folder(&[("a.yaml", ISOLATED)]);
        let with = prove(&folder, &["-o", form]);
        let without = run(&folder, &[&PROVE[..7], &["-o", form]].concat());
        assert_eq!(with, without, "{form}");
    }
}

#[test]
fn only_what_is_isolated_has_a_certificate() {
    for (more, code, verdict) in [(HOLE, 1, "breached"), (ODD, 3, "unknown")] {
        let folder = folder(&[("a.yaml", ISOLATED), ("b.yaml", more)]);
        let proved = prove(&folder, &[]);
        assert_eq!(proved.code, code);
        let said = format!("note: `proof.json` is not written: the verdict is {verdict}");
        assert!(proved.stderr.starts_with(&said), "{}", proved.stderr);
        assert_eq!(certificate(&folder), None);
    }
}

#[test]
fn a_certificate_of_another_input_is_rejected() {
    let folder = folder(&[("a.yaml", ISOLATED)]);
    prove(&folder, &[]);
    folder.write("k8s/b.yaml", HOLE.as_bytes());
    let checked = run(&folder, &CHECKED);
    assert_eq!((checked.code, checked.stderr.as_str()), (1, ""));
    assert!(checked.stdout.starts_with("rejected  inputDigest: "), "{}", checked.stdout);

    // Somebody binds it to the new digest.
    let answer = run(&folder, &[&CHECKED[..], &["-o", "json"]].concat()).valid_json(CHECK);
    let mut forged: Value = serde_json::from_str(&certificate(&folder).unwrap()).unwrap();
    forged["inputDigest"] = answer["inputDigest"].clone();
    folder.write("proof.json", forged.to_string().as_bytes());
    let checked = run(&folder, &CHECKED);
    assert_eq!(checked.code, 1);
    assert!(checked.stdout.starts_with("rejected  facts["), "{}", checked.stdout);
}

#[test]
fn options_of_the_proof_are_in_it() {
    let folder = folder(&[("a.yaml", &ISOLATED.replace(", namespace: staging", "")), ("b.yaml", ODD)]);
    let more = [
        "-n",
        "staging",
        "--accept",
        "Portal=it opens nothing",
        "--profile",
        "cilium,cidr-match=pods",
        "--env",
        "staging=stag*",
    ];
    let proved = prove(&folder, &more);
    assert_eq!((proved.code, proved.stderr.as_str()), (0, ""), "{}", proved.stdout);
    let written = Outcome { stdout: certificate(&folder).unwrap(), ..proved };
    let document = written.valid_json(CERTIFICATE);
    assert_eq!(document["defaultNamespace"], "staging");
    assert_eq!(document["profile"]["name"], "cilium,cidr-match=pods");
    assert_eq!(document["accepted"][0]["kind"], "Portal");
    assert_eq!(document["from"]["selectors"][0], "stag*");
    assert_eq!(run(&folder, &CHECKED).code, 0);
    // A kind that is accepted no more, or for another reason than the assumption says.
    for (place, value) in [("/accepted", Value::Array(Vec::new())), ("/accepted/0/reason", "why not".into())]
    {
        let mut changed = document.clone();
        *changed.pointer_mut(place).unwrap() = value;
        folder.write("proof.json", changed.to_string().as_bytes());
        assert_eq!(run(&folder, &CHECKED).code, 1, "{place}");
    }
}

#[test]
fn manifests_and_certificates_may_come_by_standard_input() {
    let folder = folder(&[("a.yaml", ISOLATED)]);
    prove(&folder, &[]);
    let text = certificate(&folder).unwrap();
    let by_pipe = run_with(&folder, &["check-certificate", "-", "-f", "k8s"], text.as_bytes());
    assert_eq!(by_pipe.code, 0, "{}", by_pipe.stderr);
    let manifests = run_with(&folder, &["check-certificate", "proof.json", "-f", "-"], ISOLATED.as_bytes());
    assert_eq!(manifests.code, 0, "{}", manifests.stderr);
    let both = run_with(&folder, &["check-certificate", "-", "-f", "-"], text.as_bytes());
    assert_eq!(both.code, 2);
}

#[test]
fn what_is_no_certificate_fails_the_command() {
    let folder = folder(&[("a.yaml", ISOLATED)]);
    for text in ["", "[]", "{\"schema\": \"watertight.dev/verdict/v1\"}", ISOLATED] {
        folder.write("proof.json", text.as_bytes());
        let checked = run(&folder, &CHECKED);
        assert_eq!((checked.code, checked.stdout.as_str()), (2, ""), "{text}");
        assert!(checked.stderr.starts_with("error: `proof.json` cannot be checked"), "{}", checked.stderr);
    }
    let missing = run(&folder, &["check-certificate", "nothing.json", "-f", "k8s"]);
    assert_eq!((missing.code, missing.stdout.as_str()), (2, ""));
    let all = prove(&folder, &["--profile", "all"]);
    assert_eq!((all.code, all.stdout.as_str()), (2, ""));
    let nowhere = [&PROVE[..8], &["missing/proof.json"]].concat();
    assert_eq!(run(&folder, &nowhere).code, 2);
}
