//! The truth tables of NetworkPolicy, asked of the engine's map and of the plain evaluator under every profile that
//! enforces.

use crate::conformance::holds;
use crate::plain::plain;
use std::collections::BTreeSet;
use watertight_model::Relation;
use watertight_network::{Fault, Profile, connectivity};
use watertight_oracle::Evaluator;
use watertight_oracle::conformance::{Answer, Question, Table, network_policy_tables};

/// The tables that are answered otherwise by whoever has a fault. Each must still occur.
const DEVIATIONS: [(Fault, &[&str]); 2] = [
    (Fault::UnlistedRules, &["rules of a direction that is no type mean nothing"]),
    (
        Fault::UnreliablePortNames,
        &[
            "everybody is admitted on the port that has a name",
            "one namespace is admitted on the port that has a name",
            "a port name in egress is the destination's, and no address outside has one",
            "a port name of another protocol, or of no container, opens nothing",
            "a port name on a sidecar or an init container may or may not count",
            "of two ports with one name either may count",
        ],
    ),
];

/// Every profile that enforces, and one with settings.
fn profiles() -> Vec<Profile> {
    let set = ["cilium,cidr-match=nodes", "cilium,cidr-match=pods", "cilium,cidr-match=pods+nodes"];
    let set = set.map(|text| Profile::parse(text).unwrap());
    Profile::ALL.into_iter().filter(|profile| profile.enforces).chain(set).collect()
}

/// Whether a profile speaks of both ends: not every one speaks of nodes and of IPv6.
fn takes_part(profile: &Profile, table: &Table, question: &Question) -> bool {
    [&question.from, &question.to].iter().all(|name| {
        let on_host = table.endpoint(name).unwrap().is_on_the_host();
        (profile.nodes || !on_host) && (profile.ipv6 || !name.contains(':'))
    })
}

/// What the engine says of a cell in may and in must. The plain evaluator says the same, over all worlds.
fn answers(profile: Profile, table: &Table) -> Vec<(Question, bool, bool)> {
    let relations = [Relation::May, Relation::Must];
    let maps = relations.map(|relation| connectivity(&table.snapshot, profile, relation));
    let evaluators = relations.map(|relation| Evaluator::new(&table.snapshot, plain(&profile), relation));
    let questions = table.questions().unwrap().into_iter();
    let asked = questions.filter(|question| takes_part(&profile, table, question));
    let answer = |question: Question| {
        let [may, must] = maps.each_ref().map(|map| holds(map, &question));
        let (protocol, port) = (question.protocol, question.port);
        let [sources, destinations] =
            [&question.from, &question.to].map(|name| table.endpoints(name).unwrap());
        let ends = || sources.iter().flat_map(|from| destinations.iter().map(move |to| (from, to)));
        let [in_some, in_all] = evaluators.each_ref();
        let plainly = [
            ends().any(|(from, to)| in_some.allowed(from, to, protocol, port)),
            ends().all(|(from, to)| in_all.allowed(from, to, protocol, port)),
        ];
        assert_eq!([may, must], plainly, "{}: {}: {question:?}", profile.label(), table.name);
        (question, may, must)
    };
    asked.map(answer).collect()
}

/// Whether the answer is one that the table allows. `conservative` doubts whatever the specification leaves open.
fn conforms(profile: &Profile, question: &Question, may: bool, must: bool) -> bool {
    match question.answer {
        Answer::Passes => must && may,
        Answer::Blocked => !may && !must,
        Answer::Undefined if profile.name == Profile::CONSERVATIVE.name => may && !must,
        Answer::Undefined => may || !must,
    }
}

#[test]
fn every_profile_without_faults_answers_the_tables_of_network_policy_as_the_specification_does() {
    let mut seen = 0;
    for table in network_policy_tables() {
        for mut profile in profiles() {
            (profile.faults, profile.members) = (&[], &[]);
            for (question, may, must) in answers(profile, &table) {
                assert!(
                    conforms(&profile, &question, may, must),
                    "{}: {}: {question:?}: {may} {must}",
                    profile.label(),
                    table.name
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 4000, "only {seen} cells");
}

#[test]
fn every_profile_answers_the_tables_of_network_policy_as_the_specification_does_save_for_the_faults_of_enforcers()
 {
    let mut found = BTreeSet::new();
    for table in network_policy_tables() {
        for profile in profiles() {
            let mut answers = answers(profile, &table).into_iter();
            if answers.any(|(question, may, must)| !conforms(&profile, &question, may, must)) {
                found.insert((profile.label(), table.name));
            }
        }
    }
    let has = |profile: &Profile, fault| {
        profile.has(fault) || profile.members.iter().any(|member| member.has(fault))
    };
    let known = profiles().into_iter().flat_map(|profile| {
        let faults = DEVIATIONS.into_iter().filter(move |&(fault, _)| has(&profile, fault));
        faults.flat_map(move |(_, tables)| tables.iter().map(move |&table| (profile.label(), table)))
    });
    assert_eq!(found, known.collect());
}
