//! What was read, as it is written: the same in meaning.

use crate::rules;
use watertight_base::Diagnostic;
use watertight_ingest::{Content, Member, Tree};
use watertight_yaml::Value;

/// A value that was read, as one that is written.
///
/// # Errors
/// It holds a number that JSON has no form for, and so no server takes: `.inf`, say.
pub(crate) fn value(tree: &Tree) -> Result<Value, Diagnostic> {
    Ok(match &tree.content {
        Content::Null => Value::Null,
        Content::Boolean(boolean) => Value::Boolean(*boolean),
        Content::Number { whole, written } => number(*whole, written).ok_or_else(|| {
            let message = "a number of this form is none to an API server";
            Diagnostic::error(rules::NOT_AN_OBJECT, message)
                .at(tree.span, "not a number of JSON")
                .help("write it in digits, or in quotes if it is meant as text")
        })?,
        Content::Text(text) => Value::Text(text.clone()),
        Content::List(elements) => Value::List(elements.iter().map(value).collect::<Result<_, _>>()?),
        Content::Mapping(members) => Value::Mapping(members.iter().map(member).collect::<Result<_, _>>()?),
    })
}

/// A key with its value.
///
/// # Errors
/// As [`value`].
pub(crate) fn member(member: &Member) -> Result<(String, Value), Diagnostic> {
    Ok((member.key.clone(), value(&member.value)?))
}

fn number(whole: Option<i128>, written: &str) -> Option<Value> {
    match whole.map(i64::try_from) {
        Some(Ok(number)) => Some(Value::Integer(number)),
        Some(Err(_)) => whole.map(|number| Value::Number(number.to_string())),
        None if is_json(written) => Some(Value::Number(written.to_owned())),
        None => {
            let number: f64 = written.parse().ok()?;
            number.is_finite().then(|| Value::Number(number.to_string()))
        }
    }
}

/// Whether a fraction is written as JSON has it, with digits on both sides of its point: every reader takes that for a number.
fn is_json(written: &str) -> bool {
    let digits = written.strip_prefix('-').unwrap_or(written);
    let (before, behind) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    are_digits(before) && are_digits(behind) && (before == "0" || !before.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_base::{Source, SourceId};
    use watertight_ingest::trees;
    use watertight_yaml::document;

    fn written(text: &str) -> Result<String, Diagnostic> {
        let source = Source { name: "x.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
        let read = trees(SourceId(0), &source);
        value(&read.documents[0]).map(|value| document(&value))
    }

    #[test]
    fn nothing_changes_its_meaning() {
        for (text, expected) in [
            ("a: 1.30", "a: 1.30\n"),
            ("a: '1.30'", "a: \"1.30\"\n"),
            ("a: 0x10", "a: 16\n"),
            ("a: 18446744073709551615", "a: 18446744073709551615\n"),
            ("a: 80.0", "a: 80\n"),
            ("a: .5", "a: 0.5\n"),
            ("a: 1.5e3", "a: 1500\n"),
            ("a: 1.5e-3", "a: 0.0015\n"),
            ("a: yes", "a: true\n"),
            ("a: 'yes'", "a: \"yes\"\n"),
            ("a: ~", "a: null\n"),
            ("a: ''", "a: \"\"\n"),
            ("a: {8080: x}", "a:\n  \"8080\": x\n"),
            ("{\"a\": [1, -2.5, null]}", "a:\n  - 1\n  - -2.5\n  - null\n"),
        ] {
            assert_eq!(written(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_number_that_json_has_no_form_for_is_refused() {
        for text in ["a: .inf", "a: -.inf", "a: .nan"] {
            assert_eq!(written(text).unwrap_err().rule, "not-an-object", "{text}");
        }
    }
}
