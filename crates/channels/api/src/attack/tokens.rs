//! Credentials of others in Secrets that are read: tokens of ServiceAccounts that never expire, and values that say whose they
//! are.

use super::fact::Derived;
use crate::credentials::TOKEN;
use watertight_base::Span;
use watertight_model::{
    Because, Evidence, EvidenceRole, Fact, HeldValue, ObjectRef, Principal, Snapshot, SubjectKind,
};

/// As whom one can act who reads the Secrets of a scope, or only those of these names: ServiceAccounts, and the groups in which
/// they are.
pub(super) fn read<'s>(
    snapshot: &'s Snapshot,
    scope: Option<&'s str>,
    names: &'s [String],
) -> impl Iterator<Item = (Principal, Derived)> + use<'s> {
    let read_secrets = snapshot.secrets.iter().filter(move |secret| {
        secret.object.namespace.as_deref().is_some_and(|of| scope.is_none_or(|scope| scope == of))
            && (names.is_empty() || names.contains(&secret.object.name))
    });
    read_secrets.flat_map(|secret| {
        let object = &secret.object;
        let namespace = object.namespace.as_deref().unwrap_or_default();
        let token = secret.token_of.iter().map(|name| {
            let principal = Principal::service_account(namespace, name);
            let text = format!("{object} is a token of {principal}, so it can act as {principal}");
            derived("legacy-token", principal, text, because(object, "", secret.span))
        });
        token.chain(of_values(object, &secret.values)).flat_map(with_group).collect::<Vec<_>>()
    })
}

/// The same by ConfigMaps of a namespace, which a pod of one's own mounts.
pub(super) fn mounted<'s>(
    snapshot: &'s Snapshot,
    scope: Option<&'s str>,
) -> impl Iterator<Item = (Principal, Derived)> + use<'s> {
    let mounted = snapshot.settings.iter().filter(move |settings| {
        let of = settings.object.namespace.as_deref();
        settings.object.kind == "ConfigMap" && of.is_some_and(|of| scope.is_none_or(|scope| scope == of))
    });
    mounted.flat_map(|map| of_values(&map.object, &map.values).flat_map(with_group).collect::<Vec<_>>())
}

fn of_values<'s>(object: &'s ObjectRef, values: &'s [HeldValue]) -> impl Iterator<Item = Derived> + use<'s> {
    values.iter().flat_map(move |held| {
        held.bearers.iter().map(move |principal| {
            let text = format!("{object} holds a credential of {principal} under `{}`", held.key);
            derived(TOKEN, principal.clone(), text, because(object, &held.path, held.span))
        })
    })
}

fn derived(rule: &'static str, principal: Principal, text: String, because: Because) -> Derived {
    Derived { fact: Fact::ActsAs { principal }, rule, text, uses: Vec::new(), because: vec![because] }
}

fn because(object: &ObjectRef, path: &str, span: Span) -> Because {
    Because {
        role: EvidenceRole::Selects,
        object: object.clone(),
        path: path.to_owned(),
        evidence: Some(Evidence::File(span)),
    }
}

/// Who acts as a ServiceAccount is in the group of its namespace.
fn with_group(derived: Derived) -> Vec<(Principal, Derived)> {
    let Fact::ActsAs { principal } = derived.fact.clone() else { return Vec::new() };
    let group = match &principal.kind {
        SubjectKind::ServiceAccount(of) => Some(Principal::group(&format!("system:serviceaccounts:{of}"))),
        _ => None,
    };
    let of_group = group.map(|group| {
        let text = format!("so it can act as {group}");
        (group.clone(), Derived { fact: Fact::ActsAs { principal: group }, text, ..derived.clone() })
    });
    [Some((principal, derived)), of_group].into_iter().flatten().collect()
}
