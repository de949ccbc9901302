//! What the API server refuses of a Service although its meaning is clear, after `ValidateService` of Kubernetes.

use super::field;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use crate::validate::names::dns_problem;
use std::collections::BTreeSet;
use watertight_base::{Span, dns_label, dns_subdomain, label_key};
use watertight_model::{Service, ServiceType};

/// The port of a node at which its kubelet listens. No load balancer may lead there.
const KUBELET: u16 = 10250;

/// Checks what was read of a Service's spec.
pub(super) fn check(context: &mut Context, spec: &Mapping<'_>, service: &Service) -> Result<(), Unclear> {
    ports(context, spec, service);
    addresses(context, spec, service)?;
    families(context, spec, service);
    external_name(context, spec, service);
    of_load_balancers(context, spec, service)?;
    traffic_policies(context, spec, service)
}

fn ports(context: &mut Context, spec: &Mapping<'_>, service: &Service) {
    let needs_none = service.is_headless || service.kind == ServiceType::ExternalName;
    if service.ports.is_empty() && !needs_none {
        let help = "give it the ports at which it listens, or `clusterIP: None`";
        context.refuse(rules::MISSING_FIELD, "a Service has no `ports`", spec.span, "no `ports` here", help);
    }
    let (mut names, mut numbers) = (BTreeSet::new(), BTreeSet::new());
    for port in &service.ports {
        let mut refuse = |rule, message: String, label: &str, help: &str| {
            context.refuse(rule, message, port.span, label, help);
        };
        if port.name.is_empty() {
            if service.ports.len() > 1 {
                let message = "one of several ports has no `name`".to_owned();
                refuse(rules::MISSING_FIELD, message, "no `name` here", "give each port a name");
            }
        } else if let Err(error) = dns_label(&port.name) {
            let message = format!("the port name `{}` {error}", port.name);
            refuse(rules::INVALID_NAME, message, "the API server refuses this name", "write a DNS label");
        } else if !names.insert(&port.name) {
            let message = format!("two ports have the name `{}`", port.name);
            refuse(rules::INVALID_NAME, message, "the name is taken", "give each port a name of its own");
        }
        if !numbers.insert((port.protocol, port.port)) {
            let message = format!("the port {}/{} is there twice", port.port, port.protocol);
            refuse(rules::INVALID_VALUE, message, "the port is taken", "remove one of them");
        }
        if port.node_port.is_some() && !is_on_nodes(service) && service.kind != ServiceType::ExternalName {
            let message = "a port has a `nodePort`, and the Service is not published on nodes".to_owned();
            let help = "remove `nodePort`, or make the `type` `NodePort` or `LoadBalancer`";
            refuse(rules::INVALID_VALUE, message, "has a `nodePort`", help);
        }
        if service.kind == ServiceType::LoadBalancer && port.port == KUBELET {
            let message = format!("a load balancer leads to the port {KUBELET}, which is the kubelet's");
            refuse(rules::INVALID_VALUE, message, "the API server refuses this port", "take another port");
        }
    }
}

fn is_on_nodes(service: &Service) -> bool {
    matches!(service.kind, ServiceType::NodePort | ServiceType::LoadBalancer)
}

/// `clusterIP` and `clusterIPs`, which must agree and fit the type.
fn addresses(context: &mut Context, spec: &Mapping<'_>, service: &Service) -> Result<(), Unclear> {
    let single = field::text(context, spec, "clusterIP")?;
    let mut several = Vec::new();
    for node in context.list(spec.entry("clusterIPs"))? {
        several.push(context.text_of(node, "clusterIPs")?.unwrap_or_default());
    }
    let place = ["clusterIP", "clusterIPs"].into_iter().find(|field| spec.get(field).is_some());
    let span = place.map_or(spec.span, |place| field::span(spec, place));
    if service.is_headless && is_on_nodes(service) {
        let message = "a Service without an address of its own is published on nodes";
        refuse(context, message, span, "remove `clusterIP: None`, or the `type`");
    }
    let is_first = several.first().is_none_or(|first| Some(first.as_ref()) == single.as_deref());
    if !is_first {
        refuse(
            context,
            "the first of `clusterIPs` is not `clusterIP`",
            span,
            "remove both: the server sets them",
        );
    }
    if several.len() > 1 && several.iter().any(|text| text == "None") {
        refuse(context, "`None` stands beside another address", span, "write `None` alone");
    }
    if service.kind == ServiceType::ExternalName && (single.is_some() || !several.is_empty()) {
        refuse(context, "an ExternalName has an address", span, "remove `clusterIP`, or the `type`");
    }
    Ok(())
}

