//! Everything that rights on the API are known to yield: a file for each family.

mod disruption;
mod nodes;
mod pods;
mod secrets;
mod storage;
mod traffic;
mod workloads;

use super::primitive::Primitive;

/// All rows.
pub(crate) fn all() -> impl Iterator<Item = &'static Primitive> {
    [pods::ROWS, workloads::ROWS, nodes::ROWS, storage::ROWS, secrets::ROWS, traffic::ROWS, disruption::ROWS]
        .into_iter()
        .flatten()
}
