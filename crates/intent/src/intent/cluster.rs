//! A cluster.

use super::Spanned;
use std::fmt;
use watertight_base::Span;

/// One Kubernetes control plane with its nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its name.
    pub name: Spanned<String>,
    /// The context of the kubeconfig that leads to it.
    pub context: Option<Spanned<String>>,
    /// A file or folder with what else is in it.
    pub manifests: Option<Spanned<String>>,
    /// Who runs it: one of the words of the schema. `other` if nothing is said.
    pub provider: Spanned<String>,
    /// The CNI profile, as `watertight prove --profile` takes it. `conservative` if nothing is said.
    pub cni_profile: Spanned<String>,
    /// Its version, if it is said.
    pub kubernetes_version: Option<Spanned<KubernetesVersion>>,
    /// How many requests its API servers serve at a time. 600 if nothing is said: `--max-requests-inflight` (400) and
    /// `--max-mutating-requests-inflight` (200) of one server.
    /// Source: <https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/>.
    pub api_seats: Spanned<u32>,
    /// Whether it serves and enforces ClusterNetworkPolicy (`policy.networking.k8s.io/v1alpha2`). `false` if nothing is said:
    /// Kubernetes itself has no such kind.
    /// Source: <https://network-policy-api.sigs.k8s.io/api-overview/>.
    pub cluster_network_policy: Spanned<bool>,
    /// Who serves routes from outside, if anybody does: for environments that do not name their own.
    pub ingress: Option<IngressController>,
    /// The pods that resolve names.
    pub dns: Dns,
    /// Where it is listed, or why it is there.
    pub span: Span,
}

/// The pods that resolve names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dns {
    /// Their namespace.
    pub namespace: Spanned<String>,
    /// A label that they have, as key and value.
    pub pod_label: Spanned<(String, String)>,
    /// The port of their containers, for UDP and TCP.
    pub port: Spanned<u16>,
}

/// Who serves routes from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressController {
    /// The namespace of its pods.
    pub namespace: Spanned<String>,
    /// What it serves.
    pub serves: RoutesOf,
    /// Which program it is. `Other` if nothing is said.
    pub controller: Spanned<IngressProgram>,
}

/// A program that serves routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IngressProgram {
    /// <https://kubernetes.github.io/ingress-nginx/>, of which it is known where it can be made to connect.
    IngressNginx,
    /// Another one.
    Other,
}

/// By which objects somebody is told of routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoutesOf {
    /// Ingresses of an IngressClass.
    Class(Spanned<String>),
    /// HTTPRoutes at a Gateway.
    Gateway {
        /// The namespace of the Gateway.
        namespace: Spanned<String>,
        /// Its name.
        name: Spanned<String>,
    },
}

/// A minor version: `1.36`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KubernetesVersion {
    /// What stands behind `1.`.
    pub minor: u16,
}

impl KubernetesVersion {
    /// The version that a text such as `1.36` means.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Some(Self { minor: text.strip_prefix("1.")?.parse().ok()? })
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}
