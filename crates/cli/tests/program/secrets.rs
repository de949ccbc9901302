//! No command ever prints a value of a Secret, whatever is wrong with the input.

use crate::common::{Folder, ISOLATED, VERDICT, run};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;

/// What every input holds besides: both environments, and a breach of both channels.
const CLUSTER: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: staging}
---
apiVersion: v1
kind: Namespace
metadata: {name: production}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: production}
spec: {containers: [{name: c, image: i}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: production}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: ServiceAccount, name: ci, namespace: staging}]
";

/// Inputs in which something is wrong or odd: the name of the file, and its text, where `TEXT` stands for a value, `BASE64`
/// for the same in base64, and `NUMBER` for a value of digits.
const INPUTS: &[(&str, &str)] = &[
    (
        "same.yaml",
        "HEAD\nstringData: {password: TEXT1}\n---\nPRODUCTION\nstringData: {token: TEXT1}\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata: {name: w, namespace: staging}\nspec: {containers: [{name: c, image: i, \
         env: [{name: P, value: TEXT1}]}]}\n",
    ),
    (
        "inside.yaml",
        "HEAD\nstringData: {url: 'redis://u:TEXT2@h/'}\n---\nPRODUCTION\nstringData:\n  token: |\n    TEXT2\n---\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata: {name: w, namespace: staging}\ndata:\n  a: |\n    x=TEXT2 y\n    TEXT2: 1\n  b: 'TEXT2 y'\n",
    ),
    (
        "registry.yaml",
        "HEAD\ntype: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: '{\"auths\": {\"r\": {\"auth\": \"BASE64\"}}}'}\n---\n\
         PRODUCTION\ntype: kubernetes.io/dockerconfigjson\nstringData: {.dockerconfigjson: '{\"auths\": {\"r\": {\"auth\": \"BASE64\"}}}'}\n",
    ),
    (
        "token.yaml",
        "HEAD\nstringData: {t: eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6cHJvZHVjdGlvbjpkYiJ9.TEXT}\n",
    ),
    ("login.yaml", "HEAD\nstringData: {dsn: 'postgres://u:TEXT@db.production.svc:5432/x'}\n"),
    (
        "address.yaml",
        "PRODUCTION\nstringData: {dsn: 'redis://u:TEXT@203.0.113.9/'}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: a, \
         namespace: staging}\nspec: {ports: [{port: 80}], externalIPs: [203.0.113.9]}\n",
    ),
    (
        "store.yaml",
        "HEAD\nstringData: {a: 'mysql://u:TEXT1@db.example.com/', b: 'host db.production.svc TEXT'}\n---\nPRODUCTION\n\
         stringData: {a: 'mysql://u:TEXT2@db.example.com/'}\n",
    ),
    ("plain.yaml", "HEAD\nstringData:\n  password: TEXT\n"),
    ("data.yaml", "HEAD\ndata:\n  password: BASE64\n"),
    ("both.yaml", "HEAD\ndata: {password: BASE64}\nstringData: {password: TEXT}\n"),
    ("not-base64.yaml", "HEAD\ndata: {password: 'TEXT!'}\n"),
    ("number.yaml", "HEAD\nstringData:\n  password: NUMBER\n"),
    ("number-of-data.yaml", "HEAD\ndata:\n  password: NUMBER\n"),
    ("list.yaml", "HEAD\nstringData:\n  password: [TEXT, TEXT]\n"),
    ("mapping.yaml", "HEAD\nstringData:\n  password: {a: TEXT}\n"),
    ("text-as-data.yaml", "HEAD\ndata: TEXT\n"),
    ("list-as-data.yaml", "HEAD\nstringData: [TEXT]\n"),
    ("block.yaml", "HEAD\nstringData:\n  a: |\n    x: TEXT\n    TEXT: y\n  b: 1\n"),
    ("key-twice.yaml", "HEAD\nstringData:\n  password: TEXT\n  password: TEXT2\n"),
    ("key-twice-of-data.yaml", "HEAD\ndata: {a: BASE64}\ndata: {a: BASE64}\n"),
    ("unknown-field.yaml", "HEAD\ndate:\n  password: BASE64\nstringdata: {a: TEXT}\n"),
    ("not-indented.yaml", "HEAD\ndata:\npassword: TEXT\n"),
    ("no-space.yaml", "HEAD\nstringData: {password:TEXT, more: 1}\n"),
    ("twice.yaml", "HEAD\nstringData: {a: TEXT}\n---\nHEAD\nstringData: {a: TEXT2}\n"),
    ("twice-the-same.yaml", "HEAD\nstringData: {a: TEXT}\n---\nHEAD\nstringData: {a: TEXT}\n"),
    (
        "annotation.yaml",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\n  annotations:\n    a/b/c: TEXT\n    d: NUMBER\n    _: 'TEXT'\n",
    ),
    ("flow.yaml", "{apiVersion: v1, kind: Secret, metadata: {name: Bad_Name}, stringData: {a: TEXT}}\n"),
    ("no-name.yaml", "apiVersion: v1\nkind: Secret\nstringData: {a: TEXT}\n"),
    ("name-last.yaml", "stringData: {a: TEXT}\nkind: Secret\napiVersion: v1\nmetadata: {name: Bad_Name}\n"),
    ("version.yaml", "apiVersion: apps/v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: TEXT}\n"),
    ("group.yaml", "apiVersion: example.com/v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: TEXT}\n"),
    (
        "alias.yaml",
        "type: &x TEXT\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: 1}\ndata: {a: *x}\n",
    ),
    ("alias-of-type.yaml", "HEAD\ndata: {a: &x TEXT}\nimmutable: *x\n"),
    ("binary.yaml", "HEAD\ndata: {a: !!binary BASE64, b: !!int TEXT}\n"),
    ("unclosed.yaml", "HEAD\nstringData:\n  password: \"TEXT\n"),
    ("unclosed-after.yaml", "HEAD\nstringData:\n  password: \"TEXT\"TEXT\n"),
    ("tab.yaml", "HEAD\nstringData:\n  a: TEXT\n\tb: TEXT\n"),
    ("colon.yaml", "HEAD\nstringData:\n  a: TEXT: TEXT\n"),
    ("outdented.yaml", "HEAD\nstringData:\n    a: TEXT\n  b: TEXT\n"),
    ("unknown-alias.yaml", "HEAD\nstringData:\n  a: *TEXT\n"),
    ("unknown-tag.yaml", "HEAD\nstringData:\n  a: !x!TEXT TEXT\n"),
    ("percent.yaml", "HEAD\nstringData:\n  a: %TEXT\n"),
    ("at.yaml", "HEAD\nstringData:\n  a: @TEXT\n"),
    ("deep.yaml", "HEAD\nstringData: {a: DEEPTEXT}\n"),
    ("key-as-mapping.yaml", "HEAD\nstringData: {a: {{ TEXT }}}\n"),
    ("chart.yaml", "HEAD\nstringData:\n{{- if .x }}\n  a: {{ .y | default \"TEXT\" }}\n{{- end }}\n"),
    ("no-marker.yaml", "HEAD\nstringData: {a: TEXT}\n--- \nHEAD\nstringData: {a: TEXT}\n... TEXT\n"),
    ("line-break.yaml", "HEAD\nstringData:\n  a: 'TEXT\u{2028}TEXT'\n"),
    ("zero.yaml", "HEAD\nstringData: {a: TEXT\0TEXT}\n"),
    ("values.yaml", "password: TEXT\nother: TEXT\n"),
    ("text.yaml", "TEXT\n"),
    ("kustomization.yaml", "secretGenerator: [{name: s, literals: [a=TEXT]}]\nresources: [other.yaml]\n"),
    ("a/kustomization.yaml", "secretGenerator:\n- name: s\n  literals:\n  - a=TEXT\n"),
    ("typed-list.yaml", "apiVersion: v1\nkind: SecretList\nitems: {a: TEXT}\n"),
    ("typed-list-of-text.yaml", "apiVersion: v1\nkind: SecretList\nitems: [TEXT, {data: {a: TEXT}}]\n"),
    ("items.yaml", "HEAD\nitems: [{stringData: {a: TEXT}}]\nstringData: {a: TEXT}\n"),
    (
        "list-of-all.json",
        r#"{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"a":"BASE64"}},{"apiVersion":"v1","kind":"Service","metadata":{"name":"B_"},"spec":{"ports":[{"port":0}]}},{"apiVersion":"v1","kind":"Secret","stringData":{"a":"TEXT"},"metadata":{"name":"t"}}]}"#,
    ),
    (
        "cut.json",
        r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"stringData":{"a":"TEXT","b":TEXT"#,
    ),
    (
        "pretty.json",
        "{\n\"apiVersion\": \"v1\",\n\"kind\": \"Secret\",\n\"stringData\": {\"a\": \"TEXT\",}\n}",
    ),
    (
        "escape.json",
        r#"{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"stringData":{"a":"\TEXT"}}"#,
    ),
];

const HEAD: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: staging}";

