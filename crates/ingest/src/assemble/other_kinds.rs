//! The kinds of which no channel knows what their objects do, and of which somebody may make some: those that the input shows to
//! be there, and those that roles name.

use crate::resources::{ALL, Unevaluated, of_definition, of_resource};
use std::collections::BTreeMap;
use watertight_model::{CustomResource, OtherKind, RoleRule, Snapshot};

/// ResourceClaims can give pods networks where there are classes of devices, which claims name.
///
/// Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/>.
const OF_DEVICES: [(&str, &str); 2] =
    [("resourceclaims", "ResourceClaim"), ("resourceclaimtemplates", "ResourceClaimTemplate")];

/// Kinds of which the right to write them is evaluated, as one to take what is sent to others' hosts (`taken-host`).
const BY_RIGHT: [(&str, &str); 1] = [("gateway.networking.k8s.io", "backendtlspolicies")];

/// By group and resource.
type Kinds = BTreeMap<(String, String), OtherKind>;

/// Those of a snapshot, sorted.
pub(super) fn collect(snapshot: &Snapshot) -> Vec<OtherKind> {
    let mut kinds = Kinds::new();
    for definition in &snapshot.custom_resources {
        if let Some(kind) = of_versions(definition) {
            add(&mut kinds, (&definition.group, &definition.plural), kind, true);
        }
    }
    for service in snapshot.api_services.iter().filter(|service| service.called.is_some()) {
        if let Some(kind) = of_resource(&service.group, ALL) {
            add(&mut kinds, (&service.group, ALL), kind, true);
        }
    }
    if snapshot.kinds.contains_key("DeviceClass") {
        for (resource, kind) in OF_DEVICES {
            if let Some(kind) = of_definition("resource.k8s.io", "v1", kind) {
                add(&mut kinds, ("resource.k8s.io", resource), kind, true);
            }
        }
    }
    for rule in snapshot.roles.iter().flat_map(|role| &role.rules).filter(|rule| writes(rule)) {
        for (group, resource) in named(rule) {
            if let Some(kind) = of_resource(group, resource) {
                add(&mut kinds, (group, resource), kind, false);
            }
        }
    }
    kinds.into_values().collect()
}

fn add(
    kinds: &mut Kinds,
    (group, resource): (&str, &str),
    Unevaluated { kind, how, hides }: Unevaluated,
    is_installed: bool,
) {
    if BY_RIGHT.contains(&(group, resource)) {
        return;
    }
    let (group, resource) = (group.to_owned(), resource.to_owned());
    kinds.entry((group.clone(), resource.clone())).or_insert(OtherKind {
        group,
        resource,
        kind,
        how,
        hides,
        is_installed,
    });
}

/// What objects of a definition would hide: nothing where one of the versions is evaluated, in which each object can be read.
fn of_versions(definition: &CustomResource) -> Option<Unevaluated> {
    let versions = definition.versions.iter();
    let all = versions.map(|version| of_definition(&definition.group, &version.name, &definition.kind));
    all.collect::<Option<Vec<_>>>()?.into_iter().next()
}

fn writes(rule: &RoleRule) -> bool {
    rule.verbs.iter().any(|verb| ["*", "create", "update", "patch"].contains(&verb.as_str()))
}

/// The groups and resources that a rule names, without subresources.
fn named(rule: &RoleRule) -> impl Iterator<Item = (&str, &str)> {
    let resources = || rule.resources.iter().filter(|resource| !resource.starts_with("*/"));
    rule.api_groups.iter().flat_map(move |group| {
        resources().map(move |resource| {
            (group.as_str(), resource.split_once('/').map_or(resource.as_str(), |(plain, _)| plain))
        })
    })
}
