//! Snapshots without what a way through YAML changes.

use crate::build::place;
use std::collections::BTreeMap;
use std::sync::Arc;
use watertight_model::{Origin, Places, Snapshot};

/// The same snapshot with all that a way through YAML may change set to one value: places, counts, the order of container
/// ports, and containers, of which each port gets one. Two snapshots that are equal after it mean the same.
#[must_use]
pub fn without_places(snapshot: &Snapshot) -> Snapshot {
    let mut snapshot = snapshot.clone();
    for namespace in &mut snapshot.namespaces {
        namespace.label_spans = BTreeMap::new();
        namespace.first_seen = None;
        if let Some(origin) = &mut namespace.origin {
            displace(origin);
        }
    }
    for pod in &mut snapshot.pods {
        displace(&mut pod.origin);
        pod.labels_span = place();
        pod.host_network = pod.host_network.map(|_| place());
        pod.containers = Arc::default();
        pod.ports
            .sort_by_key(|port| (port.container as usize, port.name.clone(), port.number, port.protocol));
    }
    for policy in &mut snapshot.policies {
        displace(&mut policy.origin);
        policy.subject_span = place();
        policy.types_span = policy.types_span.map(|_| place());
        for rule in policy.ingress.iter_mut().chain(&mut policy.egress) {
            rule.span = place();
            for peer in rule.peers.iter_mut().flatten() {
                peer.span = place();
            }
            for port in rule.ports.iter_mut().flatten() {
                port.span = place();
            }
        }
    }
    for policy in &mut snapshot.cluster_policies {
        displace(&mut policy.origin);
        policy.subject.span = place();
        for rule in policy.ingress.iter_mut().chain(&mut policy.egress) {
            rule.span = place();
            rule.peers.iter_mut().for_each(|peer| peer.span = place());
            rule.ports.iter_mut().flatten().for_each(|port| port.span = place());
        }
    }
    for service in &mut snapshot.services {
        service.each_place(&mut |span| *span = place());
    }
    for node in &mut snapshot.nodes {
        displace(&mut node.origin);
    }
    for account in &mut snapshot.service_accounts {
        account.span = place();
    }
    for role in &mut snapshot.roles {
        role.span = Some(place());
        role.rules.iter_mut().for_each(|rule| rule.span = Some(place()));
    }
    for binding in &mut snapshot.role_bindings {
        binding.span = Some(place());
        binding.role.span = Some(place());
        binding.subjects.iter_mut().for_each(|subject| subject.span = Some(place()));
    }
    for configuration in &mut snapshot.webhook_configurations {
        displace(&mut configuration.origin);
        for webhook in &mut configuration.webhooks {
            webhook.span = place();
            webhook.called.span = place();
        }
    }
    snapshot
}

fn displace(origin: &mut Origin) {
    origin.span = place();
}
