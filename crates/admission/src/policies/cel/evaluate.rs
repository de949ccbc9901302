//! Evaluation for all objects that fit a draft at once: which values an expression may have, and whether it may fail.
//!
//! Each part is taken by itself. What two parts have to do with each other is lost, so that more may seem possible than is;
//! what is possible is never lost.

use super::arithmetic::calculated;
use super::comparing::{contained, equal, ordered};
use super::functions;
use super::macros::{self, quantified};
use super::value::{Field, Outcome, Texts, Truth, Value};
use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::rc::Rc;
use watertight_cel::{Expression, Literal, Operator};

/// How much work one policy may take for one draft, about: beyond it nothing is known.
const BUDGET: usize = 200_000;

/// What names stand for.
#[derive(Debug, Clone)]
pub(crate) struct Inputs {
    names: Rc<BTreeMap<&'static str, Value>>,
    variables: BTreeMap<String, Outcome>,
    /// The work that is left.
    left: Cell<usize>,
}

impl Inputs {
    /// These names, and nothing else.
    pub(crate) fn new(names: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        Self {
            names: Rc::new(names.into_iter().collect()),
            variables: BTreeMap::new(),
            left: Cell::new(BUDGET),
        }
    }

    /// The same for match conditions, which see no namespace.
    pub(crate) fn of_conditions(&self) -> Self {
        let mut names = BTreeMap::clone(&self.names);
        names.insert("namespaceObject", Value::Null);
        Self { names: Rc::new(names), variables: BTreeMap::new(), left: Cell::new(BUDGET) }
    }

    /// The same, with the variables of a policy, each of which sees those before it.
    pub(crate) fn with_variables(&self, variables: &[(String, Expression)]) -> Self {
        let mut inputs = Self { left: Cell::new(BUDGET), ..self.clone() };
        for (name, expression) in variables {
            let outcome = evaluate(expression, &inputs);
            inputs.variables.insert(name.clone(), outcome);
        }
        inputs
    }
}

/// What names stand for within macros.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    inputs: &'s Inputs,
    local: Option<&'s Local<'s>>,
}

/// A variable of a macro.
struct Local<'s> {
    name: &'s str,
    value: Value,
    outer: Option<&'s Self>,
}

impl Scope<'_> {
    /// What an expression comes out as where a name stands for a value.
    pub(super) fn with(&self, name: &str, value: Value, expression: &Expression) -> Outcome {
        let local = Local { name, value, outer: self.local };
        of(expression, Scope { inputs: self.inputs, local: Some(&local) })
    }

    fn named(&self, name: &str) -> Option<&Value> {
        let mut local = self.local;
        while let Some(found) = local {
            if found.name == name {
                return Some(&found.value);
            }
            local = found.outer;
        }
        self.inputs.names.get(name)
    }

    /// Takes from the work that is left; whether there was so much.
    fn afford(&self, work: usize) -> bool {
        let left = self.inputs.left.get().checked_sub(work);
        self.inputs.left.set(left.unwrap_or_default());
        left.is_some()
    }

    /// A copy, if that can be afforded.
    pub(super) fn copy(&self, value: &Value) -> Value {
        if self.afford(value.size()) { value.clone() } else { Value::Anything }
    }
}

/// What an expression may come out as. It was checked before.
pub(crate) fn evaluate(expression: &Expression, inputs: &Inputs) -> Outcome {
    of(expression, Scope { inputs, local: None })
}

fn of(expression: &Expression, scope: Scope<'_>) -> Outcome {
    if !scope.afford(1) {
        return Outcome::OPEN;
    }
    match expression {
        Expression::Literal(literal) => Outcome::of(written(literal)),
        Expression::Name(name) => match scope.named(name) {
            Some(value) => Outcome::of(scope.copy(value)),
            None => Outcome::OPEN,
        },
        Expression::List(elements) => match values(elements, scope) {
            (Some(elements), error) => Outcome::of(Value::List { elements, others: false }).or_error(error),
            (None, _) => Outcome::ERROR,
        },
        Expression::Map(entries) => map(entries, scope),
        Expression::Select { of: whole, field, optional } => match variable(whole, field, scope) {
            Some(outcome) if !optional => outcome,
            Some(_) => Outcome::OPEN,
            None => self::of(whole, scope).then(|whole| select(whole, field, *optional)),
        },
        Expression::Has { of: whole, field } => of(whole, scope).then(|whole| has(&whole, field)),
        Expression::Index { of: whole, index, optional } => {
            let index = of(index, scope);
            of(whole, scope).then(|whole| index.then(|index| at(whole, &index, *optional)))
        }
        Expression::Not(part) => {
            let (truth, error) = of(part, scope).truths();
            decided(truth.not(), error)
        }
        Expression::Minus(part) => of(part, scope).then(|part| match part {
            Value::Int(number) => match number.checked_neg() {
                Some(number) => Outcome::of(Value::Int(number)),
                None => Outcome::ERROR,
            },
            Value::Double(number) => Outcome::of(Value::Double(-number)),
            Value::Anything | Value::AtLeast(_) => Outcome::OPEN,
            _ => Outcome::ERROR,
        }),
        Expression::And(parts) => all(parts.iter().map(|part| of(part, scope).truths())),
        Expression::Or(parts) => {
            let parts = parts.iter().map(|part| of(part, scope).truths());
            let none = all(parts.map(|(truth, error)| (truth.not(), error)));
            let (truth, error) = none.truths();
            decided(truth.not(), error)
        }
        Expression::Choice(parts) => choice(parts, scope),
        Expression::Binary(operator, sides) => {
            let [one, two] = &**sides;
            let two = of(two, scope);
            of(one, scope).then(|one| two.then(|two| binary(*operator, one, two)))
        }
        Expression::Macro { kind, range, variable, body, keep } => {
            let parts = macros::Body { kind: *kind, variable, body, keep: keep.as_deref() };
            of(range, scope).then(|range| quantified(&parts, range, &scope))
        }
        Expression::Call { target, function, arguments } => {
            call(target.as_deref(), function, arguments, scope)
        }
    }
}

