//! Hosts, of which each belongs to one environment: what two of them publish, one of them takes from the other.

use super::object::Object;
use crate::rules;
use watertight_base::{Diagnostic, Span};
use watertight_ingest::Tree;
use watertight_intent::{EnvironmentId, Intent, PlacedSource};

/// Annotations in which hosts stand, with commas between: names that DNS is to have, and further names of a proxy.
///
/// Sources: <https://kubernetes-sigs.github.io/external-dns/latest/docs/annotations/annotations/> and
/// <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#server-alias>.
const ANNOTATIONS: [&str; 3] = [
    "external-dns.alpha.kubernetes.io/hostname",
    "external-dns.alpha.kubernetes.io/internal-hostname",
    "nginx.ingress.kubernetes.io/server-alias",
];

/// A host that an environment publishes, or may publish.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    pub(crate) environment: EnvironmentId,
    pub(crate) name: String,
    span: Span,
}

/// All hosts that environments publish, by objects and by short forms.
pub(crate) fn published(intent: &Intent, objects: &[Object<'_>]) -> Vec<Host> {
    let mut hosts = Vec::new();
    for placement in intent.applications.iter().flat_map(|application| &application.placements) {
        if let PlacedSource::Workload(workload) = &placement.source {
            hosts.extend(workload.routes.iter().map(|route| Host {
                environment: placement.environment,
                name: route.host.value.to_ascii_lowercase(),
                span: route.host.span,
            }));
        }
    }
    for object in objects {
        hosts.extend(of_object(object).into_iter().map(|(name, span)| Host {
            environment: object.environment,
            name: name.trim().trim_end_matches('.').to_ascii_lowercase(),
            span,
        }));
    }
    hosts.retain(|host| !host.name.is_empty());
    hosts
}

/// All hosts that an intent lists: what its environments may publish by objects that no application gives.
pub(crate) fn listed(intent: &Intent) -> impl Iterator<Item = Host> {
    (0..).zip(&intent.environments).flat_map(|(index, environment)| {
        environment.hosts.iter().map(move |host| Host {
            environment: EnvironmentId(index),
            name: host.value.to_ascii_lowercase(),
            span: host.span,
        })
    })
}

fn of_object<'q>(object: &Object<'q>) -> Vec<(&'q str, Span)> {
    let mut hosts = Vec::new();
    let text = |tree: &'q Tree| tree.text().map(|text| (text, tree.span));
    match object.kind.name {
        "Ingress" => {
            let rules = object.at(&["spec", "rules"]).map(Tree::elements).unwrap_or_default();
            hosts.extend(rules.iter().filter_map(|rule| rule.get("host")).filter_map(text));
            let certificates = object.at(&["spec", "tls"]).map(Tree::elements).unwrap_or_default();
            let names = certificates.iter().filter_map(|tls| tls.get("hosts")).flat_map(Tree::elements);
            hosts.extend(names.filter_map(text));
        }
        "HTTPRoute" | "GRPCRoute" => {
            let names = object.at(&["spec", "hostnames"]).map(Tree::elements).unwrap_or_default();
            hosts.extend(names.iter().filter_map(text));
        }
        _ => {}
    }
    for annotation in ANNOTATIONS.iter().filter_map(|key| object.annotation(key)) {
        let names = annotation.text().unwrap_or_default().split(',');
        hosts.extend(names.map(|name| (name, annotation.span)));
    }
    hosts
}

/// Hosts that two environments publish, each named where the later environment does.
pub(crate) fn shared(intent: &Intent, hosts: &[Host]) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for host in hosts {
        let other = hosts.iter().find(|other| {
            other.environment < host.environment
                && (takes(&host.name, &other.name) || takes(&other.name, &host.name))
        });
        let Some(other) = other else { continue };
        let name = |id: EnvironmentId| intent.environments.get(id.0).map_or("", |it| it.name.value.as_str());
        let (own, theirs) = (name(host.environment), name(other.environment));
        let below = if other.name == host.name { String::new() } else { format!(", as `{}`", other.name) };
        let message = format!("the host `{}` of `{own}` is one of `{theirs}` too{below}", host.name);
        let help = "give each environment hosts of its own, by an overlay, by `values` or by manifests of its own in `overrides`";
        let diagnostic = Diagnostic::error(rules::SHARED_ROUTE, message);
        diagnostics.push(diagnostic.at(host.span, format!("a host of `{theirs}` too")).help(help));
    }
    diagnostics
}

/// Whether a host takes requests from another: it is the same, or one below its wildcard.
fn takes(host: &str, other: &str) -> bool {
    host == other || other.strip_prefix('*').is_some_and(|end| host.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::takes;

    #[test]
    fn a_host_takes_from_the_same_one_and_from_the_wildcard_above_it() {
        assert!(takes("shop.example.com", "shop.example.com"));
        assert!(takes("a.example.com", "*.example.com"));
        assert!(takes("*.a.example.com", "*.example.com"));
        assert!(!takes("example.com", "*.example.com"));
        assert!(!takes("a-example.com", "*.example.com"));
        assert!(!takes("*.example.com", "a.example.com"));
    }
}
