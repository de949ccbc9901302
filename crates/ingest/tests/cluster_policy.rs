//! The administrator's policies as the schemas of their kinds understand them.

mod support;

use support::{Read, admin, baseline, cluster, read};
use watertight_base::{Protocol, Selector};
use watertight_model::{Action, Admission, BlindScope, ClusterPolicy, Tier, TierPeerKind, TierPortKind};

/// The one policy.
#[track_caller]
fn only(read: &Read) -> &ClusterPolicy {
    let policies = &read.snapshot().cluster_policies;
    assert_eq!(policies.len(), 1, "{:?}", read.diagnostics());
    &policies[0]
}

/// The one policy, about which nothing is said but that it is not evaluated.
#[track_caller]
fn accepted(text: &str) -> ClusterPolicy {
    let read = read(text);
    assert_eq!(read.diagnostics(), Vec::<[String; 5]>::new(), "{text}");
    assert_eq!(read.blind_spots(), [], "{text}");
    assert_eq!(only(&read).admission, Admission::Accepted, "{text}");
    only(&read).clone()
}

/// A ClusterNetworkPolicy with one egress rule that accepts.
fn egress(rule: &str) -> String {
    cluster(&format!("egress: [{{action: Accept, {rule}}}]"))
}

fn destination(peer: &str) -> TierPeerKind {
    accepted(&egress(&format!("to: [{peer}]"))).egress[0].peers[0].kind.clone()
}

fn ports(text: &str) -> Vec<TierPortKind> {
    let policy = accepted(text);
    policy.egress[0].ports.iter().flatten().map(|port| port.kind.clone()).collect()
}

/// The pods with these labels in the namespaces with those.
fn pods(namespaces: &str, pods: &str) -> TierPeerKind {
    TierPeerKind::Pods { namespaces: selector(namespaces), pods: selector(pods) }
}

/// The selector for one `key=value`, or for everything.
fn selector(label: &str) -> Selector {
    label.split_once('=').map_or_else(Selector::everything, |(key, value)| Selector::label(key, value))
}

#[test]
fn n57_each_kind_has_its_tier() {
    for (text, tier, priority, kind) in [
        (cluster(""), Tier::Admin, 7, "ClusterNetworkPolicy"),
        (cluster("").replace("Admin", "Baseline"), Tier::Baseline, 7, "ClusterNetworkPolicy"),
        (admin(""), Tier::Admin, 7, "AdminNetworkPolicy"),
        (baseline(""), Tier::Baseline, 0, "BaselineAdminNetworkPolicy"),
    ] {
        let policy = accepted(&text);
        assert_eq!((policy.tier, policy.priority), (tier, priority), "{text}");
        assert_eq!(policy.origin.object.kind, kind);
        assert_eq!((policy.ingress, policy.egress), (Vec::new(), Vec::new()));
        assert_eq!(read(&text).snapshot().kinds[kind], 1);
    }
}

#[test]
fn n58_policies_are_sorted_by_tier_priority_kind_and_name() {
    let with = |text: String, priority: &str, name: &str| {
        text.replace("priority: 7", &format!("priority: {priority}"))
            .replace("name: p", &format!("name: {name}"))
    };
    let documents = [
        cluster("").replace("Admin", "Baseline"),
        baseline(""),
        with(cluster(""), "1000", "last"),
        with(cluster(""), "10", "b"),
        with(cluster(""), "10", "a"),
        with(admin(""), "10", "z"),
        with(cluster(""), "0", "first"),
    ];
    let read = read(&documents.join("---\n"));
    let names: Vec<_> =
        read.snapshot().cluster_policies.iter().map(|policy| policy.origin.object.name.as_str()).collect();
    assert_eq!(names, ["first", "z", "a", "b", "last", "default", "p"]);
    assert_eq!(read.rules(), Vec::<&str>::new());
}

