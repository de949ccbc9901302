//! The certificate of an isolated cluster, held against the same cluster with one thing in it that makes one of its facts false: for each
//! sort of fact there is one. A sort that nobody looks into would be accepted here.

#![expect(clippy::disallowed_methods, reason = "a test that reads the schema where it is")]

use crate::by_hand::{CLOSED, accepted, binding, of_rights, question, right, third, verdict};
use crate::common::{PODS, checked};
use crate::labels::{LEVELS, RESOURCES, policy};
use crate::pages::cases;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use watertight_check::Refusal;
use watertight_model::Verdict;

/// A cluster, and what is written in the place of what in it, so that a fact of this sort is false.
struct Move {
    fact: &'static str,
    text: String,
    change: [&'static str; 2],
}

/// Refuses pods of a namespace.
const REFUSING: &str = "---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: guard}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - {apiGroups: [GROUP], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [RESOURCES]}
  validations:
  - {expression: \"EXPRESSION\"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: guard}
spec: {policyName: guard, validationActions: [Deny], matchResources: SELECTED}
";

fn refusing(group: &str, resources: &str, expression: &str) -> String {
    let text = REFUSING.replace("GROUP", group).replace("RESOURCES", resources);
    text.replace("EXPRESSION", expression).replace("SELECTED", "{}")
}

/// Refuses a label that production admits, and levels of Pod Security.
fn guarding_labels() -> String {
    let keep = ("keep", "object.?metadata.?labels.?env.orValue('') != 'production'");
    let all = std::iter::once(&keep).chain(&LEVELS);
    all.map(|(name, expression)| policy(name, expression, [RESOURCES, "{}", "Fail"])).collect()
}

/// Refuses every pod of staging.
fn refusing_pods() -> String {
    let text = refusing("''", "pods", "request.operation == 'DELETE'");
    text.replace(
        "matchResources: {}",
        "matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: staging}}}",
    )
}

const RESTRICTED: &str = "{pod-security.kubernetes.io/enforce: restricted}";

/// Whom production admits by a label.
const ADMITTING: &str = "---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: admitting, namespace: production}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress: [{from: [{namespaceSelector: {matchLabels: LABELS}}]}]
";

const MAY_LABEL: &str = "{apiGroups: [''], resources: [namespaces], verbs: [patch]}";
const MAY_MINT: &str =
    "{apiGroups: [''], resources: [serviceaccounts/token], verbs: [create], resourceNames: [one]}";
const TWO: &str = "{kind: ServiceAccount, name: two, namespace: shared}";
const MAY_READ: &str = "{apiGroups: [''], resources: [configmaps], verbs: [get]}";

fn moves() -> Vec<Move> {
    let of = |fact, text: String, change| Move { fact, text, change };
    let admitting = |labels: &str| ADMITTING.replace("LABELS", labels);
    let named = "{name: staging, labels: {pod-security.kubernetes.io/enforce: restricted}}";
    vec![
        of(
            "closed",
            CLOSED.to_owned(),
            ["policyTypes: [Ingress]}", "policyTypes: [Ingress], ingress: [{}]}"],
        ),
        of(
            "no-pods",
            CLOSED
                .replace(&format!("labels: {RESTRICTED}"), "labels: {}")
                .replace("policyTypes: [Ingress]}", "policyTypes: [Ingress], ingress: [{}]}")
                + &refusing_pods(),
            ["kubernetes.io/metadata.name: staging", "kubernetes.io/metadata.name: other"],
        ),
        of(
            "no-host-network",
            CLOSED.to_owned(),
            [
                "{name: production, labels: {pod-security.kubernetes.io/enforce: restricted}}",
                "{name: production, labels: {}}",
            ],
        ),
        of(
            "no-dialed-host",
            CLOSED.to_owned(),
            [
                named,
                "{name: staging, labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/enforce-version: v1.30}}",
            ],
        ),
        of(
            "no-shared-network",
            CLOSED.to_owned() + PODS,
            [
                "labels: {app: db}}",
                "labels: {app: db}, annotations: {k8s.v1.cni.cncf.io/networks: shared/net}}",
            ],
        ),
        of(
            "keeps-labels",
            CLOSED.to_owned()
                + &admitting("{env: production}")
                + &right("staging", MAY_LABEL)
                + &guarding_labels(),
            ["!= 'production'", "!= 'other'"],
        ),
        of(
            "carries-nothing",
            page("shared-proxy", "### Policies and rights leave no move"),
            ["object.spec.type != 'ExternalName'", "object.spec.type != 'LoadBalancer'"],
        ),
        of(
            "acts-as",
            CLOSED.to_owned()
                + &third("shared")
                + &right("shared", MAY_MINT)
                + &binding("production", "ClusterRole", "edit", TWO),
            ["resourceNames: [one]", "resourceNames: [one, two]"],
        ),
        of(
            "gains",
            CLOSED.to_owned() + &right("production", MAY_READ),
            ["verbs: [get]", "verbs: [get, patch]"],
        ),
        of(
            "refused",
            page("taken-host", "### A policy lets staging publish its own hosts alone"),
            [
                "has(r.host) && r.host.endsWith('.staging.example.com')",
                "has(r.host) && r.host.endsWith('.example.com')",
            ],
        ),
    ]
}

/// The manifests of a case of a rule's page.
fn page(rule: &str, heading: &str) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../rules/{rule}.md"));
    let page = std::fs::read_to_string(page).unwrap();
    let (_, of_case) = page.split_once(&format!("{heading}\n")).unwrap();
    let (manifests, _) = cases(of_case).swap_remove(0);
    let texts = manifests.iter().map(|source| String::from_utf8(source.bytes.clone()).unwrap());
    texts.collect::<Vec<_>>().join("---\n")
}

/// The sorts of facts that the schema of certificates knows.
fn sorts() -> BTreeSet<String> {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/certificate-v1.schema.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let mut sorts = BTreeSet::new();
    collect(&schema, &mut sorts);
    sorts
}

fn collect(value: &Value, sorts: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let fact = members.get("properties").and_then(|properties| properties.get("fact"));
            sorts.extend(fact.and_then(|fact| fact.get("const")?.as_str()).map(str::to_owned));
            members.values().for_each(|value| collect(value, sorts));
        }
        Value::Array(elements) => elements.iter().for_each(|value| collect(value, sorts)),
        _ => {}
    }
}

