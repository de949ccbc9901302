//! Services and what carries connections on (N33, N39 to N42, N48, N49).

use crate::plain::plain;
use crate::world::{World, without_faults};
use std::collections::BTreeSet;
use watertight_base::{ConnectionSet, PortSet, Protocol};
use watertight_model::{Fact, Relation, When};
use watertight_network::{Reading, crossings};
use watertight_oracle::{PolicySet, replay};

const CLOSED: &str = "podSelector: {}\npolicyTypes: [Ingress]";

/// A Service in front of `app: b`, with the rest of its spec as YAML.
fn service(world: World, namespace: &str, rest: &str) -> World {
    let spec = format!("spec: {{selector: {{app: b}}, {rest}}}\n");
    world.object("v1", "Service", &format!("name: s\nnamespace: {namespace}"), &spec)
}

/// Two nodes with addresses in 172.31.0.0/16, and a pod that shows that pods have theirs in 10.244.0.0/16.
fn on_nodes(world: World) -> World {
    let node = |world: World, name: &str, number: u8| {
        let rest = format!(
            "spec: {{podCIDR: 10.244.{number}.0/24, podCIDRs: [10.244.{number}.0/24]}}\nstatus: {{addresses: [{{type: InternalIP, address: 172.31.0.{number}}}]}}\n"
        );
        world.object("v1", "Node", &format!("name: {name}"), &rest)
    };
    let seen = "spec: {containers: [{name: main, image: example.com/app}]}\nstatus: {phase: Running, podIP: 10.244.1.7, podIPs: [{ip: 10.244.1.7}]}\n";
    let world = world.object("v1", "Pod", "name: seen\nnamespace: production\nlabels: {app: seen}", seen);
    node(node(world, "one", 1), "two", 2)
}

/// What connections from staging into production can be opened to.
fn ports(world: &World) -> ConnectionSet {
    let snapshot = world.ingest().snapshot;
    let reading = Reading::new(without_faults(), Relation::May);
    let [from, to] = ["staging", "production"].map(|name| [snapshot.namespace_named(name).unwrap()]);
    let found = crossings(&snapshot, &reading, &from, &to).found;
    let opened =
        found.iter().flat_map(|crossing| &crossing.breach.steps).filter_map(|step| match &step.fact {
            Fact::Connects { ports, .. } => Some(ports.clone()),
            _ => None,
        });
    opened.fold(ConnectionSet::empty(), |all, ports| all.union(&ports))
}

const BASELINE: [&str; 2] = ["staging", "production"];

/// The usual world, in which Pod Security keeps pods off the host network.
fn fenced() -> World {
    let labels = |env: &str| format!("env: {env}\npod-security.kubernetes.io/enforce: baseline");
    let mut world =
        World::default().namespace("staging", &labels("stg")).namespace("production", &labels("prd"));
    for namespace in BASELINE {
        for name in ["a", "b"] {
            world = world.pod(&format!("{namespace}/{name}"), &format!("app: {name}"), "");
        }
    }
    world
}

fn rules(world: &World) -> BTreeSet<&'static str> {
    world.crossings("staging", "production")
}

#[test]
fn n33_a_service_in_front_of_a_pod_is_no_way_across() {
    let closed = fenced().policy("production/p", CLOSED);
    let with = service(closed.clone(), "production", "ports: [{port: 80}]");
    assert_eq!(rules(&with), BTreeSet::new());
    assert!(with.passes("production/b", "production/b", "TCP/80"), "its own address it reaches anyway");
}

#[test]
fn n39_policies_decide_on_the_port_of_the_pod() {
    let admit = |port: u16| {
        let rule = format!(
            "ingress: [{{from: [{{namespaceSelector: {{matchLabels: {{env: stg}}}}}}], ports: [{{port: {port}}}]}}]"
        );
        let world = fenced().policy("production/p", &format!("podSelector: {{}}\n{rule}"));
        ports(&service(world, "production", "ports: [{port: 80, targetPort: 8080}]"))
    };
    for port in [80, 8080] {
        assert_eq!(admit(port), ConnectionSet::of(Protocol::Tcp, PortSet::single(port)));
    }
}

#[test]
fn n39_whoever_is_carried_by_a_proxy_comes_as_the_proxy() {
    let image = "containers: [{name: main, image: \"traefik:v3\"}]";
    let world = fenced().namespace("ingress", "pod-security.kubernetes.io/enforce: baseline").pod(
        "ingress/traefik",
        "app: traefik",
        image,
    );
    let admitting = |name: &str| {
        let selector = format!("namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {name}}}}}");
        let rule = format!("podSelector: {{}}\ningress: [{{from: [{{{selector}}}]}}]");
        rules(&world.clone().policy("production/p", &rule))
    };
    assert_eq!(admitting("ingress"), BTreeSet::from(["shared-proxy"]));
    assert_eq!(admitting("elsewhere"), BTreeSet::new());
}

