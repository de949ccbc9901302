//! ValidatingAdmissionPolicies keep pods away that would get across: from manifests to verdict.

#![expect(clippy::unwrap_used, reason = "a question without an answer is to be loud here")]

mod common;

use common::ingested;
use watertight_model::{Channel, ChannelReport, Verdict, When};
use watertight_prove::{Question, admission_diagnostics, certify, prove};

/// Production lets in pods of staging with a label that none has today.
const LABELLED: &str = "
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
metadata: {name: fence, namespace: production}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
  - from: [{namespaceSelector: {}, podSelector: {matchLabels: {tier: frontend}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: front, namespace: production, labels: {tier: frontend}}
spec: {containers: [{name: c, image: example.com/db}]}
";

const POLICY: &str = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-frontend}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}
  validations:
  - expression: \"!has(object.metadata.labels) || !('tier' in object.metadata.labels) || object.metadata.labels['tier'] != 'frontend'\"
    message: frontends live in production
";

const BINDING: &str = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-frontend}
spec:
  policyName: no-frontend
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: staging}}}
";

fn examine(manifests: &[&str]) -> ChannelReport {
    examine_with(manifests, &[Channel::Network])
}

fn examine_with(manifests: &[&str], channels: &[Channel]) -> ChannelReport {
    let question = Question { channels: channels.to_vec(), ..Question::between("staging", "production") };
    prove(&ingested(manifests).snapshot, &question).unwrap().boundaries.remove(0).channels.remove(0)
}

fn verdict(manifests: &[&str]) -> Verdict {
    examine(manifests).verdict
}

#[test]
fn a_label_that_a_policy_refuses_lets_nobody_across() {
    let without = examine(&[LABELLED]);
    assert_eq!(without.verdict, Verdict::Breached);
    assert_eq!(without.breaches[0].when, When::Possible);
    let with = examine(&[LABELLED, POLICY, BINDING]);
    assert_eq!(with.verdict, Verdict::Isolated, "{:?} {:?}", with.breaches, with.blind_spots);
    let resting: Vec<&str> = with.assumptions.iter().map(|assumption| assumption.id.as_str()).collect();
    assert!(resting.contains(&"admission-policies") && resting.contains(&"labels-by-pods-alone"));
}

#[test]
fn a_policy_that_does_not_surely_refuse_changes_nothing() {
    for (what, policy, binding) in [
        ("it only audits", POLICY.to_owned(), BINDING.replace("[Deny]", "[Audit]")),
        ("no binding is its own", POLICY.to_owned(), BINDING.replace("policyName: no-frontend", "policyName: other")),
        ("updates pass", POLICY.replace("[CREATE, UPDATE]", "[CREATE]"), BINDING.to_owned()),
        ("creation passes", POLICY.replace("[CREATE, UPDATE]", "[UPDATE]"), BINDING.to_owned()),
        ("it is about another namespace", POLICY.to_owned(), BINDING.replace("name: staging", "name: other")),
        ("it is about other resources", POLICY.replace("[pods]", "[services]"), BINDING.to_owned()),
        ("it is about another version", POLICY.replace("apiVersions: [v1]", "apiVersions: [v2]"), BINDING.to_owned()),
        (
            "a condition may leave the request out",
            POLICY.replace("  validations:", "  matchConditions: [{name: a, expression: \"request.userInfo.username != 'admin'\"}]\n  validations:"),
            BINDING.to_owned(),
        ),
        (
            "an object selector may leave the pod out",
            POLICY.replace("    resourceRules:", "    objectSelector: {matchLabels: {app: api}}\n    resourceRules:"),
            BINDING.to_owned(),
        ),
        (
            "such a pod is left out",
            POLICY.replace("    resourceRules:", "    excludeResourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: [UPDATE], resources: [pods]}]\n    resourceRules:"),
            BINDING.to_owned(),
        ),
        (
            "an error lets it pass",
            POLICY.replace("  matchConstraints:", "  failurePolicy: Ignore\n  matchConstraints:").replace("\"!has", "\"object.spec.nope == 1 && !has").replace("frontend'\"", "frontend' || object.spec.nope\""),
            BINDING.to_owned(),
        ),
        ("the server refuses the policy", POLICY.replace("!has(", "1 == 'a' || !has("), BINDING.to_owned()),
        ("the server may refuse the policy", POLICY.replace("!has(", "!quux(object) || !has("), BINDING.to_owned()),
        ("it is about another value", POLICY.replace("!= 'frontend'", "!= 'backend'"), BINDING.to_owned()),
        ("a hook of Helm is gone again", POLICY.replace("{name: no-frontend}", "{name: no-frontend, annotations: {helm.sh/hook: pre-install}}"), BINDING.to_owned()),
        ("its parameters are not known", POLICY.replace("  matchConstraints:", "  paramKind: {apiVersion: v1, kind: ConfigMap}\n  matchConstraints:"), BINDING.replace("  validationActions", "  paramRef: {name: x, parameterNotFoundAction: Allow}\n  validationActions")),
    ] {
        assert_ne!(policy.clone() + &binding, POLICY.to_owned() + BINDING, "{what}");
        assert_eq!(verdict(&[LABELLED, &policy, &binding]), Verdict::Breached, "{what}");
    }
}

