//! What the API server decides, sentence by sentence, on roles and bindings as people write them.

use crate::cluster::{Cluster, path, resource};
use watertight_api::acting_as;
use watertight_model::Decision::{Allowed, Denied, Unknown};
use watertight_model::{Admission, Attributes, ResourceAttributes, User};

fn jane() -> User {
    acting_as("jane", &[])
}

const READER: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get, list]}
- {nonResourceURLs: [/metrics], verbs: [get]}
---
";

fn binding(namespace: Option<&str>, role: &str, subject: &str) -> String {
    let (kind, place) = match namespace {
        Some(namespace) => ("RoleBinding", format!(", namespace: {namespace}")),
        None => ("ClusterRoleBinding", String::new()),
    };
    format!(
        "
apiVersion: rbac.authorization.k8s.io/v1
kind: {kind}
metadata: {{name: b{place}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {role}}}
subjects:
- {subject}
---
"
    )
}

const JANE: &str = "{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}";

#[test]
fn a_cluster_role_binding_grants_everywhere_and_a_role_binding_in_its_namespace() {
    let everywhere = Cluster::new(&(READER.to_owned() + &binding(None, "reader", JANE)));
    let in_a = Cluster::new(&(READER.to_owned() + &binding(Some("a"), "reader", JANE)));
    for (asked, granted_in_a) in [
        (resource("get", "pods", "a"), true),
        (resource("get", "pods", "b"), false),
        // All namespaces together are more than any one.
        (resource("list", "pods", ""), false),
        // Paths are outside all namespaces.
        (path("get", "/metrics"), false),
    ] {
        assert_eq!(everywhere.decide(&jane(), &asked), Allowed, "{asked}");
        assert_eq!(in_a.decide(&jane(), &asked), if granted_in_a { Allowed } else { Denied }, "{asked}");
    }
}

#[test]
fn verb_group_resource_and_name_must_all_match() {
    let cluster = Cluster::new(&(READER.to_owned() + &binding(Some("a"), "reader", JANE)));
    for asked in [
        resource("delete", "pods", "a"),
        resource("get", "secrets", "a"),
        resource("get", "Pods", "a"),
        resource("get", "pod", "a"),
        resource("*", "pods", "a"),
        Attributes::Resource(ResourceAttributes {
            verb: "get".into(),
            group: "apps".into(),
            resource: "pods".into(),
            namespace: "a".into(),
            ..Default::default()
        }),
    ] {
        assert_eq!(cluster.decide(&jane(), &asked), Denied, "{asked}");
    }
}

#[test]
fn subjects_are_users_by_name_groups_by_membership_and_service_accounts_by_both_names() {
    let account = acting_as("system:serviceaccount:a:ci", &[]);
    for (subject, is_jane, is_ci) in [
        (JANE, true, false),
        ("{apiGroup: rbac.authorization.k8s.io, kind: User, name: Jane}", false, false),
        ("{apiGroup: rbac.authorization.k8s.io, kind: Group, name: jane}", false, false),
        ("{apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:authenticated'}", true, true),
        ("{apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:serviceaccounts:a'}", false, true),
        (
            "{apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:serviceaccounts:b'}",
            false,
            false,
        ),
        ("{kind: ServiceAccount, name: ci, namespace: a}", false, true),
        ("{kind: ServiceAccount, name: ci, namespace: b}", false, false),
        (
            "{apiGroup: rbac.authorization.k8s.io, kind: User, name: 'system:serviceaccount:a:ci'}",
            false,
            true,
        ),
        // In a RoleBinding, a ServiceAccount without a namespace is one of the binding's.
        ("{kind: ServiceAccount, name: ci}", false, true),
    ] {
        let cluster = Cluster::new(&(READER.to_owned() + &binding(Some("a"), "reader", subject)));
        for (user, is_meant) in [(jane(), is_jane), (account.clone(), is_ci)] {
            let expected = if is_meant { Allowed } else { Denied };
            let asked = resource("get", "pods", "a");
            assert_eq!(cluster.decide(&user, &asked), expected, "{subject} for {}", user.name);
        }
    }
}

