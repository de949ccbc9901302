//! What an arrow says: the ports that are open, or the objects that carry connections on.

use super::Setting;
use std::collections::BTreeSet;
use std::fmt;
use watertight_base::ConnectionSet;
use watertight_model::ObjectRef;

/// A way on which an object carries connections on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Way {
    /// The object.
    pub(crate) via: ObjectRef,
    /// The ports at which it begins.
    pub(crate) allow: ConnectionSet,
}

/// Some ways of a picture, by their places in its list.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ways(pub(crate) BTreeSet<usize>);

/// What an arrow or a note says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Says {
    /// These destination ports are open.
    Open(ConnectionSet),
    /// Objects carry connections on.
    Carried(Ways),
}

/// What passes between two boxes, of which some may be said by one arrow and the rest by others.
pub(crate) trait Passing: Clone + Default + Ord + Into<Says> {
    /// What is in either.
    fn union(&self, other: &Self) -> Self;
    /// What is in both.
    fn intersection(&self, other: &Self) -> Self;
    /// Whether all of it is in the other.
    fn is_subset(&self, other: &Self) -> bool;
}

impl Passing for ConnectionSet {
    fn union(&self, other: &Self) -> Self {
        Self::union(self, other)
    }

    fn intersection(&self, other: &Self) -> Self {
        Self::intersection(self, other)
    }

    fn is_subset(&self, other: &Self) -> bool {
        Self::is_subset(self, other)
    }
}

impl Passing for Ways {
    fn union(&self, Self(other): &Self) -> Self {
        Self(&self.0 | other)
    }

    fn intersection(&self, Self(other): &Self) -> Self {
        Self(&self.0 & other)
    }

    fn is_subset(&self, Self(other): &Self) -> bool {
        self.0.is_subset(other)
    }
}

impl From<ConnectionSet> for Says {
    fn from(ports: ConnectionSet) -> Self {
        Self::Open(ports)
    }
}

impl From<Ways> for Says {
    fn from(ways: Ways) -> Self {
        Self::Carried(ways)
    }
}

impl Way {
    /// Whether it is published to everybody and not made by the side that is hostile: an Ingress or a route. What leads to
    /// a node's port, by a Service or a pod, is a port that is not published (convention 7).
    pub(crate) fn is_published(&self, setting: Setting<'_>) -> bool {
        let Some((from, _)) = setting.boundary else { return true };
        let of_from = setting.environments.iter().filter(|environment| environment.name == from);
        let mut hostile = of_from.flat_map(|environment| &environment.namespaces);
        (self.via.kind == "Ingress" || self.via.kind.ends_with("Route"))
            && !hostile.any(|choice| Some(&choice.name) == self.via.namespace.as_ref())
    }
}

impl fmt::Display for Way {
    /// `TCP 30432 via Service production/db`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} via {}", self.allow, self.via)
    }
}

impl fmt::Display for Ways {
    /// `1–3, 5`: as they are numbered for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<usize> = self.0.iter().map(|way| way + 1).collect();
        for (index, run) in numbers.chunk_by(|one, next| one + 1 == *next).enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            match run {
                [first, .., last] => write!(f, "{comma}{first}–{last}")?,
                [only] => write!(f, "{comma}{only}")?,
                [] => {}
            }
        }
        Ok(())
    }
}

impl fmt::Display for Says {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(ports) => ports.fmt(f),
            Self::Carried(ways) => write!(f, "via {ways}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_that_follow_each_other_are_a_range() {
        for (ways, text) in
            [(&[0][..], "1"), (&[0, 1], "1–2"), (&[0, 1, 2, 4, 8, 9], "1–3, 5, 9–10"), (&[], "")]
        {
            assert_eq!(Ways(ways.iter().copied().collect()).to_string(), text);
        }
    }
}
