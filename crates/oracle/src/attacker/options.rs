//! The requests that each move takes, whether they are allowed or not.

use super::moves::{Effect, Move};
use super::sharing::{assume_identity, publish, take, use_credential};
use super::together::Taken;
use super::world::{World, someone};
use crate::rbac;
use watertight_model::{Principal, ResourceAttributes, SubjectKind, User};

const RBAC: &str = "rbac.authorization.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";

/// What makes pods from a template, by API group and resource.
const WORKLOADS: [(&str, &str); 7] = [
    ("apps", "deployments"),
    ("apps", "daemonsets"),
    ("apps", "statefulsets"),
    ("apps", "replicasets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("", "replicationcontrollers"),
];

/// A move's requests, all of which it takes, and what it does.
pub(super) type Play = (Vec<ResourceAttributes>, Effect);

/// A request: `pods/exec` of the group, in a namespace and with a name unless they are empty.
pub(super) fn ask(
    verb: &str,
    group: &str,
    resource: &str,
    namespace: &str,
    name: &str,
) -> ResourceAttributes {
    let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
    ResourceAttributes {
        verb: verb.to_owned(),
        group: group.to_owned(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

impl Move {
    /// The ways to make it as somebody.
    pub(super) fn options(self, world: &World, by: &User) -> Vec<Play> {
        match self {
            Self::CreatePod => create(world, &[("", "pods")], false),
            Self::ApplyPod => create(world, &[("", "pods")], true),
            Self::CreateWorkload => {
                let mut plays = create(world, &WORKLOADS, false);
                plays.extend(create(world, &WORKLOADS, true));
                plays
            }
            Self::ChangeWorkload => change_workload(world),
            Self::Exec => enter(world, &["create"], "pods/exec"),
            Self::ChangePod => enter(world, &["update", "patch"], "pods"),
            Self::Debug => enter(world, &["update", "patch"], "pods/ephemeralcontainers"),
            Self::Attach => enter(world, &["create"], "pods/attach"),
            Self::ReadSecret => read_secret(world),
            Self::ForgeToken => forge_token(world),
            Self::RequestToken => request_token(world),
            Self::CreateAccount => create_account(world),
            Self::ImpersonateUser => {
                users(world).map(|name| (vec![impersonate("users", &name)], acts_as_user(&name))).collect()
            }
            Self::ImpersonateGroup => impersonate_group(world),
            Self::ImpersonateAccount => impersonate_account(world),
            Self::BindRole => bind_role(world, by),
            Self::EscalateRole => escalate_role(world, by),
            Self::SignCertificate => sign_certificate(world),
            Self::NodeProxy => node_proxy(world),
            Self::DialPod => dial_pod(world),
            Self::RelabelNamespace => relabel_namespace(world),
            Self::ChangeFence => change_fence(world),
            Self::ChangeObject => change_object(world),
            Self::AddWebhook => add_webhook(world),
            Self::AnswerWebhook => answer_webhook(world),
            Self::UseCredential => use_credential(world),
            Self::AssumeIdentity => assume_identity(world),
            Self::PublishHost => publish(world, "ingresses", Taken::Requests),
            Self::WriteSnippet => publish(world, "ingresses", Taken::Secrets),
            Self::AttachRoute => publish(world, "httproutes", Taken::Requests),
            Self::FollowGrant => publish(world, "httproutes", Taken::Connections),
            Self::TakeTraffic => take(world),
        }
    }
}

/// Pods of each namespace under each of its ServiceAccounts; applied, under a name to which a rule is bound.
fn create(world: &World, resources: &[(&str, &str)], applied: bool) -> Vec<Play> {
    let mut plays = Vec::new();
    for (namespace, account) in &world.accounts {
        let effect = Effect::Runs { namespace: namespace.clone(), account: account.clone() };
        for (group, resource) in resources {
            if applied {
                for name in &world.names {
                    let patch = ask("patch", group, resource, namespace, name);
                    let create = ask("create", group, resource, namespace, name);
                    plays.push((vec![patch, create], effect.clone()));
                }
            } else {
                plays.push((vec![ask("create", group, resource, namespace, "")], effect.clone()));
            }
        }
    }
    plays
}

fn change_workload(world: &World) -> Vec<Play> {
    let mut plays = Vec::new();
    for pod in &world.pods {
        let Some((resource, name)) = &pod.workload else { continue };
        for (namespace, account) in world.accounts.iter().filter(|(of, _)| *of == pod.namespace) {
            let effect = Effect::Runs { namespace: namespace.clone(), account: account.clone() };
            for verb in ["update", "patch"] {
                plays.push((vec![ask(verb, "apps", resource, namespace, name)], effect.clone()));
            }
        }
    }
    plays
}

/// What is asked about each pod by its name.
fn enter(world: &World, verbs: &[&str], resource: &str) -> Vec<Play> {
    let mut plays = Vec::new();
    for pod in &world.pods {
        let effect = Effect::Enters {
            namespace: pod.namespace.clone(),
            pod: pod.name.clone(),
            account: pod.account.clone(),
        };
        for verb in verbs {
            plays.push((vec![ask(verb, "", resource, &pod.namespace, &pod.name)], effect.clone()));
        }
    }
    plays
}

/// A Secret of each namespace. A list or a watch of one name shows it too.
fn read_secret(world: &World) -> Vec<Play> {
    let mut plays = Vec::new();
    for namespace in &world.namespaces {
        let secret = "db";
        let effect = Effect::Reads { namespace: namespace.clone(), secret: secret.to_owned() };
        for (verb, name) in
            [("get", secret), ("list", ""), ("list", secret), ("watch", ""), ("watch", secret)]
        {
            plays.push((vec![ask(verb, "", "secrets", namespace, name)], effect.clone()));
        }
    }
    plays
}

fn forge_token(world: &World) -> Vec<Play> {
    let mut plays = Vec::new();
    for (namespace, account) in &world.accounts {
        let create = ask("create", "", "secrets", namespace, "");
        for (verb, name) in [("get", "db"), ("list", ""), ("watch", "")] {
            let read = ask(verb, "", "secrets", namespace, name);
            plays.push((vec![create.clone(), read], Effect::ActsAs(rbac::account(namespace, account))));
        }
    }
    plays
}

fn request_token(world: &World) -> Vec<Play> {
    let token = |(namespace, account): &(String, String)| {
        let asked = ask("create", "", "serviceaccounts/token", namespace, account);
        (vec![asked], Effect::ActsAs(rbac::account(namespace, account)))
    };
    world.accounts.iter().map(token).collect()
}

fn create_account(world: &World) -> Vec<Play> {
    let is_to_come = |(namespace, name): &(String, String)| {
        world.namespaces.contains(namespace) && !world.accounts.contains(&(namespace.clone(), name.clone()))
    };
    let make = |(namespace, account): (String, String)| {
        let asked = ask("create", "", "serviceaccounts", &namespace, "");
        (vec![asked], Effect::Makes { namespace, account })
    };
    world.bound_accounts().into_iter().filter(is_to_come).map(make).collect()
}

fn impersonate(resource: &str, name: &str) -> ResourceAttributes {
    ask("impersonate", "", resource, "", name)
}

fn acts_as_user(name: &str) -> Effect {
    Effect::ActsAs(someone(&Principal::user(name)))
}

/// The users whom bindings name, and those whom rules do.
fn users(world: &World) -> impl Iterator<Item = String> {
    people(world, &SubjectKind::User).into_iter()
}

fn people(world: &World, kind: &SubjectKind) -> Vec<String> {
    let bound = world.bound_people().into_iter().filter(|principal| principal.kind == *kind);
    let mut names: Vec<String> = bound.map(|principal| principal.name).collect();
    names.extend(world.names.iter().cloned());
    names
}

/// Somebody in a group is somebody: a user or a ServiceAccount must be impersonated together with it.
fn impersonate_group(world: &World) -> Vec<Play> {
    let mut plays = Vec::new();
    let mut groups = people(world, &SubjectKind::Group);
    groups.push("system:masters".to_owned());
    for group in groups {
        let as_group = impersonate("groups", &group);
        let effect = Effect::ActsAs(rbac::member(&group));
        for name in users(world).chain(["anybody".to_owned()]) {
            plays.push((vec![as_group.clone(), impersonate("users", &name)], effect.clone()));
        }
        for (namespace, name) in &world.accounts {
            let as_account = ask("impersonate", "", "serviceaccounts", namespace, name);
            plays.push((vec![as_group.clone(), as_account], effect.clone()));
        }
    }
    plays
}

/// Nobody asks whether the ServiceAccount is there.
fn impersonate_account(world: &World) -> Vec<Play> {
    let mut accounts = world.bound_accounts();
    accounts.extend(world.accounts.iter().cloned());
    let play = |(namespace, name): (String, String)| {
        let asked = ask("impersonate", "", "serviceaccounts", &namespace, &name);
        (vec![asked], Effect::ActsAs(rbac::account(&namespace, &name)))
    };
    accounts.into_iter().map(play).collect()
}

/// A new binding, or one that is there with another subject. Whether it may bind the role is asked in the binding's
/// namespace, also of a ClusterRole.
fn bind_role(world: &World, by: &User) -> Vec<Play> {
    let mut plays = Vec::new();
    for role in &world.rbac.roles {
        let own = role.object.namespace.as_deref();
        let is_cluster_role = own.is_none();
        let may_bind = if is_cluster_role { "clusterroles" } else { "roles" };
        let effect = |namespace: &str| Effect::Binds {
            namespace: namespace.to_owned(),
            is_cluster_role,
            role: role.object.name.clone(),
            to: by.clone(),
        };
        let is_built_in = role.span.is_none() && role.object.name != "cluster-admin";
        if is_built_in {
            continue;
        }
        for namespace in world.namespaces.iter().filter(|namespace| own.is_none_or(|own| own == *namespace)) {
            let bind = ask("bind", RBAC, may_bind, namespace, &role.object.name);
            let create = ask("create", RBAC, "rolebindings", namespace, "");
            plays.push((vec![create, bind], effect(namespace)));
        }
        if is_cluster_role {
            let bind = ask("bind", RBAC, may_bind, "", &role.object.name);
            let create = ask("create", RBAC, "clusterrolebindings", "", "");
            plays.push((vec![create, bind], effect("")));
        }
        for binding in &world.rbac.bindings {
            if (binding.role.cluster, &binding.role.name) != (is_cluster_role, &role.object.name) {
                continue;
            }
            let namespace = binding.object.namespace.as_deref().unwrap_or_default();
            let resource = if namespace.is_empty() { "clusterrolebindings" } else { "rolebindings" };
            if own.is_some_and(|own| own != namespace) {
                continue;
            }
            let bind = ask("bind", RBAC, may_bind, namespace, &role.object.name);
            for verb in ["update", "patch"] {
                let change = ask(verb, RBAC, resource, namespace, &binding.object.name);
                plays.push((vec![change, bind.clone()], effect(namespace)));
            }
        }
    }
    plays
}

/// A role that is bound to it.
fn escalate_role(world: &World, by: &User) -> Vec<Play> {
    let mut plays = Vec::new();
    for binding in world.rbac.bindings_of(by) {
        if world.rbac.role_of(binding).is_none() {
            continue;
        }
        let namespace = if binding.role.cluster { None } else { binding.object.namespace.as_deref() };
        let (namespace, name) = (namespace.unwrap_or_default(), &binding.role.name);
        let resource = if binding.role.cluster { "clusterroles" } else { "roles" };
        for verb in ["update", "patch"] {
            let requests = ["escalate", verb].map(|verb| ask(verb, RBAC, resource, namespace, name));
            let effect = Effect::Rewrites { namespace: namespace.to_owned(), role: name.clone() };
            plays.push((requests.to_vec(), effect));
        }
    }
    plays
}

/// For any user or group but system:masters, which no such certificate may name.
fn sign_certificate(world: &World) -> Vec<Play> {
    let mut plays = Vec::new();
    let people: Vec<User> = world.bound_people().iter().map(someone).collect();
    for who in people {
        for request in world.names.iter().map(String::as_str).chain(["mine"]) {
            for signer in ["kubernetes.io/kube-apiserver-client", "kubernetes.io/*"] {
                for verb in ["update", "patch"] {
                    let requests = vec![
                        ask("create", CERTIFICATES, "certificatesigningrequests", "", ""),
                        ask(verb, CERTIFICATES, "certificatesigningrequests/approval", "", request),
                        ask("approve", CERTIFICATES, "signers", "", signer),
                    ];
                    plays.push((requests, Effect::ActsAs(who.clone())));
                }
            }
        }
    }
    plays
}

/// Every pod may be on every node.
fn node_proxy(world: &World) -> Vec<Play> {
    let mut plays = Vec::new();
    for (_, effect) in enter(world, &["create"], "pods/exec") {
        for node in &world.nodes {
            for verb in ["create", "get"] {
                plays.push((vec![ask(verb, "", "nodes/proxy", "", node)], effect.clone()));
            }
        }
    }
    plays
}

fn dial_pod(world: &World) -> Vec<Play> {
    let mut plays = Vec::new();
    for pod in &world.pods {
        let effect = Effect::Dials { namespace: pod.namespace.clone(), pod: pod.name.clone() };
        for (verb, resource) in
            [("create", "pods/portforward"), ("create", "pods/proxy"), ("get", "pods/proxy")]
        {
            plays.push((vec![ask(verb, "", resource, &pod.namespace, &pod.name)], effect.clone()));
        }
    }
    plays
}

/// A request about one namespace is in that namespace.
fn relabel_namespace(world: &World) -> Vec<Play> {
    let mut plays = Vec::new();
    for namespace in &world.namespaces {
        let effect = Effect::Changes { namespace: namespace.clone(), object: "Namespace".to_owned() };
        for verb in ["update", "patch"] {
            plays.push((vec![ask(verb, "", "namespaces", namespace, namespace)], effect.clone()));
        }
    }
    plays
}

fn change_fence(world: &World) -> Vec<Play> {
    let (group, resource) = ("networking.k8s.io", "networkpolicies");
    let mut plays = Vec::new();
    for namespace in &world.namespaces {
        let effect = Effect::Changes { namespace: namespace.clone(), object: "NetworkPolicy".to_owned() };
        plays.push((vec![ask("create", group, resource, namespace, "")], effect));
    }
    for (namespace, name) in &world.policies {
        let effect = Effect::Changes { namespace: namespace.clone(), object: "NetworkPolicy".to_owned() };
        for verb in ["update", "patch", "delete"] {
            plays.push((vec![ask(verb, group, resource, namespace, name)], effect.clone()));
        }
        plays.push((vec![ask("deletecollection", group, resource, namespace, "")], effect));
    }
    plays
}

fn change_object(world: &World) -> Vec<Play> {
    let mut plays = Vec::new();
    let mut change = |verb: &str, group: &str, resource: &str, namespace: &str, name: &str| {
        let effect =
            Effect::Changes { namespace: namespace.to_owned(), object: format!("{resource} {name}") };
        plays.push((vec![ask(verb, group, resource, namespace, name)], effect));
    };
    for pod in &world.pods {
        change("delete", "", "pods", &pod.namespace, &pod.name);
        change("deletecollection", "", "pods", &pod.namespace, "");
        if let Some((resource, name)) = &pod.workload {
            change("patch", "apps", &format!("{resource}/scale"), &pod.namespace, name);
            change("delete", "apps", resource, &pod.namespace, name);
        }
    }
    for (namespace, name) in &world.services {
        for verb in ["update", "patch", "delete"] {
            change(verb, "", "services", namespace, name);
        }
    }
    plays
}

/// It sees what is made and changed everywhere.
fn add_webhook(world: &World) -> Vec<Play> {
    let (group, resource) = ("admissionregistration.k8s.io", "mutatingwebhookconfigurations");
    let play = |namespace: &String| {
        let effect = Effect::Changes { namespace: namespace.clone(), object: "whatever is made".to_owned() };
        (vec![ask("create", group, resource, "", "")], effect)
    };
    world.namespaces.iter().map(play).collect()
}

/// Its own pods need no right. Elsewhere it takes a pod with the labels of those that answer, or one of theirs.
fn answer_webhook(world: &World) -> Vec<Play> {
    let mut plays = Vec::new();
    for (served, asked) in &world.webhooks {
        let object = format!("whatever the webhook of {served} is asked about");
        let effect = Effect::Changes { namespace: asked.clone(), object };
        if world.from.contains(served) {
            plays.push((Vec::new(), effect.clone()));
        }
        plays.push((vec![ask("create", "", "pods", served, "")], effect.clone()));
        for pod in world.pods.iter().filter(|pod| pod.namespace == *served) {
            plays.push((vec![ask("create", "", "pods/exec", served, &pod.name)], effect.clone()));
        }
    }
    plays
}
