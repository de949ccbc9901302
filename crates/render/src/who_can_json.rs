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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AskedIn;
    use crate::fixtures::{self, access, document};
    use serde_json::{Value, json};

    const SCHEMA: &str = include_str!("../../../schemas/who-can-v1.schema.json");

    fn of(is_complete: bool, place: AskedIn) -> Value {
        let (asked, who) = (access::asked(), access::who(is_complete));
        let question = access::question(&asked, place);
        document(SCHEMA, |provenance| who_can_json(&question, &who, provenance))
    }

    #[test]
    fn each_holder_is_as_the_schema_has_it() {
        let who = of(true, AskedIn::Anywhere);
        assert_eq!((&who["question"]["scope"], &who["complete"]), (&json!("anywhere"), &json!(true)));
        assert_eq!(who["holders"].as_array().map(Vec::len), Some(6));
        let [masters, team, deployer] = [0, 3, 4].map(|index| &who["holders"][index]);
        assert_eq!(masters["subject"], json!({"kind": "Group", "name": "system:masters"}));
        assert_eq!((&masters["scope"], &masters["because"][0]["evidence"]), (&Value::Null, &Value::Null));
        assert_eq!((&team["scope"], &team["resourceNames"]), (&json!("shop"), &json!(["web", "api"])));
        assert_eq!(
            deployer["subject"],
            json!({"kind": "ServiceAccount", "namespace": "ci", "name": "deployer"})
        );
        let presences: Vec<&Value> = (3..6).map(|index| &who["holders"][index]["presence"]).collect();
        assert_eq!(presences, ["external", "present", "absent"]);
    }

    #[test]
    fn the_schema_refuses_what_is_not_in_the_format() {
        let good = of(false, AskedIn::AllNamespaces);
        assert_eq!(good["complete"], false);
        for (path, value) in [
            ("/question/scope", json!("somewhere")),
            ("/holders/0/subject", json!({"kind": "Group", "namespace": "ci", "name": "x"})),
            ("/holders/0/subject", json!({"kind": "ServiceAccount", "name": "x"})),
            ("/holders/0/presence", json!("gone")),
            ("/holders/0/further", json!(-1)),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(path).unwrap() = value;
            assert!(!fixtures::schema_errors(SCHEMA, &bad).is_empty(), "{path}");
        }
    }
}
