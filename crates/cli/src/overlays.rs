//! What kustomizations among manifests make, by `kubectl kustomize`, in the place of what they are made of.

use crate::failure::Failure;
use crate::intent_file::name;
use crate::kustomizations::{Kustomizations, Unlisted, folder_of};
use crate::rendering::Program;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use watertight_base::Source;
use watertight_import::{Overlay, Skipped};
use watertight_ingest::{Ingested, Options, read_each};
use watertight_model::BlindSpot;

/// Manifests with what kustomizations make, in the place of what these are made of.
#[derive(Default)]
pub(crate) struct Rendered {
    /// The manifests.
    pub(crate) sources: Vec<Source>,
    /// What kustomizations make, by its place among the sources.
    pub(crate) overlays: BTreeMap<usize, Overlay>,
    /// Files that are not read, since nothing applies what they hold.
    pub(crate) skipped: Vec<Skipped>,
    /// Those files.
    pub(crate) skipped_sources: Vec<Source>,
}

impl Rendered {
    /// Reads what is rendered: what an overlay makes without naming a namespace is in that which its folder tells.
    pub(crate) fn ingest(&self, options: &Options) -> Ingested {
        let own = self.overlays.iter().filter_map(|(place, overlay)| {
            let default_namespace = overlay.namespace.clone()?;
            Some((*place, Options { default_namespace, ..options.clone() }))
        });
        let own: BTreeMap<usize, Options> = own.collect();
        let of = |id: watertight_base::SourceId| {
            usize::try_from(id.0).ok().and_then(|place| own.get(&place)).unwrap_or(options)
        };
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

/// The namespace that a folder tells: the one that it is called as, if `--env` names that, or that of its environment, if `--env` names
/// one, else one called as the environment.
fn told(folder: &str, given: &[(String, String)]) -> Option<String> {
    let of_part = |part: &str| {
        if let Some((_, selector)) = given.iter().find(|(_, selector)| selector == part) {
            return Some(selector.clone());
        }
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

/// Renders the kustomizations that change objects or take them from other kustomizations, as far as no other one takes what they make,
/// and leaves out files that nothing applies; `None` if all is as it is written. `given` is what the command line says of environments.
/// What a kustomization changes is a blind spot of those who read its files as they are.
///
/// # Errors
/// `kubectl` is not there, or fails, for each kustomization of which it does.
pub(crate) fn rendered(
    sources: &[Source],
    spots: &[BlindSpot],
    given: &[(String, String)],
) -> Result<Option<Rendered>, Vec<Failure>> {
    let all = Kustomizations::among(sources);
    let changing: BTreeSet<usize> = spots
        .iter()
        // One about no object is about files that none lists, which are looked for here too.
        .filter(|spot| spot.rule == "kustomization" && spot.object.is_some())
        .filter_map(|spot| usize::try_from(spot.span?.source.0).ok())
        .collect();
    let is_needed = |folder: &&PathBuf| {
        let parts = all.parts_of(folder);
        let kustomizations =
            parts.iter().filter(|part| watertight_ingest::is_kustomization(&sources[**part].name));
        let kustomizations: Vec<&usize> = kustomizations.collect();
        kustomizations.len() > 1 || kustomizations.into_iter().any(|file| changing.contains(file))
    };
    let roots: Vec<&PathBuf> = all.roots().into_iter().filter(is_needed).collect();
    let mut parts: BTreeSet<usize> = roots.iter().flat_map(|root| all.parts_of(root)).collect();
    let unlisted: Vec<Unlisted> =
        all.unlisted(sources).into_iter().filter(|it| !parts.contains(&it.file)).collect();
    if roots.is_empty() && unlisted.is_empty() {
        return Ok(None);
    }
    let rendered_files: BTreeSet<usize> = roots.iter().filter_map(|root| all.file_of(root)).collect();
    // What gathers overlays has nothing more to list.
    let gathering =
        all.gatherers().into_iter().filter(|folder| !all.parts_of(folder).is_disjoint(&rendered_files));
    parts.extend(gathering.filter_map(|folder| all.file_of(folder)));
    parts.extend(unlisted.iter().map(|it| it.file));
    let kept = sources.iter().enumerate().filter(|(index, _)| !parts.contains(index));
    let mut rendered = Rendered {
        sources: kept.map(|(_, source)| source.clone()).collect(),
        skipped_sources: unlisted.iter().map(|it| sources[it.file].clone()).collect(),
        skipped: unlisted.iter().map(|it| skipped(it, sources)).collect(),
        ..Rendered::default()
    };
    let mut failures: Vec<Failure> = Vec::new();
    for root in roots {
        let Some(file) = all.file_of(root) else { continue };
        let folder = folder_of(&sources[file].name);
        match made(folder, &sources[file].name) {
            Ok(bytes) => {
                let bases = all.bases_of(root);
                let overlay = Overlay { folder: folder.to_owned(), namespace: told(folder, given), bases };
                rendered.overlays.insert(rendered.sources.len(), overlay);
                rendered.sources.push(Source { name: format!("{folder} (kubectl kustomize)"), bytes });
            }
            Err(failure) => {
                // What kubectl itself does not say is not about this one alone.
                let is_of_all = failure.help.is_some();
                failures.push(failure);
                if is_of_all {
                    break;
                }
            }
        }
    }
    if failures.is_empty() { Ok(Some(rendered)) } else { Err(failures) }
}

/// What `kubectl kustomize` makes of a folder.
fn made(folder: &str, file: &str) -> Result<Vec<u8>, Failure> {
    let argument = if folder.is_empty() { "./".to_owned() } else { folder.to_owned() };
    let argument = if argument.starts_with('-') { format!("./{argument}") } else { argument };
    let output = Program::Kubectl.output(&["kustomize".to_owned(), argument]);
    output.map_err(|failure| Failure {
        message: format!("the kustomization `{file}`: {}", failure.message),
        ..failure
    })
}

fn skipped(unlisted: &Unlisted, sources: &[Source]) -> Skipped {
    let name = |index: usize| sources[index].name.clone();
    Skipped {
        file: name(unlisted.file),
        kustomization: name(unlisted.kustomization),
        is_patch: unlisted.is_patch,
    }
}
