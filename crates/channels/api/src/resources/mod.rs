//! What an API server serves: its own resources and those of the input, and who is meant by a name.

mod find;
mod nearest;
#[cfg(test)]
mod tests;
mod version;

use crate::data::{Data, parse};
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use version::Version;
use watertight_model::CustomResource;

/// One resource of the API, in all of its versions: no rule of a role names a version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Resource {
    /// The API group; empty for the core group.
    pub group: String,
    /// The versions that are served, the one that clients prefer first.
    pub versions: Vec<String>,
    /// `Pod`, `NetworkPolicy`…
    pub kind: String,
    /// Its name in URLs and in the rules of roles: `pods`, `networkpolicies`…
    pub plural: String,
    /// The name of one: `pod`, `networkpolicy`…
    pub singular: String,
    /// Other names: `po`, `netpol`…
    #[serde(default)]
    pub short_names: Vec<String>,
    /// The sets that it belongs to: `all`…
    #[serde(default)]
    pub categories: Vec<String>,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// What can be done to it, in any of its versions.
    pub verbs: Vec<String>,
    /// The parts of an object that have a name in rules of their own, as `log` in `pods/log`.
    #[serde(default, deserialize_with = "subresources")]
    pub subresources: Vec<Subresource>,
}

/// A part of an object, under a name and with rights of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subresource {
    /// `status`, `scale`, `log`…
    pub name: String,
    /// What can be done to it, in any version of its resource.
    pub verbs: Vec<String>,
}

/// They are written down by name.
fn subresources<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Subresource>, D::Error> {
    let by_name = BTreeMap::<String, Vec<String>>::deserialize(from)?;
    Ok(by_name.into_iter().map(|(name, verbs)| Subresource { name, verbs }).collect())
}

impl Resource {
    /// The subresource of this name.
    #[must_use]
    pub fn subresource(&self, name: &str) -> Option<&Subresource> {
        self.subresources.iter().find(|subresource| subresource.name == name)
    }

    /// What a definition in the input defines.
    fn custom(custom: &CustomResource) -> Self {
        let mut versions: Vec<String> = custom.versions.iter().map(|version| version.name.clone()).collect();
        versions.sort_by_cached_key(|version| Reverse(Version::of(version)));
        let with = |name: &str, has: bool| {
            let verbs = ["get", "patch", "update"].map(str::to_owned).to_vec();
            has.then(|| Subresource { name: name.to_owned(), verbs })
        };
        Self {
            group: custom.group.clone(),
            versions,
            kind: custom.kind.clone(),
            plural: custom.plural.clone(),
            singular: custom.singular.clone(),
            short_names: custom.short_names.clone(),
            categories: Vec::new(),
            namespaced: custom.namespaced,
            verbs: CUSTOM_VERBS.map(str::to_owned).to_vec(),
            subresources: [
                with("scale", custom.versions.iter().any(|version| version.scale)),
                with("status", custom.versions.iter().any(|version| version.status)),
            ]
            .into_iter()
            .flatten()
            .collect(),
        }
    }
}

/// What can be done to every custom resource.
///
/// Source: `serveResource` of <https://github.com/kubernetes/apiextensions-apiserver/blob/v0.36.0/pkg/apiserver/customresource_handler.go>.
const CUSTOM_VERBS: [&str; 8] =
    ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

/// Everything that a server serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resources {
    /// Resources of one group stand together, and groups in the order in which clients look for a name.
    all: Vec<Resource>,
    /// Every version of every group, in the same order: of a group the one that clients prefer first.
    versions: Vec<(String, String)>,
}

impl Resources {
    /// What a server of Kubernetes 1.`minor` serves, or one of the nearest version that is
    /// [supported](crate::SUPPORTED), if these definitions are in it. One that has the names of a resource of the
    /// server's own does not count: what stands in the way of it is there first.
    ///
    /// Groups that only definitions make come last, by name: to the server each is of the priority 1000, its own are of
    /// more, and names break ties.
    ///
    /// Source: <https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controlplane/controller/crdregistration/crdregistration_controller.go>.
    #[must_use]
    pub fn new(minor: u32, custom: &[CustomResource]) -> Self {
        let mut all: Vec<Resource> = parse(Data::of(minor).resources);
        let mut own: Vec<String> = all.iter().map(|resource| resource.group.clone()).collect();
        own.dedup();
        for custom in custom.iter().filter(|custom| !custom.versions.is_empty()) {
            if !all.iter().any(|known| known.group == custom.group && known.plural == custom.plural) {
                all.push(Resource::custom(custom));
            }
        }
        all.sort_by_cached_key(|resource| {
            let place = own.iter().position(|group| *group == resource.group);
            (place.unwrap_or(own.len()), resource.group.clone(), resource.plural.clone())
        });
        let mut versions = Vec::new();
        for of_group in all.chunk_by(|a, b| a.group == b.group) {
            let names: BTreeSet<_> = of_group.iter().flat_map(|resource| &resource.versions).collect();
            let mut names: Vec<_> = names.into_iter().collect();
            names.sort_by_cached_key(|name| Reverse(Version::of(name)));
            let group = of_group.iter().map(|resource| &resource.group).take(1);
            versions.extend(group.flat_map(|group| names.iter().map(|&name| (group.clone(), name.clone()))));
        }
        Self { all, versions }
    }

    /// All of them, in the order in which clients look for a name.
    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.all.iter()
    }
}
