//! Which pods are isolated, in which direction, and that policies only ever add.

use super::{about, app, both_ways, cluster, own, pods_in, red, table, team, with};
use crate::build::{anyone, egress, ingress, on};
use crate::conformance::Table;
use watertight_base::{Protocol, Selector};
use watertight_model::{NetworkPolicy, PolicyTypes, PortMatch};

pub(super) fn tables() -> Vec<Table> {
    let mut tables = denied();
    tables.extend(allowed());
    tables.extend(both_directions());
    tables
}

fn denied() -> Vec<Table> {
    vec![
        table(
            "without a policy everything passes",
            cluster().snapshot(),
            "
            from       to         TCP/80 UDP/53 SCTP/9003
            red/one    red/two    yes    yes    yes
            green/one  red/two    yes    yes    yes
            node/first red/two    yes    yes    yes
            8.8.8.8    red/two    yes    yes    yes
            red/two    8.8.8.8    yes    yes    yes",
        ),
        table(
            "no ingress rule closes every pod of the namespace to all others, on every protocol",
            red(vec![ingress("shut", vec![])]),
            "
            from       to         TCP/80 UDP/53 SCTP/9003
            red/two    red/one    no     no     no
            green/one  red/one    no     no     no
            hosts/agent red/two   no     no     no
            8.8.8.8    red/one    no     no     no
            red/one    red/one    yes    yes    yes
            red/one    green/one  yes    yes    yes
            red/one    8.8.8.8    yes    yes    yes
            green/one  green/two  yes    yes    yes
            green/one  blue/one   yes    yes    yes",
        ),
        table(
            "no egress rule keeps every pod of the namespace in, on every protocol",
            red(vec![egress("shut", vec![])]),
            "
            from       to         TCP/80 UDP/53 SCTP/9003
            red/one    red/two    no     no     no
            red/one    green/one  no     no     no
            red/one    8.8.8.8    no     no     no
            red/two    node/first no     no     no
            red/one    red/one    yes    yes    yes
            green/one  red/one    yes    yes    yes
            8.8.8.8    red/one    yes    yes    yes",
        ),
        table(
            "no rule in either direction closes both",
            red(vec![both_ways("shut", vec![], vec![])]),
            "
            from       to         TCP/80 UDP/53 SCTP/9003
            red/one    red/two    no     no     no
            green/one  red/one    no     no     no
            red/one    green/one  no     no     no
            8.8.8.8    red/one    no     no     no
            red/one    8.8.8.8    no     no     no
            red/one    red/one    yes    yes    yes
            green/one  blue/one   yes    yes    yes",
        ),
        table(
            "egress is closed for the pods that the policy selects, and for their neighbours not",
            red(vec![about(app("one"), egress("shut", vec![]))]),
            "
            from       to         TCP/80
            red/one    red/two    no
            red/one    green/one  no
            red/one    8.8.8.8    no
            red/two    red/one    yes
            red/two    green/one  yes
            red/two    8.8.8.8    yes",
        ),
        table(
            "rules of a direction that is no type mean nothing",
            red(vec![NetworkPolicy {
                types: PolicyTypes { ingress: true, egress: false },
                ..both_ways("p", vec![own(app("two"))], vec![own(app("two"))])
            }]),
            "
            from       to         TCP/80
            red/two    red/one    yes
            green/one  red/one    no
            red/one    red/two    no
            red/one    green/one  yes",
        ),
        table(
            "a policy that selects no pod isolates none",
            red(vec![about(app("four"), both_ways("nobody", vec![], vec![]))]),
            "
            from       to         TCP/80
            green/one  red/one    yes
            red/one    green/one  yes",
        ),
    ]
}

