//! Derivations that hold replay, and ones that are wrong in one place do not.

use std::collections::BTreeMap;
use watertight_base::{ConnectionSet, Labels, PortSet, Protocol};
use watertight_model::{
    Action, Breach, Channel, ClusterPolicy, Fact, FactPeer, Pod, Scheduling, Snapshot, Step, Tier,
    TierPortKind, TierRule, When,
};
use watertight_oracle::build::{
    self, Cluster, anyone, block, ingress, matching, namespace, namespaces, on, peers, place,
};
use watertight_oracle::{PolicySet, Reading, replay};

#[expect(clippy::expect_used, reason = "a test that names no pod of its snapshot is wrong")]
fn existing(snapshot: &Snapshot, name: &str) -> FactPeer {
    let (index, pod) = snapshot
        .pods
        .iter()
        .enumerate()
        .find(|(_, pod)| pod.origin.object.name == name)
        .expect("the test names a pod of its snapshot");
    FactPeer {
        namespace: snapshot.namespace(pod.namespace).name.clone(),
        namespace_labels: Labels::new(),
        pod: Some(index),
        name: format!("Pod {name}"),
        labels: pod.labels.clone(),
        host_network: pod.host_network.is_some(),
        named_ports: BTreeMap::new(),
        address: None,
        behind_node: false,
        opened_by_node: false,
    }
}

fn future(namespace: &str, labels: &[(&str, &str)]) -> FactPeer {
    FactPeer {
        namespace: namespace.to_owned(),
        namespace_labels: Labels::new(),
        pod: None,
        name: format!("a future pod in {namespace}"),
        labels: build::labels(labels),
        host_network: false,
        named_ports: BTreeMap::new(),
        address: None,
        behind_node: false,
        opened_by_node: false,
    }
}

fn port(number: u16) -> ConnectionSet {
    ConnectionSet::of(Protocol::Tcp, PortSet::single(number))
}

fn breach(when: When, facts: Vec<(Fact, Vec<usize>)>) -> Breach {
    let steps = facts
        .into_iter()
        .enumerate()
        .map(|(index, (fact, uses))| Step {
            id: index + 1,
            channel: Channel::Network,
            rule: "N2",
            fact,
            text: String::new(),
            uses,
            because: vec![],
        })
        .collect();
    Breach {
        id: String::new(),
        rule: "open-rule",
        root: watertight_model::Root::pattern(String::new()),
        when,
        message: String::new(),
        help: String::new(),
        count: 1,
        reached: std::collections::BTreeSet::new(),
        steps,
        highlight: None,
    }
}

/// Runs, Target, EgressAllowed, IngressAllowed, Connects.
fn through_policies(when: When, from: &FactPeer, to: &FactPeer, ports: &ConnectionSet) -> Breach {
    let (from, to, ports) = (from.clone(), to.clone(), ports.clone());
    breach(
        when,
        vec![
            (Fact::Runs { pod: from.clone() }, vec![]),
            (Fact::Target { pod: to.clone() }, vec![]),
            (
                Fact::EgressAllowed { from: from.clone(), to: to.clone(), ports: ConnectionSet::full() },
                vec![1, 2],
            ),
            (Fact::IngressAllowed { from: from.clone(), to: to.clone(), ports: ports.clone() }, vec![1, 2]),
            (Fact::Connects { from, to, ports }, vec![3, 4]),
        ],
    )
}

fn through_a_node(from: &FactPeer, to: &FactPeer, node: Option<&str>) -> Breach {
    let (from, to, node) = (from.clone(), to.clone(), node.map(str::to_owned));
    breach(
        When::Possible,
        vec![
            (Fact::Runs { pod: from.clone() }, vec![]),
            (Fact::Target { pod: to.clone() }, vec![]),
            (Fact::SharedNode { from: from.clone(), to: to.clone(), node }, vec![1, 2]),
            (Fact::Connects { from, to, ports: ConnectionSet::full() }, vec![3]),
        ],
    )
}

/// Production admits `role=ok` from anywhere with env=prod on TCP 80; `lost` has no Namespace object.
fn snapshot() -> Snapshot {
    let rule = peers(vec![build::pods_in(matching(&[("env", "prod")]), matching(&[("role", "ok")]))]);
    let rule = on(rule, vec![(Protocol::Tcp, watertight_model::PortMatch::Number(80))]);
    Cluster::new()
        .namespace(namespace("staging", &[("env", "prod")]))
        .namespace(namespace("production", &[("env", "prod")]))
        .pod("staging", build::pod("web", &[("role", "ok")]))
        .pod("staging", build::pod("bad", &[]))
        .pod("lost", build::pod("stray", &[("role", "ok")]))
        .pod("production", build::pod("db", &[]))
        .policy("production", ingress("p", vec![rule]))
        .snapshot()
}

