//! What admission policies surely refuse. A certificate names, for each object that is not to be, the policy, its binding and the
//! validation that refuse it; here it is seen whether they do. Nothing is searched for, and what cannot be followed refuses nothing.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>.

mod calls;
mod constants;
mod draft;
mod evaluate;
mod matching;
mod pattern;
mod settled;
mod signatures;
mod types;
mod value;
mod written;

#[cfg(test)]
mod tests;

pub(crate) use draft::{Kind, Object};
pub(crate) use written::Written;

use crate::format::{Fact, KnownField, RefusedBy, RefusedObject};
use draft::Request;
use matching::surely_about;
use settled::Type;
use std::cell::RefCell;
use std::collections::BTreeSet;
use types::{BOOL, NULL, STRING, Types};
use value::Truth;
use watertight_cel::{Expression, Operator, parse};
use watertight_model::{Admission, AdmissionPolicy, AdmissionPolicyBinding, Snapshot};

/// The most parts that all expressions of a policy have together which lets pass what it cannot be asked about: beyond, the
/// server may give up.
const MAX_PARTS: usize = 300;

/// The most variables of a policy.
const MAX_VARIABLES: usize = 64;

/// A policy that is surely there, with each expression as a tree.
struct Policy<'s> {
    policy: &'s AdmissionPolicy,
    conditions: Vec<Expression>,
    variables: Vec<(String, Expression)>,
    validations: Vec<Expression>,
    /// Messages and annotations.
    others: Vec<Expression>,
}

/// What a certificate says to be refused of what both sides could share, and what of that was asked about.
#[derive(Debug, Default)]
pub struct Kept<'a> {
    /// Each with the number of its fact.
    objects: Vec<(usize, &'a RefusedObject)>,
    asked: RefCell<BTreeSet<usize>>,
    /// What may be written; `None` if that is not known.
    written: Option<&'a Written>,
    /// Whether policies count in namespaces that may be relabelled: where what they have then is what is looked at.
    is_relabelled: bool,
}

impl<'a> Kept<'a> {
    pub(crate) fn new(facts: &'a [Fact], written: &'a Written) -> Self {
        let objects = facts.iter().enumerate().filter_map(|(number, fact)| match fact {
            Fact::Refused { object } => Some((number, object)),
            _ => None,
        });
        Self { objects: objects.collect(), written: Some(written), ..Self::default() }
    }

    /// What one fact says, of a cluster as the hostile side makes it.
    pub(crate) fn of_one(objects: &'a [RefusedObject], written: &'a Written) -> Self {
        let objects = objects.iter().enumerate().collect();
        Self { objects, written: Some(written), is_relabelled: true, ..Self::default() }
    }

    /// Whether an object with these fields is refused, in every way in which it could come to be: it is created or changed,
    /// whoever asks. A policy counts only in namespaces that nobody of the `from` side can relabel.
    pub(crate) fn refuses(
        &self,
        snapshot: &Snapshot,
        of: (&Kind, &str),
        fields: &[KnownField],
        subresources: &[&str],
    ) -> bool {
        let mut ways = vec![("CREATE", ""), ("UPDATE", "")];
        ways.extend(subresources.iter().map(|subresource| ("UPDATE", *subresource)));
        self.refuses_by(snapshot, of, fields, &ways)
    }

    /// The same, in these ways.
    pub(crate) fn refuses_by(
        &self,
        snapshot: &Snapshot,
        (kind, namespace): (&Kind, &str),
        fields: &[KnownField],
        ways: &[(&str, &str)],
    ) -> bool {
        let is_it = |object: &RefusedObject| {
            Kind::new([&object.group, &object.version, &object.kind, &object.resource]) == *kind
                && object.namespace == namespace
                && object.fields == fields
        };
        let mut objects = self.objects.iter();
        let Some((number, object)) = objects.find(|(_, object)| is_it(object)) else { return false };
        let may_count = self.is_relabelled || self.written.is_some_and(|it| !it.may_relabel(namespace));
        if !may_count || refused_object(snapshot, object, ways).is_err() {
            return false;
        }
        self.asked.borrow_mut().insert(*number);
        true
    }

