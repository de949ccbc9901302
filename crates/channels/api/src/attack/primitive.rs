//! What rights yield: one row of the catalogue each.

use super::apply::Part;
use super::objects::Objects;
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

    /// Whether it lets one act as others in requests with headers of impersonation, and in no other way.
    pub(crate) fn acts_by_headers(&self) -> bool {
        let is_named =
            matches!(self.acts_as, ActsAs::NamedUsers | ActsAs::NamedGroups | ActsAs::NamedServiceAccounts);
        is_named && self.needs.iter().any(Need::is_impersonation)
    }

    /// Whether it does in each of them.
    pub(crate) fn is_in_all(&self, versions: &RangeInclusive<u32>) -> bool {
        self.versions.start() <= versions.start() && versions.end() <= self.versions.end()
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
    /// Whoever holds the ClusterRoles to whose names it is bound, or everybody.
    HoldersOfClusterRoles,
    /// Whoever holds the Roles to whose names it is bound, or any of the namespace.
    HoldersOfRoles,
    /// Whoever holds every right there is.
    HoldersOfEverything,
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
    /// The kind of need.
    pub(crate) of: Of,
    /// Whether its names are those of other objects than the gain's.
    pub(crate) has_own_names: bool,
    /// The need for which the server asks in the same request, so that one principal needs both.
    pub(crate) with: Option<usize>,
}

/// What a need is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// The resources that it lists.
    Listed,
    /// Every object in a namespace, of which no row knows more.
    Objects,
    /// Every object in no namespace, of which no row knows more.
    ClusterObjects,
    /// Every resource, whatever it is.
    Anything,
    /// The objects from which admission policies take parameters.
    Params,
    /// No right at all: a binding to a role, which the closure puts as a right with the verb [`BOUND`], or of what else
    /// is known of that role.
    Bound,
}

/// The verbs of needs of bindings: a binding to a role that is there,
pub(crate) const BOUND: &str = "bound";
/// to one that is not there,
pub(crate) const DANGLING: &str = "dangling";
/// and to one that takes over the rules of others.
pub(crate) const AGGREGATED: &str = "aggregated";

impl Need {
    const NEED: Self = Self {
        verbs: &[],
        resources: &[],
        place: Place::Namespace,
        names: &[],
        of: Of::Listed,
        has_own_names: false,
        with: None,
    };

    /// A right on resources that live in namespaces.
    pub(crate) const fn namespaced(
        verbs: &'static [&'static str],
        resources: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { verbs, resources, ..Self::NEED }
    }

    /// A right on resources that live in namespaces, which has effects everywhere.
    pub(crate) const fn any_namespace(
        verbs: &'static [&'static str],
        resources: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { place: Place::AnyNamespace, ..Self::namespaced(verbs, resources) }
    }

    /// A right on resources that live in none.
    pub(crate) const fn cluster(
        verbs: &'static [&'static str],
        resources: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { place: Place::Cluster, ..Self::namespaced(verbs, resources) }
    }

    /// A right on objects of which no row knows more.
    pub(crate) const fn of(self, of: Of) -> Self {
        Self { of, ..self }
    }

    /// That somebody who is held is bound to such a role.
    pub(crate) const fn bound(
        verbs: &'static [&'static str],
        roles: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { of: Of::Bound, ..Self::namespaced(verbs, roles) }
    }

    /// The same at another place.
    pub(crate) const fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }

    /// The same, to which names a right may be bound and still counts.
    pub(crate) const fn named(self, names: &'static [&'static str]) -> Self {
        Self { names, ..self }
    }

    /// The same, where its names are those of other objects than the gain's.
    pub(crate) const fn own_names(self) -> Self {
        Self { has_own_names: true, ..self }
    }

    /// The same, asked for in the same request as the first need.
    pub(crate) const fn together(self) -> Self {
        self.together_with(0)
    }

    /// The same, asked for in the same request as another need.
    pub(crate) const fn together_with(self, need: usize) -> Self {
        Self { with: Some(need), ..self }
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
    /// In these namespaces, what is in which decides about everything.
    In(&'static [&'static str]),
    /// They are the namespaces: a right holds for that in which it is granted, or to whose names it is bound.
    ///
    /// Source: `RequestInfo` of the API server takes a Namespace for an object in itself.
    Itself,
}

impl Place {
    /// Where a right counts that is granted in this scope with these names: the scopes of what it yields, with the names
    /// that are left.
    pub(crate) fn scopes(self, scope: Option<&str>, names: &[String]) -> Vec<(Option<String>, Vec<String>)> {
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
/// Changing and removing what is there.
pub(crate) const ALTER: &[&str] = &["update", "patch", "delete", "deletecollection"];
/// Reading.
pub(crate) const READ: &[&str] = &["get", "list", "watch"];

impl Need {
    /// The part of a rule that gives the right: its verbs and resources that count, with the groups in which they do.
    ///
    /// A plain `create` carries no name, and so a rule that names objects does not grant it. Who may `patch` an object as
    /// well creates it by server-side apply, which asks for both under the name (see [`super::apply`]).
    pub(crate) fn met_by(&self, rule: &RoleRule, objects: &Objects) -> Option<Part> {
        if self.of == Of::Bound || self.is_bound_to_others(&rule.resource_names) {
            return None;
        }
        if self.of != Of::Listed {
            return self.part_of_objects(rule, objects).map(Part::Whole);
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

    /// The part of a rule that is about objects of which no row knows more. Nothing is created by its name alone here: who
    /// can apply an object can patch it, which counts as well.
    fn part_of_objects(&self, rule: &RoleRule, objects: &Objects) -> Option<RoleRule> {
        let is_plain = |verb: &str| ![CREATE, "deletecollection"].contains(&verb);
        let counts = |verb: &&String| {
            let verb = verb.as_str();
            verb == ALL || self.verbs.contains(&verb) && (rule.resource_names.is_empty() || is_plain(verb))
        };
        let mut part = RoleRule {
            span: rule.span,
            verbs: rule.verbs.iter().filter(counts).cloned().collect(),
            resource_names: rule.resource_names.clone(),
            ..RoleRule::default()
        };
        for group in &rule.api_groups {
            for resource in &rule.resources {
                let is_meant = match self.of {
                    Of::Objects => objects.means(group, resource, self.verbs, &part.verbs, true),
                    Of::ClusterObjects => objects.means(group, resource, self.verbs, &part.verbs, false),
                    Of::Anything => true,
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

    /// Whether a binding to a role of this name, of which this is known, is what is needed.
    pub(crate) fn met_by_bound(&self, what: &[&str], resource: (&str, &str)) -> bool {
        self.of == Of::Bound
            && self.verbs.iter().any(|verb| what.contains(verb))
            && self.resources.contains(&resource)
    }

    /// Whether the right is to impersonate somebody. The server takes it from whoever sent the request, and not from whom
    /// the request impersonates, so that impersonation does not nest.
    ///
    /// Source: <https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/>.
    pub(crate) fn is_impersonation(&self) -> bool {
        self.verbs.iter().any(|verb| verb.starts_with("impersonate"))
    }

    /// Whether names leave nothing of the right that counts.
    fn is_bound_to_others(&self, names: &[String]) -> bool {
        let is_one_of_these = |name: &String| self.names.contains(&name.as_str());
        !self.names.is_empty() && !names.is_empty() && !names.iter().any(is_one_of_these)
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
