//! Where a pod may run. What is not understood keeps no pod away from a node.

use super::metadata::label_map;
use crate::context::{Context, Unclear};
use crate::tree::{Mapping, Node};
use std::borrow::Cow;
use watertight_base::{Operator, Requirement};
use watertight_model::{Scheduling, Taint, TaintEffect, Toleration};

/// Reads the scheduling fields of a pod's spec.
pub(crate) fn read(context: &mut Context, spec: &Mapping<'_>) -> Result<Scheduling, Unclear> {
    let node_name = context.text(spec.entry("nodeName"))?.filter(|name| !name.is_empty());
    let mut tolerations = Vec::new();
    for node in context.list(spec.entry("tolerations"))? {
        if let Some(mapping) = context.mapping_of(node, "tolerations")? {
            tolerations.push(toleration(context, &mapping)?);
        }
    }
    Ok(Scheduling {
        node_name: node_name.map(Cow::into_owned),
        node_selector: label_map(context, Some(spec), "nodeSelector")?.labels,
        node_affinity: node_affinity(spec),
        tolerations,
        daemon: false,
    })
}

fn toleration(context: &mut Context, mapping: &Mapping<'_>) -> Result<Toleration, Unclear> {
    let key = context.text(mapping.entry("key"))?.filter(|key| !key.is_empty());
    let operator = context.text(mapping.entry("operator"))?;
    let effect = context.text(mapping.entry("effect"))?;
    Ok(Toleration {
        // Without a key only `Exists` is valid; operators that compare numbers may hold for some taint.
        exists: key.is_none() || !matches!(operator.as_deref(), None | Some("" | "Equal")),
        key: key.map(Cow::into_owned),
        value: context.text(mapping.entry("value"))?.unwrap_or_default().into_owned(),
        effect: effect.as_deref().and_then(taint_effect),
    })
}

/// The effect of that name. For a toleration, an unknown one is every effect.
pub(crate) fn taint_effect(name: &str) -> Option<TaintEffect> {
    match name {
        "NoSchedule" => Some(TaintEffect::NoSchedule),
        "PreferNoSchedule" => Some(TaintEffect::PreferNoSchedule),
        "NoExecute" => Some(TaintEffect::NoExecute),
        _ => None,
    }
}

/// One element of a node's `spec.taints`; `None` if its effect is not known, so that it keeps nobody away.
pub(crate) fn taint(mapping: &Mapping<'_>) -> Option<Taint> {
    let text = |key: &str| mapping.get(key).and_then(Node::written).unwrap_or_default().into_owned();
    Some(Taint { key: text("key"), value: text("value"), effect: taint_effect(&text("effect"))? })
}

/// The terms of the required node affinity, of which one must hold.
fn node_affinity(spec: &Mapping<'_>) -> Option<Vec<Vec<Requirement>>> {
    let path =
        ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"];
    let terms = spec.path(&path)?.sequence().filter(|terms| !terms.is_empty())?;
    // A term that asks for nothing holds on no node, as the API has it.
    Some(
        terms
            .into_iter()
            .filter_map(Node::mapping)
            .filter(asks_for_something)
            .map(|term| labels_of(&term))
            .collect(),
    )
}

fn asks_for_something(term: &Mapping<'_>) -> bool {
    ["matchExpressions", "matchFields"]
        .into_iter()
        .any(|field| term.get(field).is_some_and(|node| !node.is_null()))
}

/// What a term asks of the node's labels; nothing if it asks for more than labels can answer.
fn labels_of(term: &Mapping<'_>) -> Vec<Requirement> {
    if term.get("matchFields").is_some_and(|fields| !fields.is_null()) {
        return Vec::new();
    }
    let expressions = term.get("matchExpressions").and_then(Node::sequence).unwrap_or_default();
    expressions.into_iter().map(requirement).collect::<Option<_>>().unwrap_or_default()
}

fn requirement(node: Node<'_>) -> Option<Requirement> {
    let mapping = node.mapping()?;
    let operator = match mapping.get("operator")?.written()?.as_ref() {
        "In" => Operator::In,
        "NotIn" => Operator::NotIn,
        "Exists" => Operator::Exists,
        "DoesNotExist" => Operator::DoesNotExist,
        _ => return None,
    };
    let values = mapping.get("values").and_then(Node::sequence).unwrap_or_default();
    let values = values.into_iter().filter_map(Node::written).map(Cow::into_owned).collect();
    Some(Requirement { key: mapping.get("key")?.written()?.into_owned(), operator, values })
}
