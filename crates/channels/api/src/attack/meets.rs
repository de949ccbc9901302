//! Which part of a rule gives a right that a row of the catalogue needs, and where it counts.

use super::apply::Part;
use super::objects::Objects;
use crate::matching::{ALL, by_names};
use watertight_kubernetes::{CREATE, Need, Of, Place};
use watertight_model::RoleRule;

/// What gives a right.
pub(super) trait Meets {
    /// The part of a rule that gives the right: its verbs and resources that count, with the groups in which they do.
    ///
    /// A plain `create` carries no name, and so a rule that names objects does not grant it. Who may `patch` an object as
    /// well creates it by server-side apply, which asks for both under the name (see [`super::apply`]).
    fn met_by(&self, rule: &RoleRule, objects: &Objects) -> Option<Part>;

    /// Whether a binding to a role of this name, of which this is known, is what is needed.
    fn met_by_bound(&self, what: &[&str], resource: (&str, &str)) -> bool;

    /// Whether two parts of rules are about one of the resources of the right, both of them.
    fn is_about_both(&self, one: &RoleRule, other: &RoleRule) -> bool;
}

impl Meets for Need {
    fn met_by(&self, rule: &RoleRule, objects: &Objects) -> Option<Part> {
        by_names(rule).iter().find_map(|part| met_by_part(self, part, objects))
    }

    fn met_by_bound(&self, what: &[&str], resource: (&str, &str)) -> bool {
        self.of == Of::Bound
            && self.verbs.iter().any(|verb| what.contains(verb))
            && self.resources.contains(&resource)
    }

    fn is_about_both(&self, one: &RoleRule, other: &RoleRule) -> bool {
        self.resources.iter().any(|&(group, resource)| {
            [one, other].into_iter().all(|rule| {
                rule.api_groups.iter().any(|written| written == ALL || written == group)
                    && rule.resources.iter().any(|written| means(written, resource))
            })
        })
    }
}

/// What one part of a rule, by the names in it, gives of a right.
fn met_by_part(need: &Need, rule: &RoleRule, objects: &Objects) -> Option<Part> {
    if need.of == Of::Bound || is_bound_to_others(need, &rule.resource_names) {
        return None;
    }
    if need.of != Of::Listed {
        return part_of_objects(need, rule, objects).map(Part::Whole);
    }
    if let Some(part) = part(need, rule, |verb, resource| {
        need.verbs.contains(&verb) && (rule.resource_names.is_empty() || carries_a_name(verb, resource))
    }) {
        return Some(Part::Whole(part));
    }
    if !need.verbs.contains(&CREATE) || need.verbs.contains(&PATCH) {
        return None;
    }
    let half = |half: &str| part(need, rule, |verb, resource| verb == half && !is_subresource(resource));
    match (half(CREATE), half(PATCH)) {
        (Some(mut part), Some(_)) => {
            part.verbs.push(PATCH.to_owned());
            Some(Part::Whole(part))
        }
        (Some(part), None) => Some(Part::Creates(part)),
        (None, Some(part)) => Some(Part::Patches(part)),
        (None, None) => None,
    }
}

/// The part of a rule with the verbs that count on one of the resources of the right.
fn part(need: &Need, rule: &RoleRule, counts: impl Fn(&str, &str) -> bool) -> Option<RoleRule> {
    let mut part =
        RoleRule { span: rule.span, resource_names: rule.resource_names.clone(), ..RoleRule::default() };
    for group in &rule.api_groups {
        for resource in &rule.resources {
            for &(of_group, of_resource) in need.resources {
                if (group != ALL && group != of_group) || !means(resource, of_resource) {
                    continue;
                }
                for verb in rule.verbs.iter().filter(|verb| *verb == ALL || counts(verb, of_resource)) {
                    push(&mut part.verbs, verb);
                    push(&mut part.api_groups, group);
                    push(&mut part.resources, resource);
                }
            }
        }
    }
    (!part.verbs.is_empty()).then_some(part)
}

