//! The administrator's policies (N57 to N70): what the map says of pairs of pods, and whether the search for ways across
//! says the same of every pod that could exist.

use crate::world::World;

const A: &str = "staging/a";
const B: &str = "production/b";

/// What passes in may, in must and under `declared`. A network plugin may read no tiers at all, so that what they alone
/// close may pass, and what they alone open need not.
type Answers = [bool; 3];
const ALWAYS: Answers = [true, true, true];
const NEVER: Answers = [false, false, false];
const IF_UNREAD: Answers = [true, false, false];
const IF_READ: Answers = [true, false, true];

const FROM_ALL: &str = "namespaces: {}";
const SHUT: &str = "podSelector: {}\npolicyTypes: [Ingress]";
const OPEN: &str = "podSelector: {}\ningress: [{}]";

/// One rule for ingress.
fn inward(action: &str, peer: &str) -> String {
    format!("ingress:\n- {{action: {action}, from: [{{{peer}}}]}}\n")
}

/// One rule for egress.
fn outward(action: &str, peer: &str) -> String {
    format!("egress:\n- {{action: {action}, to: [{{{peer}}}]}}\n")
}

/// From `staging/a` to `production/b` on TCP 80. Where every pod is fenced alike, the search for ways across, for all pods
/// that could exist, says under `declared` what the map says of two.
#[track_caller]
fn across(world: &World) -> Answers {
    let answers = world.answers(A, B, "TCP/80");
    let crosses = !world.declared().crossings("staging", "production").is_empty();
    assert_eq!(crosses, answers[2], "the search for ways across and the map differ");
    answers
}

#[test]
fn n57_admin_comes_before_network_policy_and_baseline_after_it() {
    let with = |policy: &str, tier: &str, action: &str| {
        across(&World::new().policy("production/p", policy).tier("t", tier, 0, &inward(action, FROM_ALL)))
    };
    assert_eq!(with(SHUT, "Admin", "Accept"), IF_READ);
    assert_eq!(with(SHUT, "Baseline", "Accept"), NEVER);
    assert_eq!(with(OPEN, "Admin", "Deny"), IF_UNREAD);
    assert_eq!(with(OPEN, "Baseline", "Deny"), ALWAYS);
    let alone = |tier: &str| across(&World::new().tier("t", tier, 0, &inward("Deny", FROM_ALL)));
    assert_eq!([alone("Admin"), alone("Baseline")], [IF_UNREAD, IF_UNREAD]);
}

#[test]
fn n58_the_lower_number_comes_first_whatever_the_names() {
    for names in [["a", "b"], ["b", "a"]] {
        let with = |accept, deny| {
            let world = World::new().tier(names[0], "Admin", accept, &inward("Accept", FROM_ALL));
            across(&world.tier(names[1], "Admin", deny, &inward("Deny", FROM_ALL)))
        };
        assert_eq!(with(9, 10), ALWAYS);
        assert_eq!(with(1000, 999), IF_UNREAD);
    }
}

#[test]
fn n59_either_of_two_equals_may_apply() {
    let tied = |one: &str, other: &str| {
        let world = World::new().tier("one", "Admin", 5, &inward(one, FROM_ALL));
        across(&world.tier("other", "Admin", 5, &inward(other, FROM_ALL)))
    };
    assert_eq!(tied("Accept", "Deny"), IF_READ);
    assert_eq!(tied("Deny", "Pass"), IF_READ);
    assert_eq!(tied("Accept", "Pass"), ALWAYS);
    assert_eq!(tied("Deny", "Deny"), IF_UNREAD);
}

#[test]
fn n60_the_first_rule_that_matches_decides() {
    let accept =
        "{action: Accept, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 80}}}]}";
    let deny = "{action: Deny, from: [{namespaces: {}}]}";
    let world = |rules: [&str; 2]| {
        World::new().tier("t", "Admin", 0, &format!("ingress: [{}, {}]", rules[0], rules[1]))
    };
    assert_eq!(world([accept, deny]).answers(A, B, "TCP/80"), ALWAYS);
    assert_eq!(world([accept, deny]).answers(A, B, "TCP/81"), IF_UNREAD);
    assert_eq!(across(&world([deny, accept])), IF_UNREAD);
    assert_eq!(world([accept, deny]).declared().crossings("staging", "production").len(), 1);
}

