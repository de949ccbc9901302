//! The roles and bindings that every API server makes by itself, and makes again when it starts.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings>.

use crate::data::{Data, parse};
use serde::Deserialize;
use watertight_base::{Labels, Selector};
use watertight_model::{Admission, ObjectRef, Role, RoleBinding, RoleRef, RoleRule, Subject, SubjectKind};

/// What an API server grants by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bootstrap {
    /// ClusterRoles and Roles. Those that take over the rules of others (`admin`, `edit`, `view`) have none of their own
    /// here: who takes them over knows all roles.
    pub roles: Vec<Role>,
    /// ClusterRoleBindings and RoleBindings.
    pub role_bindings: Vec<RoleBinding>,
}

/// What a server of Kubernetes 1.`minor` grants by itself, or one of the nearest version that is
/// [supported](crate::SUPPORTED).
#[must_use]
pub fn bootstrap(minor: u32) -> Bootstrap {
    let mut bootstrap = Bootstrap { roles: Vec::new(), role_bindings: Vec::new() };
    for object in parse::<Object>(Data::of(minor).bootstrap) {
        let reference = ObjectRef {
            api_version: "rbac.authorization.k8s.io/v1".to_owned(),
            kind: object.kind,
            namespace: object.namespace,
            name: object.name,
            uid: None,
        };
        match object.role_ref {
            None => bootstrap.roles.push(Role {
                object: reference,
                span: None,
                labels: object.labels,
                rules: object.rules.into_iter().map(Rule::model).collect(),
                aggregates: object.aggregation_rule.map(Aggregation::model),
                is_protected: false,
                admission: Admission::Accepted,
            }),
            Some(role) => bootstrap.role_bindings.push(RoleBinding {
                object: reference,
                span: None,
                role: role.model(),
                subjects: object.subjects.into_iter().map(SubjectData::model).collect(),
                is_protected: false,
                admission: Admission::Accepted,
            }),
        }
    }
    bootstrap
}

/// A role or a binding, as it is written down.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Object {
    kind: String,
    namespace: Option<String>,
    name: String,
    labels: Labels,
    aggregation_rule: Option<Aggregation>,
    #[serde(default)]
    rules: Vec<Rule>,
    role_ref: Option<RoleRefData>,
    #[serde(default)]
    subjects: Vec<SubjectData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Aggregation {
    cluster_role_selectors: Vec<SelectorData>,
}

impl Aggregation {
    fn model(self) -> Vec<Selector> {
        let selector = |SelectorData { match_labels }| Selector {
            requirements: match_labels
                .iter()
                .flat_map(|(key, value)| Selector::label(key, value).requirements)
                .collect(),
        };
        self.cluster_role_selectors.into_iter().map(selector).collect()
    }
}

/// A selector. The server's own have labels alone.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SelectorData {
    match_labels: Labels,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    verbs: Vec<String>,
    #[serde(default)]
    api_groups: Vec<String>,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    resource_names: Vec<String>,
    #[serde(default, rename = "nonResourceURLs")]
    non_resource_urls: Vec<String>,
}

impl Rule {
    fn model(self) -> RoleRule {
        let Self { verbs, api_groups, resources, resource_names, non_resource_urls } = self;
        RoleRule { span: None, verbs, api_groups, resources, resource_names, non_resource_urls }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleRefData {
    kind: RoleKind,
    name: String,
}

#[derive(Deserialize)]
enum RoleKind {
    ClusterRole,
    Role,
}

impl RoleRefData {
    fn model(self) -> RoleRef {
        RoleRef { span: None, cluster: matches!(self.kind, RoleKind::ClusterRole), name: self.name }
    }
}

#[derive(Deserialize)]
#[serde(tag = "kind", deny_unknown_fields)]
enum SubjectData {
    User { name: String },
    Group { name: String },
    ServiceAccount { namespace: String, name: String },
}

impl SubjectData {
    fn model(self) -> Subject {
        let (kind, name) = match self {
            Self::User { name } => (SubjectKind::User, name),
            Self::Group { name } => (SubjectKind::Group, name),
            Self::ServiceAccount { namespace, name } => (SubjectKind::ServiceAccount(namespace), name),
        };
        Subject { span: None, kind, name }
    }
}

#[cfg(test)]
mod tests;
