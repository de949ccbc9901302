//! NetworkPolicies: what a change of them can do. Every other cluster has policies of the administrator too, and the laws
//! hold beside them but where a law says otherwise.

use crate::law::{Change, Never, assert_within, cluster, law, readings, seeds};
use watertight_base::Selector;
use watertight_model::{
    Admission, ConnectivityMap, NamespaceId, NetworkPolicy, Peer, Pod, PodState, PolicyRule, PolicyTypes,
    Relation, Snapshot, Tier,
};
use watertight_network::{Profile, connectivity};
use watertight_oracle::generate::{Size, snapshot};
use watertight_oracle::{Random, build};

/// The policies of another cluster of the same vocabulary: where additions come from.
fn donors(seed: u64) -> Vec<NetworkPolicy> {
    (0..)
        .map(|turn| snapshot(!seed ^ (turn << 32), Size::default()).policies)
        .find(|all| !all.is_empty())
        .unwrap()
}

fn a_rule(donors: &[NetworkPolicy], random: &mut Random) -> PolicyRule {
    let rules: Vec<&PolicyRule> =
        donors.iter().flat_map(|policy| policy.ingress.iter().chain(&policy.egress)).collect();
    random.pick(&rules).map_or_else(build::anyone, |&rule| rule.clone())
}

/// A policy of that name in a namespace, with the rules of a donor.
fn a_policy(
    name: &str,
    namespace: NamespaceId,
    donors: &[NetworkPolicy],
    random: &mut Random,
) -> NetworkPolicy {
    let mut policy = random.pick(donors).unwrap().clone();
    policy.origin.object.name = name.to_owned();
    policy.namespace = namespace;
    if random.chance(50) {
        let rule = a_rule(donors, random);
        policy.ingress.push(rule);
    }
    policy
}

fn with_policy(snapshot: &Snapshot, policy: NetworkPolicy) -> Snapshot {
    let mut snapshot = snapshot.clone();
    snapshot.policies.push(policy);
    snapshot.policies.sort_by_key(|policy| (policy.namespace, policy.origin.object.name.clone()));
    snapshot
}

/// Some of the directions, at least one of them if there is one.
fn some_of(types: PolicyTypes, random: &mut Random) -> PolicyTypes {
    match random.below(3) {
        0 if types.egress => PolicyTypes { ingress: false, egress: true },
        1 if types.ingress => PolicyTypes { ingress: true, egress: false },
        _ => types,
    }
}

/// A change of one policy, which `change` turns into others in its place.
fn of_one_policy(
    change: impl Fn(&NetworkPolicy, u64, &mut Random) -> Option<Vec<NetworkPolicy>>,
) -> impl Fn(Snapshot, u64, &mut Random) -> Vec<Change> {
    move |before, seed, random| {
        let mut changes = Vec::new();
        for index in 0..before.policies.len() {
            let Some(others) = change(&before.policies[index], seed, random) else { continue };
            let mut after = before.clone();
            after.policies.remove(index);
            let after = others.into_iter().fold(after, |after, policy| with_policy(&after, policy));
            changes.push(Change::new(before.clone(), after));
        }
        changes
    }
}

#[test]
fn n3_adding_a_rule_to_a_direction_that_is_isolated_never_closes() {
    law(
        Never::Closes,
        cluster,
        of_one_policy(|policy, seed, random| {
            let mut policy = policy.clone();
            let rule = a_rule(&donors(seed), random);
            let rules = if policy.types.ingress && (!policy.types.egress || random.chance(50)) {
                &mut policy.ingress
            } else {
                &mut policy.egress
            };
            rules.insert(random.below(rules.len() + 1), rule);
            Some(vec![policy])
        }),
    );
}

#[test]
fn n3_adding_a_policy_to_pods_that_another_one_isolates_in_its_directions_never_closes() {
    law(Never::Closes, cluster, |before, seed, random| {
        let mut changes = Vec::new();
        // One that the API server would refuse may isolate nobody.
        for isolating in before.policies.iter().filter(|policy| policy.admission == Admission::Accepted) {
            let mut added = a_policy("added", isolating.namespace, &donors(seed), random);
            added.types = some_of(isolating.types, random);
            added.subject.requirements.extend(isolating.subject.requirements.iter().cloned());
            changes.push(Change::new(before.clone(), with_policy(&before, added)));
        }
        changes
    });
}

