//! What every certificate rests on: none of it may be left out of one.

use crate::Rejection;
use crate::ends::Cluster;
use crate::format::Certificate;
use std::collections::BTreeSet;
use watertight_model::{NamespaceId, PodSecurity};

/// Checks that the certificate names what it rests on.
///
/// # Errors
/// An assumption is missing, or is there twice.
pub(crate) fn check(
    certificate: &Certificate,
    cluster: &Cluster<'_>,
    (from, to): (&[NamespaceId], &[NamespaceId]),
) -> Result<(), Rejection> {
    let mut named = BTreeSet::new();
    for assumption in &certificate.assumptions {
        if !named.insert(assumption.id.as_str()) {
            let why = format!("`{}` is there twice", assumption.id);
            return Err(Rejection::at("assumptions", why));
        }
    }
    let mut needed = BTreeSet::from([
        "input-complete",
        "namespaces-fixed",
        "shared-pods-forward-as-declared",
        "other-protocols",
        "cni-enforces",
        "existing-connections",
        "kubelet-bypass",
    ]);
    let nodes = cluster.has_nodes();
    let enforces = |id: &NamespaceId| {
        let labels = cluster.snapshot.namespace(*id).labels.as_ref();
        labels.is_some_and(|labels| !PodSecurity::of(labels).admits_host_network())
    };
    let mut add = |id, holds| holds && needed.insert(id);
    add("policies-read-alone", !nodes);
    add("pod-security-admission", nodes && from.iter().chain(to).any(enforces));
    let version_is_known = cluster.snapshot.minor_version().is_some();
    add("pod-security-version", nodes && !version_is_known && from.iter().any(enforces));
    add("pod-network", cluster.snapshot.pods.iter().any(|pod| !pod.addresses.is_empty()));
    match needed.iter().find(|id| !named.contains(*id)) {
        Some(id) => {
            let why = format!("it also rests on `{id}`, which it does not name");
            Err(Rejection::at("assumptions", why))
        }
        None => Ok(()),
    }
}
