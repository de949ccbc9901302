//! The API channel, end to end: whose principals are hostile, what they come to, and what that opens on the network.

#![expect(clippy::unwrap_used, reason = "a question without an answer is to be loud here")]

mod common;

use common::ingested;
use watertight_model::{Channel, Fact, Principal, Report, Step, Verdict, When};
use watertight_network::Profile;
use watertight_prove::{GivenPrincipal, Question, prove};

const NAMESPACES: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: staging, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
apiVersion: v1
kind: Namespace
metadata: {name: monitoring, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
apiVersion: v1
kind: Namespace
metadata: {name: production, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
";

const PODS: &str = "
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
metadata: {name: monitoring, namespace: production}
spec:
  podSelector: {}
  ingress:
  - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]
---
";

/// A binding in a namespace, or everywhere, of a ClusterRole to a subject.
fn binding(namespace: Option<&str>, role: &str, subject: &str) -> String {
    let (kind, place) = match namespace {
        Some(namespace) => ("RoleBinding", format!(", namespace: {namespace}")),
        None => ("ClusterRoleBinding", String::new()),
    };
    format!(
        "
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: b{place}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {role}}}
subjects:
- {subject}
---
"
    )
}

const GROUP: &str = "{apiGroup: rbac.authorization.k8s.io, kind: Group, name: dev}";
const ACCOUNT: &str = "{kind: ServiceAccount, name: ci, namespace: staging}";

fn ask(manifests: &[&str], principals: &[GivenPrincipal]) -> Report {
    ask_of_broken(manifests, principals, &[])
}

/// What is answered of manifests with which this is wrong.
fn ask_of_broken(manifests: &[&str], principals: &[GivenPrincipal], wrong: &[&str]) -> Report {
    let question = Question { principals: principals.to_vec(), ..Question::between("staging", "production") };
    ask_whether(manifests, question, wrong)
}

fn ask_whether(manifests: &[&str], question: Question, wrong: &[&str]) -> Report {
    let ingested = ingested(manifests);
    assert_eq!(ingested.diagnostics.iter().map(|it| it.rule).collect::<Vec<_>>(), wrong);
    let question = Question { channels: vec![Channel::Network, Channel::Api], ..question };
    prove(&ingested.snapshot, &question).unwrap()
}

fn verdict(report: &Report, channel: Channel) -> Verdict {
    report.boundaries[0].channels.iter().find(|examined| examined.channel == channel).unwrap().verdict
}

/// The verdict on rights, where nothing is open for other reasons.
fn rights(bindings: &[String], principals: &[GivenPrincipal]) -> Verdict {
    let text = bindings.concat();
    verdict(&ask(&[NAMESPACES, &text], principals), Channel::Api)
}

#[test]
fn who_is_bound_on_one_side_belongs_to_it_and_who_is_bound_on_both_is_hostile() {
    let staging = || binding(Some("staging"), "view", GROUP);
    let production = || binding(Some("production"), "edit", GROUP);
    let monitoring = || binding(Some("monitoring"), "view", GROUP);
    for (bindings, expected) in [
        (vec![production()], Verdict::Isolated),
        (vec![production(), staging()], Verdict::Breached),
        // A namespace of neither side makes nobody hostile.
        (vec![production(), monitoring()], Verdict::Isolated),
        (vec![staging()], Verdict::Isolated),
        // What holds everywhere holds on both sides.
        (vec![binding(None, "edit", GROUP)], Verdict::Breached),
        // Administrators are on no side.
        (vec![binding(None, "cluster-admin", GROUP)], Verdict::Isolated),
    ] {
        assert_eq!(rights(&bindings, &[]), expected, "{}", bindings.concat());
    }
}

