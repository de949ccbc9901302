//! The network channel's answer, under the profile `declared`.

use crate::answer::{Answer, Edge, Peers};
use std::collections::BTreeSet;
use watertight_base::{AddressSet, Source};
use watertight_ingest::Options;
use watertight_model::{Peer, Relation, Snapshot};
use watertight_network::{Profile, connectivity};

/// Reads the YAML of one cluster.
pub(crate) fn read(yaml: &str) -> Snapshot {
    let source = Source { name: "cluster.yaml".to_owned(), bytes: yaml.as_bytes().to_vec() };
    watertight_ingest::read(&[source], &Options::default()).snapshot
}

/// What the channel says. Under `declared` the two relations are one, but for what a workload can open to itself: in
/// `may` that holds each pod's traffic to itself, which always passes (N32). `must` leaves it out and says what one
/// replica can open to another (N34), as the other program does.
pub(crate) fn answer(snapshot: &Snapshot) -> Answer {
    let may = connectivity(snapshot, Profile::DECLARED, Relation::May).edges;
    let must = connectivity(snapshot, Profile::DECLARED, Relation::Must).edges;
    let edges = may.into_iter().filter(|edge| edge.from != edge.to);
    let within = must.into_iter().filter(|edge| edge.from == edge.to);
    let edges = edges
        .chain(within)
        .map(|edge| Edge { from: peers(edge.from), to: peers(edge.to), allow: edge.allow })
        .collect();
    let pods = snapshot
        .pods
        .iter()
        .map(|pod| workload(&snapshot.namespace(pod.namespace).name, &pod.workload.kind, &pod.workload.name));
    Answer { pods: pods.collect(), edges }
}

fn workload(namespace: &str, kind: &str, name: &str) -> String {
    format!("{namespace}/{kind}/{name}")
}

fn peers(peer: Peer) -> Peers {
    match peer {
        Peer::Workload { namespace, kind, name, labels } => {
            assert_eq!(labels, None, "pods of one workload differ, which no cluster here has");
            Peers { pods: BTreeSet::from([workload(&namespace, &kind, &name)]), ..Peers::default() }
        }
        Peer::Cidrs(cidrs) => {
            let addresses = cidrs.into_iter().map(AddressSet::cidr);
            let addresses = addresses.fold(AddressSet::empty(), |all, cidr| all.union(&cidr));
            Peers { addresses, ..Peers::default() }
        }
        Peer::Node { .. } | Peer::Future { .. } => panic!("no peer of a map under `declared`: {peer:?}"),
    }
}
