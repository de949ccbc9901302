//! What objects carry on, in the map (N39 to N42, conventions 7 and 8).

use crate::world::{World, without_faults};
use std::collections::BTreeSet;
use watertight_base::{ConnectionSet, PortSet, Protocol};
use watertight_model::{Path, Peer, Relation};
use watertight_network::connectivity;

const CLOSED: &str = "podSelector: {}\npolicyTypes: [Ingress]";
/// Whoever comes from a node's address gets in, and no pod does.
const NODES_ONLY: &str =
    "podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.244.0.0/16]}}]}]";

/// Two pods on each side, nodes in 172.31.0.0/16 and pods in 10.244.0.0/16.
fn world() -> World {
    let node = "spec: {podCIDR: 10.244.1.0/24, podCIDRs: [10.244.1.0/24]}\nstatus: {addresses: [{type: InternalIP, address: 172.31.0.1}]}\n";
    let world = World::default().namespace("staging", "env: stg").namespace("production", "env: prd");
    let world = world.object("v1", "Node", "name: one", node);
    ["staging/a", "staging/b", "production/a", "production/b"].into_iter().enumerate().fold(
        world,
        |world, (number, name)| {
            let (namespace, name) = name.split_once('/').unwrap();
            let metadata = format!("name: {name}\nnamespace: {namespace}\nlabels: {{app: {name}}}");
            let address = format!("10.244.1.{}", number + 7);
            let rest = format!(
                "spec: {{nodeName: one, containers: [{{name: main, image: example.com/app, ports: [{{name: web, containerPort: 8080}}]}}]}}\nstatus: {{phase: Running, podIP: {address}, podIPs: [{{ip: {address}}}]}}\n"
            );
            world.object("v1", "Pod", &metadata, &rest)
        },
    )
}

fn service(world: World, spec: &str) -> World {
    let spec = format!("spec: {{selector: {{app: b}}, {spec}}}\n");
    world.object("v1", "Service", "name: s\nnamespace: production", &spec)
}

fn paths(world: &World, relation: Relation) -> Vec<Path> {
    connectivity(&world.ingest().snapshot, without_faults(), relation).paths
}

fn name(peer: &Peer) -> String {
    match peer {
        Peer::Workload { namespace, name, .. } => format!("{namespace}/{name}"),
        Peer::Cidrs(_) => "outside".to_owned(),
        Peer::Node { name } => name.clone(),
        Peer::Future { .. } => "future".to_owned(),
    }
}

/// `FROM TO KIND PORTS` of each path.
fn told(world: &World) -> BTreeSet<String> {
    let told = paths(world, Relation::May)
        .into_iter()
        .map(|path| format!("{} {} {} {}", name(&path.from), name(&path.to), path.via.kind, path.allow));
    told.collect()
}

fn set<const N: usize>(lines: [&str; N]) -> BTreeSet<String> {
    lines.map(str::to_owned).into()
}

#[test]
fn n40_a_node_port_leads_those_in_who_come_under_the_address_of_a_node() {
    let world = world().policy("production/p", NODES_ONLY);
    let ports = "type: NodePort, ports: [{port: 80, targetPort: web, nodePort: 30080}]";
    let through = service(world.clone(), ports);
    let all = set([
        "outside production/b Service TCP 30080",
        "production/a production/b Service TCP 30080",
        "staging/a production/b Service TCP 30080",
        "staging/b production/b Service TCP 30080",
    ]);
    assert_eq!(told(&through), all);
    assert_eq!(paths(&through, Relation::Must), []);
    assert_eq!(told(&service(world.clone(), "ports: [{port: 80, targetPort: web}]")), set([]));
    assert_eq!(told(&service(world, "type: NodePort, ports: [{port: 80, targetPort: other}]")), set([]));
}

#[test]
fn n40_who_may_not_open_connections_to_nodes_takes_no_node_port() {
    let ports = "type: NodePort, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]";
    let kept = "podSelector: {matchLabels: {app: a}}\npolicyTypes: [Egress]";
    let world = service(world().policy("production/p", NODES_ONLY).policy("staging/p", kept), ports);
    assert!(!told(&world).contains("staging/a production/b Service TCP 30080"));
    assert!(told(&world).contains("staging/b production/b Service TCP 30080"));
}

#[test]
fn n40_a_node_port_opens_nothing_that_is_closed_to_nodes() {
    let ports = "type: NodePort, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]";
    assert_eq!(told(&service(world().policy("production/p", CLOSED), ports)), set([]));
}

#[test]
fn a_load_balancer_is_entered_at_the_port_of_its_service() {
    let ports = "type: LoadBalancer, ports: [{port: 443, targetPort: 8080, nodePort: 30443}]";
    let world = service(world().policy("production/p", NODES_ONLY), ports);
    let from_outside: BTreeSet<String> =
        told(&world).into_iter().filter(|line| line.starts_with("outside")).collect();
    assert_eq!(from_outside, set(["outside production/b Service TCP 443"]));
}

