//! Kustomizations among manifests: which stand for themselves, what each is made of, and what `kubectl kustomize` makes of it.

use crate::failure::Failure;
use crate::input;
use crate::intent_file::name;
use crate::paths::plain;
use crate::rendering::Program;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use watertight_base::{Source, SourceId};
use watertight_import::Overlay;
use watertight_ingest::{Content, Ingested, Options, Tree, read_each, trees};
use watertight_model::BlindSpot;

/// What the file of a kustomization is called.
///
/// Source: <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The fields of a kustomization that changes nothing of what it takes.
const GATHERING: [&str; 4] = ["apiVersion", "kind", "metadata", "resources"];

/// Manifests with what kustomizations make, in the place of what these are made of.
pub(crate) struct Rendered {
    /// The manifests.
    pub(crate) sources: Vec<Source>,
    /// What kustomizations make, by its place among the sources.
    pub(crate) overlays: BTreeMap<usize, Overlay>,
    /// Files beside kustomizations that none of them names, and that say of an object what is made another way: old patches, say. They are
    /// not among the manifests.
    pub(crate) unlisted: Vec<String>,
}

impl Rendered {
    /// Reads what is rendered: what an overlay makes without naming a namespace is in that which its folder tells.
    pub(crate) fn ingest(&self, options: &Options) -> Ingested {
        let own = self.overlays.iter().filter_map(|(place, overlay)| {
            let default_namespace = overlay.namespace.clone()?;
            Some((*place, Options { default_namespace, ..options.clone() }))
        });
        let own: BTreeMap<usize, Options> = own.collect();
        let of =
            |id: SourceId| usize::try_from(id.0).ok().and_then(|place| own.get(&place)).unwrap_or(options);
        read_each(&self.sources, &of)
    }
}

/// The environments that folders of overlays tell, by what these are called.
const OF_FOLDERS: [(&str, &str); 6] = [
    ("staging", "staging"),
    ("stage", "staging"),
    ("stg", "staging"),
    ("production", "production"),
    ("prod", "production"),
    ("prd", "production"),
];

/// The namespace that a folder tells: that of its environment, if `--env` names one, else one called as the environment.
fn told(folder: &str, given: &[(String, String)]) -> Option<String> {
    let of_part = |part: &str| {
        let named = given.iter().find(|(environment, _)| environment == part);
        let usual =
            || OF_FOLDERS.iter().find(|(called, _)| *called == part).map(|(_, environment)| *environment);
        let environment = named.map(|(environment, _)| environment.as_str()).or_else(usual)?;
        let given = given.iter().find(|(of, _)| of == environment);
        let selector = given.map(|(_, selector)| selector.clone()).filter(|text| name(text).is_ok());
        Some(selector.unwrap_or_else(|| environment.to_owned()))
    };
    folder.rsplit('/').find_map(of_part)
}

