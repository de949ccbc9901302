//! The administrator's policies: ClusterNetworkPolicy, AdminNetworkPolicy and BaselineAdminNetworkPolicy, which say much the
//! same in words of their own.

use super::values::{cidrs, no_lists, no_mappings, no_numbers, no_texts, port_numbers, protocols, selectors};
use super::{Field, Kind, all_of, field, inside, metadata};
use serde_json::{Value, json};

/// What one kind says in its own way.
struct Words {
    kind: &'static str,
    api_version: &'static str,
    plural: &'static str,
    /// The only name that a policy may have, if there is one.
    name: &'static str,
    accept: &'static str,
    /// The field of a rule's ports, and two elements of it: a port and a range.
    ports: &'static str,
    port: Value,
    range: Value,
    /// What stands in `spec` beside the subject and the rules.
    head: Value,
    /// The most elements of a list.
    max: usize,
}

pub(super) fn kinds() -> Vec<Kind> {
    let older = |kind, plural, name, head| Words {
        kind,
        api_version: "policy.networking.k8s.io/v1alpha1",
        plural,
        name,
        accept: "Allow",
        ports: "ports",
        port: json!({ "portNumber": { "protocol": "TCP", "port": 80 } }),
        range: json!({ "portRange": { "protocol": "UDP", "start": 1, "end": 2 } }),
        head,
        max: 100,
    };
    let newer = Words {
        kind: "ClusterNetworkPolicy",
        api_version: "policy.networking.k8s.io/v1alpha2",
        plural: "clusternetworkpolicies",
        name: "p",
        accept: "Accept",
        ports: "protocols",
        port: json!({ "tcp": { "destinationPort": { "number": 80 } } }),
        range: json!({ "udp": { "destinationPort": { "range": { "start": 1, "end": 2 } } } }),
        head: json!({ "tier": "Admin", "priority": 10 }),
        max: 25,
    };
    let admin = older("AdminNetworkPolicy", "adminnetworkpolicies", "p", json!({ "priority": 10 }));
    let baseline = older("BaselineAdminNetworkPolicy", "baselineadminnetworkpolicies", "default", json!({}));
    [newer, admin, baseline].into_iter().map(|words| kind(&words)).collect()
}

fn kind(words: &Words) -> Kind {
    let mut fields = metadata::fields();
    fields.push(field("/metadata/namespace", json!(["", null])));
    fields.extend(inside("/spec", spec(words)));
    fields.extend(inside("/spec/ingress/0", rule(words)));
    fields.extend(inside("/spec/ingress/0/from", peers(words)));
    fields.extend(inside("/spec/egress/0", rule(words)));
    fields.extend(inside("/spec/egress/0", vec![egress_rules(words)]));
    fields.extend(inside("/spec/egress/0/to", peers(words)));
    fields.extend(inside("/spec/egress/0/to", destinations()));
    let of_ports = if words.ports == "protocols" { protocols_of_rule() } else { ports_of_rule() };
    fields.extend(inside(&format!("/spec/ingress/0/{}", words.ports), of_ports));
    fields.extend([
        field("/spec", all_of([no_mappings(), json!([{}, words.head])])),
        field("/specs", json!([{}])),
    ]);
    let mut bases = vec![json!({
        "metadata": { "name": words.name, "labels": { "app": "web" } },
        "spec": spec_of(words, &json!({ "pods": { "namespaceSelector": {}, "podSelector": { "matchLabels": { "app": "web" } } } })),
    })];
    if words.name != "default" {
        bases.push(json!({
            "metadata": { "generateName": "p-" },
            "spec": spec_of(words, &json!({ "namespaces": { "matchLabels": { "team": "web" } } })),
        }));
    }
    let (name, api_version, plural) = (words.kind, words.api_version, words.plural);
    Kind { name, api_version, plural, namespaced: false, bases, fields }
}

/// A valid spec about this subject.
fn spec_of(words: &Words, subject: &Value) -> Value {
    let mut spec = words.head.clone();
    spec["subject"] = subject.clone();
    spec["ingress"] = json!([
        {
            "name": "in",
            "action": words.accept,
            "from": [
                { "namespaces": { "matchLabels": { "team": "web" } } },
                { "pods": { "namespaceSelector": {}, "podSelector": { "matchLabels": { "app": "web" } } } },
            ],
            words.ports: [words.port, words.range],
        },
        { "action": "Deny", "from": [{ "namespaces": {} }] },
    ]);
    spec["egress"] = json!([{
        "action": words.accept,
        "to": [{ "namespaces": {} }, { "networks": ["10.0.0.0/8"] }],
        words.ports: [words.port],
    }]);
    spec
}

