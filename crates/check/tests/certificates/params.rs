//! Who may write what admission policies go by (`rules/policy-params.md`).

use crate::by_hand::{
    CLOSED, accepted, facts, forged, needs_each_fact, of_rights, rejected, right, third, verdict,
};
use serde_json::json;
use watertight_model::Verdict;

/// A policy about new pods, and a binding of it, with where its parameters are.
fn validating(kind: &str, at: &str, namespaces: &str) -> String {
    format!(
        "---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {{name: registries}}
spec:
  paramKind: {kind}
  matchConstraints:
    resourceRules: [{{apiGroups: [''], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}}]
  validations: [{{expression: \"object.metadata.name != 'a'\"}}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {{name: registries}}
spec:
  policyName: registries
  validationActions: [Deny]
  paramRef: {at}
  matchResources: {{namespaceSelector: {{matchLabels: {namespaces}}}}}
"
    )
}

/// The same of one that changes pods.
fn mutating(kind: &str, at: &str, namespaces: &str) -> String {
    format!(
        "---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {{name: pools}}
spec:
  reinvocationPolicy: Never
  paramKind: {kind}
  matchConstraints:
    resourceRules: [{{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}}]
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {{expression: \"Object{{spec: Object.spec{{nodeSelector: {{'pool': 'a'}}}}}}\"}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {{name: pools}}
spec:
  policyName: pools
  paramRef: {at}
  matchResources: {{namespaceSelector: {{matchLabels: {namespaces}}}}}
"
    )
}

const CONFIGMAP: &str = "{apiVersion: v1, kind: ConfigMap}";
const CUSTOM: &str = "{apiVersion: rules.example.com/v1, kind: Registry}";
const STAGING: &str = "{kubernetes.io/metadata.name: staging}";
const PRODUCTION: &str = "{kubernetes.io/metadata.name: production}";

/// A right, and where it is.
type Given = (&'static str, &'static str);

/// Parameters, each with rights that do not change them and rights that do.
const PARAMETERS: [([&str; 3], &[Given], &[Given]); 5] = [
    // In the namespace of each object.
    (
        [CONFIGMAP, "{name: own, parameterNotFoundAction: Deny}", STAGING],
        &[
            (
                "staging",
                "{apiGroups: [''], resources: [configmaps], verbs: [update], resourceNames: [other]}",
            ),
            ("staging", "{apiGroups: [''], resources: [configmaps], verbs: [get]}"),
            ("other", "{apiGroups: [''], resources: [configmaps], verbs: [update]}"),
        ],
        &[
            ("staging", "{apiGroups: [''], resources: [configmaps], verbs: [update]}"),
            ("staging", "{apiGroups: [''], resources: [configmaps], verbs: [update], resourceNames: [own]}"),
            ("staging", "{apiGroups: ['*'], resources: [configmaps, services], verbs: ['*']}"),
        ],
    ),
    // For another side's objects.
    (
        [CONFIGMAP, "{name: own, parameterNotFoundAction: Deny}", PRODUCTION],
        &[("staging", "{apiGroups: [''], resources: [configmaps], verbs: [update]}")],
        &[],
    ),
    // In a namespace of neither side.
    (
        [CONFIGMAP, "{name: all, namespace: other, parameterNotFoundAction: Deny}", STAGING],
        &[("staging", "{apiGroups: [''], resources: [configmaps], verbs: [update]}")],
        &[("other", "{apiGroups: [''], resources: [configmaps], verbs: [delete]}")],
    ),
    // Whichever a selector chooses.
    (
        [CONFIGMAP, "{selector: {}, namespace: other, parameterNotFoundAction: Deny}", STAGING],
        &[("other", "{apiGroups: [''], resources: [pods], verbs: [update]}")],
        &[("other", "{apiGroups: [''], resources: [configmaps], verbs: [update], resourceNames: [a]}")],
    ),
    // Of a kind that is not known: any resource of its group may be it.
    (
        [CUSTOM, "{name: all, namespace: other, parameterNotFoundAction: Deny}", STAGING],
        &[
            // What may be made of a kind that no channel knows is another rule's (`rules/creatable-kind.md`).
            ("other", "{apiGroups: [cert-manager.io], resources: [certificates], verbs: [update]}"),
            ("other", "{apiGroups: [rules.example.com], resources: [registries], verbs: [get]}"),
        ],
        &[("other", "{apiGroups: [rules.example.com], resources: [anything], verbs: [update]}")],
    ),
];

#[test]
fn who_may_write_parameters_is_in_no_certificate() {
    let (mut others, mut writers) = (0, 0);
    for ([kind, at, namespaces], without, with) in PARAMETERS {
        for policy in [validating, mutating] {
            let policy = policy(kind, at, namespaces);
            let cluster = CLOSED.to_owned() + &third("other") + &policy;
            let before = accepted(&of_rights(), &cluster);
            for (namespace, rule) in without {
                let text = cluster.clone() + &right(namespace, rule);
                let certificate = accepted(&of_rights(), &text);
                others += needs_each_fact(&certificate, &text);
            }
            for (namespace, rule) in with {
                let open = CLOSED.to_owned() + &third("other") + &right(namespace, rule);
                let text = open.clone() + &policy;
                assert_eq!(verdict(&of_rights(), &text), Verdict::Breached, "{text}");
                rejected(&before, &text, "no fact says what rights yield by");
                // Where the right changes no parameters all is said, but for those that it changes now.
                let mut certificate = forged(&of_rights(), &open);
                rejected(&certificate, &text, "no fact says what rights yield by `policy-params");
                facts(&mut certificate, "api")
                    .push(json!({"fact": "gains", "row": "policy-params", "scope": null, "names": []}));
                rejected(&certificate, &text, "it is a breach");
                writers += 1;
            }
        }
    }
    assert!(others > 40 && writers == 12, "{others} facts, {writers} writers");
}

/// A policy that only warns is no fence, whatever its parameters are.
#[test]
fn parameters_of_what_refuses_nothing_do_not_count() {
    let [kind, at, namespaces] = PARAMETERS[0].0;
    let (namespace, rule) = PARAMETERS[0].2[0];
    let warns = validating(kind, at, namespaces).replace("[Deny]", "[Warn]");
    let text = CLOSED.to_owned() + &warns + &right(namespace, rule);
    let certificate = accepted(&of_rights(), &text);
    rejected(&certificate, &text.replace("[Warn]", "[Deny]"), "`policy-params");
    rejected(&certificate, &text.replace("[Warn]", "[Deny, Audit]"), "`policy-params");
}