#[test]
fn who_is_said_to_be_of_a_side_is_of_that_side() {
    let both = || vec![binding(Some("production"), "edit", GROUP), binding(Some("staging"), "view", GROUP)];
    let said = |environment: &str| {
        [GivenPrincipal { environment: environment.into(), principal: Principal::group("dev") }]
    };
    assert_eq!(rights(&both(), &said("production")), Verdict::Isolated);
    assert_eq!(rights(&both(), &said("staging")), Verdict::Breached);
    let production = [binding(Some("production"), "edit", GROUP)];
    assert_eq!(rights(&production, &said("staging")), Verdict::Breached);
    assert_eq!(rights(&[binding(None, "edit", GROUP)], &said("production")), Verdict::Isolated);
}

#[test]
fn service_accounts_belong_where_their_namespace_does_whether_they_are_there_or_not() {
    assert_eq!(rights(&[binding(Some("production"), "edit", ACCOUNT)], &[]), Verdict::Breached);
    for (of, expected) in [("production", Verdict::Isolated), ("monitoring", Verdict::Isolated)] {
        let account = format!("{{kind: ServiceAccount, name: ci, namespace: {of}}}");
        assert_eq!(rights(&[binding(Some("production"), "edit", &account)], &[]), expected, "{of}");
    }
}

#[test]
fn everybody_is_in_the_groups_that_hold_everybody() {
    for (group, expected) in [
        ("system:authenticated", Verdict::Breached),
        ("system:unauthenticated", Verdict::Breached),
        ("system:serviceaccounts", Verdict::Breached),
        ("system:serviceaccounts:staging", Verdict::Breached),
        ("system:serviceaccounts:production", Verdict::Isolated),
        ("system:serviceaccounts:monitoring", Verdict::Isolated),
        ("system:masters", Verdict::Isolated),
    ] {
        let subject = format!("{{apiGroup: rbac.authorization.k8s.io, kind: Group, name: '{group}'}}");
        assert_eq!(rights(&[binding(Some("production"), "edit", &subject)], &[]), expected, "{group}");
    }
}

