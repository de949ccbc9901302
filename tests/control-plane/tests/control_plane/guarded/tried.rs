//! Objects that people of an environment try to write.

use super::{JANE, OLGA, walled};
use anyhow::{Context as _, Result};
use watertight_testbed::{ControlPlane, Options, eventually};

/// An object, and what is refused of it: the concern of the guard, and the promise that its message names.
struct Try {
    about: &'static str,
    text: String,
    refused: Option<(&'static str, &'static str)>,
}

fn passes(about: &'static str, text: impl Into<String>) -> Try {
    Try { about, text: text.into(), refused: None }
}

fn refused(
    about: &'static str,
    concern: &'static str,
    promise: &'static str,
    text: impl Into<String>,
) -> Try {
    Try { about, text: text.into(), refused: Some((concern, promise)) }
}

fn object(api_version: &str, kind: &str, metadata: &str, spec: &str) -> String {
    format!(
        "{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: tried{metadata}}}, spec: {{{spec}}}}}"
    )
}

fn pod(more: &str) -> String {
    object("v1", "Pod", "", &format!("containers: [{{name: web, image: registry.example/web:1}}]{more}"))
}

fn service(spec: &str) -> String {
    object("v1", "Service", "", spec)
}

fn ingress(metadata: &str, spec: &str) -> String {
    object("networking.k8s.io/v1", "Ingress", metadata, &format!("ingressClassName: nginx, {spec}"))
}

/// An Ingress with one rule for a host.
fn for_host(metadata: &str, host: &str) -> String {
    ingress(metadata, &format!("rules: [{{host: {host}, {PATHS}}}]"))
}

const BACKEND: &str = "{service: {name: web, port: {number: 80}}}";
const PATHS: &str =
    "http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}";

fn annotated(name: &str, value: &str) -> String {
    for_host(
        &format!(", annotations: {{nginx.ingress.kubernetes.io/{name}: '{value}'}}"),
        "shop.staging.example.com",
    )
}

fn route(kind: &str, spec: &str) -> String {
    object(
        "gateway.networking.k8s.io/v1",
        kind,
        "",
        &format!("parentRefs: [{{name: shared, namespace: gateways}}]{spec}"),
    )
}

fn gateway(listener: &str) -> String {
    object(
        "gateway.networking.k8s.io/v1",
        "Gateway",
        "",
        &format!("gatewayClassName: shared, listeners: [{{name: web, port: 80, protocol: HTTP{listener}}}]"),
    )
}

