//! One read-only view of YAML and JSON: nodes that know where they stand.

mod json;
mod mapping;
mod yaml;

pub(crate) use json::{JsonDocument, json_documents};
pub(crate) use mapping::{Entry, Mapping};
pub(crate) use yaml::{MAX_DEPTH, YamlDocument, YamlError, YamlFailure, YamlStream, documents, pieces};

use crate::scalar::Scalar;
use std::borrow::Cow;
use watertight_base::Span;

/// A value in a document. Cheap to copy; aliases are already followed.
#[derive(Clone, Copy)]
pub(crate) enum Node<'a> {
    Yaml(yaml::Cursor<'a>),
    Json(json::Cursor<'a>),
}

/// A value, one level deep.
pub(crate) enum Value<'a> {
    Scalar(Scalar<'a>),
    Sequence(Vec<Node<'a>>),
    Mapping(Mapping<'a>),
}

impl<'a> Node<'a> {
    /// Where the value stands.
    pub(crate) fn span(self) -> Span {
        match self {
            Self::Yaml(cursor) => cursor.span(),
            Self::Json(cursor) => cursor.span(),
        }
    }

    /// The value, one level deep: ask once and keep it.
    pub(crate) fn value(self) -> Value<'a> {
        match self {
            Self::Yaml(cursor) => cursor.value(),
            Self::Json(cursor) => cursor.value(),
        }
    }

    /// The scalar as it is written, without quotes; `None` for a sequence or a mapping.
    pub(crate) fn written(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Yaml(cursor) => cursor.written(),
            Self::Json(cursor) => cursor.written(),
        }
    }

    /// The mapping, if it is one.
    pub(crate) fn mapping(self) -> Option<Mapping<'a>> {
        match self.value() {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The elements, if it is a sequence.
    pub(crate) fn sequence(self) -> Option<Vec<Node<'a>>> {
        match self.value() {
            Value::Sequence(elements) => Some(elements),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        match self.value() {
            Value::Scalar(Scalar::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether it is null.
    pub(crate) fn is_null(self) -> bool {
        match self {
            Self::Yaml(cursor) => matches!(cursor.value(), Value::Scalar(Scalar::Null)),
            Self::Json(cursor) => cursor.is_null(),
        }
    }

    /// The value by itself, for as long as it is read.
    pub(crate) fn apart(self) -> Apart<'a> {
        match self {
            Self::Yaml(_) => Apart::Shared(self),
            Self::Json(cursor) => Apart::Json(cursor.apart()),
        }
    }
}

/// A value that is read by itself, such as an element of a long list.
pub(crate) enum Apart<'a> {
    /// It stays where it is.
    Shared(Node<'a>),
    /// It is laid out for the time being.
    Json(JsonDocument<'a>),
}

impl Apart<'_> {
    /// The value.
    pub(crate) fn node(&self) -> Node<'_> {
        match self {
            Self::Shared(node) => *node,
            Self::Json(document) => document.root(),
        }
    }
}

impl Value<'_> {
    /// How people call the type.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Scalar(scalar) => scalar.type_name(),
            Self::Sequence(_) => "a list",
            Self::Mapping(_) => "a mapping",
        }
    }
}
