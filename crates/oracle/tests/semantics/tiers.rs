//! The admin tiers (N57 to N71), each rule for itself. The answers of a rule are those of may, of
//! must and of declared; most of them are `NOT_MUST` or `MAY_ONLY` for a plugin may ignore the tiers altogether.

use crate::ask::{ALWAYS, Answers, MAY_ONLY, NEVER, NOT_MUST, end, ip, outside, pod, specified, tcp};
use watertight_base::{Protocol, Selector};
use watertight_model::{
    Action, Admission, ClusterPolicy, ContainerPort, ContainerRole, NetworkPolicy, Node, Pod, PolicyTypes,
    Relation, Snapshot, Tier, TierPeerKind, TierPortKind, TierRule,
};
use watertight_oracle::build::{
    Cluster, anyone, cluster_policy, egress, ingress, matching, named_port, namespace, node, place, policy,
    subject, tier_on, tier_pods, tier_rule,
};
use watertight_oracle::conformance::Answer;
use watertight_oracle::{ConcretePod, Endpoint, Evaluator, PolicySet, Reading, Refused, build};

/// `web` and `agent` (hostNetwork) in a, `db` in b; db names TCP 80 `http`.
fn cluster() -> Cluster {
    let mut db = build::pod("db", &[("app", "db")]);
    db.ports = vec![named_port("http", Protocol::Tcp, 80)];
    db.addresses = vec![ip("10.244.0.2")];
    let agent = Pod { host_network: Some(place()), ..build::pod("agent", &[]) };
    Cluster::new()
        .namespace(namespace("a", &[("env", "a")]))
        .namespace(namespace("b", &[("env", "b")]))
        .pod("a", build::pod("web", &[]))
        .pod("a", agent)
        .pod("b", db)
}

fn everyone() -> TierPeerKind {
    tier_pods(Selector::everything(), Selector::everything())
}

fn all(action: Action) -> TierRule {
    tier_rule(action, vec![everyone()])
}

fn networks(networks: &[&str]) -> TierPeerKind {
    TierPeerKind::Networks(networks.iter().map(|network| network.parse().unwrap()).collect())
}

/// A policy about everyone, with ingress rules.
fn inwards(name: &str, tier: Tier, priority: u16, rules: Vec<TierRule>) -> ClusterPolicy {
    ClusterPolicy { ingress: rules, ..cluster_policy(name, tier, priority) }
}

/// A policy about everyone, with egress rules.
fn outwards(name: &str, tier: Tier, priority: u16, rules: Vec<TierRule>) -> ClusterPolicy {
    ClusterPolicy { egress: rules, ..cluster_policy(name, tier, priority) }
}

fn under(policies: Vec<ClusterPolicy>) -> Snapshot {
    policies.into_iter().fold(cluster(), Cluster::cluster_policy).snapshot()
}

fn deny_in_b() -> NetworkPolicy {
    ingress("deny", vec![])
}

fn web_to_db(snapshot: &Snapshot) -> (Answer, Answers) {
    let (web, db) = (end(snapshot, "web"), end(snapshot, "db"));
    (specified(snapshot, &web, &db, Protocol::Tcp, 80), tcp(snapshot, &web, &db, 80))
}

#[test]
fn n57_admin_comes_before_network_policy_and_baseline_after_it() {
    let shut = |tier, action| {
        let policy = inwards("p", tier, 0, vec![all(action)]);
        web_to_db(&cluster().policy("b", deny_in_b()).cluster_policy(policy).snapshot())
    };
    assert_eq!(shut(Tier::Admin, Action::Accept), (Answer::Passes, NOT_MUST));
    assert_eq!(shut(Tier::Baseline, Action::Accept), (Answer::Blocked, NEVER));
    let open = |tier, action| {
        let policy = inwards("p", tier, 0, vec![all(action)]);
        web_to_db(&cluster().policy("b", ingress("open", vec![anyone()])).cluster_policy(policy).snapshot())
    };
    assert_eq!(open(Tier::Admin, Action::Deny), (Answer::Blocked, MAY_ONLY));
    assert_eq!(open(Tier::Baseline, Action::Deny), (Answer::Passes, ALWAYS));
    assert_eq!(web_to_db(&under(vec![])), (Answer::Passes, ALWAYS), "without any policy");
}

