//! What is compiled for a cluster that environments share, tried on a real server: what a guard is there to refuse is refused,
//! what a team does every day is not, and without a guard the proof finds the way.

mod alone;
mod own;
mod served;
mod taken_away;
mod tried;
mod waits;
mod without_pod_security;

use crate::compiled::compile_into;
use anyhow::{Context as _, Result};
use tempfile::TempDir;
use watertight_intent::Intent;
use watertight_testbed::{ControlPlane, CustomResources, Options, eventually};

/// Two environments in one cluster, each with a team that has the widest role, and with hosts of its own.
const INTENT: &str = r#"
apiVersion: watertight.dev/v1alpha1
kind: Fleet
metadata: {name: shop}
spec:
  clusters:
    - name: main
      ingress: {namespace: ingress-nginx, className: nginx}
  environments:
    - name: staging
      namespaces: [staging, staging-batch]
      hosts: [shop.staging.example.com, "*.preview.example.com"]
      tolerations: [example.com/spot]
      quota: {objects: {services.loadbalancers: 1, services.nodeports: 2}}
      access: {teams: [{name: shop, groups: [developers], role: edit}]}
    - name: production
      hosts: [shop.example.com]
      access: {teams: [{name: shop, groups: [operations], role: edit}]}
"#;

/// Somebody of the team of staging, and somebody of production's.
const JANE: [&str; 2] = ["--as=jane", "--as-group=developers"];
const OLGA: [&str; 2] = ["--as=olga", "--as-group=operations"];

/// With what guards look at, and quotas count.
fn serving(options: Options) -> Options {
    Options {
        custom_resources: vec![CustomResources::GatewayApi, CustomResources::NetworkPolicyApi],
        ..options
    }
}

/// A control plane with all that the intent compiles to, once its guards are asked.
async fn walled(options: Options) -> Result<Option<(ControlPlane, Intent)>> {
    let Some(plane) = ControlPlane::start_with(&serving(options))? else { return Ok(None) };
    let folder = TempDir::new()?;
    let intent = compile_into(folder.path(), INTENT)?;
    let of_cluster = folder.path().join("main");
    let of_cluster = of_cluster.to_str().context("a path")?;
    plane.kubectl(&["apply", "--server-side", "-k", of_cluster])?;
    assert_eq!(plane.kubectl(&["diff", "--server-side", "-k", of_cluster])?, "");
    // A policy is asked a moment after it is written, and a pod waits for its ServiceAccount.
    for namespace in ["staging", "staging-batch", "production"] {
        let account = ["get", "serviceaccount", "default", "-n", namespace];
        eventually("its ServiceAccount is there", async || Ok(plane.kubectl(&account).ok())).await?;
    }
    let policies = plane.kubectl(&["get", "validatingadmissionpolicies", "-o", "name"])?;
    let bindings = plane.kubectl(&["get", "validatingadmissionpolicybindings", "-o", "name"])?;
    assert!(
        policies.lines().count() > 5 && policies.lines().count() == bindings.lines().count(),
        "{policies}"
    );
    for namespace in ["staging", "staging-batch", "production"] {
        asked(&plane, namespace).await?;
    }
    Ok(Some((plane, intent)))
}

/// Waits until guards are asked about what comes to a namespace.
async fn asked(plane: &ControlPlane, namespace: &str) -> Result<()> {
    let alias = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: ExternalName, externalName: a.example.com}}";
    let create = ["create", "--dry-run=server", "-n", namespace, "-f", "-"];
    let refused = async || Ok(plane.kubectl_with_input(&create, alias).err());
    eventually("a guard is asked", refused).await.map(drop)
}
