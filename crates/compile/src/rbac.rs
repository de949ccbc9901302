//! Who may do what in an environment: a Role for each that is given, and a RoleBinding for each party.
//!
//! The ClusterRoles `view` and `edit` of Kubernetes are not bound: `edit` may change NetworkPolicies, and what the wall is made
//! of is nobody's of the environment. Roles lie in a namespace, so that nothing reaches beyond it.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles>.

use crate::manifest::{Kind, Manifest, Serves};
use std::collections::BTreeSet;
use watertight_base::Span;
use watertight_intent::{
    Boundary, Environment, EnvironmentId, ExceptionAllows, Intent, Party, Role, ServiceAccountRef, Spanned,
    Subject,
};
use watertight_yaml::{Value, mapping, texts};

const READ: [&str; 3] = ["get", "list", "watch"];
const WRITE: [&str; 5] = ["create", "delete", "deletecollection", "patch", "update"];

/// What both roles read, by API group: no Secret among it.
const READABLE: [(&str, &[&str]); 10] = [
    (
        "",
        &[
            "configmaps",
            "endpoints",
            "events",
            "limitranges",
            "persistentvolumeclaims",
            "pods",
            "pods/log",
            "resourcequotas",
            "serviceaccounts",
            "services",
        ],
    ),
    ("apps", &["controllerrevisions", "daemonsets", "deployments", "replicasets", "statefulsets"]),
    ("autoscaling", &["horizontalpodautoscalers"]),
    ("batch", &["cronjobs", "jobs"]),
    ("coordination.k8s.io", &["leases"]),
    ("discovery.k8s.io", &["endpointslices"]),
    ("events.k8s.io", &["events"]),
    ("gateway.networking.k8s.io", ROUTES),
    ("networking.k8s.io", &["ingresses", "networkpolicies"]),
    ("policy", &["poddisruptionbudgets"]),
];

/// Routes that are told apart by hosts, which a guard bounds (`guards/hosts.rs`). A TCPRoute or a Gateway names none, or takes
/// those of others.
const ROUTES: &[&str] = &["grpcroutes", "httproutes", "tlsroutes"];

/// What `edit` changes: neither NetworkPolicies nor quotas, limits, roles and bindings, and no endpoints, which could name
/// addresses of others. What Services, Ingresses and routes could take from others is bounded by guards (`guards/`), where
/// there are others.
const WRITABLE: [(&str, &[&str]); 8] = [
    ("", &["configmaps", "persistentvolumeclaims", "pods", "secrets", "services"]),
    (
        "apps",
        &[
            "daemonsets",
            "deployments",
            "deployments/scale",
            "replicasets",
            "replicasets/scale",
            "statefulsets",
            "statefulsets/scale",
        ],
    ),
    ("autoscaling", &["horizontalpodautoscalers"]),
    ("batch", &["cronjobs", "jobs"]),
    ("coordination.k8s.io", &["leases"]),
    ("gateway.networking.k8s.io", ROUTES),
    ("networking.k8s.io", &["ingresses"]),
    ("policy", &["poddisruptionbudgets"]),
];

/// Ways into pods. Before Kubernetes 1.35, `get` was asked of those who come by WebSocket.
const INTO_PODS: &[&str] = &["pods/attach", "pods/exec", "pods/portforward"];

fn name(role: Role) -> &'static str {
    match role {
        Role::View => "view",
        Role::Edit => "edit",
    }
}

fn rule<'a>(group: &str, resources: &[&str], verbs: impl IntoIterator<Item = &'a str>) -> Value {
    mapping([
        ("apiGroups", texts([group])),
        ("resources", texts(resources.iter().copied())),
        ("verbs", texts(verbs)),
    ])
}

fn rules(role: Role) -> Value {
    let mut rules: Vec<Value> =
        READABLE.iter().map(|(group, resources)| rule(group, resources, READ)).collect();
    if role == Role::Edit {
        rules.push(rule("", &["secrets"], READ));
        rules.extend(WRITABLE.iter().map(|(group, resources)| rule(group, resources, WRITE)));
        rules.push(rule("", INTO_PODS, ["create", "get"]));
        rules.push(rule("", &["pods/eviction"], ["create"]));
        rules.push(rule("", &["pods/ephemeralcontainers", "pods/resize"], ["patch", "update"]));
    }
    Value::List(rules)
}

