//! The clusters that are played on, and what every server grants by itself.

use std::ops::Range;
use watertight_api::{Bootstrap, SUPPORTED, bootstrap};
use watertight_model::{Admission, Snapshot};
use watertight_oracle::generate::{self, Size};
use watertight_oracle::rbac::Rbac;

/// The first seeds: 300, or as many as `WATERTIGHT_CLUSTERS` says.
pub(crate) fn seeds() -> Range<u64> {
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse().ok());
    0..asked.unwrap_or(300)
}

/// The cluster of a seed.
pub(crate) fn cluster(seed: u64) -> Snapshot {
    let size = Size { pods: 2, policies: 1, nodes: 1, ..Size::default() };
    generate::rbac::add(&generate::snapshot(seed, size), seed)
}

pub(crate) fn built_in() -> Bootstrap {
    bootstrap(*SUPPORTED.end())
}

/// What is granted by what counts, read plainly.
pub(crate) fn plain(snapshot: &Snapshot, built_in: &Bootstrap, counts: impl Fn(Admission) -> bool) -> Rbac {
    Rbac::new(snapshot, (&built_in.roles, &built_in.role_bindings), counts)
}
