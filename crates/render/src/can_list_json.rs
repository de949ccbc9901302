//! All that somebody may do, for machines: `watertight.dev/can-list/v1`, as `schemas/can-list-v1.schema.json` has it.

use crate::json::{BlindSpotJson, DiagnosticJson, GrantJson, ToolJson, blind_spots, diagnostics, pretty};
use crate::{Inputs, Provenance};
use serde::Serialize;
use watertight_model::{AccessList, AccessSection, ListedRule, RoleRule, User};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ListJson<'a> {
    schema: &'static str,
    tool: ToolJson<'a>,
    input_digest: &'a str,
    kubernetes_version: &'a str,
    user: &'a str,
    groups: &'a [String],
    namespace: Option<&'a str>,
    sections: Vec<SectionJson<'a>>,
    complete: bool,
    notes: &'a [String],
    warnings: &'a [String],
    blind_spots: Vec<BlindSpotJson>,
    diagnostics: Vec<DiagnosticJson>,
}

#[derive(Debug, Serialize)]
struct SectionJson<'a> {
    namespace: Option<&'a str>,
    rules: Vec<RuleJson<'a>>,
}

/// A rule, by the fields that it has in a role.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleJson<'a> {
    verbs: &'a [String],
    api_groups: &'a [String],
    resources: &'a [String],
    resource_names: &'a [String],
    #[serde(rename = "nonResourceURLs")]
    non_resource_urls: &'a [String],
    #[serde(flatten)]
    grant: GrantJson<'a>,
}

/// What was asked for a list: who, and where.
#[derive(Debug, Clone, Copy)]
pub struct ListQuestion<'a> {
    /// Who.
    pub user: &'a User,
    /// In one namespace, or in all of them, one after the other.
    pub namespace: Option<&'a str>,
    /// The version of the server whose own roles are taken: `1.36`.
    pub kubernetes_version: &'a str,
    /// What is odd about the question: one lower-case sentence each.
    pub warnings: &'a [String],
}

/// The list as one JSON document.
///
/// # Errors
/// Only if the serializer does.
pub fn can_list_json(
    question: ListQuestion<'_>,
    list: &AccessList,
    provenance: Provenance<'_>,
) -> serde_json::Result<String> {
    let Provenance { version, input_digest, inputs, diagnostics: findings, .. } = provenance;
    let ListQuestion { user, namespace, kubernetes_version, warnings } = question;
    pretty(&ListJson {
        schema: "watertight.dev/can-list/v1",
        tool: ToolJson::at(version),
        input_digest,
        kubernetes_version,
        user: &user.name,
        groups: &user.groups,
        namespace,
        sections: list.sections.iter().map(|section| section_json(section, inputs)).collect(),
        complete: list.is_complete,
        notes: &list.notes,
        warnings,
        blind_spots: blind_spots(&list.blind_spots, inputs),
        diagnostics: diagnostics(findings, inputs),
    })
}

fn section_json<'a>(section: &'a AccessSection, inputs: &Inputs<'_>) -> SectionJson<'a> {
    let AccessSection { namespace, rules } = section;
    let rules = rules.iter().map(|rule| rule_json(rule, inputs)).collect();
    SectionJson { namespace: namespace.as_deref(), rules }
}

fn rule_json<'a>(listed: &'a ListedRule, inputs: &Inputs<'_>) -> RuleJson<'a> {
    let ListedRule { rule, grant } = listed;
    let RoleRule { span: _, verbs, api_groups, resources, resource_names, non_resource_urls } = rule;
    let grant = GrantJson::of(grant, inputs);
    RuleJson { verbs, api_groups, resources, resource_names, non_resource_urls, grant }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, access, document};
    use serde_json::{Value, json};

    const SCHEMA: &str = include_str!("../../../schemas/can-list-v1.schema.json");

    fn of(is_complete: bool, namespace: Option<&str>) -> Value {
        let (user, list) = (access::pipeline(), access::list(is_complete));
        let question = ListQuestion { user: &user, namespace, kubernetes_version: "1.36", warnings: &[] };
        document(SCHEMA, |provenance| can_list_json(question, &list, provenance))
    }

    #[test]
    fn each_rule_is_there_with_what_grants_it() {
        let list = of(true, Some("shop"));
        assert_eq!((&list["namespace"], &list["complete"]), (&json!("shop"), &json!(true)));
        let places: Vec<&Value> =
            list["sections"].as_array().unwrap().iter().map(|section| &section["namespace"]).collect();
        assert_eq!(places, [&Value::Null, &json!("shop")]);
        let rule = &list["sections"][1]["rules"][2];
        assert_eq!(rule["resourceNames"], json!(["registry", "tls"]));
        assert_eq!(rule["because"][0]["object"]["kind"], "RoleBinding");
        assert_eq!(list["sections"][0]["rules"][1]["nonResourceURLs"], json!(["/healthz", "/version"]));
    }

    #[test]
    fn what_is_not_complete_says_what_was_not_seen() {
        let list = of(false, None);
        assert_eq!((&list["namespace"], &list["complete"]), (&Value::Null, &json!(false)));
        assert_eq!(list["blindSpots"].as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn the_schema_refuses_what_is_not_in_the_format() {
        let good = of(true, None);
        for (path, value) in [
            ("/schema", json!("watertight.dev/can/v1")),
            ("/sections", json!([])),
            ("/sections/0/rules/0/verbs", json!("get")),
            ("/sections/0/rules/0/because/0/role", json!("hopes")),
            ("/complete", json!("yes")),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(path).unwrap() = value;
            assert!(!fixtures::schema_errors(SCHEMA, &bad).is_empty(), "{path}");
        }
    }
}