/// Renders the kustomizations that change objects or take them from other kustomizations, as far as no other one takes what they make;
/// `None` if there are none. `given` is what the command line says of environments. What a kustomization changes is a blind spot of those who read its files as they are.
///
/// # Errors
/// `kubectl` is not there, or fails: once for each kustomization.
pub(crate) fn rendered(
    sources: &[Source],
    spots: &[BlindSpot],
    given: &[(String, String)],
) -> Result<Option<Rendered>, Vec<Failure>> {
    let all = Kustomizations::among(sources);
    let changing: BTreeSet<usize> = spots
        .iter()
        .filter(|spot| spot.rule == "kustomization")
        .filter_map(|spot| usize::try_from(spot.span?.source.0).ok())
        .collect();
    let is_needed = |folder: &&PathBuf| {
        let parts = all.parts_of(folder);
        let kustomizations = all.0.values().filter(|one| parts.contains(&one.file));
        kustomizations.clone().count() > 1
            || kustomizations.into_iter().any(|one| changing.contains(&one.file))
    };
    let roots: Vec<&PathBuf> = all.roots(given).into_iter().filter(is_needed).collect();
    if roots.is_empty() {
        return Ok(None);
    }
    let mut parts: BTreeSet<usize> = roots.iter().flat_map(|root| all.parts_of(root)).collect();
    parts.extend(all.0.values().filter(|one| all.gathers(one, given)).map(|one| one.file));
    let (mut made, mut failures) = (Vec::new(), Vec::new());
    for root in roots {
        let Some(kustomization) = all.0.get(root) else { continue };
        let folder = folder_of(&sources[kustomization.file].name);
        let argument = if folder.is_empty() { "./".to_owned() } else { folder.to_owned() };
        let argument = if argument.starts_with('-') { format!("./{argument}") } else { argument };
        match Program::Kubectl.output(&["kustomize".to_owned(), argument]) {
            Ok(bytes) => {
                let overlay = Overlay { folder: folder.to_owned(), namespace: told(folder, given) };
                made.push((overlay, Source { name: format!("{folder} (kubectl kustomize)"), bytes }));
            }
            Err(failure) => {
                let name = &sources[kustomization.file].name;
                let message = format!("the kustomization `{name}`: {}", failure.message);
                // What did not run for one will not for others.
                let is_about_files = !failure.causes.is_empty();
                failures.push(Failure { message, ..failure });
                if !is_about_files {
                    break;
                }
            }
        }
    }
    if !failures.is_empty() {
        return Err(failures);
    }
    let unlisted = all.unlisted(sources, &parts, &made);
    let is_kept = |index: &usize| !parts.contains(index) && !unlisted.contains(index);
    let kept = sources.iter().enumerate().filter(|(index, _)| is_kept(index));
    let mut sources_then: Vec<Source> = kept.map(|(_, source)| source.clone()).collect();
    let mut overlays = BTreeMap::new();
    for (overlay, source) in made {
        overlays.insert(sources_then.len(), overlay);
        sources_then.push(source);
    }
    let unlisted = unlisted.into_iter().map(|index| sources[index].name.clone()).collect();
    Ok(Some(Rendered { sources: sources_then, overlays, unlisted }))
}

/// An object by its kind and its name.
type Key = (String, String);

/// What a source holds: nothing of a document that is none of an object.
fn keys(source: &Source) -> Vec<Option<Key>> {
    let text = |tree: &Tree, path: &[&str]| {
        let found = path.iter().try_fold(tree, |tree, key| tree.get(key))?;
        found.text().map(str::to_owned)
    };
    let key = |tree: &Tree| Some((text(tree, &["kind"])?, text(tree, &["metadata", "name"])?));
    trees(SourceId(0), source).documents.iter().map(key).collect()
}

/// A kustomization, by its place among the sources, and what it names.
struct Kustomization {
    file: usize,
    is_component: bool,
    /// Whether it says no more than what it takes.
    only_gathers: bool,
    names: BTreeSet<PathBuf>,
}

/// All of them by their folders, and all files by their paths.
struct Kustomizations(BTreeMap<PathBuf, Kustomization>, BTreeMap<PathBuf, usize>);

impl Kustomizations {
    fn among(sources: &[Source]) -> Self {
        let here = PathBuf::from(input::working_directory());
        let path = |name: &str| plain(&here.join(name));
        let files = sources.iter().enumerate().map(|(index, source)| (path(&source.name), index)).collect();
        let mut kustomizations = BTreeMap::new();
        for (index, source) in sources.iter().enumerate() {
            let is_named =
                Path::new(&source.name).file_name().is_some_and(|name| NAMES.iter().any(|it| name == *it));
            if !is_named || source.name == input::STDIN {
                continue;
            }
            let folder = path(folder_of(&source.name));
            let id = SourceId(u32::try_from(index).unwrap_or(u32::MAX));
            let documents = trees(id, source).documents;
            let mut names = BTreeSet::new();
            documents.iter().for_each(|document| {
                texts(document, &mut |text| {
                    // `files` of generators may be `KEY=PATH`.
                    let named = text.split_once('=').map_or(text, |(_, path)| path);
                    names.extend([text, named].map(|named| plain(&folder.join(named))));
                })
            });
            let kind = documents.first().and_then(|document| document.get("kind")?.text());
            let is_component = kind == Some("Component");
            let keys = documents.iter().flat_map(Tree::members).map(|member| member.key.as_str());
            let only_gathers = keys.into_iter().all(|key| GATHERING.contains(&key));
            kustomizations.insert(folder, Kustomization { file: index, is_component, only_gathers, names });
        }
        Self(kustomizations, files)
    }

