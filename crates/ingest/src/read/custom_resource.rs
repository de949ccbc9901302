//! What holds for all custom resources: the server checks them against a schema alone, and drops what is null.

use super::selector::{self, Fields};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Entry, Mapping, Node};
use std::collections::BTreeSet;
use watertight_base::{Selector, Severity, Span};

/// The fields of `known` that are there. One that is null is not: the server prunes it before it looks.
pub(super) fn given<'m, 'a>(mapping: &'m Mapping<'a>, known: &[&str]) -> Vec<&'m Entry<'a>> {
    let is_given = |entry: &&Entry<'_>| known.contains(&entry.key.as_ref()) && !entry.value.is_null();
    mapping.entries().iter().filter(is_given).collect()
}

/// The elements of a list, which is refused if it has none or more than `max`; `None` if there is no list.
pub(super) fn elements<'a>(
    context: &mut Context,
    mapping: &Mapping<'a>,
    field: &str,
    max: usize,
) -> Result<Option<Vec<Node<'a>>>, Unclear> {
    let Some(entry) = mapping.entry(field).filter(|entry| !entry.value.is_null()) else { return Ok(None) };
    let elements = context.list(Some(entry))?;
    if elements.len() > max {
        context.refuse(
            rules::INVALID_VALUE,
            format!("`{field}` has more than {max} elements"),
            entry.key_span,
            format!("at most {max}"),
            "make two of it",
        );
    }
    Ok(Some(elements))
}

/// The texts of a list that has at least one, and each of them once.
pub(super) fn set(
    context: &mut Context,
    field: &Entry<'_>,
    max: usize,
) -> Result<Vec<(String, Span)>, Unclear> {
    let nodes = context.list(Some(field))?;
    if nodes.is_empty() {
        return Err(empty(context, field));
    }
    if nodes.len() > max {
        context.refuse(
            rules::INVALID_VALUE,
            format!("`{}` has more than {max} elements", field.key),
            field.key_span,
            format!("at most {max}"),
            "make two peers of it",
        );
    }
    let mut seen = BTreeSet::new();
    let mut texts = Vec::new();
    for (index, node) in nodes.into_iter().enumerate() {
        let what = format!("{}[{index}]", field.key);
        let Some(text) = context.text_of(node, &what)? else {
            return Err(null_element(context, node, &what));
        };
        if !seen.insert(text.clone().into_owned()) {
            context.refuse(
                rules::INVALID_VALUE,
                format!("`{}` holds `{text}` more than once", field.key),
                node.span(),
                "given here again",
                "name it once",
            );
        }
        texts.push((text.into_owned(), node.span()));
    }
    Ok(texts)
}

/// A list without elements, where the schema wants one. What it means differs from one program to the next.
pub(super) fn empty(context: &mut Context, field: &Entry<'_>) -> Unclear {
    context.unclear(
        rules::INVALID_VALUE,
        format!("`{}` is empty", field.key),
        field.key_span,
        "needs an element",
        "give it an element, or remove the field",
    )
}

/// A null where a list wants an element.
pub(super) fn null_element(context: &mut Context, node: Node<'_>, what: &str) -> Unclear {
    context.unclear(
        rules::WRONG_TYPE,
        format!("`{what}` is null"),
        node.span(),
        "this is null",
        "write an element here, or remove it",
    )
}

/// A field that must be there and is not.
pub(super) fn missing(context: &mut Context, span: Span, what: &str, field: &str) -> Unclear {
    context.unclear(
        rules::MISSING_FIELD,
        format!("{what} has no `{field}`"),
        span,
        format!("no `{field}` here"),
        format!("give it `{field}`"),
    )
}

/// The selector in a field. The schema takes every text as a label, and nothing says what programs make of a selector that
/// holds something else: its meaning is not clear.
pub(super) fn selector(context: &mut Context, mapping: &Mapping<'_>) -> Result<Selector, Unclear> {
    if let Some(labels) = context.mapping(mapping.entry("matchLabels"))?
        && let Some(entry) = labels.entries().iter().find(|entry| entry.value.is_null())
    {
        return Err(context.unclear(
            rules::INVALID_SELECTOR,
            format!("`{}` has no value", entry.key),
            entry.key_span,
            "the API server drops this label",
            "give it a value, or `\"\"` for the empty one",
        ));
    }
    for node in context.list(mapping.entry("matchExpressions"))? {
        let values = node.mapping().and_then(|expression| expression.get("values")?.sequence());
        if let Some(null) = values.unwrap_or_default().into_iter().find(|value| value.is_null()) {
            return Err(null_element(context, null, "values"));
        }
    }
    let before = context.diagnostics.len();
    let selector = selector::read(context, mapping, Fields::Strict)?;
    let odd = context.diagnostics[before..].iter().find(|diagnostic| {
        diagnostic.severity == Severity::Error
            && [rules::INVALID_LABEL, rules::INVALID_SELECTOR].contains(&diagnostic.rule)
    });
    match odd {
        Some(odd) => Err(Unclear {
            rule: odd.rule,
            reason: odd.message.clone(),
            span: odd.at.as_ref().map_or(mapping.span, |(span, _)| *span),
            help: odd.help.clone().unwrap_or_default(),
        }),
        None => Ok(selector),
    }
}
