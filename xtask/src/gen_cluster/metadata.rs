//! What every object of a living cluster carries: uid, versions, times, and who wrote which field.

use super::shape::{Namespace, Side, Workload};
use fastrand::Rng;
use serde_json::{Map, Value, json};

/// A uid that follows from what it names.
pub(super) fn uid(rng: &mut Rng) -> String {
    let (high, low) = (rng.u64(..), rng.u64(..));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48) & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}

/// A time in the last year.
pub(super) fn time(rng: &mut Rng) -> String {
    let (month, day) = (rng.u8(1..=11), rng.u8(1..=28));
    format!("2026-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rng.u8(..24), rng.u8(..60), rng.u8(..60))
}

/// The random numbers of one object of a workload: the same whenever it is written.
pub(super) fn of(workload: &Workload, what: u64) -> Rng {
    Rng::with_seed(workload.seed.wrapping_add(what.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// Metadata of an object that somebody applied.
pub(super) fn applied(name: &str, namespace: Option<&Namespace>, labels: Value, rng: &mut Rng) -> Value {
    let mut metadata = json!({
        "creationTimestamp": time(rng),
        "labels": labels,
        "name": name,
        "resourceVersion": rng.u32(..).to_string(),
        "uid": uid(rng),
    });
    let fields = fields(&metadata["labels"]);
    let at = time(rng);
    metadata["managedFields"] = json!([{
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": { "f:metadata": { "f:labels": fields } },
        "manager": "argocd-controller",
        "operation": "Apply",
        "time": at,
    }]);
    if let Some(namespace) = namespace {
        metadata["namespace"] = json!(namespace.name);
    }
    metadata
}

/// The fields of a mapping, as `managedFields` lists them.
pub(super) fn fields(mapping: &Value) -> Value {
    let keys = mapping.as_object().into_iter().flat_map(Map::keys);
    let fields = keys.map(|key| (format!("f:{key}"), json!({})));
    Value::Object([(".".to_owned(), json!({}))].into_iter().chain(fields).collect())
}

/// The labels by which a workload selects its pods.
pub(super) fn selector(namespace: &Namespace, workload: &Workload) -> Value {
    match namespace.side {
        Side::Shared => json!({ "k8s-app": workload.name }),
        _ => json!({ "app.kubernetes.io/instance": namespace.team, "app.kubernetes.io/name": workload.name }),
    }
}

/// The labels of a workload and of its pods.
pub(super) fn labels(namespace: &Namespace, workload: &Workload) -> Value {
    let mut labels = selector(namespace, workload);
    labels["app.kubernetes.io/version"] = json!(version(workload));
    labels["tier"] = json!(tier(workload));
    labels
}

/// The version that a workload runs.
pub(super) fn version(workload: &Workload) -> String {
    format!("{}.{}.{}", workload.seed % 4 + 1, workload.seed / 7 % 20, workload.seed / 11 % 9)
}

/// Where a workload stands in its application: what most selectors of policies go by.
pub(super) fn tier(workload: &Workload) -> &'static str {
    match workload.name.split('-').next() {
        Some("web" | "gateway") => "frontend",
        Some("store" | "cache" | "broker") => "data",
        _ => "backend",
    }
}

/// Random characters as at the end of a hash or a pod's name, in Kubernetes' alphabet.
pub(super) fn suffix(rng: &mut Rng, length: usize) -> String {
    const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    (0..length).map(|_| char::from(ALPHABET[rng.usize(..ALPHABET.len())])).collect()
}

/// The hash of a workload's template.
pub(super) fn template_hash(workload: &Workload) -> String {
    suffix(&mut of(workload, 1), 10)
}
