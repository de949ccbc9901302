//! Answers to many questions for machines: one line of JSON each, which is the `status` of a SubjectAccessReview and what
//! the answer rests on, as `schemas/can-batch-v1.schema.json` has it.

use crate::Inputs;
use crate::json::{EvidenceJson, GrantJson};
use serde::Serialize;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use watertight_base::Span;
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

/// Writes answers, and remembers where what they rest on stands: many questions rest on few rules.
#[derive(Debug)]
pub struct AnswerLines<'a> {
    inputs: &'a Inputs<'a>,
    places: RwLock<HashMap<Span, Option<EvidenceJson>>>,
}

impl<'a> AnswerLines<'a> {
    /// Answers that rest on these inputs.
    #[must_use]
    pub fn new(inputs: &'a Inputs<'a>) -> Self {
        Self { inputs, places: RwLock::default() }
    }

    /// The answer to one question.
    ///
    /// # Errors
    /// Only if the serializer does.
    pub fn answer(&self, answer: &AccessAnswer) -> serde_json::Result<String> {
        let AccessAnswer { decision, grant, .. } = answer;
        let why = (*decision == Decision::Unknown).then(|| unknown_text(answer));
        let grant = grant.as_ref().map(|grant| GrantJson::placed(grant, |span| self.place(span)));
        line(&LineJson {
            allowed: *decision == Decision::Allowed,
            grant: grant.unwrap_or_else(GrantJson::none),
            evaluation_error: why.as_deref(),
        })
    }

    /// The answer to what is no question, and why.
    ///
    /// # Errors
    /// Only if the serializer does.
    pub fn no_question(&self, why: &str) -> serde_json::Result<String> {
        line(&LineJson { allowed: false, grant: GrantJson::none(), evaluation_error: Some(why) })
    }

    fn place(&self, span: Span) -> Option<EvidenceJson> {
        // Who panicked with the lock in hand left whole entries behind.
        let known = self.places.read().unwrap_or_else(PoisonError::into_inner).get(&span).cloned();
        known.unwrap_or_else(|| {
            let place = EvidenceJson::of_span(span, self.inputs);
            let mut places = self.places.write().unwrap_or_else(PoisonError::into_inner);
            places.insert(span, place.clone());
            place
        })
    }
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
