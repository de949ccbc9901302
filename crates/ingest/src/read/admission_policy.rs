//! ValidatingAdmissionPolicy and ValidatingAdmissionPolicyBinding. Expressions stay texts: what they mean is asked where
//! objects are judged.
//!
//! Source of what is refused: `validateValidatingAdmissionPolicySpec` and `validateValidatingAdmissionPolicyBindingSpec` of
//! Kubernetes 1.36.

use super::{field, match_resources, params, passing};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Mapping, Node};
use watertight_base::Span;
use watertight_model::{AdmissionPolicy, AdmissionPolicyBinding, Origin, Validation, Written};

const FIELDS: &[&str] = &["apiVersion", "kind", "metadata", "spec", "status"];
const FIELDS_OF_POLICY: &[&str] = &[
    "auditAnnotations",
    "failurePolicy",
    "matchConditions",
    "matchConstraints",
    "paramKind",
    "validations",
    "variables",
];
const FIELDS_OF_BINDING: &[&str] = &["matchResources", "paramRef", "policyName", "validationActions"];

/// The most elements that `matchConditions` may have.
const MAX_CONDITIONS: usize = 64;
/// The most elements that `auditAnnotations` may have.
const MAX_ANNOTATIONS: usize = 20;
/// What a request that is not valid is answered.
const REASONS: &[(&str, ())] = &[("Forbidden", ()), ("Invalid", ()), ("RequestEntityTooLarge", ())];
/// The most bytes of a `valueExpression`.
const MAX_VALUE_EXPRESSION: usize = 5 * 1024;

/// Reads a ValidatingAdmissionPolicy.
pub(super) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<AdmissionPolicy, Unclear> {
    let spec = spec(context, object, "a policy", FIELDS_OF_POLICY)?;
    let Some(constraints) = match_resources::read(context, &spec, "matchConstraints")? else {
        return Err(field::missing(context, spec.span, "matchConstraints", "a policy"));
    };
    if constraints.rules.is_empty() {
        lacks(context, field::span(&spec, "matchConstraints"), "resourceRules", "`matchConstraints`");
    }
    let policies = [("Fail", true), ("Ignore", false)];
    let fails_closed = field::one_of(context, &spec, "failurePolicy", &policies)?.unwrap_or(true);
    let conditions = named(context, &spec, "matchConditions", "expression")?;
    check_conditions(context, &spec, &conditions);
    let variables = named(context, &spec, "variables", "expression")?;
    for (name, _) in &variables {
        check_variable(context, name);
    }
    let mut validations = Vec::new();
    for node in context.list(spec.entry("validations"))? {
        validations.push(validation(context, node)?);
    }
    let annotations = annotations(context, &spec)?;
    if validations.is_empty() && annotations.is_empty() {
        lacks(context, spec.span, "validations", "a policy");
    }
    let metadata = context.mapping(object.entry("metadata"))?;
    Ok(AdmissionPolicy {
        origin,
        fails_closed,
        param_kind: params::kind(context, &spec)?,
        constraints,
        conditions: conditions.into_iter().map(|(_, expression)| expression).collect(),
        variables,
        validations,
        annotations,
        admission: passing::admission(context, metadata.as_ref())?,
    })
}

/// Reads a ValidatingAdmissionPolicyBinding.
pub(super) fn read_binding(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: Origin,
) -> Result<AdmissionPolicyBinding, Unclear> {
    let spec = spec(context, object, "a binding", FIELDS_OF_BINDING)?;
    let policy = field::required(context, &spec, "policyName", "a binding")?;
    let resources = match_resources::read(context, &spec, "matchResources")?;
    let denies = denies(context, &spec)?;
    let params = params::at(context, &spec)?;
    let metadata = context.mapping(object.entry("metadata"))?;
    let admission = passing::admission(context, metadata.as_ref())?;
    Ok(AdmissionPolicyBinding { origin, policy, denies, resources, params, admission })
}

fn spec<'a>(
    context: &mut Context,
    object: &Mapping<'a>,
    holder: &str,
    fields: &[&str],
) -> Result<Mapping<'a>, Unclear> {
    context.unknown_fields(object, FIELDS);
    let Some(spec) = context.mapping(object.entry("spec"))? else {
        return Err(field::missing(context, object.span, "spec", holder));
    };
    context.unknown_fields(&spec, fields);
    Ok(spec)
}

fn lacks(context: &mut Context, span: Span, field: &str, holder: &str) {
    let message = format!("{holder} has no `{field}`");
    context.refuse(
        rules::MISSING_FIELD,
        message,
        span,
        format!("no `{field}` here"),
        format!("give it `{field}`"),
    );
}

/// The elements of a list that have a name and an expression each.
fn named(
    context: &mut Context,
    spec: &Mapping<'_>,
    list: &str,
    what: &str,
) -> Result<Vec<(Written, Written)>, Unclear> {
    let mut found = Vec::new();
    for node in context.list(spec.entry(list))? {
        let holder = format!("an element of `{list}`");
        let Some(mapping) = context.mapping_of(node, list)? else {
            return Err(field::missing(context, node.span(), "name", &holder));
        };
        let name = if list == "auditAnnotations" { "key" } else { "name" };
        context.unknown_fields(&mapping, &[name, what]);
        let name = field::required(context, &mapping, name, &holder)?;
        let expression = field::required(context, &mapping, what, &holder)?;
        check_blank(context, &expression, what);
        found.push((name, expression));
    }
    Ok(found)
}

