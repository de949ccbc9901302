//! Objects and where they stand.

use crate::Inputs;
use serde::Serialize;
use watertight_base::Span;
use watertight_model::{Because, Evidence, ObjectRef};

/// The name of an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ObjectJson {
    cluster: Option<String>,
    api_version: String,
    kind: String,
    namespace: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
}

impl From<&ObjectRef> for ObjectJson {
    fn from(object: &ObjectRef) -> Self {
        let ObjectRef { api_version, kind, namespace, name, uid } = object.clone();
        Self { cluster: None, api_version, kind, namespace, name, uid }
    }
}

/// Where something stands. Lines and columns count from 1, columns in code points; the end is one past the last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum EvidenceJson {
    /// In a file.
    File { file: String, line: usize, column: usize, end_line: usize, end_column: usize },
}

impl EvidenceJson {
    /// Where a span stands.
    pub(crate) fn of_span(span: Span, inputs: &Inputs<'_>) -> Option<Self> {
        let located = inputs.locate(span)?;
        Some(Self::File {
            file: located.file.to_owned(),
            line: located.start.line,
            column: located.start.column,
            end_line: located.end.line,
            end_column: located.end.column,
        })
    }
}

/// An object that something rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct BecauseJson {
    role: &'static str,
    object: ObjectJson,
    path: String,
    evidence: Option<EvidenceJson>,
}

impl BecauseJson {
    /// Each in the order of the derivation.
    pub(crate) fn all(because: &[Because], inputs: &Inputs<'_>) -> Vec<Self> {
        because.iter().map(|because| Self::of(because, inputs)).collect()
    }

    fn of(because: &Because, inputs: &Inputs<'_>) -> Self {
        Self::placed(because, |span| EvidenceJson::of_span(span, inputs))
    }

    /// The same, by one who knows already where a span stands.
    pub(crate) fn placed(because: &Because, place: impl FnOnce(Span) -> Option<EvidenceJson>) -> Self {
        Self {
            role: because.role.name(),
            object: ObjectJson::from(&because.object),
            path: because.path.clone(),
            evidence: because.evidence.as_ref().and_then(|Evidence::File(span)| place(*span)),
        }
    }
}