    /// Whether one says no more than that it takes overlays of several environments, which each stand for themselves. `given` is what
    /// the command line says of environments.
    fn gathers(&self, one: &Kustomization, given: &[(String, String)]) -> bool {
        let taken: Vec<&PathBuf> = one.names.iter().filter(|name| self.0.contains_key(*name)).collect();
        let told: BTreeSet<Option<String>> =
            taken.iter().map(|folder| told(&folder.to_string_lossy(), given)).collect();
        let files = one.names.iter().any(|name| self.1.contains_key(name));
        one.only_gathers && !files && told.len() > 1
    }

    /// The folders of those that no other one names, and that are no components.
    fn roots(&self, given: &[(String, String)]) -> Vec<&PathBuf> {
        let is_named = |folder: &PathBuf| {
            let mut others =
                self.0.iter().filter(|(other, one)| *other != folder && !self.gathers(one, given));
            others.any(|(_, one)| one.names.contains(folder))
        };
        let stands = |one: &Kustomization| !one.is_component && !self.gathers(one, given);
        let roots = self.0.iter().filter(|(folder, one)| stands(one) && !is_named(folder));
        roots.map(|(folder, _)| folder).collect()
    }

    /// Files in the folders of kustomizations that none of them names, and that hold nothing but what is `made` another way, or no object at
    /// all.
    fn unlisted(
        &self,
        sources: &[Source],
        parts: &BTreeSet<usize>,
        made: &[(Overlay, Source)],
    ) -> BTreeSet<usize> {
        let rendered = self.0.values().filter(|one| parts.contains(&one.file));
        let folders: BTreeSet<&str> = rendered.map(|one| folder_of(&sources[one.file].name)).collect();
        let made: BTreeSet<Key> = made.iter().flat_map(|(_, source)| keys(source)).flatten().collect();
        let is_beside = |(index, source): &(usize, &Source)| {
            !parts.contains(index) && folders.contains(folder_of(&source.name))
        };
        let is_made = |source: &Source| {
            let keys = keys(source);
            !keys.is_empty() && keys.iter().all(|key| key.as_ref().is_none_or(|key| made.contains(key)))
        };
        let beside = sources.iter().enumerate().filter(is_beside);
        beside.filter(|(_, source)| is_made(source)).map(|(index, _)| index).collect()
    }

    /// All files that what is made there is made of, by their places among the sources.
    fn parts_of(&self, root: &Path) -> BTreeSet<usize> {
        let (mut parts, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut open = vec![root.to_owned()];
        while let Some(path) = open.pop() {
            if !seen.insert(path.clone()) {
                continue;
            }
            parts.extend(self.1.get(&path));
            if let Some(kustomization) = self.0.get(&path) {
                parts.insert(kustomization.file);
                open.extend(kustomization.names.iter().cloned());
            }
        }
        parts
    }
}

/// The folder of a file, with `/` behind it; empty for the working directory.
fn folder_of(name: &str) -> &str {
    name.rfind('/').map_or("", |slash| &name[..=slash])
}

fn texts(tree: &Tree, found: &mut impl FnMut(&str)) {
    match &tree.content {
        Content::Text(text) => found(text),
        Content::List(elements) => elements.iter().for_each(|element| texts(element, found)),
        Content::Mapping(members) => members.iter().for_each(|member| texts(&member.value, found)),
        _ => {}
    }
}