fn check(snapshot: &Snapshot, breach: &Breach) -> Result<(), String> {
    replay(snapshot, Reading::CONFORMING, &PolicySet::all(), breach)
}

#[test]
fn a_derivation_that_holds_replays() {
    let snapshot = snapshot();
    let (web, db) = (existing(&snapshot, "web"), existing(&snapshot, "db"));
    assert_eq!(check(&snapshot, &through_policies(When::Now, &web, &db, &port(80))), Ok(()));
    let future = future("staging", &[("role", "ok")]);
    assert_eq!(check(&snapshot, &through_policies(When::Possible, &future, &db, &port(80))), Ok(()));
}

#[test]
fn a_port_or_a_pod_that_the_policy_does_not_admit_is_found() {
    let snapshot = snapshot();
    let (web, bad, db) = (existing(&snapshot, "web"), existing(&snapshot, "bad"), existing(&snapshot, "db"));
    let wrong_port = check(&snapshot, &through_policies(When::Now, &web, &db, &port(81))).unwrap_err();
    assert!(wrong_port.starts_with("step 4, ingressAllowed: "), "{wrong_port}");
    let two_ports = ConnectionSet::of(Protocol::Tcp, PortSet::range(80, 81));
    assert!(check(&snapshot, &through_policies(When::Now, &web, &db, &two_ports)).is_err());
    assert!(check(&snapshot, &through_policies(When::Now, &bad, &db, &port(80))).is_err());
    let other = future("staging", &[("role", "other")]);
    assert!(check(&snapshot, &through_policies(When::Possible, &other, &db, &port(80))).is_err());
    let none = ConnectionSet::empty();
    assert!(check(&snapshot, &through_policies(When::Now, &web, &db, &none)).is_err());
}

#[test]
fn a_pod_that_is_not_as_the_snapshot_has_it_is_found() {
    let snapshot = snapshot();
    let (bad, db) = (existing(&snapshot, "bad"), existing(&snapshot, "db"));
    let dressed_up = FactPeer { labels: build::labels(&[("role", "ok")]), ..bad.clone() };
    let elsewhere = FactPeer { namespace: "production".to_owned(), ..bad.clone() };
    let on_the_host = FactPeer { host_network: true, ..bad };
    for liar in [dressed_up, elsewhere, on_the_host] {
        let why = check(&snapshot, &through_policies(When::Now, &liar, &db, &port(80))).unwrap_err();
        assert!(why.starts_with("step 1, runs: "), "{why}");
    }
}

#[test]
fn what_could_be_is_not_now() {
    let snapshot = snapshot();
    let db = existing(&snapshot, "db");
    let future = future("staging", &[("role", "ok")]);
    assert!(check(&snapshot, &through_policies(When::Now, &future, &db, &port(80))).is_err());
}

#[test]
fn c9_labels_are_assumed_of_a_namespace_without_an_object_and_only_once() {
    let snapshot = snapshot();
    let db = existing(&snapshot, "db");
    let stray = existing(&snapshot, "stray");
    let assuming = |pairs| FactPeer { namespace_labels: build::labels(pairs), ..stray.clone() };
    assert!(check(&snapshot, &through_policies(When::Possible, &stray, &db, &port(80))).is_err());
    let prod = assuming(&[("env", "prod")]);
    assert_eq!(check(&snapshot, &through_policies(When::Possible, &prod, &db, &port(80))), Ok(()));
    assert!(check(&snapshot, &through_policies(When::Now, &prod, &db, &port(80))).is_err());

    let mut torn = through_policies(When::Possible, &prod, &db, &port(80));
    torn.steps[0].fact = Fact::Runs { pod: assuming(&[("env", "dev")]) };
    assert!(check(&snapshot, &torn).is_err(), "two labels at once");
    let renamed = assuming(&[("env", "prod"), ("kubernetes.io/metadata.name", "production")]);
    assert!(check(&snapshot, &through_policies(When::Possible, &renamed, &db, &port(80))).is_err());
    let known = FactPeer { namespace_labels: build::labels(&[("team", "a")]), ..existing(&snapshot, "web") };
    assert!(check(&snapshot, &through_policies(When::Possible, &known, &db, &port(80))).is_err());
}

