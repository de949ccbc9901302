//! What no policy decides, and an answer says that it rests on (N47, N50 to N53).

use crate::world::World;
use std::collections::BTreeSet;

const CLOSED: &str = "podSelector: {}\npolicyTypes: [Ingress]";

/// Whether an answer about the usual two namespaces rests on this, and says by which rule.
fn assumes(world: &World, id: &str, rule: &str) -> bool {
    let all = world.assumptions("staging", "production");
    all.iter().any(|assumption| assumption.id == id && assumption.text.contains(rule))
}

#[test]
fn n47_what_the_api_server_opens_for_others_is_an_assumption() {
    let world = World::new().policy("production/p", CLOSED);
    assert!(assumes(&world, "kubelet-bypass", "N47"));
    assert!(!assumes(&world.unenforced(), "kubelet-bypass", "N47"), "nothing is fenced there");
}

#[test]
fn n50_what_the_kubelet_opens_for_others_is_an_assumption() {
    let world = World::new().policy("production/p", CLOSED);
    assert!(assumes(&world, "kubelet-bypass", "N50"));
}

#[test]
fn n51_a_connection_that_the_other_side_opens_is_no_way_across() {
    let labels = "pod-security.kubernetes.io/enforce: baseline";
    let world = World::default()
        .namespace("staging", labels)
        .namespace("production", labels)
        .pod("staging/a", "app: a", "")
        .pod("production/b", "app: b", "")
        .policy("production/p", CLOSED);
    assert!(world.passes("production/b", "staging/a", "TCP/80"), "its replies come back");
    assert_eq!(world.crossings("staging", "production"), BTreeSet::new());
}

#[test]
fn n52_that_no_older_connection_is_left_is_an_assumption() {
    let world = World::new().policy("production/p", CLOSED);
    assert!(assumes(&world, "existing-connections", "N52"));
    assert!(!assumes(&world.unenforced(), "existing-connections", "N52"));
}

#[test]
fn n53_that_policies_are_in_force_from_a_pods_start_is_an_assumption() {
    let world = World::new().policy("production/p", CLOSED);
    assert!(assumes(&world, "cni-enforces", "N53"));
    assert!(!assumes(&world.unenforced(), "cni-enforces", "N53"));
}
