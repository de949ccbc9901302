//! What rights yield: one row of the catalogue each.

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
}

/// Creating and changing.
pub(crate) const CHANGE: &[&str] = &["create", "update", "patch"];
/// Changing what is there.
pub(crate) const EDIT: &[&str] = &["update", "patch"];
/// Everything but reading.
pub(crate) const WRITE: &[&str] = &["create", "update", "patch", "delete", "deletecollection"];
/// Reading.
pub(crate) const READ: &[&str] = &["get", "list", "watch"];

impl Need {
    /// The part of a rule that gives the right: its verbs and resources that count, with the groups in which they do.
    pub(crate) fn met_by(&self, rule: &RoleRule) -> Option<RoleRule> {
        let verbs: Vec<String> = rule
            .verbs
            .iter()
            .filter(|verb| *verb == ALL || self.verbs.contains(&verb.as_str()))
            .cloned()
            .collect();
        let is_bound_to_others = !self.names.is_empty()
            && !rule.resource_names.is_empty()
            && !rule.resource_names.iter().any(|name| self.names.contains(&name.as_str()));
        if verbs.is_empty() || is_bound_to_others {
            return None;
        }
        let mut met = RoleRule {
            span: rule.span,
            verbs,
            resource_names: rule.resource_names.clone(),
            ..RoleRule::default()
        };
        for group in &rule.api_groups {
            for resource in &rule.resources {
                let is_meant = |&(of_group, of_resource): &(&str, &str)| {
                    (group == ALL || group == of_group) && means(resource, of_resource)
                };
                if self.resources.iter().any(is_meant) {
                    push(&mut met.api_groups, group);
                    push(&mut met.resources, resource);
                }
            }
        }
        (!met.resources.is_empty()).then_some(met)
    }
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
