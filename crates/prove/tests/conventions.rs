//! The conventions of a verdict, end to end: manifests in, verdict out.

#![expect(clippy::unwrap_used, reason = "a question without an answer is to be loud here")]

mod common;

use common::ingested;
use watertight_model::{Channel, Report, Verdict, When};
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
    Question::between("staging", "production")
}

fn ask(manifests: &[&str], question: &Question) -> Result<Report, QuestionError> {
    prove(&ingested(manifests).snapshot, question)
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
fn c5_a_harmless_kind_changes_nothing() {
    let config =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: production}\ndata: {a: b}\n";
    assert_eq!(verdict(&[FENCED, config]), Verdict::Isolated);
}

/// A policy in a namespace that could not be understood.
fn unclear_policy(namespace: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: odd, namespace: {namespace}}}\nspec: {{podSelector: {{}}, ingress: [{{from: [{{}}]}}]}}\n"
    )
}

#[test]
fn c5_c8_what_is_unclear_matters_on_the_two_sides_and_not_elsewhere() {
    assert_eq!(verdict(&[FENCED, &unclear_policy("production")]), Verdict::Unknown);
    assert_eq!(verdict(&[FENCED, &unclear_policy("staging")]), Verdict::Unknown);
    assert_eq!(verdict(&[FENCED, &unclear_policy("monitoring")]), Verdict::Isolated);
}

#[test]
fn c6_a_fence_that_the_server_would_refuse_is_no_proof_and_declared_takes_it_as_written() {
    let refused = FENCED.replace("default-deny", "default_deny");
    assert_eq!(verdict(&[&refused]), Verdict::Unknown);
    let declared = Question { profile: Profile::DECLARED, ..question() };
    assert_eq!(ask(&[&refused], &declared).unwrap().boundaries[0].verdict, Verdict::Isolated);
    // Beside a fence that stands, it is not needed.
    let beside = FENCED.replace("name: default-deny", "name: default_deny_2");
    let policy = beside.split("---").last().unwrap();
    assert_eq!(verdict(&[FENCED, policy]), Verdict::Isolated);
}

#[test]
fn c6_a_refused_policy_that_would_open_makes_the_answer_unknown() {
    let opens = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: let_in, namespace: production}\nspec: {podSelector: {}, ingress: [{}]}\n";
    assert_eq!(verdict(&[FENCED, opens]), Verdict::Unknown);
    assert_eq!(verdict(&[FENCED, &opens.replace("let_in", "let-in")]), Verdict::Breached);
}

#[test]
fn c9_a_namespace_without_an_object_may_carry_any_label() {
    let no_object = FENCED.replacen(
        "kind: Namespace\nmetadata: {name: staging,",
        "kind: Namespace\nmetadata: {name: other,",
        1,
    );
    let report = ask(&[&no_object], &question()).unwrap();
    // It may enforce no Pod Security, so that a pod on the host network could come.
    assert_eq!(report.boundaries[0].verdict, Verdict::Breached);
    assert_eq!(report.boundaries[0].channels[0].breaches[0].rule, "host-network-source");
    assert_eq!(report.boundaries[0].channels[0].breaches[0].when, When::Possible);
}

#[test]
fn c12_a_fence_that_only_the_hostile_side_owns_is_unknown() {
    let own = FENCED.replace(
        "namespace: production}\nspec: {podSelector: {}, policyTypes: [Ingress]}",
        "namespace: staging}\nspec: {podSelector: {}, policyTypes: [Egress]}",
    );
    let report = ask(&[&own], &question()).unwrap();
    assert_eq!(report.boundaries[0].verdict, Verdict::Unknown);
    let spots: Vec<&str> =
        report.boundaries[0].channels[0].blind_spots.iter().map(|spot| spot.rule).collect();
    assert_eq!(spots, ["fence-on-from-side"]);
}