fn check_blank(context: &mut Context, expression: &Written, what: &str) {
    if expression.text.trim().is_empty() {
        let message = format!("`{what}` is empty");
        context.refuse(rules::MISSING_FIELD, message, expression.span, "nothing here", "write an expression");
    }
}

fn check_conditions(context: &mut Context, spec: &Mapping<'_>, conditions: &[(Written, Written)]) {
    if conditions.len() > MAX_CONDITIONS {
        let message = format!("there are more than {MAX_CONDITIONS} `matchConditions`");
        let span = field::span(spec, "matchConditions");
        context.refuse(rules::INVALID_VALUE, message, span, "too many", "join some of them with `&&`");
    }
    for (index, (name, _)) in conditions.iter().enumerate() {
        let twice = conditions[..index].iter().any(|(other, _)| other.text == name.text);
        if twice || watertight_base::label_key(&name.text).is_err() {
            let message = format!("`{}` is no name of a match condition, or is given twice", name.text);
            context.refuse(rules::INVALID_NAME, message, name.span, "not taken", "give each its own name");
        }
    }
}

/// A variable is an identifier of CEL.
fn check_variable(context: &mut Context, name: &Written) {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let mut bytes = name.text.bytes();
    let is_name =
        bytes.next().is_some_and(is_letter) && bytes.all(|byte| is_letter(byte) || byte.is_ascii_digit());
    if !is_name {
        let message = format!("`{}` is no name of a variable", name.text);
        let help = "use letters, digits and `_`, and begin with no digit";
        context.refuse(rules::INVALID_NAME, message, name.span, "no identifier", help);
    }
}

fn validation(context: &mut Context, node: Node<'_>) -> Result<Validation, Unclear> {
    let holder = "a validation";
    let Some(mapping) = context.mapping_of(node, "validations")? else {
        return Err(field::missing(context, node.span(), "expression", holder));
    };
    context.unknown_fields(&mapping, &["expression", "message", "messageExpression", "reason"]);
    let expression = field::required(context, &mapping, "expression", holder)?;
    check_blank(context, &expression, "expression");
    field::one_of(context, &mapping, "reason", REASONS)?;
    let message = field::written(context, &mapping, "message")?;
    if let Some(message) = &message
        && (message.text.trim().is_empty() || message.text.trim().contains(['\n', '\r']))
    {
        let help = "write it in one line";
        context.refuse(rules::INVALID_VALUE, "a `message` is not one line", message.span, "not taken", help);
    }
    let message_expression = field::written(context, &mapping, "messageExpression")?;
    if let Some(expression) = &message_expression {
        check_blank(context, expression, "messageExpression");
    }
    Ok(Validation { expression, message: message.map(|message| message.text), message_expression })
}

fn annotations(context: &mut Context, spec: &Mapping<'_>) -> Result<Vec<Written>, Unclear> {
    let found = named(context, spec, "auditAnnotations", "valueExpression")?;
    let is_twice = |(index, (key, value)): (usize, &(Written, Written))| {
        value.text.trim().len() > MAX_VALUE_EXPRESSION
            || found[..index].iter().any(|(other, _)| other.text == key.text)
            || watertight_base::label_key(&key.text).is_err()
            || key.text.contains('/')
    };
    if found.len() > MAX_ANNOTATIONS || found.iter().enumerate().any(is_twice) {
        let message = format!(
            "`auditAnnotations` has more than {MAX_ANNOTATIONS} elements, a key twice, or a long one"
        );
        let span = field::span(spec, "auditAnnotations");
        context.refuse(rules::INVALID_VALUE, message, span, "not taken", "give each its own key");
    }
    Ok(found.into_iter().map(|(_, expression)| expression).collect())
}

/// Whether `Deny` is among the actions.
fn denies(context: &mut Context, spec: &Mapping<'_>) -> Result<bool, Unclear> {
    let actions = field::texts(context, spec, "validationActions")?;
    let span = field::span(spec, "validationActions");
    let has = |action: &str| actions.iter().any(|found| found == action);
    let message = if actions.is_empty() {
        Some("a binding has no `validationActions`".to_owned())
    } else if let Some(other) =
        actions.iter().find(|found| !["Deny", "Warn", "Audit"].contains(&found.as_str()))
    {
        Some(format!("there is no action `{other}`"))
    } else if has("Deny") && has("Warn") {
        Some("`validationActions` has both `Deny` and `Warn`".to_owned())
    } else if (1..actions.len()).any(|index| actions[..index].contains(&actions[index])) {
        Some("`validationActions` has an action twice".to_owned())
    } else {
        None
    };
    if let Some(message) = message {
        let help = "the actions are `Deny`, `Warn` and `Audit`; `Deny` refuses";
        context.refuse(rules::INVALID_VALUE, message, span, "not taken", help);
    }
    Ok(has("Deny"))
}
