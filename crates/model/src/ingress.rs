//! Ingress and IngressClass: what a shared proxy forwards to Services of the Ingress' own namespace.
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/>.

use crate::{Admission, Host, NamespaceId, Origin, Written};
use std::collections::BTreeMap;
use watertight_base::Span;

/// An Ingress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ingress {
    /// The object.
    pub origin: Origin,
    /// The namespace, in which its backends are looked for.
    pub namespace: NamespaceId,
    /// `spec.ingressClassName`.
    pub class: Option<Written>,
    /// The annotation `kubernetes.io/ingress.class`, which controllers still honour. An Ingress without either belongs to
    /// the default class, or to whichever controller takes those without a class.
    pub class_annotation: Option<Written>,
    /// All annotations but those of `kubectl.kubernetes.io`: controllers take orders by them, some of which lead
    /// elsewhere (mirrors, authentication, snippets of configuration).
    pub annotations: BTreeMap<String, Written>,
    /// The backend for whatever no rule matches.
    pub default_backend: Option<IngressBackend>,
    /// The rules.
    pub rules: Vec<IngressRule>,
    /// `status.loadBalancer.ingress`: where it is published.
    pub published_at: Vec<Host>,
    /// Whether the API server would take it.
    pub admission: Admission,
}

/// One element of `rules`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressRule {
    /// The whole rule.
    pub span: Span,
    /// The host; `None` is every one, and `*.` at its start one label.
    pub host: Option<String>,
    /// Its paths. Without any it leads to the default backend.
    pub paths: Vec<IngressPath>,
}

/// One element of `http.paths`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressPath {
    /// The whole element.
    pub span: Span,
    /// The path, empty if it was missing.
    pub path: String,
    /// How it is matched.
    pub kind: PathType,
    /// Where it leads.
    pub backend: IngressBackend,
}

/// `pathType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathType {
    /// This path alone.
    Exact,
    /// All below it, element by element.
    Prefix,
    /// As the controller sees fit; also where the type is missing or unknown.
    ImplementationSpecific,
}

/// Where an Ingress leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressBackend {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: IngressBackendKind,
}

/// What a backend is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IngressBackendKind {
    /// A Service of the Ingress' namespace.
    Service {
        /// Its name.
        name: String,
        /// Its port.
        port: BackendPort,
    },
    /// An object of the Ingress' namespace that only its controller understands.
    Resource {
        /// The API group, empty for the core group.
        group: String,
        /// The kind.
        kind: String,
        /// The name.
        name: String,
    },
}

/// A port of a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackendPort {
    /// By number.
    Number(u16),
    /// By the name of the Service port.
    Named(String),
}

/// An IngressClass: which controller serves the Ingresses of this class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngressClass {
    /// The object.
    pub origin: Origin,
    /// `spec.controller`, as `k8s.io/ingress-nginx`; empty if it was missing.
    pub controller: String,
    /// Whether Ingresses without a class get this one.
    pub is_default: bool,
    /// Whether the API server would take it.
    pub admission: Admission,
}