#[test]
fn a_namespace_of_neither_side_is_a_stepping_stone() {
    let operator = "{kind: ServiceAccount, name: operator, namespace: monitoring}";
    let operates = binding(None, "edit", operator).replace("{name: b}", "{name: operator}");
    // The operator alone is no attacker.
    assert_eq!(rights(std::slice::from_ref(&operates), &[]), Verdict::Isolated);
    let report = ask(&[NAMESPACES, &operates, &binding(Some("monitoring"), "edit", ACCOUNT)], &[]);
    assert_eq!(verdict(&report, Channel::Api), Verdict::Breached);
    let breach = &report.boundaries[0].channels[1].breaches[0];
    let acts_as: Vec<String> = breach
        .steps
        .iter()
        .filter_map(|step| match &step.fact {
            Fact::ActsAs { principal } => Some(principal.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(acts_as, ["ServiceAccount staging/ci", "ServiceAccount monitoring/operator"]);
}

/// Steps are numbered, and use what comes before them.
fn assert_in_order(steps: &[Step]) {
    for (index, step) in steps.iter().enumerate() {
        assert_eq!(step.id, index + 1);
        assert!(step.uses.iter().all(|&used| 0 < used && used < step.id), "{step:?}");
    }
}

#[test]
fn production_admits_a_namespace_in_which_staging_may_create_pods() {
    let alone = ask(&[NAMESPACES, PODS], &[]);
    assert_eq!(verdict(&alone, Channel::Network), Verdict::Isolated);
    let report = ask(&[NAMESPACES, PODS, &binding(Some("monitoring"), "edit", ACCOUNT)], &[]);
    let channel = &report.boundaries[0].channels[0];
    assert_eq!((channel.channel, channel.verdict), (Channel::Network, Verdict::Breached));
    let [breach] = channel.breaches.as_slice() else { panic!("{:?}", channel.breaches) };
    assert_eq!((breach.rule, breach.when), ("create-pods", When::Possible));
    assert_in_order(&breach.steps);
    let channels: Vec<Channel> = breach.steps.iter().map(|step| step.channel).collect();
    let first = channels.iter().position(|&channel| channel == Channel::Network).unwrap();
    assert!(first > 0 && channels[..first].iter().all(|&channel| channel == Channel::Api));
    assert!(matches!(breach.steps.last().unwrap().fact, Fact::Connects { .. }));
    // The pod is there by what comes before.
    assert_eq!(breach.steps[first].uses, [first]);
}

/// A ClusterRole bound to staging's pipeline everywhere.
fn cluster_role(rule: &str) -> String {
    let role = format!(
        "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: r}}
rules:
- {rule}
---
"
    );
    role + &binding(None, "r", ACCOUNT)
}

/// Production admits every namespace with a label.
fn by_label() -> String {
    PODS.replace("{kubernetes.io/metadata.name: monitoring}", "{tier: trusted}")
        .replace("podSelector: {}\n  ingress", "podSelector: {matchLabels: {app: db}}\n  ingress")
}

#[test]
fn a_label_that_staging_may_set_on_its_own_namespace_opens_what_production_trusts_it_with() {
    let own = "{apiGroups: [''], resources: [namespaces], resourceNames: [staging], verbs: [patch]}";
    let report = ask(&[NAMESPACES, &by_label()], &[]);
    let channels = &report.boundaries[0].channels;
    assert_eq!(channels[0].verdict, Verdict::Breached, "a future pod of production is open here");
    let fenced = by_label() + DENY;
    assert_eq!(verdict(&ask(&[NAMESPACES, &fenced], &[]), Channel::Network), Verdict::Isolated);
    let report = ask(&[NAMESPACES, &fenced, &cluster_role(own)], &[]);
    let channel = &report.boundaries[0].channels[0];
    assert_eq!(channel.verdict, Verdict::Breached);
    let [breach] = channel.breaches.as_slice() else { panic!("{:?}", channel.breaches) };
    assert_eq!(breach.rule, "relabel-namespaces");
    assert_in_order(&breach.steps);
    // The right is no breach by itself.
    assert_eq!(verdict(&report, Channel::Api), Verdict::Isolated);
    let other = own.replace("[staging]", "[elsewhere]");
    let report = ask(&[NAMESPACES, &fenced, &cluster_role(&other)], &[]);
    assert_eq!(verdict(&report, Channel::Network), Verdict::Isolated);
}

#[test]
fn a_label_that_staging_may_set_opens_under_every_profile_and_with_the_enforcer_that_is_shown() {
    let own = "{apiGroups: [''], resources: [namespaces], resourceNames: [staging], verbs: [patch]}";
    let agent = "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: cilium, namespace: kube-system}
spec:
  selector: {matchLabels: {k8s-app: cilium}}
  template:
    metadata: {labels: {k8s-app: cilium}}
    spec: {hostNetwork: true, containers: [{name: cilium-agent, image: 'quay.io/cilium/cilium:v1.17.0'}]}
---
";
    let manifests = [NAMESPACES, &by_label(), DENY, &cluster_role(own), agent];
    for profile in Profile::ALL.into_iter().filter(|profile| profile.enforces) {
        let question = Question { profile, ..Question::between("staging", "production") };
        let report = ask_whether(&manifests, question, &[]);
        assert_eq!(verdict(&report, Channel::Network), Verdict::Breached, "{}", profile.name);
        let shown = report.enforcer.map(|enforcer| (enforcer.profile, enforcer.verdict));
        let is_shown = profile == Profile::CONSERVATIVE;
        assert_eq!(shown, is_shown.then(|| ("cilium".to_owned(), Verdict::Breached)), "{}", profile.name);
    }
}

const DENY: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: production}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
";

/// A fence around staging that is its own.
const OWN_FENCE: &str = "
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny, namespace: staging}
spec: {podSelector: {}, policyTypes: [Egress]}
---
";

/// A pod on each side, without policies.
fn pods() -> String {
    PODS.split("---").take(2).collect::<Vec<_>>().join("---") + "---\n"
}

#[test]
fn a_fence_that_staging_may_take_down_is_none() {
    let unaided = ask(&[NAMESPACES, &pods(), OWN_FENCE], &[]);
    assert_eq!(verdict(&unaided, Channel::Network), Verdict::Unknown);
    let report = ask(&[NAMESPACES, &pods(), OWN_FENCE, &binding(Some("staging"), "edit", ACCOUNT)], &[]);
    let channel = &report.boundaries[0].channels[0];
    assert_eq!(channel.verdict, Verdict::Breached);
    assert_eq!(
        channel.breaches.iter().map(|breach| breach.rule).collect::<Vec<_>>(),
        ["change-network-policies"]
    );
    assert_in_order(&channel.breaches[0].steps);
}

fn blind_spots(report: &Report) -> Vec<&str> {
    report.boundaries[0].channels[0].blind_spots.iter().map(|spot| spot.rule).collect()
}

#[test]
fn behind_a_fence_that_staging_may_take_down_one_that_may_not_be_there_is_in_doubt() {
    let refused = DENY.replace("default-deny", "default_deny");
    let edit = binding(Some("staging"), "edit", ACCOUNT);
    let with = |fence: &str, rights: &str, wrong: &[&str]| {
        ask_of_broken(&[NAMESPACES, &pods(), OWN_FENCE, fence, rights], &[], wrong)
    };
    assert_eq!(verdict(&with(DENY, &edit, &[]), Channel::Network), Verdict::Isolated);
    let report = with(&refused, &edit, &["invalid-name"]);
    assert_eq!(verdict(&report, Channel::Network), Verdict::Unknown);
    assert_eq!(blind_spots(&report), ["fence-on-from-side", "refused-policy"]);
    // Nobody may take staging's own fence down, which is enough then.
    let view = binding(Some("staging"), "view", ACCOUNT);
    let held = with(&refused, &view, &["invalid-name"]);
    assert_eq!(verdict(&held, Channel::Network), Verdict::Isolated);
}

#[test]
fn what_is_not_seen_of_a_namespace_counts_once_staging_gets_in() {
    let fence = OWN_FENCE.replace("namespace: staging", "namespace: monitoring");
    let unread = fence.replace("default-deny", "allow").replace("podSelector: {}", "podSelector: here");
    let fenced = [NAMESPACES, PODS, &fence];
    let into = |role: &str| binding(Some("monitoring"), role, ACCOUNT);
    let cannot_take_down = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: runs-pods}
rules: [{apiGroups: [''], resources: [pods], verbs: [create]}]
---
";
    let with = |wrong: &[&str], more: &[&str]| ask_of_broken(&[&fenced, more].concat(), &[], wrong);
    let (pods, view) = (into("runs-pods"), into("view"));
    assert_eq!(verdict(&with(&[], &[cannot_take_down, &pods]), Channel::Network), Verdict::Isolated);
    assert_eq!(verdict(&with(&["wrong-type"], &[&unread, &view]), Channel::Network), Verdict::Isolated);
    let report = with(&["wrong-type"], &[&unread, cannot_take_down, &pods]);
    assert_eq!(verdict(&report, Channel::Network), Verdict::Unknown);
    assert_eq!(blind_spots(&report), ["wrong-type"]);
}

#[test]
fn what_is_unclear_among_roles_is_not_seen() {
    let odd = "
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: odd, namespace: production}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Oracle, name: odd}
";
    let ingested = ingested(&[&format!("{NAMESPACES}{odd}")]);
    let question = Question {
        channels: vec![Channel::Network, Channel::Api],
        ..Question::between("staging", "production")
    };
    let report = prove(&ingested.snapshot, &question).unwrap();
    let spots = &report.boundaries[0].channels[1].blind_spots;
    assert!(spots.iter().any(|spot| spot.rule == "invalid-value"), "{spots:?}");
}
