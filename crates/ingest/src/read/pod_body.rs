//! What a Pod and a pod template have in common: labels, host network, ports, probes, and where they may run.

use super::metadata::{check_maps, label_map};
use super::policy_port;
use super::probe::{self, DialedHost};
use super::scheduling;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use std::borrow::Cow;
use watertight_base::{Labels, Span};
use watertight_model::{ContainerPort, ContainerRole, Scheduling};

/// The common part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PodBody {
    pub(crate) labels: Labels,
    pub(crate) labels_span: Span,
    pub(crate) host_network: Option<Span>,
    pub(crate) ports: Vec<ContainerPort>,
    pub(crate) scheduling: Scheduling,
    /// Where it asks for further networks, and for which.
    pub(crate) networks: Option<(Span, String)>,
    /// The hosts that its node dials for it, in the order of its containers.
    pub(crate) dialed: Vec<DialedHost>,
}

/// The annotation by which Multus and its like give a pod further networks.
const NETWORKS: &str = "k8s.v1.cni.cncf.io/networks";
/// The annotation by which Multus gives a pod another network than that of the cluster.
const DEFAULT_NETWORK: &str = "v1.multus-cni.io/default-network";

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
        networks: metadata.as_ref().and_then(networks),
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
    for container in containers {
        read_container(context, container, Some(ContainerRole::Main), &mut body)?;
    }
    for container in context.list(spec.entry("initContainers"))? {
        read_container(context, container, None, &mut body)?;
    }
    body.scheduling = scheduling::read(context, &spec)?;
    Ok(body)
}

/// The networks that the annotations ask for beside the cluster's own, or in its place (rule N56).
fn networks(metadata: &Mapping<'_>) -> Option<(Span, String)> {
    let annotations = metadata.get("annotations")?.mapping()?;
    let asked = [NETWORKS, DEFAULT_NETWORK].into_iter().filter_map(|key| annotations.get(key));
    let mut asked = asked.filter_map(|node| Some((node.span(), node.text()?.trim().to_owned())));
    asked.find(|(_, names)| !names.is_empty() && names != "[]")
}

/// Adds the ports of a container and the hosts that its probes name. Without a role it is an init container, whose role
/// depends on its restart policy.
fn read_container(
    context: &mut Context,
    container: Node<'_>,
    role: Option<ContainerRole>,
    body: &mut PodBody,
) -> Result<(), Unclear> {
    let Some(container) = context.mapping_of(container, "containers")? else { return Ok(()) };
    context.near_misses(&container, &["ports", "restartPolicy"]);
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
        context.near_misses(&mapping, &["containerPort", "name", "protocol"]);
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
            body.ports.push(ContainerPort { name, number, protocol, container: role });
        }
    }
    Ok(())
}
