//! MutatingAdmissionPolicy and its binding: about what the server asks a policy, and where its parameters are. What the
//! policy says in CEL is not looked at.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/>.

use super::{admission_scope, field, passing};
use crate::context::{Context, Unclear};
use crate::kinds;
use crate::rules;
use crate::tree::Mapping;
use watertight_model::{MutatingPolicy, MutatingPolicyBinding, Origin, ParamKind, ParamRef};

/// The fields of a policy or binding.
pub(super) const FIELDS: &[&str] = &["apiVersion", "kind", "metadata", "spec"];

const POLICY: &[&str] = &[
    "failurePolicy",
    "matchConditions",
    "matchConstraints",
    "mutations",
    "paramKind",
    "reinvocationPolicy",
    "variables",
];

/// Reads a policy.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<MutatingPolicy, Unclear> {
    let holder = "a MutatingAdmissionPolicy";
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        return Err(field::missing(context, object.span, "spec", holder));
    };
    context.unknown_fields(&spec, POLICY);
    let Some(matches) = context.mapping(spec.entry("matchConstraints"))? else {
        return Err(field::missing(context, spec.span, "matchConstraints", holder));
    };
    let mut about = admission_scope::of_policy(context, &matches)?;
    about.has_conditions = admission_scope::conditions(context, &spec)?;
    admission_scope::word(context, &spec, "failurePolicy", &[("Fail", ()), ("Ignore", ())])?;
    admission_scope::word(context, &spec, "reinvocationPolicy", &[("Never", ()), ("IfNeeded", ())])?;
    for (list, is_missing) in [
        ("resourceRules", context.list(matches.entry("resourceRules"))?.is_empty()),
        ("mutations", context.list(spec.entry("mutations"))?.is_empty()),
        ("reinvocationPolicy", field::text(context, &spec, "reinvocationPolicy")?.is_none()),
    ] {
        if is_missing {
            let message = format!("{holder} has no `{list}`");
            context.refuse(rules::MISSING_FIELD, message, spec.span, "refused", format!("give it `{list}`"));
        }
    }
    let param_kind = match context.mapping(spec.entry("paramKind"))? {
        Some(kind) => Some(param_kind(context, &kind)?),
        None => None,
    };
    let metadata = context.mapping(object.entry("metadata"))?;
    let admission = passing::admission(context, metadata.as_ref())?;
    Ok(MutatingPolicy { origin, about, param_kind, admission })
}

fn param_kind(context: &mut Context, mapping: &Mapping<'_>) -> Result<ParamKind, Unclear> {
    context.unknown_fields(mapping, &["apiVersion", "kind"]);
    let version = field::required(context, mapping, "apiVersion", "a `paramKind`")?;
    let kind = field::required(context, mapping, "kind", "a `paramKind`")?.text;
    Ok(ParamKind { group: kinds::group(&version.text).to_owned(), kind })
}

/// Reads a binding.
pub(crate) fn read_binding(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<MutatingPolicyBinding, Unclear> {
    let holder = "a MutatingAdmissionPolicyBinding";
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        return Err(field::missing(context, object.span, "spec", holder));
    };
    context.unknown_fields(&spec, &["matchResources", "paramRef", "policyName"]);
    let policy = field::required(context, &spec, "policyName", holder)?.text;
    let params = match context.mapping(spec.entry("paramRef"))? {
        Some(params) => Some(param_ref(context, &params)?),
        None => None,
    };
    let about = match context.mapping(spec.entry("matchResources"))? {
        Some(matches) => Some(admission_scope::of_policy(context, &matches)?),
        None => None,
    };
    let metadata = context.mapping(object.entry("metadata"))?;
    let admission = passing::admission(context, metadata.as_ref())?;
    Ok(MutatingPolicyBinding { origin, policy, params, about, admission })
}

fn param_ref(context: &mut Context, mapping: &Mapping<'_>) -> Result<ParamRef, Unclear> {
    context.unknown_fields(mapping, &["name", "namespace", "parameterNotFoundAction", "selector"]);
    field::one_of(context, mapping, "parameterNotFoundAction", &[("Allow", ()), ("Deny", ())])?;
    let name = field::text(context, mapping, "name")?;
    let selector = context.mapping(mapping.entry("selector"))?;
    if name.is_some() == selector.is_some() {
        let message = "a `paramRef` needs a `name` or a `selector`, and not both";
        context.refuse(rules::INVALID_VALUE, message, mapping.span, "refused", "keep one of them");
    }
    if field::text(context, mapping, "parameterNotFoundAction")?.is_none() {
        let message = "a `paramRef` has no `parameterNotFoundAction`";
        context.refuse(rules::MISSING_FIELD, message, mapping.span, "refused", "write `Allow` or `Deny`");
    }
    let name = name.filter(|_| selector.is_none());
    Ok(ParamRef { span: mapping.span, name, namespace: field::text(context, mapping, "namespace")? })
}
