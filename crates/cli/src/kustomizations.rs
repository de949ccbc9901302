//! Kustomizations among manifests: which stand for themselves, which only gather others, and what each is made of.

use crate::input;
use crate::paths::plain;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use watertight_base::{Source, SourceId};
use watertight_ingest::{Content, Tree, is_kustomization, trees};

/// Fields that list what a kustomization is made of, and change nothing.
///
/// Source: <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>.
const LISTS: [&str; 3] = ["resources", "bases", "components"];

/// Fields that neither list nor change anything.
const HEAD: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// What a folder of patches beside a kustomization is called.
const OF_PATCHES: [&str; 2] = ["patch", "patches"];

/// A kustomization, by its place among the sources.
struct Kustomization {
    file: usize,
    is_component: bool,
    /// Whether it says nothing but what it is made of.
    only_lists: bool,
    /// The files and folders that it lists, and what it takes from elsewhere as it is written.
    lists: BTreeSet<PathBuf>,
    remote: BTreeSet<String>,
    /// All files and folders that it may name.
    names: BTreeSet<PathBuf>,
}

impl Kustomization {
    fn read(file: usize, folder: &Path, documents: &[Tree]) -> Self {
        let members = || documents.iter().flat_map(Tree::members);
        let (mut lists, mut names, mut remote) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for member in members() {
            let is_listing = LISTS.contains(&member.key.as_str());
            texts(&member.value, &mut |text| {
                // `files` of generators may be `KEY=PATH`.
                let named = text.split_once('=').map_or(text, |(_, path)| path);
                names.extend([text, named].map(|named| plain(&folder.join(named))));
                if is_listing && text.contains("://") {
                    remote.insert(text.to_owned());
                } else if is_listing {
                    lists.insert(plain(&folder.join(text)));
                }
            });
        }
        let kind = documents.first().and_then(|document| document.get("kind")?.text());
        let says_more = |key: &str| !HEAD.contains(&key) && !["resources", "bases"].contains(&key);
        let only_lists = !members().any(|member| says_more(&member.key));
        Self { file, is_component: kind == Some("Component"), only_lists, lists, remote, names }
    }
}

/// A file with objects that no kustomization lists, and which is beside one or changes what others are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unlisted {
    /// The file, by its place among the sources.
    pub(crate) file: usize,
    /// The kustomization, by its place.
    pub(crate) kustomization: usize,
    /// Whether it changes objects there.
    pub(crate) is_patch: bool,
}

/// All of them by their folders, and all files by their paths.
pub(crate) struct Kustomizations {
    by_folder: BTreeMap<PathBuf, Kustomization>,
    files: BTreeMap<PathBuf, usize>,
}

impl Kustomizations {
    pub(crate) fn among(sources: &[Source]) -> Self {
        let here = PathBuf::from(input::working_directory());
        let path = |name: &str| plain(&here.join(name));
        let files = sources.iter().enumerate().map(|(index, source)| (path(&source.name), index)).collect();
        let mut by_folder = BTreeMap::new();
        for (index, source) in sources.iter().enumerate() {
            if !is_kustomization(&source.name) || source.name == input::STDIN {
                continue;
            }
            let folder = path(folder_of(&source.name));
            let id = SourceId(u32::try_from(index).unwrap_or(u32::MAX));
            let kustomization = Kustomization::read(index, &folder, &trees(id, source).documents);
            by_folder.insert(folder, kustomization);
        }
        Self { by_folder, files }
    }

    /// The place of the file of a kustomization among the sources.
    pub(crate) fn file_of(&self, folder: &Path) -> Option<usize> {
        self.by_folder.get(folder).map(|kustomization| kustomization.file)
    }

    /// The folders of those that stand for themselves: no other one names them but to gather them, and they are no components.
    pub(crate) fn roots(&self) -> BTreeSet<&PathBuf> {
        self.split().0
    }

    /// The folders of those that only gather others below them, which stand for themselves.
    pub(crate) fn gatherers(&self) -> BTreeSet<&PathBuf> {
        self.split().1
    }

    fn split(&self) -> (BTreeSet<&PathBuf>, BTreeSet<&PathBuf>) {
        let is_named = |folder: &PathBuf| {
            let mut others = self.by_folder.iter().filter(|(other, _)| *other != folder);
            others.any(|(_, kustomization)| kustomization.names.contains(folder))
        };
        let top = self.by_folder.iter().filter(|(folder, one)| !one.is_component && !is_named(folder));
        let mut open: Vec<&PathBuf> = top.map(|(folder, _)| folder).collect();
        let (mut roots, mut gatherers) = (BTreeSet::new(), BTreeSet::new());
        while let Some(folder) = open.pop() {
            if !self.gathers(folder) {
                roots.insert(folder);
            } else if gatherers.insert(folder) {
                let lists = self.by_folder.get(folder).map(|one| &one.lists).into_iter().flatten();
                open.extend(lists.filter_map(|listed| Some(self.by_folder.get_key_value(listed)?.0)));
            }
        }
        (roots, gatherers)
    }

