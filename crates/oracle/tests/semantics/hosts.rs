//! Self traffic, nodes, hostNetwork, rewritten sources, pods that are not running (N32 to N40, N54, N55).

use crate::ask::{ALWAYS, MAY_ONLY, NEVER, between, end, evaluators, ip, outside, pod, tcp};
use watertight_base::{Protocol, Selector};
use watertight_model::{NetworkPolicy, Node, Pod, PodState, PolicyTypes, Relation, Snapshot};
use watertight_oracle::build::{
    Cluster, anyone, block, egress, ingress, matching, namespace, namespaces, node, own_pods, peers, place,
    policy,
};
use watertight_oracle::{ConcretePod, Endpoint, Evaluator, Reading, build};

/// Two nodes, `agent` with hostNetwork in staging, `web` in staging, `db` in production; nothing is placed.
fn cluster() -> Cluster {
    let agent = Pod { host_network: Some(place()), ..build::pod("agent", &[("app", "agent")]) };
    let at = |name: &str, address: &str| Node { addresses: vec![ip(address)], ..node(name) };
    Cluster::new()
        .namespace(namespace("staging", &[("env", "staging")]))
        .namespace(namespace("production", &[("env", "prod")]))
        .node(at("n1", "192.168.0.1"))
        .node(at("n2", "192.168.0.2"))
        .pod("staging", agent)
        .pod("staging", build::pod("web", &[("app", "web")]))
        .pod("production", build::pod("db", &[("app", "db")]))
}

fn on_node(snapshot: &Snapshot, name: &str, node: &str) -> Endpoint {
    Endpoint::Pod(ConcretePod { node: Some(node.to_owned()), ..pod(snapshot, name) })
}

fn deny_both() -> NetworkPolicy {
    NetworkPolicy { types: PolicyTypes { ingress: true, egress: true }, ..policy("deny") }
}

#[test]
fn n32_a_pod_always_reaches_itself() {
    let snapshot = cluster().policy("production", deny_both()).snapshot();
    assert_eq!(between(&snapshot, "db", "db"), ALWAYS);
}

#[test]
fn n34_another_replica_is_another_pod() {
    let snapshot = cluster()
        .pod("production", build::deployment("api", &[]))
        .policy("production", deny_both())
        .snapshot();
    let index = snapshot.pods.iter().position(|pod| pod.workload.name == "api").unwrap();
    let [first, second] = [0, 1].map(|replica| Endpoint::existing(&snapshot, index, replica).unwrap());
    assert_eq!(tcp(&snapshot, &first, &first, 80), ALWAYS);
    assert_eq!(tcp(&snapshot, &first, &second, 80), NEVER);
    let db = snapshot.pods.iter().position(|pod| pod.workload.name == "db").unwrap();
    assert_eq!(Endpoint::existing(&snapshot, db, 1), None, "one pod has no second replica");
}

#[test]
fn n34_two_future_pods_with_the_same_labels_are_two_pods() {
    let snapshot = cluster().policy("production", deny_both()).snapshot();
    let future = |number| Endpoint::Pod(ConcretePod::future(number, "production", build::labels(&[])));
    assert_eq!(tcp(&snapshot, &future(1), &future(2), 80), NEVER);
    assert_eq!(tcp(&snapshot, &future(1), &future(1), 80), ALWAYS);
}

#[test]
fn n35_a_node_reaches_every_pod_on_it() {
    let snapshot = cluster().policy("production", deny_both()).snapshot();
    let db = on_node(&snapshot, "db", "n1");
    for (source, other) in [
        (Endpoint::node("n1"), Endpoint::node("n2")),
        (on_node(&snapshot, "agent", "n1"), on_node(&snapshot, "agent", "n2")),
    ] {
        let [may, must, _] = tcp(&snapshot, &source, &db, 22);
        assert!(may && must);
        assert_eq!(tcp(&snapshot, &other, &db, 22), NEVER);
    }
    let unplaced = end(&snapshot, "agent");
    assert_eq!(tcp(&snapshot, &unplaced, &end(&snapshot, "db"), 22), NEVER, "two unknown nodes are not one");
}

