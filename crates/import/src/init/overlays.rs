//! Which overlays are one application: those that go back to the same, one for each environment, whatever their folders are called;
//! else those whose folders differ by the environment alone.

use super::applications::common;
use super::inventory::{EnvironmentIndex, Inventory};
use super::{Found, Overlay};
use std::collections::{BTreeMap, BTreeSet};

/// What folders of overlays are called besides as their environments are.
const OF_OVERLAYS: [&str; 9] =
    [".", "overlay", "overlays", "env", "envs", "environments", "prod", "stage", "stg"];

/// What folders of what they go back to are called.
const OF_BASES: [&str; 3] = ["base", "bases", "common"];

/// Overlays that go back to the same, each with its environment.
type Group<'f> = Vec<(EnvironmentIndex, &'f Overlay)>;

/// The keys of overlays, by their folders: overlays with one key are one application.
pub(super) fn keys(found: &Found<'_>, inventory: &Inventory<'_>) -> BTreeMap<String, String> {
    let mut folders = found.rendered.values().map(|overlay| overlay.folder.as_str());
    let first = folders.next().unwrap_or_default();
    let root = folders.fold(first.to_owned(), |root, next| common(&root, next));
    let of_folder = |folder: &str, environments: &[EnvironmentIndex]| {
        let rest = folder.strip_prefix(&root).unwrap_or(folder);
        let is_of_overlay = |part: &str| {
            OF_OVERLAYS.contains(&part) || environments.iter().any(|index| is_called_so(found, *index, part))
        };
        rest.split('/').filter(|part| !part.is_empty() && !is_of_overlay(part)).collect::<Vec<_>>().join("/")
    };
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    let groups = groups(found, inventory);
    let mut of_groups: Vec<(String, &Group<'_>)> = Vec::new();
    for (bases, group) in &groups {
        let environments: Vec<EnvironmentIndex> = group.iter().map(|(environment, _)| *environment).collect();
        let is_one = !bases.is_empty() && is_once_each(&environments);
        if is_one {
            let folder = group.iter().map(|(_, overlay)| overlay.folder.clone());
            let folder = folder.reduce(|one, other| common(&one, &other)).unwrap_or_default();
            of_groups.push((of_folder(&folder, &environments), group));
        } else {
            let each = group.iter().map(|(environment, overlay)| {
                (overlay.folder.clone(), of_folder(&overlay.folder, &[*environment]))
            });
            keys.extend(each);
        }
    }
    for (index, (key, group)) in of_groups.iter().enumerate() {
        let is_taken = of_groups.iter().enumerate().any(|(other, (taken, _))| other != index && taken == key);
        let key = if is_taken { of_base(group).unwrap_or_else(|| key.clone()) } else { key.clone() };
        keys.extend(group.iter().map(|(_, overlay)| (overlay.folder.clone(), key.clone())));
    }
    keys
}

/// Overlays of one environment that go back to the same, so that nothing tells which of them is that of another environment too.
pub(super) fn rivals<'f>(found: &'f Found<'_>, inventory: &Inventory<'_>) -> Vec<Group<'f>> {
    let groups = groups(found, inventory).into_iter().filter(|(bases, _)| !bases.is_empty());
    let mut rivals = Vec::new();
    for (_, group) in groups {
        let environments: BTreeSet<EnvironmentIndex> = group.iter().map(|(index, _)| *index).collect();
        if environments.len() < group.len() && environments.len() > 1 {
            rivals.push(group);
        }
    }
    rivals
}

/// The overlays of an environment each, by what they go back to.
fn groups<'f>(found: &'f Found<'_>, inventory: &Inventory<'_>) -> BTreeMap<&'f BTreeSet<String>, Group<'f>> {
    let mut groups: BTreeMap<&BTreeSet<String>, Group<'f>> = BTreeMap::new();
    for (place, overlay) in found.rendered {
        let objects = inventory.files.get(*place).map(|file| file.objects.as_slice()).unwrap_or_default();
        let of = objects.iter().filter_map(|object| inventory.objects.get(*object)?.environment);
        let of: Vec<EnvironmentIndex> = of.collect::<BTreeSet<_>>().into_iter().collect();
        if let [only] = of.as_slice() {
            groups.entry(&overlay.bases).or_default().push((*only, overlay));
        }
    }
    groups
}

fn is_once_each(environments: &[EnvironmentIndex]) -> bool {
    environments.iter().collect::<BTreeSet<_>>().len() == environments.len()
}

/// Whether an environment, or a namespace of it, has this name.
fn is_called_so(found: &Found<'_>, environment: EnvironmentIndex, name: &str) -> bool {
    let environment = &found.environments[environment];
    name == environment.name || environment.namespaces.iter().any(|namespace| namespace.name == name)
}

/// What the first of the things is called to which the overlays of a group go back.
fn of_base(group: &Group<'_>) -> Option<String> {
    let (_, overlay) = group.first()?;
    let base = overlay.bases.first()?;
    let mut parts = base.rsplit(['/', '\\']).filter(|part| !part.is_empty() && !OF_BASES.contains(part));
    parts.next().map(str::to_owned)
}