#[test]
fn n60_the_order_holds_also_for_a_namespace_whose_labels_are_not_known() {
    let [deny, accept] =
        ["Deny", "Accept"].map(|action| format!("{{action: {action}, from: [{{namespaces: {{}}}}]}}"));
    let with = |rules: [&String; 2]| {
        let rules = format!("ingress: [{}, {}]", rules[0], rules[1]);
        World::new().pod("implied/x", "app: x", "").tier_about(
            "t",
            "Admin",
            0,
            "namespaces: {matchLabels: {env: x}}",
            &rules,
        )
    };
    let shut = with([&deny, &accept]).policy("implied/p", SHUT);
    assert_eq!(shut.answers(A, "implied/x", "TCP/80"), NEVER, "denied, or left to the NetworkPolicy");
    assert_eq!(with([&accept, &deny]).answers(A, "implied/x", "TCP/80"), ALWAYS, "accepted, or free");
}

#[test]
fn n61_accept_and_deny_are_final_for_one_direction_and_pass_leaves_the_tier() {
    let about_staging = "namespaces: {matchLabels: {kubernetes.io/metadata.name: staging}}";
    let out =
        |action: &str| World::new().tier_about("out", "Admin", 0, about_staging, &outward(action, FROM_ALL));
    assert_eq!(across(&out("Accept").policy("production/p", SHUT)), NEVER, "the destination has its own say");
    let closed = "podSelector: {}\npolicyTypes: [Egress]";
    assert_eq!(across(&out("Accept").policy("staging/p", closed)), IF_READ);
    assert_eq!(across(&out("Pass").policy("staging/p", closed)), NEVER);
    for action in ["Pass", "Accept"] {
        let first = World::new().tier("first", "Baseline", 0, &inward(action, FROM_ALL));
        let later = first.tier("later", "Baseline", 1, &inward("Deny", FROM_ALL));
        assert_eq!(across(&later), ALWAYS, "{action} in the tier Baseline");
    }
    let passed = World::new().tier("pass", "Admin", 0, &inward("Pass", FROM_ALL));
    let passed = passed.tier("deny", "Admin", 1, &inward("Deny", FROM_ALL));
    assert_eq!(across(&passed), ALWAYS, "what was passed is not asked again in the tier");
    assert_eq!(across(&passed.tier("later", "Baseline", 0, &inward("Deny", FROM_ALL))), IF_UNREAD);
}

#[test]
fn n62_a_policy_without_a_rule_that_matches_isolates_nobody() {
    for tier in ["Admin", "Baseline"] {
        let elsewhere = "namespaces: {matchLabels: {env: gone}}";
        assert_eq!(across(&World::new().tier("t", tier, 0, &inward("Accept", elsewhere))), ALWAYS);
        assert_eq!(across(&World::new().tier("t", tier, 0, &inward("Deny", elsewhere))), ALWAYS);
        assert_eq!(
            across(&World::new().tier("t", tier, 0, &outward("Deny", FROM_ALL))),
            ALWAYS,
            "no ingress rules"
        );
        assert_eq!(across(&World::new().tier("t", tier, 0, "")), ALWAYS, "no rules at all");
    }
}

#[test]
fn n63_network_policy_is_final_for_the_pod_or_for_the_direction() {
    let with = |policy: &str| {
        World::new().policy("production/p", policy).tier("t", "Baseline", 0, &inward("Deny", FROM_ALL))
    };
    let egress_alone = with("podSelector: {}\npolicyTypes: [Egress]\negress: [{}]");
    assert_eq!(across(&egress_alone), IF_UNREAD);
    assert!(egress_alone.crossings("staging", "production").contains("baseline-skipped"));
    assert_eq!(across(&with(SHUT)), NEVER, "by the NetworkPolicy itself");
    let of_another_pod = with("podSelector: {matchLabels: {app: c}}\npolicyTypes: [Egress]\negress: [{}]");
    assert_eq!(of_another_pod.answers(A, B, "TCP/80"), IF_UNREAD);
}

#[test]
fn n64_there_can_be_many_policies_in_the_tier_baseline() {
    let with = |accept, deny| {
        let world = World::new().tier("one", "Baseline", deny, &inward("Deny", FROM_ALL));
        across(&world.tier("two", "Baseline", accept, &inward("Accept", FROM_ALL)))
    };
    assert_eq!(with(3, 7), ALWAYS);
    assert_eq!(with(7, 3), IF_UNREAD);
}

