//! Service, of each type.

use super::values::{
    addresses, booleans, cidrs, label_maps, no_lists, no_mappings, no_texts, numbers_or_names, port_names,
    port_numbers, protocols,
};
use super::{Field, Kind, all_of, field, inside, metadata};
use serde_json::{Value, json};

pub(super) fn kind() -> Kind {
    let mut fields = metadata::fields();
    fields.push(metadata::namespace());
    fields.push(field("/spec", all_of([no_mappings(), json!([{}])])));
    fields.extend(inside("/spec", spec()));
    Kind {
        name: "Service",
        api_version: "v1",
        plural: "services",
        namespaced: true,
        bases: ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "headless"].map(base).into(),
        fields,
    }
}

fn base(kind: &str) -> Value {
    let spec = match kind {
        "ExternalName" => {
            json!({ "type": "ExternalName", "externalName": "example.com", "ports": [{ "name": "http", "port": 80 }] })
        }
        "headless" => json!({ "clusterIP": "None", "selector": { "app": "web" } }),
        kind => json!({
            "type": kind,
            "selector": { "app": "web" },
            "ports": [{ "name": "http", "port": 80, "targetPort": 8080, "protocol": "TCP" }],
        }),
    };
    json!({ "metadata": { "name": "s" }, "spec": spec })
}

fn spec() -> Vec<Field> {
    vec![
        field(
            "/type",
            words(&["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "clusterIP", "Headless"]),
        ),
        field("/selector", label_maps()),
        field("/ports", ports()),
        field("/ports/0/name", port_names()),
        field("/ports/0/port", port_numbers()),
        field("/ports/0/targetPort", numbers_or_names()),
        field("/ports/0/protocol", protocols()),
        // A dry run gives out no port, and so looks at no range.
        field("/ports/0/nodePort", json!([0, null, 80, 30000.5, "31999", "x", 2_147_483_648_u64])),
        field(
            "/clusterIP",
            json!(["", "None", "none", "10.96.0.300", "010.96.3.4", "::ffff:10.96.3.4", "x", null, 7, []]),
        ),
        field("/clusterIPs", cluster_ips()),
        field("/ipFamilies", families()),
        field("/externalName", external_names()),
        field(
            "/externalIPs",
            all_of([json!([[], ["192.0.2.1", "192.0.2.1"], ["192.0.2.1", "2001:db8::1"]]), no_lists()]),
        ),
        field("/externalIPs/0", addresses()),
        field(
            "/loadBalancerIP",
            all_of([json!(["192.0.2.1", "", "x", "192.0.2.01", "::ffff:192.0.2.1"]), no_texts()]),
        ),
        field(
            "/loadBalancerClass",
            all_of([json!(["example.com/lb", "lb", "", "-x", "a/b/c", "a b", "Example.com/a"]), no_texts()]),
        ),
        field("/loadBalancerSourceRanges", all_of([json!([[], ["10.0.0.0/8", "10.0.0.0/8"]]), no_lists()])),
        field("/loadBalancerSourceRanges/0", cidrs()),
        field("/externalTrafficPolicy", words(&["Cluster", "Local", "local", "Global"])),
        field("/internalTrafficPolicy", words(&["Cluster", "Local", "cluster", "Node"])),
        field("/publishNotReadyAddresses", booleans()),
        field("/allocateLoadBalancerNodePorts", booleans()),
        field("/Selector", json!([{}])),
        field("/external_ips", json!([[]])),
    ]
}

fn words(words: &[&str]) -> Value {
    all_of([words.iter().map(|word| json!(word)).collect(), json!([""]), no_texts()])
}

fn ports() -> Value {
    let ports = json!([
        [], [{}], [{ "port": 80 }],
        [{ "port": 80 }, { "port": 81 }],
        [{ "port": 80, "name": "a" }, { "port": 81 }],
        [{ "port": 80, "name": "a" }, { "port": 81, "name": "b" }],
        [{ "port": 80, "name": "a" }, { "port": 81, "name": "a" }],
        [{ "port": 80, "name": "a" }, { "port": 80, "name": "b" }],
        [{ "port": 80, "name": "a" }, { "port": 80, "name": "b", "protocol": "UDP" }],
        [{ "port": 80, "name": "a", "targetPort": 1 }, { "port": 80, "name": "b", "targetPort": 2 }],
        [{ "Port": 80 }], [{ "port": 80, "target-port": 81 }],
        [{ "port": 80, "name": "a" }, null],
    ]);
    all_of([ports, no_lists()])
}

/// Addresses that the server could give are not asked for: another Service may have them.
fn cluster_ips() -> Value {
    let addresses = json!([
        [],
        [""],
        ["None"],
        ["None", "None"],
        ["None", "10.96.3.4"],
        ["x"],
        ["10.96.0.300"],
        ["010.96.3.4"],
        [null],
        "None",
    ]);
    all_of([addresses, no_lists()])
}

fn families() -> Value {
    let families = json!([
        [],
        ["IPv4"],
        ["IPv4", "IPv4"],
        ["ipv4"],
        ["IPv5"],
        [""],
        [null],
        "IPv4",
        ["IPv4", "IPv6", "IPv4"]
    ]);
    all_of([families, no_lists()])
}

fn external_names() -> Value {
    let names = json!([
        "example.com",
        "example.com.",
        "example.com..",
        "a",
        "web.production.svc.cluster.local",
        "Example.com",
        "a_b.example",
        "-a",
        "a-",
        "*.example.com",
        "192.0.2.1",
        "::1",
        "2001:db8::1",
        "http://example.com",
        "example.com:80",
        "é.example",
        "",
        ".",
        " ",
        "a b",
        "a".repeat(63),
        "a".repeat(64),
        "a".repeat(253),
        "a".repeat(254),
    ]);
    all_of([names, no_texts()])
}
