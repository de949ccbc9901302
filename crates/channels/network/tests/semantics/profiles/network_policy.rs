//! NetworkPolicy: how each profile reads what its specification leaves open, and the faults of enforcers.

use super::{A, Asked, B, Row, SIDECAR, connection};
use crate::world::World;

/// Two nodes with addresses in 10.1.0.0/24, and pods that are bound to them or have an address.
fn nodes() -> World {
    let node = |world: World, name: &str, number: u8| {
        let status = format!("status: {{addresses: [{{type: InternalIP, address: 10.1.0.{number}}}]}}\n");
        world.object("v1", "Node", &format!("name: {name}"), &status)
    };
    let seen = "spec: {containers: [{name: main, image: example.com/app}]}\nstatus: {phase: Running, podIP: 172.20.3.4, podIPs: [{ip: 172.20.3.4}]}\n";
    let world = World::new()
        .pod("staging/here", "app: here", "nodeName: one")
        .pod("staging/host", "app: host", "hostNetwork: true\nnodeName: one")
        .pod("production/there", "app: there", "nodeName: two")
        .pod("production/host1", "app: host", "hostNetwork: true\nnodeName: one")
        .pod("production/host2", "app: host", "hostNetwork: true\nnodeName: two")
        .object("v1", "Pod", "name: seen\nnamespace: staging\nlabels: {app: seen}", seen);
    node(node(world, "one", 1), "two", 2)
}

/// The usual two namespaces, in which no pod can share a node's network, with this ingress rule for production.
fn fenced(rule: &str) -> World {
    let labels = "pod-security.kubernetes.io/enforce: baseline";
    World::default()
        .namespace("staging", labels)
        .namespace("production", labels)
        .pod("staging/a", "app: a", "")
        .pod("production/b", "app: b", "")
        .policy("production/p", &format!("podSelector: {{}}\npolicyTypes: [Ingress]\ningress: [{rule}]"))
}

/// The same where nodes have their addresses in 172.31.0.0/16, and pods in 10.244.0.0/16.
fn in_networks(world: World) -> World {
    let seen = "spec: {containers: [{name: main, image: example.com/app}]}\nstatus: {phase: Running, podIP: 10.244.1.7, podIPs: [{ip: 10.244.1.7}]}\n";
    let node = "spec: {podCIDR: 10.244.1.0/24, podCIDRs: [10.244.1.0/24]}\nstatus: {addresses: [{type: InternalIP, address: 172.31.0.1}]}\n";
    world.object("v1", "Pod", "name: seen\nnamespace: production\nlabels: {app: seen}", seen).object(
        "v1",
        "Node",
        "name: one",
        node,
    )
}

/// A pod of production whose containers are these.
fn with_containers(world: World, containers: &str) -> World {
    world.pod("production/x", "app: x", containers)
}

/// The containers of a pod, two of which have the port name `http`.
const TWICE: &str = "containers: [{name: main, image: example.com/app, ports: [{name: http, containerPort: 80}]}, {name: more, image: example.com/app, ports: [{name: http, containerPort: 8080}]}]";

fn production(spec: &str) -> World {
    World::new().policy("production/p", spec)
}