fn written(literal: &Literal) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(truth) => Value::Bool(Truth::of(*truth)),
        Literal::Int(number) => Value::Int(*number),
        Literal::Double(number) => Value::Double(*number),
        Literal::Text(text) => Value::text(text),
        Literal::Uint(_) | Literal::Bytes => Value::Anything,
    }
}

fn decided(truth: Truth, error: bool) -> Outcome {
    let value = (truth.yes || truth.no).then_some(Value::Bool(truth));
    Outcome { error: error || value.is_none(), value }
}

/// All of them, as `&&` has it: one that is surely false takes the errors of the others away.
fn all(parts: impl Iterator<Item = (Truth, bool)>) -> Outcome {
    let (mut yes, mut no, mut error, mut surely_not) = (true, false, false, false);
    for (truth, fails) in parts {
        yes &= truth.yes;
        no |= truth.no;
        error |= fails;
        surely_not |= truth.no && !truth.yes && !fails;
    }
    let truth = Truth { yes, no };
    let value = (yes || no).then_some(Value::Bool(truth));
    Outcome { error: (error && !surely_not) || value.is_none(), value }
}

fn choice(parts: &[Expression; 3], scope: Scope<'_>) -> Outcome {
    let [condition, then, otherwise] = parts;
    let (truth, error) = of(condition, scope).truths();
    let taken = match (truth.yes, truth.no) {
        (true, true) => of(then, scope).joined(of(otherwise, scope)),
        (true, false) => of(then, scope),
        (false, true) => of(otherwise, scope),
        (false, false) => Outcome::ERROR,
    };
    taken.or_error(error)
}

/// The values of several expressions, unless one surely fails, and whether one may fail.
fn values<'x>(
    expressions: impl IntoIterator<Item = &'x Expression>,
    scope: Scope<'_>,
) -> (Option<Vec<Value>>, bool) {
    let outcomes: Vec<Outcome> = expressions.into_iter().map(|expression| of(expression, scope)).collect();
    let error = outcomes.iter().any(|outcome| outcome.error);
    (outcomes.into_iter().map(|outcome| outcome.value).collect(), error)
}

fn map(entries: &[(Expression, Expression)], scope: Scope<'_>) -> Outcome {
    let mut fields = BTreeMap::new();
    let mut error = false;
    for (key, value) in entries {
        let value = of(value, scope);
        let Expression::Literal(Literal::Text(key)) = key else { return Outcome::OPEN };
        let Some(known) = value.value else { return Outcome::ERROR };
        error |= value.error;
        if fields.insert(key.clone(), Field::there(known)).is_some() {
            // The same key twice is an error.
            return Outcome::OPEN;
        }
    }
    Outcome::of(Value::Map { fields, others: false }).or_error(error)
}

/// A variable of the policy, if this is one.
fn variable(of: &Expression, field: &str, scope: Scope<'_>) -> Option<Outcome> {
    let is_named = matches!(of, Expression::Name(name) if name == "variables");
    if !is_named || scope.named("variables").is_some() {
        return None;
    }
    let known = scope.inputs.variables.get(field)?;
    Some(Outcome { value: known.value.as_ref().map(|value| scope.copy(value)), error: known.error })
}

fn select(of: Value, field: &str, optional: bool) -> Outcome {
    match of {
        Value::Map { fields, others } => {
            let field = Value::field(&fields, others, field);
            if optional { Outcome::of(perhaps(field)) } else { Outcome::of_field(field) }
        }
        Value::Optional { value, empty } => within(value, empty, |inner| select(inner, field, true)),
        Value::Anything => Outcome::OPEN,
        _ if optional => Outcome::OPEN,
        _ => Outcome::ERROR,
    }
}

