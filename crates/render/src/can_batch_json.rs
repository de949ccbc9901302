//! Answers to many questions for machines: one line of JSON each, which is the `status` of a SubjectAccessReview and what
//! the answer rests on, as `schemas/can-batch-v1.schema.json` has it.

use crate::Inputs;
use crate::json::GrantJson;
use serde::Serialize;
use watertight_model::{AccessAnswer, BlindSpot, Decision};

/// How many reasons for not knowing are named.
const REASONS_MAX: usize = 3;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LineJson<'a> {
    allowed: bool,
    #[serde(flatten)]
    grant: GrantJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluation_error: Option<&'a str>,
}

/// The answer to one question as one line of JSON.
///
/// # Errors
/// Only if the serializer does.
pub fn can_line(answer: &AccessAnswer, inputs: &Inputs<'_>) -> serde_json::Result<String> {
    let why = (answer.decision == Decision::Unknown).then(|| unknown_text(answer));
    line(&LineJson {
        allowed: answer.decision == Decision::Allowed,
        grant: GrantJson::of_any(answer.grant.as_ref(), inputs),
        evaluation_error: why.as_deref(),
    })
}

/// The answer to what is no question, and why.
///
/// # Errors
/// Only if the serializer does.
pub fn can_line_malformed(why: &str, inputs: &Inputs<'_>) -> serde_json::Result<String> {
    line(&LineJson { allowed: false, grant: GrantJson::of_any(None, inputs), evaluation_error: Some(why) })
}

fn line(answer: &LineJson<'_>) -> serde_json::Result<String> {
    let mut text = serde_json::to_string(answer)?;
    text.push('\n');
    Ok(text)
}

/// Why it is not known, in a line.
fn unknown_text(answer: &AccessAnswer) -> String {
    let AccessAnswer { notes, blind_spots, .. } = answer;
    let seen = blind_spots.iter().map(|BlindSpot { rule, reason, .. }| format!("{rule}: {reason}"));
    let mut reasons: Vec<String> = notes.iter().cloned().chain(seen.take(REASONS_MAX)).collect();
    if let Some(more @ 1..) = blind_spots.len().checked_sub(REASONS_MAX) {
        reasons.push(format!("and {more} more that was not seen"));
    }
    format!("unknown: {}", reasons.join("; "))
}
