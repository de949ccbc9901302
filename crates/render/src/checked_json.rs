//! What the checker of certificates says, for machines: `watertight.dev/check/v1`, as `schemas/check-v1.schema.json` has
//! it.

use crate::Checked;
use crate::json::{ToolJson, pretty};
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckJson<'a> {
    schema: &'static str,
    tool: ToolJson<'a>,
    input_digest: &'a str,
    accepted: bool,
    proved: Option<ProvedJson<'a>>,
    rejection: Option<RejectionJson<'a>>,
}

#[derive(Debug, Serialize)]
struct ProvedJson<'a> {
    from: SideJson<'a>,
    to: SideJson<'a>,
    channels: &'a [String],
    profile: &'a str,
    facts: usize,
    assumptions: Vec<AssumedJson<'a>>,
}

#[derive(Debug, Serialize)]
struct SideJson<'a> {
    name: &'a str,
    namespaces: &'a [String],
}

#[derive(Debug, Serialize)]
struct AssumedJson<'a> {
    id: &'a str,
    text: &'a str,
    check: &'a str,
}

#[derive(Debug, Serialize)]
struct RejectionJson<'a> {
    place: &'a str,
    reason: &'a str,
}

/// The answer as one JSON document.
///
/// # Errors
/// Only if the serializer does.
pub fn checked_json(answer: &Checked<'_>, version: &str, input_digest: &str) -> serde_json::Result<String> {
    let side = |(name, namespaces): (_, _)| SideJson { name, namespaces };
    let assumptions = answer.assumptions.iter();
    let proved = ProvedJson {
        from: side(answer.from),
        to: side(answer.to),
        channels: answer.channels,
        profile: answer.profile,
        facts: answer.facts,
        assumptions: assumptions.map(|(id, text, check)| AssumedJson { id, text, check }).collect(),
    };
    pretty(&CheckJson {
        schema: "watertight.dev/check/v1",
        tool: ToolJson::at(version),
        input_digest,
        accepted: answer.rejection.is_none(),
        proved: Some(proved).filter(|_| answer.rejection.is_none()),
        rejection: answer.rejection.map(|(place, reason)| RejectionJson { place, reason }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::certificate::{checked, checked_assumptions, checked_names};
    use crate::fixtures::schema_errors;

    const SCHEMA: &str = include_str!("../../../schemas/check-v1.schema.json");

    #[test]
    fn both_answers_are_what_the_schema_says() {
        let (names, assumptions) = (checked_names(), checked_assumptions());
        let digest = format!("sha256:{}", "0".repeat(64));
        for (answer, accepted) in
            [(checked(&assumptions, &names), true), (Checked::rejected("facts", "one is missing"), false)]
        {
            let text = checked_json(&answer, "1.2.3", &digest).unwrap();
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(schema_errors(SCHEMA, &document), Vec::<String>::new());
            assert_eq!(document["accepted"], accepted);
            assert_eq!(document["proved"].is_null(), !accepted);
            assert_eq!(document["rejection"].is_null(), accepted);
        }
    }
}
