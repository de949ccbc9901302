//! Roles, bindings and ServiceAccounts as manifests.

use super::flow::{Value, text};
use super::{expression, head};
use watertight_base::Selector;
use watertight_model::{ObjectRef, Role, RoleBinding, RoleRule, ServiceAccount, Subject, SubjectKind};

const GROUP: &str = "rbac.authorization.k8s.io";
const VERSION: &str = "rbac.authorization.k8s.io/v1";

pub(super) fn service_account(account: &ServiceAccount) -> Vec<(&'static str, Value)> {
    head("v1", "ServiceAccount", metadata(&account.object))
}

pub(super) fn role(role: &Role) -> Vec<(&'static str, Value)> {
    let mut metadata = metadata(&role.object);
    if !role.labels.is_empty() {
        metadata.push(("labels", Value::Labels(role.labels.clone())));
    }
    let mut fields = head(VERSION, &role.object.kind, metadata);
    if let Some(selectors) = &role.aggregates {
        let selectors = Value::List(selectors.iter().map(selector).collect());
        fields.push(("aggregationRule", Value::Map(vec![("clusterRoleSelectors", selectors)])));
    }
    fields.push(("rules", Value::List(role.rules.iter().map(rule).collect())));
    fields
}

pub(super) fn binding(binding: &RoleBinding) -> Vec<(&'static str, Value)> {
    let mut fields = head(VERSION, &binding.object.kind, metadata(&binding.object));
    let kind = if binding.role.cluster { "ClusterRole" } else { "Role" };
    let role = vec![("apiGroup", text(GROUP)), ("kind", text(kind)), ("name", text(&binding.role.name))];
    fields.push(("roleRef", Value::Map(role)));
    fields.push(("subjects", Value::List(binding.subjects.iter().map(subject).collect())));
    fields
}

fn metadata(object: &ObjectRef) -> Vec<(&'static str, Value)> {
    let mut metadata = vec![("name", text(&object.name))];
    metadata.extend(object.namespace.as_ref().map(|namespace| ("namespace", text(namespace))));
    metadata
}

fn selector(selector: &Selector) -> Value {
    let expressions = selector.requirements.iter().map(expression).collect();
    Value::Map(vec![("matchExpressions", Value::List(expressions))])
}

fn rule(rule: &RoleRule) -> Value {
    let lists = [
        ("apiGroups", &rule.api_groups),
        ("resources", &rule.resources),
        ("resourceNames", &rule.resource_names),
        ("nonResourceURLs", &rule.non_resource_urls),
        ("verbs", &rule.verbs),
    ];
    let written = lists.into_iter().filter(|(_, list)| !list.is_empty());
    Value::Map(written.map(|(key, list)| (key, Value::List(list.iter().map(text).collect()))).collect())
}

fn subject(subject: &Subject) -> Value {
    let (kind, place) = match &subject.kind {
        SubjectKind::User => ("User", ("apiGroup", text(GROUP))),
        SubjectKind::Group => ("Group", ("apiGroup", text(GROUP))),
        SubjectKind::ServiceAccount(namespace) => ("ServiceAccount", ("namespace", text(namespace))),
    };
    Value::Map(vec![("kind", text(kind)), ("name", text(&subject.name)), place])
}
