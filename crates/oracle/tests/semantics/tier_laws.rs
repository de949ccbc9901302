//! The admin tiers as a whole: the truth tables, and what holds of every cluster.

use crate::ask::{passes, specified};
use watertight_model::{Relation, Snapshot};
use watertight_oracle::conformance::{Answer, tier_tables};
use watertight_oracle::generate::{Size, snapshot};
use watertight_oracle::{Endpoint, Evaluator, OpenPoints, Reading, choices, probe};

#[test]
fn every_truth_table_of_the_admin_tiers_holds() {
    let mut seen = [0, 0, 0];
    for table in tier_tables() {
        for question in table.questions().unwrap() {
            let [source, destination] =
                [&question.from, &question.to].map(|name| table.endpoint(name).unwrap());
            let (protocol, port) = (question.protocol, question.port);
            let answer = specified(&table.snapshot, &source, &destination, protocol, port);
            assert_eq!(answer, question.answer, "{}: {question:?}", table.name);
            // Doubting more than the text does opens more in may, and less in must.
            let [may, must, declared] = passes(&table.snapshot, &source, &destination, protocol, port);
            assert!(may || answer == Answer::Blocked, "{}: {question:?}", table.name);
            assert!(!must || answer == Answer::Passes, "{}: {question:?}", table.name);
            let pods_alone = source.pod().is_some() && destination.pod().is_some();
            if pods_alone && !source.is_on_the_host() && !destination.is_on_the_host() {
                assert!(declared || answer != Answer::Passes, "{}: {question:?}", table.name);
                assert!(!declared || answer != Answer::Blocked, "{}: {question:?}", table.name);
            }
            seen[answer as usize] += 1;
        }
    }
    assert!(seen[0] > 200 && seen[1] > 100 && seen[2] >= 8, "{seen:?}");
}

/// Two orders of the actions stand for all orders of the policies.
#[test]
fn n59_the_bounds_are_those_of_every_order_of_the_equals() {
    let mut undecided = 0;
    for seed in 0..400 {
        let mut snapshot = snapshot(seed, Size::default().with_tiers());
        for policy in &mut snapshot.cluster_policies {
            // One direction alone: for each the order is another one.
            if seed % 2 == 0 { policy.ingress.clear() } else { policy.egress.clear() }
        }
        let orders = every_order(&snapshot);
        for (source, destination) in pairs(&snapshot).into_iter().take(6) {
            for &(protocol, port) in probe::ports(&snapshot).iter().step_by(3) {
                let ask = |snapshot: &Snapshot, ties: choices::Ties| {
                    let evaluator = Evaluator::new(snapshot, Reading::CONFORMING, Relation::May);
                    let choices = OpenPoints { ties: &[choices::Ties::AcceptFirst], ..SIMPLE };
                    let mut choices = choices.choices(snapshot, &destination);
                    choices.iter_mut().for_each(|choices| choices.ties = ties);
                    evaluator.allowed_under(&choices, &source, &destination, protocol, port)
                };
                let bounds =
                    [choices::Ties::AcceptFirst, choices::Ties::DenyFirst].map(|ties| ask(&snapshot, ties));
                let answers: Vec<bool> =
                    orders.iter().map(|order| ask(order, choices::Ties::AcceptFirst)).collect();
                assert_eq!(
                    bounds,
                    [answers.contains(&true), !answers.contains(&false)],
                    "seed {seed}: {source:?} {destination:?} {protocol} {port}"
                );
                undecided += usize::from(bounds[0] != bounds[1]);
            }
        }
    }
    assert!(undecided > 100, "only {undecided} connections depend on the order");
}

const SIMPLE: OpenPoints = OpenPoints {
    finality: &[choices::Finality::PerDirection],
    domain_names_match: &[true],
    side_names_count: &[true],
    repeated_names: &[choices::RepeatedNames::All],
    unseen_nodes_match: &[true],
    ..OpenPoints::SPECIFIED
};

/// The same cluster with all priorities distinct, in every order that keeps the given ones apart.
fn every_order(snapshot: &Snapshot) -> Vec<Snapshot> {
    let mut orders: Vec<Vec<usize>> = vec![vec![]];
    for _ in &snapshot.cluster_policies {
        let mut longer = Vec::new();
        for order in orders {
            for next in 0..snapshot.cluster_policies.len() {
                if !order.contains(&next) {
                    longer.push([order.clone(), vec![next]].concat());
                }
            }
        }
        orders = longer;
    }
    let priority = |&index: &usize| snapshot.cluster_policies[index].priority;
    orders.retain(|order| order.is_sorted_by_key(priority));
    let renumber = |order: Vec<usize>| {
        let mut renumbered = snapshot.clone();
        for (place, index) in (0_u16..).zip(order) {
            renumbered.cluster_policies[index].priority = place;
        }
        renumbered
    };
    orders.into_iter().map(renumber).collect()
}

fn pairs(snapshot: &Snapshot) -> Vec<(Endpoint, Endpoint)> {
    let ends: Vec<Endpoint> = (0..snapshot.pods.len())
        .filter_map(|index| Endpoint::existing(snapshot, index, 0))
        .filter(|end| !end.is_on_the_host())
        .collect();
    let mut pairs = Vec::new();
    for source in &ends {
        pairs.extend(ends.iter().map(|destination| (source.clone(), destination.clone())));
    }
    pairs.retain(|(source, destination)| source != destination);
    pairs
}

#[test]
fn under_declared_the_two_relations_are_one_with_tiers_too() {
    for seed in 0..200 {
        let snapshot = snapshot(seed, Size::default().with_tiers());
        let [may, must] = [Relation::May, Relation::Must]
            .map(|relation| Evaluator::new(&snapshot, Reading::DECLARED, relation));
        for (source, destination) in pairs(&snapshot) {
            for &(protocol, port) in probe::ports(&snapshot).iter().step_by(5) {
                assert_eq!(
                    may.allowed(&source, &destination, protocol, port),
                    must.allowed(&source, &destination, protocol, port)
                );
            }
        }
    }
}

#[test]
fn what_must_pass_may_pass() {
    for seed in 0..300 {
        let snapshot = snapshot(seed, Size::default().with_tiers());
        let [may, must] = [Relation::May, Relation::Must]
            .map(|relation| Evaluator::new(&snapshot, Reading::CONFORMING, relation));
        for (source, destination) in pairs(&snapshot) {
            for &(protocol, port) in probe::ports(&snapshot).iter().step_by(5) {
                assert!(
                    may.allowed(&source, &destination, protocol, port)
                        || !must.allowed(&source, &destination, protocol, port)
                );
            }
        }
    }
}
