//! Random roles, bindings and ServiceAccounts in a cluster that is there: rights from which something follows and others
//! from which nothing does, granted across namespaces often enough.

use crate::build;
use crate::random::Random;
use watertight_base::{Labels, Operator, Selector};
use watertight_model::{
    Admission, ObjectRef, Role, RoleBinding, RoleRef, RoleRule, ServiceAccount, Snapshot, Subject,
    SubjectKind,
};

/// Names of ServiceAccounts, in any namespace.
const ACCOUNTS: [&str; 4] = ["default", "ci", "web", "operator"];
const USERS: [&str; 3] = ["jane", "joe", "system:anonymous"];
const GROUPS: [&str; 3] = ["dev", "ops", "oncall"];
/// Names to which rules are bound: of Secrets, ServiceAccounts, roles, users, groups and namespaces.
const NAMES: [&str; 9] = ["ci", "operator", "db", "role-0", "wide-0", "jane", "ops", "production", "missing"];
/// What every server has.
const BUILT_IN: [&str; 4] = ["view", "edit", "admin", "cluster-admin"];
/// The label by which an aggregated ClusterRole takes others.
const TAKES: &str = "example.com/aggregate-to-sum";

/// The label by which an aggregated ClusterRole takes the other one. It carries it itself, so that nothing takes it over.
const TAKES_SUM: &str = "example.com/aggregate-to-total";

/// A right: verbs, group, resources.
type Right = (&'static [&'static str], &'static str, &'static [&'static str]);

const CHANGE: &[&str] = &["create", "update", "patch"];
const READ: &[&str] = &["get", "list", "watch"];

/// Rights from which something follows.
const STRONG: [Right; 30] = [
    (&["create"], "", &["pods"]),
    (&["create"], "", &["pods/exec"]),
    (&["create", "get"], "", &["pods/attach", "pods/exec", "*/exec"]),
    (&["update", "patch"], "", &["pods"]),
    (&["patch"], "", &["pods/ephemeralcontainers"]),
    (CHANGE, "apps", &["deployments", "daemonsets", "statefulsets", "replicasets"]),
    (CHANGE, "batch", &["jobs", "cronjobs"]),
    (CHANGE, "", &["replicationcontrollers"]),
    (READ, "", &["secrets"]),
    (&["create"], "", &["secrets"]),
    (&["create"], "", &["serviceaccounts/token"]),
    (&["create"], "", &["serviceaccounts/token", "serviceaccounts"]),
    (&["impersonate"], "", &["users"]),
    (&["impersonate"], "", &["groups"]),
    (&["impersonate"], "", &["serviceaccounts"]),
    (&["impersonate"], "", &["users", "groups", "serviceaccounts"]),
    (&["bind"], "rbac.authorization.k8s.io", &["roles", "clusterroles"]),
    (&["escalate", "update"], "rbac.authorization.k8s.io", &["roles", "clusterroles"]),
    (CHANGE, "rbac.authorization.k8s.io", &["rolebindings"]),
    (CHANGE, "rbac.authorization.k8s.io", &["clusterrolebindings"]),
    (&["bind", "create"], "rbac.authorization.k8s.io", &["*"]),
    (&["patch", "update"], "", &["namespaces"]),
    (&["patch", "delete", "create"], "networking.k8s.io", &["networkpolicies"]),
    (&["create", "get"], "", &["nodes/proxy"]),
    (&["create", "update"], "certificates.k8s.io", &["*"]),
    (&["approve"], "certificates.k8s.io", &["signers"]),
    (&["create"], "", &["pods/portforward", "pods/proxy", "services/proxy"]),
    (&["patch"], "apps", &["deployments/scale"]),
    (&["delete", "patch"], "", &["services", "configmaps", "pods"]),
    (&["create", "patch"], "admissionregistration.k8s.io", &["mutatingwebhookconfigurations"]),
];

/// Rights from which nothing follows.
const HARMLESS: [Right; 6] = [
    (READ, "", &["pods", "services", "pods/log"]),
    (READ, "apps", &["deployments", "deployments/status"]),
    (&["get"], "", &["pods/*", "Secrets", "secret"]),
    (&["create"], "apps", &["pods", "pods/exec"]),
    (&["use"], "", &["pods", "secrets"]),
    (&["create"], "authorization.k8s.io", &["selfsubjectaccessreviews"]),
];

/// Who is bound where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Anybody anywhere.
    Any,
    /// In production nobody of staging, and in the namespaces of neither side mostly those of staging: so that whoever
    /// gets across has taken a step between.
    Chained,
}

