//! What rights yield: one row of the catalogue each.

use super::apply::Part;
use crate::matching::ALL;
use std::ops::RangeInclusive;
use watertight_model::{Gain, RoleRule};

/// A way to come to something: rights that are needed together, and what they yield.
#[derive(Debug)]
pub(crate) struct Primitive {
    /// The rule, which has a page.
    pub(crate) rule: &'static str,
    /// The rights, all of which are needed.
    pub(crate) needs: &'static [Need],
    /// What they yield.
    pub(crate) gain: Gain,
    /// Whom they let one act as.
    pub(crate) acts_as: ActsAs,
    /// The minor versions of Kubernetes in which they do.
    pub(crate) versions: RangeInclusive<u32>,
    /// What can be done by it, where `{}` stands for the place: `run any code in {}`.
    pub(crate) does: &'static str,
    /// How to close it, besides taking the right away.
    pub(crate) fix: &'static str,
}

impl Primitive {
    /// Whether it does anything in one of these versions.
    pub(crate) fn is_in_any(&self, versions: &RangeInclusive<u32>) -> bool {
        self.versions.start() <= versions.end() && versions.start() <= self.versions.end()
    }
}

/// Whom a right lets one act as, besides what it yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ActsAs {
    /// Nobody else.
    Nobody,
    /// The ServiceAccounts of the namespace.
    ServiceAccounts,
    /// The ServiceAccounts to whose names it is bound, or all of the namespace.
    NamedServiceAccounts,
    /// The users to whose names it is bound, or everybody.
    NamedUsers,
    /// The groups to whose names it is bound, or everybody.
    NamedGroups,
}

/// Every version.
pub(crate) const EVER: RangeInclusive<u32> = 0..=u32::MAX;

/// A right: any of some verbs on any of some resources.
#[derive(Debug)]
pub(crate) struct Need {
    pub(crate) verbs: &'static [&'static str],
    /// API group and resource, with its subresource behind a slash.
    pub(crate) resources: &'static [(&'static str, &'static str)],
    pub(crate) place: Place,
    /// The names to which a right may be bound and still counts; empty for any.
    pub(crate) names: &'static [&'static str],
}

impl Need {
    /// A right on resources that live in namespaces.
    pub(crate) const fn namespaced(
        verbs: &'static [&'static str],
        resources: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { verbs, resources, place: Place::Namespace, names: &[] }
    }

    /// A right on resources that live in namespaces, which has effects everywhere.
    pub(crate) const fn any_namespace(
        verbs: &'static [&'static str],
        resources: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { verbs, resources, place: Place::AnyNamespace, names: &[] }
    }

    /// A right on resources that live in none.
    pub(crate) const fn cluster(
        verbs: &'static [&'static str],
        resources: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { verbs, resources, place: Place::Cluster, names: &[] }
    }
}

/// Where the resources of a right live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In namespaces: a right holds where it is granted.
    Namespace,
    /// In none: only what is granted everywhere counts.
    Cluster,
    /// In namespaces, and what is done in any of them has effects everywhere.
    AnyNamespace,
}

/// Creating and changing.
pub(crate) const CHANGE: &[&str] = &["create", "update", "patch"];
/// Changing what is there.
pub(crate) const EDIT: &[&str] = &["update", "patch"];
/// Everything but reading.
pub(crate) const WRITE: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];
/// Taking away.
pub(crate) const DELETE: &[&str] = &["delete", "deletecollection"];
/// What the methods of HTTP are authorized by where the server passes a request on.
pub(crate) const CONNECT: &[&str] = &["get", "create", "update", "patch", "delete"];
/// Reading.
pub(crate) const READ: &[&str] = &["get", "list", "watch"];

impl Need {
    /// The part of a rule that gives the right: its verbs and resources that count, with the groups in which they do.
    ///
    /// A plain `create` carries no name, and so a rule that names objects does not grant it. Who may `patch` an object as
    /// well creates it by server-side apply, which asks for both under the name (see [`super::apply`]).
    pub(crate) fn met_by(&self, rule: &RoleRule) -> Option<Part> {
        let is_bound_to_others = !self.names.is_empty()
            && !rule.resource_names.is_empty()
            && !rule.resource_names.iter().any(|name| self.names.contains(&name.as_str()));
        if is_bound_to_others {
            return None;
        }
        if let Some(part) = self.part(rule, |verb, resource| {
            self.verbs.contains(&verb) && (rule.resource_names.is_empty() || carries_a_name(verb, resource))
        }) {
            return Some(Part::Whole(part));
        }
        if !self.verbs.contains(&CREATE) || self.verbs.contains(&PATCH) {
            return None;
        }
        let half = |half: &str| self.part(rule, |verb, resource| verb == half && !is_subresource(resource));
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
    fn part(&self, rule: &RoleRule, counts: impl Fn(&str, &str) -> bool) -> Option<RoleRule> {
        let mut part =
            RoleRule { span: rule.span, resource_names: rule.resource_names.clone(), ..RoleRule::default() };
        for group in &rule.api_groups {
            for resource in &rule.resources {
                for &(of_group, of_resource) in self.resources {
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

    /// Whether two parts of rules are about one of the resources of the right, both of them.
    pub(super) fn is_about_both(&self, one: &RoleRule, other: &RoleRule) -> bool {
        self.resources.iter().any(|&(group, resource)| {
            [one, other].into_iter().all(|rule| {
                rule.api_groups.iter().any(|written| written == ALL || written == group)
                    && rule.resources.iter().any(|written| means(written, resource))
            })
        })
    }
}

/// Making an object.
pub(crate) const CREATE: &str = "create";
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
fn means(written: &str, resource: &str) -> bool {
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
