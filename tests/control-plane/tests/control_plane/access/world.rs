//! Random roles and bindings, as JSON, in which every sort of grant stands: wildcards where they mean something and where
//! they do not, names, subresources, paths, aggregation, bindings to nothing, and the roles that every server has.

use serde_json::{Value, json};
use watertight_oracle::Random;

pub(crate) const NAMESPACES: [&str; 3] = ["rbac-a", "rbac-b", "rbac-c"];
pub(crate) const VERBS: [&str; 9] =
    ["get", "list", "watch", "create", "update", "delete", "deletecollection", "impersonate", "*"];
pub(crate) const GROUPS: [&str; 6] = ["", "apps", "batch", "rbac.authorization.k8s.io", "example.com", "*"];
pub(crate) const RESOURCES: [&str; 9] =
    ["pods", "secrets", "deployments", "roles", "widgets", "nodes", "pod", "Pods", "*"];
pub(crate) const SUBRESOURCES: [&str; 6] = ["log", "exec", "scale", "status", "l", "*"];
pub(crate) const NAMES: [&str; 4] = ["a", "b", "ab", "*"];
pub(crate) const PATHS: [&str; 10] =
    ["/metrics", "/metrics/a", "/metrics/a/b", "/metricsa", "/healthz", "/logs/", "/logs", "/", "/a*", "*"];
pub(crate) const USERS: [&str; 4] = ["jane", "Jane", "system:serviceaccount:rbac-a:ci", "system:anonymous"];
pub(crate) const MEMBERSHIPS: [&str; 7] = [
    "dev",
    "sre",
    "system:authenticated",
    "system:unauthenticated",
    "system:serviceaccounts",
    "system:serviceaccounts:rbac-a",
    "system:serviceaccounts:rbac-b",
];
pub(crate) const ACCOUNTS: [&str; 2] = ["ci", "default"];

/// Some of the roles that every server has.
const OF_THE_SERVER: [&str; 5] = ["admin", "edit", "view", "system:discovery", "system:kube-scheduler"];
/// What aggregated roles select by.
const LABEL: &str = "rbac-test";

/// The roles and bindings of a world, in the order in which they can be made.
pub(crate) fn objects(seed: u64) -> Vec<Value> {
    let mut random = Random::new(seed);
    let mut objects = Vec::new();
    for number in 0..30 {
        objects.push(cluster_role(&mut random, number));
    }
    for namespace in NAMESPACES {
        for number in 0..8 {
            let rules: Vec<Value> = (0..=random.below(3)).map(|_| resource_rule(&mut random)).collect();
            objects.push(json!({
                "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
                "metadata": {"name": format!("role-{number}"), "namespace": namespace}, "rules": rules,
            }));
        }
    }
    for number in 0..25 {
        objects.push(binding(&mut random, "ClusterRoleBinding", number, None));
    }
    for namespace in NAMESPACES {
        for number in 0..20 {
            objects.push(binding(&mut random, "RoleBinding", number, Some(namespace)));
        }
    }
    objects
}

fn cluster_role(random: &mut Random, number: usize) -> Value {
    let mut metadata = json!({"name": format!("rbac-test-{number}")});
    let mut labels = json!({});
    if random.below(2) == 0 {
        labels[LABEL] = json!(random.one_of(["one", "two"]));
    }
    if random.below(8) == 0 {
        labels[format!(
            "rbac.authorization.k8s.io/aggregate-to-{}",
            random.one_of(["view", "edit", "admin"])
        )] = json!("true");
    }
    metadata["labels"] = labels;
    let mut role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": metadata,
    });
    // One that is aggregated carries a label of its own at most: what takes over itself in a circle keeps what it had.
    if number.is_multiple_of(6) {
        role["metadata"]["labels"] = json!({format!("{LABEL}-level"): "two"});
        let selectors = (0..=random.below(1)).map(|_| selector(random)).collect::<Vec<_>>();
        role["aggregationRule"] = json!({"clusterRoleSelectors": selectors});
        if number == 12 {
            role["aggregationRule"] =
                json!({"clusterRoleSelectors": [{"matchLabels": {format!("{LABEL}-level"): "two"}}]});
            role["metadata"]["labels"] = json!({});
        }
    } else {
        let rules: Vec<Value> = (0..=random.below(3))
            .map(|_| if random.below(3) == 0 { path_rule(random) } else { resource_rule(random) })
            .collect();
        role["rules"] = json!(rules);
    }
    role
}