/// What the tier Baseline denies, a NetworkPolicy may allow (rule N57). Whatever is before it stays shut.
fn without_baseline(seed: u64) -> Snapshot {
    let mut cluster = cluster(seed);
    cluster.cluster_policies.retain(|policy| policy.tier == Tier::Admin);
    cluster
}

#[test]
fn n1_without_the_tier_baseline_adding_a_policy_to_pods_that_none_isolates_in_its_directions_never_opens() {
    law(Never::Opens, without_baseline, |cluster, seed, random| {
        let mut changes = Vec::new();
        for namespace in cluster.namespace_ids() {
            let mut added = a_policy("added", namespace, &donors(seed), random);
            let isolates = |policy: &&NetworkPolicy| {
                let meets = |one: PolicyTypes, other: PolicyTypes| {
                    (one.ingress && other.ingress) || (one.egress && other.egress)
                };
                policy.namespace == namespace && meets(policy.types, added.types)
            };
            let isolating: Vec<&NetworkPolicy> = cluster.policies.iter().filter(isolates).collect();
            // Pods that are free in all its directions carry a label that nobody else knows.
            let mut before = cluster.clone();
            let mut chosen = 0;
            for pod in before.pods.iter_mut().filter(|pod| pod.namespace == namespace) {
                let free = !isolating.iter().any(|policy| policy.subject.matches(&pod.labels));
                if free && random.chance(80) {
                    pod.labels.insert("chosen".to_owned(), "yes".to_owned());
                    chosen += 1;
                }
            }
            added.subject = Selector::label("chosen", "yes");
            if chosen > 0 {
                let after = with_policy(&before, added);
                changes.push(Change::new(before, after));
            }
        }
        changes
    });
}

#[test]
fn n3_a_second_copy_of_a_policy_changes_nothing() {
    law(
        Never::Changes,
        cluster,
        of_one_policy(|policy, _, _| {
            let mut copy = policy.clone();
            copy.origin.object.name.push_str("-copy");
            Some(vec![policy.clone(), copy])
        }),
    );
}

#[test]
fn n3_a_policy_is_its_rules_and_directions_each_in_a_policy_of_its_own() {
    law(
        Never::Changes,
        cluster,
        of_one_policy(|policy, _, _| {
            let mut parts = Vec::new();
            let ingress = policy.ingress.iter().map(|rule| (true, rule)).filter(|_| policy.types.ingress);
            let egress = policy.egress.iter().map(|rule| (false, rule)).filter(|_| policy.types.egress);
            for (is_ingress, rule) in ingress.chain(egress) {
                let mut part = NetworkPolicy { ingress: Vec::new(), egress: Vec::new(), ..policy.clone() };
                part.types = PolicyTypes { ingress: is_ingress, egress: !is_ingress };
                if is_ingress { &mut part.ingress } else { &mut part.egress }.push(rule.clone());
                parts.push(part);
            }
            // A direction without rules is a fence all the same.
            parts.push(NetworkPolicy { ingress: Vec::new(), egress: Vec::new(), ..policy.clone() });
            for (number, part) in parts.iter_mut().enumerate() {
                part.origin.object.name.push_str(&format!("-{number}"));
            }
            Some(parts)
        }),
    );
}

#[test]
fn n13_a_rule_is_its_peers_and_ports_each_in_a_rule_of_its_own() {
    let apart = |rules: &[PolicyRule]| {
        let mut all = Vec::new();
        for rule in rules {
            let peers: Vec<_> = match &rule.peers {
                None => vec![None],
                Some(peers) => peers.iter().map(|peer| Some(vec![peer.clone()])).collect(),
            };
            let ports: Vec<_> = match &rule.ports {
                None => vec![None],
                Some(ports) => ports.iter().map(|port| Some(vec![port.clone()])).collect(),
            };
            for peers in &peers {
                let (span, peers) = (rule.span, peers.clone());
                all.extend(ports.iter().cloned().map(|ports| PolicyRule {
                    span,
                    peers: peers.clone(),
                    ports,
                }));
            }
        }
        // The order of rules means nothing either.
        all.reverse();
        all
    };
    law(
        Never::Changes,
        cluster,
        of_one_policy(|policy, _, _| {
            let (ingress, egress) = (apart(&policy.ingress), apart(&policy.egress));
            let is_new = ingress != policy.ingress || egress != policy.egress;
            is_new.then(|| vec![NetworkPolicy { ingress, egress, ..policy.clone() }])
        }),
    );
}

