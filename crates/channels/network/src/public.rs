//! What the `to` side publishes to everybody (convention 7): reachable by the internet, and so by the other side.

use crate::derivation::because;
use watertight_model::{NamespaceId, Pod, PublicEntry, Role, Service, ServiceType, Snapshot, TargetPort};

/// The LoadBalancer Services of some namespaces. Ingresses and gateways are blind spots until they are evaluated.
pub(crate) fn public_entries(snapshot: &Snapshot, to: &[NamespaceId]) -> Vec<PublicEntry> {
    let published =
        |service: &&Service| service.kind == ServiceType::LoadBalancer && to.contains(&service.namespace);
    snapshot.services.iter().filter(published).map(|service| entry(snapshot, service)).collect()
}

fn entry(snapshot: &Snapshot, service: &Service) -> PublicEntry {
    let ports: Vec<String> = service
        .ports
        .iter()
        .map(|port| {
            let target = match &port.target {
                TargetPort::Number(number) => number.to_string(),
                TargetPort::Named(name) => name.clone(),
            };
            format!("{} {} (to {target})", port.protocol, port.port)
        })
        .collect();
    let namespace = &snapshot.namespace(service.namespace).name;
    let mut backends: Vec<String> = snapshot
        .pods
        .iter()
        .filter(|pod| backs(service, pod))
        .map(|pod| format!("{} {namespace}/{}", pod.workload.kind, pod.workload.name))
        .collect();
    backends.dedup();
    let behind = if backends.is_empty() { "no pod of the input".to_owned() } else { backends.join(", ") };
    let whom = if service.source_ranges.is_empty() {
        "everybody".to_owned()
    } else {
        let ranges: Vec<String> = service.source_ranges.iter().map(ToString::to_string).collect();
        ranges.join(", ")
    };
    let span = service.kind_span.unwrap_or(service.origin.span);
    PublicEntry {
        message: format!("{} publishes {behind} on {} to {whom}", service.origin.object, ports.join(", ")),
        because: vec![because(Role::Allows, service.origin.object.clone(), "/spec/type", Some(span))],
    }
}

fn backs(service: &Service, pod: &Pod) -> bool {
    let selected = |selector: &watertight_base::Labels| {
        selector.iter().all(|(key, value)| pod.labels.get(key) == Some(value))
    };
    pod.namespace == service.namespace && service.selector.as_ref().is_some_and(selected)
}
