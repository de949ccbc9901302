//! `--profile`: one plugin, one with settings, all of them, and the one that the input shows.

use crate::common::{Folder, HOLE, ISOLATED, Outcome, PROFILES, VERDICT, run};

/// An ipBlock that pods may be in: open on plugins that match pods by address, closed on Cilium by default.
const BLOCK: &str = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: partners, namespace: production}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]
";

const CILIUM: &str = "\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: cilium, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: cilium}}
  template:
    metadata: {labels: {k8s-app: cilium}}
    spec: {hostNetwork: true, containers: [{name: agent, image: 'quay.io/cilium/cilium:v1.20.2'}]}
";

fn prove(files: &[(&str, &str)], profile: &str, more: &[&str]) -> Outcome {
    let files: Vec<(&str, &[u8])> = files.iter().map(|&(path, text)| (path, text.as_bytes())).collect();
    let mut arguments = vec!["prove", "-f", ".", "--from", "staging", "--to", "production"];
    arguments.extend(["--profile", profile]);
    arguments.extend(more);
    run(&Folder::with(&files), &arguments)
}

#[test]
fn a_boundary_can_hold_on_one_plugin_and_not_on_another() {
    let files = [("a.yaml", ISOLATED), ("block.yaml", BLOCK)];
    for (profile, code) in [
        ("conservative", 1),
        ("calico", 1),
        ("cilium", 0),
        ("cilium,cidr-match=pods", 1),
        ("cilium,cidr-match=none", 0),
        ("none", 1),
    ] {
        let outcome = prove(&files, profile, &["-o", "json"]);
        assert_eq!(outcome.code, code, "{profile}: {}{}", outcome.stdout, outcome.stderr);
        let said = if profile == "cilium,cidr-match=none" { "cilium" } else { profile };
        assert_eq!(outcome.valid_json(VERDICT)["profile"], said);
    }
}

#[test]
fn all_says_on_which_plugins_it_holds_and_why_not_on_the_others() {
    let files = [("a.yaml", ISOLATED), ("block.yaml", BLOCK)];
    let outcome = prove(&files, "all", &[]);
    assert_eq!(outcome.code, 1, "{}{}", outcome.stdout, outcome.stderr);
    insta::assert_snapshot!(outcome.stdout);

    let outcome = prove(&files, "all", &["-o", "json"]);
    let document = outcome.valid_json(PROFILES);
    let verdicts = document["verdicts"].as_array().unwrap();
    let verdict = |profile: &str| {
        let one = verdicts.iter().find(|verdict| verdict["profile"] == profile).unwrap();
        one["boundaries"][0]["verdict"].as_str().unwrap()
    };
    assert_eq!((verdict("cilium"), verdict("calico")), ("isolated", "breached"));
    assert_eq!(prove(&[("a.yaml", ISOLATED)], "all", &[]).code, 0);
    assert_eq!(prove(&[("a.yaml", ISOLATED), ("hole.yaml", HOLE)], "all", &[]).code, 1);
}

#[test]
fn the_plugin_that_the_input_shows_is_said_and_asked_about() {
    let files = [("a.yaml", ISOLATED), ("block.yaml", BLOCK), ("cni.yaml", CILIUM)];
    let outcome = prove(&files, "conservative", &["-o", "json"]);
    assert_eq!(outcome.code, 1, "what is shown does not decide");
    let enforcer = outcome.valid_json(VERDICT)["enforcer"].clone();
    assert_eq!(
        (enforcer["profile"].as_str(), enforcer["verdict"].as_str()),
        (Some("cilium"), Some("isolated"))
    );
    assert_eq!(enforcer["object"]["name"], "cilium");
    let text = prove(&files, "conservative", &[]).stdout;
    assert!(text.lines().any(|line| line.starts_with("network plugin: Cilium")), "{text}");

    let outcome = prove(&[("a.yaml", ISOLATED)], "conservative", &["-o", "json"]);
    assert!(outcome.valid_json(VERDICT)["enforcer"].is_null());
}
