//! What an expression may come out as, over all objects that fit a draft.

use crate::{Known, Others};
use std::collections::{BTreeMap, BTreeSet};

/// Which truth values something may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Truth {
    /// It may be true.
    pub(crate) yes: bool,
    /// It may be false.
    pub(crate) no: bool,
}

impl Truth {
    pub(crate) const YES: Self = Self { yes: true, no: false };
    pub(crate) const NO: Self = Self { yes: false, no: true };
    pub(crate) const EITHER: Self = Self { yes: true, no: true };

    pub(crate) fn of(known: bool) -> Self {
        if known { Self::YES } else { Self::NO }
    }

    pub(crate) fn not(self) -> Self {
        Self { yes: self.no, no: self.yes }
    }

    /// What it may be.
    pub(super) fn values(self) -> impl Iterator<Item = bool> {
        self.no.then_some(false).into_iter().chain(self.yes.then_some(true))
    }

    /// One or the other.
    pub(crate) fn or_else(self, other: Self) -> Self {
        Self { yes: self.yes || other.yes, no: self.no || other.no }
    }
}

/// Which texts something may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Texts {
    /// One of these. Never empty.
    OneOf(BTreeSet<String>),
    /// Any but these.
    NoneOf(BTreeSet<String>),
}

impl Texts {
    pub(crate) fn one(text: impl Into<String>) -> Self {
        Self::OneOf([text.into()].into())
    }

    pub(super) fn any() -> Self {
        Self::NoneOf(BTreeSet::new())
    }
}

/// What a field of a map may be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// What it is, if it is there; `None` if it cannot be there.
    pub(crate) value: Option<Value>,
    /// Whether it may be missing.
    pub(crate) missing: bool,
}

/// What a value may be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Anything.
    Anything,
    Null,
    Bool(Truth),
    Int(i64),
    /// An integer that is this one or greater.
    AtLeast(i64),
    Double(f64),
    Text(Texts),
    /// These elements in this order; with `others`, more between them.
    List {
        elements: Vec<Value>,
        others: bool,
    },
    /// These fields; with `others`, more.
    Map {
        fields: BTreeMap<String, Field>,
        others: bool,
    },
    /// An optional: what is in it, if something can be, and whether it may be empty.
    Optional {
        value: Option<Box<Value>>,
        empty: bool,
    },
}

