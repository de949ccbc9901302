//! A map by numbers, which are quick to compare: a map of a large cluster has millions of connections.

use super::ways::Way;
use std::collections::{BTreeSet, HashMap};
use watertight_base::ConnectionSet;
use watertight_model::{ConnectivityMap, Edge, Path, Peer};

/// One thing that passes from one peer to another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Passes<'a> {
    /// These ports are open.
    Open(&'a ConnectionSet),
    /// An object carries connections on: which way.
    Carried(usize),
}

/// The peers of a map, and what passes between two that are not the same.
pub(crate) struct Peers<'a> {
    /// The peers, sorted.
    pub(crate) all: Vec<&'a Peer>,
    /// What passes, each once.
    pub(crate) each: Vec<Passes<'a>>,
    /// The ways by which objects carry connections on, sorted.
    pub(crate) ways: Vec<Way>,
    /// What passes from each peer, by the other peer and what it is, and what passes to it.
    from: Vec<Vec<(usize, usize)>>,
    to: Vec<Vec<(usize, usize)>>,
}

impl<'a> Peers<'a> {
    /// Those of a map.
    pub(crate) fn of(map: &'a ConnectivityMap) -> Self {
        let mut index: HashMap<&Peer, usize> = HashMap::new();
        let mut all: Vec<&Peer> = Vec::new();
        let of_edges = map.edges.iter().flat_map(|edge| [&edge.from, &edge.to]);
        for peer in of_edges.chain(map.paths.iter().flat_map(|path| [&path.from, &path.to])) {
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
        let (mut from_each, mut to_each, mut each) = (rows(), rows(), Vec::new());
        let mut numbers: HashMap<&ConnectionSet, usize> = HashMap::new();
        for Edge { from, to, allow } in &map.edges {
            let (Some(&from), Some(&to)) = (index.get(from), index.get(to)) else { continue };
            // What a peer may open to itself crosses nothing, and is not drawn.
            if from == to {
                continue;
            }
            let number = *numbers.entry(allow).or_insert_with(|| {
                each.push(Passes::Open(allow));
                each.len() - 1
            });
            from_each[from].push((to, number));
            to_each[to].push((from, number));
        }
        let ways: BTreeSet<_> = map.paths.iter().map(|path| (&path.via, &path.allow)).collect();
        let ways: Vec<_> = ways.into_iter().collect();
        let first = each.len();
        each.extend((0..ways.len()).map(Passes::Carried));
        for Path { from, to, via, allow } in &map.paths {
            let (Some(&from), Some(&to)) = (index.get(from), index.get(to)) else { continue };
            if let (Ok(way), true) = (ways.binary_search(&(via, allow)), from != to) {
                from_each[from].push((to, first + way));
                to_each[to].push((from, first + way));
            }
        }
        from_each.iter_mut().chain(&mut to_each).for_each(|row: &mut Vec<_>| row.sort_unstable());
        let ways = ways.into_iter().map(|(via, allow)| Way { via: via.clone(), allow: allow.clone() });
        Self { all, each, ways: ways.collect(), from: from_each, to: to_each }
    }

    /// All that passes: from, to, and what.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        let row = |(from, row): (usize, &'_ Vec<(usize, usize)>)| {
            row.iter().map(|&(to, number)| (from, to, number)).collect::<Vec<_>>()
        };
        self.from.iter().enumerate().flat_map(row)
    }

    /// What passes from one peer to another.
    fn passes(&self, from: usize, to: usize) -> impl Iterator<Item = usize> {
        let row = &self.from[from];
        let first = row.partition_point(|&(other, _)| other < to);
        row[first..].iter().take_while(move |&&(other, _)| other == to).map(|&(_, what)| what)
    }

    /// Whether a peer has the connections that each of some has which are alike, and the same with all of them.
    pub(crate) fn alike(&self, members: &[usize], peer: usize) -> bool {
        let Some(&other) = members.first() else { return false };
        let among = || match members {
            &[first, second, ..] => self.passes(first, second),
            _ => self.passes(peer, other),
        };
        let same = |rows: &[Vec<(usize, usize)>]| {
            let others =
                |of: usize| rows[of].iter().filter(move |&&(third, _)| third != peer && third != other);
            others(peer).eq(others(other))
        };
        self.passes(peer, other).eq(among())
            && self.passes(other, peer).eq(among())
            && same(&self.from)
            && same(&self.to)
    }
}
