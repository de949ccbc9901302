//! The conventions of a verdict, end to end: manifests in, verdict out.

#![expect(clippy::unwrap_used, reason = "a question without an answer is to be loud here")]

use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{Report, Verdict};
use watertight_network::Profile;
use watertight_prove::{Question, QuestionError, prove};

/// Two namespaces that keep pods off the host network, a pod in each, and a fence on production's side.
const FENCED: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: staging, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
apiVersion: v1
kind: Namespace
metadata: {name: production, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: staging, labels: {app: api}}
spec: {containers: [{name: c, image: example.com/api}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: production, labels: {app: db}}
spec: {containers: [{name: c, image: example.com/db}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: production}
spec: {podSelector: {}, policyTypes: [Ingress]}
";

fn question() -> Question {
    Question {
        from: "staging".into(),
        to: "production".into(),
        environments: Vec::new(),
        profile: Profile::CONSERVATIVE,
        accepted: Vec::new(),
        all: false,
    }
}

fn ask(manifests: &[&str], question: &Question) -> Result<Report, QuestionError> {
    let source = |(index, text): (usize, &&str)| Source {
        name: format!("{index}.yaml"),
        bytes: text.as_bytes().into(),
    };
    let sources: Vec<Source> = manifests.iter().enumerate().map(source).collect();
    prove(&read(&sources, &Options { default_namespace: "default".into() }).snapshot, question)
}

#[track_caller]
fn verdict(manifests: &[&str]) -> Verdict {
    ask(manifests, &question()).map(|report| report.boundaries[0].verdict).unwrap()
}

#[test]
fn the_fenced_world_is_isolated() {
    assert_eq!(verdict(&[FENCED]), Verdict::Isolated);
}

#[test]
fn c2_the_other_direction_is_another_question() {
    let reverse = Question { from: "production".into(), to: "staging".into(), ..question() };
    let report = ask(&[FENCED], &reverse).unwrap();
    assert_eq!(report.boundaries[0].verdict, Verdict::Breached);
}

#[test]
fn c3_channels_that_are_not_examined_are_named_and_change_nothing() {
    let report = ask(&[FENCED], &question()).unwrap();
    let named: Vec<&str> = report.boundaries[0].not_examined.iter().map(|channel| channel.name()).collect();
    assert_eq!(named, ["api", "node", "identity", "data", "capacity", "deputy"]);
}

const OF_CILIUM: &str = "
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: shop, namespace: production}
spec: {}
";

#[test]
fn c5_a_kind_that_is_not_understood_makes_the_answer_unknown_until_it_is_accepted() {
    assert_eq!(verdict(&[FENCED, OF_CILIUM]), Verdict::Unknown);
    let accepted =
        Question { accepted: vec![("CiliumNetworkPolicy".into(), "it denies alone".into())], ..question() };
    let report = ask(&[FENCED, OF_CILIUM], &accepted).unwrap();
    assert_eq!(report.boundaries[0].verdict, Verdict::Isolated);
    let assumed: Vec<&str> =
        report.boundaries[0].channels[0].assumptions.iter().map(|of| of.id.as_str()).collect();
    assert!(assumed.contains(&"accepted-CiliumNetworkPolicy"), "{assumed:?}");
}

#[test]
fn n38_a_selector_that_means_a_shared_pod_on_the_host_network_rests_on_an_assumption() {
    let agent = "apiVersion: v1\nkind: Namespace\nmetadata: {name: monitoring}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: agent, namespace: monitoring, labels: {app: agent}}\nspec: {hostNetwork: true, containers: [{name: c, image: example.com/agent}]}\n";
    let admits = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: agent, namespace: production}\nspec: {podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]}]}\n";
    let assumed = |manifests: &[&str]| {
        let report = ask(manifests, &question()).unwrap();
        assert_eq!(report.boundaries[0].verdict, Verdict::Isolated);
        let mut assumptions = report.boundaries[0].channels[0].assumptions.iter();
        assumptions.any(|assumption| assumption.id == "node-addresses-are-nodes")
    };
    assert!(assumed(&[FENCED, agent, admits]));
    assert!(!assumed(&[FENCED, agent]));
}

#[test]
fn n5_rules_that_policy_types_leaves_out_open_on_one_plugin_and_mean_nothing_on_others() {
    let policy = |ingress: &str| {
        format!(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: out, namespace: production}}\nspec: {{podSelector: {{}}, policyTypes: [Egress], egress: [{{}}], ingress: {ingress}}}\n"
        )
    };
    assert_eq!(verdict(&[FENCED, &policy("[]")]), Verdict::Isolated);
    assert_eq!(verdict(&[FENCED, &policy("[{}]")]), Verdict::Breached);
    assert_eq!(
        verdict(&[FENCED, &policy("[{from: [{podSelector: {}}]}]")]),
        Verdict::Isolated,
        "it names its own"
    );
    for (profile, expected) in [
        (Profile::CILIUM, Verdict::Breached),
        (Profile::CALICO, Verdict::Isolated),
        (Profile::DECLARED, Verdict::Isolated),
    ] {
        let report = ask(&[FENCED, &policy("[{}]")], &Question { profile, ..question() }).unwrap();
        assert_eq!(report.boundaries[0].verdict, expected, "{}", profile.name);
    }
}
