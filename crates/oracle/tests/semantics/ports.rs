//! Ports and protocols (N8, N23 to N30).

use crate::ask::{ALWAYS, Answers, MAY_ONLY, NEVER, NOT_MUST, end, ip, outside, passes, pod, tcp};
use watertight_base::{Protocol, Selector};
use watertight_model::{ContainerPort, ContainerRole, PolicyRule, PortMatch, Snapshot};
use watertight_oracle::build::{
    Cluster, anyone, block, egress, ingress, named_port, namespace, namespaces, on, peers,
};
use watertight_oracle::{Endpoint, build};

/// `web` and `db`; db names TCP 8080 `http` and UDP 53 `dns`, other names TCP 9090 `http`.
fn cluster() -> Cluster {
    let mut db = build::pod("db", &[]);
    db.ports = vec![named_port("http", Protocol::Tcp, 8080), named_port("dns", Protocol::Udp, 53)];
    let mut other = build::pod("other", &[]);
    other.ports = vec![named_port("http", Protocol::Tcp, 9090)];
    Cluster::new()
        .namespace(namespace("a", &[]))
        .namespace(namespace("b", &[]))
        .pod("a", build::pod("web", &[]))
        .pod("b", db)
        .pod("b", other)
}

fn in_b(rule: PolicyRule) -> Snapshot {
    cluster().policy("b", ingress("p", vec![rule])).snapshot()
}

fn from_a(rule: PolicyRule) -> Snapshot {
    cluster().policy("a", egress("p", vec![rule])).snapshot()
}

fn ask(snapshot: &Snapshot, destination: &str, protocol: Protocol, port: u16) -> Answers {
    passes(snapshot, &end(snapshot, "web"), &end(snapshot, destination), protocol, port)
}

#[test]
fn n8_no_ports_are_all_ports_of_all_protocols() {
    let snapshot = in_b(anyone());
    for protocol in Protocol::ALL {
        assert_eq!(ask(&snapshot, "db", protocol, 1), ALWAYS);
        assert_eq!(ask(&snapshot, "db", protocol, 65535), ALWAYS);
    }
}

#[test]
fn n23_a_port_of_tcp_is_none_of_udp() {
    let snapshot = in_b(on(anyone(), vec![(Protocol::Tcp, PortMatch::Number(53))]));
    assert_eq!(ask(&snapshot, "db", Protocol::Tcp, 53), ALWAYS);
    assert_eq!(ask(&snapshot, "db", Protocol::Udp, 53), NEVER);
    assert_eq!(ask(&snapshot, "db", Protocol::Tcp, 54), NEVER);
}

#[test]
fn n24_a_protocol_alone_is_all_its_ports() {
    let snapshot = in_b(on(anyone(), vec![(Protocol::Udp, PortMatch::All)]));
    assert_eq!(ask(&snapshot, "db", Protocol::Udp, 1), ALWAYS);
    assert_eq!(ask(&snapshot, "db", Protocol::Tcp, 1), NEVER);
    assert_eq!(ask(&snapshot, "db", Protocol::Sctp, 1), NEVER);
}

#[test]
fn n25_a_range_is_inclusive_and_surely_its_first_port_only() {
    let snapshot = in_b(on(anyone(), vec![(Protocol::Tcp, PortMatch::Range(80, 90))]));
    let answers = [79, 80, 81, 90, 91].map(|port| ask(&snapshot, "db", Protocol::Tcp, port));
    assert_eq!(answers, [NEVER, ALWAYS, NOT_MUST, NOT_MUST, NEVER]);
}

#[test]
fn n26_a_name_means_what_the_destination_says_in_both_directions() {
    let named = || on(anyone(), vec![(Protocol::Tcp, PortMatch::Named("http".to_owned()))]);
    for snapshot in [in_b(named()), from_a(named())] {
        assert_eq!(ask(&snapshot, "db", Protocol::Tcp, 8080), ALWAYS);
        assert_eq!(ask(&snapshot, "db", Protocol::Tcp, 9090), NEVER);
        assert_eq!(ask(&snapshot, "other", Protocol::Tcp, 9090), ALWAYS);
        assert_eq!(ask(&snapshot, "other", Protocol::Tcp, 8080), NEVER);
    }
}

