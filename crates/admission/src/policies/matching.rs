//! Whether a policy or a binding is about a request.
//!
//! Source: `pkg/admission/plugin/policy/matching` and `pkg/admission/plugin/webhook/predicates` of `k8s.io/apiserver`.

use super::request::{Draft, labels_of};
use crate::Known;
use watertight_base::{Operator, Requirement, Selector};
use watertight_model::{MatchResources, ResourceRule, RuleScope, Snapshot};

/// Whether something is so for all requests that fit a draft, for some, or for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Certainty {
    No,
    Maybe,
    Yes,
}

impl Certainty {
    fn of(known: bool) -> Self {
        if known { Self::Yes } else { Self::No }
    }

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
            Self::Yes => Self::No,
        }
    }
}

/// Whether these are about every request that fits the draft. A binding without rules is about all resources.
pub(super) fn surely_match(of: &MatchResources, draft: &Draft, snapshot: &Snapshot, is_policy: bool) -> bool {
    let excluded = any(&of.excluded, of.equivalent, draft);
    let ruled = match of.rules.is_empty() {
        true => Certainty::of(!is_policy),
        false => any(&of.rules, of.equivalent, draft),
    };
    let all = [excluded.not(), ruled, namespace(&of.namespaces, draft, snapshot), object(&of.objects, draft)];
    all.into_iter().min() == Some(Certainty::Yes)
}

fn any(rules: &[ResourceRule], equivalent: bool, draft: &Draft) -> Certainty {
    rules.iter().map(|rule| matches(rule, equivalent, draft)).max().unwrap_or(Certainty::No)
}

fn matches(rule: &ResourceRule, equivalent: bool, draft: &Draft) -> Certainty {
    let among = |all: &[String], one: &str| all.iter().any(|own| own == "*" || own == one);
    let in_scope = match rule.scope {
        RuleScope::All => true,
        RuleScope::Namespaced => draft.namespace.is_some() && !draft.is_namespace(),
        RuleScope::Cluster => draft.namespace.is_none() || draft.is_namespace(),
    };
    let resource = rule.resources.iter().any(|own| {
        let (name, sub) = own.split_once('/').unwrap_or((own, ""));
        (name == "*" || name == draft.resource) && (sub == "*" || sub == draft.subresource)
    });
    if !(in_scope && resource && among(&rule.operations, draft.operation.name())) {
        return Certainty::No;
    }
    let named = among(&rule.groups, &draft.group) && among(&rule.versions, &draft.version);
    let of_version = match (named, equivalent) {
        (true, _) => Certainty::Yes,
        // Which groups and versions of a resource are one is known to the server.
        (false, true) => Certainty::Maybe,
        (false, false) => Certainty::No,
    };
    of_version.min(if rule.names.is_empty() { Certainty::Yes } else { name(&rule.names, &draft.name) })
}

fn name(names: &[String], known: &Known) -> Certainty {
    match known {
        Known::Text(texts) if texts.iter().all(|text| names.contains(text)) => Certainty::Yes,
        Known::Text(texts) if !texts.iter().any(|text| names.contains(text)) => Certainty::No,
        Known::OtherText(texts) if names.iter().all(|name| texts.contains(name)) => Certainty::No,
        Known::Absent => Certainty::No,
        _ => Certainty::Maybe,
    }
}

fn namespace(selector: &Selector, draft: &Draft, snapshot: &Snapshot) -> Certainty {
    if selector.is_everything() {
        return Certainty::Yes;
    }
    if draft.is_namespace() && draft.subresource.is_empty() {
        return match draft.operation {
            super::Operation::Delete => Certainty::Maybe,
            _ => selected(selector, &draft.object),
        };
    }
    match draft.namespace.as_deref() {
        None => Certainty::Yes,
        Some(name) => match labels_of(snapshot, name) {
            Some(labels) => Certainty::of(selector.matches(labels)),
            None => Certainty::Maybe,
        },
    }
}

/// One of the object as it would be and as it was is enough.
fn object(selector: &Selector, draft: &Draft) -> Certainty {
    if selector.is_everything() {
        return Certainty::Yes;
    }
    let of = |object: &Known| match object {
        Known::Absent => Certainty::No,
        object => selected(selector, object),
    };
    of(&draft.object).max(of(&draft.old))
}

fn selected(selector: &Selector, object: &Known) -> Certainty {
    let each = selector.requirements.iter().map(|asked| meets(asked, Draft::label(object, &asked.key)));
    each.min().unwrap_or(Certainty::Yes)
}

fn meets(asked: &Requirement, label: &Known) -> Certainty {
    let (there, one_of) = match label {
        Known::Absent => (Certainty::No, Certainty::No),
        Known::Text(_) | Known::OtherText(_) => (Certainty::Yes, name(&asked.values, label)),
        _ => (Certainty::Maybe, Certainty::Maybe),
    };
    match asked.operator {
        Operator::In => one_of,
        Operator::NotIn => one_of.not(),
        Operator::Exists => there,
        Operator::DoesNotExist => there.not(),
    }
}
