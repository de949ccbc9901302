//! The world in which the player moves, and as whom it begins.

use super::together::Together;
use crate::build;
use crate::random::Random;
use crate::rbac::{self, Rbac};
use std::collections::{BTreeMap, BTreeSet};
use watertight_model::{
    Admission, Callee, Namespace, PodState, Principal, RoleBinding, RoleRef, RoleRule, Snapshot, Subject,
    SubjectKind, User,
};

/// The namespaces that every server has.
const EVERYWHERE: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

/// A cluster that moves change.
#[derive(Debug, Clone)]
pub struct World {
    /// The namespaces.
    pub namespaces: Vec<String>,
    /// The namespaces of the player's side.
    pub from: BTreeSet<String>,
    /// Those of the other side.
    pub to: BTreeSet<String>,
    /// Roles and bindings.
    pub rbac: Rbac,
    /// The ServiceAccounts, by namespace and name. Every namespace has one of the name `default`.
    pub accounts: BTreeSet<(String, String)>,
    /// The pods that run.
    pub pods: Vec<Running>,
    /// The network policies, by namespace and name.
    pub policies: Vec<(String, String)>,
    /// The Services, by namespace and name.
    pub services: Vec<(String, String)>,
    /// The mutating webhooks that are asked about pods: from where each is served, and about which namespace it is asked.
    pub webhooks: Vec<(String, String)>,
    /// The nodes; at least one.
    pub nodes: Vec<String>,
    /// Users and groups of which somebody has said that they are on the player's side, or on the other.
    pub said: BTreeMap<Principal, bool>,
    /// What both sides have together.
    pub together: Together,
    /// The names to which rules are bound.
    pub names: BTreeSet<String>,
}

/// A pod that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Where.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its ServiceAccount.
    pub account: String,
    /// The resource and the name of what made it.
    pub workload: Option<(&'static str, String)>,
}

impl World {
    /// The cluster as it is at first. The model does not say as which ServiceAccount a pod runs: it is one of those of its
    /// namespace.
    #[must_use]
    pub fn new(snapshot: &Snapshot, rbac: Rbac, from: &[String], to: &[String], random: &mut Random) -> Self {
        let mut namespaces: Vec<String> =
            snapshot.namespaces.iter().map(|namespace| namespace.name.clone()).collect();
        for name in EVERYWHERE {
            if !namespaces.iter().any(|known| known == name) {
                namespaces.push(name.to_owned());
            }
        }
        let name_of = |id| snapshot.namespace(id).name.clone();
        let mut accounts: BTreeSet<(String, String)> =
            namespaces.iter().map(|namespace| (namespace.clone(), "default".to_owned())).collect();
        for account in &snapshot.service_accounts {
            let namespace = account.object.namespace.clone().unwrap_or_default();
            accounts.insert((namespace, account.object.name.clone()));
        }
        // The controllers of every server have ServiceAccounts there, to which its own bindings are.
        for binding in rbac.bindings.iter().filter(|binding| binding.span.is_none()) {
            for subject in &binding.subjects {
                if let SubjectKind::ServiceAccount(namespace) = &subject.kind {
                    accounts.insert((namespace.clone(), subject.name.clone()));
                }
            }
        }
        let mut pods = Vec::new();
        for pod in snapshot.pods.iter().filter(|pod| pod.state != PodState::Finished) {
            let namespace = name_of(pod.namespace);
            let here: Vec<&(String, String)> = accounts.iter().filter(|(of, _)| *of == namespace).collect();
            let account = random.pick(&here).map(|(_, name)| name.clone()).unwrap_or_default();
            let workload = match pod.workload.kind.as_str() {
                "Deployment" => Some(("deployments", pod.workload.name.clone())),
                "DaemonSet" => Some(("daemonsets", pod.workload.name.clone())),
                _ => None,
            };
            pods.push(Running { namespace, name: pod.origin.object.name.clone(), account, workload });
        }
        let named = |of, name: &String| (name_of(of), name.clone());
        let mut nodes: Vec<String> = snapshot.nodes.iter().map(|node| node.name.clone()).collect();
        if nodes.is_empty() {
            nodes.push("a-node".to_owned());
        }
        let rules = rbac.roles.iter().filter(|role| role.span.is_some()).flat_map(|role| &role.rules);
        let names = rules.flat_map(|rule| &rule.resource_names).cloned().collect();
        let [from, to] = [from, to].map(|side| side.iter().cloned().collect::<BTreeSet<String>>());
        Self {
            together: Together::new(snapshot, &from, &to),
            from,
            to,
            accounts,
            pods,
            policies: snapshot
                .policies
                .iter()
                .map(|policy| named(policy.namespace, &policy.origin.object.name))
                .collect(),
            services: snapshot
                .services
                .iter()
                .map(|service| named(service.namespace, &service.origin.object.name))
                .collect(),
            webhooks: webhooks(snapshot),
            namespaces,
            said: BTreeMap::new(),
            nodes,
            names,
            rbac,
        }
    }

