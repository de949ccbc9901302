//! What one program says of one cluster, in words that both programs share.

use std::collections::BTreeSet;
use std::net::IpAddr;
use watertight_base::{AddressSet, ConnectionSet};

/// Who can open connections to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Every pod that the program sees, as `NAMESPACE/KIND/WORKLOAD`, or with `/POD` behind it if the program tells the
    /// pods of a workload apart.
    pub(crate) pods: BTreeSet<String>,
    /// What passes. A pair may stand in several edges, which add up.
    pub(crate) edges: Vec<Edge>,
}

/// What each of some peers can open to each of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) from: Peers,
    pub(crate) to: Peers,
    pub(crate) allow: ConnectionSet,
}

/// Pods, and addresses outside.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Peers {
    pub(crate) pods: BTreeSet<String>,
    pub(crate) addresses: AddressSet,
}

/// One end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End<'a> {
    Pod(&'a str),
    Outside(IpAddr),
}

impl Answer {
    /// What `from` can open to `to`.
    pub(crate) fn allowed(&self, from: End<'_>, to: End<'_>) -> ConnectionSet {
        let holding = self.edges.iter().filter(|edge| edge.from.hold(from) && edge.to.hold(to));
        holding.fold(ConnectionSet::empty(), |all, edge| all.union(&edge.allow))
    }
}

impl Peers {
    fn hold(&self, end: End<'_>) -> bool {
        match end {
            End::Pod(pod) => self.pods.contains(pod),
            End::Outside(address) => self.addresses.contains(address),
        }
    }
}

impl std::fmt::Display for End<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pod(pod) => f.write_str(pod),
            Self::Outside(address) => write!(f, "{address}"),
        }
    }
}
