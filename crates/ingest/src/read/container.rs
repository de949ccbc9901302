//! What a container runs: its image and its arguments. Nothing rests on them but what a proxy is known by, so that what is
//! wrong with them leaves the pod as it is.

use super::field;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::Mapping;
use crate::validate::names;
use std::collections::HashSet;
use std::sync::Arc;
use watertight_base::{Span, dns_label};
use watertight_model::{Container, ContainerRole};

/// The sort of an init container, which its restart policy decides.
pub(super) fn role_of_init(context: &mut Context, container: &Mapping<'_>) -> Result<ContainerRole, Unclear> {
    let Some(policy) = context.text(container.entry("restartPolicy"))? else {
        return Ok(ContainerRole::Init);
    };
    match policy.as_ref() {
        "Always" => Ok(ContainerRole::Sidecar),
        "Never" | "OnFailure" => Ok(ContainerRole::Init),
        other => {
            let message = format!("`restartPolicy` is `{other}`");
            let help = "the values are `Always`, `Never` and `OnFailure`";
            let span = field::span(container, "restartPolicy");
            context.refuse(rules::INVALID_VALUE, message, span, "unknown value", help);
            Ok(ContainerRole::Init)
        }
    }
}

/// Reports a container that is null.
pub(super) fn refuse_null(context: &mut Context, span: Span) {
    let help = "give it a `name` and an `image`, or remove it";
    context.refuse(rules::MISSING_FIELD, "a container is empty", span, "nothing here", help);
}

/// Reports containers of a pod without a name of their own. Each comes with the place of its name.
pub(super) fn check_names(context: &mut Context, containers: &[(Container, Span)]) {
    let mut names = HashSet::new();
    for (Container { name, .. }, span) in containers {
        let problem = if name.is_empty() {
            context.refuse(
                rules::MISSING_FIELD,
                "a container has no `name`",
                *span,
                "no `name` here",
                "give it a name",
            );
            continue;
        } else if let Err(error) = dns_label(name) {
            error.to_string()
        } else if !names.insert(name) {
            "is taken by another of the pod".to_owned()
        } else {
            continue;
        };
        names::dns_problem(context, &format!("the container name `{name}` {problem}"), *span);
    }
}

/// Reads what a container of this sort runs.
pub(super) fn read(context: &mut Context, container: &Mapping<'_>, role: ContainerRole) -> Container {
    // What is no text is reported, and means its spelling; templates are allowed in an image.
    let mut written = |field: &str| {
        let Some(node) = container.get(field) else { return String::new() };
        let text = node.text().or_else(|| context.text_of(node, field).ok().flatten());
        text.unwrap_or_default().into_owned()
    };
    let (name, image) = (written("name"), written("image"));
    let mut arguments = Vec::new();
    for field in ["command", "args"] {
        // A list that is none is reported, and holds nothing.
        for node in context.list(container.entry(field)).unwrap_or_default() {
            // Text of every sort is allowed, templates too; only other types are refused.
            let text = node.text().or_else(|| context.text_of(node, field).ok().flatten());
            arguments.push(text.unwrap_or_default().into_owned());
        }
    }
    Container { name, role, image, arguments }
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
