//! Manifests of public projects: their map must hold just the connections that `EXPECTED.md` beside them lists.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the manifests are files, and a test fails without them"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{Peer, Relation, Snapshot};
use watertight_network::{Profile, connectivity};

/// From and to, as `EXPECTED.md` writes them, and what passes.
type Edges = BTreeMap<(String, String), String>;

fn project(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/corpus").join(name)
}

/// The manifests of a folder and of all below it.
fn manifests(folder: &Path, sources: &mut Vec<Source>) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            manifests(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            let bytes = std::fs::read(&path).unwrap();
            sources.push(Source { name: path.display().to_string(), bytes });
        }
    }
}

/// The snapshot of a project, of which everything must be understood.
fn snapshot(name: &str) -> Snapshot {
    let mut sources = Vec::new();
    manifests(&project(name), &mut sources);
    let ingested = read(&sources, &Options { default_namespace: "default".to_owned(), values: false });
    assert_eq!(ingested.diagnostics, [], "{name}");
    assert_eq!(ingested.snapshot.blind_spots, [], "{name}");
    ingested.snapshot
}

fn expected(name: &str) -> Edges {
    let text = std::fs::read_to_string(project(name).join("EXPECTED.md")).unwrap();
    let lines = text.lines().skip_while(|line| *line != "```edges").skip(1).take_while(|line| *line != "```");
    lines
        .map(|line| {
            let (edge, _reason) = line.split_once(" | ").unwrap();
            let (ends, allow) = edge.split_once(" : ").unwrap();
            let (from, to) = ends.split_once(" -> ").unwrap();
            ((from.to_owned(), to.to_owned()), allow.to_owned())
        })
        .collect()
}

fn observed(snapshot: &Snapshot) -> Edges {
    let map = connectivity(snapshot, Profile::DECLARED, Relation::May);
    let written = |peer: &Peer| match peer {
        Peer::Workload { namespace, kind, name, labels: None } => format!("{namespace}/{kind}/{name}"),
        Peer::Cidrs(cidrs) => cidrs.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        other => format!("{other:?}"),
    };
    map.edges.iter().map(|edge| ((written(&edge.from), written(&edge.to)), edge.allow.to_string())).collect()
}

fn is_as_expected(name: &str) {
    let (expected, observed) = (expected(name), observed(&snapshot(name)));
    assert!(expected.len() > 10, "{name} lists too little");
    for (edge, allow) in &expected {
        assert_eq!(observed.get(edge), Some(allow), "{name}: {edge:?}");
    }
    for (edge, allow) in &observed {
        assert!(expected.contains_key(edge), "{name}: {edge:?} on {allow} is not expected");
    }
}

#[test]
fn online_boutique_connects_as_expected() {
    is_as_expected("online-boutique");
}

#[test]
fn kube_prometheus_connects_as_expected() {
    is_as_expected("kube-prometheus");
}

#[test]
fn argo_cd_connects_as_expected() {
    is_as_expected("argo-cd");
}

#[test]
fn what_must_work_is_a_part_of_what_may_pass() {
    for name in ["online-boutique", "kube-prometheus", "argo-cd"] {
        let snapshot = snapshot(name);
        for profile in Profile::ALL {
            let may = connectivity(&snapshot, profile, Relation::May);
            for edge in connectivity(&snapshot, profile, Relation::Must).edges {
                let wider = may.edges.iter().find(|other| (&other.from, &other.to) == (&edge.from, &edge.to));
                let within = wider.is_some_and(|wider| edge.allow.is_subset(&wider.allow));
                assert!(within, "{name} under {}: {edge:?}", profile.name);
            }
        }
    }
}