#[test]
fn what_a_binding_grants_whose_role_the_input_does_not_hold_is_not_known() {
    let cluster = Cluster::new(&binding(Some("a"), "reader", JANE));
    let answer = cluster.access().decide(&jane(), &resource("get", "pods", "a"));
    assert_eq!(answer.decision, Unknown);
    assert_eq!(answer.notes, ["RoleBinding a/b names the ClusterRole reader, which the input does not hold"]);
    let elsewhere = cluster.access().decide(&jane(), &resource("get", "pods", "b"));
    assert_eq!((elsewhere.decision, elsewhere.notes), (Denied, Vec::new()));
}

#[test]
fn aggregated_roles_have_the_rules_of_those_that_they_select_whatever_they_hold() {
    let cluster = Cluster::new(&format!(
        "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: all}}
aggregationRule:
  clusterRoleSelectors:
  - matchLabels: {{part: one}}
  - matchExpressions: [{{key: part, operator: In, values: [two]}}]
rules:
- {{apiGroups: [''], resources: [secrets], verbs: [get]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: one, labels: {{part: one}}}}
rules:
- {{apiGroups: [''], resources: [pods], verbs: [get]}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: two, labels: {{part: two}}}}
aggregationRule:
  clusterRoleSelectors:
  - matchLabels: {{part: three}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: three, labels: {{part: three}}}}
rules:
- {{apiGroups: [''], resources: [services], verbs: [get]}}
---
{}",
        binding(None, "all", JANE)
    ));
    for (asked, expected) in [("pods", Allowed), ("services", Allowed), ("secrets", Denied)] {
        assert_eq!(cluster.decide(&jane(), &resource("get", asked, "a")), expected, "{asked}");
    }
    let answer = cluster.access().decide(&jane(), &resource("get", "services", "a"));
    let steps: Vec<String> =
        answer.grant.into_iter().flat_map(|grant| grant.steps).map(|step| step.text).collect();
    assert_eq!(
        steps,
        [
            "ClusterRoleBinding b grants the ClusterRole all to User jane",
            "ClusterRole all takes over the rules of ClusterRole three, by its labels",
            "ClusterRole three allows get on services",
        ]
    );
}

#[test]
fn what_is_taken_over_through_a_role_is_there_no_more_than_that_role() {
    let text = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: all}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {part: two}}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: two, labels: {part: two}}
aggregationRule: {clusterRoleSelectors: [{matchLabels: {part: three}}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: three, labels: {part: three}}
rules:
- {apiGroups: [''], resources: [services], verbs: [get]}
---
"
    .to_owned()
        + &binding(None, "all", JANE);
    for (admission, expected) in
        [(Admission::Accepted, Allowed), (Admission::Passing, Unknown), (Admission::Refused, Denied)]
    {
        let cluster = Cluster::new(&text).with_role("two", admission);
        let answer = cluster.access().decide(&jane(), &resource("get", "services", "a"));
        assert_eq!(answer.decision, expected, "{admission:?}");
        assert_eq!(answer.notes.iter().any(|note| note.starts_with("ClusterRole two ")), expected != Allowed);
    }
}

#[test]
fn roles_that_take_over_each_other_may_keep_what_they_hold() {
    let role = |name: &str, other: &str, resource: &str| {
        format!(
            "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {{name: {name}, labels: {{part: {name}}}}}
aggregationRule: {{clusterRoleSelectors: [{{matchLabels: {{part: {other}}}}}]}}
rules:
- {{apiGroups: [''], resources: [{resource}], verbs: [get]}}
---
"
        )
    };
    let text = role("one", "two", "pods") + &role("two", "one", "secrets") + &binding(None, "one", JANE);
    let cluster = Cluster::new(&text);
    for asked in ["pods", "secrets"] {
        assert_eq!(cluster.decide(&jane(), &resource("get", asked, "a")), Allowed, "{asked}");
    }
}

