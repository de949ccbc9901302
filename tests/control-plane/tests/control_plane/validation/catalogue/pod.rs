//! Pod, and what a pod template has in common with it.

use super::values::{
    addresses, booleans, expressions, label_maps, names, no_lists, no_mappings, no_texts, numbers_or_names,
    port_names, port_numbers, protocols,
};
use super::{Field, Kind, MISSING, all_of, field, inside, metadata};
use serde_json::{Value, json};

pub(super) fn kind() -> Kind {
    let mut fields = metadata::fields();
    fields.push(metadata::namespace());
    fields.extend(spec());
    Kind {
        name: "Pod",
        api_version: "v1",
        plural: "pods",
        namespaced: true,
        bases: vec![
            json!({ "metadata": { "name": "p", "labels": { "app": "web" } }, "spec": valid() }),
            json!({ "metadata": { "generateName": "p-" }, "spec": on_the_host() }),
        ],
        fields,
    }
}

/// A valid spec that says much.
pub(super) fn valid() -> Value {
    json!({
        "nodeSelector": { "disk": "ssd" },
        "tolerations": [{ "key": "dedicated", "operator": "Equal", "value": "web", "effect": "NoSchedule" }],
        "initContainers": [{ "name": "proxy", "image": "proxy", "restartPolicy": "Always", "ports": [{ "containerPort": 15000 }] }],
        "containers": [
            {
                "name": "web",
                "image": "web:1",
                "args": ["--port", "8080"],
                "ports": [{ "name": "http", "containerPort": 8080, "protocol": "TCP" }, { "containerPort": 8081 }],
                "livenessProbe": { "httpGet": { "port": 8080, "host": "127.0.0.1" } },
            },
            { "name": "other", "image": "other", "ports": [{ "name": "metrics", "containerPort": 9090 }] },
        ],
    })
}

/// A valid spec of a pod on its node's network.
fn on_the_host() -> Value {
    let ports =
        json!([{ "containerPort": 8080, "hostPort": 8080 }, { "name": "http", "containerPort": 8081 }]);
    let probe = json!({ "httpGet": { "port": "http" } });
    json!({
        "hostNetwork": true,
        "initContainers": [{ "name": "init", "image": "init" }],
        "containers": [{ "name": "web", "image": "web", "ports": ports, "livenessProbe": probe }],
    })
}

/// The fields of a pod's spec.
pub(super) fn spec() -> Vec<Field> {
    let mut fields = vec![
        field("/spec", all_of([no_mappings(), json!([{}])])),
        field("/spec/hostNetwork", booleans()),
        field("/spec/hostnetwork", json!([true])),
        field(
            "/spec/nodeName",
            all_of([json!(["node-1", "a.b", "Node", "a_b", "-a", "", "a".repeat(254)]), no_texts()]),
        ),
        field("/spec/nodeSelector", label_maps()),
        field("/spec/tolerations", tolerations()),
        field("/spec/affinity", affinities()),
        field(
            "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution",
            node_affinities(),
        ),
        field(
            "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/0",
            expressions(),
        ),
        field("/spec/containers", containers()),
        field(
            "/spec/initContainers",
            all_of([json!([[], [{ "name": "web", "image": "x" }], [{ "image": "x" }]]), no_lists()]),
        ),
        field(
            "/spec/initContainers/0/restartPolicy",
            all_of([json!(["Always", "Never", "OnFailure", "always", "Sometimes", ""]), no_texts()]),
        ),
    ];
    fields.extend(inside("/spec/containers/0", container()));
    fields
}

fn containers() -> Value {
    let containers = json!([
        [], [{}], [null], [{ "name": "a", "image": "x" }], [{ "name": "a" }], [{ "image": "x" }],
        [{ "name": "a", "image": "x" }, { "name": "a", "image": "y" }],
        [{ "name": "a", "image": "x", "ports": [{ "name": "p", "containerPort": 1 }] },
         { "name": "b", "image": "x", "ports": [{ "name": "p", "containerPort": 2 }] }],
        [{ "name": "a", "image": "x", "ports": [{ "containerPort": 1, "hostPort": 1 }] },
         { "name": "b", "image": "x", "ports": [{ "containerPort": 1, "hostPort": 1 }] }],
        [{ "name": "a", "image": "x", "Ports": [] }],
    ]);
    all_of([containers, no_lists()])
}

