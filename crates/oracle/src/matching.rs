//! Plain matching of selectors against labels and of networks against addresses.

use ipnet::IpNet;
use std::net::IpAddr;
use watertight_base::{Labels, Operator, Requirement, Selector};

/// Whether labels meet one requirement. `NotIn` and `DoesNotExist` are met by labels that lack the key (rule N16).
fn requirement_holds(requirement: &Requirement, labels: &Labels) -> bool {
    let key_is_there = labels.contains_key(&requirement.key);
    let mut value_is_listed = false;
    for value in &requirement.values {
        if labels.get(&requirement.key) == Some(value) {
            value_is_listed = true;
        }
    }
    match requirement.operator {
        Operator::In => key_is_there && value_is_listed,
        Operator::NotIn => !key_is_there || !value_is_listed,
        Operator::Exists => key_is_there,
        Operator::DoesNotExist => !key_is_there,
    }
}

/// Whether labels meet every one of these requirements (rule N16).
pub(crate) fn all_hold(requirements: &[Requirement], labels: &Labels) -> bool {
    for requirement in requirements {
        if !requirement_holds(requirement, labels) {
            return false;
        }
    }
    true
}

/// Whether a selector selects an object with these labels; one without requirements selects everything.
pub(crate) fn selects(selector: &Selector, labels: &Labels) -> bool {
    all_hold(&selector.requirements, labels)
}

/// The bits of an address, the first on the left, and how many there are.
fn bits(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    }
}

/// Whether an address begins with the first `length` bits of `network`. What follows those bits in `network` means
/// nothing (rule N45), and an address of the other family is never inside (rule N46).
pub(crate) fn begins_with(network: IpAddr, length: u8, address: IpAddr) -> bool {
    let (network_bits, network_width) = bits(network);
    let (address_bits, address_width) = bits(address);
    if network_width != address_width {
        return false;
    }
    for position in 0..length.min(network_width) {
        let shift = network_width - 1 - position;
        if (network_bits >> shift) & 1 != (address_bits >> shift) & 1 {
            return false;
        }
    }
    true
}

/// Whether a network holds an address.
pub(crate) fn holds(network: &IpNet, address: IpAddr) -> bool {
    begins_with(network.addr(), network.prefix_len(), address)
}

/// Whether an ipBlock matches an address: it is in `cidr` and in none of its own exceptions (rule N44).
pub(crate) fn block_matches(cidr: &IpNet, except: &[IpNet], address: IpAddr) -> bool {
    holds(cidr, address) && !except.iter().any(|hole| holds(hole, address))
}
/// Space in which clusters take the addresses of pods and nodes (convention 13): RFC 1918, 100.64.0.0/10, ULA and
/// link-local.
pub(crate) const PRIVATE_SPACE: [(IpAddr, u8); 7] = [
    (IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(std::net::Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(std::net::Ipv4Addr::new(100, 64, 0, 0)), 10),
    (IpAddr::V4(std::net::Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V6(std::net::Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(std::net::Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
];

/// The first address of each block of private space.
pub(crate) fn private_networks() -> impl Iterator<Item = IpAddr> {
    PRIVATE_SPACE.into_iter().map(|(network, _)| network)
}

/// Whether one block of private space holds both.
pub(crate) fn share_a_private_block(one: IpAddr, other: IpAddr) -> bool {
    PRIVATE_SPACE
        .into_iter()
        .any(|(network, length)| begins_with(network, length, one) && begins_with(network, length, other))
}

/// Whether an address is private.
pub(crate) fn is_private(address: IpAddr) -> bool {
    PRIVATE_SPACE.into_iter().any(|(network, length)| begins_with(network, length, address))
}