#[test]
fn n58_the_lower_number_comes_first_whatever_the_name() {
    for (accept, deny, answer) in [(0, 1, Answer::Passes), (1000, 999, Answer::Blocked)] {
        for names in [["a", "b"], ["b", "a"]] {
            let snapshot = under(vec![
                inwards(names[0], Tier::Admin, accept, vec![all(Action::Accept)]),
                inwards(names[1], Tier::Admin, deny, vec![all(Action::Deny)]),
            ]);
            assert_eq!(web_to_db(&snapshot).0, answer);
        }
    }
}

#[test]
fn n59_either_of_two_equals_may_apply() {
    let tied = |one, other| {
        let one = inwards("one", Tier::Admin, 5, vec![all(one)]);
        web_to_db(&under(vec![one, inwards("other", Tier::Admin, 5, vec![all(other)])]))
    };
    assert_eq!(tied(Action::Accept, Action::Deny), (Answer::Undefined, NOT_MUST));
    assert_eq!(tied(Action::Deny, Action::Pass), (Answer::Undefined, NOT_MUST));
    assert_eq!(tied(Action::Accept, Action::Pass), (Answer::Passes, ALWAYS));
    assert_eq!(tied(Action::Deny, Action::Deny), (Answer::Blocked, MAY_ONLY));
    // The two tiers are no equals.
    let snapshot = under(vec![
        inwards("one", Tier::Admin, 5, vec![all(Action::Deny)]),
        inwards("other", Tier::Baseline, 5, vec![all(Action::Accept)]),
    ]);
    assert_eq!(web_to_db(&snapshot).0, Answer::Blocked);
}

#[test]
fn n60_the_first_rule_that_matches_decides() {
    let on_80 = |action| tier_on(all(action), vec![TierPortKind::Number(Protocol::Tcp, 80)]);
    let ask = |rules| web_to_db(&under(vec![inwards("p", Tier::Admin, 0, rules)])).0;
    assert_eq!(ask(vec![on_80(Action::Accept), all(Action::Deny)]), Answer::Passes);
    assert_eq!(ask(vec![all(Action::Deny), on_80(Action::Accept)]), Answer::Blocked);
}

#[test]
fn n61_accept_and_deny_are_final_for_one_direction_and_pass_leaves_the_tier() {
    let out = |action| outwards("out", Tier::Admin, 0, vec![all(action)]);
    let snapshot = cluster().policy("b", deny_in_b()).cluster_policy(out(Action::Accept)).snapshot();
    assert_eq!(web_to_db(&snapshot).0, Answer::Blocked, "the destination has its own say");
    let own = egress("own", vec![]);
    for (action, answer) in [(Action::Accept, Answer::Passes), (Action::Pass, Answer::Blocked)] {
        let snapshot = cluster().policy("a", own.clone()).cluster_policy(out(action)).snapshot();
        assert_eq!(web_to_db(&snapshot).0, answer);
    }
    for (action, answer) in [(Action::Pass, Answer::Passes), (Action::Accept, Answer::Passes)] {
        let snapshot = under(vec![
            inwards("first", Tier::Baseline, 0, vec![all(action)]),
            inwards("later", Tier::Baseline, 1, vec![all(Action::Deny)]),
        ]);
        assert_eq!(web_to_db(&snapshot).0, answer, "{action:?} in the tier Baseline");
    }
}

#[test]
fn n62_a_policy_without_a_match_isolates_nobody() {
    let elsewhere = tier_pods(matching(&[("env", "gone")]), Selector::everything());
    let accept = || vec![tier_rule(Action::Accept, vec![elsewhere.clone()])];
    for tier in [Tier::Admin, Tier::Baseline] {
        assert_eq!(web_to_db(&under(vec![inwards("p", tier, 0, accept())])), (Answer::Passes, ALWAYS));
        assert_eq!(web_to_db(&under(vec![outwards("p", tier, 0, accept())])), (Answer::Passes, ALWAYS));
    }
}

