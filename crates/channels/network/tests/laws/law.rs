//! What a law is, and the maps that it is about.

#![expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]

use std::ops::Range;
use watertight_base::AddressSet;
use watertight_model::{ConnectivityMap, Edge, Peer, Relation, Snapshot};
use watertight_network::{Profile, connectivity};
use watertight_oracle::Random;
use watertight_oracle::generate::{Size, snapshot};
use watertight_oracle::manifests::to_yaml;

/// Every map that a snapshot has: both relations where they differ. The default profile is taken without what enforcers do
/// against the specification, for that breaks laws.
pub(crate) fn readings() -> [(Profile, Relation); 4] {
    let mut conservative = Profile::CONSERVATIVE;
    conservative.members = &[];
    [
        (conservative, Relation::May),
        (conservative, Relation::Must),
        (Profile::DECLARED, Relation::May),
        (Profile::NONE, Relation::May),
    ]
}

pub(crate) fn seeds() -> Range<u64> {
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse().ok());
    0..asked.unwrap_or(300)
}

/// The cluster of a seed; every other one has policies of the administrator too.
pub(crate) fn cluster(seed: u64) -> Snapshot {
    let plain = Size::default();
    snapshot(seed, if seed.is_multiple_of(2) { plain } else { plain.with_tiers() })
}

fn outside(peer: &Peer) -> Option<AddressSet> {
    let Peer::Cidrs(cidrs) = peer else { return None };
    Some(cidrs.iter().fold(AddressSet::empty(), |all, &cidr| all.union(&AddressSet::cidr(cidr))))
}

/// Whether a map holds all of an edge of another map, which may cut the addresses outside in another way.
fn holds(map: &ConnectivityMap, edge: &Edge) -> bool {
    let Some(addresses) = outside(&edge.from).or_else(|| outside(&edge.to)) else {
        let same = map.edges.iter().find(|other| other.from == edge.from && other.to == edge.to);
        return same.is_some_and(|other| edge.allow.is_subset(&other.allow));
    };
    let same_side = |one: &Peer, other: &Peer| match (one, other) {
        (Peer::Cidrs(_), Peer::Cidrs(_)) => true,
        (one, other) => one == other,
    };
    let covering = map.edges.iter().filter(|other| {
        same_side(&edge.from, &other.from)
            && same_side(&edge.to, &other.to)
            && edge.allow.is_subset(&other.allow)
    });
    let covered = covering.filter_map(|other| outside(&other.from).or_else(|| outside(&other.to)));
    addresses.is_subset(&covered.fold(AddressSet::empty(), |all, some| all.union(&some)))
}

#[track_caller]
pub(crate) fn assert_within(narrow: &ConnectivityMap, wide: &ConnectivityMap, what: &str) {
    let beyond: Vec<&Edge> = narrow.edges.iter().filter(|edge| !holds(wide, edge)).collect();
    assert!(beyond.is_empty(), "{what}: these have no place in the wider map: {beyond:#?}");
}

/// How one change lies to what was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Never {
    Opens,
    Closes,
    Changes,
}

/// One change of a cluster.
pub(crate) struct Change {
    pub(crate) before: Snapshot,
    pub(crate) after: Snapshot,
    /// For a change that changes nothing: the same, but for what makes it so.
    pub(crate) otherwise: Option<Snapshot>,
}

impl Change {
    pub(crate) fn new(before: Snapshot, after: Snapshot) -> Self {
        Self { before, after, otherwise: None }
    }
}

fn maps(snapshot: &Snapshot) -> [ConnectivityMap; 4] {
    readings().map(|(profile, relation)| connectivity(snapshot, profile, relation))
}

/// A law: the changes of each cluster that its premise admits.
pub(crate) fn law(
    never: Never,
    cluster: impl Fn(u64) -> Snapshot,
    changes: impl Fn(Snapshot, u64, &mut Random) -> Vec<Change>,
) {
    let (mut tried, mut moved, mut others, mut moved_otherwise) = (0, 0, 0, 0);
    for seed in seeds() {
        let mut random = Random::new(seed ^ 0x1a35);
        for Change { before, after, otherwise } in changes(cluster(seed), seed, &mut random) {
            tried += 1;
            let (was, is) = (maps(&before), maps(&after));
            for ((was, is), (profile, relation)) in was.iter().zip(&is).zip(readings()) {
                let what = format!(
                    "seed {seed}, {} {}\n{}\nturned into\n{}",
                    profile.name,
                    relation.name(),
                    to_yaml(&before),
                    to_yaml(&after)
                );
                if never != Never::Opens {
                    assert_within(was, is, &what);
                }
                if never != Never::Closes {
                    assert_within(is, was, &what);
                }
            }
            moved += u64::from(was != is);
            if let Some(otherwise) = otherwise {
                others += 1;
                moved_otherwise += u64::from(maps(&otherwise) != was);
            }
        }
    }
    // A law that is tried on nothing, or only on what moves nothing, says nothing.
    let clusters = seeds().end;
    assert!(tried >= clusters / 3, "only {tried} changes of {clusters} clusters");
    assert!(never == Never::Changes || moved >= tried / 20, "only {moved} of {tried} changes moved anything");
    assert!(moved_otherwise >= others / 5, "only {moved_otherwise} of {others} could have moved anything");
}
