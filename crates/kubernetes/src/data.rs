//! What API servers of each version have by themselves, as `cargo xtask api-data` wrote it down.

use serde::de::DeserializeOwned;
use std::ops::RangeInclusive;

/// The minor versions of Kubernetes 1 of which it is known what a server has by itself.
pub const SUPPORTED: RangeInclusive<u32> = 33..=36;

/// What one version has.
pub(crate) struct Data {
    /// Its roles and bindings.
    pub(crate) bootstrap: &'static str,
    /// Its resources.
    pub(crate) resources: &'static str,
}

impl Data {
    /// That of a version, or of the nearest that is supported.
    pub(crate) fn of(minor: u32) -> Self {
        match minor {
            ..=33 => Self {
                bootstrap: include_str!("../data/bootstrap-1.33.json"),
                resources: include_str!("../data/resources-1.33.json"),
            },
            34 => Self {
                bootstrap: include_str!("../data/bootstrap-1.34.json"),
                resources: include_str!("../data/resources-1.34.json"),
            },
            35 => Self {
                bootstrap: include_str!("../data/bootstrap-1.35.json"),
                resources: include_str!("../data/resources-1.35.json"),
            },
            36.. => Self {
                bootstrap: include_str!("../data/bootstrap-1.36.json"),
                resources: include_str!("../data/resources-1.36.json"),
            },
        }
    }
}

/// Reads one of them.
#[expect(clippy::expect_used, reason = "the data is a part of the program, and tests read all of it")]
pub(crate) fn parse<T: DeserializeOwned>(json: &str) -> Vec<T> {
    serde_json::from_str(json).expect("it is written by us")
}
