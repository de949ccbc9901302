//! JSON: one pass checks a document and finds the elements of its lists, and each of those is laid out while it is read.
//! What nobody asks for is passed over, and nothing is held but places in the input.

mod tape;

use super::mapping::Merged;
use super::{Entry, Mapping, Node, Value};
use crate::scalar::Scalar;
use serde_json::value::RawValue;
use std::borrow::Cow;
use tape::{Extent, Tape};
use watertight_base::{SourceId, Span};

/// One JSON document of an input, or a part of one, laid out.
#[derive(Debug)]
pub(crate) struct JsonDocument<'a> {
    source: SourceId,
    text: &'a str,
    tape: Tape,
}

impl JsonDocument<'_> {
    /// The outermost value.
    pub(crate) fn root(&self) -> Node<'_> {
        Node::Json(Cursor { source: self.source, text: self.text, tape: &self.tape, slot: 0 })
    }
}

/// A place in a JSON text.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    source: SourceId,
    /// The whole input, which spans count from.
    text: &'a str,
    tape: &'a Tape,
    slot: u32,
}

/// The documents of a JSON stream and, if it ends in something else, where and why that is no JSON.
pub(crate) fn json_documents(
    source: SourceId,
    text: &str,
) -> (Vec<JsonDocument<'_>>, Option<(usize, String)>) {
    let mut documents = Vec::new();
    let body = text.trim_start_matches('\u{feff}');
    let mut at = text.len() - body.len();
    loop {
        let blank = |c: char| [' ', '\n', '\t', '\r'].contains(&c);
        at = text.len() - text[at..].trim_start_matches(blank).len();
        if at == text.len() {
            return (documents, None);
        }
        let error = match Tape::of(text, at, Extent::Shallow) {
            // One that is no container needs a blank after it.
            Ok((tape, end)) => match text[at..].starts_with(['{', '[']) {
                true => None,
                false => error(text, at),
            }
            .map_or(Ok((tape, end)), Err),
            Err(found) => Err(error(text, at).unwrap_or((found, "expected value".to_owned()))),
        };
        match error {
            Ok((tape, end)) => {
                documents.push(JsonDocument { source, text, tape });
                at = end;
            }
            Err(error) => return (documents, Some(error)),
        }
    }
}

/// Where and why the document that begins at a place is no JSON.
fn error(text: &str, start: usize) -> Option<(usize, String)> {
    let rest = &text[start..];
    let error = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>().next()?.err()?;
    Some((start + offset_of(rest, &error), describe(&error)))
}

