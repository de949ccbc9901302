//! The rights of everybody in the claimed set, and what they yield together.

use super::claim::{Bounds, Claim};
use super::matching::{Gives, by_names, counts, gives};
use super::objects::Objects;
use super::params::Params;
use super::people::account_of;
use super::roles::{Roles, subjects};
use std::borrow::Cow;
use std::collections::BTreeSet;
use watertight_kubernetes::{AGGREGATED, ActsAs, BOUND, DANGLING, Need, Of, Primitive};
use watertight_model::{Admission, Principal, Role, RoleBinding, RoleRule, SubjectKind};

/// All that is granted to the claimed set.
pub(crate) struct Rights<'s> {
    objects: &'s Objects,
    /// The rules by their names, each where it is granted and to whom; to no one in particular where anybody can be bound to
    /// the role.
    rules: Vec<(Cow<'s, RoleRule>, Option<&'s str>, Option<Principal>)>,
    /// Those who impersonate nobody, since a request as them has headers of impersonation already.
    impersonated: &'s BTreeSet<Principal>,
    /// The bindings, each with what is known of its role.
    bound: Vec<(&'s RoleBinding, Vec<&'static str>, Principal)>,
}

/// A right to one need of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Right {
    bounds: Bounds,
    /// Who has it; `None` for whoever they are, or if it does not count.
    who: Option<Principal>,
}

/// Half of a right to create objects of some names, of some resources of a need.
struct Half<'r> {
    scope: Option<&'r str>,
    names: &'r [String],
    who: &'r Option<Principal>,
    resources: BTreeSet<usize>,
}

impl<'s> Rights<'s> {
    /// The rights of those who are held, by the bindings that name them and by those that they can make.
    pub(crate) fn of(claim: &'s Claim, roles: &'s Roles<'s>, objects: &'s Objects) -> Self {
        let impersonated = &claim.impersonated;
        let mut rights = Self { objects, rules: Vec::new(), impersonated, bound: Vec::new() };
        for &binding in &roles.bindings {
            let named = || roles.bound(binding).iter().map(|&role| roles.roles[role]);
            let scope = binding.object.namespace.as_deref();
            for principal in subjects(binding).filter(|principal| claim.held.contains(principal)) {
                let rules = roles.granted(binding).into_iter().flat_map(by_names);
                rights.rules.extend(rules.map(|rule| (rule, scope, Some(principal.clone()))));
                let aggregates = named().any(|role| role.aggregates.is_some());
                // What the server would refuse may not be there, and the binding waits for it.
                let is_there = named().any(|role| role.admission == Admission::Accepted);
                let known =
                    [(BOUND, named().next().is_some()), (DANGLING, !is_there), (AGGREGATED, aggregates)];
                let known = known.into_iter().filter(|(_, holds)| *holds).map(|(word, _)| word);
                rights.bound.push((binding, known.collect(), principal));
            }
        }
        for gained in claim.gains() {
            let Bounds { scope, names } = &gained.bounds;
            for (index, role) in roles.roles.iter().enumerate() {
                if let Some(scope) = bindable(gained.row.acts_as, scope.as_deref(), names, role) {
                    let rules = roles.rules(index).iter().flat_map(|rule| by_names(rule));
                    rights.rules.extend(rules.map(|rule| (rule, scope, None)));
                }
            }
        }
        rights
    }

    /// The rules that are granted, each with where.
    pub(crate) fn granted(&self) -> impl Iterator<Item = (&RoleRule, Option<&'s str>)> {
        self.rules.iter().map(|(rule, scope, _)| (rule.as_ref(), *scope))
    }

    /// All that these rights yield by a row.
    pub(crate) fn yielded(&self, row: &Primitive) -> BTreeSet<Bounds> {
        // Who has a right only counts where one request asks for two.
        let asks_who = row.needs.iter().any(|need| need.with.is_some());
        let mut open = BTreeSet::from([(Bounds::default(), Vec::new())]);
        for need in row.needs {
            let mut rights = self.to(need);
            if !asks_who {
                rights = rights.into_iter().map(|right| Right { who: None, ..right }).collect();
            }
            let rights = widest(rights);
            let fitting =
                open.iter().flat_map(|so_far| rights.iter().filter_map(|it| with(so_far, need, it)));
            open = fitting.collect();
        }
        let bounds = open.into_iter().map(|(bounds, _)| bounds);
        // In whichever role it is written: it is every right.
        let everything = row.acts_as == ActsAs::HoldersOfEverything;
        bounds
            .map(|bounds| if everything { Bounds { names: BTreeSet::new(), ..bounds } } else { bounds })
            .collect()
    }

    /// The rights to one need.
    fn to(&self, need: &Need) -> BTreeSet<Right> {
        let mut rights = BTreeSet::new();
        let (mut creates, mut patches) = (Vec::new(), Vec::new());
        // The server looks at the headers of a request once.
        let is_in_vain = |who: &Option<Principal>| {
            need.is_impersonation() && who.as_ref().is_some_and(|who| self.impersonated.contains(who))
        };
        for (rule, scope, who) in self.rules.iter().filter(|(_, _, who)| !is_in_vain(who)) {
            let is_written = |params: &Params| params.are_written(*scope, rule);
            if need.of == Of::Params && !self.objects.params.iter().any(is_written) {
                continue;
            }
            let half = |resources| Half { scope: *scope, names: &rule.resource_names, who, resources };
            match gives(need, rule, self.objects) {
                None => {}
                Some(Gives::Whole) => {
                    let all = counts(need.place, *scope, &rule.resource_names);
                    rights.extend(all.into_iter().map(|bounds| Right { bounds, who: who.clone() }));
                }
                Some(Gives::Creates(resources)) => creates.push(half(resources)),
                Some(Gives::Patches(resources)) => patches.push(half(resources)),
            }
        }
        for create in &creates {
            rights.extend(patches.iter().flat_map(|patch| create.with(patch, need)));
        }
        if need.of == Of::Bound {
            rights.extend(self.bound.iter().filter_map(|bound| to_bound(need, bound)));
        }
        rights
    }
}

