//! Service: a name and addresses that lead to pods (rules N39 to N41).
//!
//! Source: <https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/>.

use crate::{Admission, Host, NamespaceId, Origin, Written};
use ipnet::IpNet;
use std::net::IpAddr;
use watertight_base::{Labels, Protocol, Span};

/// A Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The object.
    pub origin: Origin,
    /// The namespace.
    pub namespace: NamespaceId,
    /// How it is published.
    pub kind: ServiceType,
    /// Where `spec.type` stands, if it was written.
    pub kind_span: Option<Span>,
    /// The pods behind it, by label; `None` for a Service without a selector, whose backends are written by hand.
    pub selector: Option<Labels>,
    /// Its ports.
    pub ports: Vec<ServicePort>,
    /// `clusterIP: None`: no address of its own, its name means its pods.
    pub is_headless: bool,
    /// `spec.clusterIP` and `spec.clusterIPs`, each once, as far as the input knows them.
    pub cluster_ips: Vec<IpAddr>,
    /// `spec.ipFamilies`; empty if the cluster decides.
    pub families: Vec<IpFamily>,
    /// `spec.externalName`, which counts for [`ServiceType::ExternalName`] alone. Mostly a name in DNS, though the server
    /// takes what looks like an address too.
    pub external_name: Option<Written>,
    /// `spec.externalIPs`: whatever is sent to one of these from a node or pod comes to this Service.
    pub external_ips: Vec<IpAddr>,
    /// Where `spec.externalIPs` stands, if it names any.
    pub external_ips_span: Option<Span>,
    /// `status.loadBalancer.ingress` and `spec.loadBalancerIP`, each once.
    pub load_balancers: Vec<Host>,
    /// `spec.loadBalancerClass`.
    pub load_balancer_class: Option<String>,
    /// `spec.loadBalancerSourceRanges`.
    pub source_ranges: Vec<IpNet>,
    /// Whether its ports get node ports without saying so: the type is NodePort or LoadBalancer, and
    /// `allocateLoadBalancerNodePorts` is not `false`.
    pub allocates_node_ports: bool,
    /// `externalTrafficPolicy: Local`: the client's address is kept (rule N41).
    pub keeps_client_address: bool,
    /// `internalTrafficPolicy: Local`: from within the cluster it leads to pods of the same node alone.
    pub stays_on_node: bool,
    /// `publishNotReadyAddresses`: pods that are not ready count too.
    pub publishes_not_ready: bool,
    /// Whether the API server would take it.
    pub admission: Admission,
}

/// `spec.type` of a Service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceType {
    /// An address inside the cluster, or none for a headless one.
    ClusterIp,
    /// A port on every node.
    NodePort,
    /// An address outside, from the cloud.
    LoadBalancer,
    /// An alias in DNS.
    ExternalName,
}

/// A family of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IpFamily {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// One port of a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePort {
    /// Its name, which the ports of Endpoints and the backends of Ingresses refer to; empty for the one port that needs none.
    pub name: String,
    /// The protocol, TCP if it was missing.
    pub protocol: Protocol,
    /// The port of the Service.
    pub port: u16,
    /// The port of the pod.
    pub target: TargetPort,
    /// The port on every node.
    pub node_port: Option<u16>,
    /// The whole element.
    pub span: Span,
}

/// `targetPort` of a Service port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetPort {
    /// A number; the Service's own port if it was missing.
    Number(u16),
    /// The container port of this name, on each pod by itself.
    Named(String),
}
