//! Sums, products and what is left.

use super::value::{Outcome, Texts, Value};
use std::collections::BTreeSet;
use watertight_cel::Operator;

/// The most texts that are kept apart; beyond, a text is any.
const MAX_TEXTS: usize = 64;
/// The longest text, in bytes, that is put together; beyond, a text is any.
const MAX_BYTES: usize = 10_000;

/// What an operator makes of two values.
pub(super) fn calculated(operator: Operator, one: Value, two: Value) -> Outcome {
    match (operator, one, two) {
        (_, Value::Int(one), Value::Int(two)) => {
            let result = match operator {
                Operator::Add => one.checked_add(two),
                Operator::Subtract => one.checked_sub(two),
                Operator::Multiply => one.checked_mul(two),
                Operator::Divide => one.checked_div(two),
                Operator::Remainder => one.checked_rem(two),
                _ => None,
            };
            result.map_or(Outcome::ERROR, |number| Outcome::of(Value::Int(number)))
        }
        (Operator::Add, Value::Text(one), Value::Text(two)) => Outcome::of(Value::Text(joined(&one, &two))),
        (
            Operator::Add,
            Value::List { elements: mut one, others },
            Value::List { elements: two, others: also },
        ) => {
            one.extend(two);
            Outcome::of(Value::List { elements: one, others: others || also })
        }
        // Doubles and integers that may be greater are not followed, and of anything it may be any operation.
        (_, Value::Double(_) | Value::Anything | Value::AtLeast(_), _)
        | (_, _, Value::Double(_) | Value::Anything | Value::AtLeast(_)) => Outcome::OPEN,
        _ => Outcome::ERROR,
    }
}

fn joined(one: &Texts, two: &Texts) -> Texts {
    let (Texts::OneOf(one), Texts::OneOf(two)) = (one, two) else { return Texts::any() };
    let length = |texts: &BTreeSet<String>| texts.iter().map(String::len).max().unwrap_or_default();
    if one.len() * two.len() > MAX_TEXTS || length(one) + length(two) > MAX_BYTES {
        return Texts::any();
    }
    let pairs: BTreeSet<String> =
        one.iter().flat_map(|one| two.iter().map(move |two| format!("{one}{two}"))).collect();
    Texts::OneOf(pairs)
}