#[test]
fn n63_network_policy_is_final_for_the_pod_or_for_the_direction() {
    let deny = || inwards("p", Tier::Baseline, 0, vec![all(Action::Deny)]);
    let selected = |types| {
        let own = NetworkPolicy { types, egress: vec![anyone()], ..policy("own") };
        web_to_db(&cluster().policy("b", own).cluster_policy(deny()).snapshot())
    };
    let (inward, outward) =
        (PolicyTypes { ingress: true, egress: false }, PolicyTypes { ingress: false, egress: true });
    assert_eq!(selected(outward), (Answer::Undefined, MAY_ONLY));
    assert_eq!(selected(inward), (Answer::Blocked, NEVER), "by the NetworkPolicy itself");
    // One that selects another pod is final for that one.
    let other = NetworkPolicy { subject: matching(&[("app", "other")]), types: outward, ..policy("own") };
    let snapshot = cluster().policy("b", other).cluster_policy(deny()).snapshot();
    assert_eq!(web_to_db(&snapshot), (Answer::Blocked, MAY_ONLY));
}

#[test]
fn n64_there_can_be_many_policies_in_the_tier_baseline() {
    let snapshot = under(vec![
        inwards("one", Tier::Baseline, 7, vec![all(Action::Deny)]),
        inwards("two", Tier::Baseline, 3, vec![all(Action::Accept)]),
    ]);
    assert_eq!(web_to_db(&snapshot).0, Answer::Passes);
}

/// Read alone, a pod on the host network is a pod like any other.
const NOT_DECLARED: Answers = [true, true, false];

#[test]
fn n65_the_subject_is_pods_by_namespace_and_labels_and_none_on_the_host_network() {
    let about = |namespaces, pods| {
        let subject = subject(namespaces, pods);
        let rules = vec![all(Action::Deny), tier_rule(Action::Deny, vec![networks(&["0.0.0.0/0"])])];
        ClusterPolicy {
            subject,
            egress: rules.clone(),
            ingress: vec![all(Action::Deny)],
            ..cluster_policy("p", Tier::Admin, 0)
        }
    };
    let ask = |namespaces: Selector, pods: Selector| web_to_db(&under(vec![about(namespaces, pods)])).0;
    assert_eq!(ask(matching(&[("env", "b")]), Selector::everything()), Answer::Blocked);
    assert_eq!(ask(matching(&[("env", "b")]), matching(&[("app", "db")])), Answer::Blocked);
    assert_eq!(ask(matching(&[("env", "b")]), matching(&[("app", "web")])), Answer::Passes);
    assert_eq!(ask(matching(&[("env", "c")]), matching(&[("app", "db")])), Answer::Passes);
    let snapshot = under(vec![about(matching(&[("env", "a")]), Selector::everything())]);
    let [agent, db] = ["agent", "db"].map(|name| end(&snapshot, name));
    assert_eq!(tcp(&snapshot, &agent, &db, 80), NOT_DECLARED);
    assert_eq!(tcp(&snapshot, &db, &agent, 80), NOT_DECLARED);
}

#[test]
fn n66_ingress_rules_never_match_what_is_outside_nodes_or_on_the_host_network() {
    let everything = || {
        vec![
            all(Action::Deny),
            tier_rule(Action::Deny, vec![networks(&["0.0.0.0/0"])]),
            tier_rule(Action::Deny, vec![TierPeerKind::Nodes(Selector::everything())]),
        ]
    };
    let snapshot = under(vec![inwards("p", Tier::Admin, 0, everything())]);
    let db = end(&snapshot, "db");
    assert_eq!(tcp(&snapshot, &outside("8.8.8.8"), &db, 80), ALWAYS);
    assert_eq!(tcp(&snapshot, &Endpoint::node("n1"), &db, 80), [true, true, false], "declared has no nodes");
    assert_eq!(tcp(&snapshot, &end(&snapshot, "agent"), &db, 80), NOT_DECLARED);
    assert_eq!(web_to_db(&snapshot).0, Answer::Blocked);
}

