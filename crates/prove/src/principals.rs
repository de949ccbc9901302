//! Which principals belong to which side (convention 10).
//!
//! ServiceAccounts belong where their namespace does. Users and groups belong where they are bound, and who is bound on both
//! sides is hostile; `--principal` says otherwise. Cluster administrators are on no side.

use crate::environments::Environment;
use std::collections::{BTreeMap, BTreeSet};
use watertight_api::{Bearer, Start, TOKEN, bearers, service_account};
use watertight_model::{
    Admission, Because, Evidence, EvidenceRole, ObjectRef, Principal, PrincipalChoice, RoleBinding, Snapshot,
    Subject, SubjectKind,
};

/// `--principal ENVIRONMENT=user:NAME` or `ENVIRONMENT=group:NAME`. Those of an environment that is at neither end are on neither
/// side, wherever they are bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenPrincipal {
    /// Whose they are.
    pub environment: String,
    /// Who.
    pub principal: Principal,
}

/// The principals of both sides.
#[derive(Debug, Default)]
pub(crate) struct Sides {
    /// As whom the `from` side can act from the start, with those as whom anybody can.
    pub(crate) hostile: Vec<Start>,
    /// What the report says of the `from` side.
    pub(crate) of_from: Vec<PrincipalChoice>,
    /// What the report says of the `to` side.
    pub(crate) of_to: Vec<PrincipalChoice>,
    /// Users and groups that are bound to `cluster-admin` everywhere.
    pub(crate) administrators: Vec<Principal>,
    /// Credentials of the `to` side's principals that the `from` side holds.
    pub(crate) tokens: Vec<Bearer>,
}

/// Where bindings name somebody.
#[derive(Debug, Default)]
struct Named<'a> {
    from: Option<&'a RoleBinding>,
    to: Option<&'a RoleBinding>,
    everywhere: Option<&'a RoleBinding>,
    administrator: bool,
}

/// Tells the sides of all principals that the snapshot knows.
pub(crate) fn sides(
    snapshot: &Snapshot,
    from: &Environment,
    to: &Environment,
    given: &[GivenPrincipal],
) -> Sides {
    let mut sides = Sides { hostile: everybody(), ..Sides::default() };
    for &id in &from.namespaces {
        for start in of_namespace(snapshot, &snapshot.namespace(id).name) {
            sides.add_hostile(start);
        }
    }
    let named = named(snapshot, from, to);
    let bound_somewhere: Vec<Principal> = named.keys().cloned().collect();
    for (principal, named) in named {
        let given = given.iter().find(|given| given.principal == principal);
        match (given, &named) {
            (Some(_), _) => {}
            (None, Named { from: Some(binding), to, everywhere, .. }) => {
                let both = if to.or(*everywhere).is_some() { ", as on the other side" } else { "" };
                sides.add_hostile(bound(principal, binding, both));
            }
            (None, Named { everywhere: Some(binding), .. }) => {
                sides.add_hostile(bound(
                    principal,
                    binding,
                    ", which holds on both sides; `--principal` says whose they are",
                ));
            }
            (None, Named { administrator: true, .. }) => sides.administrators.push(principal),
            (None, Named { to: Some(binding), .. }) => {
                sides
                    .of_to
                    .push(PrincipalChoice { principal, why: format!("is bound by {}", binding.object) });
            }
            (None, _) => {}
        }
    }
    for GivenPrincipal { environment, principal } in given {
        let why = "is said to be its".to_owned();
        if *environment == to.report.name {
            sides.of_to.push(PrincipalChoice { principal: principal.clone(), why });
        } else if *environment == from.report.name {
            sides.add_hostile(Start {
                principal: principal.clone(),
                why,
                because: Vec::new(),
                rule: Start::OF_A_SIDE,
            });
        }
    }
    let names = |environment: &Environment| -> BTreeSet<&str> {
        environment.namespaces.iter().map(|&id| snapshot.namespace(id).name.as_str()).collect()
    };
    let (of_from, of_to) = (names(from), names(to));
    for bearer in bearers(snapshot, &of_from) {
        let principal = &bearer.principal;
        let is_known = match &principal.kind {
            SubjectKind::ServiceAccount(namespace) => !of_from.contains(namespace.as_str()),
            _ => bound_somewhere.contains(principal) || is_of_the_cluster(&principal.name),
        };
        let is_theirs = match &principal.kind {
            SubjectKind::ServiceAccount(namespace) => of_to.contains(namespace.as_str()),
            _ => sides.of_to.iter().any(|choice| choice.principal == *principal),
        };
        match (is_known, is_theirs) {
            // Whom somebody names as theirs need not be bound.
            (_, true) => sides.tokens.push(bearer),
            (true, false) => sides.add_bearer(&bearer),
            (false, _) => {}
        }
    }
    sides
}

impl Sides {
    fn add_hostile(&mut self, start: Start) {
        self.of_from.push(PrincipalChoice { principal: start.principal.clone(), why: start.why.clone() });
        self.hostile.push(Start { why: format!("{} {}", start.principal, start.why), ..start });
    }

    /// Somebody of neither side whose credential the `from` side holds. Who acts as a ServiceAccount is in its group.
    fn add_bearer(&mut self, bearer: &Bearer) {
        let Bearer { principal, why, because, .. } = bearer;
        let group = match &principal.kind {
            SubjectKind::ServiceAccount(of) => {
                Some(Principal::group(&format!("system:serviceaccounts:{of}")))
            }
            _ => None,
        };
        for principal in [Some(principal.clone()), group].into_iter().flatten() {
            if !self.hostile.iter().any(|start| start.principal == principal) {
                let (why, because) = (why.clone(), vec![because.clone()]);
                self.add_hostile(Start { principal, why, because, rule: TOKEN });
            }
        }
    }
}