/// What the team of staging tries, with the widest role that an intent gives.
fn of_staging() -> Vec<Try> {
    vec![
        passes("a pod", pod("")),
        passes("a pod of the own class", pod(", priorityClassName: staging")),
        refused("production's class", "priority", "capacity", pod(", priorityClassName: production")),
        refused(
            "a class of the system",
            "priority",
            "capacity",
            pod(", priorityClassName: system-node-critical"),
        ),
        refused("a node by name", "nodes", "capacity", pod(", nodeName: node-0")),
        passes("a node by a label that all have", pod(", nodeSelector: {kubernetes.io/os: linux}")),
        passes(
            "a toleration of the intent",
            pod(", tolerations: [{key: example.com/spot, operator: Exists}]"),
        ),
        passes(
            "a toleration of Kubernetes itself",
            pod(
                ", tolerations: [{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute}]",
            ),
        ),
        refused(
            "a toleration of others",
            "nodes",
            "capacity",
            pod(", tolerations: [{key: pool, value: production}]"),
        ),
        refused(
            "a toleration of everything",
            "nodes",
            "capacity",
            pod(", tolerations: [{operator: Exists}]"),
        ),
        passes("a Service", service("selector: {app: web}, ports: [{port: 80}]")),
        passes("a headless Service", service("clusterIP: None, selector: {app: web}, ports: [{port: 80}]")),
        passes(
            "a load balancer, within the quota",
            service("type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]"),
        ),
        refused(
            "external addresses",
            "services",
            "network",
            service("selector: {app: web}, ports: [{port: 80}], externalIPs: [192.0.2.7]"),
        ),
        refused(
            "an alias",
            "services",
            "network",
            service("type: ExternalName, externalName: web.production.svc.cluster.local"),
        ),
        refused("a Service without a selector", "services", "network", service("ports: [{port: 80}]")),
        passes("an Ingress for an own host", for_host("", "shop.staging.example.com")),
        passes("an Ingress below the own wildcard", for_host("", "pr-7.preview.example.com")),
        passes(
            "an Ingress with a certificate for an own host",
            ingress(
                "",
                &format!(
                    "tls: [{{hosts: [shop.staging.example.com], secretName: tls}}], rules: [{{host: shop.staging.example.com, {PATHS}}}]"
                ),
            ),
        ),
        refused("production's host", "ingresses", "api", for_host("", "shop.example.com")),
        refused("a wildcard above production's host", "ingresses", "api", for_host("", "'*.example.com'")),
        refused("a host of nobody", "ingresses", "api", for_host("", "other.example.com")),
        refused(
            "an Ingress for every host",
            "ingresses",
            "api",
            ingress("", &format!("rules: [{{{PATHS}}}]")),
        ),
        refused("a default backend", "ingresses", "api", ingress("", &format!("defaultBackend: {BACKEND}"))),
        refused(
            "a certificate for production's host",
            "ingresses",
            "api",
            ingress(
                "",
                &format!(
                    "tls: [{{hosts: [shop.example.com], secretName: tls}}], rules: [{{host: shop.staging.example.com, {PATHS}}}]"
                ),
            ),
        ),
        refused(
            "an annotation that asks any address",
            "ingresses",
            "api",
            annotated("auth-url", "http://10.0.0.1/"),
        ),
        refused(
            "an annotation that copies to any address",
            "ingresses",
            "api",
            annotated("mirror-target", "http://10.0.0.1/"),
        ),
        refused("a snippet", "ingresses", "api", annotated("configuration-snippet", "return 200;")),
        refused("an alias of the server", "ingresses", "api", annotated("server-alias", "shop.example.com")),
        refused("a Secret of production", "ingresses", "api", annotated("auth-tls-secret", "production/ca")),
        passes("a Secret of its own", annotated("auth-secret", "staging/users")),
        passes("a harmless annotation", annotated("proxy-body-size", "8m")),
        passes(
            "a route for an own host",
            route(
                "HTTPRoute",
                ", hostnames: [shop.staging.example.com], rules: [{backendRefs: [{name: web, port: 80}]}]",
            ),
        ),
        passes(
            "a route of TLS",
            route(
                "TLSRoute",
                ", hostnames: [a.preview.example.com], rules: [{backendRefs: [{name: web, port: 443}]}]",
            ),
        ),
        refused(
            "a route for production's host",
            "routes",
            "api",
            route("HTTPRoute", ", hostnames: [shop.example.com]"),
        ),
        refused(
            "one of two hosts is production's",
            "routes",
            "api",
            route("GRPCRoute", ", hostnames: [shop.staging.example.com, shop.example.com]"),
        ),
        refused("a route without hosts", "routes", "api", route("HTTPRoute", "")),
        refused(
            "a route with an empty list of hosts",
            "routes",
            "api",
            route("HTTPRoute", ", hostnames: []"),
        ),
        refused(
            "a route to a Service of production",
            "routes",
            "api",
            route(
                "HTTPRoute",
                ", hostnames: [shop.staging.example.com], rules: [{backendRefs: [{name: web, namespace: production, port: 80}]}]",
            ),
        ),
    ]
}

