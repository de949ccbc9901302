//! Endpoints: the older form of what a Service leads to.

use super::field;
use super::metadata::label_map;
use super::policy_port;
use crate::context::{Context, Unclear};
use crate::tree::{Mapping, Node};
use crate::validate::address;
use watertight_model::{
    Endpoint, EndpointPort, EndpointSubset, EndpointTarget, Endpoints, EndpointsWriter, Host, NamespaceId,
    Origin,
};

/// Who wrote it, since servers of 1.33 say so.
const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";

/// Reads Endpoints. Its namespace is filled in when all namespaces are known.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<Endpoints, Unclear> {
    let metadata = context.mapping(object.entry("metadata"))?;
    let labels = label_map(context, metadata.as_ref(), "labels")?.labels;
    let writer = match labels.get(MANAGED_BY).map(String::as_str) {
        None | Some("") => EndpointsWriter::Unlabelled,
        Some("endpoint-controller") => EndpointsWriter::Controller,
        Some(other) => EndpointsWriter::Other(other.to_owned()),
    };
    context.near_misses(object, &["subsets"]);
    let namespace = origin.object.namespace.clone().unwrap_or_default();
    let mut subsets = Vec::new();
    for node in context.list(object.entry("subsets"))? {
        if let Some(mapping) = context.mapping_of(node, "subsets")? {
            subsets.push(subset(context, &mapping, &namespace)?);
        }
    }
    Ok(Endpoints {
        service: Some(origin.object.name.clone()),
        origin,
        namespace: NamespaceId(0),
        writer,
        subsets,
        admission: field::admission(context),
    })
}

fn subset(context: &mut Context, mapping: &Mapping<'_>, namespace: &str) -> Result<EndpointSubset, Unclear> {
    context.unknown_fields(mapping, &["addresses", "notReadyAddresses", "ports"]);
    let mut endpoints = Vec::new();
    for (field, is_ready) in [("addresses", true), ("notReadyAddresses", false)] {
        for node in context.list(mapping.entry(field))? {
            if let Some(mapping) = context.mapping_of(node, field)? {
                endpoints.push(endpoint(context, &mapping, is_ready, namespace)?);
            }
        }
    }
    let mut ports = Vec::new();
    for node in context.list(mapping.entry("ports"))? {
        if let Some(mapping) = context.mapping_of(node, "ports")? {
            let port = port(context, &mapping)?;
            if port.number.is_none() {
                return Err(field::missing(context, mapping.span, "port", "a port of Endpoints"));
            }
            ports.push(port);
        }
    }
    Ok(EndpointSubset { span: mapping.span, ports, endpoints })
}

fn endpoint(
    context: &mut Context,
    mapping: &Mapping<'_>,
    is_ready: bool,
    namespace: &str,
) -> Result<Endpoint, Unclear> {
    context.near_misses(mapping, &["ip", "nodeName", "targetRef"]);
    let written = field::required(context, mapping, "ip", "an address of Endpoints")?;
    let address = address::read(context, &written.text, written.span)?;
    address::check_not_special(context, address, written.span, "an endpoint");
    Ok(Endpoint {
        span: mapping.span,
        host: Host::Address(address),
        is_ready,
        target: target(context, mapping, namespace)?,
        node_name: field::text(context, mapping, "nodeName")?,
    })
}

/// A port of Endpoints or of a slice.
pub(super) fn port(context: &mut Context, mapping: &Mapping<'_>) -> Result<EndpointPort, Unclear> {
    context.near_misses(mapping, &["name", "port", "protocol"]);
    Ok(EndpointPort {
        name: field::text(context, mapping, "name")?.unwrap_or_default(),
        protocol: policy_port::protocol(context, mapping)?,
        number: field::port(context, mapping, "port")?,
    })
}

/// `targetRef` of an endpoint, in Endpoints or a slice of this namespace.
pub(super) fn target(
    context: &mut Context,
    endpoint: &Mapping<'_>,
    namespace: &str,
) -> Result<Option<EndpointTarget>, Unclear> {
    let Some(target) = context.mapping(endpoint.entry("targetRef"))? else { return Ok(None) };
    let text = |key: &str| target.get(key).and_then(Node::text).unwrap_or_default().into_owned();
    Ok(Some(match text("kind").as_str() {
        "Pod" => {
            let named = text("namespace");
            let namespace = if named.is_empty() { namespace.to_owned() } else { named };
            EndpointTarget::Pod { namespace, name: text("name") }
        }
        "Node" => EndpointTarget::Node(text("name")),
        _ => EndpointTarget::Other,
    }))
}
