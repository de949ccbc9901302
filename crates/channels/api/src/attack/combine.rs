//! Rights that are needed together: which of those that are held fit each other.

use crate::user::{acting_as, service_account_user};
use std::borrow::Cow;
use std::collections::HashMap;
use watertight_kubernetes::{Need, Primitive};
use watertight_model::{Principal, SubjectKind};

/// A right that is held: where, to which names it is bound, who holds it, and the facts that say so.
#[derive(Debug, Clone)]
pub(super) struct Right {
    pub(super) scope: Option<String>,
    pub(super) names: Vec<String>,
    pub(super) principal: Principal,
    /// Whether anybody else can have it too, by a binding that is made to them.
    pub(super) anybody: bool,
    pub(super) facts: Vec<usize>,
}

/// Rights that fit: what they yield is bound to this scope and these names.
#[derive(Debug, Clone)]
pub(super) struct Together {
    pub(super) scope: Option<String>,
    pub(super) names: Vec<String>,
    /// In the order of the needs.
    pub(super) rights: Vec<Right>,
}

/// The same, as long as it is looked at.
#[derive(Debug, Clone)]
pub(super) struct Fit<'r> {
    pub(super) scope: Option<&'r String>,
    pub(super) names: Cow<'r, [String]>,
    rights: Vec<&'r Right>,
}

/// The rights that are held to one need, in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Rights {
    all: Vec<Right>,
    by_scope: HashMap<Option<String>, Vec<usize>>,
}

impl Rights {
    pub(super) fn push(&mut self, right: Right) {
        self.by_scope.entry(right.scope.clone()).or_default().push(self.all.len());
        self.all.push(right);
    }

    /// Whether one of them says at least as much as another right.
    pub(super) fn covers(&self, other: &Right, row: &Primitive) -> bool {
        let covers = |&index: &usize| self.all[index].covers(other, row);
        let everywhere = other.scope.is_some().then(|| self.by_scope.get(&None)).flatten();
        self.by_scope.get(&other.scope).into_iter().chain(everywhere).flatten().any(covers)
    }

    /// Those that may fit a right of this scope.
    fn fitting(&self, scope: Option<&String>) -> Vec<&Right> {
        let Some(scope) = scope else { return self.all.iter().collect() };
        let of = |scope: &Option<String>| self.by_scope.get(scope).into_iter().flatten();
        let mut indices: Vec<usize> = of(&None).chain(of(&Some(scope.clone()))).copied().collect();
        indices.sort_unstable();
        indices.into_iter().map(|index| &self.all[index]).collect()
    }
}

impl Right {
    /// Whether a right says at least as much, to one need of a row.
    pub(super) fn covers(&self, other: &Self, row: &Primitive) -> bool {
        let asks_who = row.needs.iter().any(|need| need.with.is_some());
        (self.scope.is_none() || self.scope == other.scope)
            && (self.names.is_empty() || self.names == other.names)
            && (!asks_who || self.anybody || !other.anybody && self.principal == other.principal)
    }
}

/// Everything that a new right to one need completes, with those that are held to the others.
pub(super) fn combine<'r>(
    row: &Primitive,
    (new_at, new): (usize, &'r Right),
    held: impl Fn(usize) -> Option<&'r Rights>,
) -> Vec<Fit<'r>> {
    let mut open = vec![Fit { scope: None, names: Cow::Borrowed(&[]), rights: Vec::new() }];
    for (index, need) in row.needs.iter().enumerate() {
        let rights = match index == new_at {
            true => vec![new],
            false => held(index).map(|rights| rights.fitting(new.scope.as_ref())).unwrap_or_default(),
        };
        let fitting = |so_far: &Fit<'r>| -> Vec<Fit<'r>> {
            rights.iter().filter_map(|&right| so_far.with(need, right)).collect()
        };
        open = open.iter().flat_map(fitting).collect();
    }
    open
}

impl<'r> Fit<'r> {
    /// These rights and one more, if it fits.
    fn with(&self, need: &Need, right: &'r Right) -> Option<Self> {
        let other = need.with.and_then(|with| self.rights.get(with));
        let is_one = |other: &&Right| other.anybody || may_be_one(&other.principal, &right.principal);
        if !right.anybody && !other.is_none_or(is_one) {
            return None;
        }
        let scope = match (self.scope, &right.scope) {
            (_, None) => self.scope,
            (Some(scope), Some(other)) if scope != other => return None,
            (_, Some(other)) => Some(other),
        };
        let names = match (need.has_own_names, self.names.is_empty(), right.names.is_empty()) {
            (true, ..) | (_, _, true) => self.names.clone(),
            (_, true, _) => Cow::Borrowed(right.names.as_slice()),
            _ => {
                let both: Vec<String> =
                    self.names.iter().filter(|name| right.names.contains(name)).cloned().collect();
                if both.is_empty() {
                    return None;
                }
                Cow::Owned(both)
            }
        };
        let rights = self.rights.iter().copied().chain([right]).collect();
        Some(Self { scope, names, rights })
    }

