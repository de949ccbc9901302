//! `watertight init`, as people run it.
#![expect(clippy::disallowed_methods, reason = "a test that looks at what was written")]

use crate::common::{Folder, ISOLATED, example, run, run_in, run_with};

#[test]
fn an_example_becomes_an_intent() {
    let examples = example("shop-watertight").parent().unwrap().to_owned();
    let outcome = run_in(&examples, &["init", "-f", "shop-watertight"], b"");
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn paths_lead_from_the_folder_of_the_intent_to_the_manifests() {
    let config = |namespace: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings, namespace: {namespace}}}\n")
    };
    let folder = Folder::with(&[
        ("k8s/staging/a.yaml", config("staging").as_bytes()),
        ("k8s/staging/b.yaml", config("staging").replace("settings", "more").as_bytes()),
        ("k8s/production.yaml", config("production").as_bytes()),
    ]);
    let here = run(&folder, &["init", "-f", "k8s"]);
    assert!(here.stdout.contains("manifests: k8s/staging/\n"), "{}", here.stdout);
    assert!(here.stdout.contains("manifests: k8s/production.yaml\n"), "{}", here.stdout);
    assert!(here.stdout.contains("name: k8s\n"), "{}", here.stdout);
    let there = run(&folder, &["init", "-f", "k8s", "--name", "shop", "--output-file", "watertight.yaml"]);
    assert_eq!((there.code, there.stdout.as_str()), (0, ""), "{}", there.stderr);
    let compiled = run(&folder, &["compile", "-f", "watertight.yaml", "--output-dir", "deploy"]);
    assert_eq!(compiled.code, 0, "{}", compiled.stderr);
    assert!(folder.path().join("deploy/default/staging/networkpolicies.yaml").exists());
    let again = run(&folder, &["init", "-f", "k8s", "--output-file", "watertight.yaml"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.starts_with("error: `watertight.yaml` is there already"), "{}", again.stderr);
}

#[test]
fn an_intent_is_written_only_where_it_reaches_its_manifests() {
    let folder = Folder::with(&[("k8s/a.yaml", ISOLATED.as_bytes())]);
    let beside = run(&folder, &["init", "-f", "k8s", "--output-file", "fleet/watertight.yaml"]);
    assert_eq!((beside.code, beside.stdout.as_str()), (2, ""));
    let says = "error: an intent in `fleet/watertight.yaml` cannot name `k8s/a.yaml`, which is";
    assert!(beside.stderr.starts_with(says), "{}", beside.stderr);
    assert!(!folder.path().join("fleet").exists());
    let within = run(&folder, &["init", "-f", "k8s", "--output-file", "k8s/watertight.yaml"]);
    assert_eq!(within.code, 0, "{}", within.stderr);
}

/// What `compile` refuses, and what `init` says that it will, without how lines are broken.
fn refused(stderr: &str, lead: &str) -> Vec<String> {
    let text = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut refused: Vec<String> = text
        .split(lead)
        .skip(1)
        .filter_map(|rest| rest.split_once(" --> "))
        .map(|(message, _)| message.split_once("]: ").map_or(message, |(_, message)| message).to_owned())
        .collect();
    refused.sort();
    refused
}

#[test]
fn what_no_environment_can_have_is_left_out() {
    let examples = example("shop-leaky").parent().unwrap().to_owned();
    let folder = Folder::with(&[]);
    for shop in ["shop-leaky", "shop-watertight"] {
        folder.copy(&examples.join(shop), shop);
        let intent = format!("{shop}.yaml");
        let said = run(&folder, &["init", "-f", shop, "--output-file", &intent]);
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert!(refused(&said.stderr, "`compile` refuses this: ").is_empty(), "{}", said.stderr);
        let compiled = run(&folder, &["compile", "-f", &intent, "--output-dir", &format!("{shop}-deploy")]);
        assert_eq!(compiled.code, 0, "{}", compiled.stderr);
        let left_out = refused(&said.stderr, "`without` leaves this out: ");
        assert!(left_out.iter().any(|what| what.contains("of the type `NodePort`")), "{}", said.stderr);
    }
    let intent = std::fs::read_to_string(folder.path().join("shop-leaky.yaml")).unwrap();
    let intent: serde_json::Value = serde_saphyr::from_str(&intent).unwrap();
    let application = &intent["spec"]["applications"][0];
    assert_eq!(application["manifests"], "shop-leaky/staging/");
    let without = |environment: usize| application["overrides"][environment]["without"].as_array().unwrap();
    let entry = |environment: usize, kind: &str, name: &str| {
        without(environment).iter().find(|entry| entry["kind"] == kind && entry["name"] == name).cloned()
    };
    assert_eq!(entry(0, "DaemonSet", "node-metrics").unwrap().get("fields"), None);
    let warehouse = entry(1, "Service", "warehouse").unwrap();
    let fields: Vec<&str> =
        warehouse["fields"].as_array().unwrap().iter().filter_map(|field| field.as_str()).collect();
    assert_eq!(fields, ["/spec/ports/0/nodePort", "/spec/type"]);
}

