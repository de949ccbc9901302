//! Namespaces: by which of their parts labels change.

use super::{Attacker, Rule, code, look};
use anyhow::Result;
use serde_json::json;
use watertight_testbed::ControlPlane;

#[tokio::test]
async fn labels_change_by_the_status_and_by_finalize_too() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    plane
        .in_namespace("rights", async |namespace| {
            let path = format!("/api/v1/namespaces/{}", namespace.name());
            for (below, verb) in [
                ("", "patch"),
                ("", "update"),
                ("/status", "patch"),
                ("/status", "update"),
                ("/finalize", "update"),
            ] {
                let resource = format!("namespaces{below}");
                // A Role in the namespace is about its own Namespace object.
                let rule: Rule<'_> = ("", &resource, &[verb], &[namespace.name()]);
                let attacker = Attacker::in_namespace(namespace, &[rule]).await?;
                let mark = format!("{verb}{}", below.replace('/', "-"));
                let mut object = look(&namespace.client(), &path).await?;
                object["metadata"]["labels"]["mark"] = json!(mark);
                object["metadata"]["managedFields"] = json!(null);
                object["metadata"]["resourceVersion"] = json!(null);
                let to = format!("{path}{below}");
                let answer = if verb == "patch" {
                    attacker.patch(&to, &json!({"metadata": {"labels": {"mark": mark}}})).await?
                } else {
                    attacker.ask("PUT", &to, "application/json", &object).await?
                };
                assert_eq!(code(&answer), 200, "{mark}: {answer:?}");
                let now = look(&namespace.client(), &path).await?;
                assert_eq!(now["metadata"]["labels"]["mark"], json!(mark));
            }
            let rule: Rule<'_> = ("", "namespaces/finalize", &["patch"], &[]);
            let attacker = Attacker::in_namespace(namespace, &[rule]).await?;
            assert_eq!(code(&attacker.patch(&format!("{path}/finalize"), &json!({})).await?), 405);
            Ok(())
        })
        .await
}
