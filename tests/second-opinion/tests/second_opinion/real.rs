//! Manifests that people deploy: the examples and the corpus.

use crate::analyser::Analyser;
use crate::{compare, ours};
use std::fs;
use std::path::{Path, PathBuf};

/// The folders, from the root of the repository; each is one cluster.
const FOLDERS: [&str; 5] = [
    "examples/shop-leaky",
    "examples/shop-watertight",
    "tests/corpus/argo-cd",
    "tests/corpus/kube-prometheus",
    "tests/corpus/online-boutique",
];

#[test]
fn both_programs_say_the_same_of_real_manifests() {
    let Some(analyser) = Analyser::installed() else { return };
    let yamls: Vec<String> = FOLDERS.iter().map(|folder| n4_types_in_order(&cluster(folder))).collect();
    for ((folder, yaml), theirs) in FOLDERS.iter().zip(&yamls).zip(analyser.analyse("real", &yamls)) {
        let theirs = theirs.unwrap_or_else(|why| panic!("{folder}: it refuses the input: {why}"));
        assert!(compare::says_yes_and_no(&theirs), "{folder}: everything passes, or nothing does");
        let disagreements = compare::disagreements(&ours::answer(&ours::read(yaml)), &theirs);
        assert!(disagreements.is_empty(), "{folder}:\n{}", disagreements.join("\n"));
    }
}

/// Kinds of which the other program makes something else: it adds a pod for whatever serves an Ingress, and does not read
/// the administrator's policies.
const NOT_COMPARED: [&str; 2] = ["kind: Ingress\n", "kind: ClusterNetworkPolicy\n"];

/// Every manifest of a folder that is compared, in one stream.
fn cluster(folder: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    collect(&root.join(folder), &mut files);
    files.sort();
    let texts: Vec<String> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let documents = texts.iter().flat_map(|text| text.split("\n---\n"));
    let compared = documents.filter(|document| !NOT_COMPARED.iter().any(|kind| document.contains(kind)));
    compared.map(|document| format!("---\n{document}\n")).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
}

/// N4: `policyTypes` are a set. The other program takes them in one order only.
fn n4_types_in_order(yaml: &str) -> String {
    let mut lines: Vec<&str> = yaml.lines().collect();
    for at in 1..lines.len() {
        if lines[at - 1].trim() == "- Egress" && lines[at].trim() == "- Ingress" {
            lines.swap(at - 1, at);
        }
    }
    lines.join("\n")
}