/// What the team has no right to, so that an administrator tries it in staging: the guard is about everybody.
fn of_administrator() -> Vec<Try> {
    vec![
        passes("a Gateway for an own host", gateway(", hostname: shop.staging.example.com")),
        refused(
            "a Gateway for production's host",
            "gateways",
            "api",
            gateway(", hostname: shop.example.com"),
        ),
        refused("a Gateway for every host", "gateways", "api", gateway("")),
        refused(
            "a route of TCP",
            "streams",
            "api",
            "{apiVersion: gateway.networking.k8s.io/v1alpha2, kind: TCPRoute, metadata: {name: tried}, spec: {rules: [{backendRefs: [{name: web, port: 80}]}]}}",
        ),
    ]
}

/// What the team of production tries. What stands there for the whole cluster is its own.
fn of_production() -> Vec<Try> {
    vec![
        passes("a pod of the own class", pod(", priorityClassName: production")),
        passes("a toleration of its own nodes", pod(", tolerations: [{key: pool, value: production}]")),
        passes("a Service without a selector", service("ports: [{port: 80}]")),
        passes("an Ingress for an own host", for_host("", "shop.example.com")),
        refused(
            "a class of the system",
            "priority",
            "capacity",
            pod(", priorityClassName: system-cluster-critical"),
        ),
        refused(
            "external addresses",
            "services",
            "network",
            service("selector: {app: web}, ports: [{port: 80}], externalIPs: [192.0.2.7]"),
        ),
        refused("staging's host", "ingresses", "api", for_host("", "shop.staging.example.com")),
        refused(
            "a host below staging's wildcard",
            "routes",
            "api",
            route("HTTPRoute", ", hostnames: [a.preview.example.com]"),
        ),
    ]
}

/// What a server answers to an attempt, and that it is what the guard promises.
fn hold(plane: &ControlPlane, who: &[&str], environment: &str, namespace: &str, tries: &[Try]) {
    let other = if environment == "staging" { "production" } else { "staging" };
    for Try { about, text, refused } in tries {
        let create = [&["create", "--dry-run=server", "-n", namespace, "-f", "-"], who].concat();
        let answer = plane.kubectl_with_input(&create, text);
        match (answer, refused) {
            (Ok(_), None) => {}
            (Err(error), Some((concern, promise))) => {
                let error = format!("{error:#}");
                let policy = format!("ValidatingAdmissionPolicy 'watertight-{concern}-{environment}'");
                let message = format!("{environment} is kept out of {other} (promise {promise}): ");
                assert!(
                    error.contains(&policy) && error.contains(&message),
                    "{about} in {namespace}: {error}"
                );
            }
            (answer, refused) => panic!("{about} in {namespace}: {answer:#?}, and not {refused:?}\n{text}"),
        }
    }
}

#[tokio::test]
async fn what_leads_to_others_is_refused_and_what_a_team_does_every_day_is_not() -> Result<()> {
    let Some((plane, _)) = walled(Options::default()).await? else { return Ok(()) };
    for namespace in ["staging", "staging-batch"] {
        // Nothing is said about what stands elsewhere.
        hold(&plane, &JANE, "staging", namespace, &of_staging());
    }
    hold(&plane, &[], "staging", "staging", &of_administrator());
    hold(&plane, &OLGA, "production", "production", &of_production());
    updates_are_asked_about_too(&plane)?;
    an_annotation_does_not_come_by_the_status(&plane)?;
    controllers_make_their_pods(&plane).await?;
    pods_keep_what_they_tolerate(&plane).await?;
    nobody_gets_at_a_node_where_pod_security_lets_them(&plane)
}