const COMMANDS: &[&[&str]] = &[
    &["prove", "--from", "staging", "--to", "production", "--all"],
    &["prove", "--from", "staging", "--to", "production", "--channel", "api", "--all"],
    &["prove", "--from", "staging", "--to", "production", "--strict", "--channel", "api", "-o", "json"],
    &["prove", "--from", "staging", "--to", "production", "--channel", "api", "-o", "markdown"],
    &["prove", "--from", "staging", "--to", "production", "--channel", "api", "-o", "sarif"],
    &["prove", "--from", "staging", "--to", "production", "--channel", "api", "-o", "github"],
    &["prove", "--from", "staging", "--to", "production", "--channel", "api", "-o", "junit"],
    &["prove", "--from", "staging", "--to", "production", "--channel", "api", "-o", "html"],
    &["prove", "--from", "staging", "--to", "production", "--profile", "all"],
    &["prove", "--from", "staging", "--to", "production", "-o", "html"],
    &["map", "--all"],
    &["map", "-o", "json"],
    &["can", "--list", "--as", "system:serviceaccount:staging:ci", "-n", "production", "--all"],
    &["can", "get", "secrets", "--as", "system:serviceaccount:staging:ci", "-n", "production", "-o", "json"],
    &["who-can", "get", "secrets", "-n", "production", "--all"],
];

