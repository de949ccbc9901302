//! What an intent may look like, as data: the reader refuses what does not fit, and the JSON Schema is printed from it.

use crate::formats::Format;

/// A kind of mapping: its fields, and which of them go together.
#[derive(Debug)]
pub(crate) struct Object {
    /// Its name in the schema: `Environment`.
    pub(crate) name: &'static str,
    /// What messages call one: `environment`.
    pub(crate) noun: &'static str,
    /// What it is, in a sentence.
    pub(crate) about: &'static str,
    /// Its fields, in the order in which people read about them.
    pub(crate) fields: &'static [Field],
    /// Fields of which exactly one is there; empty if there is no such choice.
    pub(crate) one_of: &'static [&'static str],
    /// Fields that need another beside them: (the field, what it needs).
    pub(crate) needs: &'static [(&'static str, &'static str)],
}

/// One field of a mapping.
#[derive(Debug)]
pub(crate) struct Field {
    /// The key.
    pub(crate) name: &'static str,
    /// What it says, in a sentence.
    pub(crate) about: &'static str,
    /// What holds without it, and where that comes from.
    pub(crate) without: Without,
    /// What its value may be.
    pub(crate) shape: Shape,
}

/// What holds if a field is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Without {
    /// It is needed.
    Refused,
    /// Nothing: no such thing is there.
    Nothing,
    /// This, in words.
    Default(&'static str),
}

/// What a value may be.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A mapping.
    Object(&'static Object),
    /// A list, with its least and its greatest length.
    List {
        /// What its elements are.
        of: &'static Shape,
        /// How many there are at least.
        min: usize,
        /// How many there are at most.
        max: usize,
    },
    /// Text.
    Text(Format),
    /// One of a few words.
    Word(Words),
    /// A whole number.
    Integer {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// True or false.
    Boolean,
    /// An amount of a resource, written as in Kubernetes. Not negative.
    Quantity,
}

/// A few words of which a value is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    /// The words.
    pub(crate) words: &'static [&'static str],
    /// Words that are to come, each with what to say of it.
    pub(crate) later: &'static [(&'static str, &'static str)],
}

impl Object {
    /// The field of that name.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Field {
    /// A field that must be there.
    pub(crate) const fn required(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, about, without: Without::Refused, shape }
    }

    /// A field that may be left out, without which there is no such thing.
    pub(crate) const fn optional(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, about, without: Without::Nothing, shape }
    }

    /// A field that may be left out, and what holds then.
    pub(crate) const fn default(
        name: &'static str,
        shape: Shape,
        about: &'static str,
        default: &'static str,
    ) -> Self {
        Self { name, about, without: Without::Default(default), shape }
    }
}

impl Shape {
    /// A list of any length up to what a file of people holds.
    pub(crate) const fn list(of: &'static Self) -> Self {
        Self::List { of, min: 0, max: 1000 }
    }

    /// A list that is not empty.
    pub(crate) const fn some(of: &'static Self) -> Self {
        Self::List { of, min: 1, max: 1000 }
    }

    /// One of these words.
    pub(crate) const fn word(words: &'static [&'static str]) -> Self {
        Self::Word(Words { words, later: &[] })
    }
}

/// Every kind of mapping that is reachable from `root`, `root` first, each once, in the order of its first mention.
pub(crate) fn objects(root: &'static Object) -> Vec<&'static Object> {
    let mut found: Vec<&'static Object> = Vec::new();
    let mut open = vec![root];
    while let Some(object) = open.pop() {
        if found.iter().any(|known| known.name == object.name) {
            continue;
        }
        found.push(object);
        open.extend(object.fields.iter().rev().filter_map(|field| object_in(&field.shape)));
    }
    found
}

/// The kind of mapping that a value is or holds.
pub(crate) fn object_in(shape: &'static Shape) -> Option<&'static Object> {
    match shape {
        Shape::Object(object) => Some(object),
        Shape::List { of, .. } => object_in(of),
        _ => None,
    }
}