fn perhaps(field: Field) -> Value {
    Value::Optional { value: field.value.map(Box::new), empty: field.missing }
}

/// What follows from what is in an optional; nothing follows from an empty one.
fn within(value: Option<Box<Value>>, empty: bool, next: impl FnOnce(Value) -> Outcome) -> Outcome {
    let nothing = || Outcome::of(Value::Optional { value: None, empty: true });
    match (value, empty) {
        (Some(value), false) => next(*value),
        (Some(value), true) => next(*value).joined(nothing()),
        (None, _) => nothing(),
    }
}

/// What is in an optional, or the optional itself; what stands behind is asked only if it is empty.
///
/// Source: `decorateOptionalOr` of cel-go.
fn or_else(value: Value, function: &str, other: impl FnOnce() -> Outcome) -> Outcome {
    let Value::Optional { value, empty } = value else { return Outcome::OPEN };
    let own = value.map(|value| match function {
        "orValue" => *value,
        _ => Value::Optional { value: Some(value), empty: false },
    });
    match (own, empty) {
        (Some(own), false) => Outcome::of(own),
        (Some(own), true) => Outcome::of(own).joined(other()),
        (None, _) => other(),
    }
}

fn has(of: &Value, field: &str) -> Outcome {
    match of {
        Value::Map { fields, others } => {
            let field = Value::field(fields, *others, field);
            Outcome::truth(Truth { yes: field.value.is_some(), no: field.missing })
        }
        Value::Anything | Value::Optional { .. } => {
            Outcome { value: Some(Value::Bool(Truth::EITHER)), error: true }
        }
        // What has no fields has not this one, or cannot be asked.
        _ => Outcome { value: Some(Value::Bool(Truth::NO)), error: true },
    }
}

fn at(of: Value, index: &Value, optional: bool) -> Outcome {
    let found = match (of, index) {
        (Value::Map { fields, others }, Value::Text(Texts::OneOf(names))) => {
            let mut found = names.iter().map(|name| Value::field(&fields, others, name));
            let first = found.next().unwrap_or(Field { value: None, missing: true });
            found.fold(first, |one, two| Field {
                missing: one.missing || two.missing,
                value: match (one.value, two.value) {
                    (Some(one), Some(two)) => Some(one.joined(two)),
                    (one, two) => one.or(two),
                },
            })
        }
        (Value::List { elements, others: false }, Value::Int(index)) => {
            let value = usize::try_from(*index).ok().and_then(|index| elements.into_iter().nth(index));
            Field { missing: value.is_none(), value }
        }
        (Value::Map { .. }, Value::Int(_) | Value::Bool(_)) if !optional => return Outcome::ERROR,
        (Value::Optional { value, empty }, index) => {
            return within(value, empty, |inner| at(inner, index, true));
        }
        (Value::Anything, _) | (_, Value::Anything | Value::AtLeast(_)) => return Outcome::OPEN,
        (Value::Map { .. } | Value::List { others: true, .. }, Value::Text(_) | Value::Int(_)) => {
            return Outcome::OPEN;
        }
        // A whole number is a place, however it is written.
        (Value::List { .. }, Value::Double(_)) => return Outcome::OPEN,
        // What has no such places has this one neither.
        _ if optional => return Outcome::OPEN,
        _ => return Outcome::ERROR,
    };
    if optional { Outcome::of(perhaps(found)) } else { Outcome::of_field(found) }
}

fn binary(operator: Operator, one: Value, two: Value) -> Outcome {
    match operator {
        Operator::Equal => Outcome::truth(equal(&one, &two)),
        Operator::Different => Outcome::truth(equal(&one, &two).not()),
        Operator::Less => ordered(&one, &two, Ordering::is_lt),
        Operator::LessOrEqual => ordered(&one, &two, Ordering::is_le),
        Operator::More => ordered(&one, &two, Ordering::is_gt),
        Operator::MoreOrEqual => ordered(&one, &two, Ordering::is_ge),
        Operator::In => contained(&one, &two),
        _ => calculated(operator, one, two),
    }
}

fn call(target: Option<&Expression>, function: &str, arguments: &[Expression], scope: Scope<'_>) -> Outcome {
    if let (Some(target), "or" | "orValue", [other]) = (target, function, arguments) {
        return of(target, scope).then(|target| or_else(target, function, || of(other, scope)));
    }
    let (name, all): (String, Vec<&Expression>) = match target {
        None => (function.to_owned(), arguments.iter().collect()),
        Some(Expression::Name(first)) if matches!(first.as_str(), "optional" | "sets") => {
            (format!("{first}.{function}"), arguments.iter().collect())
        }
        Some(target) => (format!(".{function}"), [target].into_iter().chain(arguments).collect()),
    };
    // Whatever is not followed may fail, or not, by what it is given.
    match values(all, scope) {
        (Some(values), error) => functions::called(&name, values).or_error(error),
        (None, _) => Outcome::ERROR,
    }
}
