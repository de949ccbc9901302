//! Typed access to the fields of a mapping, by its shape.
//!
//! What does not fit has been reported before, and is `None` here. An intent with errors is given to nobody, so that it
//! does not matter what is read instead.

use crate::intent::Spanned;
use crate::shape::{Object, Shape};
use watertight_base::{Quantity, Span};
use watertight_ingest::{Content, Tree};

/// The fields of a mapping of a known shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    tree: &'a Tree,
    object: &'static Object,
}

impl<'a> Fields<'a> {
    /// The fields of a value.
    pub(crate) fn new(tree: &'a Tree, object: &'static Object) -> Self {
        Self { tree, object }
    }

    /// Where the mapping stands.
    pub(crate) fn span(self) -> Span {
        self.tree.span
    }

    /// The value of a field.
    pub(crate) fn get(self, name: &str) -> Option<&'a Tree> {
        debug_assert!(self.object.field(name).is_some(), "{} has no field {name}", self.object.name);
        self.tree.get(name)
    }

    /// Where a field's value stands, or the mapping if there is none.
    pub(crate) fn span_of(self, name: &str) -> Span {
        self.get(name).map_or(self.tree.span, |value| value.span)
    }

    /// The text in a field.
    pub(crate) fn text(self, name: &str) -> Option<Spanned<String>> {
        text(self.get(name)?)
    }

    /// The text in a field that must be there.
    pub(crate) fn required(self, name: &str) -> Spanned<String> {
        self.text(name).unwrap_or_else(|| Spanned::new(String::new(), self.span_of(name)))
    }

    /// What a text in a field means.
    pub(crate) fn parsed<T>(self, name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<Spanned<T>> {
        let text = self.text(name)?;
        Some(Spanned::new(parse(&text.value)?, text.span))
    }

    /// The texts of a list.
    pub(crate) fn texts(self, name: &str) -> Vec<Spanned<String>> {
        self.elements(name).iter().filter_map(text).collect()
    }

    /// The whole number in a field.
    pub(crate) fn integer<T: TryFrom<i128>>(self, name: &str) -> Option<Spanned<T>> {
        integer(self.get(name)?)
    }

    /// The whole numbers of a list.
    pub(crate) fn integers<T: TryFrom<i128>>(self, name: &str) -> Vec<Spanned<T>> {
        self.elements(name).iter().filter_map(integer).collect()
    }

    /// The boolean in a field.
    pub(crate) fn boolean(self, name: &str) -> Option<Spanned<bool>> {
        let tree = self.get(name)?;
        match tree.content {
            Content::Boolean(value) => Some(Spanned::new(value, tree.span)),
            _ => None,
        }
    }

    /// The amount in a field.
    pub(crate) fn quantity(self, name: &str) -> Option<Spanned<Quantity>> {
        let tree = self.get(name)?;
        match &tree.content {
            Content::Text(text) | Content::Number { written: text, .. } => {
                Some(Spanned::new(Quantity::parse(text).ok()?, tree.span))
            }
            _ => None,
        }
    }

    /// The fields of the mapping in a field.
    pub(crate) fn object(self, name: &str) -> Option<Fields<'a>> {
        let tree = self.get(name)?;
        match &self.object.field(name)?.shape {
            Shape::Object(object) => Some(Fields::new(tree, object)),
            _ => None,
        }
    }

    /// The fields of each mapping of a list.
    pub(crate) fn objects(self, name: &str) -> Vec<Fields<'a>> {
        match self.object.field(name).map(|field| &field.shape) {
            Some(Shape::List { of: Shape::Object(object), .. }) => {
                self.elements(name).iter().map(|element| Fields::new(element, object)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The elements of a list, as far as there may be any. That there are more has been reported, and what grows with the
    /// square of them must not.
    fn elements(self, name: &str) -> &'a [Tree] {
        let elements = self.get(name).map(Tree::elements).unwrap_or_default();
        match self.object.field(name).map(|field| &field.shape) {
            Some(Shape::List { max, .. }) => elements.get(..*max).unwrap_or(elements),
            _ => &[],
        }
    }
}

fn text(tree: &Tree) -> Option<Spanned<String>> {
    tree.text().map(|text| Spanned::new(text.to_owned(), tree.span))
}

fn integer<T: TryFrom<i128>>(tree: &Tree) -> Option<Spanned<T>> {
    match tree.content {
        Content::Number { whole: Some(number), .. } => {
            Some(Spanned::new(T::try_from(number).ok()?, tree.span))
        }
        _ => None,
    }
}
