//! `watertight init` of kustomizations: bases, overlays and components.
#![expect(clippy::disallowed_methods, reason = "a test that looks at what was written")]

use crate::common::{Folder, Outcome, program};
use crate::compile_sources::path_to;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::process::Stdio;

const WEB: &str = "\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: registry.example/web@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60
";

/// A patch, which is no object of its own.
const PATCH: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n";

const COMPONENT: &str =
    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: ready.yaml}]\n";

const READY: &str =
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {minReadySeconds: 5}\n";

/// An application below a folder, with an overlay for each environment: with the namespaces of which of them.
fn application(below: &str, names: Names) -> Vec<(String, String)> {
    let mut files = vec![
        ("base/kustomization.yaml".to_owned(), "resources: [web.yaml]\n".to_owned()),
        ("base/web.yaml".to_owned(), WEB.to_owned()),
        ("components/ready/kustomization.yaml".to_owned(), COMPONENT.to_owned()),
        ("components/ready/ready.yaml".to_owned(), READY.to_owned()),
    ];
    for environment in ["staging", "production"] {
        let is_named = names == Names::Both || names == Names::ProductionAlone && environment == "production";
        let namespace = if is_named { format!("namespace: {environment}\n") } else { String::new() };
        let overlay = format!(
            "{namespace}resources: [../../base]\ncomponents: [../../components/ready]\npatches: [{{path: replicas.yaml}}]\n"
        );
        files.push((format!("overlays/{environment}/kustomization.yaml"), overlay));
        files.push((format!("overlays/{environment}/replicas.yaml"), PATCH.to_owned()));
    }
    files.into_iter().map(|(path, text)| (format!("{below}{path}"), text)).collect()
}

fn folder(files: &[(String, String)]) -> Folder {
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect();
    Folder::with(&files)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Both,
    ProductionAlone,
    None,
}

/// Runs the program with these folders to look for others in.
fn run(folder: &Folder, path: &OsString, arguments: &[&str]) -> Outcome {
    let mut command = program(folder.path(), arguments);
    let output = command.env("PATH", path).stdin(Stdio::null()).output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The applications of an intent that compiles, and is isolated.
fn applications(folder: &Folder, path: &OsString) -> Value {
    applications_of(folder, path, &[]).0
}

/// The applications of an intent that compiles, and is isolated, and what `init` said.
fn applications_of(folder: &Folder, path: &OsString, given: &[&str]) -> (Value, String) {
    let arguments = ["init", "-f", ".", "--name", "shop", "--output-file", "watertight.yaml"];
    let said = run(folder, path, &[&arguments, given].concat());
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(!said.stderr.contains("`compile` refuses this"), "{}", said.stderr);
    let compiled = run(folder, path, &["compile", "--output-dir", "deploy"]);
    assert_eq!(compiled.code, 0, "{}", compiled.stderr);
    let proved = run(folder, path, &["prove", "-f", "deploy", "--from", "staging", "--to", "production"]);
    assert_eq!(proved.code, 0, "{}", proved.stdout);
    let intent = std::fs::read_to_string(folder.path().join("watertight.yaml")).unwrap();
    let intent: Value = serde_saphyr::from_str(&intent).unwrap();
    let said = said.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    (intent["spec"]["applications"].clone(), said)
}

#[test]
fn overlays_are_one_application_with_another_folder_for_each_environment() {
    let Some(path) = path_to(&["kubectl"]) else { return };
    let without = json!([{"kind": "Service", "name": "web", "fields": ["/spec/type"]}]);
    for names in [Names::Both, Names::ProductionAlone, Names::None] {
        let folder = folder(&application("", names));
        assert_eq!(
            applications(&folder, &path),
            json!([{
                "name": "shop",
                "kustomization": "overlays/staging/",
                "without": without,
                "overrides": [{"environment": "production", "kustomization": "overlays/production/"}],
            }])
        );
        let file = "deploy/default/production/applications/shop.yaml";
        let compiled = std::fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(compiled.contains("replicas: 3") && compiled.contains("minReadySeconds: 5"), "{compiled}");
    }
}

#[test]
fn several_applications_are_told_apart_and_plain_manifests_stay_beside() {
    let Some(path) = path_to(&["kubectl"]) else { return };
    let mut files = [application("apps/api/", Names::Both), application("apps/web/", Names::Both)].concat();
    for (file, text) in files.iter_mut().filter(|(file, _)| file.starts_with("apps/api/")) {
        if !file.ends_with("kustomization.yaml") {
            *text = text.replace("web", "api");
        }
        *text = text.replace("web.yaml", "api.yaml");
        *file = file.replace("web.yaml", "api.yaml");
    }
    for environment in ["staging", "production"] {
        let settings = format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings, namespace: {environment}}}\n"
        );
        files.push((format!("settings/{environment}.yaml"), settings));
    }
    let folder = folder(&files);
    let applications = applications(&folder, &path);
    let named: Vec<(&str, &str)> = applications
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let place = it.get("kustomization").or(it.get("manifests")).unwrap();
            (it["name"].as_str().unwrap(), place.as_str().unwrap())
        })
        .collect();
    assert!(named.contains(&("api", "apps/api/overlays/staging/")), "{named:?}");
    assert!(named.contains(&("web", "apps/web/overlays/staging/")), "{named:?}");
    assert!(named.iter().any(|(_, place)| *place == "settings/staging.yaml"), "{named:?}");
    assert_eq!(named.len(), 4, "{named:?}");
}

