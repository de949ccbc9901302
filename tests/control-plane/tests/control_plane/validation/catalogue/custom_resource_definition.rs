//! CustomResourceDefinition: the names and the versions. Schemas are not looked at.

use super::values::{booleans, no_lists, no_mappings, no_texts};
use super::{Kind, all_of, field, metadata};
use serde_json::{Value, json};

pub(super) fn kind() -> Kind {
    let mut fields = metadata::fields();
    fields.extend([
        field("/spec", no_mappings()),
        field("/spec/group", words()),
        field("/spec/group", json!(["widgets", "Example.com", "-a.b", "a_b.c"])),
        field("/spec/scope", all_of([json!(["Namespaced", "Cluster", "namespaced", "", "*"]), no_texts()])),
        field("/spec/names", all_of([no_mappings(), json!([{}])])),
        field("/spec/names/kind", all_of([words(), json!(["Gadget"])])),
        field("/spec/names/plural", words()),
        field("/spec/names/singular", words()),
        field("/spec/names/shortNames", all_of([json!([[], ["w"], ["w", "wd"]]), no_lists()])),
        field("/spec/names/shortNames/0", words()),
        field("/spec/names/short", json!([["w"]])),
        field("/spec/versions", all_of([json!([[]]), no_lists()])),
        field("/spec/versions/0", no_mappings()),
        field("/spec/versions/0/name", words()),
        field("/spec/versions/0/served", booleans()),
        field("/spec/versions/0/storage", booleans()),
        field("/spec/versions/0/subresources", all_of([no_mappings(), json!([{}])])),
        field("/spec/versions/0/subresources/status", all_of([no_mappings(), json!([{}])])),
        field("/spec/version", json!(["v1"])),
        field("/spec/conversion", all_of([no_mappings(), json!([{}, { "strategy": "None" }])])),
        field(
            "/spec/conversion",
            json!([
                { "strategy": "Webhook" },
                { "strategy": "Other" },
                { "strategy": "None", "webhook": webhook(&["v1"]) },
                { "strategy": "Webhook", "webhook": webhook(&["v1"]) },
                { "strategy": "Webhook", "webhook": webhook(&[]) },
                { "strategy": "Webhook", "webhook": webhook(&["v2"]) },
            ]),
        ),
    ]);
    Kind {
        name: "CustomResourceDefinition",
        api_version: "apiextensions.k8s.io/v1",
        plural: "customresourcedefinitions",
        namespaced: false,
        bases: vec![json!({
            "metadata": { "name": "widgets.validation.example.com" },
            "spec": {
                "group": "validation.example.com",
                "scope": "Namespaced",
                "names": { "plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList" },
                "versions": [{
                    "name": "v1",
                    "served": true,
                    "storage": true,
                    "schema": { "openAPIV3Schema": { "type": "object" } },
                    "subresources": { "status": {} },
                }],
            },
        })],
        fields,
    }
}

fn webhook(versions: &[&str]) -> Value {
    let service = json!({ "namespace": "hooks", "name": "hook" });
    json!({ "conversionReviewVersions": versions, "clientConfig": { "service": service } })
}

fn words() -> Value {
    let words = json!(["a", "a1", "1a", "A", "a-b", "-a", "a_b", "a.b", "", "a".repeat(63), "a".repeat(64)]);
    all_of([words, no_texts()])
}
