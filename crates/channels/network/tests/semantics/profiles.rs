//! How each profile reads what the specifications leave open: for each such rule a small world, a question, and who says
//! yes, no, or that it is open.

mod network_policy;
mod tiers;

use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use watertight_network::{Axis, Point, Profile};

const A: &str = "staging/a";
const B: &str = "production/b";

/// The containers of a pod, of which a sidecar has the port name `http`.
const SIDECAR: &str = "containers: [{name: main, image: example.com/app}]\ninitContainers: [{name: proxy, image: example.com/proxy, restartPolicy: Always, ports: [{name: http, containerPort: 15001}]}]";

/// What profiles say to one question. A profile may have settings.
struct Row {
    /// The rule, and what is asked about.
    rule: &'static str,
    world: World,
    asked: Asked,
    /// The profiles by which it passes in may and in must.
    yes: &'static str,
    /// Those by which it passes in neither.
    no: &'static str,
    /// Those by which it may pass, and need not.
    open: &'static str,
}

enum Asked {
    /// Whether a connection passes.
    Connection { from: &'static str, to: &'static str, port: &'static str },
    /// Whether something of staging gets across to production, in may alone.
    Across,
}

fn connection(from: &'static str, to: &'static str, port: &'static str) -> Asked {
    Asked::Connection { from, to, port }
}

/// What one profile says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Yes,
    No,
    Open,
}

impl Row {
    fn answer(&self, profile: Profile) -> Cell {
        let world = self.world.under(profile);
        let (may, must) = match self.asked {
            Asked::Connection { from, to, port } => {
                (world.passes(from, to, port), world.must().passes(from, to, port))
            }
            Asked::Across => {
                let crosses = !world.crossings("staging", "production").is_empty();
                (crosses, crosses)
            }
        };
        match (may, must) {
            (true, true) => Cell::Yes,
            (false, false) => Cell::No,
            (true, false) => Cell::Open,
            (false, true) => panic!("{}: {}: what must pass may not", self.rule, profile.label()),
        }
    }

    /// Which profile says what.
    fn cells(&self) -> BTreeMap<&'static str, Cell> {
        let columns = [(self.yes, Cell::Yes), (self.no, Cell::No), (self.open, Cell::Open)];
        let mut cells = BTreeMap::new();
        for (names, cell) in columns {
            for name in names.split_whitespace() {
                assert_eq!(cells.insert(name, cell), None, "{}: {name} stands there twice", self.rule);
            }
        }
        cells
    }
}

fn rows() -> Vec<Row> {
    let mut rows = network_policy::rows();
    rows.extend(tiers::rows());
    rows
}

#[test]
fn each_profile_reads_what_is_left_open_in_its_own_way() {
    let everyone: BTreeSet<&str> = Profile::ALL.iter().map(|profile| profile.name).collect();
    let mut wrong = Vec::new();
    for row in rows() {
        let cells = row.cells();
        let missing: Vec<_> = everyone.iter().filter(|name| !cells.contains_key(**name)).collect();
        assert!(missing.is_empty(), "{}: nothing about {missing:?}", row.rule);
        for (name, cell) in cells {
            let said = row.answer(Profile::parse(name).unwrap());
            if said != cell {
                wrong.push(format!("{} under {name}: {said:?}, and not {cell:?}", row.rule));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

type PointOf = fn(&mut Profile) -> &mut Point;

/// Each open point of a profile, by the name under which [`Profile::points`] has it.
const POINTS: [(&str, PointOf); 12] = [
    ("pod-to-own-node", |profile| &mut profile.pod_to_own_node),
    ("covers-host-network", |profile| &mut profile.covers_host_network),
    ("selects-host-network", |profile| &mut profile.selects_host_network),
    ("ip-block-matches-nodes", |profile| &mut profile.ip_block_matches_nodes),
    ("rewrites-sources", |profile| &mut profile.rewrites_sources),
    ("ip-block-matches-pods", |profile| &mut profile.ip_block_matches_pods),
    ("end-port", |profile| &mut profile.end_port),
    ("init-port-names", |profile| &mut profile.init_port_names),
    ("reads-cluster-network-policy", |profile| &mut profile.reads_cluster_network_policy),
    ("reads-admin-network-policy", |profile| &mut profile.reads_admin_network_policy),
    ("networks-match-cluster", |profile| &mut profile.networks_match_cluster),
    ("final-per-pod", |profile| &mut profile.final_per_pod),
];

#[test]
fn each_point_of_a_profile_makes_a_difference_to_some_row() {
    let names = Profile::CONSERVATIVE.points().map(|(name, _)| name);
    assert_eq!(POINTS.map(|(name, _)| name), names);
    let rows = rows();
    for (name, point) in POINTS {
        let with = |axis| {
            let mut profile = Profile::KUBE_NETWORK_POLICIES;
            profile.reads_cluster_network_policy.axis = Axis::Always;
            profile.networks_match_cluster.axis = Axis::Always;
            point(&mut profile).axis = axis;
            profile
        };
        let differs = |row: &Row| row.answer(with(Axis::Always)) != row.answer(with(Axis::Never));
        assert!(rows.iter().any(differs), "no row asks about {name}");
    }
}
