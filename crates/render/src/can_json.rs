//! Whether somebody may do something, for machines: `watertight.dev/can/v1`, as `schemas/can-v1.schema.json` has it.

use crate::access::AccessQuestion;
use crate::json::{
    BlindSpotJson, DiagnosticJson, GrantJson, QuestionJson, ToolJson, blind_spots, diagnostics, pretty,
};
use crate::{Inputs, Provenance};
use serde::Serialize;
use watertight_model::{AccessAnswer, Decision, NearMiss, User};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CanJson<'a> {
    schema: &'static str,
    tool: ToolJson<'a>,
    input_digest: &'a str,
    kubernetes_version: &'a str,
    question: QuestionJson<'a>,
    answer: &'static str,
    allowed: bool,
    #[serde(flatten)]
    grant: GrantJson<'a>,
    further: usize,
    nearest: Vec<NearJson<'a>>,
    notes: &'a [String],
    warnings: &'a [String],
    blind_spots: Vec<BlindSpotJson>,
    diagnostics: Vec<DiagnosticJson>,
}

#[derive(Debug, Serialize)]
struct NearJson<'a> {
    #[serde(flatten)]
    grant: GrantJson<'a>,
    lacks: &'a [String],
}

/// The answer as one JSON document.
///
/// # Errors
/// Only if the serializer does.
pub fn can_json(
    user: &User,
    question: &AccessQuestion<'_>,
    answer: &AccessAnswer,
    provenance: Provenance<'_>,
) -> serde_json::Result<String> {
    let Provenance { version, input_digest, inputs, diagnostics: findings, .. } = provenance;
    let AccessAnswer { decision, grant, further, near, notes, blind_spots: spots } = answer;
    pretty(&CanJson {
        schema: "watertight.dev/can/v1",
        tool: ToolJson::at(version),
        input_digest,
        kubernetes_version: question.kubernetes_version,
        question: QuestionJson::of(user, question),
        answer: decision.name(),
        allowed: *decision == Decision::Allowed,
        grant: grant.as_ref().map_or_else(GrantJson::none, |grant| GrantJson::of(grant, inputs)),
        further: *further,
        nearest: near.iter().map(|near| near_json(near, inputs)).collect(),
        notes,
        warnings: question.warnings,
        blind_spots: blind_spots(spots, inputs),
        diagnostics: diagnostics(findings, inputs),
    })
}

fn near_json<'a>(near: &'a NearMiss, inputs: &Inputs<'_>) -> NearJson<'a> {
    let NearMiss { grant, lacks } = near;
    NearJson { grant: GrantJson::of(grant, inputs), lacks }
}
