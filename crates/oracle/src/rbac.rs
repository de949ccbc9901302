//! RBAC, read plainly: may somebody do something, by walking over all bindings, their roles and their rules.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>. What every server grants by itself is the
//! caller's to give; what the snapshot holds under the same name takes its place.

use crate::matching::selects;
use watertight_model::{
    Admission, Attributes, NonResourceAttributes, Principal, ResourceAttributes, Role, RoleBinding, RoleRule,
    Snapshot, Subject, SubjectKind, User,
};

/// All roles and bindings of a cluster. Whoever changes them calls [`Rbac::settle`].
#[derive(Debug, Clone)]
pub struct Rbac {
    /// ClusterRoles and Roles.
    pub roles: Vec<Role>,
    /// ClusterRoleBindings and RoleBindings.
    pub bindings: Vec<RoleBinding>,
    /// The rules of each role, in the order of the roles, once the controller has written those of aggregated ones.
    settled: Vec<Vec<RoleRule>>,
}

impl Rbac {
    /// What is granted by the roles and bindings that count.
    #[must_use]
    pub fn new(
        snapshot: &Snapshot,
        built_in: (&[Role], &[RoleBinding]),
        counts: impl Fn(Admission) -> bool,
    ) -> Self {
        let mut roles: Vec<Role> =
            snapshot.roles.iter().filter(|role| counts(role.admission)).cloned().collect();
        for role in built_in.0 {
            let is_taken = |other: &Role| {
                other.admission == Admission::Accepted
                    && other.object.namespace == role.object.namespace
                    && other.object.name == role.object.name
            };
            if !snapshot.roles.iter().any(is_taken) {
                roles.push(role.clone());
            }
        }
        let mut bindings: Vec<RoleBinding> =
            snapshot.role_bindings.iter().filter(|binding| counts(binding.admission)).cloned().collect();
        for binding in built_in.1 {
            let is_taken = |other: &RoleBinding| {
                other.admission == Admission::Accepted
                    && other.object.namespace == binding.object.namespace
                    && other.object.name == binding.object.name
            };
            if !snapshot.role_bindings.iter().any(is_taken) {
                bindings.push(binding.clone());
            }
        }
        let mut rbac = Self { roles, bindings, settled: Vec::new() };
        rbac.settle();
        rbac
    }

    /// Writes the rules of aggregated ClusterRoles as the controller does: those of all other ClusterRoles that one of its
    /// selectors selects, again and again until nothing changes.
    pub fn settle(&mut self) {
        self.settled = self.roles.iter().map(|role| role.rules.clone()).collect();
        for _ in 0..=self.roles.len() {
            let before = self.settled.clone();
            for (index, role) in self.roles.iter().enumerate() {
                let Some(selectors) = &role.aggregates else { continue };
                let mut rules = Vec::new();
                for (other, rules_of_other) in self.roles.iter().zip(&before) {
                    let is_selected = other.object.namespace.is_none()
                        && other.object.name != role.object.name
                        && selectors.iter().any(|selector| selects(selector, &other.labels));
                    if is_selected {
                        rules.extend(rules_of_other.iter().cloned());
                    }
                }
                self.settled[index] = rules;
            }
            if self.settled == before {
                return;
            }
        }
    }

    /// Whether somebody may do something.
    #[must_use]
    pub fn allows(&self, user: &User, asked: &Attributes) -> bool {
        self.rights_of(user).allow(asked)
    }

    /// All that somebody is granted, to ask about many times.
    pub(crate) fn rights_of(&self, user: &User) -> Rights<'_> {
        let granted = self.bindings.iter().filter(|binding| names(binding, user));
        Rights {
            are_all: user.groups.iter().any(|group| group == "system:masters"),
            granted: granted
                .map(|binding| (binding.object.namespace.as_deref(), self.rules_of(binding)))
                .collect(),
        }
    }

    /// Whether somebody may do something by this binding.
    #[must_use]
    pub fn grants(&self, binding: &RoleBinding, user: &User, asked: &Attributes) -> bool {
        let granted = vec![(binding.object.namespace.as_deref(), self.rules_of(binding))];
        names(binding, user) && Rights { are_all: false, granted }.allow(asked)
    }

    /// Those of the bindings that are about somebody.
    pub(crate) fn bindings_of<'a>(&'a self, user: &'a User) -> impl Iterator<Item = &'a RoleBinding> {
        self.bindings.iter().filter(|binding| names(binding, user))
    }

    /// The role that a binding names, by its index, if it is there.
    pub(crate) fn role_of(&self, binding: &RoleBinding) -> Option<usize> {
        let namespace = if binding.role.cluster { None } else { binding.object.namespace.as_ref() };
        self.roles.iter().position(|role| {
            role.object.namespace.as_ref() == namespace && role.object.name == binding.role.name
        })
    }

    /// The rules of the role that a binding names; none if it is not there.
    fn rules_of(&self, binding: &RoleBinding) -> &[RoleRule] {
        self.role_of(binding).map_or(&[], |role| &self.settled[role])
    }
}

