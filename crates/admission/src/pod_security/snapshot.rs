//! What a snapshot tells the judge: which API server may be there, and what the namespaces enforce.

use super::Standard;
use crate::Known;
use std::ops::RangeInclusive;
use watertight_model::{NamespaceId, Snapshot};

/// The newest minor version whose standards are known. A newer server is taken to have the same.
pub const NEWEST: u32 = 36;

/// The oldest minor version that is taken to be there where the input shows none: the oldest that is supported.
pub const OLDEST_SUPPORTED: u32 = 34;

/// The minor versions that the API server may have. The input shows those of kubelets, which are never newer than their
/// server, but may be older.
///
/// Source: <https://kubernetes.io/releases/version-skew-policy/>.
#[must_use]
pub fn servers(snapshot: &Snapshot) -> RangeInclusive<u32> {
    let oldest = snapshot.minor_version().unwrap_or(OLDEST_SUPPORTED);
    oldest.min(NEWEST)..=NEWEST
}

/// The namespaces in which a pod that fits one of the drafts may be created. Labels that are not known, or are those of an
/// object that may not be there, keep out nothing.
pub fn namespaces_that_admit(snapshot: &Snapshot, pods: &[Known]) -> impl Iterator<Item = NamespaceId> {
    let admits = |id: &NamespaceId| {
        let namespace = snapshot.namespace(*id);
        let labels = namespace.sure_labels();
        Standard::of(labels, servers(snapshot)).admits(pods)
    };
    snapshot.namespace_ids().filter(admits)
}
