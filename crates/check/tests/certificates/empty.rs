//! Namespaces that have no pod and get none: what refuses their pods is said, and each of it is needed.

use crate::common::{answer, checked, profiles};
use crate::policies::changed;
use serde_json::{Value, json};
use watertight_check::Refusal;
use watertight_model::Verdict;
use watertight_network::Profile;

/// Two namespaces of which Pod Security keeps nothing, and no fence between them.
const SIDES: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: staging}
---
apiVersion: v1
kind: Namespace
metadata: {name: production}
---
apiVersion: v1
kind: Namespace
metadata: {name: ingress}
";

/// A policy that refuses every pod of a namespace.
const NO_PODS: &str = "\
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-pods}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}
  validations:
  - expression: \"true\"
  - expression: \"request.operation == 'DELETE'\"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-pods-bound}
spec:
  policyName: no-pods
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: EMPTY}}}
";

fn no_pods(namespace: &str) -> String {
    NO_PODS.replace("EMPTY", namespace)
}

/// A pod with more of its specification.
fn pod(namespace: &str, more: &str) -> String {
    format!(
        "\
---
apiVersion: v1
kind: Pod
metadata: {{name: a-pod, namespace: {namespace}, labels: {{app: web}}}}
spec: {{{more}containers: [{{name: c, image: web}}]}}
"
    )
}

const PROXY: &str = "\
---
apiVersion: v1
kind: Pod
metadata: {name: proxy, namespace: ingress}
spec: {HOSTcontainers: [{name: c, image: traefik:v3}]}
";

const INGRESS: &str = "\
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: staging}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
";

const FENCE: &str = "\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: fence, namespace: production}
spec: {podSelector: {}, policyTypes: [Ingress]}
";

fn verdict(text: &str, profile: Profile) -> Verdict {
    answer(text, profile).unwrap().0.boundaries[0].verdict
}

#[track_caller]
fn certificate(text: &str, profile: Profile) -> Value {
    let (report, certificate) = answer(text, profile).unwrap();
    let certificate = certificate.unwrap_or_else(|| panic!("{:#?}\n{text}", report.boundaries));
    assert_eq!(checked(&certificate, text).err(), None, "{}\n{certificate}\n{text}", profile.label());
    serde_json::from_str(&certificate).unwrap()
}

#[track_caller]
fn rejected(certificate: &Value, text: &str) -> String {
    match checked(&certificate.to_string(), text) {
        Err(Refusal::Rejected(why)) => why.to_string(),
        other => panic!("{other:?}\n{certificate:#}\n{text}"),
    }
}

fn facts(certificate: &mut Value) -> &mut Vec<Value> {
    certificate["channels"][0]["facts"].as_array_mut().unwrap()
}

fn said_to_be_empty(certificate: &Value) -> Vec<&str> {
    let facts = certificate["channels"][0]["facts"].as_array().unwrap();
    facts.iter().filter(|it| it["fact"] == "no-pods").map(|it| it["namespace"].as_str().unwrap()).collect()
}

/// The clusters, each with the namespaces that have to be empty.
fn clusters() -> Vec<(String, &'static str)> {
    let with =
        |more: &[&str], empty: &'static str| (SIDES.to_owned() + &no_pods(empty) + &more.concat(), empty);
    vec![
        with(&[&pod("production", "")], "staging"),
        with(&[&pod("production", "hostNetwork: true, ")], "staging"),
        with(&[&pod("staging", "")], "production"),
        with(&[&pod("staging", "hostNetwork: true, ")], "production"),
        with(&[PROXY.replace("HOST", "").as_str()], "production"),
        with(&[PROXY.replace("HOST", "hostNetwork: true, ").as_str(), INGRESS], "production"),
        with(&[INGRESS], "production"),
    ]
}

#[test]
fn where_policies_leave_no_pod_on_a_side_that_is_said_and_needed() {
    let (mut tried, mut needed) = (0, 0);
    for (text, empty) in clusters() {
        for profile in profiles() {
            let what = format!("{}\n{text}", profile.label());
            let certificate = certificate(&text, profile);
            // Where policies are enforced, it may do that each way from pods or to them is closed.
            let said = said_to_be_empty(&certificate).concat();
            assert!(said == empty || profile.enforces && said.is_empty(), "{what}");
            needed += usize::from(profile.enforces && !said.is_empty());
            for (change, changed) in changed(&certificate) {
                assert!(!rejected(&changed, &text).is_empty(), "{change}");
                tried += 1;
            }
            for number in 0..facts(&mut certificate.clone()).len() {
                let mut less = certificate.clone();
                let fact = facts(&mut less).remove(number);
                rejected(&less, &text);
                facts(&mut less).extend([fact.clone(), fact]);
                rejected(&less, &text);
            }
            for index in 0..certificate["assumptions"].as_array().unwrap().len() {
                let mut less = certificate.clone();
                less["assumptions"].as_array_mut().unwrap().remove(index);
                rejected(&less, &text);
            }
        }
    }
    assert!(tried > 500 && needed > 5, "{tried} changes, {needed} needed where policies are enforced");
}