/// Random letters and digits, from a seed.
struct Marks(u64);

impl Marks {
    fn next(&mut self, alphabet: &[u8]) -> String {
        let mut letter = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(alphabet[usize::try_from(self.0 >> 33).unwrap() % alphabet.len()])
        };
        (0..18).map(|_| letter()).collect()
    }
}

/// Whether a part of a value is in a text; what excerpts cut off is no excuse.
fn shows(text: &str, value: &str) -> Option<String> {
    let parts = (0..=value.len() - 6).map(|start| &value[start..start + 6]);
    parts.into_iter().find(|part| text.contains(part)).map(str::to_owned)
}

/// The inputs with values in them, and what must not be seen of each.
fn marked_inputs() -> Vec<(&'static str, String, [String; 3])> {
    let mut marks = Marks(7);
    let inputs = INPUTS.iter().enumerate().map(|(index, (name, text))| {
        let value = marks.next(b"abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ");
        let number = marks.next(b"123456789");
        let encoded = STANDARD.encode(&value);
        let head = HEAD.replace("name: s,", &format!("name: s{index},"));
        let production = head.replace("staging", "production");
        let text =
            text.replace("HEAD", &head).replace("PRODUCTION", &production).replace("DEEP", &"[".repeat(300));
        let text = text.replace("TEXT", &value).replace("BASE64", &encoded).replace("NUMBER", &number);
        (*name, text, [value, encoded, number])
    });
    inputs.collect()
}

