//! Everything that rights on the API are known to yield: a file for each family.

mod pods;
mod secrets;

use super::primitive::Primitive;

/// All rows.
pub(crate) fn all() -> impl Iterator<Item = &'static Primitive> {
    [pods::ROWS, secrets::ROWS].into_iter().flatten()
}