/// Whoever may write statuses changes annotations by it.
fn an_annotation_does_not_come_by_the_status(plane: &ControlPlane) -> Result<()> {
    let patch = r#"{"metadata":{"annotations":{"nginx.ingress.kubernetes.io/auth-url":"http://10.0.0.1/"}}}"#;
    let change =
        ["patch", "-n", "staging", "ingress/tried", "--subresource=status", "--type=merge", "-p", patch];
    let Err(refused) = plane.kubectl(&change) else { panic!("an annotation comes by the status") };
    assert!(format!("{refused:#}").contains("watertight-ingresses-staging"), "{refused:#}");
    // What a controller writes there passes.
    let address = r#"{"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.7"}]}}}"#;
    let change =
        ["patch", "-n", "staging", "ingress/tried", "--subresource=status", "--type=merge", "-p", address];
    plane.kubectl(&change).map(drop)
}

/// A pod that came before the guard keeps what it tolerates, so that others can write to it; and gets no more.
async fn pods_keep_what_they_tolerate(plane: &ControlPlane) -> Result<()> {
    let binding = ["validatingadmissionpolicybinding", "watertight-nodes-staging"];
    let written = plane.kubectl(&["get", binding[0], binding[1], "-o", "json"])?;
    plane.kubectl(&["delete", binding[0], binding[1]])?;
    let old = pod(", tolerations: [{key: pool, value: production}]").replace("name: tried", "name: old");
    let create = async || Ok(plane.kubectl_with_input(&["create", "-n", "staging", "-f", "-"], &old).ok());
    eventually("a pod comes without the guard", create).await?;
    let mut written: serde_json::Value = serde_json::from_str(&written)?;
    let metadata = written["metadata"].as_object_mut().context("metadata")?;
    for field in ["managedFields", "resourceVersion", "uid"] {
        metadata.remove(field);
    }
    plane.kubectl_with_input(&["create", "-f", "-"], &written.to_string())?;
    let again = ["create", "--dry-run=server", "-n", "staging", "-f", "-"];
    let another = old.replace("name: old", "name: another");
    let refused = async || Ok(plane.kubectl_with_input(&again, &another).err());
    eventually("the guard is asked again", refused).await?;

    let patch =
        |patch: &str| plane.kubectl(&["patch", "-n", "staging", "pod/old", "--type=json", "-p", patch]);
    patch(r#"[{"op":"add","path":"/metadata/labels","value":{"seen":"yes"}}]"#)?;
    let more = r#"[{"op":"add","path":"/spec/tolerations/-","value":{"key":"pool","value":"other"}}]"#;
    let Err(refused) = patch(more) else { panic!("a pod tolerates more") };
    assert!(format!("{refused:#}").contains("watertight-nodes-staging"), "{refused:#}");
    Ok(())
}

/// Who is exempt from Pod Security is said in a file of the API server; a namespace without a level lets through the same.
fn nobody_gets_at_a_node_where_pod_security_lets_them(plane: &ControlPlane) -> Result<()> {
    for namespace in ["staging", "production"] {
        let level = "pod-security.kubernetes.io/enforce=privileged";
        plane.kubectl(&["label", "--overwrite", "namespace", namespace, level])?;
    }
    let container = |more: &str| format!("{{name: web, image: registry.example/web:1, {more}}}");
    let containers = |more: &str| object("v1", "Pod", "", &format!("containers: [{}]", container(more)));
    let before = |more: &str| {
        pod(&format!(", initContainers: [{{name: before, image: registry.example/before:1, {more}}}]"))
    };
    let (port, privileged) =
        ("ports: [{containerPort: 80, hostPort: 8080}]", "securityContext: {privileged: true}");
    let tries: Vec<Try> = [
        ("the network of the node", pod(", hostNetwork: true")),
        ("the processes of the node", pod(", hostPID: true")),
        ("the memory of the node", pod(", hostIPC: true")),
        ("a privileged container", containers(privileged)),
        ("one that comes first", before(privileged)),
        ("a port of the node", containers(port)),
        ("a port for what comes first", before(port)),
        ("a folder of the node", pod(", volumes: [{name: all, hostPath: {path: /}}]")),
    ]
    .into_iter()
    .map(|(about, text)| refused(about, "privileged", "network", text))
    .collect();
    hold(plane, &[], "staging", "staging", &tries);
    hold(plane, &[], "production", "production", &tries);

    let debug = r#"{"spec":{"ephemeralContainers":[{"name":"debug","image":"registry.example/debug:1","securityContext":{"privileged":true}}]}}"#;
    let debug = [
        "patch",
        "-n",
        "staging",
        "pod/old",
        "--subresource=ephemeralcontainers",
        "--type=strategic",
        "-p",
        debug,
    ];
    let Err(refused) = plane.kubectl(&debug) else { panic!("a privileged container is there") };
    assert!(format!("{refused:#}").contains("watertight-privileged-staging"), "{refused:#}");
    Ok(())
}

/// What could not be created cannot be made of what was.
fn updates_are_asked_about_too(plane: &ControlPlane) -> Result<()> {
    let create = [&["create", "-n", "staging", "-f", "-"][..], &JANE].concat();
    plane.kubectl_with_input(&create, &service("selector: {app: web}, ports: [{port: 80}]"))?;
    plane.kubectl_with_input(&create, &for_host("", "shop.staging.example.com"))?;
    for (resource, patch) in [
        ("service/tried", r#"{"spec":{"externalIPs":["192.0.2.7"]}}"#),
        ("service/tried", r#"{"spec":{"selector":null}}"#),
        ("ingress/tried", r#"{"spec":{"rules":[{"host":"shop.example.com"}]}}"#),
        (
            "ingress/tried",
            r#"{"metadata":{"annotations":{"nginx.ingress.kubernetes.io/auth-url":"http://10.0.0.1/"}}}"#,
        ),
    ] {
        let change = [&["patch", "-n", "staging", resource, "--type=merge", "-p", patch][..], &JANE].concat();
        let Err(refused) = plane.kubectl(&change) else { panic!("{resource} became {patch}") };
        assert!(format!("{refused:#}").contains("staging is kept out of production"), "{refused:#}");
    }
    Ok(())
}

/// Deployments, DaemonSets and Jobs of the team run: what Kubernetes puts into their pods passes.
async fn controllers_make_their_pods(plane: &ControlPlane) -> Result<()> {
    let create = [&["create", "-n", "staging", "-f", "-"][..], &JANE].concat();
    let template = |more: &str| {
        format!(
            "template: {{metadata: {{labels: {{app: web}}}}, spec: {{{more}containers: [{{name: web, image: registry.example/web:1}}]}}}}"
        )
    };
    let selector = "selector: {matchLabels: {app: web}}";
    for (api_version, kind, spec) in [
        ("apps/v1", "Deployment", format!("replicas: 2, {selector}, {}", template(""))),
        ("apps/v1", "StatefulSet", format!("serviceName: web, {selector}, {}", template(""))),
        ("apps/v1", "DaemonSet", format!("{selector}, {}", template(""))),
        ("batch/v1", "Job", template("restartPolicy: Never, ")),
    ] {
        plane.kubectl_with_input(&create, &object(api_version, kind, "", &spec))?;
    }
    let field = |resource: &str, path: &str| {
        let path = format!("-o=jsonpath={{.status.{path}}}");
        plane.kubectl(&["get", "-n", "staging", resource, &path])
    };
    for (resource, path, wanted) in [
        ("deployment/tried", "availableReplicas", "2"),
        ("statefulset/tried", "readyReplicas", "1"),
        ("daemonset/tried", "numberReady", "2"),
    ] {
        let is_there = async || Ok((field(resource, path)? == wanted).then_some(()));
        eventually(&format!("{resource} has {wanted} pods"), is_there).await?;
    }
    let job = ["get", "-n", "staging", "pods", "-l", "job-name=tried", "-o", "name"];
    let is_there = async || Ok((!plane.kubectl(&job)?.is_empty()).then_some(()));
    eventually("the Job has a pod", is_there).await
}
