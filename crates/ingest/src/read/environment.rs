//! The environment variables of containers that have their value in the object.

use super::bearer;
use crate::tree::{Mapping, Node};
use watertight_base::Sealed;
use watertight_model::HeldValue;

/// Reads what the spec of a pod has of them. What is no text means its spelling; whether it is one, decides nothing here.
pub(super) fn read(spec: &Mapping<'_>) -> Vec<HeldValue> {
    let mut environment = Vec::new();
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        let containers = spec.get(list).and_then(Node::sequence).unwrap_or_default();
        for (number, container) in containers.into_iter().enumerate() {
            let variables = container.mapping().and_then(|container| container.get("env")?.sequence());
            for (position, variable) in variables.unwrap_or_default().into_iter().enumerate() {
                let Some(variable) = variable.mapping() else { continue };
                let Some(value) = variable.get("value") else { continue };
                let Some(written) = value.written().filter(|written| !written.is_empty()) else { continue };
                environment.push(HeldValue {
                    key: variable.get("name").and_then(Node::written).unwrap_or_default().into_owned(),
                    path: format!("/spec/{list}/{number}/env/{position}/value"),
                    span: value.span(),
                    registry: None,
                    bearers: bearer::of(written.as_bytes()),
                    value: Sealed::from(written.as_ref()),
                });
            }
        }
    }
    environment
}
