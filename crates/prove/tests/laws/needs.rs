//! Needs and maps: what is `open` for certain is in both maps, and nothing is lost on the way.

use crate::cluster::{ENFORCING, cluster, question, seeds};
use watertight_base::Protocol;
use watertight_model::{BlindScope, NeedState, Peer, PodState, Relation, Snapshot};
use watertight_network::{Profile, connectivity};
use watertight_oracle::Random;
use watertight_prove::{NeedQuestion, Question, prove};

/// How a need names a workload, and the peers of a map that it stands for.
fn named(snapshot: &Snapshot, index: usize) -> (String, impl Fn(&Peer) -> bool) {
    let pod = &snapshot.pods[index];
    let within = snapshot.namespace(pod.namespace).name.clone();
    let workload = pod.workload.clone();
    let name = format!("{within}/{}/{}", workload.kind, workload.name);
    let is_meant = move |peer: &Peer| match peer {
        Peer::Workload { namespace, kind, name, .. } => {
            *namespace == within && *kind == workload.kind && *name == workload.name
        }
        _ => false,
    };
    (name, is_meant)
}

#[test]
fn what_is_open_for_certain_is_in_both_maps_and_what_is_closed_is_not_in_must() {
    let (mut open, mut closed) = (0_u64, 0_u64);
    for seed in seeds() {
        let snapshot = cluster(seed);
        let profile =
            *Random::new(seed).pick(&[ENFORCING[0], ENFORCING[1], Profile::CALICO, Profile::CILIUM]).unwrap();
        let mut random = Random::new(seed);
        let pods: Vec<usize> = (0..snapshot.pods.len()).collect();
        let port = *random.pick(&[80, 443, 5432, 8080]).unwrap();
        let protocol = *random.pick(&Protocol::ALL).unwrap();
        let (Some(&from), Some(&to)) = (random.pick(&pods), random.pick(&pods)) else { continue };
        let ((from, is_from), (to, is_to)) = (named(&snapshot, from), named(&snapshot, to));
        let need = NeedQuestion::Connection { from, to, protocol, port };
        let asked = Question { needs: vec![need.clone()], ..question(profile) };
        let Ok(report) = prove(&snapshot, &asked) else { continue };
        let state = report.needs[0].state;
        let passes = |relation| {
            let map = connectivity(&snapshot, profile, relation);
            let edges = map.edges.iter().filter(|edge| is_from(&edge.from) && is_to(&edge.to));
            edges.filter(|edge| edge.allow.contains(protocol, port)).count()
        };
        // The pairs of peers that the map could hold, which is one where no labels tell pods of a workload apart.
        let active = |is_meant: &dyn Fn(&Peer) -> bool| {
            let full = connectivity(&snapshot, Profile::NONE, Relation::Must);
            let ends = full.edges.iter().flat_map(|edge| [&edge.from, &edge.to]);
            ends.filter(|peer| is_meant(peer)).collect::<std::collections::BTreeSet<_>>().len()
        };
        let pairs = active(&is_from) * active(&is_to);
        match state {
            NeedState::Open => {
                open += 1;
                assert_eq!(passes(Relation::Must), pairs, "{seed} {need} {}", profile.name);
                assert_eq!(passes(Relation::May), pairs, "{seed} {need} {}", profile.name);
            }
            NeedState::Closed => {
                closed += 1;
                // A profile with one relation asks its map whether some pod gets through, and a need whether each does.
                if profile.two_relations {
                    assert!(passes(Relation::Must) < pairs, "{seed} {need} {}", profile.name);
                }
            }
            NeedState::Unknown => {
                let unseen = snapshot.blind_spots.iter().any(|spot| spot.scope != BlindScope::Nothing);
                let waits = snapshot.pods.iter().any(|pod| pod.state != PodState::Active);
                assert!(unseen || waits, "{seed} {need} {}: {:?}", profile.name, report.needs[0]);
            }
        }
    }
    let least = seeds().end / 20;
    assert!(open > least && closed > least, "{open} open, {closed} closed");
}
