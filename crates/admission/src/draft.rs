//! Objects of which a part is known.

use std::collections::{BTreeMap, BTreeSet};

/// What is known of a value: the set of all values that it may be. Values are those of JSON, as they are when admission
/// validates them, that is with what the server fills in.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// It may be anything, and it may be absent.
    Nothing,
    /// There is no such field.
    Absent,
    /// This truth value.
    Bool(bool),
    /// This integer.
    Integer(i64),
    /// This number, which is no integer.
    Number(f64),
    /// One of these texts.
    Text(BTreeSet<String>),
    /// Some text that is none of these.
    OtherText(BTreeSet<String>),
    /// An object with these fields.
    Map {
        /// What is known of its fields.
        fields: BTreeMap<String, Self>,
        /// What else it has.
        others: Others,
    },
    /// A list in which there are elements that fit these: exactly these, in this order, if there are no others.
    List {
        /// What is known of some elements.
        elements: Vec<Self>,
        /// What else is in it, before, between and after them.
        others: Others,
    },
}

/// What a map or a list has besides what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// Nothing.
    None,
    /// Anything.
    Any,
}

impl Known {
    /// This text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text([text.into()].into())
    }

    /// An object with these fields, and whatever else.
    #[must_use]
    pub fn with<'f>(fields: impl IntoIterator<Item = (&'f str, Self)>) -> Self {
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self::Map { fields, others: Others::Any }
    }

    /// What is known of a field of an object; of anything else, that there is none.
    #[must_use]
    pub fn field(&self, name: &str) -> &Self {
        match self {
            Self::Nothing => &Self::Nothing,
            Self::Map { fields, others } => match (fields.get(name), others) {
                (Some(known), _) => known,
                (None, Others::Any) => &Self::Nothing,
                (None, Others::None) => &Self::Absent,
            },
            _ => &Self::Absent,
        }
    }
}
