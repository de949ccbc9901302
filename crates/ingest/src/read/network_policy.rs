//! NetworkPolicy, with the defaults that the API server fills in (rules N4, N6 to N9).

use super::policy_head;
use super::policy_rule;
use super::selector::{self, Fields};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_base::{Selector, Span};
use watertight_model::{Admission, NamespaceId, NetworkPolicy, Origin, PolicyRule, PolicyTypes};

/// Reads the policy. Its namespace is filled in when all namespaces are known.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<NetworkPolicy, Unclear> {
    let admission = policy_head::read(context, object)?;
    let mut policy = NetworkPolicy {
        subject_span: origin.span,
        origin,
        namespace: NamespaceId(0),
        subject: Selector::everything(),
        types: PolicyTypes { ingress: true, egress: false },
        types_span: None,
        ingress: Vec::new(),
        egress: Vec::new(),
        admission,
    };
    // Without a spec, too, the server takes it: it denies all ingress to all pods of the namespace.
    if let Some(spec) = context.mapping(object.entry("spec"))? {
        context.unknown_fields(&spec, &["podSelector", "ingress", "egress", "policyTypes"]);
        if let Some(mapping) = context.mapping(spec.entry("podSelector"))? {
            policy.subject = selector::read(context, &mapping, Fields::Strict)?;
            policy.subject_span = mapping.span;
        }
        policy.ingress = direction(context, &spec, "ingress", "from")?;
        policy.egress = direction(context, &spec, "egress", "to")?;
        match types(context, &spec)? {
            Some((types, span)) => (policy.types, policy.types_span) = (types, Some(span)),
            None => policy.types.egress = !policy.egress.is_empty(),
        }
    }
    if context.refused() {
        policy.admission = Admission::Refused;
    }
    Ok(policy)
}

fn direction(
    context: &mut Context,
    spec: &Mapping<'_>,
    field: &str,
    peers: &'static str,
) -> Result<Vec<PolicyRule>, Unclear> {
    context.list(spec.entry(field))?.into_iter().map(|node| policy_rule::read(context, node, peers)).collect()
}

/// `policyTypes`; `None` if it is missing, null or empty, which all mean the default.
fn types(context: &mut Context, spec: &Mapping<'_>) -> Result<Option<(PolicyTypes, Span)>, Unclear> {
    let elements = context.list(spec.entry("policyTypes"))?;
    if elements.is_empty() {
        return Ok(None);
    }
    let span = spec.get("policyTypes").map_or(spec.span, Node::span);
    let mut types = PolicyTypes { ingress: false, egress: false };
    for (index, element) in elements.iter().enumerate() {
        let name = context.text_of(*element, &format!("policyTypes[{index}]"))?.unwrap_or_default();
        let meant = match name.to_ascii_lowercase().as_str() {
            "ingress" => "Ingress",
            "egress" => "Egress",
            _ => {
                return Err(context.unclear(
                    rules::INVALID_VALUE,
                    format!("there is no policy type `{name}`"),
                    element.span(),
                    "unknown policy type",
                    "the policy types are `Ingress` and `Egress`",
                ));
            }
        };
        if name != meant {
            context.refuse(
                rules::INVALID_VALUE,
                format!("the policy type `{name}` is spelled wrong"),
                element.span(),
                format!("read as `{meant}`"),
                format!("write `{meant}`"),
            );
        }
        types.ingress |= meant == "Ingress";
        types.egress |= meant == "Egress";
    }
    if elements.len() > 2 {
        context.refuse(
            rules::INVALID_VALUE,
            "`policyTypes` has more than two elements",
            span,
            "at most two",
            "name each policy type once",
        );
    }
    Ok(Some((types, span)))
}
