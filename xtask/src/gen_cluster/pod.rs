//! Pods and their templates: spec, status, annotations and managed fields of real size.

use super::metadata::{fields, labels, of, suffix, template_hash, tier, time, uid, version};
use super::shape::{Kind, Namespace, Shape, Side, Workload};
use super::workload::{kind, owner_reference, replica_set_uid, uid_of};
use fastrand::Rng;
use serde_json::{Value, json};

/// All pods of a namespace.
pub(super) fn pods<'s>(shape: &'s Shape, namespace: &'s Namespace) -> impl Iterator<Item = Value> + use<'s> {
    let of_workload = move |workload: &'s Workload| {
        (0..workload.pods).map(move |index| pod(shape, namespace, workload, index))
    };
    namespace.workloads.iter().flat_map(of_workload)
}

/// The template of a workload.
pub(super) fn template(shape: &Shape, namespace: &Namespace, workload: &Workload) -> Value {
    let labels = labels(namespace, workload);
    let annotations = annotations(workload);
    json!({
        "metadata": { "annotations": annotations, "creationTimestamp": null, "labels": labels },
        "spec": spec(shape, namespace, workload),
    })
}

/// Whether the pods of a workload share their node's network.
fn on_host_network(workload: &Workload) -> bool {
    workload.kind == Kind::DaemonSet
}

/// The port that a workload serves.
pub(super) fn port(workload: &Workload) -> u16 {
    match tier(workload) {
        "data" => 5432,
        "frontend" => 8443,
        _ => 8080,
    }
}

fn annotations(workload: &Workload) -> Value {
    json!({
        "checksum/config": format!("{:016x}{:016x}", workload.seed, workload.seed.rotate_left(17)),
        "prometheus.io/scrape": "true",
    })
}

fn probe(path: &str) -> Value {
    json!({
        "httpGet": { "path": path, "port": "http", "scheme": "HTTP" },
        "periodSeconds": 5,
    })
}

fn spec(shape: &Shape, namespace: &Namespace, workload: &Workload) -> Value {
    let name = &workload.name;
    let environment = namespace.side.name();
    let mut ports = json!([
        { "containerPort": port(workload), "name": "http", "protocol": "TCP" },
        { "containerPort": 9090, "name": "metrics", "protocol": "TCP" },
    ]);
    if on_host_network(workload) {
        for port in ports.as_array_mut().into_iter().flatten() {
            port["hostPort"] = port["containerPort"].clone();
        }
    }
    let env = |key: &str, value: &str| json!({ "name": key, "value": value });
    // Each application has a proxy of its own, so that no routes of one lead through another's.
    let (image, arguments) = if name.starts_with("gateway") {
        let watched = format!("--watch-namespace={}", namespace.name);
        (
            "registry.k8s.io/ingress-nginx/controller:v1.13.1".to_owned(),
            ["/nginx-ingress-controller".to_owned(), watched],
        )
    } else {
        let image = format!("registry.example.com/{}/{name}:{}", namespace.team, version(workload));
        (image, ["--listen".to_owned(), format!(":{}", port(workload))])
    };
    let mut container = json!({
        "args": arguments,
        "env": [
            env("ENVIRONMENT", environment),
            { "name": "TOKEN", "valueFrom": { "secretKeyRef": { "key": "token", "name": name } } },
        ],
        "image": image,
        "name": name,
        "ports": ports,
        "readinessProbe": probe("/ready"),
        "resources": {
            "requests": { "cpu": "100m", "memory": "256Mi" },
        },
        "volumeMounts": [
            { "mountPath": "/etc/app", "name": "config", "readOnly": true },
        ],
    });
    if namespace.side != Side::Shared {
        container["securityContext"] = json!({
            "allowPrivilegeEscalation": false,
            "capabilities": { "drop": ["ALL"] },
        });
    }
    let mut spec = json!({
        "containers": [container],
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": if workload.kind == Kind::Job { "OnFailure" } else { "Always" },
        "schedulerName": "default-scheduler",
        "securityContext": { "runAsNonRoot": true },
        "serviceAccountName": name,
        "terminationGracePeriodSeconds": 30,
        "tolerations": [
            { "effect": "NoExecute", "key": "node.kubernetes.io/not-ready", "operator": "Exists", "tolerationSeconds": 300 },
        ],
        "volumes": [{ "configMap": { "name": name }, "name": "config" }],
    });
    if on_host_network(workload) {
        spec["hostNetwork"] = json!(true);
        spec["tolerations"] = json!([{ "operator": "Exists" }]);
    }
    if shape.nodes > 8 && tier(workload) == "data" {
        spec["nodeSelector"] = json!({ "kubernetes.io/os": "linux", "pool": "general" });
    }
    spec
}

