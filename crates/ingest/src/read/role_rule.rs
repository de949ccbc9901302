//! One rule of a Role or a ClusterRole.
//!
//! Source of what is refused: `ValidatePolicyRule` of Kubernetes 1.36.

use super::{dead_rule, field};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_model::RoleRule;

/// The fields of a rule.
const FIELDS: &[&str] = &["apiGroups", "nonResourceURLs", "resourceNames", "resources", "verbs"];

/// Reads an element of `rules`. One that is null is a rule without anything.
pub(super) fn read(context: &mut Context, node: Node<'_>, namespaced: bool) -> Result<RoleRule, Unclear> {
    let mut rule = RoleRule { span: Some(node.span()), ..RoleRule::default() };
    let mapping = context.mapping_of(node, "rules")?;
    if let Some(mapping) = &mapping {
        context.unknown_fields(mapping, FIELDS);
        rule.verbs = field::texts(context, mapping, "verbs")?;
        rule.api_groups = field::texts(context, mapping, "apiGroups")?;
        rule.resources = field::texts(context, mapping, "resources")?;
        rule.resource_names = field::texts(context, mapping, "resourceNames")?;
        rule.non_resource_urls = field::texts(context, mapping, "nonResourceURLs")?;
    }
    check(context, node, mapping.as_ref(), &rule, namespaced);
    if let Some(mapping) = &mapping {
        dead_rule::report(context, mapping, &rule);
    }
    Ok(rule)
}

/// What the server refuses although the meaning is clear: a rule that lacks a part grants nothing.
fn check(
    context: &mut Context,
    node: Node<'_>,
    mapping: Option<&Mapping<'_>>,
    rule: &RoleRule,
    namespaced: bool,
) {
    let span = |name: &str| mapping.map_or(node.span(), |mapping| field::span(mapping, name));
    let lacks = |context: &mut Context, name: &str, help: &str| {
        let message = format!("a rule has no `{name}`");
        context.refuse(rules::MISSING_FIELD, message, span(name), "grants nothing", help);
    };
    if rule.verbs.is_empty() {
        lacks(context, "verbs", "give it `verbs`, such as `[\"get\"]`");
    }
    if rule.non_resource_urls.is_empty() {
        if rule.api_groups.is_empty() {
            lacks(context, "apiGroups", "give it `apiGroups`; `[\"\"]` is the group of Pods and Secrets");
        }
        if rule.resources.is_empty() {
            lacks(context, "resources", "give it `resources`, such as `[\"pods\"]`");
        }
        return;
    }
    if namespaced {
        context.refuse(
            rules::INVALID_VALUE,
            "a rule of a Role has `nonResourceURLs`, which lie in no namespace",
            span("nonResourceURLs"),
            "grants nothing",
            "write a ClusterRole, and bind it with a ClusterRoleBinding",
        );
    }
    if !(rule.api_groups.is_empty() && rule.resources.is_empty() && rule.resource_names.is_empty()) {
        context.refuse(
            rules::INVALID_VALUE,
            "a rule has `nonResourceURLs` beside resources",
            span("nonResourceURLs"),
            "two sorts in one rule",
            "make two rules of it",
        );
    }
}
