//! Certificates that rest on what admission policies refuse: without any hint, or with a policy that refuses less, they are
//! rejected.

#![expect(clippy::disallowed_methods, reason = "a test that reads the pages where they are")]

use crate::clusters::{fenced, proxies};
use crate::common::{answer, checked, checked_against, clusters, forged, profiles};
use crate::pages::{OF_EVERY_SERVER, cases, files};
use crate::rights;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use watertight_base::Source;
use watertight_check::Refusal;
use watertight_model::{Channel, Verdict};
use watertight_network::Profile;
use watertight_oracle::Random;
use watertight_oracle::manifests::to_yaml;
use watertight_prove::Question;

/// What must hold of pods of staging. Most keep away labels that rules of the generated clusters ask for.
const OF_PODS: [&str; 9] = [
    "!has(object.metadata.labels) || !('app' in object.metadata.labels)",
    "!has(object.metadata.labels) || object.metadata.labels.all(k, k != 'app' && k != 'role')",
    "object.?metadata.?labels.?role.orValue('') in ['', 'none']",
    "has(object.metadata.labels) && has(object.metadata.labels.app) && object.metadata.labels.app == 'kept'",
    "request.operation in ['CREATE', 'UPDATE'] && !has(object.metadata.labels)",
    "object.metadata.?labels.?app.orValue('x').startsWith('x') && !object.?metadata.?labels.?role.hasValue()",
    "namespaceObject.metadata.name == 'staging' ? object.?metadata.?labels.orValue({}).size() == 0 : true",
    "!request.userInfo.groups.exists(g, g == 'system:masters') && false",
    "!object.spec.?hostNetwork.orValue(false)",
];

/// Where a policy is in force: everywhere, or in one namespace, or in those with a label.
const PLACES: [&str; 3] =
    ["{}", "{matchLabels: {kubernetes.io/metadata.name: staging}}", "{matchLabels: {env: staging}}"];