fn pod(shape: &Shape, namespace: &Namespace, workload: &Workload, index: usize) -> Value {
    let mut rng = of(workload, 16 + index as u64);
    let mut template = template(shape, namespace, workload);
    let hash = template_hash(workload);
    let mut labels = template["metadata"]["labels"].take();
    let (api_version, owner_kind) = kind(workload.kind);
    let mut owner = owner_reference(api_version, owner_kind, &workload.name, &uid_of(workload));
    let mut generate_name = format!("{}-", workload.name);
    let mut name = format!("{generate_name}{}", suffix(&mut rng, 5));
    match workload.kind {
        Kind::Deployment => {
            let set = format!("{}-{hash}", workload.name);
            owner = owner_reference("apps/v1", "ReplicaSet", &set, &replica_set_uid(workload));
            generate_name = format!("{set}-");
            labels["pod-template-hash"] = json!(hash);
            // Two of five characters may be equal in a large set; two names may not.
            name = format!("{set}-{}{}", suffix(&mut rng, 3), short(index));
        }
        Kind::StatefulSet => {
            labels["apps.kubernetes.io/pod-index"] = json!(index.to_string());
            labels["statefulset.kubernetes.io/pod-name"] = json!(format!("{}-{index}", workload.name));
            name = format!("{}-{index}", workload.name);
        }
        Kind::DaemonSet => {
            labels["controller-revision-hash"] = json!(hash);
            name = format!("{}-{}{}", workload.name, suffix(&mut rng, 3), short(index));
        }
        Kind::Job => {
            labels["batch.kubernetes.io/job-name"] = json!(workload.name);
        }
    }
    let number = workload.first_pod + index;
    let node = match workload.kind {
        Kind::DaemonSet => index,
        _ => number % shape.nodes,
    };
    let mut annotations = template["metadata"]["annotations"].take();
    annotations["cni.projectcalico.org/podIP"] = json!(format!("{}/32", address(shape, node, number)));
    annotations["kubectl.kubernetes.io/restartedAt"] = json!(time(&mut rng));
    let mut spec = template["spec"].take();
    spec["nodeName"] = json!(super::edge::node_name(node));
    let (host, own) = (super::edge::node_address(node), address(shape, node, number));
    let address = if on_host_network(workload) { host.clone() } else { own };
    let managed = managed_fields(&labels, &mut rng);
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "annotations": annotations,
            "creationTimestamp": time(&mut rng),
            "generateName": generate_name,
            "labels": labels,
            "managedFields": managed,
            "name": name,
            "namespace": namespace.name,
            "ownerReferences": [owner],
            "resourceVersion": rng.u32(..).to_string(),
            "uid": uid(&mut rng),
        },
        "spec": spec,
        "status": status(workload, &host, &address, &mut rng),
    })
}

/// A number in three letters.
fn short(mut number: usize) -> String {
    let mut text = String::new();
    for _ in 0..3 {
        text.push(char::from(b'a' + u8::try_from(number % 26).unwrap_or_default()));
        number /= 26;
    }
    text
}

/// The address of a pod, in the range of its node: a /24 of 10.64.0.0/10 for each.
fn address(shape: &Shape, node: usize, number: usize) -> String {
    let last = 2 + number / shape.nodes % 250;
    format!("10.{}.{}.{last}", 64 + node / 256, node % 256)
}

fn managed_fields(labels: &Value, rng: &mut Rng) -> Value {
    let entry = |manager: &str, fields: Value, time: String| {
        json!({
            "apiVersion": "v1",
            "fieldsV1": fields,
            "manager": manager,
            "operation": "Update",
            "time": time,
        })
    };
    let spec = json!({
        "f:metadata": { "f:annotations": { ".": {}, "f:checksum/config": {} }, "f:generateName": {}, "f:labels": fields(labels) },
        "f:spec": { "f:containers": {}, "f:dnsPolicy": {} },
    });
    let status = json!({
        "f:status": { "f:conditions": { ".": {}, "k:{\"type\":\"Ready\"}": { ".": {}, "f:status": {} } }, "f:containerStatuses": {}, "f:phase": {}, "f:podIP": {} },
    });
    json!([entry("kube-controller-manager", spec, time(rng)), entry("kubelet", status, time(rng))])
}

fn status(workload: &Workload, host: &str, address: &str, rng: &mut Rng) -> Value {
    let started = time(rng);
    let condition = |name: &str| json!({ "lastTransitionTime": started, "status": "True", "type": name });
    let phase = if workload.kind == Kind::Job && rng.bool() { "Succeeded" } else { "Running" };
    let image = format!(
        "sha256:{:016x}{:016x}{:016x}{:016x}",
        workload.seed,
        !workload.seed,
        workload.seed >> 3,
        workload.seed << 5
    );
    let conditions: Vec<Value> = ["Ready", "PodScheduled"].into_iter().map(condition).collect();
    json!({
        "conditions": conditions,
        "containerStatuses": [{
            "containerID": format!("containerd://{:016x}{:016x}{:016x}{:016x}", rng.u64(..), rng.u64(..), rng.u64(..), rng.u64(..)),
            "image": image,
            "name": workload.name,
            "ready": true,
            "restartCount": 0,
            "state": { "running": { "startedAt": started } },
        }],
        "hostIP": host,
        "phase": phase,
        "podIP": address,
        "podIPs": [{ "ip": address }],
        "qosClass": "Burstable",
        "startTime": started,
    })
}