fn spec(words: &Words) -> Vec<Field> {
    let subjects = json!([
        {}, { "namespaces": {} }, { "namespaces": null }, { "pods": {} }, { "pods": { "podSelector": {} } },
        { "pods": { "namespaceSelector": {} } }, { "pods": { "namespaceSelector": {}, "podSelector": {} } },
        { "namespaces": {}, "pods": { "namespaceSelector": {}, "podSelector": {} } },
        { "namespaces": {}, "pods": null }, { "nodes": {} }, { "namespaces": {}, "nodes": {} }, { "Namespaces": {} },
    ]);
    let tiers = json!(["Admin", "Baseline", "admin", "ADMIN", "Other", "", " Admin", null, 7, ["Admin"]]);
    let priorities = json!([0, 1, 999, 1000, 1001, -1, 10.0, 2_147_483_648_u64]);
    vec![
        field("/tier", tiers),
        field("/priority", all_of([priorities, no_numbers()])),
        field("/subject", all_of([subjects, no_mappings()])),
        field("/subject/pods/podSelector", selectors()),
        field("/subject/pods/podSelector/matchLabels", labels()),
        field("/subject/pods/podSelector/matchExpressions/0", expressions()),
        field("/ingress", rules(words, "from")),
        field("/egress", rules(words, "to")),
        field("/Ingress", json!([[]])),
        field("/policyTypes", json!([["Ingress"]])),
    ]
}

/// Elements of `matchExpressions`: the schema looks at their types alone.
fn expressions() -> Value {
    all_of([
        json!([
            { "key": "app", "operator": "Exists" },
            { "key": "app", "operator": "In", "values": ["web"] },
            { "key": "app", "operator": "Exists", "values": null },
            { "key": "app", "operator": "DoesNotExist", "values": [] },
            {}, null, "x", 7, [],
            { "key": "app" },
            { "operator": "Exists" },
            { "key": null, "operator": "Exists" },
            { "key": 7, "operator": "Exists" },
            { "key": "app", "operator": null },
            { "key": "app", "operator": 7 },
            { "key": "app", "operator": "In", "values": "a" },
            { "key": "app", "operator": "In", "values": {} },
            { "key": "app", "operator": "In", "values": [null] },
            { "key": "app", "operator": "In", "values": [7] },
            { "key": "app", "operator": "In", "values": ["a"], "Values": ["b"] },
        ]),
        odd_expressions(),
    ])
}

/// Expressions of the right types that no selector has.
pub(crate) fn odd_expressions() -> Value {
    json!([
        { "key": "app", "operator": "" },
        { "key": "app", "operator": "in", "values": ["a"] },
        { "key": "app", "operator": "Gt", "values": ["1"] },
        { "key": "app", "operator": "In" },
        { "key": "app", "operator": "NotIn", "values": [] },
        { "key": "app", "operator": "Exists", "values": ["a"] },
        { "key": "app", "operator": "In", "values": ["-a"] },
        { "key": "-app", "operator": "Exists" },
    ])
}

/// Labels that no object has.
pub(crate) fn odd_labels() -> Value {
    json!([{ "-app": "web" }, { "app": "-web" }, { "": "web" }, { "a b": "web" }])
}

fn labels() -> Value {
    all_of([
        json!([{}, { "app": "web" }, { "app": 7 }, { "app": null }, { "app": [] }]),
        no_mappings(),
        odd_labels(),
    ])
}

/// Lists of rules whose peers stand in this field.
fn rules(words: &Words, peers: &str) -> Value {
    let other = if peers == "from" { "to" } else { "from" };
    let everyone = json!([{ "namespaces": {} }]);
    let rule = json!({ "action": "Deny", peers: everyone });
    let many = |count: usize| Value::from(vec![rule.clone(); count]);
    let rules = json!([
        [], [{}], [rule], [rule, null], [rule, {}],
        [{ "action": "Deny" }], [{ peers: everyone }],
        [{ "action": "Deny", peers: [] }], [{ "action": "Deny", peers: null }], [{ "action": "Deny", peers: {} }],
        [{ "action": "Deny", other: everyone }], [{ "action": "Deny", peers: everyone, other: everyone }],
        [{ "action": "Deny", peers: everyone, "ports": null, "protocols": null }],
        [{ "Action": "Deny", peers: everyone }],
        [{ "name": "same", "action": "Deny", peers: everyone }, { "name": "same", "action": "Pass", peers: everyone }],
        many(words.max), many(words.max + 1),
    ]);
    all_of([rules, no_lists()])
}

