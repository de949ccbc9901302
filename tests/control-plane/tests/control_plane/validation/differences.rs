//! Where the reader differs from the server, and why that is right. Each of these must still occur.

use crate::validation::catalogue::MISSING;
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
    ]
}
