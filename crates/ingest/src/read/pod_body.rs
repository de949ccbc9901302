//! What a Pod and a pod template have in common: labels, host network, ports, probes, what runs in them, and where.

use super::container;
use super::field;
use super::metadata::{check_maps, label_map};
use super::network_attachment;
use super::policy_port;
use super::probe;
use super::scheduling;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use crate::validate::address;
use std::borrow::Cow;
use std::sync::Arc;
use watertight_base::{Labels, Span};
use watertight_model::{
    Container, ContainerPort, ContainerRole, DialedHost, FurtherNetworks, HostPort, Scheduling,
};

/// The common part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PodBody {
    pub(crate) labels: Labels,
    pub(crate) labels_span: Span,
    pub(crate) host_network: Option<Span>,
    pub(crate) ports: Vec<ContainerPort>,
    pub(crate) scheduling: Scheduling,
    /// What its containers run.
    pub(crate) containers: Arc<[Container]>,
    /// The further networks that it asks for.
    pub(crate) networks: Vec<FurtherNetworks>,
    /// The hosts that its node dials for it, in the order of its containers.
    pub(crate) dialed: Vec<DialedHost>,
}

/// The fields of a pod's spec that are read, to find other spellings of them.
const SPEC_FIELDS: &[&str] =
    &["affinity", "containers", "hostNetwork", "initContainers", "nodeName", "nodeSelector", "tolerations"];

/// Reads `metadata.labels` and `spec` of `pod`, which is a Pod or a template.
pub(crate) fn read(context: &mut Context, pod: &Mapping<'_>) -> Result<PodBody, Unclear> {
    let metadata = context.mapping(pod.entry("metadata"))?;
    if let Some(metadata) = &metadata {
        check_maps(context, metadata)?;
    }
    let labels = label_map(context, metadata.as_ref(), "labels")?;
    let mut body = PodBody {
        labels: labels.labels,
        labels_span: labels.span.unwrap_or(pod.span),
        host_network: None,
        ports: Vec::new(),
        scheduling: Scheduling::default(),
        containers: Arc::default(),
        networks: metadata.as_ref().map(network_attachment::of_pod).unwrap_or_default(),
        dialed: Vec::new(),
    };
    let Some(spec) = context.mapping(pod.entry("spec"))? else {
        return Err(context.unclear(
            rules::MISSING_FIELD,
            "a pod has no `spec`",
            pod.span,
            "no `spec` here",
            "give it a `spec` with `containers`; a patch must be applied first, as `kubectl kustomize` does",
        ));
    };
    context.near_misses(&spec, SPEC_FIELDS);
    if context.boolean(spec.entry("hostNetwork"))? == Some(true) {
        body.host_network = spec.get("hostNetwork").map(Node::span);
    }
    let containers = context.list(spec.entry("containers"))?;
    if containers.is_empty() {
        context.refuse(
            rules::MISSING_FIELD,
            "a pod has no `containers`",
            spec.span,
            "no `containers` here",
            "give it a container; a patch must be applied first, as `kubectl kustomize` does",
        );
    }
    let mut run = Vec::with_capacity(containers.len());
    for container in containers {
        run.extend(read_container(context, container, Some(ContainerRole::Main), &mut body)?);
    }
    for container in context.list(spec.entry("initContainers"))? {
        run.extend(read_container(context, container, None, &mut body)?);
    }
    body.containers = run.into();
    body.scheduling = scheduling::read(context, &spec)?;
    Ok(body)
}

/// Reads what a container runs, and adds its ports and the hosts that its probes name. Without a role it is an init container, whose role
/// depends on its restart policy.
fn read_container(
    context: &mut Context,
    container: Node<'_>,
    role: Option<ContainerRole>,
    body: &mut PodBody,
) -> Result<Option<Container>, Unclear> {
    let Some(container) = context.mapping_of(container, "containers")? else { return Ok(None) };
    context.near_misses(&container, &["args", "command", "image", "ports", "restartPolicy"]);
    probe::read(context, &container, &mut body.dialed)?;
    let role = match role {
        Some(role) => role,
        None if context.text(container.entry("restartPolicy"))?.as_deref() == Some("Always") => {
            ContainerRole::Sidecar
        }
        None => ContainerRole::Init,
    };
    for node in context.list(container.entry("ports"))? {
        let Some(mapping) = context.mapping_of(node, "ports")? else { continue };
        context.near_misses(&mapping, &["containerPort", "hostIP", "hostPort", "name", "protocol"]);
        let protocol = policy_port::protocol(context, &mapping)?;
        let name = context.text(mapping.entry("name"))?.filter(|name| !name.is_empty());
        if let (Some(name), Some(node)) = (&name, mapping.get("name")) {
            policy_port::check_port_name(context, name, node.span());
        }
        let span = mapping.get("containerPort").map_or(mapping.span, Node::span);
        // A port that does not exist names nothing, and nothing else rests on it (rule N29).
        let number = context.integer(mapping.entry("containerPort"))?.unwrap_or(0);
        if let Ok(number) = policy_port::port_number(context, number, span) {
            let name = name.map(Cow::into_owned);
            let host_port = host_port(context, &mapping)?;
            body.ports.push(ContainerPort { name, number, protocol, container: role, host_port });
        }
    }
    Ok(Some(container::read(context, &container, role)))
}

/// The port of the node that leads to a container port (rule N42); 0 is none.
fn host_port(context: &mut Context, port: &Mapping<'_>) -> Result<Option<HostPort>, Unclear> {
    let Some(number) = context.integer(port.entry("hostPort"))?.filter(|number| *number != 0) else {
        return Ok(None);
    };
    let span = field::span(port, "hostPort");
    // A port that does not exist leads nowhere, and what is no address may be any.
    let Ok(number) = policy_port::port_number(context, number, span) else { return Ok(None) };
    let written = field::written(context, port, "hostIP")?;
    let address = written.and_then(|ip| address::read(context, &ip.text, ip.span).ok());
    // The unspecified address of a family is all of that family, and some implementations take it for all of both.
    Ok(Some(HostPort { span, number, address: address.filter(|address| !address.is_unspecified()) }))
}
