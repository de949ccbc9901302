//! What applications are made of becomes objects of their environments, and stays what it is.

use crate::support::compiled_with;
use watertight_base::{Severity, Source, SourceId};
use watertight_compile::Compiled;
use watertight_ingest::{Content, Tree, trees};

const INTENT: &str = "\
apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  environments: [{name: staging}, {name: production, namespaces: [production, batch]}]
  applications:
    - name: web
      manifests: web
";

fn compiled(text: &str) -> Compiled {
    compiled_with(INTENT, &[("web/web.yaml".to_owned(), text.to_owned())])
}

/// The objects of an application in an environment.
fn objects(compiled: &Compiled, path: &str) -> Vec<Tree> {
    let file = compiled.files.iter().find(|file| file.path == path);
    let file = file.unwrap_or_else(|| panic!("{path}: {:#?}", compiled.diagnostics));
    let source = Source { name: path.to_owned(), bytes: file.text.clone().into_bytes() };
    let read = trees(SourceId(0), &source);
    assert!(read.diagnostics.is_empty(), "{:?}", read.diagnostics);
    read.documents
}

/// A value without where it stands and in which order its members are.
fn meaning(tree: &Tree) -> String {
    match &tree.content {
        Content::Null => "null".to_owned(),
        Content::Boolean(boolean) => boolean.to_string(),
        Content::Number { whole: Some(whole), .. } => format!("whole {whole}"),
        Content::Number { whole: None, written } => format!("number {}", written.parse::<f64>().unwrap()),
        Content::Text(text) => format!("{text:?}"),
        Content::List(elements) => format!("{:?}", elements.iter().map(meaning).collect::<Vec<_>>()),
        Content::Mapping(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|member| format!("{:?}: {}", member.key, meaning(&member.value)))
                .collect();
            members.sort();
            format!("{members:?}")
        }
    }
}

const ODD: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: odd
  labels: {app.kubernetes.io/managed-by: Helm, version: '1.30', \"on\": 'yes'}
  annotations: {note: \"two\\nlines\\n\"}
  finalizers: [example.com/kept]
data:
  8080: 'true'
  empty: ''
  tabs: \"\\tx\\n \\ty \\n\"
  script: |
    #!/bin/sh
    echo \"$1\"  # quoted

    exit 0
  nothing: ~
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: odd, creationTimestamp: null, resourceVersion: '7', uid: abc}
spec:
  replicas: 0x2
  paused: no
  ratio: 0.50
  large: 18446744073709551615
  template: &template
    metadata: {labels: {a: b}}
    spec:
      containers: []
  again: *template
status: {replicas: 3}
";

#[test]
fn what_is_given_keeps_its_meaning() {
    let compiled = compiled(ODD);
    let source = Source { name: "odd.yaml".to_owned(), bytes: ODD.as_bytes().to_vec() };
    let given = trees(SourceId(0), &source).documents;
    for environment in ["staging", "production"] {
        let written = objects(&compiled, &format!("default/{environment}/applications/web.yaml"));
        assert_eq!(written.len(), given.len());
        let data = |tree: &Tree| meaning(tree.get("data").unwrap());
        assert_eq!(data(&written[0]), data(&given[0]));
        let spec = |tree: &Tree| meaning(tree.get("spec").unwrap());
        // The only thing that is put into a workload is the priority of its pods.
        assert_eq!(spec(&written[1]).matches("priorityClassName").count(), 1);
        let template =
            |tree: &Tree| tree.get("spec").unwrap().get("template").unwrap().get("spec").unwrap().clone();
        assert_eq!(template(&written[1]).get("priorityClassName").and_then(Tree::text), Some(environment));
        for field in ["replicas", "paused", "ratio", "large", "again"] {
            let of = |tree: &Tree| meaning(tree.get("spec").unwrap().get(field).unwrap());
            assert_eq!(of(&written[1]), of(&given[1]), "{field}");
        }
        assert_eq!(written[1].get("status"), None);
    }
}

#[test]
fn metadata_is_kept_and_says_where_an_object_belongs() {
    let compiled = compiled(ODD);
    let written = objects(&compiled, "default/production/applications/web.yaml");
    let metadata = |tree: &Tree, field: &str| meaning(tree.get("metadata").unwrap().get(field).unwrap());
    assert_eq!(metadata(&written[0], "namespace"), "\"production\"");
    assert_eq!(metadata(&written[0], "finalizers"), r#"["\"example.com/kept\""]"#);
    for part in [r#"\"managed-by\"#, r#"\"1.30\"#, r#"\"on\"#, "watertight.dev/environment"] {
        let part = part.trim_matches(|c| c == '\\' || c == '"');
        assert!(metadata(&written[0], "labels").contains(part), "{part}");
    }
    let annotations = metadata(&written[0], "annotations");
    for part in ["watertight.yaml:8", "web/web.yaml", "two"] {
        assert!(annotations.contains(part), "{part}: {annotations}");
    }
    let of_server = ["creationTimestamp", "resourceVersion", "uid"];
    let own = written[1].get("metadata").unwrap();
    assert!(of_server.iter().all(|field| own.get(field).is_none()), "{own:?}");
}

#[test]
fn an_object_may_stand_in_any_namespace_of_its_environment() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: batch}\n";
    let intent = INTENT.replace("manifests: web", "environments: [production]\n      manifests: web");
    let compiled = compiled_with(&intent, &[("web/web.yaml".to_owned(), text.to_owned())]);
    let written = objects(&compiled, "default/production/applications/web.yaml");
    assert_eq!(meaning(written[0].get("metadata").unwrap().get("namespace").unwrap()), "\"batch\"");
}

