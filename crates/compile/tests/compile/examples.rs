//! What the examples compile to.

use crate::support::{FULL, MINIMAL, compiled};
use std::collections::BTreeSet;
use watertight_compile::File;

fn together(files: &[File]) -> String {
    files.iter().map(|file| format!("=== {}\n{}", file.path, file.text)).collect()
}

#[test]
fn five_lines_become_walls() {
    insta::assert_snapshot!(together(&compiled(MINIMAL).files));
}

#[test]
fn the_full_example_becomes_walls_on_two_clusters() {
    insta::assert_snapshot!(together(&compiled(FULL).files));
}

#[test]
fn what_is_compiled_is_the_same_each_time() {
    assert_eq!(compiled(FULL), compiled(FULL));
}

#[test]
fn every_kustomization_lists_what_is_beside_it() {
    for text in [MINIMAL, FULL] {
        let files = compiled(text).files;
        let of_clusters =
            |file: &&File| file.path.contains('/') && !file.path.ends_with("/kustomization.yaml");
        for file in files.iter().filter(of_clusters) {
            let (folder, name) = file.path.rsplit_once('/').unwrap();
            let lists = |folder: &str, name: &str| {
                let path = format!("{folder}/kustomization.yaml");
                let kustomization = files.iter().find(|file| file.path == path).unwrap();
                kustomization.text.contains(&format!("  - {name}\n"))
            };
            assert!(lists(folder, name), "{}", file.path);
            let (above, below) = folder.rsplit_once('/').unwrap();
            assert!(lists(above, below), "{}", file.path);
        }
    }
}

#[test]
fn names_are_resolved_where_the_provider_does_it() {
    let of = |cluster: &str| {
        let clusters = format!("spec:\n  clusters: [{cluster}]\n");
        let files = compiled(&MINIMAL.replace("spec:\n", &clusters)).files;
        let policies =
            files.into_iter().find(|file| file.path.ends_with("staging/networkpolicies.yaml")).unwrap();
        let (_, dns) = policies.text.split_once("name: allow-dns\n").unwrap();
        dns.to_owned()
    };
    let openshift = of("{name: main, provider: openshift}");
    assert!(openshift.contains("openshift-dns") && openshift.contains("port: 5353"), "{openshift}");
    let kube = of("{name: main, provider: gke}");
    assert!(kube.contains("k8s-app: kube-dns") && kube.contains("port: 53\n"), "{kube}");
    let own = of("{name: main, provider: openshift, dns: {namespace: names, podLabel: app=unbound}}");
    assert!(own.contains("app: unbound") && own.contains("port: 53\n"), "{own}");
}

/// One field moves an environment into a cluster of its own. What is shared no more goes, on both sides; the fences stay.
#[test]
fn one_field_moves_staging_into_a_cluster_of_its_own() {
    let without_exceptions = FULL.split_once("\n  boundaries:\n").unwrap().0;
    let moved = without_exceptions.replacen("isolation: namespace", "isolation: cluster", 1);
    assert_ne!(moved, without_exceptions);
    let [before, after] = [without_exceptions, &moved].map(|text| objects(&compiled(text).files));
    let gone: Vec<&String> = before.difference(&after).collect();
    let new: Vec<&String> = after.difference(&before).collect();
    insta::assert_debug_snapshot!((gone, new));
}

/// The objects of all clusters, by environment, kind and name.
fn objects(files: &[File]) -> BTreeSet<String> {
    let of_clusters = files.iter().filter(|file| file.path.split('/').count() == 3);
    let documents = of_clusters.flat_map(|file| {
        let folder = file.path.split('/').rev().nth(1).unwrap();
        file.text.split("\n---\n").map(move |document| (folder, document))
    });
    let line = |document: &str, start: &str| {
        let line = document.lines().find_map(|line| line.strip_prefix(start));
        line.unwrap_or_default().to_owned()
    };
    documents
        .map(|(folder, document)| {
            let [kind, name, namespace] =
                ["kind: ", "  name: ", "  namespace: "].map(|start| line(document, start));
            format!("{folder}: {kind} {namespace}/{name}")
        })
        .collect()
}

#[test]
fn a_cluster_of_its_own_shares_nothing() {
    let moved = MINIMAL.replace("{name: staging}", "{name: staging, isolation: cluster}");
    let paths = |text: &str| compiled(text).files.into_iter().map(|file| file.path).collect::<Vec<_>>();
    let of_staging = |path: &&String| path.starts_with("staging/staging/");
    let moved = paths(&moved);
    assert!(moved.iter().any(|path| path == "staging/staging/networkpolicies.yaml"), "{moved:?}");
    assert!(!moved.iter().filter(of_staging).any(|path| path.ends_with("priorityclasses.yaml")), "{moved:?}");
    assert!(paths(MINIMAL).iter().any(|path| path == "default/staging/priorityclasses.yaml"));
}
