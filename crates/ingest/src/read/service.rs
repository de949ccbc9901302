//! Service (rules N39 to N41).

use super::field;
use super::metadata::label_map;
use super::policy_port;
use super::service_rules;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use crate::validate::address;
use crate::validate::cidr::{self, HostBits};
use std::net::IpAddr;
use watertight_base::Span;
use watertight_model::{
    Admission, Host, IpFamily, NamespaceId, Origin, Service, ServicePort, ServiceType, TargetPort,
};

/// The fields of the spec that are read, to find other spellings of them.
const FIELDS: &[&str] = &[
    "allocateLoadBalancerNodePorts",
    "clusterIP",
    "clusterIPs",
    "externalIPs",
    "externalName",
    "externalTrafficPolicy",
    "internalTrafficPolicy",
    "ipFamilies",
    "loadBalancerClass",
    "loadBalancerIP",
    "loadBalancerSourceRanges",
    "ports",
    "publishNotReadyAddresses",
    "selector",
    "type",
];

/// Reads a Service. Its namespace is filled in when all namespaces are known.
pub(crate) fn read(context: &mut Context, object: &Mapping<'_>, origin: Origin) -> Result<Service, Unclear> {
    let mut service = empty(origin);
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        context.refuse(
            rules::MISSING_FIELD,
            "a Service has no `spec`",
            object.span,
            "no `spec` here",
            "give it a `spec` with `ports`",
        );
        service.admission = Admission::Refused;
        return Ok(service);
    };
    context.near_misses(&spec, FIELDS);
    (service.kind, service.kind_span) = service_type(context, &spec)?;
    // A selector without labels is no selector.
    service.selector =
        Some(label_map(context, Some(&spec), "selector")?.labels).filter(|labels| !labels.is_empty());
    for node in context.list(spec.entry("ports"))? {
        match context.mapping_of(node, "ports")? {
            Some(mapping) => service.ports.push(port(context, &mapping)?),
            None => return Err(field::missing(context, node.span(), "port", "a port of a Service")),
        }
    }
    addresses(context, &spec, &mut service)?;
    published(context, object, &spec, &mut service)?;
    let policies = [("Cluster", false), ("Local", true)];
    service.keeps_client_address =
        field::one_of(context, &spec, "externalTrafficPolicy", &policies)?.unwrap_or(false);
    service.stays_on_node =
        field::one_of(context, &spec, "internalTrafficPolicy", &policies)?.unwrap_or(false);
    service.publishes_not_ready = context.boolean(spec.entry("publishNotReadyAddresses"))?.unwrap_or(false);
    service_rules::check(context, &spec, &service)?;
    service.admission = field::admission(context);
    Ok(service)
}

fn empty(origin: Origin) -> Service {
    Service {
        origin,
        namespace: NamespaceId(0),
        kind: ServiceType::ClusterIp,
        kind_span: None,
        selector: None,
        ports: Vec::new(),
        is_headless: false,
        cluster_ips: Vec::new(),
        families: Vec::new(),
        external_name: None,
        external_ips: Vec::new(),
        external_ips_span: None,
        load_balancers: Vec::new(),
        load_balancer_class: None,
        source_ranges: Vec::new(),
        allocates_node_ports: false,
        keeps_client_address: false,
        stays_on_node: false,
        publishes_not_ready: false,
        admission: Admission::Accepted,
    }
}

fn service_type(context: &mut Context, spec: &Mapping<'_>) -> Result<(ServiceType, Option<Span>), Unclear> {
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
    let number = context.integer(mapping.entry("port"))?.unwrap_or(0);
    let port = policy_port::port_number(context, number, field::span(mapping, "port"))?;
    // The server replaces a missing target by the Service's own port.
    let target = field::target_port(context, mapping, "targetPort")?.unwrap_or(TargetPort::Number(port));
    let node_port = match context.integer(mapping.entry("nodePort"))? {
        None | Some(0) => None,
        Some(number) => Some(policy_port::port_number(context, number, field::span(mapping, "nodePort"))?),
    };
    Ok(ServicePort {
        name: field::text(context, mapping, "name")?.unwrap_or_default(),
        protocol: policy_port::protocol(context, mapping)?,
        port,
        target,
        node_port,
        span: mapping.span,
    })
}

/// The addresses inside the cluster, and the alias.
fn addresses(context: &mut Context, spec: &Mapping<'_>, service: &mut Service) -> Result<(), Unclear> {
    let single = spec.get("clusterIP");
    for node in single.into_iter().chain(context.list(spec.entry("clusterIPs"))?) {
        let text = context.text_of(node, "clusterIP")?.unwrap_or_default();
        match text.as_ref() {
            "" => {}
            "None" => service.is_headless = true,
            text => add(&mut service.cluster_ips, address::read(context, text, node.span())?),
        }
    }
    for node in context.list(spec.entry("ipFamilies"))? {
        match context.text_of(node, "ipFamilies")?.as_deref() {
            Some("IPv4") => service.families.push(IpFamily::V4),
            Some("IPv6") => service.families.push(IpFamily::V6),
            other => {
                let message = format!("there is no family of addresses `{}`", other.unwrap_or("null"));
                let help = "the families are `IPv4` and `IPv6`";
                return Err(context.unclear(
                    rules::INVALID_VALUE,
                    message,
                    node.span(),
                    "unknown family",
                    help,
                ));
            }
        }
    }
    service.external_name = field::written(context, spec, "externalName")?;
    Ok(())
}

/// How it is published to the outside.
fn published(
    context: &mut Context,
    object: &Mapping<'_>,
    spec: &Mapping<'_>,
    service: &mut Service,
) -> Result<(), Unclear> {
    for node in context.list(spec.entry("externalIPs"))? {
        let text = context.text_of(node, "externalIPs")?.unwrap_or_default();
        let address = address::read(context, &text, node.span())?;
        address::check_not_special(context, address, node.span(), "a Service");
        add(&mut service.external_ips, address);
        service.external_ips_span = spec.get("externalIPs").map(Node::span);
    }
    for node in context.list(spec.entry("loadBalancerSourceRanges"))? {
        let text = context.text_of(node, "loadBalancerSourceRanges")?.unwrap_or_default();
        service.source_ranges.push(cidr::read(context, text.trim(), node.span(), HostBits::Refused)?);
    }
    let reported = ["status", "loadBalancer", "ingress"];
    service.load_balancers = field::reported_hosts(object, &reported, &["ip", "hostname"]);
    if let Some(asked) = field::text(context, spec, "loadBalancerIP")? {
        let asked = Host::of(&asked);
        if !service.load_balancers.contains(&asked) {
            service.load_balancers.push(asked);
        }
    }
    service.load_balancer_class = field::text(context, spec, "loadBalancerClass")?;
    let allocates = context.boolean(spec.entry("allocateLoadBalancerNodePorts"))?.unwrap_or(true);
    service.allocates_node_ports = match service.kind {
        ServiceType::NodePort => true,
        ServiceType::LoadBalancer => allocates,
        ServiceType::ClusterIp | ServiceType::ExternalName => false,
    };
    Ok(())
}

fn add(addresses: &mut Vec<IpAddr>, address: IpAddr) {
    if !addresses.contains(&address) {
        addresses.push(address);
    }
}
