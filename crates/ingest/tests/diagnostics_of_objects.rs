//! Every diagnostic about an object, a field or a file: severity and rule, message, underlined text, label and help.

mod support;

use support::{deployment, policy, read, read_files};

/// The one diagnostic of a text.
#[track_caller]
fn check(text: &str, expected: [&str; 5]) {
    assert_eq!(read(text).diagnostics(), [expected.map(str::to_owned)]);
}

/// A policy with one ingress rule.
fn ingress(rule: &str) -> String {
    policy(&format!("{{ingress: [{rule}]}}"))
}

#[test]
fn duplicate_key() {
    check(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: 1\n  a: 2\n",
        [
            "warning duplicate-key",
            "the key `a` is given more than once",
            "a",
            "a later one replaces this one",
            "keep one `a`: kubectl takes the last one and says nothing",
        ],
    );
}

#[test]
fn duplicate_key_in_json() {
    let read = read(
        r#"{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a", "labels": {"x": "1", "x": "2"}}}"#,
    );
    assert_eq!(read.rules(), ["duplicate-key"]);
    assert_eq!(read.snapshot().namespaces[0].labels.as_ref().unwrap()["x"], "2");
}

#[test]
fn duplicate_object() {
    let one = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}";
    check(
        &format!("{one}\n---\n{one}\n"),
        [
            "warning duplicate-object",
            "Namespace a is given more than once, alike each time",
            "a",
            "given here again",
            "remove all but one",
        ],
    );
}

#[test]
fn ambiguous_object() {
    let one = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}";
    let other = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a, labels: {x: z}}";
    check(
        &format!("{one}\n---\n{other}\n"),
        [
            "error ambiguous-object",
            "Namespace a is given more than once, and not alike",
            "a",
            "given here again",
            "keep the one that is meant: none of them is used",
        ],
    );
}

#[test]
fn unknown_api_version() {
    check(
        &policy("{}").replace("networking.k8s.io/v1", "extensions/v1beta1"),
        [
            "error unknown-api-version",
            "in NetworkPolicy staging/p, no Kubernetes 1.36 server serves NetworkPolicy under `extensions/v1beta1`",
            "extensions/v1beta1",
            "read as `networking.k8s.io/v1`",
            "write `apiVersion: networking.k8s.io/v1`",
        ],
    );
}

#[test]
fn unknown_field() {
    check(
        &ingress("{from: [{podSelector: {}, namespaceselector: {}}]}"),
        [
            "error unknown-field",
            "in NetworkPolicy staging/p, there is no field `namespaceselector` here",
            "namespaceselector",
            "unknown field",
            "did you mean `namespaceSelector`? Without strict validation it is dropped",
        ],
    );
    check(
        &ingress("{to: [{podSelector: {}}]}"),
        [
            "error unknown-field",
            "in NetworkPolicy staging/p, there is no field `to` here",
            "to",
            "unknown field",
            "the fields here are `from` and `ports`; without strict validation it is dropped",
        ],
    );
    check(
        &deployment("replicas: 1", "hostnetwork: true"),
        [
            "error unknown-field",
            "in Deployment staging/web, there is no field `hostnetwork` here",
            "hostnetwork",
            "unknown field",
            "did you mean `hostNetwork`? Without strict validation it is dropped",
        ],
    );
}

#[test]
fn missing_field() {
    check(
        "apiVersion: v1\nkind: Pod\nmetadata: {namespace: a}\nspec: {containers: [{name: c}]}\n",
        [
            "error missing-field",
            "in a Pod without a name, there is no `metadata.name`",
            "{namespace: a}",
            "no `name` here",
            "give the object a name",
        ],
    );
    check(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: 2}\n",
        [
            "error missing-field",
            "in Deployment default/d, there is no pod template",
            "{replicas: 2}",
            "no `template` here",
            "give it a `template`; a patch must be applied first, as `kubectl kustomize` does",
        ],
    );
    check(
        &ingress("{from: [{ipBlock: {except: []}}]}"),
        [
            "error missing-field",
            "in NetworkPolicy staging/p, an `ipBlock` has no `cidr`",
            "{except: []}",
            "no `cidr` here",
            "give it a `cidr`, such as `0.0.0.0/0`",
        ],
    );
}

#[test]
fn unparsable() {
    check(
        "a: [1, 2\n",
        [
            "error unparsable",
            "a document of `input.yaml` cannot be parsed as YAML: unclosed bracket '['",
            "[1, 2",
            "here",
            "mend the YAML; the other documents of the file were read",
        ],
    );
    let read = read_files(&[("a.json", "{\"a\": 1}\n{\"b\": \n")]);
    assert_eq!(
        read.diagnostics(),
        [[
            "error unparsable",
            "`a.json` cannot be parsed as JSON: EOF while parsing a value",
            "",
            "from here on nothing was read",
            "mend the JSON",
        ]
        .map(str::to_owned)]
    );
}

#[test]
fn bombs_and_depth() {
    check(
        "a: &a [*a]\n",
        [
            "error alias-bomb",
            "a document of `input.yaml` has aliases that stand for too much, or for themselves",
            "*a",
            "aliases without bound",
            "write the values out instead of using aliases",
        ],
    );
    let read = read(&format!("a: {}", "[".repeat(1000)));
    assert_eq!(read.rules(), ["too-deep"]);
    assert_eq!(
        read.ingested.diagnostics[0].message,
        "a document of `input.yaml` nests deeper than 100 levels"
    );
}

#[test]
fn not_text() {
    check(
        "kind: \0",
        [
            "error not-text",
            "`input.yaml` is no text: it holds a zero byte",
            "\0",
            "here",
            "give YAML or JSON in UTF-8, or leave the file out",
        ],
    );
}

#[test]
fn values_of_any_size_are_shown_in_part() {
    let read = read(&format!(
        "apiVersion: v1\nkind: Namespace\nmetadata: {{name: a, labels: {{x: {}}}}}\n",
        "é".repeat(5000)
    ));
    assert_eq!(read.rules(), ["invalid-label"]);
    assert!(read.ingested.diagnostics[0].message.chars().count() < 350);
}
