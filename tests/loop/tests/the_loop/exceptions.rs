//! What is let through a wall is found, on its channel, and is the only cause of what is found.

use crate::cluster::{Cluster, channel, findings};
use crate::fleet::{Fleet, called};
use crate::generate::{Exceptions, intent};
use crate::walls::seeds;
use serde_json::Value;
use std::collections::BTreeSet;
use watertight_intent::{Boundary, ExceptionAllows, Role};
use watertight_model::{Breach, Channel, Report, Verdict};
use watertight_network::Profile;
use watertight_prove::{Question, prove};

/// What is let through a boundary.
#[derive(Debug, Default, Clone, Copy)]
struct Through {
    connections: bool,
    edit: bool,
    view: bool,
}

fn through(boundary: &Boundary) -> Through {
    let mut through = Through::default();
    for exception in &boundary.exceptions {
        match &exception.allows {
            ExceptionAllows::Connection { .. } => through.connections = true,
            ExceptionAllows::Access { role, .. } if role.value == Role::Edit => through.edit = true,
            ExceptionAllows::Access { .. } => through.view = true,
        }
    }
    through
}

/// An intent, and the same without exceptions.
fn both(seed: u64) -> Option<[Fleet; 2]> {
    let with = intent(seed, Exceptions::Some);
    let mut without = with.clone();
    for boundary in without["spec"]["boundaries"].as_array_mut()? {
        boundary.as_object_mut().unwrap().remove("exceptions");
    }
    Some([Fleet::of(&with.to_string()).ok()?, Fleet::of(&without.to_string()).ok()?])
}

/// The objects that are there, or are otherwise, because of exceptions.
fn because_of_exceptions(with: &[Value], without: &[Value]) -> BTreeSet<String> {
    with.iter().filter(|object| !without.contains(object)).map(called).collect()
}

/// Whether a breach rests on one of these objects.
fn rests_on(breach: &Breach, objects: &BTreeSet<String>) -> bool {
    let because = breach.steps.iter().flat_map(|step| &step.because);
    because.into_iter().any(|because| objects.contains(&because.object.to_string()))
}

fn breaches(report: &Report) -> impl Iterator<Item = &Breach> {
    report.boundaries[0].channels.iter().flat_map(|channel| &channel.breaches)
}

/// Into which environments somebody comes from one by rights that are let through, one after the other.
/// Who of a third environment is let into one side is of the third one alone.
fn by_rights(fleet: &Fleet, from: usize) -> BTreeSet<usize> {
    let through = fleet.intent.boundaries.iter().filter(|boundary| through(boundary).edit);
    let edges: Vec<[usize; 2]> = through.map(|boundary| [boundary.from.0, boundary.to.0]).collect();
    let mut reached = BTreeSet::from([from]);
    while let Some([_, next]) =
        edges.iter().find(|[from, to]| reached.contains(from) && !reached.contains(to))
    {
        reached.insert(*next);
    }
    reached
}

#[test]
fn an_exception_is_the_only_cause_of_what_is_found() {
    let (mut by_access, mut by_connection, mut lesser, mut kept) = (0, 0, 0, 0);
    for seed in seeds(40) {
        let Some([fleet, without]) = both(seed) else { continue };
        for index in 0..fleet.intent.clusters.len() {
            let cluster = Cluster::of(&fleet, index, false);
            let own = because_of_exceptions(&cluster.objects, &without.objects(index));
            let doors = own.iter().any(|object| object.starts_with("NetworkPolicy "));
            for [from, to] in cluster.pairs() {
                let mut boundary = fleet.intent.boundaries.iter();
                let boundary = boundary.find(|it| [it.from.0, it.to.0] == [from, to]).unwrap();
                let direct = through(boundary);
                let report = cluster.report([from, to], Profile::CONSERVATIVE);
                let [network, api] = [Channel::Network, Channel::Api].map(|which| channel(&report, which));
                let told = || {
                    let intent = intent(seed, Exceptions::Some);
                    format!(
                        "seed {seed}, {from} to {to}, {direct:?}:\n{}\n{own:?}\n{intent}",
                        findings(&report)
                    )
                };
                let reached = by_rights(&fleet, from);
                let opens = |boundary: &Boundary| {
                    reached.contains(&boundary.from.0) && boundary.to.0 == to && through(boundary).connections
                };
                let is_open = doors && fleet.intent.boundaries.iter().any(opens);
                if direct.edit {
                    assert_eq!(api.verdict, Verdict::Breached, "{}", told());
                    by_access += 1;
                } else if !reached.contains(&to) {
                    assert_eq!(api.verdict, Verdict::Isolated, "{}", told());
                }
                if doors && direct.connections {
                    assert_eq!(network.verdict, Verdict::Breached, "{}", told());
                    by_connection += 1;
                } else if !is_open && !reached.contains(&to) {
                    assert!(cluster.is_walled(network), "{}", told());
                    kept += 1;
                }
                for breach in breaches(&report) {
                    assert!(rests_on(breach, &own), "{}\n{breach:#?}", told());
                }
                if direct.view && !reached.contains(&to) {
                    let question =
                        Question { strict: true, ..cluster.question([from, to], Profile::CONSERVATIVE) };
                    let report = prove(&cluster.snapshot, &question).unwrap();
                    assert_eq!(channel(&report, Channel::Api).verdict, Verdict::Breached, "{}", told());
                    assert!(breaches(&report).all(|breach| rests_on(breach, &own)), "{}", told());
                    lesser += 1;
                }
            }
        }
    }
    println!("{by_access} by access, {by_connection} by connection, {lesser} of lesser rank, {kept} kept");
    assert!(by_access > 3 && by_connection > 3 && lesser > 3 && kept > 20);
}
