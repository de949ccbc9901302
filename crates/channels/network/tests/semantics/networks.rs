//! Further networks of pods, beside the cluster's own (N56).

use crate::plain::plain;
use crate::world::World;
use std::collections::BTreeSet;
use watertight_model::{Relation, When};
use watertight_network::{Profile, Reading, crossings};
use watertight_oracle::{PolicySet, replay};

const FENCED: &str = "pod-security.kubernetes.io/enforce: baseline";
const CLOSED: &str = "podSelector: {}\npolicyTypes: [Ingress, Egress]";

/// Two closed sides, with a pod on each that asks for these networks.
fn on_networks(staging: &str, production: &str) -> World {
    let pod = |world: World, namespace: &str, annotations: &str| {
        let metadata = format!("name: a\nnamespace: {namespace}\nannotations: {annotations}");
        let spec = "spec: {containers: [{name: main, image: example.com/app}]}\n";
        world.policy(&format!("{namespace}/p"), CLOSED).object("v1", "Pod", &metadata, spec)
    };
    let world = World::default().namespace("staging", FENCED).namespace("production", FENCED);
    pod(pod(world, "staging", staging), "production", production)
}

/// What gets across, each seen to replay.
fn across(world: &World) -> BTreeSet<(&'static str, When)> {
    let snapshot = world.ingest().snapshot;
    let profile = Profile::CALICO;
    let [from, to] = ["staging", "production"].map(|name| [snapshot.namespace_named(name).unwrap()]);
    let found = crossings(&snapshot, &Reading::new(profile, Relation::May), &from, &to).found;
    let breaches = found.iter().map(|crossing| &crossing.breach);
    let seen = breaches.map(|breach| {
        assert_eq!(replay(&snapshot, plain(&profile), &PolicySet::all(), breach), Ok(()));
        (breach.rule, breach.when)
    });
    seen.collect()
}

fn asks(networks: &str) -> String {
    format!("{{k8s.v1.cni.cncf.io/networks: '{networks}'}}")
}

#[test]
fn n56_two_pods_on_one_network_reach_each_other_now() {
    let now = BTreeSet::from([("shared-network", When::Now)]);
    for (staging, production) in [
        ("lan/one", "lan/one"),
        ("production/one@net1", "one"),
        ("two,lan/one", r#"[{"name": "one", "namespace": "lan"}]"#),
    ] {
        assert_eq!(across(&on_networks(&asks(staging), &asks(production))), now, "{staging} {production}");
    }
    let default = "{v1.multus-cni.io/default-network: one}";
    assert_eq!(across(&on_networks(default, default)), now);
}

#[test]
fn n56_a_network_from_elsewhere_is_there_for_new_pods_too() {
    let possible = BTreeSet::from([("shared-network", When::Possible)]);
    assert_eq!(across(&on_networks("{}", &asks("lan/one"))), possible);
    assert_eq!(across(&on_networks(&asks("one"), &asks("staging/two"))), possible);
}

#[test]
fn n56_a_network_of_its_own_is_not_shared_for_certain() {
    for staging in ["{}".to_owned(), asks("one"), asks("production/two"), asks("[oops")] {
        assert_eq!(across(&on_networks(&staging, &asks("one"))), BTreeSet::new(), "{staging}");
    }
    assert_eq!(across(&on_networks(&asks("lan/one"), "{}")), BTreeSet::new());
}

#[test]
fn n56_a_network_without_an_interface_is_none() {
    let metadata = "name: one\nnamespace: lan";
    let defined = |kind: &str| {
        let spec = format!("spec: {{config: '{{\"type\": \"{kind}\"}}'}}\n");
        let world = on_networks(&asks("lan/one"), &asks("lan/one"));
        across(&world.object("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition", metadata, &spec)).len()
    };
    assert_eq!((defined("bridge"), defined("istio-cni")), (1, 0));
}