/// Where the rights of a role are had by a gain that lets one be bound to it; `None` if it does not.
fn bindable<'r>(
    acts_as: ActsAs,
    scope: Option<&'r str>,
    names: &BTreeSet<String>,
    role: &'r Role,
) -> Option<Option<&'r str>> {
    let (namespace, name) = (role.object.namespace.as_deref(), &role.object.name);
    let is_everything = namespace.is_none() && name == "cluster-admin";
    let of_cluster = match acts_as {
        ActsAs::HoldersOfEverything => is_everything,
        ActsAs::HoldersOfClusterRoles if names.is_empty() => is_everything,
        ActsAs::HoldersOfClusterRoles => namespace.is_none() && names.contains(name),
        ActsAs::HoldersOfRoles => {
            let is_there = namespace.is_some() && (scope.is_none() || scope == namespace);
            return (is_there && (names.is_empty() || names.contains(name))).then_some(namespace);
        }
        _ => false,
    };
    of_cluster.then_some(scope)
}

/// What a binding to a role is worth by itself.
fn to_bound(need: &Need, (binding, known, who): &(&RoleBinding, Vec<&str>, Principal)) -> Option<Right> {
    let resource = if binding.role.cluster { "clusterroles" } else { "roles" };
    let is_meant = need.resources.contains(&("rbac.authorization.k8s.io", resource))
        && need.verbs.iter().any(|verb| known.contains(verb));
    let names = BTreeSet::from([binding.role.name.clone()]);
    let bounds = Bounds { scope: binding.object.namespace.clone(), names };
    is_meant.then(|| Right { bounds, who: Some(who.clone()) })
}

impl Half<'_> {
    /// The right that both halves are, if one principal may have them for one resource and one name.
    fn with(&self, patch: &Self, need: &Need) -> Vec<Right> {
        let fit = may_be_one(self.who, patch.who) && !self.resources.is_disjoint(&patch.resources);
        let scope = match (self.scope, patch.scope) {
            (Some(one), Some(other)) if one != other => return Vec::new(),
            (one, other) => one.or(other),
        };
        let is_patched = |name: &&String| patch.names.is_empty() || patch.names.contains(name);
        let names: Vec<String> = self.names.iter().filter(is_patched).cloned().collect();
        if !fit || names.is_empty() {
            return Vec::new();
        }
        let who = [self.who, patch.who].into_iter().find(|who| !is_group(who)).unwrap_or(patch.who);
        let bounds = counts(need.place, scope, &names).into_iter();
        bounds.map(|bounds| Right { bounds, who: who.clone() }).collect()
    }
}

fn is_group(who: &Option<Principal>) -> bool {
    who.as_ref().is_none_or(|who| who.kind == SubjectKind::Group)
}

/// Without the rights that others hold too.
fn widest(rights: BTreeSet<Right>) -> Vec<Right> {
    let holds = |one: &Right, other: &Right| {
        one.bounds.hold(&other.bounds) && (one.who.is_none() || one.who == other.who)
    };
    let is_held = |it: &Right| rights.iter().any(|other| other != it && holds(other, it));
    rights.iter().filter(|right| !is_held(right)).cloned().collect()
}

/// Rights that fit, in the order of the needs: within which bounds, and who has each.
type Together = (Bounds, Vec<Option<Principal>>);

/// Those and one more, if it fits: in one namespace, for names that both have, and had by one where one request asks for both.
fn with((bounds, who): &Together, need: &Need, right: &Right) -> Option<Together> {
    let other = need.with.and_then(|with| who.get(with));
    if !other.is_none_or(|other| may_be_one(other, &right.who)) {
        return None;
    }
    let scope = match (&bounds.scope, &right.bounds.scope) {
        (Some(one), Some(other)) if one != other => return None,
        (one, other) => one.clone().or_else(|| other.clone()),
    };
    let (ours, theirs) = (&bounds.names, &right.bounds.names);
    let names: BTreeSet<String> = match (ours.is_empty(), theirs.is_empty()) {
        _ if need.has_own_names => ours.clone(),
        (_, true) => ours.clone(),
        (true, false) => theirs.clone(),
        (false, false) if ours.is_disjoint(theirs) => return None,
        (false, false) => ours.intersection(theirs).cloned().collect(),
    };
    let who = who.iter().chain([&right.who]).cloned().collect();
    Some((Bounds { scope, names }, who))
}

/// Whether somebody can be both at once. A group may hold anybody but those whose groups are known.
fn may_be_one(one: &Option<Principal>, other: &Option<Principal>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return true };
    match (&one.kind, &other.kind) {
        (SubjectKind::Group, SubjectKind::Group) => true,
        (SubjectKind::Group, _) => may_be_in(other, &one.name),
        (_, SubjectKind::Group) => may_be_in(one, &other.name),
        _ => one == other,
    }
}

fn may_be_in(who: &Principal, group: &str) -> bool {
    match &who.kind {
        SubjectKind::ServiceAccount(namespace) => {
            ["system:serviceaccounts", "system:authenticated"].contains(&group)
                || group.strip_prefix("system:serviceaccounts:") == Some(namespace.as_str())
        }
        _ if who.name == "system:anonymous" => group == "system:unauthenticated",
        // A name that is none of a ServiceAccount, and yet begins like one.
        _ if who.name.starts_with("system:serviceaccount:") && account_of(&who.name).is_none() => {
            group == "system:authenticated"
        }
        _ => true,
    }
}
