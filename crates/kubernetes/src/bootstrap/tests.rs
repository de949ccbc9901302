//! The data of every version reads as roles and bindings that stand together.

use super::*;
use crate::SUPPORTED;
use std::collections::BTreeSet;

#[test]
fn every_binding_names_a_role_that_is_there() {
    for minor in SUPPORTED {
        let Bootstrap { roles, role_bindings } = bootstrap(minor);
        let there: BTreeSet<_> =
            roles.iter().map(|role| (role.object.namespace.as_deref(), role.object.name.as_str())).collect();
        assert_eq!(there.len(), roles.len(), "1.{minor}: a role is there twice");
        assert!(!role_bindings.is_empty());
        for binding in &role_bindings {
            let namespace = binding.object.namespace.as_deref().filter(|_| !binding.role.cluster);
            assert!(
                there.contains(&(namespace, binding.role.name.as_str())),
                "1.{minor}: {}",
                binding.object
            );
        }
    }
}

#[test]
fn only_roles_that_take_over_others_have_no_rules() {
    for minor in SUPPORTED {
        let roles = bootstrap(minor).roles;
        let without = roles.iter().filter(|role| role.rules.is_empty());
        let names: Vec<&str> = without.map(|role| role.object.name.as_str()).collect();
        assert_eq!(names, ["admin", "edit", "view"], "1.{minor}");
        for role in roles {
            let is_empty = |rule: &RoleRule| {
                rule.verbs.is_empty() || (rule.resources.is_empty() == rule.non_resource_urls.is_empty())
            };
            assert!(!role.rules.iter().any(is_empty), "1.{minor}: {}", role.object);
            assert_eq!(role.rules.is_empty(), role.aggregates.is_some(), "1.{minor}: {}", role.object);
        }
    }
}

#[test]
fn edit_takes_over_what_is_labelled_for_it() {
    let roles = bootstrap(36).roles;
    let edit = roles.iter().find(|role| role.object.name == "edit").unwrap();
    let selectors = edit.aggregates.as_ref().unwrap();
    let taken = roles.iter().filter(|role| selectors.iter().any(|selector| selector.matches(&role.labels)));
    let taken: Vec<&str> = taken.map(|role| role.object.name.as_str()).collect();
    assert_eq!(taken, ["system:aggregate-to-edit", "view"]);
}

#[test]
fn cluster_admin_is_for_masters() {
    let bootstrap = bootstrap(36);
    let binding =
        bootstrap.role_bindings.iter().find(|binding| binding.object.name == "cluster-admin").unwrap();
    assert_eq!(binding.role, RoleRef { span: None, cluster: true, name: "cluster-admin".to_owned() });
    let masters = Subject { span: None, kind: SubjectKind::Group, name: "system:masters".to_owned() };
    assert_eq!(binding.subjects, [masters]);
    assert_eq!(binding.object.to_string(), "ClusterRoleBinding cluster-admin");
}

#[test]
fn versions_outside_the_range_have_what_the_nearest_has() {
    let is_same = |one, other| bootstrap(one) == bootstrap(other);
    assert!(is_same(7, 33) && is_same(99, 36) && !is_same(33, 36));
}
