//! The labels of Pod Security on a namespace: levels and versions that the API server would refuse.

use crate::context::Context;
use crate::rules;
use watertight_base::Span;

/// What begins each of the labels.
const PREFIX: &str = "pod-security.kubernetes.io/";

/// Checks one label of a namespace, if it is one of Pod Security.
pub(crate) fn check(context: &mut Context, key: &str, value: &str, span: Span) {
    let Some(name) = key.strip_prefix(PREFIX) else { return };
    let (is_valid, wanted) = match name {
        "enforce" | "audit" | "warn" => (
            matches!(value, "privileged" | "baseline" | "restricted"),
            "`privileged`, `baseline` or `restricted`",
        ),
        "enforce-version" | "audit-version" | "warn-version" => {
            (is_version(value), "`latest`, or a minor version such as `v1.36`")
        }
        _ => return,
    };
    if !is_valid {
        context.refuse(
            rules::INVALID_LABEL,
            format!("the label `{key}` is `{value}`"),
            span,
            "the API server refuses this value",
            format!("write {wanted}"),
        );
    }
}

/// Whether this is `latest`, or `v1.` and a number without leading zeros that 63 bits hold.
fn is_version(text: &str) -> bool {
    let minor = match text.strip_prefix("v1.") {
        Some(minor) => minor,
        None => return text == "latest",
    };
    let digits = minor.bytes().all(|byte| byte.is_ascii_digit());
    digits && (minor == "0" || !minor.starts_with('0')) && minor.parse::<i64>().is_ok()
}
