//! Serializable twins of the model's types, one file a subject. The model itself can change its shape; these cannot.

pub(crate) mod access;
pub(crate) mod blind_spots;
pub(crate) mod evidence;
pub(crate) mod facts;
pub(crate) mod findings;

pub(crate) use access::{GrantJson, QuestionJson};
pub(crate) use blind_spots::{BlindSpotJson, blind_spots};
pub(crate) use evidence::{BecauseJson, EvidenceJson, ObjectJson};
pub(crate) use facts::{FactJson, PortsJson, PrincipalJson, allow_json};
pub(crate) use findings::{AssumptionJson, DiagnosticJson, ToolJson, assumptions, diagnostics};

use serde::Serialize;

/// The document as text, indented and with a newline at its end.
pub(crate) fn pretty<T: Serialize>(document: &T) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    Ok(text)
}