/// The byte that a parse error is about.
fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    let line_start = match error.line() {
        0 | 1 => 0,
        line => text
            .bytes()
            .enumerate()
            .filter(|&(_, byte)| byte == b'\n')
            .nth(line - 2)
            .map_or(0, |(at, _)| at + 1),
    };
    let mut offset = (line_start + error.column().saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// The error without its place, which the diagnostic shows.
fn describe(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ").map_or(text.clone(), |(what, _)| what.to_owned())
}

impl<'a> Cursor<'a> {
    /// The value as it is written.
    fn raw(self) -> &'a str {
        let slot = self.tape.slot(self.slot);
        slot.and_then(|slot| self.text.get(slot.start..slot.end)).unwrap_or_default()
    }

    /// The same value, laid out by itself: what is read of it is gone with the document.
    pub(super) fn apart(self) -> JsonDocument<'a> {
        let start = self.tape.slot(self.slot).map_or(0, |slot| slot.start);
        let tape = Tape::of(self.text, start, Extent::Deep);
        // It is a part of what was checked.
        let tape = tape.map_or_else(|_| Tape::empty(), |(tape, _)| tape);
        JsonDocument { source: self.source, text: self.text, tape }
    }

    /// The values that a container holds, or its keys and values in turn.
    fn children(self) -> impl Iterator<Item = Self> {
        let (tape, children) = self.tape.children(self.text, self.slot);
        children.map(move |slot| Self { tape, slot, ..self })
    }

    pub(super) fn span(self) -> Span {
        let (start, end) = self.tape.slot(self.slot).map_or((0, 0), |slot| (slot.start, slot.end));
        Span::new(self.source, start, end)
    }

    pub(super) fn value(self) -> Value<'a> {
        match self.raw().as_bytes().first() {
            Some(b'{') => Value::Mapping(self.mapping()),
            Some(b'[') => Value::Sequence(self.children().map(Node::Json).collect()),
            Some(b'"') => Value::Scalar(Scalar::Text(self.string())),
            Some(b't') => Value::Scalar(Scalar::Bool(true)),
            Some(b'f') => Value::Scalar(Scalar::Bool(false)),
            Some(b'n') | None => Value::Scalar(Scalar::Null),
            Some(_) => Value::Scalar(self.number()),
        }
    }

    pub(super) fn is_null(self) -> bool {
        matches!(self.raw().as_bytes().first(), Some(b'n') | None)
    }

    pub(super) fn written(self) -> Option<Cow<'a, str>> {
        match self.raw().as_bytes().first() {
            Some(b'{' | b'[') => None,
            Some(b'"') => Some(self.string()),
            _ => Some(Cow::Borrowed(self.raw())),
        }
    }

    /// The decoded string. One whose escapes are no Unicode is taken as it is written: it equals no valid name.
    fn string(self) -> Cow<'a, str> {
        let raw = self.raw();
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        if self.tape.slot(self.slot).is_some_and(|slot| slot.escaped) {
            serde_json::from_str::<String>(raw).map_or(Cow::Borrowed(inner), Cow::Owned)
        } else {
            Cow::Borrowed(inner)
        }
    }

    fn number(self) -> Scalar<'a> {
        match self.raw().parse::<i128>() {
            Ok(value) if (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value) => {
                Scalar::Integer(value)
            }
            _ => Scalar::Float(self.raw().parse().unwrap_or(f64::NAN)),
        }
    }

    fn mapping(self) -> Mapping<'a> {
        let mut members = self.children();
        let pairs = std::iter::from_fn(|| Some((members.next()?, members.next()?)));
        let entries = pairs.map(|(key, value)| {
            (Entry { key: key.string(), key_span: key.span(), value: Node::Json(value) }, Merged::No)
        });
        Mapping::new(self.span(), entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> JsonDocument<'_> {
        let (mut documents, error) = json_documents(SourceId(0), text);
        assert_eq!(error, None);
        documents.remove(0)
    }

    fn under(text: &str, span: Span) -> &str {
        &text[span.start..span.end]
    }

    #[test]
    fn spans_cover_values_and_keys() {
        let text = r#" {"a": {"b\n": [1, "x"]}} "#;
        let document = document(text);
        let map = document.root().mapping().unwrap();
        let inner = map.get("a").unwrap().mapping().unwrap();
        assert_eq!(under(text, inner.span), r#"{"b\n": [1, "x"]}"#);
        let entry = &inner.entries()[0];
        assert_eq!(entry.key, "b\n");
        assert_eq!(under(text, entry.key_span), r#""b\n""#);
        let elements = entry.value.sequence().unwrap();
        assert_eq!(under(text, elements[1].span()), r#""x""#);
        assert_eq!(elements[1].text().unwrap(), "x");
    }

    #[test]
    fn a_stream_may_hold_several_documents() {
        let (documents, error) = json_documents(SourceId(0), "{\"a\":1}\n{\"b\":2}[3]");
        assert_eq!((documents.len(), error), (3, None));
    }

    #[test]
    fn what_follows_a_good_document_is_reported_with_its_place() {
        let (documents, error) = json_documents(SourceId(0), "{\"a\":1}\n{\"b\":,}");
        assert_eq!(documents.len(), 1);
        let (offset, why) = error.unwrap();
        assert_eq!((offset, why.as_str()), (13, "expected value"));
    }

    #[test]
    fn the_last_of_equal_keys_wins_and_the_others_are_kept_for_the_report() {
        let document = document(r#"{"a": 1, "a": 2}"#);
        let map = document.root().mapping().unwrap();
        assert!(matches!(map.get("a").unwrap().value(), Value::Scalar(Scalar::Integer(2))));
        assert_eq!(map.duplicates().len(), 1);
    }

    #[test]
    fn nesting_without_end_is_skipped_without_recursion() {
        let text = format!("{{\"a\": {}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(document(&text).root().mapping().unwrap().get("a").is_some());
    }
}
