//! A host and a path lead to one application of one environment, somebody serves them, and a server takes them.

use crate::findings::Findings;
use crate::intent::{
    Application, ClusterId, Environment, IngressController, Intent, PlacedSource, Placement, Protocol, Route,
    RoutesOf, Workload,
};
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The most characters of a path in an HTTPRoute: <https://gateway-api.sigs.k8s.io/reference/spec/#httppathmatch>.
const PATH_LENGTH_MAX: usize = 1024;
/// The most rules of an HTTPRoute: <https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec>.
const RULES_MAX: usize = 16;

/// A route, and where it stands.
struct Placed<'i> {
    application: &'i Application,
    placement: &'i Placement,
    environment: &'i Environment,
    workload: &'i Workload,
    route: &'i Route,
}

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    let routes = routes(intent);
    each_has_one_owner(&routes, findings);
    none_lies_below_another(&routes, findings);
    each_has_one_certificate(&routes, findings);
    each_fits_in_one_object(&routes, findings);
    for placed in &routes {
        is_served(intent, placed, findings);
        is_valid(placed, findings);
    }
}

fn routes(intent: &Intent) -> Vec<Placed<'_>> {
    let mut routes = Vec::new();
    for application in &intent.applications {
        for placement in &application.placements {
            let PlacedSource::Workload(workload) = &placement.source else { continue };
            let Some(environment) = intent.environments.get(placement.environment.0) else { continue };
            let placed = workload.routes.iter().map(|route| Placed {
                application,
                placement,
                environment,
                workload,
                route,
            });
            routes.extend(placed);
        }
    }
    routes
}

