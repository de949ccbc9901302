//! The nodes that a control plane starts with.

use serde_json::{Value, json};

/// The manifests of some nodes, `node-1` and so on, in three zones by turns. KWOK makes them ready.
pub(crate) fn manifests(count: usize, kubernetes: &str) -> String {
    let items: Vec<Value> = (1..=count).map(|number| node(number, kubernetes)).collect();
    json!({ "apiVersion": "v1", "kind": "List", "items": items }).to_string()
}

fn node(number: usize, kubernetes: &str) -> Value {
    let name = format!("node-{number}");
    let zone = ["zone-a", "zone-b", "zone-c"][number % 3];
    let architecture = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        _ => "amd64",
    };
    let resources = json!({ "cpu": "8", "memory": "32Gi", "ephemeral-storage": "100Gi", "pods": "110" });
    json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": architecture,
                "topology.kubernetes.io/region": "testbed",
                "topology.kubernetes.io/zone": zone,
            },
        },
        "status": {
            "addresses": [
                { "type": "InternalIP", "address": format!("10.0.{}.{}", number / 250, number % 250 + 1) },
                { "type": "Hostname", "address": name },
            ],
            "capacity": resources,
            "allocatable": resources,
            "nodeInfo": {
                "architecture": architecture,
                "operatingSystem": "linux",
                "kubeletVersion": format!("v{kubernetes}"),
                "kubeProxyVersion": "",
                "containerRuntimeVersion": "kwok",
                "kernelVersion": "", "osImage": "", "machineID": "", "systemUUID": "", "bootID": "",
            },
        },
    })
}
