//! What else is in the clusters of an intent, as their `manifests` say: read when it is compiled, so that a promise that hangs on
//! what is not there is told at once, in the words of the proof.

use crate::failure::Failure;
use crate::{applications, input, paths};
use std::path::{Path, PathBuf};
use watertight_base::{Diagnostic, Source};
use watertight_compile::{File, HEAD};
use watertight_ingest::Options;
use watertight_intent::{Cluster, ClusterId, Environment, EnvironmentId, Intent, Promise, Spanned};
use watertight_model::{NamespaceId, Relation, Snapshot};
use watertight_network::{Profile, Reading, blind_spots};

/// What else is in clusters.
#[derive(Default)]
pub(crate) struct Beside {
    /// Where it is, from the folder into which is written.
    pub(crate) paths: Vec<(ClusterId, String)>,
    sources: Vec<(ClusterId, Vec<Source>)>,
}

impl Beside {
    /// Reads it, for the clusters that say where it is. `folder` is that of the intent.
    ///
    /// # Errors
    /// It is not there or outside of the folder, or it holds the intent or what is compiled.
    pub(crate) fn read(
        intent: &Intent,
        folder: &Path,
        filename: &str,
        output_dir: &Path,
    ) -> Result<Self, Failure> {
        let mut beside = Self::default();
        for (index, cluster) in intent.clusters.iter().enumerate() {
            let is_used = intent.environments.iter().any(|it| it.cluster == ClusterId(index));
            let Some(path) = cluster.manifests.as_ref().filter(|_| is_used) else { continue };
            let of_cluster = |failure: Failure| {
                let message = format!("`manifests` of `{}`: {}", cluster.name.value, failure.message);
                Failure { message, ..failure }
            };
            let place = applications::inside(folder, &path.value).map_err(of_cluster)?;
            let sources = manifests(folder, &place, filename, output_dir).map_err(of_cluster)?;
            let way = paths::relative(&input::real(output_dir), &input::real(&place));
            beside.paths.push((ClusterId(index), way));
            beside.sources.push((ClusterId(index), sources));
        }
        Ok(beside)
    }

    /// What else is in a cluster, if the intent says where that is.
    pub(crate) fn sources(&self, id: ClusterId) -> Option<&[Source]> {
        self.sources.iter().find(|(of, _)| *of == id).map(|(_, sources)| sources.as_slice())
    }

    /// What the proof would not see of those who serve routes, for each environment that has some.
    pub(crate) fn unseen(&self, intent: &Intent, files: &[File]) -> Vec<Diagnostic> {
        let clusters = intent.clusters.iter().enumerate();
        clusters
            .flat_map(|(index, cluster)| self.unseen_in(intent, ClusterId(index), cluster, files))
            .collect()
    }

    fn unseen_in(
        &self,
        intent: &Intent,
        id: ClusterId,
        cluster: &Cluster,
        files: &[File],
    ) -> Vec<Diagnostic> {
        let environments = intent.environments.iter().enumerate();
        let here = environments.filter(|(_, environment)| environment.cluster == id);
        let here: Vec<(usize, &Environment)> = here.collect();
        if here.iter().all(|(_, environment)| environment.ingress.is_none()) {
            return Vec::new();
        }
        let below = format!("{}/", cluster.name.value);
        let compiled = files.iter().filter(|file| file.path.starts_with(&below));
        let mut sources: Vec<Source> = compiled
            .map(|file| Source { name: file.path.clone(), bytes: file.text.clone().into_bytes() })
            .collect();
        sources.extend(self.sources(id).unwrap_or_default().iter().cloned());
        let snapshot = watertight_ingest::read(&sources, &Options::default()).snapshot;
        let reading = Reading::new(Profile::CONSERVATIVE, Relation::May);
        let mut found = Vec::new();
        for (index, environment) in &here {
            let Some(ingress) = &environment.ingress else { continue };
            let to = namespaces(&snapshot, environment);
            if !publishes(&snapshot, &to) || !is_promised(intent, EnvironmentId(*index)) {
                continue;
            }
            let others = here.iter().filter(|(other, _)| other != index);
            let from: Vec<NamespaceId> = others.flat_map(|(_, other)| namespaces(&snapshot, other)).collect();
            for spot in blind_spots(&snapshot, &reading, &from, &to) {
                let so = format!("so `prove` calls the walls of `{}` unknown", environment.name.value);
                let help = format!("{}: `manifests` of the cluster `{}`", spot.help, cluster.name.value);
                let warning = Diagnostic::warning(spot.rule, spot.reason);
                found.push(warning.at(ingress.namespace.span, so).help(help));
            }
        }
        found
    }
}

