//! What the `to` side publishes to everybody (convention 7): reachable by the internet, and so by the other side.

use crate::derivation::because;
use watertight_base::Span;
use watertight_model::{
    BackendRole, EvidenceRole, GrantFrom, GrantTo, Ingress, IngressBackend, IngressBackendKind, NamespaceId,
    Origin, ParentRef, Pod, PublicEntry, ReferenceGrant, Route, RouteBackend, Service, ServiceType, Snapshot,
    TargetPort,
};

/// The LoadBalancer Services, Ingresses and routes of some namespaces, and routes of others that they let refer to their
/// Services. A route of the `from` side publishes nothing: what it can carry is searched for as a way across.
pub(crate) fn public_entries(
    snapshot: &Snapshot,
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Vec<PublicEntry> {
    let published =
        |service: &&Service| service.kind == ServiceType::LoadBalancer && to.contains(&service.namespace);
    let services = snapshot.services.iter().filter(published).map(|service| by_service(snapshot, service));
    let ingresses = snapshot.ingresses.iter().filter(|ingress| to.contains(&ingress.namespace));
    let ingresses = ingresses.flat_map(|ingress| by_ingress(snapshot, ingress));
    let routes = snapshot.routes.iter();
    let routes = routes.filter(|route| !from.contains(&route.namespace) && is_attached(route));
    services.chain(ingresses).chain(routes.flat_map(|route| by_route(snapshot, route, to))).collect()
}

fn by_service(snapshot: &Snapshot, service: &Service) -> PublicEntry {
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
    let behind = pods_behind(snapshot, service);
    let whom = if service.source_ranges.is_empty() {
        "everybody".to_owned()
    } else {
        let ranges: Vec<String> = service.source_ranges.iter().map(ToString::to_string).collect();
        ranges.join(", ")
    };
    let span = service.kind_span.unwrap_or(service.origin.span);
    PublicEntry {
        message: format!("{} publishes {behind} on {} to {whom}", service.origin.object, ports.join(", ")),
        because: vec![because(EvidenceRole::Allows, service.origin.object.clone(), "/spec/type", Some(span))],
    }
}

/// What an Ingress leads to: one entry a path, and one for whatever no rule matches.
fn by_ingress(snapshot: &Snapshot, ingress: &Ingress) -> Vec<PublicEntry> {
    let namespace = &snapshot.namespace(ingress.namespace).name;
    let behind = |backend: &IngressBackend| match &backend.kind {
        IngressBackendKind::Service { name, .. } => service_named(snapshot, namespace, name),
        IngressBackendKind::Resource { kind, name, .. } => format!("{kind} {namespace}/{name}"),
    };
    let mut entries = Vec::new();
    for (index, rule) in ingress.rules.iter().enumerate() {
        for (number, path) in rule.paths.iter().enumerate() {
            let below = if path.path == "/" { "" } else { path.path.as_str() };
            let place = format!("/spec/rules/{index}/http/paths/{number}");
            let at = format!("{}{below}", rule.host.as_deref().unwrap_or("every host"));
            entries.push(at_a_host(&ingress.origin, &behind(&path.backend), &at, &place, path.span));
        }
    }
    if let Some(backend) = &ingress.default_backend {
        let at = "whatever no rule matches";
        entries.push(at_a_host(&ingress.origin, &behind(backend), at, "/spec/defaultBackend", backend.span));
    }
    entries
}

/// What a route leads requests to: one entry a backend. What it only copies requests to answers nobody.
fn by_route(snapshot: &Snapshot, route: &Route, to: &[NamespaceId]) -> Vec<PublicEntry> {
    let at = match route.hostnames.is_empty() {
        true => "whatever its Gateway listens to".to_owned(),
        false => route.hostnames.join(", "),
    };
    let mut entries: Vec<PublicEntry> = Vec::new();
    for (index, rule) in route.rules.iter().enumerate() {
        let leads = |backend: &&RouteBackend| {
            let there = snapshot.namespace_named(&backend.namespace);
            // The side's own route is its own affair, wherever it leads.
            let is_concerned = to.contains(&route.namespace) || there.is_some_and(|id| to.contains(&id));
            is_concerned && forwards(snapshot, route, backend)
        };
        for backend in rule.backends.iter().filter(leads) {
            let behind = match backend.kind.is_service() {
                true => service_named(snapshot, &backend.namespace, &backend.name),
                false => format!("{} {}/{}", backend.kind, backend.namespace, backend.name),
            };
            let entry = at_a_host(&route.origin, &behind, &at, &format!("/spec/rules/{index}"), backend.span);
            // Rules that differ in what they match alone say the same here.
            if !entries.iter().any(|known| known.message == entry.message) {
                entries.push(entry);
            }
        }
    }
    entries
}

/// Whether requests are forwarded to a backend: in another namespace a ReferenceGrant there must allow it.
///
/// Source: <https://gateway-api.sigs.k8s.io/api-types/referencegrant/>.
pub(crate) fn forwards(snapshot: &Snapshot, route: &Route, backend: &RouteBackend) -> bool {
    let own = &snapshot.namespace(route.namespace).name;
    let grants = |grant: &ReferenceGrant| {
        let to_it = |to: &GrantTo| {
            to.kind == backend.kind && to.name.as_ref().is_none_or(|name| *name == backend.name)
        };
        let to_us = |from: &GrantFrom| from.namespace == *own && from.kind == route.kind.name();
        snapshot.namespace(grant.namespace).name == backend.namespace
            && grant.from.iter().any(to_us)
            && grant.to.iter().any(to_it)
    };
    let allowed = backend.namespace == *own || snapshot.reference_grants.iter().any(grants);
    allowed && backend.role == BackendRole::Forward && backend.weight > 0
}

/// Whether a route is published by a Gateway: one whose parents are Services serves a mesh alone.
pub(crate) fn is_attached(route: &Route) -> bool {
    let publishes = |parent: &ParentRef| !parent.kind.is_service();
    route.default_gateways.is_some() || route.parents.iter().any(publishes)
}

fn at_a_host(origin: &Origin, behind: &str, at: &str, place: &str, span: Span) -> PublicEntry {
    PublicEntry {
        message: format!("{} publishes {behind} at {at} to everybody", origin.object),
        because: vec![because(EvidenceRole::Allows, origin.object.clone(), place, Some(span))],
    }
}

/// A Service as a backend, with its pods if it is there.
fn service_named(snapshot: &Snapshot, namespace: &str, name: &str) -> String {
    let is_meant = |service: &&Service| {
        service.origin.object.name == name && snapshot.namespace(service.namespace).name == namespace
    };
    let behind = match snapshot.services.iter().find(is_meant) {
        Some(service) => pods_behind(snapshot, service),
        None => "not in the input".to_owned(),
    };
    format!("Service {namespace}/{name} ({behind})")
}

/// The workloads whose pods a Service selects.
fn pods_behind(snapshot: &Snapshot, service: &Service) -> String {
    let namespace = &snapshot.namespace(service.namespace).name;
    let pods = snapshot.pods.iter().filter(|pod| backs(service, pod));
    let mut backends: Vec<String> =
        pods.map(|pod| format!("{} {namespace}/{}", pod.workload.kind, pod.workload.name)).collect();
    backends.dedup();
    if backends.is_empty() { "no pod of the input".to_owned() } else { backends.join(", ") }
}

/// Whether a Service selects a pod.
pub(crate) fn backs(service: &Service, pod: &Pod) -> bool {
    let selected = |selector: &watertight_base::Labels| {
        selector.iter().all(|(key, value)| pod.labels.get(key) == Some(value))
    };
    pod.namespace == service.namespace && service.selector.as_ref().is_some_and(selected)
}
