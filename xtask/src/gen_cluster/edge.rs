//! What is around the workloads: nodes, namespaces, Services and Ingresses.

use super::metadata::{applied, of, selector, tier};
use super::pod::port;
use super::shape::{Kind, Namespace, Shape, Side, Workload};
use fastrand::Rng;
use serde_json::{Value, json};

/// The name of a node.
pub(super) fn node_name(node: usize) -> String {
    format!("node-{node:04}")
}

/// The address of a node.
pub(super) fn node_address(node: usize) -> String {
    format!("10.0.{}.{}", node / 250, 2 + node % 250)
}

/// The nodes.
pub(super) fn nodes(shape: &Shape) -> impl Iterator<Item = Value> + '_ {
    let mut rng = Rng::with_seed(shape.seed);
    (0..shape.nodes).map(move |node| {
        let name = node_name(node);
        let zone = ["a", "b", "c"][node % 3];
        let labels = json!({
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "pool": "general",
            "topology.kubernetes.io/zone": format!("eu-central-1{zone}"),
        });
        let range = format!("10.{}.{}.0/24", 64 + node / 256, node % 256);
        json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": applied(&name, None, labels, &mut rng),
            "spec": { "podCIDR": range, "podCIDRs": [range], "providerID": format!("example:///{name}") },
            "status": {
                "addresses": [
                    { "address": node_address(node), "type": "InternalIP" },
                    { "address": name, "type": "Hostname" },
                ],
                "allocatable": { "cpu": "15890m", "memory": "63Gi", "pods": "110" },
                "capacity": { "cpu": "16", "memory": "64Gi", "pods": "110" },
                "nodeInfo": { "architecture": "amd64", "kubeletVersion": "v1.36.1", "osImage": "Debian GNU/Linux 13" },
            },
        })
    })
}

/// The Namespace object.
pub(super) fn namespace(namespace: &Namespace) -> Value {
    let level = if namespace.side == Side::Shared { "privileged" } else { "restricted" };
    let labels = json!({
        "environment": namespace.side.name(),
        "kubernetes.io/metadata.name": namespace.name,
        "pod-security.kubernetes.io/enforce": level,
        "team": namespace.team,
    });
    let mut rng = Rng::with_seed(namespace.workloads.len() as u64);
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": applied(&namespace.name, None, labels, &mut rng),
        "spec": { "finalizers": ["kubernetes"] },
        "status": { "phase": "Active" },
    })
}

/// A Service for whatever serves, and an Ingress for the first frontend of production.
pub(super) fn services<'s>(
    shape: &'s Shape,
    namespace: &'s Namespace,
) -> impl Iterator<Item = Value> + use<'s> {
    let serves = |workload: &&Workload| matches!(workload.kind, Kind::Deployment | Kind::StatefulSet);
    let services = namespace.workloads.iter().filter(serves);
    let few = namespace.name.len() % 4 == shape.seed as usize % 4;
    let published = namespace.workloads.iter().filter(serves).find(|workload| tier(workload) == "frontend");
    let published = published.filter(|_| few && namespace.side == Side::Production);
    services
        .enumerate()
        .map(|(index, workload)| service(namespace, workload, index))
        .chain(published.map(|workload| ingress(namespace, workload)))
}

fn service(namespace: &Namespace, workload: &Workload, index: usize) -> Value {
    let mut rng = of(workload, 6);
    let labels = selector(namespace, workload);
    let address = if workload.kind == Kind::StatefulSet {
        "None".to_owned()
    } else {
        format!("172.20.{}.{}", rng.u8(..), 1 + index % 250)
    };
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": applied(&workload.name, Some(namespace), labels.clone(), &mut rng),
        "spec": {
            "clusterIP": address,
            "clusterIPs": [address],
            "internalTrafficPolicy": "Cluster",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "ports": [
                { "name": "http", "port": port(workload), "protocol": "TCP", "targetPort": "http" },
                { "name": "metrics", "port": 9090, "protocol": "TCP", "targetPort": "metrics" },
            ],
            "selector": labels,
            "sessionAffinity": "None",
            "type": "ClusterIP",
        },
        "status": { "loadBalancer": {} },
    })
}

fn ingress(namespace: &Namespace, workload: &Workload) -> Value {
    let host = format!("{}.example.com", namespace.name);
    let backend = json!({ "service": { "name": workload.name, "port": { "name": "http" } } });
    let labels = selector(namespace, workload);
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": applied(&workload.name, Some(namespace), labels, &mut of(workload, 7)),
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{ "host": host, "http": { "paths": [{ "backend": backend, "path": "/", "pathType": "Prefix" }] } }],
            "tls": [{ "hosts": [host], "secretName": format!("{}-tls", workload.name) }],
        },
    })
}
