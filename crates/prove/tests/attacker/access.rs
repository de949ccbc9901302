//! What RBAC decides about random requests on random clusters.

use crate::cluster::{built_in, cluster, plain, seeds};
use watertight_api::{Access, Bootstrap};
use watertight_base::Labels;
use watertight_model::{
    Admission, Attributes, Decision, NonResourceAttributes, ObjectRef, ResourceAttributes, Role, RoleBinding,
    RoleRule, Snapshot, SubjectKind, User,
};
use watertight_oracle::{Random, rbac};

const VERBS: [&str; 13] = [
    "get",
    "list",
    "create",
    "update",
    "patch",
    "delete",
    "impersonate",
    "bind",
    "escalate",
    "approve",
    "use",
    "*",
    "GET",
];
const GROUPS: [&str; 7] =
    ["", "apps", "batch", "rbac.authorization.k8s.io", "networking.k8s.io", "certificates.k8s.io", "*"];
const RESOURCES: [(&str, &str); 24] = [
    ("pods", ""),
    ("pods", "exec"),
    ("pods", "attach"),
    ("pods", "log"),
    ("pods", "ephemeralcontainers"),
    ("secrets", ""),
    ("serviceaccounts", ""),
    ("serviceaccounts", "token"),
    ("users", ""),
    ("groups", ""),
    ("deployments", ""),
    ("deployments", "scale"),
    ("jobs", ""),
    ("replicationcontrollers", ""),
    ("roles", ""),
    ("clusterroles", ""),
    ("rolebindings", ""),
    ("clusterrolebindings", ""),
    ("namespaces", ""),
    ("nodes", "proxy"),
    ("certificatesigningrequests", "approval"),
    ("signers", ""),
    ("*", ""),
    ("*", "exec"),
];
const NAMES: [&str; 7] = ["", "", "ci", "db", "role-0", "production", "*"];
const PATHS: [&str; 6] = ["/healthz", "/metrics", "/api", "/apis/apps", "/openapi/v2", "/*"];

#[test]
fn what_is_decided_is_what_a_reader_of_the_documentation_says() {
    let built_in = built_in();
    let mut decided = [0; 3];
    for seed in seeds() {
        let mut random = Random::new(seed);
        let snapshot = with_doubts(cluster(seed), &mut random);
        let access = Access::new(&snapshot, built_in.clone());
        let surely = plain(&snapshot, &built_in, |admission| admission == Admission::Accepted);
        let perhaps = plain(&with_missing_roles(&snapshot, &built_in), &built_in, |admission| {
            admission != Admission::Refused
        });
        for _ in 0..100 {
            let mut user = somebody(&mut random, &snapshot);
            let mut asked = something(&mut random, &snapshot);
            if random.chance(70) {
                aim(&mut random, &snapshot, &mut user, &mut asked);
            }
            let expected = match (surely.allows(&user, &asked), perhaps.allows(&user, &asked)) {
                (true, _) => Decision::Allowed,
                (false, true) => Decision::Unknown,
                (false, false) => Decision::Denied,
            };
            let is_decided = access.decide(&user, &asked).decision;
            assert_eq!(is_decided, expected, "seed {seed}: may {user:?} {asked}?");
            decided[expected as usize] += 1;
        }
    }
    assert!(decided.iter().all(|&count| count >= 20), "some answers hardly occur: {decided:?}");
}

/// The same cluster with the roles that bindings name and that are not there, which may allow anything.
fn with_missing_roles(snapshot: &Snapshot, built_in: &Bootstrap) -> Snapshot {
    let all = || vec!["*".to_owned()];
    let mut completed = snapshot.clone();
    for binding in &snapshot.role_bindings {
        let namespace = binding.object.namespace.clone().filter(|_| !binding.role.cluster);
        let object = ObjectRef { namespace, name: binding.role.name.clone(), ..binding.object.clone() };
        let mut there = completed.roles.iter().chain(&built_in.roles).map(|role| &role.object);
        if !there.any(|role| (&role.namespace, &role.name) == (&object.namespace, &object.name)) {
            let non_resource_urls = if object.namespace.is_none() { all() } else { Vec::new() };
            let rule = RoleRule {
                verbs: all(),
                api_groups: all(),
                resources: all(),
                non_resource_urls,
                ..RoleRule::default()
            };
            let (rules, labels, admission) = (vec![rule], Labels::default(), Admission::Passing);
            completed.roles.push(Role {
                object,
                span: None,
                labels,
                rules,
                aggregates: None,
                is_protected: false,
                admission,
            });
        }
    }
    completed
}

