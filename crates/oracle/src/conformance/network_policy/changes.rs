//! What changes when a policy or a label does: the state before, and the state after.

use super::{about, app, block, both_ways, cluster, in_cluster, namespaces, own, pod, red, table};
use crate::build::{self, Cluster, anyone, egress, ingress, labels, matching, peers};
use crate::conformance::Table;
use watertight_model::Pod;

pub(super) fn tables() -> Vec<Table> {
    let mut tables = of_policies();
    tables.extend(of_labels());
    tables
}

fn of_policies() -> Vec<Table> {
    let open = "
            from       to         TCP/81
            red/two    red/one    yes
            green/one  red/one    yes
            red/one    green/one  yes";
    let around = || peers(vec![block("203.0.113.0/24", &["203.0.113.65/32"])]);
    vec![
        table("before a policy is replaced it allows", red(vec![ingress("p", vec![anyone()])]), open),
        table(
            "after a policy is replaced by one that allows nothing",
            red(vec![ingress("p", vec![])]),
            "
            from       to         TCP/81
            red/two    red/one    no
            green/one  red/one    no
            red/one    green/one  yes",
        ),
        table(
            "before a policy is removed it closes",
            red(vec![both_ways("p", vec![], vec![])]),
            "
            from       to         TCP/81
            red/two    red/one    no
            green/one  red/one    no
            red/one    green/one  no",
        ),
        table("after a policy is removed nothing is left of it", cluster().snapshot(), open),
        table(
            "before an excepted address replaces its block it cannot be reached",
            red(vec![about(app("one"), egress("p", vec![around()]))]),
            "
            from       to            TCP/80
            red/one    203.0.113.65  no
            red/one    203.0.113.64  yes",
        ),
        table(
            "after an excepted address replaced its block it alone can be reached",
            red(vec![about(app("one"), egress("p", vec![peers(vec![block("203.0.113.65/32", &[])])]))]),
            "
            from       to            TCP/80
            red/one    203.0.113.65  yes
            red/one    203.0.113.64  no",
        ),
    ]
}

/// The cluster, in which one pod has further labels.
fn relabelled(team: &str, name: &str, more: &[(&str, &str)]) -> Cluster {
    let pod = pod(team, name);
    let labels = pod.labels.iter().map(|(key, value)| (key.clone(), value.clone())).chain(labels(more));
    let pod = Pod { labels: labels.collect(), ..pod };
    cluster().without_pod(team, name).pod(team, pod)
}

fn of_labels() -> Vec<Table> {
    let trusted = || matching(&[("trusted", "yes")]);
    let admits_namespaces = || vec![("red", about(app("one"), ingress("in", vec![namespaces(trusted())])))];
    let admits_pods = || vec![("red", about(app("one"), ingress("in", vec![own(trusted())])))];
    let closes = || vec![("red", about(matching(&[("closed", "yes")]), ingress("shut", vec![])))];
    let nobody = "
            from       to         TCP/80
            red/two    red/one    no
            green/one  red/one    no
            blue/one   red/one    no";
    vec![
        table(
            "before a namespace has the label its pods are not admitted",
            in_cluster(cluster(), admits_namespaces()),
            nobody,
        ),
        table(
            "after a namespace has the label its pods are admitted",
            in_cluster(
                cluster().namespace(build::namespace("green", &[("team", "green"), ("trusted", "yes")])),
                admits_namespaces(),
            ),
            "
            from       to         TCP/80
            red/two    red/one    no
            green/one  red/one    yes
            green/two  red/one    yes
            blue/one   red/one    no",
        ),
        table("before a pod has the label it is not admitted", in_cluster(cluster(), admits_pods()), nobody),
        table(
            "after a pod has the label it is admitted, and no other",
            in_cluster(relabelled("red", "two", &[("trusted", "yes")]), admits_pods()),
            "
            from       to         TCP/80
            red/two    red/one    yes
            red/three  red/one    no
            green/one  red/one    no",
        ),
        table(
            "after a pod of another namespace has the label it is not admitted",
            in_cluster(relabelled("green", "one", &[("trusted", "yes")]), admits_pods()),
            nobody,
        ),
        table(
            "before a pod is selected it is open",
            in_cluster(cluster(), closes()),
            "
            from       to         TCP/80
            green/one  red/one    yes
            green/one  red/two    yes",
        ),
        table(
            "after a pod is selected it is closed, and no other",
            in_cluster(relabelled("red", "one", &[("closed", "yes")]), closes()),
            "
            from       to         TCP/80
            green/one  red/one    no
            green/one  red/two    yes",
        ),
    ]
}