/// One by one, so that what can be read beside a Secret is isolated and has a certificate; and where it is not, what the
/// checker says of one that is bound to it all the same.
#[test]
fn no_certificate_holds_a_value_of_a_secret_and_neither_does_what_is_said_of_one() {
    const PROVE: &[&str] = &["prove", "-f", "k8s", "--from", "staging", "--to", "production"];
    let check =
        |folder: &Folder, form| run(folder, &["check-certificate", "proof.json", "-f", "k8s", "-o", form]);
    let plain = Folder::with(&[("k8s/a.yaml", ISOLATED.as_bytes())]);
    run(&plain, &[PROVE, &["--certificate", "proof.json"]].concat());
    let of_plain = written(&plain).unwrap();
    let (mut certificates, mut rejected) = (0, 0);
    for (name, text, marked) in marked_inputs() {
        let folder =
            Folder::with(&[("k8s/a.yaml", ISOLATED.as_bytes()), (&format!("k8s/{name}"), text.as_bytes())]);
        let proved = run(&folder, &[PROVE, &["--certificate", "proof.json"]].concat());
        let mut seen = vec![proved.stderr];
        match written(&folder) {
            Some(certificate) => {
                certificates += 1;
                seen.push(certificate);
            }
            None => {
                folder.write("proof.json", of_plain.as_bytes());
                let digest = check(&folder, "json").json()["inputDigest"].as_str().unwrap().to_owned();
                let mut bound: serde_json::Value = serde_json::from_str(&of_plain).unwrap();
                bound["inputDigest"] = digest.into();
                folder.write("proof.json", bound.to_string().as_bytes());
                rejected += 1;
            }
        }
        for form in ["text", "json"] {
            let checked = check(&folder, form);
            seen.extend([checked.stdout, checked.stderr]);
        }
        for output in &seen {
            let part = marked.iter().find_map(|value| shows(output, value));
            assert_eq!(part, None, "{name}: {output}");
        }
    }
    assert!(certificates > 10 && rejected > 10, "{certificates} certificates, {rejected} rejected");
}

#[expect(clippy::disallowed_methods, reason = "the test reads what the program wrote")]
fn written(folder: &Folder) -> Option<String> {
    std::fs::read_to_string(folder.path().join("proof.json")).ok()
}

#[test]
fn no_command_prints_a_value_of_a_secret() {
    let folder = Folder::with(&[("cluster.yaml", CLUSTER.as_bytes())]);
    let mut values = Vec::new();
    for (index, (name, text, marked)) in marked_inputs().into_iter().enumerate() {
        folder.write(&format!("{index}/{name}"), text.as_bytes());
        values.push((name, marked));
    }
    let (mut named, mut found) = (BTreeSet::new(), BTreeSet::new());
    for command in COMMANDS {
        let arguments: Vec<&str> = command.iter().copied().chain(["-f", "."]).collect();
        let outcome = run(&folder, &arguments);
        if command.ends_with(&["--channel", "api", "-o", "json"]) {
            found.extend(outcome.json().to_string().split('"').map(str::to_owned));
            outcome.valid_json(VERDICT);
        }
        for output in [&outcome.stdout, &outcome.stderr] {
            for (name, values) in &values {
                if output.contains(*name) {
                    named.insert(name);
                }
                let part = values.iter().find_map(|value| shows(output, value));
                assert_eq!(part, None, "{name}: {command:?}: {output}");
            }
        }
    }
    for word in [
        "sameValue",
        "same-credential",
        "production-credential-in-staging",
        "held-token",
        "login-to-production",
        "taken-address",
        "shared-address",
    ] {
        assert!(found.contains(word), "{word}");
    }
    assert!(named.len() > INPUTS.len() * 2 / 3, "only of these files something was said: {named:?}");
}
