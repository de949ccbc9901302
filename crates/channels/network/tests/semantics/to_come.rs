//! Pods that could be created, as a map shows them (N18).

use crate::world::{World, without_faults};
use std::collections::BTreeSet;
use watertight_base::Labels;
use watertight_model::{Peer, Relation};
use watertight_network::{Pods, classes, connectivity};

fn is_future(peer: &Peer) -> bool {
    matches!(peer, Peer::Future { .. })
}

/// Who of the pods to come reaches `production/a`: the namespace and the labels.
fn reach(world: &World) -> BTreeSet<(String, Labels)> {
    let map = classes(&world.ingest().snapshot, without_faults(), Relation::May, Pods::AndToCome).expand();
    assert!(map.edges.iter().all(|edge| !is_future(&edge.to)), "they are sources alone");
    let into = map.edges.into_iter().filter(|edge| {
        matches!(&edge.to, Peer::Workload { namespace, name, .. } if namespace == "production" && name == "a")
    });
    let from = into.filter_map(|edge| match edge.from {
        Peer::Future { namespace, labels } => Some((namespace, labels)),
        _ => None,
    });
    from.collect()
}

fn labelled(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn admitting(pods: &str) -> World {
    let peer = format!("{{namespaceSelector: {{matchLabels: {{env: stg}}}}, podSelector: {pods}}}");
    World::new().policy("production/p", &format!("podSelector: {{}}\ningress: [{{from: [{peer}]}}]"))
}

#[test]
fn n18_a_selector_that_selects_nobody_yet_shows_who_could_come() {
    let scrapers = admitting("{matchLabels: {role: scraper}}");
    let scraper = labelled(&[("role", "scraper")]);
    assert_eq!(reach(&scrapers), BTreeSet::from([("staging".to_owned(), scraper.clone())]));
    assert_eq!(reach(&admitting("{matchLabels: {app: a}}")), BTreeSet::new(), "that one is there");
    let everybody = reach(&World::new());
    assert!(everybody.contains(&("staging".to_owned(), Labels::new())), "{everybody:?}");
    assert_eq!(reach(&World::new().policy("production/p", "podSelector: {}")), BTreeSet::new());
}

#[test]
fn pods_to_come_leave_the_rest_of_the_map_as_it_is() {
    for world in [World::new(), admitting("{matchLabels: {role: scraper}}"), admitting("{}")] {
        let snapshot = world.ingest().snapshot;
        for relation in [Relation::May, Relation::Must] {
            let mut with = classes(&snapshot, without_faults(), relation, Pods::AndToCome).expand();
            with.edges.retain(|edge| !is_future(&edge.from));
            with.paths.retain(|path| !is_future(&path.from));
            assert_eq!(with, connectivity(&snapshot, without_faults(), relation));
        }
    }
}
