//! About which requests webhooks and admission policies are asked: rules, selectors, conditions.
//!
//! Source of what is refused: `validateRuleWithOperations`, `validateRule` and `validateResources` of Kubernetes 1.36.

use super::field;
use super::selector::{self, Fields};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_base::Selector;
use watertight_model::{AdmissionRule, AdmissionScope, ResourceScope};

/// The fields of a rule of a webhook.
const RULE: &[&str] = &["apiGroups", "apiVersions", "operations", "resources", "scope"];
/// The fields of a rule of a policy.
const NAMED_RULE: &[&str] =
    &["apiGroups", "apiVersions", "operations", "resourceNames", "resources", "scope"];

const OPERATIONS: &[&str] = &["*", "CREATE", "UPDATE", "DELETE", "CONNECT"];

/// What the fields of a webhook say.
pub(super) fn of_webhook(context: &mut Context, webhook: &Mapping<'_>) -> Result<AdmissionScope, Unclear> {
    let rules = rules_in(context, webhook, "rules", RULE)?;
    Ok(AdmissionScope { rules, excluded: Vec::new(), ..selected(context, webhook)? })
}

/// What `matchConstraints` of a policy, or `matchResources` of a binding, says.
pub(super) fn of_policy(context: &mut Context, matches: &Mapping<'_>) -> Result<AdmissionScope, Unclear> {
    let known =
        &["excludeResourceRules", "matchPolicy", "namespaceSelector", "objectSelector", "resourceRules"];
    context.unknown_fields(matches, known);
    let mut rules = rules_in(context, matches, "resourceRules", NAMED_RULE)?;
    if rules.is_empty() {
        // A webhook without rules is asked about nothing, and a policy without any about everything.
        rules.push(everything());
    }
    Ok(AdmissionScope {
        rules,
        excluded: rules_in(context, matches, "excludeResourceRules", NAMED_RULE)?,
        ..selected(context, matches)?
    })
}

fn everything() -> AdmissionRule {
    let all = |text: &str| vec![text.to_owned()];
    AdmissionRule {
        operations: all("*"),
        api_groups: all("*"),
        api_versions: all("*"),
        resources: all("*/*"),
        names: Vec::new(),
        scope: ResourceScope::Any,
    }
}

/// The value that a word in a field stands for. An empty one is refused, and means what a missing one does.
pub(super) fn word<T: Copy>(
    context: &mut Context,
    mapping: &Mapping<'_>,
    name: &str,
    words: &[(&str, T)],
) -> Result<Option<T>, Unclear> {
    if mapping.get(name).and_then(Node::text).is_some_and(|text| text.is_empty()) {
        refuse(context, mapping, name, "is empty");
    }
    field::one_of(context, mapping, name, words)
}

/// Whether there are conditions. What they say is not looked at.
pub(super) fn conditions(context: &mut Context, holder: &Mapping<'_>) -> Result<bool, Unclear> {
    let nodes = context.list(holder.entry("matchConditions"))?;
    for node in &nodes {
        let Some(condition) = context.mapping_of(*node, "matchConditions")? else {
            lacks(context, *node, "expression");
            continue;
        };
        context.unknown_fields(&condition, &["expression", "name"]);
        for part in ["name", "expression"] {
            if field::written(context, &condition, part)?.is_none() {
                lacks(context, *node, part);
            }
        }
    }
    Ok(!nodes.is_empty())
}

fn lacks(context: &mut Context, node: Node<'_>, part: &str) {
    let message = format!("a condition has no `{part}`");
    context.refuse(rules::MISSING_FIELD, message, node.span(), "refused", format!("give it a `{part}`"));
}

/// The selectors beside the rules.
fn selected(context: &mut Context, holder: &Mapping<'_>) -> Result<AdmissionScope, Unclear> {
    let is_exact = word(context, holder, "matchPolicy", &[("Exact", true), ("Equivalent", false)])?;
    let mut selector = |field: &str| match context.mapping(holder.entry(field))? {
        Some(mapping) => selector::read(context, &mapping, Fields::Strict),
        None => Ok(Selector::everything()),
    };
    let (namespaces, objects) = (selector("namespaceSelector")?, selector("objectSelector")?);
    Ok(AdmissionScope {
        is_exact: is_exact.unwrap_or(false),
        namespaces,
        objects,
        ..AdmissionScope::default()
    })
}

