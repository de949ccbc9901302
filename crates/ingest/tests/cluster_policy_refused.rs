//! The administrator's policies that their schemas refuse, or that nobody can know the meaning of.

mod support;

use support::{admin, baseline, cluster, read};
use watertight_model::{Admission, BlindScope};

/// A ClusterNetworkPolicy with one egress rule.
fn egress(rule: &str) -> String {
    cluster(&format!("egress: [{rule}]"))
}

/// One with these ports.
fn protocols(list: &str) -> String {
    egress(&format!("{{action: Deny, to: [{{namespaces: {{}}}}], protocols: {list}}}"))
}

/// An AdminNetworkPolicy with these ports.
fn ports(list: &str) -> String {
    admin(&format!("egress: [{{action: Deny, to: [{{namespaces: {{}}}}], ports: {list}}}]"))
}

/// One with this subject.
fn subject(written: &str) -> String {
    cluster("").replace("subject: {namespaces: {}}", &format!("subject: {written}"))
}

/// The policy is no part of the snapshot, and its one diagnostic is its one blind spot.
#[track_caller]
fn check_unclear(text: &str, rule: &'static str, message: &str, under: &str) {
    let read = read(text);
    let diagnostics = read.diagnostics();
    let found: Vec<_> =
        diagnostics.iter().map(|it| [it[0].as_str(), it[1].as_str(), it[2].as_str()]).collect();
    let object = read.snapshot().blind_spots.first().and_then(|spot| spot.object.clone());
    let object = object.map(|object| object.to_string()).unwrap_or_default();
    let message = format!("in {object}, {message}");
    assert_eq!(found, [[format!("error {rule}").as_str(), message.as_str(), under]], "{text}");
    assert!(read.snapshot().cluster_policies.is_empty(), "{text}");
    assert_eq!(read.blind_spots(), [(rule, BlindScope::Everything)], "{text}");
    assert_eq!(read.snapshot().blind_spots[0].reason, message, "{text}");
}

/// The policy is part of the snapshot, and refused for this one reason.
#[track_caller]
fn check_refused(text: &str, rule: &str, message: &str, under: &str) {
    let read = read(text);
    let diagnostics = read.diagnostics();
    let found: Vec<_> =
        diagnostics.iter().map(|it| [it[0].as_str(), it[1].as_str(), it[2].as_str()]).collect();
    assert_eq!(found, [[format!("error {rule}").as_str(), message, under]], "{text}");
    assert_eq!(read.snapshot().cluster_policies[0].admission, Admission::Refused, "{text}");
    assert_eq!(read.blind_spots(), [], "{text}");
}

#[test]
fn what_must_be_there_and_is_not_leaves_a_blind_spot() {
    let spec = "{tier: Admin, priority: 7, subject: {namespaces: {}}, }";
    let without = |part: &str| cluster("").replace(part, "");
    check_unclear(
        &without("tier: Admin, "),
        "missing-field",
        "the policy has no `tier`",
        &spec.replace("tier: Admin, ", ""),
    );
    check_unclear(
        &without("priority: 7, "),
        "missing-field",
        "the policy has no `priority`",
        &spec.replace("priority: 7, ", ""),
    );
    check_unclear(
        &without("subject: {namespaces: {}}, "),
        "missing-field",
        "the policy has no `subject`",
        &spec.replace("subject: {namespaces: {}}, ", ""),
    );
    check_unclear(&subject("{}"), "missing-field", "the subject names no pods", "{}");
    check_unclear(&subject("{pods: {}}"), "missing-field", "an element `pods` has no `podSelector`", "{}");
    check_unclear(
        &admin("").replace("{namespaces: {}}", "{pods: {podSelector: {}}}"),
        "missing-field",
        "an element `pods` has no `namespaceSelector`",
        "{podSelector: {}}",
    );
    for rule in ["{to: [{namespaces: {}}]}", "{action: \"\", to: [{namespaces: {}}]}"] {
        check_unclear(&egress(rule), "missing-field", "a rule has no `action`", rule);
    }
    for rule in ["{action: Deny}", "{action: Deny, to: []}", "{action: Deny, to: null}"] {
        check_unclear(&egress(rule), "missing-field", "a rule has no `to`", rule);
    }
    let head =
        "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p}";
    check_unclear(head, "missing-field", "the policy has no `spec`", head);
}

#[test]
fn values_that_the_schema_does_not_have_leave_a_blind_spot() {
    let priority = |written: &str| cluster("").replace("priority: 7", &format!("priority: {written}"));
    check_unclear(
        &cluster("").replace("Admin", "Platform"),
        "invalid-value",
        "there is no tier `Platform`",
        "Platform",
    );
    check_unclear(&priority("1001"), "invalid-value", "there is no priority 1001", "1001");
    check_unclear(&priority("-1"), "invalid-value", "there is no priority -1", "-1");
    check_unclear(&priority("1.5"), "wrong-type", "`priority` must be a whole number, not a fraction", "1.5");
    check_unclear(
        &egress("{action: Log, to: [{namespaces: {}}]}"),
        "invalid-value",
        "there is no action `Log`",
        "Log",
    );
    check_unclear(&egress("null"), "wrong-type", "`rule` is null", "null");
    check_unclear(&egress("{action: Deny, to: [null]}"), "wrong-type", "`to` is null", "null");
}