#[test]
fn n66_nodes_are_matched_by_label_at_the_addresses_of_their_status() {
    let known = |name: &str, address: &str, pool: &str| Node {
        addresses: vec![ip(address)],
        labels: build::labels(&[("pool", pool)]),
        ..node(name)
    };
    let peer = TierPeerKind::Nodes(matching(&[("pool", "x")]));
    let snapshot = cluster()
        .node(known("n1", "192.168.0.1", "x"))
        .node(known("n2", "192.168.0.2", "y"))
        .cluster_policy(outwards("p", Tier::Admin, 0, vec![tier_rule(Action::Deny, vec![peer])]))
        .snapshot();
    let web = end(&snapshot, "web");
    let ask = |destination: &Endpoint| specified(&snapshot, &web, destination, Protocol::Tcp, 80);
    assert_eq!(ask(&Endpoint::node("n1")), Answer::Blocked);
    assert_eq!(ask(&Endpoint::node("n2")), Answer::Passes);
    assert_eq!(ask(&Endpoint::node("unseen")), Answer::Undefined, "it may have the label");
    let tunnel = Endpoint::Node { name: "n1".to_owned(), seen_as: Some(ip("10.244.1.0")) };
    assert_eq!(
        ask(&tunnel),
        Answer::Undefined,
        "it has one address that is in its status and one that is not"
    );
    let agent =
        |node: &str| Endpoint::Pod(ConcretePod { node: Some(node.to_owned()), ..pod(&snapshot, "agent") });
    assert_eq!(ask(&agent("n1")), Answer::Blocked, "a pod on the host network has its node's addresses");
    assert_eq!(ask(&agent("n2")), Answer::Passes);
    assert_eq!(ask(&end(&snapshot, "db")), Answer::Passes);
}

#[test]
fn n67_networks_match_pods_and_nodes_and_one_implementation_disagrees() {
    let deny = |text: &[&str]| {
        under(vec![outwards("p", Tier::Admin, 0, vec![tier_rule(Action::Deny, vec![networks(text)])])])
    };
    assert_eq!(web_to_db(&deny(&["0.0.0.0/0"])), (Answer::Blocked, MAY_ONLY));
    assert_eq!(web_to_db(&deny(&["10.244.0.2/32"])), (Answer::Blocked, MAY_ONLY));
    assert_eq!(web_to_db(&deny(&["10.244.0.3/32"])), (Answer::Passes, ALWAYS));
    assert_eq!(web_to_db(&deny(&["::/0"])), (Answer::Passes, ALWAYS), "of the other family");
    let snapshot = deny(&["192.168.0.0/16"]);
    let node = Endpoint::Node { name: "n1".to_owned(), seen_as: Some(ip("192.168.0.7")) };
    assert_eq!(specified(&snapshot, &end(&snapshot, "web"), &node, Protocol::Tcp, 80), Answer::Blocked);
    // An Accept by network opens only where networks mean pods.
    let accept = vec![tier_rule(Action::Accept, vec![networks(&["10.244.0.0/16"])]), all(Action::Deny)];
    let snapshot = under(vec![outwards("p", Tier::Admin, 0, accept)]);
    assert_eq!(web_to_db(&snapshot), (Answer::Passes, NOT_MUST));
    let [_, strictly, _] = evaluate_enforced(&snapshot);
    assert!(!strictly);
}

/// May, must and declared, where the tiers are enforced for sure and nothing else is.
fn evaluate_enforced(snapshot: &Snapshot) -> Answers {
    let (web, db) = (end(snapshot, "web"), end(snapshot, "db"));
    let readings = [
        (Reading::CONFORMING, Relation::May),
        (Reading::CONFORMING, Relation::Must),
        (Reading::DECLARED, Relation::May),
    ];
    readings.map(|(reading, relation)| {
        let evaluator = Evaluator::new(snapshot, reading, relation);
        let mut choices = evaluator.choices(&db);
        choices.retain(|choices| choices.reads_cluster_network_policy);
        evaluator.allowed_under(&choices, &web, &db, Protocol::Tcp, 80)
    })
}

#[test]
fn n67_a_pod_of_two_families_is_dialled_at_either() {
    let deny = vec![tier_rule(Action::Deny, vec![networks(&["0.0.0.0/0"])])];
    let snapshot = under(vec![outwards("p", Tier::Admin, 0, deny)]);
    let addresses = vec![ip("10.244.0.2"), ip("fd00::2")];
    let db = Endpoint::Pod(ConcretePod { addresses, ..pod(&snapshot, "db") });
    assert_eq!(specified(&snapshot, &end(&snapshot, "web"), &db, Protocol::Tcp, 80), Answer::Undefined);
}

