//! Who may do something, for machines: `watertight.dev/who-can/v1`, as `schemas/who-can-v1.schema.json` has it.

use crate::access::AccessQuestion;
use crate::json::{
    BlindSpotJson, DiagnosticJson, GrantJson, QuestionJson, ToolJson, blind_spots, diagnostics, pretty,
};
use crate::{Inputs, Provenance};
use serde::Serialize;
use watertight_model::{Holder, SubjectKind, WhoCan};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WhoCanJson<'a> {
    schema: &'static str,
    tool: ToolJson<'a>,
    input_digest: &'a str,
    kubernetes_version: &'a str,
    question: QuestionJson<'a>,
    holders: Vec<HolderJson<'a>>,
    complete: bool,
    notes: &'a [String],
    warnings: &'a [String],
    blind_spots: Vec<BlindSpotJson>,
    diagnostics: Vec<DiagnosticJson>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HolderJson<'a> {
    /// Where they may: a namespace, or everywhere.
    scope: Option<&'a str>,
    subject: SubjectJson<'a>,
    presence: &'static str,
    resource_names: &'a [String],
    #[serde(flatten)]
    grant: GrantJson<'a>,
    further: usize,
}

/// Somebody, as a binding names them.
#[derive(Debug, Serialize)]
struct SubjectJson<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    name: &'a str,
}

/// The answer as one JSON document.
///
/// # Errors
/// Only if the serializer does.
pub fn who_can_json(
    question: &AccessQuestion<'_>,
    who: &WhoCan,
    provenance: Provenance<'_>,
) -> serde_json::Result<String> {
    let Provenance { version, input_digest, inputs, diagnostics: findings, .. } = provenance;
    let WhoCan { holders, is_complete, notes, blind_spots: spots } = who;
    pretty(&WhoCanJson {
        schema: "watertight.dev/who-can/v1",
        tool: ToolJson::at(version),
        input_digest,
        kubernetes_version: question.kubernetes_version,
        question: QuestionJson::of_anybody(question),
        holders: holders.iter().map(|holder| holder_json(holder, inputs)).collect(),
        complete: *is_complete,
        notes,
        warnings: question.warnings,
        blind_spots: blind_spots(spots, inputs),
        diagnostics: diagnostics(findings, inputs),
    })
}

fn holder_json<'a>(holder: &'a Holder, inputs: &Inputs<'_>) -> HolderJson<'a> {
    let Holder { scope, kind, name, presence, names, grant, further } = holder;
    let (kind, namespace) = match kind {
        SubjectKind::User => ("User", None),
        SubjectKind::Group => ("Group", None),
        SubjectKind::ServiceAccount(namespace) => ("ServiceAccount", Some(namespace.as_str())),
    };
    HolderJson {
        scope: scope.as_deref(),
        subject: SubjectJson { kind, namespace, name },
        presence: presence.name(),
        resource_names: names,
        grant: GrantJson::of(grant, inputs),
        further: *further,
    }
}
