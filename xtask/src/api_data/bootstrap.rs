//! The roles and bindings that a server makes by itself.

use super::{ask, lines};
use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use watertight_testbed::Testbed;

/// The label of everything that the server makes, and its value.
const BOOTSTRAPPING: (&str, &str) = ("kubernetes.io/bootstrapping", "rbac-defaults");

#[derive(Deserialize)]
struct List {
    items: Vec<Served>,
}

/// An object as the server writes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Served {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    kind: String,
    metadata: Metadata,
    aggregation_rule: Option<Value>,
    #[serde(default)]
    rules: Option<Vec<Rule>>,
    role_ref: Option<RoleRef>,
    subjects: Option<Vec<Subject>>,
}

#[derive(Deserialize)]
struct Metadata {
    namespace: Option<String>,
    name: String,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

/// An object as we write it, without its rules.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    name: String,
    labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aggregation_rule: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_ref: Option<RoleRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subjects: Option<Vec<Subject>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    api_groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resources: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resource_names: Vec<String>,
    #[serde(default, rename = "nonResourceURLs", skip_serializing_if = "Vec::is_empty")]
    non_resource_urls: Vec<String>,
    verbs: Vec<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RoleRef {
    #[serde(skip_serializing)]
    #[serde(rename = "apiGroup")]
    _api_group: String,
    kind: String,
    name: String,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Subject {
    #[serde(default, skip_serializing)]
    #[serde(rename = "apiGroup")]
    _api_group: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    name: String,
}

/// All of them, in the order of kinds, namespaces and names.
pub(super) fn text(server: &Testbed) -> Result<String> {
    let mut all = Vec::new();
    for kind in ["clusterroles", "clusterrolebindings", "roles", "rolebindings"] {
        let mut of_kind: List = ask(server, &["get", kind, "--all-namespaces", "--output=json"])?;
        of_kind.items.sort_by(|a, b| a.key().cmp(&b.key()));
        for object in of_kind.items {
            all.push(object.written()?);
        }
    }
    Ok(lines::enclosed(&all, "") + "\n")
}

impl Served {
    fn key(&self) -> (Option<&str>, &str) {
        (self.metadata.namespace.as_deref(), &self.metadata.name)
    }

    fn written(self) -> Result<String> {
        let Metadata { namespace, name, labels } = self.metadata;
        if labels.get(BOOTSTRAPPING.0).map(String::as_str) != Some(BOOTSTRAPPING.1) {
            bail!("the server did not make the {} `{name}`", self.kind);
        }
        // A controller writes the rules of those that take them over.
        let rules = self.rules.filter(|_| self.aggregation_rule.is_none());
        let object = serde_json::to_string(&Written {
            kind: self.kind,
            namespace,
            name,
            labels,
            aggregation_rule: self.aggregation_rule,
            role_ref: self.role_ref,
            subjects: self.subjects,
        })?;
        match (object.strip_suffix('}'), rules) {
            (Some(open), Some(rules)) => Ok(format!("{open},\"rules\":{}}}", lines::list(&rules, "  ")?)),
            _ => Ok(object),
        }
    }
}
