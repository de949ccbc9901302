//! What no policy decides, or no object shows, and an answer says that it rests on (N22, N31, N47, N48, N50 to N54).

use crate::world::World;
use std::collections::BTreeSet;
use watertight_network::Profile;

const CLOSED: &str = "podSelector: {}\npolicyTypes: [Ingress]";

fn closed() -> World {
    World::new().policy("production/p", CLOSED)
}

/// Whether an answer about the usual two namespaces rests on this, and says by which rule.
fn assumes(world: &World, id: &str, rule: &str) -> bool {
    let all = world.assumptions("staging", "production");
    all.iter().any(|assumption| assumption.id == id && assumption.text.contains(rule))
}

/// The profiles by which an answer rests on this.
fn who_assumes(world: &World, id: &str, rule: &str) -> Vec<&'static str> {
    let profiles = Profile::ALL.into_iter().filter(|&profile| assumes(&world.under(profile), id, rule));
    profiles.map(|profile| profile.name).collect()
}

/// Every profile under which something is fenced.
const ENFORCERS: [&str; 7] =
    ["conservative", "calico", "cilium", "kube-router", "antrea", "kube-network-policies", "declared"];

const ALL: [&str; 8] = [
    "conservative",
    "calico",
    "cilium",
    "kube-router",
    "antrea",
    "kube-network-policies",
    "none",
    "declared",
];

#[test]
fn n47_what_the_api_server_opens_for_others_is_an_assumption() {
    assert_eq!(who_assumes(&closed(), "kubelet-bypass", "N47"), ALL, "it needs no pod of the other side");
}

#[test]
fn n50_what_the_kubelet_opens_for_others_is_an_assumption() {
    assert_eq!(who_assumes(&closed(), "kubelet-bypass", "N50"), ALL);
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
    assert_eq!(who_assumes(&closed(), "existing-connections", "N52"), ENFORCERS);
}

#[test]
fn n53_that_policies_are_in_force_from_a_pods_start_is_an_assumption() {
    assert_eq!(who_assumes(&closed(), "cni-enforces", "N53"), ENFORCERS);
}

#[test]
fn n54_that_something_enforces_policies_is_an_assumption() {
    assert_eq!(who_assumes(&closed(), "cni-enforces", "N54"), ENFORCERS);
}

#[test]
fn n22_that_no_label_changed_a_moment_ago_is_an_assumption_where_a_plugin_keeps_old_ones() {
    let who = |world: &World| who_assumes(world, "labels-settled", "N22");
    let keeps = ["conservative", "cilium"];
    let by_subject = "podSelector: {matchLabels: {app: b}}\npolicyTypes: [Ingress]";
    let by_peer = "podSelector: {}\ningress: [{from: [{podSelector: {matchLabels: {app: c}}}]}]";
    let by_namespace = "podSelector: {}\ningress: [{from: [{namespaceSelector: {matchLabels: {env: prd}}}]}]";
    for spec in [by_subject, by_peer] {
        assert_eq!(who(&World::new().policy("production/p", spec)), keeps, "{spec}");
        assert_eq!(who(&World::new().policy("staging/p", spec)), keeps, "{spec}");
        let elsewhere = World::new().namespace("other", "env: dev").policy("other/p", spec);
        assert_eq!(who(&elsewhere), Vec::<&str>::new(), "a policy of neither side");
    }
    for spec in [CLOSED, by_namespace] {
        assert_eq!(who(&World::new().policy("production/p", spec)), Vec::<&str>::new(), "no label of a pod");
    }
}

#[test]
fn n22_the_tiers_ask_for_labels_where_they_are_read() {
    let rule = "ingress:\n- {action: Deny, from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: a}}}}]}\n";
    let world = World::new().tier("t", "Admin", 0, rule);
    assert_eq!(who_assumes(&world, "labels-settled", "N22"), ["conservative"]);
    let set = Profile::parse("cilium,cluster-network-policy=true").unwrap();
    assert!(assumes(&world.under(set), "labels-settled", "N22"));
}

#[test]
fn n31_that_other_protocols_are_outside_is_an_assumption_everywhere() {
    assert_eq!(who_assumes(&closed(), "other-protocols", "N31").len(), Profile::ALL.len());
}

#[test]
fn n18_that_namespaces_keep_their_labels_is_an_assumption_everywhere() {
    assert_eq!(who_assumes(&closed(), "namespaces-fixed", "").len(), Profile::ALL.len());
}

#[test]
fn n37_that_pod_security_is_enforced_is_an_assumption_where_it_keeps_pods_off_the_host_network() {
    let with = |level: &str| {
        let labels = format!("pod-security.kubernetes.io/enforce: {level}");
        World::default()
            .namespace("staging", &labels)
            .namespace("production", "env: prd")
            .policy("production/p", CLOSED)
    };
    let fenced = with("baseline");
    let with_nodes =
        ["conservative", "calico", "cilium", "kube-router", "antrea", "kube-network-policies", "none"];
    assert_eq!(who_assumes(&fenced, "pod-security-admission", ""), with_nodes);
    assert_eq!(who_assumes(&fenced, "pod-security-version", ""), with_nodes[..6]);
    let new_enough = "status: {nodeInfo: {kubeletVersion: v1.35.0}}\n";
    let known = fenced.object("v1", "Node", "name: one", new_enough);
    assert_eq!(who_assumes(&known, "pod-security-version", ""), Vec::<&str>::new());
    for id in ["pod-security-admission", "pod-security-version"] {
        assert_eq!(who_assumes(&with("privileged"), id, ""), Vec::<&str>::new(), "{id}");
    }
}

#[test]
fn n43_that_pods_have_addresses_like_those_in_the_input_is_an_assumption_where_it_holds_some() {
    let seen = "spec: {containers: [{name: main, image: example.com/app}]}\nstatus: {phase: Running, podIP: 10.2.3.4, podIPs: [{ip: 10.2.3.4}]}\n";
    let metadata = "name: seen\nnamespace: staging\nlabels: {app: seen}";
    let world = closed().object("v1", "Pod", metadata, seen);
    assert_eq!(who_assumes(&world, "pod-network", "N43"), ENFORCERS);
    assert_eq!(who_assumes(&closed(), "pod-network", "N43"), Vec::<&str>::new());
}

#[test]
fn c4_the_kinds_of_which_the_input_holds_nothing_are_named_once() {
    let named = |world: &World, kind: &str| {
        let all = world.assumptions("staging", "production");
        let texts: Vec<&str> =
            all.iter().filter(|of| of.id == "input-complete").map(|of| of.text.as_str()).collect();
        assert_eq!(texts.len(), 1);
        texts[0].split([':', ',']).filter(|word| word.trim() == kind).count()
    };
    assert_eq!([named(&closed(), "NetworkPolicy"), named(&closed(), "Node")], [0, 1]);
    let with_node = closed().object("v1", "Node", "name: one", "");
    assert_eq!(named(&with_node, "Node"), 0);
}
