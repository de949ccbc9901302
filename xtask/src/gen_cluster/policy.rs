//! NetworkPolicies of each namespace, which keep the environments apart, and the administrator's policies above them.

use super::metadata::applied;
use super::shape::{Namespace, Shape, Side};
use fastrand::Rng;
use serde_json::{Value, json};

/// One to four policies.
pub(super) fn network_policies<'s>(
    shape: &'s Shape,
    namespace: &'s Namespace,
) -> impl Iterator<Item = Value> + use<'s> {
    let mut rng = Rng::with_seed(shape.seed ^ namespace.name.len() as u64 ^ namespace.workloads.len() as u64);
    let mut specs = match namespace.side {
        Side::Shared => vec![("allow-cluster", allow_cluster())],
        side => {
            let mut specs = vec![
                ("default-deny", json!({ "podSelector": {}, "policyTypes": ["Ingress", "Egress"] })),
                ("allow-environment", allow_environment(side, namespace.team)),
                ("allow-monitoring", allow_monitoring()),
                ("allow-partners", allow_partners()),
            ];
            specs.truncate(rng.usize(2..=4));
            specs
        }
    };
    let first = shape.namespaces.iter().find(|first| first.side == namespace.side);
    if shape.leak && namespace.side != Side::Shared && first.is_some_and(|first| first.name == namespace.name)
    {
        specs.push(("allow-smoke-tests", leak(namespace.side)));
    }
    specs.into_iter().map(move |(name, spec)| {
        let metadata = applied(name, Some(namespace), json!({ "app.kubernetes.io/managed-by": "argocd" }), &mut rng);
        json!({ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec })
    })
}

fn namespaces(key: &str, value: &str) -> Value {
    json!({ "matchLabels": { key: value } })
}

/// Everybody in the cluster may ask what is shared.
fn allow_cluster() -> Value {
    json!({
        "ingress": [{ "from": [{ "namespaceSelector": {} }] }],
        "podSelector": {},
        "policyTypes": ["Ingress"],
    })
}

/// What an application needs: its own environment, DNS, and the internet without private ranges.
fn allow_environment(side: Side, team: &str) -> Value {
    let own = namespaces("environment", side.name());
    json!({
        "egress": [
            { "ports": [{ "port": 53, "protocol": "UDP" }, { "port": 53, "protocol": "TCP" }],
              "to": [{ "namespaceSelector": namespaces("kubernetes.io/metadata.name", "kube-system"),
                       "podSelector": { "matchLabels": { "k8s-app": "coredns" } } }] },
            { "to": [{ "namespaceSelector": own }] },
            { "ports": [{ "port": 443, "protocol": "TCP" }],
              "to": [{ "ipBlock": { "cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"] } }] },
        ],
        "ingress": [
            { "from": [{ "namespaceSelector": own, "podSelector": { "matchExpressions": [
                { "key": "tier", "operator": "In", "values": ["frontend", "backend"] } ] } }],
              "ports": [{ "port": "http", "protocol": "TCP" }] },
            { "from": [{ "namespaceSelector": { "matchLabels": { "environment": side.name(), "team": team } } }] },
        ],
        "podSelector": { "matchLabels": { "app.kubernetes.io/instance": team } },
        "policyTypes": ["Ingress", "Egress"],
    })
}

fn allow_monitoring() -> Value {
    json!({
        "ingress": [{
            "from": [{ "namespaceSelector": namespaces("kubernetes.io/metadata.name", "monitoring") }],
            "ports": [{ "port": "metrics", "protocol": "TCP" }],
        }],
        "podSelector": {},
        "policyTypes": ["Ingress"],
    })
}

fn allow_partners() -> Value {
    json!({
        "ingress": [{
            "from": [
                { "ipBlock": { "cidr": "198.51.100.0/24", "except": ["198.51.100.64/26"] } },
                { "ipBlock": { "cidr": "203.0.113.0/25" } },
            ],
            "ports": [{ "port": 8443, "protocol": "TCP" }],
        }],
        "podSelector": { "matchExpressions": [{ "key": "tier", "operator": "In", "values": ["frontend"] }] },
        "policyTypes": ["Ingress"],
    })
}

/// The two halves of a way across: out of staging, and into production.
fn leak(side: Side) -> Value {
    let both = json!([{ "namespaceSelector": { "matchExpressions": [
        { "key": "environment", "operator": "In", "values": ["production", "staging"] } ] } }]);
    match side {
        Side::Staging => json!({ "egress": [{ "to": both }], "podSelector": {}, "policyTypes": ["Egress"] }),
        _ => json!({ "ingress": [{ "from": both }], "podSelector": {}, "policyTypes": ["Ingress"] }),
    }
}

/// The administrator's policies: monitoring may scrape, and nobody asks the cloud for credentials.
pub(super) fn cluster_policies() -> impl Iterator<Item = Value> {
    let mut rng = Rng::with_seed(7);
    let environments = json!({ "namespaces": { "matchExpressions": [
        { "key": "environment", "operator": "In", "values": ["production", "staging"] } ] } });
    let monitoring = json!({
        "ingress": [{
            "action": "Accept",
            "from": [{ "namespaces": namespaces("kubernetes.io/metadata.name", "monitoring") }],
            "name": "scrape",
            "protocols": [{ "tcp": { "destinationPort": { "number": 9090 } } }],
        }],
        "priority": 10,
        "subject": environments,
        "tier": "Admin",
    });
    let cloud = json!({
        "egress": [{
            "action": "Deny",
            "name": "no-credentials",
            "to": [{ "networks": ["169.254.169.254/32"] }],
        }],
        "priority": 20,
        "subject": environments,
        "tier": "Admin",
    });
    [("allow-scraping", monitoring), ("deny-cloud-metadata", cloud)].into_iter().map(move |(name, spec)| {
        json!({
            "apiVersion": "policy.networking.k8s.io/v1alpha2",
            "kind": "ClusterNetworkPolicy",
            "metadata": applied(name, None, json!({ "app.kubernetes.io/managed-by": "argocd" }), &mut rng),
            "spec": spec,
        })
    })
}
