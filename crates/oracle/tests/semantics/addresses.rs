//! ipBlocks (N43 to N46).

use crate::ask::{ALWAYS, Answers, MAY_ONLY, NEVER, end, evaluators, ip, outside, pod, tcp};
use watertight_base::Protocol;
use watertight_model::{PeerKind, Snapshot};
use watertight_oracle::build::{Cluster, block, ingress, namespace, peers};
use watertight_oracle::{ConcretePod, Endpoint, build};

fn cluster(kinds: Vec<PeerKind>) -> Snapshot {
    Cluster::new()
        .namespace(namespace("a", &[]))
        .namespace(namespace("b", &[]))
        .pod("a", build::pod("web", &[]))
        .pod("b", build::pod("db", &[]))
        .policy("b", ingress("p", vec![peers(kinds)]))
        .snapshot()
}

fn cidr(cidr: &str, except: &[&str]) -> PeerKind {
    block(cidr.parse().unwrap(), except.iter().map(|hole| hole.parse().unwrap()).collect())
}

/// Whether each of these outside addresses reaches db.
fn from<const N: usize>(kinds: Vec<PeerKind>, sources: [&str; N]) -> [Answers; N] {
    let snapshot = cluster(kinds);
    sources.map(|source| tcp(&snapshot, &outside(source), &end(&snapshot, "db"), 80))
}

/// Whether web reaches db when it has these addresses.
fn from_pod(kinds: Vec<PeerKind>, addresses: &[&str]) -> Answers {
    let snapshot = cluster(kinds);
    let addresses = addresses.iter().map(|address| ip(address)).collect();
    let web = Endpoint::Pod(ConcretePod { addresses, ..pod(&snapshot, "web") });
    tcp(&snapshot, &web, &end(&snapshot, "db"), 80)
}

#[test]
fn n43_an_ip_block_may_match_pods_and_need_not() {
    assert_eq!(from_pod(vec![cidr("10.0.0.0/8", &[])], &["10.1.2.3"]), MAY_ONLY);
    assert_eq!(from_pod(vec![cidr("0.0.0.0/0", &[])], &["10.1.2.3"]), MAY_ONLY);
    assert_eq!(from_pod(vec![cidr("0.0.0.0/0", &["10.0.0.0/8"])], &["10.1.2.3"]), NEVER);
    assert_eq!(from_pod(vec![cidr("0.0.0.0/0", &[])], &[]), NEVER, "the world fixes no address");
}

#[test]
fn n44_an_exception_cuts_into_its_own_block_only() {
    let one = vec![cidr("10.0.0.0/8", &["10.1.0.0/16"])];
    assert_eq!(
        from(one, ["10.0.255.255", "10.1.0.0", "10.1.255.255", "10.2.0.0"]),
        [ALWAYS, NEVER, NEVER, ALWAYS]
    );
    let two = vec![cidr("10.0.0.0/8", &["10.1.0.0/16"]), cidr("10.1.2.0/24", &[])];
    assert_eq!(from(two, ["10.1.2.3", "10.1.3.3"]), [ALWAYS, NEVER]);
}

#[test]
fn n45_host_bits_mean_the_network() {
    let answers =
        from(vec![cidr("10.0.0.77/24", &[])], ["9.255.255.255", "10.0.0.0", "10.0.0.255", "10.0.1.0"]);
    assert_eq!(answers, [NEVER, ALWAYS, ALWAYS, NEVER]);
}

#[test]
fn n45_every_prefix_length_cuts_at_its_bit() {
    assert_eq!(from(vec![cidr("0.0.0.0/0", &[])], ["0.0.0.0", "255.255.255.255"]), [ALWAYS, ALWAYS]);
    assert_eq!(from(vec![cidr("128.0.0.0/1", &[])], ["127.255.255.255", "128.0.0.0"]), [NEVER, ALWAYS]);
    assert_eq!(
        from(vec![cidr("8.8.8.8/32", &[])], ["8.8.8.7", "8.8.8.8", "8.8.8.9"]),
        [NEVER, ALWAYS, NEVER]
    );
    assert_eq!(
        from(vec![cidr("8.8.8.8/31", &[])], ["8.8.8.7", "8.8.8.9", "8.8.8.10"]),
        [NEVER, ALWAYS, NEVER]
    );
}

#[test]
fn n46_the_families_never_meet() {
    let [v4] = from(vec![cidr("::/0", &[])], ["8.8.8.8"]);
    assert_eq!(v4, NEVER);
    let [v6] = from(vec![cidr("0.0.0.0/0", &[])], ["2001:db8::1"]);
    assert_eq!(v6, NEVER);
    let [v6, mapped] = from(vec![cidr("2001:db8::/32", &[])], ["2001:db8::1", "::ffff:10.0.0.1"]);
    assert_eq!((v6, mapped), ([true, true, false], NEVER), "declared is IPv4 only");
    assert_eq!(from_pod(vec![cidr("fd00::/8", &[])], &["10.0.0.1", "fd00::1"]), MAY_ONLY, "dual stack");
}

#[test]
fn n46_read_alone_ipv6_takes_no_part() {
    let snapshot = Cluster::new().pod("a", build::pod("db", &[])).snapshot();
    let answers = tcp(&snapshot, &outside("2001:db8::1"), &end(&snapshot, "db"), 80);
    assert_eq!(answers, [true, true, false], "there is not even a policy");
    let snapshot = cluster(vec![cidr("2001:db8::/32", &[])]);
    let ends = (outside("2001:db8::1"), end(&snapshot, "db"));
    let admits = evaluators(&snapshot).map(|it| it.ingress_allows(&ends.0, &ends.1, Protocol::Tcp, 80));
    assert_eq!(admits, [true, true, false], "an IPv6 block matches nothing");
}
