//! Workloads, as their controllers see them: each with its template, and a Deployment with its ReplicaSet.

use super::metadata::{applied, labels, of, selector, template_hash, uid};
use super::pod;
use super::shape::{Kind, Namespace, Shape, Workload};
use serde_json::{Value, json};

/// All workloads of a namespace.
pub(super) fn workloads<'s>(
    shape: &'s Shape,
    namespace: &'s Namespace,
) -> impl Iterator<Item = Value> + use<'s> {
    namespace.workloads.iter().flat_map(move |workload| objects(shape, namespace, workload))
}

/// The uid of the workload, to which its ReplicaSet or its pods refer.
pub(super) fn uid_of(workload: &Workload) -> String {
    uid(&mut of(workload, 2))
}

/// The uid of its ReplicaSet.
pub(super) fn replica_set_uid(workload: &Workload) -> String {
    uid(&mut of(workload, 3))
}

fn objects(shape: &Shape, namespace: &Namespace, workload: &Workload) -> Vec<Value> {
    let (api_version, kind) = kind(workload.kind);
    let mut rng = of(workload, 4);
    let mut metadata = applied(&workload.name, Some(namespace), labels(namespace, workload), &mut rng);
    metadata["uid"] = json!(uid_of(workload));
    metadata["annotations"] = json!({ "meta.helm.sh/release-name": namespace.team });
    let template = pod::template(shape, namespace, workload);
    let mut spec = json!({ "template": template });
    let selector = json!({ "matchLabels": selector(namespace, workload) });
    match workload.kind {
        Kind::Deployment => {
            spec["replicas"] = json!(workload.pods);
            spec["revisionHistoryLimit"] = json!(10);
            spec["selector"] = selector;
            spec["strategy"] = json!({
                "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": "25%" },
                "type": "RollingUpdate",
            });
        }
        Kind::StatefulSet => {
            spec["podManagementPolicy"] = json!("OrderedReady");
            spec["replicas"] = json!(workload.pods);
            spec["selector"] = selector;
            spec["serviceName"] = json!(workload.name);
        }
        Kind::DaemonSet => {
            spec["selector"] = selector;
            spec["updateStrategy"] = json!({ "type": "RollingUpdate" });
        }
        Kind::Job => {
            spec["backoffLimit"] = json!(6);
            spec["completions"] = json!(1);
            spec["parallelism"] = json!(1);
        }
    }
    let owner = json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec });
    if workload.kind != Kind::Deployment {
        return vec![owner];
    }
    let replica_set = replica_set(namespace, workload, &owner);
    vec![owner, replica_set]
}

/// The API version and the kind.
pub(super) fn kind(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Deployment => ("apps/v1", "Deployment"),
        Kind::StatefulSet => ("apps/v1", "StatefulSet"),
        Kind::DaemonSet => ("apps/v1", "DaemonSet"),
        Kind::Job => ("batch/v1", "Job"),
    }
}

fn replica_set(namespace: &Namespace, workload: &Workload, deployment: &Value) -> Value {
    let hash = template_hash(workload);
    let name = format!("{}-{hash}", workload.name);
    let mut labels = labels(namespace, workload);
    labels["pod-template-hash"] = json!(hash);
    let mut rng = of(workload, 5);
    let mut metadata = applied(&name, Some(namespace), labels.clone(), &mut rng);
    metadata["uid"] = json!(replica_set_uid(workload));
    metadata["ownerReferences"] =
        json!([owner_reference("apps/v1", "Deployment", &workload.name, &uid_of(workload))]);
    let mut template = deployment["spec"]["template"].clone();
    template["metadata"]["labels"] = labels;
    let mut selector = selector(namespace, workload);
    selector["pod-template-hash"] = json!(hash);
    json!({
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": metadata,
        "spec": { "replicas": workload.pods, "selector": { "matchLabels": selector }, "template": template },
        "status": { "availableReplicas": workload.pods, "observedGeneration": 1, "replicas": workload.pods },
    })
}

/// A reference to the owner that controls an object.
pub(super) fn owner_reference(api_version: &str, kind: &str, name: &str, uid: &str) -> Value {
    json!({
        "apiVersion": api_version,
        "blockOwnerDeletion": true,
        "controller": true,
        "kind": kind,
        "name": name,
        "uid": uid,
    })
}