fn allowed() -> Vec<Table> {
    let port_80 = || vec![on(anyone(), vec![(Protocol::Tcp, PortMatch::Number(80))])];
    vec![
        table(
            "one empty rule allows everything",
            red(vec![ingress("open", vec![anyone()])]),
            "
            from       to         TCP/80 TCP/81 UDP/53
            red/two    red/one    yes    yes    yes
            green/one  red/one    yes    yes    yes
            hosts/agent red/two   yes    yes    yes
            8.8.8.8    red/one    yes    yes    yes
            red/one    green/one  yes    yes    yes",
        ),
        table(
            "beside a policy that closes a namespace another one opens a single pod of it",
            red(vec![
                ingress("shut", vec![]),
                about(
                    app("one"),
                    ingress("open", vec![pods_in(Selector::everything(), Selector::everything())]),
                ),
            ]),
            "
            from       to         TCP/80
            red/two    red/one    yes
            green/one  red/one    yes
            8.8.8.8    red/one    no
            red/one    red/two    no
            green/one  red/two    no",
        ),
        table(
            "an ingress policy that allows everything outweighs one that allows a port",
            red(vec![ingress("port", port_80()), ingress("open", vec![anyone()])]),
            "
            from       to         TCP/80 TCP/81 UDP/80
            green/one  red/one    yes    yes    yes
            red/two    red/one    yes    yes    yes",
        ),
        table(
            "an egress policy that allows everything outweighs one that allows a port",
            red(vec![egress("port", port_80()), egress("open", vec![anyone()])]),
            "
            from       to         TCP/80 TCP/81 UDP/80
            red/one    green/one  yes    yes    yes
            red/one    red/two    yes    yes    yes",
        ),
        table(
            "what a policy opens, one that opens nothing does not close, whatever their names",
            red(vec![
                ingress("a", vec![own(app("two"))]),
                ingress("b", vec![]),
                ingress("c", vec![own(app("three"))]),
            ]),
            "
            from       to         TCP/80
            red/two    red/one    yes
            red/three  red/one    yes
            green/two  red/one    no",
        ),
    ]
}

fn both_directions() -> Vec<Table> {
    let port_80 = || on(anyone(), vec![(Protocol::Tcp, PortMatch::Number(80))]);
    let from_red = |name, pods: &str| about(app(pods), ingress(name, vec![pods_in(team("red"), app("one"))]));
    vec![
        table(
            "egress and ingress of one pod are two matters",
            red(vec![
                about(app("one"), egress("open", vec![anyone()])),
                about(app("one"), ingress("shut", vec![])),
            ]),
            "
            from       to         TCP/80
            red/one    red/two    yes
            red/one    green/one  yes
            red/two    red/one    no
            green/one  red/one    no",
        ),
        table(
            "one policy may speak of both directions",
            red(vec![about(app("one"), both_ways("both", vec![own(app("two"))], vec![port_80()]))]),
            "
            from       to         TCP/80 TCP/81
            red/two    red/one    yes    yes
            red/three  red/one    no     no
            green/one  red/one    no     no
            red/one    red/two    yes    no
            red/one    green/one  yes    no
            red/one    red/one    yes    yes",
        ),
        table(
            "what the destination admits does not get out of a source that is kept in",
            with(vec![
                ("red", about(app("one"), egress("out", vec![pods_in(team("green"), app("one"))]))),
                ("green", from_red("to-one", "one")),
                ("green", from_red("to-two", "two")),
            ]),
            "
            from       to         TCP/80
            red/one    green/one  yes
            red/one    green/two  no
            red/one    blue/one   no
            red/two    green/one  no
            red/two    green/two  no
            red/two    blue/one   yes
            green/one  green/two  no
            green/one  red/one    yes",
        ),
        table(
            "both ends must allow one and the same port",
            with(vec![
                ("red", egress("out", vec![on(anyone(), vec![(Protocol::Tcp, PortMatch::Number(80))])])),
                ("green", ingress("in", vec![on(anyone(), vec![(Protocol::Tcp, PortMatch::Number(81))])])),
            ]),
            "
            from       to         TCP/80 TCP/81
            red/one    green/one  no     no
            red/one    blue/one   yes    no
            blue/one   green/one  no     yes",
        ),
    ]
}