    /// Whether the hostile side may write objects of a resource in a namespace.
    pub(crate) fn may_write(&self, namespace: &str, group: &str, resource: &str) -> bool {
        self.written.is_none_or(|written| written.may_write(namespace, group, resource))
    }

    /// The policies on which something rests.
    pub(crate) fn policies(&self) -> BTreeSet<String> {
        let asked = self.asked.borrow();
        let objects = self.objects.iter().filter(|(number, _)| asked.contains(number));
        objects.flat_map(|(_, object)| &object.by).map(|by| by.policy.clone()).collect()
    }

    /// What is said to be refused, and need not be, or is not.
    pub(crate) fn needless(&self) -> Option<usize> {
        let asked = self.asked.borrow();
        self.objects.iter().map(|(number, _)| *number).find(|number| !asked.contains(number))
    }
}

/// Checks that an object is refused in all of these ways, and by what it says.
///
/// # Errors
/// It may come to be, or what is named cannot be followed.
pub(crate) fn refused_object(
    snapshot: &Snapshot,
    object: &RefusedObject,
    ways: &[(&str, &str)],
) -> Result<(), String> {
    let kind = Kind::new([&object.group, &object.version, &object.kind, &object.resource]);
    let known = Object::with(&object.fields).ok_or("what is known of the object does not fit together")?;
    refused_ways(snapshot, (&kind, &object.namespace), &known, (ways, &object.by))
}

/// The same, of an object that is given.
pub(crate) fn refused_ways(
    snapshot: &Snapshot,
    (kind, namespace): (&Kind, &str),
    object: &Object,
    (ways, by): (&[(&str, &str)], &[RefusedBy]),
) -> Result<(), String> {
    if ways.len() != by.len() {
        return Err("it is not said for each way what refuses it".to_owned());
    }
    for (&(operation, subresource), by) in ways.iter().zip(by) {
        let request = Request { kind, operation, subresource, namespace, object };
        refused(snapshot, &request, by)?;
    }
    Ok(())
}

/// Checks that every such request is refused, and by what is named.
///
/// # Errors
/// It may be let pass, or what is named cannot be followed.
fn refused(snapshot: &Snapshot, request: &Request<'_>, by: &RefusedBy) -> Result<(), String> {
    if by.operation != request.operation || by.subresource != request.subresource {
        return Err("what is said to refuse it is about another request".to_owned());
    }
    let name = &by.policy;
    let policy = Policy::named(snapshot, name)?;
    let bindings = snapshot.admission_policy_bindings.iter();
    let mut bindings = bindings.filter(|binding| binding.origin.object.name == by.binding);
    let (Some(binding), None) = (bindings.next(), bindings.next()) else {
        return Err(format!("there is no binding `{}`", by.binding));
    };
    if !binds(binding, policy.policy) {
        return Err(format!("the binding `{}` does not surely put `{name}` in force", by.binding));
    }
    let about_binding = binding.resources.as_ref();
    if !surely_about(&policy.policy.constraints, request, snapshot, true)
        || !about_binding.is_none_or(|of| surely_about(of, request, snapshot, false))
    {
        return Err(format!("`{name}` is not surely asked about it"));
    }
    match policy.refuses(request, snapshot, by.validation) {
        true => Ok(()),
        false => Err(format!("`{name}` does not surely refuse it")),
    }
}

/// Whether a binding surely has a policy refuse. What parameters say is not known, and without any the policy may let pass.
fn binds(binding: &AdmissionPolicyBinding, policy: &AdmissionPolicy) -> bool {
    binding.policy.text == policy.origin.object.name
        && binding.denies
        && binding.admission == Admission::Accepted
        && (policy.param_kind.is_none() || binding.params.is_none())
}

impl<'s> Policy<'s> {
    /// The policy of a name, if it is surely there: the server takes each of its expressions.
    fn named(snapshot: &'s Snapshot, name: &str) -> Result<Self, String> {
        let mut policies = snapshot.admission_policies.iter().filter(|it| it.origin.object.name == name);
        let (Some(policy), None) = (policies.next(), policies.next()) else {
            return Err(format!("there is no policy `{name}`"));
        };
        if policy.admission != Admission::Accepted {
            return Err(format!("the policy `{name}` may not be there"));
        }
        Self::read(policy).ok_or_else(|| format!("an expression of `{name}` cannot be followed"))
    }