fn families(context: &mut Context, spec: &Mapping<'_>, service: &Service) {
    let span = field::span(spec, "ipFamilies");
    if service.kind == ServiceType::ExternalName && !service.families.is_empty() {
        refuse(context, "an ExternalName has a family of addresses", span, "remove `ipFamilies`");
    }
    if (1..service.families.len()).any(|end| service.families[..end].contains(&service.families[end])) {
        refuse(context, "a family of addresses is there twice", span, "name each family once");
    }
}

fn external_name(context: &mut Context, spec: &Mapping<'_>, service: &Service) {
    if service.kind != ServiceType::ExternalName {
        return;
    }
    let written = service.external_name.as_ref();
    // A fully qualified name may end with a dot.
    match written.map(|name| name.text.strip_suffix('.').unwrap_or(&name.text)) {
        None | Some("") => context.refuse(
            rules::MISSING_FIELD,
            "an ExternalName has no `externalName`",
            spec.span,
            "no `externalName` here",
            "give it the name that it stands for",
        ),
        Some(name) => {
            if let Err(error) = dns_subdomain(name) {
                dns_problem(
                    context,
                    &format!("the `externalName` `{name}` {error}"),
                    field::span(spec, "externalName"),
                );
            }
        }
    }
}

/// The fields of load balancers, which nothing else may have.
fn of_load_balancers(context: &mut Context, spec: &Mapping<'_>, service: &Service) -> Result<(), Unclear> {
    let class = context.text(spec.entry("loadBalancerClass"))?;
    if service.kind == ServiceType::LoadBalancer {
        if let Some(class) = class
            && let Err(error) = label_key(&class)
        {
            let message = format!("the `loadBalancerClass` `{class}` {error}");
            refuse(
                context,
                message,
                field::span(spec, "loadBalancerClass"),
                "write a name such as `example.com/lb`",
            );
        }
        return Ok(());
    }
    let ranges = (!service.source_ranges.is_empty()).then_some("loadBalancerSourceRanges");
    let class = class.map(|_| "loadBalancerClass");
    let allocates = context.boolean(spec.entry("allocateLoadBalancerNodePorts"))?;
    let allocates = allocates.map(|_| "allocateLoadBalancerNodePorts");
    for name in [ranges, class, allocates].into_iter().flatten() {
        let message = format!("`{name}` stands in a Service that is no load balancer");
        refuse(
            context,
            message,
            field::span(spec, name),
            &format!("remove `{name}`, or make the `type` `LoadBalancer`"),
        );
    }
    Ok(())
}

fn traffic_policies(context: &mut Context, spec: &Mapping<'_>, service: &Service) -> Result<(), Unclear> {
    let is_cluster_ip = service.kind == ServiceType::ClusterIp;
    let is_external = is_on_nodes(service) || (is_cluster_ip && !service.external_ips.is_empty());
    if !is_external && field::text(context, spec, "externalTrafficPolicy")?.is_some() {
        let message = "`externalTrafficPolicy` stands in a Service that nobody reaches from outside";
        refuse(
            context,
            message,
            field::span(spec, "externalTrafficPolicy"),
            "remove `externalTrafficPolicy`",
        );
    }
    // Elsewhere the empty text is as good as none.
    if spec.get("internalTrafficPolicy").and_then(Node::text).is_some_and(|text| text.is_empty()) {
        let help = "the values are `Cluster` and `Local`";
        refuse(context, "`internalTrafficPolicy` is empty", field::span(spec, "internalTrafficPolicy"), help);
    }
    Ok(())
}

fn refuse(context: &mut Context, message: impl AsRef<str>, span: Span, help: &str) {
    context.refuse(rules::INVALID_VALUE, message, span, "the API server refuses this", help);
}
