//! Tokens of ServiceAccounts that stand in Secrets, and that never expire.

use super::fact::Derived;
use watertight_model::{Because, Evidence, EvidenceRole, Fact, Principal, Snapshot};

/// As whom one can act who reads the Secrets of a scope, or only those of these names.
pub(super) fn read<'s>(
    snapshot: &'s Snapshot,
    scope: Option<&'s str>,
    names: &'s [String],
) -> impl Iterator<Item = (Principal, Derived)> + use<'s> {
    snapshot.secrets.iter().filter_map(move |secret| {
        let object = &secret.object;
        let namespace = object.namespace.as_deref()?;
        let is_read = scope.is_none_or(|scope| scope == namespace)
            && (names.is_empty() || names.contains(&object.name));
        let principal =
            Principal::service_account(namespace, secret.token_of.as_deref().filter(|_| is_read)?);
        let derived = Derived {
            fact: Fact::ActsAs { principal: principal.clone() },
            rule: "legacy-token",
            text: format!("{object} is a token of {principal}, so it can act as {principal}"),
            uses: Vec::new(),
            because: vec![Because {
                role: EvidenceRole::Selects,
                object: object.clone(),
                path: String::new(),
                evidence: Some(Evidence::File(secret.span)),
            }],
        };
        Some((principal, derived))
    })
}