#[test]
fn a_future_pod_must_be_one_that_could_be_created() {
    let snapshot = Cluster::new()
        .namespace(namespace("open", &[]))
        .namespace(namespace("closed", &[("pod-security.kubernetes.io/enforce", "baseline")]))
        .namespace(namespace("production", &[]))
        .pod("production", build::pod("db", &[]))
        .snapshot();
    let db = existing(&snapshot, "db");
    let host = |namespace| FactPeer { host_network: true, ..future(namespace, &[]) };
    assert_eq!(check(&snapshot, &through_a_node(&host("open"), &db, None)), Ok(()));
    let why = check(&snapshot, &through_a_node(&host("closed"), &db, None)).unwrap_err();
    assert!(why.starts_with("step 1, runs: Pod Security"), "{why}");
    let odd = future("open", &[("-x", "y")]);
    assert!(check(&snapshot, &through_policies(When::Possible, &odd, &db, &port(80))).is_err());
    let nowhere = future("nowhere", &[]);
    assert!(check(&snapshot, &through_policies(When::Possible, &nowhere, &db, &port(80))).is_err());
}

#[test]
fn n35_a_shared_node_must_be_one_that_both_can_be_on() {
    let on_node = |node: &str| Scheduling { node_name: Some(node.to_owned()), ..Scheduling::default() };
    let agent = Pod { host_network: Some(place()), ..build::pod("agent", &[]) };
    let snapshot = Cluster::new()
        .namespace(namespace("staging", &[]))
        .namespace(namespace("production", &[]))
        .node(build::node("n1"))
        .node(build::node("n2"))
        .pod("staging", Pod { scheduling: on_node("n1"), ..agent })
        .pod("staging", build::pod("web", &[]))
        .pod("production", Pod { scheduling: on_node("n1"), ..build::pod("db", &[]) })
        .pod("production", Pod { scheduling: on_node("n2"), ..build::pod("far", &[]) })
        .policy("production", ingress("deny", vec![]))
        .snapshot();
    let [agent, web, db, far] = ["agent", "web", "db", "far"].map(|name| existing(&snapshot, name));
    assert_eq!(check(&snapshot, &through_a_node(&agent, &db, Some("n1"))), Ok(()));
    for (from, to, node) in
        [(&agent, &db, Some("n2")), (&agent, &far, Some("n1")), (&agent, &far, None), (&web, &db, Some("n1"))]
    {
        let why = check(&snapshot, &through_a_node(from, to, node)).unwrap_err();
        assert!(why.starts_with("step 3, sharedNode: "), "{why}");
    }
    let shared = through_a_node(&agent, &db, Some("n1"));
    assert!(replay(&snapshot, Reading::DECLARED, &PolicySet::all(), &shared).is_err());
}

/// A pod whose address shows that the nodes' pod networks are where pods are.
fn seen_in_the_pod_network() -> watertight_model::Pod {
    watertight_model::Pod {
        addresses: vec![std::net::IpAddr::from([10, 244, 0, 5])],
        ..build::pod("seen", &[])
    }
}

#[test]
fn n43_n40_an_address_must_be_one_that_the_source_can_have() {
    let mut node = build::node("n1");
    node.addresses = vec!["192.168.0.1".parse().unwrap()];
    node.pod_cidrs = vec!["10.244.0.0/24".parse().unwrap()];
    let rule = peers(vec![
        block("10.0.0.0/8".parse().unwrap(), vec![]),
        block("192.168.0.0/16".parse().unwrap(), vec![]),
    ]);
    let snapshot = Cluster::new()
        .namespace(namespace("staging", &[]))
        .namespace(namespace("production", &[]))
        .node(node)
        .pod("production", build::pod("db", &[]))
        .pod("shared", seen_in_the_pod_network())
        .policy("production", ingress("p", vec![rule]))
        .snapshot();
    let db = existing(&snapshot, "db");
    let at = |address: &str| FactPeer { address: address.parse().ok(), ..future("staging", &[]) };
    let behind_node = |address: &str| FactPeer { behind_node: true, ..at(address) };
    for fine in [at("10.244.0.7"), behind_node("192.168.0.1")] {
        let breach = through_policies(When::Possible, &fine, &db, &port(80));
        assert_eq!(check(&snapshot, &breach), Ok(()), "{fine:?}");
    }
    let breach = through_policies(When::Possible, &at("192.168.0.1"), &db, &port(80));
    assert!(check(&snapshot, &breach).is_err(), "a pod has no node's address of its own");
    for odd in ["10.245.0.7", "172.16.0.2", "8.8.8.8"] {
        assert!(
            check(&snapshot, &through_policies(When::Possible, &at(odd), &db, &port(80))).is_err(),
            "{odd}"
        );
    }
}

