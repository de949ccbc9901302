//! What policies that come and go do to a verdict.

use crate::cluster::{
    ENFORCING, cluster, donated_policy, seeds, share_a_direction, side, verdict, with_policy,
};
use watertight_model::{Admission, PolicyTypes, Snapshot, Verdict};
use watertight_network::Profile;
use watertight_oracle::Random;

/// The order in which verdicts get better for the attacker.
fn assert_order(low: (&Snapshot, Verdict), high: (&Snapshot, Verdict), what: &str) {
    assert!(
        low.1 <= high.1,
        "{what}: {} on\n{:#?}\nbut {} on\n{:#?}",
        low.1,
        low.0.policies,
        high.1,
        high.0.policies
    );
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Never {
    TowardsIsolated,
    TowardsBreached,
}

/// A law: a change that moves the verdict one way only.
fn law(never: Never, change: impl Fn(&Snapshot, &mut Random) -> Option<Snapshot>) {
    let (mut tried, mut moved) = (0, 0);
    for seed in seeds() {
        let mut random = Random::new(seed ^ 0x1a35);
        let before = cluster(seed);
        let Some(after) = change(&before, &mut random) else { continue };
        tried += 1;
        for profile in ENFORCING {
            let [was, is] = [&before, &after].map(|snapshot| verdict(snapshot, profile));
            let what = format!("seed {seed}, {}", profile.name);
            match never {
                Never::TowardsIsolated => assert_order((&before, was), (&after, is), &what),
                Never::TowardsBreached => assert_order((&after, is), (&before, was), &what),
            }
            moved += u64::from(was != is);
        }
    }
    assert!(tried >= seeds().end / 4, "only {tried} changes");
    assert!(moved >= tried / 50, "only {moved} of {tried} changes moved a verdict");
}

#[test]
fn adding_a_rule_to_a_direction_that_is_isolated_never_moves_a_verdict_towards_isolated() {
    law(Never::TowardsIsolated, |before, random| {
        let mut after = before.clone();
        let index = random.below(after.policies.len());
        let policy = after.policies.get_mut(index)?;
        let donated = donated_policy(random);
        let rule = donated.ingress.into_iter().chain(donated.egress).next()?;
        if policy.types.ingress { &mut policy.ingress } else { &mut policy.egress }.push(rule);
        Some(after)
    });
}

#[test]
fn adding_a_policy_to_pods_that_another_one_isolates_never_moves_a_verdict_towards_isolated() {
    law(Never::TowardsIsolated, |before, random| {
        // One that the API server would refuse may isolate nobody.
        let accepted: Vec<_> =
            before.policies.iter().filter(|policy| policy.admission == Admission::Accepted).collect();
        let isolating = random.pick(&accepted)?;
        let mut added = donated_policy(random);
        added.types = PolicyTypes {
            ingress: isolating.types.ingress,
            egress: isolating.types.egress && (!isolating.types.ingress || random.chance(50)),
        };
        if random.chance(50) {
            added.subject.requirements.clear();
        }
        added.subject.requirements.extend(isolating.subject.requirements.iter().cloned());
        Some(with_policy(before, isolating.namespace, added))
    });
}

#[test]
fn adding_a_policy_to_a_namespace_that_none_isolates_never_moves_a_verdict_towards_breached() {
    law(Never::TowardsBreached, |before, random| {
        let added = donated_policy(random);
        // On one plugin rules allow in a direction that the policy does not list too (rule N5).
        let speaks_of = PolicyTypes {
            ingress: added.types.ingress || !added.ingress.is_empty(),
            egress: added.types.egress || !added.egress.is_empty(),
        };
        let free: Vec<_> = before
            .namespace_ids()
            .filter(|&id| {
                let mut there = before.policies.iter().filter(|policy| policy.namespace == id);
                !there.any(|policy| share_a_direction(policy.types, speaks_of))
            })
            .collect();
        Some(with_policy(before, *random.pick(&free)?, added))
    });
}

/// Convention 12: what the hostile side says of its own pods is no fence, nor a hole in someone else's.
#[test]
fn an_isolated_boundary_stays_so_whatever_policies_the_from_side_removes_or_adds() {
    let mut tried = 0;
    for seed in seeds() {
        let mut random = Random::new(seed ^ 0x0f40);
        let before = cluster(seed);
        for profile in ENFORCING.into_iter().filter(|&profile| verdict(&before, profile) == Verdict::Isolated)
        {
            let from = side(&before, "staging");
            for keep in [0, 50] {
                let mut after = before.clone();
                after.policies.retain(|policy| !from.contains(&policy.namespace) || random.chance(keep));
                if keep > 0 {
                    let namespace = *random.pick(&from).unwrap();
                    after = with_policy(&after, namespace, donated_policy(&mut random));
                }
                assert_eq!(verdict(&after, profile), Verdict::Isolated, "seed {seed}, {}", profile.name);
                tried += 1;
            }
        }
    }
    assert!(tried > seeds().end / 20, "only {tried} changes");
}

#[test]
fn removing_the_whole_fence_turns_the_verdict() {
    let mut tried = 0;
    for seed in seeds() {
        let before = cluster(seed);
        for profile in ENFORCING.into_iter().filter(|&profile| verdict(&before, profile) == Verdict::Isolated)
        {
            let what = format!("seed {seed}, {}", profile.name);
            let (from, to) = (side(&before, "staging"), side(&before, "production"));
            let mut without_it = before.clone();
            without_it.policies.retain(|policy| !to.contains(&policy.namespace));
            // The hostile side may have a fence of its own, which is none that could be relied on.
            assert_ne!(verdict(&without_it, profile), Verdict::Isolated, "{what}");
            without_it.policies.retain(|policy| !from.contains(&policy.namespace));
            assert_eq!(verdict(&without_it, profile), Verdict::Breached, "{what}");
            tried += 1;
        }
    }
    assert!(tried > seeds().end / 50, "only {tried} fences");
}

#[test]
fn n54_where_nothing_is_enforced_every_boundary_is_breached() {
    for seed in seeds() {
        assert_eq!(verdict(&cluster(seed), Profile::NONE), Verdict::Breached, "seed {seed}");
    }
}
