//! Pods: making, entering and changing them, and what lies below them.

use super::{Attacker, code, look, pod, post};
use anyhow::Result;
use serde_json::{Value, json};
use watertight_testbed::{ControlPlane, Options, eventually};

#[tokio::test]
async fn a_name_that_may_be_created_and_patched_can_be_applied() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let pods = format!("/api/v1/namespaces/{}/pods", namespace.name());
            let creates = ("", "pods", &["create"][..], &["a"][..]);
            let both =
                Attacker::in_namespace(namespace, &[creates, ("", "pods", &["patch"], &["a"])]).await?;
            let one = Attacker::in_namespace(namespace, &[creates]).await?;
            assert_eq!(code(&one.create(&pods, &pod("a")).await?), 403);
            assert_eq!(code(&one.apply(&format!("{pods}/a"), &pod("a")).await?), 403);
            assert_eq!(code(&both.create(&pods, &pod("a")).await?), 403);
            assert_eq!(code(&both.apply(&format!("{pods}/b"), &pod("b")).await?), 403);
            assert_eq!(code(&both.apply(&format!("{pods}/a"), &pod("a")).await?), 200);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn who_may_get_enters_pods_until_1_35() -> Result<()> {
    for kubernetes in ["1.33", "1.34", "1.35", "1.36"] {
        let options = Options { kubernetes: kubernetes.to_owned(), ..Options::default() };
        let Some(plane) = ControlPlane::start_with(&options)? else { return Ok(()) };
        let is_open = kubernetes < "1.35";
        plane
            .in_namespace("rights", async |namespace| {
                let pods = format!("/api/v1/namespaces/{}/pods", namespace.name());
                post(&namespace.client(), &pods, &pod("a")).await?;
                for below in ["exec", "attach", "portforward"] {
                    let resource = format!("pods/{below}");
                    let path = format!("{pods}/a/{below}?container=a&command=id&stdout=true&ports=80");
                    let gets = Attacker::in_namespace(namespace, &[("", &resource, &["get"], &[])]).await?;
                    let creates =
                        Attacker::in_namespace(namespace, &[("", &resource, &["create"], &[])]).await?;
                    let answer = gets.get(&path).await?;
                    assert_eq!(code(&answer) != 403, is_open, "{below} in {kubernetes}: {answer:?}");
                    assert_ne!(
                        code(&creates.create(&path, &Value::Null).await?),
                        403,
                        "{below} in {kubernetes}"
                    );
                    assert_eq!(code(&creates.get(&path).await?), 403, "{below} in {kubernetes}");
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn every_verb_reaches_through_a_proxy() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let root = format!("/api/v1/namespaces/{}", namespace.name());
            let verbs =
                [("GET", "get"), ("HEAD", "get"), ("POST", "create"), ("PUT", "update"), ("PATCH", "patch")];
            for resource in ["pods", "services"] {
                for (method, verb) in verbs.into_iter().chain([("DELETE", "delete")]) {
                    let below = format!("{resource}/proxy");
                    let attacker = Attacker::in_namespace(namespace, &[("", &below, &[verb], &[])]).await?;
                    let path = format!("{root}/{resource}/a/proxy/");
                    let answer = attacker.ask(method, &path, "application/json", &Value::Null).await?;
                    assert_eq!(
                        code(&answer),
                        404,
                        "{method}: nothing is there, and nothing is refused: {answer:?}"
                    );
                }
            }
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_container_can_be_put_into_a_pod() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let pods = format!("/api/v1/namespaces/{}/pods", namespace.name());
            post(&namespace.client(), &pods, &pod("a")).await?;
            let path = format!("{pods}/a/ephemeralcontainers");
            for (method, verb) in [("PATCH", "patch"), ("PUT", "update")] {
                let rules = [("", "pods/ephemeralcontainers", &[verb][..], &["a"][..])];
                let attacker = Attacker::in_namespace(namespace, &rules).await?;
                let container = json!({"name": verb, "image": "b.example/b"});
                let (kind, body) = if method == "PATCH" {
                    let patch = json!({"spec": {"ephemeralContainers": [container]}});
                    ("application/strategic-merge-patch+json", patch)
                } else {
                    let mut object = look(&namespace.client(), &format!("{pods}/a")).await?;
                    object["spec"]["ephemeralContainers"].as_array_mut().unwrap().push(container);
                    ("application/json", object)
                };
                let answer = attacker.ask(method, &path, kind, &body).await?;
                assert_eq!(code(&answer), 200, "{answer:?}");
            }
            Ok(())
        })
        .await
}

#[tokio::test]
async fn the_server_dials_what_the_status_of_a_pod_says() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let root = format!("/api/v1/namespaces/{}", namespace.name());
            let client = namespace.client();
            // An address of this machine that is not loopback, which the server refuses to dial.
            let socket = std::net::UdpSocket::bind("0.0.0.0:0")?;
            if socket.connect("192.0.2.1:9").is_err() {
                return Ok(());
            }
            let ours = socket.local_addr()?.ip();
            let listener = std::net::TcpListener::bind((ours, 0))?;
            listener.set_nonblocking(true)?;
            let port = listener.local_addr()?.port();

            let mut on_a_node = pod("a");
            on_a_node["spec"]["nodeName"] = json!("node-1");
            post(&client, &format!("{root}/pods"), &on_a_node).await?;
            let service = json!({
                "apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"},
                "spec": {"selector": {"app": "a"}, "ports": [{"port": port}]},
            });
            post(&client, &format!("{root}/services"), &service).await?;
            eventually("the pod runs", async || {
                let pod = look(&client, &format!("{root}/pods/a")).await?;
                Ok((pod["status"]["phase"] == "Running").then_some(()))
            })
            .await?;
            let writes = Attacker::in_namespace(namespace, &[("", "pods/status", &["patch"], &[])]).await?;
            let patch = json!({"status": {"podIP": ours, "podIPs": [{"ip": ours}]}});
            assert_eq!(code(&writes.patch(&format!("{root}/pods/a/status"), &patch).await?), 200);
            eventually("the Service leads there", async || {
                // A controller makes them in its own time.
                let Ok(endpoints) = look(&client, &format!("{root}/endpoints/a")).await else {
                    return Ok(None);
                };
                Ok((endpoints["subsets"][0]["addresses"][0]["ip"] == ours.to_string()).then_some(()))
            })
            .await?;
            for resource in ["pods", "services"] {
                let below = format!("{resource}/proxy");
                let dials = Attacker::in_namespace(namespace, &[("", &below, &["get"], &[])]).await?;
                let path = format!("{root}/{resource}/a:{port}/proxy/");
                let dial = tokio::spawn(async move { dials.get(&path).await });
                eventually("the server dials us", async || Ok(listener.accept().ok())).await?;
                dial.abort();
            }
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_binding_brings_labels() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let root = format!("/api/v1/namespaces/{}", namespace.name());
            let client = namespace.client();
            for (name, resource, path) in
                [("a", "pods/binding", "pods/a/binding"), ("b", "bindings", "bindings")]
            {
                post(&client, &format!("{root}/pods"), &pod(name)).await?;
                let attacker = Attacker::in_namespace(namespace, &[("", resource, &["create"], &[])]).await?;
                let binding = json!({
                    "apiVersion": "v1", "kind": "Binding",
                    "metadata": {"name": name, "labels": {"app": "web"}},
                    "target": {"kind": "Node", "name": "node-1"},
                });
                let answer = attacker.create(&format!("{root}/{path}"), &binding).await?;
                assert!(answer.is_ok(), "{answer:?}");
                let pod = look(&client, &format!("{root}/pods/{name}")).await?;
                assert_eq!(pod["spec"]["nodeName"], "node-1");
                let label = if plane.minor()? < 35 { name } else { "web" };
                assert_eq!(pod["metadata"]["labels"]["app"], label, "{resource}");
            }
            Ok(())
        })
        .await
}