#[test]
fn where_no_pod_can_be_created_those_of_today_get_labels_all_the_same() {
    let none = POLICY.replace("\"!has(object.metadata.labels) || !('tier' in object.metadata.labels) || object.metadata.labels['tier'] != 'frontend'\"", "\"false\"");
    assert_ne!(none, POLICY);
    assert_eq!(verdict(&[LABELLED, &none, BINDING]), Verdict::Isolated);
    let created = none.replace("[CREATE, UPDATE]", "[CREATE]");
    assert_eq!(verdict(&[LABELLED, &created, BINDING]), Verdict::Breached);
}

#[test]
fn a_policy_that_surely_refuses_counts_however_it_is_written() {
    for (what, policy, binding) in [
        ("every resource", POLICY.replace("[pods]", "['*/*']"), BINDING.to_owned()),
        ("every namespace", POLICY.to_owned(), BINDING.replace("  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: staging}}}", "")),
        ("the label must be another", POLICY.replace("!has(object.metadata.labels) || !('tier' in object.metadata.labels) || object.metadata.labels['tier'] != 'frontend'", "object.?metadata.?labels.?tier.orValue('none') in ['none', 'backend']"), BINDING.to_owned()),
        ("a variable", POLICY.replace("  validations:", "  variables: [{name: labels, expression: \"has(object.metadata.labels) ? object.metadata.labels : {}\"}]\n  validations:").replace("!has(object.metadata.labels) || !('tier' in object.metadata.labels) || object.metadata.labels['tier'] != 'frontend'", "variables.labels.all(key, key != 'tier' || variables.labels[key] != 'frontend')"), BINDING.to_owned()),
        ("errors are refused", POLICY.replace("!has(", "object.spec.nope.nope == 1 && !has("), BINDING.to_owned()),
        ("only what is asked of staging", POLICY.replace("\"!has(", "\"namespaceObject.metadata.labels['kubernetes.io/metadata.name'] != 'staging' || !has("), BINDING.to_owned()),
        ("a condition that holds", POLICY.replace("  validations:", "  matchConditions: [{name: a, expression: \"request.namespace == 'staging' && request.resource.resource == 'pods'\"}]\n  validations:"), BINDING.to_owned()),
        ("ignoring errors that there are none of", POLICY.replace("  matchConstraints:", "  failurePolicy: Ignore\n  matchConstraints:"), BINDING.to_owned()),
    ] {
        let report = examine(&[LABELLED, &policy, &binding]);
        assert_eq!(report.verdict, Verdict::Isolated, "{what}: {:?} {:?}", report.breaches, report.blind_spots);
    }
}

#[test]
fn a_pod_of_today_gets_across_whatever_is_refused_now() {
    let there = LABELLED.replace("labels: {app: api}", "labels: {tier: frontend}");
    let report = examine(&[&there, POLICY, BINDING]);
    assert_eq!(report.verdict, Verdict::Breached);
    assert_eq!(report.breaches[0].when, When::Now);
}

#[test]
fn a_policy_keeps_pods_off_the_host_network() {
    let open = LABELLED
        .replace("name: staging, labels: {pod-security.kubernetes.io/enforce: baseline}", "name: staging")
        .replace(
            "[{namespaceSelector: {}, podSelector: {matchLabels: {tier: frontend}}}]",
            "[{podSelector: {}}]",
        );
    let policy = POLICY.replace("!has(object.metadata.labels) || !('tier' in object.metadata.labels) || object.metadata.labels['tier'] != 'frontend'", "!has(object.spec.hostNetwork) || !object.spec.hostNetwork");
    let probes =
        |report: &ChannelReport| report.breaches.iter().map(|breach| breach.rule).collect::<Vec<_>>();
    assert_eq!(probes(&examine(&[&open])), ["host-network-source"]);
    // Nothing but the host network is fenced by it: probes are left.
    assert_eq!(probes(&examine(&[&open, &policy, BINDING])), ["probe-host"]);
    let created = policy.replace("[CREATE, UPDATE]", "[CREATE]");
    assert_eq!(probes(&examine(&[&open, &created, BINDING])), ["probe-host"]);
    let updated = policy.replace("[CREATE, UPDATE]", "[UPDATE]");
    assert_eq!(probes(&examine(&[&open, &updated, BINDING])), ["host-network-source"]);
}

