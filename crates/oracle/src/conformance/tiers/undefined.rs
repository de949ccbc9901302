//! What the text leaves to the implementation.

use super::{about, accept, all_addresses, between, cluster, deny, tcp, team, with};
use crate::build::{egress, ingress, matching, namespaces, peers, place, tier_on};
use crate::conformance::Table;
use watertight_model::{Action, ClusterPolicy, Tier, TierPeerKind, TierPort};

pub(super) fn tables() -> Vec<Table> {
    use Action::{Accept, Deny, Pass};
    let admin = |name, action| between(name, Tier::Admin, 10, action);
    let on_80 = |mut policy: ClusterPolicy| {
        for rule in policy.ingress.iter_mut().chain(&mut policy.egress) {
            rule.ports = Some(vec![TierPort { span: place(), kind: tcp(80) }]);
        }
        policy
    };
    let one_way = ingress("in", vec![peers(vec![namespaces(matching(&[("team", "green")]))])]);
    let other_way = egress("out", vec![peers(vec![namespaces(matching(&[("team", "green")]))])]);
    let baseline = || {
        let rules = || vec![deny(team("green")), deny(team("blue"))];
        ClusterPolicy { ingress: rules(), egress: rules(), ..about("b", Tier::Baseline, 0, "red") }
    };
    vec![
        Table {
            name: "of two equals that disagree either may apply, where both match",
            snapshot: with(vec![admin("a", Accept), on_80(admin("b", Deny))]),
            text: "
                from       to         TCP/80 TCP/81
                green/one  red/one    ?      yes
                red/one    green/one  ?      yes",
        },
        Table {
            name: "two equals that agree are no riddle",
            snapshot: with(vec![admin("a", Deny), on_80(admin("b", Deny))]),
            text: "
                from       to         TCP/80 TCP/81
                green/one  red/one    no     no",
        },
        Table {
            name: "a Pass that ties with a Deny is undefined, unless what comes later denies as well",
            snapshot: with(vec![
                admin("a", Pass),
                admin("b", Deny),
                on_80(between("c", Tier::Baseline, 0, Deny)),
            ]),
            text: "
                from       to         TCP/80 TCP/81
                green/one  red/one    no     ?",
        },
        Table {
            name: "a pod that a NetworkPolicy isolates for ingress alone may or may not meet the tier Baseline in egress",
            snapshot: cluster().policy("red", one_way).cluster_policy(baseline()).snapshot(),
            text: "
                from       to         TCP/80
                green/one  red/one    yes
                blue/one   red/one    no
                red/one    green/one  ?
                red/one    blue/one   ?
                red/one    amber/one  yes",
        },
        Table {
            name: "a pod that a NetworkPolicy isolates for egress alone may or may not meet the tier Baseline in ingress",
            snapshot: cluster().policy("red", other_way).cluster_policy(baseline()).snapshot(),
            text: "
                from       to         TCP/80
                red/one    green/one  yes
                red/one    blue/one   no
                green/one  red/one    ?
                amber/one  red/one    yes",
        },
        Table {
            name: "what a domain name resolves to is not known",
            snapshot: with(vec![ClusterPolicy {
                egress: vec![
                    tier_on(
                        accept(TierPeerKind::DomainNames(vec!["*.example.com".to_owned()])),
                        vec![tcp(443)],
                    ),
                    deny(all_addresses()),
                ],
                ..about("names", Tier::Admin, 0, "red")
            }]),
            text: "
                from     to         TCP/443 TCP/80
                red/one  8.8.8.8    ?       no
                red/one  blue/one   ?       no",
        },
    ]
}
