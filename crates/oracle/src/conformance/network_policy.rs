//! The tables about NetworkPolicy. All of them stand on one cluster: three teams with three pods each, an agent on the host
//! network, two nodes.
//!
//! A change (a policy replaced or removed, labels set) is two tables: before and after.

mod addresses;
mod changes;
mod isolation;
mod peers;
mod ports;
mod undefined;

use super::Table;
use crate::build::{self, Cluster, matching, named_port, own_pods, peers, place, require, selecting};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr};
use watertight_base::{Operator, Protocol, Selector};
use watertight_model::{NetworkPolicy, Node, PeerKind, Pod, PolicyRule, PolicyTypes, Scheduling, Snapshot};

const TEAMS: [&str; 3] = ["red", "green", "blue"];
const PODS: [&str; 3] = ["one", "two", "three"];

/// Three teams; each pod names TCP 80 `web`, TCP 81 `admin` and UDP 53 `dns`. The pods `one` are on the node `first`, all
/// others on the node `second`. The agent shares the network of `first`.
fn cluster() -> Cluster {
    let mut cluster = Cluster::new();
    for team in TEAMS {
        cluster = cluster.namespace(build::namespace(team, &[("team", team)]));
        for name in PODS {
            cluster = cluster.pod(team, pod(team, name));
        }
    }
    let agent = Pod {
        host_network: Some(place()),
        addresses: vec![v4(192, 168, 0, 1)],
        scheduling: on_node("first"),
        ..build::pod("agent", &[("app", "agent")])
    };
    let node = |name: &str, fourth| Node { addresses: vec![v4(192, 168, 0, fourth)], ..build::node(name) };
    cluster
        .namespace(build::namespace("hosts", &[("team", "hosts")]))
        .pod("hosts", agent)
        .node(node("first", 1))
        .node(node("second", 2))
}

/// A pod of a team. Its address ends in the numbers of both.
fn pod(team: &str, name: &str) -> Pod {
    let number = |names: &[&str], wanted: &str| {
        let before = names.iter().take_while(|name| **name != wanted);
        before.fold(1, |number, _| number + 1)
    };
    Pod {
        addresses: vec![v4(10, 244, number(&TEAMS, team), number(&PODS, name))],
        ports: vec![
            named_port("web", Protocol::Tcp, 80),
            named_port("admin", Protocol::Tcp, 81),
            named_port("dns", Protocol::Udp, 53),
        ],
        scheduling: on_node(if name == "one" { "first" } else { "second" }),
        ..build::pod(name, &[("app", name)])
    }
}

fn on_node(name: &str) -> Scheduling {
    Scheduling { node_name: Some(name.to_owned()), ..Scheduling::default() }
}

fn v4(first: u8, second: u8, third: u8, fourth: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(first, second, third, fourth))
}

/// A peer with `ipBlock`. All of the text's networks are of the right form.
fn block(cidr: &str, except: &[&str]) -> PeerKind {
    let net = |text: &str| text.parse::<IpNet>().unwrap_or_default();
    build::block(net(cidr), except.iter().map(|text| net(text)).collect())
}

fn app(name: &str) -> Selector {
    matching(&[("app", name)])
}

fn team(name: &str) -> Selector {
    matching(&[("team", name)])
}

/// The selector of one requirement.
fn that(key: &str, operator: Operator, values: &[&str]) -> Selector {
    selecting(vec![require(key, operator, values)])
}

/// The rule for pods of the policy's own namespace.
fn own(pods: Selector) -> PolicyRule {
    peers(vec![own_pods(pods)])
}

/// The rule for all pods of some namespaces.
fn namespaces(selector: Selector) -> PolicyRule {
    peers(vec![build::namespaces(selector)])
}

/// The rule for some pods of some namespaces.
fn pods_in(namespaces: Selector, pods: Selector) -> PolicyRule {
    peers(vec![build::pods_in(namespaces, pods)])
}

/// A policy that isolates in both directions.
fn both_ways(name: &str, ingress: Vec<PolicyRule>, egress: Vec<PolicyRule>) -> NetworkPolicy {
    let types = PolicyTypes { ingress: true, egress: true };
    NetworkPolicy { types, ingress, egress, ..build::policy(name) }
}

/// The same policy about some pods alone.
fn about(pods: Selector, policy: NetworkPolicy) -> NetworkPolicy {
    NetworkPolicy { subject: pods, ..policy }
}

/// The cluster with these policies, each in a team's namespace.
fn with(policies: Vec<(&str, NetworkPolicy)>) -> Snapshot {
    in_cluster(cluster(), policies)
}

fn in_cluster(cluster: Cluster, policies: Vec<(&str, NetworkPolicy)>) -> Snapshot {
    policies.into_iter().fold(cluster, |cluster, (team, policy)| cluster.policy(team, policy)).snapshot()
}

/// The cluster with these policies of red.
fn red(policies: Vec<NetworkPolicy>) -> Snapshot {
    with(policies.into_iter().map(|policy| ("red", policy)).collect())
}

fn table(name: &'static str, snapshot: Snapshot, text: &'static str) -> Table {
    Table { name, snapshot, text }
}

pub(super) fn tables() -> Vec<Table> {
    [
        isolation::tables(),
        peers::tables(),
        ports::tables(),
        addresses::tables(),
        changes::tables(),
        undefined::tables(),
    ]
    .concat()
}
