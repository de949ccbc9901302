//! Keys and values of labels, and keys of annotations, that the API server would refuse. They are reported and used as they are.

use crate::context::Context;
use crate::rules;
use watertight_base::{Span, label_key, label_value};

/// Checks a label's key.
pub(crate) fn check_key(context: &mut Context, key: &str, span: Span) {
    if let Err(error) = label_key(key) {
        context.refuse(
            rules::INVALID_LABEL,
            format!("the label key `{key}` {error}"),
            span,
            "the API server refuses this key",
            "write a name of letters, digits, `-`, `_` and `.`, with an optional DNS name and `/` before it",
        );
    }
}

/// Checks an annotation's key, which may have capitals where a label's may not.
pub(crate) fn check_annotation_key(context: &mut Context, key: &str, span: Span) {
    if let Err(error) = label_key(&key.to_lowercase()) {
        context.refuse(
            rules::INVALID_NAME,
            format!("the annotation key `{key}` {error}"),
            span,
            "the API server refuses this key",
            "write a name of letters, digits, `-`, `_` and `.`, with an optional DNS name and `/` before it",
        );
    }
}

/// Checks a label's value.
pub(crate) fn check_value(context: &mut Context, value: &str, span: Span) {
    if let Err(error) = label_value(value) {
        context.refuse(
            rules::INVALID_LABEL,
            format!("the label value `{value}` {error}"),
            span,
            "the API server refuses this value",
            "use at most 63 letters, digits, `-`, `_` and `.`, with a letter or a digit at both ends",
        );
    }
}
