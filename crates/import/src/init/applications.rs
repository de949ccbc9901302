//! Applications: folders and files that are there, where all that is in them may come from one. Each file that cannot be pointed
//! to is told, with what is in its way.

use super::inventory::{EnvironmentIndex, FileContent, Inventory, counted, shown};
use super::{Found, Overlay, left_out, overlays};
use crate::draft::Application;
use crate::notes::Notes;
use crate::workload::owned;
use crate::{names, rules};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::words::listed;
use watertight_base::{Diagnostic, Severity, SourceId};
use watertight_yaml::Value;

/// What standard input is called.
pub(super) const STDIN: &str = "-";

/// How many files a message names.
const NAMED_MAX: usize = 2;

/// A file or a folder that an application points to, from the intent.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    path: String,
    is_kustomization: bool,
    /// The files that it is, by their places in the input.
    files: Vec<usize>,
}

/// What an environment consists of, each by its name below where all is: one folder, without a name, if that is possible.
type Places = BTreeMap<String, Place>;

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
    let keys = overlays::keys(found, inventory);
    let mut by_name: BTreeMap<(String, bool), Vec<(EnvironmentIndex, Place)>> = BTreeMap::new();
    for environment in environments {
        let of = Files::new(found, inventory, environment, &keys);
        let places = of.places(&mut kept);
        of.tell(&places, notes);
        for (name, place) in places {
            by_name.entry((name, place.is_kustomization)).or_default().push((environment, place));
        }
    }
    let mut applications = Vec::new();
    let mut taken: Vec<String> = Vec::new();
    for ((path, is_kustomization), places) in by_name {
        let stem = path.trim_end_matches('/');
        let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
        let of_environment = match places.as_slice() {
            [(only, _)] if found.environments.len() > 1 => found.environments[*only].name.as_str(),
            _ => found.name,
        };
        let name = names::label(stem)
            .or_else(|| names::label(of_environment))
            .unwrap_or_else(|| "manifests".to_owned());
        let name = names::unlike(name, &taken);
        taken.push(name.clone());
        let field = if is_kustomization { "kustomization" } else { "manifests" };
        applications.push(application(found, inventory, name, field, &places));
    }
    tell(found, inventory, &kept, notes, told);
    Pointed { applications, kept }
}

/// One application, with an override for each environment that has other files than the first, or other objects to leave out.
fn application(
    found: &Found<'_>,
    inventory: &Inventory<'_>,
    name: String,
    field: &'static str,
    places: &[(EnvironmentIndex, Place)],
) -> Application {
    let environment = |index: EnvironmentIndex| Value::from(found.environments[index].name.as_str());
    let mut fields: Vec<(&str, Value)> = vec![("name", name.into())];
    if places.len() < found.environments.len() {
        let names = places.iter().map(|(index, _)| environment(*index));
        fields.push(("environments", Value::List(names.collect())));
    }
    let left_out = |place: &Place| left_out::without(found.left_out, inventory, &place.files);
    if let Some((_, first)) = places.first() {
        fields.push((field, first.path.as_str().into()));
        let of_first = left_out(first);
        let is_one = places.iter().all(|(_, place)| left_out(place) == of_first);
        if is_one {
            fields.extend(of_first.map(|without| ("without", without)));
        }
        let differs = |(index, place): &(EnvironmentIndex, Place)| {
            let path = (place.path != first.path).then(|| (field, place.path.as_str().into()));
            let without = left_out(place).filter(|_| !is_one).map(|without| ("without", without));
            let differs: Vec<(&str, Value)> = path.into_iter().chain(without).collect();
            let is_other = !differs.is_empty();
            is_other.then(|| owned([vec![("environment", environment(*index))], differs].concat()))
        };
        let differ: Vec<Value> = places.iter().filter_map(differs).collect();
        if !differ.is_empty() {
            fields.push(("overrides", Value::List(differ)));
        }
    }
    Application { value: owned(fields), to_do: Vec::new(), stores: Vec::new() }
}

