//! JSON, parsed one level at a time: what nobody asks for is skipped, and nothing is held but slices of the input.

use super::mapping::Merged;
use super::{Entry, Mapping, Node, Value};
use crate::scalar::Scalar;
use serde::Deserializer as _;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use watertight_base::{SourceId, Span};

/// One JSON document of an input.
#[derive(Clone, Copy)]
pub(crate) struct JsonDocument<'a> {
    root: Cursor<'a>,
}

impl<'a> JsonDocument<'a> {
    /// The outermost value.
    pub(crate) fn root(self) -> Node<'a> {
        Node::Json(self.root)
    }
}

/// A place in a JSON text.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    source: SourceId,
    /// The whole input, which spans count from.
    text: &'a str,
    /// The value, without blanks around it.
    raw: &'a str,
}

/// The documents of a JSON stream and, if it ends in something else, where and why that is no JSON.
pub(crate) fn json_documents(
    source: SourceId,
    text: &str,
) -> (Vec<JsonDocument<'_>>, Option<(usize, String)>) {
    let mut documents = Vec::new();
    let body = text.trim_start_matches('\u{feff}');
    let mark = text.len() - body.len();
    let mut stream = serde_json::Deserializer::from_str(body).into_iter::<&RawValue>();
    loop {
        match stream.next() {
            None => return (documents, None),
            Some(Ok(raw)) => {
                let root = Cursor { source, text, raw: raw.get() };
                documents.push(JsonDocument { root });
            }
            Some(Err(error)) => {
                return (documents, Some((mark + offset_of(body, &error), describe(&error))));
            }
        }
    }
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
    /// The same place one level down.
    fn child(self, raw: &'a RawValue) -> Self {
        Self { raw: raw.get(), ..self }
    }

    pub(super) fn span(self) -> Span {
        // Every value is a slice of the input, so the distance of the two addresses is its offset.
        let start = (self.raw.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        Span::new(self.source, start, start + self.raw.len())
    }

    pub(super) fn value(self) -> Value<'a> {
        match self.raw.as_bytes().first() {
            Some(b'{') => Value::Mapping(self.mapping()),
            Some(b'[') => Value::Sequence(self.sequence()),
            Some(b'"') => Value::Scalar(Scalar::Text(self.string())),
            Some(b't') => Value::Scalar(Scalar::Bool(true)),
            Some(b'f') => Value::Scalar(Scalar::Bool(false)),
            Some(b'n') | None => Value::Scalar(Scalar::Null),
            Some(_) => Value::Scalar(self.number()),
        }
    }

    pub(super) fn written(self) -> Option<Cow<'a, str>> {
        match self.raw.as_bytes().first() {
            Some(b'{' | b'[') => None,
            Some(b'"') => Some(self.string()),
            _ => Some(Cow::Borrowed(self.raw)),
        }
    }

    /// The decoded string. One whose escapes are no Unicode is taken as it is written: it equals no valid name.
    fn string(self) -> Cow<'a, str> {
        let inner = self.raw.get(1..self.raw.len().saturating_sub(1)).unwrap_or_default();
        if inner.contains('\\') {
            serde_json::from_str::<String>(self.raw).map_or(Cow::Borrowed(inner), Cow::Owned)
        } else {
            Cow::Borrowed(inner)
        }
    }

    fn number(self) -> Scalar<'a> {
        match self.raw.parse::<i128>() {
            Ok(value) if (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&value) => {
                Scalar::Integer(value)
            }
            _ => Scalar::Float(self.raw.parse().unwrap_or(f64::NAN)),
        }
    }

    fn sequence(self) -> Vec<Node<'a>> {
        // The document was checked as a whole, so that an error here cannot be: its part would be empty.
        let elements: Vec<&'a RawValue> =
            serde_json::Deserializer::from_str(self.raw).deserialize_seq(Elements).unwrap_or_default();
        elements.into_iter().map(|raw| Node::Json(self.child(raw))).collect()
    }

    fn mapping(self) -> Mapping<'a> {
        let pairs: Vec<(&'a RawValue, &'a RawValue)> =
            serde_json::Deserializer::from_str(self.raw).deserialize_map(Pairs).unwrap_or_default();
        let entries = pairs.into_iter().map(|(key, value)| {
            let key = self.child(key);
            let value = Node::Json(self.child(value));
            (Entry { key: key.string(), key_span: key.span(), value }, Merged::No)
        });
        Mapping::new(self.span(), entries)
    }
}

/// Collects the elements of an array, unparsed.
struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            elements.push(element);
        }
        Ok(elements)
    }
}

/// Collects the members of an object, unparsed, keys too: a key has a place as well.
struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(&'de RawValue, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(text: &str) -> Node<'_> {
        let (documents, error) = json_documents(SourceId(0), text);
        assert_eq!(error, None);
        documents[0].root()
    }

    fn under(text: &str, span: Span) -> &str {
        &text[span.start..span.end]
    }

    #[test]
    fn spans_cover_values_and_keys() {
        let text = r#" {"a": {"b\n": [1, "x"]}} "#;
        let map = root(text).mapping().unwrap();
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
        let map = root(r#"{"a": 1, "a": 2}"#).mapping().unwrap();
        assert!(matches!(map.get("a").unwrap().value(), Value::Scalar(Scalar::Integer(2))));
        assert_eq!(map.duplicates().len(), 1);
    }

    #[test]
    fn nesting_without_end_is_skipped_without_recursion() {
        let text = format!("{{\"a\": {}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(root(&text).mapping().unwrap().get("a").is_some());
    }
}
