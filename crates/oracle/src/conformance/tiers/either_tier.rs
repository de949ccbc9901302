//! What holds of both tiers alike, where nothing else decides: order, directions, addresses, port names, nodes.

use super::{about, accept, all_addresses, deny, named, networks, pass, sctp, tcp, team, udp, v4, with};
use crate::build::{matching, tier_on, tier_rule};
use crate::conformance::Table;
use watertight_base::Protocol;
use watertight_model::{Action, ClusterPolicy, Tier, TierPeerKind, TierPortKind};

/// Accept, Deny and Pass of everything with blue in some order; ports denied with green; ports accepted with amber, and
/// the rest denied. Amber's TCP port differs between the directions.
fn combined(tier: Tier, order: [Action; 3]) -> ClusterPolicy {
    let rules = |accepted: u16| {
        let mut rules = order.map(|action| tier_rule(action, vec![team("blue")])).to_vec();
        rules.push(tier_on(deny(team("green")), vec![tcp(80), udp(53), sctp(9003)]));
        rules.push(tier_on(pass(team("green")), vec![tcp(80), udp(53), sctp(9003)]));
        rules.push(tier_on(accept(team("amber")), vec![tcp(accepted), udp(5353), sctp(9003)]));
        rules.push(deny(team("amber")));
        rules
    };
    ClusterPolicy { egress: rules(8080), ingress: rules(80), ..about("combined", tier, 15, "red") }
}

pub(super) fn tables(tier: Tier) -> Vec<Table> {
    use Action::{Accept, Deny, Pass};
    let mut tables = vec![
        Table {
            name: "the first rule that matches decides, and an Accept stands first",
            snapshot: with(vec![combined(tier, [Accept, Deny, Pass])]),
            text: "
                from       to         TCP/80 TCP/8080 UDP/53 UDP/5353 SCTP/9003 SCTP/9005
                red/one    blue/one   yes    yes      yes    yes      yes       yes
                red/two    green/one  no     yes      no     yes      no        yes
                red/one    amber/two  no     yes      no     yes      yes       no
                blue/two   red/one    yes    yes      yes    yes      yes       yes
                green/one  red/two    no     yes      no     yes      no        yes
                amber/one  red/two    yes    no       no     yes      yes       no
                green/one  amber/one  yes    yes      yes    yes      yes       yes
                red/one    red/two    yes    yes      yes    yes      yes       yes
                8.8.8.8    red/one    yes    yes      yes    yes      yes       yes",
        },
        Table {
            name: "the first rule that matches decides, and a Deny stands first",
            snapshot: with(vec![combined(tier, [Deny, Accept, Pass])]),
            text: "
                from       to         TCP/80 TCP/8080 UDP/53 UDP/5353 SCTP/9003 SCTP/9005
                red/one    blue/one   no     no       no     no       no        no
                blue/two   red/one    no     no       no     no       no        no
                blue/one   blue/two   yes    yes      yes    yes      yes       yes",
        },
        Table {
            name: "a Pass that stands first leaves the rest of its tier unread",
            snapshot: with(vec![combined(tier, [Pass, Deny, Accept])]),
            text: "
                from       to         TCP/80 UDP/53 SCTP/9003
                red/one    blue/one   yes    yes    yes
                blue/two   red/one    yes    yes    yes",
        },
    ];
    tables.extend(one_direction(tier));
    tables.extend(by_address(tier));
    tables.extend(by_port_name(tier));
    tables.push(by_node(tier));
    tables
}

fn one_direction(tier: Tier) -> Vec<Table> {
    let rules = |open: TierPortKind, shut: TierPortKind| {
        vec![
            accept(team("blue")),
            tier_on(deny(team("green")), vec![shut]),
            tier_on(accept(team("amber")), vec![open]),
            deny(team("amber")),
        ]
    };
    let inwards = ClusterPolicy { ingress: rules(tcp(80), udp(53)), ..about("in", tier, 3, "red") };
    let outwards = ClusterPolicy { egress: rules(udp(53), sctp(9003)), ..about("out", tier, 7, "red") };
    vec![
        Table {
            name: "a policy with ingress rules alone says nothing about egress",
            snapshot: with(vec![inwards]),
            text: "
                from       to         TCP/80 TCP/8080 UDP/53 SCTP/9003
                blue/one   red/one    yes    yes      yes    yes
                green/one  red/one    yes    yes      no     yes
                amber/one  red/one    yes    no       no     no
                red/one    green/one  yes    yes      yes    yes
                red/one    amber/one  yes    yes      yes    yes",
        },
        Table {
            name: "a policy with egress rules alone says nothing about ingress",
            snapshot: with(vec![outwards]),
            text: "
                from       to         TCP/80 TCP/8080 UDP/53 SCTP/9003
                red/one    blue/one   yes    yes      yes    yes
                red/one    green/one  yes    yes      yes    no
                red/one    amber/one  no     no       yes    no
                green/one  red/one    yes    yes      yes    yes
                amber/one  red/one    yes    yes      yes    yes",
        },
    ]
}

