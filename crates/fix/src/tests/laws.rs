//! Laws on random clusters, whose policies mean everything that policies can mean.

#![expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]

use super::{fixed, holds, options, verdict};
use crate::candidates::{Ground, objects};
use crate::input::Input;
use crate::judge::{Judge, is_enough};
use crate::search::search;
use crate::state::State;
use std::collections::BTreeSet;
use watertight_base::Source;
use watertight_ingest::read;
use watertight_model::{PodSecurity, Principal, Relation, Verdict};
use watertight_network::connectivity;
use watertight_oracle::build;
use watertight_oracle::generate::rbac::{self, Shape};
use watertight_oracle::generate::{self, Size};
use watertight_oracle::manifests::to_yaml;
use watertight_prove::{Question, prove};

fn clusters() -> impl Iterator<Item = Vec<Source>> {
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse().ok());
    let size = Size { namespaces: 4, pods: 2, policies: 3, nodes: 2, cluster_policies: 2 };
    (0..asked.unwrap_or(60)).map(move |seed: u64| {
        let mut snapshot = generate::snapshot(seed, size);
        // Of each three clusters, one is as it comes, one keeps its pods off the nodes' network, so that all can be closed,
        // and one has rights.
        if !seed.is_multiple_of(3) {
            for namespace in &mut snapshot.namespaces {
                if namespace.labels.is_none() {
                    *namespace = build::namespace(&namespace.name, &[]);
                }
                let labels = namespace.labels.get_or_insert_default();
                labels.insert(PodSecurity::ENFORCE.to_owned(), "baseline".to_owned());
                labels.remove(PodSecurity::ENFORCE_VERSION);
            }
            snapshot.pods.iter_mut().for_each(|pod| pod.host_network = None);
        }
        if seed % 3 == 2 {
            snapshot = rbac::add(&snapshot, seed, Shape::Any);
        }
        vec![Source { name: "cluster.yaml".to_owned(), bytes: to_yaml(&snapshot).into_bytes() }]
    })
}

fn question() -> Question {
    let environments = ["staging", "production"].map(|name| (name.to_owned(), format!("{name}*")));
    Question { environments: environments.to_vec(), ..Question::between("staging", "production") }
}

#[test]
fn what_is_said_of_repairs_is_what_the_proof_says_of_the_repaired_files() {
    let (mut isolated, mut repaired) = (0, 0);
    for sources in clusters() {
        if prove(&read(&sources, &options()).snapshot, &question()).is_err() {
            continue;
        }
        let fix = fixed(&sources, &question());
        holds(&sources, &fix, &question());
        repaired += usize::from(!fix.repairs.is_empty());
        isolated += usize::from(!fix.repairs.is_empty() && verdict(&fix.after) == Verdict::Isolated);
    }
    // The law must not hold for lack of clusters.
    assert!(repaired > 10 && isolated > 5, "{repaired} repaired, {isolated} isolated");
}

/// All sets of the candidates that touch fewer objects are tried: none of them suffices and keeps what worked.
#[test]
fn what_is_called_smallest_is_smallest_by_brute_force() {
    let mut tried = 0;
    for sources in clusters() {
        let ingested = read(&sources, &options());
        let question = question();
        let Ok(report) = prove(&ingested.snapshot, &question) else { continue };
        let side = |index: usize| -> BTreeSet<String> {
            report.environments[index].namespaces.iter().map(|choice| choice.name.clone()).collect()
        };
        let principals = report.environments[0].principals.iter();
        let hostile: Vec<Principal> = principals.map(|choice| choice.principal.clone()).collect();
        let input = Input::new(&sources, &ingested.snapshot, side(0), side(1));
        let open = connectivity(&ingested.snapshot, question.profile, Relation::Must);
        let ground = Ground { input: &input, before: &open, hostile: &hostile };
        let options = options();
        let mut judge = Judge::new(&input, &options, &question, &open, &ingested, 1000);
        let Some(found) = search(&ground, &mut judge) else { continue };
        if !found.is_smallest || found.units.len() > 6 {
            continue;
        }
        let size = objects(&found.state).len();
        for set in 0..1_usize << found.units.len() {
            let chosen = found.units.iter().enumerate().filter(|(index, _)| set >> index & 1 == 1);
            let state = chosen.fold(State::default(), |all, (_, unit)| all.with(unit));
            if state.objects() >= size {
                continue;
            }
            let suffices = judge
                .mend(&state)
                .is_some_and(|mended| is_enough(&mended.left, &found.goal) && judge.lost(&mended).is_none());
            assert!(!suffices, "{:#?} is smaller than {:#?}", objects(&state), objects(&found.state));
            tried += 1;
        }
    }
    assert!(tried > 20, "{tried} smaller sets");
}