/// What the specification of NetworkPolicy leaves open, and the faults of enforcers.
fn between_pods() -> Vec<Row> {
    let shut = "podSelector: {}\npolicyTypes: [Ingress]";
    let named = "podSelector: {}\ningress: [{ports: [{port: 9000}, {port: http}]}]";
    vec![
        Row {
            rule: "N5: egress rules that policyTypes leaves out",
            world: World::new().policy("staging/shut", "podSelector: {}\npolicyTypes: [Egress]").policy(
                "staging/unlisted",
                "podSelector: {}\npolicyTypes: [Ingress]\ningress: [{}]\negress: [{}]",
            ),
            asked: connection(A, B, "TCP/80"),
            yes: "none",
            no: "calico kube-router antrea kube-network-policies declared",
            open: "conservative cilium",
        },
        Row {
            rule: "N25: the last port of a range",
            world: production("podSelector: {}\ningress: [{ports: [{port: 80, endPort: 90}]}]"),
            asked: connection(A, B, "TCP/90"),
            yes: "calico cilium kube-router antrea kube-network-policies declared none",
            no: "",
            open: "conservative",
        },
        Row {
            rule: "N26: the second of two ports with one name",
            world: with_containers(production(named), TWICE),
            asked: connection(A, "production/x", "TCP/8080"),
            yes: "declared none",
            no: "",
            open: "conservative calico cilium kube-router antrea kube-network-policies",
        },
        Row {
            rule: "N27: a rule for a port name that nobody has",
            world: production("podSelector: {}\ningress: [{ports: [{port: http}]}]"),
            asked: connection(A, B, "TCP/80"),
            yes: "none",
            no: "calico cilium antrea kube-network-policies declared",
            open: "conservative kube-router",
        },
        Row {
            rule: "N30: a port name on a sidecar",
            world: with_containers(production(named), SIDECAR),
            asked: connection(A, "production/x", "TCP/15001"),
            yes: "none",
            no: "cilium kube-router declared",
            open: "conservative calico antrea kube-network-policies",
        },
        Row {
            rule: "N35: from a node to its pod",
            world: nodes().policy("production/p", shut),
            asked: connection("node/two", "production/there", "TCP/80"),
            yes: "conservative calico cilium kube-router antrea kube-network-policies none",
            no: "declared",
            open: "",
        },
        Row {
            rule: "N35: from a pod to its node",
            world: nodes().policy("staging/p", "podSelector: {}\npolicyTypes: [Egress]"),
            asked: connection("staging/here", "production/host1", "TCP/80"),
            yes: "none",
            no: "cilium kube-router declared",
            open: "conservative calico antrea kube-network-policies",
        },
        Row {
            rule: "N36: from another node, by a block",
            world: nodes()
                .policy("production/p", "podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]"),
            asked: connection("node/one", "production/there", "TCP/80"),
            yes: "calico kube-router kube-network-policies none cilium,cidr-match=nodes cilium,cidr-match=pods+nodes",
            no: "cilium declared cilium,cidr-match=pods",
            open: "conservative antrea",
        },
        Row {
            rule: "N37: a policy about a pod on the host network",
            world: nodes().policy("production/p", shut),
            asked: connection("staging/here", "production/host2", "TCP/80"),
            yes: "calico cilium kube-router antrea none",
            no: "declared",
            open: "conservative kube-network-policies",
        },
        Row {
            rule: "N38: a pod on the host network, by a selector",
            world: nodes().policy(
                "production/p",
                "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {env: stg}}}]}]",
            ),
            asked: connection("staging/host", "production/there", "TCP/80"),
            yes: "declared none",
            no: "calico cilium kube-router",
            open: "conservative antrea kube-network-policies",
        },
        Row {
            rule: "N43: a pod, by a block",
            world: nodes().policy(
                "production/p",
                "podSelector: {}\ningress: [{from: [{ipBlock: {cidr: 172.20.0.0/16}}]}]",
            ),
            asked: connection("staging/seen", B, "TCP/80"),
            yes: "calico kube-router kube-network-policies none cilium,cidr-match=pods cilium,cidr-match=pods+nodes",
            no: "cilium declared cilium,cidr-match=nodes",
            open: "conservative antrea",
        },
        Row {
            rule: "N46: an address of IPv6",
            world: World::new(),
            asked: connection("2001:db8::1", B, "TCP/80"),
            yes: "conservative calico cilium kube-router antrea kube-network-policies none",
            no: "declared",
            open: "",
        },
        Row {
            rule: "N16: a policy about a label that is left out of identities",
            world: production(
                "podSelector: {matchExpressions: [{key: pod-template-hash, operator: Exists}]}",
            )
            .pod("production/x", "pod-template-hash: abc", ""),
            asked: connection(A, "production/x", "TCP/80"),
            yes: "none",
            no: "calico kube-router antrea kube-network-policies declared",
            open: "conservative cilium",
        },
    ]
}

/// What carries connections on, and where only the search for ways across can tell.
fn carried() -> Vec<Row> {
    let matching_nodes = |rule, world| Row {
        rule,
        world,
        asked: Asked::Across,
        yes: "conservative calico kube-router antrea kube-network-policies none cilium,cidr-match=nodes",
        no: "cilium declared",
        open: "",
    };
    let from_nodes = "{from: [{ipBlock: {cidr: 172.31.0.0/16}}]}";
    let local = "spec: {type: NodePort, externalTrafficPolicy: Local, selector: {app: b}, ports: [{port: 80, nodePort: 30080}]}\n";
    let to_nodes =
        "podSelector: {}\npolicyTypes: [Egress]\negress: [{to: [{ipBlock: {cidr: 172.31.0.0/16}}]}]";
    vec![
        matching_nodes("N40: under the address of a node", in_networks(fenced(from_nodes))),
        matching_nodes(
            "N41: past a Service that keeps addresses",
            in_networks(fenced(from_nodes)).object("v1", "Service", "name: s\nnamespace: production", local),
        ),
        matching_nodes(
            "N42: out to a node, and in from one",
            in_networks(fenced(from_nodes)).policy("staging/out", to_nodes),
        ),
        matching_nodes(
            "N49: a link-local address, where none is known",
            fenced("{from: [{ipBlock: {cidr: 169.254.169.254/32}}]}"),
        ),
    ]
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = between_pods();
    rows.extend(carried());
    rows
}
