//! Values as YAML, in one layout, so that the same values are the same bytes.
//!
//! A text is plain where it can mean nothing else. One of several lines is a block, where it reads back as it was, and any
//! other is in double quotes. A property test holds that everything reads back, with the reader that reads as kubectl does.

use std::fmt::Write as _;

/// A value that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any other number, as it is to be written.
    Number(String),
    /// True or false.
    Boolean(bool),
    /// Nothing.
    Null,
    /// A list.
    List(Vec<Value>),
    /// A mapping, in the order in which it is written.
    Mapping(Vec<(String, Value)>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

/// A mapping of these members.
#[must_use]
pub fn mapping<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Mapping(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// A list of these texts.
#[must_use]
pub fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Value {
    Value::List(texts.into_iter().map(Value::from).collect())
}

/// A value as a document: lines of text, without `---`.
#[must_use]
pub fn document(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value, 0, Place::LineStart);
    text
}

/// Where a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing stands before it on its line but the indentation, which is written already for the first line.
    LineStart,
    /// Behind a key.
    AfterKey,
}

fn write_value(text: &mut String, value: &Value, indent: usize, place: Place) {
    let scalar = match value {
        Value::Text(lines) if indent > 0 && is_block(lines) => block(lines, indent),
        Value::Text(scalar) => quoted(scalar),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.clone(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Null => "null".to_owned(),
        Value::List(elements) if elements.is_empty() => "[]".to_owned(),
        Value::Mapping(members) if members.is_empty() => "{}".to_owned(),
        Value::List(elements) => {
            begin(text, indent, place);
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    pad(text, indent);
                }
                text.push_str("- ");
                write_value(text, element, indent + 2, Place::LineStart);
            }
            return;
        }
        Value::Mapping(members) => {
            begin(text, indent, place);
            for (index, (key, member)) in members.iter().enumerate() {
                if index > 0 {
                    pad(text, indent);
                }
                text.push_str(&quoted(key));
                text.push(':');
                write_value(text, member, indent + 2, Place::AfterKey);
            }
            return;
        }
    };
    if place == Place::AfterKey {
        text.push(' ');
    }
    text.push_str(&scalar);
    text.push('\n');
}

/// A collection behind a key begins on a line of its own.
fn begin(text: &mut String, indent: usize, place: Place) {
    if place == Place::AfterKey {
        text.push('\n');
        pad(text, indent);
    }
}

fn pad(text: &mut String, indent: usize) {
    text.extend(std::iter::repeat_n(' ', indent));
}

/// Whether a text may stand as a block: several lines, of which the first is indented by nothing of its own and none ends in
/// white space, and at most one end of a line at its end.
fn is_block(text: &str) -> bool {
    let lines = text.strip_suffix('\n').unwrap_or(text);
    let is_shown = |c: char| matches!(c, '\n' | '\t') || !(c.is_control() || is_unshown(c));
    text.contains('\n')
        && !lines.starts_with([' ', '\t', '\n'])
        && !lines.is_empty()
        && !lines.ends_with('\n')
        && lines.lines().all(|line| !line.ends_with([' ', '\t']))
        && lines.chars().all(is_shown)
}

/// A text as a block, which begins on the line of its key.
///
/// Source: <https://yaml.org/spec/1.2.2/#812-literal-style>.
fn block(text: &str, indent: usize) -> String {
    let (head, lines) = text.strip_suffix('\n').map_or(("|-", text), |lines| ("|", lines));
    let mut block = head.to_owned();
    for line in lines.split('\n') {
        block.push('\n');
        if !line.is_empty() {
            pad(&mut block, indent);
            block.push_str(line);
        }
    }
    block
}

