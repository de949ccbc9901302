//! A compiled fleet: each cluster's folder is one cluster, and who belongs to whom is known.

use crate::common::{Folder, Outcome, VERDICT, run};

/// Two clusters; somebody of staging may look at production for a time, and production's own people are bound nowhere else.
const INTENT: &str = "apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  clusters: [{name: main}, {name: lab}]
  environments:
    - name: staging
      cluster: main
      namespaces: [shop-a]
      access: {teams: [{name: shop, groups: [developers], role: edit}]}
    - name: production
      cluster: main
      namespaces: [shop-b]
      access: {onCall: [{name: night, users: [jane], groups: [on-call]}]}
    - {name: preview, cluster: lab, namespaces: [shop-c]}
  boundaries:
    - from: staging
      to: production
      exceptions:
        - access: {group: developers, role: view}
          reason: a move
          owner: team-platform
          expires: 2999-12-31
";

fn compiled() -> Folder {
    let folder = Folder::with(&[("watertight.yaml", INTENT.as_bytes())]);
    let outcome = run(&folder, &["compile", "--output-dir", "out"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    folder
}

fn prove(folder: &Folder, from: &str, to: &str, more: &[&str]) -> Outcome {
    run(folder, &[&["prove", "-f", "out", "--from", from, "--to", to], more].concat())
}

#[test]
fn both_directions_are_isolated_and_everybody_is_on_their_own_side() {
    let folder = compiled();
    for (from, to) in [("staging", "production"), ("production", "staging")] {
        let report = prove(&folder, from, to, &["-o", "json"]).valid_json(VERDICT);
        assert_eq!(report["boundaries"][0]["verdict"], "isolated", "{report:#}");
        let side = |name: &str| {
            let mut environments = report["environments"].as_array().unwrap().iter();
            environments.find(|environment| environment["name"] == name).unwrap().to_string()
        };
        for (who, whose, not) in [("developers", "staging", "production"), ("jane", "production", "staging")]
        {
            assert!(side(whose).contains(who) && !side(not).contains(who), "{who} {report:#}");
        }
        assert!(!report.to_string().contains("shop-c"), "the other cluster was read");
    }
    // What an exception lets through is of lesser rank here.
    assert_eq!(prove(&folder, "staging", "production", &["--strict"]).code, 1);
}

#[test]
fn whose_somebody_is_can_be_said_otherwise() {
    let folder = compiled();
    let report = prove(
        &folder,
        "production",
        "staging",
        &["--principal", "production=group:developers", "-o", "json"],
    );
    assert_eq!(report.valid_json(VERDICT)["boundaries"][0]["verdict"], "breached");
}

/// Three environments; somebody of the third may change the first for a time.
const THIRD: &str = "apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  environments:
    - {name: staging}
    - {name: production, access: {onCall: [{name: night, groups: [on-call], role: edit}]}}
    - {name: lab}
  boundaries:
    - from: production
      to: lab
      exceptions:
        - access: {group: on-call, role: edit}
          reason: a move
          owner: team-platform
          expires: 2999-12-31
";

#[test]
fn whom_an_exception_lets_in_is_still_of_their_own_environment() {
    let folder = Folder::with(&[("watertight.yaml", THIRD.as_bytes())]);
    assert_eq!(run(&folder, &["compile", "--output-dir", "out"]).code, 0);
    // They act in both, and are on neither side here.
    for (from, to) in [("lab", "staging"), ("staging", "lab"), ("lab", "production")] {
        let outcome = prove(&folder, from, to, &["--certificate", "proof.json"]);
        assert_eq!(outcome.code, 0, "{from} {to} {outcome:?}");
        let checked = run(&folder, &["check-certificate", "proof.json", "-f", "out"]);
        assert_eq!(checked.code, 0, "{checked:?}");
    }
    assert_eq!(prove(&folder, "production", "lab", &[]).code, 1);
    let typed = prove(&folder, "lab", "staging", &["--principal", "stagin=group:on-call"]);
    assert!(typed.code == 2 && typed.stderr.contains("did you mean `staging`?"), "{typed:?}");
}

#[test]
fn a_certificate_is_checked_on_the_same_cluster() {
    let folder = compiled();
    let proved = prove(&folder, "production", "staging", &["--certificate", "proof.json"]);
    assert_eq!(proved.code, 0, "{proved:?}");
    let checked = run(&folder, &["check-certificate", "proof.json", "-f", "out"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    folder.write("out/lab/more.yaml", b"kind: Namespace");
    assert_eq!(run(&folder, &["check-certificate", "proof.json", "-f", "out"]).code, 0);
    folder.write("out/main/more.yaml", b"apiVersion: v1\nkind: Namespace\nmetadata: {name: x}");
    assert_eq!(run(&folder, &["check-certificate", "proof.json", "-f", "out"]).code, 1);
}

#[test]
fn between_clusters_the_wall_of_one_side_has_to_hold_alone() {
    let folder = compiled();
    for (from, to) in [("preview", "production"), ("staging", "preview"), ("preview", "staging")] {
        let outcome = prove(&folder, from, to, &["-o", "json"]);
        let report = outcome.valid_json(VERDICT);
        assert_eq!(report["boundaries"][0]["verdict"], "isolated", "{report:#}");
        assert!(outcome.stderr.contains("is in another cluster"), "{outcome:?}");
    }
    let certified = prove(&folder, "preview", "production", &["--certificate", "proof.json"]);
    assert_eq!(certified.code, 0, "{certified:?}");
    assert_eq!(run(&folder, &["check-certificate", "proof.json", "-f", "out"]).code, 0);
    // What lets addresses in lets those of another cluster in.
    let block = "apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: office, namespace: shop-b}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]
";
    folder.write("out/main/production/office.yaml", block.as_bytes());
    assert_eq!(prove(&folder, "preview", "production", &[]).code, 1);
    assert_eq!(prove(&folder, "preview", "production", &["--profile", "cilium"]).code, 2);
    assert_eq!(prove(&folder, "staging", "preview", &[]).code, 0);
}

#[test]
fn what_is_about_one_cluster_asks_for_one() {
    let folder = compiled();
    let outcome = prove(&folder, "prevew", "production", &[]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{outcome:?}");
    assert_eq!(run(&folder, &["map", "-f", "out"]).code, 2);
    assert_eq!(run(&folder, &["map", "-f", "out/main"]).code, 0);
}