fn admitting(block: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: block, namespace: production}}\nspec: {{podSelector: {{}}, ingress: [{{from: [{{ipBlock: {{cidr: \"{block}\"}}}}]}}]}}\n"
    )
}

#[test]
fn c13_a_block_holds_pods_where_it_meets_private_space_and_nobody_in_documentation() {
    for private in ["10.0.0.0/8", "172.20.0.0/16", "192.168.7.0/24", "100.64.0.0/10", "0.0.0.0/0", "fd00::/8"]
    {
        assert_eq!(verdict(&[FENCED, &admitting(private)]), Verdict::Breached, "{private}");
    }
    for public in ["8.8.8.0/24", "192.0.2.0/24", "203.0.113.7/32", "2001:db8::/32"] {
        assert_eq!(verdict(&[FENCED, &admitting(public)]), Verdict::Isolated, "{public}");
    }
    let assumes = |block: &str| {
        let report = ask(&[FENCED, &admitting(block)], &question()).unwrap();
        let mut assumptions = report.boundaries[0].channels[0].assumptions.iter();
        assumptions.any(|assumption| assumption.id == "no-public-pod-addresses")
    };
    assert!(assumes("8.8.8.0/24") && !assumes("192.0.2.0/24"));
}

#[test]
fn c13_where_pod_addresses_are_known_other_private_space_holds_none() {
    let known = FENCED.replace(
        "image: example.com/api}]}",
        "image: example.com/api}]}\nstatus: {phase: Running, podIP: 10.1.2.3}",
    );
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: n}\nstatus: {addresses: [{type: InternalIP, address: 10.9.0.1}]}\n";
    assert_eq!(verdict(&[&known, node, &admitting("10.200.0.0/16")]), Verdict::Breached);
    assert_eq!(verdict(&[&known, node, &admitting("192.168.0.0/16")]), Verdict::Isolated);
}

#[test]
fn c14_a_breach_outweighs_what_is_not_known_and_that_outweighs_isolation() {
    let broken = "apiVersion: v1\nkind: [\n";
    assert_eq!(verdict(&[FENCED, broken]), Verdict::Unknown);
    assert_eq!(verdict(&[FENCED, broken, &admitting("10.0.0.0/8")]), Verdict::Breached);
}

#[test]
fn an_environment_must_be_there_and_no_namespace_may_be_on_both_sides() {
    let from = |name: &str| Question { from: name.into(), ..question() };
    let missing = ask(&[FENCED], &from("qa")).unwrap_err();
    assert_eq!(
        missing.message,
        "the environment `qa` is empty: none of the input's namespaces is named or labelled `qa`"
    );
    assert_eq!(
        missing.help,
        "the input holds the namespaces production, staging; name them with `--env qa=NAME,GLOB` or `--env qa=LABEL=VALUE`"
    );
    let both = Question { environments: vec![("staging".into(), "*".into())], ..question() };
    let both = ask(&[FENCED], &both).unwrap_err();
    assert!(
        both.message.starts_with("the namespace `production` is in both environments"),
        "{}",
        both.message
    );
}

#[test]
fn similar_ways_are_one_and_all_shows_each() {
    let two = FENCED.replace(
        "{podSelector: {}, policyTypes: [Ingress]}",
        "{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}",
    );
    let more = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: production, labels: {app: web}}\nspec: {containers: [{name: c, image: example.com/web}]}\n";
    let grouped = ask(&[&two, more], &question()).unwrap();
    let [breach] = grouped.boundaries[0].channels[0].breaches.as_slice() else { panic!("one breach") };
    assert_eq!((breach.rule, breach.count, breach.reached.len()), ("open-rule", 2, 2));
    let each = ask(&[&two, more], &Question { all: true, ..question() }).unwrap();
    assert_eq!(each.boundaries[0].channels[0].breaches.len(), 2);
}

#[test]
fn c6_labels_of_a_namespace_that_the_server_would_refuse_are_no_proof() {
    let refused = FENCED.replacen("labels: {pod-security", "labels: {env: \"no value!\", pod-security", 1);
    assert_eq!(verdict(&[&refused]), Verdict::Unknown);
    let declared = Question { profile: Profile::DECLARED, ..question() };
    assert_eq!(ask(&[&refused], &declared).unwrap().boundaries[0].verdict, Verdict::Isolated);
}

#[test]
fn the_profile_that_reads_policies_alone_says_what_it_leaves_out() {
    let assumed = |profile: Profile| {
        let report = ask(&[FENCED], &Question { profile, ..question() }).unwrap();
        let mut assumptions = report.boundaries[0].channels[0].assumptions.iter();
        assumptions.any(|assumption| assumption.id == "policies-read-alone")
    };
    assert!(assumed(Profile::DECLARED) && !assumed(Profile::CONSERVATIVE));
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

#[test]
fn c10_a_service_account_under_its_user_name_is_of_its_namespace() {
    let granted = |subject: &str| {
        format!(
            "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: runner, namespace: production}}
rules: [{{apiGroups: [''], resources: [pods], verbs: [create]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: runner, namespace: production}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: runner}}
subjects: [{{kind: User, apiGroup: rbac.authorization.k8s.io, name: '{subject}'}}]
"
        )
    };
    let question = Question { channels: vec![Channel::Network, Channel::Api], ..question() };
    for (subject, expected) in [
        ("system:serviceaccount:staging:default", Verdict::Breached),
        ("system:serviceaccount:staging:to-come", Verdict::Breached),
        ("system:serviceaccount:production:default", Verdict::Isolated),
    ] {
        let report = ask(&[FENCED, &granted(subject)], &question).unwrap();
        assert_eq!(report.boundaries[0].verdict, expected, "{subject}");
    }
}
