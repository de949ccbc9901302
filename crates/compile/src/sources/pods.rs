//! Pods that an environment can take: none that is outside of the wall, and none that its namespaces would refuse.

use super::object::{Object, at, containers};
use super::standards;
use crate::guards::OWN_TAINTS;
use crate::rules;
use watertight_base::{Diagnostic, Span};
use watertight_ingest::{Content, Tree};
use watertight_intent::{Environment, Isolation};

/// Annotations by which pods ask for further networks, which no NetworkPolicy governs.
///
/// Source: <https://github.com/k8snetworkplumbingwg/multi-net-spec>, "Pod Annotation"; the second is that of Multus.
const NETWORKS: [&str; 2] = ["k8s.v1.cni.cncf.io/networks", "v1.multus-cni.io/default-network"];

/// What is wrong with the pods of an object. `is_shared` says whether others are in the cluster, so that guards are.
pub(crate) fn check(object: &Object<'_>, environment: &Environment, is_shared: bool) -> Vec<Diagnostic> {
    let Some(template) = object.template() else { return Vec::new() };
    let mut diagnostics = Vec::new();
    let mut refuse = |span: Span, what: String, help: String, without: Option<Span>| {
        let message = format!("{} {what}", object.label());
        let refused = Diagnostic::error(rules::UNFIT_POD, message).at(span, "refused").help(help);
        // A part without which the pods would not do what they are for is none to leave out.
        diagnostics.push(refused.without([without.unwrap_or(object.tree.span)]));
    };
    for key in NETWORKS {
        if let Some(networks) = at(template, &["metadata", "annotations", key]) {
            let help = "leave the annotation out";
            refuse(
                networks.span,
                "asks for further networks, which no NetworkPolicy governs".to_owned(),
                help.to_owned(),
                None,
            );
        }
    }
    let Some(spec) = template.get("spec") else { return diagnostics };
    for fault in standards::faults(spec, environment.pod_security.value) {
        let level = standards::name(environment.pod_security.value);
        let help =
            format!("{}, or say another level in `podSecurity` of `{}`", fault.help, environment.name.value);
        let help = if fault.of_baseline { fault.help.to_owned() } else { help };
        refuse(
            fault.span.unwrap_or(object.name_span),
            format!("{}, which the level `{level}` refuses", fault.what),
            help,
            None,
        );
    }
    if let Some(class) = spec.get("priorityClassName")
        && class.content != Content::Null
        && environment.isolation.value != Isolation::Cluster
        && class.text() != Some(&environment.name.value)
    {
        let name = class.text().unwrap_or_default();
        refuse(
            class.span,
            format!("has the priority `{name}`, which is not that of `{}`", environment.name.value),
            "leave `priorityClassName` out: the environment's own is put in".to_owned(),
            Some(class.span),
        );
    }
    if is_shared && !environment.production.value {
        for Way { span, what, help, part } in onto_nodes(spec, environment) {
            refuse(span, what, help, Some(part));
        }
    }
    diagnostics
}

/// A way of a pod onto nodes, and the part of it that says so.
struct Way {
    span: Span,
    what: String,
    help: String,
    part: Span,
}

/// Ways onto nodes that are set aside for others, which a guard refuses: see `guards/pods.rs`.
fn onto_nodes(spec: &Tree, environment: &Environment) -> Vec<Way> {
    let mut ways = Vec::new();
    if let Some(node) = spec.get("nodeName").filter(|node| node.text().is_some_and(|name| !name.is_empty())) {
        let what = "names its node, which goes past the scheduler and past taints".to_owned();
        let help = "leave `nodeName` out, and ask for nodes by a `nodeSelector`".to_owned();
        ways.push(Way { span: node.span, what, help, part: node.span });
    }
    for toleration in spec.get("tolerations").map(Tree::elements).unwrap_or_default() {
        let key = toleration.get("key").and_then(Tree::text).unwrap_or_default();
        if !key.starts_with(OWN_TAINTS) && environment.tolerations.iter().all(|own| own.value != key) {
            let name = &environment.name.value;
            let (what, help) = if key.is_empty() {
                (
                    "tolerates every taint, also those by which nodes are set aside for others".to_owned(),
                    "name the `key` of a taint".to_owned(),
                )
            } else {
                let what = format!("tolerates the taint `{key}`, which is not in `tolerations` of `{name}`");
                (what, format!("leave the toleration out, or put `{key}` in `tolerations` of `{name}`"))
            };
            let span = toleration.members().first().map_or(toleration.span, |member| member.key_span);
            ways.push(Way { span, what, help, part: toleration.span });
        }
    }
    ways
}

/// The images of the pods of an object, each with the name of its container.
pub(crate) fn images<'q>(object: &Object<'q>) -> Vec<(&'q str, &'q str, Span)> {
    let Some(spec) = object.template().and_then(|template| template.get("spec")) else { return Vec::new() };
    let image = |container: &'q Tree| {
        let name = container.get("name").and_then(Tree::text).unwrap_or_default();
        let image = container.get("image")?;
        Some((name, image.text()?, image.span))
    };
    containers(spec).filter_map(image).collect()
}
