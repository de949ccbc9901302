//! Applications: folders and files that are there, where all that is in them may come from one. Each file that cannot be pointed
//! to is told, with what is in its way.

use super::Found;
use super::inventory::{EnvironmentIndex, Inventory, counted, shown};
use crate::draft::Application;
use crate::notes::Notes;
use crate::workload::owned;
use crate::{names, rules};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Diagnostic, SourceId};
use watertight_yaml::{Value, mapping};

/// What standard input is called.
const STDIN: &str = "-";

/// Where the manifests of an environment are.
enum Place {
    /// In a folder in which nothing else is, which is a kustomization or not.
    Folder { path: String, is_kustomization: bool },
    /// In some files, each by the name that it has below where all are.
    Files(BTreeMap<String, String>),
}

/// The applications, and the objects that come from them, by their places in the inventory.
pub(crate) struct Pointed {
    pub(crate) applications: Vec<Application>,
    pub(crate) kept: BTreeSet<usize>,
}

/// Points to what can be pointed to.
pub(crate) fn applications(
    found: &Found<'_>,
    inventory: &Inventory<'_>,
    notes: &mut Notes,
    told: &mut BTreeSet<usize>,
) -> Pointed {
    let mut kept = BTreeSet::new();
    let environments = 0..found.environments.len();
    let places: Vec<Option<Place>> =
        environments.map(|environment| place(found, inventory, environment, &mut kept)).collect();
    let mut applications = Vec::new();
    let folders: Option<Vec<(&String, bool)>> = places
        .iter()
        .map(|place| match place {
            Some(Place::Folder { path, is_kustomization }) => Some((path, *is_kustomization)),
            _ => None,
        })
        .collect();
    let mut taken: Vec<String> = Vec::new();
    let mut add = |name: &str, field, paths: Vec<(EnvironmentIndex, &String)>| {
        let name = names::label(name).unwrap_or_else(|| found.name.to_owned());
        let name = names::unlike(name, &taken);
        taken.push(name.clone());
        applications.push(application(found, name, field, &paths));
    };
    match folders.as_deref() {
        Some(folders) if folders.iter().all(|(_, kind)| *kind == folders[0].1) => {
            let field = if folders.first().is_some_and(|(_, kind)| *kind) { "kustomization" } else { "manifests" };
            add(found.name, field, folders.iter().map(|(path, _)| *path).enumerate().collect());
        }
        _ => {
            let mut files: BTreeMap<&String, Vec<(EnvironmentIndex, &String)>> = BTreeMap::new();
            for (index, place) in places.iter().enumerate() {
                match place {
                    Some(Place::Files(own)) => {
                        own.iter().for_each(|(key, path)| files.entry(key).or_default().push((index, path)));
                    }
                    Some(Place::Folder { path, is_kustomization }) => {
                        let field = if *is_kustomization { "kustomization" } else { "manifests" };
                        add(&found.environments[index].name, field, vec![(index, path)]);
                    }
                    None => {}
                }
            }
            for (key, paths) in files {
                let stem = key.rsplit_once('.').map_or(key.as_str(), |(stem, _)| stem);
                add(stem, "manifests", paths);
            }
        }
    }
    tell(found, inventory, &kept, notes, told);
    Pointed { applications, kept }
}

/// One application, with an override for each environment but the first.
fn application(
    found: &Found<'_>,
    name: String,
    field: &str,
    paths: &[(EnvironmentIndex, &String)],
) -> Application {
    let environment = |index: EnvironmentIndex| Value::from(found.environments[index].name.as_str());
    let mut fields: Vec<(&str, Value)> = vec![("name", name.into())];
    if paths.len() < found.environments.len() {
        fields.push(("environments", Value::List(paths.iter().map(|(index, _)| environment(*index)).collect())));
    }
    if let Some((_, first)) = paths.first() {
        fields.push((field, first.as_str().into()));
        let differ = paths.iter().filter(|(_, path)| path != first);
        let differ: Vec<Value> = differ
            .map(|(index, path)| mapping([("environment", environment(*index)), (field, path.as_str().into())]))
            .collect();
        if !differ.is_empty() {
            fields.push(("overrides", Value::List(differ)));
        }
    }
    Application { value: owned(fields), to_do: Vec::new(), stores: Vec::new() }
}