#[test]
fn n59_policies_of_one_priority_and_direction_are_reported() {
    let ingress = "ingress: [{action: Deny, from: [{namespaces: {}}]}]";
    let egress = "egress: [{action: Deny, to: [{namespaces: {}}]}]";
    let second = |text: String| text.replace("name: p", "name: q");
    let pair = |a: String, b: String| read(&format!("{a}---\n{}", second(b)));
    let shared = pair(cluster(ingress), cluster(ingress));
    let expected = [
        "warning shared-priority",
        "ClusterNetworkPolicy q has the priority of ClusterNetworkPolicy p in the tier Admin",
        "7",
        "ClusterNetworkPolicy p has it too, and ingress rules",
        "give each policy of a tier a priority of its own: else it is not defined which one applies",
    ];
    assert_eq!(shared.diagnostics(), [expected.map(str::to_owned)]);
    assert!(shared.snapshot().cluster_policies.iter().all(|it| it.admission == Admission::Accepted));
    assert_eq!(pair(cluster(egress), admin(egress)).rules(), ["shared-priority"]);

    for (a, b) in [
        (cluster(ingress), cluster(egress)),
        (cluster(ingress), cluster("")),
        (cluster(ingress), cluster(ingress).replace("priority: 7", "priority: 8")),
        (cluster(ingress), cluster(ingress).replace("Admin", "Baseline")),
        (
            cluster(ingress).replace("Admin", "Baseline").replace("priority: 7", "priority: 0"),
            baseline(ingress),
        ),
    ] {
        assert_eq!(pair(a.clone(), b.clone()).rules(), Vec::<&str>::new(), "{a}{b}");
    }
}

#[test]
fn n60_rules_keep_their_order_and_their_places() {
    let text = cluster(
        "ingress: [{name: first, action: Pass, from: [{namespaces: {}}]}, {action: Deny, from: [{pods: \
         {podSelector: {}}}, {namespaces: {matchLabels: {env: x}}}], protocols: [{udp: {destinationPort: {number: 53}}}]}]",
    );
    let read = read(&text);
    let policy = only(&read);
    let [first, second] = policy.ingress.as_slice() else { panic!("two rules") };
    assert_eq!((first.action, second.action), (Action::Pass, Action::Deny));
    assert_eq!(first.ports, None);
    assert_eq!(read.under(first.span), "{name: first, action: Pass, from: [{namespaces: {}}]}");
    assert_eq!(read.under(second.peers[1].span), "{namespaces: {matchLabels: {env: x}}}");
    assert_eq!(second.peers[0].kind, pods("", ""));
    assert_eq!(second.peers[1].kind, pods("env=x", ""));
    let ports = second.ports.as_deref().unwrap();
    assert_eq!(read.under(ports[0].span), "{udp: {destinationPort: {number: 53}}}");
    assert_eq!(read.under(policy.subject.span), "{namespaces: {}}");
}

#[test]
fn n61_the_older_api_says_allow() {
    let rules = |actions: &[&str]| {
        let rule = |action| format!("{{action: {action}, from: [{{namespaces: {{}}}}]}}");
        let rules: Vec<_> = actions.iter().map(rule).collect();
        format!("ingress: [{}]", rules.join(", "))
    };
    let actions = |text: &str| accepted(text).ingress.iter().map(|rule| rule.action).collect::<Vec<_>>();
    let all = [Action::Accept, Action::Deny, Action::Pass];
    assert_eq!(actions(&cluster(&rules(&["Accept", "Deny", "Pass"]))), all);
    assert_eq!(actions(&admin(&rules(&["Allow", "Deny", "Pass"]))), all);
    assert_eq!(actions(&baseline(&rules(&["Allow", "Deny"]))), all[..2]);
    for (text, meant) in [
        (cluster(&rules(&["Allow"])), Action::Accept),
        (admin(&rules(&["Accept"])), Action::Accept),
        (baseline(&rules(&["Pass"])), Action::Pass),
        (cluster(&rules(&["deny"])), Action::Deny),
    ] {
        let read = read(&text);
        assert_eq!(read.rules(), ["invalid-value"], "{text}");
        assert_eq!(
            (only(&read).ingress[0].action, only(&read).admission),
            (meant, Admission::Refused),
            "{text}"
        );
    }
}

