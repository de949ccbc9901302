//! Which rules roles have, and whom bindings grant them: what the input holds, and what every server has by itself.

use super::people::identity;
use super::restored::Restored;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use watertight_model::{ObjectRef, Principal, Role, RoleBinding, RoleRule, SubjectKind};

/// All roles and bindings. What the server would refuse counts as there: it only adds.
#[derive(Debug)]
pub(crate) struct Roles<'s> {
    pub(crate) roles: Vec<&'s Role>,
    pub(crate) bindings: Vec<&'s RoleBinding>,
    /// Those of each name: what the server adds to one has the same.
    by_name: BTreeMap<(Option<&'s str>, &'s str), Vec<usize>>,
    /// The rules of each role, those that it takes over included.
    rules: Vec<Vec<&'s RoleRule>>,
}

/// The rule that allows everything.
static ANYTHING: LazyLock<RoleRule> = LazyLock::new(|| {
    let [verbs, api_groups, resources, non_resource_urls] = ["*"; 4].map(|all| vec![all.to_owned()]);
    RoleRule { verbs, api_groups, resources, non_resource_urls, ..RoleRule::default() }
});

impl<'s> Roles<'s> {
    pub(crate) fn new(all: &'s Restored) -> Self {
        let (roles, bindings) = (Vec::from_iter(&all.roles), Vec::from_iter(&all.bindings));
        let mut by_name: BTreeMap<(Option<&str>, &str), Vec<usize>> = BTreeMap::new();
        for (index, role) in roles.iter().enumerate() {
            by_name.entry(name(&role.object)).or_default().push(index);
        }
        let rules = rules(&roles);
        Self { roles, bindings, by_name, rules }
    }

    /// The rules of a role.
    pub(crate) fn rules(&self, role: usize) -> &[&'s RoleRule] {
        &self.rules[role]
    }

    /// The rules that a binding grants. The role that it names may be there though the input does not hold it, and then it may
    /// allow anything.
    pub(crate) fn granted(&self, binding: &'s RoleBinding) -> Vec<&'s RoleRule> {
        match self.bound(binding) {
            [] => vec![&*ANYTHING],
            named => named.iter().flat_map(|&role| self.rules(role)).copied().collect(),
        }
    }

    /// The roles that a binding names: none if it is not there.
    pub(crate) fn bound(&self, binding: &'s RoleBinding) -> &[usize] {
        let namespace = binding.object.namespace.as_deref().filter(|_| !binding.role.cluster);
        self.by_name.get(&(namespace, binding.role.name.as_str())).map_or(&[], Vec::as_slice)
    }

    /// The ServiceAccounts that bindings name, by namespace.
    pub(crate) fn accounts(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut accounts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for principal in self.bindings.iter().flat_map(|binding| subjects(binding)) {
            if let SubjectKind::ServiceAccount(namespace) = principal.kind {
                accounts.entry(namespace).or_default().insert(principal.name);
            }
        }
        accounts
    }
}

/// The namespace and the name of an object.
fn name(object: &ObjectRef) -> (Option<&str>, &str) {
    (object.namespace.as_deref(), &object.name)
}

/// To whom a binding grants its role.
pub(crate) fn subjects(binding: &RoleBinding) -> impl Iterator<Item = Principal> {
    let subjects = binding.subjects.iter();
    subjects.map(|subject| identity(&Principal { kind: subject.kind.clone(), name: subject.name.clone() }))
}

/// A controller writes the rules of a role that takes over those of others: what stands there is theirs. Only where such
/// roles take over each other, what stands there may stay.
fn rules<'s>(roles: &[&'s Role]) -> Vec<Vec<&'s RoleRule>> {
    let takes = |role: &Role, other: &Role| {
        let selectors = role.aggregates.iter().flatten();
        other.object.namespace.is_none()
            && other.object.name != role.object.name
            && selectors.into_iter().any(|selector| selector.matches(&other.labels))
    };
    let taken = |role: &Role| -> Vec<usize> {
        let all = 0..roles.len();
        if role.aggregates.is_none() {
            Vec::new()
        } else {
            all.filter(|&it| takes(role, roles[it])).collect()
        }
    };
    let taken: Vec<Vec<usize>> = roles.iter().map(|role| taken(role)).collect();
    let behind = |role: usize| {
        let mut found = BTreeSet::new();
        let mut open = taken[role].clone();
        while let Some(other) = open.pop() {
            if found.insert(other) {
                open.extend(&taken[other]);
            }
        }
        found
    };
    let behind: Vec<BTreeSet<usize>> = (0..roles.len()).map(behind).collect();
    let keeps_its_own = |role: usize| roles[role].aggregates.is_none() || behind[role].contains(&role);
    let of_role = |role: usize| {
        let all: BTreeSet<usize> = behind[role].iter().copied().chain([role]).collect();
        all.into_iter().filter(|&other| keeps_its_own(other)).flat_map(|other| &roles[other].rules).collect()
    };
    (0..roles.len()).map(of_role).collect()
}