/// The fields of a container.
fn container() -> Vec<Field> {
    let ports = json!([
        [], [{}], [{ "containerPort": 80 }, { "containerPort": 80 }],
        [{ "containerPort": 80, "name": "a" }, { "containerPort": 81, "name": "a" }],
        [{ "containerPort": 80, "name": "a" }, { "containerPort": 80, "name": "b", "protocol": "UDP" }],
        [{ "containerPort": 80, "hostPort": 80 }, { "containerPort": 81, "hostPort": 80 }],
        [{ "containerPort": 80, "hostPort": 80 }, { "containerPort": 80, "hostPort": 80 }],
        [{ "containerPort": 80, "hostPort": 80 }, { "containerPort": 80, "hostPort": 80, "protocol": "UDP" }],
        [{ "containerPort": 80, "hostPort": 80, "hostIP": "192.0.2.1" }, { "containerPort": 80, "hostPort": 80, "hostIP": "192.0.2.2" }],
        [{ "containerPort": 80, "hostPort": 80 }, { "containerPort": 80, "hostPort": 80, "hostIP": "192.0.2.2" }],
        [{ "containerPort": 80, "hostPort": 81 }],
        [{ "hostPort": 80 }], [{ "containerPort": 80, "host_port": 80 }],
    ]);
    let texts = json!([
        [],
        ["a", ""],
        ["a", null],
        ["a", 7],
        ["a", true],
        ["{{template}}"],
        ["a", ["b"]],
        "a",
        [null]
    ]);
    let host_addresses = json!([{ "containerPort": 80, "hostPort": 80 }]);
    let with_address = |address: &Value| {
        let mut ports = host_addresses.clone();
        ports[0]["hostIP"] = address.clone();
        ports
    };
    let host_ips =
        addresses().as_array().into_iter().flatten().filter(|ip| *ip != MISSING).map(with_address).collect();
    vec![
        field("/name", names()),
        field(
            "/image",
            all_of([json!(["x", "", " ", " x", "x ", "registry.example/x@sha256:0"]), no_texts()]),
        ),
        field("/command", all_of([texts.clone(), no_lists()])),
        field("/args", all_of([texts, no_lists()])),
        field("/ports", all_of([ports, no_lists(), host_ips])),
        field("/ports/0", no_mappings()),
        field("/ports/0/name", port_names()),
        field("/ports/0/containerPort", port_numbers()),
        field("/ports/0/protocol", protocols()),
        field("/ports/0/hostPort", port_numbers()),
        field("/livenessProbe", handlers()),
        field("/readinessProbe", handlers()),
        field(
            "/livenessProbe/httpGet/host",
            all_of([json!(["", "192.0.2.1", "a b", "web.production", "-"]), no_texts()]),
        ),
        field("/livenessProbe/httpGet/port", numbers_or_names()),
        field("/livenessProbe/tcpSocket", json!([{ "port": 1 }, { "host": "192.0.2.1", "port": "http" }])),
        field("/lifecycle/postStart", handlers()),
        field("/lifecycle", no_mappings()),
    ]
}

/// Probes and hooks.
fn handlers() -> Value {
    let handlers = json!([
        {}, { "httpGet": {} }, { "httpGet": null }, { "httpGet": [] },
        { "httpGet": { "port": 80 } }, { "httpGet": { "port": "http", "host": "192.0.2.1" } },
        { "httpGet": { "host": "192.0.2.1" } }, { "httpGet": { "host": 7, "port": 80 } },
        { "tcpSocket": { "port": 80 } }, { "tcpSocket": { "port": 80, "host": "192.0.2.1" } }, { "tcpSocket": {} },
        { "tcpSocket": { "host": "192.0.2.1" } },
        { "exec": { "command": ["true"] } },
        { "exec": { "command": ["true"] }, "tcpSocket": { "port": 80, "host": "192.0.2.1" } },
        { "httpGet": { "port": 80 }, "tcpSocket": { "port": 80 } },
    ]);
    all_of([handlers, no_mappings()])
}