/// What stands in every rule.
fn rule(words: &Words) -> Vec<Field> {
    let actions = json!(["Accept", "Allow", "Deny", "Pass", "deny", "DENY", "Log", "", " Deny"]);
    let names = json!(["", "a", "A b/c", "é", "a".repeat(100), "a".repeat(101), "é".repeat(100)]);
    let many = |count: usize| Value::from(vec![words.port.clone(); count]);
    let ports = json!([
        [],
        [words.port, words.range],
        [words.port, null],
        [{}],
        many(words.max),
        many(words.max + 1)
    ]);
    vec![
        field("/action", all_of([actions, no_texts()])),
        field("/name", all_of([names, no_texts()])),
        field(format!("/{}", words.ports), all_of([ports, no_lists()])),
        field(if words.ports == "ports" { "/protocols" } else { "/ports" }, json!([[], [words.port]])),
    ]
}

/// What stands in `from` and in `to`.
fn peers(words: &Words) -> Vec<Field> {
    let pods = json!({ "namespaceSelector": {}, "podSelector": {} });
    let one = json!([
        {}, { "namespaces": {} }, { "namespaces": null }, { "pods": {} }, { "pods": pods }, { "pods": null },
        { "pods": { "podSelector": {} } }, { "pods": { "namespaceSelector": {} } },
        { "pods": { "namespaceSelector": null, "podSelector": {} } },
        { "namespaces": {}, "pods": pods }, { "namespaces": {}, "pods": null },
        { "nodes": {} }, { "networks": ["10.0.0.0/8"] }, { "domainNames": ["example.com"] },
        { "namespaces": {}, "networks": ["10.0.0.0/8"] }, { "podSelector": {} }, { "ipBlock": { "cidr": "10.0.0.0/8" } },
        { "pods": { "namespaceSelector": {}, "podSelector": {}, "namespaces": {} } },
        { "namespaces": { "sameLabels": ["team"] } }, { "Namespaces": {} },
    ]);
    let many = |count: usize| Value::from(vec![json!({ "namespaces": {} }); count]);
    vec![
        field("", all_of([json!([many(words.max), many(words.max + 1)]), no_lists()])),
        field("/0", all_of([one, no_mappings()])),
        field("/0/namespaces", selectors()),
        field("/0/namespaces/matchExpressions/0", expressions()),
    ]
}

/// Rules for egress as a whole, where one field decides what another may be.
fn egress_rules(words: &Words) -> Field {
    let named = match words.ports {
        "ports" => json!([{ "namedPort": "web" }]),
        _ => json!([{ "destinationNamedPort": "web" }]),
    };
    let peers = [
        json!({ "namespaces": {} }),
        json!({ "networks": ["10.0.0.0/8"] }),
        json!({ "nodes": {} }),
        json!({ "domainNames": ["example.com"] }),
    ];
    let rules = peers.into_iter().flat_map(|peer| {
        let of = |action: &str| json!({ "action": action, "to": [peer] });
        let mut by_name = of(words.accept);
        by_name[words.ports] = named.clone();
        [by_name, of("Deny"), of("Pass")]
    });
    field("", rules.collect())
}

