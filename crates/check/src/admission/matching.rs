//! Whether a policy or a binding is about a request, for certain.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#match-constraints>.

use super::draft::{Object, Request, labels_of};
use super::value::{Item, Truth};
use watertight_base::{Operator, Requirement, Selector};
use watertight_model::{MatchResources, ResourceRule, RuleScope, Snapshot};

/// Whether they are about each such request. A binding without rules is about all resources, and a policy about none.
pub(super) fn surely_about(
    of: &MatchResources,
    request: &Request<'_>,
    snapshot: &Snapshot,
    is_policy: bool,
) -> bool {
    let any = |rules: &[ResourceRule]| {
        let each = rules.iter().map(|rule| by_rule(rule, of.equivalent, request));
        Truth::all(each.map(Truth::not)).not()
    };
    let by_rules = match of.rules.is_empty() {
        true => Truth::sure(!is_policy),
        false => any(&of.rules),
    };
    let selected = by_namespace(&of.namespaces, request, snapshot);
    let all = Truth::all([by_rules, any(&of.excluded).not(), selected, by_object(&of.objects, request)]);
    all == Truth::sure(true)
}

fn by_rule(rule: &ResourceRule, equivalent: bool, request: &Request<'_>) -> Truth {
    let says = |words: &[String], word: &str| words.iter().any(|it| it == "*" || it == word);
    let kind = request.kind;
    let in_scope = match rule.scope {
        RuleScope::All => true,
        RuleScope::Namespaced => !kind.is_namespace(),
        RuleScope::Cluster => kind.is_namespace(),
    };
    let is_meant = |resource: &String| {
        let (name, part) = resource.split_once('/').unwrap_or((resource, ""));
        ["*", kind.resource.as_str()].contains(&name) && ["*", request.subresource].contains(&part)
    };
    if !in_scope || !rule.resources.iter().any(is_meant) || !says(&rule.operations, request.operation) {
        return Truth::sure(false);
    }
    let is_version = says(&rule.groups, &kind.group) && says(&rule.versions, &kind.version);
    let by_version = match (is_version, equivalent) {
        (true, _) => Truth::sure(true),
        // Which versions are one to the server is not in the input.
        (false, true) => Truth::EITHER,
        (false, false) => Truth::sure(false),
    };
    let by_name = match (rule.names.is_empty(), kind.is_namespace()) {
        (true, _) => Truth::sure(true),
        (false, true) => Truth::sure(rule.names.iter().any(|name| name == request.namespace)),
        (false, false) => Truth::EITHER,
    };
    Truth::all([by_version, by_name])
}

fn by_namespace(selector: &Selector, request: &Request<'_>, snapshot: &Snapshot) -> Truth {
    if selector.is_everything() {
        return Truth::sure(true);
    }
    // A namespace is looked at as it would be.
    if request.kind.is_namespace() && request.subresource.is_empty() {
        return selected(selector, request.object);
    }
    match labels_of(snapshot, request.namespace) {
        Some(labels) => Truth::sure(selector.matches(labels)),
        None => Truth::EITHER,
    }
}

/// The object as it would be, or as it was: of that nothing is known.
fn by_object(selector: &Selector, request: &Request<'_>) -> Truth {
    if selector.is_everything() {
        return Truth::sure(true);
    }
    let new = selected(selector, request.object);
    match request.operation {
        "CREATE" => new,
        _ => Truth { no: new.no, ..Truth::EITHER },
    }
}

fn selected(selector: &Selector, object: &Object) -> Truth {
    let meets = |asked: &Requirement| {
        let each = object.label(&asked.key).into_iter().map(|label| meets(asked, &label));
        each.fold(Truth::default(), Truth::or)
    };
    Truth::all(selector.requirements.iter().map(meets))
}

/// Whether a label, an error if there is none, meets a requirement.
fn meets(asked: &Requirement, label: &Item) -> Truth {
    let one_of = match label {
        Item::Error => Truth::sure(false),
        Item::Text(text) => Truth::sure(asked.values.contains(text)),
        Item::OtherText(left) if asked.values.iter().all(|value| left.contains(value)) => Truth::sure(false),
        _ => Truth::EITHER,
    };
    let there = match label {
        Item::Error => Truth::sure(false),
        Item::Unknown => Truth::EITHER,
        _ => Truth::sure(true),
    };
    match asked.operator {
        Operator::In => one_of,
        Operator::NotIn => one_of.not(),
        Operator::Exists => there,
        Operator::DoesNotExist => there.not(),
    }
}
