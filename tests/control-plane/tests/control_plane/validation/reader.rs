//! What our reader says to an object.

use crate::validation::catalogue::Kind;
use serde_json::Value;
use watertight_base::{Diagnostic, Severity, Source};
use watertight_ingest::{Ingested, Options, read};
use watertight_model::{Admission, Snapshot};

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Its errors, the fields that it does not know, and its blind spots.
    pub(crate) words: Vec<String>,
    /// Whether the object stands in the snapshot as one that the server takes; `None` if it does not stand there, or if
    /// that is not kept for its kind.
    pub(crate) admitted: Option<bool>,
}

/// Blind spots of what the server takes: what a pod asks for, and not that it is not understood.
const OF_ACCEPTED: &[&str] = &["probe-host", "unevaluated-kind"];

/// What is only warned of where the reader drops such a field as the server does.
const UNKNOWN_FIELD: &str = "unknown-field";

/// Reads an object by itself, in `namespace` if it names none.
pub(crate) fn read_one(kind: &Kind, namespace: &str, object: &Value) -> Reading {
    let source = Source { name: "object.json".to_owned(), bytes: object.to_string().into_bytes() };
    let Ingested { snapshot, diagnostics, .. } =
        read(&[source], &Options { default_namespace: namespace.to_owned(), values: false });
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error || diagnostic.rule == UNKNOWN_FIELD);
    let errors = errors.map(|error| format!("error {}: {}", error.rule, error.message));
    let unseen = snapshot.blind_spots.iter().filter(|spot| !OF_ACCEPTED.contains(&spot.rule));
    let unseen = unseen.map(|spot| format!("blind spot {}: {}", spot.rule, spot.reason));
    // A server that is asked to be strict refuses them, and any other takes what is left.
    let drops =
        |diagnostic: &Diagnostic| diagnostic.severity != Severity::Error && diagnostic.rule == UNKNOWN_FIELD;
    let admitted = if diagnostics.iter().any(drops) { None } else { admitted(kind, &snapshot) };
    Reading { words: errors.chain(unseen).collect(), admitted }
}

fn admitted(kind: &Kind, snapshot: &Snapshot) -> Option<bool> {
    let admission = match kind.name {
        "NetworkPolicy" => snapshot.policies.first()?.admission,
        "Service" => snapshot.services.first()?.admission,
        "ClusterNetworkPolicy" | "AdminNetworkPolicy" | "BaselineAdminNetworkPolicy" => {
            snapshot.cluster_policies.first()?.admission
        }
        "Role" | "ClusterRole" => snapshot.roles.first()?.admission,
        "RoleBinding" | "ClusterRoleBinding" => snapshot.role_bindings.first()?.admission,
        "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration" => {
            snapshot.webhook_configurations.first()?.admission
        }
        "APIService" => snapshot.api_services.first()?.admission,
        "Namespace" => snapshot.namespaces.iter().find(|namespace| namespace.origin.is_some())?.admission,
        _ => return None,
    };
    Some(admission != Admission::Refused)
}
