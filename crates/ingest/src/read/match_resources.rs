//! Which requests a ValidatingAdmissionPolicy or its binding is about: `matchConstraints` and `matchResources`.
//!
//! Source of what is refused: `validateMatchResources` of Kubernetes 1.36.

use super::field;
use super::selector::{self, Fields};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_base::Selector;
use watertight_model::{MatchResources, ResourceRule, RuleScope};

const FIELDS: &[&str] =
    &["excludeResourceRules", "matchPolicy", "namespaceSelector", "objectSelector", "resourceRules"];
const FIELDS_OF_RULE: &[&str] =
    &["apiGroups", "apiVersions", "operations", "resourceNames", "resources", "scope"];
const OPERATIONS: &[&str] = &["*", "CREATE", "UPDATE", "DELETE", "CONNECT"];

/// Reads the field of that name; `None` if it is missing or null.
pub(super) fn read(
    context: &mut Context,
    holder: &Mapping<'_>,
    name: &str,
) -> Result<Option<MatchResources>, Unclear> {
    let Some(mapping) = context.mapping(holder.entry(name))? else { return Ok(None) };
    context.unknown_fields(&mapping, FIELDS);
    let policies = [("Equivalent", true), ("Exact", false)];
    Ok(Some(MatchResources {
        rules: resource_rules(context, &mapping, "resourceRules")?,
        excluded: resource_rules(context, &mapping, "excludeResourceRules")?,
        namespaces: label_selector(context, &mapping, "namespaceSelector")?.unwrap_or_default(),
        objects: label_selector(context, &mapping, "objectSelector")?.unwrap_or_default(),
        equivalent: field::one_of(context, &mapping, "matchPolicy", &policies)?.unwrap_or(true),
    }))
}

/// The label selector in a field; `None` if it is missing or null.
pub(super) fn label_selector(
    context: &mut Context,
    holder: &Mapping<'_>,
    name: &str,
) -> Result<Option<Selector>, Unclear> {
    match context.mapping(holder.entry(name))? {
        Some(mapping) => selector::read(context, &mapping, Fields::Strict).map(Some),
        None => Ok(None),
    }
}

fn resource_rules(
    context: &mut Context,
    holder: &Mapping<'_>,
    name: &str,
) -> Result<Vec<ResourceRule>, Unclear> {
    let mut rules = Vec::new();
    for node in context.list(holder.entry(name))? {
        rules.push(resource_rule(context, node, name)?);
    }
    Ok(rules)
}

fn resource_rule(context: &mut Context, node: Node<'_>, name: &str) -> Result<ResourceRule, Unclear> {
    let Some(mapping) = context.mapping_of(node, name)? else {
        return Err(field::missing(context, node.span(), "resources", "a rule"));
    };
    context.unknown_fields(&mapping, FIELDS_OF_RULE);
    let scopes =
        [("*", RuleScope::All), ("Namespaced", RuleScope::Namespaced), ("Cluster", RuleScope::Cluster)];
    let rule = ResourceRule {
        groups: field::texts(context, &mapping, "apiGroups")?,
        versions: field::texts(context, &mapping, "apiVersions")?,
        resources: field::texts(context, &mapping, "resources")?,
        operations: field::texts(context, &mapping, "operations")?,
        names: field::texts(context, &mapping, "resourceNames")?,
        scope: field::one_of(context, &mapping, "scope", &scopes)?.unwrap_or_default(),
    };
    check(context, &mapping, &rule);
    Ok(rule)
}

/// What the server refuses although the meaning is clear.
fn check(context: &mut Context, mapping: &Mapping<'_>, rule: &ResourceRule) {
    let lists = [
        ("apiGroups", &rule.groups),
        ("apiVersions", &rule.versions),
        ("operations", &rule.operations),
        ("resources", &rule.resources),
    ];
    for (name, values) in lists {
        let span = field::span(mapping, name);
        if values.is_empty() {
            let help = format!("give it `{name}`, such as `[\"*\"]`");
            let message = format!("a rule has no `{name}`");
            context.refuse(rules::MISSING_FIELD, message, span, "matches nothing", help);
        }
        let is_alone = values.len() < 2 || name == "resources" && !values.iter().any(|value| value == "*/*");
        if !is_alone && values.iter().any(|value| value == "*" || value == "*/*") {
            let message = format!("`{name}` has `*` and others beside it");
            context.refuse(rules::INVALID_VALUE, message, span, "`*` must stand alone", "leave only `*`");
        }
        if name != "apiGroups" && values.iter().any(String::is_empty) {
            let message = format!("`{name}` has an empty element");
            context.refuse(rules::INVALID_VALUE, message, span, "an empty element", "remove it");
        }
    }
    check_resources(context, mapping, &rule.resources);
    if let Some(other) = rule.operations.iter().find(|found| !OPERATIONS.contains(&found.as_str())) {
        context.refuse(
            rules::INVALID_VALUE,
            format!("there is no operation `{other}`"),
            field::span(mapping, "operations"),
            "unknown operation",
            "the operations are `CREATE`, `UPDATE`, `DELETE`, `CONNECT` and `*`",
        );
    }
    let named = |(index, name): (usize, &String)| {
        name.is_empty()
            || name == "."
            || name == ".."
            || name.contains(['/', '%'])
            || rule.names[..index].contains(name)
    };
    if rule.names.iter().enumerate().any(named) {
        let message = "`resourceNames` has a name twice, or one that no object has";
        let span = field::span(mapping, "resourceNames");
        context.refuse(rules::INVALID_VALUE, message, span, "no such name", "give each name once");
    }
}

/// A resource that another element of the list covers already.
fn check_resources(context: &mut Context, mapping: &Mapping<'_>, resources: &[String]) {
    let covered = |(index, resource): (usize, &String)| {
        let Some((name, sub)) = resource.split_once('/') else {
            return resource != "*" && resources.iter().any(|other| other == "*");
        };
        let before = &resources[..index];
        before.iter().any(|other| *other == format!("{name}/*") || *other == format!("*/{sub}"))
    };
    if resources.iter().enumerate().any(covered) {
        let message = "`resources` names what another of its elements covers";
        let span = field::span(mapping, "resources");
        context.refuse(rules::INVALID_VALUE, message, span, "covered twice", "leave the wider one");
    }
}
