//! What stands in a cluster because environments share it.

use crate::support::{FULL, MINIMAL, compiled, compiled_with};
use watertight_compile::{Compiled, File};

const POLICIES: &str = "validatingadmissionpolicies.yaml";
const BINDINGS: &str = "validatingadmissionpolicybindings.yaml";

fn file<'c>(compiled: &'c Compiled, path: &str) -> Option<&'c File> {
    compiled.files.iter().find(|file| file.path == path)
}

/// A guard of staging in the cluster by default.
fn guard(compiled: &Compiled, concern: &str) -> String {
    let policies = file(compiled, &format!("default/staging/{POLICIES}"));
    let policies = &policies.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics)).text;
    let name = format!("  name: watertight-{concern}-staging\n");
    policies.split("---\n").find(|policy| policy.contains(&name)).unwrap_or_default().to_owned()
}

#[test]
fn who_is_alone_in_a_cluster_is_kept_from_nobody_there() {
    let moved = MINIMAL.replace("{name: staging}", "{name: staging, isolation: cluster}");
    let (shared, moved) = (compiled(MINIMAL), compiled(&moved));
    for kind in [POLICIES, BINDINGS] {
        for environment in ["staging", "production"] {
            assert!(
                file(&shared, &format!("default/{environment}/{kind}")).is_some(),
                "{environment} {kind}"
            );
        }
        assert!(moved.files.iter().all(|file| !file.path.ends_with(kind)), "{kind}");
    }
    // Its own wall is the same.
    for kind in ["networkpolicies.yaml", "namespaces.yaml"] {
        let text = |compiled: &Compiled, path: String| file(compiled, &path).unwrap().text.clone();
        let before = text(&shared, format!("default/staging/{kind}"));
        assert_eq!(before, text(&moved, format!("staging/staging/{kind}")), "{kind}");
    }
}

#[test]
fn every_guard_names_both_sides_and_its_promise() {
    let mut said = 0;
    for text in [MINIMAL, FULL] {
        for file in compiled(text).files {
            let Some(folder) = file.path.strip_suffix(&format!("/{POLICIES}")) else { continue };
            let (_, environment) = folder.split_once('/').unwrap();
            let other = if environment == "staging" { "production" } else { "staging" };
            for policy in file.text.split("---\n") {
                let promise =
                    policy.lines().find_map(|line| line.trim().strip_prefix("watertight.dev/promise: "));
                let promise = promise.unwrap();
                let start = format!("message: \"{environment} is kept out of {other} (promise {promise}): ");
                let expressions = policy.matches("- expression: ").count();
                assert!(expressions > 0 && policy.matches(&start).count() == expressions, "{policy}");
                said += expressions;
            }
        }
    }
    assert!(said > 40, "{said}");
}

/// What is written for an environment does not grow with how many others there are.
#[test]
fn a_guard_names_few_of_many_neighbours() {
    let size = |count: usize| {
        let others: Vec<String> = (0..count).map(|number| format!("{{name: preview-{number}}}")).collect();
        let all = format!("[{{name: staging}}, {}, {{name: production}}]", others.join(", "));
        let compiled = compiled(&MINIMAL.replace("[{name: staging}, {name: production}]", &all));
        let guards = file(&compiled, &format!("default/staging/{POLICIES}")).unwrap().text.clone();
        assert!(guards.contains("staging is kept out of production"), "{guards}");
        guards.len()
    };
    assert!(size(60) < size(10) + 200);
}

#[test]
fn probes_are_guarded_where_a_server_may_let_them_name_hosts() {
    let of = |version: &str| {
        let clusters = format!("spec:\n  clusters: [{{name: default{version}}}]\n");
        !guard(&compiled(&MINIMAL.replace("spec:\n", &clusters)), "probes").is_empty()
    };
    assert!(of("") && of(", kubernetesVersion: '1.30'") && of(", kubernetesVersion: '1.33'"));
    assert!(!of(", kubernetesVersion: '1.34'"));
}

