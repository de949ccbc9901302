//! As whom one can act by what one has come to.

use super::claim::{Bounds, Gained};
use super::people::{account_of, with_group};
use std::collections::{BTreeMap, BTreeSet};
use watertight_kubernetes::ActsAs;
use watertight_model::{Gain, ObjectRef, Principal, Secret, Snapshot};

/// Everybody as whom a gain lets one act. Of ServiceAccounts those count that bindings name: nobody else has rights.
pub(crate) fn acts_as(
    snapshot: &Snapshot,
    accounts: &BTreeMap<String, BTreeSet<String>>,
    gained: &Gained,
    from: &BTreeSet<&str>,
) -> Vec<Principal> {
    let bounds = &gained.bounds;
    if steers(gained, from) {
        return every_account(snapshot, accounts, bounds, &BTreeSet::new());
    }
    let named = |who: fn(&str) -> Principal| bounds.names.iter().map(|name| who(name)).collect();
    match gained.row.acts_as {
        ActsAs::Nobody
        | ActsAs::HoldersOfClusterRoles
        | ActsAs::HoldersOfRoles
        | ActsAs::HoldersOfEverything => Vec::new(),
        // To act as a ServiceAccount is another right, whatever users are named.
        ActsAs::NamedUsers => {
            let users = bounds.names.iter().filter(|name| account_of(name).is_none());
            users.map(|name| Principal::user(name)).collect()
        }
        ActsAs::NamedGroups => named(Principal::group),
        ActsAs::ServiceAccounts => every_account(snapshot, accounts, bounds, &BTreeSet::new()),
        ActsAs::NamedServiceAccounts => every_account(snapshot, accounts, bounds, &bounds.names),
    }
}

/// Everybody whose credentials a gain lets one read.
pub(crate) fn read(snapshot: &Snapshot, gained: &Gained, from: &BTreeSet<&str>) -> Vec<Principal> {
    let bounds = &gained.bounds;
    // A pod mounts any Secret and ConfigMap of its namespace, and may have mounted any.
    let mounted = || {
        let all = of_secrets(snapshot, &Bounds { names: BTreeSet::new(), ..bounds.clone() });
        all.into_iter().chain(of_configmaps(snapshot, bounds)).collect()
    };
    match gained.row.gain {
        Gain::ReadsSecrets => of_secrets(snapshot, bounds),
        Gain::RunsPods | Gain::EntersPods => mounted(),
        _ if steers(gained, from) => mounted(),
        _ => Vec::new(),
    }
}

/// Whether pods of a namespace that is not the hostile side's may go by what it writes there, and act for it
/// (`rules/steered-pods.md`).
fn steers(gained: &Gained, from: &BTreeSet<&str>) -> bool {
    let namespace = gained.bounds.scope.as_deref();
    gained.row.gain == Gain::ChangesObjects && namespace.is_some_and(|namespace| !from.contains(namespace))
}

/// The ServiceAccounts of a scope, of these names if any are given, and the groups in which they are.
fn every_account(
    snapshot: &Snapshot,
    accounts: &BTreeMap<String, BTreeSet<String>>,
    bounds: &Bounds,
    names: &BTreeSet<String>,
) -> Vec<Principal> {
    let there = accounts.iter().filter(|(namespace, _)| bounds.holds_in(namespace));
    let accounts = there.flat_map(|(namespace, all)| {
        let named = if names.is_empty() { all } else { names };
        named.iter().map(|name| Principal::service_account(namespace, name))
    });
    let namespaces = snapshot.namespaces.iter().map(|it| it.name.as_str());
    let namespaces = namespaces.filter(|name| bounds.holds_in(name));
    let groups = namespaces.map(|name| Principal::group(&format!("system:serviceaccounts:{name}")));
    accounts.chain(groups).chain([Principal::group("system:serviceaccounts")]).collect()
}

/// Those whose credentials stand in the Secrets of a scope: tokens of ServiceAccounts, and values that say whose they are.
fn of_secrets(snapshot: &Snapshot, bounds: &Bounds) -> Vec<Principal> {
    let namespace = |secret: &Secret| secret.object.namespace.clone().unwrap_or_default();
    let is_read =
        |secret: &&Secret| bounds.holds_in(&namespace(secret)) && bounds.has_name(&secret.object.name);
    let of_secret = |secret: &Secret| -> Vec<Principal> {
        let token = secret.token_of.iter().map(|name| Principal::service_account(&namespace(secret), name));
        token.chain(secret.values.iter().flat_map(|value| value.bearers.iter().cloned())).collect()
    };
    snapshot.secrets.iter().filter(is_read).flat_map(of_secret).flat_map(with_group).collect()
}

/// The same of values in the ConfigMaps of a scope.
fn of_configmaps(snapshot: &Snapshot, bounds: &Bounds) -> impl Iterator<Item = Principal> {
    let is_there = |object: &ObjectRef| {
        object.kind == "ConfigMap" && object.namespace.as_deref().is_some_and(|of| bounds.holds_in(of))
    };
    let maps = snapshot.settings.iter().filter(move |settings| is_there(&settings.object));
    maps.flat_map(|map| &map.values).flat_map(|value| value.bearers.iter().cloned()).flat_map(with_group)
}
