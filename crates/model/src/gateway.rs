//! Gateway API, the side of those who run proxies: classes, Gateways with their listeners, and what may attach to them.
//!
//! Source: <https://gateway-api.sigs.k8s.io/reference/1.5/spec/>.

use crate::{Admission, Host, KindName, NamespaceId, Origin, ParentRef, Written};
use watertight_base::{Labels, Selector, Span};

/// A GatewayClass: which controller serves the Gateways of this class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayClass {
    /// The object.
    pub origin: Origin,
    /// `spec.controllerName`, as `gateway.envoyproxy.io/gatewayclass-controller`.
    pub controller: String,
    /// Whether the API server would take it.
    pub admission: Admission,
}

/// A Gateway: a proxy, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gateway {
    /// The object.
    pub origin: Origin,
    /// The namespace.
    pub namespace: NamespaceId,
    /// `spec.gatewayClassName`.
    pub class: Written,
    /// Where it listens.
    pub listeners: Vec<Listener>,
    /// `spec.addresses`: those that it asks for, each once.
    pub asked: Vec<Host>,
    /// Where it asks.
    pub asked_span: Option<Span>,
    /// `status.addresses`: those that its controller says it has, each once.
    pub addresses: Vec<Host>,
    /// The namespaces whose ListenerSets may add listeners; none if it was missing.
    pub listener_sets: RouteNamespaces,
    /// `spec.infrastructure.labels`: labels that its controller puts on what it makes for it, pods among them.
    pub infrastructure_labels: Labels,
    /// `defaultScope: All`: routes may ask for the default Gateways and mean this one.
    pub is_default: bool,
    /// Whether the API server would take it.
    pub admission: Admission,
}

/// A ListenerSet: further listeners of a Gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerSet {
    /// The object.
    pub origin: Origin,
    /// The namespace, which is what `Same` means in its listeners.
    pub namespace: NamespaceId,
    /// The Gateway. It has neither section nor port.
    pub parent: ParentRef,
    /// The listeners.
    pub listeners: Vec<Listener>,
    /// Whether the API server would take it.
    pub admission: Admission,
}

impl Gateway {
    /// Where it is or wants to be.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.asked.iter().chain(&self.addresses)
    }
}

/// One listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The whole element.
    pub span: Span,
    /// Its name, to which the `sectionName` of routes refers.
    pub name: String,
    /// What it speaks.
    pub protocol: ListenerProtocol,
    /// Its port.
    pub port: u16,
    /// The host; `None` is every one, and `*.` at its start one or more labels.
    pub hostname: Option<String>,
    /// Which routes may attach.
    pub routes: AllowedRoutes,
}

/// What a listener speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenerProtocol {
    /// HTTP.
    Http,
    /// HTTP in TLS, which ends here.
    Https,
    /// TLS.
    Tls,
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// One that its controller defines.
    Other(String),
}

/// `allowedRoutes` of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedRoutes {
    /// Where it stands; the listener if it was missing.
    pub span: Span,
    /// The namespaces of the routes.
    pub namespaces: RouteNamespaces,
    /// The kinds of the routes; `None` is all that fit the protocol. Never an empty list.
    pub kinds: Option<Vec<KindName>>,
}

/// Namespaces as seen from a Gateway or a ListenerSet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteNamespaces {
    /// All.
    All,
    /// Its own; the default for routes.
    Same,
    /// None; the default for ListenerSets.
    None,
    /// Those that the selector selects.
    Selected(Selector),
}

/// A ReferenceGrant: its namespace lets objects of others refer to its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceGrant {
    /// The object.
    pub origin: Origin,
    /// The namespace that grants.
    pub namespace: NamespaceId,
    /// Who may refer. Each of these to each of `to`.
    pub from: Vec<GrantFrom>,
    /// What may be referred to.
    pub to: Vec<GrantTo>,
    /// Whether the API server would take it.
    pub admission: Admission,
}

/// One element of `from`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantFrom {
    /// The whole element.
    pub span: Span,
    /// The kind of those who refer.
    pub kind: KindName,
    /// Their namespace.
    pub namespace: String,
}

/// One element of `to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantTo {
    /// The whole element.
    pub span: Span,
    /// The kind of what is referred to.
    pub kind: KindName,
    /// Its name; `None` is every one.
    pub name: Option<String>,
}
