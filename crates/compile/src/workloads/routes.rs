//! Where an application is reached from outside: an Ingress, or an HTTPRoute for each host where the cluster has a Gateway.
//!
//! Neither has annotations of its controller, nor a rule without a host: what a controller makes of those is not known here.

use super::placed::Placed;
use super::pod::{members, number};
use crate::manifest::{Kind, Manifest, Serves};
use std::collections::BTreeMap;
use watertight_base::fingerprint;
use watertight_intent::{Route, RoutesOf};
use watertight_yaml::{Value, mapping, texts};

/// How many digits tell the HTTPRoutes of an application apart.
const DIGITS: usize = 10;

/// The Ingress or the HTTPRoutes of an application.
pub(super) fn routes(placed: &Placed<'_>) -> Vec<Manifest> {
    let mut hosts: BTreeMap<&str, Vec<&Route>> = BTreeMap::new();
    for route in &placed.workload.routes {
        hosts.entry(&route.host.value).or_default().push(route);
    }
    let Some(ingress) = &placed.environment.ingress else { return Vec::new() };
    match &ingress.serves {
        RoutesOf::Class(class) => self::ingress(placed, &class.value, &hosts).into_iter().collect(),
        RoutesOf::Gateway { namespace, name } => hosts
            .iter()
            .filter_map(|(host, routes)| http_route(placed, (&namespace.value, &name.value), host, routes))
            .collect(),
    }
}

/// The port of the Service to which a route leads.
fn port(placed: &Placed<'_>, route: &Route) -> Option<Value> {
    let port = placed.workload.ports.iter().find(|port| port.name.value == route.port.value)?;
    Some(number(port.port.value))
}

fn ingress(placed: &Placed<'_>, class: &str, hosts: &BTreeMap<&str, Vec<&Route>>) -> Option<Manifest> {
    let first = placed.workload.routes.first()?;
    let path = |route: &&Route| {
        let port = mapping([("number", port(placed, route)?)]);
        let service = mapping([("name", placed.name().into()), ("port", port)]);
        Some(mapping([
            ("path", route.path.value.as_str().into()),
            ("pathType", "Prefix".into()),
            ("backend", mapping([("service", service)])),
        ]))
    };
    let rule = |(host, routes): (&&str, &Vec<&Route>)| {
        let paths = Value::List(routes.iter().filter_map(path).collect());
        mapping([("host", (*host).into()), ("http", mapping([("paths", paths)]))])
    };
    let mut certificates: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (host, routes) in hosts {
        let secret = routes.iter().find_map(|route| route.tls_secret.as_ref());
        certificates.entry(secret.map_or("", |secret| &secret.value)).or_default().push(host);
    }
    certificates.remove("");
    let certificate = |(secret, hosts): (&&str, &Vec<&str>)| {
        mapping([("hosts", texts(hosts.iter().copied())), ("secretName", (*secret).into())])
    };
    let mut spec = vec![("ingressClassName", class.into())];
    if !certificates.is_empty() {
        spec.push(("tls", Value::List(certificates.iter().map(certificate).collect())));
    }
    spec.push(("rules", Value::List(hosts.iter().map(rule).collect())));
    Some(placed.manifest(Kind::Ingress, Serves::MustReach, first.span, vec![("spec", members(spec))]))
}

/// The HTTPRoute of a host. Its name tells the hosts of an application apart.
///
/// Source: <https://gateway-api.sigs.k8s.io/reference/spec/#httproute>.
fn http_route(
    placed: &Placed<'_>,
    (namespace, gateway): (&str, &str),
    host: &str,
    routes: &[&Route],
) -> Option<Manifest> {
    let first = routes.first()?;
    let rule = |route: &&Route| {
        let path = mapping([("type", "PathPrefix".into()), ("value", route.path.value.as_str().into())]);
        let backend = mapping([("name", placed.name().into()), ("port", port(placed, route)?)]);
        Some(mapping([
            ("matches", Value::List(vec![mapping([("path", path)])])),
            ("backendRefs", Value::List(vec![backend])),
        ]))
    };
    let parent = mapping([("name", gateway.into()), ("namespace", namespace.into())]);
    let spec = mapping([
        ("parentRefs", Value::List(vec![parent])),
        ("hostnames", texts([host])),
        ("rules", Value::List(routes.iter().filter_map(rule).collect())),
    ]);
    let mut route = placed.manifest(Kind::HttpRoute, Serves::MustReach, first.span, vec![("spec", spec)]);
    let digits: String = fingerprint(host).chars().take(DIGITS).collect();
    route.name = format!("{}.{digits}", placed.name());
    Some(route)
}
