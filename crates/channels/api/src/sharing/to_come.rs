//! Ingresses, routes and Services that the `from` side could make and that would take traffic: whether admission policies let
//! one of them come to be.
//!
//! A policy counts only for namespaces that nobody of the `from` side can relabel: what a policy is about often hangs on
//! labels.

use super::Sides;
use std::collections::BTreeSet;
use watertight_admission::{Coming, Known, Others, Wanted};

/// The versions in which kinds of the Gateway API are or were served. A policy has to name each, or `*`: which of them are one
/// to the server is not in the input.
const GATEWAY_VERSIONS: [&str; 5] = ["v1", "v1beta1", "v1alpha3", "v1alpha2", "v1alpha1"];

/// The annotations by which an Ingress brings configuration of its own to ingress-nginx.
///
/// Source: <https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/>.
const SNIPPETS: [&str; 5] = [
    "nginx.ingress.kubernetes.io/auth-snippet",
    "nginx.ingress.kubernetes.io/configuration-snippet",
    "nginx.ingress.kubernetes.io/modsecurity-snippet",
    "nginx.ingress.kubernetes.io/server-snippet",
    "nginx.ingress.kubernetes.io/stream-snippet",
];

/// The API group of Gateways and routes.
pub(super) const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";

impl Sides<'_> {
    /// Whether an object like this can come to be, as far as policies go.
    fn comes(&self, wanted: &Wanted) -> bool {
        let is_kept = |namespace: &String| !self.closure.may_relabel(namespace);
        match self.policies.filter(|_| wanted.namespace.as_ref().is_some_and(is_kept)) {
            Some(policies) => {
                let comes = policies.could_come_to_be(wanted) == Coming::Possibly;
                if let Some(noted) = self.kept_away.filter(|noted| !comes && !noted.borrow().contains(wanted))
                {
                    noted.borrow_mut().push(wanted.clone());
                }
                comes
            }
            None => true,
        }
    }

    /// Whether a Service in the namespace can come to name external addresses.
    pub(super) fn may_claim_addresses(&self, namespace: &str) -> bool {
        let claims = spec("externalIPs", some(Known::Nothing));
        self.comes(&Wanted::namespaced(["", "v1", "Service", "services"], namespace, claims))
    }

    /// Whether a Gateway in the namespace can come to ask for addresses.
    pub(super) fn may_ask_for_addresses(&self, namespace: &str) -> bool {
        self.may_make(namespace, ("Gateway", "gateways"), &spec("addresses", some(Known::Nothing)))
    }

    /// Whether an Ingress in the namespace can come to name a host, `None` for one that names none. `by_rules` says that the
    /// controller goes by the rules of Ingresses alone. Versions of Ingress before `v1` are served by no server that has
    /// admission policies.
    pub(super) fn may_publish(&self, namespace: &str, host: Option<&str>, by_rules: bool) -> bool {
        let drafts = match (exact(host), host) {
            (Some(host), _) if by_rules => vec![
                spec("rules", some(Known::with([("host", Known::text(host.clone()))]))),
                // Whose certificate it is, and for which hosts one is asked for.
                spec("tls", some(Known::with([("hosts", some(Known::text(host)))]))),
            ],
            (None, None) if by_rules => vec![
                spec("defaultBackend", Known::with([])),
                spec("rules", some(Known::with([("host", Known::Absent)]))),
            ],
            _ => return self.may_annotate(namespace, &Known::with([])),
        };
        drafts.into_iter().any(|draft| self.comes(&ingress(namespace, draft)))
    }

    /// Whether an Ingress can come to be that brings a piece of configuration for ingress-nginx.
    pub(super) fn may_bring_snippets(&self, namespace: &str) -> bool {
        SNIPPETS.iter().any(|name| {
            let annotations = Known::with([(*name, Known::OtherText(BTreeSet::new()))]);
            self.may_annotate(
                namespace,
                &Known::with([("metadata", Known::with([("annotations", annotations)]))]),
            )
        })
    }

    /// Whether an Ingress like this can come to be by its annotations. Whoever may write its status may change those as well.
    pub(super) fn may_annotate(&self, namespace: &str, draft: &Known) -> bool {
        let by_status = self.closure.may_write(namespace, "networking.k8s.io", "ingresses/status");
        let subresources: &[&str] = if by_status { &["status"] } else { &[] };
        self.comes(&Wanted { subresources, ..ingress(namespace, draft.clone()) })
    }

    /// Whether a route with hosts, of a kind and its resource, can come to be in the namespace and take a host, `None` for
    /// every one. `by_none` says that a route without hosts takes it too: it takes what its listener names.
    pub(super) fn may_route(
        &self,
        namespace: &str,
        of: (&str, &str),
        host: Option<&str>,
        by_none: bool,
    ) -> bool {
        let hosts = |known| spec("hostnames", known);
        let Some(host) = exact(host) else { return self.may_make(namespace, of, &Known::with([])) };
        let none = Known::List { elements: Vec::new(), others: Others::None };
        let without = [hosts(Known::Absent), hosts(none)].into_iter().filter(|_| by_none);
        let mut drafts = std::iter::once(hosts(some(Known::text(host)))).chain(without);
        drafts.any(|draft| self.may_make(namespace, of, &draft))
    }

    /// Whether a Gateway or a ListenerSet, a kind and its resource, can come to be in the namespace that listens for a host,
    /// `None` for every one, or for some that it is among: another listener may be closer to it than the one that it has.
    pub(super) fn may_listen(&self, namespace: &str, of: (&str, &str), host: Option<&str>) -> bool {
        let listening = |known| spec("listeners", some(Known::with([("hostname", known)])));
        let Some(host) = exact(host) else { return self.may_make(namespace, of, &Known::with([])) };
        let above = host.match_indices('.').map(|(dot, _)| format!("*{}", &host[dot..]));
        let meant: BTreeSet<String> = above.chain([host.clone(), "*".to_owned(), String::new()]).collect();
        [Known::Text(meant), Known::Absent]
            .into_iter()
            .any(|known| self.may_make(namespace, of, &listening(known)))
    }

    /// Whether an object of the Gateway API like this can come to be.
    pub(super) fn may_make(&self, namespace: &str, (kind, resource): (&str, &str), draft: &Known) -> bool {
        GATEWAY_VERSIONS.iter().any(|version| {
            let of = [GATEWAY_GROUP, version, kind, resource];
            self.comes(&Wanted::namespaced(of, namespace, draft.clone()))
        })
    }
}

fn ingress(namespace: &str, draft: Known) -> Wanted {
    Wanted::namespaced(["networking.k8s.io", "v1", "Ingress", "ingresses"], namespace, draft)
}

/// A host that is one, as the server takes it: in small letters. What lies below a wildcard is many.
fn exact(host: Option<&str>) -> Option<String> {
    host.filter(|host| !host.is_empty() && !host.contains('*')).map(str::to_ascii_lowercase)
}

fn spec(field: &str, known: Known) -> Known {
    Known::with([("spec", Known::with([(field, known)]))])
}

/// A list with such an element.
fn some(element: Known) -> Known {
    Known::List { elements: vec![element], others: Others::Any }
}