#[test]
fn what_only_people_can_mend_is_said_before() {
    let credential = |namespace: &str| {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: {namespace}}}\nstringData: {{password: correct-horse-battery}}\n"
        )
    };
    let folder = Folder::with(&[
        ("k8s/staging.yaml", credential("staging").as_bytes()),
        ("k8s/production.yaml", credential("production").as_bytes()),
    ]);
    let said = run(&folder, &["init", "-f", "k8s", "--output-file", "watertight.yaml"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let compiled = run(&folder, &["compile", "--output-dir", "deploy"]);
    assert_eq!(compiled.code, 2, "{}", compiled.stderr);
    let errors = refused(&compiled.stderr, "error[");
    assert_eq!(errors.len(), 2, "{}", compiled.stderr);
    assert_eq!(refused(&said.stderr, "`compile` refuses this: "), errors, "{}", said.stderr);
    let note = said.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(note.contains("refuses the intent for 2 things"), "{}", said.stderr);
    assert!(!said.stderr.contains("correct-horse"), "{}", said.stderr);
}

#[test]
fn manifests_without_namespaces_come_to_staging_and_to_production() {
    let manifests = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: registry.example/web:1}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
";
    let folder = Folder::with(&[("k8s/web.yaml", manifests.as_bytes())]);
    let said = run(&folder, &["init", "-f", "k8s", "--output-file", "watertight.yaml"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let compiled = run(&folder, &["compile", "--output-dir", "deploy"]);
    assert_eq!(compiled.code, 0, "{}", compiled.stderr);
    for environment in ["staging", "production"] {
        let path = format!("deploy/default/{environment}/applications/web.yaml");
        let text = std::fs::read_to_string(folder.path().join(path)).unwrap();
        assert!(text.contains("kind: Deployment\n") && !text.contains("LoadBalancer"), "{text}");
        assert!(text.contains(&format!("namespace: {environment}\n")), "{text}");
    }
    let proved = run(&folder, &["prove", "-f", "deploy", "--from", "staging", "--to", "production"]);
    assert_eq!(proved.code, 0, "{}", proved.stdout);
}

#[test]
fn without_a_file_nothing_outside_of_the_working_directory_is_named() {
    let folder = Folder::with(&[("k8s/a.yaml", ISOLATED.as_bytes()), ("here/readme", b"")]);
    let here = folder.path().join("here");
    let absolute = folder.path().join("k8s").to_string_lossy().into_owned();
    for path in ["../k8s", &absolute] {
        let outcome = run_in(&here, &["init", "-f", path], b"");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{}", outcome.stderr);
        let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.starts_with("error: an intent in the working directory cannot name"), "{said}");
        assert!(said.contains("help: run it in a folder above the manifests"), "{said}");
    }
    // An absolute path to what is below is as good as a relative one.
    let above = run_in(folder.path(), &["init", "-f", &absolute], b"");
    assert_eq!(above.code, 0, "{}", above.stderr);
    folder.write("watertight.yaml", above.stdout.as_bytes());
    let compiled = run(&folder, &["compile", "--output-dir", "deploy"]);
    assert_eq!(compiled.code, 0, "{}", compiled.stderr);
}

#[test]
fn a_folder_of_which_not_all_was_given_is_not_named() {
    let config = |name: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: staging}}\n")
    };
    let files = ["a", "b", "c"].map(|name| (format!("k8s/{name}.yaml"), config(name)));
    let files = files.each_ref().map(|(path, text)| (path.as_str(), text.as_bytes()));
    let folder = Folder::with(&files);
    let outcome = run(&folder, &["init", "-f", "k8s/a.yaml", "-f", "k8s/b.yaml"]);
    assert!(outcome.stdout.contains("manifests: k8s/a.yaml\n"), "{}", outcome.stdout);
    let whole = run(&folder, &["init", "-f", "k8s/*.yaml"]);
    assert!(whole.stdout.contains("manifests: k8s/\n"), "{}", whole.stdout);
}

