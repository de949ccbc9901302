//! Who may do something, and all that somebody may do.

use crate::cluster::{Cluster, resource};
use watertight_api::{Scope, acting_as};
use watertight_model::{Admission, Attributes, Presence, ResourceAttributes};

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

#[test]
fn an_answer_is_complete_unless_something_may_be_there_or_not() {
    let get = resource("get", "pods", "");
    let jane = acting_as("jane", &[]);
    let of = |admission| {
        let cluster = Cluster::new(TEAM).with_binding("on-call", admission);
        let (who, list) =
            (cluster.access().who_can(&get, Scope::Anywhere), cluster.access().list(&jane, None));
        let has_jane = who.holders.iter().any(|holder| holder.name == "jane");
        let grants =
            list.sections[0].rules.iter().any(|rule| rule.rule.resources.iter().any(|of| of == "pods"));
        ((has_jane, who.is_complete, who.notes), (grants, list.is_complete, list.notes))
    };
    assert_eq!(of(Admission::Accepted), ((true, true, vec![]), (true, true, vec![])));
    let binding = "ClusterRoleBinding on-call";
    let refused = format!("{binding} would allow it to more, but the API server refuses it");
    assert_eq!(of(Admission::Refused), ((false, true, vec![refused]), (false, true, vec![])));
    let note = |what| vec![format!("{binding} {what}, and is there for a moment only, or not at all")];
    let who = (false, false, note("allows it to more"));
    assert_eq!(of(Admission::Passing), (who, (false, false, note("allows more"))));
}

#[test]
fn of_a_node_it_is_not_known_what_else_it_may() {
    let cluster = Cluster::new(TEAM);
    let complete = |groups: &[&str]| {
        let groups: Vec<String> = groups.iter().map(|&group| group.to_owned()).collect();
        cluster.access().list(&acting_as("system:node:n1", &groups), None).is_complete
    };
    assert!(complete(&[]) && !complete(&["system:nodes"]));
}
