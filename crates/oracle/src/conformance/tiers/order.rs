//! One tier after the other, and one priority after the other.

use super::{about, accept, between, cluster, deny, everyone, with};
use crate::build::{self, Cluster, matching, namespaces, peers};
use crate::conformance::Table;
use watertight_model::{Action, ClusterPolicy, NetworkPolicy, PolicyTypes, Tier};

/// Red and green in both directions: a NetworkPolicy of red's.
fn red_talks_to_green() -> NetworkPolicy {
    let green = || peers(vec![namespaces(matching(&[("team", "green")]))]);
    NetworkPolicy {
        types: PolicyTypes { ingress: true, egress: true },
        ingress: vec![green()],
        egress: vec![green()],
        ..build::policy("green-only")
    }
}

pub(super) fn tables() -> Vec<Table> {
    use Action::{Accept, Deny, Pass};
    let admin = |name, priority, action| between(name, Tier::Admin, priority, action);
    let baseline = |action| between("baseline", Tier::Baseline, 10, action);
    let beside = |policies: Vec<ClusterPolicy>, own: NetworkPolicy| {
        policies.into_iter().fold(cluster().policy("red", own), Cluster::cluster_policy).snapshot()
    };
    let both_shut = "
        from       to         TCP/80 TCP/8080
        green/one  red/one    no     no
        red/two    green/one  no     no";
    let both_open = "
        from       to         TCP/80 TCP/8080
        green/one  red/one    yes    yes
        red/two    green/one  yes    yes";
    let table = |name, snapshot, text| Table { name, snapshot, text };
    let shut = NetworkPolicy { types: PolicyTypes { ingress: true, egress: true }, ..build::policy("shut") };
    vec![
        table(
            "a Deny of the tier Admin holds against a NetworkPolicy that allows",
            beside(vec![admin("a", 10, Deny), baseline(Deny)], red_talks_to_green()),
            both_shut,
        ),
        table(
            "what the tier Admin passes, a NetworkPolicy allows before the tier Baseline denies it",
            beside(vec![admin("a", 10, Pass), baseline(Deny)], red_talks_to_green()),
            both_open,
        ),
        table(
            "what the tier Admin passes and no NetworkPolicy decides, the tier Baseline denies",
            with(vec![admin("a", 10, Pass), baseline(Deny)]),
            both_shut,
        ),
        table(
            "an Accept of the tier Admin holds against a NetworkPolicy that does not allow",
            beside(vec![admin("a", 10, Accept)], shut.clone()),
            both_open,
        ),
        table(
            "an Accept of the tier Baseline does not open what a NetworkPolicy isolates",
            beside(vec![baseline(Accept)], shut),
            both_shut,
        ),
        table(
            "the lower number comes first: a Deny before a Pass",
            with(vec![admin("a", 50, Deny), admin("b", 60, Pass), baseline(Accept)]),
            both_shut,
        ),
        table(
            "the lower number comes first: a Pass before a Deny",
            with(vec![admin("a", 50, Deny), admin("b", 40, Pass), baseline(Accept)]),
            both_open,
        ),
        table(
            "two policies of the tier Baseline stand in the order of their priorities",
            with(vec![baseline(Deny), between("first", Tier::Baseline, 9, Accept)]),
            both_open,
        ),
        table(
            "an Accept for the source does not open the destination",
            with(vec![
                ClusterPolicy { egress: vec![accept(everyone())], ..about("out", Tier::Admin, 0, "green") },
                ClusterPolicy { ingress: vec![deny(everyone())], ..about("in", Tier::Baseline, 1000, "red") },
            ]),
            "
            from       to        TCP/80
            green/one  red/one   no
            green/one  blue/one  yes
            8.8.8.8    red/one   yes",
        ),
    ]
}