fn rules_in(
    context: &mut Context,
    holder: &Mapping<'_>,
    list: &str,
    fields: &[&str],
) -> Result<Vec<AdmissionRule>, Unclear> {
    let mut rules = Vec::new();
    for node in context.list(holder.entry(list))? {
        match context.mapping_of(node, list)? {
            Some(mapping) => rules.push(read_rule(context, &mapping, fields)?),
            None => return Err(field::missing(context, node.span(), "operations", "a rule")),
        }
    }
    Ok(rules)
}

fn read_rule(
    context: &mut Context,
    mapping: &Mapping<'_>,
    fields: &[&str],
) -> Result<AdmissionRule, Unclear> {
    context.unknown_fields(mapping, fields);
    let mut texts = |name: &str| field::texts(context, mapping, name);
    let (operations, api_groups) = (texts("operations")?, texts("apiGroups")?);
    let (versions, resources) = (texts("apiVersions")?, texts("resources")?);
    let names = if fields.contains(&"resourceNames") { texts("resourceNames")? } else { Vec::new() };
    let scopes = [
        ("*", ResourceScope::Any),
        ("Namespaced", ResourceScope::Namespaced),
        ("Cluster", ResourceScope::Cluster),
    ];
    let scope = word(context, mapping, "scope", &scopes)?.unwrap_or_default();
    for (list, texts) in [("operations", &operations), ("apiGroups", &api_groups), ("apiVersions", &versions)]
    {
        if texts.is_empty() {
            refuse(context, mapping, list, "is missing in a rule, which is about nothing then");
        } else if texts.len() > 1 && texts.iter().any(|text| text == "*") {
            refuse(context, mapping, list, "has `*` beside others");
        } else if list != "apiGroups" && texts.iter().any(String::is_empty) {
            refuse(context, mapping, list, "has an empty element");
        }
    }
    if operations.iter().any(|operation| !operation.is_empty() && !OPERATIONS.contains(&operation.as_str())) {
        refuse(context, mapping, "operations", "names an operation that there is not");
    }
    if let Some(problem) = problem_of_resources(&resources) {
        refuse(context, mapping, "resources", problem);
    }
    if names.iter().any(String::is_empty) {
        refuse(context, mapping, "resourceNames", "has an empty element");
    }
    Ok(AdmissionRule { operations, api_groups, api_versions: versions, resources, names, scope })
}

/// What is wrong with the resources of a rule: one that another one says already is refused.
fn problem_of_resources(resources: &[String]) -> Option<&'static str> {
    if resources.is_empty() {
        return Some("is missing in a rule, which is about nothing then");
    }
    if resources.iter().any(String::is_empty) {
        return Some("has an empty element");
    }
    let parts: Vec<(&str, Option<&str>)> = resources
        .iter()
        .map(|resource| match resource.split_once('/') {
            Some((resource, part)) => (resource, Some(part)),
            None => (resource.as_str(), None),
        })
        .collect();
    let is_said_before = |index: usize, &(resource, part): &(&str, Option<&str>)| {
        part.is_some()
            && parts[..index].iter().any(|&(earlier, of)| {
                of.is_some() && (earlier == resource && of == Some("*") || earlier == "*" && of == part)
            })
    };
    if parts.iter().enumerate().any(|(index, part)| is_said_before(index, part)) {
        return Some("says a part twice");
    }
    if resources.len() > 1 && resources.iter().any(|resource| resource == "*/*") {
        return Some("has `*/*` beside others");
    }
    // The server looks at the last one without a part alone.
    let last = parts.iter().rev().find(|(_, part)| part.is_none());
    if parts.contains(&("*", None)) && last.is_some_and(|(resource, _)| *resource != "*") {
        return Some("has `*` beside others");
    }
    None
}

fn refuse(context: &mut Context, mapping: &Mapping<'_>, list: &str, problem: &str) {
    let message = format!("`{list}` {problem}");
    let help = match list {
        "operations" => "the operations are `CREATE`, `UPDATE`, `DELETE` and `CONNECT`, or `*` alone",
        "resources" => "name each resource once, such as `pods` or `pods/exec`, or `*` alone",
        "apiGroups" | "apiVersions" | "resourceNames" => "name each once, or `*` alone",
        _ => "remove it, so that the default counts, or write one of its values",
    };
    context.refuse(rules::INVALID_VALUE, message, field::span(mapping, list), "refused", help);
}
