//! Who is selected, and what a policy does when it selects (N1 to N19).

use crate::ask::{ALWAYS, Answers, NEVER, between, end, outside, pod, tcp};
use watertight_base::{Operator, Protocol, Selector};
use watertight_model::{
    Admission, Namespace, NetworkPolicy, PeerKind, PolicyTypes, PortMatch, Relation, Snapshot,
};
use watertight_oracle::build::{
    Cluster, anyone, egress, ingress, matching, namespace, namespaces, on, own_pods, peers, pods_in, policy,
    require, selecting,
};
use watertight_oracle::{Endpoint, Evaluator, PolicySet, Reading, build};

/// `web` in staging (env=staging), `db` and `cache` in production (env=prod), `tool` in the bare `other`.
fn cluster(policies: Vec<NetworkPolicy>) -> Snapshot {
    let mut cluster = Cluster::new()
        .namespace(namespace("staging", &[("env", "staging")]))
        .namespace(namespace("production", &[("env", "prod")]))
        .namespace(namespace("other", &[]))
        .pod("staging", build::pod("web", &[("app", "web")]))
        .pod("production", build::pod("db", &[("app", "db")]))
        .pod("production", build::pod("cache", &[("app", "cache")]))
        .pod("other", build::pod("tool", &[("app", "web")]));
    for policy in policies {
        cluster = cluster.policy("production", policy);
    }
    cluster.snapshot()
}

/// Whether web, cache and tool reach db under an ingress policy on production with one rule for these peers.
fn admitted(kinds: Vec<PeerKind>) -> [Answers; 3] {
    let snapshot = cluster(vec![ingress("p", vec![peers(kinds)])]);
    ["web", "cache", "tool"].map(|source| between(&snapshot, source, "db"))
}

#[test]
fn n1_without_a_policy_everything_passes() {
    let snapshot = cluster(vec![]);
    assert_eq!(between(&snapshot, "web", "db"), ALWAYS);
    assert_eq!(tcp(&snapshot, &outside("8.8.8.8"), &end(&snapshot, "db"), 1), ALWAYS);
}

#[test]
fn n1_isolation_is_per_direction_and_per_pod() {
    let only_db = NetworkPolicy { subject: matching(&[("app", "db")]), ..ingress("p", vec![]) };
    let snapshot = cluster(vec![only_db]);
    assert_eq!(between(&snapshot, "web", "db"), NEVER);
    assert_eq!(between(&snapshot, "db", "web"), ALWAYS);
    assert_eq!(between(&snapshot, "web", "cache"), ALWAYS);
}

#[test]
fn n2_both_sides_must_allow_the_same_port() {
    let from_cache = NetworkPolicy {
        subject: matching(&[("app", "cache")]),
        ..egress("out", vec![on(anyone(), vec![(Protocol::Tcp, PortMatch::Number(80))])])
    };
    let to_db = NetworkPolicy {
        subject: matching(&[("app", "db")]),
        ..ingress("in", vec![on(anyone(), vec![(Protocol::Tcp, PortMatch::Number(443))])])
    };
    let snapshot = cluster(vec![from_cache, to_db]);
    let (cache, db) = (end(&snapshot, "cache"), end(&snapshot, "db"));
    assert_eq!(tcp(&snapshot, &cache, &db, 80), NEVER);
    assert_eq!(tcp(&snapshot, &cache, &db, 443), NEVER);
    let may = Evaluator::new(&snapshot, Reading::CONFORMING, Relation::May);
    assert!(may.egress_allows(&cache, &db, Protocol::Tcp, 80));
    assert!(!may.ingress_allows(&cache, &db, Protocol::Tcp, 80));
    assert!(!may.egress_allows(&cache, &db, Protocol::Tcp, 443));
    assert!(may.ingress_allows(&cache, &db, Protocol::Tcp, 443));
}

#[test]
fn n3_policies_add_up_in_any_order() {
    let deny = ingress("a", vec![]);
    let allow = ingress("b", vec![peers(vec![namespaces(matching(&[("env", "staging")]))])]);
    for policies in [vec![deny.clone(), allow.clone()], vec![allow, deny]] {
        let snapshot = cluster(policies);
        assert_eq!(between(&snapshot, "web", "db"), ALWAYS);
        assert_eq!(between(&snapshot, "tool", "db"), NEVER);
    }
}

