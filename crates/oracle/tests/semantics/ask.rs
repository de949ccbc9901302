//! Short questions to the oracle.

use std::net::IpAddr;
use watertight_base::Protocol;
use watertight_model::{Relation, Snapshot};
use watertight_oracle::conformance::Answer;
use watertight_oracle::{ConcretePod, Endpoint, Evaluator, OpenPoints, Reading};

/// Under conservative may, conservative must and declared.
pub(crate) type Answers = [bool; 3];
pub(crate) const ALWAYS: Answers = [true, true, true];
pub(crate) const NEVER: Answers = [false, false, false];
pub(crate) const MAY_ONLY: Answers = [true, false, false];
/// Read alone it holds, and every implementation is not sure to do it.
pub(crate) const NOT_MUST: Answers = [true, false, true];

pub(crate) fn evaluators(snapshot: &Snapshot) -> [Evaluator<'_>; 3] {
    [
        Evaluator::new(snapshot, Reading::CONFORMING, Relation::May),
        Evaluator::new(snapshot, Reading::CONFORMING, Relation::Must),
        Evaluator::new(snapshot, Reading::DECLARED, Relation::May),
    ]
}

/// The first replica of the pod of that name.
pub(crate) fn pod(snapshot: &Snapshot, name: &str) -> ConcretePod {
    let index = snapshot.pods.iter().position(|pod| pod.origin.object.name == name).unwrap();
    ConcretePod::existing(snapshot, index, 0).unwrap()
}

pub(crate) fn end(snapshot: &Snapshot, name: &str) -> Endpoint {
    Endpoint::Pod(pod(snapshot, name))
}

pub(crate) fn outside(address: &str) -> Endpoint {
    Endpoint::Outside(ip(address))
}

pub(crate) fn ip(address: &str) -> IpAddr {
    address.parse().unwrap()
}

/// Whether TCP to that port passes.
pub(crate) fn tcp(snapshot: &Snapshot, source: &Endpoint, destination: &Endpoint, port: u16) -> Answers {
    passes(snapshot, source, destination, Protocol::Tcp, port)
}

pub(crate) fn passes(
    snapshot: &Snapshot,
    source: &Endpoint,
    destination: &Endpoint,
    protocol: Protocol,
    port: u16,
) -> Answers {
    evaluators(snapshot).map(|evaluator| evaluator.allowed(source, destination, protocol, port))
}

/// Whether TCP 80 passes between the first replicas of two pods.
pub(crate) fn between(snapshot: &Snapshot, source: &str, destination: &str) -> Answers {
    tcp(snapshot, &end(snapshot, source), &end(snapshot, destination), 80)
}

/// What a plugin that follows the text of the admin tiers does.
pub(crate) fn specified(
    snapshot: &Snapshot,
    source: &Endpoint,
    destination: &Endpoint,
    protocol: Protocol,
    port: u16,
) -> Answer {
    let choices = OpenPoints::SPECIFIED.choices(snapshot, destination);
    let [may, must] = [Relation::May, Relation::Must].map(|relation| {
        let evaluator = Evaluator::new(snapshot, Reading::CONFORMING, relation);
        evaluator.allowed_under(&choices, source, destination, protocol, port)
    });
    match (may, must) {
        (true, true) => Answer::Passes,
        (false, false) => Answer::Blocked,
        (true, false) => Answer::Undefined,
        (false, true) => panic!("what must pass cannot"),
    }
}
