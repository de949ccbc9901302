//! One element of `protocols`, or of `ports` in the older API (rule N69).

use super::custom_resource::{given, missing, null_element};
use super::dialect::Dialect;
use super::policy_port;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Entry, Mapping, Node};
use watertight_base::words::listed;
use watertight_base::{Protocol, Span, port_name};
use watertight_model::{TierPort, TierPortKind};

/// The fields of an element of `protocols`.
const PROTOCOLS: &[&str] = &["tcp", "udp", "sctp", "destinationNamedPort"];
/// The fields of an element of `ports`.
const PORTS: &[&str] = &["portNumber", "portRange", "namedPort"];

/// Reads an element of the list that the dialect has for ports.
pub(super) fn read(context: &mut Context, dialect: &Dialect, node: Node<'_>) -> Result<TierPort, Unclear> {
    let Some(mapping) = context.mapping_of(node, dialect.ports)? else {
        return Err(null_element(context, node, dialect.ports));
    };
    let known = if dialect.ports == "protocols" { PROTOCOLS } else { PORTS };
    context.unknown_fields(&mapping, known);
    let what = format!("an element of `{}`", dialect.ports);
    let only = only(context, &mapping, known, &what)?;
    let kind = match only.key.as_ref() {
        "destinationNamedPort" | "namedPort" => named(context, only)?,
        key => {
            let Some(value) = context.mapping(Some(only))? else {
                return Err(null_element(context, only.value, key));
            };
            match key {
                "portNumber" => port_number(context, &value)?,
                "portRange" => port_range(context, &value)?,
                _ => protocol(context, key, &value)?,
            }
        }
    };
    Ok(TierPort { span: node.span(), kind })
}

/// The one field that a mapping has.
fn only<'m, 'a>(
    context: &mut Context,
    mapping: &'m Mapping<'a>,
    known: &[&str],
    what: &str,
) -> Result<&'m Entry<'a>, Unclear> {
    match given(mapping, known).as_slice() {
        [only] => Ok(only),
        [] => Err(context.unclear(
            rules::MISSING_FIELD,
            format!("{what} names no port"),
            mapping.span,
            "no port here",
            format!("give it one of {}", listed(known)),
        )),
        [first, second, ..] => Err(context.unclear(
            rules::INVALID_PORT_RANGE,
            format!("{what} has both `{}` and `{}`", first.key, second.key),
            second.key_span,
            "stands beside another",
            "make them two elements, each with a `-` of its own",
        )),
    }
}

/// The name of container ports. The schema takes any text, and one that no container port can have matches nothing.
fn named(context: &mut Context, field: &Entry<'_>) -> Result<TierPortKind, Unclear> {
    let Some(name) = context.text(Some(field))?.filter(|name| !name.is_empty()) else {
        return Err(context.unclear(
            rules::INVALID_NAME,
            format!("`{}` is empty", field.key),
            field.value.span(),
            "no name here",
            "write the name of a container port",
        ));
    };
    if let Err(error) = port_name(&name) {
        context.warn(
            rules::INVALID_NAME,
            format!("the port name `{name}` {error}"),
            field.value.span(),
            "no container port has this name",
            "use at most 15 lower-case letters, digits and `-`, with at least one letter",
        );
    }
    Ok(TierPortKind::Named(name.into_owned()))
}

/// `tcp`, `udp` or `sctp`. Without a port it is all of the protocol: so says the text, and the schema refuses it.
fn protocol(context: &mut Context, name: &str, value: &Mapping<'_>) -> Result<TierPortKind, Unclear> {
    let protocol = match name {
        "udp" => Protocol::Udp,
        "sctp" => Protocol::Sctp,
        _ => Protocol::Tcp,
    };
    context.unknown_fields(value, &["destinationPort"]);
    let Some(port) = context.mapping(value.entry("destinationPort"))? else {
        context.refuse(
            rules::MISSING_FIELD,
            format!("`{name}` has no `destinationPort`"),
            value.span,
            format!("read as all ports of {protocol}"),
            "write `destinationPort: {range: {start: 1, end: 65535}}` for all ports",
        );
        return Ok(TierPortKind::All(protocol));
    };
    context.unknown_fields(&port, &["number", "range"]);
    let only = only(context, &port, &["number", "range"], "a `destinationPort`")?;
    if only.key == "number" {
        let (number, _) = number(context, &port, "number", "a `destinationPort`")?;
        return Ok(TierPortKind::Number(protocol, number));
    }
    let Some(ends) = context.mapping(Some(only))? else {
        return Err(null_element(context, only.value, "range"));
    };
    context.unknown_fields(&ends, &["start", "end"]);
    let (first, last, span) = range(context, &ends)?;
    if first == last {
        context.refuse(
            rules::INVALID_PORT_RANGE,
            format!("the port range {first} to {last} is one port"),
            span,
            "not more than `start`",
            format!("write `number: {first}`"),
        );
    }
    Ok(TierPortKind::Range(protocol, first, last))
}

fn port_number(context: &mut Context, value: &Mapping<'_>) -> Result<TierPortKind, Unclear> {
    context.unknown_fields(value, &["protocol", "port"]);
    let protocol = written_protocol(context, value)?;
    let (number, _) = number(context, value, "port", "a `portNumber`")?;
    Ok(TierPortKind::Number(protocol, number))
}

fn port_range(context: &mut Context, value: &Mapping<'_>) -> Result<TierPortKind, Unclear> {
    context.unknown_fields(value, &["protocol", "start", "end"]);
    let protocol = written_protocol(context, value)?;
    let (first, last, _) = range(context, value)?;
    Ok(TierPortKind::Range(protocol, first, last))
}

/// `protocol`, which is TCP if it is missing. The schema takes any text, and nothing says what programs make of one that is
/// no protocol, be it in lower case or empty.
fn written_protocol(context: &mut Context, value: &Mapping<'_>) -> Result<Protocol, Unclear> {
    let Some(name) = context.text(value.entry("protocol"))? else { return Ok(Protocol::Tcp) };
    Protocol::from_name(&name).ok_or_else(|| {
        context.unclear(
            rules::INVALID_VALUE,
            format!("there is no protocol `{name}`"),
            value.get("protocol").map_or(value.span, Node::span),
            "unknown protocol",
            "the protocols are `TCP`, `UDP` and `SCTP`",
        )
    })
}

/// First, last, and where the last stands.
fn range(context: &mut Context, value: &Mapping<'_>) -> Result<(u16, u16, Span), Unclear> {
    let (first, _) = number(context, value, "start", "a port range")?;
    let (last, span) = number(context, value, "end", "a port range")?;
    if first > last {
        return Err(context.unclear(
            rules::INVALID_PORT_RANGE,
            format!("the port range {first} to {last} is reversed"),
            span,
            "less than `start`",
            "write the lower number as `start` and the higher one as `end`",
        ));
    }
    Ok((first, last, span))
}

/// A port in a field that must be there, and where it stands.
fn number(
    context: &mut Context,
    value: &Mapping<'_>,
    field: &str,
    what: &str,
) -> Result<(u16, Span), Unclear> {
    let Some(number) = context.integer(value.entry(field))? else {
        return Err(missing(context, value.span, what, field));
    };
    let span = value.get(field).map_or(value.span, Node::span);
    Ok((policy_port::port_number(context, number, span)?, span))
}
