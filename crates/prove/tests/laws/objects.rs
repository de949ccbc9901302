//! What objects other than policies do to a verdict when they come.

use crate::cluster::{
    ENFORCING, breaches, cluster, donated_pod, donated_policy, report, seeds, side, verdict, with_pod,
    with_policy,
};
use std::collections::BTreeSet;
use watertight_admission::pod_security::{Standard, in_namespace_of_node, servers};
use watertight_model::{Fact, NamespaceId, Pod, PodState, Report, Snapshot, Verdict, When};
use watertight_oracle::{Random, build};

/// A pod that a namespace would admit, in a place where it says nothing new of what addresses pods have.
fn admitted_pod(snapshot: &Snapshot, namespace: NamespaceId, random: &mut Random) -> Pod {
    let mut pod = donated_pod(random);
    let labels = snapshot.namespace(namespace).labels.as_ref();
    let standard = Standard::of(labels, servers(snapshot));
    if !standard.admits(&in_namespace_of_node("hostNetwork")) {
        pod.host_network = None;
    }
    let neighbours = snapshot.pods.iter().filter(|pod| pod.host_network.is_none() && pod.template.is_empty());
    let addresses: Vec<_> = neighbours.flat_map(|pod| pod.addresses.first().copied()).collect();
    if let (Some(&address), true) =
        (random.pick(&addresses), pod.host_network.is_none() && pod.template.is_empty())
    {
        pod.addresses.push(address);
    }
    pod
}

/// The verdict is on every pod that could be created, so that creating one changes nothing.
#[test]
fn n18_an_isolated_boundary_stays_so_whatever_pod_is_created_anywhere() {
    let mut tried = 0;
    for seed in seeds() {
        let mut random = Random::new(seed ^ 0xb0d5);
        let before = cluster(seed);
        for profile in ENFORCING.into_iter().filter(|&profile| verdict(&before, profile) == Verdict::Isolated)
        {
            for namespace in before.namespace_ids() {
                let pod = admitted_pod(&before, namespace, &mut random);
                let after = with_pod(&before, namespace, pod.clone());
                let is = verdict(&after, profile);
                assert_eq!(is, Verdict::Isolated, "seed {seed}, {}: {pod:#?}\n{:#?}", profile.name, before);
                tried += 1;
            }
        }
    }
    assert!(tried > seeds().end / 10, "only {tried} pods");
}

#[test]
fn adding_a_pod_never_moves_a_verdict_towards_isolated_nor_a_breach_from_now_to_possible() {
    let (mut now, mut moved) = (0, 0);
    for seed in seeds() {
        let mut random = Random::new(seed ^ 0xb0d5);
        let before = cluster(seed);
        for profile in ENFORCING {
            let was = report(&before, profile);
            for namespace in before.namespace_ids() {
                let pod = admitted_pod(&before, namespace, &mut random);
                let is = report(&with_pod(&before, namespace, pod.clone()), profile);
                let what = || format!("seed {seed}, {}, with {pod:#?}\n{before:#?}", profile.name);
                let verdicts = [&was, &is].map(|report| report.boundaries[0].verdict);
                assert!(verdicts[0] <= verdicts[1], "{verdicts:?}: {}", what());
                let [was, is] = [&was, &is].map(targets_of_now);
                assert!(was.is_subset(&is), "{was:?} and then {is:?}: {}", what());
                now += was.len();
                moved += usize::from(was != is);
            }
        }
    }
    assert!(now > 0 && moved > 0);
}

/// The pods of today that pods of today reach, by name.
fn targets_of_now(report: &Report) -> BTreeSet<String> {
    let now = breaches(report).iter().filter(|breach| breach.when == When::Now);
    let ends = now.flat_map(|breach| &breach.steps).filter_map(|step| match &step.fact {
        Fact::Connects { to, .. } => Some(to.name.clone()),
        _ => None,
    });
    ends.collect()
}

/// A pod that has ended takes no part. On which node it ran is not asked here: that there is such a node, it shows all the same.
#[test]
fn n55_a_pod_that_has_ended_changes_nothing() {
    for seed in seeds() {
        let mut random = Random::new(seed ^ 0xdead);
        let before = cluster(seed);
        for namespace in before.namespace_ids() {
            let mut pod = Pod { state: PodState::Finished, ..admitted_pod(&before, namespace, &mut random) };
            pod.scheduling.node_name = None;
            let after = with_pod(&before, namespace, pod);
            for profile in ENFORCING {
                let ids = [&before, &after].map(|snapshot| ids(snapshot, profile));
                assert_eq!(ids[0], ids[1], "seed {seed}, {}", profile.name);
            }
        }
    }
}

fn ids(snapshot: &Snapshot, profile: watertight_network::Profile) -> Vec<String> {
    let report = report(snapshot, profile);
    breaches(&report).iter().map(|breach| breach.id.clone()).collect()
}

/// Convention 8: pods of neither side are no attackers, and policies on them fence nobody else.
#[test]
fn what_lives_in_a_namespace_of_neither_side_changes_nothing_between_the_two() {
    let mut breached = 0;
    for seed in seeds() {
        let mut random = Random::new(seed ^ 0x5a4e);
        let before = cluster(seed);
        let mut after = before.clone();
        // Its name is the last of all, so that the others keep their places.
        after.namespaces.push(build::namespace("zone", &[("env", "staging"), ("team", "red")]));
        let namespace = NamespaceId(after.namespaces.len() - 1);
        let pod = Pod { addresses: Vec::new(), ..donated_pod(&mut random) };
        after = with_pod(&after, namespace, pod);
        after = with_policy(&after, namespace, donated_policy(&mut random));
        assert!(
            side(&after, "zone") == [namespace] && after.namespaces.is_sorted_by_key(|it| it.name.clone())
        );
        for profile in ENFORCING {
            let [mut was, mut is] = [&before, &after].map(|snapshot| report(snapshot, profile));
            breached += breaches(&was).len();
            // What the answer rests on may grow: that nothing else comes from the address of a pod's node.
            for report in [&mut was, &mut is] {
                let channels = report.boundaries.iter_mut().flat_map(|boundary| &mut boundary.channels);
                channels.for_each(|channel| channel.assumptions.clear());
            }
            assert_eq!(was.boundaries, is.boundaries, "seed {seed}, {}", profile.name);
        }
    }
    assert!(breached > 0);
}

#[test]
fn a_service_more_opens_nothing_and_closes_nothing() {
    let mut tried = 0;
    for seed in seeds() {
        let before = cluster(seed);
        let donor = cluster(seed + 2);
        for service in &donor.services {
            for namespace in before.namespace_ids() {
                let mut after = before.clone();
                let mut service = service.clone();
                service.namespace = namespace;
                service.origin.object.name = "added".to_owned();
                after.services.push(service);
                after.services.sort_by_key(|it| (it.namespace, it.origin.object.name.clone()));
                for profile in ENFORCING {
                    let [was, is] = [&before, &after].map(|snapshot| report(snapshot, profile));
                    assert_eq!(breaches(&was), breaches(&is), "seed {seed}, {}", profile.name);
                    assert_eq!(was.boundaries[0].verdict, is.boundaries[0].verdict, "seed {seed}");
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > seeds().end, "only {tried} Services");
}
