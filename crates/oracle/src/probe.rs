//! Which ports and addresses to ask about: those at which some rule could change its answer.

use crate::choices::tier_rules;
use crate::matching::holds;
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use watertight_base::Protocol;
use watertight_model::{
    NetworkPolicy, PeerKind, PolicyRule, PortMatch, Snapshot, TargetPort, TierPeerKind, TierPortKind,
};

/// Every rule of a policy, of both directions.
pub(crate) fn rules(policy: &NetworkPolicy) -> impl Iterator<Item = &PolicyRule> {
    policy.ingress.iter().chain(&policy.egress)
}

/// Every port number that is mentioned, its neighbours, and a high one that is not; for each protocol.
#[must_use]
pub fn ports(snapshot: &Snapshot) -> Vec<(Protocol, u16)> {
    let mut mentioned = BTreeSet::new();
    for pod in &snapshot.pods {
        mentioned.extend(pod.ports.iter().map(|port| port.number));
    }
    for rule in snapshot.policies.iter().flat_map(rules) {
        for element in rule.ports.iter().flatten() {
            match &element.port {
                PortMatch::Number(number) => mentioned.extend([*number]),
                PortMatch::Range(first, last) => mentioned.extend([*first, *last]),
                PortMatch::All | PortMatch::Named(_) => {}
            }
        }
    }
    for rule in snapshot.cluster_policies.iter().flat_map(tier_rules) {
        for element in rule.ports.iter().flatten() {
            match &element.kind {
                TierPortKind::Number(_, number) => mentioned.extend([*number]),
                TierPortKind::Range(_, first, last) => mentioned.extend([*first, *last]),
                TierPortKind::All(_) | TierPortKind::Named(_) => {}
            }
        }
    }
    for port in snapshot.services.iter().flat_map(|service| &service.ports) {
        mentioned.extend([port.port]);
        if let TargetPort::Number(number) = port.target {
            mentioned.insert(number);
        }
    }
    let mut asked = BTreeSet::new();
    for &number in &mentioned {
        asked.extend([number.saturating_sub(1).max(1), number.max(1), number.saturating_add(1)]);
    }
    asked.extend((49_152..=u16::MAX).find(|number| !asked.contains(number)));
    Protocol::ALL
        .into_iter()
        .flat_map(|protocol| asked.iter().map(move |&number| (protocol, number)))
        .collect()
}

/// The networks of every ipBlock, exceptions included, and those of the admin tiers.
fn networks(snapshot: &Snapshot) -> Vec<&IpNet> {
    let mut networks = Vec::new();
    for rule in snapshot.policies.iter().flat_map(rules) {
        for peer in rule.peers.iter().flatten() {
            if let PeerKind::IpBlock { cidr, except } = &peer.kind {
                networks.push(cidr);
                networks.extend(except);
            }
        }
    }
    for rule in snapshot.cluster_policies.iter().flat_map(tier_rules) {
        for peer in &rule.peers {
            if let TierPeerKind::Networks(mentioned) = &peer.kind {
                networks.extend(mentioned);
            }
        }
    }
    networks
}

/// The first and the last address of every ipBlock, exception and network, the addresses beside them, and a public address of
/// each family.
#[must_use]
pub fn addresses(snapshot: &Snapshot) -> Vec<IpAddr> {
    let mut asked = BTreeSet::from([
        IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
        IpAddr::V6(Ipv6Addr::new(0x2001, 0x4860, 0x4860, 0, 0, 0, 0, 0x8888)),
    ]);
    for network in networks(snapshot) {
        asked.extend(edges(network));
    }
    asked.into_iter().collect()
}

/// The addresses on both sides of both ends of a network.
fn edges(network: &IpNet) -> Vec<IpAddr> {
    match network.addr() {
        IpAddr::V4(address) => {
            let host = u32::MAX.checked_shr(u32::from(network.prefix_len())).unwrap_or(0);
            let (first, last) = (u32::from(address) & !host, u32::from(address) | host);
            [Some(first), first.checked_sub(1), Some(last), last.checked_add(1)]
                .into_iter()
                .flatten()
                .map(|bits| IpAddr::V4(Ipv4Addr::from(bits)))
                .collect()
        }
        IpAddr::V6(address) => {
            let host = u128::MAX.checked_shr(u32::from(network.prefix_len())).unwrap_or(0);
            let (first, last) = (u128::from(address) & !host, u128::from(address) | host);
            [Some(first), first.checked_sub(1), Some(last), last.checked_add(1)]
                .into_iter()
                .flatten()
                .map(|bits| IpAddr::V6(Ipv6Addr::from(bits)))
                .collect()
        }
    }
}

/// An address of a network, for networks that stand for their addresses.
pub(crate) fn second_address(network: &IpNet) -> IpAddr {
    let first = match edges(network).first() {
        Some(first) => *first,
        None => network.addr(),
    };
    let second = match first {
        IpAddr::V4(address) => IpAddr::V4(Ipv4Addr::from(u32::from(address).saturating_add(1))),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address).saturating_add(1))),
    };
    if holds(network, second) { second } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{self, Cluster, anyone, block, ingress, on, peers};

    #[test]
    fn ports_are_asked_on_both_sides_of_each_number() {
        let rule = on(
            anyone(),
            vec![(Protocol::Tcp, PortMatch::Range(1, 80)), (Protocol::Udp, PortMatch::Number(65535))],
        );
        let snapshot = Cluster::new().policy("a", ingress("p", vec![rule])).snapshot();
        let tcp: Vec<u16> = ports(&snapshot)
            .into_iter()
            .filter(|&(protocol, _)| protocol == Protocol::Tcp)
            .map(|(_, port)| port)
            .collect();
        assert_eq!(tcp, [1, 2, 79, 80, 81, 49_152, 65534, 65535]);
        assert_eq!(ports(&snapshot).len(), 3 * tcp.len());
    }

    #[test]
    fn addresses_are_asked_on_both_sides_of_each_edge() {
        let rule = peers(vec![
            block("10.0.0.7/24".parse().unwrap(), vec!["10.0.0.128/25".parse().unwrap()]),
            block("0.0.0.0/0".parse().unwrap(), vec![]),
        ]);
        let snapshot =
            Cluster::new().pod("a", build::pod("x", &[])).policy("a", ingress("p", vec![rule])).snapshot();
        let asked: Vec<String> = addresses(&snapshot).iter().map(ToString::to_string).collect();
        let expected = [
            "0.0.0.0",
            "8.8.8.8",
            "9.255.255.255",
            "10.0.0.0",
            "10.0.0.127",
            "10.0.0.128",
            "10.0.0.255",
            "10.0.1.0",
            "255.255.255.255",
            "2001:4860:4860::8888",
        ];
        assert_eq!(asked, expected);
    }
}