    fn read(policy: &'s AdmissionPolicy) -> Option<Self> {
        let mut types = Types::new(policy.param_kind.is_some());
        let taken = |types: &mut Types, text: &str, wanted: &[Type]| {
            let expression = parse(text).ok()?;
            wanted.contains(&types.of_whole(&expression)?).then_some(expression)
        };
        let conditions = policy.conditions.iter();
        let conditions = conditions.map(|it| taken(&mut types, it.text.trim(), &[BOOL]));
        let conditions = conditions.collect::<Option<Vec<_>>>()?;
        let mut variables: Vec<(String, Expression)> = Vec::new();
        for (name, text) in &policy.variables {
            let expression = parse(&text.text).ok()?;
            let of = types.of_whole(&expression)?;
            if variables.len() >= MAX_VARIABLES || variables.iter().any(|(known, _)| *known == name.text) {
                return None;
            }
            types.add_variable(&name.text, of);
            variables.push((name.text.clone(), expression));
        }
        let (mut validations, mut others) = (Vec::new(), Vec::new());
        for validation in &policy.validations {
            validations.push(taken(&mut types, &validation.expression.text, &[BOOL])?);
            if let Some(message) = &validation.message_expression {
                others.push(taken(&mut types.of_messages(), &message.text, &[STRING])?);
            }
        }
        for annotation in &policy.annotations {
            others.push(taken(&mut types, annotation.text.trim(), &[STRING, NULL])?);
        }
        Some(Self { policy, conditions, variables, validations, others })
    }

    /// Whether a validation of it, or a condition that cannot be asked if none is named, surely refuses a request.
    fn refuses(&self, request: &Request<'_>, snapshot: &Snapshot, validation: Option<usize>) -> bool {
        let fails_closed = self.policy.fails_closed;
        if !fails_closed && !self.is_cheap() {
            return false;
        }
        let names = request.names(snapshot, true);
        let conditions = || self.conditions.iter().map(|condition| Truth::of(&names.evaluate(condition)));
        let may_leave_out = conditions().any(|truth| truth.no || truth.error && !fails_closed);
        if may_leave_out {
            return false;
        }
        let Some(validation) = validation.map(|index| self.validations.get(index)) else {
            return conditions().any(|truth| truth.error && !truth.yes);
        };
        let Some(expression) = validation else { return false };
        let names = request.names(snapshot, false).with_variables(&self.variables);
        let truth = Truth::of(&names.evaluate(expression));
        !truth.yes && (truth.no || truth.error) && (fails_closed || !truth.error)
    }

    /// Whether evaluation surely ends within the server's bounds, however big the object is: it goes through no list that is
    /// not written in the policy, and through texts only to compare them.
    fn is_cheap(&self) -> bool {
        let of_variables = self.variables.iter().map(|(_, expression)| expression);
        let mut left: Vec<&Expression> =
            self.conditions.iter().chain(of_variables).chain(&self.validations).chain(&self.others).collect();
        let mut count = 0;
        while let Some(part) = left.pop() {
            count += 1;
            if count > MAX_PARTS || !is_cheap(part) {
                return false;
            }
            left.extend(part.parts());
        }
        true
    }
}

fn is_cheap(part: &Expression) -> bool {
    match part {
        Expression::Macro { .. } => false,
        Expression::Call { function, .. } => {
            ["dyn", "startsWith", "endsWith", "hasValue", "value", "orValue"].contains(&function.as_str())
        }
        Expression::Binary(Operator::In, sides) => match &sides[1] {
            Expression::List(elements) => elements.iter().all(|it| matches!(it, Expression::Literal(_))),
            Expression::Select { field, .. } => ["labels", "annotations"].contains(&field.as_str()),
            _ => false,
        },
        Expression::Binary(operator, _) => !matches!(
            operator,
            Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder
        ),
        _ => true,
    }
}
