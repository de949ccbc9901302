//! Real stacks, installed twice in one cluster.

use crate::compare::ask;
use crate::install::Stack;
use std::path::{Path, PathBuf};
use watertight_base::Source;
use watertight_ingest::{Options, read};

/// Some of those that `crates/prove/tests/two_environments` has.
const STACKS: [Stack; 9] = [
    Stack { name: "online-boutique", folders: &["online-boutique"], home: "default", stays: &[] },
    Stack { name: "argo-cd", folders: &["argo-cd", "two-environments/argo-cd"], home: "argocd", stays: &[] },
    Stack {
        name: "argo-cd-namespaced",
        folders: &["argo-cd", "two-environments/argo-cd/base"],
        home: "argocd",
        stays: &[],
    },
    Stack {
        name: "kube-prometheus",
        folders: &["kube-prometheus", "two-environments/kube-prometheus"],
        home: "monitoring",
        stays: &[],
    },
    Stack {
        name: "metrics-server",
        folders: &["two-environments/kubernetes/metrics-server"],
        home: "kube-system",
        stays: &[],
    },
    Stack {
        name: "snapshot-controller",
        folders: &["two-environments/kubernetes/snapshot-controller"],
        home: "kube-system",
        stays: &[],
    },
    Stack {
        name: "cockroachdb",
        folders: &["two-environments/kubernetes/cockroachdb"],
        home: "default",
        stays: &[],
    },
    Stack {
        name: "ingress-controller",
        folders: &["two-environments/kubernetes/ingress-controller"],
        home: "kube-system",
        stays: &[],
    },
    Stack {
        name: "pod-security-webhook",
        folders: &["two-environments/pod-security-admission"],
        home: "pod-security-webhook",
        stays: &[],
    },
];

fn manifests(folder: &Path, sources: &mut Vec<Source>) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            manifests(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            sources.push(Source { name: path.display().to_string(), bytes: std::fs::read(&path).unwrap() });
        }
    }
}

#[test]
fn of_real_stacks_both_say_the_same() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus");
    for stack in STACKS {
        let mut sources = Vec::new();
        for folder in stack.folders {
            manifests(&corpus.join(folder), &mut sources);
        }
        let options = Options { values: true, ..Options::default() };
        let snapshot = read(&stack.installed(&sources), &options).snapshot;
        ask(&snapshot).unwrap().agree(stack.name);
    }
}
