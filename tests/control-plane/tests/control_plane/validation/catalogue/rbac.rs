//! Roles and what binds them: each field of them, since each is read.

use super::values::{
    booleans, expressions, label_maps, label_values, names, no_lists, no_mappings, no_texts, selectors,
};
use super::{Field, Kind, all_of, field, inside, metadata};
use serde_json::{Value, json};

const API_VERSION: &str = "rbac.authorization.k8s.io/v1";

pub(super) fn kinds() -> Vec<Kind> {
    vec![role(), cluster_role(), role_binding(), cluster_role_binding(), service_account()]
}

fn role() -> Kind {
    let rule = json!({ "apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"], "resourceNames": ["a"] });
    let mut fields = namespaced();
    fields.extend(rules());
    fields.push(field("/aggregationRule", json!([null, {}, { "clusterRoleSelectors": [{}] }])));
    Kind {
        name: "Role",
        api_version: API_VERSION,
        plural: "roles",
        namespaced: true,
        bases: vec![
            json!({ "metadata": { "name": "system:r", "labels": { "app": "web" } }, "rules": [rule] }),
            json!({ "metadata": { "generateName": "r-" } }),
        ],
        fields,
    }
}

fn cluster_role() -> Kind {
    let mut fields = of_the_cluster();
    fields.extend(rules());
    fields.extend([
        field("/aggregationRule", all_of([no_mappings(), json!([{}, { "clusterRoleSelector": [] }])])),
        field("/aggregationRule/clusterRoleSelectors", all_of([no_lists(), json!([[], [{}], [{}, {}]])])),
        field("/aggregationRule/clusterRoleSelectors/0", selectors()),
        field("/aggregationRule/clusterRoleSelectors/0/matchLabels", label_maps()),
        field("/aggregationRule/clusterRoleSelectors/0/matchExpressions/0", expressions()),
    ]);
    Kind {
        name: "ClusterRole",
        api_version: API_VERSION,
        plural: "clusterroles",
        namespaced: false,
        bases: vec![
            json!({
                "metadata": { "name": "validation-r" },
                "rules": [{ "nonResourceURLs": ["/healthz"], "verbs": ["get"] }],
                "aggregationRule": { "clusterRoleSelectors": [{ "matchLabels": { "app": "web" } }] },
            }),
            json!({ "metadata": { "generateName": "r-" }, "rules": [{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] }] }),
        ],
        fields,
    }
}

fn role_binding() -> Kind {
    let mut fields = namespaced();
    fields.extend(binding());
    Kind {
        name: "RoleBinding",
        api_version: API_VERSION,
        plural: "rolebindings",
        namespaced: true,
        bases: vec![
            json!({
                "metadata": { "name": "b" },
                "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r" },
                "subjects": [{ "kind": "ServiceAccount", "name": "a" }, { "kind": "User", "name": "ada" }],
            }),
            json!({ "metadata": { "generateName": "b-" }, "roleRef": { "kind": "ClusterRole", "name": "view" } }),
        ],
        fields,
    }
}

fn cluster_role_binding() -> Kind {
    let mut fields = of_the_cluster();
    fields.extend(binding());
    Kind {
        name: "ClusterRoleBinding",
        api_version: API_VERSION,
        plural: "clusterrolebindings",
        namespaced: false,
        bases: vec![
            json!({
                "metadata": { "name": "validation-b" },
                "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" },
                "subjects": [
                    { "kind": "ServiceAccount", "name": "a", "namespace": "n" },
                    { "kind": "Group", "name": "g", "apiGroup": "rbac.authorization.k8s.io" },
                ],
            }),
            json!({ "metadata": { "generateName": "b-" }, "roleRef": { "kind": "ClusterRole", "name": "view" } }),
        ],
        fields,
    }
}

fn service_account() -> Kind {
    let mut fields = namespaced();
    let references = json!([[], [{}], [{ "name": "a" }], [{ "names": "a" }]]);
    fields.extend([
        field("/automountServiceAccountToken", booleans()),
        field("/imagePullSecrets", all_of([references, no_lists()])),
        field(
            "/secrets",
            all_of([json!([[], [{ "name": "a", "uid": "u" }], [{ "names": "a" }]]), no_lists()]),
        ),
        field("/spec", json!([{}, null])),
    ]);
    Kind {
        name: "ServiceAccount",
        api_version: "v1",
        plural: "serviceaccounts",
        namespaced: true,
        bases: vec![
            json!({ "metadata": { "name": "a" } }),
            json!({ "metadata": { "generateName": "a-" }, "automountServiceAccountToken": false }),
        ],
        fields,
    }
}

