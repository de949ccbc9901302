//! Secrets, ConfigMaps and environments: what is kept of them, and what is not.

mod support;

use support::{Read, read_files};
use watertight_base::{Sealed, Source};
use watertight_ingest::Options;
use watertight_model::{BlindScope, Channel, Secret};

/// Reads a text with the values.
fn read(text: &str) -> Read {
    let sources = vec![Source { name: "input.yaml".into(), bytes: text.into() }];
    let options = Options { values: true, ..Options::default() };
    let ingested = watertight_ingest::read(&sources, &options);
    Read { sources, ingested }
}

/// A Secret `staging/s` with these further fields.
fn text(fields: &str) -> String {
    format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: staging}}\n{fields}\n")
}

impl Read {
    #[track_caller]
    fn secret(&self) -> &Secret {
        assert_eq!(self.snapshot().secrets.len(), 1, "{:?}", self.diagnostics());
        &self.snapshot().secrets[0]
    }

    /// Whether these are the values, by key and path.
    #[track_caller]
    fn assert_values(&self, expected: &[(&str, &str, &str)]) {
        let values = &self.secret().values;
        let names: Vec<(&str, &str)> =
            values.iter().map(|value| (value.key.as_str(), value.path.as_str())).collect();
        assert_eq!(names, expected.iter().map(|(key, path, _)| (*key, *path)).collect::<Vec<_>>());
        for (value, (key, _, text)) in values.iter().zip(expected) {
            assert!(value.value == Sealed::from(*text), "{key}");
        }
    }
}

#[test]
fn values_are_decoded_and_string_data_comes_over_data() {
    let read = read(&text(
        "data: {a: aHVudGVyMg==, b: \"aHVu\\ndGVyMg==\", e: null, f: ''}\nstringData: {b: two, c: three}",
    ));
    read.assert_clean();
    read.assert_values(&[
        ("a", "/data/a", "hunter2"),
        ("b", "/stringData/b", "two"),
        ("c", "/stringData/c", "three"),
    ]);
    assert_eq!(read.secret().secret_type, "Opaque");
    assert!(!read.secret().is_masked);
}

#[test]
fn without_being_asked_for_no_value_is_kept() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, env: [{name: A, value: b}]}]}\n";
    let config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: 1}\n";
    let read =
        support::read(&format!("{}---\n{config}---\n{pod}", text("stringData: {a: b}\ndata: {c: '?'}")));
    read.assert_clean();
    read.assert_values(&[]);
    assert!(read.snapshot().settings.iter().all(|settings| settings.values.is_empty()));
}

#[test]
fn values_that_an_export_left_out_are_not_there() {
    for mask in
        ["REDACTED", "'<redacted>'", "'***'", "++++++++", "xxxxxxxx", "'*** (before)'", "UkVEQUNURUQ="]
    {
        let read = read(&text(&format!("data: {{a: {mask}}}")));
        read.assert_clean();
        read.assert_values(&[]);
        assert!(read.secret().is_masked, "{mask}");
    }
    for value in ["redacted-2024", "my hidden place", "x-rated", "**a**"] {
        assert_eq!(read(&text(&format!("stringData: {{a: '{value}'}}"))).secret().values.len(), 1, "{value}");
    }
}

#[test]
fn a_secret_that_is_not_clear_hides_only_the_api() {
    for fields in
        ["data: {a: '?'}", "data: {a: YQ}", "data: {a: 1}", "stringData: {a: [b]}", "data: x", "type: [a]"]
    {
        let read = read(&text(fields));
        let [spot] = read.snapshot().blind_spots.as_slice() else {
            panic!("{fields}: {:?}", read.blind_spots())
        };
        assert_eq!(spot.hides, [Channel::Api], "{fields}");
        assert_eq!(spot.scope, BlindScope::Namespace("staging".into()), "{fields}");
        assert_eq!(read.snapshot().secrets.len(), 0, "{fields}");
    }
}

