//! The tables about the admin tiers. Most of them stand on one cluster: four teams with two pods each, an agent on the
//! host network, two nodes.

mod either_tier;
mod order;
mod text;
mod undefined;

use super::Table;
use crate::build::{
    self, Cluster, cluster_policy, matching, named_port, place, subject, tier_pods, tier_rule,
};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use watertight_base::{Protocol, Selector};
use watertight_model::{
    Action, ClusterPolicy, Node, Pod, Scheduling, Snapshot, Tier, TierPeerKind, TierPortKind, TierRule,
};

const TEAMS: [&str; 4] = ["red", "green", "blue", "amber"];

/// Four teams; each pod names TCP 80 `web` and UDP 53 `dns`. The agent shares the network of the node `first`.
fn cluster() -> Cluster {
    let mut cluster = Cluster::new();
    for (third, team) in (1_u8..).zip(TEAMS) {
        cluster = cluster.namespace(build::namespace(team, &[("team", team)]));
        for (fourth, name) in (1_u8..).zip(["one", "two"]) {
            let pod = Pod {
                addresses: vec![v4(10, 244, third, fourth)],
                ports: vec![named_port("web", Protocol::Tcp, 80), named_port("dns", Protocol::Udp, 53)],
                ..build::pod(name, &[("team", team), ("app", name)])
            };
            cluster = cluster.pod(team, pod);
        }
    }
    let agent = Pod {
        host_network: Some(place()),
        addresses: vec![v4(192, 168, 0, 1)],
        scheduling: Scheduling { node_name: Some("first".to_owned()), ..Scheduling::default() },
        ..build::pod("agent", &[("app", "agent")])
    };
    let node = |name: &str, fourth, system: &str| Node {
        labels: build::labels(&[("system", system)]),
        addresses: vec![v4(192, 168, 0, fourth)],
        ..build::node(name)
    };
    cluster
        .namespace(build::namespace("hosts", &[("team", "hosts")]))
        .pod("hosts", agent)
        .node(node("first", 1, "linux"))
        .node(node("second", 2, "other"))
}

fn v4(first: u8, second: u8, third: u8, fourth: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(first, second, third, fourth))
}

fn team(name: &str) -> TierPeerKind {
    tier_pods(matching(&[("team", name)]), Selector::everything())
}

fn everyone() -> TierPeerKind {
    tier_pods(Selector::everything(), Selector::everything())
}

fn networks(networks: &[(IpAddr, u8)]) -> TierPeerKind {
    let networks = networks.iter().filter_map(|&(address, length)| IpNet::new(address, length).ok());
    TierPeerKind::Networks(networks.collect())
}

fn all_addresses() -> TierPeerKind {
    networks(&[(v4(0, 0, 0, 0), 0), (IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0)])
}

fn tcp(port: u16) -> TierPortKind {
    TierPortKind::Number(Protocol::Tcp, port)
}

fn udp(port: u16) -> TierPortKind {
    TierPortKind::Number(Protocol::Udp, port)
}

fn sctp(port: u16) -> TierPortKind {
    TierPortKind::Number(Protocol::Sctp, port)
}

fn named(name: &str) -> TierPortKind {
    TierPortKind::Named(name.to_owned())
}

fn accept(peer: TierPeerKind) -> TierRule {
    tier_rule(Action::Accept, vec![peer])
}

fn deny(peer: TierPeerKind) -> TierRule {
    tier_rule(Action::Deny, vec![peer])
}

fn pass(peer: TierPeerKind) -> TierRule {
    tier_rule(Action::Pass, vec![peer])
}

/// A policy about one team, with the same rules in both directions if they are given once.
fn about(name: &str, tier: Tier, priority: u16, team: &str) -> ClusterPolicy {
    let subject = subject(matching(&[("team", team)]), Selector::everything());
    ClusterPolicy { subject, ..cluster_policy(name, tier, priority) }
}

/// The action, both ways, on everything between red and green.
fn between(name: &str, tier: Tier, priority: u16, action: Action) -> ClusterPolicy {
    let rule = || tier_rule(action, vec![team("green")]);
    ClusterPolicy { ingress: vec![rule()], egress: vec![rule()], ..about(name, tier, priority, "red") }
}

fn with(policies: Vec<ClusterPolicy>) -> Snapshot {
    policies.into_iter().fold(cluster(), Cluster::cluster_policy).snapshot()
}

pub(super) fn tables() -> Vec<Table> {
    let mut tables = Vec::new();
    for tier in [Tier::Admin, Tier::Baseline] {
        tables.extend(either_tier::tables(tier));
    }
    tables.extend(order::tables());
    tables.extend(undefined::tables());
    tables.extend(text::tables());
    tables
}
