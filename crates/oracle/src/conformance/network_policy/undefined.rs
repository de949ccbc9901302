//! What the specification leaves to the implementation, beside what it settles.

use super::{about, app, block, cluster, in_cluster, namespaces, own, pod, red, table, team, with};
use crate::build::{anyone, egress, ingress, named_port, on, peers};
use crate::conformance::Table;
use watertight_base::{Protocol, Selector};
use watertight_model::{ContainerPort, ContainerRole, Pod, PortMatch};

pub(super) fn tables() -> Vec<Table> {
    let mut tables = blocks_inside();
    tables.extend(host_network());
    tables.extend(ports());
    tables
}

fn blocks_inside() -> Vec<Table> {
    vec![
        table(
            "a block may or may not hold the pods whose addresses are in it",
            red(vec![about(app("one"), egress("out", vec![peers(vec![block("10.244.2.2/32", &[])])]))]),
            "
            from       to         TCP/80
            red/one    green/two  ?
            red/one    green/one  no
            red/one    red/two    no",
        ),
        table(
            "what a block excepts it never holds",
            red(vec![about(
                app("one"),
                egress("out", vec![peers(vec![block("10.244.0.0/16", &["10.244.1.2/32"])])]),
            )]),
            "
            from       to         TCP/80
            red/one    red/two    no
            red/one    red/three  ?
            red/one    green/two  ?",
        ),
        table(
            "a pod that one block excepts another one may or may not hold",
            red(vec![
                about(app("one"), egress("a", vec![peers(vec![block("10.244.0.0/16", &["10.244.1.2/32"])])])),
                about(app("one"), egress("b", vec![peers(vec![block("10.244.1.2/32", &[])])])),
            ]),
            "
            from       to         TCP/80
            red/one    red/two    ?",
        ),
        table(
            "a block may or may not admit the pods, nodes and agents whose addresses are in it",
            red(vec![ingress("in", vec![peers(vec![block("0.0.0.0/0", &[])])])]),
            "
            from        to         TCP/80
            green/one   red/two    ?
            node/first  red/two    ?
            hosts/agent red/two    ?
            8.8.8.8     red/two    yes
            2001:db8::1 red/two    no",
        ),
        table(
            "a node is a block's at its own address or at its tunnel's, if at all",
            red(vec![
                about(app("two"), ingress("of-node", vec![peers(vec![block("192.168.0.1/32", &[])])])),
                about(app("three"), ingress("of-pods", vec![peers(vec![block("10.244.1.0/24", &[])])])),
                about(app("one"), ingress("of-others", vec![peers(vec![block("203.0.113.0/24", &[])])])),
            ]),
            "
            from        to         TCP/80
            node/first  red/two    ?
            node/first  red/three  ?
            node/second red/one    no
            green/one   red/two    no
            green/one   red/three  no",
        ),
    ]
}

fn host_network() -> Vec<Table> {
    vec![
        table(
            "a node always reaches its own pods, and another node is a stranger",
            red(vec![ingress("shut", vec![])]),
            "
            from        to         TCP/80 UDP/53 SCTP/9003
            node/first  red/one    yes    yes    yes
            hosts/agent red/one    yes    yes    yes
            node/second red/one    no     no     no
            node/first  red/two    no     no     no",
        ),
        table(
            "a pod that is kept in may or may not reach its own node, and no other",
            red(vec![egress("shut", vec![])]),
            "
            from        to          TCP/80
            red/one     node/first  ?
            red/one     hosts/agent ?
            red/one     node/second no
            red/two     node/first  no
            red/two     hosts/agent no",
        ),
        table(
            "a policy may or may not be about a pod on the host network",
            with(vec![("hosts", ingress("shut", vec![]))]),
            "
            from        to          TCP/80
            green/two   hosts/agent ?
            8.8.8.8     hosts/agent ?
            hosts/agent green/two   yes",
        ),
        table(
            "a selector may or may not mean a pod on the host network, and never the node itself",
            red(vec![
                about(app("two"), ingress("in", vec![namespaces(team("hosts"))])),
                about(app("three"), ingress("other", vec![namespaces(team("green"))])),
            ]),
            "
            from        to         TCP/80
            hosts/agent red/two    ?
            node/first  red/two    no
            hosts/agent red/three  no",
        ),
        table(
            "a selector may or may not let pods out to a pod on the host network",
            red(vec![egress("out", vec![namespaces(Selector::everything())])]),
            "
            from        to          TCP/80
            red/two     hosts/agent ?
            red/two     node/first  no
            red/two     green/two   yes",
        ),
    ]
}

fn ports() -> Vec<Table> {
    let web = || on(own(Selector::everything()), vec![(Protocol::Tcp, PortMatch::Named("extra".to_owned()))]);
    let side = |container, number| ContainerPort { container, ..named_port("extra", Protocol::Tcp, number) };
    let cluster = |ports: Vec<ContainerPort>| {
        let pod = pod("red", "one");
        let ports = [pod.ports.clone(), ports].concat();
        cluster().without_pod("red", "one").pod("red", Pod { ports, ..pod })
    };
    vec![
        table(
            "a range of ports is surely its first one, and the rest where endPort is understood",
            red(vec![ingress("in", vec![on(anyone(), vec![(Protocol::Tcp, PortMatch::Range(80, 82))])])]),
            "
            from       to         TCP/79 TCP/80 TCP/81 TCP/82 TCP/83 UDP/80
            green/one  red/one    no     yes    ?      ?      no     no
            8.8.8.8    red/one    no     yes    ?      ?      no     no",
        ),
        table(
            "a port name on a sidecar or an init container may or may not count",
            in_cluster(
                cluster(vec![side(ContainerRole::Sidecar, 9000), side(ContainerRole::Init, 9001)]),
                vec![("red", ingress("in", vec![web()]))],
            ),
            "
            from       to         TCP/9000 TCP/9001 TCP/80
            red/two    red/one    ?        ?        no",
        ),
        table(
            "of two ports with one name either may count",
            in_cluster(
                cluster(vec![side(ContainerRole::Main, 9000), side(ContainerRole::Main, 9001)]),
                vec![("red", ingress("in", vec![web()]))],
            ),
            "
            from       to         TCP/9000 TCP/9001 TCP/80
            red/two    red/one    ?        ?        no",
        ),
    ]
}
