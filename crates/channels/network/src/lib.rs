//! The network channel: who may open a connection to whom, under NetworkPolicy and a CNI profile.

mod profile;

pub use profile::Profile;

use watertight_base::Protocol;
use watertight_model::{ConnectivityMap, Explanation, Peer, Relation, Snapshot};

/// Who can open a connection to whom: workloads, nodes and addresses outside.
#[must_use]
pub fn connectivity(_snapshot: &Snapshot, _profile: Profile, relation: Relation) -> ConnectivityMap {
    ConnectivityMap { relation, edges: Vec::new() }
}

/// The peers that one end of `map --explain` or `--focus` names: `NAMESPACE/NAME`, `NAMESPACE/KIND/NAME`, or an address.
#[must_use]
pub fn peers_named(_snapshot: &Snapshot, _name: &str) -> Vec<Peer> {
    Vec::new()
}

/// Why the peers can or cannot connect, for each pair of peers that the names mean; `port` narrows what is shown.
#[must_use]
pub fn explain(
    _snapshot: &Snapshot,
    _profile: Profile,
    _relation: Relation,
    _from: &Peer,
    _to: &Peer,
    _port: Option<(Protocol, u16)>,
) -> Vec<Explanation> {
    Vec::new()
}