/// The part of a rule that is about objects of which no row knows more. Nothing is created by its name alone here: who
/// can apply an object can patch it, which counts as well.
fn part_of_objects(need: &Need, rule: &RoleRule, objects: &Objects) -> Option<RoleRule> {
    let is_plain = |verb: &str| ![CREATE, "deletecollection"].contains(&verb);
    let counts = |verb: &&String| {
        let verb = verb.as_str();
        verb == ALL || need.verbs.contains(&verb) && (rule.resource_names.is_empty() || is_plain(verb))
    };
    let mut part = RoleRule {
        span: rule.span,
        verbs: rule.verbs.iter().filter(counts).cloned().collect(),
        resource_names: rule.resource_names.clone(),
        ..RoleRule::default()
    };
    for group in &rule.api_groups {
        for resource in &rule.resources {
            let is_meant = match need.of {
                Of::Objects => objects.means(group, resource, need.verbs, &part.verbs, true),
                Of::ClusterObjects => objects.means(group, resource, need.verbs, &part.verbs, false),
                Of::Anything => true,
                Of::UnknownParts => objects.has_unknown_parts(group, resource),
                Of::Params => objects.params.iter().any(|params| params.are(group, resource)),
                Of::Listed | Of::Bound => false,
            };
            if is_meant {
                push(&mut part.api_groups, group);
                push(&mut part.resources, resource);
            }
        }
    }
    (!part.verbs.is_empty() && !part.resources.is_empty()).then_some(part)
}

/// Whether names leave nothing of the right that counts.
fn is_bound_to_others(need: &Need, names: &[String]) -> bool {
    let is_one_of_these = |name: &String| need.names.contains(&name.as_str());
    !need.names.is_empty() && !names.is_empty() && !names.iter().any(is_one_of_these)
}

/// Where a right counts.
pub(super) trait Scopes {
    /// Where a right counts that is granted in this scope with these names: the scopes of what it yields, with the names
    /// that are left.
    fn scopes(self, scope: Option<&str>, names: &[String]) -> Vec<(Option<String>, Vec<String>)>;
}

impl Scopes for Place {
    fn scopes(self, scope: Option<&str>, names: &[String]) -> Vec<(Option<String>, Vec<String>)> {
        let here = |scope: Option<&str>| vec![(scope.map(str::to_owned), names.to_vec())];
        match (self, scope) {
            (Self::Cluster, Some(_)) => Vec::new(),
            (Self::Namespace, _) | (Self::Cluster | Self::AnyNamespace, None) => here(scope),
            (Self::AnyNamespace, Some(_)) => here(None),
            (Self::In(namespaces), Some(scope)) if !namespaces.contains(&scope) => Vec::new(),
            (Self::In(_), _) => here(None),
            (Self::Itself, _) if names.is_empty() => here(scope),
            (Self::Itself, _) => names
                .iter()
                .filter(|name| scope.is_none_or(|scope| scope == *name))
                .map(|name| (Some(name.clone()), Vec::new()))
                .collect(),
        }
    }
}

/// Changing a part of one, or applying it.
const PATCH: &str = "patch";

/// Whether a request with this verb can carry the name of an object. `list` and `watch` do where they ask for it by
/// `fieldSelector=metadata.name=…`, and what is below an object always does.
fn carries_a_name(verb: &str, resource: &str) -> bool {
    is_subresource(resource) || ![CREATE, "deletecollection"].contains(&verb)
}

fn is_subresource(resource: &str) -> bool {
    resource.contains('/')
}

/// Whether the resource of a rule means this one, with its subresource behind a slash.
pub(super) fn means(written: &str, resource: &str) -> bool {
    let subresource = resource.split_once('/').map(|(_, subresource)| subresource);
    written == ALL
        || written == resource
        || subresource.is_some() && written.strip_prefix("*/") == subresource
}

fn push(list: &mut Vec<String>, text: &str) {
    if !list.iter().any(|known| known == text) {
        list.push(text.to_owned());
    }
}
