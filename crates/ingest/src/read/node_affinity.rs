//! The required node affinity of a pod. What is not understood keeps no pod away from a node.

use crate::context::Context;
use crate::rules;
use crate::tree::{Mapping, Node};
use crate::validate::labels;
use std::borrow::Cow;
use watertight_base::{Operator, Requirement, Span, dns_subdomain};

/// The terms of the required node affinity, of which one must hold; `None` if there are none, or if they cannot be read.
pub(super) fn read(context: &mut Context, spec: &Mapping<'_>) -> Option<Vec<Vec<Requirement>>> {
    let affinity = context.mapping(spec.entry("affinity")).ok()??;
    let of_nodes = context.mapping(affinity.entry("nodeAffinity")).ok()??;
    let required = of_nodes.entry("requiredDuringSchedulingIgnoredDuringExecution");
    let required = context.mapping(required).ok()??;
    let terms = context.list(required.entry("nodeSelectorTerms")).ok()?;
    if terms.is_empty() {
        refuse(context, "names no `nodeSelectorTerms`", required.span);
        return None;
    }
    // A term that asks for nothing holds on no node, as the API has it.
    Some(terms.into_iter().filter_map(|node| term(context, node)).collect())
}

/// What a term asks of the node's labels; nothing if it asks for more than labels can answer, and `None` if it asks for
/// nothing.
fn term(context: &mut Context, node: Node<'_>) -> Option<Vec<Requirement>> {
    let Ok(term) = context.mapping_of(node, "nodeSelectorTerms") else { return Some(Vec::new()) };
    let term = term?;
    context.near_misses(&term, &["matchExpressions", "matchFields"]);
    let fields = context.list(term.entry("matchFields"));
    for field in fields.iter().flatten() {
        match_field(context, *field);
    }
    let expressions = context.list(term.entry("matchExpressions"));
    let (Ok(fields), Ok(expressions)) = (fields, expressions) else { return Some(Vec::new()) };
    if fields.is_empty() && expressions.is_empty() {
        return None;
    }
    let expressions: Vec<_> = expressions.into_iter().map(|node| requirement(context, node)).collect();
    let asked = expressions.into_iter().collect::<Option<Vec<_>>>().filter(|_| fields.is_empty());
    Some(asked.unwrap_or_default())
}

/// A requirement of either sort, as it is written.
struct Written {
    key: String,
    operator: String,
    values: Vec<String>,
    span: Span,
}

fn written(context: &mut Context, node: Node<'_>) -> Option<Written> {
    let Some(mapping) = context.mapping_of(node, "matchExpressions").ok()? else {
        refuse(context, "has an empty requirement", node.span());
        return None;
    };
    context.near_misses(&mapping, &["key", "operator", "values"]);
    let key = context.text(mapping.entry("key"));
    let operator = context.text(mapping.entry("operator"));
    let mut values = Vec::new();
    for value in context.list(mapping.entry("values")).ok()? {
        values.push(context.text_of(value, "values").ok()?.unwrap_or_default().into_owned());
    }
    let text = |found: Option<Cow<'_, str>>| found.unwrap_or_default().into_owned();
    Some(Written { key: text(key.ok()?), operator: text(operator.ok()?), values, span: mapping.span })
}

/// A requirement on labels that labels answer.
fn requirement(context: &mut Context, node: Node<'_>) -> Option<Requirement> {
    let Written { key, operator, values, span } = written(context, node)?;
    labels::check_key(context, &key, span);
    let (meant, fits) = match operator.as_str() {
        "In" => (Some(Operator::In), !values.is_empty()),
        "NotIn" => (Some(Operator::NotIn), !values.is_empty()),
        "Exists" => (Some(Operator::Exists), values.is_empty()),
        "DoesNotExist" => (Some(Operator::DoesNotExist), values.is_empty()),
        "Gt" | "Lt" => (None, values.len() == 1),
        other => {
            refuse(context, &format!("has the operator `{other}`"), span);
            return None;
        }
    };
    if !fits {
        refuse(context, &format!("has {} values for `{operator}`", values.len()), span);
    }
    for value in &values {
        labels::check_value(context, value, span);
    }
    Some(Requirement { key, operator: meant?, values })
}

/// A requirement on the node's name, the only field that there is.
fn match_field(context: &mut Context, node: Node<'_>) {
    let Some(Written { key, operator, values, span }) = written(context, node) else { return };
    let is_operator = matches!(operator.as_str(), "In" | "NotIn");
    let is_name = matches!(values.as_slice(), [name] if dns_subdomain(name).is_ok());
    if key != "metadata.name" || !is_operator || !is_name {
        refuse(context, "asks for a field other than one `metadata.name`", span);
    }
}

fn refuse(context: &mut Context, problem: &str, span: Span) {
    let help = "see `kubectl explain pod.spec.affinity.nodeAffinity`";
    let message = format!("the required node affinity {problem}");
    context.refuse(rules::INVALID_VALUE, message, span, "the API server refuses this", help);
}
