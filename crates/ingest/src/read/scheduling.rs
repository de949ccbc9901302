//! Where a pod may run. What is not understood keeps no pod away from a node.

use super::metadata::label_map;
use super::{field, node_affinity};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use crate::validate::{labels, names};
use watertight_base::{Span, dns_subdomain};
use watertight_model::{Scheduling, Taint, TaintEffect, Toleration};

/// Reads the scheduling fields of a pod's spec.
pub(crate) fn read(context: &mut Context, spec: &Mapping<'_>) -> Result<Scheduling, Unclear> {
    let node_name = field::written(context, spec, "nodeName")?;
    if let Some(name) = &node_name
        && let Err(error) = dns_subdomain(&name.text)
    {
        names::dns_problem(context, &format!("the `nodeName` `{}` {error}", name.text), name.span);
    }
    let mut tolerations = Vec::new();
    for node in context.list(spec.entry("tolerations"))? {
        match context.mapping_of(node, "tolerations")? {
            Some(mapping) => tolerations.push(toleration(context, &mapping)?),
            None => refuse_toleration(context, "is empty", node.span()),
        }
    }
    Ok(Scheduling {
        node_name: node_name.map(|name| name.text),
        node_selector: label_map(context, Some(spec), "nodeSelector")?.labels,
        node_affinity: node_affinity::read(context, spec),
        tolerations,
        daemon: false,
    })
}

fn toleration(context: &mut Context, mapping: &Mapping<'_>) -> Result<Toleration, Unclear> {
    context.near_misses(mapping, &["key", "operator", "value", "effect", "tolerationSeconds"]);
    let key = field::text(context, mapping, "key")?;
    let operator = field::text(context, mapping, "operator")?;
    let value = field::text(context, mapping, "value")?;
    let effect = field::text(context, mapping, "effect")?;
    if let Some(key) = &key {
        labels::check_key(context, key, field::span(mapping, "key"));
    }
    match operator.as_deref() {
        Some("Exists") if value.is_some() => {
            refuse_toleration(context, "has a value and `Exists`", mapping.span)
        }
        Some("Exists") => {}
        _ if key.is_none() => refuse_toleration(context, "has neither a `key` nor `Exists`", mapping.span),
        None | Some("Equal") => {
            labels::check_value(context, value.as_deref().unwrap_or_default(), field::span(mapping, "value"));
        }
        Some(other) => {
            let problem = format!("has the operator `{other}`");
            refuse_toleration(context, &problem, field::span(mapping, "operator"));
        }
    }
    let known = effect.as_deref().and_then(taint_effect);
    if let Some(effect) = effect.filter(|_| known.is_none()) {
        let problem = format!("has the effect `{effect}`");
        refuse_toleration(context, &problem, field::span(mapping, "effect"));
    }
    Ok(Toleration {
        // Without a key only `Exists` is valid; operators that compare numbers may hold for some taint.
        exists: key.is_none() || !matches!(operator.as_deref(), None | Some("Equal")),
        key,
        value: value.unwrap_or_default(),
        effect: known,
    })
}

fn refuse_toleration(context: &mut Context, problem: &str, span: Span) {
    context.refuse(
        rules::INVALID_VALUE,
        format!("a toleration {problem}"),
        span,
        "the API server refuses this",
        "write a `key` with `Exists`, or with `Equal` and a `value`, and an effect of taints or none",
    );
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
