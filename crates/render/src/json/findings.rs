//! The tool, assumptions and diagnostics.

use crate::Inputs;
use crate::json::EvidenceJson;
use serde::Serialize;
use watertight_base::Diagnostic;
use watertight_model::Assumption;

/// Who wrote the document.
#[derive(Debug, Serialize)]
pub(crate) struct ToolJson<'a> {
    name: &'static str,
    version: &'a str,
}

impl<'a> ToolJson<'a> {
    /// This program at that version.
    pub(crate) fn at(version: &'a str) -> Self {
        Self { name: "watertight", version }
    }
}

/// What an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct AssumptionJson {
    id: String,
    text: String,
    check: String,
}

/// The assumptions, each once, sorted.
pub(crate) fn assumptions<'a>(assumptions: impl IntoIterator<Item = &'a Assumption>) -> Vec<AssumptionJson> {
    let twin = |assumption: &Assumption| {
        let Assumption { id, text, check } = assumption.clone();
        AssumptionJson { id, text, check }
    };
    let mut all: Vec<AssumptionJson> = assumptions.into_iter().map(twin).collect();
    all.sort();
    all.dedup();
    all
}

/// What is wrong with the input.
#[derive(Debug, Serialize)]
pub(crate) struct DiagnosticJson {
    severity: String,
    rule: &'static str,
    message: String,
    evidence: Option<EvidenceJson>,
    help: Option<String>,
}

/// The diagnostics, sorted by place.
pub(crate) fn diagnostics(diagnostics: &[Diagnostic], inputs: &Inputs<'_>) -> Vec<DiagnosticJson> {
    let twin = |diagnostic: &Diagnostic| {
        let Diagnostic { rule, severity, message, at, help, without: _ } = diagnostic;
        let evidence = at.as_ref().and_then(|(span, _)| EvidenceJson::of_span(*span, inputs));
        DiagnosticJson {
            severity: severity.to_string(),
            rule,
            message: message.clone(),
            evidence,
            help: help.clone(),
        }
    };
    let mut all: Vec<DiagnosticJson> = diagnostics.iter().map(twin).collect();
    all.sort_by(|a, b| (&a.evidence, a.rule, &a.message).cmp(&(&b.evidence, b.rule, &b.message)));
    all
}
