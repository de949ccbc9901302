//! `metadata` of every kind.

use super::values::{label_keys, label_maps, label_values, names, no_lists, no_mappings, no_texts};
use super::{Field, MISSING, all_of, field};
use serde_json::{Value, json};

/// The fields of an object's metadata.
pub(super) fn fields() -> Vec<Field> {
    let mut fields = vec![
        field("/metadata", no_mappings()),
        field("/metadata/name", names()),
        field("/metadata/generateName", generated()),
        field("/metadata/uid", json!(["1b4db7eb-4057-5ddf-91e0-36dec72071f5", "", null, 7, {}])),
        field("/metadata/ownerReferences", owners()),
        field("/metadata/Labels", json!([{}, { "app": "web" }])),
        field("/metadata/name_space", json!(["other"])),
    ];
    fields.extend(maps());
    fields
}

/// The namespace that an object names. Of others than the test's own, only those that no server has.
pub(super) fn namespace() -> Field {
    let names = json!(["", "A", "a_b", "-a", "a.b", "a b", "a/b", "é", "a".repeat(64)]);
    field("/metadata/namespace", all_of([names, no_texts()]))
}

/// The labels and annotations of an object or a template.
pub(super) fn maps() -> Vec<Field> {
    let annotations = label_keys().into_iter().map(|key| json!({ key: "x" })).collect();
    let values =
        json!([{}, { "a": "any {text} / at ~all\n" }, { "a": 7 }, { "a": true }, { "a": null }, { "a": [] }]);
    vec![
        field("/metadata/labels", label_maps()),
        field("/metadata/labels/extra", label_values()),
        field("/metadata/annotations", all_of([annotations, values, no_mappings()])),
    ]
}

/// A prefix for the server to make a name from. Without a name it is all there is.
fn generated() -> Value {
    let prefixes = json!([
        "web-",
        "web",
        "web.",
        "Web-",
        "web_",
        "-",
        ".",
        "a".repeat(63),
        "a".repeat(64),
        "a".repeat(248)
    ]);
    all_of([prefixes, json!(["a".repeat(260), "", "a b-"]), no_texts()])
}

fn owners() -> Value {
    let owner = |change: Value| {
        let mut owner = json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "1", "controller": true });
        for (key, value) in change.as_object().into_iter().flatten() {
            if value == MISSING {
                owner.as_object_mut().into_iter().for_each(|owner| drop(owner.remove(key)));
            } else {
                owner[key] = value.clone();
            }
        }
        owner
    };
    let mut lists = vec![
        json!([]),
        json!([owner(json!({}))]),
        json!([owner(json!({})), owner(json!({ "name": "other", "uid": "2" }))]),
        json!([owner(json!({})), owner(json!({ "name": "other", "uid": "2", "controller": false }))]),
        json!([{}]),
    ];
    for key in ["apiVersion", "kind", "name", "uid"] {
        lists.extend(
            [json!(""), json!(null), json!(MISSING), json!(7)]
                .map(|value| json!([owner(json!({ key: value }))])),
        );
    }
    for value in [json!(false), json!(null), json!(MISSING), json!("true"), json!("yes"), json!(1)] {
        lists.push(json!([owner(json!({ "controller": value }))]));
    }
    for value in ["v1", "a/b/c", "/v1", "apps/", "/"] {
        lists.push(json!([owner(json!({ "apiVersion": value }))]));
    }
    lists.push(json!([owner(json!({ "apiVersion": "v1", "kind": "Event" }))]));
    all_of([lists.into_iter().collect(), no_lists()])
}