/// What is below a place: manifests that nobody compiled.
fn manifests(folder: &Path, place: &Path, filename: &str, output_dir: &Path) -> Result<Vec<Source>, Failure> {
    let (real, shown) = (input::real(place), place.display());
    let holds = |path: &Path| input::real(path).starts_with(&real);
    if holds(output_dir) || (filename != input::STDIN && holds(Path::new(filename))) {
        return Err(Failure::new(format!("`{shown}` holds the intent, or what is compiled of it"))
            .help("give the rest of the cluster a folder of its own"));
    }
    let sources = all_below(place)?;
    for source in &sources {
        input::stays_in(folder, Path::new(&source.name))?;
        if source.bytes.starts_with(HEAD.as_bytes()) {
            let message = format!("`{}` was compiled from an intent", source.name);
            return Err(Failure::new(message).help("name what is there besides, and not what is compiled"));
        }
    }
    Ok(sources)
}

/// All that is below a place, with templates and what is compressed, which the proof does not see into.
fn all_below(place: &Path) -> Result<Vec<Source>, Failure> {
    let name = if place.as_os_str().is_empty() { Path::new(".") } else { place };
    let name = [name.to_string_lossy().into_owned()];
    let (mut sources, rest) = input::read_with_rest(&name, &mut std::io::empty(), input::BYTES_MAX)?;
    sources.extend(rest.sources(input::BYTES_MAX)?);
    Ok(sources)
}

/// The manifests that a compiled fleet names for a cluster, but for those that were read already.
///
/// # Errors
/// They are not there any more, or the path is none that is ever written.
pub(crate) fn named_by_fleet(
    file: &str,
    folder: &str,
    manifests: &str,
    known: &[Source],
) -> Result<Vec<Source>, Failure> {
    if !paths::is_relative(manifests) {
        return Err(Failure::new(format!("`{file}` is not as `watertight compile` wrote it"))
            .help(format!("`{manifests}` is no path from its folder: compile the intent once more")));
    }
    let way = Path::new(if folder.is_empty() { "." } else { folder }).join(manifests);
    let short = paths::plain(&way);
    // Where a link leads elsewhere, only the long form is right.
    let place: PathBuf = if input::real(&short) == input::real(&way) { short } else { way };
    if !input::is_there(&place) {
        return Err(Failure::new(format!(
            "`{file}` names `{}` for what else is in the cluster, and that is not there",
            place.display()
        ))
        .help("compile the intent once more where it is, or take that folder along at the same place"));
    }
    let mut sources = all_below(&place)?;
    let known: Vec<PathBuf> = known.iter().map(|source| input::real(Path::new(&source.name))).collect();
    sources.retain(|source| !known.contains(&input::real(Path::new(&source.name))));
    Ok(sources)
}

fn namespaces(snapshot: &Snapshot, environment: &Environment) -> Vec<NamespaceId> {
    let id = |namespace: &Spanned<String>| snapshot.namespace_named(&namespace.value);
    environment.namespaces.iter().filter_map(id).collect()
}

fn publishes(snapshot: &Snapshot, namespaces: &[NamespaceId]) -> bool {
    let ingresses = snapshot.ingresses.iter().map(|ingress| ingress.namespace);
    let mut all = ingresses.chain(snapshot.routes.iter().map(|route| route.namespace));
    all.any(|namespace| namespaces.contains(&namespace))
}

/// Whether a wall around an environment promises something on the network.
fn is_promised(intent: &Intent, to: EnvironmentId) -> bool {
    intent.boundaries.iter().any(|boundary| {
        boundary.to == to && boundary.promises.iter().any(|promise| promise.value == Promise::Network)
    })
}
