//! The part of SARIF 2.1.0 that we write, named as the standard names it. Numbers in brackets are its sections.

use crate::place::Place;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The whole document (3.13).
#[derive(Debug, Serialize)]
pub(crate) struct Log<'a> {
    #[serde(rename = "$schema")]
    pub(crate) schema: &'static str,
    pub(crate) version: &'static str,
    pub(crate) runs: Vec<Run<'a>>,
}

/// One run (3.14).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Run<'a> {
    pub(crate) tool: Tool<'a>,
    pub(crate) automation_details: AutomationDetails,
    pub(crate) column_kind: &'static str,
    pub(crate) original_uri_base_ids: BTreeMap<&'static str, Described>,
    pub(crate) invocations: [Invocation<'a>; 1],
    pub(crate) results: Vec<ResultOf<'a>>,
    pub(crate) properties: BTreeMap<&'static str, Value>,
}

/// What sets this run apart from others (3.17). GitHub takes what stands before the last `/` for the category.
#[derive(Debug, Serialize)]
pub(crate) struct AutomationDetails {
    pub(crate) id: String,
}

/// Something with a description.
#[derive(Debug, Serialize)]
pub(crate) struct Described {
    pub(crate) description: Text,
}

/// The tool (3.18).
#[derive(Debug, Serialize)]
pub(crate) struct Tool<'a> {
    pub(crate) driver: Driver<'a>,
}

/// The program itself (3.19).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Driver<'a> {
    pub(crate) name: &'static str,
    pub(crate) version: &'a str,
    pub(crate) rules: Vec<Rule<'a>>,
}

/// A rule (3.49).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule<'a> {
    pub(crate) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) short_description: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) full_description: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) help: Option<Text>,
    pub(crate) properties: RuleProperties,
}

/// What GitHub shows beside a rule.
#[derive(Debug, Serialize)]
pub(crate) struct RuleProperties {
    pub(crate) tags: Vec<&'static str>,
}

/// A text, and perhaps the same in Markdown (3.11, 3.12).
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Text {
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) markdown: Option<String>,
}

/// How the run went (3.20).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invocation<'a> {
    pub(crate) execution_successful: bool,
    pub(crate) tool_execution_notifications: Vec<Notification<'a>>,
}

/// Something that is said beside the results (3.58).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Notification<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) descriptor: Option<DescriptorReference<'a>>,
    pub(crate) level: Level,
    pub(crate) message: Text,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) locations: Vec<Location>,
}

/// Which rule a notification is of (3.52).
#[derive(Debug, Serialize)]
pub(crate) struct DescriptorReference<'a> {
    pub(crate) id: &'a str,
}

/// How bad something is (3.27.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Error,
    Warning,
    Note,
}

/// A finding (3.27).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResultOf<'a> {
    pub(crate) rule_id: &'a str,
    pub(crate) rule_index: usize,
    pub(crate) level: Level,
    pub(crate) message: Text,
    pub(crate) locations: Vec<Location>,
    pub(crate) partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) code_flows: Vec<CodeFlow>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) properties: BTreeMap<&'static str, Value>,
}

/// A way through places (3.36).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeFlow {
    pub(crate) thread_flows: [ThreadFlow; 1],
}

/// The places in their order (3.37).
#[derive(Debug, Serialize)]
pub(crate) struct ThreadFlow {
    pub(crate) locations: Vec<ThreadFlowLocation>,
}

/// One place of a way (3.38).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ThreadFlowLocation {
    pub(crate) location: Location,
    pub(crate) execution_order: usize,
}

/// A place (3.28).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) physical_location: Option<PhysicalLocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<Text>,
}

/// A region of a file (3.29).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

/// A file (3.4).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

/// Lines and columns from 1; the end column is one past the last (3.30).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

/// The folder that relative addresses begin in. GitHub knows it by this name as the root of the repository.
pub(crate) const ROOT: &str = "%SRCROOT%";

impl Text {
    /// A text that stands for itself, such as a page.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), markdown: None }
    }

    /// A message, in which braces and links mean something (3.11.5, 3.11.6): text of the input must not.
    pub(crate) fn message(text: &str) -> Self {
        Self::plain(text.replace('{', "{{").replace('}', "}}").replace("](", "] ("))
    }
}

impl From<Place> for PhysicalLocation {
    fn from(place: Place) -> Self {
        let Place { file, start, end } = place;
        Self {
            artifact_location: ArtifactLocation {
                uri: file.uri(),
                uri_base_id: file.is_below().then_some(ROOT),
            },
            region: Region {
                start_line: start.line,
                start_column: start.column,
                end_line: end.line,
                end_column: end.column,
            },
        }
    }
}
