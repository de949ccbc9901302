//! Edges that the text does fix: subjects, peers that are none, unknown peers, ranges.

use super::{about, accept, all_addresses, deny, everyone, pass, tcp, team, with};
use crate::build::{cluster_policy, matching, subject, tier_on, tier_pods, tier_rule};
use crate::conformance::Table;
use watertight_base::Protocol;
use watertight_model::{Action, ClusterPolicy, Tier, TierPeerKind, TierPortKind, TierRule};

pub(super) fn tables() -> Vec<Table> {
    let both = |rules: fn() -> Vec<TierRule>| ClusterPolicy {
        ingress: rules(),
        egress: rules(),
        ..about("p", Tier::Admin, 0, "red")
    };
    let closes = |action| {
        let rule = tier_on(tier_rule(action, vec![TierPeerKind::Unknown]), vec![tcp(80)]);
        let egress = vec![accept(team("blue")), rule, accept(team("green"))];
        ClusterPolicy { egress, ..about("p", Tier::Admin, 0, "red") }
    };
    let fails_closed = "
        from     to         TCP/80 TCP/81
        red/one  blue/one   yes    yes
        red/one  green/one  no     no
        red/one  8.8.8.8    no     no";
    vec![
        Table {
            name: "namespaces and pods mean nothing on the host network, no node and nothing outside",
            snapshot: with(vec![both(|| vec![deny(everyone())])]),
            text: "
                from         to           TCP/80
                green/one    red/one      no
                red/one      red/two      no
                hosts/agent  red/one      yes
                node/first   red/one      yes
                8.8.8.8      red/one      yes
                red/one      hosts/agent  yes
                red/one      node/first   yes
                red/one      8.8.8.8      yes
                red/one      red/one      yes",
        },
        Table {
            name: "a pod on the host network is no subject",
            snapshot: with(vec![ClusterPolicy {
                ingress: vec![deny(everyone())],
                egress: vec![deny(everyone()), deny(all_addresses())],
                ..about("p", Tier::Admin, 0, "hosts")
            }]),
            text: "
                from         to           TCP/80
                hosts/agent  red/one      yes
                red/one      hosts/agent  yes",
        },
        Table {
            name: "a subject of pods is the pods with these labels in these namespaces",
            snapshot: with(vec![ClusterPolicy {
                subject: subject(matching(&[("team", "red")]), matching(&[("app", "one")])),
                ingress: vec![deny(tier_pods(matching(&[("team", "green")]), matching(&[("app", "two")])))],
                ..cluster_policy("p", Tier::Admin, 0)
            }]),
            text: "
                from       to        TCP/80
                green/two  red/one   no
                green/one  red/one   yes
                green/two  red/two   yes
                green/two  blue/one  yes",
        },
        Table {
            name: "pods that are passed before a network is denied stay open",
            snapshot: with(vec![ClusterPolicy {
                egress: vec![pass(everyone()), deny(all_addresses())],
                ..about("p", Tier::Admin, 0, "red")
            }]),
            text: "
                from     to           TCP/80
                red/one  blue/one     yes
                red/one  hosts/agent  no
                red/one  8.8.8.8      no",
        },
        Table {
            name: "a Deny of unknown peers denies everything from its place on",
            snapshot: with(vec![closes(Action::Deny)]),
            text: fails_closed,
        },
        Table {
            name: "a Pass of unknown peers denies everything from its place on",
            snapshot: with(vec![closes(Action::Pass)]),
            text: fails_closed,
        },
        Table {
            name: "an Accept of unknown peers accepts nothing",
            snapshot: with(vec![ClusterPolicy {
                egress: vec![
                    tier_rule(Action::Accept, vec![team("blue"), TierPeerKind::Unknown]),
                    deny(everyone()),
                ],
                ..about("p", Tier::Admin, 0, "red")
            }]),
            text: "
                from     to         TCP/80
                red/one  blue/one   no
                red/one  green/one  no",
        },
        Table {
            name: "a protocol alone is all its ports, and a range includes both ends",
            snapshot: with(vec![ClusterPolicy {
                ingress: vec![
                    tier_on(
                        accept(team("green")),
                        vec![TierPortKind::All(Protocol::Udp), TierPortKind::Range(Protocol::Tcp, 80, 82)],
                    ),
                    deny(everyone()),
                ],
                ..about("p", Tier::Admin, 0, "red")
            }]),
            text: "
                from       to       UDP/1 UDP/65535 TCP/79 TCP/80 TCP/82 TCP/83 SCTP/80
                green/one  red/one  yes   yes       no     yes    yes    no     no",
        },
    ]
}