#[test]
fn n5_rules_of_a_direction_that_is_no_type_mean_nothing() {
    let rules = vec![peers(vec![own_pods(Selector::default())])];
    let snapshot = cluster(vec![NetworkPolicy {
        types: PolicyTypes { ingress: false, egress: true },
        ingress: rules,
        ..policy("p")
    }]);
    assert_eq!(between(&snapshot, "web", "db"), ALWAYS, "ingress is not isolated");
    assert_eq!(between(&snapshot, "db", "web"), NEVER, "egress is");
    let opens = NetworkPolicy {
        types: PolicyTypes { ingress: false, egress: true },
        ingress: vec![anyone()],
        ..policy("p")
    };
    let snapshot = cluster(vec![opens, ingress("q", vec![])]);
    assert_eq!(between(&snapshot, "web", "db"), NEVER, "nor do they open what another policy isolates");
}

#[test]
fn n6_no_rules_deny_everything() {
    let snapshot = cluster(vec![ingress("p", vec![])]);
    assert_eq!(between(&snapshot, "cache", "db"), NEVER);
    assert_eq!(tcp(&snapshot, &outside("8.8.8.8"), &end(&snapshot, "db"), 80), NEVER);
}

#[test]
fn n7_the_empty_rule_admits_everyone_the_outside_included() {
    let snapshot = cluster(vec![ingress("p", vec![anyone()])]);
    assert_eq!(between(&snapshot, "web", "db"), ALWAYS);
    assert_eq!(tcp(&snapshot, &outside("8.8.8.8"), &end(&snapshot, "db"), 65535), ALWAYS);
}

#[test]
fn n9_the_empty_subject_is_every_pod_of_the_namespace_and_none_of_another() {
    let snapshot = cluster(vec![ingress("p", vec![])]);
    assert_eq!(between(&snapshot, "web", "cache"), NEVER);
    assert_eq!(between(&snapshot, "db", "web"), ALWAYS);
}

#[test]
fn n10_a_pod_selector_alone_means_the_own_namespace() {
    assert_eq!(admitted(vec![own_pods(Selector::default())]), [NEVER, ALWAYS, NEVER]);
    assert_eq!(admitted(vec![own_pods(matching(&[("app", "web")]))]), [NEVER, NEVER, NEVER]);
}

#[test]
fn n11_a_namespace_selector_alone_means_all_pods_there() {
    assert_eq!(admitted(vec![namespaces(matching(&[("env", "staging")]))]), [ALWAYS, NEVER, NEVER]);
}

#[test]
fn n12_both_selectors_in_one_element_are_and() {
    let staging = || matching(&[("env", "staging")]);
    assert_eq!(admitted(vec![pods_in(staging(), matching(&[("app", "web")]))]), [ALWAYS, NEVER, NEVER]);
    assert_eq!(admitted(vec![pods_in(staging(), matching(&[("app", "cache")]))]), [NEVER, NEVER, NEVER]);
}

#[test]
fn n13_two_peer_elements_are_or() {
    let kinds = vec![namespaces(matching(&[("env", "staging")])), own_pods(matching(&[("app", "cache")]))];
    assert_eq!(admitted(kinds), [ALWAYS, ALWAYS, NEVER]);
}

#[test]
fn n14_the_empty_namespace_selector_is_every_namespace_the_own_one_included() {
    assert_eq!(admitted(vec![namespaces(Selector::default())]), [ALWAYS, ALWAYS, ALWAYS]);
    let snapshot = cluster(vec![ingress("p", vec![peers(vec![namespaces(Selector::default())])])]);
    assert_eq!(tcp(&snapshot, &outside("10.0.0.1"), &end(&snapshot, "db"), 80), NEVER);
}

#[test]
fn n16_not_in_and_does_not_exist_match_what_lacks_the_key() {
    let not_prod = selecting(vec![require("env", Operator::NotIn, &["prod"])]);
    assert_eq!(admitted(vec![namespaces(not_prod)]), [ALWAYS, NEVER, ALWAYS]);
    let without = selecting(vec![require("env", Operator::DoesNotExist, &[])]);
    assert_eq!(admitted(vec![namespaces(without)]), [NEVER, NEVER, ALWAYS]);
    let with = selecting(vec![require("env", Operator::Exists, &[])]);
    assert_eq!(admitted(vec![namespaces(with)]), [ALWAYS, ALWAYS, NEVER]);
    let one_of = selecting(vec![require("env", Operator::In, &["prod", "staging"])]);
    assert_eq!(admitted(vec![namespaces(one_of)]), [ALWAYS, ALWAYS, NEVER]);
}

