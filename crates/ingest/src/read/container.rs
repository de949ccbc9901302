//! What a container runs: its image and its arguments. Nothing rests on them but what a proxy is known by, so that what is
//! wrong with them leaves the pod as it is.

use crate::context::Context;
use crate::tree::{Mapping, Node};
use std::collections::HashSet;
use std::sync::Arc;
use watertight_model::{Container, ContainerRole};

/// Reads what a container of this sort runs.
pub(super) fn read(context: &mut Context, container: &Mapping<'_>, role: ContainerRole) -> Container {
    let written = |field: &str| container.get(field).and_then(Node::written).unwrap_or_default().into_owned();
    let mut arguments = Vec::new();
    for field in ["command", "args"] {
        // A list that is none is reported, and holds nothing.
        for node in context.list(container.entry(field)).unwrap_or_default() {
            // Text of every sort is allowed, templates too; only other types are refused.
            let text = node.text().or_else(|| context.text_of(node, field).ok().flatten());
            arguments.push(text.unwrap_or_default().into_owned());
        }
    }
    Container { name: written("name"), role, image: written("image"), arguments }
}

/// Lists of containers, each kept once: a cluster has many pods that run the same.
#[derive(Default)]
pub(crate) struct SharedContainers(HashSet<Arc<[Container]>>);

impl SharedContainers {
    /// Puts the list that was kept first in the place of an equal one.
    pub(crate) fn share(&mut self, containers: &mut Arc<[Container]>) {
        match self.0.get(containers) {
            Some(kept) => *containers = Arc::clone(kept),
            None => {
                self.0.insert(Arc::clone(containers));
            }
        }
    }
}