/// The same cluster with roles, bindings and ServiceAccounts.
#[must_use]
pub fn add(snapshot: &Snapshot, seed: u64, shape: Shape) -> Snapshot {
    let mut snapshot = snapshot.clone();
    let namespaces: Vec<String> =
        snapshot.namespaces.iter().map(|namespace| namespace.name.clone()).collect();
    let mut generator = Generator { random: Random::new(seed ^ 0x7262_6163), namespaces, shape };
    let at_least = usize::from(shape == Shape::Chained);
    for namespace in generator.namespaces.clone() {
        for name in ACCOUNTS {
            if generator.random.chance(40) {
                let object = build::origin("v1", "ServiceAccount", &namespace, name).object;
                snapshot.service_accounts.push(ServiceAccount {
                    object,
                    span: build::place(),
                    identities: Vec::new(),
                });
            }
        }
        for number in 0..at_least + generator.random.below(3 - at_least) {
            snapshot.roles.push(generator.role(&namespace, &format!("role-{number}")));
        }
    }
    for number in 0..generator.random.below(4) {
        snapshot.roles.push(generator.role("", &format!("wide-{number}")));
    }
    if generator.random.chance(50) {
        snapshot.roles.push(generator.sum());
    }
    if generator.random.chance(30) {
        snapshot.roles.push(total());
    }
    for number in 0..2 + 12 * at_least + generator.random.below(7) {
        snapshot.role_bindings.push(generator.binding(&format!("binding-{number}")));
    }
    // What a role that is not there would grant is not known, which would leave little that is sure.
    if generator.random.chance(85) {
        let Snapshot { roles, role_bindings, .. } = &mut snapshot;
        role_bindings.retain(|binding| is_named(binding, roles));
    }
    let key = |object: &ObjectRef| (object.namespace.clone(), object.name.clone());
    let accounts = snapshot.service_accounts.iter().map(|account| &account.object);
    let objects = accounts.chain(snapshot.roles.iter().map(|role| &role.object));
    for object in objects.chain(snapshot.role_bindings.iter().map(|binding| &binding.object)) {
        *snapshot.kinds.entry(object.kind.clone()).or_default() += 1;
    }
    snapshot.service_accounts.sort_by_key(|account| key(&account.object));
    snapshot.roles.sort_by_key(|role| key(&role.object));
    snapshot.role_bindings.sort_by_key(|binding| key(&binding.object));
    snapshot
}

/// Whether the role that a binding names is there.
fn is_named(binding: &RoleBinding, roles: &[Role]) -> bool {
    let RoleRef { cluster, name, .. } = &binding.role;
    let namespace = binding.object.namespace.as_ref().filter(|_| !cluster);
    let is_it = |role: &Role| role.object.namespace.as_ref() == namespace && role.object.name == *name;
    *cluster && BUILT_IN.contains(&name.as_str()) || roles.iter().any(is_it)
}

struct Generator {
    random: Random,
    namespaces: Vec<String>,
    shape: Shape,
}

/// Which way a namespace is from staging to production.
fn stage(namespace: &str) -> usize {
    match namespace.split('-').next() {
        Some("staging") => 0,
        Some("production") => 2,
        _ => 1,
    }
}

impl Generator {
    fn namespace(&mut self) -> String {
        self.random.pick(&self.namespaces).cloned().unwrap_or_default()
    }

    fn role(&mut self, namespace: &str, name: &str) -> Role {
        let mut labels = Labels::new();
        if namespace.is_empty() && self.random.chance(50) {
            let key = self.random.one_of([TAKES, "rbac.authorization.k8s.io/aggregate-to-view", "other"]);
            labels.insert(key.to_owned(), "true".to_owned());
        }
        let rules = (0..1 + self.random.below(2)).map(|_| self.rule()).collect();
        let kind = if namespace.is_empty() { "ClusterRole" } else { "Role" };
        Role { labels, rules, ..role(kind, namespace, name) }
    }

    /// An aggregated ClusterRole, whose own rules mean nothing.
    fn sum(&mut self) -> Role {
        let takes = match self.random.below(3) {
            0 => build::matching(&[(TAKES, "true")]),
            1 => build::selecting(vec![build::require(TAKES, Operator::Exists, &[])]),
            _ => Selector {
                requirements: vec![build::require(TAKES, Operator::NotIn, &["false"])]
                    .into_iter()
                    .chain(
                        ["kubernetes.io/bootstrapping", TAKES_SUM]
                            .map(|key| build::require(key, Operator::DoesNotExist, &[])),
                    )
                    .collect(),
            },
        };
        let rules = if self.random.chance(50) { vec![self.rule()] } else { Vec::new() };
        let labels = build::labels(&[(TAKES_SUM, "true")]);
        Role { labels, rules, aggregates: Some(vec![takes]), ..role("ClusterRole", "", "sum") }
    }