/// What stands in `to` alone.
fn destinations() -> Vec<Field> {
    let networks =
        |count: usize| (0..count).map(|number| json!(format!("10.{number}.0.0/16"))).collect::<Value>();
    let lists = json!([
        [],
        ["10.0.0.0/8", "10.0.0.0/8"],
        ["10.0.0.0/8", "10.1.0.0/16"],
        ["0.0.0.0/0", "::/0"],
        ["10.0.0.0/8", null],
        networks(25),
        networks(26),
    ]);
    let of = |key: &str, value: Value| json!([{ key: value }]);
    let names = [
        "example.com",
        "*.example.com",
        "*",
        "*.com",
        "com",
        "example.com.",
        "Example.com",
        "*.*.com",
        "a.*.com",
        "-a.com",
        "a-.com",
        "a_b.com",
        "a..com",
        "",
        ".com",
        "192.0.2.1",
        "é.com",
        "kubernetes",
    ];
    let names = names.into_iter().map(|name| of("domainNames", json!([name])));
    let long = [63, 64].map(|length| of("domainNames", json!([format!("{}.com", "a".repeat(length))])));
    let lists_of_names = json!([
        [{ "domainNames": [] }], [{ "domainNames": ["a.com", "a.com"] }], [{ "domainNames": "a.com" }], [{ "domainNames": [null] }],
        [{ "nodes": {} }], [{ "nodes": null }], [{ "nodes": [] }], [{ "nodes": { "matchLabels": { "a": "b" } } }],
        [{ "networks": {} }], [{ "networks": "10.0.0.0/8" }], [{ "networks": [7] }], [{ "networks": null }],
    ]);
    vec![
        field("", names.chain(long).chain(lists_of_names.as_array().cloned().unwrap_or_default()).collect()),
        field("/1/networks", all_of([lists, no_lists()])),
        field("/1/networks/0", cidrs()),
    ]
}

/// Elements of `protocols`.
fn protocols_of_rule() -> Vec<Field> {
    let tcp = |port: Value| json!({ "tcp": { "destinationPort": port } });
    let range = |start: Value, end: Value| tcp(json!({ "range": { "start": start, "end": end } }));
    let one = json!([
        {}, { "tcp": {} }, { "tcp": null }, { "udp": {} }, { "tcp": { "destinationPort": null } }, tcp(json!({})),
        tcp(json!({ "number": 80, "range": { "start": 1, "end": 2 } })), tcp(json!({ "number": 80, "range": null })),
        tcp(json!(80)), tcp(json!({ "port": 80 })),
        range(json!(1), json!(2)), range(json!(2), json!(2)), range(json!(3), json!(2)), range(json!(0), json!(2)),
        range(json!(1), json!(65535)), range(json!(1), json!(65536)), range(json!(1), json!(null)), range(json!("1"), json!(2)),
        { "tcp": { "destinationPort": { "number": 80 }, "sourcePort": {} } },
        { "tcp": { "destinationPort": { "number": 80 } }, "udp": { "destinationPort": { "number": 80 } } },
        { "sctp": { "destinationPort": { "number": 80 } } }, { "icmp": {} }, { "TCP": { "destinationPort": { "number": 80 } } },
        { "destinationNamedPort": "web" }, { "destinationNamedPort": "" }, { "destinationNamedPort": null },
        { "destinationNamedPort": 80 }, { "destinationNamedPort": "a name that is too long for a port" },
        { "destinationNamedPort": "web", "tcp": { "destinationPort": { "number": 80 } } },
    ]);
    vec![
        field("/0", all_of([one, no_mappings()])),
        field("/0/tcp/destinationPort/number", port_numbers()),
        field("/1/udp/destinationPort/range/end", port_numbers()),
    ]
}

/// Elements of `ports`.
fn ports_of_rule() -> Vec<Field> {
    let range =
        |start: Value, end: Value| json!({ "portRange": { "protocol": "TCP", "start": start, "end": end } });
    let one = json!([
        {}, { "portNumber": {} }, { "portNumber": null }, { "portNumber": { "port": 80 } }, { "portNumber": { "protocol": "TCP" } },
        { "portNumber": 80 }, { "portRange": {} }, { "portRange": { "start": 1, "end": 2 } }, { "portRange": { "start": 1 } },
        range(json!(1), json!(2)), range(json!(2), json!(2)), range(json!(3), json!(2)), range(json!(0), json!(2)),
        range(json!(1), json!(65535)), range(json!(1), json!(65536)), range(json!(1), json!(null)),
        { "portNumber": { "port": 80 }, "portRange": { "start": 1, "end": 2 } }, { "portNumber": { "port": 80 }, "namedPort": "web" },
        { "namedPort": "web" }, { "namedPort": "" }, { "namedPort": null }, { "namedPort": 80 }, { "port": 80 },
        { "portNumber": { "port": 80, "name": "web" } },
    ]);
    vec![
        field("/0", all_of([one, no_mappings()])),
        field("/0/portNumber/port", port_numbers()),
        field("/0/portNumber/protocol", protocols()),
        field("/1/portRange/start", port_numbers()),
    ]
}