#[test]
fn n41_a_service_that_keeps_the_clients_address_closes_nothing_by_itself() {
    let local = |block: &str| {
        let rule = format!("podSelector: {{}}\ningress: [{{from: [{{ipBlock: {{cidr: {block}}}}}]}}]");
        let world = on_nodes(fenced()).policy("production/p", &rule);
        let rest = "type: NodePort, externalTrafficPolicy: Local, ports: [{port: 80, nodePort: 30080}]";
        rules(&service(world, "production", rest))
    };
    assert_eq!(local("172.31.0.0/16"), BTreeSet::from(["ipblock-holds-nodes"]), "under a node's address");
    assert_eq!(local("10.244.0.0/16"), BTreeSet::from(["ipblock-holds-pods"]), "under its own");
    assert_eq!(local("203.0.113.0/24"), BTreeSet::new());
}

#[test]
fn n42_a_pod_that_may_open_connections_to_nodes_alone_comes_in_where_nodes_do() {
    let block = |cidr: &str| format!("ipBlock: {{cidr: {cidr}}}");
    let world = |out: &str, into: &str| {
        let egress =
            format!("podSelector: {{}}\npolicyTypes: [Egress]\negress: [{{to: [{{{}}}]}}]", block(out));
        let ingress = format!("podSelector: {{}}\ningress: [{{from: [{{{}}}]}}]", block(into));
        on_nodes(fenced()).policy("staging/out", &egress).policy("production/in", &ingress)
    };
    let (nodes, outside) = ("172.31.0.0/16", "203.0.113.0/24");
    assert_eq!(rules(&world(nodes, nodes)), BTreeSet::from(["ipblock-holds-nodes"]));
    assert_eq!(rules(&world(outside, nodes)), BTreeSet::new(), "no way out to a node");
    assert_eq!(rules(&world(nodes, outside)), BTreeSet::new(), "no way in from one");
}

#[test]
fn n42_each_half_has_a_port_of_its_own() {
    let egress = "podSelector: {}\npolicyTypes: [Egress]\negress: [{to: [{ipBlock: {cidr: 172.31.0.0/16}}], ports: [{port: 30432}]}]";
    let ingress =
        "podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 172.31.0.0/16}}], ports: [{port: 5432}]}]";
    let world = on_nodes(fenced()).policy("staging/out", egress).policy("production/in", ingress);
    assert_eq!(ports(&world), ConnectionSet::of(Protocol::Tcp, PortSet::single(5432)));
}

#[test]
fn n48_dns_that_production_admits_is_no_way_for_staging() {
    let dns = "containers: [{name: main, image: \"registry.k8s.io/coredns/coredns:v1.12.1\"}]";
    let world = fenced().namespace("kube-system", "").pod("kube-system/dns", "k8s-app: kube-dns", dns).policy(
        "production/p",
        "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]}]",
    );
    assert_eq!(rules(&world), BTreeSet::new());
    let assumed = world.assumptions("staging", "production");
    assert!(assumed.iter().any(|assumption| assumption.id == "shared-pods-forward-as-declared"));
}

#[test]
fn n49_a_link_local_address_may_be_a_nodes() {
    let metadata = "podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 169.254.169.254/32}}]}]";
    let world = fenced().policy("production/p", metadata);
    assert!(rules(&world).is_superset(&BTreeSet::from(["ipblock-holds-pods"])), "no address is known");
    assert_eq!(rules(&on_nodes(world)), BTreeSet::new(), "neither pods nor nodes have such addresses");
}

/// When the first way across is there, and that it replays.
fn when(world: &World) -> Option<When> {
    let snapshot = world.ingest().snapshot;
    let profile = without_faults();
    let [from, to] = ["staging", "production"].map(|name| [snapshot.namespace_named(name).unwrap()]);
    let found = crossings(&snapshot, &Reading::new(profile, Relation::May), &from, &to).found;
    for crossing in &found {
        assert_eq!(replay(&snapshot, plain(&profile), &PolicySet::all(), &crossing.breach), Ok(()));
    }
    found.iter().map(|crossing| crossing.breach.when).min()
}

#[test]
fn n40_a_node_port_of_today_is_a_way_of_today() {
    let nodes =
        "podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 172.31.0.0/16}}], ports: [{port: 8080}]}]";
    let world = on_nodes(fenced()).policy("production/p", nodes);
    let with = |namespace: &str, rest: &str| when(&service(world.clone(), namespace, rest));
    let port = |target: u16, node: u16| {
        format!("type: NodePort, ports: [{{port: 80, targetPort: {target}, nodePort: {node}}}]")
    };
    assert_eq!(when(&world), Some(When::Possible), "nobody has one yet");
    assert_eq!(with("production", &port(8080, 30080)), Some(When::Now));
    assert_eq!(with("production", &port(9090, 30080)), Some(When::Possible), "a port that is closed");
    assert_eq!(with("production", "ports: [{port: 80, targetPort: 8080}]"), Some(When::Possible));
    assert_eq!(with("staging", &port(8080, 30080)), Some(When::Possible), "its own pods");
    let kept = |number: u16| {
        let rule = format!(
            "podSelector: {{}}\npolicyTypes: [Egress]\negress: [{{to: [{{ipBlock: {{cidr: 172.31.0.0/16}}}}], ports: [{{port: {number}}}]}}]"
        );
        when(&service(world.clone().policy("staging/out", &rule), "production", &port(8080, 30080)))
    };
    assert_eq!((kept(30080), kept(30081)), (Some(When::Now), Some(When::Possible)));
}
