//! Who belongs to which side (convention 10), worked out a second time.

use std::collections::{BTreeMap, BTreeSet};
use watertight_model::{Admission, HeldValue, ObjectRef, Principal, Snapshot, SubjectKind};

/// The principals of both sides.
#[derive(Debug, Default)]
pub(crate) struct People {
    /// As whom the hostile side can act from the start.
    pub(crate) start: BTreeSet<Principal>,
    /// The users and groups of the other side.
    pub(crate) theirs: BTreeSet<Principal>,
    /// Users and groups who may do everything: they are on neither side.
    pub(crate) administrators: BTreeSet<Principal>,
    /// Somebody of the other side whose credential the hostile side has.
    pub(crate) leaked: Option<Principal>,
}

/// The namespaces of both sides by their names, and what `--principal` said of each.
#[derive(Debug)]
pub(crate) struct Boundary<'s> {
    pub(crate) from: BTreeSet<&'s str>,
    pub(crate) to: BTreeSet<&'s str>,
    pub(crate) given_from: BTreeSet<Principal>,
    pub(crate) given_to: BTreeSet<Principal>,
    /// Who was said to be of neither.
    pub(crate) elsewhere: BTreeSet<Principal>,
    /// Whether what is of lesser rank counts.
    pub(crate) strict: bool,
}

/// Where bindings name somebody.
#[derive(Debug, Default)]
struct Bound {
    from: bool,
    to: bool,
    everywhere: bool,
    administrator: bool,
}

impl People {
    pub(crate) fn of(snapshot: &Snapshot, sides: &Boundary<'_>) -> Self {
        let mut people = Self { theirs: sides.given_to.clone(), ..Self::default() };
        people.start.extend(sides.given_from.iter().cloned());
        // As them, anybody can act.
        people.start.insert(Principal::user("system:anonymous"));
        for name in ["system:unauthenticated", "system:authenticated", "system:serviceaccounts"] {
            people.start.insert(Principal::group(name));
        }
        people.start.extend(accounts(snapshot, sides));
        let bound = bound(snapshot, sides);
        for (principal, Bound { from, to, everywhere, administrator }) in &bound {
            let given = [&sides.given_from, &sides.given_to, &sides.elsewhere];
            if given.iter().any(|given| given.contains(principal)) {
                continue;
            }
            let set = match (from, everywhere, administrator, to) {
                (true, ..) | (_, true, ..) => &mut people.start,
                (_, _, true, _) => &mut people.administrators,
                (_, _, _, true) => &mut people.theirs,
                _ => continue,
            };
            set.insert(principal.clone());
        }
        for principal in credentials(snapshot, sides) {
            let (known, theirs) = match &principal.kind {
                SubjectKind::ServiceAccount(of) => {
                    (!sides.from.contains(of.as_str()), sides.to.contains(of.as_str()))
                }
                _ => {
                    let known = bound.contains_key(principal) || is_of_the_cluster(&principal.name);
                    (known, people.theirs.contains(principal))
                }
            };
            // Whom somebody names as theirs need not be bound.
            if theirs {
                people.leaked = Some(principal.clone());
            } else if known {
                people.start.extend(with_group(principal.clone()));
            }
        }
        people
    }
}

/// The ServiceAccounts of the hostile side: those that are there, and those that a binding names and it could create.
fn accounts(snapshot: &Snapshot, sides: &Boundary<'_>) -> BTreeSet<Principal> {
    let there = snapshot.service_accounts.iter().filter_map(|account| {
        Some(Principal::service_account(account.object.namespace.as_deref()?, &account.object.name))
    });
    let subjects = snapshot.role_bindings.iter().flat_map(|binding| &binding.subjects);
    let named = subjects
        .map(|subject| identity(&Principal { kind: subject.kind.clone(), name: subject.name.clone() }));
    let is_theirs = |principal: &Principal| match &principal.kind {
        SubjectKind::ServiceAccount(of) => sides.from.contains(of.as_str()),
        _ => false,
    };
    let groups = sides.from.iter().map(|name| Principal::group(&format!("system:serviceaccounts:{name}")));
    there.chain(named).filter(is_theirs).chain(groups).collect()
}

/// Where bindings name each user and group that only authentication knows.
fn bound(snapshot: &Snapshot, sides: &Boundary<'_>) -> BTreeMap<Principal, Bound> {
    let mut all: BTreeMap<Principal, Bound> = BTreeMap::new();
    for binding in &snapshot.role_bindings {
        // What the server would refuse may be there all the same, and then it names more who are hostile.
        let counts = binding.admission != Admission::Refused;
        for subject in &binding.subjects {
            if matches!(subject.kind, SubjectKind::ServiceAccount(_)) || is_of_the_cluster(&subject.name) {
                continue;
            }
            let principal = Principal { kind: subject.kind.clone(), name: subject.name.clone() };
            let bound = all.entry(principal).or_default();
            match binding.object.namespace.as_deref() {
                Some(of) if sides.from.contains(of) => bound.from = true,
                Some(of) if sides.to.contains(of) => bound.to |= counts,
                Some(_) => {}
                None if binding.role.cluster && binding.role.name == "cluster-admin" => {
                    bound.administrator |= counts;
                }
                None => bound.everywhere = true,
            }
        }
    }
    all
}

/// As whom one can act by the values that stand in the namespaces of the hostile side.
fn credentials<'s>(snapshot: &'s Snapshot, sides: &Boundary<'_>) -> Vec<&'s Principal> {
    let is_there = |object: &ObjectRef| object.namespace.as_deref().is_some_and(|of| sides.from.contains(of));
    let of_secrets = snapshot.secrets.iter().map(|secret| (&secret.object, &secret.values));
    let of_settings = snapshot.settings.iter().map(|settings| (&settings.object, &settings.values));
    let held = of_secrets.chain(of_settings).filter(|(object, _)| is_there(object));
    held.flat_map(|(_, values)| values).flat_map(|value: &HeldValue| &value.bearers).collect()
}

/// Somebody, and the group in which they are for acting as a ServiceAccount.
pub(crate) fn with_group(principal: Principal) -> Vec<Principal> {
    let group = match &principal.kind {
        SubjectKind::ServiceAccount(of) => Some(Principal::group(&format!("system:serviceaccounts:{of}"))),
        _ => None,
    };
    std::iter::once(principal).chain(group).collect()
}

/// Somebody under their own name: a user with the name of a ServiceAccount is that ServiceAccount.
pub(crate) fn identity(principal: &Principal) -> Principal {
    match (&principal.kind, account_of(&principal.name)) {
        (SubjectKind::User, Some((namespace, name))) => Principal::service_account(namespace, name),
        _ => principal.clone(),
    }
}

/// The namespace and the name of the ServiceAccount that has this user name.
pub(crate) fn account_of(user: &str) -> Option<(&str, &str)> {
    let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    (!namespace.is_empty() && !name.is_empty() && !name.contains(':')).then_some((namespace, name))
}

/// Names that Kubernetes and its providers keep for parts of the cluster.
fn is_of_the_cluster(name: &str) -> bool {
    name.starts_with("system:") || name.starts_with("eks:")
}
