//! The custom resources that tests can install, each from the Go module that ships it.

use crate::binaries::cache_folder;
use crate::cluster::kubectl;
use crate::modules::Module;
use anyhow::{Result, bail};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// A family of custom resources. Of each it is the experimental channel, which holds all of the standard one, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomResources {
    /// `Gateway`, `HTTPRoute`, `ReferenceGrant` and their like.
    GatewayApi,
    /// `ClusterNetworkPolicy`.
    NetworkPolicyApi,
    /// Its forerunners, `AdminNetworkPolicy` and `BaselineAdminNetworkPolicy`.
    NetworkPolicyApiV1Alpha1,
}

impl CustomResources {
    /// All of them.
    pub(crate) const ALL: [Self; 3] =
        [Self::GatewayApi, Self::NetworkPolicyApi, Self::NetworkPolicyApiV1Alpha1];

    /// The path of the Go module that ships them.
    pub(crate) fn requires(self) -> &'static str {
        match self {
            Self::GatewayApi => "sigs.k8s.io/gateway-api",
            Self::NetworkPolicyApi | Self::NetworkPolicyApiV1Alpha1 => "sigs.k8s.io/network-policy-api",
        }
    }

    /// Our module that pins it.
    pub(crate) fn module(self) -> Result<Module> {
        let folder = match self {
            Self::GatewayApi | Self::NetworkPolicyApi => "crds",
            Self::NetworkPolicyApiV1Alpha1 => "crds-v1alpha1",
        };
        Module::of_manifests(folder, self.requires())
    }

    /// Makes a control plane serve them, and waits until it does.
    pub(crate) fn install(self, program: &Path, kubeconfig: &Path) -> Result<()> {
        let file = cache_folder(&self.module()?)?.join(self.file());
        if !file.is_file() {
            bail!("there is no {}: `cargo xtask testbed build` fetches it", file.display());
        }
        let file = file.to_string_lossy();
        let apply = ["apply", "--server-side", "--force-conflicts", "-f", &file];
        kubectl(program, kubeconfig, &apply, "")?;
        established(|arguments| {
            let with_file: Vec<&str> = arguments.iter().copied().chain(["-f", &file]).collect();
            kubectl(program, kubeconfig, &with_file, "").map(drop)
        })
    }

    /// The file in the cache that holds their definitions.
    pub(crate) fn file(self) -> &'static str {
        "definitions.yaml"
    }
}

/// Waits until definitions are served: calls kubectl with the arguments of `wait`, to which the caller adds which ones.
///
/// A definition that no controller has looked at has no list of conditions yet, which kubectl takes for an error
/// (<https://github.com/kubernetes/kubernetes/issues/66439>): then it is called again.
///
/// # Errors
/// Those of kubectl.
pub fn established(kubectl: impl Fn(&[&str]) -> Result<()>) -> Result<()> {
    let wait = || kubectl(&["wait", "--for=condition=Established", "--timeout=60s"]);
    for _ in 0..100 {
        match wait() {
            Err(error) if error.to_string().contains("accessor error") => sleep(Duration::from_millis(100)),
            answer => return answer,
        }
    }
    wait()
}
