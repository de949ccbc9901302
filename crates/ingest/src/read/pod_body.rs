//! What a Pod and a pod template have in common: labels, host network, ports, probes, what runs in them, and where.

use super::container;
use super::container_port::{self, Sharing};
use super::contents;
use super::environment;
use super::field;
use super::metadata::labels_of_pod;
use super::network_attachment;
use super::probe;
use super::scheduling;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use std::sync::Arc;
use watertight_base::{Labels, Span};
use watertight_model::{
    Container, ContainerPort, ContainerRole, DialedHost, FurtherNetworks, HeldValue, Scheduling,
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
    /// The hosts that its node dials for it, in the order of its containers, those of volumes last.
    pub(crate) dialed: Vec<DialedHost>,
    /// The environment variables of its containers that have a value in the object, if values are read.
    pub(crate) environment: Vec<HeldValue>,
}

/// The fields of a pod's spec that are read, to find other spellings of them.
const SPEC_FIELDS: &[&str] =
    &["affinity", "containers", "hostNetwork", "initContainers", "nodeName", "nodeSelector", "tolerations"];

/// Reads `metadata.labels` and `spec` of `pod`, which is a Pod or a template. Its metadata is checked by then.
pub(crate) fn read(context: &mut Context, pod: &Mapping<'_>) -> Result<PodBody, Unclear> {
    let metadata = context.mapping(pod.entry("metadata"))?;
    let (span, labels) = labels_of_pod(context, metadata.as_ref())?;
    let mut body = PodBody {
        labels,
        labels_span: span.unwrap_or(pod.span),
        host_network: None,
        ports: Vec::new(),
        scheduling: Scheduling::default(),
        containers: Arc::default(),
        networks: metadata.as_ref().map(network_attachment::of_pod).unwrap_or_default(),
        dialed: Vec::new(),
        environment: Vec::new(),
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
    let mut sharing = Sharing::default();
    for container in containers {
        run.extend(read_container(context, container, Some(ContainerRole::Main), &mut sharing, &mut body)?);
    }
    for container in context.list(spec.entry("initContainers"))? {
        // They may listen on the node where another does: mostly they have ended by then.
        run.extend(read_container(context, container, None, &mut Sharing::default(), &mut body)?);
    }
    container::check_names(context, &run);
    body.containers = run.into_iter().map(|(container, _)| container).collect();
    context.hidden.extend(spec.get("ephemeralContainers").map(Node::span));
    if context.keeps_values {
        body.environment = environment::read(&spec);
    }
    contents::of_volumes(&spec, &mut body.dialed);
    body.scheduling = scheduling::read(context, &spec)?;
    Ok(body)
}

/// Reads what a container runs, and adds its ports and the hosts that its probes and its image name. Without a role it is an init container, whose role
/// depends on its restart policy.
fn read_container(
    context: &mut Context,
    container: Node<'_>,
    role: Option<ContainerRole>,
    sharing: &mut Sharing,
    body: &mut PodBody,
) -> Result<Option<(Container, Span)>, Unclear> {
    let span = container.span();
    let Some(container) = context.mapping_of(container, "containers")? else {
        container::refuse_null(context, span);
        return Ok(None);
    };
    context.near_misses(&container, &["args", "command", "image", "ports", "restartPolicy"]);
    // Its values may be credentials.
    let values = ["env", "command", "args"].into_iter().filter_map(|field| container.get(field));
    context.hidden.extend(values.map(Node::span));
    for (_, handler) in environment::handlers(&container) {
        context.hidden.extend(handler.get("exec").map(Node::span));
        let headers = handler.get("httpGet").and_then(Node::mapping).and_then(|get| get.get("httpHeaders"));
        context.hidden.extend(headers.map(Node::span));
    }
    probe::read(context, &container, &mut body.dialed)?;
    if let Some(image) = container.get("image") {
        contents::of_image(image, "image", &mut body.dialed);
    }
    let role = match role {
        Some(role) => role,
        None => container::role_of_init(context, &container)?,
    };
    container_port::read(context, &container, role, sharing, body)?;
    Ok(Some((container::read(context, &container, role), field::span(&container, "name"))))
}
