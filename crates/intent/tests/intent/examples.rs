//! The examples are intents, and say what their pages promise.

use crate::support::{FULL, MINIMAL, intent};
use watertight_intent::{EnvironmentId, Isolation, Preemption, Promise};

#[test]
fn five_lines_are_an_intent() {
    assert_eq!(MINIMAL.lines().count(), 5);
    let intent = intent(MINIMAL);
    let names: Vec<&str> =
        intent.environments.iter().map(|environment| environment.name.value.as_str()).collect();
    assert_eq!(names, ["staging", "production"]);
    let [staging, production] = intent.environments.as_slice() else { panic!("{names:?}") };
    assert_eq!(staging.namespaces[0].value, "staging");
    assert_eq!(staging.isolation.value, Isolation::Namespace);
    assert_eq!((staging.production.value, production.production.value), (false, true));
    assert_eq!(staging.cluster, production.cluster);
    assert_eq!(intent.clusters.len(), 1);
    assert_eq!(staging.quota.requests.cpu.unwrap().value.to_string(), "4");
    assert_eq!(staging.quota.limits.memory.unwrap().value.to_string(), "16Gi");
    assert_eq!(production.quota.requests.cpu, None);
    assert!(staging.priority.value.value < production.priority.value.value);
    assert_eq!(staging.priority.preemption_policy.value, Preemption::Never);
}

#[test]
fn without_a_word_every_environment_is_walled_from_every_other() {
    let intent = intent(MINIMAL);
    let pairs: Vec<(usize, usize)> =
        intent.boundaries.iter().map(|boundary| (boundary.from.0, boundary.to.0)).collect();
    assert_eq!(pairs, [(0, 1), (1, 0)]);
    for boundary in &intent.boundaries {
        let promises: Vec<Promise> = boundary.promises.iter().map(|promise| promise.value).collect();
        assert_eq!(promises, Promise::ALL);
    }
}

#[test]
fn the_full_example_is_an_intent() {
    let intent = intent(FULL);
    assert_eq!(intent.environments.len(), 3);
    assert_eq!(intent.boundaries.len(), 6);
    let shop = &intent.applications[0];
    let environments: Vec<EnvironmentId> =
        shop.placements.iter().map(|placement| placement.environment).collect();
    assert_eq!(environments, [EnvironmentId(0), EnvironmentId(1)]);
}
