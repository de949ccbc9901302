//! Which API server may be there.

use std::ops::RangeInclusive;
use watertight_model::Snapshot;

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
