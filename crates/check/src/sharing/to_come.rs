//! Ingresses, routes and Services that the `from` side could make and that would take traffic, unless admission policies refuse
//! them (docs/admission.md). Each question is asked to its end, since each refusal that closes something is needed.

use super::Sides;
use crate::admission::Kind;
use crate::format::{KnownField, Word};
use std::collections::BTreeSet;

/// The group of Gateways and routes, and the versions in which they are or were served.
pub(super) const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";
const GATEWAY_VERSIONS: [&str; 5] = ["v1", "v1beta1", "v1alpha3", "v1alpha2", "v1alpha1"];

/// The annotations by which an Ingress brings configuration of its own to ingress-nginx.
const SNIPPETS: [&str; 5] =
    ["auth-snippet", "configuration-snippet", "modsecurity-snippet", "server-snippet", "stream-snippet"];

impl Sides<'_> {
    fn comes(&self, kind: &Kind, namespace: &str, fields: &[KnownField], subresources: &[&str]) -> bool {
        !self.kept.refuses(self.snapshot, (kind, namespace), fields, subresources)
    }

    /// Whether a Service can come to name external addresses.
    pub(crate) fn may_claim_addresses(&self, namespace: &str) -> bool {
        let kind = Kind::new(["", "v1", "Service", "services"]);
        self.comes(&kind, namespace, &[is(&["spec", "externalIPs", "*"], Word::Anything)], &[])
    }

    /// Whether a Gateway that somebody may write can come to ask for addresses.
    pub(crate) fn may_ask_for_addresses(&self, namespace: &str) -> bool {
        let any = is(&["spec", "addresses", "*"], Word::Anything);
        self.kept.may_write(namespace, GATEWAY_GROUP, "gateways")
            && self.may_make(namespace, ("Gateway", "gateways"), &[any])
    }

    /// Whether an Ingress can come to name a host, `None` for one that names none.
    pub(super) fn may_publish(&self, namespace: &str, host: Option<&str>, by_rules: bool) -> bool {
        let fields = match (exact(host), host) {
            (Some(host), _) if by_rules => [
                one_of(&["spec", "rules", "*", "host"], [host.clone()]),
                one_of(&["spec", "tls", "*", "hosts", "*"], [host]),
            ],
            (None, None) if by_rules => [
                is(&["spec", "defaultBackend"], Word::Object),
                is(&["spec", "rules", "*", "host"], Word::Absent),
            ],
            _ => return self.may_annotate(namespace, &[]),
        };
        let asked = fields.into_iter().map(|field| self.comes(&ingresses(), namespace, &[field], &[]));
        asked.fold(false, |any, may| any | may)
    }

    /// Whether an Ingress can come to be that brings a piece of configuration for ingress-nginx.
    pub(super) fn may_bring_snippets(&self, namespace: &str) -> bool {
        let asked = SNIPPETS.into_iter().map(|name| {
            let path = ["metadata", "annotations", &format!("nginx.ingress.kubernetes.io/{name}")];
            let any = KnownField { other_than: Some(BTreeSet::new()), ..known(&path) };
            self.may_annotate(namespace, &[any])
        });
        asked.fold(false, |any, may| any | may)
    }

    /// Whether an Ingress like this can come to be by its annotations, which whoever writes its status may change too.
    pub(super) fn may_annotate(&self, namespace: &str, fields: &[KnownField]) -> bool {
        let by_status = self.kept.may_write(namespace, "networking.k8s.io", "ingresses/status");
        self.comes(&ingresses(), namespace, fields, if by_status { &["status"] } else { &[] })
    }

    /// Whether a route with hosts can come to take a host, `None` for every one; `by_none` if one without hosts takes it too.
    pub(super) fn may_route(
        &self,
        namespace: &str,
        of: (&str, &str),
        host: Option<&str>,
        by_none: bool,
    ) -> bool {
        let Some(host) = exact(host) else { return self.may_make(namespace, of, &[]) };
        let hosts = ["spec", "hostnames"];
        let mut fields = vec![one_of(&["spec", "hostnames", "*"], [host])];
        if by_none {
            fields.extend([is(&hosts, Word::Absent), is(&hosts, Word::Empty)]);
        }
        let asked = fields.into_iter().map(|field| self.may_make(namespace, of, &[field]));
        asked.fold(false, |any, may| any | may)
    }

    /// Whether a Gateway or a ListenerSet can come to listen for a host, `None` for every one, or for some that it is among.
    pub(super) fn may_listen(&self, namespace: &str, of: (&str, &str), host: Option<&str>) -> bool {
        let Some(host) = exact(host) else { return self.may_make(namespace, of, &[]) };
        let path = ["spec", "listeners", "*", "hostname"];
        let above = host.match_indices('.').map(|(dot, _)| format!("*{}", &host[dot..]));
        let meant = above.chain([host.clone(), "*".to_owned(), String::new()]);
        let asked = [one_of(&path, meant), is(&path, Word::Absent)];
        let asked = asked.into_iter().map(|field| self.may_make(namespace, of, &[field]));
        asked.fold(false, |any, may| any | may)
    }

    /// Whether an object of the Gateway API can come to be, in any version.
    pub(super) fn may_make(
        &self,
        namespace: &str,
        (kind, resource): (&str, &str),
        fields: &[KnownField],
    ) -> bool {
        let asked = GATEWAY_VERSIONS.into_iter().map(|version| {
            let kind = Kind::new([GATEWAY_GROUP, version, kind, resource]);
            self.comes(&kind, namespace, fields, &[])
        });
        asked.fold(false, |any, may| any | may)
    }
}

fn ingresses() -> Kind {
    Kind::new(["networking.k8s.io", "v1", "Ingress", "ingresses"])
}

/// A host that is one, in small letters. What lies below a wildcard is many.
fn exact(host: Option<&str>) -> Option<String> {
    host.filter(|host| !host.is_empty() && !host.contains('*')).map(str::to_ascii_lowercase)
}

fn known(path: &[&str]) -> KnownField {
    let path = path.iter().map(|&step| step.to_owned()).collect();
    KnownField { path, one_of: None, other_than: None, is: None }
}

fn is(path: &[&str], word: Word) -> KnownField {
    KnownField { is: Some(word), ..known(path) }
}

fn one_of(path: &[&str], texts: impl IntoIterator<Item = String>) -> KnownField {
    KnownField { one_of: Some(texts.into_iter().collect()), ..known(path) }
}