#[test]
fn n35_a_pod_may_reach_its_own_node_and_need_not() {
    let snapshot = cluster().policy("production", deny_both()).snapshot();
    let db = on_node(&snapshot, "db", "n1");
    assert_eq!(tcp(&snapshot, &db, &Endpoint::node("n1"), 10250), MAY_ONLY);
    assert_eq!(tcp(&snapshot, &db, &on_node(&snapshot, "agent", "n1"), 80), MAY_ONLY);
    assert_eq!(tcp(&snapshot, &db, &Endpoint::node("n2"), 10250), NEVER);
}

#[test]
fn n35_read_alone_a_shared_node_opens_nothing() {
    let snapshot = cluster().policy("production", deny_both()).snapshot();
    let [_, _, declared] =
        tcp(&snapshot, &on_node(&snapshot, "agent", "n1"), &on_node(&snapshot, "db", "n1"), 80);
    assert!(!declared);
}

#[test]
fn n36_another_node_may_be_matched_by_an_ip_block_and_never_by_a_selector() {
    let by_block = peers(vec![block("192.168.0.2/32".parse().unwrap(), vec![])]);
    let snapshot = cluster().policy("production", ingress("p", vec![by_block])).snapshot();
    let db = on_node(&snapshot, "db", "n1");
    assert_eq!(tcp(&snapshot, &Endpoint::node("n2"), &db, 80), MAY_ONLY);
    let by_selector = peers(vec![namespaces(Selector::default())]);
    let snapshot = cluster().policy("production", ingress("p", vec![by_selector])).snapshot();
    let db = on_node(&snapshot, "db", "n1");
    assert_eq!(tcp(&snapshot, &Endpoint::node("n2"), &db, 80), NEVER);
    let snapshot = cluster().policy("production", ingress("p", vec![anyone()])).snapshot();
    let db = on_node(&snapshot, "db", "n1");
    assert_eq!(tcp(&snapshot, &Endpoint::node("n2"), &db, 80), [true, true, false], "declared has no nodes");
}

#[test]
fn n36_a_node_may_be_seen_under_a_tunnels_address() {
    let by_block = peers(vec![block("10.244.0.0/16".parse().unwrap(), vec![])]);
    let snapshot = cluster().policy("production", ingress("p", vec![by_block])).snapshot();
    let db = on_node(&snapshot, "db", "n1");
    assert_eq!(tcp(&snapshot, &Endpoint::node("n2"), &db, 80), NEVER);
    let tunnel = Endpoint::Node { name: "n2".to_owned(), seen_as: Some(ip("10.244.1.0")) };
    assert_eq!(tcp(&snapshot, &tunnel, &db, 80), MAY_ONLY);
}

#[test]
fn n37_policies_may_do_nothing_to_a_host_network_pod() {
    let snapshot = cluster().policy("staging", deny_both()).snapshot();
    assert_eq!(between(&snapshot, "agent", "db"), MAY_ONLY);
    assert_eq!(between(&snapshot, "db", "agent"), MAY_ONLY);
    assert_eq!(between(&snapshot, "web", "db"), NEVER);
}

#[test]
fn n38_a_selector_may_match_a_host_network_pod_and_need_not() {
    let rule = peers(vec![namespaces(matching(&[("env", "staging")]))]);
    let snapshot = cluster().policy("production", ingress("p", vec![rule])).snapshot();
    assert_eq!(between(&snapshot, "agent", "db"), [true, false, true]);
    assert_eq!(between(&snapshot, "web", "db"), ALWAYS);
    let rule = peers(vec![namespaces(matching(&[("env", "prod")]))]);
    let snapshot = cluster().policy("production", ingress("p", vec![rule])).snapshot();
    assert_eq!(between(&snapshot, "agent", "db"), NEVER);
}

