//! What leads to pods besides their own addresses, as the objects of the input declare it.

use crate::proxy;
use crate::public::{backs, forwards, is_attached};
use std::collections::BTreeMap;
use std::net::IpAddr;
use watertight_base::{ConnectionSet, PortSet, Protocol};
use watertight_model::{
    BackendPort, Host, Ingress, IngressBackend, IngressBackendKind, ListenerProtocol, NamespaceId, ObjectRef,
    Pod, Route, Service, ServicePort, ServiceType, Snapshot, TargetPort,
};

/// The node ports that a server hands out, unless it is told otherwise.
///
/// Source: <https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport>.
const NODE_PORTS: (u16, u16) = (30_000, 32_767);

/// Pods of the snapshot, each with its own ports that are led to.
pub(crate) type Backends = BTreeMap<usize, ConnectionSet>;

/// Ports of nodes, or of a load balancer in front of them, that lead to pods.
pub(crate) struct NodePort<'a> {
    /// What publishes them: a Service, or the workload with a `hostPort`.
    pub(crate) via: &'a ObjectRef,
    /// The ports of the node.
    pub(crate) at: ConnectionSet,
    /// The ports at which the load balancer of a Service listens, or whatever has its `externalIPs`.
    pub(crate) at_balancer: ConnectionSet,
    /// Where they lead.
    pub(crate) backends: Backends,
}

/// An Ingress or a route.
pub(crate) struct Forwarded<'a> {
    /// The object.
    pub(crate) via: &'a ObjectRef,
    /// Its namespace.
    pub(crate) namespace: NamespaceId,
    /// The ports at which it is published, where no proxy is known to serve it.
    pub(crate) at: ConnectionSet,
    /// Where it leads.
    pub(crate) backends: Backends,
}

/// The pods by their addresses, where endpoints are written.
struct Addresses(BTreeMap<IpAddr, Vec<usize>>);

impl Addresses {
    fn of(snapshot: &Snapshot) -> Self {
        let mut pods: BTreeMap<IpAddr, Vec<usize>> = BTreeMap::new();
        let asked = snapshot.pods.iter().enumerate().filter(|_| !snapshot.endpoints.is_empty());
        for (index, pod) in asked {
            pod.addresses.iter().for_each(|&address| pods.entry(address).or_default().push(index));
        }
        Self(pods)
    }
}

/// Every node port, port by port, and every host port.
pub(crate) fn node_ports(snapshot: &Snapshot) -> Vec<NodePort<'_>> {
    let addresses = Addresses::of(snapshot);
    let is_published = |service: &Service, port: &ServicePort| {
        service.allocates_node_ports || port.node_port.is_some() || !service.external_ips.is_empty()
    };
    let of_services = snapshot.services.iter().flat_map(|service| {
        let ports = service.ports.iter().filter(move |port| is_published(service, port));
        ports.map(|port| of_service(snapshot, &addresses, service, port)).collect::<Vec<_>>()
    });
    // On the network of its node a pod has the node's ports anyway.
    let of_pods = snapshot.pods.iter().enumerate().filter(|(_, pod)| pod.host_network.is_none());
    let of_pods = of_pods.flat_map(|(index, pod)| {
        let ports = pod.ports.iter().filter_map(|port| Some((port, port.host_port.as_ref()?)));
        ports.map(move |(port, host)| NodePort {
            via: &pod.origin.object,
            at: ConnectionSet::of(port.protocol, PortSet::single(host.number)),
            at_balancer: ConnectionSet::empty(),
            backends: Backends::from([(
                index,
                ConnectionSet::of(port.protocol, PortSet::single(port.number)),
            )]),
        })
    });
    of_services.chain(of_pods).filter(|published| !published.backends.is_empty()).collect()
}

