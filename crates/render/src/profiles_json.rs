//! One boundary under the profile of each enforcer, for machines: `watertight.dev/profiles/v1`, which holds a verdict for
//! each.

use crate::Provenance;
use crate::json::{ToolJson, pretty};
use crate::verdict_json::{VerdictJson, verdict_of};
use serde::Serialize;
use watertight_model::Report;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProfilesJson<'a> {
    schema: &'static str,
    tool: ToolJson<'a>,
    input_digest: &'a str,
    verdicts: Vec<VerdictJson<'a>>,
}

/// The reports as one JSON document, sorted by profile.
///
/// # Errors
/// Only if the serializer does.
pub fn profiles_json(reports: &[Report], provenance: Provenance<'_>) -> serde_json::Result<String> {
    let mut sorted: Vec<&Report> = reports.iter().collect();
    sorted.sort_by(|one, other| one.profile.cmp(&other.profile));
    pretty(&ProfilesJson {
        schema: "watertight.dev/profiles/v1",
        tool: ToolJson::at(provenance.version),
        input_digest: provenance.input_digest,
        verdicts: sorted.into_iter().map(|report| verdict_of(report, provenance)).collect(),
    })
}