#[test]
fn a_token_says_whose_it_is() {
    let token = |secret_type: &str| {
        let metadata = "{name: s, annotations: {kubernetes.io/service-account.name: ci}}";
        let read =
            read(&format!("apiVersion: v1\nkind: Secret\nmetadata: {metadata}\ntype: {secret_type}\n"));
        read.secret().token_of.clone()
    };
    assert_eq!(token("kubernetes.io/service-account-token").as_deref(), Some("ci"));
    assert_eq!(token("Opaque"), None);
}

#[test]
fn options_are_kept_under_their_names_and_other_arguments_under_their_places() {
    let read = read(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec:\n  containers:\n  - name: c\n    image: i\n    \
         command: [run, '--db-password=a=b', -p, two, --verbose, --level=1]\n    \
         args: [-c, 'export A=b; run', TOKEN=three, 'a b=four', 5]\n",
    );
    let values = read.snapshot().settings.iter().flat_map(|settings| &settings.values);
    let found: Vec<(&str, &str)> =
        values.clone().map(|value| (value.key.as_str(), value.path.as_str())).collect();
    assert_eq!(
        found,
        [
            ("command[0]", "/spec/containers/0/command/0"),
            ("--db-password", "/spec/containers/0/command/1"),
            ("-p", "/spec/containers/0/command/3"),
            ("--level", "/spec/containers/0/command/5"),
            ("-c", "/spec/containers/0/args/1"),
            ("TOKEN", "/spec/containers/0/args/2"),
            ("args[3]", "/spec/containers/0/args/3"),
            ("args[4]", "/spec/containers/0/args/4"),
        ]
    );
    let expected = ["run", "a=b", "two", "1", "export A=b; run", "three", "a b=four", "5"].map(Sealed::from);
    assert!(values.map(|value| &value.value).eq(&expected));
}

#[test]
fn configuration_and_environments_are_kept() {
    let read = read(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {a/b: one}\nbinaryData: {d: dHdv}\n---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: shop}\nspec:\n  selector: {matchLabels: {a: b}}\n  \
         template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers:\n      - name: c\n        image: i\n        \
         env: [{name: A, valueFrom: {}}, {name: B, value: three}]\n",
    );
    read.assert_clean();
    let found: Vec<(String, Vec<(&str, &str)>)> = read
        .snapshot()
        .settings
        .iter()
        .map(|settings| {
            let values = settings.values.iter().map(|value| (value.key.as_str(), value.path.as_str()));
            (settings.object.to_string(), values.collect())
        })
        .collect();
    assert_eq!(
        found,
        [
            ("ConfigMap shop/c".to_owned(), vec![("a/b", "/data/a~1b"), ("d", "/binaryData/d")]),
            ("Deployment shop/d".to_owned(), vec![("B", "/spec/template/spec/containers/0/env/1/value")]),
        ]
    );
    let values = read.snapshot().settings.iter().flat_map(|settings| &settings.values);
    assert!(values.map(|value| &value.value).eq(&["one", "two", "three"].map(Sealed::from)));
}

#[test]
fn what_is_hidden_is_sorted_and_holds_no_name() {
    let two = format!("{}---\n{}", text("stringData: {a: hunter2}"), text("data: {b: aHVu}"));
    let read = read_files(&[("a.yaml", &two), ("values.yaml", "a: b\n")]);
    let hidden = &read.ingested.hidden;
    assert!(hidden.is_sorted_by(|one, other| one.source < other.source || one.end < other.start));
    let texts: Vec<String> = hidden.iter().map(|span| read.under(*span)).collect();
    assert!(
        texts.iter().any(|text| text.contains("hunter2"))
            && texts.iter().any(|text| text.starts_with("a: b"))
    );
    assert!(
        !texts.iter().any(|text| ["kind", "staging", "data", "name"].iter().any(|word| text.contains(word)))
    );
}
