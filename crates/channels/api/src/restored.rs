//! What an API server has by itself, beside what the input holds of it.
//!
//! Whenever it starts, a server makes its own roles and bindings again where they are not there, and adds to those that are
//! what they lack: rules, selectors, labels and subjects. It leaves those alone that are annotated with
//! `rbac.authorization.kubernetes.io/autoupdate: "false"`, and makes a binding anew that names another role.
//!
//! Sources: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#auto-reconciliation>; `computeReconciledRole` and
//! `computeReconciledRoleBinding` of `k8s.io/component-helpers/auth/rbac/reconciliation`.

use crate::matching::ALL;
use std::borrow::Cow;
use watertight_model::{Admission, ObjectRef, Role, RoleBinding, RoleRule, Snapshot};

/// The roles of the input, with the server's own labels, and behind them what the server adds: roles, or parts of them under
/// the same name.
pub(crate) fn roles(snapshot: &Snapshot, own: Vec<Role>) -> Vec<Cow<'_, Role>> {
    let mut roles: Vec<Cow<'_, Role>> = snapshot.roles.iter().map(Cow::Borrowed).collect();
    let mut added = Vec::new();
    for own in own {
        let Some(held) = roles.iter_mut().find(|role| holds((&role.object, role.admission), &own.object))
        else {
            added.push(Cow::Owned(own));
            continue;
        };
        if held.is_protected {
            continue;
        }
        let mut labels = own.labels.clone();
        labels.extend(held.labels.clone());
        if labels != held.labels {
            held.to_mut().labels = labels.clone();
        }
        added.extend(lacking(held, Role { labels, ..own }).map(Cow::Owned));
    }
    roles.extend(added);
    roles
}

/// The bindings of the input, and behind them those that the server adds, or their subjects that are lacking.
pub(crate) fn bindings(snapshot: &Snapshot, own: Vec<RoleBinding>) -> Vec<Cow<'_, RoleBinding>> {
    let mut bindings: Vec<Cow<'_, RoleBinding>> = snapshot.role_bindings.iter().map(Cow::Borrowed).collect();
    for mut own in own {
        let mut held = snapshot.role_bindings.iter();
        if let Some(held) = held.find(|binding| holds((&binding.object, binding.admission), &own.object)) {
            if held.is_protected {
                continue;
            }
            let is_same_role = (held.role.cluster, &held.role.name) == (own.role.cluster, &own.role.name);
            own.subjects.retain(|subject| {
                let mut subjects = held.subjects.iter();
                !is_same_role || !subjects.any(|it| (&it.kind, &it.name) == (&subject.kind, &subject.name))
            });
            if own.subjects.is_empty() {
                continue;
            }
        }
        bindings.push(Cow::Owned(own));
    }
    bindings
}

/// Whether an object of the input takes the place of one that the server has by itself. What the server refuses does not.
fn holds((object, admission): (&ObjectRef, Admission), own: &ObjectRef) -> bool {
    admission == Admission::Accepted && (&object.namespace, &object.name) == (&own.namespace, &own.name)
}

/// What a role lacks of the server's own.
fn lacking(held: &Role, own: Role) -> Option<Role> {
    let rules = match (&own.aggregates, &held.aggregates) {
        // It takes over no others any more, and what stands in it is its own.
        (None, Some(_)) => own.rules.iter().chain(&held.rules).cloned().collect(),
        _ => own.rules.iter().filter(|rule| !covers(&held.rules, rule)).cloned().collect::<Vec<_>>(),
    };
    let selectors = own.aggregates.clone().unwrap_or_default().into_iter();
    let is_held = |selector: &_| held.aggregates.iter().flatten().any(|held| held == selector);
    let lacked: Vec<_> = selectors.filter(|selector| !is_held(selector)).collect();
    let aggregates = (!lacked.is_empty()).then_some(lacked);
    (!rules.is_empty() || aggregates.is_some()).then_some(Role { rules, aggregates, ..own })
}

