//! Gateway, ListenerSet and GatewayClass.

use super::field;
use super::listener;
use super::metadata::label_map;
use super::passing;
use super::reference;
use crate::context::{Context, Unclear};
use crate::tree::{Mapping, Node};
use watertight_base::Labels;
use watertight_model::{Gateway, GatewayClass, Host, ListenerSet, NamespaceId, Origin, RouteNamespaces};

/// The fields of a Gateway's spec.
const FIELDS: &[&str] = &[
    "addresses",
    "allowedListeners",
    "backendTLS",
    "defaultScope",
    "gatewayClassName",
    "infrastructure",
    "listeners",
    "tls",
];

/// Reads a GatewayClass.
pub(crate) fn class(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<GatewayClass, Unclear> {
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        return Err(field::missing(context, object.span, "spec", "a GatewayClass"));
    };
    context.unknown_fields(&spec, &["controllerName", "description", "parametersRef"]);
    let controller = field::required(context, &spec, "controllerName", "a GatewayClass")?.text;
    Ok(GatewayClass { origin, controller, admission: passing::admission_of(context, object)? })
}

/// Reads a Gateway. Its namespace is filled in when all namespaces are known.
pub(crate) fn read(context: &mut Context, object: &Mapping<'_>, origin: Origin) -> Result<Gateway, Unclear> {
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        return Err(field::missing(context, object.span, "spec", "a Gateway"));
    };
    context.unknown_fields(&spec, FIELDS);
    Ok(Gateway {
        origin,
        namespace: NamespaceId(0),
        class: field::required(context, &spec, "gatewayClassName", "a Gateway")?,
        listeners: listener::list(context, &spec)?,
        asked: asked(context, &spec)?,
        asked_span: spec.get("addresses").map(Node::span),
        addresses: field::reported_hosts(object, &["status", "addresses"], &["value"]),
        listener_sets: listener_sets(context, &spec)?,
        infrastructure_labels: infrastructure_labels(context, &spec)?,
        is_default: field::one_of(context, &spec, "defaultScope", &[("All", true), ("None", false)])?
            .unwrap_or(false),
        admission: passing::admission_of(context, object)?,
    })
}

/// Reads a ListenerSet. Its namespace is filled in when all namespaces are known.
pub(crate) fn listener_set(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<ListenerSet, Unclear> {
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        return Err(field::missing(context, object.span, "spec", "a ListenerSet"));
    };
    context.unknown_fields(&spec, &["listeners", "parentRef"]);
    let Some(parent) = spec.get("parentRef") else {
        return Err(field::missing(context, spec.span, "parentRef", "a ListenerSet"));
    };
    let namespace = origin.object.namespace.clone().unwrap_or_default();
    Ok(ListenerSet {
        origin,
        namespace: NamespaceId(0),
        parent: reference::parent(context, parent, &namespace)?,
        listeners: listener::list(context, &spec)?,
        admission: passing::admission_of(context, object)?,
    })
}

/// The addresses that it asks for, as hosts or by whatever name its controller knows them. One without a value is any.
fn asked(context: &mut Context, spec: &Mapping<'_>) -> Result<Vec<Host>, Unclear> {
    let mut addresses = Vec::new();
    for node in context.list(spec.entry("addresses"))? {
        let Some(mapping) = context.mapping_of(node, "addresses")? else { continue };
        context.unknown_fields(&mapping, &["type", "value"]);
        let value = field::text(context, &mapping, "value")?.filter(|text| !text.is_empty());
        if let Some(value) = value.map(|text| Host::of(&text))
            && !addresses.contains(&value)
        {
            addresses.push(value);
        }
    }
    Ok(addresses)
}

fn listener_sets(context: &mut Context, spec: &Mapping<'_>) -> Result<RouteNamespaces, Unclear> {
    let Some(allowed) = context.mapping(spec.entry("allowedListeners"))? else {
        return Ok(RouteNamespaces::None);
    };
    context.unknown_fields(&allowed, &["namespaces"]);
    listener::namespaces(context, &allowed, RouteNamespaces::None)
}

fn infrastructure_labels(context: &mut Context, spec: &Mapping<'_>) -> Result<Labels, Unclear> {
    let infrastructure = spec.get("infrastructure").and_then(Node::mapping);
    Ok(label_map(context, infrastructure.as_ref(), "labels")?.labels)
}