fn of_service<'a>(
    snapshot: &'a Snapshot,
    addresses: &Addresses,
    service: &'a Service,
    port: &ServicePort,
) -> NodePort<'a> {
    let at = match port.node_port {
        Some(number) => PortSet::single(number),
        None if service.allocates_node_ports => PortSet::range(NODE_PORTS.0, NODE_PORTS.1),
        None => PortSet::empty(),
    };
    let at_balancer = match (service.kind, service.external_ips.is_empty()) {
        (ServiceType::LoadBalancer, _) | (_, false) => {
            ConnectionSet::of(port.protocol, PortSet::single(port.port))
        }
        _ => ConnectionSet::empty(),
    };
    NodePort {
        via: &service.origin.object,
        at: ConnectionSet::of(port.protocol, at),
        at_balancer,
        backends: behind(snapshot, addresses, service, port),
    }
}

/// The pods behind a port of a Service: those that it selects, and those at the addresses that are written by hand.
fn behind(
    snapshot: &Snapshot,
    Addresses(addresses): &Addresses,
    service: &Service,
    port: &ServicePort,
) -> Backends {
    let first = snapshot.pods.partition_point(|pod| pod.namespace < service.namespace);
    let pods = snapshot.pods.iter().enumerate().skip(first);
    let pods = pods.take_while(|(_, pod)| pod.namespace == service.namespace);
    let selected = pods.filter(|(_, pod)| backs(service, pod));
    let mut backends: Backends = selected.map(|(index, pod)| (index, target(pod, port))).collect();
    let name = Some(&service.origin.object.name);
    let first = snapshot.endpoints.partition_point(|endpoints| endpoints.namespace < service.namespace);
    let endpoints = snapshot.endpoints.iter().skip(first);
    let endpoints = endpoints.take_while(|endpoints| endpoints.namespace == service.namespace);
    let its_own = endpoints.filter(|endpoints| endpoints.service.as_ref() == name);
    for subset in its_own.flat_map(|endpoints| &endpoints.subsets) {
        let ports = subset.ports.iter().filter(|own| own.name == port.name && own.protocol == port.protocol);
        let ports = ports.map(|own| own.number.map_or_else(PortSet::full, PortSet::single));
        let ports = ports.fold(PortSet::empty(), |all, one| all.union(&one));
        let meant = subset.endpoints.iter().filter_map(|endpoint| match &endpoint.host {
            Host::Address(address) => addresses.get(address),
            Host::Name(_) => None,
        });
        let ports = ConnectionSet::of(port.protocol, ports);
        add(&mut backends, meant.flatten().map(|&index| (index, ports.clone())).collect());
    }
    backends.retain(|_, ports| !ports.is_empty());
    backends
}

fn target(pod: &Pod, port: &ServicePort) -> ConnectionSet {
    let numbers = match &port.target {
        TargetPort::Number(number) => PortSet::single(*number),
        TargetPort::Named(name) => {
            let named = pod
                .ports
                .iter()
                .filter(|own| own.name.as_deref() == Some(name.as_str()) && own.protocol == port.protocol);
            named.fold(PortSet::empty(), |all, own| all.union(&PortSet::single(own.number)))
        }
    };
    ConnectionSet::of(port.protocol, numbers)
}

/// Every Ingress, and every route that a Gateway publishes.
pub(crate) fn forwarded(snapshot: &Snapshot) -> Vec<Forwarded<'_>> {
    let addresses = Addresses::of(snapshot);
    let ingresses = snapshot.ingresses.iter().map(|ingress| of_ingress(snapshot, &addresses, ingress));
    let routes = snapshot.routes.iter().filter(|route| is_attached(route));
    let routes = routes.map(|route| of_route(snapshot, &addresses, route));
    ingresses.chain(routes).filter(|forwarded| !forwarded.backends.is_empty()).collect()
}

fn of_ingress<'a>(snapshot: &'a Snapshot, addresses: &Addresses, ingress: &'a Ingress) -> Forwarded<'a> {
    let paths = ingress.rules.iter().flat_map(|rule| &rule.paths).map(|path| &path.backend);
    let mut backends = Backends::new();
    for backend in paths.chain(&ingress.default_backend) {
        add(&mut backends, of_backend(snapshot, addresses, ingress.namespace, backend));
    }
    Forwarded {
        via: &ingress.origin.object,
        namespace: ingress.namespace,
        at: ConnectionSet::of(Protocol::Tcp, PortSet::single(80).union(&PortSet::single(443))),
        backends,
    }
}