    pub(super) fn owned(self) -> Together {
        let Self { scope, names, rights } = self;
        let rights = rights.into_iter().cloned().collect();
        Together { scope: scope.cloned(), names: names.into_owned(), rights }
    }
}

/// Whether somebody can be both at once: a user or ServiceAccount, and a group in which they may be.
pub(super) fn may_be_one(one: &Principal, other: &Principal) -> bool {
    let user = |principal: &Principal| match &principal.kind {
        SubjectKind::User => Some(principal.name.clone()),
        SubjectKind::ServiceAccount(namespace) => Some(service_account_user(namespace, &principal.name)),
        SubjectKind::Group => None,
    };
    match (user(one), user(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => true,
        (Some(name), None) => may_be_in(&name, &other.name),
        (None, Some(name)) => may_be_in(&name, &one.name),
    }
}

/// Whether a user may be in a group: nobody knows the groups of those who are not of the cluster.
fn may_be_in(user: &str, group: &str) -> bool {
    let is_of_cluster = user.starts_with("system:serviceaccount:") || user == "system:anonymous";
    !is_of_cluster || acting_as(user, &[]).groups.iter().any(|of| of == group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::meets::Scopes;
    use watertight_kubernetes::Place;

    fn right(scope: Option<&str>, names: &[&str], principal: Principal) -> Right {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        Right { scope: scope.map(str::to_owned), names, principal, anybody: false, facts: Vec::new() }
    }

    fn jane() -> Principal {
        Principal::user("jane")
    }

    /// The scope and the names of two rights together.
    fn together(need: &Need, one: &Right, other: &Right) -> Option<(Option<String>, Vec<String>)> {
        let none = Fit { scope: None, names: Cow::Borrowed(&[]), rights: Vec::new() };
        let first = none.with(&Need::namespaced(&[], &[]), one)?;
        first.with(need, other).map(Fit::owned).map(|both| (both.scope, both.names))
    }

    #[test]
    fn rights_fit_in_one_scope_and_for_names_that_both_have() {
        let need = Need::namespaced(&[], &[]);
        let (in_a, in_b) = (right(Some("a"), &["x", "y"], jane()), right(Some("b"), &[], jane()));
        let everywhere = right(None, &["y", "z"], jane());
        assert_eq!(together(&need, &in_a, &in_b), None);
        assert_eq!(together(&need, &in_a, &everywhere), Some((Some("a".into()), vec!["y".into()])));
        assert_eq!(together(&need, &everywhere, &in_b), Some((Some("b".into()), everywhere.names.clone())));
        assert_eq!(together(&need, &in_a, &right(None, &["z"], jane())), None);
        let own = Need::namespaced(&[], &[]).own_names();
        assert_eq!(together(&own, &in_a, &everywhere), Some((Some("a".into()), in_a.names.clone())));
    }

    #[test]
    fn one_request_is_made_by_one_principal() {
        let account = |namespace: &str, name: &str| Principal::service_account(namespace, name);
        let group = Principal::group;
        assert!(may_be_one(&jane(), &group("dev")), "nobody knows her groups");
        assert!(!may_be_one(&jane(), &Principal::user("joe")));
        assert!(!may_be_one(&account("a", "x"), &account("a", "y")));
        assert!(may_be_one(&account("a", "x"), &group("system:serviceaccounts:a")));
        assert!(may_be_one(&group("system:authenticated"), &account("a", "x")));
        assert!(!may_be_one(&account("a", "x"), &group("system:serviceaccounts:b")));
        assert!(!may_be_one(&account("a", "x"), &group("dev")));
        assert!(!may_be_one(&Principal::user("system:anonymous"), &group("system:authenticated")));
        let (one, other) = (right(None, &[], jane()), right(None, &[], account("a", "x")));
        assert!(together(&Need::namespaced(&[], &[]), &one, &other).is_some());
        let need = Need::namespaced(&[], &[]).together();
        assert!(together(&need, &one, &other).is_none());
        let anybody = Right { anybody: true, ..other.clone() };
        assert!(together(&need, &one, &anybody).is_some() && together(&need, &anybody, &one).is_some());
    }

    #[test]
    fn a_right_on_namespaces_is_about_those_that_it_names() {
        let names = ["a".to_owned(), "b".to_owned()];
        let a = (Some("a".to_owned()), Vec::new());
        let b = (Some("b".to_owned()), Vec::new());
        assert_eq!(Place::Itself.scopes(None, &names), [a.clone(), b]);
        assert_eq!(Place::Itself.scopes(Some("a"), &names), std::slice::from_ref(&a));
        assert_eq!(Place::Itself.scopes(Some("a"), &[]), [a]);
        assert_eq!(Place::Itself.scopes(Some("c"), &names), []);
        let system = Place::In(&["kube-system"]);
        assert_eq!(system.scopes(Some("kube-system"), &[]), [(None, Vec::new())]);
        assert_eq!(system.scopes(Some("a"), &[]), []);
        assert_eq!(Place::Cluster.scopes(Some("a"), &[]), []);
    }
}
