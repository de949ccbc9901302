//! Which rules a role has: its own, or those of the roles that it takes over.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles>. A controller writes the
//! rules of an aggregated ClusterRole, so that what the input holds there may be missing or out of date: they are worked
//! out anew from the labels.

use std::borrow::Cow;
use std::collections::BTreeSet;
use watertight_model::Role;

/// A rule, by the index of its role and its own index there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RuleAt {
    pub(crate) role: usize,
    pub(crate) rule: usize,
}

/// The rules of each role, in the order of the roles.
pub(crate) fn rules(roles: &[Cow<'_, Role>]) -> Vec<Vec<RuleAt>> {
    let taken: Vec<Vec<usize>> = roles.iter().map(|role| taken_over(role, roles)).collect();
    let of_role = |index: usize| {
        let mut rules = Vec::new();
        for role in behind(index, &taken) {
            let writes_its_own = roles[role].aggregates.is_none();
            // Of roles that take over each other, the controller may keep what stands there for good.
            if writes_its_own || behind_others(role, &taken).contains(&role) {
                rules.extend((0..roles[role].rules.len()).map(|rule| RuleAt { role, rule }));
            }
        }
        rules
    };
    (0..roles.len()).map(of_role).collect()
}

/// The ClusterRoles that a role selects; the controller never looks at the role itself.
fn taken_over(role: &Role, roles: &[Cow<'_, Role>]) -> Vec<usize> {
    let Some(selectors) = &role.aggregates else { return Vec::new() };
    let is_taken = |other: &Role| {
        other.object.namespace.is_none()
            && other.object.name != role.object.name
            && selectors.iter().any(|selector| selector.matches(&other.labels))
    };
    (0..roles.len()).filter(|&index| is_taken(&roles[index])).collect()
}

/// The role and all that it takes over, directly or not.
fn behind(role: usize, taken: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut found = behind_others(role, taken);
    found.insert(role);
    found
}

/// All that a role takes over, directly or not; itself only if those take it over in turn.
fn behind_others(role: usize, taken: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![role];
    while let Some(role) = open.pop() {
        open.extend(taken[role].iter().copied().filter(|&other| found.insert(other)));
    }
    found
}
