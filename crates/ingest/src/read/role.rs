//! Role and ClusterRole: what somebody may do to whom they are granted.

use super::metadata::label_map;
use super::selector::{self, Fields};
use super::{passing, role_rule};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::Mapping;
use watertight_base::Selector;
use watertight_model::{Origin, Role};

/// The fields of a Role.
pub(super) const FIELDS: &[&str] = &["apiVersion", "kind", "metadata", "rules"];
/// The fields of a ClusterRole.
pub(super) const FIELDS_OF_CLUSTER_ROLE: &[&str] =
    &["aggregationRule", "apiVersion", "kind", "metadata", "rules"];

/// Reads a ClusterRole, or a Role if it has a namespace.
pub(crate) fn read(context: &mut Context, object: &Mapping<'_>, origin: &Origin) -> Result<Role, Unclear> {
    let namespaced = origin.object.namespace.is_some();
    let metadata = context.mapping(object.entry("metadata"))?;
    let labels = label_map(context, metadata.as_ref(), "labels")?.labels;
    let mut rules = Vec::new();
    for node in context.list(object.entry("rules"))? {
        rules.push(role_rule::read(context, node, namespaced)?);
    }
    let aggregates = if namespaced { None } else { aggregates(context, object)? };
    Ok(Role {
        object: origin.object.clone(),
        span: Some(origin.span),
        labels,
        rules,
        aggregates,
        is_protected: is_protected(context, metadata.as_ref())?,
        admission: passing::admission(context, metadata.as_ref())?,
    })
}

/// Whether the annotation is there by which the API server leaves its own roles and bindings as they are.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#auto-reconciliation>.
pub(super) fn is_protected(context: &mut Context, metadata: Option<&Mapping<'_>>) -> Result<bool, Unclear> {
    let Some(entry) = metadata.and_then(|metadata| metadata.entry("annotations")) else { return Ok(false) };
    let annotations = context.mapping(Some(entry))?;
    let autoupdate =
        annotations.as_ref().and_then(|it| it.entry("rbac.authorization.kubernetes.io/autoupdate"));
    Ok(autoupdate.and_then(|entry| entry.value.text()).as_deref() == Some("false"))
}

/// The selectors of an aggregated ClusterRole. With none of them a controller takes its rules away.
fn aggregates(context: &mut Context, object: &Mapping<'_>) -> Result<Option<Vec<Selector>>, Unclear> {
    let Some(aggregation) = context.mapping(object.entry("aggregationRule"))? else { return Ok(None) };
    context.unknown_fields(&aggregation, &["clusterRoleSelectors"]);
    let mut selectors = Vec::new();
    for node in context.list(aggregation.entry("clusterRoleSelectors"))? {
        selectors.push(match context.mapping_of(node, "clusterRoleSelectors")? {
            Some(mapping) => selector::read(context, &mapping, Fields::Strict)?,
            None => Selector::default(),
        });
    }
    if selectors.is_empty() {
        context.refuse(
            rules::MISSING_FIELD,
            "an `aggregationRule` has no `clusterRoleSelectors`",
            aggregation.span,
            "aggregates nothing",
            "give it a selector, or remove `aggregationRule`",
        );
    }
    Ok(Some(selectors))
}