#[test]
fn n64_there_are_many_in_the_tier_baseline_and_they_may_pass() {
    let rule = "ingress: [{action: Pass, from: [{namespaces: {}}]}]";
    let one = cluster(rule).replace("Admin", "Baseline");
    let other = one.replace("name: p", "name: q").replace("priority: 7", "priority: 8");
    let read = read(&format!("{one}---\n{other}"));
    assert_eq!(read.rules(), Vec::<&str>::new());
    let tiers: Vec<_> =
        read.snapshot().cluster_policies.iter().map(|it| (it.tier, it.ingress[0].action)).collect();
    assert_eq!(tiers, [(Tier::Baseline, Action::Pass); 2]);
}

#[test]
fn n65_the_subject_is_namespaces_or_pods() {
    let subject = |written: &str| {
        let policy =
            accepted(&cluster("").replace("subject: {namespaces: {}}", &format!("subject: {written}")));
        (policy.subject.namespaces, policy.subject.pods)
    };
    for (written, expected) in [
        ("{namespaces: {}}", ("", "")),
        ("{namespaces: {matchLabels: {env: x}}, pods: null}", ("env=x", "")),
        ("{pods: {podSelector: {}}}", ("", "")),
        ("{pods: {namespaceSelector: null, podSelector: {matchLabels: {app: web}}}}", ("", "app=web")),
        (
            "{pods: {namespaceSelector: {matchLabels: {env: x}}, podSelector: {matchLabels: {app: web}}}}",
            ("env=x", "app=web"),
        ),
    ] {
        assert_eq!(subject(written), (selector(expected.0), selector(expected.1)), "{written}");
    }
}

#[test]
fn n66_destinations_are_pods_networks_nodes_and_domain_names() {
    let networks = |all: &[&str]| TierPeerKind::Networks(all.iter().map(|it| it.parse().unwrap()).collect());
    for (peer, expected) in [
        ("{namespaces: {matchLabels: {env: x}}}", pods("env=x", "")),
        ("{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}", pods("", "app=web")),
        ("{nodes: {}}", TierPeerKind::Nodes(selector(""))),
        ("{nodes: {matchLabels: {pool: z}}}", TierPeerKind::Nodes(selector("pool=z"))),
        (
            "{networks: [10.0.0.0/8, \"fd00::/8\", 0.0.0.0/0]}",
            networks(&["10.0.0.0/8", "fd00::/8", "0.0.0.0/0"]),
        ),
        (
            "{domainNames: [\"*.example.com\", example.com.]}",
            TierPeerKind::DomainNames(vec!["*.example.com".to_owned(), "example.com.".to_owned()]),
        ),
    ] {
        assert_eq!(destination(peer), expected, "{peer}");
    }
}