/// The files of one environment.
struct Files<'q, 't> {
    found: &'q Found<'q>,
    inventory: &'q Inventory<'t>,
    environment: EnvironmentIndex,
    /// Those that hold objects of it and of nobody else, by their places in the input.
    own: Vec<usize>,
    /// The folder above them all, with `/` behind it.
    root: String,
    /// By what overlays are one application in each environment, by their folders.
    keys: &'q BTreeMap<String, String>,
}

impl<'q, 't> Files<'q, 't> {
    fn new(
        found: &'q Found<'q>,
        inventory: &'q Inventory<'t>,
        environment: EnvironmentIndex,
        keys: &'q BTreeMap<String, String>,
    ) -> Self {
        let is_own = |(index, content): &(usize, &FileContent)| {
            let of = |object: &usize| inventory.is_of(&inventory.objects[*object], environment);
            // What a kustomization makes beside, of no environment, is left out of it.
            let of_nobody = |object: &usize| inventory.objects[*object].environment.is_none();
            let fits = match found.rendered.contains_key(index) {
                true => {
                    content.objects.iter().any(of) && content.objects.iter().all(|it| of(it) || of_nobody(it))
                }
                false => !content.objects.is_empty() && content.objects.iter().all(of),
            };
            found.sources[*index].name != STDIN && fits
        };
        let own: Vec<usize> =
            inventory.files.iter().enumerate().filter(is_own).map(|(index, _)| index).collect();
        let mut folders = own.iter().map(|index| folder(name(found, *index)));
        let first = folders.next().unwrap_or_default();
        let root = folders.fold(first.to_owned(), |root, next| common(&root, next));
        Self { found, inventory, environment, own, root, keys }
    }

    fn name(&self, file: usize) -> &'q str {
        name(self.found, file)
    }

    /// Whether an application may point to a file: what of it no application may have is left out.
    fn may_come(&self, file: usize) -> bool {
        self.own.contains(&file) && !self.inventory.files[file].holds_others
    }

    /// Whether anything of a file comes from an application.
    fn gives(&self, file: usize) -> bool {
        let objects = &self.inventory.files[file].objects;
        objects.iter().any(|object| self.inventory.objects[*object].is_of_applications())
    }

    /// All files of the input below a folder.
    fn below(&self, folder: &str) -> Vec<usize> {
        (0..self.inventory.files.len()).filter(|file| self.name(*file).starts_with(folder)).collect()
    }

    /// Whether a file is the kustomization of a folder.
    fn is_kustomization_of(&self, folder: &str, file: usize) -> bool {
        self.inventory.files[file].is_kustomization && self::folder(self.name(file)) == folder
    }

    /// A folder as a whole, if nothing is in the way.
    fn whole(&self, folder: &str) -> Option<Place> {
        let below = self.below(folder);
        let is_kustomization = |file: &usize| self.is_kustomization_of(folder, *file);
        let path = (self.found.path)(folder.trim_end_matches('/'));
        let given: Vec<&usize> = below.iter().filter(|file| self.may_come(**file)).collect();
        let all = below.iter().all(|file| is_kustomization(file) || self.may_come(*file));
        let is_worth_it = given.len() > 1 && given.iter().any(|file| self.gives(**file));
        let fits = all && is_worth_it && is_apart(folder, &path) && (self.found.is_whole)(folder);
        fits.then(|| Place {
            path: format!("{path}/"),
            is_kustomization: below.iter().any(is_kustomization),
            files: below,
        })
    }

    /// What is pointed to: folders as far up as possible, and files. Notes which objects come from there.
    fn places(&self, kept: &mut BTreeSet<usize>) -> Places {
        let mut places = Places::new();
        let mut open = vec![self.root.clone()];
        while let Some(folder) = open.pop() {
            if let Some(place) = self.whole(&folder) {
                kept.extend(of_applications(self.inventory, self.below(&folder).into_iter()));
                places.insert(folder.strip_prefix(&self.root).unwrap_or(&folder).to_owned(), place);
                continue;
            }
            for file in self.own.iter().copied().filter(|file| self.name(*file).starts_with(&folder)) {
                let name = self.name(file);
                let rest = name.strip_prefix(&folder).unwrap_or(name);
                if let Some(Overlay { folder: made, .. }) = self.found.rendered.get(&file) {
                    kept.extend(of_applications(self.inventory, std::iter::once(file)));
                    let path = format!("{}/", (self.found.path)(made.trim_end_matches('/')));
                    let is_taken = |key: &String| places.get(key).is_some_and(|other| other.path != path);
                    let key = self.keys.get(made).filter(|key| !is_taken(key)).unwrap_or(made).clone();
                    places.insert(key, Place { path, is_kustomization: true, files: vec![file] });
                } else if let Some((next, _)) = rest.split_once('/') {
                    let next = format!("{folder}{next}/");
                    if !open.contains(&next) {
                        open.push(next);
                    }
                } else if self.may_come(file) && self.gives(file) {
                    kept.extend(of_applications(self.inventory, std::iter::once(file)));
                    let key = name.strip_prefix(&self.root).unwrap_or(name).to_owned();
                    let path = (self.found.path)(name);
                    places.insert(key, Place { path, is_kustomization: false, files: vec![file] });
                }
            }
        }
        places
    }

    /// Says what to move so that one folder is enough, where there are many places.
    fn tell(&self, places: &Places, notes: &mut Notes) {
        let root = (self.found.path)(self.root.trim_end_matches('/'));
        let is_made = self.own.iter().any(|file| self.found.rendered.contains_key(file));
        if is_made || places.len() < 2 || !is_apart(&self.root, &root) {
            return;
        }
        let in_the_way = |file: &usize| !self.may_come(*file) && !self.is_kustomization_of(&self.root, *file);
        let moved: Vec<&str> =
            self.below(&self.root).into_iter().filter(in_the_way).map(|file| self.name(file)).collect();
        let (Some(place), false) = (self.inventory.place(self.environment), moved.is_empty()) else { return };
        let shown = listed(&moved.iter().copied().take(NAMED_MAX).collect::<Vec<_>>());
        let more = match moved.len().saturating_sub(NAMED_MAX) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("one application could name `{root}/`, if it were not for {shown}{more}");
        let help = format!(
            "move them elsewhere, since no application has what they hold, and write `manifests: {root}/`"
        );
        let warning =
            Diagnostic::warning(rules::REPLACED_BY_WALL, message).at(place, "of this environment").help(help);
        notes.push(Diagnostic { severity: Severity::Info, ..warning });
    }
}

