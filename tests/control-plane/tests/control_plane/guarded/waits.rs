//! An environment that waits for room, beside one to which it would be preferred: none of its pods takes the place of others.

use super::asked;
use crate::compiled::compile_into;
use anyhow::{Context as _, Result};
use tempfile::TempDir;
use watertight_testbed::{ControlPlane, eventually};

const INTENT: &str = "
apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  environments:
    - {name: staging, priority: {value: -10, preemptionPolicy: Never}}
    - {name: preview, priority: {value: -20}}
    - {name: production}
";

#[tokio::test]
async fn who_waits_for_room_takes_the_place_of_nobody() -> Result<()> {
    let Some(plane) = ControlPlane::start()? else { return Ok(()) };
    let folder = TempDir::new()?;
    compile_into(folder.path(), INTENT)?;
    let of_cluster = folder.path().join("default");
    let of_cluster = of_cluster.to_str().context("a path")?;
    plane.kubectl(&["apply", "--server-side", "-k", of_cluster])?;
    for namespace in ["staging", "preview"] {
        let account = ["get", "serviceaccount", "default", "-n", namespace];
        eventually("its ServiceAccount is there", async || Ok(plane.kubectl(&account).ok())).await?;
        asked(&plane, namespace).await?;
    }
    let create = |namespace: &str, more: &str| {
        let text = format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: tried}}, spec: {{containers: [{{name: web, image: registry.example/web:1}}]{more}}}}}"
        );
        plane.kubectl_with_input(&["create", "--dry-run=server", "-n", namespace, "-f", "-"], &text)
    };
    create("staging", ", priorityClassName: staging")?;
    create("preview", ", priorityClassName: preview")?;
    // A pod without a class has the priority 0, and comes before those of preview.
    let Err(refused) = create("staging", "") else { panic!("a pod takes the place of others") };
    let refused = format!("{refused:#}");
    assert!(
        refused.contains("promise capacity") && refused.contains("take the place of others"),
        "{refused}"
    );
    Ok(())
}
