//! Whether somebody of a name is there, as far as that can be known.

use super::did_you_mean;
use crate::rules::suggestions;
use watertight_model::Snapshot;

/// What the names of ServiceAccounts begin with.
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// What is odd about the name of a user: that it is a ServiceAccount which the input does not hold, or may be meant for
/// one. Who else there is, only authentication knows. Every namespace has a ServiceAccount `default`.
pub(crate) fn unknown_user(user: &str, snapshot: &Snapshot) -> Option<String> {
    let accounts = || {
        snapshot
            .service_accounts
            .iter()
            .filter_map(|account| Some((account.object.namespace.as_deref()?, account.object.name.as_str())))
    };
    let full = |(namespace, name): (&str, &str)| format!("{SERVICE_ACCOUNT}{namespace}:{name}");
    let Some(rest) = user.strip_prefix(SERVICE_ACCOUNT) else {
        let is_meant =
            |(namespace, name): &(&str, &str)| *name == user || format!("{namespace}/{name}") == user;
        let meant = full(accounts().find(is_meant)?);
        return Some(format!("`{user}` is taken for a user; did you mean the ServiceAccount `{meant}`?"));
    };
    match rest.split_once(':') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains(':') => {
            if name == "default" || accounts().any(|account| account == (namespace, name)) {
                return None;
            }
            let names: Vec<String> = accounts().map(full).collect();
            let meant = suggestions(user, names.iter().map(String::as_str));
            let meant = did_you_mean(meant.first());
            Some(format!("the input holds no ServiceAccount {namespace}/{name}{meant}"))
        }
        _ => Some(format!("`{user}` is no ServiceAccount: its name is `{SERVICE_ACCOUNT}NAMESPACE:NAME`")),
    }
}
