//! Which rules a role has: its own, or those of the roles that it takes over.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles>. A controller writes the
//! rules of an aggregated ClusterRole, so that what the input holds there may be missing or out of date: they are worked
//! out anew from the labels.

use crate::access::Standing;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use watertight_model::Role;

/// A rule, by the index of its role and its own index there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RuleAt {
    pub(crate) role: usize,
    pub(crate) rule: usize,
    /// A role between the two, by which alone it is taken over and which is not in force, the worst of them.
    pub(crate) through: Option<usize>,
}

/// The rules of each role, in the order of the roles.
pub(crate) fn rules(roles: &[Cow<'_, Role>]) -> Vec<Vec<RuleAt>> {
    let taken: Vec<Vec<usize>> = roles.iter().map(|role| taken_over(role, roles)).collect();
    let others: Vec<BTreeMap<usize, Option<usize>>> =
        (0..roles.len()).map(|role| behind(role, &taken, roles)).collect();
    let of_role = |index: usize| {
        let mut behind = others[index].clone();
        behind.insert(index, None);
        let mut rules = Vec::new();
        for (role, through) in behind {
            let writes_its_own = roles[role].aggregates.is_none();
            // Of roles that take over each other, the controller may keep what stands there for good.
            if writes_its_own || others[role].contains_key(&role) {
                rules.extend((0..roles[role].rules.len()).map(|rule| RuleAt { role, rule, through }));
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

/// All that a role takes over, directly or not; itself only if those take it over in turn. Each comes with a role between
/// the two that is not in force, unless there is a way without.
fn behind(role: usize, taken: &[Vec<usize>], roles: &[Cow<'_, Role>]) -> BTreeMap<usize, Option<usize>> {
    let standing = |role: usize| Standing::of(roles[role].admission);
    let mut found = BTreeMap::new();
    for worst in [Standing::InForce, Standing::Passing, Standing::Refused] {
        let mut seen = BTreeSet::new();
        let mut open = vec![(role, None)];
        while let Some((at, through)) = open.pop() {
            for other in taken[at].iter().copied().filter(|&other| seen.insert(other)) {
                found.entry(other).or_insert(through);
                match standing(other) {
                    Standing::InForce => open.push((other, through)),
                    standing if standing == worst => open.push((other, Some(other))),
                    standing if standing < worst => open.push((other, through.or(Some(other)))),
                    _ => {}
                }
            }
        }
    }
    found
}
