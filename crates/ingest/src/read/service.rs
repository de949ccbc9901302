//! Service.

use super::metadata::label_map;
use super::policy_port;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::scalar::Scalar;
use crate::tree::{Mapping, Node, Value};
use crate::validate::cidr::{self, HostBits};
use watertight_model::{NamespaceId, Origin, Service, ServicePort, ServiceType, TargetPort};

/// Reads a Service. Its namespace is filled in when all namespaces are known.
pub(crate) fn read(context: &mut Context, object: &Mapping<'_>, origin: Origin) -> Result<Service, Unclear> {
    let mut service = Service {
        origin,
        namespace: NamespaceId(0),
        kind: ServiceType::ClusterIp,
        kind_span: None,
        selector: None,
        ports: Vec::new(),
        keeps_client_address: false,
        external_ips: Vec::new(),
        source_ranges: Vec::new(),
    };
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        context.refuse(
            rules::MISSING_FIELD,
            "a Service has no `spec`",
            object.span,
            "no `spec` here",
            "give it a `spec` with `ports`",
        );
        return Ok(service);
    };
    context.near_misses(
        &spec,
        &["externalIPs", "externalTrafficPolicy", "loadBalancerSourceRanges", "ports", "selector", "type"],
    );
    (service.kind, service.kind_span) = service_type(context, &spec)?;
    // A selector without labels is no selector.
    service.selector =
        Some(label_map(context, Some(&spec), "selector")?.labels).filter(|labels| !labels.is_empty());
    for node in context.list(spec.entry("ports"))? {
        if let Some(mapping) = context.mapping_of(node, "ports")? {
            service.ports.push(port(context, &mapping)?);
        }
    }
    let policy = context.text(spec.entry("externalTrafficPolicy"))?;
    service.keeps_client_address = policy.as_deref() == Some("Local");
    for node in context.list(spec.entry("externalIPs"))? {
        let text = context.text_of(node, "externalIPs")?.unwrap_or_default();
        match text.parse() {
            Ok(address) => service.external_ips.push(address),
            Err(_) => context.refuse(
                rules::INVALID_CIDR,
                format!("`{text}` is no IP address"),
                node.span(),
                "no IP address",
                "write an IP address",
            ),
        }
    }
    for node in context.list(spec.entry("loadBalancerSourceRanges"))? {
        let text = context.text_of(node, "loadBalancerSourceRanges")?.unwrap_or_default();
        service.source_ranges.push(cidr::read(context, text.trim(), node.span(), HostBits::Refused)?);
    }
    Ok(service)
}

fn service_type(
    context: &mut Context,
    spec: &Mapping<'_>,
) -> Result<(ServiceType, Option<watertight_base::Span>), Unclear> {
    let Some(name) = context.text(spec.entry("type"))?.filter(|name| !name.is_empty()) else {
        return Ok((ServiceType::ClusterIp, None));
    };
    let span = spec.get("type").map(Node::span);
    let kind = match name.as_ref() {
        "ClusterIP" => ServiceType::ClusterIp,
        "NodePort" => ServiceType::NodePort,
        "LoadBalancer" => ServiceType::LoadBalancer,
        "ExternalName" => ServiceType::ExternalName,
        other => {
            return Err(context.unclear(
                rules::INVALID_VALUE,
                format!("there is no Service type `{other}`"),
                span.unwrap_or(spec.span),
                "unknown type",
                "the types are `ClusterIP`, `NodePort`, `LoadBalancer` and `ExternalName`",
            ));
        }
    };
    Ok((kind, span))
}

fn port(context: &mut Context, mapping: &Mapping<'_>) -> Result<ServicePort, Unclear> {
    context.near_misses(mapping, &["name", "nodePort", "port", "protocol", "targetPort"]);
    let span = |field: &str| mapping.get(field).map_or(mapping.span, Node::span);
    let number = context.integer(mapping.entry("port"))?.unwrap_or(0);
    let number = policy_port::port_number(context, number, span("port"))?;
    let target = match mapping.get("targetPort") {
        None => TargetPort::Number(number),
        Some(node) => match node.value() {
            // The server replaces the number 0 by the Service's own port, as if it were missing.
            Value::Scalar(Scalar::Null | Scalar::Integer(0)) => TargetPort::Number(number),
            Value::Scalar(Scalar::Text(text)) if text.is_empty() => TargetPort::Number(number),
            Value::Scalar(scalar) if scalar.whole().is_some() => {
                let target = scalar.whole().unwrap_or_default();
                TargetPort::Number(policy_port::port_number(context, target, node.span())?)
            }
            _ => {
                let name = context.text_of(node, "targetPort")?.unwrap_or_default();
                policy_port::check_port_name(context, &name, node.span());
                match name.parse() {
                    Ok(target) => TargetPort::Number(target),
                    Err(_) => TargetPort::Named(name.into_owned()),
                }
            }
        },
    };
    let node_port = match context.integer(mapping.entry("nodePort"))? {
        None | Some(0) => None,
        Some(node_port) => Some(policy_port::port_number(context, node_port, span("nodePort"))?),
    };
    let protocol = policy_port::protocol(context, mapping)?;
    Ok(ServicePort { protocol, port: number, target, node_port, span: mapping.span })
}