#[test]
fn what_is_not_understood_of_a_policy_is_told() {
    let told = |policy: &str| {
        let ingested = ingested(&[policy, BINDING]);
        assert!(ingested.diagnostics.is_empty(), "{:?}", ingested.diagnostics);
        admission_diagnostics(&ingested.snapshot)
    };
    assert_eq!(told(POLICY), []);
    let [told] = &*told(&POLICY.replace("!has(", "!quux(object) || !has(")) else { panic!("one") };
    assert_eq!(told.rule, "unread-admission-policy");
    assert!(told.message.contains("`quux` is not known"), "{}", told.message);
}

/// Production lets in a namespace by a label, and somebody of staging may change the labels of staging.
const RELABELLED: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: staging, labels: {pod-security.kubernetes.io/enforce: baseline, env: staging}}
---
apiVersion: v1
kind: Namespace
metadata: {name: production, labels: {pod-security.kubernetes.io/enforce: baseline, env: production}}
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
  - from: [{namespaceSelector: {matchLabels: {env: production}}}]
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

const KEPT: &str = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: one-production}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [namespaces, namespaces/status, namespaces/finalize]}
  validations:
  - expression: \"object.?metadata.?labels.?env.orValue('') != 'production' || request.name == 'production'\"
  - expression: \"object.?metadata.?labels[?'pod-security.kubernetes.io/enforce'].orValue('') == 'baseline'\"
  - expression: \"!has(object.metadata.labels) || !('pod-security.kubernetes.io/enforce-version' in object.metadata.labels)\"
  matchConditions:
  - {name: others, expression: \"object.metadata.name != 'production'\"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: one-production}
spec: {policyName: one-production, validationActions: [Deny]}
";

#[test]
fn a_namespace_gets_no_label_that_a_policy_refuses() {
    let network = |manifests: &[&str]| examine_with(manifests, &[Channel::Network, Channel::Api]);
    assert_eq!(network(&[RELABELLED]).verdict, Verdict::Breached);
    let kept = network(&[RELABELLED, KEPT]);
    assert_eq!(kept.verdict, Verdict::Isolated, "{:?} {:?}", kept.breaches, kept.blind_spots);
    assert!(kept.assumptions.iter().any(|assumption| assumption.id == "admission-policies"));
    // Once `tier` is another, nobody is asked about the parts.
    let by_label = KEPT
        .replace("one-production", "parts")
        .replace("[namespaces, namespaces/status, namespaces/finalize]", "[namespaces/status, namespaces/finalize]")
        .replace("policyName: parts,", "policyName: parts, matchResources: {namespaceSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}},");
    let main = KEPT.replace(", namespaces/status, namespaces/finalize]", "]");
    assert_ne!(by_label.replace("matchResources", ""), by_label);
    assert_eq!(network(&[RELABELLED, &main, &by_label]).verdict, Verdict::Breached);
    for (what, policy) in [
        ("it only warns", KEPT.replace("[Deny]", "[Warn]")),
        ("only new namespaces", KEPT.replace("[CREATE, UPDATE]", "[CREATE]")),
        ("a subresource is left", KEPT.replace(", namespaces/finalize]", "]")),
        ("Pod Security can go", KEPT.replace("== 'baseline'", "!= ''")),
        ("its version can go back", KEPT.replace("enforce-version", "audit-version")),
        ("another label", KEPT.replace("?env", "?tier")),
        (
            "who asks matters",
            KEPT.replace("request.name == 'production'", "request.userInfo.username == 'admin'"),
        ),
    ] {
        assert_ne!(policy, KEPT, "{what}");
        assert_eq!(network(&[RELABELLED, &policy]).verdict, Verdict::Breached, "{what}");
    }
}

const PROBE_HOST: &str = include_str!("../../../rules/probe-host.md");
const SHARED_PROXY: &str = include_str!("../../../rules/shared-proxy.md");

/// The manifests of a case of a rule's page.
fn manifests_of(page: &str, case: &str) -> Vec<String> {
    let (_, case) = page.split_once(&format!("### {case}\n")).unwrap();
    let case = case.split("\n### ").next().unwrap();
    let blocks = case.split("```yaml\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned());
    blocks.collect()
}

#[test]
fn what_rests_on_admission_gets_a_certificate() {
    for (page, case, channels) in [
        (PROBE_HOST, "A policy refuses probes of other hosts", &[Channel::Network][..]),
        (SHARED_PROXY, "Policies and rights leave no move", &[Channel::Network, Channel::Api]),
    ] {
        let manifests = manifests_of(page, case);
        let ingested = ingested(&manifests.iter().map(String::as_str).collect::<Vec<_>>());
        let question = Question { channels: channels.to_vec(), ..Question::between("staging", "production") };
        let mut report = prove(&ingested.snapshot, &question).unwrap();
        assert_eq!(report.boundaries[0].verdict, Verdict::Isolated, "{case}");
        let certified = certify(&ingested.snapshot, &question, &mut report).unwrap();
        assert!(certified.is_some(), "{case}: {:?}", report.boundaries[0].channels[0].blind_spots);
        assert_eq!(report.boundaries[0].verdict, Verdict::Isolated, "{case}");
    }
}
