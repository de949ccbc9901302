//! Everything that rights on the API are known to yield: a file for each family.

mod admission;
mod aggregated;
pub mod answers;
mod capacity;
mod certificates;
mod disruption;
pub mod environments;
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
use std::collections::BTreeMap;

/// All rows. Of two that yield as much, the first is shown: what is known best stands before what is known of any object.
pub fn all() -> impl Iterator<Item = &'static Primitive> {
    [
        pods::ROWS,
        aggregated::ROWS,
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
        environments::ROWS,
        system::ROWS,
    ]
    .into_iter()
    .flatten()
}

/// All rows, each under a name of its own: that of its rule, and behind the first row of a rule the number of the row:
/// `bind-roles/2`.
pub fn named() -> impl Iterator<Item = (String, &'static Primitive)> {
    let mut of_rule: BTreeMap<&str, usize> = BTreeMap::new();
    all().map(move |row| {
        let number = of_rule.entry(row.rule).and_modify(|number| *number += 1).or_insert(1);
        let name = if *number == 1 { row.rule.to_owned() } else { format!("{}/{number}", row.rule) };
        (name, row)
    })
}
