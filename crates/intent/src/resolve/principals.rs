//! Nobody stands on both sides of a wall: who may act in two environments of a cluster carries across what one lets them do.
//!
//! A ServiceAccount acts where it lives: whoever makes pods there holds it.

use crate::findings::Findings;
use crate::intent::{
    EnvironmentId, ExceptionAllows, Intent, Party, Promise, Role, ServiceAccountRef, Spanned, Subject,
};
use crate::rules;
use watertight_base::Span;

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    for boundary in &intent.boundaries {
        let promised = boundary.promises.iter().any(|promise| promise.value == Promise::Api);
        let (Some(from), Some(to)) =
            (intent.environments.get(boundary.from.0), intent.environments.get(boundary.to.0))
        else {
            continue;
        };
        if !promised || from.cluster != to.cluster {
            continue;
        }
        let hostile: Vec<(Subject, Span)> = from.access.parties().flat_map(subjects).collect();
        for party in to.access.parties() {
            for (subject, span) in subjects(party) {
                let excepted = boundary.exceptions.iter().any(|exception| match &exception.allows {
                    ExceptionAllows::Access { subject: excepted, role } => {
                        account(&excepted.value) == account(&subject) && role.value >= party.role.value
                    }
                    ExceptionAllows::Connection { .. } => false,
                });
                let home = match account(&subject) {
                    Subject::ServiceAccount(account) => Some(account.namespace),
                    Subject::Group(group) => all_of(&group).map(str::to_owned),
                    Subject::User(_) => None,
                };
                let lives_there =
                    home.is_some_and(|home| from.namespaces.iter().any(|own| own.value == home));
                if excepted || !(lives_there || hostile.iter().any(|(other, _)| meet(other, &subject))) {
                    continue;
                }
                report(intent, (boundary.from, boundary.to), party, &subject, span, findings);
            }
        }
    }
}

/// A user as the ServiceAccount that it is, if it is one by its name.
///
/// Source: <https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/>.
fn account(subject: &Subject) -> Subject {
    let of_user = |user: &String| {
        let (namespace, name) = user.strip_prefix("system:serviceaccount:")?.split_once(':')?;
        Some(ServiceAccountRef { namespace: namespace.to_owned(), name: name.to_owned() })
    };
    match subject {
        Subject::User(user) => of_user(user).map_or_else(|| subject.clone(), Subject::ServiceAccount),
        Subject::Group(_) | Subject::ServiceAccount(_) => subject.clone(),
    }
}

/// The namespace of which a group is all ServiceAccounts.
fn all_of(group: &str) -> Option<&str> {
    group.strip_prefix("system:serviceaccounts:")
}

/// Whether two name somebody together, however they are spelled.
fn meet(one: &Subject, other: &Subject) -> bool {
    match (account(one), account(other)) {
        (Subject::Group(group), Subject::ServiceAccount(account))
        | (Subject::ServiceAccount(account), Subject::Group(group)) => {
            all_of(&group) == Some(account.namespace.as_str())
        }
        (one, other) => one == other,
    }
}

fn subjects(party: &Party) -> Vec<(Subject, Span)> {
    let named = |names: &[Spanned<String>], make: fn(String) -> Subject| {
        names.iter().map(|name| (make(name.value.clone()), name.span)).collect::<Vec<_>>()
    };
    let mut subjects = named(&party.users, Subject::User);
    subjects.extend(named(&party.groups, Subject::Group));
    let account =
        |account: &Spanned<_>| (Subject::ServiceAccount(Clone::clone(&account.value)), account.span);
    subjects.extend(party.service_accounts.iter().map(account));
    subjects
}

fn report(
    intent: &Intent,
    (from, to): (EnvironmentId, EnvironmentId),
    party: &Party,
    subject: &Subject,
    span: Span,
    findings: &mut Findings,
) {
    let name =
        |id: EnvironmentId| intent.environments.get(id.0).map_or("", |found| found.name.value.as_str());
    let who = match subject {
        Subject::User(user) => format!("the user `{user}`"),
        Subject::Group(group) => format!("the group `{group}`"),
        Subject::ServiceAccount(account) => {
            format!("the ServiceAccount `{}/{}`", account.namespace, account.name)
        }
    };
    let role = match party.role.value {
        Role::View => "view",
        Role::Edit => "edit",
    };
    let (from, to) = (name(from), name(to));
    findings.error(
        rules::SHARED_PRINCIPAL,
        format!("{who} may act in `{from}`, and has `{role}` in `{to}`, which is walled off from it"),
        span,
        format!("acts in `{from}` too"),
        format!(
            "name others here, or list an exception of the boundary from `{from}` to `{to}`, with `access`"
        ),
    );
}
