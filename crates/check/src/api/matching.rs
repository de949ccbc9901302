//! What a rule of a role gives of a right that a row of the catalogue needs.

use super::claim::Bounds;
use super::objects::Objects;
use std::borrow::Cow;
use std::collections::BTreeSet;
use watertight_kubernetes::{Need, Of, Place};
use watertight_model::RoleRule;

/// What a rule gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gives {
    /// The right.
    Whole,
    /// Half of it, for these of the need's resources: to create objects of some names, which takes `patch` too.
    Creates(BTreeSet<usize>),
    /// The other half: server-side apply of what is not there asks for both.
    Patches(BTreeSet<usize>),
}

/// The verbs of requests that may be without a name. The server asks for `escalate` under that of the request, and who
/// creates a role has given none.
const WITHOUT_NAME: [&str; 5] = ["create", "list", "watch", "deletecollection", "escalate"];

/// A rule, taken apart by the names in it. The server compares them with that of the request, which is empty where it has
/// none: then the empty name grants it, and of objects every one.
pub(crate) fn by_names(rule: &RoleRule) -> Vec<Cow<'_, RoleRule>> {
    let (empty, names): (Vec<_>, Vec<_>) = rule.resource_names.iter().cloned().partition(String::is_empty);
    if empty.is_empty() {
        return vec![Cow::Borrowed(rule)];
    }
    let mut parts = Vec::new();
    if !names.is_empty() {
        parts.push(Cow::Owned(RoleRule { resource_names: names, ..rule.clone() }));
    }
    let mut open = RoleRule { resource_names: Vec::new(), ..rule.clone() };
    // Only what approves certificates of nodes asks about parts of objects without a name.
    let is_asked = |resource: &String| !resource.contains('/') || resource.ends_with("nodeclient");
    open.resources.retain(is_asked);
    open.verbs = match rule.verbs.iter().any(|verb| verb == "*") {
        true => WITHOUT_NAME.map(str::to_owned).to_vec(),
        false => rule.verbs.iter().filter(|verb| WITHOUT_NAME.contains(&verb.as_str())).cloned().collect(),
    };
    parts.push(Cow::Owned(open));
    parts
}

/// What a rule gives of a need, if anything.
pub(crate) fn gives(need: &Need, rule: &RoleRule, objects: &Objects) -> Option<Gives> {
    let names = &rule.resource_names;
    let counts = |name: &String| need.names.contains(&name.as_str());
    if !need.names.is_empty() && !names.is_empty() && !names.iter().any(counts) {
        return None;
    }
    match need.of {
        // A binding gives that, and no rule.
        Of::Bound => None,
        Of::Listed => listed(need, rule),
        Of::Objects | Of::ClusterObjects | Of::Anything | Of::Params | Of::UnknownParts => {
            unlisted(need, rule, objects)
        }
    }
}

fn listed(need: &Need, rule: &RoleRule) -> Option<Gives> {
    let is_meant = |(group, resource): (&str, &str)| {
        rule.api_groups.iter().any(|written| written == "*" || written == group)
            && rule.resources.iter().any(|written| means(written, resource))
    };
    let meant = (0..need.resources.len()).filter(|&index| is_meant(need.resources[index]));
    let meant: BTreeSet<usize> = meant.collect();
    let is_part = |index: usize| need.resources[index].1.contains('/');
    // What is created or deleted in bulk has no name in the request, but as a part of another object.
    let carries_a_name = |index: usize, verb: &str| is_part(index) || !is_without_name(verb);
    let is_given = |index: usize| {
        rule.verbs.iter().any(|verb| {
            verb == "*"
                || need.verbs.contains(&verb.as_str())
                    && (rule.resource_names.is_empty() || carries_a_name(index, verb))
        })
    };
    if meant.iter().any(|&index| is_given(index)) {
        return Some(Gives::Whole);
    }
    let whole: BTreeSet<usize> = meant.into_iter().filter(|&index| !is_part(index)).collect();
    if whole.is_empty() || !need.verbs.contains(&"create") || need.verbs.contains(&"patch") {
        return None;
    }
    let has = |wanted: &str| rule.verbs.iter().any(|verb| verb == wanted);
    match (has("create"), has("patch")) {
        (true, true) => Some(Gives::Whole),
        (true, false) => Some(Gives::Creates(whole)),
        (false, true) => Some(Gives::Patches(whole)),
        (false, false) => None,
    }
}

fn unlisted(need: &Need, rule: &RoleRule, objects: &Objects) -> Option<Gives> {
    let mut verbs: Vec<&str> = Vec::new();
    for verb in &rule.verbs {
        if verb == "*" {
            verbs.extend(need.verbs);
        } else if need.verbs.contains(&verb.as_str())
            && (rule.resource_names.is_empty() || !is_without_name(verb))
        {
            verbs.push(verb);
        }
    }
    if verbs.is_empty() {
        return None;
    }
    let is_meant = |group: &str, resource: &str| match need.of {
        Of::Objects => objects.are_meant(group, resource, &verbs, true),
        Of::ClusterObjects => objects.are_meant(group, resource, &verbs, false),
        Of::UnknownParts => objects.may_do_anything(group, resource),
        Of::Params => objects.params.iter().any(|params| params.are(group, resource)),
        _ => true,
    };
    let mut groups = rule.api_groups.iter();
    let given = groups.any(|group| rule.resources.iter().any(|resource| is_meant(group, resource)));
    given.then_some(Gives::Whole)
}

fn is_without_name(verb: &str) -> bool {
    ["create", "deletecollection"].contains(&verb)
}

/// Whether the resource of a rule means this one, with its subresource behind a slash.
pub(crate) fn means(written: &str, resource: &str) -> bool {
    let part = resource.split_once('/').map(|(_, part)| part);
    written == "*" || written == resource || part.is_some() && written.strip_prefix("*/") == part
}

/// Within which bounds a right counts that is granted in a scope, bound to these names.
pub(crate) fn counts(place: Place, scope: Option<&str>, names: &[String]) -> Vec<Bounds> {
    let names: BTreeSet<String> = names.iter().cloned().collect();
    let scope = scope.map(str::to_owned);
    match place {
        Place::Namespace => vec![Bounds { scope, names }],
        // What lives in no namespace is granted everywhere or not at all.
        Place::Cluster if scope.is_some() => Vec::new(),
        Place::Cluster | Place::AnyNamespace => vec![Bounds { scope: None, names }],
        Place::In(namespaces) => {
            let is_there = scope.as_deref().is_none_or(|scope| namespaces.contains(&scope));
            is_there.then_some(Bounds { scope: None, names }).into_iter().collect()
        }
        Place::Itself if names.is_empty() => vec![Bounds { scope, names }],
        Place::Itself => {
            let named = names.into_iter().filter(|name| scope.as_ref().is_none_or(|scope| scope == name));
            named.map(|name| Bounds { scope: Some(name), names: BTreeSet::new() }).collect()
        }
    }
}
