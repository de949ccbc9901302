//! A map by numbers, which are quick to compare: a map of a large cluster has millions of connections.

use std::collections::HashMap;
use watertight_base::ConnectionSet;
use watertight_model::{ConnectivityMap, Edge, Peer};

/// The peers of a map, and what passes between two that are not the same.
pub(crate) struct Peers<'a> {
    /// The peers, sorted.
    pub(crate) all: Vec<&'a Peer>,
    /// What passes, each once.
    pub(crate) sets: Vec<&'a ConnectionSet>,
    /// What each peer may open, by peer and set, and what may be opened to it.
    from: Vec<Vec<(usize, usize)>>,
    to: Vec<Vec<(usize, usize)>>,
}

impl<'a> Peers<'a> {
    /// Those of a map.
    pub(crate) fn of(map: &'a ConnectivityMap) -> Self {
        let mut index: HashMap<&Peer, usize> = HashMap::new();
        let mut all: Vec<&Peer> = Vec::new();
        for peer in map.edges.iter().flat_map(|edge| [&edge.from, &edge.to]) {
            index.entry(peer).or_insert_with(|| {
                all.push(peer);
                0
            });
        }
        all.sort_unstable();
        for (number, peer) in all.iter().enumerate() {
            index.insert(peer, number);
        }
        let rows = || vec![Vec::new(); all.len()];
        let (mut from_each, mut to_each, mut sets) = (rows(), rows(), Vec::new());
        let mut numbers: HashMap<&ConnectionSet, usize> = HashMap::new();
        for Edge { from, to, allow } in &map.edges {
            let (Some(&from), Some(&to)) = (index.get(from), index.get(to)) else { continue };
            // What a peer may open to itself crosses nothing, and is not drawn.
            if from == to {
                continue;
            }
            let number = *numbers.entry(allow).or_insert_with(|| {
                sets.push(allow);
                sets.len() - 1
            });
            from_each[from].push((to, number));
            to_each[to].push((from, number));
        }
        from_each.iter_mut().chain(&mut to_each).for_each(|row: &mut Vec<_>| row.sort_unstable());
        Self { all, sets, from: from_each, to: to_each }
    }

    /// All connections: from, to, and which set.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let row = |(from, row): (usize, &'_ Vec<(usize, usize)>)| {
            row.iter().map(|&(to, number)| (from, to, number)).collect::<Vec<_>>()
        };
        self.from.iter().enumerate().flat_map(row)
    }

    /// What passes from one peer to another.
    fn passes(&self, from: usize, to: usize) -> Option<usize> {
        let row = &self.from[from];
        row.binary_search_by_key(&to, |&(to, _)| to).ok().map(|at| row[at].1)
    }

    /// Whether a peer has the connections that each of some has which are alike, and the same with all of them.
    pub(crate) fn alike(&self, members: &[usize], peer: usize) -> bool {
        let Some(&other) = members.first() else { return false };
        let among = match members {
            &[first, second, ..] => self.passes(first, second),
            _ => self.passes(peer, other),
        };
        let same = |rows: &[Vec<(usize, usize)>]| {
            let others =
                |of: usize| rows[of].iter().filter(move |&&(third, _)| third != peer && third != other);
            others(peer).eq(others(other))
        };
        self.passes(peer, other) == among
            && self.passes(other, peer) == among
            && same(&self.from)
            && same(&self.to)
    }
}
