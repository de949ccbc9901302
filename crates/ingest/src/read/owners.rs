//! `ownerReferences`, which a cluster's controllers write: what the API server refuses of them.

use super::field;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_base::Span;

/// Checks the references of an object's metadata.
pub(super) fn check(context: &mut Context, metadata: &Mapping<'_>) -> Result<(), Unclear> {
    let mut controllers = 0;
    for node in context.list(metadata.entry("ownerReferences"))? {
        // A null one is an empty one.
        let Some(reference) = context.mapping_of(node, "ownerReferences")? else {
            refuse(context, rules::MISSING_FIELD, "is empty", node.span());
            continue;
        };
        reference_of(context, &reference)?;
        if context.boolean(reference.entry("controller"))? == Some(true) {
            controllers += 1;
        }
    }
    if controllers > 1 {
        let span = metadata.get("ownerReferences").map_or(metadata.span, Node::span);
        refuse(context, rules::INVALID_VALUE, "is the second one that controls the object", span);
    }
    Ok(())
}

/// A reference must say fully whom it means.
fn reference_of(context: &mut Context, reference: &Mapping<'_>) -> Result<(), Unclear> {
    let mut texts = Vec::new();
    for name in ["apiVersion", "kind", "name", "uid"] {
        match field::text(context, reference, name)? {
            Some(text) => texts.push(text),
            None => refuse(context, rules::MISSING_FIELD, &format!("has no `{name}`"), reference.span),
        }
    }
    let [api_version, kind, ..] = texts.as_slice() else { return Ok(()) };
    let span = field::span(reference, "apiVersion");
    if !is_api_version(api_version) {
        refuse(context, rules::INVALID_VALUE, &format!("has the `apiVersion` `{api_version}`"), span);
    }
    if api_version == "v1" && kind == "Event" {
        refuse(context, rules::INVALID_VALUE, "names an Event, which owns nothing", span);
    }
    Ok(())
}

/// Whether this is `VERSION` or `GROUP/VERSION`.
fn is_api_version(text: &str) -> bool {
    let mut parts = text.rsplit('/');
    parts.next().is_some_and(|version| !version.is_empty()) && parts.count() < 2
}

fn refuse(context: &mut Context, rule: &'static str, problem: &str, span: Span) {
    context.refuse(
        rule,
        format!("an element of `ownerReferences` {problem}"),
        span,
        "the API server refuses this reference",
        "remove the reference: a cluster's controllers write them",
    );
}