fn of_backend(
    snapshot: &Snapshot,
    addresses: &Addresses,
    namespace: NamespaceId,
    backend: &IngressBackend,
) -> Backends {
    let IngressBackendKind::Service { name, port } = &backend.kind else { return Backends::new() };
    let is_meant = |candidate: &ServicePort| match port {
        BackendPort::Number(number) => candidate.port == *number,
        BackendPort::Named(name) => candidate.name == *name,
    };
    of_service_named((snapshot, addresses), namespace, name, is_meant)
}

fn of_route<'a>(snapshot: &'a Snapshot, addresses: &Addresses, route: &'a Route) -> Forwarded<'a> {
    let mut backends = Backends::new();
    for backend in route.rules.iter().flat_map(|rule| &rule.backends) {
        let leads = forwards(snapshot, route, backend) && backend.kind.is_service();
        let Some(namespace) = snapshot.namespace_named(&backend.namespace).filter(|_| leads) else {
            continue;
        };
        let is_meant = |port: &ServicePort| backend.port.is_none_or(|number| port.port == number);
        add(&mut backends, of_service_named((snapshot, addresses), namespace, &backend.name, is_meant));
    }
    Forwarded {
        via: &route.origin.object,
        namespace: route.namespace,
        at: listened(snapshot, route),
        backends,
    }
}

/// The ports of the Gateways that a route names.
fn listened(snapshot: &Snapshot, route: &Route) -> ConnectionSet {
    let gateways = snapshot.gateways.iter().filter(|gateway| {
        let namespace = &snapshot.namespace(gateway.namespace).name;
        let name = &gateway.origin.object.name;
        let mut parents = route.parents.iter();
        parents.any(|parent| parent.namespace == *namespace && parent.name == *name)
    });
    let listeners = gateways.flat_map(|gateway| &gateway.listeners);
    let ports = listeners.map(|listener| {
        let protocol = match listener.protocol {
            ListenerProtocol::Udp => Protocol::Udp,
            _ => Protocol::Tcp,
        };
        ConnectionSet::of(protocol, PortSet::single(listener.port))
    });
    ports.fold(ConnectionSet::empty(), |all, port| all.union(&port))
}

fn of_service_named(
    (snapshot, addresses): (&Snapshot, &Addresses),
    namespace: NamespaceId,
    name: &str,
    is_meant: impl Fn(&ServicePort) -> bool,
) -> Backends {
    let services = snapshot.services.iter();
    let services =
        services.filter(|service| service.namespace == namespace && service.origin.object.name == name);
    let mut backends = Backends::new();
    for service in services {
        for port in service.ports.iter().filter(|port| is_meant(port)) {
            add(&mut backends, behind(snapshot, addresses, service, port));
        }
    }
    backends
}

fn add(all: &mut Backends, more: Backends) {
    for (pod, ports) in more {
        let known = all.entry(pod).or_default();
        *known = known.union(&ports);
    }
}

/// The pods that are known as proxies and watch a namespace, and the ports at which each says that it listens: all, if it
/// says nothing.
pub(crate) fn proxies(snapshot: &Snapshot, namespace: NamespaceId) -> Backends {
    let says = |pod: &Pod| {
        let ports =
            pod.ports.iter().map(|port| ConnectionSet::of(port.protocol, PortSet::single(port.number)));
        let ports = ports.fold(ConnectionSet::empty(), |all, port| all.union(&port));
        if ports.is_empty() { ConnectionSet::full() } else { ports }
    };
    let serving = proxy::watching(snapshot, &[namespace]);
    serving.into_iter().filter_map(|index| Some((index, says(snapshot.pods.get(index)?)))).collect()
}