#[test]
fn values_whose_meaning_is_clear_are_read_and_refused() {
    let in_p = |message: &str| format!("in ClusterNetworkPolicy p, {message}");
    check_refused(
        &cluster("").replace("Admin", "admin"),
        "invalid-value",
        &in_p("the tier `admin` is spelled wrong"),
        "admin",
    );
    let text = cluster("").replace("priority: 7", "priority: \"7\"");
    check_refused(&text, "wrong-type", &in_p("`priority` must be a number, not a string"), "\"7\"");
    check_refused(
        &egress("{action: Allow, to: [{namespaces: {}}]}"),
        "invalid-value",
        &in_p("the action `Allow` is none of this kind"),
        "Allow",
    );
    let name = "n".repeat(101);
    check_refused(
        &egress(&format!("{{name: {name}, action: Deny, to: [{{namespaces: {{}}}}]}}")),
        "invalid-name",
        &in_p("the name of a rule is longer than 100 characters"),
        &name,
    );
    check_refused(
        &baseline("").replace("name: default", "name: other"),
        "invalid-name",
        "in BaselineAdminNetworkPolicy other, the name is not `default`",
        "other",
    );
    check_refused(
        &cluster("engress: []"),
        "unknown-field",
        &in_p("there is no field `engress` here"),
        "engress",
    );
}

#[test]
fn lists_are_bounded_and_more_so_in_the_newer_api() {
    let many = |element: &str, count: usize| vec![element; count].join(", ");
    let rules =
        |count: usize| format!("ingress: [{}]", many("{action: Deny, from: [{namespaces: {}}]}", count));
    let peers =
        |count: usize| format!("ingress: [{{action: Deny, from: [{}]}}]", many("{namespaces: {}}", count));
    for (max, object, write) in [
        (25, "ClusterNetworkPolicy p", cluster as fn(&str) -> String),
        (100, "AdminNetworkPolicy p", admin),
        (100, "BaselineAdminNetworkPolicy default", baseline),
    ] {
        for (field, list) in [("ingress", &rules as &dyn Fn(usize) -> String), ("from", &peers)] {
            assert_eq!(read(&write(&list(max))).rules(), Vec::<&str>::new(), "{object} {field}");
            let message = format!("in {object}, `{field}` has more than {max} elements");
            check_refused(&write(&list(max + 1)), "invalid-value", &message, field);
        }
    }
    let networks = |count: usize| {
        let all: Vec<String> = (0..count).map(|it| format!("10.{it}.0.0/16")).collect();
        egress(&format!("{{action: Deny, to: [{{networks: [{}]}}]}}", all.join(", ")))
    };
    assert_eq!(read(&networks(25)).rules(), Vec::<&str>::new());
    assert_eq!(read(&networks(26)).rules(), ["invalid-value"]);
}

#[test]
fn a_peer_is_one_thing() {
    let to = |peer: &str| egress(&format!("{{action: Accept, to: [{peer}]}}"));
    check_unclear(
        &to("{namespaces: {}, pods: {podSelector: {}}}"),
        "invalid-peer",
        "a peer has both `namespaces` and `pods`",
        "pods",
    );
    check_unclear(
        &subject("{namespaces: {}, pods: {podSelector: {}}}"),
        "invalid-peer",
        "the subject has both `namespaces` and `pods`",
        "pods",
    );
    check_unclear(&to("{networks: []}"), "invalid-value", "`networks` is empty", "networks");
    check_unclear(&to("{networks: [null]}"), "wrong-type", "`networks[0]` is null", "null");
    check_refused(
        &to("{networks: [10.0.0.0/8, 10.0.0.0/8]}"),
        "invalid-value",
        "in ClusterNetworkPolicy p, `networks` holds `10.0.0.0/8` more than once",
        "10.0.0.0/8",
    );
    check_unclear(&to("{domainNames: []}"), "invalid-value", "`domainNames` is empty", "domainNames");
    check_unclear(
        &to("{domainNames: [localhost]}"),
        "invalid-name",
        "`localhost` is no domain name",
        "localhost",
    );
}

#[test]
fn n69_named_ports_are_those_of_pods() {
    for (peer, field) in [
        ("networks: [10.0.0.0/8]", "networks"),
        ("nodes: {}", "nodes"),
        ("domainNames: [a.b]", "domainNames"),
    ] {
        let rule = format!(
            "{{action: Accept, to: [{{namespaces: {{}}}}, {{{peer}}}], protocols: [{{destinationNamedPort: web}}]}}"
        );
        let message = format!("the named port `web` stands in a rule for `{field}`");
        check_unclear(&egress(&rule), "invalid-peer", &message, "{destinationNamedPort: web}");
    }
}