/// What is replaced in the policy, and by what: then a pod may come.
const WEAKER: [(&str, &str); 13] = [
    ("[Deny]", "[Warn]"),
    ("[Deny]", "[Audit]"),
    ("policyName: no-pods", "policyName: other"),
    ("request.operation == 'DELETE'", "object.spec.?hostNetwork.orValue(false)"),
    ("request.operation == 'DELETE'", "!object.spec.?hostNetwork.orValue(false)"),
    ("request.operation == 'DELETE'", "has(object.metadata.labels)"),
    ("request.operation == 'DELETE'", "request.userInfo.username == 'admin'"),
    ("request.operation == 'DELETE'", "request.operation == 'CREATE'"),
    ("operations: [CREATE, UPDATE]", "operations: [UPDATE]"),
    ("resources: [pods]", "resources: [pods/status]"),
    ("    resourceRules:\n", "    objectSelector: {matchLabels: {app: web}}\n    resourceRules:\n"),
    ("metadata.name: staging", "metadata.name: other"),
    (
        "  validations:\n",
        "  matchConditions: [{name: a, expression: \"request.userInfo.username != 'a'\"}]\n  validations:\n",
    ),
];

#[test]
fn with_a_policy_that_leaves_some_pods_or_with_a_pod_it_is_rejected() {
    // Whatever policies are enforced, a pod of staging would reach this one.
    let text = SIDES.to_owned() + &no_pods("staging") + &pod("production", "hostNetwork: true, ");
    for profile in [Profile::NONE, Profile::CONSERVATIVE] {
        let certificate = certificate(&text, profile);
        for (from, to) in WEAKER {
            let weaker = text.replace(from, to);
            assert_ne!(weaker, text);
            assert_ne!(verdict(&weaker, profile), Verdict::Isolated, "{from} is {to}");
            assert!(rejected(&certificate, &weaker).contains("`staging` may have pods"), "{from} is {to}");
        }
        // An expression that cannot be evaluated refuses nothing where failures are ignored.
        let fails = text.replace("request.operation == 'DELETE'", "object.spec.nothing == 'here'");
        let ignored = fails.replace("failurePolicy: Fail", "failurePolicy: Ignore");
        assert_ne!(verdict(&ignored, profile), Verdict::Isolated);
        rejected(&certificate, &ignored);
        for more in [
            pod("staging", ""),
            pod("staging", "hostNetwork: true, "),
            "---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: staging}, spec: {replicas: 1, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}\n".to_owned(),
        ] {
            let more = text.clone() + &more;
            assert_ne!(verdict(&more, profile), Verdict::Isolated, "{more}");
            assert!(rejected(&certificate, &more).contains("is there already"), "{more}");
        }
        // One that has ended opens no connection any more.
        let ended = text.clone() + &pod("staging", "") + "status: {phase: Succeeded}\n";
        assert_eq!(verdict(&ended, profile), Verdict::Isolated);
        assert_eq!(checked(&certificate.to_string(), &ended).err(), None);
    }
}

/// What connects for staging needs no pod of it.
#[test]
fn a_proxy_that_serves_an_empty_side_is_a_source() {
    // No policy fences a pod on the host network, such as production could have without the label.
    let kept = "{name: production, labels: {pod-security.kubernetes.io/enforce: baseline}}";
    let open = SIDES.to_owned() + &no_pods("staging") + &pod("production", "");
    let text = open.replace("{name: production}", kept);
    let proxy = PROXY.replace("HOST", "");
    for profile in profiles() {
        let unkept = open.clone() + &proxy + FENCE;
        let reaches_nodes = profile.nodes || !profile.enforces;
        assert_eq!(verdict(&unkept, profile) == Verdict::Breached, reaches_nodes, "{}", profile.label());
        let alone = certificate(&text, profile);
        let served = text.clone() + &proxy;
        assert_eq!(verdict(&served, profile), Verdict::Breached, "{}", profile.label());
        assert!(rejected(&alone, &served).contains("no fact closes the way direct from proxy"));
        let unseen = text.clone() + INGRESS;
        assert_ne!(verdict(&unseen, profile), Verdict::Isolated, "{}", profile.label());
        assert!(rejected(&alone, &unseen).contains("no fact closes the way"));
        // The fence is nothing where nothing enforces it.
        let fenced = served + FENCE;
        let expected = if profile.enforces { Verdict::Isolated } else { Verdict::Breached };
        assert_eq!(verdict(&fenced, profile), expected, "{}", profile.label());
        if profile.enforces {
            let fenced = certificate(&fenced, profile);
            if profile.nodes {
                assert!(rejected(&fenced, &unkept).contains("host network"), "{}", profile.label());
                let mut direct_alone = fenced.clone();
                for fact in facts(&mut direct_alone).iter_mut().filter(|it| it["fact"] == "no-host-network") {
                    fact["namespaces"].as_array_mut().unwrap().retain(|name| name != "production");
                }
                assert!(rejected(&direct_alone, &unkept).contains("host"), "{}", profile.label());
                let why = rejected(&direct_alone, &(text.clone() + &proxy + FENCE));
                assert!(why.contains("no fact says"), "{why}");
            }
            let mut of_none = fenced.clone();
            of_none["profile"] = certificate(&text, Profile::NONE)["profile"].clone();
            of_none["assumptions"] = alone["assumptions"].clone();
            rejected(&of_none, &(text.clone() + &proxy + FENCE));
        }
    }
}

