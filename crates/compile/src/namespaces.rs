//! Namespaces, with the Pod Security level that they enforce.

use crate::manifest::{Kind, Manifest, Serves};
use watertight_intent::{Environment, Intent, PodSecurity};

/// The least minor version of the Pod Security Standards that is pinned: from 1.34 on, `baseline` refuses probes and hooks
/// that name a host, by which a node would open a connection for a pod.
///
/// Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline>, "Host Probes / Lifecycle Hooks".
const MINOR_MIN: u16 = 34;

/// Whether each server that may be there knows that check. Another takes the version that is pinned for its own latest one.
pub(crate) fn refuses_probe_hosts(intent: &Intent, environment: &Environment) -> bool {
    let known = intent.clusters.get(environment.cluster.0).and_then(|cluster| cluster.kubernetes_version);
    known.is_some_and(|version| version.value.minor >= MINOR_MIN)
}

/// The namespaces of an environment.
pub(crate) fn namespaces(intent: &Intent, environment: &Environment) -> Vec<Manifest> {
    let level = match environment.pod_security.value {
        PodSecurity::Baseline => "baseline",
        PodSecurity::Restricted => "restricted",
    };
    let known = intent.clusters.get(environment.cluster.0).and_then(|cluster| cluster.kubernetes_version);
    let minor = known.map_or(MINOR_MIN, |version| version.value.minor.max(MINOR_MIN));
    let version = format!("v1.{minor}");
    let namespace = |name: &watertight_intent::Spanned<String>| Manifest {
        kind: Kind::Namespace,
        namespace: None,
        name: name.value.clone(),
        environment: environment.name.value.clone(),
        labels: vec![
            ("pod-security.kubernetes.io/enforce", level.to_owned()),
            ("pod-security.kubernetes.io/enforce-version", version.clone()),
            ("pod-security.kubernetes.io/warn", level.to_owned()),
            ("pod-security.kubernetes.io/warn-version", version.clone()),
        ],
        annotations: Vec::new(),
        serves: Serves::Network,
        asked_by: name.span,
        body: Vec::new(),
    };
    environment.namespaces.iter().map(namespace).collect()
}
