//! Blocks of addresses outside the cluster.

use super::{about, app, block, red, table};
use crate::build::{egress, ingress, on, peers};
use crate::conformance::Table;
use watertight_base::Protocol;
use watertight_model::{PeerKind, PortMatch, Snapshot};

/// `red/one` can open connections to these.
fn one_reaches(blocks: Vec<PeerKind>) -> Snapshot {
    red(vec![about(app("one"), egress("out", vec![peers(blocks)]))])
}

pub(super) fn tables() -> Vec<Table> {
    vec![
        table(
            "a block of addresses is all of it, and nothing beside it",
            one_reaches(vec![block("203.0.113.64/26", &[])]),
            "
            from       to            TCP/80
            red/one    203.0.113.64  yes
            red/one    203.0.113.127 yes
            red/one    203.0.113.63  no
            red/one    203.0.113.128 no
            red/one    green/one     no
            red/two    203.0.113.63  yes",
        ),
        table(
            "an exception cuts a hole into its block",
            one_reaches(vec![block("203.0.113.0/24", &["203.0.113.64/26", "203.0.113.7/32"])]),
            "
            from       to            TCP/80
            red/one    203.0.113.6   yes
            red/one    203.0.113.7   no
            red/one    203.0.113.64  no
            red/one    203.0.113.128 yes
            red/one    8.8.8.8       no",
        ),
        table(
            "what one block excepts another one opens",
            one_reaches(vec![block("203.0.113.0/24", &["203.0.113.64/26"]), block("203.0.113.65/32", &[])]),
            "
            from       to            TCP/80
            red/one    203.0.113.1   yes
            red/one    203.0.113.64  no
            red/one    203.0.113.65  yes",
        ),
        table(
            "what a policy excepts another policy opens",
            red(vec![
                egress("a", vec![peers(vec![block("203.0.113.0/24", &["203.0.113.65/32"])])]),
                egress("b", vec![peers(vec![block("203.0.113.65/32", &[])])]),
            ]),
            "
            from       to            TCP/80
            red/one    203.0.113.1   yes
            red/one    203.0.113.65  yes
            red/one    8.8.8.8       no",
        ),
        table(
            "a block admits from outside as well, on the ports of its rule",
            red(vec![ingress(
                "in",
                vec![on(
                    peers(vec![block("203.0.113.0/24", &[])]),
                    vec![(Protocol::Tcp, PortMatch::Number(80))],
                )],
            )]),
            "
            from          to        TCP/80 TCP/81 UDP/80
            203.0.113.9   red/one   yes    no     no
            198.51.100.9  red/one   no     no     no
            green/one     red/one   no     no     no",
        ),
        table(
            "every address of one family is none of the other",
            one_reaches(vec![block("0.0.0.0/0", &[])]),
            "
            from       to            TCP/80
            red/one    8.8.8.8       yes
            red/one    2001:db8::1   no",
        ),
        table(
            "every address of the newer family is none of the older",
            one_reaches(vec![block("::/0", &["2001:db8:1::/48"])]),
            "
            from       to            TCP/80
            red/one    2001:db8::1   yes
            red/one    2001:db8:1::1 no
            red/one    8.8.8.8       no
            red/one    green/one     no",
        ),
    ]
}
