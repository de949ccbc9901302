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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Fact;
    use watertight_base::Source;
    use watertight_ingest::{Options, read};

    const NAMESPACES: &str = "
apiVersion: v1
kind: Namespace
metadata: {name: staging}
---
apiVersion: v1
kind: Namespace
metadata: {name: other}
";

    /// The namespaces that are changed by one row alone: hostile besides staging, unfenced, written to for proxies, relabelled.
    fn changed(row: &str, scope: Option<&str>, names: &[&str]) -> [Vec<String>; 4] {
        let bytes = NAMESPACES.as_bytes().to_vec();
        let snapshot = read(&[Source { name: "a.yaml".to_owned(), bytes }], &Options::default()).snapshot;
        let names = names.iter().map(|&name| name.to_owned()).collect();
        let fact = Fact::Gains { row: row.to_owned(), scope: scope.map(str::to_owned), names };
        let from = snapshot.namespace_named("staging").unwrap();
        let edited = Edited::by(&Claim::of(&[fact]).unwrap(), &snapshot, &[from]);
        assert!(edited.from.contains(&from));
        let hostile = edited.from.iter().copied().filter(|&id| id != from).collect();
        let relabelled: Vec<NamespaceId> = edited.relabelled.into_iter().collect();
        assert!(relabelled.iter().all(|&id| edited.snapshot.namespace(id).labels.is_none()));
        [hostile, edited.unfenced, edited.published, relabelled]
            .map(|ids| ids.iter().map(|&id| snapshot.namespace(id).name.clone()).collect())
    }

    #[test]
    fn each_gain_changes_what_it_is_about() {
        let [nothing, other] = [Vec::new(), vec!["other".to_owned()]];
        let none = || nothing.clone();
        for (row, expected) in [
            ("create-pods", [other.clone(), none(), none(), none()]),
            ("exec-into-pods", [other.clone(), none(), none(), none()]),
            ("change-objects", [other.clone(), none(), none(), none()]),
            ("change-ingresses", [none(), none(), other.clone(), none()]),
            ("change-services", [none(), none(), other.clone(), none()]),
            ("change-network-policies", [none(), other.clone(), none(), none()]),
            ("relabel-namespaces", [none(), none(), none(), other.clone()]),
            ("read-objects", [none(), none(), none(), none()]),
        ] {
            assert_eq!(changed(row, Some("other"), &[]), expected, "{row}");
            // What is had everywhere is a breach, and a namespace that is not there has no pods.
            assert_eq!(changed(row, None, &[]), [none(), none(), none(), none()], "{row}");
            assert_eq!(changed(row, Some("elsewhere"), &[]), [none(), none(), none(), none()], "{row}");
        }
        assert_eq!(changed("relabel-namespaces", Some("other"), &["another"])[3], nothing);
        assert_eq!(changed("relabel-namespaces", Some("other"), &["other"])[3], other);
    }
}
