//! ClusterNetworkPolicy, AdminNetworkPolicy and BaselineAdminNetworkPolicy (rules N57, N58, N64, N65, N71).

use super::custom_resource::{elements, given, missing, selector};
use super::dialect::{Dialect, SOURCES};
use super::{policy_head, tier_rule};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_base::{Selector, Span};
use watertight_model::{Admission, ClusterPolicy, ClusterSubject, Origin, Tier, TierRule};

/// The highest number, which is the lowest precedence.
const PRIORITY_MAX: i128 = 1000;

/// A policy of the administrator, and what was not understood of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReadClusterPolicy {
    pub(crate) policy: ClusterPolicy,
    /// Where its priority stands, if its kind has one.
    pub(crate) priority_span: Option<Span>,
    /// Peers of a kind that is not known. A server that knows them takes the policy, and may read them in any way.
    pub(crate) unknown_peers: Vec<Unclear>,
}

/// Reads the policy.
pub(super) fn read(
    context: &mut Context,
    dialect: &'static Dialect,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<ReadClusterPolicy, Unclear> {
    let admission = policy_head::read(context, object)?;
    check_name(context, dialect, object)?;
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        return Err(missing(context, object.span, "the policy", "spec"));
    };
    context.unknown_fields(&spec, dialect.spec);
    let tier = match dialect.tier {
        Some(tier) => tier,
        None => tier(context, &spec)?,
    };
    let (priority, priority_span) = if dialect.has_priority() {
        let (priority, span) = priority(context, &spec)?;
        (priority, Some(span))
    } else {
        (0, None)
    };
    let mut unknown_peers = Vec::new();
    let mut direction = |field: &str, peers: &'static str, kinds: &'static [&'static str]| {
        let list = tier_rule::Direction { dialect, peers, kinds };
        let mut rules = Vec::new();
        for node in elements(context, &spec, field, dialect.max)?.unwrap_or_default() {
            rules.push(tier_rule::read(context, &list, node, &mut unknown_peers)?);
        }
        Ok::<Vec<TierRule>, Unclear>(rules)
    };
    let ingress = direction("ingress", "from", SOURCES)?;
    let egress = direction("egress", "to", dialect.destinations)?;
    let subject = subject(context, dialect, &spec)?;
    let admission = if context.refused() { Admission::Refused } else { admission };
    let policy = ClusterPolicy { origin, tier, priority, subject, ingress, egress, admission };
    Ok(ReadClusterPolicy { policy, priority_span, unknown_peers })
}

/// Of a kind of which there is only one, the schema says how it is called.
fn check_name(context: &mut Context, dialect: &Dialect, object: &Mapping<'_>) -> Result<(), Unclear> {
    let Some(only) = dialect.only_name else { return Ok(()) };
    let Some(metadata) = context.mapping(object.entry("metadata"))? else { return Ok(()) };
    let name = metadata.get("name");
    if name.and_then(Node::written).as_deref() != Some(only) {
        context.refuse(
            rules::INVALID_NAME,
            format!("the name is not `{only}`"),
            name.map_or(metadata.span, Node::span),
            "the API server refuses this name",
            format!("call it `{only}`: there is only one of its kind"),
        );
    }
    Ok(())
}

fn tier(context: &mut Context, spec: &Mapping<'_>) -> Result<Tier, Unclear> {
    let Some(name) = context.text(spec.entry("tier"))? else {
        return Err(missing(context, spec.span, "the policy", "tier"));
    };
    let span = spec.get("tier").map_or(spec.span, Node::span);
    let Some(tier) =
        [Tier::Admin, Tier::Baseline].into_iter().find(|tier| tier.name().eq_ignore_ascii_case(&name))
    else {
        return Err(context.unclear(
            rules::INVALID_VALUE,
            format!("there is no tier `{name}`"),
            span,
            "unknown tier",
            "the tiers are `Admin` and `Baseline`",
        ));
    };
    if name != tier.name() {
        context.refuse(
            rules::INVALID_VALUE,
            format!("the tier `{name}` is spelled wrong"),
            span,
            format!("read as `{}`", tier.name()),
            format!("write `{}`", tier.name()),
        );
    }
    Ok(tier)
}

fn priority(context: &mut Context, spec: &Mapping<'_>) -> Result<(u16, Span), Unclear> {
    let Some(number) = context.integer(spec.entry("priority"))? else {
        return Err(missing(context, spec.span, "the policy", "priority"));
    };
    let span = spec.get("priority").map_or(spec.span, Node::span);
    match u16::try_from(number) {
        Ok(priority) if number <= PRIORITY_MAX => Ok((priority, span)),
        _ => Err(context.unclear(
            rules::INVALID_VALUE,
            format!("there is no priority {number}"),
            span,
            "no priority",
            format!("priorities go from 0 to {PRIORITY_MAX}, and the lowest number comes first"),
        )),
    }
}

fn subject(context: &mut Context, dialect: &Dialect, spec: &Mapping<'_>) -> Result<ClusterSubject, Unclear> {
    let Some(mapping) = context.mapping(spec.entry("subject"))? else {
        return Err(missing(context, spec.span, "the policy", "subject"));
    };
    context.unknown_fields(&mapping, SOURCES);
    let (namespaces, pods) = match given(&mapping, SOURCES).as_slice() {
        [only] => {
            let value = context.mapping(Some(only))?.unwrap_or_else(|| mapping.clone());
            selected(context, dialect, &only.key, &value)?
        }
        [] => {
            return Err(context.unclear(
                rules::MISSING_FIELD,
                "the subject names no pods",
                mapping.span,
                "no subject here",
                "give it `namespaces` or `pods`; for all pods of all namespaces write `namespaces: {}`",
            ));
        }
        [_, second, ..] => {
            return Err(context.unclear(
                rules::INVALID_PEER,
                "the subject has both `namespaces` and `pods`",
                second.key_span,
                "stands beside another",
                "keep one: `pods` has a `namespaceSelector` of its own",
            ));
        }
    };
    Ok(ClusterSubject { span: mapping.span, namespaces, pods })
}

/// The pods that `namespaces` or `pods` of a subject or peer means: by namespace, and by labels in it.
pub(super) fn selected(
    context: &mut Context,
    dialect: &Dialect,
    field: &str,
    value: &Mapping<'_>,
) -> Result<(Selector, Selector), Unclear> {
    if field == "namespaces" {
        return Ok((selector(context, value)?, Selector::everything()));
    }
    context.unknown_fields(value, &["namespaceSelector", "podSelector"]);
    let mut part = |field: &str| match context.mapping(value.entry(field))? {
        Some(mapping) => selector(context, &mapping),
        None if dialect.required_of_pods.contains(&field) => {
            Err(missing(context, value.span, "an element `pods`", field))
        }
        None => Ok(Selector::everything()),
    };
    Ok((part("namespaceSelector")?, part("podSelector")?))
}
