//! Gateway API, the side of those who publish: routes of all kinds in one shape. Which requests a rule matches is not
//! kept: whoever reaches the proxy may send any.
//!
//! Source: <https://gateway-api.sigs.k8s.io/reference/1.5/spec/>.

use crate::{Admission, NamespaceId, Origin};
use std::fmt;
use watertight_base::Span;

/// A kind with its API group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindName {
    /// The group, empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
}

impl KindName {
    /// Whether it is a Service, which is the default for backends.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.group.is_empty() && self.kind == "Service"
    }

    /// Whether it is a Gateway, which is the default for parents.
    #[must_use]
    pub fn is_gateway(&self) -> bool {
        self.group == "gateway.networking.k8s.io" && self.kind == "Gateway"
    }
}

impl fmt::Display for KindName {
    /// `Service`; `Gateway.gateway.networking.k8s.io`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if self.group.is_empty() { Ok(()) } else { write!(f, ".{}", self.group) }
    }
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The object.
    pub origin: Origin,
    /// The namespace.
    pub namespace: NamespaceId,
    /// Its kind.
    pub kind: RouteKind,
    /// What it attaches to.
    pub parents: Vec<ParentRef>,
    /// Where `useDefaultGateways: All` stands: it attaches to the default Gateways too.
    pub default_gateways: Option<Span>,
    /// The hosts that it is for; empty is every one of the listener's. TCP and UDP have none.
    pub hostnames: Vec<String>,
    /// Its rules.
    pub rules: Vec<RouteRule>,
    /// Whether the API server would take it.
    pub admission: Admission,
}

/// The kind of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteKind {
    /// HTTPRoute.
    Http,
    /// GRPCRoute.
    Grpc,
    /// TLSRoute.
    Tls,
    /// TCPRoute.
    Tcp,
    /// UDPRoute.
    Udp,
}

impl RouteKind {
    /// The kind by name, as ReferenceGrants refer to it.
    #[must_use]
    pub fn name(self) -> KindName {
        let kind = match self {
            Self::Http => "HTTPRoute",
            Self::Grpc => "GRPCRoute",
            Self::Tls => "TLSRoute",
            Self::Tcp => "TCPRoute",
            Self::Udp => "UDPRoute",
        };
        KindName { group: "gateway.networking.k8s.io".to_owned(), kind: kind.to_owned() }
    }
}

/// One element of `parentRefs`, or the `parentRef` of a ListenerSet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParentRef {
    /// The whole element.
    pub span: Span,
    /// The kind, Gateway if it was missing. A Service is a parent inside a mesh.
    pub kind: KindName,
    /// The namespace, the object's own if it was missing.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The name of the listener; `None` is every one.
    pub section: Option<String>,
    /// The port of the listener; `None` is every one.
    pub port: Option<u16>,
}

/// One element of `rules`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteRule {
    /// The whole rule.
    pub span: Span,
    /// Where it leads, by `backendRefs` and by filters.
    pub backends: Vec<RouteBackend>,
    /// What its controller alone understands, and may lead anywhere: `extensionRef`, and filters of unknown types.
    pub extensions: Vec<RouteExtension>,
}

/// Where a rule leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteBackend {
    /// The whole element.
    pub span: Span,
    /// By what.
    pub role: BackendRole,
    /// The kind, Service if it was missing.
    pub kind: KindName,
    /// The namespace, the route's own if it was missing. In another one a ReferenceGrant must allow it.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The port; `None` if it was missing, as it may be for other kinds than Service.
    pub port: Option<u16>,
    /// The share of the requests, 1 if it was missing; 0 gets none. Backends of filters have 1.
    pub weight: u32,
}

/// By what a rule leads to a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BackendRole {
    /// `backendRefs`: requests go there.
    Forward,
    /// A `RequestMirror` filter: copies of requests go there.
    Mirror,
    /// An `ExternalAuth` filter: requests about requests go there.
    Authorize,
}

/// What only a controller understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteExtension {
    /// Where it stands.
    pub span: Span,
    /// The type of the filter: `ExtensionRef`, or one that is not known.
    pub filter: String,
    /// The object that it refers to, if it does: kind and name, in the route's namespace.
    pub target: Option<(KindName, String)>,
}
