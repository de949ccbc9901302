//! The walls let through what has to get through: names are resolved, an environment talks with itself, and what an intent
//! declares is open, whoever enforces the policies.

use crate::cluster::{Cluster, profiles};
use crate::fleet::Fleet;
use crate::generate::{Exceptions, intent};
use crate::surroundings::{DNS, PROXY, TOOL, TOOL_PORT, is_compiled};
use crate::walls::seeds;
use std::collections::BTreeMap;
use watertight_base::Protocol;
use watertight_intent::{ApplicationId, Boundary, EnvironmentId, ExceptionAllows, Inside};
use watertight_model::{Need, NeedState, Snapshot};
use watertight_network::Profile;
use watertight_prove::{NeedQuestion, Question, QuestionError, prove};

/// What a need is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum For {
    Dns,
    Itself,
    Route,
    Store,
    Egress,
    Exception,
}

/// What two environments of a cluster need.
pub(crate) fn needs(cluster: &Cluster<'_>, pair: [usize; 2]) -> Vec<(For, NeedQuestion)> {
    let dns = &cluster.fleet.intent.clusters[cluster.index].dns;
    let resolver = format!("{}/{DNS}", dns.namespace.value);
    let mut needs = Vec::new();
    // Where others resolve names, the question does not know them.
    if dns.namespace.value == "kube-system" {
        needs.push((For::Dns, NeedQuestion::Dns));
    }
    for id in pair {
        let environment = &cluster.fleet.intent.environments[id];
        for namespace in &environment.namespaces {
            let here = format!("{}/{TOOL}", namespace.value);
            for protocol in [Protocol::Udp, Protocol::Tcp] {
                needs.push((For::Dns, open(&here, &resolver, protocol, dns.port.value)));
            }
            let is_open = environment.inside.value == Inside::Open;
            for other in environment.namespaces.iter().filter(|_| is_open) {
                let other = format!("{}/{TOOL}", other.value);
                needs.push((For::Itself, open(&other, &here, Protocol::Tcp, TOOL_PORT)));
            }
            // Of addresses that may be pods, nobody can say that they are open.
            let outside = environment.egress.iter().filter(|egress| egress.cidr.value.starts_with("203."));
            for egress in outside {
                let (to, protocol) = (first(&egress.cidr.value), protocol(egress.protocol.value));
                needs.push((For::Egress, open(&here, to, protocol, egress.ports[0].value)));
            }
        }
        needs.extend(of_applications(cluster, id));
    }
    let opened = cluster.fleet.intent.boundaries.iter();
    let opened =
        opened.filter(|boundary| [boundary.from.0, boundary.to.0].iter().all(|id| pair.contains(id)));
    needs.extend(opened.flat_map(|boundary| of_exceptions(cluster, boundary)));
    needs
}

/// What exceptions of a boundary let through.
fn of_exceptions(cluster: &Cluster<'_>, boundary: &Boundary) -> Vec<(For, NeedQuestion)> {
    let intent = &cluster.fleet.intent;
    let at = |id: ApplicationId, environment: EnvironmentId| {
        let application = &intent.applications[id.0];
        let mut placements = application.placements.iter();
        let placement = placements.find(|placement| placement.environment == environment).unwrap();
        format!("{}/{}", placement.namespace.value, application.name.value)
    };
    let mut needs = Vec::new();
    for exception in &boundary.exceptions {
        let ExceptionAllows::Connection { from, to, ports, protocol: of } = &exception.allows else {
            continue;
        };
        let callers: Vec<String> = match from {
            Some(from) => vec![at(from.value, boundary.from)],
            None => {
                let namespaces = intent.environments[boundary.from.0].namespaces.iter();
                namespaces.map(|namespace| format!("{}/{TOOL}", namespace.value)).collect()
            }
        };
        let to = at(to.value, boundary.to);
        for (caller, port) in callers.iter().flat_map(|caller| ports.iter().map(move |port| (caller, port))) {
            needs.push((For::Exception, open(caller, &to, protocol(of.value), port.value)));
        }
    }
    needs
}

/// What the applications of an environment need.
fn of_applications(cluster: &Cluster<'_>, id: usize) -> Vec<(For, NeedQuestion)> {
    let fleet = cluster.fleet;
    let mut needs = Vec::new();
    let environment = &fleet.intent.environments[id];
    let tool = format!("{}/{TOOL}", environment.namespaces[0].value);
    let own: Vec<_> =
        fleet.workloads(cluster.index).filter(|(_, placement, _)| placement.environment.0 == id).collect();
    for &(name, placement, workload) in &own {
        let namespace = placement.namespace.value.as_str();
        let here = format!("{namespace}/{name}");
        // Whoever depends on it reaches it, and where all is open, everybody.
        let depends = own.iter().filter(|(other, ..)| depends_on(cluster, other, name));
        let mut callers: Vec<String> =
            depends.map(|(other, placement, _)| format!("{}/{other}", placement.namespace.value)).collect();
        if environment.inside.value == Inside::Open {
            callers.push(tool.clone());
        }
        for port in &workload.ports {
            let (protocol, number) = (protocol(port.protocol.value), port.container_port.value);
            let calls = callers.iter().map(|caller| (For::Itself, open(caller, &here, protocol, number)));
            needs.extend(calls);
        }
        // All others are in files that are not compiled.
        if !is_compiled(&cluster.objects, namespace, name) {
            continue;
        }
        for route in &workload.routes {
            let ingress = environment.ingress.as_ref().unwrap();
            let port = workload.ports.iter().find(|port| port.name.value == route.port.value).unwrap();
            let proxy = format!("{}/{PROXY}-{namespace}", ingress.namespace.value);
            needs.push((For::Route, open(&proxy, &here, Protocol::Tcp, port.container_port.value)));
        }
        for store in &workload.stores {
            let endpoints = &fleet.intent.stores[store.value.0].endpoints;
            let mut endpoints = endpoints.iter();
            let endpoint = endpoints.find(|it| it.environment.value == placement.environment).unwrap();
            for cidr in &endpoint.cidrs {
                let to = first(&cidr.value);
                needs.push((For::Store, open(&here, to, Protocol::Tcp, endpoint.port.value)));
            }
        }
    }
    needs
}

