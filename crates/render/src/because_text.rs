//! The objects that a statement rests on, one short line each.

use crate::Inputs;
use watertight_model::{Because, Evidence, ObjectRef, Role};

/// `NetworkPolicy production/allow-db (k8s/policies.yaml:14:11)`; `no NetworkPolicy in production` for what is absent.
pub(crate) fn because_text(because: &Because, inputs: &Inputs<'_>) -> String {
    let place = because.evidence.as_ref().and_then(|Evidence::File(span)| inputs.place(*span));
    let object = match because.role {
        Role::Absent => absent_text(&because.object),
        Role::Allows | Role::Denies | Role::Selects => because.object.to_string(),
    };
    match place {
        Some(place) => format!("{object} ({place})"),
        None => object,
    }
}

/// Where something was looked for and not found.
fn absent_text(object: &ObjectRef) -> String {
    match (&object.namespace, object.name.as_str()) {
        (Some(namespace), "") => format!("no {} in {namespace}", object.kind),
        (None, "") => format!("no {}", object.kind),
        _ => format!("nothing in {object}"),
    }
}
