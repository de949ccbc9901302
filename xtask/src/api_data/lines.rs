//! JSON with one thing a line, so that a change of a version reads well as a difference.

use anyhow::Result;
use serde::Serialize;

/// A list with each element on a line of its own, behind `indent`.
pub(super) fn list<T: Serialize>(elements: &[T], indent: &str) -> Result<String> {
    let lines = elements.iter().map(|element| Ok(format!("{indent}{}", serde_json::to_string(element)?)));
    Ok(enclosed(&lines.collect::<Result<Vec<_>>>()?, indent))
}

/// A list of elements that are written already.
pub(super) fn enclosed(lines: &[String], indent: &str) -> String {
    let outer = indent.strip_suffix("  ").unwrap_or_default();
    format!("[\n{}\n{outer}]", lines.join(",\n"))
}
