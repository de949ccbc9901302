//! Sets of connections: which ports of which transport protocol.

use crate::PortSet;
use std::fmt;

/// The transport protocols that NetworkPolicy speaks of. Every other protocol (ICMP, GRE…) is outside its words and
/// outside our promise (rule N31).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP, also the meaning of a missing protocol (rule N23).
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// All three, in the order in which they are printed.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// The protocol as the Kubernetes API spells it; only upper case is a protocol there.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }

    /// The spelling of the Kubernetes API: `TCP`, `UDP`, `SCTP`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of (protocol, destination port) pairs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ConnectionSet {
    ports: [PortSet; 3],
}

impl ConnectionSet {
    /// No connection.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every port of every protocol.
    #[must_use]
    pub fn full() -> Self {
        Self { ports: Protocol::ALL.map(|_| PortSet::full()) }
    }

    /// Some ports of one protocol.
    #[must_use]
    pub fn of(protocol: Protocol, ports: PortSet) -> Self {
        let mut set = Self::empty();
        set.ports[protocol as usize] = ports;
        set
    }

    /// The ports of one protocol.
    #[must_use]
    pub fn ports(&self, protocol: Protocol) -> &PortSet {
        &self.ports[protocol as usize]
    }

    /// Whether no connection is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ports.iter().all(PortSet::is_empty)
    }

    /// Whether every connection is in the set.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.ports.iter().all(PortSet::is_full)
    }

    /// Whether this port of this protocol is in the set.
    #[must_use]
    pub fn contains(&self, protocol: Protocol, port: u16) -> bool {
        self.ports(protocol).contains(port)
    }

    /// A connection of the set: the lowest port of the first protocol that has one.
    #[must_use]
    pub fn first(&self) -> Option<(Protocol, u16)> {
        Protocol::ALL.into_iter().find_map(|protocol| Some((protocol, self.ports(protocol).first()?)))
    }

    /// The connections of either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.zip(other, PortSet::union)
    }

    /// The connections of both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.zip(other, PortSet::intersection)
    }

    /// The connections of this set that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.zip(other, PortSet::difference)
    }

    /// Whether every connection of this set is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        Protocol::ALL.into_iter().all(|protocol| self.ports(protocol).is_subset(other.ports(protocol)))
    }

    fn zip(&self, other: &Self, combine: impl Fn(&PortSet, &PortSet) -> PortSet) -> Self {
        Self { ports: Protocol::ALL.map(|protocol| combine(self.ports(protocol), other.ports(protocol))) }
    }
}

impl fmt::Display for ConnectionSet {
    /// `TCP 80,443; UDP 53`; `every port` when full, `nothing` when empty.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_full() {
            return f.write_str("every port");
        }
        if self.is_empty() {
            return f.write_str("nothing");
        }
        let mut first = true;
        for protocol in Protocol::ALL {
            if !self.ports(protocol).is_empty() {
                let separator = if first { "" } else { "; " };
                write!(f, "{separator}{protocol} {}", self.ports(protocol))?;
                first = false;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_of_one_protocol_is_no_port_of_another() {
        let dns = ConnectionSet::of(Protocol::Udp, PortSet::single(53));
        assert!(dns.contains(Protocol::Udp, 53));
        assert!(!dns.contains(Protocol::Tcp, 53));
        assert!(dns.intersection(&ConnectionSet::of(Protocol::Tcp, PortSet::full())).is_empty());
    }

    #[test]
    fn connections_read_as_people_write_them() {
        let set = ConnectionSet::of(Protocol::Tcp, PortSet::full())
            .union(&ConnectionSet::of(Protocol::Udp, PortSet::single(53)));
        assert_eq!(set.to_string(), "TCP all ports; UDP 53");
        assert_eq!(ConnectionSet::full().to_string(), "every port");
    }

    #[test]
    fn lower_case_is_no_protocol() {
        assert_eq!(Protocol::from_name("tcp"), None);
        assert_eq!(Protocol::from_name("SCTP"), Some(Protocol::Sctp));
    }
}