#[test]
fn lists_are_taken_apart() {
    let text = "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n";
    let written = objects(&compiled(text), "default/staging/applications/web.yaml");
    let names: Vec<_> =
        written.iter().map(|tree| meaning(tree.get("metadata").unwrap().get("name").unwrap())).collect();
    assert_eq!(names, ["\"a\"", "\"b\""]);
}

#[test]
fn no_message_shows_a_value() {
    let text = "\
apiVersion: v1
kind: Secret
metadata: {name: s}
stringData:
  password: marked-7f3c
  registry: '{\"auths\": {\"r.example\": {\"auth\": \"bWFya2VkOm1hcmtlZC03ZjNj\"}}}'
  url: postgres://u:marked-7f3c@db.production.svc/x
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {token: marked-7f3c, inside: 'x marked-7f3c y'}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: p, image: 'r.example/p', env: [{name: PASSWORD, value: marked-7f3c}]}]}
";
    let compiled = compiled(text);
    let rules: Vec<&str> = compiled.diagnostics.iter().map(|found| found.rule).collect();
    assert!(rules.iter().filter(|rule| **rule == "same-credential").count() >= 4, "{rules:?}");
    assert!(rules.contains(&"login-to-production"), "{rules:?}");
    for found in &compiled.diagnostics {
        let said = format!("{} {:?} {:?}", found.message, found.help, found.at);
        assert!(!said.contains("marked") && !said.contains("bWFya2Vk"), "{said}");
        let Some((span, _)) = &found.at else { panic!("{found:?}") };
        let under = &text[span.start..span.end];
        assert!(!under.contains("marked"), "{under}");
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_once() {
    let text = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r}
---
apiVersion: v1
kind: Service
metadata: {name: s}
spec: {type: NodePort}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, namespace: elsewhere}
---
a: [1
";
    let compiled = compiled(text);
    assert!(compiled.files.is_empty());
    let mut rules: Vec<&str> = compiled.diagnostics.iter().map(|found| found.rule).collect();
    rules.sort_unstable();
    // The namespace is asked for in each environment.
    let expected = ["foreign-namespace", "foreign-namespace", "refused-kind", "unfit-object", "unparsable"];
    assert_eq!(rules, expected);
    assert!(compiled.diagnostics.iter().all(|found| found.severity == Severity::Error));
}

#[test]
fn what_many_objects_have_in_common_is_said_once() {
    let of = |kind: &str, name: &str| {
        format!("apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: {name}}}\n---\n")
    };
    let text =
        [of("Role", "a"), of("Role", "b"), of("Role", "c"), of("RoleBinding", "d"), of("Role", "e")].concat();
    let compiled = compiled(&text);
    let said: Vec<&str> = compiled.diagnostics.iter().map(|found| found.message.as_str()).collect();
    let expected = [
        "Role `a` is of a kind that does not come from an application (and 3 others)",
        "RoleBinding `d` is of a kind that does not come from an application",
    ];
    assert_eq!(said, expected);
}

#[test]
fn only_what_is_named_otherwise_has_an_image_of_its_own() {
    let pod = |image: &str, name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: a, image: '{image}'}}]}}\n"
        )
    };
    let intent = INTENT.replace(
        "manifests: web",
        "manifests: web/web.yaml\n      overrides: [{environment: production, manifests: web/production.yaml}]",
    );
    let rules = |name: &str, image: &str| {
        let files = [
            ("web/web.yaml".to_owned(), pod("r.example/a:1", "p")),
            ("web/production.yaml".to_owned(), pod(image, name)),
        ];
        let compiled = compiled_with(&intent, &files);
        compiled.diagnostics.iter().map(|found| found.rule).collect::<Vec<_>>()
    };
    assert_eq!(rules("p", "r.example/a:1"), ["mutable-image"]);
    assert_eq!(rules("p", "r.example/a:2"), ["mutable-image", "different-images"]);
    assert_eq!(rules("q", "r.example/a:2"), ["mutable-image"]);
}
