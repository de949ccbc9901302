//! Namespace: its labels, those of Pod Security included.

use super::values::no_texts;
use super::{Kind, all_of, field, metadata};
use serde_json::{Value, json};

pub(super) fn kind() -> Kind {
    let mut fields = metadata::fields();
    fields.extend([
        field("/metadata/labels/kubernetes.io~1metadata.name", json!(["n", "other", "", "-x", null, 7])),
        field("/metadata/namespace", json!(["", null])),
    ]);
    for mode in ["enforce", "audit", "warn"] {
        let label = format!("/metadata/labels/pod-security.kubernetes.io~1{mode}");
        fields.push(field(label.clone(), levels()));
        fields.push(field(format!("{label}-version"), versions()));
    }
    Kind {
        name: "Namespace",
        api_version: "v1",
        plural: "namespaces",
        namespaced: false,
        bases: vec![
            json!({ "metadata": { "name": "validation-n", "labels": {
                "team": "web",
                "pod-security.kubernetes.io/enforce": "baseline",
                "pod-security.kubernetes.io/enforce-version": "v1.33",
            } } }),
            json!({ "metadata": { "generateName": "validation-n-" } }),
        ],
        fields,
    }
}

fn levels() -> Value {
    let levels = json!([
        "privileged",
        "baseline",
        "restricted",
        "Baseline",
        "BASELINE",
        "default",
        "none",
        "baseline.",
        "baselines",
        ""
    ]);
    all_of([levels, no_texts()])
}

fn versions() -> Value {
    let versions = json!([
        "latest",
        "v1.33",
        "v1.0",
        "v1.36",
        "v1.37",
        "v1.99",
        "v1.00",
        "v1.033",
        "v1.",
        "v1",
        "v0.1",
        "v2.0",
        "V1.33",
        "1.33",
        "v1.33.1",
        "v1.33-rc",
        "v1.x",
        "Latest",
        "",
        "v1.4294967296",
        "v1.99999999999999999999",
    ]);
    all_of([versions, no_texts()])
}
