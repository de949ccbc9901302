//! What a certificate rests on: none of it may be left out.

use crate::Rejection;
use crate::api::{Boundary, Checked, People};
use crate::ends::{Cluster, Share};
use crate::format::Certificate;
use crate::pod_security::admits_host_network;
use ipnet::IpNet;
use std::collections::BTreeSet;
use watertight_base::{AddressSet, Selector};
use watertight_model::{
    ClusterPolicy, NamespaceId, NamespaceScope, NetworkPolicy, ObjectRef, PeerKind, PodSecurity, Secret,
    Snapshot, TierPeerKind,
};

/// Addresses that nobody has: RFC 5737 and RFC 3849.
const DOCUMENTATION: [&str; 4] = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"];

/// Checks that the certificate names what it rests on, the kinds included that were accepted as harmless.
///
/// # Errors
/// An assumption is missing, or is there twice.
pub(crate) fn check(
    certificate: &Certificate,
    needed: &BTreeSet<&'static str>,
    accepted: &BTreeSet<&str>,
) -> Result<(), Rejection> {
    let reject = |why: String| Err(Rejection::at("assumptions", why));
    let mut named = BTreeSet::new();
    for assumption in &certificate.assumptions {
        if !named.insert(assumption.id.as_str()) {
            return reject(format!("`{}` is there twice", assumption.id));
        }
    }
    if let Some(id) = needed.iter().find(|id| !named.contains(*id)) {
        return reject(format!("it also rests on `{id}`, which it does not name"));
    }
    for accepted in certificate.accepted.iter().filter(|it| accepted.contains(it.kind.as_str())) {
        let id = format!("accepted-{}", accepted.kind);
        let says_why = |text: &str| !accepted.reason.is_empty() && text.ends_with(&accepted.reason);
        if !certificate.assumptions.iter().any(|it| it.id == id && says_why(&it.text)) {
            return reject(format!(
                "it also rests on `{id}`, which it does not name, or not for that reason"
            ));
        }
    }
    Ok(())
}

/// Checks that the certificate names everybody who may do everything, and is taken to be on neither side.
///
/// # Errors
/// It does not name one.
pub(crate) fn name_all(certificate: &Certificate, people: &People) -> Result<(), Rejection> {
    let mut said = certificate.assumptions.iter().filter(|it| it.id == "administrators");
    let text = said.next().map_or("", |it| it.text.as_str());
    match people.administrators.iter().find(|it| !text.contains(&it.to_string())) {
        None => Ok(()),
        Some(one) => Err(Rejection::at("assumptions", format!("`administrators` does not name {one}"))),
    }
}

/// Checks that the certificate says that these policies are there and stay.
///
/// # Errors
/// It does not name one.
pub(crate) fn name_policies(certificate: &Certificate, policies: &BTreeSet<String>) -> Result<(), Rejection> {
    let said = || certificate.assumptions.iter().filter(|it| it.id == "admission-policies");
    match policies.iter().find(|policy| !said().any(|it| it.text.contains(&format!("`{policy}`")))) {
        None => Ok(()),
        Some(policy) => {
            let why = format!("`admission-policies` does not name `{policy}`");
            Err(Rejection::at("assumptions", why))
        }
    }
}