/// Those as whom every attacker can act.
fn everybody() -> Vec<Start> {
    let start = |principal: Principal, why: &str| Start {
        principal,
        why: why.to_owned(),
        because: Vec::new(),
        rule: Start::OF_A_SIDE,
    };
    vec![
        start(Principal::user("system:anonymous"), "anybody can ask without credentials"),
        start(Principal::group("system:unauthenticated"), "anybody can ask without credentials"),
        start(Principal::group("system:authenticated"), "whoever has any credential is in this group"),
        start(Principal::group("system:serviceaccounts"), "every ServiceAccount is in this group"),
    ]
}

/// The ServiceAccounts of a namespace: those that are there, and those that a binding names and somebody could create.
fn of_namespace(snapshot: &Snapshot, namespace: &str) -> Vec<Start> {
    let mut accounts: BTreeMap<&str, Start> = BTreeMap::new();
    for account in &snapshot.service_accounts {
        if account.object.namespace.as_deref() == Some(namespace) {
            let start = Start {
                principal: Principal::service_account(namespace, &account.object.name),
                why: "is there".to_owned(),
                because: vec![selects(&account.object, "", Evidence::File(account.span))],
                rule: Start::OF_A_SIDE,
            };
            accounts.insert(&account.object.name, start);
        }
    }
    let subjects = snapshot.role_bindings.iter().flat_map(|binding| &binding.subjects);
    for (subject, name) in subjects.filter_map(|subject| Some((subject, account_of(subject, namespace)?))) {
        accounts.entry(name).or_insert_with(|| Start {
            principal: Principal::service_account(namespace, name),
            why: if name == "default" {
                "is in every namespace".to_owned()
            } else {
                "is not there, and could be created".to_owned()
            },
            because: subject.span.map(Evidence::File).map_or_else(Vec::new, |evidence| {
                let account = ObjectRef {
                    api_version: "v1".to_owned(),
                    kind: "ServiceAccount".to_owned(),
                    namespace: Some(namespace.to_owned()),
                    name: name.to_owned(),
                    uid: None,
                };
                vec![selects(&account, "", evidence)]
            }),
            rule: Start::OF_A_SIDE,
        });
    }
    let group = Start {
        principal: Principal::group(&format!("system:serviceaccounts:{namespace}")),
        why: format!("holds every ServiceAccount of `{namespace}`"),
        because: Vec::new(),
        rule: Start::OF_A_SIDE,
    };
    accounts.into_values().chain([group]).collect()
}

/// The ServiceAccount of this namespace that a subject is, as such or by its user name.
fn account_of<'s>(subject: &'s Subject, namespace: &str) -> Option<&'s str> {
    let (of, name) = match &subject.kind {
        SubjectKind::ServiceAccount(of) => (of.as_str(), subject.name.as_str()),
        SubjectKind::User => service_account(&subject.name)?,
        SubjectKind::Group => return None,
    };
    (of == namespace).then_some(name)
}

/// Where bindings name each user and group that only authentication knows. One that the server would refuse may be there all
/// the same: it counts where that makes more of them hostile, and nowhere else.
fn named<'a>(snapshot: &'a Snapshot, from: &Environment, to: &Environment) -> BTreeMap<Principal, Named<'a>> {
    let mut all: BTreeMap<Principal, Named<'_>> = BTreeMap::new();
    for binding in &snapshot.role_bindings {
        let counts = binding.admission != Admission::Refused;
        let id = binding.object.namespace.as_ref().and_then(|name| snapshot.namespace_named(name));
        for subject in &binding.subjects {
            if matches!(subject.kind, SubjectKind::ServiceAccount(_)) || is_of_the_cluster(&subject.name) {
                continue;
            }
            let principal = Principal { kind: subject.kind.clone(), name: subject.name.clone() };
            let named = all.entry(principal).or_default();
            match id {
                Some(id) if from.namespaces.contains(&id) => named.from = named.from.or(Some(binding)),
                Some(id) if to.namespaces.contains(&id) => {
                    named.to = named.to.or(Some(binding).filter(|_| counts));
                }
                Some(_) => {}
                None if binding.role.cluster && binding.role.name == "cluster-admin" => {
                    named.administrator |= counts;
                }
                None => named.everywhere = named.everywhere.or(Some(binding)),
            }
        }
    }
    all
}

/// Names that Kubernetes and its providers keep for parts of the cluster: `system:`, and on EKS `eks:`, which no access
/// entry may give to anybody.
fn is_of_the_cluster(name: &str) -> bool {
    ["system:", "eks:"].iter().any(|reserved| name.starts_with(reserved))
}

fn bound(principal: Principal, binding: &RoleBinding, more: &str) -> Start {
    let evidence = binding.span.map(Evidence::File);
    Start {
        principal,
        why: format!("is bound by {}{more}", binding.object),
        because: evidence
            .map(|evidence| selects(&binding.object, "/subjects", evidence))
            .into_iter()
            .collect(),
        rule: Start::OF_A_SIDE,
    }
}

fn selects(object: &ObjectRef, path: &str, evidence: Evidence) -> Because {
    Because {
        role: EvidenceRole::Selects,
        object: object.clone(),
        path: path.to_owned(),
        evidence: Some(evidence),
    }
}
