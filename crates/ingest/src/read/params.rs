//! `paramKind` of admission policies, and `paramRef` of their bindings: the same in those that validate and those that mutate.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#parameter-resources>.

use super::{field, match_resources};
use crate::context::{Context, Unclear};
use crate::kinds;
use crate::rules;
use crate::tree::Mapping;
use watertight_model::{ParamKind, ParamRef};

/// `paramKind` of a policy, if it has one.
pub(super) fn kind(context: &mut Context, spec: &Mapping<'_>) -> Result<Option<ParamKind>, Unclear> {
    let Some(mapping) = context.mapping(spec.entry("paramKind"))? else { return Ok(None) };
    context.unknown_fields(&mapping, &["apiVersion", "kind"]);
    let version = field::required(context, &mapping, "apiVersion", "a `paramKind`")?;
    let kind = field::required(context, &mapping, "kind", "a `paramKind`")?.text;
    Ok(Some(ParamKind { group: kinds::group(&version.text).to_owned(), kind }))
}

/// `paramRef` of a binding, if it has one.
pub(super) fn at(context: &mut Context, spec: &Mapping<'_>) -> Result<Option<ParamRef>, Unclear> {
    let Some(mapping) = context.mapping(spec.entry("paramRef"))? else { return Ok(None) };
    context.unknown_fields(&mapping, &["name", "namespace", "parameterNotFoundAction", "selector"]);
    let name = field::text(context, &mapping, "name")?;
    let selector = match_resources::label_selector(context, &mapping, "selector")?;
    if name.is_some() == selector.is_some() {
        let message = "a `paramRef` needs a `name` or a `selector`, and not both";
        context.refuse(rules::INVALID_VALUE, message, mapping.span, "refused", "keep one of them");
    }
    let actions = [("Deny", true), ("Allow", false)];
    let action = field::one_of(context, &mapping, "parameterNotFoundAction", &actions)?;
    if action.is_none() {
        let message = "a `paramRef` has no `parameterNotFoundAction`";
        context.refuse(rules::MISSING_FIELD, message, mapping.span, "refused", "write `Allow` or `Deny`");
    }
    Ok(Some(ParamRef {
        span: mapping.span,
        name: name.filter(|_| selector.is_none()),
        namespace: field::text(context, &mapping, "namespace")?,
        denies_missing: action.unwrap_or(false),
    }))
}
