//! The admin tiers: who reads them, and how each profile reads what their text leaves open.

use super::{A, B, Row, SIDECAR, connection};
use crate::world::World;

const SHUT: &str = "podSelector: {}\npolicyTypes: [Ingress]";
const DENY: &str = "ingress:\n- {action: Deny, from: [{namespaces: {}}]}\n";
const ACCEPT: &str = "ingress:\n- {action: Accept, from: [{namespaces: {}}]}\n";
const STAGING: &str = "namespaces: {matchLabels: {kubernetes.io/metadata.name: staging}}";

/// The two kinds of the older API, about production.
fn older(kind: &str, name: &str, rest: &str) -> World {
    let spec = format!(
        "spec:\n  subject: {{namespaces: {{matchLabels: {{kubernetes.io/metadata.name: production}}}}}}\n  {rest}\n"
    );
    World::new().object("policy.networking.k8s.io/v1alpha1", kind, &format!("name: {name}"), &spec)
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = who_reads_them();
    rows.extend(what_they_leave_open());
    rows
}

fn who_reads_them() -> Vec<Row> {
    let old_deny = "ingress: [{action: Deny, from: [{namespaces: {}}]}]";
    let of_older = |world| Row {
        rule: "N71: policies of the older kinds",
        world,
        asked: connection(A, B, "TCP/80"),
        yes: "cilium kube-router none calico,admin-policies=false cilium,cluster-network-policy=true",
        no: "declared calico,admin-policies=true antrea,admin-policies=true kube-network-policies,admin-policies=true",
        open: "conservative calico antrea kube-network-policies",
    };
    vec![
        Row {
            rule: "N57: a Deny of the tier Admin",
            world: World::new().tier("t", "Admin", 0, DENY),
            asked: connection(A, B, "TCP/80"),
            yes: "cilium kube-router none calico,admin-policies=false",
            no: "declared calico,admin-policies=true antrea,admin-policies=true kube-network-policies,admin-policies=true cilium,cluster-network-policy=true",
            open: "conservative calico antrea kube-network-policies",
        },
        of_older(older("AdminNetworkPolicy", "t", &format!("priority: 5\n  {old_deny}"))),
        of_older(older("BaselineAdminNetworkPolicy", "default", old_deny)),
        Row {
            rule: "N57: a Baseline Accept of what a NetworkPolicy isolates",
            world: World::new().policy("production/p", SHUT).tier("t", "Baseline", 0, ACCEPT),
            asked: connection(A, B, "TCP/80"),
            yes: "none",
            no: "calico cilium kube-router antrea kube-network-policies declared calico,admin-policies=true",
            open: "conservative cilium,cluster-network-policy=true",
        },
    ]
}

fn what_they_leave_open() -> Vec<Row> {
    let out = |rules: &str| World::new().tier_about("t", "Admin", 0, STAGING, &format!("egress:\n{rules}"));
    let by_name = "ingress:\n- {action: Accept, from: [{namespaces: {}}], protocols: [{destinationNamedPort: http}]}\n- {action: Deny, from: [{namespaces: {}}]}\n";
    vec![
        Row {
            rule: "N59: an Accept and a Deny of one priority",
            world: World::new().tier("one", "Admin", 5, ACCEPT).tier("other", "Admin", 5, DENY),
            asked: connection(A, B, "TCP/80"),
            yes: "cilium kube-router declared none",
            no: "",
            open: "conservative calico antrea kube-network-policies calico,admin-policies=true cilium,cluster-network-policy=true",
        },
        Row {
            rule: "N63: the tier Baseline about a pod that is isolated the other way",
            world: World::new()
                .policy("production/p", "podSelector: {}\npolicyTypes: [Egress]\negress: [{}]")
                .tier("t", "Baseline", 0, DENY),
            asked: connection(A, B, "TCP/80"),
            yes: "cilium kube-router kube-network-policies none kube-network-policies,admin-policies=true",
            no: "declared",
            open: "conservative calico antrea calico,admin-policies=true cilium,cluster-network-policy=true",
        },
        Row {
            rule: "N66: a policy with a peer by nodes",
            world: out("- {action: Deny, to: [{nodes: {}}]}\n- {action: Deny, to: [{namespaces: {}}]}\n"),
            asked: connection(A, B, "TCP/80"),
            yes: "cilium kube-router none",
            no: "declared calico,admin-policies=true",
            open: "conservative calico antrea kube-network-policies cilium,cluster-network-policy=true",
        },
        Row {
            rule: "N67: a pod, by networks",
            world: out("- {action: Deny, to: [{networks: [0.0.0.0/0, \"::/0\"]}]}\n"),
            asked: connection(A, B, "TCP/80"),
            yes: "cilium kube-router none cilium,cluster-network-policy=true",
            no: "declared calico,admin-policies=true kube-network-policies,admin-policies=true",
            open: "conservative calico antrea kube-network-policies antrea,admin-policies=true cilium,cluster-network-policy=true,cidr-match=pods",
        },
        Row {
            rule: "N69: a port name on a sidecar",
            world: World::new().pod("production/x", "app: x", SIDECAR).tier("t", "Admin", 0, by_name),
            asked: connection(A, "production/x", "TCP/15001"),
            yes: "cilium kube-router none",
            no: "declared cilium,cluster-network-policy=true",
            open: "conservative calico antrea kube-network-policies calico,admin-policies=true",
        },
        Row {
            rule: "N70: a pod, by a domain name",
            world: out(
                "- {action: Accept, to: [{domainNames: [db.example.com]}]}\n- {action: Deny, to: [{namespaces: {}}]}\n",
            ),
            asked: connection(A, B, "TCP/80"),
            yes: "cilium kube-router declared none",
            no: "",
            open: "conservative calico antrea kube-network-policies calico,admin-policies=true cilium,cluster-network-policy=true",
        },
    ]
}