fn selector(random: &mut Random) -> Value {
    match random.below(4) {
        0 => json!({"matchLabels": {LABEL: "one"}}),
        1 => json!({"matchExpressions": [{"key": LABEL, "operator": "In", "values": ["one", "two"]}]}),
        2 => {
            json!({"matchLabels": {LABEL: "two"}, "matchExpressions": [{"key": LABEL, "operator": "Exists"}]})
        }
        _ => json!({"matchExpressions": [{"key": LABEL, "operator": "NotIn", "values": ["one"]},
                                         {"key": LABEL, "operator": "Exists"}]}),
    }
}

fn some<T: Copy, const N: usize>(random: &mut Random, of: [T; N]) -> Vec<T> {
    (0..=random.below(2)).map(|_| random.one_of(of)).collect()
}

fn resource_rule(random: &mut Random) -> Value {
    let resources: Vec<String> = (0..=random.below(2))
        .map(|_| {
            let resource = random.one_of(RESOURCES);
            match random.below(3) {
                0 => format!("{resource}/{}", random.one_of(SUBRESOURCES)),
                _ => resource.to_owned(),
            }
        })
        .collect();
    let mut rule =
        json!({"verbs": some(random, VERBS), "apiGroups": some(random, GROUPS), "resources": resources});
    if random.below(3) == 0 {
        rule["resourceNames"] = json!(some(random, NAMES));
    }
    rule
}

fn path_rule(random: &mut Random) -> Value {
    let paths: Vec<String> = (0..=random.below(2))
        .map(|_| {
            let path = random.one_of(PATHS);
            match random.below(4) {
                0 => format!("{path}*"),
                1 => format!("{path}/*"),
                2 => format!("{path}**"),
                _ => path.to_owned(),
            }
        })
        .collect();
    json!({"verbs": some(random, VERBS), "nonResourceURLs": paths})
}

fn binding(random: &mut Random, kind: &str, number: usize, namespace: Option<&str>) -> Value {
    let role_ref = match random.below(6) {
        0 => json!({"kind": "ClusterRole", "name": random.one_of(OF_THE_SERVER)}),
        1 => json!({"kind": "ClusterRole", "name": "rbac-test-that-is-not-there"}),
        2 | 3 if namespace.is_some() => {
            json!({"kind": "Role", "name": format!("role-{}", random.below(9))})
        }
        _ => json!({"kind": "ClusterRole", "name": format!("rbac-test-{}", random.below(30))}),
    };
    let subjects: Vec<Value> = (0..=random.below(2)).map(|_| subject(random, namespace.is_some())).collect();
    let mut metadata = json!({"name": format!("rbac-test-{number}")});
    if let Some(namespace) = namespace {
        metadata["namespace"] = json!(namespace);
    }
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata,
        "roleRef": role_ref, "subjects": subjects,
    })
}

fn subject(random: &mut Random, can_leave_out_the_namespace: bool) -> Value {
    match random.below(4) {
        0 => json!({"kind": "User", "name": random.one_of(USERS)}),
        1 | 2 => json!({"kind": "Group", "name": random.one_of(MEMBERSHIPS)}),
        _ if can_leave_out_the_namespace && random.below(2) == 0 => {
            json!({"kind": "ServiceAccount", "name": random.one_of(ACCOUNTS)})
        }
        _ => json!({
            "kind": "ServiceAccount", "name": random.one_of(ACCOUNTS), "namespace": random.one_of(NAMESPACES),
        }),
    }
}
