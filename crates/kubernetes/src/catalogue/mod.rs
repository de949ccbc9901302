//! Everything that rights on the API are known to yield: a file for each family.

mod admission;
pub mod answers;
mod capacity;
mod certificates;
mod disruption;
mod extensions;
mod impersonation;
mod namespaces;
mod nodes;
mod objects;
mod pods;
mod rights;
mod secrets;
mod storage;
mod system;
mod traffic;
mod workloads;

use crate::primitive::Primitive;

/// All rows. Of two that yield as much, the first is shown: what is known best stands before what is known of any object.
pub fn all() -> impl Iterator<Item = &'static Primitive> {
    [
        pods::ROWS,
        workloads::ROWS,
        nodes::ROWS,
        storage::ROWS,
        secrets::ROWS,
        impersonation::ROWS,
        rights::ROWS,
        certificates::ROWS,
        admission::ROWS,
        extensions::ROWS,
        namespaces::ROWS,
        traffic::ROWS,
        disruption::ROWS,
        capacity::ROWS,
        objects::ROWS,
        system::ROWS,
    ]
    .into_iter()
    .flatten()
}