/// Reports a host of two environments, and a host and a path of two routes.
fn each_has_one_owner(routes: &[Placed<'_>], findings: &mut Findings) {
    let mut hosts: BTreeMap<&str, &str> = BTreeMap::new();
    let mut paths: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for Placed { application, environment, route, .. } in routes {
        let own = environment.name.value.as_str();
        let (host, path) = (route.host.value.as_str(), route.path.value.as_str());
        let other = *hosts.entry(host).or_insert(own);
        if other != own {
            let message = format!("the host `{host}` is one of `{other}` and of `{own}`");
            let help = format!(
                "give each environment hosts of its own, in `overrides` of `{}`",
                application.name.value
            );
            let label = format!("a host of `{other}` too");
            findings.error(rules::SHARED_ROUTE, message, route.host.span, label, help);
            continue;
        }
        let name = application.name.value.as_str();
        match paths.insert((host, path), name) {
            Some(taken) if taken != name => {
                let message = format!("`{host}{path}` leads to `{taken}` and to `{name}`");
                let label = format!("leads to `{taken}` too");
                findings.error(
                    rules::SHARED_ROUTE,
                    message,
                    route.host.span,
                    label,
                    "give one of them another path",
                );
            }
            Some(_) => {
                let message = format!("the route `{host}{path}` is there more than once");
                let help = "keep one of the two";
                findings.error(rules::REPEATED_NAME, message, route.span, "the same again", help);
            }
            None => {}
        }
    }
}

/// Reports a host below a wildcard of another environment of its cluster: a proxy sends to one of the two what the other
/// claims.
fn none_lies_below_another(routes: &[Placed<'_>], findings: &mut Findings) {
    let mut wildcards: BTreeMap<(ClusterId, &str), BTreeSet<&str>> = BTreeMap::new();
    for Placed { environment, route, .. } in routes {
        if let Some(base) = route.host.value.strip_prefix("*.") {
            wildcards.entry((environment.cluster, base)).or_default().insert(&environment.name.value);
        }
    }
    for Placed { environment, route, .. } in routes {
        let own = environment.name.value.as_str();
        let mut host = route.host.value.strip_prefix("*.").unwrap_or(&route.host.value);
        while let Some((_, above)) = host.split_once('.') {
            let owners = wildcards.get(&(environment.cluster, above));
            if let Some(other) = owners.into_iter().flatten().find(|owner| **owner != own) {
                findings.error(
                    rules::SHARED_ROUTE,
                    format!("the host `{}` of `{own}` lies below `*.{above}` of `{other}`", route.host.value),
                    route.host.span,
                    format!("claimed by `{other}` too"),
                    format!("name the hosts of `{other}` one by one, or take another domain"),
                );
            }
            host = above;
        }
    }
}

/// Reports a host with two certificates, or with one for some of its paths, in the same namespace.
fn each_has_one_certificate(routes: &[Placed<'_>], findings: &mut Findings) {
    let mut certificates: BTreeMap<(ClusterId, &str, &str), Option<&str>> = BTreeMap::new();
    for Placed { placement, environment, route, .. } in routes {
        let place = (environment.cluster, placement.namespace.value.as_str(), route.host.value.as_str());
        let own = route.tls_secret.as_ref().map(|secret| secret.value.as_str());
        let first = *certificates.entry(place).or_insert(own);
        if first != own {
            let of = |secret: Option<&str>| secret.map_or("none".to_owned(), |secret| format!("`{secret}`"));
            findings.error(
                rules::INVALID_VALUE,
                format!(
                    "`tlsSecret` of the host `{}` is {}, and {} for another path",
                    route.host.value,
                    of(own),
                    of(first)
                ),
                route.tls_secret.as_ref().map_or(route.host.span, |secret| secret.span),
                "another certificate",
                "give all routes of a host the same `tlsSecret`: a connection has one certificate for all paths",
            );
        }
    }
}

/// Reports a host with more paths of an application than an HTTPRoute has rules.
fn each_fits_in_one_object(routes: &[Placed<'_>], findings: &mut Findings) {
    let mut counts: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for Placed { application, environment, route, .. } in routes {
        let is_class = |ingress: &IngressController| matches!(ingress.serves, RoutesOf::Class(_));
        if environment.ingress.as_ref().is_none_or(is_class) {
            continue;
        }
        let place = (&*application.name.value, &*environment.name.value, &*route.host.value);
        let count = counts.entry(place).or_default();
        *count += 1;
        if *count == RULES_MAX + 1 {
            findings.error(
                rules::INVALID_VALUE,
                format!("the host `{}` has more than {RULES_MAX} paths at a Gateway", route.host.value),
                route.span,
                "one path too many",
                format!("take less paths, such as `/`: an HTTPRoute has at most {RULES_MAX} rules"),
            );
        }
    }
}

/// Reports a route that nobody serves, or whose certificate nobody looks at.
fn is_served(intent: &Intent, placed: &Placed<'_>, findings: &mut Findings) {
    let Placed { environment, route, .. } = placed;
    let Some(cluster) = intent.clusters.get(environment.cluster.0) else { return };
    let own = &cluster.name.value;
    match (&environment.ingress, &route.tls_secret) {
        (None, _) => {
            let message = format!(
                "nobody serves routes in the cluster `{own}`, in which `{}` is",
                environment.name.value
            );
            let help = "give the cluster in `clusters` an `ingress`, with the `namespace` and the `className` of its controller, or with its `gateway`";
            findings.error(rules::MISSING_FIELD, message, route.host.span, "served by nobody", help);
        }
        (Some(ingress), Some(secret)) => {
            if let RoutesOf::Gateway { name, .. } = &ingress.serves {
                let gateway = &name.value;
                findings.error(
                    rules::INVALID_VALUE,
                    format!("a route has a `tlsSecret`, and the Gateway `{gateway}` of `{own}` serves it"),
                    secret.span,
                    "certificates are the Gateway's",
                    format!("leave it out, and give the certificate to a listener of `{gateway}`"),
                );
            }
        }
        (Some(_), None) => {}
    }
}

/// Reports what a server or a proxy refuses.
fn is_valid(placed: &Placed<'_>, findings: &mut Findings) {
    let Placed { workload, route, .. } = placed;
    let mut error = |message: String, span, label: &str, help: &str| {
        findings.error(rules::INVALID_VALUE, message, span, label, help);
    };
    let host = &route.host;
    if host.value.parse::<IpAddr>().is_ok() {
        let message = format!("`host` is `{}`, which is an address", host.value);
        error(message, host.span, "no name", "write a name such as `shop.example.com`");
    }
    // Source: `validateHTTPIngressPath` of Kubernetes 1.36 and `HTTPPathMatch` of the Gateway API. What else may stand in a
    // path could mean something to a proxy: <https://kubernetes.github.io/ingress-nginx/faq/#validation-of-path>.
    let path = &route.path;
    let usual = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
    let parts = || path.value.split('/').skip(1);
    let climbs = parts().any(|part| part == "." || part == "..");
    let is_empty_inside = path.value.contains("//");
    if !path.value.chars().all(usual) || climbs || is_empty_inside || path.value.len() > PATH_LENGTH_MAX {
        let message = format!("`path` is `{}`, which not every proxy takes", path.value);
        let help = "write letters, digits, `-`, `.`, `_` and `~` between single `/`: `/shop/cart`";
        error(message, path.span, "no path of a route", help);
    }
    let port = workload.ports.iter().find(|port| port.name.value == route.port.value);
    if let Some(port) = port.filter(|port| port.protocol.value != Protocol::Tcp) {
        let message = format!(
            "a route leads to the port `{}`, which is one of {}",
            port.name.value,
            port.protocol.value.name()
        );
        error(message, route.port.span, "not TCP", "name a port of the protocol TCP");
    }
}