/// A binding before it is one: its name, who is bound, to which role, and what of the intent asks for it.
struct Binding {
    name: String,
    subjects: Vec<Subject>,
    role: Role,
    asked_by: Span,
    annotations: Vec<(&'static str, String)>,
}

/// The Roles and RoleBindings of an environment.
pub(crate) fn rbac(intent: &Intent, id: EnvironmentId, environment: &Environment) -> Vec<Manifest> {
    let mut bindings = of_parties(environment);
    bindings.extend(
        intent
            .boundaries
            .iter()
            .filter(|boundary| boundary.to == id)
            .flat_map(|boundary| exceptions(intent, boundary)),
    );
    let roles: BTreeSet<Role> = bindings.iter().map(|binding| binding.role).collect();
    let mut manifests = Vec::new();
    for namespace in &environment.namespaces {
        let object = |kind, name: String, asked_by, annotations, body| Manifest {
            kind,
            namespace: Some(namespace.value.clone()),
            name,
            environment: environment.name.value.clone(),
            labels: Vec::new(),
            annotations,
            serves: Serves::Api,
            asked_by,
            body,
        };
        for role in &roles {
            let body = vec![("rules", rules(*role))];
            manifests.push(object(
                Kind::Role,
                format!("watertight-{}", name(*role)),
                environment.name.span,
                Vec::new(),
                body,
            ));
        }
        for binding in &bindings {
            let role = mapping([
                ("apiGroup", "rbac.authorization.k8s.io".into()),
                ("kind", "Role".into()),
                ("name", format!("watertight-{}", name(binding.role)).into()),
            ]);
            let subjects = Value::List(binding.subjects.iter().map(subject).collect());
            let body = vec![("roleRef", role), ("subjects", subjects)];
            let annotations = binding.annotations.clone();
            manifests.push(object(
                Kind::RoleBinding,
                binding.name.clone(),
                binding.asked_by,
                annotations,
                body,
            ));
        }
    }
    manifests
}

fn of_parties(environment: &Environment) -> Vec<Binding> {
    let access = &environment.access;
    let kinds = [
        ("team", &access.teams),
        ("ci", &access.ci),
        ("operator", &access.operators),
        ("on-call", &access.on_call),
    ];
    let binding = |kind: &str, party: &Party| Binding {
        name: format!("{kind}-{}", party.name.value),
        subjects: subjects(party),
        role: party.role.value,
        asked_by: party.name.span,
        annotations: Vec::new(),
    };
    kinds
        .into_iter()
        .flat_map(|(kind, parties)| parties.iter().map(move |party| binding(kind, party)))
        .collect()
}

/// All of a party.
pub(crate) fn subjects(party: &Party) -> Vec<Subject> {
    let users = party.users.iter().map(|user| Subject::User(user.value.clone()));
    let groups = party.groups.iter().map(|group| Subject::Group(group.value.clone()));
    let accounts = party.service_accounts.iter();
    let accounts =
        accounts.map(|account: &Spanned<ServiceAccountRef>| Subject::ServiceAccount(account.value.clone()));
    users.chain(groups).chain(accounts).collect()
}

/// The rights that exceptions of a boundary give on its `to` side, each with why, by whom and until when.
fn exceptions(intent: &Intent, boundary: &Boundary) -> Vec<Binding> {
    let from = intent.environments.get(boundary.from.0).map_or("", |from| from.name.value.as_str());
    let binding = |(number, exception): (usize, &watertight_intent::Exception)| match &exception.allows {
        ExceptionAllows::Connection { .. } => None,
        ExceptionAllows::Access { subject, role } => Some(Binding {
            name: format!("exception-{from}-{number}"),
            subjects: vec![subject.value.clone()],
            role: role.value,
            asked_by: exception.span,
            annotations: vec![
                ("watertight.dev/expires", exception.expires.value.to_string()),
                ("watertight.dev/owner", exception.owner.value.clone()),
                ("watertight.dev/reason", exception.reason.value.clone()),
            ],
        }),
    };
    (1..).zip(&boundary.exceptions).filter_map(binding).collect()
}

fn subject(subject: &Subject) -> Value {
    let named = |kind: &str, name: &str| {
        mapping([
            ("apiGroup", "rbac.authorization.k8s.io".into()),
            ("kind", kind.into()),
            ("name", name.into()),
        ])
    };
    match subject {
        Subject::User(name) => named("User", name),
        Subject::Group(name) => named("Group", name),
        Subject::ServiceAccount(account) => mapping([
            ("kind", "ServiceAccount".into()),
            ("name", account.name.as_str().into()),
            ("namespace", account.namespace.as_str().into()),
        ]),
    }
}
