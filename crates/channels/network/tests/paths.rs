//! The paths of the map against the plain evaluator, on generated clusters: a Service with a node port carries on what its
//! two halves let pass, each by itself (N40, N42), and nothing else.

#![expect(clippy::expect_used, reason = "addresses and networks in these tests are written right")]

#[path = "support/plain.rs"]
mod plain;

use plain::plain;
use std::net::IpAddr;
use watertight_base::Protocol;
use watertight_model::{
    Peer, Pod, PodState, PolicyRule, PortMatch, Relation, Replicas, Service, ServicePort, ServiceType,
    Snapshot, TargetPort,
};
use watertight_network::{Profile, connectivity};
use watertight_oracle::build::{self, Cluster};
use watertight_oracle::candidates::{node_addresses, pod_addresses};
use watertight_oracle::manifests::to_yaml;
use watertight_oracle::placement::UNSEEN_NODE;
use watertight_oracle::{ConcretePod, Endpoint, Evaluator, Random};

/// A staging and a production of two pods each, a Service with a node port in front of one of production's, and policies
/// drawn from those that tell nodes, pods and ports apart.
fn cluster(random: &mut Random) -> Snapshot {
    let mut cluster = Cluster::new();
    for (number, name) in ["staging", "production"].into_iter().enumerate() {
        cluster = cluster.namespace(build::namespace(name, &[("env", name)]));
        for (index, app) in ["a", "b"].into_iter().enumerate() {
            let mut pod = build::pod(app, &[("app", app)]);
            pod.ports.push(build::named_port("web", Protocol::Tcp, 8080));
            if random.chance(80) {
                pod.addresses.push(format!("10.244.{number}.{}", index + 7).parse().expect("an address"));
            }
            cluster = cluster.pod(name, pod);
        }
        for policy in 0..random.below(3) {
            let rules = (0..=random.below(2)).map(|_| rule(random)).collect();
            let name_of_it = format!("policy-{policy}");
            let is_egress = (name == "staging") ^ random.chance(20);
            let mut policy = match is_egress {
                true => build::egress(&name_of_it, rules),
                false => build::ingress(&name_of_it, rules),
            };
            if random.chance(30) {
                policy.subject = build::matching(&[("app", "a")]);
            }
            cluster = cluster.policy(name, policy);
        }
    }
    for number in 1..=2_u8 {
        let mut node = build::node(&format!("node-{number}"));
        node.addresses.push(format!("192.168.0.{number}").parse().expect("an address"));
        node.pod_cidrs.push(format!("10.244.{number}.0/24").parse().expect("a network"));
        cluster = cluster.node(node);
    }
    let mut service =
        build::service("web", random.one_of([ServiceType::NodePort, ServiceType::LoadBalancer]));
    service.selector = Some(build::labels(&[("app", "b")]));
    let target = match random.chance(50) {
        true => TargetPort::Number(8080),
        false => TargetPort::Named("web".to_owned()),
    };
    service.ports.push(ServicePort {
        name: String::new(),
        protocol: Protocol::Tcp,
        port: 80,
        target,
        node_port: Some(30_080),
        span: build::place(),
    });
    cluster.service("production", service).snapshot()
}

fn rule(random: &mut Random) -> PolicyRule {
    let net = |text: &str| text.parse().expect("a network");
    let namespace = |name: &str| build::namespaces(build::matching(&[("env", name)]));
    let peer = match random.below(9) {
        0 => Some(build::block(net("192.168.0.0/24"), vec![])),
        1 => Some(build::block(net("10.244.0.0/16"), vec![])),
        2 => Some(build::block(net("203.0.113.0/24"), vec![])),
        3 => Some(build::block(net("0.0.0.0/0"), vec![])),
        4 | 5 => Some(build::block(net("0.0.0.0/0"), vec![net("10.244.0.0/16")])),
        6 => Some(namespace("staging")),
        7 => Some(namespace("production")),
        _ => None,
    };
    let rule = peer.map_or_else(build::anyone, |peer| build::peers(vec![peer]));
    let port = random.one_of([None, None, Some(8080), Some(30_080)]);
    match port {
        Some(number) => build::on(rule, vec![(Protocol::Tcp, PortMatch::Number(number))]),
        None => rule,
    }
}

/// Pods that live, are one, have a network of their own, and are the only ones of their workload.
fn alone(snapshot: &Snapshot) -> Vec<(usize, Peer)> {
    let workload = |pod: &Pod| Peer::Workload {
        namespace: snapshot.namespace(pod.namespace).name.clone(),
        kind: pod.workload.kind.clone(),
        name: pod.workload.name.clone(),
        labels: None,
    };
    let pods = snapshot.pods.iter().enumerate();
    let all: Vec<Peer> = snapshot.pods.iter().map(workload).collect();
    let is_alone = |(index, pod): &(usize, &Pod)| {
        let same = all.iter().filter(|peer| **peer == all[*index]).count();
        let takes_part = pod.host_network.is_none() && pod.state == PodState::Active;
        takes_part && pod.replicas == Replicas::One && same == 1
    };
    pods.filter(is_alone).map(|(index, _)| (index, all[index].clone())).collect()
}

