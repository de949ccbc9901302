//! YAML in its JSON-like flow style, which every reader of YAML takes.

use std::fmt::Write;
use watertight_base::Labels;

/// A value.
pub(super) enum Value {
    Text(String),
    Number(usize),
    Flag(bool),
    List(Vec<Value>),
    Map(Vec<(&'static str, Value)>),
    Labels(Labels),
}

/// Appends one document: a field a line.
pub(super) fn document(text: &mut String, fields: Vec<(&'static str, Value)>) {
    text.push_str("---\n");
    for (key, value) in fields {
        let _ = write!(text, "{key}: ");
        write_value(text, &value);
        text.push('\n');
    }
}

fn write_value(text: &mut String, value: &Value) {
    match value {
        Value::Text(value) => quote(text, value),
        Value::Number(value) => {
            let _ = write!(text, "{value}");
        }
        Value::Flag(value) => {
            let _ = write!(text, "{value}");
        }
        Value::List(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                write_value(text, item);
            }
            text.push(']');
        }
        Value::Map(fields) => {
            text.push('{');
            for (index, (key, value)) in fields.iter().enumerate() {
                let _ = write!(text, "{}{key}: ", if index > 0 { ", " } else { "" });
                write_value(text, value);
            }
            text.push('}');
        }
        Value::Labels(labels) => {
            text.push('{');
            for (index, (key, value)) in labels.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                quote(text, key);
                text.push_str(": ");
                quote(text, value);
            }
            text.push('}');
        }
    }
}

/// A double-quoted scalar: names of Kubernetes need no other escape, and control characters get one all the same.
fn quote(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => {
                text.push('\\');
                text.push(c);
            }
            c if c.is_control() => {
                let _ = write!(text, "\\U{:08x}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
}

/// A string.
pub(super) fn text(value: impl ToString) -> Value {
    Value::Text(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_break_out_of_its_quotes() {
        let mut quoted = String::new();
        quote(&mut quoted, "a\"b\\c\nd");
        assert_eq!(quoted, r#""a\"b\\c\U0000000ad""#);
    }
}