#[test]
fn n5_rules_of_a_direction_that_is_not_isolated_mean_nothing() {
    law(
        Never::Changes,
        cluster,
        of_one_policy(|policy, seed, random| {
            let mut policy = policy.clone();
            let rule = a_rule(&donors(seed), random);
            match policy.types {
                PolicyTypes { ingress: true, egress: true } => return None,
                PolicyTypes { ingress: true, egress: false } => policy.egress.push(rule),
                PolicyTypes { ingress: false, .. } => policy.ingress.push(rule),
            }
            Some(vec![policy])
        }),
    );
}

#[test]
fn what_must_pass_may_pass() {
    let mut narrower = 0;
    for seed in seeds() {
        let snapshot = cluster(seed);
        for profile in Profile::ALL {
            let [must, may] =
                [Relation::Must, Relation::May].map(|relation| connectivity(&snapshot, profile, relation));
            assert_within(&must, &may, &format!("seed {seed}, {}", profile.name));
            narrower += u64::from(must.edges != may.edges);
        }
    }
    assert!(narrower > seeds().end / 2, "the two relations differ in {narrower} maps only");
}

#[test]
fn n54_where_nothing_is_enforced_everything_passes_that_passes_under_any_profile() {
    let mut narrower = 0;
    for seed in seeds() {
        let snapshot = cluster(seed);
        let open = connectivity(&snapshot, Profile::NONE, Relation::May);
        assert!(open.edges.iter().all(|edge| edge.allow.is_full()), "seed {seed}");
        for profile in Profile::ALL {
            let map = connectivity(&snapshot, profile, Relation::May);
            assert_within(&map, &open, &format!("seed {seed}, {}", profile.name));
            narrower += u64::from(map.edges != open.edges);
        }
    }
    assert!(narrower > seeds().end, "policies close something in {narrower} maps only");
}

#[test]
fn n22_a_pod_that_takes_the_labels_of_another_is_fenced_as_that_one_is() {
    let (mut tried, mut moved) = (0, 0);
    for seed in seeds() {
        let mut snapshot = cluster(seed);
        let ordinary = |pod: &Pod| pod.host_network.is_none() && pod.state == PodState::Active;
        let pairs = (0..snapshot.pods.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
        let found = pairs.into_iter().find(|&(one, other)| {
            let (one, other) = (&snapshot.pods[one], &snapshot.pods[other]);
            one.namespace == other.namespace && one.labels != other.labels && ordinary(one) && ordinary(other)
        });
        let Some((one, other)) = found else { continue };
        // A port name is looked up on the pod, whatever its labels.
        snapshot.pods[one].ports = snapshot.pods[other].ports.clone();
        let before = snapshot.clone();
        snapshot.pods[one].labels = snapshot.pods[other].labels.clone();
        for (profile, relation) in readings() {
            let [was, is] = [&before, &snapshot].map(|snapshot| {
                let map = connectivity(snapshot, profile, relation);
                [one, other].map(|pod| outside_edges(&map, snapshot, pod))
            });
            assert_eq!(is[0], is[1], "seed {seed}, {} {}", profile.name, relation.name());
            tried += 1;
            moved += u64::from(was[0] != is[0]);
        }
    }
    assert!(tried > seeds().end / 3 && moved > 0, "{tried} pods, of which {moved} were fenced anew");
}

/// What may pass between a pod and each address outside, in both directions.
fn outside_edges(
    map: &ConnectivityMap,
    snapshot: &Snapshot,
    pod: usize,
) -> Vec<(Option<Peer>, Option<Peer>, String)> {
    let pod = &snapshot.pods[pod];
    let is_pod = |peer: &Peer| match peer {
        Peer::Workload { namespace, kind, name, .. } => {
            *namespace == snapshot.namespace(pod.namespace).name
                && *kind == pod.workload.kind
                && *name == pod.workload.name
        }
        _ => false,
    };
    let address = |peer: &Peer| matches!(peer, Peer::Cidrs(_)).then(|| peer.clone());
    let edges = map.edges.iter().filter(|edge| {
        (is_pod(&edge.from) && address(&edge.to).is_some())
            || (is_pod(&edge.to) && address(&edge.from).is_some())
    });
    edges.map(|edge| (address(&edge.from), address(&edge.to), edge.allow.to_string())).collect()
}
