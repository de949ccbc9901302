//! What a reader of one object has at hand: typed access to fields that reports what is wrong as it goes.

use crate::rules;
use crate::scalar::Scalar;
use crate::tree::{Entry, Mapping, Node, Value};
use std::borrow::Cow;
use watertight_base::words::{is_folded_alike, listed, nearest};
use watertight_base::{Diagnostic, Span};

/// An object, or a part of one, whose meaning is not clear. A diagnostic has been recorded; whoever gives up the object
/// turns this into a blind spot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unclear {
    pub(crate) rule: &'static str,
    pub(crate) reason: String,
    pub(crate) span: Span,
    pub(crate) help: String,
}

/// The findings of one source, and what is known about the object that is being read.
#[derive(Default)]
pub(crate) struct Context {
    /// Everything that was found so far.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Where a value turned out to be a template, if one did: nothing of this source counts then.
    pub(crate) template: Option<Span>,
    /// What no output shows.
    pub(crate) hidden: Vec<Span>,
    /// Whether values of Secrets, ConfigMaps and environments are read.
    pub(crate) keeps_values: bool,
    /// The object, as people know it: `NetworkPolicy staging/allow-db`.
    object: String,
    /// Whether the API server would refuse the object.
    refused: bool,
    /// Whether a field that the API does not know leaves the rest of the object as it is.
    drops_fields: bool,
    /// Whether no value of the object is repeated.
    is_quiet: bool,
}

impl Context {
    /// Before the first object.
    pub(crate) fn new(keeps_values: bool) -> Self {
        Self { keeps_values, ..Self::default() }
    }

    /// Turns to another object.
    pub(crate) fn begin(&mut self, object: String) {
        self.object = shortened(object);
        self.refused = false;
        self.drops_fields = false;
        self.is_quiet = false;
    }

    /// From here to the next object, no message repeats a value.
    pub(crate) fn keep_values_quiet(&mut self) {
        self.is_quiet = true;
    }

    /// From here to the next object, fields that the API does not know are warned of, and the object is read without them.
    /// Only who asks for strict validation, as kubectl does, is refused; for any other the server drops the field, and what
    /// is left of a grant may be more than was meant.
    pub(crate) fn drop_unknown_fields(&mut self) {
        self.drops_fields = true;
    }

    /// Whether the API server would refuse the object, as far as it was read.
    pub(crate) fn refused(&self) -> bool {
        self.refused
    }

    /// The API server would refuse this; what it means is clear all the same.
    pub(crate) fn refuse(
        &mut self,
        rule: &'static str,
        message: impl AsRef<str>,
        span: Span,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.refused = true;
        let message = self.about(message.as_ref());
        self.push(Diagnostic::error(rule, message), span, label.into(), help.into());
    }

    /// It is read, but hardly means what its author thinks.
    pub(crate) fn warn(
        &mut self,
        rule: &'static str,
        message: impl AsRef<str>,
        span: Span,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        let message = self.about(message.as_ref());
        self.push(Diagnostic::warning(rule, message), span, label.into(), help.into());
    }

    fn push(&mut self, diagnostic: Diagnostic, span: Span, label: String, help: String) {
        self.diagnostics.push(diagnostic.at(span, shortened(label)).help(shortened(help)));
    }