#[test]
fn n70_domain_names_only_accept() {
    for action in ["Deny", "Pass"] {
        let message = format!("`domainNames` stands in a rule with the action `{action}`");
        let rule = format!("{{action: {action}, to: [{{domainNames: [a.b]}}]}}");
        check_unclear(&egress(&rule), "invalid-peer", &message, "domainNames");
    }
}

#[test]
fn n69_ports_that_mean_nothing_leave_a_blind_spot() {
    let element = "an element of `protocols`";
    check_unclear(&protocols("[]"), "invalid-value", "`protocols` is empty", "protocols");
    check_unclear(&protocols("[{}]"), "missing-field", &format!("{element} names no port"), "{}");
    check_unclear(
        &protocols("[{tcp: {destinationPort: {number: 1}}, udp: {destinationPort: {number: 1}}}]"),
        "invalid-port-range",
        &format!("{element} has both `tcp` and `udp`"),
        "udp",
    );
    check_unclear(
        &protocols("[{destinationNamedPort: \"\"}]"),
        "invalid-name",
        "`destinationNamedPort` is empty",
        "\"\"",
    );
    let tcp = |port: &str| protocols(&format!("[{{tcp: {{destinationPort: {port}}}}}]"));
    check_unclear(&tcp("{}"), "missing-field", "a `destinationPort` names no port", "{}");
    check_unclear(
        &tcp("{number: 1, range: {start: 1, end: 2}}"),
        "invalid-port-range",
        "a `destinationPort` has both `number` and `range`",
        "range",
    );
    check_unclear(&tcp("{number: 0}"), "invalid-port-range", "there is no port 0", "0");
    check_unclear(&tcp("{number: 65536}"), "invalid-port-range", "there is no port 65536", "65536");
    check_unclear(&tcp("{range: {start: 1}}"), "missing-field", "a port range has no `end`", "{start: 1}");
    check_unclear(
        &tcp("{range: {start: 2, end: 1}}"),
        "invalid-port-range",
        "the port range 2 to 1 is reversed",
        "1",
    );
    check_unclear(
        &ports("[{portRange: {start: 2, end: 1}}]"),
        "invalid-port-range",
        "the port range 2 to 1 is reversed",
        "1",
    );
    check_unclear(
        &ports("[{portNumber: {protocol: \"\", port: 1}}]"),
        "invalid-value",
        "there is no protocol ``",
        "\"\"",
    );
    check_unclear(
        &ports("[{portNumber: {protocol: ICMP, port: 1}}]"),
        "invalid-value",
        "there is no protocol `ICMP`",
        "ICMP",
    );
    check_unclear(
        &ports("[{portRange: {protocol: tcp, start: 1, end: 2}}]"),
        "invalid-value",
        "there is no protocol `tcp`",
        "tcp",
    );
    check_unclear(
        &ports("[{portNumber: {protocol: TCP}}]"),
        "missing-field",
        "a `portNumber` has no `port`",
        "{protocol: TCP}",
    );
    check_refused(
        &tcp("{range: {start: 2, end: 2}}"),
        "invalid-port-range",
        "in ClusterNetworkPolicy p, the port range 2 to 2 is one port",
        "2",
    );
}

#[test]
fn a_port_name_that_no_container_has_is_a_warning() {
    let read = read(&protocols("[{destinationNamedPort: a-name-that-is-too-long}]"));
    assert_eq!(read.diagnostics()[0][0], "warning invalid-name");
    assert_eq!(read.snapshot().cluster_policies[0].admission, Admission::Accepted);
}

#[test]
fn n16_a_selector_that_is_none_leaves_a_blind_spot() {
    let namespaces = |written: &str| subject(&format!("{{namespaces: {written}}}"));
    check_unclear(&namespaces("{matchLabels: {app: null}}"), "invalid-selector", "`app` has no value", "app");
    check_unclear(
        &namespaces("{matchExpressions: [{key: app, operator: in, values: [a]}]}"),
        "invalid-selector",
        "there is no operator `in`",
        "in",
    );
    check_unclear(
        &namespaces("{matchExpressions: [{key: app, operator: Exists, values: [a]}]}"),
        "invalid-selector",
        "`Exists` takes no values, and has some for `app`",
        "[a]",
    );
    check_unclear(
        &namespaces("{matchExpressions: [{key: app, operator: In, values: [a, null]}]}"),
        "wrong-type",
        "`values` is null",
        "null",
    );
    let odd = read(&namespaces("{matchLabels: {app: \"-\"}}"));
    assert_eq!(odd.rules(), ["invalid-label"]);
    assert_eq!(odd.blind_spots(), [("invalid-label", BlindScope::Everything)]);
}
