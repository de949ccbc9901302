//! EndpointSlice: the newer form of what a Service leads to.

use super::endpoints;
use super::field;
use super::metadata::label_map;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::Mapping;
use crate::validate::address;
use watertight_model::{
    Endpoint, EndpointSubset, Endpoints, EndpointsWriter, Host, IpFamily, NamespaceId, Origin,
};

/// The Service that it is for.
const SERVICE_NAME: &str = "kubernetes.io/service-name";
/// Who wrote it.
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";

/// `addressType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AddressType {
    Ip(IpFamily),
    Fqdn,
}

const ADDRESS_TYPES: &[(&str, AddressType)] = &[
    ("IPv4", AddressType::Ip(IpFamily::V4)),
    ("IPv6", AddressType::Ip(IpFamily::V6)),
    ("FQDN", AddressType::Fqdn),
];

/// Reads an EndpointSlice. Its namespace is filled in when all namespaces are known.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<Endpoints, Unclear> {
    let metadata = context.mapping(object.entry("metadata"))?;
    let mut labels = label_map(context, metadata.as_ref(), "labels")?.labels;
    let writer = match labels.remove(MANAGED_BY) {
        None => EndpointsWriter::Unlabelled,
        Some(name) => match name.as_str() {
            "" => EndpointsWriter::Unlabelled,
            "endpointslice-controller.k8s.io" => EndpointsWriter::Controller,
            "endpointslicemirroring-controller.k8s.io" => EndpointsWriter::Mirror,
            _ => EndpointsWriter::Other(name),
        },
    };
    context.near_misses(object, &["addressType", "endpoints", "ports"]);
    let kind = address_type(context, object)?;
    let namespace = origin.object.namespace.clone().unwrap_or_default();
    let mut all = Vec::new();
    for node in context.list(object.entry("endpoints"))? {
        if let Some(mapping) = context.mapping_of(node, "endpoints")? {
            endpoint(context, &mapping, kind, &namespace, &mut all)?;
        }
    }
    let mut ports = Vec::new();
    for node in context.list(object.entry("ports"))? {
        if let Some(mapping) = context.mapping_of(node, "ports")? {
            ports.push(endpoints::port(context, &mapping)?);
        }
    }
    let subset = EndpointSubset { span: field::span(object, "endpoints"), ports, endpoints: all };
    Ok(Endpoints {
        origin,
        namespace: NamespaceId(0),
        service: labels.remove(SERVICE_NAME).filter(|name| !name.is_empty()),
        writer,
        subsets: vec![subset],
        admission: field::admission(context),
    })
}

/// The addresses tell their type themselves, so that its absence leaves nothing open.
fn address_type(context: &mut Context, object: &Mapping<'_>) -> Result<Option<AddressType>, Unclear> {
    let kind = field::one_of(context, object, "addressType", ADDRESS_TYPES)?;
    if kind.is_none() {
        context.refuse(
            rules::MISSING_FIELD,
            "an EndpointSlice has no `addressType`",
            object.span,
            "no `addressType` here",
            "give it `addressType: IPv4` or `IPv6`",
        );
    }
    Ok(kind)
}

/// Adds an endpoint, once for each of its addresses.
fn endpoint(
    context: &mut Context,
    mapping: &Mapping<'_>,
    kind: Option<AddressType>,
    namespace: &str,
    all: &mut Vec<Endpoint>,
) -> Result<(), Unclear> {
    context.near_misses(mapping, &["addresses", "conditions", "nodeName", "targetRef"]);
    let conditions = context.mapping(mapping.entry("conditions"))?;
    let ready = conditions.map(|conditions| context.boolean(conditions.entry("ready"))).transpose()?;
    let target = endpoints::target(context, mapping, namespace)?;
    let node_name = field::text(context, mapping, "nodeName")?;
    let addresses = context.list(mapping.entry("addresses"))?;
    if addresses.is_empty() {
        context.refuse(
            rules::MISSING_FIELD,
            "an endpoint has no `addresses`",
            mapping.span,
            "no address here",
            "give it an address, or remove it",
        );
    }
    let alone = addresses.len() == 1;
    for node in addresses {
        let text = context.text_of(node, "addresses")?.unwrap_or_default();
        let host = if kind == Some(AddressType::Fqdn) {
            Host::of(&text)
        } else {
            let address = address::read(context, &text, node.span())?;
            address::check_not_special(context, address, node.span(), "an endpoint");
            let family = if address.is_ipv4() { IpFamily::V4 } else { IpFamily::V6 };
            if kind.is_some_and(|kind| kind != AddressType::Ip(family)) {
                context.refuse(
                    rules::INVALID_VALUE,
                    format!("the address `{address}` is not of the slice's `addressType`"),
                    node.span(),
                    "of the other family",
                    "put IPv4 and IPv6 into two slices",
                );
            }
            Host::Address(address)
        };
        all.push(Endpoint {
            span: if alone { mapping.span } else { node.span() },
            host,
            is_ready: ready.flatten() != Some(false),
            target: target.clone(),
            node_name: node_name.clone(),
        });
    }
    Ok(())
}