/// Line breaks of YAML 1.1, the byte order mark, and what no text shows.
fn is_unshown(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Words that are no text without quotes, in YAML 1.1 or 1.2, whatever their case.
const NO_TEXT: [&str; 9] = ["y", "n", "yes", "no", "true", "false", "on", "off", "null"];

/// A text as it is written: plain if it begins with a letter and can be nothing else.
fn quoted(text: &str) -> String {
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(usual)
        && !NO_TEXT.iter().any(|word| text.eq_ignore_ascii_case(word));
    if plain {
        return text.to_owned();
    }
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || is_unshown(c) => {
                // Writing to a string does not fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use watertight_base::{Source, SourceId};
    use watertight_ingest::{Content, Tree, trees};

    fn read(text: &str) -> Value {
        let source = Source { name: "x.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
        let mut read = trees(SourceId(0), &source);
        assert!(read.diagnostics.is_empty(), "{text}\n{:?}", read.diagnostics);
        assert_eq!(read.documents.len(), 1, "{text}");
        of(&read.documents.remove(0))
    }

    fn of(tree: &Tree) -> Value {
        match &tree.content {
            Content::Text(text) => Value::Text(text.clone()),
            Content::Number { whole: Some(number), .. } => Value::Integer(i64::try_from(*number).unwrap()),
            Content::Boolean(boolean) => Value::Boolean(*boolean),
            Content::Null => Value::Null,
            Content::List(elements) => Value::List(elements.iter().map(of).collect()),
            Content::Mapping(members) => {
                Value::Mapping(members.iter().map(|member| (member.key.clone(), of(&member.value))).collect())
            }
            other => panic!("nobody wrote {other:?}"),
        }
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z./-]{1,8}",
            ".{0,12}",
            "[ \t\r\n:#'\"\\\\{}\\[\\],&*!|>%@`?-]{0,6}",
            Just("on".to_owned()),
            Just("Null".to_owned()),
            Just("1e3".to_owned()),
            Just("<<".to_owned()),
            Just("2026-12-31".to_owned()),
            any::<char>().prop_map(String::from),
            lines(),
        ]
    }

    /// Several lines, as files in ConfigMaps have them.
    fn lines() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            4 => "[ \t]{0,3}[a-z#:|>{}\\[\\]'\"%&*!@,?-]{0,6}",
            1 => "(---|\\.\\.\\.|<<: x|- a: b)?",
            1 => ".{0,6}",
        ];
        (prop::collection::vec(line, 1..5), "\n{0,2}").prop_map(|(lines, end)| lines.join("\n") + &end)
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            4 => text().prop_map(Value::Text),
            4 => any::<i64>().prop_map(Value::Integer),
            1 => any::<bool>().prop_map(Value::Boolean),
            1 => Just(Value::Null),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::btree_map(text(), inner, 0..4)
                    .prop_map(|members| Value::Mapping(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn what_is_written_reads_back(value in value().prop_filter("a document", |value| *value != Value::Null)) {
            prop_assert_eq!(read(&document(&value)), value);
        }

        #[test]
        fn no_line_ends_in_white_space(value in value()) {
            let text = document(&value);
            prop_assert!(text.lines().all(|line| !line.ends_with([' ', '\t'])), "{}", text);
        }
    }

    #[test]
    fn several_lines_are_a_block_where_they_read_back() {
        let written = |text: &str| document(&mapping([("file", text.into())]));
        assert_eq!(written("a: 1\n\n  b # c\n"), "file: |\n  a: 1\n\n    b # c\n");
        assert_eq!(written("a\n---\nb"), "file: |-\n  a\n  ---\n  b\n");
        for text in ["a", " a\nb", "\na\nb", "a \nb", "a\nb\n\n", "\n", "a\r\nb", "a\u{85}\nb"] {
            assert!(written(text).starts_with("file: \"") || text == "a", "{text:?}");
        }
    }

    #[test]
    fn there_is_one_layout() {
        let value = mapping([
            ("kind", "Namespace".into()),
            ("on", "on".into()),
            ("version", "1.36".into()),
            ("empty", mapping([])),
            (
                "list",
                Value::List(vec![
                    mapping([("a", Value::Integer(1)), ("b", texts(["x", "y"]))]),
                    Value::List(vec![]),
                ]),
            ),
        ]);
        let expected = "kind: Namespace\n\"on\": \"on\"\nversion: \"1.36\"\nempty: {}\nlist:\n  - a: 1\n    b:\n      - x\n      - \"y\"\n  - []\n";
        assert_eq!(document(&value), expected);
    }
}