/// Where the manifests of an environment are. Notes what comes from there.
fn place(
    found: &Found<'_>,
    inventory: &Inventory<'_>,
    environment: EnvironmentIndex,
    kept: &mut BTreeSet<usize>,
) -> Option<Place> {
    let own = |content: &&super::inventory::FileContent| {
        !content.objects.is_empty()
            && content.objects.iter().all(|object| inventory.objects[*object].environment == Some(environment))
    };
    let files: Vec<(usize, &str)> = inventory
        .files
        .iter()
        .enumerate()
        .filter(|(_, content)| own(content))
        .map(|(index, _)| (index, found.sources[index].name.as_str()))
        .filter(|(_, name)| *name != STDIN)
        .collect();
    let (first, rest) = files.split_first()?;
    let folder = |name: &str| name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let root = rest.iter().fold(folder(first.1), |root, (_, name)| common(&root, &folder(name)));
    let may_come = |index: usize| {
        let content = &inventory.files[index];
        let objects = content.objects.iter().map(|object| &inventory.objects[*object]);
        !content.holds_others && objects.into_iter().all(|object| object.is_namespace() || object.is_of_applications())
    };
    let holds_some = |index: usize| {
        inventory.files[index].objects.iter().any(|object| inventory.objects[*object].is_of_applications())
    };
    let below: Vec<usize> =
        (0..inventory.files.len()).filter(|index| found.sources[*index].name.starts_with(&root)).collect();
    let is_kustomization =
        |index: usize| inventory.files[index].is_kustomization && folder(&found.sources[index].name) == root;
    let all_own = below
        .iter()
        .all(|index| is_kustomization(*index) || files.iter().any(|(own, _)| own == index) && may_come(*index));
    let path = (found.path)(&root);
    if !root.is_empty() && path != "." && all_own && files.len() > 1 && below.iter().any(|index| holds_some(*index)) {
        kept.extend(of_applications(inventory, below.iter().copied()));
        let is_kustomization = below.iter().any(|index| is_kustomization(*index));
        return Some(Place::Folder { path: format!("{}/", path.trim_end_matches('/')), is_kustomization });
    }
    let pointed: Vec<(usize, &str)> =
        files.iter().copied().filter(|(index, _)| may_come(*index) && holds_some(*index)).collect();
    kept.extend(of_applications(inventory, pointed.iter().map(|(index, _)| *index)));
    let paths = pointed.into_iter().map(|(_, name)| {
        let key = name.strip_prefix(&root).unwrap_or(name);
        (key.to_owned(), (found.path)(name))
    });
    Some(Place::Files(paths.collect()))
}

fn of_applications(inventory: &Inventory<'_>, files: impl Iterator<Item = usize>) -> BTreeSet<usize> {
    let objects = files.flat_map(|file| inventory.files[file].objects.iter().copied());
    objects.filter(|object| inventory.objects[*object].is_of_applications()).collect()
}

/// The folder above both.
fn common(one: &str, other: &str) -> String {
    let parts = one.split_inclusive('/').zip(other.split_inclusive('/'));
    parts.take_while(|(one, other)| one == other).map(|(one, _)| one).collect()
}

/// Says of each file that is not pointed to, and of what in it gets lost by that, what is in the way.
fn tell(
    found: &Found<'_>,
    inventory: &Inventory<'_>,
    kept: &BTreeSet<usize>,
    notes: &mut Notes,
    told: &mut BTreeSet<usize>,
) {
    for (index, content) in inventory.files.iter().enumerate() {
        let lost: Vec<usize> = content
            .objects
            .iter()
            .copied()
            .filter(|object| {
                let object_of = &inventory.objects[*object];
                object_of.environment.is_some() && object_of.is_of_applications() && !kept.contains(object)
            })
            .collect();
        let Some(first) = lost.first() else { continue };
        told.extend(lost.iter().copied());
        let objects = content.objects.iter().map(|object| &inventory.objects[*object]);
        let name = shown(found.sources, SourceId(u32::try_from(index).unwrap_or(u32::MAX)));
        let what = counted(lost.iter().map(|object| &inventory.objects[*object]));
        let others: BTreeSet<Option<EnvironmentIndex>> = objects.clone().map(|object| object.environment).collect();
        let (why, help) = if name == STDIN {
            ("that is standard input".to_owned(), "write them into files, one for each environment, and name those in `manifests`")
        } else if others.len() > 1 {
            ("the file holds objects of others too".to_owned(), "give each environment files of its own, and name them in `manifests`")
        } else {
            let walls: Vec<_> =
                objects.filter(|object| !object.is_of_applications() && !object.is_namespace()).collect();
            let of_wall = counted(walls);
            let why = if of_wall.is_empty() {
                "the file holds what is no object".to_owned()
            } else {
                format!("beside them the file holds {of_wall}")
            };
            (why, "move them into a file of their own, and name it in `manifests` of an application")
        };
        let message = format!("no application holds {what} of `{name}`: {why}");
        notes.push(
            Diagnostic::warning(rules::TAKEN_BY_WALL, message)
                .at(inventory.objects[*first].span, "in no application")
                .help(help),
        );
    }
}
