//! What a certificate rests on: none of it may be left out.

use crate::Rejection;
use crate::ends::{Cluster, Share};
use crate::format::Certificate;
use crate::pod_security::admits_host_network;
use ipnet::IpNet;
use std::collections::BTreeSet;
use watertight_base::{AddressSet, Selector};
use watertight_model::{
    ClusterPolicy, NamespaceId, NamespaceScope, NetworkPolicy, PeerKind, PodSecurity, TierPeerKind,
};

/// Addresses that nobody has: RFC 5737 and RFC 3849.
const DOCUMENTATION: [&str; 4] = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"];

/// Checks that the certificate names what it rests on, the kinds included that were accepted as harmless.
///
/// # Errors
/// An assumption is missing, or is there twice.
pub(crate) fn check(
    certificate: &Certificate,
    cluster: &Cluster<'_>,
    sides: (&[NamespaceId], &[NamespaceId]),
    accepted: &BTreeSet<&str>,
) -> Result<(), Rejection> {
    let reject = |why: String| Err(Rejection::at("assumptions", why));
    let mut named = BTreeSet::new();
    for assumption in &certificate.assumptions {
        if !named.insert(assumption.id.as_str()) {
            return reject(format!("`{}` is there twice", assumption.id));
        }
    }
    if let Some(id) = needed(cluster, sides).into_iter().find(|id| !named.contains(id)) {
        return reject(format!("it also rests on `{id}`, which it does not name"));
    }
    for accepted in certificate.accepted.iter().filter(|it| accepted.contains(it.kind.as_str())) {
        let id = format!("accepted-{}", accepted.kind);
        let says_why = |text: &str| text.ends_with(&accepted.reason);
        if !certificate.assumptions.iter().any(|it| it.id == id && says_why(&it.text)) {
            return reject(format!(
                "it also rests on `{id}`, which it does not name, or not for that reason"
            ));
        }
    }
    Ok(())
}

/// The names of all that an answer rests on.
fn needed(cluster: &Cluster<'_>, (from, to): (&[NamespaceId], &[NamespaceId])) -> BTreeSet<&'static str> {
    let snapshot = cluster.snapshot;
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
        let labels = snapshot.namespace(*id).labels.as_ref();
        labels.is_some_and(|labels| !admits_host_network(PodSecurity::of(labels), snapshot.minor_version()))
    };
    let sides: Vec<NamespaceId> = from.iter().chain(to).copied().collect();
    let about = |policy: &ClusterPolicy, of: &[NamespaceId]| {
        let selector = &policy.subject.namespaces;
        of.iter().any(|&id| cluster.written_labels(id).share(selector) != Share::None)
    };
    let read = snapshot.cluster_policies.iter().filter(|policy| cluster.may_read(policy));
    let of_sides = || snapshot.policies.iter().filter(|policy| sides.contains(&policy.namespace));
    let by_labels = of_sides().flat_map(pod_selectors).any(|selector| !selector.is_everything())
        || read
            .clone()
            .filter(|policy| about(policy, &sides))
            .flat_map(pod_selectors_of_tier)
            .any(|selector| !selector.is_everything());
    let experimental = read.clone().any(|policy| {
        let peers = policy.egress.iter().flat_map(|rule| &rule.peers);
        let asks =
            |kind: &TierPeerKind| matches!(kind, TierPeerKind::Nodes(_) | TierPeerKind::DomainNames(_));
        let of_to = about(policy, to) && !policy.ingress.is_empty();
        peers.into_iter().any(|peer| asks(&peer.kind)) && (about(policy, from) || of_to)
    });
    let of_to = || snapshot.policies.iter().filter(|it| to.contains(&it.namespace) && it.types.ingress);
    let public = of_to().any(admits_public_addresses);
    let on_nodes = of_to().any(|policy| admits_shared_pods_on_nodes(cluster, policy, &sides));
    let mut add = |id, holds: bool| holds && needed.insert(id);
    add("policies-read-alone", !nodes);
    add("pod-security-admission", nodes && sides.iter().any(enforces));
    add("pod-security-version", nodes && snapshot.minor_version().is_none() && from.iter().any(enforces));
    add("pod-network", snapshot.pods.iter().any(|pod| !pod.addresses.is_empty()));
    add("labels-settled", cluster.profile.keeps_old_labels() && by_labels);
    add("experimental-policy-api", experimental);
    add("no-public-pod-addresses", public);
    add("node-addresses-are-nodes", on_nodes);
    needed
}

fn pod_selectors(policy: &NetworkPolicy) -> Vec<&Selector> {
    let rules = policy.ingress.iter().chain(&policy.egress);
    let peers = rules.flat_map(|rule| rule.peers.iter().flatten()).filter_map(|peer| match &peer.kind {
        PeerKind::Pods { pods, .. } => Some(pods),
        PeerKind::IpBlock { .. } => None,
    });
    peers.chain([&policy.subject]).collect()
}

fn pod_selectors_of_tier(policy: &ClusterPolicy) -> Vec<&Selector> {
    let peers = policy.ingress.iter().chain(&policy.egress).flat_map(|rule| &rule.peers);
    let peers = peers.filter_map(|peer| match &peer.kind {
        TierPeerKind::Pods { pods, .. } => Some(pods),
        _ => None,
    });
    peers.chain([&policy.subject.pods]).collect()
}

/// Whether a policy admits addresses that are neither private nor nobody's (convention 13).
fn admits_public_addresses(policy: &NetworkPolicy) -> bool {
    let documentation = DOCUMENTATION.iter().filter_map(|net| net.parse::<IpNet>().ok());
    let known = documentation.fold(AddressSet::private(), |all, net| all.union(&AddressSet::cidr(net)));
    let mut peers = policy.ingress.iter().flat_map(|rule| rule.peers.iter().flatten());
    peers.any(|peer| match &peer.kind {
        PeerKind::Pods { .. } => false,
        PeerKind::IpBlock { cidr, except } => {
            let holes = except.iter().map(|&hole| AddressSet::cidr(hole));
            let block = holes.fold(AddressSet::cidr(*cidr), |left, hole| left.difference(&hole));
            !block.is_subset(&known)
        }
    })
}

/// Whether a policy admits, by labels, pods on the host network of namespaces on neither side (rules N38, N40).
fn admits_shared_pods_on_nodes(cluster: &Cluster<'_>, policy: &NetworkPolicy, sides: &[NamespaceId]) -> bool {
    if !cluster.profile.axis("selects-host-network").may() {
        return false;
    }
    let pods = cluster.snapshot.pods.iter();
    let mut shared = pods.filter(|pod| cluster.is_on_host_network(pod) && !sides.contains(&pod.namespace));
    shared.any(|pod| {
        let mut peers = policy.ingress.iter().flat_map(|rule| rule.peers.iter().flatten());
        peers.any(|peer| match &peer.kind {
            PeerKind::IpBlock { .. } => false,
            PeerKind::Pods { namespaces, pods, .. } => {
                let scope = match namespaces {
                    NamespaceScope::Own => policy.namespace == pod.namespace,
                    NamespaceScope::Selected(selector) => {
                        cluster.written_labels(pod.namespace).share(selector) != Share::None
                    }
                };
                scope && pods.matches(&pod.labels)
            }
        })
    })
}
