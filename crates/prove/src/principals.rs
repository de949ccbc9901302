//! Which principals belong to the hostile side (convention 10).

use crate::environments::Environment;
use std::collections::BTreeMap;
use watertight_api::Start;
use watertight_model::{
    Admission, Because, Evidence, EvidenceRole, ObjectRef, Principal, RoleBinding, Snapshot, SubjectKind,
};

/// Where bindings name somebody.
#[derive(Debug, Default)]
struct Named<'a> {
    from: Option<&'a RoleBinding>,
    everywhere: Option<&'a RoleBinding>,
}

/// Everybody as whom the `from` side can act from the start: those without credentials, everybody with any, the
/// ServiceAccounts of its namespaces, and the users and groups that are bound there. Who is bound on both sides is hostile
/// too, unless `--principal` puts them on the other side.
pub(crate) fn hostile(
    snapshot: &Snapshot,
    from: &Environment,
    given: &[GivenPrincipal],
    to: &str,
) -> Vec<Start> {
    let mut starts = everybody();
    for &id in &from.namespaces {
        let namespace = &snapshot.namespace(id).name;
        starts.extend(of_namespace(snapshot, namespace));
    }
    let mut named: BTreeMap<Principal, Named<'_>> = BTreeMap::new();
    for binding in snapshot.role_bindings.iter().filter(|binding| binding.admission != Admission::Refused) {
        let is_of_from = binding.object.namespace.as_ref().is_some_and(|namespace| {
            snapshot.namespace_named(namespace).is_some_and(|id| from.namespaces.contains(&id))
        });
        for subject in binding.subjects.iter().filter(|subject| is_a_person(&subject.kind, &subject.name)) {
            let principal = Principal { kind: subject.kind.clone(), name: subject.name.clone() };
            let places = named.entry(principal).or_default();
            if is_of_from {
                places.from.get_or_insert(binding);
            } else if binding.object.namespace.is_none() && !makes_an_administrator(binding) {
                places.everywhere.get_or_insert(binding);
            }
        }
    }
    let side = |principal: &Principal| given.iter().find(|given| given.principal == *principal);
    for (principal, Named { from: bound, everywhere }) in named {
        if side(&principal).is_some() {
            continue;
        }
        let (why, binding) = match (bound, everywhere) {
            (Some(binding), _) => (format!("{} names {principal}", binding.object), binding),
            (None, Some(binding)) => {
                (format!("{} names {principal}, for {} too", binding.object, from.report.name), binding)
            }
            (None, None) => continue,
        };
        let because = vec![because(&binding.object, "/subjects", binding)];
        starts.push(Start { principal, why, because });
    }
    let of_from = given.iter().filter(|given| given.environment != to);
    starts.extend(of_from.map(|given| Start {
        principal: given.principal.clone(),
        why: format!("{} is said to be of `{}`", given.principal, given.environment),
        because: Vec::new(),
    }));
    starts
}

/// `--principal ENVIRONMENT=KIND:NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenPrincipal {
    /// Whose they are.
    pub environment: String,
    /// Who.
    pub principal: Principal,
}

/// Those whom every attacker can act as.
fn everybody() -> Vec<Start> {
    let start =
        |principal: Principal, why: &str| Start { principal, why: why.to_owned(), because: Vec::new() };
    vec![
        start(Principal::user("system:anonymous"), "anybody can ask without credentials"),
        start(Principal::group("system:unauthenticated"), "anybody can ask without credentials"),
        start(Principal::group("system:authenticated"), "whoever has any credential is in this group"),
        start(Principal::group("system:serviceaccounts"), "every ServiceAccount is in this group"),
    ]
}

/// The ServiceAccounts of a namespace: those that are there, and those that a binding names and somebody could create.
fn of_namespace(snapshot: &Snapshot, namespace: &str) -> Vec<Start> {
    let mut starts = vec![Start {
        principal: Principal::group(&format!("system:serviceaccounts:{namespace}")),
        why: format!("every ServiceAccount of `{namespace}` is in this group"),
        because: Vec::new(),
    }];
    let mut accounts: BTreeMap<&str, Start> = BTreeMap::new();
    for account in &snapshot.service_accounts {
        if account.object.namespace.as_deref() == Some(namespace) {
            let name = account.object.name.as_str();
            let because = Because {
                role: EvidenceRole::Selects,
                object: account.object.clone(),
                path: String::new(),
                evidence: Some(Evidence::File(account.span)),
            };
            let start = Start {
                principal: Principal::service_account(namespace, name),
                why: format!("ServiceAccount {namespace}/{name} is there"),
                because: vec![because],
            };
            accounts.insert(name, start);
        }
    }
    let bound = snapshot.role_bindings.iter().flat_map(|binding| &binding.subjects);
    for subject in bound.filter(|subject| subject.kind == SubjectKind::ServiceAccount(namespace.to_owned())) {
        accounts.entry(&subject.name).or_insert_with(|| Start {
            principal: Principal::service_account(namespace, &subject.name),
            why: format!("ServiceAccount {namespace}/{} is not there, and could be created", subject.name),
            because: Vec::new(),
        });
    }
    starts.extend(accounts.into_values());
    starts
}

/// Users and groups whom authentication knows, and no part of Kubernetes.
fn is_a_person(kind: &SubjectKind, name: &str) -> bool {
    *kind != SubjectKind::ServiceAccount(String::new())
        && matches!(kind, SubjectKind::User | SubjectKind::Group)
        && !name.starts_with("system:")
}

/// Cluster administrators are on no side.
fn makes_an_administrator(binding: &RoleBinding) -> bool {
    binding.role.cluster && binding.role.name == "cluster-admin"
}

fn because(object: &ObjectRef, path: &str, binding: &RoleBinding) -> Because {
    Because {
        role: EvidenceRole::Selects,
        object: object.clone(),
        path: path.to_owned(),
        evidence: binding.span.map(Evidence::File),
    }
}
