//! All addresses, cut by some sets into cells that each set holds whole or not at all.

use crate::{AddressSet, IntervalSet, Point};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The cells into which some sets cut the addresses of both families. They are disjoint, and together they are all
/// addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressPartition {
    cells: Vec<AddressSet>,
    holders: Vec<Vec<usize>>,
    // Where each piece of the line ends, and the cell that it belongs to.
    v4: Vec<(u32, usize)>,
    v6: Vec<(u128, usize)>,
}

impl AddressPartition {
    /// Cuts all addresses by these sets.
    #[must_use]
    pub fn by(cuts: &[AddressSet]) -> Self {
        let v4 = pieces(cuts.iter().map(|cut| &cut.v4));
        let v6 = pieces(cuts.iter().map(|cut| &cut.v6));
        let held = v4.iter().map(|piece| &piece.held_by).chain(v6.iter().map(|piece| &piece.held_by));
        let mut numbers: BTreeMap<&[usize], usize> = held.map(|held_by| (held_by.as_slice(), 0)).collect();
        numbers.values_mut().zip(0..).for_each(|(number, next)| *number = next);
        let cell_of = |held_by: &Vec<usize>| numbers.get(held_by.as_slice()).copied().unwrap_or_default();
        let mut parts = vec![(Vec::new(), Vec::new()); numbers.len()];
        for piece in &v4 {
            parts[cell_of(&piece.held_by)].0.push((piece.start, piece.end));
        }
        for piece in &v6 {
            parts[cell_of(&piece.held_by)].1.push((piece.start, piece.end));
        }
        let cells = parts
            .into_iter()
            .map(|(v4, v6)| AddressSet { v4: v4.into_iter().collect(), v6: v6.into_iter().collect() });
        Self {
            cells: cells.collect(),
            holders: numbers.keys().map(|held_by| held_by.to_vec()).collect(),
            v4: v4.iter().map(|piece| (piece.end, cell_of(&piece.held_by))).collect(),
            v6: v6.iter().map(|piece| (piece.end, cell_of(&piece.held_by))).collect(),
        }
    }

    /// The cells, none of them empty.
    #[must_use]
    pub fn cells(&self) -> &[AddressSet] {
        &self.cells
    }

    /// The sets that hold a cell whole, as indices into what it was cut by, sorted; the others hold nothing of it.
    #[must_use]
    pub fn holders(&self, cell: usize) -> &[usize] {
        self.holders.get(cell).map_or(&[], Vec::as_slice)
    }

    /// The cell in which an address is.
    #[must_use]
    pub fn cell_of(&self, address: IpAddr) -> usize {
        match address {
            IpAddr::V4(address) => find(&self.v4, address.to_bits()),
            IpAddr::V6(address) => find(&self.v6, address.to_bits()),
        }
    }
}

fn find<P: Point>(ends: &[(P, usize)], point: P) -> usize {
    let index = ends.partition_point(|&(end, _)| end < point);
    ends.get(index).map_or(0, |&(_, cell)| cell)
}

/// A stretch of the line in which no set begins or ends.
struct Piece<P> {
    start: P,
    end: P,
    held_by: Vec<usize>,
}

/// The line, cut wherever a set begins or ends.
fn pieces<'c, P: Point + 'c>(cuts: impl Iterator<Item = &'c IntervalSet<P>>) -> Vec<Piece<P>> {
    let mut changes: BTreeMap<P, Vec<usize>> = BTreeMap::new();
    for (index, cut) in cuts.enumerate() {
        for &(start, end) in cut.intervals() {
            for at in [Some(start), end.next()].into_iter().flatten() {
                changes.entry(at).or_default().push(index);
            }
        }
    }
    let mut pieces = Vec::with_capacity(changes.len() + 1);
    let mut held_by: BTreeSet<usize> = BTreeSet::new();
    let mut start = P::MIN;
    for (at, changed) in changes {
        if let Some(end) = at.previous()
            && start <= end
        {
            pieces.push(Piece { start, end, held_by: held_by.iter().copied().collect() });
        }
        for index in changed {
            if !held_by.remove(&index) {
                held_by.insert(index);
            }
        }
        start = at;
    }
    pieces.push(Piece { start, end: P::MAX, held_by: held_by.into_iter().collect() });
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn set() -> impl Strategy<Value = AddressSet> {
        let range = (0u32..12, 0u32..12).prop_map(|(a, b)| IntervalSet::range(a.min(b), a.max(b)));
        let top = (0u128..9).prop_map(|a| IntervalSet::range(u128::MAX - a, u128::MAX));
        let v4 = prop::collection::vec(range, 0..3)
            .prop_map(|all| all.iter().fold(IntervalSet::empty(), |all, one| all.union(one)));
        (v4, top, any::<bool>())
            .prop_map(|(v4, v6, both)| AddressSet { v4, v6: if both { v6 } else { IntervalSet::empty() } })
    }

    proptest! {
        #[test]
        fn each_set_is_the_cells_that_it_holds(cuts in prop::collection::vec(set(), 0..5)) {
            let partition = AddressPartition::by(&cuts);
            for (index, cut) in cuts.iter().enumerate() {
                let held = (0..partition.cells().len()).filter(|&cell| partition.holders(cell).contains(&index));
                let union = held.fold(AddressSet::empty(), |all, cell| all.union(&partition.cells()[cell]));
                prop_assert_eq!(&union, cut);
            }
        }

        #[test]
        fn cells_are_disjoint_and_all_addresses(cuts in prop::collection::vec(set(), 0..5)) {
            let partition = AddressPartition::by(&cuts);
            let mut all = AddressSet::empty();
            for cell in partition.cells() {
                prop_assert!(!cell.is_empty() && !cell.meets(&all));
                all = all.union(cell);
            }
            prop_assert_eq!(all, AddressSet::full());
        }

        #[test]
        fn an_address_is_in_its_cell(cuts in prop::collection::vec(set(), 0..5), v4 in 0u32..14, v6 in 0u128..12) {
            let partition = AddressPartition::by(&cuts);
            for address in [IpAddr::V4(v4.into()), IpAddr::V6((u128::MAX - v6).into()), "::".parse().unwrap()] {
                prop_assert!(partition.cells()[partition.cell_of(address)].contains(address));
            }
        }
    }
}
