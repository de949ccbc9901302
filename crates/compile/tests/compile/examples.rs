//! What the examples compile to.

use crate::support::{FULL, MINIMAL, compiled};
use std::collections::{BTreeMap, BTreeSet};
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

/// Kinds that stand for the whole cluster, and are there because others are in it.
const BECAUSE_OF_OTHERS: [&str; 3] =
    ["clusternetworkpolicies.yaml", "flowschemas.yaml", "prioritylevelconfigurations.yaml"];

/// The files of an environment, by their names.
fn of_environment(text: &str, folder: &str) -> BTreeMap<String, String> {
    let files = compiled(text).files.into_iter();
    files.filter_map(|file| Some((file.path.strip_prefix(folder)?.to_owned(), file.text))).collect()
}

#[test]
fn a_cluster_of_its_own_shares_nothing() {
    let shared = format!("{MINIMAL}  clusters: [{{name: default, clusterNetworkPolicy: true}}]\n");
    let moved = shared.replace("{name: staging}", "{name: staging, isolation: cluster}");
    // The other one is alone then, too.
    for (before, after) in
        [("default/staging/", "staging/staging/"), ("default/production/", "default/production/")]
    {
        let (shared, moved) = (of_environment(&shared, before), of_environment(&moved, after));
        for kind in BECAUSE_OF_OTHERS {
            assert!(shared.contains_key(kind) && !moved.contains_key(kind), "{kind}");
        }
        for kind in ["namespaces.yaml", "networkpolicies.yaml"] {
            assert_eq!(shared[kind], moved[kind], "{kind}");
        }
    }
    let of_staging = of_environment(&moved, "staging/staging/");
    assert!(
        of_staging.contains_key("resourcequotas.yaml") && !of_staging.contains_key("priorityclasses.yaml")
    );
}

/// The kind has room for 25 rules in a direction, 25 peers and ports in a rule, and 25 networks in a peer.
#[test]
fn the_second_fence_has_room_for_many_doors() {
    let name = |number: u32| format!("preview-{number}");
    let environments: String = (0..20).map(|number| format!("    - name: {}\n", name(number))).collect();
    let ports = |numbers: std::ops::Range<u32>, of: &str| {
        let port = |number: u32| of.replace("NUMBER", &number.to_string());
        numbers.map(port).collect::<Vec<_>>().join(", ")
    };
    let listed = ports(9000..9030, "{name: p-NUMBER, containerPort: NUMBER}");
    let opened = ports(9000..9030, "NUMBER");
    let boundary = |number: u32| {
        format!(
            "    - from: {}
      to: production
      exceptions:
        - connection: {{to: web, ports: [{opened}]}}
          reason: a test
          owner: tests@example.com
          expires: 2027-01-01
",
            name(number)
        )
    };
    let egress: String = (0..700)
        .map(|number| {
            format!("        - {{cidr: 203.{}.{}.0/24, ports: [443]}}\n", number / 250, number % 250)
        })
        .collect();
    let policy = |exceptions: u32| {
        let boundaries: String = (0..exceptions).map(boundary).collect();
        let text = format!(
            "apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {{name: shop}}
spec:
  clusters: [{{name: main, clusterNetworkPolicy: true}}]
  environments:
    - name: production
      egress:
{egress}{environments}  boundaries:
{boundaries}  applications:
    - name: web
      image: registry.example.com/web@sha256:8d9001d32c6a703d95921a77115050f33dd823d3f1730bd35215dcbecad6dc20
      ports: [{listed}]
"
        );
        let files = compiled(&text);
        assert!(files.diagnostics.iter().all(|found| found.rule == "exception"), "{:#?}", files.diagnostics);
        of_environment(&text, "main/production/").remove("clusternetworkpolicies.yaml").unwrap()
    };
    for exceptions in [1, 15, 16, 20] {
        let policy = policy(exceptions);
        let (ingress, egress) = policy.split_once("  egress:\n").unwrap();
        for direction in [ingress, egress] {
            let rules = direction.matches("      action: ").count();
            assert!((2..=25).contains(&rules), "{rules} for {exceptions}");
        }
        // More ports than a rule holds are left to the first fence, and so are more sides than a direction has rules.
        assert!(!ingress.contains("protocols"), "{ingress}");
        assert_eq!(egress.matches("- networks:").count(), 700_usize.div_ceil(25) + 1);
        assert_eq!(egress.matches("name: pass-outside").count(), 2);
        for number in 0..exceptions {
            assert!(ingress.contains(&format!("- {}\n", name(number))), "{ingress}");
        }
    }
}
