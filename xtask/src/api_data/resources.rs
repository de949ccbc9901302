//! The resources that a server serves by itself, from what it tells every client.

use super::{ask, lines};
use anyhow::Result;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use watertight_testbed::Testbed;

#[derive(Deserialize)]
struct GroupList {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    name: String,
    versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    version: String,
}

#[derive(Deserialize)]
struct ResourceList {
    resources: Vec<Served>,
}

/// A resource, or with a `/` in its name a subresource, of one version.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Served {
    name: String,
    singular_name: String,
    namespaced: bool,
    kind: String,
    verbs: Vec<String>,
    #[serde(default)]
    short_names: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
}

/// A resource as we write it. What it has in any version, it has: no rule of a role names a version.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    group: String,
    versions: Vec<String>,
    kind: String,
    plural: String,
    singular: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    short_names: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    categories: Vec<String>,
    namespaced: bool,
    verbs: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    subresources: BTreeMap<String, Vec<String>>,
}

/// All of them: groups in the order of the server, which is that in which clients look for a name; then by name.
pub(super) fn text(server: &Testbed) -> Result<String> {
    let GroupList { groups } = ask(server, &["get", "--raw", "/apis"])?;
    // Clients put it first: <https://github.com/kubernetes/client-go/blob/v0.36.0/discovery/discovery_client.go>.
    let core = Group { name: String::new(), versions: vec![Version { version: "v1".to_owned() }] };
    let mut all = Vec::new();
    for group in std::iter::once(core).chain(groups) {
        all.extend(of_group(server, group)?);
    }
    Ok(lines::list(&all, "")? + "\n")
}

fn of_group(server: &Testbed, group: Group) -> Result<Vec<Resource>> {
    let mut resources: BTreeMap<String, Resource> = BTreeMap::new();
    for Version { version } in group.versions {
        let path = match group.name.as_str() {
            "" => format!("/api/{version}"),
            name => format!("/apis/{name}/{version}"),
        };
        let ResourceList { resources: served } = ask(server, &["get", "--raw", &path])?;
        let (below, served): (Vec<_>, Vec<_>) = served.into_iter().partition(|one| one.name.contains('/'));
        for one in served {
            let resource = resources.entry(one.name.clone()).or_insert_with(|| Resource {
                group: group.name.clone(),
                versions: Vec::new(),
                kind: one.kind,
                plural: one.name,
                singular: one.singular_name,
                short_names: one.short_names,
                categories: one.categories,
                namespaced: one.namespaced,
                verbs: Vec::new(),
                subresources: BTreeMap::new(),
            });
            resource.versions.push(version.clone());
            add(&mut resource.verbs, one.verbs);
        }
        for one in below {
            let Some((plural, subresource)) = one.name.split_once('/') else { continue };
            if let Some(resource) = resources.get_mut(plural) {
                add(resource.subresources.entry(subresource.to_owned()).or_default(), one.verbs);
            }
        }
    }
    Ok(resources.into_values().collect())
}

fn add(verbs: &mut Vec<String>, more: Vec<String>) {
    for verb in more {
        if !verbs.contains(&verb) {
            verbs.push(verb);
        }
    }
}