    /// As whom the player begins (convention 10): the ServiceAccounts of its side, those to come that a binding names
    /// included; users and groups that are bound on its side or on both, unless somebody has said otherwise; and everybody
    /// without credentials.
    #[must_use]
    pub fn starts(&self) -> BTreeSet<User> {
        let mut starts = BTreeSet::from([rbac::anonymous()]);
        for (namespace, name) in &self.accounts {
            if self.from.contains(namespace) {
                starts.insert(rbac::account(namespace, name));
            }
        }
        for (namespace, name) in self.bound_accounts() {
            if self.from.contains(&namespace) {
                starts.insert(rbac::account(&namespace, &name));
            }
        }
        for (principal, places) in self.places() {
            let is_bound = places.contains(&Place::From) || places.contains(&Place::Everywhere);
            if is_bound && !self.said.contains_key(&principal) {
                starts.insert(someone(&principal));
            }
        }
        for (principal, _) in self.said.iter().filter(|(_, is_the_players)| **is_the_players) {
            starts.insert(someone(principal));
        }
        starts
    }

    /// The ServiceAccounts that bindings name, as such or by their user names, whether they are there or not.
    #[must_use]
    pub fn bound_accounts(&self) -> BTreeSet<(String, String)> {
        let mut found = BTreeSet::new();
        for subject in self.rbac.bindings.iter().flat_map(|binding| &binding.subjects) {
            match &subject.kind {
                SubjectKind::ServiceAccount(namespace) => {
                    found.insert((namespace.clone(), subject.name.clone()));
                }
                SubjectKind::User => found.extend(account_named(&subject.name)),
                SubjectKind::Group => {}
            }
        }
        found
    }

    /// The users and groups that bindings name, but for those that Kubernetes keeps for itself.
    #[must_use]
    pub fn bound_people(&self) -> BTreeSet<Principal> {
        self.places().into_keys().collect()
    }

    /// Where bindings name each user and group that Kubernetes does not keep for itself.
    fn places(&self) -> BTreeMap<Principal, BTreeSet<Place>> {
        let mut found: BTreeMap<Principal, BTreeSet<Place>> = BTreeMap::new();
        for binding in &self.rbac.bindings {
            let place = match &binding.object.namespace {
                Some(namespace) if self.from.contains(namespace) => Place::From,
                Some(namespace) if self.to.contains(namespace) => Place::To,
                Some(_) => Place::Neither,
                None if binding.role.name == "cluster-admin" => Place::Administrator,
                None => Place::Everywhere,
            };
            for subject in &binding.subjects {
                let is_kept = subject.name.starts_with("system:") || subject.name.starts_with("eks:");
                if is_kept || matches!(subject.kind, SubjectKind::ServiceAccount(_)) {
                    continue;
                }
                let principal = Principal { kind: subject.kind.clone(), name: subject.name.clone() };
                found.entry(principal).or_default().insert(place);
            }
        }
        found
    }

