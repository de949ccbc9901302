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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, access};
    use serde_json::{Value, json};

    const SCHEMA: &str = include_str!("../../../schemas/can-batch-v1.schema.json");

    fn checked(line: serde_json::Result<String>) -> Value {
        let line = line.unwrap();
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        let document = serde_json::from_str(&line).unwrap();
        assert_eq!(fixtures::schema_errors(SCHEMA, &document), Vec::<String>::new());
        document
    }

    fn of(answer: &AccessAnswer) -> Value {
        fixtures::with_inputs(|inputs| {
            let lines = AnswerLines::new(inputs);
            let first = checked(lines.answer(answer));
            assert_eq!(checked(lines.answer(answer)), first, "a place that is remembered is the same");
            first
        })
    }

    #[test]
    fn a_line_says_what_is_allowed_and_by_what() {
        let yes = of(&access::answer(Decision::Allowed));
        assert_eq!((&yes["allowed"], &yes["reason"]), (&json!(true), &json!(access::grant().reason)));
        let lines: Vec<&Value> =
            yes["because"].as_array().unwrap().iter().map(|because| &because["evidence"]["line"]).collect();
        assert_eq!(lines, [12, 5]);
        let no = of(&access::answer(Decision::Denied));
        assert_eq!(no, json!({"allowed": false, "reason": "", "because": []}));
    }

    #[test]
    fn what_is_not_known_is_not_allowed_and_says_why() {
        let mut answer = access::answer(Decision::Unknown);
        answer.blind_spots = vec![fixtures::blind_spot(); 5];
        let unknown = of(&answer);
        assert_eq!(unknown["allowed"], false);
        let why = unknown["evaluationError"].as_str().unwrap();
        let parts: Vec<&str> = why.strip_prefix("unknown: ").unwrap().split("; ").collect();
        assert_eq!(parts[0], answer.notes[0]);
        assert!(parts[1..4].iter().all(|part| part.starts_with("unknown-kind: the kind ")), "{why}");
        assert_eq!(parts[4..], ["and 2 more that was not seen"]);
    }

    #[test]
    fn what_is_no_question_is_not_allowed_and_says_why() {
        let line =
            fixtures::with_inputs(|inputs| checked(AnswerLines::new(inputs).no_question("line 7: no")));
        assert_eq!(
            line,
            json!({"allowed": false, "reason": "", "because": [], "evaluationError": "line 7: no"})
        );
    }
}
