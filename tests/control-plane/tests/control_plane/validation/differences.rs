//! Where the reader differs from the server, and why that is right. Each of these must still occur.

use crate::validation::catalogue::MISSING;
use crate::validation::catalogue::cluster_policy::{odd_expressions, odd_labels};
use crate::validation::generate::Change;
use serde_json::{Value, json};

/// A difference.
pub(crate) struct Difference {
    /// How the pointer of the changed field ends.
    pub(crate) field: &'static str,
    pub(crate) values: Value,
    pub(crate) reason: &'static str,
}

impl Difference {
    /// Whether it is about this change.
    pub(crate) fn covers(&self, change: &Change) -> bool {
        let values = self.values.as_array().map(Vec::as_slice).unwrap_or_default();
        change.pointer.ends_with(self.field) && values.contains(&change.value)
    }
}

/// All of them.
pub(crate) fn differences() -> Vec<Difference> {
    let of = |field, values: Value, reason| Difference { field, values, reason };
    vec![
        of(
            "/image",
            json!([MISSING, null, "", " ", " x", "x "]),
            "an image that is missing is filled in by something, and nothing rests on it until then",
        ),
        of("/containers", json!([[{ "name": "a" }]]), "as above: this container has no image"),
        of(
            "/status",
            json!([{}, null, "x", { "conditions": [] }]),
            "servers from 1.24 to 1.27 wrote a status into each NetworkPolicy, and what was dumped there is no less a fence",
        ),
        of(
            "/metadata/labels/kubernetes.io~1metadata.name",
            json!(["-x"]),
            "the server replaces this label of a namespace before it looks at it; who writes no label is told all the same",
        ),
        of(
            "/subject/pods/podSelector/matchLabels",
            odd_labels(),
            "the schema of a custom resource takes every text as a label, and what a program makes of it is not known",
        ),
        of("/matchExpressions/0", odd_expressions(), "as above"),
        of(
            "/subject/pods/podSelector/matchLabels",
            json!([{ "app": null }]),
            "the server drops the label, and selects more than the file says",
        ),
        of(
            "/egress/0",
            ["Deny", "Pass"]
                .map(|action| json!({ "action": action, "to": [{ "domainNames": ["example.com"] }] }))
                .into_iter()
                .collect(),
            "the text lets domain names stand in rules that accept alone, and the schema does not ask (N70)",
        ),
        of(
            "/protocols/0",
            json!([{ "destinationNamedPort": "" }]),
            "an empty name may mean no port or be taken for no name at all",
        ),
        of("/ports/0", json!([{ "namedPort": "" }]), "as above"),
        of(
            "/ports/0",
            json!([{ "portRange": { "protocol": "TCP", "start": 3, "end": 2 } }]),
            "the older schema takes a range that is reversed, and what a program makes of it is not known",
        ),
        of("/portRange/start", json!([80, 80.0, 65535, 1e3]), "as above"),
        of(
            "/portNumber/protocol",
            json!(["tcp", "Udp", "ICMP", "ANY", "*", " TCP", "", "6"]),
            "the older schema takes every text as a protocol",
        ),
    ]
}
