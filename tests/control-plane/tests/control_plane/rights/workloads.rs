//! Workloads: scaling them and resizing their pods, by rights below them.

use super::{Attacker, code, look, pod, post};
use anyhow::Result;
use serde_json::{Value, json};
use watertight_testbed::{ControlPlane, eventually};

#[tokio::test]
async fn whatever_has_a_scale_can_be_scaled_by_a_star() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let sets = format!("/apis/apps/v1/namespaces/{}/replicasets", namespace.name());
            let set = json!({
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "a"},
                "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "a"}}, "template": pod("a")},
            });
            post(&namespace.client(), &sets, &set).await?;
            let attacker = Attacker::in_namespace(namespace, &[("apps", "*/scale", &["patch"], &[])]).await?;
            let answer =
                attacker.patch(&format!("{sets}/a/scale"), &json!({"spec": {"replicas": 0}})).await?;
            assert_eq!(code(&answer), 200, "{answer:?}");
            assert_eq!(look(&namespace.client(), &format!("{sets}/a")).await?["spec"]["replicas"], 0);
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_pod_can_be_given_less() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let pods = format!("/api/v1/namespaces/{}/pods", namespace.name());
            let mut more = pod("a");
            more["spec"]["containers"][0]["resources"] =
                json!({"requests": {"memory": "1Gi"}, "limits": {"memory": "1Gi"}});
            post(&namespace.client(), &pods, &more).await?;
            let attacker = Attacker::in_namespace(namespace, &[("", "pods/resize", &["patch"], &[])]).await?;
            let less = json!({"requests": {"memory": "4Mi"}, "limits": {"memory": "4Mi"}});
            let patch = json!({"spec": {"containers": [{"name": "a", "resources": less}]}});
            let kind = "application/strategic-merge-patch+json";
            let answer = attacker.ask("PATCH", &format!("{pods}/a/resize"), kind, &patch).await?;
            let limit =
                |answer: &Value| answer["spec"]["containers"][0]["resources"]["limits"]["memory"] == "4Mi";
            assert!(answer.as_ref().is_ok_and(limit), "{answer:?}");
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_revision_of_a_stateful_set_can_be_exchanged() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let client = namespace.client();
            let apps = format!("/apis/apps/v1/namespaces/{}", namespace.name());
            let path = format!("{apps}/statefulsets/a");
            let template = json!({
                "metadata": {"labels": {"app": "a"}},
                "spec": {"containers": [{"name": "a", "image": "a.example/a"}]},
            });
            let set = json!({
                "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "a"},
                "spec": {
                    "replicas": 1, "serviceName": "a", "selector": {"matchLabels": {"app": "a"}},
                    "template": template,
                    "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}},
                },
            });
            post(&client, &format!("{apps}/statefulsets"), &set).await?;
            eventually("its pod is ready", async || {
                Ok((look(&client, &path).await?["status"]["readyReplicas"] == 1).then_some(()))
            })
            .await?;
            namespace.kubectl(&["set", "image", "statefulset/a", "a=a.example/b"])?;
            let current = eventually("another revision is there", async || {
                let status = look(&client, &path).await?["status"].take();
                let current = status["currentRevision"].as_str().unwrap_or_default().to_owned();
                Ok((status["updateRevision"] != current.as_str()).then_some(current))
            })
            .await?;
            let revisions = format!("{apps}/controllerrevisions");
            let mut revision = look(&client, &format!("{revisions}/{current}")).await?;
            let rules = [
                ("apps", "controllerrevisions", &["create"][..], &[][..]),
                ("apps", "controllerrevisions", &["delete"], &[]),
            ];
            let attacker = Attacker::in_namespace(namespace, &rules).await?;
            let path = format!("{revisions}/{current}");
            let patch = json!({"data": {"spec": {"template": {"spec": {"containers": []}}}}});
            let changes =
                Attacker::in_namespace(namespace, &[("apps", "controllerrevisions", &["patch"], &[])])
                    .await?;
            assert_eq!(code(&changes.patch(&path, &patch).await?), 422);
            let gone = attacker.ask("DELETE", &path, "application/json", &Value::Null).await?;
            assert_eq!(code(&gone), 200);
            revision["metadata"] = json!({
                "name": current, "labels": revision["metadata"]["labels"],
                "ownerReferences": revision["metadata"]["ownerReferences"],
            });
            revision["data"]["spec"]["template"]["spec"]["containers"][0]["image"] = json!("evil.example/e");
            let made = attacker.create(&revisions, &revision).await?;
            assert_eq!(code(&made), 200);
            namespace.kubectl(&["delete", "pod", "a-0"])?;
            let pod = format!("/api/v1/namespaces/{}/pods/a-0", namespace.name());
            eventually("the pod is there again, with what they chose", async || {
                let pod = look(&client, &pod).await.unwrap_or_default();
                Ok((pod["spec"]["containers"][0]["image"] == "evil.example/e").then_some(()))
            })
            .await
        })
        .await
}
