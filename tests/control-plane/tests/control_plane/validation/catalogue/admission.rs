//! Webhook configurations and APIServices: each field of them but what is said in CEL.

use super::values::{booleans, expressions, label_maps, no_lists, no_mappings, no_texts, selectors};
use super::{Field, Kind, all_of, field, inside, metadata};
use serde_json::{Value, json};

pub(super) fn kinds() -> Vec<Kind> {
    let mutating = [field("/webhooks/0/reinvocationPolicy", words(&["Never", "IfNeeded", "Always"]))];
    vec![
        webhooks("ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Vec::new()),
        webhooks("MutatingWebhookConfiguration", "mutatingwebhookconfigurations", mutating.into()),
        api_service(),
    ]
}

/// Some words and what is none.
fn words(words: &[&str]) -> Value {
    all_of([json!(words), json!([""]), no_texts()])
}

fn webhooks(name: &'static str, plural: &'static str, more: Vec<Field>) -> Kind {
    let rule = json!({
        "operations": ["CREATE", "UPDATE"],
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "resources": ["pods", "pods/exec"],
        "scope": "Namespaced",
    });
    let webhook = json!({
        "name": "validation.example.com",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "clientConfig": { "service": { "namespace": "hooks", "name": "hook", "path": "/a", "port": 8443 } },
        "failurePolicy": "Ignore",
        "namespaceSelector": { "matchExpressions": [{ "key": "a", "operator": "Exists" }] },
        "rules": [rule],
    });
    let by_url = json!({
        "name": "validation.example.com",
        "sideEffects": "NoneOnDryRun",
        "admissionReviewVersions": ["v1beta1", "v2"],
        "clientConfig": { "url": "https://hooks.example.com:8443/a", "caBundle": "Q0VSVA==" },
    });
    let mut fields = metadata::fields();
    fields.extend([
        field("/webhooks", all_of([no_lists(), json!([[]])])),
        field("/webhooks/0", all_of([no_mappings(), json!([{}])])),
        field("/webhooks/0/name", json!(["a.b.c", "a.b", "a", "A.b.c", "", null, 7, "a.b.c_d", "*.b.c"])),
        field("/webhooks/0/names", json!(["a.b.c"])),
        field("/webhooks/0/sideEffects", words(&["None", "NoneOnDryRun", "Some", "Unknown", "none"])),
        field("/webhooks/0/failurePolicy", words(&["Fail", "Ignore", "fail", "Sometimes"])),
        field("/webhooks/0/matchPolicy", words(&["Exact", "Equivalent", "exact"])),
        field("/webhooks/0/timeoutSeconds", json!([1, 30, 0, 31, -1, "10", 1.5, null])),
        field(
            "/webhooks/0/admissionReviewVersions",
            all_of([json!([[], ["v1"], ["v2"], ["v1", "v1"], ["v1", "V2"], ["v1", "1v"], [""]]), no_lists()]),
        ),
        field("/webhooks/0/namespaceSelector", selectors()),
        field("/webhooks/0/objectSelector", selectors()),
        field("/webhooks/0/objectSelector/matchLabels", label_maps()),
        field("/webhooks/0/namespaceSelector/matchExpressions/0", expressions()),
        field(
            "/webhooks/0/clientConfig",
            all_of([
                no_mappings(),
                json!([{}, { "url": "https://a.example.com", "service": { "namespace": "a", "name": "b" } }]),
            ]),
        ),
        field("/webhooks/0/clientConfig/ca", json!(["Q0VSVA=="])),
        field(
            "/webhooks/0/matchConditions",
            all_of([no_lists(), json!([[], [{ "name": "a" }], [{ "expression": "true" }]])]),
        ),
        field("/webhooks/0/matchConditions/0", json!([{ "name": "a", "expression": "true" }])),
    ]);
    fields.extend(inside("/webhooks/0/clientConfig", config()));
    fields.extend(inside("/webhooks/0/rules", rules()));
    fields.extend(more);
    Kind {
        name,
        api_version: "admissionregistration.k8s.io/v1",
        plural,
        namespaced: false,
        bases: vec![
            json!({ "metadata": { "name": "validation" }, "webhooks": [webhook] }),
            json!({ "metadata": { "name": "validation" }, "webhooks": [by_url] }),
        ],
        fields,
    }
}

/// Who is asked. Where the object has the other way already, both are there.
fn config() -> Vec<Field> {
    vec![
        field("/service", all_of([no_mappings(), json!([{}, { "namespace": "a" }, { "name": "b" }])])),
        field("/service/namespace", no_texts()),
        field("/service/name", no_texts()),
        field("/service/port", json!([1, 443, 65535, 0, 65536, -1, "443", null])),
        field("/service/path", json!(["/", "/a/", "/a/b", "a", "//", "/a//b", "/A", "/a?b", "", null, 7])),
        field("/service/host", json!(["a"])),
        field("/caBundle", json!(["Q0VSVA==", "", "no base64!", null, 7])),
        field(
            "/url",
            json!([
                "https://a.example.com",
                "https://10.0.0.1:8443/a",
                "http://a.example.com",
                "https://user@a.example.com",
                "https://a.example.com?a=b",
                "https://a.example.com#a",
                "https://",
                "a.example.com",
                "",
                7
            ]),
        ),
    ]
}

fn rules() -> Vec<Field> {
    let resources = json!([
        [],
        ["*"],
        ["*/*"],
        ["pods/*"],
        ["*/exec"],
        ["*", "*/exec"],
        ["pods", "*"],
        ["*", "pods"],
        ["*/*", "pods"],
        ["pods/*", "pods/exec"],
        ["*/exec", "pods/exec"],
        ["pods/exec", "pods/*"],
        [""],
        ["Pods"],
        ["pods", "pods"]
    ]);
    vec![
        field("", all_of([no_lists(), json!([[], [{}]])])),
        field(
            "/0/operations",
            all_of([json!([[], ["*"], ["*", "CREATE"], ["create"], ["READ"], [""]]), no_lists()]),
        ),
        field(
            "/0/apiGroups",
            all_of([json!([[], ["*"], ["*", "apps"], ["", "apps"], ["Apps"]]), no_lists()]),
        ),
        field("/0/apiVersions", all_of([json!([[], ["*"], ["*", "v1"], ["v1", "v2"], [""]]), no_lists()])),
        field("/0/resources", all_of([resources, no_lists()])),
        field("/0/scope", words(&["*", "Cluster", "Namespaced", "namespaced"])),
        field("/0/resourceNames", json!([["a"]])),
    ]
}

fn api_service() -> Kind {
    let mut fields = metadata::fields();
    fields.extend([
        field("/spec", all_of([no_mappings(), json!([{}])])),
        field("/spec/group", words(&["validation.example.com", "other.example.com", "Example.com", "-a"])),
        field("/spec/version", words(&["v1", "v2", "1", "V1", "v.1"])),
        field("/spec/groupPriorityMinimum", json!([1, 20000, 0, 20001, -1, "100", null])),
        field("/spec/versionPriority", json!([1, 1000, 0, 1001, -1, "100", null])),
        field("/spec/insecureSkipTLSVerify", booleans()),
        field("/spec/caBundle", json!(["Q0VSVA==", "", "no base64!", null, 7])),
        field("/spec/service", all_of([no_mappings(), json!([{}, { "namespace": "a" }, { "name": "b" }])])),
        field("/spec/service/namespace", no_texts()),
        field("/spec/service/name", no_texts()),
        field("/spec/service/port", json!([1, 443, 65535, 0, 65536, -1, "443", null])),
        field("/spec/service/path", json!(["/a"])),
        field("/spec/priority", json!([1])),
    ]);
    let spec = json!({
        "group": "validation.example.com",
        "version": "v1",
        "groupPriorityMinimum": 100,
        "versionPriority": 10,
        "service": { "namespace": "hooks", "name": "adapter" },
    });
    let mut unverified = spec.clone();
    unverified["insecureSkipTLSVerify"] = json!(true);
    let object = |spec: Value| json!({ "metadata": { "name": "v1.validation.example.com" }, "spec": spec });
    Kind {
        name: "APIService",
        api_version: "apiregistration.k8s.io/v1",
        plural: "apiservices",
        namespaced: false,
        bases: vec![object(spec), object(unverified)],
        fields,
    }
}