    /// Whether a kustomization does nothing but to list what is below it, and another kustomization there.
    fn gathers(&self, folder: &Path) -> bool {
        let Some(kustomization) = self.by_folder.get(folder) else { return false };
        let is_there = |path: &PathBuf| {
            let is_known = self.by_folder.contains_key(path) || self.files.contains_key(path);
            is_known && path.starts_with(folder) && path != folder
        };
        kustomization.only_lists
            && kustomization.remote.is_empty()
            && kustomization.lists.iter().all(is_there)
            && kustomization.lists.iter().any(|path| self.by_folder.contains_key(path))
    }

    /// All files that what is made there is made of, by their places among the sources.
    pub(crate) fn parts_of(&self, root: &Path) -> BTreeSet<usize> {
        let (mut parts, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut open = vec![root.to_owned()];
        while let Some(path) = open.pop() {
            if !seen.insert(path.clone()) {
                continue;
            }
            parts.extend(self.files.get(&path));
            if let Some(kustomization) = self.by_folder.get(&path) {
                parts.insert(kustomization.file);
                open.extend(kustomization.names.iter().cloned());
            }
        }
        parts
    }

    /// What a kustomization goes back to: others that take from none, and what is elsewhere. Overlays of one application have the same.
    pub(crate) fn bases_of(&self, root: &Path) -> BTreeSet<String> {
        let (mut bases, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut open = vec![root.to_owned()];
        while let Some(folder) = open.pop() {
            let Some(one) = self.by_folder.get(&folder).filter(|one| !one.is_component) else { continue };
            if !seen.insert(folder.clone()) {
                continue;
            }
            let is_base = |path: &&PathBuf| self.by_folder.get(*path).is_some_and(|one| !one.is_component);
            let below: Vec<&PathBuf> = one.lists.iter().filter(is_base).collect();
            bases.extend(one.remote.iter().cloned());
            if below.is_empty() && one.remote.is_empty() && folder != root {
                bases.insert(folder.to_string_lossy().into_owned());
            }
            open.extend(below.into_iter().cloned());
        }
        bases
    }

    /// Whether a folder has no kustomization, or one by which all files below it are applied.
    pub(crate) fn leaves_out_none(&self, folder: &str) -> bool {
        let folder = plain(&PathBuf::from(input::working_directory()).join(folder));
        if !self.by_folder.contains_key(&folder) {
            return true;
        }
        let parts = self.parts_of(&folder);
        self.files.iter().filter(|(path, _)| path.starts_with(&folder)).all(|(_, file)| parts.contains(file))
    }

    /// Files with objects that nothing applies: patches, and what lies beside a kustomization that does not list it.
    pub(crate) fn unlisted(&self, sources: &[Source]) -> Vec<Unlisted> {
        let mut unlisted = Vec::new();
        for (path, file) in &self.files {
            let Some(source) = sources.get(*file) else { continue };
            let all = || self.by_folder.values();
            if source.name == input::STDIN
                || is_kustomization(&source.name)
                || all().any(|one| one.lists.contains(path))
            {
                continue;
            }
            let patched = all().find(|one| one.names.contains(path));
            let Some(kustomization) = patched.or_else(|| self.beside(path)) else { continue };
            if holds_objects(source) {
                let is_patch = patched.is_some();
                unlisted.push(Unlisted { file: *file, kustomization: kustomization.file, is_patch });
            }
        }
        unlisted
    }

    /// The kustomization in the folder of a file, or above its folder of patches.
    fn beside(&self, path: &Path) -> Option<&Kustomization> {
        let folder = path.parent()?;
        let is_of_patches = folder.file_name().is_some_and(|name| OF_PATCHES.iter().any(|it| name == *it));
        let above = || self.by_folder.get(folder.parent().filter(|_| is_of_patches)?);
        self.by_folder.get(folder).or_else(above)
    }
}

/// The folder of a file, with `/` behind it; empty for the working directory.
pub(crate) fn folder_of(name: &str) -> &str {
    name.rfind('/').map_or("", |slash| &name[..=slash])
}

/// Whether a file holds objects that may be patches: a Namespace is none, and says which environments there are.
fn holds_objects(source: &Source) -> bool {
    let documents = trees(SourceId(0), source).documents;
    let kinds = documents.iter().filter(|document| document.get("apiVersion").is_some());
    kinds.filter_map(|document| document.get("kind")?.text()).any(|kind| kind != "Namespace")
}

fn texts(tree: &Tree, found: &mut impl FnMut(&str)) {
    match &tree.content {
        Content::Text(text) => found(text),
        Content::List(elements) => elements.iter().for_each(|element| texts(element, found)),
        Content::Mapping(members) => members.iter().for_each(|member| texts(&member.value, found)),
        _ => {}
    }
}
