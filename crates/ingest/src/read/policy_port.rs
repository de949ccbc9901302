//! One element of a policy rule's `ports` (rules N23 to N27).

use crate::context::{Context, Unclear};
use crate::rules;
use crate::scalar::Scalar;
use crate::tree::{Mapping, Node, Value};
use watertight_base::{Protocol, Span, port_name};
use watertight_model::{PolicyPort, PortMatch};

/// Reads a port. A null one is an empty one: all of TCP.
pub(crate) fn read(context: &mut Context, node: Node<'_>) -> Result<PolicyPort, Unclear> {
    let span = node.span();
    let Some(mapping) = context.mapping_of(node, "ports")? else {
        return Ok(PolicyPort { span, protocol: Protocol::Tcp, port: PortMatch::All });
    };
    context.unknown_fields(&mapping, &["protocol", "port", "endPort"]);
    if mapping.get("protocol").and_then(Node::text).is_some_and(|name| name.is_empty()) {
        let span = mapping.get("protocol").map_or(mapping.span, Node::span);
        // Ports of pods and Services may have it, and are TCP.
        let (label, help) = ("read as `TCP`", "write `TCP`, or remove `protocol`");
        context.refuse(rules::INVALID_VALUE, "`protocol` is empty", span, label, help);
    }
    let protocol = protocol(context, &mapping)?;
    let port = port(context, &mapping)?;
    let port = end_port(context, &mapping, port)?;
    Ok(PolicyPort { span, protocol, port })
}

/// `protocol` of anything that has one: TCP if it is missing, null or empty (rule N23).
pub(crate) fn protocol(context: &mut Context, mapping: &Mapping<'_>) -> Result<Protocol, Unclear> {
    let Some(name) = context.text(mapping.entry("protocol"))?.filter(|name| !name.is_empty()) else {
        return Ok(Protocol::Tcp);
    };
    if let Some(protocol) = Protocol::from_name(&name) {
        return Ok(protocol);
    }
    let span = mapping.get("protocol").map_or(mapping.span, Node::span);
    match Protocol::from_name(&name.to_ascii_uppercase()) {
        Some(protocol) => {
            context.refuse(
                rules::INVALID_VALUE,
                format!("the protocol `{name}` is not in upper case"),
                span,
                format!("read as `{protocol}`"),
                format!("write `{protocol}`"),
            );
            Ok(protocol)
        }
        None => Err(context.unclear(
            rules::INVALID_VALUE,
            format!("there is no protocol `{name}`"),
            span,
            "unknown protocol",
            "the protocols are `TCP`, `UDP` and `SCTP`",
        )),
    }
}

fn port(context: &mut Context, mapping: &Mapping<'_>) -> Result<PortMatch, Unclear> {
    let Some(node) = mapping.get("port") else { return Ok(PortMatch::All) };
    match node.value() {
        Value::Scalar(Scalar::Null) => Ok(PortMatch::All),
        Value::Scalar(Scalar::Text(_)) => {
            let name = context.text_of(node, "port")?.unwrap_or_default();
            if let Ok(number) = name.parse::<i128>() {
                context.refuse(
                    rules::WRONG_TYPE,
                    format!("the port `\"{number}\"` is a string, so that it counts as a name"),
                    node.span(),
                    format!("read as the number {number}"),
                    "remove the quotes",
                );
                return port_number(context, number, node.span()).map(PortMatch::Number);
            }
            check_port_name(context, &name, node.span());
            Ok(PortMatch::Named(name.into_owned()))
        }
        other => {
            if let Value::Scalar(scalar) = &other
                && let Some(number) = scalar.whole()
            {
                return port_number(context, number, node.span()).map(PortMatch::Number);
            }
            let found = other.type_name();
            Err(context.unclear(
                rules::WRONG_TYPE,
                format!("`port` must be a whole number or a name, not {found}"),
                node.span(),
                format!("this is {found}"),
                "write a port number or the name of a container port",
            ))
        }
    }
}

/// A port number, from 1 to 65535.
pub(crate) fn port_number(context: &mut Context, number: i128, span: Span) -> Result<u16, Unclear> {
    match u16::try_from(number) {
        Ok(port) if port > 0 => Ok(port),
        _ => Err(context.unclear(
            rules::INVALID_PORT_RANGE,
            format!("there is no port {number}"),
            span,
            "no port",
            "ports go from 1 to 65535",
        )),
    }
}

/// Reports a name that no container port can have.
pub(crate) fn check_port_name(context: &mut Context, name: &str, span: Span) {
    if let Err(error) = port_name(name) {
        context.refuse(
            rules::INVALID_NAME,
            format!("the port name `{name}` {error}"),
            span,
            "the API server refuses this name",
            "use at most 15 lower-case letters, digits and `-`, with at least one letter",
        );
    }
}

fn end_port(context: &mut Context, mapping: &Mapping<'_>, port: PortMatch) -> Result<PortMatch, Unclear> {
    let Some(last) = context.integer(mapping.entry("endPort"))? else { return Ok(port) };
    let span = mapping.get("endPort").map_or(mapping.span, Node::span);
    let mut invalid = |message: String, label: &str, help: &str| {
        Err(context.unclear(rules::INVALID_PORT_RANGE, message, span, label, help))
    };
    match port {
        PortMatch::Number(first) => match u16::try_from(last) {
            Ok(last) if last >= first => Ok(PortMatch::Range(first, last)),
            Ok(last) => invalid(
                format!("the port range {first} to {last} is reversed"),
                "less than `port`",
                "write the lower number as `port` and the higher one as `endPort`",
            ),
            Err(_) => invalid(format!("there is no port {last}"), "no port", "ports go from 1 to 65535"),
        },
        PortMatch::Named(name) => invalid(
            format!("`endPort` stands beside the named port `{name}`"),
            "needs a number as `port`",
            "give `port` as a number, or remove `endPort`",
        ),
        PortMatch::All | PortMatch::Range(..) => invalid(
            "`endPort` stands without `port`".to_owned(),
            "needs `port`",
            "give the first port as `port`",
        ),
    }
}
