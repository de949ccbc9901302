//! Label selectors (rule N16).

use super::metadata::label_map;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use crate::validate::labels;
use watertight_base::{Operator, Requirement, Selector};

/// How strictly a selector's fields are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fields {
    /// Unknown fields are refused.
    Strict,
    /// Only other spellings of known fields are reported.
    Lenient,
}

/// The selector that a mapping means.
pub(crate) fn read(
    context: &mut Context,
    mapping: &Mapping<'_>,
    fields: Fields,
) -> Result<Selector, Unclear> {
    check_fields(context, mapping, fields, &["matchLabels", "matchExpressions"]);
    let mut requirements: Vec<Requirement> = label_map(context, Some(mapping), "matchLabels")?
        .labels
        .into_iter()
        .map(|(key, value)| Requirement { key, operator: Operator::In, values: vec![value] })
        .collect();
    for node in context.list(mapping.entry("matchExpressions"))? {
        requirements.push(requirement(context, node, fields)?);
    }
    Ok(Selector { requirements })
}

fn check_fields(context: &mut Context, mapping: &Mapping<'_>, fields: Fields, known: &[&str]) {
    match fields {
        Fields::Strict => context.unknown_fields(mapping, known),
        Fields::Lenient => context.near_misses(mapping, known),
    }
}

/// One element of `matchExpressions`.
fn requirement(context: &mut Context, node: Node<'_>, fields: Fields) -> Result<Requirement, Unclear> {
    let Some(mapping) = context.mapping_of(node, "matchExpressions")? else {
        return Err(missing(context, node, "key"));
    };
    check_fields(context, &mapping, fields, &["key", "operator", "values"]);
    let Some(key) = context.text(mapping.entry("key"))?.filter(|key| !key.is_empty()) else {
        return Err(missing(context, node, "key"));
    };
    let key_span = mapping.get("key").map_or(mapping.span, Node::span);
    labels::check_key(context, &key, key_span);
    let Some(name) = context.text(mapping.entry("operator"))?.filter(|name| !name.is_empty()) else {
        return Err(missing(context, node, "operator"));
    };
    let operator_span = mapping.get("operator").map_or(mapping.span, Node::span);
    let operator = match name.as_ref() {
        "In" => Operator::In,
        "NotIn" => Operator::NotIn,
        "Exists" => Operator::Exists,
        "DoesNotExist" => Operator::DoesNotExist,
        other => {
            return Err(context.unclear(
                rules::INVALID_SELECTOR,
                format!("there is no operator `{other}`"),
                operator_span,
                "unknown operator",
                "the operators are `In`, `NotIn`, `Exists` and `DoesNotExist`",
            ));
        }
    };
    let mut values = Vec::new();
    for value in context.list(mapping.entry("values"))? {
        let text = context.text_of(value, "values")?.unwrap_or_default();
        labels::check_value(context, &text, value.span());
        values.push(text.into_owned());
    }
    let key = key.into_owned();
    match operator {
        Operator::In | Operator::NotIn if values.is_empty() => {
            let message = format!("`{name}` has no values for `{key}`");
            let help = "give `values`, or use `Exists` or `DoesNotExist`";
            Err(context.unclear(rules::INVALID_SELECTOR, message, operator_span, "needs `values`", help))
        }
        Operator::Exists | Operator::DoesNotExist if !values.is_empty() => {
            let span = mapping.get("values").map_or(mapping.span, Node::span);
            let message = format!("`{name}` takes no values, and has some for `{key}`");
            let help = "remove `values`, or use `In` or `NotIn`";
            context.refuse(rules::INVALID_SELECTOR, message, span, "values without effect", help);
            Ok(Requirement { key, operator, values: Vec::new() })
        }
        _ => Ok(Requirement { key, operator, values }),
    }
}

fn missing(context: &mut Context, node: Node<'_>, field: &str) -> Unclear {
    context.unclear(
        rules::MISSING_FIELD,
        format!("an element of `matchExpressions` has no `{field}`"),
        node.span(),
        format!("no `{field}` here"),
        format!("give it a `{field}`"),
    )
}