#[test]
fn n67_an_unknown_address_is_any_that_the_pod_could_have() {
    let deny = |text: &[&str]| {
        let rules = vec![tier_rule(Action::Deny, vec![networks(text)])];
        let snapshot = under(vec![outwards("p", Tier::Admin, 0, rules)]);
        let db = Endpoint::Pod(ConcretePod { addresses: vec![], ..pod(&snapshot, "db") });
        specified(&snapshot, &end(&snapshot, "web"), &db, Protocol::Tcp, 80)
    };
    // The known pod has 10.244.0.2, so that others are in 10.0.0.0/8.
    assert_eq!(deny(&["0.0.0.0/0"]), Answer::Blocked);
    assert_eq!(deny(&["10.0.0.0/8"]), Answer::Blocked);
    assert_eq!(deny(&["10.244.0.0/16"]), Answer::Undefined);
    assert_eq!(deny(&["172.16.0.0/12"]), Answer::Passes);
}

#[test]
fn n68_a_rule_with_an_unknown_peer_fails_closed() {
    let with = |action| tier_rule(action, vec![TierPeerKind::Unknown, everyone()]);
    let ask = |rules| web_to_db(&under(vec![inwards("p", Tier::Admin, 0, rules)])).0;
    assert_eq!(ask(vec![with(Action::Accept), all(Action::Deny)]), Answer::Blocked, "it accepts nothing");
    let elsewhere = |action| {
        let rule = tier_rule(action, vec![TierPeerKind::Unknown]);
        tier_on(rule, vec![TierPortKind::Number(Protocol::Udp, 9)])
    };
    assert_eq!(ask(vec![elsewhere(Action::Deny)]), Answer::Blocked);
    assert_eq!(ask(vec![elsewhere(Action::Pass)]), Answer::Blocked);
    assert_eq!(ask(vec![all(Action::Accept), elsewhere(Action::Deny)]), Answer::Passes, "it has its place");
}

#[test]
fn n69_ports_are_of_their_protocol_and_none_are_all() {
    let ask = |ports: Option<Vec<TierPortKind>>, protocol, port| {
        let mut rule = all(Action::Deny);
        if let Some(ports) = ports {
            rule = tier_on(rule, ports);
        }
        let snapshot = under(vec![inwards("p", Tier::Admin, 0, vec![rule])]);
        specified(&snapshot, &end(&snapshot, "web"), &end(&snapshot, "db"), protocol, port)
    };
    for protocol in Protocol::ALL {
        assert_eq!(ask(None, protocol, 1), Answer::Blocked);
    }
    let range = || Some(vec![TierPortKind::Range(Protocol::Tcp, 80, 90)]);
    let answers = [79, 80, 90, 91].map(|port| ask(range(), Protocol::Tcp, port) == Answer::Blocked);
    assert_eq!(answers, [false, true, true, false]);
    assert_eq!(ask(range(), Protocol::Udp, 80), Answer::Passes);
    let all_tcp = || Some(vec![TierPortKind::All(Protocol::Tcp)]);
    assert_eq!(ask(all_tcp(), Protocol::Tcp, 65535), Answer::Blocked);
    assert_eq!(ask(all_tcp(), Protocol::Sctp, 80), Answer::Passes);
}

#[test]
fn n69_a_port_name_has_the_protocol_of_the_container_port() {
    let rule = |action| tier_on(all(action), vec![TierPortKind::Named("http".to_owned())]);
    let ask = |action, ports: Vec<ContainerPort>, protocol, port| {
        let rules = match action {
            Action::Accept => vec![rule(action), all(Action::Deny)],
            Action::Deny | Action::Pass => vec![rule(action)],
        };
        let snapshot = under(vec![inwards("p", Tier::Admin, 0, rules)]);
        let db = Endpoint::Pod(ConcretePod { ports, ..pod(&snapshot, "db") });
        specified(&snapshot, &end(&snapshot, "web"), &db, protocol, port)
    };
    let udp = || vec![named_port("http", Protocol::Udp, 80)];
    assert_eq!(ask(Action::Accept, udp(), Protocol::Udp, 80), Answer::Passes);
    assert_eq!(ask(Action::Accept, udp(), Protocol::Tcp, 80), Answer::Blocked);
    assert_eq!(ask(Action::Deny, udp(), Protocol::Udp, 80), Answer::Blocked);
    assert_eq!(ask(Action::Deny, udp(), Protocol::Tcp, 80), Answer::Passes);
    assert_eq!(ask(Action::Deny, vec![], Protocol::Tcp, 80), Answer::Passes, "no port has the name");
    // N30: what counts for an Accept need not count for a Deny, and the other way round.
    let side =
        vec![ContainerPort { container: ContainerRole::Sidecar, ..named_port("http", Protocol::Tcp, 80) }];
    let twice = vec![named_port("http", Protocol::Tcp, 80), named_port("http", Protocol::Tcp, 81)];
    for ports in [side, twice] {
        for action in [Action::Accept, Action::Deny] {
            assert_eq!(ask(action, ports.clone(), Protocol::Tcp, 80), Answer::Undefined);
        }
    }
}

