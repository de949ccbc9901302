//! Rules of roles that match nothing, or less than they seem to: what is compared letter by letter was written otherwise.
//!
//! Source: `VerbMatches`, `APIGroupMatches` and `ResourceMatches` of Kubernetes 1.36. Only what is certain is told.
//! `resourceNames` beside `create` are not: who applies on the server's side creates an object by its name.

use crate::context::Context;
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_base::Span;
use watertight_model::RoleRule;

/// The verbs that the API server itself asks about when a resource is read or written.
const VERBS: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// Groups of Kubernetes itself, all of whose resources are in lower case.
const GROUPS: &[&str] = &[
    "",
    "apps",
    "autoscaling",
    "batch",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
];

/// Warns of what can match nothing.
pub(super) fn report(context: &mut Context, mapping: &Mapping<'_>, rule: &RoleRule) {
    for (index, verb) in rule.verbs.iter().enumerate() {
        let meant = verb.to_lowercase();
        if *verb != meant && VERBS.contains(&meant.as_str()) {
            let message = format!("the verb `{verb}` is not in lower case");
            warn(context, message, place(mapping, "verbs", index), format!("write `{meant}`"));
        }
    }
    for (index, group) in rule.api_groups.iter().enumerate() {
        if let Some(help) = meant_group(group) {
            let message = format!("there is no API group `{group}`");
            warn(context, message, place(mapping, "apiGroups", index), help);
        }
    }
    if rule.api_groups.iter().any(|group| !GROUPS.contains(&group.as_str())) {
        return;
    }
    for (index, resource) in rule.resources.iter().enumerate() {
        let meant = resource.to_lowercase();
        if *resource != meant {
            let message = format!("the resource `{resource}` is not in lower case");
            warn(context, message, place(mapping, "resources", index), format!("write `{meant}`"));
        }
    }
}

/// Where an element of a list stands.
fn place(mapping: &Mapping<'_>, field: &str, index: usize) -> Span {
    let element = mapping.get(field).and_then(|list| list.sequence()?.get(index).copied());
    element.map_or(mapping.span, Node::span)
}

/// How to mend what stands for a group and is none; `None` if it may be one.
fn meant_group(group: &str) -> Option<String> {
    let core = || "the group of Pods and Secrets is the empty text: `\"\"`".to_owned();
    match group.split_once('/') {
        Some((group, _)) => Some(format!("leave out the version: `{group}`")),
        None if group == "core" || group == "v1" => Some(core()),
        None => None,
    }
}

fn warn(context: &mut Context, message: String, span: Span, help: String) {
    context.warn(rules::DEAD_ROLE_RULE, message, span, "matches nothing", help);
}
