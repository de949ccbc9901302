//! Repairs for machines: `watertight.dev/fix/v1`, as `schemas/fix-v1.schema.json` has it.

use crate::json::{DiagnosticJson, EvidenceJson, ObjectJson, ToolJson, diagnostics, pretty};
use crate::repairs::{LeftOver, PatchOf, RepairAction, RepairOf, Repairs};
use crate::{Inputs, Provenance};
use serde::Serialize;
use watertight_base::Span;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FixJson<'a> {
    schema: &'static str,
    tool: ToolJson<'a>,
    input_digest: &'a str,
    profile: &'a str,
    from: &'a str,
    to: &'a str,
    before: &'static str,
    after: &'static str,
    accepts_losses: bool,
    smallest: bool,
    repairs: Vec<RepairJson<'a>>,
    patches: Vec<PatchJson<'a>>,
    left: Vec<LeftJson<'a>>,
    diagnostics: Vec<DiagnosticJson>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RepairJson<'a> {
    object: ObjectJson,
    action: &'static str,
    file: Option<&'a str>,
    listed_in: Option<&'a str>,
    changes: Vec<ChangeJson<'a>>,
    closes: Vec<ClosedJson<'a>>,
    keeps: Option<&'a str>,
    loses: &'a [String],
}

#[derive(Debug, Serialize)]
struct ChangeJson<'a> {
    text: &'a str,
    evidence: Option<EvidenceJson>,
}

#[derive(Debug, Serialize)]
struct ClosedJson<'a> {
    rule: &'a str,
    message: &'a str,
}

#[derive(Debug, Serialize)]
struct PatchJson<'a> {
    file: &'a str,
    action: &'static str,
    diff: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LeftJson<'a> {
    kind: &'static str,
    rule: &'a str,
    message: &'a str,
    help: &'a str,
    would_lose: Option<&'a str>,
    evidence: Option<EvidenceJson>,
}

impl RepairAction {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Edit => "edit",
            Self::Remove => "remove",
        }
    }
}

/// The repairs as one JSON document.
///
/// # Errors
/// Only if the serializer does.
pub fn fix_json(found: &Repairs<'_>, provenance: Provenance<'_>) -> serde_json::Result<String> {
    let Provenance { version, input_digest, inputs, diagnostics: findings, .. } = provenance;
    pretty(&FixJson {
        schema: "watertight.dev/fix/v1",
        tool: ToolJson::at(version),
        input_digest,
        profile: found.profile,
        from: found.from,
        to: found.to,
        before: found.before.name(),
        after: found.after.name(),
        accepts_losses: found.accepts_losses,
        smallest: found.is_smallest,
        repairs: found.repairs.iter().map(|found| repair(found, inputs)).collect(),
        patches: found.patches.iter().map(patch).collect(),
        left: found.left.iter().map(|found| left(found, inputs)).collect(),
        diagnostics: diagnostics(findings, inputs),
    })
}

fn repair<'a>(repair: &RepairOf<'a>, inputs: &Inputs<'_>) -> RepairJson<'a> {
    let RepairOf { object, action, file, listed_in, changes, closes, keeps, loses } = *repair;
    let change = |(text, span): &'a (String, Option<Span>)| ChangeJson {
        text,
        evidence: span.and_then(|span| EvidenceJson::of_span(span, inputs)),
    };
    RepairJson {
        object: ObjectJson::from(object),
        action: action.name(),
        file,
        listed_in,
        changes: changes.iter().map(change).collect(),
        closes: closes.iter().map(|(rule, message)| ClosedJson { rule, message }).collect(),
        keeps,
        loses,
    }
}

fn patch<'a>(patch: &'a PatchOf<'_>) -> PatchJson<'a> {
    PatchJson { file: patch.file, action: patch.action.name(), diff: &patch.diff }
}

fn left<'a>(left: &LeftOver<'a>, inputs: &Inputs<'_>) -> LeftJson<'a> {
    let LeftOver { rule, is_breach, message, help, would_lose, place } = *left;
    LeftJson {
        kind: if is_breach { "breach" } else { "blindSpot" },
        rule,
        message,
        help,
        would_lose,
        evidence: place.and_then(|span| EvidenceJson::of_span(span, inputs)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, document};
    use serde_json::{Value, json};
    use watertight_base::SourceId;
    use watertight_model::{ObjectRef, Verdict};

    const SCHEMA: &str = include_str!("../../../schemas/fix-v1.schema.json");

    fn of_one_repair() -> Value {
        let object = ObjectRef {
            api_version: "networking.k8s.io/v1".to_owned(),
            kind: "NetworkPolicy".to_owned(),
            namespace: Some("production".to_owned()),
            name: "deny".to_owned(),
            uid: None,
        };
        let place = Some(Span { source: SourceId(0), start: 0, end: 1 });
        let changes = [("remove this peer".to_owned(), place), ("remove it".to_owned(), None)];
        let loses = ["addresses outside to `b`".to_owned()];
        let closes = [("open-rule".to_owned(), "`a` can reach `b`".to_owned())];
        let found = Repairs {
            from: "staging",
            to: "production",
            profile: "conservative",
            before: Verdict::Breached,
            after: Verdict::Unknown,
            accepts_losses: true,
            is_smallest: true,
            repairs: vec![RepairOf {
                object: &object,
                action: RepairAction::Add,
                file: Some("k8s/deny.yaml"),
                listed_in: Some("k8s/kustomization.yaml"),
                changes: &changes,
                closes: &closes,
                keeps: None,
                loses: &loses,
            }],
            patches: vec![PatchOf {
                file: "k8s/deny.yaml",
                action: RepairAction::Add,
                diff: "--- /dev/null\n".to_owned(),
            }],
            left: vec![LeftOver {
                rule: "shared-proxy",
                is_breach: true,
                message: "`a` can reach `b`",
                help: "do it",
                would_lose: None,
                place,
            }],
        };
        document(SCHEMA, |provenance| fix_json(&found, provenance))
    }

    #[test]
    fn repairs_are_as_the_schema_has_them() {
        let found = of_one_repair();
        assert_eq!((&found["before"], &found["after"]), (&json!("breached"), &json!("unknown")));
        assert_eq!((&found["smallest"], &found["repairs"][0]["action"]), (&json!(true), &json!("add")));
        assert_eq!(found["repairs"][0]["changes"][0]["evidence"]["line"], 1);
        assert_eq!(found["repairs"][0]["changes"][1]["evidence"], Value::Null);
        assert_eq!(found["left"][0]["kind"], "breach");
        assert_eq!(
            (&found["acceptsLosses"], &found["repairs"][0]["loses"]),
            (&json!(true), &json!(["addresses outside to `b`"]))
        );
    }

    #[test]
    fn the_schema_refuses_what_is_not_in_the_format() {
        let good = of_one_repair();
        for (path, value) in [
            ("/schema", json!("watertight.dev/fix/v2")),
            ("/after", json!("closed")),
            ("/smallest", json!(null)),
            ("/acceptsLosses", json!("yes")),
            ("/repairs/0/loses", json!([""])),
            ("/repairs/0/action", json!("delete")),
            ("/repairs/0/closes/0/rule", json!("Open Rule")),
            ("/repairs/0/object", json!("deny")),
            ("/patches/0/diff", json!("")),
            ("/left/0/kind", json!("other")),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(path).unwrap() = value;
            assert!(!fixtures::schema_errors(SCHEMA, &bad).is_empty(), "{path}");
        }
    }
}