fn policy(name: &str, expression: &str, place: &str, failure: &str) -> String {
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
    - {{apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}}
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

/// One or two policies about pods. Some leave no pod at all only together.
fn policies(seed: u64) -> String {
    let mut random = Random::new(seed ^ 0x0090_11c7);
    let mut text = String::new();
    for number in 0..2 {
        let expression = OF_PODS[random.below(OF_PODS.len())];
        let failure = if random.chance(15) { "Ignore" } else { "Fail" };
        text += &policy(&format!("keep-{number}"), expression, random.one_of(PLACES), failure);
    }
    text
}

/// Generated clusters of which more rules are open, with policies beside them.
fn cluster(seed: u64) -> String {
    let mut cluster = fenced(seed);
    if seed.is_multiple_of(4) {
        for namespace in cluster.namespaces.iter_mut().filter(|it| it.name.starts_with("staging")) {
            namespace.labels.get_or_insert_default().remove("pod-security.kubernetes.io/enforce");
        }
    }
    let mut text = to_yaml(&cluster) + &policies(seed);
    if seed.is_multiple_of(4) {
        text += &policy("own-network", "!object.spec.?hostNetwork.orValue(false)", PLACES[0], "Fail");
        let names_none =
            PROBES.map(|probe| format!("c.?{}.?host.orValue('') == ''", probe.replace('.', ".?")));
        for (name, list) in
            [("probes", "spec.containers"), ("first-probes", "spec.?initContainers.orValue([])")]
        {
            let expression = format!("object.{list}.all(c, {})", names_none.join(" && "));
            text += &policy(name, &expression, PLACES[0], "Fail");
        }
    }
    if seed.is_multiple_of(3) {
        text += &format!("{}{OPEN}", proxies(seed));
    }
    text
}

/// Where a container may name a host that its node dials.
const PROBES: [&str; 10] = [
    "livenessProbe.httpGet",
    "livenessProbe.tcpSocket",
    "readinessProbe.httpGet",
    "readinessProbe.tcpSocket",
    "startupProbe.httpGet",
    "startupProbe.tcpSocket",
    "lifecycle.postStart.httpGet",
    "lifecycle.postStart.tcpSocket",
    "lifecycle.preStop.httpGet",
    "lifecycle.preStop.tcpSocket",
];

/// It lets in all pods with a label.
const OPEN: &str = "\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open-to-some, namespace: production}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: staging}}
      podSelector: {matchLabels: {app: admitted}}
";

/// Isolated clusters whose certificates say that something is refused.
fn kept(seeds: u64) -> Vec<(Profile, String, Value)> {
    let profiles = profiles();
    let mut found = Vec::new();
    for seed in 0..seeds {
        let text = cluster(seed);
        let turn = usize::try_from(seed).unwrap();
        for profile in [profiles[0], profiles[turn % profiles.len()]] {
            let Some((_, Some(certificate))) = answer(&text, profile) else { continue };
            if certificate.contains("\"refused\"") {
                found.push((profile, text.clone(), serde_json::from_str(&certificate).unwrap()));
            }
        }
    }
    found
}

#[track_caller]
fn assert_rejected(certificate: &Value, sources: &[Source], what: &str) {
    match checked_against(&certificate.to_string(), sources) {
        Err(Refusal::Rejected(_)) => {}
        other => {
            let text: String = sources.iter().map(|it| String::from_utf8_lossy(&it.bytes)).collect();
            panic!("{other:?}, although {what}\n{certificate:#}\n{text}")
        }
    }
}

fn sources(text: &str) -> Vec<Source> {
    crate::common::source(text)
}

/// The places of all values under a key, wherever it is.
fn places(value: &Value, key: &str) -> Vec<String> {
    fn look(value: &Value, key: &str, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let path = format!("{path}/{name}");
                    if name == key {
                        found.push(path.clone());
                    }
                    look(value, key, &path, found);
                }
            }
            Value::Array(elements) => {
                for (index, value) in elements.iter().enumerate() {
                    look(value, key, &format!("{path}/{index}"), found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    look(value, key, "", &mut found);
    found
}

/// Each with a hint taken away, or another in its place, and what was done.
pub(crate) fn changed(certificate: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let mut change = |what: String, place: &str, change: &dyn Fn(&mut Value)| {
        let mut changed = certificate.clone();
        change(changed.pointer_mut(place).unwrap());
        all.push((what, changed));
    };
    for list in ["refused", "by", "bare"] {
        for place in places(certificate, list) {
            let Some(elements) = certificate.pointer(&place).unwrap().as_array() else { continue };
            for index in 0..elements.len() {
                change(format!("{place}/{index} is gone"), &place, &|list| {
                    list.as_array_mut().unwrap().remove(index);
                });
                change(format!("{place}/{index} is there twice"), &place, &|list| {
                    let again = list[index].clone();
                    list.as_array_mut().unwrap().push(again);
                });
            }
        }
    }
    for place in places(certificate, "validation") {
        // The first validation of the policies that are generated refuses nothing.
        if certificate.pointer(&place) != Some(&json!(0)) {
            change(format!("{place} is another"), &place, &|number| *number = json!(0));
        }
        change(format!("{place} is none there is"), &place, &|number| *number = json!(17));
    }
    for key in ["policy", "binding", "operation", "subresource"] {
        for place in places(certificate, key) {
            change(format!("{place} is another"), &place, &|name| *name = json!("another"));
        }
    }
    for place in places(certificate, "namespace").iter().filter(|place| place.contains("refused")) {
        change(format!("{place} is another"), place, &|name| *name = json!("elsewhere"));
    }
    all
}

#[test]
fn what_is_isolated_by_policies_is_accepted() {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (profile, text, certificate) in kept(clusters(60)) {
        let written = certificate.to_string();
        if let Err(why) = checked(&written, &text) {
            panic!("{}: {why:?}\n{certificate:#}\n{text}", profile.label());
        }
        for (what, word) in [("cut", "\"yes\""), ("hosts", "hostNetwork"), ("all", "")] {
            *seen.entry(what).or_default() += usize::from(written.contains(word));
        }
    }
    assert!(seen["all"] > 15 && seen["cut"] > 8 && seen["hosts"] > 4, "{seen:?}");
}

#[test]
fn without_any_hint_or_with_another_it_is_rejected() {
    let mut tried = 0;
    for (_, text, certificate) in kept(clusters(16)) {
        for (what, changed) in changed(&certificate) {
            assert_rejected(&changed, &sources(&text), &what);
            tried += 1;
        }
        for id in ["admission-policies", "labels-by-pods-alone"] {
            let mut less = certificate.clone();
            less["assumptions"].as_array_mut().unwrap().retain(|it| it["id"] != id);
            assert_rejected(&less, &sources(&text), &format!("{id} is not said"));
            let mut other = certificate.clone();
            for assumption in other["assumptions"].as_array_mut().unwrap() {
                assumption["text"] = json!("another policy");
            }
            assert_rejected(&other, &sources(&text), "its policies are not named");
        }
    }
    assert!(tried > 200, "{tried}");
}

/// Ways in which policies and bindings come to refuse less, or may: what is replaced, and by what. The first ones keep any policy
/// from refusing anything.
const WEAKER: [(&str, &str); 20] = [
    ("[Deny]", "[Audit]"),
    ("policyName: ", "policyName: not-"),
    (
        "kind: ValidatingAdmissionPolicy\nmetadata:",
        "kind: ValidatingAdmissionPolicy\nmetadata: {annotations: {helm.sh/hook: pre-install}, name: x}\nother:",
    ),
    (
        "  validations:\n",
        "  matchConditions: [{name: a, expression: \"request.userInfo.username != 'admin'\"}]\n  validations:\n",
    ),
    ("  validations:\n", "  matchConditions: [{name: a, expression: \"false\"}]\n  validations:\n"),
    ("  validations:\n", "  validations:\n  - expression: \"1 == 'a'\"\n"),
    ("  validations:\n", "  validations:\n  - expression: \"nobody.knows\"\n"),
    ("  validations:\n", "  variables: [{name: a, expression: \"quux(object)\"}]\n  validations:\n"),
    ("apiVersions: [v1]", "apiVersions: [v2]"),
    ("operations: [CREATE, UPDATE]", "operations: [DELETE]"),
    ("    resourceRules:\n", "    objectSelector: {matchLabels: {asks: for-it}}\n    resourceRules:\n"),
    ("    resourceRules:\n", "    namespaceSelector: {matchLabels: {asks: for-it}}\n    resourceRules:\n"),
    (
        "    resourceRules:\n",
        "    excludeResourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']}]\n    resourceRules:\n",
    ),
    (
        "{namespaceSelector: ",
        "{resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [secrets]}], namespaceSelector: ",
    ),
    ("  validations:\n", "  paramKind: {apiVersion: v1, kind: ConfigMap}\n  validations:\n"),
    ("operations: [CREATE, UPDATE]", "operations: [CREATE]"),
    ("operations: [CREATE, UPDATE]", "operations: [UPDATE]"),
    ("failurePolicy: Fail", "failurePolicy: Ignore"),
    ("  - expression: \"", "  - expression: \"true || "),
    ("kubernetes.io/metadata.name: staging", "kubernetes.io/metadata.name: elsewhere"),
];

/// The first of them that leave no policy in force.
const NONE_LEFT: usize = 14;

#[test]
fn with_a_policy_that_refuses_less_it_is_rejected() {
    let mut rejected = BTreeMap::new();
    for (profile, text, certificate) in kept(clusters(24)) {
        for (number, (from, to)) in WEAKER.into_iter().enumerate() {
            let weaker = text.replace(from, to);
            if weaker == text {
                continue;
            }
            let is_closed = || {
                answer(&weaker, profile)
                    .is_some_and(|(report, _)| report.boundaries[0].verdict == Verdict::Isolated)
            };
            if number < NONE_LEFT || !is_closed() {
                assert_rejected(&certificate, &sources(&weaker), &format!("{from} is {to}"));
                *rejected.entry(number).or_insert(0) += 1;
            }
        }
        // Labels by which a namespace is selected, and pods that are there already.
        for (from, to) in [("    env: staging", "    env: other"), ("env: staging", "env: other")] {
            let other = text.replace(from, to);
            if answer(&other, profile)
                .is_some_and(|(report, _)| report.boundaries[0].verdict != Verdict::Isolated)
            {
                assert_rejected(&certificate, &sources(&other), "staging has other labels");
            }
        }
    }
    assert!(rejected.len() > NONE_LEFT + 2, "{rejected:?}");
}

/// An engine that errs says of everything that policies refuse it.
#[test]
fn a_wrong_verdict_about_policies_is_caught() {
    let (mut caught, mut right, mut named) = (0, 0, 0);
    for seed in 0..clusters(42) {
        for (number, text) in
            [cluster(seed), to_yaml(&fenced(seed)) + &policies(seed) + OPEN].iter().enumerate()
        {
            let profile = profiles()[usize::try_from(seed).unwrap() % profiles().len()];
            let Some(certificate) = forged(text, profile) else { continue };
            named += usize::from(certificate.contains("\"refused\""));
            let verdict = answer(text, profile).map(|(report, _)| report.boundaries[0].verdict);
            // What the engine cannot tell may be closed all the same.
            match (checked(&certificate, text), verdict != Some(Verdict::Breached)) {
                (Ok(_), true) => right += 1,
                (Err(Refusal::Rejected(_)), _) => caught += 1,
                (answer, _) => {
                    let report = crate::common::answer(text, profile).map(|(report, _)| report);
                    let channels = report.map(|mut report| report.boundaries.remove(0).channels);
                    panic!("seed {seed} {number}: {answer:?}\n{channels:#?}\n{certificate}\n{text}")
                }
            }
        }
    }
    assert!(caught > 20 && right > 3 && named > 10, "{caught} caught, {right} right, {named} named policies");
}

/// Production lets everybody in, and a label of pods tells some of its own apart.
const OPEN_TO_ALL: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: staging, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
apiVersion: v1
kind: Namespace
metadata: {name: production, labels: {pod-security.kubernetes.io/enforce: baseline}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open, namespace: production}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress: [{from: [{namespaceSelector: {}}]}]
";

/// No policy of a list refuses all pods of staging, and all of them together leave none.
#[test]
fn what_policies_refuse_only_together_is_accepted_and_needs_each() {
    let place = PLACES[1];
    let lists: [(&[&str], bool); 3] = [
        (&[OF_PODS[0], OF_PODS[3]], false),
        (
            &[
                "object.?metadata.?labels.?app.orValue('a') in ['a', 'b']",
                "object.?metadata.?labels.?app.orValue('') != 'a'",
                "object.?metadata.?labels.?app.orValue('') != 'b'",
                "object.?metadata.?labels.?app.hasValue()",
            ],
            false,
        ),
        (
            &[
                "has(object.metadata.labels)",
                "!has(object.metadata.labels) || 'app' in object.metadata.labels",
                OF_PODS[0],
            ],
            true,
        ),
    ];
    for (expressions, is_bare) in lists {
        let all = expressions.iter().enumerate();
        let all: Vec<String> =
            all.map(|(number, it)| policy(&format!("keep-{number}"), it, place, "Fail")).collect();
        for profile in profiles() {
            let text = OPEN_TO_ALL.to_owned() + &all.concat();
            let (report, certificate) = answer(&text, profile).unwrap();
            let certificate = certificate.unwrap_or_else(|| panic!("{:#?}\n{text}", report.boundaries));
            assert_eq!(checked(&certificate, &text).err(), None, "{certificate}\n{text}");
            assert_eq!(certificate.contains("\"bare\""), is_bare, "{certificate}");
            let certificate: Value = serde_json::from_str(&certificate).unwrap();
            for (what, changed) in changed(&certificate) {
                assert_rejected(&changed, &sources(&text), &what);
            }
            for without in 0..all.len() {
                let mut fewer = all.clone();
                fewer.remove(without);
                let fewer = OPEN_TO_ALL.to_owned() + &fewer.concat();
                assert_eq!(answer(&fewer, profile).unwrap().0.boundaries[0].verdict, Verdict::Breached);
                assert_rejected(&certificate, &sources(&fewer), "one of the policies is gone");
            }
        }
    }
}

/// What the pages have of policies that keep objects away which both sides could share.
#[test]
fn what_policies_keep_from_being_shared_needs_each_hint_and_each_policy() {
    let (mut hints, mut weaker) = (0, 0);
    for path in files("rules").iter().filter(|path| path.extension().is_some_and(|ending| ending == "md")) {
        for (mut manifests, _) in cases(&std::fs::read_to_string(path).unwrap()) {
            manifests.push(Source { name: "server.yaml".to_owned(), bytes: OF_EVERY_SERVER.into() });
            for channels in [vec![Channel::Api], vec![Channel::Network, Channel::Api]] {
                let question = Question { channels, ..Question::between("staging", "production") };
                let Some((_, Some(certificate))) = rights::answer_about(&manifests, &question) else {
                    continue;
                };
                if !certificate.contains("\"refused\"") {
                    continue;
                }
                let certificate: Value = serde_json::from_str(&certificate).unwrap();
                for (what, changed) in without_facts(&certificate).into_iter().chain(changed(&certificate)) {
                    assert_rejected(&changed, &manifests, &format!("{}: {what}", path.display()));
                    hints += 1;
                }
                for (from, to) in WEAKER.into_iter().take(NONE_LEFT) {
                    let other: Vec<Source> = manifests.iter().map(|it| replaced(it, from, to)).collect();
                    if other.iter().zip(&manifests).any(|(one, other)| one.bytes != other.bytes) {
                        assert_rejected(&certificate, &other, &format!("{}: {from} is {to}", path.display()));
                        weaker += 1;
                    }
                }
            }
        }
    }
    assert!(hints > 300 && weaker > 50, "{hints} hints, {weaker} weaker policies");
}

fn replaced(source: &Source, from: &str, to: &str) -> Source {
    let text = String::from_utf8_lossy(&source.bytes).replace(from, to);
    Source { name: source.name.clone(), bytes: text.into_bytes() }
}

/// Without one of the facts that say what is refused.
fn without_facts(certificate: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (channel, of) in certificate["channels"].as_array().unwrap().iter().enumerate() {
        for (fact, said) in of["facts"].as_array().unwrap().iter().enumerate() {
            if said["fact"] == "refused" {
                let mut less = certificate.clone();
                less["channels"][channel]["facts"].as_array_mut().unwrap().remove(fact);
                all.push((format!("without {said}"), less));
                let mut other = certificate.clone();
                other["channels"][channel]["facts"][fact]["object"]["fields"] =
                    json!([{"path": ["spec", "other"], "is": "absent"}]);
                all.push((format!("another object than {said}"), other));
            }
        }
    }
    all
}
