//! Who may do something, and all that somebody may do.

use crate::cluster::{Cluster, resource};
use watertight_api::{Scope, acting_as};
use watertight_model::{Attributes, Presence, ResourceAttributes};

const TEAM: &str = "
apiVersion: v1
kind: ServiceAccount
metadata: {name: ci, namespace: staging}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: deployer, namespace: production}
rules:
- {apiGroups: [apps], resources: [deployments], verbs: [get, patch]}
- {apiGroups: [''], resources: [secrets], resourceNames: [token, key], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: deployers, namespace: production}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deployer}
subjects:
- {kind: ServiceAccount, name: ci, namespace: staging}
- {kind: ServiceAccount, name: gone, namespace: staging}
- {apiGroup: rbac.authorization.k8s.io, kind: Group, name: dev}
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: 'system:serviceaccount:staging:old'}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: on-call}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}
";

/// Scope, name, presence and names of those that the input binds.
fn holders(asked: &Attributes, scope: Scope<'_>) -> Vec<(Option<String>, String, Presence, Vec<String>)> {
    let cluster = Cluster::new(TEAM);
    let found = cluster.access().who_can(asked, scope);
    let of_input = found.holders.into_iter().filter(|holder| {
        holder.grant.steps[0].because.as_ref().is_some_and(|because| because.evidence.is_some())
    });
    of_input.map(|holder| (holder.scope, holder.name, holder.presence, holder.names)).collect()
}

#[test]
fn holders_are_named_with_where_and_whether_they_are_there() {
    let patch = Attributes::Resource(ResourceAttributes {
        verb: "patch".into(),
        group: "apps".into(),
        resource: "deployments".into(),
        ..Default::default()
    });
    let here = || Some("production".to_owned());
    let jane = (None, "jane".to_owned(), Presence::External, vec![]);
    let team = [
        (here(), "dev".to_owned(), Presence::External, vec![]),
        (here(), "ci".to_owned(), Presence::Present, vec![]),
        (here(), "gone".to_owned(), Presence::Absent, vec![]),
        (here(), "old".to_owned(), Presence::Absent, vec![]),
    ];
    let jane = vec![jane];
    let all: Vec<_> = jane.iter().cloned().chain(team).collect();
    assert_eq!(holders(&patch, Scope::Anywhere), all);
    assert_eq!(holders(&patch, Scope::Namespace("production")), all);
    assert_eq!(holders(&patch, Scope::Namespace("staging")), jane);
    assert_eq!(holders(&patch, Scope::Cluster), jane);
}

#[test]
fn a_right_that_is_bound_to_names_is_listed_with_them() {
    let names = |asked: &Attributes| -> Vec<Vec<String>> {
        let found = holders(asked, Scope::Namespace("production")).into_iter();
        found.filter(|(_, name, ..)| name == "dev").map(|(.., names)| names).collect()
    };
    let named = |name: &str| {
        Attributes::Resource(ResourceAttributes {
            verb: "get".into(),
            resource: "secrets".into(),
            name: name.into(),
            ..Default::default()
        })
    };
    assert_eq!(names(&resource("get", "secrets", "")), [["token", "key"]]);
    assert_eq!(names(&named("token")), [Vec::<String>::new()]);
    assert!(names(&named("other")).is_empty());
}

#[test]
fn a_list_says_what_holds_everywhere_and_what_comes_besides() {
    let cluster = Cluster::new(TEAM);
    let access = cluster.access();
    let count = |name: &str, groups: &[String], namespace: Option<&str>| -> Vec<(Option<String>, usize)> {
        let user = acting_as(name, groups);
        let list = access.list(&user, namespace);
        list.sections.into_iter().map(|section| (section.namespace, section.rules.len())).collect()
    };
    // What everybody may do, such as asking what they may do.
    let [(None, everybody)] = count("nobody", &[], None)[..] else { panic!("one section") };
    assert!(everybody > 0);
    let production = (Some("production".to_owned()), 2);
    assert_eq!(count("john", &["dev".to_owned()], None), [(None, everybody), production.clone()]);
    assert_eq!(count("john", &["dev".to_owned()], Some("production")), [(None, everybody), production]);
    assert_eq!(count("john", &["dev".to_owned()], Some("staging")), [(None, everybody)]);
}
