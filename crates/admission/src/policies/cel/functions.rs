//! Functions. Of those that are not followed, nothing is known.

use super::pattern::pattern;
use super::value::{Outcome, Texts, Truth, Value};
use std::collections::BTreeSet;

/// What a function or a method makes of its arguments. All of them are values already.
pub(super) fn called(name: &str, arguments: Vec<Value>) -> Outcome {
    let mut arguments = arguments.into_iter();
    let (first, second, more) = (arguments.next(), arguments.next(), arguments.next());
    match (name, first, second, more) {
        ("size" | ".size", Some(of), None, None) => size(&of),
        ("dyn", Some(of), None, None) => Outcome::of(of),
        ("string", Some(of), None, None) => string(of),
        ("bool", Some(of @ Value::Bool(_)), None, None) => Outcome::of(of),
        ("int", Some(of @ Value::Int(_)), None, None) => Outcome::of(of),
        ("optional.of", Some(of), None, None) => {
            Outcome::of(Value::Optional { value: Some(Box::new(of)), empty: false })
        }
        ("optional.none", None, None, None) => Outcome::of(Value::Optional { value: None, empty: true }),
        (".hasValue", Some(Value::Optional { value, empty }), None, None) => {
            Outcome::truth(Truth { yes: value.is_some(), no: empty })
        }
        (".value", Some(Value::Optional { value, empty }), None, None) => {
            Outcome { value: value.map(|value| *value), error: empty }
        }
        (".lowerAscii", Some(Value::Text(of)), None, None) => cased(&of, str::to_ascii_lowercase),
        (".upperAscii", Some(Value::Text(of)), None, None) => cased(&of, str::to_ascii_uppercase),
        (".startsWith" | ".endsWith" | ".contains" | ".matches" | "matches", Some(of), Some(with), None) => {
            match (of, with) {
                (Value::Text(of), Value::Text(with)) => compared(name, &of, &with),
                (Value::Anything, Value::Anything | Value::Text(_)) | (Value::Text(_), Value::Anything) => {
                    Outcome { value: Some(Value::Bool(Truth::EITHER)), error: true }
                }
                _ => Outcome::ERROR,
            }
        }
        _ => Outcome::OPEN,
    }
}

/// How long a text, a list or a map is: exactly, or at least.
fn size(of: &Value) -> Outcome {
    let (least, exact) = match of {
        Value::Text(Texts::OneOf(texts)) => {
            let sizes: BTreeSet<usize> = texts.iter().map(|text| text.chars().count()).collect();
            (sizes.first().copied().unwrap_or_default(), sizes.len() == 1)
        }
        Value::Text(Texts::NoneOf(texts)) => (usize::from(texts.contains("")), false),
        Value::List { elements, others } => (elements.len(), !others),
        Value::Map { fields, others } => {
            let there = fields.values().filter(|field| field.value.is_some());
            let sure = there.clone().filter(|field| !field.missing).count();
            (sure, !others && sure == there.count())
        }
        Value::Anything => return Outcome::OPEN,
        _ => return Outcome::ERROR,
    };
    Outcome::of(match i64::try_from(least) {
        Ok(size) if exact => Value::Int(size),
        Ok(size) => Value::AtLeast(size),
        Err(_) => Value::Anything,
    })
}

fn string(of: Value) -> Outcome {
    match of {
        Value::Text(_) => Outcome::of(of),
        Value::Int(number) => Outcome::of(Value::text(number.to_string())),
        Value::Bool(truth) if !(truth.yes && truth.no) => Outcome::of(Value::text(truth.yes.to_string())),
        Value::Null | Value::List { .. } | Value::Map { .. } => Outcome::ERROR,
        _ => Outcome::OPEN,
    }
}

fn cased(of: &Texts, change: fn(&str) -> String) -> Outcome {
    Outcome::of(Value::Text(match of {
        Texts::OneOf(texts) => Texts::OneOf(texts.iter().map(|text| change(text)).collect()),
        Texts::NoneOf(_) => Texts::any(),
    }))
}

/// Whether texts begin with others, and the like.
fn compared(name: &str, of: &Texts, with: &Texts) -> Outcome {
    let is_pattern = name.ends_with("matches");
    let (Texts::OneOf(of), Texts::OneOf(with)) = (of, with) else {
        return Outcome { value: Some(Value::Bool(Truth::EITHER)), error: is_pattern };
    };
    let mut truth = Truth { yes: false, no: false };
    for with in with {
        let pattern = if is_pattern { pattern(with) } else { None };
        for of in of {
            truth = truth.or_else(match (name, &pattern) {
                (".startsWith", _) => Truth::of(of.starts_with(with)),
                (".endsWith", _) => Truth::of(of.ends_with(with)),
                (".contains", _) => Truth::of(of.contains(with)),
                // A vertical tab is a space here, and none to the server.
                (_, Some(pattern)) if !of.contains('\u{b}') => Truth::of(pattern.is_match(of)),
                _ => return Outcome { value: Some(Value::Bool(Truth::EITHER)), error: true },
            });
        }
    }
    Outcome::truth(truth)
}
