//! Certificates of clusters in which the hostile side may change the labels of its namespace, and policies keep some from it.

use crate::common::{checked, checked_against, clusters, source};
use crate::policies::changed;
use crate::rights;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use watertight_base::Source;
use watertight_check::Refusal;
use watertight_model::{Channel, Verdict};
use watertight_network::Profile;
use watertight_oracle::Random;
use watertight_prove::Question;

/// Production lets in namespaces by a label, and somebody of staging may change the labels of staging.
const CLUSTER: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: staging, labels: {pod-security.kubernetes.io/enforce: LEVEL, env: staging, tier: outer}}
---
apiVersion: v1
kind: Namespace
metadata: {name: production, labels: {pod-security.kubernetes.io/enforce: restricted, env: production, tier: inner}}
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
metadata: {name: fence, namespace: production}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
  - from: [{namespaceSelector: PEERS}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: labels, namespace: staging}
rules:
- {apiGroups: [''], resources: [namespaces], verbs: [patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: labels, namespace: staging}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: labels}
subjects: [{kind: ServiceAccount, name: default, namespace: staging}]
";

/// Whom production lets in. Only a label that staging does not have may be among them.
const PEERS: [&str; 6] = [
    "{matchLabels: {env: production}}",
    "{matchLabels: {tier: inner}}",
    "{matchExpressions: [{key: tier, operator: Exists}, {key: env, operator: In, values: [production, shared]}]}",
    "{matchExpressions: [{key: env, operator: NotIn, values: [staging]}]}",
    "{matchExpressions: [{key: tier, operator: DoesNotExist}]}",
    "{matchLabels: {env: production, tier: inner}}",
];

/// What must hold of a namespace.
const OF_NAMESPACES: [&str; 10] = [
    "object.?metadata.?labels.?env.orValue('') != 'production'",
    "object.?metadata.?labels.?env.orValue('') in ['staging', 'test']",
    "object.?metadata.?labels.?tier.orValue('outer') == 'outer'",
    "has(object.metadata.labels) && has(object.metadata.labels.tier) && object.metadata.labels.tier == 'outer'",
    "!has(object.metadata.labels) || !('tier' in object.metadata.labels)",
    "object.metadata.name != 'staging' || object.metadata.labels.env == 'staging'",
    "request.name == 'production' || !object.?metadata.?labels.?env.orValue('').startsWith('prod')",
    "object.?metadata.?labels.?env.orValue('') == oldObject.?metadata.?labels.?env.orValue('')",
    "request.operation == 'CREATE' || object.?metadata.?labels.?env.orValue('') != 'production'",
    "request.userInfo.username == 'admin' || object.?metadata.?labels.?tier.orValue('') != 'inner'",
];

/// Pod Security stays.
const LEVEL: &str = "object.?metadata.?labels[?'pod-security.kubernetes.io/enforce'].orValue('') in ['baseline', 'restricted'] && !('pod-security.kubernetes.io/enforce-version' in object.?metadata.?labels.orValue({}))";

const RESOURCES: &str = "[namespaces, namespaces/status, namespaces/finalize]";

fn policy(name: &str, expression: &str, [resources, place, failure]: [&str; 3]) -> String {
    format!(
        "\
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: {name}}}
spec:
  failurePolicy: {failure}
  matchConstraints:
    resourceRules:
    - {{apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: {resources}}}
  validations:
  - expression: \"true\"
  - expression: \"{expression}\"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: {name}-bound}}
spec:
  policyName: {name}
  validationActions: [Deny]
  matchResources: {{namespaceSelector: {place}}}
"
    )
}

/// A server of today, that nobody has to ask whether it serves the policies.
const SERVER: &str = crate::pages::OF_EVERY_SERVER;

/// A cluster by chance. One in four has policies that are asked about less.
fn cluster(seed: u64) -> String {
    let mut random = Random::new(seed ^ 0x1abe_1157);
    let mut text = CLUSTER
        .replace("PEERS", random.one_of(PEERS))
        .replace("LEVEL", random.one_of(["baseline", "restricted"]));
    let others = [
        "[namespaces]",
        "[namespaces, namespaces/status]",
        "[namespaces/status, namespaces/finalize]",
        "['namespaces/*']",
        "['*/*']",
    ];
    let places =
        ["{matchLabels: {env: staging}}", "{matchExpressions: [{key: tier, operator: Exists}]}"];
    for number in 0..1 + random.below(3) {
        let resources = if random.chance(75) { RESOURCES } else { random.one_of(others) };
        let place = if random.chance(85) { "{}" } else { random.one_of(places) };
        let failure = if random.chance(85) { "Fail" } else { "Ignore" };
        let expression = OF_NAMESPACES[random.below(OF_NAMESPACES.len())];
        text += &policy(&format!("keep-{number}"), expression, [resources, place, failure]);
    }
    let resources = if random.chance(85) { RESOURCES } else { random.one_of(others) };
    text += &policy("levels", LEVEL, [resources, "{}", "Fail"]);
    text + SERVER
}

fn question(seed: u64) -> Question {
    let profiles = crate::common::profiles();
    let profile: Profile = profiles[usize::try_from(seed).unwrap() % profiles.len()];
    Question {
        profile,
        channels: vec![Channel::Network, Channel::Api],
        ..Question::between("staging", "production")
    }
}

fn verdict(text: &str, question: &Question) -> (Verdict, Option<String>, String) {
    let (report, certificate) = rights::answer_about(&source(text), question).unwrap();
    let why = format!("{:?}", report.boundaries[0].channels);
    (report.boundaries[0].verdict, certificate, why)
}

/// Isolated clusters whose certificates say that a namespace does not get some labels.
fn kept(seeds: u64) -> Vec<(Question, String, Value)> {
    let all = (0..seeds).filter_map(|seed| {
        let (question, text) = (question(seed), cluster(seed));
        let certificate = verdict(&text, &question).1?;
        certificate
            .contains("keeps-labels")
            .then(|| (question, text, serde_json::from_str(&certificate).unwrap()))
    });
    all.collect()
}

#[track_caller]
fn assert_rejected(certificate: &Value, text: &str, what: &str) {
    match checked(&certificate.to_string(), text) {
        Err(Refusal::Rejected(_)) => {}
        other => panic!("{other:?}, although {what}\n{certificate:#}\n{text}"),
    }
}

/// Whatever the engine calls isolated has a certificate, and the checker accepts it.
#[test]
fn what_policies_keep_from_a_namespace_is_accepted() {
    let mut seen: BTreeMap<Verdict, usize> = BTreeMap::new();
    let mut named = 0;
    for seed in 0..clusters(120) {
        let (question, text) = (question(seed), cluster(seed));
        let (verdict, certificate, why) = verdict(&text, &question);
        *seen.entry(verdict).or_default() += 1;
        let Some(certificate) = certificate else {
            assert!(!why.contains("no certificate can be written"), "seed {seed}: {why}\n{text}");
            continue;
        };
        named += usize::from(certificate.contains("keeps-labels"));
        if let Err(why) = checked(&certificate, &text) {
            panic!("seed {seed}: {why:?}\n{certificate}\n{text}");
        }
    }
    let seen = |verdict| seen.get(&verdict).copied().unwrap_or_default();
    assert!(
        named > 20 && seen(Verdict::Isolated) >= named && seen(Verdict::Breached) > 20,
        "{named} of {} isolated, {} breached",
        seen(Verdict::Isolated),
        seen(Verdict::Breached)
    );
}
