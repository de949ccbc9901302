//! Custom resources come from the Go modules that ship them.

use anyhow::Result;
use watertight_testbed::{ControlPlane, CustomResources};

#[test]
fn custom_resources_can_be_installed_and_used() -> Result<()> {
    let Some(plane) = ControlPlane::shared()? else { return Ok(()) };
    let families = [
        (CustomResources::GatewayApi, "httproutes.gateway.networking.k8s.io"),
        (CustomResources::NetworkPolicyApi, "clusternetworkpolicies.policy.networking.k8s.io"),
        (CustomResources::NetworkPolicyApiV1Alpha1, "adminnetworkpolicies.policy.networking.k8s.io"),
    ];
    for (family, kind) in families {
        plane.install(family)?;
        assert_eq!(plane.kubectl(&["get", kind, "-A", "-o", "jsonpath={.items}"])?, "[]", "{kind}");
    }
    plane.install(CustomResources::GatewayApi)
}