/// Fields of an object that lives in a namespace.
fn namespaced() -> Vec<Field> {
    let mut fields = metadata::fields();
    fields.push(metadata::namespace());
    fields
}

/// Fields of an object of the whole cluster.
fn of_the_cluster() -> Vec<Field> {
    let mut fields = metadata::fields();
    fields.push(field("/metadata/namespace", json!(["", null])));
    fields
}

fn rules() -> Vec<Field> {
    let rules = json!([
        [], [{}], [{ "verbs": ["get"] }],
        [{ "verbs": ["get"], "resources": ["pods"] }],
        [{ "verbs": ["get"], "apiGroups": [""] }],
        [{ "verbs": [], "apiGroups": [""], "resources": ["pods"] }],
        [{ "verbs": ["get"], "apiGroups": [""], "resources": ["pods"] }, null],
        [{ "verbs": ["get"], "nonResourceURLs": ["/a"] }],
        [{ "verbs": ["get"], "nonResourceURLs": ["/a"], "resourceNames": ["a"] }],
        [{ "verbs": ["get"], "nonResourceURLs": ["/a"], "resourceNames": [] }],
        [{ "verbs": ["get"], "nonResourceURLs": ["/a"], "apiGroups": [""], "resources": ["pods"] }],
        [{ "nonResourceURLs": ["/a"] }],
        [{ "verbs": ["get"], "nonResourceURLs": [], "apiGroups": [""], "resources": ["pods"] }],
        [{ "verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceName": ["a"] }],
        [{ "verbs": ["get"], "apiGroup": [""], "resources": ["pods"] }],
        [{ "Verbs": ["get"], "apiGroups": [""], "resources": ["pods"] }],
        [{ "verbs": ["get"], "nonResourceUrls": ["/a"] }],
    ]);
    let mut fields = vec![
        field("/rules", all_of([rules, no_lists()])),
        field("/Rules", json!([[]])),
        field("/rule", json!([[]])),
        field("/spec", json!([{}])),
        field("/rules/0", no_mappings()),
    ];
    for list in ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"] {
        let texts = json!([
            ["*"],
            [""],
            ["a", "a"],
            [" "],
            ["GET"],
            ["pods/exec"],
            ["*/scale"],
            ["/a", "/b/*"],
            ["no/slash"],
            [true],
            [{}],
            ["a", null],
            [1.5]
        ]);
        fields.push(field(format!("/rules/0/{list}"), all_of([json!([[]]), texts, no_lists()])));
    }
    fields
}

fn binding() -> Vec<Field> {
    let mut fields = vec![
        field("/roleRef", all_of([no_mappings(), json!([{}, { "kind": "ClusterRole" }, { "name": "r" }])])),
        field("/subjects", all_of([json!([[], [{}], [null]]), no_lists()])),
        field("/Subjects", json!([[]])),
        field("/rules", json!([[]])),
        field("/spec", json!([{}])),
        field("/roleRef/apiGroup", groups()),
        field(
            "/roleRef/kind",
            all_of([json!(["Role", "ClusterRole", "role", "Roles", "", "Pod"]), no_texts()]),
        ),
        field("/roleRef/name", names()),
        field("/roleRef/namespace", json!(["n", null])),
    ];
    fields.extend(inside("/subjects/0", subject()));
    let others = ["User", "Group"].map(|kind| {
        let mut subjects = vec![json!({ "kind": kind })];
        for group in groups().as_array().into_iter().flatten() {
            subjects.push(json!({ "kind": kind, "name": "ada", "apiGroup": group }));
        }
        for name in names().as_array().into_iter().flatten() {
            subjects.push(json!({ "kind": kind, "name": name }));
        }
        subjects.push(json!({ "kind": kind, "name": "ada", "namespace": "n" }));
        subjects.push(json!({ "kind": kind, "name": "ada", "apiVersion": "v1" }));
        Value::Array(subjects)
    });
    fields.push(field("/subjects/0", all_of([all_of(others), no_mappings()])));
    fields
}

fn subject() -> Vec<Field> {
    let kinds = json!(["User", "Group", "ServiceAccount", "user", "Serviceaccount", "Pod", ""]);
    vec![
        field("/kind", all_of([kinds, no_texts()])),
        field("/name", names()),
        field("/apiGroup", groups()),
        field("/namespace", all_of([label_values(), json!(["A/b"])])),
        field("/Name", json!(["a"])),
    ]
}

fn groups() -> Value {
    let groups = json!(["rbac.authorization.k8s.io", "", "v1", "apps", "RBAC.authorization.k8s.io", "*"]);
    all_of([groups, no_texts()])
}
