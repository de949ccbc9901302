//! Who may do what: ServiceAccounts, roles and bindings as teams, pipelines and operators have them, and Secrets without
//! their values.

use super::metadata::applied;
use super::shape::{Namespace, Shape, Side};
use fastrand::Rng;
use serde_json::{Value, json};

const RBAC: &str = "rbac.authorization.k8s.io/v1";
/// The verbs of somebody who looks.
const LOOK: [&str; 3] = ["get", "list", "watch"];
/// The verbs of a controller.
const KEEP: [&str; 7] = ["create", "delete", "get", "list", "patch", "update", "watch"];

/// The Roles of a namespace: the name, the group, the resources and the verbs.
const ROLES: [(&str, &str, &[&str], &[&str]); 5] = [
    ("deployer", "apps", &["deployments", "statefulsets", "daemonsets"], &KEEP),
    ("viewer", "", &["pods", "pods/log", "services", "events", "configmaps"], &LOOK),
    ("elector", "coordination.k8s.io", &["leases"], &KEEP),
    ("config-reader", "", &["configmaps"], &LOOK),
    ("debugger", "", &["pods/portforward"], &["create"]),
];

/// What operators look after, by group and resource.
const LOOKED_AFTER: [(&str, &str); 10] = [
    ("cert-manager.io", "certificates"),
    ("monitoring.coreos.com", "servicemonitors"),
    ("monitoring.coreos.com", "prometheuses"),
    ("autoscaling", "horizontalpodautoscalers"),
    ("networking.k8s.io", "ingresses"),
    ("discovery.k8s.io", "endpointslices"),
    ("apps", "deployments"),
    ("", "services"),
    ("", "nodes"),
    ("policy", "poddisruptionbudgets"),
];

/// How many ClusterRoles there are, and how many of them are bound everywhere.
const CLUSTER_ROLES: usize = 100;
const BOUND: usize = 30;

/// The ClusterRoles, and the bindings of some to operators of the shared namespaces.
pub(super) fn of_cluster(shape: &Shape) -> impl Iterator<Item = Value> + use<> {
    let mut rng = Rng::with_seed(shape.seed ^ 0xacce55);
    let shared: Vec<String> = shape
        .namespaces
        .iter()
        .filter(|namespace| namespace.side == Side::Shared)
        .map(|namespace| namespace.name.clone())
        .collect();
    let roles: Vec<Value> = (0..CLUSTER_ROLES).map(|number| cluster_role(number, &mut rng)).collect();
    let bindings: Vec<Value> = (0..BOUND)
        .map(|number| {
            let name = format!("operator-{number:03}");
            let account = json!({ "kind": "ServiceAccount", "name": "operator", "namespace": shared[number % shared.len()] });
            json!({
                "apiVersion": RBAC,
                "kind": "ClusterRoleBinding",
                "metadata": applied(&name, None, json!({ "part-of": "operators" }), &mut rng),
                "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name },
                "subjects": [account],
            })
        })
        .collect();
    roles.into_iter().chain(bindings)
}

fn cluster_role(number: usize, rng: &mut Rng) -> Value {
    let name = format!("operator-{number:03}");
    let mut labels = json!({ "part-of": "operators" });
    if number.is_multiple_of(10) && number >= BOUND {
        labels["rbac.authorization.k8s.io/aggregate-to-view"] = json!("true");
    }
    let rules: Vec<Value> = (0..6)
        .map(|rule| {
            let (group, resource) = LOOKED_AFTER[(number + rule) % LOOKED_AFTER.len()];
            json!({ "apiGroups": [group], "resources": [resource], "verbs": LOOK })
        })
        .collect();
    json!({
        "apiVersion": RBAC,
        "kind": "ClusterRole",
        "metadata": applied(&name, None, labels, rng),
        "rules": rules,
    })
}

/// The ServiceAccounts, Secrets, Roles and RoleBindings of a namespace. Whom it binds is of its own side.
pub(super) fn of_namespace<'s>(
    shape: &Shape,
    namespace: &'s Namespace,
) -> impl Iterator<Item = Value> + use<'s> {
    let mut rng = Rng::with_seed(shape.seed ^ namespace.workloads.len() as u64 ^ 0x0b1e);
    let side = namespace.side.name();
    let mut objects = Vec::new();
    let mut object = |api_version: &str, kind: &str, name: &str, more: Value| {
        let labels = json!({ "team": namespace.team });
        let mut object = json!({
            "apiVersion": api_version,
            "kind": kind,
            "metadata": applied(name, Some(namespace), labels, &mut rng),
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            object[key] = value.clone();
        }
        objects.push(object);
    };
    for account in ["default", "ci", "operator"] {
        object("v1", "ServiceAccount", account, json!({}));
        object("v1", "Secret", &format!("{account}-credentials"), json!({ "type": "Opaque" }));
    }
    for (name, group, resources, verbs) in ROLES {
        let rules = json!([{ "apiGroups": [group], "resources": resources, "verbs": verbs }]);
        object(RBAC, "Role", name, json!({ "rules": rules }));
    }
    let team = format!("{side}:{}", namespace.team);
    let group =
        |name: &str| json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": name });
    let own = |name: &str| json!({ "kind": "ServiceAccount", "name": name, "namespace": namespace.name });
    let bindings = [
        ("deployers", "Role", "deployer", own("ci")),
        ("viewers", "Role", "viewer", group(&team)),
        ("electors", "Role", "elector", own("operator")),
        ("config-readers", "Role", "config-reader", own("default")),
        ("debuggers", "Role", "debugger", group(&format!("{side}:on-call"))),
        ("team", "ClusterRole", "view", group(&team)),
        ("leads", "ClusterRole", "edit", group(&format!("{team}:leads"))),
        ("administrators", "ClusterRole", "admin", group(&format!("{side}:platform"))),
    ];
    for (name, kind, role, subject) in bindings {
        let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role });
        object(RBAC, "RoleBinding", name, json!({ "roleRef": role, "subjects": [subject] }));
    }
    objects.into_iter()
}