fn by_address(tier: Tier) -> Vec<Table> {
    let shut = || vec![accept(team("green")), deny(all_addresses())];
    let some = accept(networks(&[(v4(10, 244, 3, 1), 32), (v4(10, 244, 4, 1), 32)]));
    let opened = [vec![some], shut()].concat();
    let old_family = vec![deny(networks(&[(v4(0, 0, 0, 0), 0)]))];
    vec![
        Table {
            name: "networks deny pods, nodes and the outside, save whom an earlier rule accepts",
            snapshot: with(vec![ClusterPolicy { egress: shut(), ..about("shut", tier, 85, "red") }]),
            text: "
                from       to          TCP/80 UDP/53 SCTP/9003
                red/two    blue/one    no     no     no
                red/two    amber/one   no     no     no
                red/two    red/one     no     no     no
                red/two    green/one   yes    yes    yes
                red/two    hosts/agent no     no     no
                red/two    node/second no     no     no
                red/two    8.8.8.8     no     no     no
                red/two    2001:db8::1 no     no     no
                blue/one   red/two     yes    yes    yes",
        },
        Table {
            name: "a pod is accepted by its own address, and its neighbour is not",
            snapshot: with(vec![ClusterPolicy { egress: opened, ..about("some", tier, 85, "red") }]),
            text: "
                from       to         TCP/80 UDP/53 SCTP/9003
                red/two    blue/one   yes    yes    yes
                red/two    amber/one  yes    yes    yes
                red/two    blue/two   no     no     no
                red/two    amber/two  no     no     no",
        },
        Table {
            name: "a network of one family says nothing about the other",
            snapshot: with(vec![ClusterPolicy { egress: old_family, ..about("old", tier, 85, "red") }]),
            text: "
                from       to          TCP/80
                red/one    8.8.8.8     no
                red/one    2001:db8::1 yes",
        },
    ]
}

fn by_port_name(tier: Tier) -> Vec<Table> {
    let rules = |name: &str| vec![tier_on(accept(team("amber")), vec![named(name)]), deny(team("amber"))];
    let web = ClusterPolicy { egress: rules("web"), ..about("web", tier, 7, "red") };
    let dns = ClusterPolicy { ingress: rules("dns"), ..about("dns", tier, 7, "red") };
    let gone = ClusterPolicy { egress: rules("gone"), ..about("gone", tier, 7, "red") };
    vec![
        Table {
            name: "a port name in egress is the destination's, with that port's protocol",
            snapshot: with(vec![web]),
            text: "
                from     to         TCP/80 TCP/8080 UDP/80
                red/one  amber/two  yes    no       no",
        },
        Table {
            name: "a port name in ingress is the subject's, with that port's protocol",
            snapshot: with(vec![dns]),
            text: "
                from       to       UDP/53 UDP/5353 TCP/53
                amber/one  red/two  yes    no       no",
        },
        Table {
            name: "a port name that no container gives matches nothing",
            snapshot: with(vec![gone]),
            text: "
                from     to         TCP/80 UDP/53
                red/one  amber/two  no     no",
        },
    ]
}

fn by_node(tier: Tier) -> Table {
    let linux = || TierPeerKind::Nodes(matching(&[("system", "linux")]));
    let egress = vec![
        tier_on(accept(linux()), vec![TierPortKind::Range(Protocol::Tcp, 36_000, 36_001)]),
        tier_on(pass(linux()), vec![udp(34_346)]),
        deny(linux()),
    ];
    Table {
        name: "nodes are matched by label, and by the addresses that pods on the host network share with them",
        snapshot: with(vec![ClusterPolicy { egress, ..about("nodes", tier, 75, "red") }]),
        text: "
            from       to           TCP/35999 TCP/36000 TCP/36001 UDP/34346 UDP/34347 SCTP/9003
            red/two    hosts/agent  no        yes       yes       yes       no        no
            red/two    node/first   no        yes       yes       yes       no        no
            red/two    node/second  yes       yes       yes       yes       yes       yes
            red/two    blue/one     yes       yes       yes       yes       yes       yes
            blue/one   hosts/agent  yes       yes       yes       yes       yes       yes",
    }
}
