//! What is compiled for an environment passes its guards: each object, and each pod that is made of it.

use super::{asked, serving};
use crate::compiled::{FILES, FULL};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use watertight_base::{Source, SourceId};
use watertight_compile::{File, Given, GivenFile, Question, compile};
use watertight_intent::{ApplicationId, Date, Intent, PlacedSource};
use watertight_testbed::{ControlPlane, Options, eventually};

/// Applications of each source, in two environments that publish by Ingresses and at a Gateway.
const SOURCES: &str = r#"
apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  clusters: [{name: main, ingress: {namespace: ingress-nginx, className: nginx}}]
  environments:
    - name: staging
      tolerations: [example.com/spot]
    - name: production
      ingress: {namespace: proxies, gateway: {namespace: gateways, name: public}}
  applications:
    - name: short
      image: registry.example/short@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60
      ports: [{name: http, containerPort: 8080}]
      routes: [{host: short.example.com, port: http}, {host: "*.short.example.com", port: http}]
      probes: {readiness: {port: http, path: /ready}}
      jobs: [{name: migrate}]
      cron: [{name: report, schedule: "@daily"}]
      overrides: [{environment: staging, routes: [{host: short.staging.example.com, port: http}]}]
    - {name: given, manifests: given/staging.yaml, overrides: [{environment: production, manifests: given/production.yaml}]}
    - {name: overlaid, kustomization: overlaid/staging, overrides: [{environment: production, kustomization: overlaid/production}]}
    - {name: charted, environments: [staging], helm: {chart: charts/charted}}
"#;

fn served(name: &str, more: &str) -> String {
    let image =
        "registry.example/web@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60";
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      tolerations: [{{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 5}}]
      containers: [{{name: web, image: \"{image}\", ports: [{{containerPort: 8080}}], livenessProbe: {{httpGet: {{port: 8080}}}}}}]
---
apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{selector: {{app: {name}}}, ports: [{{port: 80, targetPort: 8080}}]}}
---
{more}"
    )
}

fn ingress(name: &str, host: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: {name}, annotations: {{nginx.ingress.kubernetes.io/auth-secret: staging/users}}}}
spec:
  ingressClassName: nginx
  tls: [{{hosts: [{host}], secretName: tls}}]
  rules: [{{host: {host}, http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: {name}, port: {{number: 80}}}}}}}}]}}}}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: {name}}}
spec:
  selector: {{matchLabels: {{app: {name}-agent}}}}
  template:
    metadata: {{labels: {{app: {name}-agent}}}}
    spec:
      tolerations: [{{key: example.com/spot, operator: Exists}}]
      containers: [{{name: agent, image: \"registry.example/agent@sha256:8c1f0c2f1d2d2c7b6b1f8f6a2b7e0a4c9d5e3f1a7b6c5d4e3f2a1b0c9d8e7f60\"}}]
"
    )
}

fn route(name: &str, host: &str) -> String {
    format!(
        "apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: {name}}}
spec:
  parentRefs: [{{namespace: gateways, name: public}}]
  hostnames: [{host}]
  rules: [{{backendRefs: [{{name: {name}, port: 80}}]}}]
"
    )
}

/// What the applications consist of, and where the intent says so.
fn of_sources() -> Vec<(&'static str, String)> {
    vec![
        ("given/staging.yaml", served("given", &ingress("given", "given.staging.example.com"))),
        ("given/production.yaml", served("given", &route("given", "given.example.com"))),
        ("overlaid/staging", served("overlaid", &ingress("overlaid", "'*.overlaid.staging.example.com'"))),
        ("overlaid/production", served("overlaid", &route("overlaid", "'*.overlaid.example.com'"))),
        ("charts/charted", served("charted", &ingress("charted", "charted.staging.example.com"))),
    ]
}

/// The files of an intent, of whose applications these are the texts.
fn compiled(text: &str, files: &[(&str, String)]) -> Result<(Intent, Vec<File>)> {
    let source = |name: &str, text: &str| Source { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let mut sources = vec![source("watertight.yaml", text)];
    sources.extend(files.iter().map(|(path, text)| source(path, text)));
    let today = Date::new(2026, 11, 20).context("a day")?;
    let read = watertight_intent::read(SourceId(0), &sources[0], today);
    let intent = read.intent.with_context(|| format!("{:#?}", read.diagnostics))?;
    let mut given = Vec::new();
    for (index, application) in intent.applications.iter().enumerate() {
        for placement in &application.placements {
            let path = match &placement.source {
                PlacedSource::Manifests(path) | PlacedSource::Kustomization(path) => path,
                PlacedSource::Helm { chart, .. } => chart,
                PlacedSource::Workload(_) => continue,
            };
            let found = (1..).zip(files).find(|(_, (known, _))| *known == path.value);
            // Of the example's, only what is among the files.
            let Some((id, _)) = found else { continue };
            given.push(Given {
                application: ApplicationId(index),
                environment: placement.environment,
                files: vec![GivenFile { source: SourceId(id), from: path.value.clone() }],
            });
        }
    }
    let compiled = compile(Question { intent: &intent, sources: &sources, given: &given, beside: &[] });
    anyhow::ensure!(!compiled.files.is_empty(), "{:#?}", compiled.diagnostics);
    Ok((intent, compiled.files))
}

/// The objects in a cluster's folder.
fn objects(files: &[File], cluster: &str) -> Result<Vec<Value>> {
    let mut objects = Vec::new();
    let of_cluster = files.iter().filter(|file| file.path.starts_with(&format!("{cluster}/")));
    for file in of_cluster.filter(|file| !file.path.ends_with("kustomization.yaml")) {
        objects.extend(serde_saphyr::from_multiple::<Value>(&file.text)?);
    }
    Ok(objects)
}

/// The pod that is made of an object, if one is.
fn pod(object: &Value) -> Option<Value> {
    let template = object.pointer("/spec/jobTemplate/spec/template").or(object.pointer("/spec/template"))?;
    let mut metadata = template["metadata"].clone();
    metadata["name"] = json!("made");
    metadata["namespace"] = object["metadata"]["namespace"].clone();
    let mut spec = template["spec"].clone();
    if spec["restartPolicy"].is_null() {
        spec["restartPolicy"] = json!("Always");
    }
    Some(json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}))
}