#[test]
fn n67_a_network_may_have_host_bits_and_no_other_oddity() {
    let network = |written: &str| read(&egress(&format!("to: [{{networks: [\"{written}\"]}}]")));
    let taken = network("10.1.2.3/8");
    assert_eq!(taken.rules(), ["host-bits-in-cidr"]);
    assert_eq!(only(&taken).admission, Admission::Accepted);
    let whole = TierPeerKind::Networks(vec!["10.0.0.0/8".parse().unwrap()]);
    assert_eq!(only(&taken).egress[0].peers[0].kind, whole);
    for (written, meant) in [
        ("010.0.0.0/8", "10.0.0.0/8"),
        ("10.0.0.0/08", "10.0.0.0/8"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("::ffff:10.0.0.0/90", "::ffc0:0:0/90"),
        ("0000:0000:0000:0000:0000:0000:0000:0000:0000/0", ""),
        ("0000:0000:0000:0000:0000:0000:255.255.255.255/128", "::ffff:ffff/128"),
        ("10.0.0.0", ""),
        ("10.0.0.0/33", ""),
        ("fe80::1%eth0/64", ""),
    ] {
        let read = network(written);
        assert_eq!(read.rules(), ["invalid-cidr"], "{written}");
        if meant.is_empty() {
            assert!(read.snapshot().cluster_policies.is_empty(), "{written}");
            assert_eq!(read.blind_spots(), [("invalid-cidr", BlindScope::Everything)], "{written}");
        } else {
            assert_eq!(only(&read).admission, Admission::Refused, "{written}");
            let meant = TierPeerKind::Networks(vec![meant.parse().unwrap()]);
            assert_eq!(only(&read).egress[0].peers[0].kind, meant, "{written}");
        }
    }
}

#[test]
fn n68_an_empty_peer_is_an_unknown_one() {
    for peer in ["{}", "{networks: null}"] {
        let read = read(&egress(&format!("to: [{peer}]")));
        assert_eq!(read.rules(), ["invalid-peer"], "{peer}");
        assert_eq!(only(&read).egress[0].peers[0].kind, TierPeerKind::Unknown, "{peer}");
        assert_eq!(only(&read).admission, Admission::Refused, "{peer}");
        assert_eq!(read.blind_spots(), [], "{peer}");
    }
}

#[test]
fn n68_what_a_peer_of_a_newer_api_means_is_not_seen() {
    for (text, field) in [
        (egress("to: [{services: {}}]"), "services"),
        (cluster("ingress: [{action: Deny, from: [{networks: [10.0.0.0/8]}]}]"), "networks"),
        (baseline("egress: [{action: Allow, to: [{domainNames: [a.b]}]}]"), "domainNames"),
    ] {
        let read = read(&text);
        assert_eq!(read.rules(), ["unknown-field"], "{text}");
        let policy = only(&read);
        let rules: Vec<_> = policy.ingress.iter().chain(&policy.egress).collect();
        assert_eq!(rules[0].peers[0].kind, TierPeerKind::Unknown, "{text}");
        assert_eq!(policy.admission, Admission::Refused, "{text}");
        let spot = read.snapshot().blind_spots.iter().find(|spot| spot.rule == "unknown-field").unwrap();
        assert_eq!(read.under(spot.span.unwrap()), field);
        assert_eq!(spot.scope, BlindScope::Everything);
    }
}

#[test]
fn n68_an_unknown_field_beside_a_known_one_is_dropped() {
    let read = read(&egress("to: [{namespaces: {}, namespace: {}}]"));
    assert_eq!(read.rules(), ["unknown-field"]);
    assert_eq!(only(&read).egress[0].peers[0].kind, pods("", ""));
    assert_eq!(only(&read).admission, Admission::Refused);
    assert_eq!(read.blind_spots(), []);
}

#[test]
fn n69_protocols_name_ports_each_in_its_way() {
    let of = |list: &str| ports(&egress(&format!("to: [{{namespaces: {{}}}}], protocols: {list}")));
    assert_eq!(
        of("[{tcp: {destinationPort: {number: 1}}}, {udp: {destinationPort: {number: 65535}}}, \
            {sctp: {destinationPort: {range: {start: 1, end: 2}}}}, {destinationNamedPort: http}]"),
        [
            TierPortKind::Number(Protocol::Tcp, 1),
            TierPortKind::Number(Protocol::Udp, 65535),
            TierPortKind::Range(Protocol::Sctp, 1, 2),
            TierPortKind::Named("http".to_owned()),
        ]
    );
    assert_eq!(accepted(&egress("to: [{namespaces: {}}], protocols: null")).egress[0].ports, None);
}

#[test]
fn n69_a_protocol_without_a_port_is_refused_and_means_all_of_them() {
    for written in ["{udp: {}}", "{udp: {destinationPort: null}}"] {
        let read = read(&egress(&format!("to: [{{namespaces: {{}}}}], protocols: [{written}]")));
        assert_eq!(read.rules(), ["missing-field"], "{written}");
        assert_eq!(only(&read).admission, Admission::Refused, "{written}");
        let kind = &only(&read).egress[0].ports.as_deref().unwrap()[0].kind;
        assert_eq!(*kind, TierPortKind::All(Protocol::Udp), "{written}");
    }
}

#[test]
fn n71_the_older_api_has_ports_of_its_own() {
    let text = admin(
        "egress: [{action: Allow, to: [{namespaces: {}}], ports: [{portNumber: {port: 80}}, {portNumber: \
         {protocol: UDP, port: 53}}, {portRange: {start: 8000, end: 8080}}, {portRange: {protocol: SCTP, start: \
         5, end: 5}}, {namedPort: http}]}]",
    );
    let expected = [
        TierPortKind::Number(Protocol::Tcp, 80),
        TierPortKind::Number(Protocol::Udp, 53),
        TierPortKind::Range(Protocol::Tcp, 8000, 8080),
        TierPortKind::Range(Protocol::Sctp, 5, 5),
        TierPortKind::Named("http".to_owned()),
    ];
    assert_eq!(ports(&text), expected);
    assert_eq!(
        ports(
            &text
                .replace("AdminNetworkPolicy", "BaselineAdminNetworkPolicy")
                .replace("name: p", "name: default")
                .replace("priority: 7, ", "")
        ),
        expected
    );
}

#[test]
fn n71_another_version_is_not_read() {
    let read = read(&cluster("").replace("v1alpha2", "v1beta1"));
    assert!(read.snapshot().cluster_policies.is_empty());
    assert_eq!(read.blind_spots(), [("unevaluated-kind", BlindScope::Everything)]);
}

#[test]
fn a_policy_of_the_cluster_has_no_namespace() {
    for text in [cluster(""), admin("")] {
        let policy = accepted(&text.replace("name: p", "name: p, namespace: staging"));
        assert_eq!(policy.origin.object.namespace, None);
        assert!(
            read(&text.replace("name: p", "name: p, namespace: staging")).snapshot().namespaces.is_empty()
        );
    }
}

#[test]
fn lists_hold_policies_too() {
    let list = "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicyList\nitems: [{metadata: \
                {name: a}, spec: {priority: 1, subject: {namespaces: {}}}}, {metadata: {name: b}, spec: {priority: \
                2, subject: {namespaces: {}}}}]\n";
    let read = read(list);
    assert_eq!((read.snapshot().cluster_policies.len(), read.snapshot().kinds["AdminNetworkPolicy"]), (2, 2));
    assert_eq!(read.blind_spots(), []);
}

#[test]
fn c6_a_policy_of_a_hook_is_passing() {
    let read = read(&cluster("").replace("name: p", "name: p, annotations: {helm.sh/hook: test}"));
    assert_eq!(read.rules(), ["passing-policy"]);
    assert_eq!(only(&read).admission, Admission::Passing);
}

#[test]
fn c6_a_policy_given_twice_is_one_or_a_riddle() {
    let rule = |peer: &str| egress(&format!("to: [{peer}], protocols: [{{destinationNamedPort: http}}]"));
    let one = rule("{pods: {podSelector: {}}}");
    let twice = read(&format!("{one}---\n# again\n{one}"));
    assert_eq!(twice.rules(), ["duplicate-object"]);
    assert_eq!(only(&twice).admission, Admission::Accepted);

    let differently = read(&format!("{one}---\n{}", rule("{pods: {podSelector: {matchLabels: {a: b}}}}")));
    assert_eq!(differently.rules(), ["ambiguous-object"]);
    assert!(differently.snapshot().cluster_policies.is_empty());
    assert_eq!(differently.blind_spots(), [("ambiguous-object", BlindScope::Everything)]);

    let newer = egress("to: [{services: {}}]");
    assert_eq!(
        read(&format!("{newer}---\n{newer}")).blind_spots(),
        [("unknown-field", BlindScope::Everything)]
    );
}
