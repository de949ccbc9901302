//! What is isolated stays so, whichever of the objects are there that the API server would refuse, or that are made for a
//! moment (convention 6).

use crate::cluster::{cluster, question, seeds, side, with_policy};
use watertight_model::{Admission, Snapshot, Verdict};
use watertight_network::Profile;
use watertight_oracle::generate::rbac::{self, Shape};
use watertight_oracle::manifests::to_yaml;
use watertight_oracle::{Random, build};
use watertight_prove::prove;

const PROFILES: [Profile; 3] = [Profile::CONSERVATIVE, Profile::CALICO, Profile::CILIUM];

fn both_channels(snapshot: &Snapshot, profile: Profile) -> Verdict {
    prove(snapshot, &question(profile)).unwrap().boundaries[0].verdict
}

/// A cluster with rights, in which staging may have a fence of its own and some objects are in doubt.
fn doubtful(seed: u64, random: &mut Random) -> Snapshot {
    let mut snapshot = cluster(2 * seed + 1);
    if random.chance(70) {
        for namespace in side(&snapshot, "staging") {
            snapshot = with_policy(&snapshot, namespace, build::egress("own", Vec::new()));
        }
    }
    let shape = if random.chance(70) { Shape::Chained } else { Shape::Any };
    snapshot = rbac::add(&snapshot, seed, shape);
    let mut doubt = |admission: &mut Admission, percent| {
        if random.chance(percent) {
            *admission = if random.chance(50) { Admission::Refused } else { Admission::Passing };
        }
    };
    snapshot.policies.iter_mut().for_each(|policy| doubt(&mut policy.admission, 50));
    snapshot.namespaces.iter_mut().for_each(|namespace| doubt(&mut namespace.admission, 10));
    snapshot.roles.iter_mut().for_each(|role| doubt(&mut role.admission, 30));
    snapshot.role_bindings.iter_mut().for_each(|binding| doubt(&mut binding.admission, 30));
    snapshot
}

/// The same cluster where each of these is there or not.
fn decided(snapshot: &Snapshot, random: &mut Random) -> Snapshot {
    let mut snapshot = snapshot.clone();
    let mut is_there = |admission: &mut Admission| {
        let was = std::mem::replace(admission, Admission::Accepted);
        was == Admission::Accepted || random.chance(50)
    };
    snapshot.policies.retain_mut(|policy| is_there(&mut policy.admission));
    snapshot.roles.retain_mut(|role| is_there(&mut role.admission));
    snapshot.role_bindings.retain_mut(|binding| is_there(&mut binding.admission));
    for namespace in &mut snapshot.namespaces {
        if !is_there(&mut namespace.admission) {
            namespace.labels = None;
        }
    }
    snapshot
}

#[test]
fn what_is_isolated_is_no_breach_whichever_doubtful_objects_are_there() {
    let (mut isolated, mut in_doubt) = (0, 0);
    for seed in seeds() {
        let mut random = Random::new(seed ^ 0xd0b7);
        let snapshot = doubtful(seed, &mut random);
        for profile in PROFILES {
            match both_channels(&snapshot, profile) {
                Verdict::Isolated => isolated += 1,
                Verdict::Unknown => {
                    in_doubt += 1;
                    continue;
                }
                Verdict::Breached => continue,
            }
            for _ in 0..4 {
                let decided = decided(&snapshot, &mut random);
                assert_ne!(
                    both_channels(&decided, profile),
                    Verdict::Breached,
                    "seed {seed}, {}\n{}\nis isolated with objects in doubt, and this is not:\n{}",
                    profile.name,
                    to_yaml(&snapshot),
                    to_yaml(&decided)
                );
            }
        }
    }
    assert!(isolated >= seeds().end / 10 && in_doubt >= seeds().end / 10, "{isolated}, {in_doubt}");
}