/// What somebody is granted.
#[derive(Debug)]
pub(crate) struct Rights<'a> {
    /// Whether it is everything.
    are_all: bool,
    /// The rules of each binding, and the namespace in which it holds.
    granted: Vec<(Option<&'a str>, &'a [RoleRule])>,
}

impl Rights<'_> {
    /// Whether they are none at all.
    pub(crate) fn are_none(&self) -> bool {
        !self.are_all && self.granted.is_empty()
    }

    /// Whether they allow something.
    pub(crate) fn allow(&self, asked: &Attributes) -> bool {
        let place = match asked {
            Attributes::Resource(asked) => asked.namespace.as_str(),
            Attributes::NonResource(_) => "",
        };
        self.are_all
            || self.granted.iter().any(|(namespace, rules)| {
                let holds_there = namespace.is_none_or(|namespace| !place.is_empty() && namespace == place);
                holds_there && rules.iter().any(|rule| rule_allows(rule, asked))
            })
    }
}

/// Whether a binding is about somebody.
fn names(binding: &RoleBinding, user: &User) -> bool {
    binding.subjects.iter().any(|subject| is_about(subject, user))
}

/// A ServiceAccount, as the server knows it when it shows its token.
#[must_use]
pub fn account(namespace: &str, name: &str) -> User {
    User {
        name: format!("system:serviceaccount:{namespace}:{name}"),
        groups: vec![
            "system:serviceaccounts".to_owned(),
            format!("system:serviceaccounts:{namespace}"),
            "system:authenticated".to_owned(),
        ],
    }
}

/// Somebody with a name, in no groups but that of everybody who is known.
#[must_use]
pub fn user(name: &str) -> User {
    User { name: name.to_owned(), groups: vec!["system:authenticated".to_owned()] }
}

/// Somebody in a group, of whom nothing else is known.
#[must_use]
pub fn member(group: &str) -> User {
    let mut groups = vec![group.to_owned()];
    if group != "system:authenticated" && group != "system:unauthenticated" {
        groups.push("system:authenticated".to_owned());
    }
    User { name: format!("somebody in {group}"), groups }
}

/// Somebody without credentials.
#[must_use]
pub fn anonymous() -> User {
    User { name: "system:anonymous".to_owned(), groups: vec!["system:unauthenticated".to_owned()] }
}

/// Whether a binding that names a subject is about somebody.
fn is_about(subject: &Subject, user: &User) -> bool {
    match &subject.kind {
        SubjectKind::User => subject.name == user.name,
        SubjectKind::Group => user.groups.contains(&subject.name),
        SubjectKind::ServiceAccount(namespace) => {
            let rest = user.name.strip_prefix("system:serviceaccount:");
            rest.and_then(|rest| rest.split_once(':')) == Some((namespace, &subject.name))
        }
    }
}

/// Whether somebody is, or is in, what a binding can name.
#[must_use]
pub fn is_principal(user: &User, principal: &Principal) -> bool {
    is_about(&Subject { span: None, kind: principal.kind.clone(), name: principal.name.clone() }, user)
}

/// Whether one rule is about a request.
pub(crate) fn rule_allows(rule: &RoleRule, asked: &Attributes) -> bool {
    match asked {
        Attributes::Resource(asked) => resource_rule_allows(rule, asked),
        Attributes::NonResource(asked) => url_rule_allows(rule, asked),
    }
}

/// Verb, group, resource and name, all of which must be meant.
fn resource_rule_allows(rule: &RoleRule, asked: &ResourceAttributes) -> bool {
    let is_meant = |written: &str| match written.split_once('/') {
        _ if written == "*" => true,
        None => asked.subresource.is_empty() && written == asked.resource,
        Some((resource, subresource)) => {
            !asked.subresource.is_empty()
                && subresource == asked.subresource
                && (resource == "*" || resource == asked.resource)
        }
    };
    has(&rule.verbs, &asked.verb)
        && has(&rule.api_groups, &asked.group)
        && rule.resources.iter().any(|resource| is_meant(resource))
        && (rule.resource_names.is_empty() || rule.resource_names.contains(&asked.name))
}

fn url_rule_allows(rule: &RoleRule, asked: &NonResourceAttributes) -> bool {
    let url_is_meant = rule.non_resource_urls.iter().any(|url| match url.strip_suffix('*') {
        Some(beginning) => asked.path.starts_with(beginning.trim_end_matches('*')),
        None => *url == asked.path,
    });
    has(&rule.verbs, &asked.verb) && url_is_meant
}

/// Whether a list holds a word, or the star that stands for all.
fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|listed| listed == "*" || listed == word)
}
