//! The walls let through what has to get through: names are resolved, an environment talks with itself, and what an intent
//! declares is open, whoever enforces the policies.

use crate::cluster::{Cluster, profiles};
use crate::fleet::Fleet;
use crate::generate::{Exceptions, intent};
use crate::surroundings::{DNS, PROXY, is_compiled};
use crate::walls::seeds;
use std::collections::BTreeMap;
use watertight_base::Protocol;
use watertight_intent::{Placement, Workload};
use watertight_model::{Need, NeedState};
use watertight_network::Profile;
use watertight_prove::{NeedQuestion, Question, prove};

/// What a need is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum For {
    Dns,
    Itself,
    Route,
    Store,
    Egress,
}

/// What two environments of a cluster need.
pub(crate) fn needs(cluster: &Cluster<'_>, pair: [usize; 2]) -> Vec<(For, NeedQuestion)> {
    let fleet = cluster.fleet;
    let mut needs = Vec::new();
    let dns = &fleet.intent.clusters[cluster.index].dns;
    let runs = |id| fleet.workloads(cluster.index).any(|(_, placement, _)| placement.environment.0 == id);
    if dns.namespace.value == "kube-system" && pair.into_iter().all(runs) {
        needs.push((For::Dns, NeedQuestion::Dns));
    }
    for id in pair {
        let environment = &fleet.intent.environments[id];
        let own: Vec<(&str, &Placement, &Workload)> = fleet
            .workloads(cluster.index)
            .filter(|(_, placement, _)| placement.environment.0 == id)
            .collect();
        for (name, placement, workload) in &own {
            let namespace = placement.namespace.value.as_str();
            let here = format!("{namespace}/{name}");
            let resolver = format!("{}/{DNS}", dns.namespace.value);
            for protocol in [Protocol::Udp, Protocol::Tcp] {
                needs.push((For::Dns, open(&here, &resolver, protocol, dns.port.value)));
            }
            for port in &workload.ports {
                let (protocol, number) = (protocol(port.protocol.value), port.container_port.value);
                for (other, from, _) in own.iter().filter(|(other, ..)| other != name) {
                    let from = format!("{}/{other}", from.namespace.value);
                    needs.push((For::Itself, open(&from, &here, protocol, number)));
                }
            }
            // All others are in files that are compiled.
            if !is_compiled(&cluster.objects, namespace, name) {
                continue;
            }
            for route in &workload.routes {
                let ingress = fleet.intent.clusters[cluster.index].ingress.as_ref().unwrap();
                let port = workload.ports.iter().find(|port| port.name.value == route.port.value).unwrap();
                let proxy = format!("{}/{PROXY}-{namespace}", ingress.namespace.value);
                needs.push((For::Route, open(&proxy, &here, Protocol::Tcp, port.container_port.value)));
            }
            for store in &workload.stores {
                let endpoints = &fleet.intent.stores[store.value.0].endpoints;
                let endpoint =
                    endpoints.iter().find(|endpoint| endpoint.environment.value == placement.environment);
                let endpoint = endpoint.unwrap();
                for cidr in &endpoint.cidrs {
                    needs.push((
                        For::Store,
                        open(&here, first(&cidr.value), Protocol::Tcp, endpoint.port.value),
                    ));
                }
            }
        }
        let Some((name, placement, _)) = own.first() else { continue };
        // Of addresses that may be pods, nobody can say that they are open.
        let outside = environment.egress.iter().filter(|egress| egress.cidr.value.starts_with("203."));
        for egress in outside {
            let here = format!("{}/{name}", placement.namespace.value);
            let to = first(&egress.cidr.value);
            needs
                .push((For::Egress, open(&here, to, protocol(egress.protocol.value), egress.ports[0].value)));
        }
    }
    needs
}

/// The answers to what two environments need.
pub(crate) fn answers(cluster: &Cluster<'_>, pair: [usize; 2], profile: Profile) -> Vec<(For, Need)> {
    let (what, needs): (Vec<For>, Vec<NeedQuestion>) = needs(cluster, pair).into_iter().unzip();
    let question = Question { needs, channels: Vec::new(), ..cluster.question(pair, profile) };
    let report = prove(&cluster.snapshot, &question).unwrap();
    what.into_iter().zip(report.needs).collect()
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
    for seed in seeds(20) {
        let text = intent(seed, Exceptions::None).to_string();
        let Ok(fleet) = Fleet::of(&text) else { continue };
        for index in 0..fleet.intent.clusters.len() {
            let cluster = Cluster::of(&fleet, index, false);
            compiled |= cluster.objects.iter().any(|object| object["kind"] == "Deployment");
            // A pair asks for both of its sides.
            for pair in cluster.pairs().into_iter().filter(|[from, to]| from < to) {
                for profile in profiles() {
                    for (what, need) in answers(&cluster, pair, profile) {
                        let told =
                            || format!("seed {seed}, {pair:?} under {}: {need:#?}\n{text}", profile.name);
                        assert_eq!(need.state, NeedState::Open, "{}", told());
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
        assert!(met.get(&what).is_some_and(|&count| count > 10), "{what:?}: {met:?}");
    }
}
