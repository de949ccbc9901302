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
use watertight_model::{CustomResource, CustomResourceVersion};

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
    /// The sets that it belongs to: `all`… Those of a definition in the input are not known.
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

    fn is_same(&self, other: &Self) -> bool {
        self.group == other.group && self.plural == other.plural
    }

    fn group_versions(&self) -> impl Iterator<Item = (String, String)> {
        self.versions.iter().map(|version| (self.group.clone(), version.clone()))
    }

    /// What a definition in the input defines, in versions that the server does not have by itself.
    fn custom(custom: &CustomResource, own: &BTreeSet<(String, String)>) -> Self {
        let is_own =
            |version: &&CustomResourceVersion| own.contains(&(custom.group.clone(), version.name.clone()));
        let told: Vec<_> = custom.versions.iter().filter(|version| !is_own(version)).collect();
        let mut versions: Vec<String> = told.iter().map(|version| version.name.clone()).collect();
        versions.sort_by_cached_key(|version| Reverse(Version::of(version)));
        let with = |name: &str, has: bool| {
            let verbs = ["get", "patch", "update"].map(str::to_owned).to_vec();
            has.then(|| Subresource { name: name.to_owned(), verbs })
        };
        let scale = with("scale", told.iter().any(|version| version.scale));
        let status = with("status", told.iter().any(|version| version.status));
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
            subresources: scale.into_iter().chain(status).collect(),
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
    /// Resources of one group stand together, and all in the order in which clients look for a short name.
    all: Vec<Resource>,
    /// Every version of every group, in the same order: of a group the one that clients prefer first.
    versions: Vec<(String, String)>,
}

impl Resources {
    /// What a server of Kubernetes 1.`minor` tells clients that it serves, or one of the nearest version that is
    /// [supported](crate::SUPPORTED), if these definitions are in it. Of a definition in a group of the server's own,
    /// versions that the server has by itself do not count, and those that do are preferred to them.
    ///
    /// Other groups of definitions come last, by name: each has the priority 1000, the server's own have more, and names
    /// break ties.
    ///
    /// Sources: <https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/controlplane/controller/crdregistration/crdregistration_controller.go>,
    /// and the sorting in <https://github.com/kubernetes/apiserver/blob/v0.36.0/pkg/endpoints/discovery/aggregated/handler.go>.
    #[must_use]
    pub fn new(minor: u32, custom: &[CustomResource]) -> Self {
        let own: Vec<Resource> = parse(Data::of(minor).resources);
        let own_versions: BTreeSet<(String, String)> =
            own.iter().flat_map(Resource::group_versions).collect();
        let mut all: Vec<Resource> =
            custom.iter().map(|custom| Resource::custom(custom, &own_versions)).collect();
        let is_own = |resource: &Resource| own.iter().any(|own| own.is_same(resource));
        all.retain(|resource| !resource.versions.is_empty() && !is_own(resource));
        all.sort_by(|a, b| (&a.group, &a.plural).cmp(&(&b.group, &b.plural)));
        all.dedup_by(|again, first| again.is_same(first));

        let mut groups: Vec<String> = own.iter().map(|resource| resource.group.clone()).collect();
        groups.dedup();
        all.extend(own);
        // Stable: the others stay in the order of their names.
        all.sort_by_key(|resource| {
            groups.iter().position(|group| *group == resource.group).unwrap_or(groups.len())
        });
        let mut versions = Vec::new();
        for of_group in all.chunk_by(|a, b| a.group == b.group) {
            let mut known: Vec<(String, String)> =
                of_group.iter().flat_map(Resource::group_versions).collect();
            known.sort_by_cached_key(|known| (own_versions.contains(known), Reverse(Version::of(&known.1))));
            known.dedup();
            versions.extend(known);
        }
        Self { all, versions }
    }

    /// All of them, in the order in which clients look for a name.
    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.all.iter()
    }
}
