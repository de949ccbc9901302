//! NetworkPolicy: each field of it, since each is read.

use super::values::{
    cidrs, expressions, label_maps, no_lists, no_mappings, numbers_or_names, port_numbers, protocols,
    selectors,
};
use super::{Field, Kind, all_of, field, inside, metadata};
use serde_json::{Value, json};

pub(super) fn kind() -> Kind {
    let mut fields = metadata::fields();
    fields.push(metadata::namespace());
    fields.extend(inside("/spec", spec()));
    fields.extend(inside("/spec/ingress/0/from", peers()));
    fields.extend(inside("/spec/ingress/0/ports", ports()));
    fields.extend([
        field("/apiVersion", json!(["extensions/v1beta1", "networking.k8s.io/v1beta1"])),
        field("/kind", json!(["networkpolicy", "NetworkPolicies"])),
        field("/metadata/label", json!([{}])),
        field("/spec", all_of([no_mappings(), json!([{}, { "podSelector": {} }])])),
        field("/specs", json!([{}])),
        field("/status", json!([{}, null, "x", { "conditions": [] }])),
    ]);
    Kind {
        name: "NetworkPolicy",
        api_version: "networking.k8s.io/v1",
        plural: "networkpolicies",
        namespaced: true,
        bases: vec![
            json!({
                "metadata": { "name": "p", "labels": { "app": "web" } },
                "spec": {
                    "podSelector": { "matchLabels": { "app": "web" } },
                    "policyTypes": ["Ingress", "Egress"],
                    "ingress": [{
                        "from": [
                            { "podSelector": { "matchLabels": { "app": "web" } } },
                            { "ipBlock": { "cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"] } },
                        ],
                        "ports": [{ "port": 80, "protocol": "TCP" }, { "port": "http" }],
                    }],
                    "egress": [{ "to": [{ "namespaceSelector": {}, "podSelector": {} }], "ports": [{ "port": 53, "endPort": 54 }] }],
                },
            }),
            json!({ "metadata": { "generateName": "p-" }, "spec": { "podSelector": {}, "egress": [{}] } }),
        ],
        fields,
    }
}

fn spec() -> Vec<Field> {
    vec![
        field("/podSelector", selectors()),
        field("/podSelector/matchLabels", label_maps()),
        field("/podSelector/matchExpressions/0", expressions()),
        field("/policyTypes", types()),
        field("/ingress", rules("from")),
        field("/egress", rules("to")),
        field("/Ingress", json!([[]])),
        field("/egres", json!([[]])),
    ]
}

fn types() -> Value {
    let types = json!([
        [],
        ["Ingress"],
        ["Egress"],
        ["Egress", "Ingress"],
        ["Ingress", "Ingress"],
        ["Ingress", "Egress", "Ingress"],
        ["ingress"],
        ["EGRESS"],
        ["Both"],
        [""],
        [null],
        ["Ingress", null],
        [7],
        [true],
        [["Ingress"]],
        "Ingress",
        ["Ingress "],
    ]);
    all_of([types, no_lists()])
}

/// Lists of rules whose peers stand in this field.
fn rules(peers: &str) -> Value {
    let other = if peers == "from" { "to" } else { "from" };
    let rules = json!([
        [], [{}], [{}, {}], [null, {}],
        [{ peers: [] }], [{ peers: null }], [{ peers: {} }], [{ peers: "x" }], [{ peers: [null] }], [{ peers: [{}] }],
        [{ other: [] }], [{ other: [{ "podSelector": {} }] }],
        [{ "ports": [] }], [{ "ports": null }], [{ "ports": {} }], [{ "ports": 80 }], [{ "ports": [80] }],
        [{ "ports": [null] }], [{ "ports": [{}] }], [{ "port": 80 }], [{ "Ports": [] }],
    ]);
    all_of([rules, no_lists()])
}

/// What stands in `from` or `to`.
fn peers() -> Vec<Field> {
    let peers = json!([
        {}, { "podSelector": null }, { "podSelector": {} }, { "namespaceSelector": {} },
        { "namespaceSelector": null, "podSelector": {} },
        { "podSelector": {}, "namespaceSelector": {} },
        { "ipBlock": null }, { "ipBlock": {} }, { "ipBlock": { "cidr": "10.0.0.0/8" } },
        { "ipBlock": { "cidr": "10.0.0.0/8" }, "podSelector": null },
        { "ipBlock": { "cidr": "10.0.0.0/8" }, "podSelector": {} },
        { "ipBlock": { "cidr": "10.0.0.0/8" }, "namespaceSelector": {} },
        { "ipBlock": {}, "podSelector": {} },
        { "ipBlock": null, "podSelector": {} },
        { "ipBlock": "10.0.0.0/8" }, { "ipBlock": [] },
        { "ipBlock": { "cidr": "10.0.0.0/8", "excepts": [] } },
        { "podSelector": {}, "namespaceselector": {} }, { "matchLabels": {} },
        { "podSelector": {}, "serviceAccountSelector": {} },
    ]);
    let excepts = json!([
        [],
        ["10.0.0.0/8"],
        ["10.0.0.0/7"],
        ["10.1.0.0/16", "10.1.0.0/16"],
        ["10.1.0.0/16", "10.1.2.0/24"],
        ["192.168.0.0/16"],
        ["fd00::/8"],
        ["0.0.0.0/0"],
        ["10.1.0.0/16", null],
        [""],
        "10.1.0.0/16",
    ]);
    vec![
        field("", no_lists()),
        field("/0", all_of([peers, no_mappings()])),
        field("/0/podSelector", selectors()),
        field("/0/podSelector/matchLabels", label_maps()),
        field("/0/podSelector/matchExpressions/0", expressions()),
        field("/0/namespaceSelector", selectors()),
        field("/0/namespaceSelector/matchExpressions/0", expressions()),
        field("/1/ipBlock/cidr", cidrs()),
        field("/1/ipBlock/except", all_of([excepts, no_lists()])),
        field("/1/ipBlock/except/0", cidrs()),
    ]
}

fn ports() -> Vec<Field> {
    let ports = json!([
        {}, { "protocol": "UDP" }, { "port": 80, "endPort": 80 }, { "port": 80, "endPort": 90 },
        { "port": 90, "endPort": 80 }, { "endPort": 80 }, { "port": null, "endPort": 80 },
        { "port": "http", "endPort": 80 }, { "port": 80, "endPort": 0 }, { "port": 80, "endPort": null },
        { "port": 0, "endPort": 80 }, { "port": 80, "endport": 90 }, { "number": 80 }, { "port": 80, "name": "http" },
        { "port": 1, "endPort": 65535 }, { "port": 1, "endPort": 65536 }, { "port": 80, "endPort": -1 },
    ]);
    vec![
        field("", no_lists()),
        field("/0", all_of([ports, no_mappings()])),
        field("/0/port", numbers_or_names()),
        field("/0/endPort", port_numbers()),
        field("/0/protocol", protocols()),
    ]
}
