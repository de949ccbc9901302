//! What applications in short form become.

use crate::support::{FULL, compiled};
use std::collections::BTreeSet;
use watertight_compile::File;

const IMAGE: &str =
    "registry.example/web@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60";

/// An intent of one cluster with a Gateway and an environment in it, which runs one application.
fn intent_of(provider: &str, environment: &str, application: &str) -> String {
    format!(
        "apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {{name: shop}}
spec:
  clusters: [{{name: main, provider: {provider}, ingress: {{namespace: proxies, gateway: {{namespace: gateways, name: public}}}}}}]
  environments: [{{name: staging, {environment}}}]
  stores:
    - {{name: orders-db, engine: redis, endpoints: [{{environment: staging, host: db.example.com, cidrs: [10.0.0.0/28, 10.1.0.0/28]}}]}}
  applications:
    - {{name: web, image: \"{IMAGE}\", {application}}}
"
    )
}

/// The file of that name in the environment, or nothing.
fn file(text: &str, name: &str) -> String {
    let path = format!("main/staging/{name}");
    compiled(text).files.into_iter().find(|file| file.path == path).map(|file| file.text).unwrap_or_default()
}

fn of(application: &str, name: &str) -> String {
    file(&intent_of("other", "production: false", application), name)
}

/// The documents of a kind in all files.
fn documents(files: &[File], kind: &str) -> Vec<String> {
    let texts = files.iter().flat_map(|file| file.text.split("---\n"));
    texts.filter(|text| text.contains(&format!("\nkind: {kind}\n"))).map(str::to_owned).collect()
}

#[test]
fn each_provider_names_an_identity_in_its_own_way() {
    let with = |provider: &str, identity: &str| {
        let text = intent_of(provider, &format!("identity: {identity}"), "ports: []");
        (file(&text, "serviceaccounts.yaml"), file(&text, "deployments.yaml"))
    };
    for (provider, identity, annotation) in [
        ("eks", "\"arn:aws:iam::123456789012:role/shop\"", "eks.amazonaws.com/role-arn: "),
        ("gke", "\"shop@project.iam.gserviceaccount.com\"", "iam.gke.io/gcp-service-account: "),
        ("aks", "\"1b4e28ba-2fa1-11d2-883f-0016d3cca427\"", "azure.workload.identity/client-id: "),
    ] {
        let (account, deployment) = with(provider, identity);
        assert!(account.contains(&format!("    {annotation}{identity}\n")), "{account}");
        let has_label = deployment.contains("        azure.workload.identity/use: \"true\"\n");
        assert_eq!(has_label, provider == "aks", "{deployment}");
    }
    let without = file(&intent_of("eks", "production: false", "ports: []"), "serviceaccounts.yaml");
    assert!(!without.contains("amazonaws"), "{without}");
}

#[test]
fn a_job_is_called_by_what_it_runs() {
    let name = |text: &str| {
        let jobs = file(text, "jobs.yaml");
        jobs.lines().find_map(|line| line.strip_prefix("  name: ")).unwrap().to_owned()
    };
    let text = intent_of("other", "production: false", "jobs: [{name: migrate}]");
    let first = name(&text);
    assert!(first.starts_with("web-migrate-") && first.len() == "web-migrate-".len() + 10, "{first}");
    // Where in the intent it stands makes no other job; what runs, and with which variables, does.
    assert_eq!(name(&format!("# moved\n\n{text}")), first);
    for other in [
        text.replace("@sha256:8", "@sha256:9"),
        text.replace("name: migrate", "name: migrate, args: [up]"),
        text.replace("jobs:", "env: [{name: A, value: b}], jobs:"),
        text.replace("jobs:", "stores: [orders-db], jobs:"),
    ] {
        assert_ne!(name(&other), first, "{other}");
    }
}

#[test]
fn an_application_is_told_where_its_stores_are_unless_it_says_so_itself() {
    let plain = of("stores: [orders-db]", "deployments.yaml");
    for line in [
        "name: ORDERS_DB_HOST\n              value: db.example.com",
        "name: ORDERS_DB_PORT\n              value: \"6379\"",
    ] {
        assert!(plain.contains(line), "{plain}");
    }
    let own = of("stores: [orders-db], env: [{name: ORDERS_DB_HOST, value: localhost}]", "deployments.yaml");
    assert!(own.contains("value: localhost") && !own.contains("db.example.com"), "{own}");
    assert_eq!(own.matches("ORDERS_DB_HOST").count(), 1);
    assert!(!of("ports: []", "deployments.yaml").contains("ORDERS_DB"));
}

#[test]
fn variables_may_name_those_before_them() {
    let text = of(
        "stores: [orders-db], env: [{name: URL, value: \"redis://$(TOKEN)@$(ORDERS_DB_HOST)\"}], secrets: [{name: TOKEN, secret: db, key: token}]",
        "deployments.yaml",
    );
    let place = |name: &str| text.find(&format!("- name: {name}\n")).unwrap();
    assert!(place("ORDERS_DB_HOST") < place("TOKEN") && place("TOKEN") < place("URL"), "{text}");
}

#[test]
fn scaling_decides_which_objects_there_are() {
    let with = |scaling: &str| {
        let application = format!("scaling: {{{scaling}}}");
        let of = |name: &str| of(&application, name);
        (
            of("deployments.yaml").contains("  replicas: "),
            !of("horizontalpodautoscalers.yaml").is_empty(),
            !of("poddisruptionbudgets.yaml").is_empty(),
        )
    };
    assert_eq!(with("min: 1"), (true, false, false));
    assert_eq!(with("min: 2"), (true, false, true));
    assert_eq!(with("min: 1, max: 2"), (false, true, false));
    assert_eq!(with("min: 2, max: 3"), (false, true, true));
}

#[test]
fn only_in_a_shared_cluster_pods_have_a_class() {
    for (isolation, has) in [("namespace", true), ("cluster", false)] {
        let text = intent_of("other", &format!("cluster: main, isolation: {isolation}"), "jobs: [{name: j}]");
        for name in ["deployments.yaml", "jobs.yaml"] {
            assert_eq!(file(&text, name).contains("priorityClassName: staging"), has, "{isolation} {name}");
        }
    }
}

#[test]
fn a_gateway_gets_a_route_for_each_host() {
    let text = of(
        "ports: [{name: http, containerPort: 8080, port: 80}], routes: [{host: a.example.com, port: http, path: /x}, \
         {host: \"*.b.example.com\", port: http}, {host: a.example.com, port: http}]",
        "httproutes.yaml",
    );
    insta::assert_snapshot!(text);
}

#[test]
fn stores_are_open_for_all_pods_of_the_application_and_for_no_others() {
    let text = of("stores: [orders-db]", "networkpolicies.yaml");
    let policy = text.split("---\n").find(|text| text.contains("name: allow-stores-web\n")).unwrap();
    insta::assert_snapshot!(policy);
    assert!(!of("ports: []", "networkpolicies.yaml").contains("allow-stores"));
}

#[test]
fn both_sides_of_an_exception_open_their_fence_for_it_alone() {
    let all = documents(&compiled(FULL).files, "NetworkPolicy");
    let doors: Vec<&str> =
        all.iter().map(String::as_str).filter(|text| text.contains("watertight.dev/expires")).collect();
    insta::assert_snapshot!(doors.join("---\n"));
    // Any pod of a side: each of its namespaces opens, and no pod is named.
    let anybody =
        FULL.replace("            from: shop\n            to: orders\n", "            to: orders\n");
    let all = documents(&compiled(&anybody).files, "NetworkPolicy");
    let out: Vec<&String> =
        all.iter().filter(|text| text.contains("name: exception-to-production-1\n")).collect();
    assert_eq!(out.len(), 2, "{out:#?}");
    assert!(out.iter().all(|text| text.contains("  podSelector: {}\n")), "{out:#?}");
    let into = all.iter().find(|text| text.contains("name: exception-from-staging-1\n")).unwrap();
    assert!(into.contains("            matchExpressions:\n") && into.contains("- staging-batch\n"), "{into}");
}

#[test]
fn nothing_is_written_that_would_lead_elsewhere() {
    let files = compiled(FULL).files;
    for service in documents(&files, "Service") {
        assert!(
            service.contains("  type: ClusterIP\n  selector:\n    watertight.dev/application: "),
            "{service}"
        );
        for field in ["externalName", "externalIPs", "loadBalancer", "nodePort"] {
            assert!(!service.contains(field), "{service}");
        }
    }
    for ingress in documents(&files, "Ingress") {
        let (annotations, rest) =
            ingress.split_once("  annotations:\n").unwrap().1.split_once("spec:\n").unwrap();
        assert!(
            annotations.lines().all(|line| line.trim_start().starts_with("watertight.dev/")),
            "{ingress}"
        );
        assert_eq!(rest.matches("    - host: ").count(), rest.matches("      http:\n").count(), "{ingress}");
        assert!(!rest.contains("defaultBackend"), "{ingress}");
    }
}

#[test]
fn an_environment_is_open_as_declared() {
    let image = format!("r.example/x@sha256:{}", "a".repeat(64));
    let text = format!(
        "apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {{name: shop}}
spec:
  environments: [{{name: staging, inside: declared}}, {{name: production}}]
  applications:
    - {{name: web, image: {image}, dependsOn: [db]}}
    - {{name: db, image: {image}, ports: [{{name: sql, containerPort: 5432}}]}}
"
    );
    let files = compiled(&text).files;
    let policies = |environment: &str| {
        let path = format!("default/{environment}/networkpolicies.yaml");
        files.iter().find(|file| file.path == path).unwrap().text.clone()
    };
    insta::assert_snapshot!(policies("staging"));
    assert!(policies("production").contains("name: allow-environment\n"));
}

#[test]
fn every_object_is_there_once_and_says_why() {
    let files = compiled(FULL).files;
    let mut seen = BTreeSet::new();
    let of_objects = |file: &&File| file.path.contains('/') && !file.path.ends_with("kustomization.yaml");
    for file in files.iter().filter(of_objects) {
        for text in file.text.split("---\n") {
            let line = |start: &str| {
                text.lines().find(|line| line.starts_with(start)).unwrap_or_default().to_owned()
            };
            let folder = file.path.split('/').next().unwrap_or_default().to_owned();
            let key = (folder, line("kind: "), line("  namespace: "), line("  name: "));
            assert!(seen.insert(key.clone()), "{key:?} is there twice");
            for annotation in ["watertight.dev/promise", "watertight.dev/intent"] {
                assert!(text.contains(&format!("    {annotation}: ")), "{text}");
            }
        }
    }
    assert!(seen.len() > 40, "{}", seen.len());
}
