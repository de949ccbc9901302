//! Every breach that the API has a part in holds step by step.

use crate::cluster::{api, cluster, question_of, seeds, world};
use crate::plain::plain;
use std::collections::BTreeMap;
use watertight_base::Operator;
use watertight_model::{Breach, Channel, Fact, Gain, Namespace, Report, Snapshot, Step};
use watertight_oracle::attacker::World;
use watertight_oracle::manifests::to_yaml;
use watertight_oracle::{PolicySet, Random, attacker, build, replay};
use watertight_prove::{Question, prove};

#[test]
fn every_breach_through_the_api_replays() {
    let mut replayed = 0;
    let mut longest = 0;
    for seed in seeds() {
        let mut random = Random::new(seed);
        let snapshot = cluster(seed);
        for all in [false, true] {
            let question = Question { all, ..question_of(seed) };
            let report = prove(&snapshot, &question).unwrap();
            let world = world(&snapshot, &question, &report, &mut random);
            for breach in &api(&report).breaches {
                is_about_production(&report, breach);
                replayed += 1;
                longest = longest.max(breach.steps.len());
                if let Err(why) = attacker::replay(&world, breach) {
                    panic!("seed {seed}: {why}\n{:#?}\n{}", breach.steps, to_yaml(&snapshot));
                }
            }
        }
    }
    assert!(replayed >= 100, "only {replayed} breaches");
    assert!(longest >= 6, "no breach has more than {longest} steps");
}

/// The last step is about a namespace of production, or about all.
fn is_about_production(report: &Report, breach: &Breach) {
    let [_, to] = crate::cluster::sides(report);
    let last = breach.steps.last().map(|step| &step.fact);
    let is_so = matches!(last, Some(Fact::Gains { scope, .. })
        if scope.as_ref().is_none_or(|scope| to.contains(scope)));
    assert!(is_so, "{last:?} is not about production");
}

#[test]
fn every_way_that_the_api_opens_across_the_network_replays() {
    let mut replayed = 0;
    for seed in seeds() {
        let mut random = Random::new(seed);
        let snapshot = fenced(cluster(seed));
        let channels = vec![Channel::Network, Channel::Api];
        let question = Question { channels, ..question_of(seed) };
        let report = prove(&snapshot, &question).unwrap();
        let world = world(&snapshot, &question, &report, &mut random);
        let network = &report.boundaries[0].channels[0];
        for breach in &network.breaches {
            let is_composed = breach.steps.iter().any(|step| step.channel == Channel::Api);
            if !is_composed {
                continue;
            }
            replayed += 1;
            let told = || format!("{:#?}\n{}", breach.steps, to_yaml(&snapshot));
            attacker::replay(&world, breach).unwrap_or_else(|why| panic!("seed {seed}: {why}\n{}", told()));
            let edited = as_it_would_be(&snapshot, &world, breach);
            let policies = PolicySet::all().without(unfenced(&world, breach));
            replay(&edited, plain(&question.profile), &policies, &across(breach))
                .unwrap_or_else(|why| panic!("seed {seed}: {why}\n{}", told()));
            assert!(begins_hostile(&world, breach), "seed {seed}\n{}", told());
        }
    }
    assert!(replayed >= 10, "only {replayed} ways");
}

/// The cluster with a fence on production's side through which the namespaces of neither side get.
fn fenced(mut snapshot: Snapshot) -> Snapshot {
    for namespace in &mut snapshot.namespaces {
        let baseline = [("pod-security.kubernetes.io/enforce", "baseline")];
        let kept = namespace.labels.clone().unwrap_or_default();
        *namespace = build::namespace(&namespace.name, &baseline);
        let labels = namespace.labels.get_or_insert_default();
        labels.extend(kept.into_iter().filter(|(key, _)| !key.starts_with("pod-security")));
    }
    for pod in &mut snapshot.pods {
        pod.host_network = None;
    }
    snapshot.policies.clear();
    let neither = ["shared", "monitoring"];
    let selector = build::selecting(vec![build::require(Namespace::NAME_LABEL, Operator::In, &neither)]);
    for id in snapshot.namespace_ids() {
        if !snapshot.namespace(id).name.starts_with("production") {
            continue;
        }
        let peers = build::peers(vec![build::namespaces(selector.clone())]);
        let mut policy = build::ingress("fence", vec![peers]);
        policy.namespace = id;
        policy.origin.object.namespace = Some(snapshot.namespace(id).name.clone());
        snapshot.policies.push(policy);
    }
    snapshot
}

/// What is gained on the way, and in which namespaces that are not production's.
fn gained<'a>(world: &'a World, breach: &'a Breach, wanted: &'a [Gain]) -> impl Iterator<Item = &'a str> {
    world.namespaces.iter().filter(|namespace| !world.to.contains(*namespace)).map(String::as_str).filter(
        move |&namespace| {
            breach.steps.iter().any(|step| match &step.fact {
                Fact::Gains { gain, scope, names } if wanted.contains(gain) => {
                    let is_named = *gain != Gain::RelabelsNamespace
                        || names.is_empty()
                        || names.iter().any(|name| name == namespace);
                    is_named && scope.as_deref().is_none_or(|scope| scope == namespace)
                }
                _ => false,
            })
        },
    )
}

/// The snapshot in which the namespaces that can be relabelled may have any labels.
fn as_it_would_be(snapshot: &Snapshot, world: &World, breach: &Breach) -> Snapshot {
    let mut edited = snapshot.clone();
    for name in gained(world, breach, &[Gain::RelabelsNamespace]) {
        for namespace in edited.namespaces.iter_mut().filter(|namespace| namespace.name == name) {
            namespace.labels = None;
        }
    }
    edited
}

/// The namespaces whose policies may go.
fn unfenced<'a>(world: &'a World, breach: &'a Breach) -> impl Iterator<Item = &'a str> {
    gained(world, breach, &[Gain::ChangesFence, Gain::GrantsRights, Gain::ControlsCluster])
}

/// The part of a breach that is about the network.
fn across(breach: &Breach) -> Breach {
    let mut number = BTreeMap::new();
    let mut steps = Vec::new();
    for step in breach.steps.iter().filter(|step| step.channel == Channel::Network) {
        number.insert(step.id, steps.len() + 1);
        let uses = step.uses.iter().filter_map(|used| number.get(used).copied()).collect();
        steps.push(Step { id: steps.len() + 1, uses, ..step.clone() });
    }
    Breach { steps, ..breach.clone() }
}

/// Every pod that is run stands in staging or where pods can be run or entered, and its step says so.
fn begins_hostile(world: &World, breach: &Breach) -> bool {
    let runs = [Gain::RunsPods, Gain::EntersPods, Gain::GrantsRights, Gain::ControlsCluster];
    let captured: Vec<&str> = gained(world, breach, &runs).collect();
    breach.steps.iter().all(|step| match &step.fact {
        Fact::Runs { pod } => {
            world.from.contains(&pod.namespace) || captured.contains(&pod.namespace.as_str())
        }
        _ => true,
    })
}
