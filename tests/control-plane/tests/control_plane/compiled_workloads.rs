//! What applications of an intent compile to: a real API server takes each object, its admission takes their pods, and the
//! proof says that what must get through does, and nothing else.

use crate::compiled::{FULL, KINDS, compile_into, is_kept, principals, without_connections};
use anyhow::{Context as _, Result};
use std::path::Path;
use tempfile::TempDir;
use watertight_base::{Protocol, Source};
use watertight_ingest::{Options, read};
use watertight_intent::{Environment, Intent};
use watertight_model::{NeedState, Report, Verdict};
use watertight_network::Profile;
use watertight_prove::{NeedQuestion, Question, prove};
use watertight_testbed::{self as testbed, ControlPlane, CustomResources, eventually};

/// What runs, and what it is reached by.
const RUNNING: &str = "pods,deployments,replicasets,services,endpointslices,jobs,cronjobs,ingresses,ingressclasses,\
                       horizontalpodautoscalers,poddisruptionbudgets";

/// What stands around the environments: DNS, and a proxy for each, which watches the namespace of the routes alone.
fn around() -> String {
    let proxy = |namespace: &str, class: &str, watched: &str| {
        format!(
            "---
apiVersion: v1
kind: Namespace
metadata: {{name: {namespace}}}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {{name: {class}}}
spec: {{controller: k8s.io/{class}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: controller, namespace: {namespace}}}
spec:
  selector: {{matchLabels: {{app.kubernetes.io/name: ingress-nginx}}}}
  template:
    metadata: {{labels: {{app.kubernetes.io/name: ingress-nginx}}}}
    spec:
      containers:
        - name: controller
          image: registry.k8s.io/ingress-nginx/controller:v1.15.1
          args: [/nginx-ingress-controller, --controller-class=k8s.io/{class}, --ingress-class={class}, --watch-namespace={watched}]
"
        )
    };
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: coredns, namespace: kube-system}}
spec:
  selector: {{matchLabels: {{k8s-app: kube-dns}}}}
  template:
    metadata: {{labels: {{k8s-app: kube-dns}}}}
    spec: {{containers: [{{name: coredns, image: registry.k8s.io/coredns/coredns:v1.12.1}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: kube-dns, namespace: kube-system}}
spec:
  selector: {{k8s-app: kube-dns}}
  ports: [{{name: dns, port: 53, protocol: UDP}}, {{name: dns-tcp, port: 53, protocol: TCP}}]
{}{}",
        proxy("ingress-nginx", "nginx", "production"),
        proxy("ingress-internal", "nginx-internal", "staging")
    )
}

/// With addresses of stores that nobody takes for those of pods, and with a job that does not begin meanwhile.
fn with_stores_outside(text: &str) -> String {
    let text = text.replace("10.20.0.16/28", "198.51.100.16/28").replace("10.30.0.16/28", "192.0.2.16/28");
    text.replace("schedule: 30 4 * * 1-5", "schedule: \"@yearly\"")
}

/// Applies what an intent compiles to for the cluster `main`, and compares what the server keeps.
async fn apply(plane: &ControlPlane, folder: &Path, text: &str) -> Result<Intent> {
    let _ = std::fs::remove_dir_all(folder.join("main"));
    let intent = compile_into(folder, text)?;
    let of_cluster = folder.join("main");
    let of_cluster = of_cluster.to_str().context("a path")?;
    plane.kubectl(&["apply", "--server-side", "-k", of_cluster])?;
    is_kept(plane, of_cluster).await?;
    Ok(intent)
}

