//! The parts of an input that no output shows: the values of Secrets, and what may hold some.

use crate::scalar::Scalar;
use crate::tree::{Entry, Mapping, Value};
use watertight_base::{SourceId, Span};

/// The fields of a Secret that hold no value of it.
const SHOWN: &[&str] = &["apiVersion", "immutable", "kind", "type"];
/// The fields of its metadata that hold none. Annotations may: kubectl keeps the whole object in one.
const SHOWN_OF_METADATA: &[&str] = &["generateName", "name", "namespace", "resourceVersion", "uid"];

/// What is hidden of a Secret: all of it but what is known to hold no value.
pub(crate) fn of_secret(bytes: &[u8], object: &Mapping<'_>) -> Vec<Span> {
    let mut shown = Vec::new();
    for entry in object.entries() {
        if SHOWN.contains(&entry.key.as_ref()) {
            shown.extend(whole(bytes, entry));
        }
        let Value::Mapping(inner) = entry.value.value() else { continue };
        match entry.key.as_ref() {
            "metadata" => {
                shown.push(entry.key_span);
                let fields = inner.entries().iter();
                let fields = fields.filter(|field| SHOWN_OF_METADATA.contains(&field.key.as_ref()));
                shown.extend(fields.filter_map(|field| whole(bytes, field)));
            }
            "data" | "stringData" => {
                shown.push(entry.key_span);
                shown
                    .extend(inner.entries().iter().filter(|entry| is_key(entry)).map(|entry| entry.key_span));
            }
            _ => {}
        }
    }
    shown.sort();
    without(object.span, &shown)
}

/// A key and its value, if nothing stands between them: what an alias stands for stands elsewhere.
fn whole(bytes: &[u8], entry: &Entry<'_>) -> Option<Span> {
    let value = matches!(entry.value.value(), Value::Scalar(_)).then(|| entry.value.span())?;
    let key = entry.key_span;
    let between = bytes.get(key.end..value.start)?;
    let is_empty = between.iter().all(|byte| b": \t\"'".contains(byte));
    is_empty.then(|| Span::new(key.source, key.start, value.end))
}

/// Whether this is a key of the data with a value, and no value that became a key by a typing error.
fn is_key(entry: &Entry<'_>) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    entry.key.bytes().all(is_allowed) && matches!(entry.value.value(), Value::Scalar(Scalar::Text(_)))
}

/// What is left of a span without others, which are sorted.
fn without(whole: Span, parts: &[Span]) -> Vec<Span> {
    let mut left = Vec::new();
    let mut start = whole.start;
    for part in parts.iter().filter(|part| part.start >= whole.start && part.end <= whole.end) {
        if part.start > start {
            left.push(Span::new(whole.source, start, part.start));
        }
        start = start.max(part.end);
    }
    if start < whole.end {
        left.push(Span::new(whole.source, start, whole.end));
    }
    left
}

/// What is hidden of a text that cannot be read, around a place: its document, if that speaks of Secrets.
pub(crate) fn around(id: SourceId, text: &str, place: usize) -> Option<Span> {
    let place = (0..=place.min(text.len())).rev().find(|&at| text.is_char_boundary(at))?;
    let is_json = text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']);
    // A place at the end of a document may belong to the next one.
    let start =
        if is_json { None } else { text.get(..place)?.trim_end_matches(['-', '\r', '\n']).rfind("\n---") };
    let end = if is_json { None } else { text.get(place..)?.trim_start().find("\n---") };
    let start = start.unwrap_or(0);
    let end = end.map_or(text.len(), |length| (place + length + 4).min(text.len()));
    let document = text.as_bytes().get(start..end)?;
    let speaks = document.windows(6).any(|window| window.eq_ignore_ascii_case(b"secret"));
    speaks.then(|| Span::new(id, start, end))
}

/// The same places, sorted, and none meets another.
pub(crate) fn disjoint(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort();
    let mut disjoint: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match disjoint.last_mut() {
            Some(last) if last.source == span.source && span.start <= last.end => {
                last.end = last.end.max(span.end);
            }
            _ => disjoint.push(span),
        }
    }
    disjoint
}
