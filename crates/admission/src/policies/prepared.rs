//! Policies that are surely there: the server takes each of their expressions.

use super::cel::{Checker, NotTaken, Type, is_cheap};
use watertight_base::Span;
use watertight_cel::Expression;
use watertight_model::{Admission, AdmissionPolicy, AdmissionPolicyBinding, Snapshot, Validation, Written};

/// A policy that is asked.
#[derive(Debug)]
pub(super) struct Prepared<'s> {
    pub(super) policy: &'s AdmissionPolicy,
    /// Those that narrow it to requests, and refuse. There is at least one.
    pub(super) bindings: Vec<&'s AdmissionPolicyBinding>,
    pub(super) conditions: Vec<Expression>,
    pub(super) variables: Vec<(String, Expression)>,
    pub(super) validations: Vec<(&'s Validation, Expression)>,
    /// Whether evaluation surely ends within the server's bounds.
    pub(super) cheap: bool,
}

/// Why a policy is not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ignored<'s> {
    pub(super) policy: &'s AdmissionPolicy,
    pub(super) span: Span,
    pub(super) reason: String,
}

/// The most variables of a policy that are followed.
const MAX_VARIABLES: usize = 64;

/// The policies that are asked and refuse, and those that are not although the server may have them.
pub(super) fn all(snapshot: &Snapshot) -> (Vec<Prepared<'_>>, Vec<Ignored<'_>>) {
    let (mut prepared, mut ignored) = (Vec::new(), Vec::new());
    for policy in &snapshot.admission_policies {
        let bindings = snapshot.admission_policy_bindings.iter();
        let is_its_own = |binding: &&AdmissionPolicyBinding| {
            binding.policy.text == policy.origin.object.name
                && binding.denies
                && binding.admission == Admission::Accepted
        };
        // What is refused, or there for a moment only, was told by the reader.
        if policy.admission != Admission::Accepted {
            continue;
        }
        let bindings: Vec<&AdmissionPolicyBinding> = bindings.filter(is_its_own).collect();
        if bindings.is_empty() {
            continue;
        }
        match prepare(policy, bindings) {
            Ok(policy) => prepared.push(policy),
            Err((span, reason)) => ignored.push(Ignored { policy, span, reason: reason.to_string() }),
        }
    }
    (prepared, ignored)
}

type Misread = (Span, NotTaken);

fn prepare<'s>(
    policy: &'s AdmissionPolicy,
    bindings: Vec<&'s AdmissionPolicyBinding>,
) -> Result<Prepared<'s>, Misread> {
    let params = policy.param_kind.is_some();
    let mut of_conditions = Checker::new(params, true);
    let conditions =
        policy.conditions.iter().map(|text| of_type(&mut of_conditions, text, true, &[Type::Bool]));
    let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
    let (variables, types) = variables(policy)?;
    let mut of_values = Checker::new(params, true).with_variables(&types);
    let mut of_messages = Checker::new(params, false).with_variables(&types);
    let mut validations = Vec::new();
    let mut others = Vec::new();
    for validation in &policy.validations {
        validations
            .push((validation, of_type(&mut of_values, &validation.expression, false, &[Type::Bool])?));
        if let Some(message) = &validation.message_expression {
            others.push(of_type(&mut of_messages, message, false, &[Type::String])?);
        }
    }
    for annotation in &policy.annotations {
        others.push(of_type(&mut of_values, annotation, true, &[Type::String, Type::Null])?);
    }
    let expressions =
        conditions.iter().chain(&others).chain(variables.iter().map(|(_, expression)| expression));
    let cheap = is_cheap(expressions.chain(validations.iter().map(|(_, expression)| expression)));
    Ok(Prepared { policy, bindings, conditions, variables, validations, cheap })
}

#[expect(clippy::type_complexity, reason = "the variables, by expression and by type")]
fn variables(policy: &AdmissionPolicy) -> Result<(Vec<(String, Expression)>, Vec<(String, Type)>), Misread> {
    let params = policy.param_kind.is_some();
    let (mut variables, mut types): (Vec<(String, Expression)>, Vec<(String, Type)>) =
        (Vec::new(), Vec::new());
    for (name, text) in &policy.variables {
        let mut checker = Checker::new(params, true).with_variables(&types);
        let (expression, of) = checker.read(&text.text).map_err(|reason| (text.span, reason))?;
        if types.len() >= MAX_VARIABLES || types.iter().any(|(known, _)| *known == name.text) {
            return Err((name.span, NotTaken::new("there are too many variables, or one twice")));
        }
        variables.push((name.text.clone(), expression));
        types.push((name.text.clone(), of));
    }
    Ok((variables, types))
}

fn of_type(
    checker: &mut Checker,
    text: &Written,
    trimmed: bool,
    wanted: &[Type],
) -> Result<Expression, Misread> {
    let written = if trimmed { text.text.trim() } else { &text.text };
    let (expression, of) = checker.read(written).map_err(|reason| (text.span, reason))?;
    if wanted.contains(&of) {
        Ok(expression)
    } else {
        Err((text.span, NotTaken::new("its type is not the one that the server asks for")))
    }
}
