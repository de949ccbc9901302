//! The clusters that are played on, and what every server grants by itself.

use std::ops::Range;
use watertight_api::{Bootstrap, SUPPORTED, bootstrap};
use watertight_base::Source;
use watertight_ingest::{Options, read};
use watertight_model::{Admission, Channel, ChannelReport, ObjectRef, Principal, Report, Snapshot};
use watertight_oracle::Random;
use watertight_oracle::attacker::World;
use watertight_oracle::generate::rbac::Shape;
use watertight_oracle::generate::{self, Size};
use watertight_oracle::manifests::to_yaml;
use watertight_oracle::rbac::Rbac;
use watertight_prove::{GivenPrincipal, Question};

/// The first seeds: 300, or as many as `WATERTIGHT_CLUSTERS` says.
pub(crate) fn seeds() -> Range<u64> {
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse().ok());
    0..asked.unwrap_or(300)
}

/// The cluster of a seed. In every other one, nobody of staging is bound in production. In some there is a webhook.
pub(crate) fn cluster(seed: u64) -> Snapshot {
    let size = Size { pods: 2, policies: 1, nodes: 1, ..Size::default() };
    let shape = if seed.is_multiple_of(2) { Shape::Any } else { Shape::Chained };
    generate::webhooks::add(&generate::rbac::add(&generate::snapshot(seed, size), seed, shape), seed)
}

/// The cluster of a seed in which nobody has a right in production, and both sides have something together.
pub(crate) fn shared_cluster(seed: u64) -> (Snapshot, String) {
    let size = Size { pods: 1, policies: 0, nodes: 1, ..Size::default() };
    let mut cluster = generate::rbac::add(&generate::snapshot(seed, size), seed, Shape::Chained);
    let is_elsewhere = |object: &ObjectRef| {
        object.namespace.as_ref().is_some_and(|namespace| !namespace.starts_with("production"))
    };
    cluster.role_bindings.retain(|binding| is_elsewhere(&binding.object));
    let names: Vec<String> = cluster.namespaces.iter().map(|namespace| namespace.name.clone()).collect();
    let text = to_yaml(&cluster) + &generate::sharing::manifests(seed, &names);
    let source = Source { name: "cluster.yaml".to_owned(), bytes: text.clone().into_bytes() };
    let ingested = read(&[source], &Options { values: true, ..Options::default() });
    (ingested.snapshot, text)
}

pub(crate) fn built_in() -> Bootstrap {
    bootstrap(*SUPPORTED.end())
}

/// What is granted by what counts, read plainly.
pub(crate) fn plain(snapshot: &Snapshot, built_in: &Bootstrap, counts: impl Fn(Admission) -> bool) -> Rbac {
    Rbac::new(snapshot, (&built_in.roles, &built_in.role_bindings), counts)
}

/// What is asked: staging and production, on the network and through the API.
pub(crate) fn question() -> Question {
    Question { channels: vec![Channel::Api], ..Question::between("staging", "production") }
}

/// The same, where it is said of somebody on which side they are.
pub(crate) fn question_of(seed: u64) -> Question {
    let mut random = Random::new(seed ^ 0x7361_6964);
    let mut principals = Vec::new();
    for principal in [Principal::user("jane"), Principal::group("ops")] {
        if random.chance(20) {
            let environment = random.one_of(["staging", "production"]).to_owned();
            principals.push(GivenPrincipal { environment, principal });
        }
    }
    Question { principals, ..question() }
}

/// What a report says of the API channel.
pub(crate) fn api(report: &Report) -> &ChannelReport {
    report.boundaries[0].channels.iter().find(|channel| channel.channel == Channel::Api).unwrap()
}

/// The namespaces of both sides, as the report has them.
pub(crate) fn sides(report: &Report) -> [Vec<String>; 2] {
    let of = |index: usize| {
        report.environments[index].namespaces.iter().map(|choice| choice.name.clone()).collect()
    };
    [of(0), of(1)]
}

/// The world of a snapshot, as the player finds it.
pub(crate) fn world(snapshot: &Snapshot, question: &Question, report: &Report, random: &mut Random) -> World {
    let [from, to] = sides(report);
    let surely = plain(snapshot, &built_in(), |admission| admission == Admission::Accepted);
    let mut world = World::new(snapshot, surely, &from, &to, random);
    let said = question.principals.iter();
    world.said = said.map(|given| (given.principal.clone(), given.environment == question.from)).collect();
    world
}
