//! What functions make of what they are given. Of those that are not followed, nothing is known.

use super::evaluate::{each, pairs};
use super::pattern::Pattern;
use super::value::{Item, List, Map, May, Truth, anything, is_there, may_fail, text};
use std::collections::BTreeSet;

/// What a function or a method makes of its arguments. It fails if one of them does.
pub(super) fn called(function: &str, arguments: &[May]) -> May {
    match (function, arguments) {
        ("size", [of]) => each(of, size),
        ("dyn", [of]) => of.clone(),
        ("string", [of]) => each(of, |of| match of {
            Item::Text(_) | Item::OtherText(_) => vec![of.clone()],
            Item::Int(number) => text(number.to_string()),
            Item::Bool(holds) => text(holds.to_string()),
            Item::Null | Item::List(_) | Item::Map(_) => vec![Item::Error],
            _ => anything(),
        }),
        ("bool", [of]) => each(of, |of| match of {
            Item::Bool(_) => vec![of.clone()],
            _ => anything(),
        }),
        ("int", [of]) => each(of, |of| match of {
            Item::Int(_) => vec![of.clone()],
            _ => anything(),
        }),
        ("lowerAscii" | "upperAscii", [of]) => each(of, |of| match (of, function) {
            (Item::Text(of), "lowerAscii") => text(of.to_ascii_lowercase()),
            (Item::Text(of), _) => text(of.to_ascii_uppercase()),
            (Item::OtherText(_), _) => vec![Item::OtherText(BTreeSet::new())],
            _ => anything(),
        }),
        ("optional.of", [of]) => each(of, |of| vec![Item::Optional(Some(Box::new(of.clone())))]),
        ("optional.none", []) => vec![Item::Optional(None)],
        ("hasValue", [of]) => each(of, |of| match of {
            Item::Optional(inner) => vec![Item::Bool(inner.is_some())],
            _ => anything(),
        }),
        ("value", [of]) => each(of, |of| match of {
            Item::Optional(Some(inner)) => vec![(**inner).clone()],
            Item::Optional(None) => vec![Item::Error],
            _ => anything(),
        }),
        ("startsWith" | "endsWith" | "contains" | "matches", [of, with]) => {
            pairs(of, with, |of, with| compared(function, of, with).may())
        }
        _ => anything(),
    }
}

/// What is in an optional, or the optional itself, and if it is empty what stands behind.
///
/// Source: `decorateOptionalOr` of cel-go.
pub(super) fn or_else(function: &str, of: &[Item], other: impl Fn() -> May) -> May {
    let other = Some(other).filter(|_| of.contains(&Item::Optional(None))).map(|other| other());
    each(of, |of| match of {
        Item::Optional(Some(inner)) if function == "orValue" => vec![(**inner).clone()],
        Item::Optional(Some(_)) => vec![of.clone()],
        Item::Optional(None) => other.clone().unwrap_or_else(anything),
        _ => anything(),
    })
}

/// Whether a text begins with another, and the like.
fn compared(function: &str, of: &Item, with: &Item) -> Truth {
    let is_pattern = function == "matches";
    match (of, with) {
        (Item::Text(of), Item::Text(with)) => Truth::sure(match function {
            "startsWith" => of.starts_with(with),
            "endsWith" => of.ends_with(with),
            "contains" => of.contains(with),
            _ => match Pattern::read(with) {
                Some(pattern) => pattern.is_found_in(of),
                None => return Truth { error: true, ..Truth::EITHER },
            },
        }),
        (Item::Text(_) | Item::OtherText(_), Item::Text(_) | Item::OtherText(_)) => {
            Truth { error: is_pattern, ..Truth::EITHER }
        }
        (Item::Unknown, Item::Unknown | Item::Text(_) | Item::OtherText(_))
        | (Item::Text(_) | Item::OtherText(_), Item::Unknown) => Truth { error: true, ..Truth::EITHER },
        _ => Truth { error: true, ..Truth::default() },
    }
}

/// How long a text, a list or a map is: exactly, or at least.
fn size(of: &Item) -> May {
    let (least, is_exact) = match of {
        Item::Text(text) => (text.chars().count(), true),
        Item::OtherText(texts) => (usize::from(texts.contains("")), false),
        Item::List(List { elements, open }) => (elements.len(), !open),
        Item::Map(Map { fields, open }) => {
            let there = fields.values().filter(|may| is_there(may));
            let sure = there.clone().filter(|may| !may_fail(may)).count();
            (sure, !open && sure == there.count())
        }
        Item::Unknown => return anything(),
        _ => return vec![Item::Error],
    };
    match i64::try_from(least) {
        Ok(least) if is_exact => vec![Item::Int(least)],
        Ok(least) => vec![Item::AtLeast(least)],
        Err(_) => anything(),
    }
}
