//! Sets of transport ports.

use crate::IntervalSet;
use std::fmt;

/// A set of ports from 1 to 65535. Port 0 is never in it: no one can listen there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PortSet(IntervalSet<u16>);

impl PortSet {
    /// No port.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Every port, 1 to 65535.
    #[must_use]
    pub fn full() -> Self {
        Self(IntervalSet::range(1, u16::MAX))
    }

    /// One port; none for 0.
    #[must_use]
    pub fn single(port: u16) -> Self {
        Self::range(port, port)
    }

    /// The ports from `first` to `last`, both included; none if they are reversed.
    #[must_use]
    pub fn range(first: u16, last: u16) -> Self {
        Self(IntervalSet::range(first.max(1), last))
    }

    /// Whether no port is in the set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every port is in the set.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.intervals() == [(1, u16::MAX)]
    }

    /// Whether `port` is in the set.
    #[must_use]
    pub fn contains(&self, port: u16) -> bool {
        self.0.contains(port)
    }

    /// The lowest port of the set.
    #[must_use]
    pub fn first(&self) -> Option<u16> {
        self.0.intervals().first().map(|&(first, _)| first)
    }

    /// The closed ranges of the set, sorted.
    #[must_use]
    pub fn ranges(&self) -> &[(u16, u16)] {
        self.0.intervals()
    }

    /// The ports of either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0))
    }

    /// The ports of both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0))
    }

    /// The ports of this set that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0))
    }

    /// Whether every port of this set is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }
}

impl fmt::Display for PortSet {
    /// `80,443,8000-8999`; `all ports` when full.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_full() {
            return f.write_str("all ports");
        }
        for (index, (first, last)) in self.ranges().iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            if first == last { write!(f, "{first}")? } else { write!(f, "{first}-{last}")? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_zero_is_in_no_set() {
        assert!(PortSet::single(0).is_empty());
        assert!(!PortSet::full().contains(0));
        assert!(PortSet::range(0, 65535).is_full());
    }

    #[test]
    fn ports_read_as_people_write_them() {
        let ports = PortSet::single(80).union(&PortSet::range(8000, 8999));
        assert_eq!(ports.to_string(), "80,8000-8999");
        assert_eq!(PortSet::full().to_string(), "all ports");
    }
}
