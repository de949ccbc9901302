//! Ingresses, routes and Gateways: they name hosts of the environment alone, so that nobody takes requests of others.
//!
//! The hosts are those that its applications publish, in whatever form they are, and those in `hosts`. Where there is none,
//! nothing can be published.

use super::{About, Guard, WRITTEN, list};
use crate::manifest::Serves;
use std::collections::BTreeSet;
use watertight_base::{Span, dns_subdomain};
use watertight_intent::Environment;

const GATEWAY_API: &str = "gateway.networking.k8s.io";

/// Annotations of ingress-nginx by which an Ingress connects to any address, takes a host that is in no rule, or writes the
/// configuration of the proxy.
///
/// Source: <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/>.
const BEYOND_RULES: [&str; 8] = [
    "auth-snippet",
    "auth-url",
    "configuration-snippet",
    "mirror-target",
    "modsecurity-snippet",
    "server-alias",
    "server-snippet",
    "stream-snippet",
];

/// Annotations of ingress-nginx that name a Secret or a ConfigMap, with a namespace before a slash.
///
/// Source: <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/>.
pub(crate) const REFERENCES: [&str; 6] = [
    "auth-proxy-set-headers",
    "auth-secret",
    "auth-tls-secret",
    "custom-headers",
    "fastcgi-params-configmap",
    "proxy-ssl-secret",
];

pub(super) fn guards(environment: &Environment, hosts: BTreeSet<String>) -> Vec<Guard> {
    let hosts = Hosts::of(environment, hosts);
    let mut guards = vec![ingresses(environment, &hosts), routes(environment, &hosts)];
    // Production's own role has no right to these, and who has it there acts for the cluster.
    if !environment.production.value {
        guards.extend([gateways(&hosts), streams(environment)]);
    }
    guards
}

/// The hosts of an environment.
struct Hosts {
    names: BTreeSet<String>,
    asked_by: Span,
}

impl Hosts {
    /// What is no host, no server takes in a rule; and in an expression it could be anything.
    fn of(environment: &Environment, mut names: BTreeSet<String>) -> Self {
        names.retain(|name| dns_subdomain(name.strip_prefix("*.").unwrap_or(name)).is_ok());
        let asked_by = environment.hosts.first().map_or(environment.name.span, |first| first.span);
        Self { names, asked_by }
    }

    /// Whether an expression is one of the hosts. An empty text is none.
    fn has(&self, expression: &str) -> String {
        let mut either = Vec::new();
        if !self.names.is_empty() {
            either.push(format!("{expression} in {}", list(self.names.iter().map(String::as_str))));
        }
        let ends = self.names.iter().filter_map(|name| name.strip_prefix('*'));
        either.extend(ends.map(|end| format!("{expression}.endsWith('{end}')")));
        if either.is_empty() { "false".to_owned() } else { either.join(" || ") }
    }

    /// What is said of a host that is none of these.
    fn why(&self, what: &str) -> String {
        format!("{what} only hosts of the environment: those in `hosts`, and those of its applications")
    }

    fn guard(&self, concern: &'static str, about: About, validations: Vec<(String, String)>) -> Guard {
        Guard { concern, serves: Serves::Api, asked_by: self.asked_by, about: vec![about], validations }
    }
}

fn ingresses(environment: &Environment, hosts: &Hosts) -> Guard {
    let why = hosts.why("an Ingress names");
    let prefixed = |names: &[&str]| {
        let names: Vec<String> =
            names.iter().map(|name| format!("nginx.ingress.kubernetes.io/{name}")).collect();
        list(names.iter().map(String::as_str))
    };
    let annotations = "object.metadata.?annotations.orValue({})";
    let own: Vec<String> =
        environment.namespaces.iter().map(|namespace| format!("{}/", namespace.value)).collect();
    let own = list(own.iter().map(String::as_str));
    let validations = if hosts.names.is_empty() {
        vec![("false".to_owned(), why)]
    } else {
        vec![
            (
                "!has(object.spec.defaultBackend)".to_owned(),
                "an Ingress may not have a defaultBackend, which takes requests for every host".to_owned(),
            ),
            (
                format!("object.spec.?rules.orValue([]).all(rule, {})", hosts.has("rule.?host.orValue('')")),
                why.clone(),
            ),
            (
                format!(
                    "object.spec.?tls.orValue([]).all(tls, tls.?hosts.orValue([]).all(host, {}))",
                    hosts.has("host")
                ),
                why,
            ),
            (
                format!("{}.all(name, !(name in {annotations}))", prefixed(&BEYOND_RULES)),
                "an Ingress may not have annotations by which ingress-nginx goes past its rules: auth-url, mirror-target, \
                 server-alias and snippets"
                    .to_owned(),
            ),
            (
                format!(
                    "{}.all(name, !(name in {annotations}) || !{annotations}[name].contains('/') || \
                     {own}.exists(own, {annotations}[name].startsWith(own)))",
                    prefixed(&REFERENCES)
                ),
                "an annotation of an Ingress may not name Secrets and ConfigMaps of namespaces that are others'".to_owned(),
            ),
        ]
    };
    // Whoever may write the status changes annotations by it.
    let about = About {
        group: "networking.k8s.io",
        version: "v1",
        resources: &["ingresses", "ingresses/status"],
        operations: WRITTEN,
    };
    hosts.guard("ingresses", about, validations)
}

/// Every version of the kinds counts: which of them are one to the server is not known here.
fn gateway_api(resources: &'static [&'static str]) -> About {
    About { group: GATEWAY_API, version: "*", resources, operations: WRITTEN }
}

/// Routes that are told apart by hosts. Without hosts, one takes all that its listener has.
///
/// Source: <https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec>.
fn routes(environment: &Environment, hosts: &Hosts) -> Guard {
    let why = hosts.why("a route names");
    let own = list(environment.namespaces.iter().map(|namespace| namespace.value.as_str()));
    let validations = if hosts.names.is_empty() {
        vec![("false".to_owned(), why)]
    } else {
        vec![
            ("size(object.spec.?hostnames.orValue([])) > 0".to_owned(), why.clone()),
            (format!("object.spec.?hostnames.orValue([]).all(host, {})", hosts.has("host")), why),
            (
                format!(
                    "object.spec.?rules.orValue([]).all(rule, rule.?backendRefs.orValue([]).all(backend, \
                     backend.?group.orValue('') == '' && backend.?kind.orValue('Service') == 'Service' && \
                     backend.?namespace.orValue(request.namespace) in {own}))"
                ),
                "a route leads to Services of the environment alone".to_owned(),
            ),
        ]
    };
    hosts.guard("routes", gateway_api(&["grpcroutes", "httproutes", "tlsroutes"]), validations)
}

/// A listener for a host, for a wildcard above it or for every host may be closer to it than that of others.
fn gateways(hosts: &Hosts) -> Guard {
    let validations = vec![(
        format!(
            "object.spec.?listeners.orValue([]).all(listener, {})",
            hosts.has("listener.?hostname.orValue('')")
        ),
        hosts.why("a listener names"),
    )];
    hosts.guard("gateways", gateway_api(&["gateways", "listenersets"]), validations)
}

/// What names no host, and so takes whatever comes.
fn streams(environment: &Environment) -> Guard {
    Guard {
        concern: "streams",
        serves: Serves::Api,
        asked_by: environment.name.span,
        about: vec![gateway_api(&["backendtlspolicies", "tcproutes", "udproutes"])],
        validations: vec![(
            "false".to_owned(),
            "a TCPRoute, a UDPRoute or a BackendTLSPolicy names no host, and takes what is others'"
                .to_owned(),
        )],
    }
}
