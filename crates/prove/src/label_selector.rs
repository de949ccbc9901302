//! Label selectors as people type them: `kubectl -l`.

use crate::QuestionError;
use watertight_base::{Operator, Requirement, Selector};

/// A label selector as `kubectl -l` takes it: `a=b,c!=d,e in (f,g),h notin (i),j,!k`.
pub(crate) fn label_selector(text: &str) -> Result<Selector, QuestionError> {
    let mut requirements = Vec::new();
    for part in split_outside_parentheses(text) {
        let part = part.trim();
        let (key, operator, values) = if let Some((key, rest)) = part.split_once("!=") {
            (key, Operator::NotIn, vec![rest])
        } else if let Some((key, rest)) = part.split_once('=') {
            (key, Operator::In, vec![rest.strip_prefix('=').unwrap_or(rest)])
        } else if let Some((key, list)) = set_based(part, "notin") {
            (key, Operator::NotIn, list.split(',').collect())
        } else if let Some((key, list)) = set_based(part, "in") {
            (key, Operator::In, list.split(',').collect())
        } else if let Some(key) = part.strip_prefix('!') {
            (key, Operator::DoesNotExist, Vec::new())
        } else {
            (part, Operator::Exists, Vec::new())
        };
        let key = key.trim().to_owned();
        let values: Vec<String> = values.into_iter().map(|value| value.trim().to_owned()).collect();
        watertight_base::label_key(&key)
            .map_err(|why| bad_selector(text, &format!("the label key `{key}` {why}")))?;
        for value in &values {
            watertight_base::label_value(value)
                .map_err(|why| bad_selector(text, &format!("the label value `{value}` {why}")))?;
        }
        requirements.push(Requirement { key, operator, values });
    }
    Ok(Selector { requirements })
}

/// `KEY in (LIST)` or `KEY notin (LIST)`.
fn set_based<'t>(part: &'t str, operator: &str) -> Option<(&'t str, &'t str)> {
    let (key, rest) = part.split_once(char::is_whitespace)?;
    let list = rest.trim_start().strip_prefix(operator)?.trim_start().strip_prefix('(')?;
    Some((key, list.strip_suffix(')')?))
}

fn split_outside_parentheses(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (index, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// What is wrong with a selector, and how one is written.
pub(crate) fn bad_selector(text: &str, why: &str) -> QuestionError {
    QuestionError {
        message: format!("`{text}` does not select namespaces: {why}"),
        help: "write names or globs (`--env staging=stage-*,qa`) or labels as in `kubectl -l` (`--env staging=tier=test`)".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_selectors_are_those_of_kubectl() {
        let selector =
            label_selector("env=stg, tier!=db,zone in (a, b),team notin (x),owner,!legacy").unwrap();
        assert_eq!(selector.to_string(), "env=stg,tier!=db,zone in (a,b),team!=x,owner,!legacy");
        assert!(label_selector("env=a b").is_err());
        assert!(label_selector("=x").is_err());
    }
}