fn tolerations() -> Value {
    let tolerations = json!([
        [], [{}], [{ "operator": "Exists" }], [{ "operator": "Exists", "effect": "NoExecute" }],
        [{ "operator": "Equal", "value": "a" }], [{ "value": "a" }], [{ "key": "a" }], [{ "key": "a", "value": "" }],
        [{ "key": "a", "operator": "Exists", "value": "b" }], [{ "key": "a", "operator": "Exists" }],
        [{ "operator": "Exists", "value": "b" }],
        [{ "key": "a", "operator": "Equal", "value": "-b" }], [{ "key": "a", "operator": "Equal", "value": "b c" }],
        [{ "key": "a", "operator": "" }], [{ "key": "a", "operator": "equal" }], [{ "key": "a", "operator": "In" }],
        [{ "key": "a", "operator": "Gt", "value": "7" }], [{ "key": "a", "operator": "Lt", "value": "x" }],
        [{ "key": "a", "operator": 7 }],
        [{ "key": "a", "effect": "" }], [{ "key": "a", "effect": "PreferNoSchedule" }], [{ "key": "a", "effect": "noschedule" }],
        [{ "key": "a", "effect": "Never" }], [{ "key": "a", "effect": 7 }],
        [{ "key": "-a" }], [{ "key": "a/b/c" }], [{ "key": "Example.com/a" }], [{ "key": 7 }], [{ "key": "a", "value": 7 }],
        [{ "Key": "a" }],
    ]);
    all_of([tolerations, no_lists()])
}

fn affinities() -> Value {
    all_of([
        json!([{}, { "nodeAffinity": {} }, { "nodeAffinity": null }, { "nodeAffinity": [] }]),
        no_mappings(),
    ])
}

fn node_affinities() -> Value {
    let key = "metadata.name";
    let affinities = json!([
        {}, { "nodeSelectorTerms": [] }, { "nodeSelectorTerms": null }, { "nodeSelectorTerms": [{}] },
        { "nodeSelectorTerms": [null] }, { "nodeSelectorTerms": "x" }, { "nodeSelectorTerms": {} },
        { "nodeSelectorTerms": [{ "matchExpressions": [] }] },
        { "nodeSelectorTerms": [{ "matchExpressions": null }] },
        { "nodeSelectorTerms": [{ "matchExpressions": "x" }] },
        { "nodeSelectorTerms": [{ "matchExpressions": [{ "key": "a", "operator": "Gt", "values": ["x"] }] }] },
        { "nodeSelectorTerms": [{ "matchExpressions": [{ "key": "a", "operator": "Gt", "values": ["1", "2"] }] }] },
        { "nodeSelectorTerms": [{ "matchExpressions": [{ "key": "a", "operator": "Lt" }] }] },
        { "nodeSelectorTerms": [{ "matchFields": [{ "key": key, "operator": "In", "values": ["a"] }] }] },
        { "nodeSelectorTerms": [{ "matchFields": [{ "key": key, "operator": "In", "values": ["a", "b"] }] }] },
        { "nodeSelectorTerms": [{ "matchFields": [{ "key": key, "operator": "Exists" }] }] },
        { "nodeSelectorTerms": [{ "matchFields": [{ "key": "other", "operator": "In", "values": ["a"] }] }] },
        { "nodeSelectorTerms": [{ "matchFields": [{ "key": key, "operator": "In", "values": ["A_"] }] }] },
        { "nodeSelectorTerms": [{ "matchFields": "x" }] },
    ]);
    all_of([affinities, no_mappings()])
}