    fn rule(&mut self) -> RoleRule {
        let is_strong = self.random.chance(75);
        let (verbs, group, resources) =
            if is_strong { self.random.one_of(STRONG) } else { self.random.one_of(HARMLESS) };
        let mut rule = RoleRule {
            verbs: self.some_of(verbs),
            api_groups: vec![group.to_owned()],
            resources: self.some_of(resources),
            ..RoleRule::default()
        };
        if self.random.chance(6) {
            rule.verbs = vec!["*".to_owned()];
        }
        if self.random.chance(4) {
            rule.resources = vec!["*".to_owned()];
        }
        if self.random.chance(8) {
            rule.api_groups = vec!["*".to_owned()];
        }
        if self.random.chance(25) {
            rule.resource_names = (0..1 + self.random.below(2)).map(|_| self.name()).collect();
        }
        rule
    }

    fn name(&mut self) -> String {
        self.random.one_of(NAMES).to_owned()
    }

    /// One of them, or all.
    fn some_of(&mut self, all: &[&str]) -> Vec<String> {
        if self.random.chance(60) {
            return all.iter().map(|&one| one.to_owned()).collect();
        }
        self.random.pick(all).map(|&one| one.to_owned()).into_iter().collect()
    }

    fn binding(&mut self, name: &str) -> RoleBinding {
        let everywhere = self.shape == Shape::Any && self.random.chance(15);
        let namespace = if everywhere { String::new() } else { self.namespace() };
        let cluster = everywhere || self.random.chance(50);
        let role = match self.random.below(10) {
            0 => self.random.one_of(BUILT_IN).to_owned(),
            1 => "missing".to_owned(),
            2 if cluster => "total".to_owned(),
            3 | 4 if cluster => "sum".to_owned(),
            _ if cluster => format!("wide-{}", self.random.below(3)),
            _ => format!("role-{}", self.random.below(2)),
        };
        let subjects = match self.shape {
            Shape::Any => (0..1 + self.random.below(2)).map(|_| self.subject(&namespace)).collect(),
            Shape::Chained => vec![self.subject_before(&namespace)],
        };
        let kind = if everywhere { "ClusterRoleBinding" } else { "RoleBinding" };
        RoleBinding {
            object: object(kind, &namespace, name),
            span: Some(build::place()),
            role: RoleRef { span: Some(build::place()), cluster, name: role },
            subjects,
            is_protected: false,
            admission: Admission::Accepted,
        }
    }

    /// A ServiceAccount of a namespace that is nearer to staging, or of another of neither side.
    fn subject_before(&mut self, own: &str) -> Subject {
        let before: Vec<String> = self
            .namespaces
            .iter()
            .filter(|other| match (stage(own), stage(other)) {
                (1, 1) => other.as_str() != own,
                (own, other) => own == other + 1 || own + other == 0,
            })
            .cloned()
            .collect();
        let namespace = self.random.pick(&before).cloned().unwrap_or_else(|| own.to_owned());
        let name = self.random.one_of(ACCOUNTS).to_owned();
        Subject { span: Some(build::place()), kind: SubjectKind::ServiceAccount(namespace), name }
    }

    /// Mostly a ServiceAccount, of the binding's own namespace half of the time.
    fn subject(&mut self, own: &str) -> Subject {
        let namespace =
            if own.is_empty() || self.random.chance(60) { self.namespace() } else { own.to_owned() };
        let account = self.random.one_of(ACCOUNTS);
        let (kind, name) = match self.random.below(20) {
            0..12 => (SubjectKind::ServiceAccount(namespace), account.to_owned()),
            12 => (SubjectKind::User, format!("system:serviceaccount:{namespace}:{account}")),
            13 => (SubjectKind::Group, format!("system:serviceaccounts:{namespace}")),
            14 if self.random.chance(30) => (SubjectKind::Group, "system:serviceaccounts".to_owned()),
            14 => (SubjectKind::ServiceAccount("elsewhere".to_owned()), account.to_owned()),
            15 | 16 => (SubjectKind::User, self.random.one_of(USERS).to_owned()),
            _ => (SubjectKind::Group, self.random.one_of(GROUPS).to_owned()),
        };
        Subject { span: Some(build::place()), kind, name }
    }
}

/// An aggregated ClusterRole that takes over another one.
fn total() -> Role {
    let takes = build::matching(&[(TAKES_SUM, "true")]);
    let labels = build::labels(&[(TAKES_SUM, "never")]);
    Role { labels, aggregates: Some(vec![takes]), ..role("ClusterRole", "", "total") }
}

fn object(kind: &str, namespace: &str, name: &str) -> ObjectRef {
    build::origin("rbac.authorization.k8s.io/v1", kind, namespace, name).object
}

fn role(kind: &str, namespace: &str, name: &str) -> Role {
    Role {
        object: object(kind, namespace, name),
        span: Some(build::place()),
        labels: Labels::new(),
        rules: Vec::new(),
        aggregates: None,
        is_protected: false,
        admission: Admission::Accepted,
    }
}
