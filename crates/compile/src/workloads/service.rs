//! As whom an application acts, and the address at which its pods are called.

use super::identity;
use super::placed::{Placed, server_labels};
use super::pod::number;
use crate::manifest::{Kind, Manifest, Serves};
use watertight_yaml::{Value, mapping};

/// The ServiceAccount, of which no pod gets a token by itself.
pub(super) fn account(placed: &Placed<'_>) -> Manifest {
    let body = vec![("automountServiceAccountToken", false.into())];
    let asked_by = placed.application.name.span;
    let mut account = placed.manifest(Kind::ServiceAccount, Serves::Workload, asked_by, body);
    account.annotations = identity::account_annotations(placed.cluster, placed.environment);
    account
}

/// The Service, if the application serves a port: an address inside of the cluster, and nothing beyond it.
pub(super) fn service(placed: &Placed<'_>) -> Option<Manifest> {
    let ports = &placed.workload.ports;
    let first = ports.first()?;
    let port = |port: &watertight_intent::Port| {
        mapping([
            ("name", port.name.value.as_str().into()),
            ("port", number(port.port.value)),
            ("targetPort", number(port.container_port.value)),
            ("protocol", port.protocol.value.name().into()),
        ])
    };
    let spec = mapping([
        ("type", "ClusterIP".into()),
        ("selector", server_labels(placed.name())),
        ("ports", Value::List(ports.iter().map(port).collect())),
    ]);
    Some(placed.manifest(Kind::Service, Serves::Workload, first.name.span, vec![("spec", spec)]))
}