/// The names of objects that a selector meets, as `namespace/name`.
fn names(plane: &ControlPlane, kind: &str, selector: &str) -> Result<Vec<String>> {
    let template = "jsonpath={range .items[*]}{.metadata.namespace}/{.metadata.name}{\"\\n\"}{end}";
    let text = plane.kubectl(&["get", kind, "-A", "-l", selector, "-o", template])?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// The answer about all that a server holds.
fn report(
    plane: &ControlPlane,
    (from, to): (&Environment, &Environment),
    profile: Profile,
    needs: &[NeedQuestion],
) -> Result<Report> {
    let served = plane.kubectl(&["get", &format!("{KINDS},{RUNNING}"), "-A", "-o", "json"])?;
    let source = Source { name: "served.json".to_owned(), bytes: served.into_bytes() };
    let snapshot = read(&[source], &Options::default()).snapshot;
    let namespaces = |environment: &Environment| {
        let name = &environment.name.value;
        let pairs = environment.namespaces.iter().map(|namespace| (name.clone(), namespace.value.clone()));
        pairs.collect::<Vec<_>>()
    };
    let question = Question {
        environments: [namespaces(from), namespaces(to)].concat(),
        profile,
        principals: [principals(from), principals(to)].concat(),
        needs: needs.to_vec(),
        ..Question::between(&from.name.value, &to.name.value)
    };
    Ok(prove(&snapshot, &question)?)
}

fn need(from: &str, to: &str, port: u16) -> NeedQuestion {
    NeedQuestion::Connection { from: from.to_owned(), to: to.to_owned(), protocol: Protocol::Tcp, port }
}

/// What has to get through, and what must not although it looks alike.
fn needs() -> (Vec<NeedQuestion>, Vec<NeedQuestion>) {
    let open = vec![
        NeedQuestion::Dns,
        need("ingress-nginx/controller", "production/service/shop", 80),
        need("ingress-internal/controller", "staging/service/shop", 80),
        need("production/shop", "192.0.2.17", 5432),
        need("production/cronjob/shop-report", "192.0.2.17", 5432),
        need("staging/shop", "198.51.100.17", 6432),
        need("production/shop", "production/service/orders", 9000),
    ];
    let closed = vec![
        need("ingress-nginx/controller", "production/shop", 9090),
        need("ingress-nginx/controller", "production/orders", 9000),
        need("ingress-nginx/controller", "staging/shop", 8080),
        need("production/orders", "192.0.2.17", 5432),
        need("production/shop", "192.0.2.17", 5433),
        need("production/shop", "198.51.100.17", 6432),
        need("staging/shop", "production/orders", 9000),
        need("staging/shop", "production/shop", 8080),
    ];
    (open, closed)
}

#[tokio::test]
async fn what_applications_need_gets_through_and_nothing_else() -> Result<()> {
    let Some(plane) = ControlPlane::start()? else { return Ok(()) };
    plane.install(CustomResources::NetworkPolicyApi)?;
    plane.kubectl_with_input(&["apply", "--server-side", "-f", "-"], &around())?;
    let folder = TempDir::new()?;
    let text = with_stores_outside(&without_connections(FULL));
    let intent = apply(&plane, folder.path(), &text).await?;
    let [staging, production, ..] = intent.environments.as_slice() else { panic!("{intent:?}") };

    // Admission takes the pods of each: both namespaces enforce `restricted`, and one has a quota.
    for namespace in ["staging", "production"] {
        for selector in [
            "watertight.dev/application=shop,watertight.dev/component=server",
            "watertight.dev/application=orders,watertight.dev/component=server",
            "watertight.dev/application=shop,watertight.dev/component=job-migrate",
        ] {
            eventually(&format!("pods of {selector} in {namespace}"), async || {
                let pods = names(&plane, "pods", selector)?;
                Ok(pods.iter().any(|pod| pod.starts_with(&format!("{namespace}/"))).then_some(()))
            })
            .await?;
        }
    }

    let (open, closed) = needs();
    for profile in Profile::ALL.into_iter().filter(|profile| profile.name != "none") {
        let name = profile.label();
        for (from, to) in [(staging, production), (production, staging)] {
            let report = report(&plane, (from, to), profile, &[&open[..], &closed[..]].concat())?;
            let boundary = &report.boundaries[0];
            assert_eq!(boundary.verdict, Verdict::Isolated, "{name}: {boundary:#?}");
            assert_eq!(boundary.channels.len(), 2, "{name}");
            for (index, need) in report.needs.iter().enumerate() {
                let wanted = if index < open.len() { NeedState::Open } else { NeedState::Closed };
                assert_eq!(need.state, wanted, "{name}: {need:#?}");
            }
        }
    }
    an_exception_is_a_door_of_its_own_size(&plane, folder.path(), staging, production).await?;
    a_new_version_has_jobs_of_its_own(&plane, folder.path(), &text).await
}

/// With its exception, the example lets through what it names and no more.
async fn an_exception_is_a_door_of_its_own_size(
    plane: &ControlPlane,
    folder: &Path,
    staging: &Environment,
    production: &Environment,
) -> Result<()> {
    apply(plane, folder, &with_stores_outside(FULL)).await?;
    let asked = [
        (need("staging/shop", "production/orders", 9000), NeedState::Open),
        (need("staging/shop", "production/orders", 9001), NeedState::Closed),
        (need("staging/orders", "production/orders", 9000), NeedState::Closed),
        (need("staging/shop", "production/shop", 8080), NeedState::Closed),
    ];
    let needs = asked.clone().map(|(need, _)| need);
    let there = report(plane, (staging, production), Profile::CONSERVATIVE, &needs)?;
    assert_eq!(there.boundaries[0].verdict, Verdict::Breached);
    for ((_, wanted), need) in asked.iter().zip(&there.needs) {
        assert_eq!(need.state, *wanted, "{need:#?}");
    }
    let back = report(plane, (production, staging), Profile::CONSERVATIVE, &[])?;
    assert_eq!(back.boundaries[0].verdict, Verdict::Isolated, "{:#?}", back.boundaries);
    Ok(())
}

/// Nobody can change what a Job runs: with another image there is another Job.
async fn a_new_version_has_jobs_of_its_own(plane: &ControlPlane, folder: &Path, text: &str) -> Result<()> {
    let count = || names(plane, "jobs", "watertight.dev/application=shop").map(|jobs| jobs.len());
    apply(plane, folder, text).await?;
    assert_eq!(count()?, 2);
    let next = text.replace("8d9001d32c6a703d", "0d9001d32c6a703d").replace("shop:2.4.1", "shop:2.5.0");
    assert_ne!(next, text);
    apply(plane, folder, &next).await?;
    assert_eq!(count()?, 4);
    Ok(())
}

/// Two environments with a Gateway each.
const GATEWAYS: &str = "\
apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  clusters:
    - name: main
      provider: aks
      ingress: {namespace: proxies, gateway: {namespace: gateways, name: public}}
  environments:
    - name: staging
      ingress: {namespace: proxies-internal, gateway: {namespace: gateways, name: internal}}
      identity: 1b4e28ba-2fa1-11d2-883f-0016d3cca427
    - name: production
  applications:
    - name: shop
      image: registry.example.com/shop@sha256:8d9001d32c6a703d95921a77115050f33dd823d3f1730bd35215dcbecad6dc20
      ports: [{name: http, containerPort: 8080, port: 80}, {name: dns, containerPort: 53, protocol: UDP}]
      scaling: {min: 2}
      routes:
        - {host: shop.example.com, port: http}
        - {host: shop.example.com, path: /cart, port: http}
        - {host: \"*.shop.example.net\", port: http}
      overrides:
        - environment: staging
          routes: [{host: shop.staging.example.com, port: http}]
";

#[tokio::test]
async fn a_server_takes_routes_of_the_gateway_api() -> Result<()> {
    let custom_resources = vec![CustomResources::NetworkPolicyApi, CustomResources::GatewayApi];
    let options = testbed::Options { custom_resources, ..testbed::Options::default() };
    let Some(plane) = ControlPlane::start_with(&options)? else { return Ok(()) };
    let folder = TempDir::new()?;
    apply(&plane, folder.path(), GATEWAYS).await?;
    let routes = names(&plane, "httproutes", "watertight.dev/application=shop")?;
    assert_eq!(routes.len(), 3, "{routes:?}");
    Ok(())
}