#[test]
fn what_cannot_be_rendered_is_said_with_its_file() {
    let here = folder(&application("", Names::Both));
    let missing = run(&here, &OsString::from("/nowhere"), &["init", "-f", "."]);
    assert_eq!((missing.code, missing.stdout.as_str()), (2, ""));
    let said = missing.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.starts_with("error: the kustomization `./overlays/production/kustomization.yaml`: `kubectl` is not there help: install kubectl"), "{said}");
    let Some(path) = path_to(&["kubectl"]) else { return };
    here.write("overlays/staging/kustomization.yaml", b"namespace: staging\nresources: [../missing]\n");
    let broken = run(&here, &path, &["init", "-f", "."]);
    assert_eq!((broken.code, broken.stdout.as_str()), (2, ""));
    let said = broken.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.starts_with(
            "error: the kustomization `./overlays/staging/kustomization.yaml`: `kubectl` failed cause: "
        ),
        "{said}"
    );
    assert!(said.contains("missing"), "{said}");
}

/// One that only lists files changes nothing, and is read as it is.
#[test]
fn a_kustomization_that_only_lists_needs_no_kubectl() {
    let files = ["staging", "production"].map(|environment| {
        let text = WEB
            .replace("type: NodePort, ", "")
            .replace("metadata: {name: web}", &format!("metadata: {{name: web, namespace: {environment}}}"));
        (environment, text)
    });
    let mut all = Vec::new();
    for (environment, text) in &files {
        let (service, deployment) = text.split_once("---\n").unwrap();
        all.push((format!("k8s/{environment}/service.yaml"), service.to_owned()));
        all.push((format!("k8s/{environment}/deployment.yaml"), deployment.to_owned()));
        let list = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [service.yaml, deployment.yaml]\n";
        all.push((format!("k8s/{environment}/kustomization.yaml"), list.to_owned()));
    }
    let said = run(&folder(&all), &OsString::from("/nowhere"), &["init", "-f", "k8s"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("kustomization: k8s/staging/\n"), "{}", said.stdout);
    assert!(!said.stderr.contains("`compile` refuses this"), "{}", said.stderr);
}

/// An application with overlays in these folders, each with what its kustomization says besides.
fn overlays(of: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut files = vec![
        ("base/kustomization.yaml".to_owned(), "resources: [web.yaml]\n".to_owned()),
        ("base/web.yaml".to_owned(), WEB.replace("type: NodePort, ", "")),
    ];
    for (folder, says) in of {
        let overlay = format!("{says}\nresources: [../../base]\npatches: [{{path: replicas.yaml}}]\n");
        files.push((format!("overlays/{folder}/kustomization.yaml"), overlay));
        files.push((format!("overlays/{folder}/replicas.yaml"), PATCH.to_owned()));
    }
    files
}

#[test]
fn overlays_of_other_names_are_one_application_by_what_they_go_back_to() {
    let Some(path) = path_to(&["kubectl"]) else { return };
    let given = ["--env", "staging=qa", "--env", "production=eu"];
    // By what they say, and by what the command line says of their folders.
    for [eu, qa] in [["namespace: eu", "namespace: qa"], ["", ""]] {
        let folder = folder(&overlays(&[("eu", eu), ("qa", qa)]));
        let (applications, said) = applications_of(&folder, &path, &given);
        assert_eq!(
            applications,
            json!([{
                "name": "shop",
                "kustomization": "overlays/qa/",
                "overrides": [{"environment": "production", "kustomization": "overlays/eu/"}],
            }]),
            "{said}"
        );
    }
}

#[test]
fn of_overlays_whose_environment_nothing_tells_it_is_said() {
    let Some(path) = path_to(&["kubectl"]) else { return };
    let untold = folder(&overlays(&[("eu", ""), ("qa", "")]));
    let said = run(&untold, &path, &["init", "-f", "."]);
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    let words = said.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    let lead = "error: `./overlays/eu/` and `./overlays/qa/` are overlays of one application, and nothing tells of which environments";
    assert!(words.starts_with(lead), "{words}");
    let partly = folder(&overlays(&[("staging", ""), ("production", ""), ("eu", "")]));
    let (applications, said) = applications_of(&partly, &path, &[]);
    assert!(said.contains("nothing tells of which environment the overlay `./overlays/eu/` is"), "{said}");
    assert_eq!(applications.as_array().unwrap().len(), 1, "{applications}");
    let rivals = folder(&overlays(&[
        ("qa", "namespace: qa"),
        ("eu", "namespace: prod-eu"),
        ("us", "namespace: prod-us"),
    ]));
    let given = ["--env", "staging=qa", "--env", "production=prod-*"];
    let (applications, said) = applications_of(&rivals, &path, &given);
    assert!(said.contains("go back to the same, and several of them are of one environment"), "{said}");
    assert_eq!(applications.as_array().unwrap().len(), 3, "{applications}");
}

#[test]
fn what_no_kustomization_lists_is_no_object() {
    let Some(path) = path_to(&["kubectl"]) else { return };
    let mut files = application("", Names::Both);
    let stray = PATCH.replace("replicas: 3", "replicas: 7");
    files.push(("overlays/staging/old.yaml".to_owned(), stray.clone()));
    files.push(("overlays/staging/patches/older.yaml".to_owned(), stray.clone()));
    files.push((
        "components/unused/kustomization.yaml".to_owned(),
        COMPONENT.replace("ready.yaml", "big.yaml"),
    ));
    files.push(("components/unused/big.yaml".to_owned(), stray));
    files.push(("overlays/staging/values.yaml".to_owned(), "replicas: 7\n".to_owned()));
    let folder = folder(&files);
    let (applications, said) = applications_of(&folder, &path, &[]);
    assert_eq!(applications.as_array().unwrap().len(), 1, "{applications}");
    for told in [
        "`./overlays/staging/old.yaml` lies beside `./overlays/staging/kustomization.yaml`, which does not list it",
        "`./overlays/staging/patches/older.yaml` lies beside `./overlays/staging/kustomization.yaml`",
        "`./components/unused/big.yaml` is a patch of `./components/unused/kustomization.yaml`",
    ] {
        assert!(said.contains(told), "{said}");
    }
    assert!(!said.contains("ready.yaml") && !said.contains("replicas.yaml"), "{said}");
}

#[test]
fn all_kustomizations_that_cannot_be_rendered_are_named() {
    let Some(path) = path_to(&["kubectl"]) else { return };
    let here = folder(&application("", Names::Both));
    for environment in ["staging", "production"] {
        let broken = format!("namespace: {environment}\nresources: [../missing]\n");
        here.write(&format!("overlays/{environment}/kustomization.yaml"), broken.as_bytes());
    }
    let broken = run(&here, &path, &["init", "-f", "."]);
    assert_eq!((broken.code, broken.stdout.as_str()), (2, ""));
    for environment in ["staging", "production"] {
        assert!(
            broken.stderr.contains(&format!("overlays/{environment}/kustomization.yaml")),
            "{}",
            broken.stderr
        );
    }
    assert!(broken.stderr.contains("error: 2 kustomizations cannot be rendered"), "{}", broken.stderr);
}

/// A value that must not be seen.
const MARK: &str = "marked-7f3c9a";

#[test]
fn values_of_a_kustomization_that_fails_are_shown_nowhere() {
    let Some(path) = path_to(&["kubectl"]) else { return };
    let here = folder(&application("", Names::Both));
    for says in [
        format!("secretGenerator: [{{name: a, literals: [{MARK}]}}]"),
        format!("secretGenerator: [{{name: a, literals: [\"={MARK}\"]}}]"),
        format!("patches: [{{patch: {MARK}}}]"),
        format!(
            "patches: [{{target: {{kind: Deployment}}, patch: \"[{{op: test, path: /spec, value: {MARK}}}]\"}}]"
        ),
        format!("patchesStrategicMerge: [\"kind: Secret\\nstringData: {{a: {MARK}}}\"]"),
        format!("resources: [\"https://user:{MARK}@127.0.0.1:1/x.yaml\"]"),
    ] {
        let text = format!("namespace: staging\n{says}\n");
        here.write("overlays/staging/kustomization.yaml", text.as_bytes());
        let intent = "apiVersion: watertight.dev/v1alpha1\nkind: Fleet\nmetadata: {name: shop}\nspec:\n  environments: [{name: staging}, {name: production}]\n  applications: [{name: web, kustomization: overlays/staging}]\n";
        here.write("intent.yaml", intent.as_bytes());
        for arguments in [&["init", "-f", "."][..], &["compile", "-f", "intent.yaml", "--output-dir", "out"]]
        {
            let failed = run(&here, &path, arguments);
            assert_eq!(failed.code, 2, "{says}: {}", failed.stderr);
            assert!(failed.stderr.contains("cause: "), "{says}: {}", failed.stderr);
            assert!(!failed.stderr.contains(MARK), "{says}: {}", failed.stderr);
        }
    }
}

#[test]
fn a_kustomization_that_only_gathers_overlays_is_none_of_its_own() {
    let Some(path) = path_to(&["kubectl"]) else { return };
    let mut files = application("shop/", Names::Both);
    let gathers = "resources: [overlays/staging, overlays/production]\n";
    files.push(("shop/kustomization.yaml".to_owned(), gathers.to_owned()));
    files.push(("kustomization.yaml".to_owned(), "resources: [shop]\n".to_owned()));
    let folder = folder(&files);
    let applications = applications(&folder, &path);
    assert_eq!(applications[0]["kustomization"], "shop/overlays/staging/", "{applications}");
    assert_eq!(applications[0]["overrides"][0]["kustomization"], "shop/overlays/production/");
    assert_eq!(applications.as_array().unwrap().len(), 1, "{applications}");
}

/// By its name a file is one: `apiVersion` and `kind` are filled in.
#[test]
fn a_kustomization_need_not_say_that_it_is_one() {
    let mut all = Vec::new();
    for environment in ["staging", "production"] {
        for name in ["a", "b"] {
            let text = format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {environment}}}\n"
            );
            all.push((format!("k8s/{environment}/{name}.yaml"), text));
        }
        let list = "resources: [a.yaml, b.yaml]\n";
        all.push((format!("k8s/{environment}/kustomization.yaml"), list.to_owned()));
    }
    let said = run(&folder(&all), &OsString::from("/nowhere"), &["init", "-f", "k8s"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stdout.contains("kustomization: k8s/staging/\n"), "{}", said.stdout);
    assert!(!said.stderr.contains("`compile` refuses this"), "{}", said.stderr);
    // What says which environments there are is no patch, and what it does not list is not applied by it.
    let namespaces = "apiVersion: v1\nkind: Namespace\nmetadata: {name: staging}\n";
    all.push(("k8s/staging/namespace.yaml".to_owned(), namespaces.to_owned()));
    let more = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: staging}\n";
    all.push(("k8s/staging/more/c.yaml".to_owned(), more.to_owned()));
    let said = run(&folder(&all), &OsString::from("/nowhere"), &["init", "-f", "k8s"]);
    assert!(!said.stderr.contains("does not list it"), "{}", said.stderr);
    assert!(!said.stdout.contains("kustomization: k8s/staging/\n"), "{}", said.stdout);
    assert!(said.stdout.contains("manifests: k8s/staging/more/c.yaml\n"), "{}", said.stdout);
}
