//! Endpoints and EndpointSlices in one shape: the addresses that a Service leads to, whoever wrote them.
//!
//! Source: <https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/>.

use crate::{Admission, Host, NamespaceId, Origin};
use watertight_base::{Protocol, Span};

/// An Endpoints or an EndpointSlice. One of many for its Service: all of them count together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The object.
    pub origin: Origin,
    /// The namespace, which is that of the Service.
    pub namespace: NamespaceId,
    /// The Service that they are for: the name of an Endpoints, the label `kubernetes.io/service-name` of a slice; `None`
    /// for a slice without it, which no Service uses.
    pub service: Option<String>,
    /// Who says that they wrote it. Whoever may write the object may claim anything here: a controller puts right what is
    /// its own only while the Service has a selector (or, for [`EndpointsWriter::Mirror`], while the Endpoints are there).
    pub writer: EndpointsWriter,
    /// The addresses with their ports. An EndpointSlice has one.
    pub subsets: Vec<EndpointSubset>,
    /// Whether the API server would take it.
    pub admission: Admission,
}

/// Who claims to have written it, by `endpointslice.kubernetes.io/managed-by` or `endpoints.kubernetes.io/managed-by`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointsWriter {
    /// The cluster's own controller, from the selector of the Service.
    Controller,
    /// The cluster's own controller, from Endpoints of the same name.
    Mirror,
    /// Another controller, of this name.
    Other(String),
    /// Nobody: it is written by hand, or by a server older than 1.33, which left no label on Endpoints.
    Unlabelled,
}

/// Addresses with the ports that all of them have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointSubset {
    /// Where it stands.
    pub span: Span,
    /// The ports. None at all is no way in.
    pub ports: Vec<EndpointPort>,
    /// The addresses.
    pub endpoints: Vec<Endpoint>,
}

/// One port of a subset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointPort {
    /// The name of the Service port that leads to it; empty for the one that has none.
    pub name: String,
    /// The protocol, TCP if it was missing.
    pub protocol: Protocol,
    /// The number; `None` is every port.
    pub number: Option<u16>,
}

/// One backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The whole element, or its address if it is but one of several.
    pub span: Span,
    /// Its address. A name is in slices of the type `FQDN` alone, which kube-proxy passes over.
    pub host: Host,
    /// Whether it is ready. Others may get traffic all the same.
    pub is_ready: bool,
    /// `targetRef`: what it says to be. Whoever wrote the object may claim anything; traffic goes to the address.
    pub target: Option<EndpointTarget>,
    /// `nodeName`.
    pub node_name: Option<String>,
}

/// What an endpoint says to be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointTarget {
    /// A pod.
    Pod {
        /// The namespace, that of the object if it was missing.
        namespace: String,
        /// The name.
        name: String,
    },
    /// A node of this name.
    Node(String),
    /// Something of another kind.
    Other,
}
