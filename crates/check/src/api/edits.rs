//! What the hostile side changes for the network by what it comes to: the network is held against the cluster as it makes it.

use super::claim::Claim;
use std::collections::BTreeSet;
use watertight_model::{Gain, NamespaceId, Snapshot};

/// A cluster as the hostile side can make it.
#[derive(Debug)]
pub(crate) struct Edited {
    pub(crate) snapshot: Snapshot,
    /// The namespaces whose pods are hostile.
    pub(crate) from: Vec<NamespaceId>,
    /// The namespaces whose policies may go.
    pub(crate) unfenced: Vec<NamespaceId>,
    /// Those in which it writes what proxies go by.
    pub(crate) published: Vec<NamespaceId>,
    /// Those that may get other labels.
    pub(crate) relabelled: BTreeSet<NamespaceId>,
}

impl Edited {
    /// By all that is claimed, which is nothing in the namespaces of the other side: that would be a breach.
    pub(crate) fn by(claim: &Claim, snapshot: &Snapshot, from: &[NamespaceId]) -> Self {
        let mut edited = snapshot.clone();
        let mut hostile: BTreeSet<NamespaceId> = from.iter().copied().collect();
        let [mut unfenced, mut relabelled, mut published] = [(); 3].map(|()| BTreeSet::new());
        for gained in claim.gains().filter(|gained| !gained.is_a_step()) {
            let there = gained.bounds.scope.as_deref().and_then(|scope| snapshot.namespace_named(scope));
            let Some(id) = there else { continue };
            match gained.row.gain {
                // What pods do that go by the objects of their namespace is not known.
                Gain::RunsPods | Gain::EntersPods | Gain::ChangesObjects => {
                    hostile.insert(id);
                }
                Gain::GrantsRights | Gain::ControlsCluster => {
                    hostile.insert(id);
                    unfenced.insert(id);
                }
                Gain::ChangesFence => {
                    unfenced.insert(id);
                }
                Gain::RelabelsNamespace if gained.bounds.has_name(&snapshot.namespace(id).name) => {
                    edited.namespaces[id.0].labels = None;
                    relabelled.insert(id);
                }
                Gain::TakesTraffic => {
                    published.insert(id);
                }
                _ => {}
            }
        }
        Self {
            snapshot: edited,
            from: hostile.into_iter().collect(),
            unfenced: unfenced.into_iter().collect(),
            published: published.into_iter().collect(),
            relabelled,
        }
    }
}
