//! Objects as text: one JSON list in the layout of kubectl, or a stream of YAML documents.

use anyhow::Result;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::ser::PrettyFormatter;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io::Write;

/// One `List`, indented by four. It is written as the objects come.
pub(super) fn json(out: &mut dyn Write, objects: impl Iterator<Item = Value>) -> Result<()> {
    let formatter = PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, formatter);
    let mut list = serializer.serialize_map(None)?;
    list.serialize_entry("apiVersion", "v1")?;
    list.serialize_entry("items", &Items(RefCell::new(Some(objects))))?;
    list.serialize_entry("kind", "List")?;
    list.serialize_entry("metadata", &json!({ "resourceVersion": "" }))?;
    list.end()?;
    writeln!(out)?;
    Ok(())
}

/// A sequence that is made while it is written, and so once.
struct Items<I>(RefCell<Option<I>>);

impl<I: Iterator<Item = Value>> Serialize for Items<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.take().into_iter().flatten())
    }
}

/// A stream of documents, each behind a `---`.
pub(super) fn yaml(out: &mut dyn Write, objects: impl Iterator<Item = Value>) -> Result<()> {
    for object in objects {
        writeln!(out, "---")?;
        block(out, &object, 0, false)?;
    }
    Ok(())
}

/// A value in block style. The first line of what stands in a list is indented already.
fn block(out: &mut dyn Write, value: &Value, depth: usize, in_list: bool) -> Result<()> {
    let indent = |first: bool| if first && in_list { 0 } else { depth * 2 };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (index, (key, value)) in fields.iter().enumerate() {
                write!(out, "{:width$}{}:", "", scalar(key), width = indent(index == 0))?;
                nested(out, value, depth)?;
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            for (index, element) in elements.iter().enumerate() {
                write!(out, "{:width$}- ", "", width = indent(index == 0))?;
                block(out, element, depth + 1, true)?;
            }
        }
        Value::String(text) => writeln!(out, "{}", scalar(text))?,
        // Numbers, booleans, null and what is empty are alike in both languages.
        other => writeln!(out, "{other}")?,
    }
    Ok(())
}

/// What stands behind `key:`. A list is not indented more than its key, as kubectl has it.
fn nested(out: &mut dyn Write, value: &Value, depth: usize) -> Result<()> {
    let depth = match value {
        Value::Object(fields) if !fields.is_empty() => depth + 1,
        Value::Array(elements) if !elements.is_empty() => depth,
        _ => {
            write!(out, " ")?;
            return block(out, value, 0, true);
        }
    };
    writeln!(out)?;
    block(out, value, depth, false)
}

/// A string as it may stand in YAML: plain if it is a simple word that means nothing else, else in double quotes.
fn scalar(text: &str) -> String {
    let starts_plain = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let means_else =
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null"].contains(&text.to_lowercase().as_str());
    if starts_plain && text.chars().all(plain) && !means_else {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}
