//! Fields that many kinds have: required text, one of a few words, a port, a host.

use super::policy_port;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::scalar::Scalar;
use crate::tree::{Mapping, Node, Value};
use watertight_base::Span;
use watertight_base::words::listed;
use watertight_model::{Admission, Host, TargetPort, Written};

/// Whether the API server would take the object, as far as it was read.
pub(crate) fn admission(context: &Context) -> Admission {
    if context.refused() { Admission::Refused } else { Admission::Accepted }
}

/// Where a field's value stands, or its parent if it is missing.
pub(crate) fn span(mapping: &Mapping<'_>, field: &str) -> Span {
    mapping.get(field).map_or(mapping.span, Node::span)
}

/// The text in a field, with its place; `None` if it is missing, null or empty.
pub(crate) fn written(
    context: &mut Context,
    mapping: &Mapping<'_>,
    field: &str,
) -> Result<Option<Written>, Unclear> {
    let text = context.text(mapping.entry(field))?.filter(|text| !text.is_empty());
    Ok(text.map(|text| Written { text: text.into_owned(), span: span(mapping, field) }))
}

/// The text in a field; `None` if it is missing, null or empty.
pub(crate) fn text(
    context: &mut Context,
    mapping: &Mapping<'_>,
    field: &str,
) -> Result<Option<String>, Unclear> {
    Ok(written(context, mapping, field)?.map(|written| written.text))
}

/// The texts of a list; an element that is null is an empty text, as it is to the API server.
pub(crate) fn texts(
    context: &mut Context,
    mapping: &Mapping<'_>,
    field: &str,
) -> Result<Vec<String>, Unclear> {
    let nodes = context.list(mapping.entry(field))?.into_iter().enumerate();
    nodes
        .map(|(index, node)| {
            let text = context.text_of(node, &format!("{field}[{index}]"))?;
            Ok(text.unwrap_or_default().into_owned())
        })
        .collect()
}

/// The text in a field without which nobody knows what is meant.
pub(crate) fn required(
    context: &mut Context,
    mapping: &Mapping<'_>,
    field: &str,
    holder: &str,
) -> Result<Written, Unclear> {
    match written(context, mapping, field)? {
        Some(written) => Ok(written),
        None => Err(missing(context, mapping.span, field, holder)),
    }
}

/// A field is missing without which nobody knows what is meant.
pub(crate) fn missing(context: &mut Context, place: Span, field: &str, holder: &str) -> Unclear {
    context.unclear(
        rules::MISSING_FIELD,
        format!("{holder} has no `{field}`"),
        place,
        format!("no `{field}` here"),
        format!("give it a `{field}`"),
    )
}

/// The value that a word in a field stands for; `None` if it is missing, null or empty.
pub(crate) fn one_of<T: Copy>(
    context: &mut Context,
    mapping: &Mapping<'_>,
    field: &str,
    words: &[(&str, T)],
) -> Result<Option<T>, Unclear> {
    let Some(found) = written(context, mapping, field)? else { return Ok(None) };
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == found.text) {
        return Ok(Some(*value));
    }
    let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    Err(context.unclear(
        rules::INVALID_VALUE,
        format!("`{field}` is `{}`", found.text),
        found.span,
        "unknown value",
        format!("the values are {}", listed(&words)),
    ))
}

/// The port number in a field; `None` if it is missing or null.
pub(crate) fn port(
    context: &mut Context,
    mapping: &Mapping<'_>,
    field: &str,
) -> Result<Option<u16>, Unclear> {
    let Some(number) = context.integer(mapping.entry(field))? else { return Ok(None) };
    policy_port::port_number(context, number, span(mapping, field)).map(Some)
}

/// A container port by number or by name; `None` if it is missing, null, empty or 0, which all mean the default.
pub(crate) fn target_port(
    context: &mut Context,
    mapping: &Mapping<'_>,
    field: &str,
) -> Result<Option<TargetPort>, Unclear> {
    let Some(node) = mapping.get(field) else { return Ok(None) };
    match node.value() {
        Value::Scalar(Scalar::Null | Scalar::Integer(0)) => Ok(None),
        Value::Scalar(Scalar::Text(text)) if text.is_empty() => Ok(None),
        Value::Scalar(scalar) if scalar.whole().is_some() => {
            let number = scalar.whole().unwrap_or_default();
            policy_port::port_number(context, number, node.span()).map(|port| Some(TargetPort::Number(port)))
        }
        _ => {
            let name = context.text_of(node, field)?.unwrap_or_default();
            policy_port::check_port_name(context, &name, node.span());
            Ok(Some(match name.parse() {
                Ok(number) => TargetPort::Number(number),
                Err(_) => TargetPort::Named(name.into_owned()),
            }))
        }
    }
}

/// The hosts that a list in a status tells, each once: `ip` and `hostname` (or `value`) of its elements. What controllers
/// report is taken as it is.
pub(crate) fn reported_hosts(object: &Mapping<'_>, path: &[&str], fields: &[&str]) -> Vec<Host> {
    let elements = object.path(path).and_then(Node::sequence).unwrap_or_default();
    let mut hosts = Vec::new();
    for element in elements.into_iter().filter_map(Node::mapping) {
        let told = fields.iter().filter_map(|field| element.get(field)?.text());
        for host in told.filter(|text| !text.is_empty()).map(|text| Host::of(&text)) {
            if !hosts.contains(&host) {
                hosts.push(host);
            }
        }
    }
    hosts
}