#[test]
fn masters_are_asked_nothing_and_nodes_are_decided_about_elsewhere_too() {
    let cluster = Cluster::new("");
    let asked = resource("delete", "secrets", "a");
    assert_eq!(cluster.decide(&acting_as("root", &["system:masters".to_owned()]), &asked), Allowed);
    assert_eq!(cluster.decide(&acting_as("system:masters", &[]), &asked), Denied);
    assert_eq!(cluster.decide(&acting_as("system:node:n1", &["system:nodes".to_owned()]), &asked), Unknown);
    assert_eq!(cluster.decide(&acting_as("system:node:n1", &[]), &asked), Denied);
}

#[test]
fn what_was_not_understood_could_allow_it() {
    let text = READER.to_owned()
        + &binding(Some("a"), "reader", JANE)
        + "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: odd, namespace: a}
rules: [{apiGroups: '', resources: [secrets], verbs: [get]}]
---
";
    let cluster = Cluster::unclear(&text);
    assert_eq!(cluster.decide(&jane(), &resource("get", "pods", "a")), Allowed);
    assert_eq!(cluster.decide(&jane(), &resource("get", "secrets", "a")), Unknown);
    // A Role grants nothing outside its namespace.
    assert_eq!(cluster.decide(&jane(), &resource("get", "secrets", "b")), Denied);
}

#[test]
fn what_the_server_refuses_grants_nothing_and_is_named() {
    let text = "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: a}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get]}
- {nonResourceURLs: [/metrics], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: a}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: jane}]
";
    let cluster = Cluster::unclear(text);
    let answer = cluster.access().explain(&jane(), &resource("get", "pods", "a"));
    assert_eq!(answer.decision, Denied);
    assert_eq!(answer.notes, ["Role a/reader would, but the API server refuses it"]);
    assert_eq!(answer.near[0].lacks, ["the API server refuses it"]);
}

#[test]
fn what_is_there_for_a_moment_is_neither_yes_nor_no() {
    let text = READER.to_owned()
        + &binding(Some("a"), "reader", JANE)
            .replace("{name: b", "{name: b, annotations: {helm.sh/hook: pre-install}");
    let cluster = Cluster::new(&text);
    assert_eq!(cluster.decide(&jane(), &resource("get", "pods", "a")), Unknown);
    assert_eq!(cluster.decide(&jane(), &resource("get", "pods", "b")), Denied);
}

#[test]
fn a_refusal_names_what_comes_nearest() {
    let text = READER.to_owned() + &binding(Some("a"), "reader", JANE);
    let cluster = Cluster::new(&text);
    let near = |user: &User, asked: &Attributes| -> Vec<String> {
        let near = cluster.access().explain(user, asked).near;
        near.into_iter().next().map(|near| near.lacks).unwrap_or_default()
    };
    assert_eq!(near(&jane(), &resource("delete", "pods", "a")), ["it has no verb delete"]);
    assert_eq!(near(&jane(), &resource("get", "pods", "b")), ["it holds in a, not in b"]);
    assert_eq!(near(&jane(), &resource("get", "pods", "")), ["it holds in a, and not in the whole cluster"]);
    assert_eq!(near(&jane(), &resource("get", "secrets", "a")), ["it is not about secrets"]);
    assert_eq!(
        near(&acting_as("john", &[]), &resource("get", "pods", "a")),
        ["it is granted to User jane, not to john"]
    );
}

#[test]
fn what_the_input_holds_wins_over_what_every_server_has_unless_it_is_added_back() {
    let own = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: view, annotations: {rbac.authorization.kubernetes.io/autoupdate: \"false\"}}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get]}
---
";
    let asked = |what: &str| resource("get", what, "a");
    let text = binding(Some("a"), "view", JANE);
    let theirs = Cluster::new(&text);
    let ours = Cluster::new(&(own.to_owned() + &text));
    assert_eq!(theirs.decide(&jane(), &asked("services")), Allowed);
    assert_eq!(ours.decide(&jane(), &asked("services")), Denied);
    assert_eq!(ours.decide(&jane(), &asked("pods")), Allowed);
    // Without the annotation, the server adds what is missing when it starts.
    let updated = Cluster::new(&(own.replace("false", "true") + &text));
    assert_eq!(updated.decide(&jane(), &asked("services")), Allowed);
}
