//! What decides where traffic goes, besides Services and routes themselves.

use super::{Attacker, code, look, pod, post};
use anyhow::Result;
use serde_json::json;
use watertight_testbed::{ControlPlane, eventually};

#[tokio::test]
async fn the_status_of_a_pod_holds_its_labels_and_addresses() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let root = format!("/api/v1/namespaces/{}", namespace.name());
            let client = namespace.client();
            let mut on_a_node = pod("a");
            on_a_node["spec"]["nodeName"] = json!("node-1");
            post(&client, &format!("{root}/pods"), &on_a_node).await?;
            let service = json!({
                "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
                "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
            });
            post(&client, &format!("{root}/services"), &service).await?;
            let path = format!("{root}/pods/a");
            eventually("the pod runs", async || {
                Ok((look(&client, &path).await?["status"]["phase"] == "Running").then_some(()))
            })
            .await?;
            let attacker =
                Attacker::in_namespace(namespace, &[("", "pods/status", &["patch"], &[])]).await?;
            let status = json!({"podIP": "192.0.2.7", "podIPs": [{"ip": "192.0.2.7"}]});
            let patch = json!({"metadata": {"labels": {"app": "web"}}, "status": status});
            let answer = attacker.patch(&format!("{path}/status"), &patch).await?;
            assert_eq!(code(&answer), 200, "{answer:?}");
            let slices = format!(
                "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices?labelSelector=kubernetes.io/service-name=web",
                namespace.name()
            );
            eventually("the Service leads to what the status says", async || {
                let slices = look(&client, &slices).await?;
                let address = &slices["items"][0]["endpoints"][0]["addresses"][0];
                Ok((address == "192.0.2.7").then_some(()))
            })
            .await
        })
        .await
}

#[tokio::test]
async fn a_load_balancer_says_itself_where_it_is() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let services = format!("/api/v1/namespaces/{}/services", namespace.name());
            let attacker =
                Attacker::in_namespace(namespace, &[("", "services/status", &["patch"], &[])]).await?;
            for (kind, takes) in [("LoadBalancer", true), ("ClusterIP", false)] {
                let name = kind.to_lowercase();
                let service = json!({
                    "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
                    "spec": {"type": kind, "ports": [{"port": 80}]},
                });
                post(&namespace.client(), &services, &service).await?;
                let patch = json!({"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.7"}]}}});
                let answer = attacker.patch(&format!("{services}/{name}/status"), &patch).await?;
                let says = answer.as_ref().is_ok_and(|service| {
                    service["status"]["loadBalancer"]["ingress"][0]["ip"] == "192.0.2.7"
                });
                assert_eq!(says, takes, "{kind}: {answer:?}");
            }
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_service_may_claim_the_address_of_another() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let services = format!("/api/v1/namespaces/{}/services", namespace.name());
            let own = json!({
                "apiVersion": "v1", "kind": "Service", "metadata": {"name": "own"},
                "spec": {"selector": {"app": "own"}, "ports": [{"port": 443}]},
            });
            let own = post(&namespace.client(), &services, &own).await?;
            let attacker = Attacker::in_namespace(namespace, &[("", "services", &["create"], &[])]).await?;
            for (name, address) in
                [("outside", "203.0.113.10"), ("inside", &own["spec"]["clusterIP"].to_string())]
            {
                let claims = json!({
                    "apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
                    "spec": {"ports": [{"port": 443}], "externalIPs": [address.trim_matches('"')]},
                });
                let answer = attacker.create(&services, &claims).await?;
                assert_eq!(code(&answer), 200, "{answer:?}");
            }
            Ok(())
        })
        .await
}