/// The names of all that the answer about the API rests on.
pub(crate) fn of_api(snapshot: &Snapshot, sides: &Boundary<'_>, checked: &Checked) -> BTreeSet<&'static str> {
    let mut needed = BTreeSet::from([
        "rights-complete",
        "rbac-decides",
        "administrators",
        "trust-outside",
        "node-metadata",
    ]);
    needed.extend((!checked.policies.is_empty()).then_some("admission-policies"));
    needed.extend(sides.strict.then_some("names-are-known"));
    let may = |rule: &str| {
        checked.claim.gains().any(|gained| gained.row.rule == rule && gained.bounds.scope.is_some())
    };
    let pods = snapshot.pods.iter();
    let of_to = pods.filter(|pod| sides.to.contains(snapshot.namespace(pod.namespace).name.as_str()));
    let mut images = of_to.flat_map(|pod| pod.containers.iter()).map(|container| container.image.as_str());
    let sees_all_values = |side: &BTreeSet<&str>| {
        let is_of = |secret: &&Secret| secret.object.namespace.as_deref().is_some_and(|of| side.contains(of));
        let secrets: Vec<&Secret> = snapshot.secrets.iter().filter(is_of).collect();
        !secrets.is_empty() && secrets.iter().all(|secret| !secret.is_masked)
    };
    let mut add = |id, holds: bool| holds && needed.insert(id);
    add("images-are-productions", images.any(|image| !image.is_empty() && !image.contains("@sha256:")));
    add("external-ips-denied", checked.may_claim_addresses);
    add("control-plane-network", may("proxy-to-pods"));
    let id = |name: &&str| snapshot.namespace_named(name);
    let to: Vec<NamespaceId> = sides.to.iter().filter_map(id).collect();
    let is_third = |scope: &str| ![&sides.from, &sides.to].iter().any(|side| side.contains(scope));
    let may_elsewhere = |rule: &str| {
        let gained = checked.claim.gains().filter(|gained| gained.row.rule == rule);
        gained.filter_map(|gained| gained.bounds.scope.as_deref()).any(is_third)
    };
    add("nothing-forwarded-to-nodes", may_elsewhere("forward-ports") && snapshot.listens_on_nodes(&to));
    let is_of_from =
        |object: &ObjectRef| object.namespace.as_deref().is_some_and(|it| sides.from.contains(it));
    add("kubeconfigs-are-own", snapshot.holds_kubeconfigs(is_of_from));
    add("no-other-kinds", checked.written.may_make_unseen(snapshot, &sides.to));
    add("ingress-nginx-mended", checked.has_unversioned_proxy);
    let sees_both = [&sides.from, &sides.to].into_iter().all(sees_all_values);
    let reads_elsewhere = may_elsewhere("read-secrets");
    add("credentials-differ", !sees_both || snapshot.has_unshown_values() || reads_elsewhere);
    let reads_theirs = checked.claim.gains().any(|gained| {
        let scope = gained.bounds.scope.as_deref();
        READING.contains(&gained.row.rule) && scope.is_none_or(|scope| sides.to.contains(scope))
    });
    add("readable-credentials", reads_theirs);
    needed
}

/// The rules by which objects are read that may hold a credential, besides Secrets.
const READING: [&str; 2] = ["read-configmaps", "read-environments"];

/// The names of all that the answer about the network rests on, `alone` or with one about the API.
pub(crate) fn of_network(
    cluster: &Cluster<'_>,
    (from, to): (&[NamespaceId], &[NamespaceId]),
    alone: bool,
) -> BTreeSet<&'static str> {
    let snapshot = cluster.snapshot;
    let mut needed = BTreeSet::from(["input-complete", "shared-pods-forward-as-declared", "other-protocols"]);
    let by_policies = cluster.profile.enforces();
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
    // Who may change namespaces, or reach kubelets, is what the other channel is about.
    add("cni-enforces", by_policies);
    add("existing-connections", by_policies);
    add("namespaces-fixed", alone);
    add("kubelet-bypass", alone);
    add("policies-read-alone", !nodes);
    // Where policies decide nothing, it is shown that one side has no pods and gets none.
    add("contents-from-outside", by_policies && nodes);
    add("pod-security-admission", nodes && sides.iter().any(enforces));
    add(
        "pod-security-version",
        by_policies && nodes && snapshot.minor_version().is_none() && from.iter().any(enforces),
    );
    let rewrites = by_policies && nodes && cluster.profile.axis("rewrites-sources").may();
    add("node-ports-are-no-probes", rewrites && snapshot.has_node_ports(to));
    add("pod-network", by_policies && snapshot.pods.iter().any(|pod| !pod.addresses.is_empty()));
    add("labels-settled", cluster.profile.keeps_old_labels() && by_labels);
    add("experimental-policy-api", by_policies && experimental);
    add("no-public-pod-addresses", by_policies && public);
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
