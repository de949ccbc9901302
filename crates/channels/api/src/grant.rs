//! How somebody comes to a rule: through which binding, which role, and which of its rules.

use crate::access::{Access, Held};
use crate::matching;
use watertight_base::Span;
use watertight_model::{
    Attributes, Because, Evidence, EvidenceRole, Grant, GrantStep, ObjectRef, Role, RoleBinding, RoleRule,
    Subject, SubjectKind,
};

impl Access<'_> {
    /// The steps from the binding to the rule. Of the rule they say what is about the request, or all of it.
    pub(crate) fn grant(&self, held: Held, asked: Option<&Attributes>) -> Grant {
        let bound = &self.bindings[held.applies.binding];
        let binding = &*bound.binding;
        let subject = binding.subjects.get(held.applies.subject);
        let kind = if binding.role.cluster { "ClusterRole" } else { "Role" };
        let name = &binding.role.name;
        let mut texts = vec![format!(
            "{} grants the {kind} {name} to {}",
            binding.object,
            subject.map_or("nobody".to_owned(), subject_text)
        )];
        let role = &self.roles[held.rule.role];
        if let Some(named) = self.takes_over(held) {
            let taken = format!("{} takes over the rules of {}, by its labels", named.object, role.object);
            texts.push(taken);
        }
        let rule = self.rule(held.rule);
        let what = asked.and_then(|asked| matched(rule, asked)).unwrap_or_else(|| rule_text(rule));
        texts.push(format!("{} allows {what}{}", role.object, built_in(role)));
        let steps = texts.into_iter().zip(self.because(held));
        let steps = steps.map(|(text, because)| GrantStep { text, because: Some(because) }).collect();
        Grant { reason: subject.map(|subject| reason(binding, subject)).unwrap_or_default(), steps }
    }

    /// The objects from the binding to the rule, one for each step.
    pub(crate) fn because(&self, held: Held) -> Vec<Because> {
        let binding = &*self.bindings[held.applies.binding].binding;
        let subject = binding.subjects.get(held.applies.subject);
        let mut all = vec![because(
            &binding.object,
            subject.map_or("/subjects".to_owned(), |_| format!("/subjects/{}", held.applies.subject)),
            subject.map_or(binding.span, |subject| subject.span),
        )];
        if let Some(named) = self.takes_over(held) {
            all.push(because(&named.object, "/aggregationRule".to_owned(), named.span));
        }
        let role = &self.roles[held.rule.role];
        all.push(because(&role.object, format!("/rules/{}", held.rule.rule), self.rule(held.rule).span));
        all
    }

    /// The role that a binding names, if it takes over the rule of another.
    fn takes_over(&self, held: Held) -> Option<&Role> {
        let named = self.bindings[held.applies.binding].role;
        (named != held.rule.role).then(|| &*self.roles[named])
    }
}

fn because(object: &ObjectRef, path: String, span: Option<Span>) -> Because {
    Because { role: EvidenceRole::Allows, object: object.clone(), path, evidence: span.map(Evidence::File) }
}

/// For a role that no file holds: why it is there.
fn built_in(role: &Role) -> &'static str {
    if role.span.is_none() { " (every server has it)" } else { "" }
}

/// What the API server says of it.
fn reason(binding: &RoleBinding, subject: &Subject) -> String {
    let kind = if binding.role.cluster { "ClusterRole" } else { "Role" };
    let place = match &binding.object.namespace {
        Some(namespace) => format!("RoleBinding \"{}/{namespace}\"", binding.object.name),
        None => format!("ClusterRoleBinding \"{}\"", binding.object.name),
    };
    let to = match &subject.kind {
        SubjectKind::User => format!("User \"{}\"", subject.name),
        SubjectKind::Group => format!("Group \"{}\"", subject.name),
        SubjectKind::ServiceAccount(namespace) => format!("ServiceAccount \"{}/{namespace}\"", subject.name),
    };
    format!("RBAC: allowed by {place} of {kind} \"{}\" to {to}", binding.role.name)
}

/// `Group dev`; `ServiceAccount staging/ci`.
pub(crate) fn subject_text(subject: &Subject) -> String {
    match &subject.kind {
        SubjectKind::User => format!("User {}", subject.name),
        SubjectKind::Group => format!("Group {}", subject.name),
        SubjectKind::ServiceAccount(namespace) => format!("ServiceAccount {namespace}/{}", subject.name),
    }
}

/// The part of a rule that is about the request: `get on pods/log`; `* on *.*`.
fn matched(rule: &RoleRule, asked: &Attributes) -> Option<String> {
    Some(match asked {
        Attributes::Resource(asked) => {
            let group = if rule.api_groups.iter().any(|group| group == matching::ALL) {
                matching::ALL
            } else {
                &asked.group
            };
            let what = grouped(matching::resource(rule, asked)?, group);
            let named = if rule.resource_names.is_empty() {
                String::new()
            } else {
                format!(" named {}", quoted(&rule.resource_names))
            };
            format!("{} on {what}{named}", matching::verb(rule, &asked.verb)?)
        }
        Attributes::NonResource(asked) => {
            format!("{} on {}", matching::verb(rule, &asked.verb)?, matching::path(rule, &asked.path)?)
        }
    })
}

/// All of a rule: `get, list on pods, services`; `* on *.apps named "a"`; `get on /healthz`.
pub(crate) fn rule_text(rule: &RoleRule) -> String {
    let verbs = rule.verbs.join(", ");
    if !rule.non_resource_urls.is_empty() {
        return format!("{verbs} on {}", rule.non_resource_urls.join(", "));
    }
    let mut text = format!("{verbs} on {}", resources(rule).join(", "));
    if !rule.resource_names.is_empty() {
        text += &format!(" named {}", quoted(&rule.resource_names));
    }
    text
}

/// The resources of a rule with their groups: `pods`, `deployments.apps`, `*.*`.
fn resources(rule: &RoleRule) -> Vec<String> {
    let of_group = |group| rule.resources.iter().map(move |resource| grouped(resource, group));
    rule.api_groups.iter().flat_map(|group| of_group(group)).collect()
}

/// A resource as people write it: `deployments.apps`, with the subresource behind the group: `deployments.apps/scale`.
fn grouped(resource: &str, group: &str) -> String {
    match (group, resource.split_once('/')) {
        ("", _) => resource.to_owned(),
        (_, Some((resource, subresource))) => format!("{resource}.{group}/{subresource}"),
        (_, None) => format!("{resource}.{group}"),
    }
}

/// `"a", "b"`.
pub(crate) fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}