/// Pods without a class have the priority 0, which is too much where somebody else has less than that.
#[test]
fn no_pod_comes_before_an_environment_that_goes_first() {
    let with = |own: i64, other: i64| {
        let text = MINIMAL.replace("[{name: staging}, {name: production}]", &format!(
            "[{{name: staging, priority: {{value: {own}}}}}, {{name: tests, priority: {{value: {other}}}}}, {{name: production}}]"
        ));
        let guard = guard(&compiled(&text), "priority");
        let (_, bound) = guard.split_once("object.spec.?priority.orValue(0) <= ").unwrap();
        bound.split_once('"').unwrap().0.parse::<i64>().unwrap()
    };
    assert_eq!(with(0, 0), 0);
    assert_eq!(with(50, 100), 50);
    assert_eq!(with(-100, -200), 0);
    assert_eq!(with(-100, -50), -100);
    assert_eq!(with(-100, 0), -100);
}

const PUBLISHED: &str = "\
apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  clusters: [{name: default, ingress: {namespace: ingress-nginx, className: nginx}}]
  environments:
    - {name: staging, hosts: [by-hand.staging.example.com]}
    - {name: production, hosts: [shop.example.com]}
  applications:
    - name: short
      environments: [staging]
      image: registry.example/short@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60
      ports: [{name: http, containerPort: 8080}]
      routes: [{host: short.staging.example.com, port: http}]
    - {name: given, environments: [staging], manifests: given}
    - {name: overlaid, environments: [staging], kustomization: overlaid}
    - {name: charted, environments: [staging], helm: {chart: charted}}
";

fn published(name: &str, host: &str, annotations: &str) -> (String, String) {
    let text = format!(
        "apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{selector: {{app: {name}}}, ports: [{{port: 80}}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: {name}, annotations: {{{annotations}}}}}
spec:
  ingressClassName: nginx
  rules: [{{host: {host}, http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: {name}, port: {{number: 80}}}}}}}}]}}}}]
"
    );
    (format!("{name}/all.yaml"), text)
}

/// The hosts of an environment are what it publishes by any source, and what it lists; and nothing is a host but a host.
#[test]
fn hosts_come_from_each_source() {
    let odd = "external-dns.alpha.kubernetes.io/hostname: \"x'] || true || 'y' in ['z\"";
    let compiled = compiled_with(
        PUBLISHED,
        &[
            published("given", "given.staging.example.com", odd),
            published("overlaid", "'*.overlaid.staging.example.com'", ""),
            published("charted", "charted.staging.example.com", ""),
        ],
    );
    let own = "['*.overlaid.staging.example.com', 'by-hand.staging.example.com', 'charted.staging.example.com', \
               'given.staging.example.com', 'short.staging.example.com']";
    let below = ".endsWith('.overlaid.staging.example.com')";
    for (concern, host) in [
        ("ingresses", "rule.?host.orValue('')"),
        ("ingresses", "host"),
        ("routes", "host"),
        ("gateways", "listener.?hostname.orValue('')"),
    ] {
        let guard = guard(&compiled, concern);
        let asked = format!(", {host} in {own} || {host}{below})");
        assert!(guard.contains(&asked), "{asked}\n{guard}");
        assert!(!guard.contains("true"), "{guard}");
    }
    let other = file(&compiled, &format!("default/production/{POLICIES}")).unwrap();
    assert!(other.text.contains("host in ['shop.example.com'])") && !other.text.contains("staging.example"));
}

#[test]
fn what_one_may_publish_no_application_of_another_does() {
    let files = [published("given", "shop.example.com", "")];
    let text = PUBLISHED.split("    - {name: overlaid").next().unwrap();
    let compiled = compiled_with(text, &files);
    let rules: Vec<&str> = compiled.diagnostics.iter().map(|found| found.rule).collect();
    assert_eq!(rules, ["shared-route"], "{:#?}", compiled.diagnostics);
}
