//! On which ports and protocols a rule opens something.

use super::{about, app, namespaces, own, red, table, team};
use crate::build::{anyone, egress, ingress, on};
use crate::conformance::Table;
use watertight_base::Protocol::{self, Sctp, Tcp, Udp};
use watertight_model::{PolicyRule, PortMatch, Snapshot};

fn number(protocol: Protocol, port: u16) -> (Protocol, PortMatch) {
    (protocol, PortMatch::Number(port))
}

fn named(protocol: Protocol, name: &str) -> (Protocol, PortMatch) {
    (protocol, PortMatch::Named(name.to_owned()))
}

/// `red/one` admits what these rules allow.
fn one_admits(rules: Vec<PolicyRule>) -> Snapshot {
    red(vec![about(app("one"), ingress("in", rules))])
}

fn green_on(ports: Vec<(Protocol, PortMatch)>) -> PolicyRule {
    on(namespaces(team("green")), ports)
}

pub(super) fn tables() -> Vec<Table> {
    let mut tables = by_number();
    tables.extend(by_name());
    tables.extend(by_protocol());
    tables
}

fn by_number() -> Vec<Table> {
    vec![
        table(
            "one namespace is admitted on one port",
            one_admits(vec![green_on(vec![number(Tcp, 81)])]),
            "
            from       to         TCP/80 TCP/81 UDP/81 SCTP/81
            green/one  red/one    no     yes    no     no
            green/two  red/one    no     yes    no     no
            red/two    red/one    no     no     no     no
            blue/one   red/one    no     no     no     no",
        ),
        table(
            "one namespace is admitted on one port of UDP",
            one_admits(vec![green_on(vec![number(Udp, 81)])]),
            "
            from       to         TCP/81 UDP/80 UDP/81 SCTP/81
            green/one  red/one    no     no     yes    no
            red/two    red/one    no     no     no     no
            blue/one   red/one    no     no     no     no",
        ),
        table(
            "one namespace is admitted on one port of SCTP",
            one_admits(vec![green_on(vec![number(Sctp, 81)])]),
            "
            from       to         TCP/81 UDP/81 SCTP/80 SCTP/81
            green/one  red/one    no     no     no      yes
            red/two    red/one    no     no     no      no
            blue/one   red/one    no     no     no      no",
        ),
        table(
            "several ports of one rule are each open to each of its peers",
            one_admits(vec![green_on(vec![number(Tcp, 80), number(Tcp, 8080), number(Udp, 53)])]),
            "
            from       to         TCP/80 TCP/81 TCP/8080 UDP/53 TCP/53
            green/one  red/one    yes    no     yes      yes    no
            blue/one   red/one    no     no     no       no     no",
        ),
        table(
            "a port of one rule is not open to the peers of another",
            one_admits(vec![green_on(vec![number(Tcp, 80)]), on(own(app("two")), vec![number(Tcp, 81)])]),
            "
            from       to         TCP/80 TCP/81
            green/one  red/one    yes    no
            red/two    red/one    no     yes
            red/three  red/one    no     no",
        ),
        table(
            "two policies about the same pod each open their port",
            red(vec![
                about(app("one"), ingress("a", vec![green_on(vec![number(Tcp, 81)])])),
                about(app("one"), ingress("b", vec![green_on(vec![number(Tcp, 80)])])),
            ]),
            "
            from       to         TCP/80 TCP/81 TCP/82
            green/one  red/one    yes    yes    no
            red/two    red/one    no     no     no
            blue/one   red/one    no     no     no",
        ),
        table(
            "a range whose ends are one port is that port",
            one_admits(vec![green_on(vec![(Tcp, PortMatch::Range(80, 80))])]),
            "
            from       to         TCP/79 TCP/80 TCP/81
            green/one  red/one    no     yes    no",
        ),
    ]
}

fn by_name() -> Vec<Table> {
    vec![
        table(
            "everybody is admitted on the port that has a name",
            red(vec![ingress("in", vec![on(anyone(), vec![named(Tcp, "admin")])])]),
            "
            from       to         TCP/80 TCP/81
            red/two    red/one    no     yes
            green/one  red/one    no     yes
            8.8.8.8    red/one    no     yes
            red/one    green/one  yes    yes",
        ),
        table(
            "one namespace is admitted on the port that has a name",
            one_admits(vec![green_on(vec![named(Tcp, "web")])]),
            "
            from       to         TCP/80 TCP/81
            green/one  red/one    yes    no
            red/two    red/one    no     no
            blue/one   red/one    no     no",
        ),
        table(
            "a port name in egress is the destination's, and no address outside has one",
            red(vec![egress("out", vec![on(anyone(), vec![named(Tcp, "web")])])]),
            "
            from       to         TCP/80 TCP/81
            red/one    green/one  yes    no
            red/one    red/two    yes    no
            red/one    8.8.8.8    no     no
            green/one  red/one    yes    yes",
        ),
        table(
            "a port name beside a number opens both",
            one_admits(vec![green_on(vec![named(Tcp, "admin"), number(Tcp, 8080)])]),
            "
            from       to         TCP/80 TCP/81 TCP/8080
            green/one  red/one    no     yes    yes",
        ),
        table(
            "a port name of another protocol, or of no container, opens nothing",
            one_admits(vec![green_on(vec![named(Tcp, "dns"), named(Udp, "web"), named(Tcp, "gone")])]),
            "
            from       to         TCP/53 UDP/53 TCP/80 UDP/80
            green/one  red/one    no     no     no     no",
        ),
    ]
}

fn by_protocol() -> Vec<Table> {
    vec![
        table(
            "a protocol alone is all of its ports and none of another protocol",
            one_admits(vec![on(anyone(), vec![(Tcp, PortMatch::All)])]),
            "
            from       to         TCP/1 TCP/80 TCP/65535 UDP/80 SCTP/80
            green/one  red/one    yes   yes    yes       no     no
            red/two    red/one    yes   yes    yes       no     no",
        ),
        table(
            "a rule for SCTP is none for TCP, beside a policy that closes the namespace",
            red(vec![
                ingress("shut", vec![]),
                about(app("one"), ingress("in", vec![on(anyone(), vec![number(Sctp, 81)])])),
            ]),
            "
            from       to         TCP/81 UDP/81 SCTP/81
            green/one  red/one    no     no     yes
            green/one  red/two    no     no     no",
        ),
        table(
            "a policy whose only rule is for SCTP isolates for every protocol",
            one_admits(vec![on(anyone(), vec![number(Sctp, 80)])]),
            "
            from       to         TCP/80 TCP/81 UDP/80 SCTP/80
            green/one  red/one    no     no     no     yes
            red/two    red/one    no     no     no     yes
            green/one  red/two    yes    yes    yes    yes",
        ),
        table(
            "a rule for UDP is none for TCP",
            one_admits(vec![on(anyone(), vec![number(Udp, 81)])]),
            "
            from       to         TCP/81 UDP/81 SCTP/81
            green/one  red/one    no     yes    no
            8.8.8.8    red/one    no     yes    no",
        ),
    ]
}
