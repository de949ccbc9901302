//! Sets of IP addresses, IPv4 and IPv6 side by side: neither family ever stands for the other (rule N46).

use crate::IntervalSet;
use ipnet::{IpNet, Ipv4Net, Ipv4Subnets, Ipv6Net, Ipv6Subnets};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A set of addresses.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct AddressSet {
    pub(crate) v4: IntervalSet<u32>,
    pub(crate) v6: IntervalSet<u128>,
}

impl AddressSet {
    /// No address.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every address of both families.
    #[must_use]
    pub fn full() -> Self {
        Self { v4: IntervalSet::full(), v6: IntervalSet::full() }
    }

    /// Every IPv4 address, and no other.
    #[must_use]
    pub fn all_v4() -> Self {
        Self { v4: IntervalSet::full(), v6: IntervalSet::empty() }
    }

    /// One address.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        Self::cidr(IpNet::from(address))
    }

    /// The addresses of a network; host bits are ignored (rule N45).
    #[must_use]
    pub fn cidr(net: IpNet) -> Self {
        match net {
            IpNet::V4(net) => Self {
                v4: IntervalSet::range(u32::from(net.network()), u32::from(net.broadcast())),
                v6: IntervalSet::empty(),
            },
            IpNet::V6(net) => Self {
                v4: IntervalSet::empty(),
                v6: IntervalSet::range(u128::from(net.network()), u128::from(net.broadcast())),
            },
        }
    }

    /// Space that the internet does not route, where pods and nodes usually live: RFC 1918, the shared space of RFC
    /// 6598, link-local, and IPv6 unique local addresses.
    #[must_use]
    pub fn private() -> Self {
        let v4 = [
            ([10, 0, 0, 0], 8),
            ([172, 16, 0, 0], 12),
            ([192, 168, 0, 0], 16),
            ([100, 64, 0, 0], 10),
            ([169, 254, 0, 0], 16),
        ];
        let v6 = [(0xfc00, 7), (0xfe80, 10)];
        let v4 = v4
            .into_iter()
            .map(|(octets, length)| Ipv4Net::new(Ipv4Addr::from(octets), length).map(IpNet::V4));
        let v6 = v6.into_iter().map(|(high, length)| {
            Ipv6Net::new(Ipv6Addr::new(high, 0, 0, 0, 0, 0, 0, 0), length).map(IpNet::V6)
        });
        v4.chain(v6).flatten().fold(Self::empty(), |set, net| set.union(&Self::cidr(net)))
    }

    /// Whether no address is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether `address` is in the set.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.contains(u32::from(address)),
            IpAddr::V6(address) => self.v6.contains(u128::from(address)),
        }
    }

    /// The addresses of either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { v4: self.v4.union(&other.v4), v6: self.v6.union(&other.v6) }
    }

    /// The addresses of both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { v4: self.v4.intersection(&other.v4), v6: self.v6.intersection(&other.v6) }
    }

    /// The addresses of this set that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self { v4: self.v4.difference(&other.v4), v6: self.v6.difference(&other.v6) }
    }

    /// Whether the two sets share an address.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        !self.intersection(other).is_empty()
    }

    /// Whether every address of this set is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.v4.is_subset(&other.v4) && self.v6.is_subset(&other.v6)
    }

    /// An address of the set: the lowest, IPv4 first.
    #[must_use]
    pub fn first(&self) -> Option<IpAddr> {
        let v4 = self.v4.intervals().first().map(|&(start, _)| IpAddr::V4(Ipv4Addr::from(start)));
        v4.or_else(|| self.v6.intervals().first().map(|&(start, _)| IpAddr::V6(Ipv6Addr::from(start))))
    }

    /// The fewest networks that make up the set, IPv4 first, sorted.
    #[must_use]
    pub fn cidrs(&self) -> Vec<IpNet> {
        let v4 = self.v4.intervals().iter().flat_map(|&(start, end)| {
            Ipv4Subnets::new(Ipv4Addr::from(start), Ipv4Addr::from(end), 0).map(IpNet::V4)
        });
        let v6 = self.v6.intervals().iter().flat_map(|&(start, end)| {
            Ipv6Subnets::new(Ipv6Addr::from(start), Ipv6Addr::from(end), 0).map(IpNet::V6)
        });
        v4.chain(v6).collect()
    }
}

impl FromIterator<Self> for AddressSet {
    /// The addresses of all these sets. Costs no more than sorting them once.
    fn from_iter<I: IntoIterator<Item = Self>>(sets: I) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for set in sets {
            v4.extend_from_slice(set.v4.intervals());
            v6.extend_from_slice(set.v6.intervals());
        }
        Self { v4: v4.into_iter().collect(), v6: v6.into_iter().collect() }
    }
}

impl FromIterator<IpAddr> for AddressSet {
    /// These addresses.
    fn from_iter<I: IntoIterator<Item = IpAddr>>(addresses: I) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for address in addresses {
            match address {
                IpAddr::V4(address) => v4.push((u32::from(address), u32::from(address))),
                IpAddr::V6(address) => v6.push((u128::from(address), u128::from(address))),
            }
        }
        Self { v4: v4.into_iter().collect(), v6: v6.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn net(text: &str) -> AddressSet {
        AddressSet::cidr(text.parse().unwrap())
    }

    #[test]
    fn n45_host_bits_mean_the_network() {
        assert_eq!(net("10.0.0.1/24"), net("10.0.0.0/24"));
    }

    #[test]
    fn n46_ipv4_never_covers_ipv6() {
        assert!(!net("0.0.0.0/0").contains("::1".parse().unwrap()));
        assert!(!net("::/0").contains("10.0.0.1".parse().unwrap()));
        assert!(!net("::/0").meets(&net("0.0.0.0/0")));
    }

    #[test]
    fn private_space_is_what_the_internet_does_not_route() {
        for private in [
            "10.1.2.3",
            "172.31.255.255",
            "192.168.0.1",
            "100.64.0.1",
            "169.254.169.254",
            "fd00::1",
            "fe80::1",
        ] {
            assert!(AddressSet::private().contains(private.parse().unwrap()), "{private}");
        }
        for public in ["8.8.8.8", "172.32.0.1", "192.0.2.1", "198.51.100.7", "2001:db8::1", "100.128.0.1"] {
            assert!(!AddressSet::private().contains(public.parse().unwrap()), "{public}");
        }
    }

    proptest! {
        #[test]
        fn cidrs_give_the_set_back(a in any::<u32>(), b in any::<u32>(), c in any::<u128>(), d in any::<u128>()) {
            let v4 = IntervalSet::range(a.min(b), a.max(b));
            let v6 = IntervalSet::range(c.min(d), c.max(d));
            let set = AddressSet { v4, v6 };
            let again = set.cidrs().into_iter().fold(AddressSet::empty(), |all, net| all.union(&AddressSet::cidr(net)));
            prop_assert_eq!(again, set);
        }
    }
}
