//! Admission: what sees, changes or refuses every object that is written.

use crate::primitive::{ALTER, ActsAs, CHANGE, EDIT, EVER, Need, Of, Primitive, WRITE};
use watertight_model::Gain;

pub(super) const ROWS: &[Primitive] = &[
    // A30. No admission policy or webhook sees these configurations.
    Primitive {
        rule: "mutating-webhooks",
        needs: &[Need::cluster(CHANGE, &[("admissionregistration.k8s.io", "mutatingwebhookconfigurations")])],
        gain: Gain::ControlsCluster,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "rewrite every object that anybody writes, the pods of production and its Secrets included",
        fix: "let administrators alone write webhook configurations",
    },
    // A31.
    Primitive {
        rule: "validating-webhooks",
        needs: &[Need::cluster(
            CHANGE,
            &[("admissionregistration.k8s.io", "validatingwebhookconfigurations")],
        )],
        gain: Gain::ReadsSecrets,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "see every object that anybody writes, Secrets included, and refuse it",
        fix: "let administrators alone write webhook configurations",
    },
    // A32.
    Primitive {
        rule: "mutating-policies",
        needs: &[Need::cluster(EDIT, &[("admissionregistration.k8s.io", "mutatingadmissionpolicies")])],
        gain: Gain::RunsPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "rewrite the pods of production, by a policy that is there",
        fix: "let administrators alone write admission policies",
    },
    // A policy does nothing without a binding.
    Primitive {
        rule: "mutating-policies",
        needs: &[
            Need::cluster(&["create"], &[("admissionregistration.k8s.io", "mutatingadmissionpolicies")])
                .own_names(),
            Need::cluster(CHANGE, &[("admissionregistration.k8s.io", "mutatingadmissionpolicybindings")])
                .own_names(),
        ],
        gain: Gain::RunsPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "rewrite the pods of production, by a policy of its own",
        fix: "let administrators alone write admission policies",
    },
    // A32. A new binding can refuse everything.
    Primitive {
        rule: "admission-fence",
        needs: &[Need::cluster(WRITE, BINDINGS)],
        gain: Gain::ChangesFence,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change to what admission policies apply",
        fix: "let administrators alone write admission policies and their bindings",
    },
    // A31, A32. A policy that nothing binds is new, and does nothing.
    Primitive {
        rule: "admission-fence",
        needs: &[Need::cluster(ALTER, FENCE)],
        gain: Gain::ChangesFence,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change or remove what admission refuses",
        fix: "let administrators alone write admission policies and webhook configurations",
    },
    // A33. What has no parameters any more is judged as the binding says, or not at all.
    Primitive {
        rule: "policy-params",
        needs: &[Need::any_namespace(WRITE, &[]).of(Of::Params)],
        gain: Gain::ChangesFence,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change the parameters by which an admission policy decides",
        fix: "keep the parameters of policies in a namespace where administrators alone write, and name it in `paramRef`",
    },
];

const BINDINGS: &[(&str, &str)] = &[
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings"),
];
const FENCE: &[(&str, &str)] = &[
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies"),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
];