#[test]
fn n16_all_requirements_must_hold() {
    let both =
        selecting(vec![require("env", Operator::Exists, &[]), require("env", Operator::NotIn, &["prod"])]);
    assert_eq!(admitted(vec![namespaces(both)]), [ALWAYS, NEVER, NEVER]);
}

#[test]
fn n17_the_name_label_is_always_right() {
    let by_name = |name| vec![namespaces(matching(&[(Namespace::NAME_LABEL, name)]))];
    assert_eq!(admitted(by_name("staging")), [ALWAYS, NEVER, NEVER]);
    let snapshot = Cluster::new()
        .pod("ghost", build::pod("web", &[]))
        .pod("production", build::pod("db", &[]))
        .policy("production", ingress("p", vec![peers(by_name("ghost"))]))
        .snapshot();
    assert_eq!(snapshot.namespaces[0].labels, None);
    assert_eq!(between(&snapshot, "web", "db"), ALWAYS, "also without a Namespace object");
    let mut liar = pod(&snapshot, "web");
    liar.assumed_namespace_labels = build::labels(&[(Namespace::NAME_LABEL, "production")]);
    assert_eq!(tcp(&snapshot, &Endpoint::Pod(liar), &end(&snapshot, "db"), 80), ALWAYS);
}

#[test]
fn c9_unknown_namespace_labels_are_what_the_world_assumes() {
    let rule = peers(vec![namespaces(matching(&[("env", "prod")]))]);
    let snapshot = Cluster::new()
        .pod("ghost", build::pod("web", &[]))
        .pod("production", build::pod("db", &[]))
        .policy("production", ingress("p", vec![rule]))
        .snapshot();
    assert_eq!(between(&snapshot, "web", "db"), NEVER);
    let mut web = pod(&snapshot, "web");
    web.assumed_namespace_labels = build::labels(&[("env", "prod")]);
    assert_eq!(tcp(&snapshot, &Endpoint::Pod(web), &end(&snapshot, "db"), 80), [true, true, false]);
}

#[test]
fn c9_an_assumed_label_takes_a_namespace_out_of_a_not_in() {
    let rule = peers(vec![namespaces(selecting(vec![require("env", Operator::NotIn, &["dev"])]))]);
    let snapshot = Cluster::new()
        .pod("ghost", build::pod("web", &[]))
        .pod("production", build::pod("db", &[]))
        .policy("production", ingress("p", vec![rule]))
        .snapshot();
    let mut web = pod(&snapshot, "web");
    web.assumed_namespace_labels = build::labels(&[("env", "dev")]);
    assert_eq!(tcp(&snapshot, &Endpoint::Pod(web), &end(&snapshot, "db"), 80), [false, false, true]);
}

#[test]
fn c9_known_namespace_labels_cannot_be_assumed_away() {
    let snapshot = cluster(vec![ingress("p", vec![peers(vec![namespaces(matching(&[("env", "prod")]))])])]);
    let mut web = pod(&snapshot, "web");
    web.assumed_namespace_labels = build::labels(&[("env", "prod")]);
    assert_eq!(tcp(&snapshot, &Endpoint::Pod(web), &end(&snapshot, "db"), 80), NEVER);
}

#[test]
fn c6_a_refused_policy_is_there_or_not_as_the_caller_says() {
    let refused = NetworkPolicy { admission: Admission::Refused, ..ingress("deny_all", vec![]) };
    let snapshot = cluster(vec![refused]);
    let (web, db) = (end(&snapshot, "web"), end(&snapshot, "db"));
    let mut evaluator = Evaluator::new(&snapshot, Reading::CONFORMING, Relation::May);
    assert!(!evaluator.allowed(&web, &db, Protocol::Tcp, 80));
    evaluator.policies = PolicySet::accepted();
    assert!(evaluator.allowed(&web, &db, Protocol::Tcp, 80));
}

#[test]
fn c12_the_policies_of_a_namespace_can_be_left_out() {
    let snapshot = cluster(vec![ingress("p", vec![])]);
    let (web, db) = (end(&snapshot, "web"), end(&snapshot, "db"));
    let mut evaluator = Evaluator::new(&snapshot, Reading::CONFORMING, Relation::May);
    evaluator.policies = PolicySet::all().without(["staging"]);
    assert!(!evaluator.allowed(&web, &db, Protocol::Tcp, 80));
    evaluator.policies = PolicySet::all().without(["production"]);
    assert!(evaluator.allowed(&web, &db, Protocol::Tcp, 80));
}