#[test]
fn n40_only_a_source_is_rewritten() {
    let mut node = build::node("n1");
    node.addresses = vec!["192.168.0.1".parse().unwrap()];
    node.pod_cidrs = vec!["10.244.0.0/24".parse().unwrap()];
    let rule = peers(vec![block("0.0.0.0/0".parse().unwrap(), vec![])]);
    let snapshot = Cluster::new()
        .namespace(namespace("staging", &[]))
        .namespace(namespace("production", &[]))
        .node(node)
        .pod("staging", build::pod("web", &[]))
        .pod("shared", seen_in_the_pod_network())
        .policy("staging", build::egress("p", vec![rule]))
        .snapshot();
    let web = existing(&snapshot, "web");
    let at = |address: &str| FactPeer { address: address.parse().ok(), ..future("production", &[]) };
    let to = |address| check(&snapshot, &through_policies(When::Possible, &web, &at(address), &port(80)));
    assert_eq!(to("10.244.0.9"), Ok(()));
    assert!(to("192.168.0.1").is_err());
}

#[test]
fn n34_a_way_within_one_workload_needs_two_replicas() {
    let open = Cluster::new()
        .namespace(namespace("a", &[]))
        .pod("a", build::deployment("many", &[]))
        .pod("a", build::pod("one", &[]))
        .snapshot();
    let within = |snapshot: &Snapshot, name| {
        let peer = existing(snapshot, name);
        check(snapshot, &through_policies(When::Now, &peer, &peer, &port(80)))
    };
    assert_eq!(within(&open, "many"), Ok(()));
    assert!(within(&open, "one").is_err());
    let closed = Cluster::new()
        .namespace(namespace("a", &[]))
        .pod("a", build::deployment("many", &[]))
        .policy("a", ingress("deny", vec![]))
        .snapshot();
    assert!(within(&closed, "many").is_err());
}

#[test]
fn n55_a_finished_pod_is_no_way() {
    let done = Pod { state: watertight_model::PodState::Finished, ..build::pod("done", &[]) };
    let snapshot = Cluster::new().pod("a", done).pod("b", build::pod("db", &[])).snapshot();
    let (done, db) = (existing(&snapshot, "done"), existing(&snapshot, "db"));
    let why = check(&snapshot, &through_policies(When::Now, &done, &db, &port(80))).unwrap_err();
    assert!(why.starts_with("step 1, runs: "), "{why}");
}

#[test]
fn a_connection_follows_from_both_directions_of_the_same_pair() {
    let snapshot = snapshot();
    let (web, bad, db) = (existing(&snapshot, "web"), existing(&snapshot, "bad"), existing(&snapshot, "db"));
    let whole = through_policies(When::Now, &web, &db, &port(80));
    for missing in [vec![3], vec![4], vec![1, 2], vec![]] {
        let mut breach = whole.clone();
        breach.steps[4].uses = missing;
        let why = check(&snapshot, &breach).unwrap_err();
        assert!(why.starts_with("step 5, connects: "), "{why}");
    }
    let mut ahead = whole.clone();
    ahead.steps[2].uses = vec![5];
    assert!(check(&snapshot, &ahead).is_err());
    let mut of_another = whole.clone();
    of_another.steps[0].fact = Fact::Runs { pod: bad };
    assert!(check(&snapshot, &of_another).is_err());
    let mut wider = whole.clone();
    wider.steps[4].fact = Fact::Connects { from: web, to: db, ports: ConnectionSet::full() };
    assert!(check(&snapshot, &wider).is_err());
    let mut unfinished = whole;
    unfinished.steps.pop();
    assert!(check(&snapshot, &unfinished).is_err());
}

#[test]
fn n54_where_nothing_enforces_two_pods_are_enough() {
    let snapshot = snapshot();
    let (bad, db) = (existing(&snapshot, "bad"), existing(&snapshot, "db"));
    let breach = breach(
        When::Now,
        vec![
            (Fact::Runs { pod: bad.clone() }, vec![]),
            (Fact::Target { pod: db.clone() }, vec![]),
            (Fact::Connects { from: bad, to: db, ports: ConnectionSet::full() }, vec![1, 2]),
        ],
    );
    assert_eq!(replay(&snapshot, Reading::UNENFORCED, &PolicySet::all(), &breach), Ok(()));
    assert!(check(&snapshot, &breach).is_err());
}

