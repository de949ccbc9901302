//! Nodes and volumes, which live in no namespace.

use super::{Attacker, code, look, post};
use anyhow::Result;
use serde_json::{Value, json};
use watertight_testbed::{ControlPlane, eventually};

#[tokio::test]
async fn the_status_of_a_node_holds_its_labels_and_not_its_taints() -> Result<()> {
    let Some(plane) = ControlPlane::start()? else { return Ok(()) };
    let attacker =
        Attacker::new(plane.client().await?, None, &[("", "nodes/status", &["patch"], &[])]).await?;
    let patch = json!({
        "metadata": {"labels": {"pool": "theirs"}},
        "spec": {"unschedulable": true},
        "status": {
            "addresses": [{"type": "InternalIP", "address": "192.0.2.7"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 4444}},
        },
    });
    let node = attacker.patch("/api/v1/nodes/node-1/status", &patch).await?;
    let Ok(node) = node else { panic!("{node:?}") };
    assert_eq!(node["metadata"]["labels"]["pool"], "theirs");
    assert_eq!(node["spec"]["unschedulable"], Value::Null);
    assert_eq!(node["status"]["addresses"][0]["address"], "192.0.2.7");
    assert_eq!(node["status"]["daemonEndpoints"]["kubeletEndpoint"]["Port"], 4444);
    Ok(())
}

#[tokio::test]
async fn a_volume_that_is_bound_can_be_bound_to_another_claim() -> Result<()> {
    let Some(plane) = ControlPlane::start()? else { return Ok(()) };
    let client = plane.client().await?;
    for name in ["production", "staging"] {
        let labels = json!({"pod-security.kubernetes.io/enforce": "restricted"});
        post(&client, "/api/v1/namespaces", &json!({"metadata": {"name": name, "labels": labels}})).await?;
        let accounts = format!("/api/v1/namespaces/{name}/serviceaccounts/default");
        eventually("its ServiceAccount is there", async || Ok(look(&client, &accounts).await.ok())).await?;
    }
    let creates = Attacker::new(client.clone(), None, &[("", "persistentvolumes", &["create"], &[])]).await?;
    let volume = json!({
        "apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "root"},
        "spec": {
            "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "storageClassName": "none",
            "persistentVolumeReclaimPolicy": "Retain", "hostPath": {"path": "/"},
        },
    });
    assert_eq!(code(&creates.create("/api/v1/persistentvolumes", &volume).await?), 200);
    let claim = |name: &str| {
        json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name},
            "spec": {
                "accessModes": ["ReadWriteOnce"], "storageClassName": "none", "volumeName": "root",
                "resources": {"requests": {"storage": "1Gi"}},
            },
        })
    };
    let bound = async |namespace: &str, name: &str| {
        let path = format!("/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}");
        eventually(&format!("{name} is bound"), async || {
            Ok((look(&client, &path).await?["status"]["phase"] == "Bound").then_some(()))
        })
        .await
    };
    post(&client, "/api/v1/namespaces/production/persistentvolumeclaims", &claim("data")).await?;
    bound("production", "data").await?;
    post(&client, "/api/v1/namespaces/staging/persistentvolumeclaims", &claim("theirs")).await?;
    let patches = Attacker::new(client.clone(), None, &[("", "persistentvolumes", &["patch"], &[])]).await?;
    let patch = json!({"spec": {"claimRef": {
        "namespace": "staging", "name": "theirs", "uid": null, "resourceVersion": null,
    }}});
    assert_eq!(code(&patches.patch("/api/v1/persistentvolumes/root", &patch).await?), 200);
    bound("staging", "theirs").await?;
    // The level `restricted` refuses a hostPath, and admits a claim with one behind it.
    let mounts = |volume: Value| {
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "a-"},
            "spec": {
                "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
                "containers": [{
                    "name": "a", "image": "a.example/a",
                    "securityContext": {
                        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
                    },
                    "volumeMounts": [{"name": "root", "mountPath": "/node"}],
                }],
                "volumes": [volume],
            },
        })
    };
    let pods = "/api/v1/namespaces/staging/pods";
    let runs = Attacker::new(client.clone(), None, &[("", "pods", &["create"], &[])]).await?;
    let directly = json!({"name": "root", "hostPath": {"path": "/"}});
    let by_claim = json!({"name": "root", "persistentVolumeClaim": {"claimName": "theirs"}});
    assert_eq!(code(&runs.create(pods, &mounts(directly)).await?), 403);
    assert_eq!(code(&runs.create(pods, &mounts(by_claim)).await?), 200);
    Ok(())
}