#[test]
fn n38_a_host_network_pod_has_its_nodes_addresses() {
    let rule = peers(vec![block("192.168.0.1/32".parse().unwrap(), vec![])]);
    let snapshot = cluster().policy("production", ingress("p", vec![rule])).snapshot();
    let db = end(&snapshot, "db");
    assert_eq!(tcp(&snapshot, &on_node(&snapshot, "agent", "n1"), &db, 80), MAY_ONLY);
    assert_eq!(tcp(&snapshot, &on_node(&snapshot, "agent", "n2"), &db, 80), NEVER);
    assert_eq!(tcp(&snapshot, &on_node(&snapshot, "web", "n1"), &db, 80), NEVER, "an ordinary pod has not");
}

#[test]
fn n40_a_rewritten_source_may_be_admitted_as_a_node() {
    let rule = peers(vec![block("192.168.0.0/24".parse().unwrap(), vec![])]);
    let snapshot = cluster().policy("production", ingress("p", vec![rule])).snapshot();
    assert_eq!(between(&snapshot, "web", "db"), NEVER);
    let through_a_node_port =
        Endpoint::Pod(ConcretePod { seen_as: Some(ip("192.168.0.2")), ..pod(&snapshot, "web") });
    assert_eq!(tcp(&snapshot, &through_a_node_port, &end(&snapshot, "db"), 80), MAY_ONLY);
}

#[test]
fn n54_without_an_enforcer_everything_passes() {
    let snapshot = cluster().policy("production", deny_both()).policy("staging", deny_both()).snapshot();
    for relation in [Relation::May, Relation::Must] {
        let evaluator = Evaluator::new(&snapshot, Reading::UNENFORCED, relation);
        for source in [end(&snapshot, "web"), end(&snapshot, "agent"), outside("8.8.8.8")] {
            assert!(evaluator.allowed(&source, &end(&snapshot, "db"), Protocol::Sctp, 9));
        }
    }
}

#[test]
fn n55_a_finished_pod_neither_sends_nor_receives() {
    let done = Pod { state: PodState::Finished, ..build::pod("job", &[]) };
    let snapshot = cluster().pod("staging", done).snapshot();
    assert_eq!(between(&snapshot, "job", "db"), NEVER);
    assert_eq!(between(&snapshot, "db", "job"), NEVER);
    let nothing_enforces = Evaluator::new(&snapshot, Reading::UNENFORCED, Relation::May);
    assert!(!nothing_enforces.allowed(&end(&snapshot, "job"), &end(&snapshot, "db"), Protocol::Tcp, 80));
}

#[test]
fn n55_a_pod_without_an_address_may_get_one() {
    let young = Pod { state: PodState::NoAddress, ..build::pod("young", &[]) };
    let snapshot = cluster().pod("staging", young).snapshot();
    assert_eq!(between(&snapshot, "young", "db"), [true, false, true]);
    assert_eq!(between(&snapshot, "db", "young"), [true, false, true]);
}

#[test]
fn under_declared_the_two_relations_are_one() {
    let snapshot = cluster()
        .policy("production", ingress("p", vec![peers(vec![own_pods(Selector::default())])]))
        .policy("staging", egress("q", vec![anyone()]))
        .snapshot();
    let must = Evaluator::new(&snapshot, Reading::DECLARED, Relation::Must);
    let [_, _, may] = evaluators(&snapshot);
    for source in ["agent", "web", "db"] {
        for destination in ["agent", "web", "db"] {
            let (source, destination) = (end(&snapshot, source), end(&snapshot, destination));
            assert_eq!(
                may.allowed(&source, &destination, Protocol::Tcp, 80),
                must.allowed(&source, &destination, Protocol::Tcp, 80)
            );
        }
    }
}