#[test]
fn n42_a_host_port_is_a_node_port() {
    let spec = "nodeName: one\ncontainers: [{name: main, image: example.com/app, ports: [{containerPort: 9000, hostPort: 9001}]}]";
    let world = world().pod("production/c", "app: c", spec).policy("production/p", NODES_ONLY);
    assert!(told(&world).contains("staging/a production/c Pod TCP 9001"));
    assert!(!told(&world).iter().any(|line| line.contains(" production/b ")));
}

/// An Ingress of production to `app: b`, and a namespace `edge` for a proxy.
fn with_ingress(world: World) -> World {
    let ingress = "spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}\n";
    let world = service(world, "ports: [{port: 80, targetPort: 8080}]").namespace("edge", "env: edge");
    world.object("networking.k8s.io/v1", "Ingress", "name: i\nnamespace: production", ingress)
}

const PROXY: &str = "containers: [{name: c, image: registry.k8s.io/ingress-nginx/controller:v1, ports: [{containerPort: 443}]}]";
const FROM_EDGE: &str =
    "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {env: edge}}}]}]";

#[test]
fn a_proxy_carries_connections_on_along_ingresses() {
    let world = with_ingress(world()).pod("edge/proxy", "app: proxy", PROXY);
    let admitted = told(&world.clone().policy("production/p", FROM_EDGE));
    for from in ["outside", "staging/a", "production/a"] {
        assert!(admitted.contains(&format!("{from} production/b Ingress TCP 443")), "{from}: {admitted:#?}");
    }
    assert!(admitted.iter().all(|line| line.contains(" production/b ")), "{admitted:#?}");
    assert_eq!(told(&world.clone().policy("production/p", CLOSED)), set([]), "the proxy does not get in");
    let closed_proxy = world.policy("production/p", FROM_EDGE).policy("edge/p", CLOSED);
    assert_eq!(told(&closed_proxy), set([]), "nobody gets to the proxy");
}

#[test]
fn a_proxy_is_entered_by_its_own_load_balancer() {
    let spec = "spec: {type: LoadBalancer, selector: {app: proxy}, ports: [{port: 8443, targetPort: 443, nodePort: 30443}]}\n";
    let world =
        with_ingress(world()).pod("edge/proxy", "app: proxy", PROXY).policy("production/p", FROM_EDGE);
    let world = world.policy("edge/p", NODES_ONLY).object("v1", "Service", "name: lb\nnamespace: edge", spec);
    let told = told(&world);
    assert!(told.contains("staging/a production/b Ingress TCP 30443"), "{told:#?}");
    assert!(told.contains("outside production/b Ingress TCP 443,8443"), "{told:#?}");
}

#[test]
fn what_no_known_proxy_serves_is_published_to_everybody_outside() {
    let closed = with_ingress(world()).policy("production/p", CLOSED);
    assert_eq!(told(&closed), set(["outside production/b Ingress TCP 80,443"]));
}

#[test]
fn a_route_is_published_at_the_ports_of_its_gateway() {
    let world = service(world(), "ports: [{port: 80, targetPort: 8080}]").policy("production/p", CLOSED);
    let api = "gateway.networking.k8s.io/v1";
    let gateway = "spec: {gatewayClassName: x, listeners: [{name: tls, port: 8443, protocol: TLS, tls: {mode: Passthrough}}]}\n";
    let world = world.object(api, "Gateway", "name: g\nnamespace: production", gateway);
    let route = "spec: {parentRefs: [{name: g}], rules: [{backendRefs: [{name: s, port: 80}]}]}\n";
    let world = world.object(api, "HTTPRoute", "name: r\nnamespace: production", route);
    assert_eq!(told(&world), set(["outside production/b HTTPRoute TCP 8443"]));
    let path = &paths(&world, Relation::May)[0];
    assert_eq!(path.allow, ConnectionSet::of(Protocol::Tcp, PortSet::single(8443)));
}

#[test]
fn endpoints_that_are_written_by_hand_lead_to_pods_by_their_addresses() {
    let spec = "spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}\n";
    let with = |address: &str, service: &str| {
        let world = world().policy("production/p", NODES_ONLY);
        let world = world.object("v1", "Service", "name: s\nnamespace: staging", spec);
        let metadata =
            format!("name: s-1\nnamespace: staging\nlabels: {{kubernetes.io/service-name: {service}}}");
        let rest = format!(
            "addressType: IPv4\nports: [{{port: 8080, name: \"\"}}]\nendpoints: [{{addresses: [{address}]}}]\n"
        );
        told(&world.object("discovery.k8s.io/v1", "EndpointSlice", &metadata, &rest))
    };
    // `production/b` has 10.244.1.10.
    assert!(with("10.244.1.10", "s").contains("staging/a production/b Service TCP 30080"));
    assert_eq!(with("10.244.1.10", "other"), set([]));
    assert_eq!(with("10.244.1.99", "s"), set([]));
}

#[test]
fn n42_external_ips_are_entered_at_the_port_of_their_service() {
    let world = service(
        world().policy("production/p", NODES_ONLY),
        "externalIPs: [203.0.113.9], ports: [{port: 443, targetPort: 8080}]",
    );
    assert_eq!(told(&world), set(["outside production/b Service TCP 443"]));
}