    /// Whether somebody who is no ServiceAccount belongs to the other side: bound there, and not on the player's.
    #[must_use]
    pub fn is_of_to(&self, who: &User) -> bool {
        if let Some((_, is_the_players)) = self.said.iter().find(|(principal, _)| someone(principal) == *who)
        {
            return !is_the_players;
        }
        self.places().iter().any(|(principal, places)| {
            someone(principal) == *who
                && places.contains(&Place::To)
                && !places.contains(&Place::From)
                && !places.contains(&Place::Everywhere)
        })
    }

    /// The ServiceAccount that somebody is.
    #[must_use]
    pub fn account_of(&self, who: &User) -> Option<(String, String)> {
        account_named(&who.name)
    }

    /// Binds a role to somebody.
    pub fn bind(&mut self, namespace: &str, cluster: bool, role: &str, to: &User) {
        let name = format!("bound-{}", self.rbac.bindings.len());
        let kind = if namespace.is_empty() { "ClusterRoleBinding" } else { "RoleBinding" };
        // Somebody of whom only a group is known is bound by it.
        let (kind_of_subject, subject) = match to.groups.first() {
            Some(group) if to.name == format!("somebody in {group}") => (SubjectKind::Group, group.clone()),
            _ => (SubjectKind::User, to.name.clone()),
        };
        self.rbac.bindings.push(RoleBinding {
            object: build::origin("rbac.authorization.k8s.io/v1", kind, namespace, &name).object,
            span: None,
            role: RoleRef { span: None, cluster, name: role.to_owned() },
            subjects: vec![Subject { span: None, kind: kind_of_subject, name: subject }],
            is_protected: false,
            admission: Admission::Accepted,
        });
    }

    /// Lets a role allow everything.
    pub fn rewrite(&mut self, namespace: &str, name: &str) {
        let all = || vec!["*".to_owned()];
        for role in &mut self.rbac.roles {
            if role.object.namespace.as_deref().unwrap_or_default() == namespace && role.object.name == name {
                let rule =
                    RoleRule { verbs: all(), api_groups: all(), resources: all(), ..RoleRule::default() };
                role.rules.push(rule);
                role.aggregates = None;
            }
        }
        self.rbac.settle();
    }
}

/// From where webhooks are served that are asked about pods and change them, and about which namespaces they are asked for
/// certain: about all, or by name.
fn webhooks(snapshot: &Snapshot) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for configuration in snapshot.webhook_configurations.iter().filter(|found| found.mutates) {
        for webhook in &configuration.webhooks {
            let Callee::Service { namespace: served, .. } = &webhook.called.callee else { continue };
            let is_about_pods = webhook.about.rules.iter().any(|rule| {
                rule.resources.iter().any(|resource| resource == "pods")
                    && rule.operations.iter().any(|operation| operation == "CREATE")
            });
            let named = |name: &String| {
                webhook.about.namespaces.requirements.iter().all(|requirement| {
                    requirement.key == Namespace::NAME_LABEL && requirement.values.contains(name)
                })
            };
            let asked = snapshot.namespaces.iter().map(|namespace| &namespace.name);
            found.extend(
                asked.filter(|name| is_about_pods && named(name)).map(|name| (served.clone(), name.clone())),
            );
        }
    }
    found
}

/// Where somebody is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    From,
    To,
    Neither,
    Everywhere,
    Administrator,
}

/// The ServiceAccount of a user name.
fn account_named(user: &str) -> Option<(String, String)> {
    let mut parts = user.split(':');
    match (parts.next(), parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("system"), Some("serviceaccount"), Some(namespace), Some(name), None) => {
            Some((namespace.to_owned(), name.to_owned()))
        }
        _ => None,
    }
}

/// Somebody who is, or is in, what a binding names.
#[must_use]
pub(crate) fn someone(principal: &Principal) -> User {
    match &principal.kind {
        SubjectKind::ServiceAccount(namespace) => rbac::account(namespace, &principal.name),
        SubjectKind::Group => rbac::member(&principal.name),
        SubjectKind::User if principal.name == "system:anonymous" => rbac::anonymous(),
        SubjectKind::User => match account_named(&principal.name) {
            Some((namespace, name)) => rbac::account(&namespace, &name),
            None => rbac::user(&principal.name),
        },
    }
}
