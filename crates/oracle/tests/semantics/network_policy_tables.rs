//! The truth tables about NetworkPolicy: what they say is what a conforming implementation does.

use watertight_model::Relation;
use watertight_oracle::conformance::{Answer, network_policy_tables};
use watertight_oracle::{Evaluator, Reading};

/// Each cell is one of may and must in every world, or it is a doubt.
#[test]
fn every_truth_table_of_network_policy_holds() {
    let mut seen = [0, 0, 0];
    for table in network_policy_tables() {
        let [may, must] = [Relation::May, Relation::Must]
            .map(|relation| Evaluator::new(&table.snapshot, Reading::CONFORMING, relation));
        for question in table.questions().unwrap() {
            let sources = table.endpoints(&question.from).unwrap();
            let destinations = table.endpoints(&question.to).unwrap();
            let (protocol, port) = (question.protocol, question.port);
            let ends = || sources.iter().flat_map(|from| destinations.iter().map(move |to| (from, to)));
            let may = ends().any(|(from, to)| may.allowed(from, to, protocol, port));
            let must = ends().all(|(from, to)| must.allowed(from, to, protocol, port));
            let answer = match (may, must) {
                (true, true) => Answer::Passes,
                (true, false) => Answer::Undefined,
                (false, false) => Answer::Blocked,
                (false, true) => panic!("{}: what must pass may not: {question:?}", table.name),
            };
            assert_eq!(answer, question.answer, "{}: {question:?}", table.name);
            seen[answer as usize] += 1;
        }
    }
    assert!(seen[0] > 180 && seen[1] > 180 && seen[2] >= 20, "{seen:?}");
}