#[test]
fn n27_an_unknown_name_or_one_of_another_protocol_matches_nothing() {
    for name in ["https", "dns"] {
        let snapshot = in_b(on(anyone(), vec![(Protocol::Tcp, PortMatch::Named(name.to_owned()))]));
        for port in [53, 80, 8080] {
            assert_eq!(ask(&snapshot, "db", Protocol::Tcp, port), NEVER, "{name} {port}");
        }
        assert_eq!(ask(&snapshot, "db", Protocol::Udp, 53), NEVER);
    }
}

#[test]
fn n28_an_address_outside_has_no_port_names() {
    let snapshot = from_a(on(anyone(), vec![(Protocol::Tcp, PortMatch::Named("http".to_owned()))]));
    for port in [80, 8080, 9090] {
        assert_eq!(tcp(&snapshot, &end(&snapshot, "web"), &outside("8.8.8.8"), port), NEVER);
    }
}

#[test]
fn n28_a_name_on_ingress_is_the_subjects_whoever_the_source_is() {
    let rule = peers(vec![block("0.0.0.0/0".parse().unwrap(), vec![])]);
    let snapshot = in_b(on(rule, vec![(Protocol::Tcp, PortMatch::Named("http".to_owned()))]));
    assert_eq!(tcp(&snapshot, &outside("8.8.8.8"), &end(&snapshot, "db"), 8080), ALWAYS);
    assert_eq!(tcp(&snapshot, &outside("8.8.8.8"), &end(&snapshot, "db"), 8081), NEVER);
}

#[test]
fn n28_a_pod_that_an_ip_block_may_match_keeps_its_port_names_in_may() {
    let rule = peers(vec![block("10.0.0.0/8".parse().unwrap(), vec![])]);
    let snapshot = from_a(on(rule, vec![(Protocol::Tcp, PortMatch::Named("http".to_owned()))]));
    let mut db = pod(&snapshot, "db");
    db.addresses = vec![ip("10.1.2.3")];
    assert_eq!(tcp(&snapshot, &end(&snapshot, "web"), &Endpoint::Pod(db.clone()), 8080), MAY_ONLY);
    assert_eq!(tcp(&snapshot, &end(&snapshot, "web"), &Endpoint::Pod(db), 8081), NEVER);
}

#[test]
fn n29_declared_ports_limit_nothing() {
    let snapshot = in_b(peers(vec![namespaces(Selector::default())]));
    assert_eq!(ask(&snapshot, "db", Protocol::Tcp, 22), ALWAYS);
}

#[test]
fn n30_names_of_sidecars_and_init_containers_count_in_may_only() {
    let mut pod = build::pod("target", &[]);
    let port = |name: &str, number, container| ContainerPort {
        name: Some(name.to_owned()),
        number,
        protocol: Protocol::Tcp,
        container,
        host_port: None,
    };
    pod.ports = vec![
        port("web", 80, ContainerRole::Main),
        port("proxy", 81, ContainerRole::Sidecar),
        port("setup", 82, ContainerRole::Init),
    ];
    let named = ["web", "proxy", "setup"].map(|name| (Protocol::Tcp, PortMatch::Named(name.to_owned())));
    let rule = on(anyone(), named.into());
    let snapshot = cluster().pod("b", pod).policy("b", ingress("p", vec![rule])).snapshot();
    let answers = [80, 81, 82, 83].map(|port| ask(&snapshot, "target", Protocol::Tcp, port));
    assert_eq!(answers, [ALWAYS, MAY_ONLY, MAY_ONLY, NEVER]);
}