/// The pod as it can be seen: at each address that it may have.
fn seen(snapshot: &Snapshot, index: usize, behind_node: bool) -> Vec<Endpoint> {
    let pod = ConcretePod::existing(snapshot, index, 0).expect("a pod that is there");
    let addresses: Vec<Option<IpAddr>> = if behind_node {
        node_addresses(snapshot).into_iter().map(Some).collect()
    } else if pod.addresses.is_empty() {
        pod_addresses(snapshot).into_iter().map(Some).collect()
    } else {
        vec![None]
    };
    addresses
        .into_iter()
        .map(|seen_as| Endpoint::Pod(ConcretePod { seen_as, behind_node, ..pod.clone() }))
        .collect()
}

fn nodes(snapshot: &Snapshot) -> Vec<Endpoint> {
    let addresses = node_addresses(snapshot).into_iter();
    addresses.map(|at| Endpoint::Node { name: UNSEEN_NODE.to_owned(), seen_as: Some(at) }).collect()
}

/// Whether a question has yes as its answer for some pair.
fn some(sources: &[Endpoint], targets: &[Endpoint], question: impl Fn(&Endpoint, &Endpoint) -> bool) -> bool {
    sources.iter().any(|source| targets.iter().any(|target| question(source, target)))
}

fn targets(pod: &Pod, port: &ServicePort) -> Vec<u16> {
    match &port.target {
        TargetPort::Number(number) => vec![*number],
        TargetPort::Named(name) => {
            let named = pod
                .ports
                .iter()
                .filter(|own| own.name.as_deref() == Some(name.as_str()) && own.protocol == port.protocol);
            named.map(|own| own.number).collect()
        }
    }
}

/// What the two halves, and the whole by itself, are worth to the plain evaluator.
struct Halves {
    carried: bool,
    direct: bool,
}

fn halves(
    evaluator: &Evaluator<'_>,
    profile: &Profile,
    (source, target): (usize, usize),
    protocol: Protocol,
    (node_port, port): (u16, u16),
) -> Halves {
    let snapshot = evaluator.snapshot;
    let (from, to) = (seen(snapshot, source, false), seen(snapshot, target, false));
    let out = |one: &Endpoint, other: &Endpoint| evaluator.egress_allows(one, other, protocol, port);
    let into = |one: &Endpoint, other: &Endpoint| evaluator.ingress_allows(one, other, protocol, port);
    let to_node = |one: &Endpoint, node: &Endpoint| evaluator.egress_allows(one, node, protocol, node_port);
    let leaves = some(&from, &to, out) || some(&from, &nodes(snapshot), to_node);
    let behind = seen(snapshot, source, true);
    let rewrites = profile.rewrites_sources.holds(true);
    let enters = some(&from, &to, into) || (rewrites && some(&behind, &to, into));
    let whole = |one: &Endpoint, other: &Endpoint| evaluator.allowed(one, other, protocol, port);
    Halves { carried: leaves && enters, direct: some(&from, &to, whole) }
}

#[test]
fn n40_a_node_port_carries_on_what_its_two_halves_let_pass() {
    let (mut there, mut absent) = (0, 0);
    for seed in 0..1500 {
        let snapshot = cluster(&mut Random::new(seed));
        for mut profile in [Profile::CALICO, Profile::CILIUM] {
            profile.faults = &[];
            let map = connectivity(&snapshot, profile, Relation::May);
            let evaluator = Evaluator::new(&snapshot, plain(&profile), Relation::May);
            let backs = |service: &Service, pod: &Pod| {
                let selector = service.selector.as_ref().expect("a selector");
                pod.namespace == service.namespace
                    && selector.iter().all(|(key, value)| pod.labels.get(key) == Some(value))
            };
            let pods = alone(&snapshot);
            for service in snapshot.services.iter().filter(|service| service.allocates_node_ports) {
                for (target, to) in pods.iter().filter(|(pod, _)| backs(service, &snapshot.pods[*pod])) {
                    for (source, from) in pods.iter().filter(|(source, _)| source != target) {
                        let is_told = map.paths.iter().any(|path| {
                            (&path.from, &path.to, &path.via) == (from, to, &service.origin.object)
                        });
                        let ports = service.ports.iter().flat_map(|port| {
                            let node_port = port.node_port.unwrap_or(30_000);
                            targets(&snapshot.pods[*target], port)
                                .into_iter()
                                .map(move |number| (port.protocol, (node_port, number)))
                        });
                        let halves: Vec<Halves> = ports
                            .map(|(protocol, ports)| {
                                halves(&evaluator, &profile, (*source, *target), protocol, ports)
                            })
                            .collect();
                        let expected = halves.iter().any(|halves| halves.carried && !halves.direct);
                        // A port name that means several numbers is told as one.
                        if halves.iter().any(|halves| halves.direct) && expected {
                            continue;
                        }
                        assert_eq!(
                            is_told,
                            expected,
                            "seed {seed}, {}: {from:?} to {to:?} via {}\n{}",
                            profile.label(),
                            service.origin.object,
                            to_yaml(&snapshot)
                        );
                        there += usize::from(is_told);
                        absent += usize::from(!is_told);
                    }
                }
            }
        }
    }
    assert!(there > 300 && absent > 300, "{there} paths, {absent} pairs without one");
}
