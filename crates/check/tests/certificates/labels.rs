//! Certificates of clusters in which the hostile side may change the labels of its namespace, and policies keep some from it.

use crate::common::{PODS, checked, clusters, source};
use crate::pages::OF_EVERY_SERVER;
use crate::policies::changed;
use crate::rights;
use serde_json::{Value, json};
use std::collections::BTreeMap;
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

/// What must hold of a namespace. With the numbers of those that keep from staging, each by itself, what the peers ask for.
const KEEPING: [&[usize]; 6] = [&[0, 1, 5, 6], &[2, 3, 4], &[1, 5], &[5], &[3], &[0, 1, 2, 3, 5]];
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
pub(crate) const LEVELS: [(&str, &str); 2] = [
    (
        "levels",
        "object.?metadata.?labels[?'pod-security.kubernetes.io/enforce'].orValue('') in ['baseline', 'restricted']",
    ),
    (
        "versions",
        "!has(object.metadata.labels) || !('pod-security.kubernetes.io/enforce-version' in object.metadata.labels)",
    ),
];

pub(crate) const RESOURCES: &str = "[namespaces, namespaces/status, namespaces/finalize]";

pub(crate) fn policy(name: &str, expression: &str, [resources, place, failure]: [&str; 3]) -> String {
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

/// A cluster by chance. Some have policies that are asked about less.
fn cluster(seed: u64) -> String {
    let mut random = Random::new(seed ^ 0x1abe_1157);
    let peers = random.below(PEERS.len());
    let mut text =
        CLUSTER.replace("PEERS", PEERS[peers]).replace("LEVEL", random.one_of(["baseline", "restricted"]))
            + PODS;
    let others = [
        "[namespaces]",
        "[namespaces, namespaces/status]",
        "[namespaces/status, namespaces/finalize]",
        "['namespaces/*']",
        "['*/*']",
    ];
    let places = ["{matchLabels: {env: staging}}", "{matchExpressions: [{key: tier, operator: Exists}]}"];
    if random.chance(70) {
        let expression = OF_NAMESPACES[KEEPING[peers][random.below(KEEPING[peers].len())]];
        text += &policy("keep", expression, [RESOURCES, "{}", "Fail"]);
    }
    for number in 0..random.below(3) {
        let resources = if random.chance(75) { RESOURCES } else { random.one_of(others) };
        let place = if random.chance(85) { "{}" } else { random.one_of(places) };
        let failure = if random.chance(85) { "Fail" } else { "Ignore" };
        let expression = OF_NAMESPACES[random.below(OF_NAMESPACES.len())];
        text += &policy(&format!("keep-{number}"), expression, [resources, place, failure]);
    }
    for (name, expression) in LEVELS {
        let resources = if random.chance(92) { RESOURCES } else { random.one_of(others) };
        text += &policy(name, expression, [resources, "{}", "Fail"]);
    }
    format!("{text}---{OF_EVERY_SERVER}")
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

/// The facts of one certificate that say what a namespace does not get.
fn keeping(certificate: &mut Value) -> (&mut Vec<Value>, Vec<usize>) {
    let channels = certificate["channels"].as_array_mut().unwrap();
    let network = channels.iter_mut().find(|channel| channel["channel"] == "network").unwrap();
    let facts = network["facts"].as_array_mut().unwrap();
    let keeping = (0..facts.len()).filter(|&fact| facts[fact]["fact"] == "keeps-labels").collect();
    (facts, keeping)
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
    for seed in 0..clusters(60) {
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
        named > 20 && seen(Verdict::Isolated) >= named && seen(Verdict::Breached) > 10,
        "{named} of {} isolated, {} breached",
        seen(Verdict::Isolated),
        seen(Verdict::Breached)
    );
}

#[test]
fn without_any_of_what_a_namespace_does_not_get_it_is_rejected() {
    let mut tried = 0;
    for (_, text, certificate) in kept(clusters(12)) {
        let mut each = changed(&certificate);
        for fact in keeping(&mut certificate.clone()).1 {
            let (mut less, mut more, mut other) =
                (certificate.clone(), certificate.clone(), certificate.clone());
            let gone = keeping(&mut less).0.remove(fact);
            keeping(&mut more).0.push(gone);
            keeping(&mut other).0[fact]["namespace"] = json!("production");
            each.push(("a fact is gone".to_owned(), less));
            each.push(("a fact is there twice".to_owned(), more));
            each.push(("it is about the other side".to_owned(), other));
            for (object, said) in
                keeping(&mut certificate.clone()).0[fact]["refused"].as_array().unwrap().iter().enumerate()
            {
                for field in 0..said["fields"].as_array().unwrap().len() {
                    let mut less = certificate.clone();
                    let of_less = &mut keeping(&mut less).0[fact]["refused"][object];
                    of_less["fields"].as_array_mut().unwrap().remove(field);
                    each.push(("a field is gone".to_owned(), less));
                    let mut wider = certificate.clone();
                    let field = &mut keeping(&mut wider).0[fact]["refused"][object]["fields"][field];
                    field["otherThan"] = json!([]);
                    field.as_object_mut().unwrap().remove("oneOf");
                    field.as_object_mut().unwrap().remove("is");
                    each.push(("a field is any".to_owned(), wider));
                }
            }
        }
        let mut less = certificate.clone();
        less["assumptions"].as_array_mut().unwrap().retain(|it| it["id"] != "admission-policies");
        each.push(("what it rests on is not said".to_owned(), less));
        for (what, changed) in each {
            if what == "a field is any" && checked(&changed.to_string(), &text).is_ok() {
                // A policy may refuse all of them.
                continue;
            }
            assert_rejected(&changed, &text, &what);
            tried += 1;
        }
    }
    assert!(tried > 200, "{tried}");
}

/// Ways in which policies come to refuse less, or may. The first ones keep any policy from refusing anything.
const WEAKER: [(&str, &str); 16] = [
    ("[Deny]", "[Audit]"),
    ("policyName: ", "policyName: not-"),
    (
        "  validations:\n",
        "  matchConditions: [{name: a, expression: \"request.userInfo.username != 'admin'\"}]\n  validations:\n",
    ),
    (
        "  validations:\n",
        "  matchConditions: [{name: a, expression: \"object.metadata.name != 'staging'\"}]\n  validations:\n",
    ),
    ("  validations:\n", "  validations:\n  - expression: \"nobody.knows\"\n"),
    ("apiVersions: [v1]", "apiVersions: [v2]"),
    ("operations: [CREATE, UPDATE]", "operations: [DELETE]"),
    ("operations: [CREATE, UPDATE]", "operations: [CREATE]"),
    ("operations: [CREATE, UPDATE]", "operations: [UPDATE]"),
    ("resources: [", "resourceNames: [production], resources: ["),
    ("    resourceRules:\n", "    namespaceSelector: {matchLabels: {asks: for-it}}\n    resourceRules:\n"),
    ("policyName: ", "paramRef: {name: a, namespace: b, parameterNotFoundAction: Allow}\n  policyName: "),
    ("[namespaces, namespaces/status, namespaces/finalize]", "[namespaces, namespaces/status]"),
    ("[namespaces, namespaces/status, namespaces/finalize]", "[namespaces, namespaces/finalize]"),
    ("[namespaces, namespaces/status, namespaces/finalize]", "[namespaces/status, namespaces/finalize]"),
    ("failurePolicy: Fail", "failurePolicy: Ignore"),
];

/// The first of them with which nothing is kept from staging.
const NONE_LEFT: usize = 11;

#[test]
fn with_a_policy_that_keeps_less_it_is_rejected() {
    let mut rejected = BTreeMap::new();
    for (question, text, certificate) in kept(clusters(12)) {
        for (number, (from, to)) in WEAKER.into_iter().enumerate() {
            let mut weaker = text.replace(from, to);
            if to.starts_with("paramRef") {
                weaker = weaker.replace(
                    "  failurePolicy:",
                    "  paramKind: {apiVersion: v1, kind: ConfigMap}\n  failurePolicy:",
                );
            }
            let is_other = weaker != text;
            if is_other && (number < NONE_LEFT || verdict(&weaker, &question).0 != Verdict::Isolated) {
                assert_rejected(&certificate, &weaker, &format!("{from} is {to}"));
                *rejected.entry(number).or_insert(0) += 1;
            }
        }
        for (from, to) in
            [("env: staging", "env: production"), ("tier: outer", "tier: inner"), (", env: staging", "")]
        {
            let other = text.replacen(from, to, 1);
            // Without a label of its own, staging may be on the other side, or on none.
            let report = rights::answer_about(&source(&other), &question).map(|(report, _)| report);
            if report.is_none_or(|report| report.boundaries[0].verdict != Verdict::Isolated) {
                assert_rejected(&certificate, &other, "staging has other labels");
            }
        }
    }
    assert!(rejected.len() > 14, "{rejected:?}");
}

/// What is right of one cluster is said of all others.
#[test]
fn a_wrong_verdict_about_labels_is_caught() {
    let kept = kept(clusters(12));
    let (mut caught, mut right) = (0, 0);
    for seed in 0..clusters(60) {
        let (question, text) = (question(seed), cluster(seed));
        let Some(forgery) = rights::forged_about(&source(&text), &question) else { continue };
        let is_breached = verdict(&text, &question).0 == Verdict::Breached;
        for (_, _, other) in &kept {
            let mut forgery: Value = serde_json::from_str(&forgery).unwrap();
            let (facts, keeping_other) =
                (keeping(&mut other.clone()).0.clone(), keeping(&mut other.clone()).1);
            let own = keeping(&mut forgery).0;
            own.retain(|fact| fact["fact"] != "keeps-labels");
            own.extend(keeping_other.into_iter().map(|fact| facts[fact].clone()));
            let assumptions = other["assumptions"].as_array().unwrap().iter();
            let policies = assumptions.filter(|it| it["id"] == "admission-policies").cloned();
            let own = forgery["assumptions"].as_array_mut().unwrap();
            own.retain(|it| it["id"] != "admission-policies");
            own.extend(policies);
            match checked(&forgery.to_string(), &text) {
                Ok(_) => {
                    assert!(!is_breached, "seed {seed}\n{forgery:#}\n{text}");
                    right += 1;
                }
                Err(_) => caught += 1,
            }
        }
    }
    assert!(caught > 100 && right > 3, "{caught} caught, {right} right");
}

/// A policy that is asked by a label of today is not asked by it any more once that is another.
#[test]
fn what_is_asked_by_a_label_that_may_change_keeps_nothing() {
    let refusing = OF_NAMESPACES[2];
    let cluster = |place: &str| {
        let text = CLUSTER.replace("PEERS", PEERS[1]).replace("LEVEL", "baseline")
            + PODS
            + &policy("main", refusing, ["[namespaces]", "{}", "Fail"])
            + &policy("parts", refusing, ["[namespaces/status, namespaces/finalize]", place, "Fail"])
            + &LEVELS.map(|(name, expression)| policy(name, expression, [RESOURCES, "{}", "Fail"])).concat();
        format!("{text}---{OF_EVERY_SERVER}")
    };
    let right = cluster("{}");
    let (isolated, certificate, why) = verdict(&right, &question(0));
    assert_eq!(isolated, Verdict::Isolated, "{why}");
    let certificate: Value = serde_json::from_str(&certificate.unwrap()).unwrap();
    assert!(checked(&certificate.to_string(), &right).is_ok());
    let wrong = cluster("{matchLabels: {env: staging}}");
    assert_eq!(verdict(&wrong, &question(0)).0, Verdict::Breached);
    assert_rejected(&certificate, &wrong, "`env` is changed first");
}