#[test]
fn n70_a_domain_name_may_be_any_destination_and_accepts_only() {
    let names = tier_rule(Action::Accept, vec![TierPeerKind::DomainNames(vec!["example.com".to_owned()])]);
    let rules = vec![names, all(Action::Deny), tier_rule(Action::Deny, vec![networks(&["0.0.0.0/0"])])];
    let snapshot = under(vec![outwards("p", Tier::Admin, 0, rules)]);
    assert_eq!(web_to_db(&snapshot), (Answer::Undefined, NOT_MUST));
    let web = end(&snapshot, "web");
    assert_eq!(specified(&snapshot, &web, &outside("8.8.8.8"), Protocol::Tcp, 443), Answer::Undefined);
}

#[test]
fn n32_the_tiers_say_nothing_about_a_pods_own_address() {
    let snapshot = under(vec![
        inwards("in", Tier::Admin, 0, vec![all(Action::Deny)]),
        outwards("out", Tier::Admin, 0, vec![all(Action::Deny)]),
    ]);
    let db = end(&snapshot, "db");
    assert_eq!(tcp(&snapshot, &db, &db, 80), ALWAYS);
}

#[test]
fn n54_without_an_enforcer_the_tiers_deny_nothing() {
    let snapshot = under(vec![inwards("in", Tier::Admin, 0, vec![all(Action::Deny)])]);
    for relation in [Relation::May, Relation::Must] {
        let evaluator = Evaluator::new(&snapshot, Reading::UNENFORCED, relation);
        assert!(evaluator.allowed(&end(&snapshot, "web"), &end(&snapshot, "db"), Protocol::Tcp, 80));
    }
}

#[test]
fn a_refused_policy_of_the_tiers_is_there_or_not() {
    let refused = |action| ClusterPolicy {
        admission: Admission::Refused,
        ..inwards("p_1", Tier::Admin, 0, vec![all(action)])
    };
    let snapshot = under(vec![refused(Action::Deny)]);
    let (web, db) = (end(&snapshot, "web"), end(&snapshot, "db"));
    let ask = |policies| {
        let evaluator = Evaluator { policies, ..Evaluator::new(&snapshot, Reading::DECLARED, Relation::May) };
        evaluator.allowed(&web, &db, Protocol::Tcp, 80)
    };
    assert!(!ask(PolicySet::all()));
    assert!(ask(PolicySet::accepted()));
    assert!(!ask(PolicySet::all().without(["a", "b"])), "it lives in no namespace");
    assert_eq!(PolicySet::accepted().refused, Refused::Without);
}

#[test]
fn both_ends_meet_one_implementation() {
    // The source needs a plugin that reads the tiers, and the destination one that does not.
    let open = outwards("open", Tier::Admin, 0, vec![all(Action::Accept)]);
    let shut = inwards("shut", Tier::Admin, 1, vec![all(Action::Deny)]);
    let snapshot =
        cluster().policy("a", egress("own", vec![])).cluster_policy(open).cluster_policy(shut).snapshot();
    let (web, db) = (end(&snapshot, "web"), end(&snapshot, "db"));
    let evaluator = Evaluator::new(&snapshot, Reading::CONFORMING, Relation::May);
    assert!(evaluator.egress_allows(&web, &db, Protocol::Tcp, 80));
    assert!(evaluator.ingress_allows(&web, &db, Protocol::Tcp, 80));
    assert!(!evaluator.allowed(&web, &db, Protocol::Tcp, 80));
}