fn list(items: &[&Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

async fn passes_its_own_guards(text: &str, files: &[(&str, String)], wanted: usize) -> Result<()> {
    let Some(plane) = ControlPlane::start_with(&serving(Options::default()))? else { return Ok(()) };
    let (intent, files) = compiled(text, files)?;
    let objects = objects(&files, "main")?;
    let is = |kinds: &[&str], object: &&Value| kinds.iter().any(|kind| object["kind"] == *kind);
    let guards = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
    // What others need: without a namespace nothing can be tried, and without its account and its class no pod.
    let first = ["Namespace", "PriorityClass", "ServiceAccount"];
    for kinds in [&first[..], &guards] {
        let some: Vec<&Value> = objects.iter().filter(|object| is(kinds, object)).collect();
        plane.kubectl_with_input(&["apply", "--server-side", "-f", "-"], &list(&some))?;
    }
    let namespaces = intent.environments.iter().flat_map(|environment| &environment.namespaces);
    let namespaces: Vec<&str> = namespaces.map(|namespace| namespace.value.as_str()).collect();
    let there = plane.kubectl(&["get", "namespaces", "-o", "name"])?;
    for namespace in namespaces {
        if there.lines().any(|line| line == format!("namespace/{namespace}")) {
            asked(&plane, namespace).await?;
            let account = ["get", "serviceaccount", "default", "-n", namespace];
            eventually("its ServiceAccount is there", async || Ok(plane.kubectl(&account).ok())).await?;
        }
    }

    let rest: Vec<&Value> =
        objects.iter().filter(|object| !is(&first, object) && !is(&guards, object)).collect();
    let pods: Vec<Value> = rest.iter().filter_map(|object| pod(object)).collect();
    assert!(pods.len() >= wanted, "{}", pods.len());
    for object in rest.into_iter().chain(&pods) {
        let create = ["create", "--dry-run=server", "-f", "-"];
        plane.kubectl_with_input(&create, &object.to_string()).with_context(|| object.to_string())?;
    }
    Ok(())
}

#[tokio::test]
async fn what_an_example_compiles_to_passes_its_own_guards() -> Result<()> {
    let files = FILES.map(|(path, text)| (path, text.to_owned()));
    passes_its_own_guards(FULL, &files, 8).await
}

#[tokio::test]
async fn applications_of_each_source_pass_the_guards() -> Result<()> {
    passes_its_own_guards(SOURCES, &of_sources(), 14).await
}
