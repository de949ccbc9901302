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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AskedIn;
    use crate::fixtures::{self, access, document};
    use serde_json::{Value, json};
    use watertight_model::Attributes;

    const SCHEMA: &str = include_str!("../../../schemas/can-v1.schema.json");

    fn of(asked: &Attributes, decision: Decision) -> Value {
        let (user, answer) = (access::pipeline(), access::answer(decision));
        let warnings = ["the verb `ptach` is none that is known".to_owned()];
        let question = AccessQuestion { warnings: &warnings, ..access::question(asked, AskedIn::Namespace) };
        document(SCHEMA, |provenance| can_json(&user, &question, &answer, provenance))
    }

    #[test]
    fn each_answer_is_as_the_schema_has_it() {
        let yes = of(&access::asked(), Decision::Allowed);
        assert_eq!(
            (&yes["answer"], &yes["allowed"], &yes["further"]),
            (&json!("yes"), &json!(true), &json!(2))
        );
        assert_eq!(yes["reason"], access::grant().reason);
        assert_eq!(yes["because"][0]["object"]["name"], "ci");
        assert_eq!(yes["because"][1]["evidence"]["line"], 5);
        let no = of(&access::asked(), Decision::Denied);
        assert_eq!(
            (&no["answer"], &no["allowed"], &no["because"]),
            (&json!("no"), &json!(false), &json!([]))
        );
        assert_eq!(
            no["nearest"][1]["lacks"],
            json!(["it holds in shop, not in bank", "it has no verb delete"])
        );
        assert_eq!(no["warnings"], json!(["the verb `ptach` is none that is known"]));
        let unknown = of(&access::asked(), Decision::Unknown);
        assert_eq!((&unknown["answer"], &unknown["allowed"]), (&json!("unknown"), &json!(false)));
        assert_eq!(unknown["blindSpots"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn the_question_has_the_fields_of_the_api() {
        let question = &of(&access::asked(), Decision::Denied)["question"];
        assert_eq!(question["user"], "system:serviceaccount:ci:deployer");
        assert_eq!(question["groups"].as_array().map(Vec::len), Some(3));
        assert_eq!(
            question["resourceAttributes"],
            json!({"namespace": "shop", "verb": "patch", "group": "apps", "resource": "deployments", "subresource": "",
                   "name": "web"})
        );
        let question = &of(&access::asked_path(), Decision::Denied)["question"];
        assert_eq!(question["nonResourceAttributes"], json!({"path": "/metrics", "verb": "get"}));
        assert_eq!(question["resourceAttributes"], Value::Null);
    }

    #[test]
    fn the_schema_refuses_what_is_not_in_the_format() {
        let good = of(&access::asked(), Decision::Unknown);
        for (path, value) in [
            ("/schema", json!("watertight.dev/can/v2")),
            ("/kubernetesVersion", json!(null)),
            ("/answer", json!("maybe")),
            ("/question/resourceAttributes/verb", json!(1)),
            ("/question/nonResourceAttributes", json!({"path": "/", "verb": "get"})),
            ("/nearest/0/lacks", json!([])),
            ("/further", json!(-1)),
        ] {
            let mut bad = good.clone();
            match bad.pointer_mut(path) {
                Some(place) => *place = value,
                None => bad["question"]["nonResourceAttributes"] = value,
            }
            assert!(!fixtures::schema_errors(SCHEMA, &bad).is_empty(), "{path}");
        }
    }
}