#[test]
fn n65_the_subject_is_pods_by_namespace_and_labels_and_none_on_the_host_network() {
    let about = |subject: &str| {
        World::new().pod("production/host", "app: b", "hostNetwork: true\nnodeName: one").tier_about(
            "t",
            "Admin",
            0,
            subject,
            &inward("Deny", FROM_ALL),
        )
    };
    let production = "namespaceSelector: {matchLabels: {env: prd}}";
    let pods = |labels: &str| format!("pods: {{{production}, podSelector: {labels}}}");
    assert_eq!(about(&pods("{matchLabels: {app: b}}")).answers(A, B, "TCP/80"), IF_UNREAD);
    assert_eq!(about(&pods("{matchLabels: {app: c}}")).answers(A, B, "TCP/80"), ALWAYS);
    let host = about(&pods("{}")).answers(A, "production/host", "TCP/80");
    assert_eq!(host, IF_READ_AS_POD, "declared knows no host network");
}

/// Open for every network plugin; `declared` takes it for a pod like any other.
const IF_READ_AS_POD: Answers = [true, true, false];

#[test]
fn n66_an_ingress_rule_means_nothing_outside_and_no_node() {
    let world = World::new()
        .object("v1", "Node", "name: one", "status: {addresses: [{type: InternalIP, address: 10.1.0.1}]}\n")
        .tier("t", "Admin", 0, &inward("Deny", FROM_ALL));
    assert_eq!(world.answers("8.8.8.8", B, "TCP/80"), ALWAYS);
    assert!(world.passes("node/one", B, "TCP/80") && world.must().passes("node/one", B, "TCP/80"));
    assert!(world.crossings("staging", "production").contains("node-address-unmatched"));
    let fenced = world.policy("production/p", SHUT);
    assert!(!fenced.crossings("staging", "production").contains("node-address-unmatched"));
}

#[test]
fn n66_an_egress_rule_means_nodes_by_their_labels() {
    let world = |peer: &str| {
        World::new()
            .object(
                "v1",
                "Node",
                "name: one\nlabels: {pool: x}",
                "status: {addresses: [{type: InternalIP, address: 10.1.0.1}]}\n",
            )
            .pod("production/placed", "app: placed", "nodeName: two")
            .tier("t", "Admin", 0, &outward("Deny", peer))
    };
    let [x, y] = ["x", "y"].map(|pool| world(&format!("nodes: {{matchLabels: {{pool: {pool}}}}}")));
    assert!(!x.must().passes("production/placed", "node/one", "TCP/80"));
    assert!(y.must().passes("production/placed", "node/one", "TCP/80"));
}

#[test]
fn n67_networks_mean_pods_too_where_they_are_read_so() {
    let about_staging = "namespaces: {matchLabels: {kubernetes.io/metadata.name: staging}}";
    let deny = |networks: &str| {
        let peer = format!("networks: [{networks}]");
        World::new().tier_about("t", "Admin", 0, about_staging, &outward("Deny", &peer))
    };
    assert_eq!(across(&deny("0.0.0.0/0")), IF_UNREAD);
    assert_eq!(across(&deny("\"::/0\"")), IF_READ, "a pod whose address is not known may have one of IPv6");
    let everywhere = deny("0.0.0.0/0, \"::/0\"");
    assert_eq!(across(&everywhere), IF_UNREAD);
    assert!(everywhere.crossings("staging", "production").contains("networks-miss-pods"));
    assert_eq!(deny("8.8.0.0/16").answers(A, "8.8.8.8", "TCP/80"), IF_UNREAD);
    assert_eq!(deny("8.8.0.0/16").answers(A, "9.9.9.9", "TCP/80"), ALWAYS);
}

#[test]
fn n68_a_rule_with_an_empty_peer_fails_closed() {
    let with = |action: &str| {
        let rule = format!("{{action: {action}, from: [{{}}]}}");
        across(&World::new().tier("t", "Admin", 0, &format!("ingress: [{rule}]")))
    };
    assert_eq!(with("Accept"), ALWAYS, "it means nobody, and nobody else is denied");
    assert_eq!(with("Deny"), IF_UNREAD);
    assert_eq!(with("Pass"), IF_UNREAD);
    let rules =
        "ingress: [{action: Accept, from: [{}, {namespaces: {}}]}, {action: Deny, from: [{namespaces: {}}]}]";
    assert_eq!(
        across(&World::new().tier("t", "Admin", 0, rules)),
        IF_UNREAD,
        "nor does its other peer count"
    );
}