/// The same cluster, of which some is there for a moment only, and some is refused.
fn with_doubts(mut snapshot: Snapshot, random: &mut Random) -> Snapshot {
    let mut doubt = || random.one_of([Admission::Accepted, Admission::Passing, Admission::Refused]);
    let admissions = snapshot.roles.iter_mut().map(|role| &mut role.admission);
    let admissions =
        admissions.chain(snapshot.role_bindings.iter_mut().map(|binding| &mut binding.admission));
    for (index, admission) in admissions.enumerate() {
        if index % 3 == 0 {
            *admission = doubt();
        }
    }
    snapshot
}

fn somebody(random: &mut Random, snapshot: &Snapshot) -> User {
    match random.below(10) {
        0 => rbac::user(random.one_of(["jane", "joe"])),
        1 => rbac::member(random.one_of(["dev", "ops", "oncall", "system:masters"])),
        2 => rbac::anonymous(),
        _ => {
            let namespace = random.pick(&snapshot.namespaces).map(|namespace| namespace.name.as_str());
            rbac::account(namespace.unwrap_or_default(), random.one_of(["default", "ci", "web", "operator"]))
        }
    }
}

fn something(random: &mut Random, snapshot: &Snapshot) -> Attributes {
    if random.chance(10) {
        let path = random.one_of(PATHS).to_owned();
        return Attributes::NonResource(NonResourceAttributes {
            verb: random.one_of(VERBS).to_owned(),
            path,
        });
    }
    let (resource, subresource) = random.one_of(RESOURCES);
    let namespace = random.pick(&snapshot.namespaces).map(|namespace| namespace.name.clone());
    Attributes::Resource(ResourceAttributes {
        verb: random.one_of(VERBS).to_owned(),
        group: random.one_of(GROUPS).to_owned(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        namespace: namespace.filter(|_| random.chance(80)).unwrap_or_default(),
        name: random.one_of(NAMES).to_owned(),
    })
}

/// Asks for what a rule says, and as somebody whom a binding names; one part may stay as it was.
fn aim(random: &mut Random, snapshot: &Snapshot, user: &mut User, asked: &mut Attributes) {
    let Some(binding) = random.pick(&snapshot.role_bindings) else { return };
    let Some(subject) = random.pick(&binding.subjects) else { return };
    let roles: Vec<&Role> = snapshot.roles.iter().filter(|role| is_behind(role, binding)).collect();
    let Some(rule) = random.pick(&roles).and_then(|role| random.pick(&role.rules)) else { return };
    let left_out = random.below(10);
    if left_out != 0 {
        *user = match &subject.kind {
            SubjectKind::User => rbac::user(&subject.name),
            SubjectKind::Group => rbac::member(&subject.name),
            SubjectKind::ServiceAccount(namespace) => rbac::account(namespace, &subject.name),
        };
    }
    let Attributes::Resource(asked) = asked else { return };
    if left_out != 1 {
        asked.verb = random.pick(&rule.verbs).cloned().unwrap_or_default();
    }
    if left_out != 2 {
        asked.group = random.pick(&rule.api_groups).cloned().unwrap_or_default();
    }
    if left_out != 3 {
        let resource = random.pick(&rule.resources).cloned().unwrap_or_default();
        let (resource, subresource) = resource.split_once('/').unwrap_or((&resource, ""));
        (asked.resource, asked.subresource) = (resource.to_owned(), subresource.to_owned());
    }
    if left_out != 4 {
        asked.name = random.pick(&rule.resource_names).cloned().unwrap_or_default();
    }
    if left_out != 5 {
        asked.namespace = binding.object.namespace.clone().unwrap_or_default();
    }
}

/// Whether a binding names the role, or another that could take it over.
fn is_behind(role: &Role, binding: &RoleBinding) -> bool {
    role.object.name == binding.role.name
        || ["sum", "total"].contains(&binding.role.name.as_str()) && !role.labels.is_empty()
}
