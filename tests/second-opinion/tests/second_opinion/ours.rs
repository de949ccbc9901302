//! The network channel's answer, under the profile `declared`.

use crate::answer::{self, Answer, Peers};
use std::collections::BTreeSet;
use watertight_base::{AddressSet, Source};
use watertight_ingest::Options;
use watertight_model::{Edge, Peer, Relation, Snapshot};
use watertight_network::{Profile, connectivity, explain, peers_named};

/// Reads the YAML of one cluster.
pub(crate) fn read(yaml: &str) -> Snapshot {
    let source = Source { name: "cluster.yaml".to_owned(), bytes: yaml.as_bytes().to_vec() };
    watertight_ingest::read(&[source], &Options::default()).snapshot
}

/// What the channel says. Of a workload and itself the map tells that each pod reaches itself (N32); what one replica can
/// open to another (N34) is what the policies of both directions let pass, and stands under [`another_replica`].
pub(crate) fn answer(snapshot: &Snapshot) -> Answer {
    let map = connectivity(snapshot, Profile::DECLARED, Relation::May).edges;
    let edges = map.into_iter().map(|Edge { from, to, allow }| (from, to, allow));
    let edges = edges.map(|(from, to, allow)| answer::Edge { from: peers(from), to: peers(to), allow });
    let pods: BTreeSet<String> = snapshot
        .pods
        .iter()
        .map(|pod| workload(&snapshot.namespace(pod.namespace).name, &pod.workload.kind, &pod.workload.name))
        .collect();
    let replicas = pods.iter().filter_map(|pod| between_replicas(snapshot, pod));
    Answer { edges: edges.chain(replicas).collect(), pods }
}

/// The name of any pod of a workload but the one at the other end.
pub(crate) fn another_replica(workload: &str) -> String {
    format!("{workload} (another replica)")
}

/// What the policies let one replica open to another; `None` for a workload that takes no part.
fn between_replicas(snapshot: &Snapshot, workload: &str) -> Option<answer::Edge> {
    let named = peers_named(snapshot, Profile::DECLARED, workload);
    let [peer] = named.as_slice() else { return None };
    let explained = explain(snapshot, Profile::DECLARED, Relation::May, peer, peer, None)?;
    Some(answer::Edge {
        from: pod(workload.to_owned()),
        to: pod(another_replica(workload)),
        allow: explained.egress.allow.intersection(&explained.ingress.allow),
    })
}

fn pod(name: String) -> Peers {
    Peers { pods: BTreeSet::from([name]), ..Peers::default() }
}

fn workload(namespace: &str, kind: &str, name: &str) -> String {
    format!("{namespace}/{kind}/{name}")
}

fn peers(peer: Peer) -> Peers {
    match peer {
        Peer::Workload { namespace, kind, name, labels } => {
            assert_eq!(labels, None, "pods of one workload differ, which no cluster here has");
            pod(workload(&namespace, &kind, &name))
        }
        Peer::Cidrs(cidrs) => {
            let addresses = cidrs.into_iter().map(AddressSet::cidr);
            let addresses = addresses.fold(AddressSet::empty(), |all, cidr| all.union(&cidr));
            Peers { addresses, ..Peers::default() }
        }
        Peer::Node { .. } | Peer::Future { .. } => panic!("no peer of a map under `declared`: {peer:?}"),
    }
}