fn facts(certificate: &Value) -> Vec<&Value> {
    let channels = certificate["channels"].as_array().unwrap();
    channels.iter().flat_map(|channel| channel["facts"].as_array().unwrap()).collect()
}

#[test]
fn a_fact_of_any_sort_is_looked_into() {
    let moves = moves();
    let tried: BTreeSet<String> = moves.iter().map(|it| it.fact.to_owned()).collect();
    assert_eq!(tried, sorts());
    for Move { fact, text, change: [was, is] } in moves {
        assert_eq!(text.matches(was).count(), 1, "{was}\n{text}");
        let question = if fact == "refused" { of_rights() } else { question() };
        let certificate = accepted(&question, &text);
        assert!(facts(&certificate).iter().any(|it| it["fact"] == fact), "{fact}: {certificate:#}");
        let changed = text.replace(was, is);
        assert_ne!(verdict(&question, &changed), Verdict::Isolated, "{fact}\n{changed}");
        let answer = checked(&certificate.to_string(), &changed);
        assert!(
            matches!(answer, Err(Refusal::Rejected(_))),
            "{fact}: {answer:?}\n{certificate:#}\n{changed}"
        );
        // Where it is one fact that is wrong, it is this one.
        if let Err(Refusal::Rejected(rejection)) = &answer
            && let Some(number) = rejection.place.strip_prefix("facts[")
        {
            let number: usize = number.trim_end_matches(']').parse().unwrap();
            assert_eq!(facts(&certificate)[number]["fact"], fact, "{answer:?}");
        }
    }
}