/// The name of a file; of what a kustomization makes, that of its folder.
fn name<'q>(found: &Found<'q>, file: usize) -> &'q str {
    found.rendered.get(&file).map_or(found.sources[file].name.as_str(), |overlay| overlay.folder.as_str())
}

/// Whether a folder, with its path from the intent, is another than that of the intent, in which lies more than manifests.
pub(super) fn is_apart(folder: &str, path: &str) -> bool {
    !folder.is_empty() && path != "." && !path.ends_with("..")
}

/// The folder of a file, with `/` behind it; empty for that of the command.
pub(super) fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| &name[..=folder.len()])
}

fn of_applications(inventory: &Inventory<'_>, files: impl Iterator<Item = usize>) -> BTreeSet<usize> {
    let objects = files.flat_map(|file| inventory.files[file].objects.iter().copied());
    objects.filter(|object| inventory.objects[*object].is_of_applications()).collect()
}

/// The folder above both.
pub(super) fn common(one: &str, other: &str) -> String {
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
        let others: BTreeSet<Option<EnvironmentIndex>> = objects.map(|object| object.environment).collect();
        let (why, help) = if name == STDIN {
            (
                "that is standard input".to_owned(),
                "write them into files, one for each environment, and name those in `manifests`",
            )
        } else if others.len() > 1 {
            (
                "the file holds objects of no environment, or of another one, too".to_owned(),
                "give each environment files of its own, and name them in `manifests`",
            )
        } else {
            (
                "the file holds what is no object".to_owned(),
                "move them into a file of their own, and name it in `manifests` of an application",
            )
        };
        let message = format!("no application holds {what} of `{name}`: {why}");
        notes.push(
            Diagnostic::warning(rules::TAKEN_BY_WALL, message)
                .at(inventory.objects[*first].span, "in no application")
                .help(help),
        );
    }
}