/// Whether an application says that another is there before it.
fn depends_on(cluster: &Cluster<'_>, name: &str, other: &str) -> bool {
    let applications = &cluster.fleet.intent.applications;
    let found = applications.iter().find(|application| application.name.value == name).unwrap();
    found.depends_on.iter().any(|edge| applications[edge.value.0].name.value == other)
}

/// The answers to what two environments need.
///
/// # Errors
/// The snapshot does not know an end of a need.
pub(crate) fn answers(
    cluster: &Cluster<'_>,
    snapshot: &Snapshot,
    pair: [usize; 2],
    profile: Profile,
) -> Result<Vec<(For, Need)>, QuestionError> {
    let (what, needs): (Vec<For>, Vec<NeedQuestion>) = needs(cluster, pair).into_iter().unzip();
    let question = Question { needs, channels: Vec::new(), ..cluster.question(pair, profile) };
    let report = prove(snapshot, &question)?;
    Ok(what.into_iter().zip(report.needs).collect())
}

fn open(from: &str, to: &str, protocol: Protocol, port: u16) -> NeedQuestion {
    NeedQuestion::Connection { from: from.to_owned(), to: to.to_owned(), protocol, port }
}

fn protocol(protocol: watertight_intent::Protocol) -> Protocol {
    match protocol {
        watertight_intent::Protocol::Tcp => Protocol::Tcp,
        watertight_intent::Protocol::Udp => Protocol::Udp,
        watertight_intent::Protocol::Sctp => Protocol::Sctp,
    }
}

/// An address of a block.
fn first(cidr: &str) -> &str {
    cidr.split('/').next().unwrap()
}

#[test]
fn what_has_to_get_through_gets_through() {
    let mut met: BTreeMap<For, usize> = BTreeMap::new();
    let mut compiled = false;
    for seed in seeds(10) {
        let text = intent(seed, Exceptions::None).to_string();
        let Ok(fleet) = Fleet::of(&text) else { continue };
        for index in 0..fleet.intent.clusters.len() {
            let cluster = Cluster::of(&fleet, index, false);
            compiled |= cluster.objects.iter().any(|object| object["kind"] == "Deployment");
            // A pair asks for both of its sides.
            for pair in cluster.pairs().into_iter().filter(|[from, to]| from < to) {
                for profile in profiles() {
                    for (what, need) in answers(&cluster, &cluster.snapshot, pair, profile).unwrap() {
                        let told =
                            || format!("seed {seed}, {pair:?} under {}: {need:#?}\n{text}", profile.name);
                        // As for egress: a store in private addresses could be a pod.
                        let may_be_unknown = what == For::Store && !need.asked.contains("=198.51.");
                        let is_open = need.state == NeedState::Open;
                        assert!(is_open || may_be_unknown && need.state == NeedState::Unknown, "{}", told());
                        *met.entry(what).or_default() += 1;
                    }
                }
            }
        }
    }
    println!("{met:?}");
    let expected = [For::Dns, For::Itself, For::Egress].into_iter();
    let expected = expected.chain([For::Route, For::Store].into_iter().filter(|_| compiled));
    for what in expected {
        assert!(met.get(&what).is_some_and(|&count| count > 5), "{what:?}: {met:?}");
    }
}

/// Where there is a second fence too, both have a door for an exception.
#[test]
fn a_connection_that_is_let_through_gets_through() {
    let (mut open, mut behind_two) = (0, 0);
    for seed in seeds(30) {
        let text = intent(seed, Exceptions::Some).to_string();
        let Ok(fleet) = Fleet::of(&text) else { continue };
        let has_connection = |boundary: &&Boundary| {
            let mut allowed = boundary.exceptions.iter().map(|exception| &exception.allows);
            allowed.any(|allows| matches!(allows, ExceptionAllows::Connection { .. }))
        };
        for boundary in fleet.intent.boundaries.iter().filter(has_connection) {
            let index = fleet.intent.environments[boundary.from.0].cluster.0;
            let cluster = Cluster::of(&fleet, index, false);
            let pair = [boundary.from.0, boundary.to.0];
            for profile in profiles() {
                let answers = answers(&cluster, &cluster.snapshot, pair, profile).unwrap();
                for (_, need) in answers.iter().filter(|(what, _)| *what == For::Exception) {
                    let told = || format!("seed {seed}, {pair:?} under {}: {need:#?}\n{text}", profile.name);
                    assert_eq!(need.state, NeedState::Open, "{}", told());
                    open += 1;
                    behind_two += usize::from(!cluster.snapshot.cluster_policies.is_empty());
                }
            }
        }
    }
    println!("{open} are open, {behind_two} of them behind two fences");
    assert!(open > 20 && behind_two > 5, "{open}, {behind_two}");
}