/// Where a node is closed to its own pods, what leaves a proxy for nodes is all that matters to pods on the host network.
#[test]
fn a_proxy_that_may_not_dial_nodes_reaches_no_pod_on_the_host_network() {
    let fence_of_proxy = FENCE
        .replace("{name: fence, namespace: production}", "{name: held, namespace: ingress}")
        .replace("[Ingress]", "[Egress]");
    let open = SIDES.to_owned() + &no_pods("staging") + &pod("production", "hostNetwork: true, ") + FENCE;
    let open = open + &PROXY.replace("HOST", "");
    let held = open.clone() + &fence_of_proxy;
    let mut tried = 0;
    for profile in profiles().into_iter().filter(|profile| profile.enforces && profile.nodes) {
        assert_eq!(verdict(&open, profile), Verdict::Breached, "{}", profile.label());
        if verdict(&held, profile) != Verdict::Isolated {
            continue;
        }
        let certificate = certificate(&held, profile);
        let onto = |fact: &Value| fact["way"] == "host-network" && fact["source"].as_str() != Some("from");
        assert!(facts(&mut certificate.clone()).iter().any(onto), "{certificate:#}");
        let mut less = certificate.clone();
        facts(&mut less).retain(|fact| !onto(fact));
        assert!(rejected(&less, &held).contains("no fact closes the way host-network from proxy"));
        assert!(rejected(&certificate, &open).contains("is open"));
        tried += 1;
    }
    assert!(tried > 0);
}

/// That pods are refused is said of what needs it: neither of a namespace of which it does not matter, nor by network policies.
#[test]
fn what_is_said_of_no_pods_must_be_needed_and_about_pods() {
    let both =
        SIDES.to_owned() + &no_pods("staging") + &no_pods("production").replace("no-pods", "no-others");
    let profile = Profile::NONE;
    let certificate = certificate(&both, profile);
    let [one] = said_to_be_empty(&certificate)[..] else { panic!("{certificate:#}") };
    let other = if one == "staging" { "production" } else { "staging" };
    let alone = self::certificate(&(SIDES.to_owned() + &no_pods(other)), profile);
    let mut more = certificate.clone();
    let mut added = facts(&mut alone.clone()).clone();
    added.retain(|fact| fact["fact"] == "no-pods");
    let policy = if other == "staging" { "no-pods" } else { "no-others" };
    let text = json!(added).to_string().replace("no-pods-bound", &format!("{policy}-bound"));
    let text = text.replace(r#""policy":"no-pods""#, &format!(r#""policy":"{policy}""#));
    let added: Vec<Value> = serde_json::from_str(&text).unwrap();
    facts(&mut more).extend(added);
    let why = rejected(&more, &both);
    assert!(why.contains("is nothing that has to be shown"), "{why}\n{more:#}");
    let mut elsewhere = certificate.clone();
    facts(&mut elsewhere)[0]["namespace"] = json!("nowhere");
    assert!(rejected(&elsewhere, &both).contains("is not there"));
    let mut closed = certificate.clone();
    let fence = json!([{"side": "egress", "kind": "NetworkPolicy", "name": "fence"}]);
    facts(&mut closed)[0]["cases"][0]["closedBy"] = fence.clone();
    assert!(rejected(&closed, &both).contains("a network policy keeps no pod"));
    facts(&mut closed)[0]["cases"] = json!([{"case": 0, "closedBy": fence}]);
    assert!(rejected(&closed, &both).contains("a network policy keeps no pod"));
    facts(&mut closed)[0]["cases"] = json!([{"case": 0, "closedBy": []}]);
    assert!(rejected(&closed, &both).contains("nothing is said to refuse"));
}
