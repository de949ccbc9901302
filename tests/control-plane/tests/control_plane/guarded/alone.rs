//! An environment in a cluster of its own: nothing stands there because of others, and its own wall does.

use crate::compiled::compile_into;
use anyhow::{Context as _, Result};
use tempfile::TempDir;
use watertight_testbed::{ControlPlane, eventually};

const INTENT: &str = "
apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  clusters: [{name: staging}, {name: main}]
  environments: [{name: staging, isolation: cluster}, {name: production, cluster: main}]
";

/// Kinds of which everything that we write has our label.
const OF_THE_CLUSTER: &str = "validatingadmissionpolicies,validatingadmissionpolicybindings,priorityclasses";

#[tokio::test]
async fn a_cluster_of_its_own_has_the_wall_and_nothing_because_of_others() -> Result<()> {
    let Some(plane) = ControlPlane::start()? else { return Ok(()) };
    let folder = TempDir::new()?;
    compile_into(folder.path(), INTENT)?;
    let of_cluster = folder.path().join("staging");
    let of_cluster = of_cluster.to_str().context("a path")?;
    plane.kubectl(&["apply", "--server-side", "-k", of_cluster])?;
    assert_eq!(plane.kubectl(&["diff", "--server-side", "-k", of_cluster])?, "");

    let ours = ["-l", "app.kubernetes.io/managed-by=watertight", "-o", "name"];
    let get = |kinds: &str| plane.kubectl(&[&["get", "-A", kinds][..], &ours].concat());
    assert_eq!(get(OF_THE_CLUSTER)?, "");
    let own = get("namespaces,networkpolicies,limitranges,resourcequotas")?;
    for object in
        ["namespace/staging", "networkpolicy.networking.k8s.io/default-deny", "resourcequota/environment"]
    {
        assert!(own.lines().any(|line| line == object), "{object}: {own}");
    }

    let account = ["get", "serviceaccount", "default", "-n", "staging"];
    eventually("its ServiceAccount is there", async || Ok(plane.kubectl(&account).ok())).await?;
    let create = |spec: &str, kind: &str| {
        let text = format!("{{apiVersion: v1, kind: {kind}, metadata: {{name: tried}}, spec: {{{spec}}}}}");
        plane.kubectl_with_input(&["create", "--dry-run=server", "-n", "staging", "-f", "-"], &text)
    };
    let pod = |more: &str| {
        create(&format!("containers: [{{name: web, image: registry.example/web:1}}]{more}"), "Pod")
    };
    // Nobody else is there to be kept out of, so that taints and classes are the cluster's own.
    pod(", tolerations: [{operator: Exists}]")?;
    pod(", priorityClassName: system-cluster-critical")?;
    create("type: ExternalName, externalName: db.example.com", "Service")?;
    let Err(refused) = pod(", hostNetwork: true") else { panic!("a pod is on the host network") };
    assert!(format!("{refused:#}").contains("PodSecurity"), "{refused:#}");
    Ok(())
}