#[test]
fn n69_ports_are_of_their_protocol_and_none_are_all() {
    let web = "containers: [{name: main, image: example.com/app, ports: [{name: web, containerPort: 8080, protocol: UDP}]}]";
    let deny = |protocols: &str| {
        let rule = format!("ingress: [{{action: Deny, from: [{{namespaces: {{}}}}]{protocols}}}]");
        World::new().pod("production/web", "app: web", web).tier("t", "Admin", 0, &rule)
    };
    for port in ["TCP/1", "UDP/53", "SCTP/9"] {
        assert_eq!(deny("").answers(A, B, port), IF_UNREAD, "{port}");
    }
    let range = deny(", protocols: [{tcp: {destinationPort: {range: {start: 80, end: 82}}}}]");
    for (port, answers) in
        [("TCP/79", ALWAYS), ("TCP/80", IF_UNREAD), ("TCP/82", IF_UNREAD), ("UDP/80", ALWAYS)]
    {
        assert_eq!(range.answers(A, B, port), answers, "{port}");
    }
    let named = deny(", protocols: [{destinationNamedPort: web}]");
    assert_eq!(named.answers(A, "production/web", "UDP/8080"), IF_UNREAD, "the container's protocol");
    assert_eq!(named.answers(A, "production/web", "TCP/8080"), ALWAYS);
    assert_eq!(named.answers(A, B, "UDP/8080"), ALWAYS, "a pod without the name");
}

#[test]
fn n70_a_domain_name_may_resolve_to_anything() {
    let about_staging = "namespaces: {matchLabels: {kubernetes.io/metadata.name: staging}}";
    let rules = "egress: [{action: Accept, to: [{domainNames: [example.com]}]}, {action: Deny, to: [{networks: [0.0.0.0/0, \"::/0\"]}]}]";
    let world = World::new().tier_about("t", "Admin", 0, about_staging, rules);
    assert_eq!(across(&world), IF_READ);
    assert_eq!(world.answers(A, "8.8.8.8", "TCP/443"), IF_READ);
}

/// The check of the assumption that the experimental channel of the API is there, if an answer rests on it.
fn rests_on_the_experimental_channel(world: &World) -> Option<String> {
    let mut all = world.assumptions("staging", "production").into_iter();
    all.find(|assumption| assumption.id == "experimental-policy-api").map(|assumption| assumption.check)
}

#[test]
fn n66_nodes_and_n70_domain_names_rest_on_the_experimental_channel_where_they_matter() {
    let [staging, production, shared] = ["staging", "production", "shared"]
        .map(|name| format!("namespaces: {{matchLabels: {{kubernetes.io/metadata.name: {name}}}}}"));
    let about = |subject: &str, rules: &str| {
        World::new().namespace("shared", "env: shared").tier_about("t", "Admin", 0, subject, rules)
    };
    let (nodes, names) =
        (outward("Deny", "nodes: {matchLabels: {pool: x}}"), outward("Accept", "domainNames: [example.com]"));
    for rules in [&nodes, &names] {
        let check = rests_on_the_experimental_channel(&about(&staging, rules));
        assert_eq!(check.as_deref(), Some("kubectl explain clusternetworkpolicy.spec.egress.to"), "{rules}");
        assert_eq!(rests_on_the_experimental_channel(&about(&shared, rules)), None, "about neither side");
        assert_eq!(rests_on_the_experimental_channel(&about(&production, rules)), None, "the other way");
        assert_eq!(rests_on_the_experimental_channel(&about(&staging, rules).unenforced()), None);
        let with_ingress = format!("{rules}{}", inward("Deny", FROM_ALL));
        let lost = rests_on_the_experimental_channel(&about(&production, &with_ingress));
        assert!(lost.is_some(), "what else the policy says may be lost with it");
    }
    let plain = about(&staging, &outward("Deny", "networks: [10.0.0.0/8]"));
    assert_eq!(rests_on_the_experimental_channel(&plain), None);
    assert_eq!(rests_on_the_experimental_channel(&World::new()), None);
}