/// What an evaluation may come out as: a value, an error, or either.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    /// The value, if it may be one.
    pub(crate) value: Option<Value>,
    /// Whether it may be an error.
    pub(crate) error: bool,
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(Texts::one(text))
    }

    /// How many values are in it, itself included.
    pub(super) fn size(&self) -> usize {
        1 + match self {
            Self::Text(Texts::OneOf(texts) | Texts::NoneOf(texts)) => {
                texts.iter().map(|text| 1 + text.len() / 64).sum()
            }
            Self::List { elements, .. } => elements.iter().map(Self::size).sum(),
            Self::Map { fields, .. } => {
                fields.values().map(|field| 1 + field.value.as_ref().map_or(0, Self::size)).sum()
            }
            Self::Optional { value: Some(value), .. } => value.size(),
            _ => 0,
        }
    }

    /// What both may be, together.
    pub(super) fn joined(self, other: Self) -> Self {
        match (self, other) {
            (one, two) if one == two => one,
            (Self::Bool(one), Self::Bool(two)) => Self::Bool(one.or_else(two)),
            (Self::Int(one) | Self::AtLeast(one), Self::Int(two) | Self::AtLeast(two)) => {
                Self::AtLeast(one.min(two))
            }
            (Self::Text(one), Self::Text(two)) => Self::Text(match (one, two) {
                (Texts::OneOf(mut one), Texts::OneOf(two)) => {
                    one.extend(two);
                    Texts::OneOf(one)
                }
                (Texts::NoneOf(one), Texts::NoneOf(two)) => {
                    Texts::NoneOf(one.intersection(&two).cloned().collect())
                }
                (Texts::OneOf(some), Texts::NoneOf(left)) | (Texts::NoneOf(left), Texts::OneOf(some)) => {
                    Texts::NoneOf(left.difference(&some).cloned().collect())
                }
            }),
            (Self::Optional { value: one, empty }, Self::Optional { value: two, empty: also }) => {
                let value = match (one, two) {
                    (Some(one), Some(two)) => Some(Box::new(one.joined(*two))),
                    (one, two) => one.or(two),
                };
                Self::Optional { value, empty: empty || also }
            }
            _ => Self::Anything,
        }
    }

    /// What is known of a value that is there.
    pub(crate) fn of(known: &Known) -> Self {
        match known {
            Known::Nothing => Self::Anything,
            Known::Absent => Self::Null,
            Known::Bool(known) => Self::Bool(Truth::of(*known)),
            Known::Integer(number) => Self::Int(*number),
            Known::Number(number) => Self::Double(*number),
            Known::Text(texts) if texts.is_empty() => Self::Anything,
            Known::Text(texts) => Self::Text(Texts::OneOf(texts.clone())),
            Known::OtherText(texts) => Self::Text(Texts::NoneOf(texts.clone())),
            Known::Map { fields, others } => Self::Map {
                fields: fields.iter().map(|(name, known)| (name.clone(), Field::of(known))).collect(),
                others: *others == Others::Any,
            },
            Known::List { elements, others } => Self::List {
                elements: elements.iter().map(Self::of).collect(),
                others: *others == Others::Any,
            },
        }
    }

    /// What a field of a map may be.
    pub(super) fn field(fields: &BTreeMap<String, Field>, others: bool, name: &str) -> Field {
        match fields.get(name) {
            Some(field) => field.clone(),
            None if others => Field { value: Some(Self::Anything), missing: true },
            None => Field { value: None, missing: true },
        }
    }
}

impl Field {
    /// A field that is there.
    pub(crate) fn there(value: Value) -> Self {
        Self { value: Some(value), missing: false }
    }

    /// What is known of a field.
    pub(crate) fn of(known: &Known) -> Self {
        match known {
            Known::Nothing => Self { value: Some(Value::Anything), missing: true },
            Known::Absent => Self { value: None, missing: true },
            known => Self::there(Value::of(known)),
        }
    }
}

impl Outcome {
    pub(super) const ERROR: Self = Self { value: None, error: true };
    /// It may come out as anything.
    pub(super) const OPEN: Self = Self { value: Some(Value::Anything), error: true };

    pub(super) fn of(value: Value) -> Self {
        Self { value: Some(value), error: false }
    }

    pub(super) fn truth(truth: Truth) -> Self {
        Self::of(Value::Bool(truth))
    }

    /// One of a field: an error where it is missing.
    pub(super) fn of_field(field: Field) -> Self {
        Self { value: field.value, error: field.missing }
    }

    /// The same, with an error possible besides.
    pub(super) fn or_error(self, error: bool) -> Self {
        Self { error: self.error || error, ..self }
    }

    /// What follows from the value, where there is one.
    pub(super) fn then(self, next: impl FnOnce(Value) -> Self) -> Self {
        match self.value {
            Some(value) => next(value).or_error(self.error),
            None => Self::ERROR,
        }
    }

    /// One or the other.
    pub(super) fn joined(self, other: Self) -> Self {
        let value = match (self.value, other.value) {
            (Some(one), Some(two)) => Some(one.joined(two)),
            (one, two) => one.or(two),
        };
        Self { value, error: self.error || other.error }
    }

    /// Which truth values it may be. Whatever else it is counts as an error.
    pub(crate) fn truths(&self) -> (Truth, bool) {
        match &self.value {
            Some(Value::Bool(truth)) => (*truth, self.error),
            Some(Value::Anything) => (Truth::EITHER, true),
            Some(_) | None => (Truth { yes: false, no: false }, true),
        }
    }
}