/// Whether rules allow all that another one does, each single request by one of them.
fn covers(rules: &[RoleRule], wanted: &RoleRule) -> bool {
    let has = |list: &[String], text: &String| list.iter().any(|held| held == ALL || held == text);
    let has_resource = |rule: &RoleRule, resource: &String| {
        let part = resource.split_once('/').map(|(_, part)| format!("*/{part}"));
        has(&rule.resources, resource) || part.is_some_and(|part| rule.resources.contains(&part))
    };
    let has_names = |rule: &RoleRule| {
        let is_named = |name| rule.resource_names.contains(name);
        rule.resource_names.is_empty()
            || !wanted.resource_names.is_empty() && wanted.resource_names.iter().all(is_named)
    };
    let allows = |verb: &String, group: &String, resource: &String| {
        rules.iter().any(|rule| {
            has(&rule.verbs, verb)
                && has(&rule.api_groups, group)
                && has_resource(rule, resource)
                && has_names(rule)
        })
    };
    let allows_path = |verb: &String, path: &String| {
        rules.iter().any(|rule| has(&rule.verbs, verb) && has(&rule.non_resource_urls, path))
    };
    wanted.verbs.iter().all(|verb| {
        let of_group = |group| wanted.resources.iter().all(|resource| allows(verb, group, resource));
        wanted.api_groups.iter().all(of_group)
            && wanted.non_resource_urls.iter().all(|path| allows_path(verb, path))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_kubernetes::{SUPPORTED, bootstrap};

    /// A snapshot that holds all that a server has by itself, and the same.
    fn whole() -> (Snapshot, Vec<Role>, Vec<RoleBinding>) {
        let own = bootstrap(*SUPPORTED.end());
        let (roles, role_bindings) = (own.roles.clone(), own.role_bindings.clone());
        (Snapshot { roles, role_bindings, ..Snapshot::default() }, own.roles, own.role_bindings)
    }

    fn added(snapshot: &Snapshot, own: Vec<Role>) -> Vec<Role> {
        roles(snapshot, own).into_iter().skip(snapshot.roles.len()).map(Cow::into_owned).collect()
    }

    #[test]
    fn what_is_whole_stays_as_it_is() {
        let (snapshot, own, of_bindings) = whole();
        assert!(own.len() > 50 && of_bindings.len() > 40);
        assert_eq!(added(&snapshot, own), []);
        assert_eq!(bindings(&snapshot, of_bindings).len(), snapshot.role_bindings.len());
    }

    #[test]
    fn what_is_lacking_is_added_unless_the_annotation_says_no() {
        let (mut snapshot, own, of_bindings) = whole();
        let index = snapshot.roles.iter().position(|role| role.object.name == "edit").unwrap();
        let selectors = snapshot.roles[index].aggregates.take();
        let part = snapshot.roles.iter().position(|it| it.object.name == "system:aggregate-to-edit").unwrap();
        let (first, labels) = (snapshot.roles[part].rules.remove(0), snapshot.roles[part].labels.clone());
        snapshot.roles[part].labels.clear();
        let expected = [(index, selectors, vec![]), (part, None, vec![first])];
        let expected: Vec<Role> = expected
            .into_iter()
            .map(|(index, aggregates, rules)| Role { aggregates, rules, ..own[index].clone() })
            .collect();
        let names = |roles: &[Role]| roles.iter().map(|it| it.object.name.clone()).collect::<Vec<_>>();
        let found = added(&snapshot, own.clone());
        assert_eq!(found.len(), 2, "{:?}", names(&found));
        assert!(expected.iter().all(|role| found.contains(role)), "{found:?}");
        assert_eq!(roles(&snapshot, own.clone())[part].labels, labels);
        for index in [index, part] {
            snapshot.roles[index].is_protected = true;
        }
        assert_eq!(added(&snapshot, own), []);

        snapshot.role_bindings[0].subjects.clear();
        snapshot.role_bindings[1].role.name = "other".to_owned();
        let lacking = bindings(&snapshot, of_bindings.clone()).split_off(snapshot.role_bindings.len());
        assert_eq!(lacking, [Cow::Borrowed(&of_bindings[0]), Cow::Borrowed(&of_bindings[1])]);
        snapshot.role_bindings[0].is_protected = true;
        snapshot.role_bindings[1].is_protected = true;
        assert_eq!(bindings(&snapshot, of_bindings).len(), snapshot.role_bindings.len());
    }
}
