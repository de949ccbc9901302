//! What is open between workloads and addresses outside the cluster.

use crate::kinds::Kinds;
use crate::map::{Class, inward, outward};
use crate::pair::Endpoint;
use crate::sides::Sides;
use crate::view::View;
use std::collections::BTreeMap;
use watertight_base::{AddressSet, ConnectionSet};
use watertight_model::NamespaceId;

/// What addresses can open to each class, and each class to them.
pub(crate) type Edges = Vec<(ConnectionSet, ConnectionSet)>;

/// The outside, cut so that no class tells apart what is in one part.
pub(crate) fn by_edges(
    view: &View<'_>,
    classes: &[&Class<'_, '_>],
    kinds: &Kinds<'_>,
    sides: &Sides,
) -> Vec<(AddressSet, Edges)> {
    let whole = if view.profile.ipv6 { AddressSet::full() } else { AddressSet::all_v4() };
    let cells = kinds.partition.cells().iter().map(|cell| cell.intersection(&whole)).enumerate();
    let cells: Vec<(usize, AddressSet)> = cells.filter(|(_, cell)| !cell.is_empty()).collect();
    // A class is asked once about all cells of which the policies about it say the same; equal answers have one number.
    let mut answers: BTreeMap<(ConnectionSet, ConnectionSet), usize> = BTreeMap::new();
    let mut rows: Vec<Vec<usize>> = vec![Vec::with_capacity(classes.len()); cells.len()];
    let mut known: BTreeMap<(NamespaceId, Vec<(usize, usize)>), BTreeMap<Vec<usize>, usize>> =
        BTreeMap::new();
    for class in classes {
        let asked = kinds.blocks_about(class.namespace);
        let subjects = class.kinds.iter().map(|&kind| sides.subject(kind)).collect();
        let known = known.entry((class.namespace, subjects)).or_default();
        for ((cell, addresses), row) in cells.iter().zip(&mut rows) {
            let holders = kinds.partition.holders(*cell).iter().copied();
            let answer =
                known.entry(holders.filter(|block| asked.contains(block)).collect()).or_insert_with(|| {
                    let end = Endpoint::Outside(addresses);
                    let answer = (inward(view, end, class.first), outward(view, class.first, end));
                    let next = answers.len();
                    *answers.entry(answer).or_insert(next)
                });
            row.push(*answer);
        }
    }
    let mut parts: BTreeMap<Vec<usize>, AddressSet> = BTreeMap::new();
    for ((_, addresses), row) in cells.into_iter().zip(rows) {
        let same = parts.entry(row).or_default();
        *same = same.union(&addresses);
    }
    let mut by_number: Vec<_> = answers.into_iter().collect();
    by_number.sort_by_key(|&(_, number)| number);
    let answer = |number: usize| by_number[number].0.clone();
    parts.into_iter().map(|(row, addresses)| (addresses, row.into_iter().map(answer).collect())).collect()
}