#[test]
fn c6_a_breach_holds_under_the_policies_that_it_was_found_with() {
    let rule = peers(vec![namespaces(matching(&[("env", "prod")]))]);
    let refused = watertight_model::NetworkPolicy {
        admission: watertight_model::Admission::Refused,
        ..ingress("allow_prod", vec![rule, anyone()])
    };
    let snapshot = Cluster::new()
        .namespace(namespace("staging", &[]))
        .pod("staging", build::pod("web", &[]))
        .pod("production", build::pod("db", &[]))
        .policy("production", ingress("deny", vec![]))
        .policy("production", refused)
        .snapshot();
    let breach =
        through_policies(When::Now, &existing(&snapshot, "web"), &existing(&snapshot, "db"), &port(80));
    assert_eq!(replay(&snapshot, Reading::CONFORMING, &PolicySet::all(), &breach), Ok(()));
    assert!(replay(&snapshot, Reading::CONFORMING, &PolicySet::accepted(), &breach).is_err());
}

/// Staging and production, with these rules for connections to everyone, before what NetworkPolicies say.
fn under_admin(rules: Vec<TierRule>, is_isolated: bool) -> Snapshot {
    let policy = ClusterPolicy { ingress: rules, ..build::cluster_policy("p", Tier::Admin, 0) };
    let mut cluster = Cluster::new()
        .namespace(namespace("staging", &[]))
        .namespace(namespace("production", &[]))
        .pod("staging", build::pod("web", &[]))
        .pod("production", build::pod("db", &[]))
        .cluster_policy(policy);
    if is_isolated {
        cluster = cluster.policy("production", ingress("deny", vec![]));
    }
    cluster.snapshot()
}

fn all(action: Action) -> TierRule {
    build::tier_rule(action, vec![build::tier_pods(matching(&[]), matching(&[]))])
}

#[test]
fn n57_what_the_tier_admin_accepts_replays_against_an_isolating_policy() {
    let full = ConnectionSet::full();
    for (rules, holds) in [(vec![all(Action::Accept)], true), (vec![all(Action::Pass)], false)] {
        let snapshot = under_admin(rules, true);
        let (web, db) = (existing(&snapshot, "web"), existing(&snapshot, "db"));
        let breach = through_policies(When::Now, &web, &db, &full);
        for reading in [Reading::CONFORMING, Reading::DECLARED] {
            let answer = replay(&snapshot, reading, &PolicySet::all(), &breach);
            assert_eq!(answer.is_ok(), holds, "{reading:?}: {answer:?}");
        }
    }
}

#[test]
fn n61_what_the_tier_admin_denies_replays_only_where_nobody_reads_it() {
    let snapshot = under_admin(vec![all(Action::Deny)], false);
    let (web, db) = (existing(&snapshot, "web"), existing(&snapshot, "db"));
    let breach = through_policies(When::Now, &web, &db, &ConnectionSet::full());
    assert_eq!(check(&snapshot, &breach), Ok(()), "many plugins do not know the tiers");
    let why = replay(&snapshot, Reading::DECLARED, &PolicySet::all(), &breach).unwrap_err();
    assert!(why.starts_with("step 4, ingressAllowed: "), "{why}");
}

#[test]
fn n60_a_hole_in_the_middle_of_the_ports_is_found() {
    let hole = |kind| vec![build::tier_on(all(Action::Deny), vec![kind])];
    let ends = |snapshot: &Snapshot| (existing(snapshot, "web"), existing(snapshot, "db"));
    let snapshot = under_admin(hole(TierPortKind::Range(Protocol::Udp, 100, 200)), false);
    let (web, db) = ends(&snapshot);
    let breach = through_policies(When::Now, &web, &db, &ConnectionSet::full());
    let why = replay(&snapshot, Reading::DECLARED, &PolicySet::all(), &breach).unwrap_err();
    assert!(why.contains("does not allow UDP 100"), "{why}");
    let beside = ConnectionSet::of(Protocol::Udp, PortSet::range(1, 99));
    let breach = through_policies(When::Now, &web, &db, &beside);
    assert_eq!(replay(&snapshot, Reading::DECLARED, &PolicySet::all(), &breach), Ok(()));

    // A name cuts its hole at the number that the pod of the fact gives it.
    let snapshot = under_admin(hole(TierPortKind::Named("http".to_owned())), false);
    let (web, _) = ends(&snapshot);
    let named_ports = BTreeMap::from([("http".to_owned(), (Protocol::Tcp, 7))]);
    let db = FactPeer { named_ports, ..future("production", &[]) };
    let breach = through_policies(When::Possible, &web, &db, &ConnectionSet::full());
    let why = replay(&snapshot, Reading::DECLARED, &PolicySet::all(), &breach).unwrap_err();
    assert!(why.contains("does not allow TCP 7"), "{why}");
}