#[cfg(unix)]
#[test]
fn what_is_behind_a_link_is_not_named() {
    let folder = Folder::with(&[("k8s/a.yaml", ISOLATED.as_bytes()), ("here/readme", b"")]);
    let here = folder.path().join("here");
    std::os::unix::fs::symlink(folder.path().join("k8s"), here.join("k8s")).unwrap();
    for arguments in [&["init", "-f", "k8s"][..], &["init", "-f", "k8s", "--output-file", "watertight.yaml"]]
    {
        let outcome = run_in(&here, arguments, b"");
        assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""), "{}", outcome.stderr);
        assert!(outcome.stderr.starts_with("error: an intent in "), "{}", outcome.stderr);
        assert!(!here.join("watertight.yaml").exists());
    }
}

#[test]
fn what_becomes_of_a_role_is_said_once_for_all_its_bindings() {
    let binding = |name: &str| {
        format!(
            "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: {name}, namespace: staging}}\nroleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}}\nsubjects: [{{apiGroup: rbac.authorization.k8s.io, kind: Group, name: {name}}}, {{apiGroup: rbac.authorization.k8s.io, kind: User, name: {name}}}]\n"
        )
    };
    let text = [ISOLATED, &binding("shop"), &binding("search")].concat();
    let outcome = run(&Folder::with(&[("k8s/a.yaml", text.as_bytes())]), &["init", "-f", "k8s"]);
    let said = outcome.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(said.matches("may change the wall itself").count(), 1, "{}", outcome.stderr);
    assert!(said.contains("the RoleBindings ") && said.contains("`search`"), "{}", outcome.stderr);
}

#[test]
fn stdin_has_environments_and_no_applications() {
    let outcome = run_with(&Folder::with(&[]), &["init", "-f", "-"], ISOLATED.as_bytes());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("podSecurity: restricted"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("applications"), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("that is standard input"), "{}", outcome.stderr);
}

#[test]
fn without_environments_the_error_says_how_to_name_them() {
    let folder = Folder::with(&[(
        "a.yaml",
        b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n",
    )]);
    let outcome = run(&folder, &["init", "-f", "."]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    insta::assert_snapshot!(outcome.stderr);
    // Beside what names one, what names none is nobody's.
    folder.write("b.yaml", b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
    assert_eq!(run(&folder, &["init", "-f", "."]).code, 2);
    let named = run(&folder, &["init", "-f", ".", "--env", "production=shop", "--verbose"]);
    assert_eq!(named.code, 0, "{}", named.stderr);
    assert!(named.stderr.contains("is the only environment"), "{}", named.stderr);
}

#[test]
fn what_cannot_be_read_fails() {
    let broken = Folder::with(&[("a.yaml", ISOLATED.as_bytes()), ("b.yaml", b"a: [")]);
    let outcome = run(&broken, &["init", "-f", "."]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(outcome.stderr.contains("error[unparsable]"), "{}", outcome.stderr);
    let nothing = Folder::with(&[("a.yaml", b"a: 1\n")]);
    let outcome = run(&nothing, &["init", "-f", "."]);
    assert!(outcome.stderr.starts_with("error: no Kubernetes object was read"), "{}", outcome.stderr);
    assert_eq!(outcome.code, 2);
}

/// A value that must not be seen.
const MARK: &str = "aHVudGVyMmh1bnRlcjI=";

#[test]
fn values_of_secrets_are_not_shown() {
    let secret = format!(
        "{ISOLATED}---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s, namespace: staging}}\ndata: {{password: {MARK}}}\n---\napiVersion: example.com/v1\nkind: Odd\nmetadata: {{name: o, namespace: staging}}\n"
    );
    let outcome = run(&Folder::with(&[("k8s/a.yaml", secret.as_bytes())]), &["init", "-f", "k8s"]);
    assert_eq!(outcome.code, 0);
    assert!(!outcome.stderr.contains(MARK) && !outcome.stdout.contains(MARK), "{}", outcome.stderr);
}