    /// The API server would refuse this, and what it means is not clear.
    pub(crate) fn unclear(
        &mut self,
        rule: &'static str,
        message: impl AsRef<str>,
        span: Span,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Unclear {
        let help = help.into();
        self.refuse(rule, message.as_ref(), span, label, help.clone());
        self.unseen(rule, message, span, help)
    }

    /// This could mean something that is not known here. It is no finding about the input.
    pub(crate) fn unseen(
        &self,
        rule: &'static str,
        message: impl AsRef<str>,
        span: Span,
        help: impl Into<String>,
    ) -> Unclear {
        Unclear { rule, reason: self.about(message.as_ref()), span, help: help.into() }
    }

    /// The message with the object's name, so that it stands alone.
    fn about(&self, message: &str) -> String {
        let message = shortened(message.to_owned());
        if self.object.is_empty() { message } else { format!("in {}, {message}", self.object) }
    }

    /// The mapping in a field; `None` if the field is missing or null.
    pub(crate) fn mapping<'a>(&mut self, field: Option<&Entry<'a>>) -> Result<Option<Mapping<'a>>, Unclear> {
        let Some(entry) = field else { return Ok(None) };
        self.mapping_of(entry.value, &entry.key)
    }

    /// The mapping at a node that people know as `what`; `None` for null.
    pub(crate) fn mapping_of<'a>(
        &mut self,
        node: Node<'a>,
        what: &str,
    ) -> Result<Option<Mapping<'a>>, Unclear> {
        match node.value() {
            Value::Mapping(mapping) => {
                self.duplicates(&mapping);
                Ok(Some(mapping))
            }
            Value::Scalar(Scalar::Null) => Ok(None),
            other => Err(self.wrong_type(node, what, "a mapping", other.type_name())),
        }
    }

    /// The elements of a list in a field; empty if the field is missing or null.
    pub(crate) fn list<'a>(&mut self, field: Option<&Entry<'a>>) -> Result<Vec<Node<'a>>, Unclear> {
        let Some(entry) = field else { return Ok(Vec::new()) };
        match entry.value.value() {
            Value::Sequence(elements) => Ok(elements),
            Value::Scalar(Scalar::Null) => Ok(Vec::new()),
            other => Err(self.wrong_type(entry.value, &entry.key, "a list", other.type_name())),
        }
    }

    /// The string in a field; `None` if the field is missing or null.
    pub(crate) fn text<'a>(&mut self, field: Option<&Entry<'a>>) -> Result<Option<Cow<'a, str>>, Unclear> {
        let Some(entry) = field else { return Ok(None) };
        self.text_of(entry.value, &entry.key)
    }

    /// The string at a node that people know as `what`; `None` for null. A number or a boolean is reported, and means
    /// its spelling.
    pub(crate) fn text_of<'a>(
        &mut self,
        node: Node<'a>,
        what: &str,
    ) -> Result<Option<Cow<'a, str>>, Unclear> {
        match node.value() {
            Value::Scalar(Scalar::Null) => Ok(None),
            Value::Scalar(Scalar::Text(text)) => {
                self.look_for_template(&text, node.span());
                Ok(Some(text))
            }
            Value::Scalar(scalar) => {
                let written = node.written().unwrap_or_default();
                self.refuse(
                    rules::WRONG_TYPE,
                    format!("`{what}` must be a string, not {}", scalar.type_name()),
                    node.span(),
                    format!("this is {}", scalar.type_name()),
                    if self.is_quiet {
                        "put it in quotes".to_owned()
                    } else {
                        format!("put it in quotes: `\"{written}\"`")
                    },
                );
                Ok(Some(written))
            }
            other => Err(self.wrong_type(node, what, "a string", other.type_name())),
        }
    }

    /// The boolean in a field; `None` if the field is missing or null. A string that spells one is reported.
    pub(crate) fn boolean(&mut self, field: Option<&Entry<'_>>) -> Result<Option<bool>, Unclear> {
        let Some(Entry { key, value: node, .. }) = field else { return Ok(None) };
        match node.value() {
            Value::Scalar(Scalar::Null) => Ok(None),
            Value::Scalar(Scalar::Bool(value)) => Ok(Some(value)),
            Value::Scalar(Scalar::Text(text)) if matches!(crate::scalar::plain(&text), Scalar::Bool(_)) => {
                self.refuse(
                    rules::WRONG_TYPE,
                    format!("`{key}` must be a boolean, not a string"),
                    node.span(),
                    "this is a string",
                    "remove the quotes",
                );
                Ok(Some(crate::scalar::plain(&text) == Scalar::Bool(true)))
            }
            other => Err(self.wrong_type(*node, key, "a boolean", other.type_name())),
        }
    }

    /// The whole number in a field; `None` if the field is missing or null. A string that spells one is reported.
    pub(crate) fn integer(&mut self, field: Option<&Entry<'_>>) -> Result<Option<i128>, Unclear> {
        let Some(Entry { key, value: node, .. }) = field else { return Ok(None) };
        match node.value() {
            Value::Scalar(Scalar::Null) => Ok(None),
            Value::Scalar(scalar @ (Scalar::Integer(_) | Scalar::Float(_))) if scalar.whole().is_some() => {
                Ok(scalar.whole())
            }
            Value::Scalar(Scalar::Text(text)) if text.parse::<i64>().is_ok() => {
                self.refuse(
                    rules::WRONG_TYPE,
                    format!("`{key}` must be a number, not a string"),
                    node.span(),
                    "this is a string",
                    "remove the quotes",
                );
                Ok(text.parse().ok())
            }
            other => {
                if let Value::Scalar(Scalar::Text(text)) = &other {
                    self.look_for_template(text, node.span());
                }
                Err(self.wrong_type(*node, key, "a whole number", other.type_name()))
            }
        }
    }

    pub(crate) fn wrong_type(&mut self, node: Node<'_>, what: &str, wanted: &str, found: &str) -> Unclear {
        let found = if found == "a number" && wanted == "a whole number" { "a fraction" } else { found };
        self.unclear(
            rules::WRONG_TYPE,
            format!("`{what}` must be {wanted}, not {found}"),
            node.span(),
            format!("this is {found}"),
            format!("write {wanted} here"),
        )
    }

    /// Names, labels, ports and addresses never hold `{{`: where they do, the file is a template.
    pub(crate) fn look_for_template(&mut self, text: &str, span: Span) {
        if text.contains("{{") && self.template.is_none() {
            self.template = Some(span);
        }
    }

    /// Reports keys that are there more than once.
    pub(crate) fn duplicates(&mut self, mapping: &Mapping<'_>) {
        for (entry, _) in mapping.duplicates() {
            let key = &entry.key;
            let message = format!("the key `{key}` is given more than once");
            let diagnostic = Diagnostic::warning(rules::DUPLICATE_KEY, message)
                .at(entry.key_span, "a later one replaces this one")
                .help(format!("keep one `{key}`: kubectl takes the last one and says nothing"));
            self.diagnostics.push(diagnostic);
        }
    }

    /// Reports fields that the API does not know, which the server drops or refuses.
    pub(crate) fn unknown_fields(&mut self, mapping: &Mapping<'_>, known: &[&str]) {
        for entry in mapping.entries() {
            let key = entry.key.as_ref();
            if known.contains(&key) {
                continue;
            }
            self.look_for_template(key, entry.key_span);
            let help = match nearest(key, known) {
                Some(meant) => format!("did you mean `{meant}`? Without strict validation it is dropped"),
                None => {
                    format!("the fields here are {}; without strict validation it is dropped", listed(known))
                }
            };
            let message = format!("there is no field `{key}` here");
            self.unknown_field(message, entry.key_span, help);
        }
    }

    fn unknown_field(&mut self, message: String, span: Span, help: String) {
        if self.drops_fields {
            self.warn(rules::UNKNOWN_FIELD, message, span, "unknown field", help);
        } else {
            self.refuse(rules::UNKNOWN_FIELD, message, span, "unknown field", help);
        }
    }

    /// Reports fields that look like one of `known` but are spelled in another way. The server refuses them when it is
    /// asked to be strict, as kubectl asks, and drops them else.
    pub(crate) fn near_misses(&mut self, mapping: &Mapping<'_>, known: &[&str]) {
        for entry in mapping.entries() {
            let key = entry.key.as_ref();
            if known.contains(&key) {
                continue;
            }
            if let Some(meant) = known.iter().find(|name| is_folded_alike(name, key)) {
                self.unknown_field(
                    format!("there is no field `{key}` here"),
                    entry.key_span,
                    format!("did you mean `{meant}`? Without strict validation it is dropped"),
                );
            }
        }
    }
}

/// The most characters of a text that people are shown. Values of the input stand in it, and those may be of any size.
const MAX_CHARACTERS: usize = 300;

/// A text without what is beyond [`MAX_CHARACTERS`].
pub(crate) fn shortened(mut text: String) -> String {
    if text.len() <= MAX_CHARACTERS {
        return text;
    }
    if let Some((end, _)) = text.char_indices().nth(MAX_CHARACTERS) {
        text.truncate(end);
        text.push('…');
    }
    text
}
