//! MutatingAdmissionPolicy and its binding: about what the server asks a policy, and where its parameters are. What the
//! policy says in CEL is not looked at.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/>.

use super::{admission_scope, field, params, passing};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::Mapping;
use watertight_model::{MutatingPolicy, MutatingPolicyBinding, Origin};

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
    let param_kind = params::kind(context, &spec)?;
    let metadata = context.mapping(object.entry("metadata"))?;
    let admission = passing::admission(context, metadata.as_ref())?;
    Ok(MutatingPolicy { origin, about, param_kind, admission })
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
    let params = params::at(context, &spec)?;
    let about = match context.mapping(spec.entry("matchResources"))? {
        Some(matches) => Some(admission_scope::of_policy(context, &matches)?),
        None => None,
    };
    let metadata = context.mapping(object.entry("metadata"))?;
    let admission = passing::admission(context, metadata.as_ref())?;
    Ok(MutatingPolicyBinding { origin, policy, params, about, admission })
}
