//! Everything that rights on the API are known to yield: a file for each family.

mod admission;
mod capacity;
mod certificates;
mod extensions;
mod impersonation;
mod namespaces;
mod objects;
mod pods;
mod rights;
mod secrets;
mod system;

use super::primitive::Primitive;

/// All rows.
pub(crate) fn all() -> impl Iterator<Item = &'static Primitive> {
    [
        pods::ROWS,
        secrets::ROWS,
        impersonation::ROWS,
        rights::ROWS,
        certificates::ROWS,
        admission::ROWS,
        extensions::ROWS,
        namespaces::ROWS,
        capacity::ROWS,
        objects::ROWS,
        system::ROWS,
    ]
    .into_iter()
    .flatten()
}
