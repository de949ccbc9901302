//! Whom a rule means: pods, namespaces, both at once, one or the other.

use super::{about, app, namespaces, own, pods_in, red, table, team, that};
use crate::build::{self, egress, ingress, own_pods, require, selecting};
use crate::conformance::Table;
use watertight_base::{Operator, Selector};
use watertight_model::{Namespace, PolicyRule, Snapshot};

/// `red/one` admits whom these rules mean.
fn one_admits(rules: Vec<PolicyRule>) -> Snapshot {
    red(vec![about(app("one"), ingress("in", rules))])
}

fn not_red() -> Selector {
    that(Namespace::NAME_LABEL, Operator::NotIn, &["red"])
}

pub(super) fn tables() -> Vec<Table> {
    let mut tables = pods();
    tables.extend(of_namespaces());
    tables.extend(combined());
    tables
}

fn pods() -> Vec<Table> {
    let only_two = "
            from       to         TCP/80
            red/two    red/one    yes
            red/three  red/one    no
            green/two  red/one    no
            8.8.8.8    red/one    no
            red/one    red/one    yes
            red/three  red/two    yes";
    vec![
        table(
            "labels of pods mean pods of the policy's own namespace",
            one_admits(vec![own(app("two"))]),
            only_two,
        ),
        table(
            "an expression that asks for one value is a label",
            one_admits(vec![own(that("app", Operator::In, &["two"]))]),
            only_two,
        ),
        table(
            "labels and expressions of one selector must all hold",
            one_admits(vec![own(selecting(vec![
                require("app", Operator::In, &["two", "three"]),
                require("app", Operator::NotIn, &["three"]),
                require("app", Operator::Exists, &[]),
            ]))]),
            only_two,
        ),
        table(
            "NotIn and DoesNotExist mean whoever lacks the label as well",
            one_admits(vec![own(selecting(vec![
                require("app", Operator::NotIn, &["three"]),
                require("tier", Operator::NotIn, &["web"]),
                require("zone", Operator::DoesNotExist, &[]),
            ]))]),
            only_two,
        ),
        table(
            "two peers are one or the other",
            one_admits(vec![build::peers(vec![own_pods(app("two")), own_pods(app("three"))])]),
            "
            from       to         TCP/80
            red/two    red/one    yes
            red/three  red/one    yes
            green/two  red/one    no
            green/three red/one   no",
        ),
        table(
            "the empty pod selector is every pod of the own namespace, and of no other",
            red(vec![ingress("own", vec![own(Selector::everything())])]),
            "
            from       to         TCP/80
            red/one    red/two    yes
            red/two    red/one    yes
            green/one  red/one    no
            blue/one   red/one    no
            8.8.8.8    red/one    no
            red/one    green/one  yes",
        ),
    ]
}

fn of_namespaces() -> Vec<Table> {
    let only_green = "
            from       to         TCP/80
            green/one  red/one    yes
            green/two  red/one    yes
            red/two    red/one    no
            blue/one   red/one    no
            8.8.8.8    red/one    no
            blue/one   red/two    yes";
    vec![
        table(
            "labels of a namespace mean all of its pods",
            one_admits(vec![namespaces(team("green"))]),
            only_green,
        ),
        table(
            "every namespace can be meant by its name",
            one_admits(vec![namespaces(Selector::label(Namespace::NAME_LABEL, "green"))]),
            only_green,
        ),
        table(
            "an expression about names of namespaces means those that it lists",
            one_admits(vec![namespaces(that(Namespace::NAME_LABEL, Operator::In, &["green", "gone"]))]),
            only_green,
        ),
        table(
            "every namespace is also the policy's own, and nothing outside",
            one_admits(vec![namespaces(Selector::everything())]),
            "
            from       to         TCP/80
            red/two    red/one    yes
            green/one  red/one    yes
            blue/three red/one    yes
            8.8.8.8    red/one    no
            node/second red/one   no",
        ),
        table(
            "every namespace but one keeps a pod out of that one",
            red(vec![about(
                app("one"),
                egress("out", vec![namespaces(that(Namespace::NAME_LABEL, Operator::NotIn, &["green"]))]),
            )]),
            "
            from       to         TCP/80
            red/one    green/one  no
            red/one    green/two  no
            red/one    red/two    yes
            red/one    blue/one   yes
            red/one    8.8.8.8    no
            red/two    green/one  yes",
        ),
    ]
}

fn combined() -> Vec<Table> {
    vec![
        table(
            "two elements, one with namespaces and one with pods, are one or the other",
            one_admits(vec![build::peers(vec![build::namespaces(not_red()), own_pods(app("two"))])]),
            "
            from       to         TCP/80
            red/two    red/one    yes
            red/three  red/one    no
            green/two  red/one    yes
            green/three red/one   yes
            blue/one   red/one    yes",
        ),
        table(
            "one element with namespaces and pods is both at once",
            one_admits(vec![pods_in(not_red(), app("two"))]),
            "
            from       to         TCP/80
            red/two    red/one    no
            green/two  red/one    yes
            blue/two   red/one    yes
            green/one  red/one    no
            blue/three red/one    no",
        ),
        table(
            "one element can mean several pods of several namespaces",
            one_admits(vec![pods_in(not_red(), that("app", Operator::In, &["two", "three"]))]),
            "
            from       to         TCP/80
            red/two    red/one    no
            red/three  red/one    no
            green/one  red/one    no
            green/two  red/one    yes
            green/three red/one   yes
            blue/three red/one    yes",
        ),
        table(
            "one pod of one other namespace is admitted, on every protocol",
            one_admits(vec![pods_in(team("green"), app("one"))]),
            "
            from       to         TCP/80 UDP/80 SCTP/80
            green/one  red/one    yes    yes    yes
            green/two  red/one    no     no     no
            blue/one   red/one    no     no     no
            red/two    red/one    no     no     no",
        ),
        table(
            "one pod of one other namespace is all that can be reached",
            red(vec![about(app("one"), egress("out", vec![pods_in(team("green"), app("one"))]))]),
            "
            from       to         TCP/80
            red/one    green/one  yes
            red/one    green/two  no
            red/one    red/two    no
            red/one    blue/one   no
            red/one    8.8.8.8    no",
        ),
        table(
            "several rules add up as several peers do",
            one_admits(vec![own(app("two")), pods_in(team("green"), app("three"))]),
            "
            from       to         TCP/80
            red/two    red/one    yes
            red/three  red/one    no
            green/two  red/one    no
            green/three red/one   yes",
        ),
    ]
}
