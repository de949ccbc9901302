//! NetworkPolicy, with the defaults that the API server fills in (rules N4, N6 to N9).

use super::metadata::ALL_FIELDS;
use super::policy_rule;
use super::selector::{self, Fields};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_base::{Selector, Span};
use watertight_model::{Admission, NamespaceId, NetworkPolicy, Origin, PolicyRule, PolicyTypes};

/// The annotations of what is not there to stay, each with what it makes of the policy.
const PASSING: &[(&str, &str)] = &[
    ("helm.sh/hook", "a hook of Helm"),
    ("argocd.argoproj.io/hook", "a hook of Argo CD"),
    (LOCAL_CONFIG, "marked as local, so that it is not applied"),
];
/// The annotation of files that tools for configuration keep to themselves.
const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";

/// Reads the policy. Its namespace is filled in when all namespaces are known.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<NetworkPolicy, Unclear> {
    context.unknown_fields(object, &["apiVersion", "kind", "metadata", "spec", "status"]);
    let mut is_passing = false;
    if let Some(metadata) = context.mapping(object.entry("metadata"))? {
        context.unknown_fields(&metadata, ALL_FIELDS);
        is_passing = passes(context, &metadata)?;
    }
    let mut policy = NetworkPolicy {
        subject_span: origin.span,
        origin,
        namespace: NamespaceId(0),
        subject: Selector::everything(),
        types: PolicyTypes { ingress: true, egress: false },
        types_span: None,
        ingress: Vec::new(),
        egress: Vec::new(),
        admission: if is_passing { Admission::Passing } else { Admission::Accepted },
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

/// Whether an annotation says that the policy is made for a moment only, or never: the server may hold no such policy when
/// a connection is opened.
fn passes(context: &mut Context, metadata: &Mapping<'_>) -> Result<bool, Unclear> {
    let Some(annotations) = context.mapping(metadata.entry("annotations"))? else { return Ok(false) };
    let mut passes = false;
    for (key, what) in PASSING {
        let Some(entry) = annotations.entry(key) else { continue };
        // Of a hook any value makes one, and of a mark every value but this.
        if *key == LOCAL_CONFIG && entry.value.written().as_deref() == Some("false") {
            continue;
        }
        passes = true;
        context.warn(
            rules::PASSING_POLICY,
            format!("the annotation `{key}` says that the policy is not there to stay"),
            entry.key_span,
            *what,
            format!("remove `{key}` if the policy is a fence: what it denies must be denied without it"),
        );
    }
    Ok(passes)
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
