//! Listeners of Gateways and ListenerSets, and which routes may attach to them.

use super::field;
use super::reference::{self, GATEWAY_API};
use super::selector::{self, Fields};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_model::{AllowedRoutes, Listener, ListenerProtocol, RouteNamespaces};

/// Reads `listeners` of a spec.
pub(super) fn list(context: &mut Context, spec: &Mapping<'_>) -> Result<Vec<Listener>, Unclear> {
    let mut listeners = Vec::new();
    for node in context.list(spec.entry("listeners"))? {
        if let Some(mapping) = context.mapping_of(node, "listeners")? {
            listeners.push(listener(context, &mapping)?);
        }
    }
    if listeners.is_empty() {
        context.refuse(
            rules::MISSING_FIELD,
            "there is no listener",
            field::span(spec, "listeners"),
            "no listener here",
            "give it a listener",
        );
    }
    Ok(listeners)
}

fn listener(context: &mut Context, mapping: &Mapping<'_>) -> Result<Listener, Unclear> {
    context.unknown_fields(mapping, &["allowedRoutes", "hostname", "name", "port", "protocol", "tls"]);
    let Some(port) = field::port(context, mapping, "port")? else {
        return Err(field::missing(context, mapping.span, "port", "a listener"));
    };
    let protocol = field::required(context, mapping, "protocol", "a listener")?.text;
    Ok(Listener {
        span: mapping.span,
        name: field::required(context, mapping, "name", "a listener")?.text,
        protocol: match protocol.as_str() {
            "HTTP" => ListenerProtocol::Http,
            "HTTPS" => ListenerProtocol::Https,
            "TLS" => ListenerProtocol::Tls,
            "TCP" => ListenerProtocol::Tcp,
            "UDP" => ListenerProtocol::Udp,
            _ => ListenerProtocol::Other(protocol),
        },
        port,
        hostname: field::text(context, mapping, "hostname")?,
        routes: allowed_routes(context, mapping)?,
    })
}

fn allowed_routes(context: &mut Context, listener: &Mapping<'_>) -> Result<AllowedRoutes, Unclear> {
    let Some(allowed) = context.mapping(listener.entry("allowedRoutes"))? else {
        return Ok(AllowedRoutes { span: listener.span, namespaces: RouteNamespaces::Same, kinds: None });
    };
    context.unknown_fields(&allowed, &["kinds", "namespaces"]);
    let namespaces = namespaces(context, &allowed, RouteNamespaces::Same)?;
    let mut kinds = Vec::new();
    for node in context.list(allowed.entry("kinds"))? {
        let Some(mapping) = context.mapping_of(node, "kinds")? else { continue };
        context.unknown_fields(&mapping, &["group", "kind"]);
        field::required(context, &mapping, "kind", "an allowed kind")?;
        kinds.push(reference::kind_name(context, &mapping, GATEWAY_API, "")?);
    }
    Ok(AllowedRoutes { span: allowed.span, namespaces, kinds: Some(kinds).filter(|kinds| !kinds.is_empty()) })
}

/// `from` of the namespaces.
#[derive(Debug, Clone, Copy)]
enum From {
    All,
    Same,
    None,
    Selector,
}

const FROM: &[(&str, From)] =
    &[("All", From::All), ("Same", From::Same), ("None", From::None), ("Selector", From::Selector)];

/// `namespaces` of `allowedRoutes` or of `allowedListeners`.
pub(super) fn namespaces(
    context: &mut Context,
    allowed: &Mapping<'_>,
    default: RouteNamespaces,
) -> Result<RouteNamespaces, Unclear> {
    let Some(mapping) = context.mapping(allowed.entry("namespaces"))? else { return Ok(default) };
    context.unknown_fields(&mapping, &["from", "selector"]);
    Ok(match field::one_of(context, &mapping, "from", FROM)? {
        None => default,
        Some(From::All) => RouteNamespaces::All,
        Some(From::Same) => RouteNamespaces::Same,
        Some(From::None) => RouteNamespaces::None,
        Some(From::Selector) => match mapping.get("selector").filter(|node| !Node::is_null(*node)) {
            Some(node) => {
                let Some(written) = context.mapping_of(node, "selector")? else { return Ok(default) };
                RouteNamespaces::Selected(selector::read(context, &written, Fields::Strict)?)
            }
            // Controllers differ on what no selector means.
            None => return Err(field::missing(context, mapping.span, "selector", "`from: Selector`")),
        },
    })
}
