//! What a derivation says that somebody holds, as requests that can be made with it.

use super::actor::Actor;
use super::server::{Served, Server};
use std::collections::BTreeSet;
use watertight_model::{Gain, Principal, RoleRule, SubjectKind};

/// A right, and who can use it.
#[derive(Clone)]
pub(crate) struct Right {
    pub(crate) actor: Actor,
    pub(crate) rule: RoleRule,
    /// Where it is granted; `None` for everywhere.
    pub(crate) scope: Option<String>,
}

/// One thing that can be done: a verb on a resource of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deed {
    pub(crate) verb: String,
    pub(crate) group: String,
    /// With what is below it behind a slash.
    pub(crate) resource: String,
}

impl Deed {
    pub(crate) fn new(verb: &str, group: &str, resource: &str) -> Self {
        Self { verb: verb.to_owned(), group: group.to_owned(), resource: resource.to_owned() }
    }
}

/// Which objects a rule means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Anything,
    /// Those in namespaces.
    Namespaced,
    /// Those in none.
    Cluster,
}

impl About {
    pub(crate) fn of(rule: &str) -> Self {
        match rule {
            "change-objects" | "read-objects" | "system-objects" => Self::Namespaced,
            "change-cluster-objects" => Self::Cluster,
            _ => Self::Anything,
        }
    }
}

/// What something yields: the rights that are needed for it, and whose Role it hangs on.
pub(crate) struct Gained {
    pub(crate) rule: &'static str,
    pub(crate) gain: Gain,
    pub(crate) rights: Vec<Right>,
    /// Those of whom nothing is needed but that they are bound to a role.
    pub(crate) bound: Vec<Actor>,
    pub(crate) scope: Option<String>,
    pub(crate) names: Vec<String>,
}

impl Gained {
    /// The first right about a resource with one of some verbs.
    pub(crate) fn right(&self, verbs: &[&str], group: &str, resources: &[&str]) -> Option<&Right> {
        let is_meant = |right: &&Right| {
            verbs.iter().any(|verb| resources.iter().any(|resource| right.allows(verb, group, resource)))
        };
        self.rights.iter().find(is_meant)
    }
}

impl Right {
    /// Whether it is about such a request, whatever the name.
    pub(crate) fn allows(&self, verb: &str, group: &str, resource: &str) -> bool {
        let has = |list: &[String], wanted: &str| list.iter().any(|one| one == "*" || one == wanted);
        let below = resource.split_once('/').map(|(_, below)| format!("*/{below}"));
        has(&self.rule.verbs, verb)
            && has(&self.rule.api_groups, group)
            && (has(&self.rule.resources, resource)
                || below.is_some_and(|below| self.rule.resources.contains(&below)))
    }

    /// The first of some verbs that it has.
    pub(crate) fn verb<'v>(&self, verbs: &[&'v str]) -> Option<&'v str> {
        let has = |verb: &&&str| self.rule.verbs.iter().any(|one| one == "*" || one == **verb);
        verbs.iter().find(has).copied()
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.rule.resource_names
    }

    /// What the server can be asked by it: all that it spells out. Where it says `*`, or `*/scale`, some of what the rule is
    /// about stands for that.
    pub(crate) fn deeds(&self, server: &Server, usual: &[Deed], about: About) -> Vec<Deed> {
        let mut deeds = BTreeSet::new();
        let verbs: BTreeSet<&str> = self.rule.verbs.iter().map(String::as_str).collect();
        for group in self.rule.api_groups.iter().filter(|group| *group != "*") {
            for resource in self.rule.resources.iter().filter(|resource| !resource.starts_with('*')) {
                let Some(served) =
                    server.served(group, resource).filter(|&served| self.counts(served, about))
                else {
                    continue;
                };
                let spelled = verbs.iter().filter(|verb| served.verbs.iter().any(|known| known == *verb));
                deeds.extend(spelled.map(|verb| Deed::new(verb, group, resource)));
            }
        }
        if deeds.is_empty() {
            deeds.extend(usual.iter().flat_map(|deed| self.as_usual(server, deed, about)));
        }
        if deeds.is_empty() {
            deeds.extend(self.meant(server, about));
        }
        deeds.into_iter().collect()
    }

    /// What stands for a star, with the verbs that the rule has; the usual one, if that is a star too.
    fn as_usual(&self, server: &Server, deed: &Deed, about: About) -> Vec<Deed> {
        let Deed { group, resource, .. } = deed;
        let Some(served) = server.served(group, resource).filter(|&served| self.counts(served, about)) else {
            return Vec::new();
        };
        let spelled = self.rule.verbs.iter().filter(|verb| served.verbs.contains(verb));
        let mut verbs: BTreeSet<&String> = spelled.collect();
        if verbs.is_empty() {
            verbs.insert(&deed.verb);
        }
        let has_no_name = |verb: &str| verb == "deletecollection" && !self.names().is_empty();
        let can = verbs.into_iter().filter(|verb| !has_no_name(verb) && self.allows(verb, group, resource));
        can.map(|verb| Deed::new(verb, group, resource)).collect()
    }

    /// One for each pair of verb and resource that the stars of a rule mean.
    fn meant(&self, server: &Server, about: About) -> Vec<Deed> {
        let mut deeds = Vec::new();
        for group in &self.rule.api_groups {
            for resource in &self.rule.resources {
                for (group, resource) in server.meant(group, resource) {
                    let verbs = self.rule.verbs.iter().filter(|verb| *verb != "*");
                    deeds.extend(verbs.map(|verb| Deed::new(verb, group, &resource)));
                }
            }
        }
        deeds.retain(|deed| {
            let served = server.served(&deed.group, &deed.resource);
            served.is_some_and(|served| served.verbs.contains(&deed.verb) && self.counts(served, about))
        });
        deeds
    }

    /// Whether a resource lives where the right counts.
    fn counts(&self, served: Served<'_>, about: About) -> bool {
        let resource = served.resource;
        let is_there = resource.namespaced || resource.plural == "namespaces" || self.scope.is_none();
        is_there
            && match about {
                About::Anything => true,
                About::Namespaced => resource.namespaced,
                About::Cluster => !resource.namespaced,
            }
    }
}

/// One who has all of some rights, where there are such: somebody rather than a group in which they are.
pub(crate) fn one_who_has<'a>(rights: &[&'a Right]) -> Option<&'a Actor> {
    let is_group = |principal: &Principal| principal.kind == SubjectKind::Group;
    let not_group = rights.iter().find(|right| !is_group(&right.actor.principal));
    not_group.or_else(|| rights.first()).map(|right| &right.actor)
}
