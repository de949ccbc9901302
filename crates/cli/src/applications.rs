//! What the applications of an intent consist of: manifests that are read, kustomizations and charts that are rendered.

use crate::failure::Failure;
use crate::input;
use crate::rendering::Program;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use watertight_base::{Source, SourceId};
use watertight_compile::{Given, GivenFile, HEAD};
use watertight_intent::{ApplicationId, Environment, Intent, PlacedSource, Placement, Spanned};

/// Reads and renders applications, each source once.
pub(crate) struct Applications<'a> {
    intent: &'a Intent,
    /// The folder of the intent, from which its paths are.
    folder: PathBuf,
    sources: Vec<Source>,
    /// What was made of a path or of a command already.
    known: BTreeMap<Vec<String>, Vec<GivenFile>>,
    /// The files in folders that may hold manifests, and are not read.
    unread: BTreeSet<String>,
}

/// What was found.
pub(crate) struct Gathered {
    /// The sources: those that were there, and behind them those of applications.
    pub(crate) sources: Vec<Source>,
    /// What each application consists of in each of its environments.
    pub(crate) given: Vec<Given>,
    /// What could not be read or rendered.
    pub(crate) failures: Vec<Failure>,
    /// The files in folders that may hold manifests, and are not read: templates too.
    pub(crate) unread: Vec<String>,
}

impl<'a> Applications<'a> {
    /// Of an intent in a folder, which is the first of `sources`.
    pub(crate) fn new(intent: &'a Intent, folder: &Path, sources: Vec<Source>) -> Self {
        Self { intent, folder: folder.to_owned(), sources, known: BTreeMap::new(), unread: BTreeSet::new() }
    }

    /// Reads and renders them all. What fails does not hide the others.
    pub(crate) fn gather(mut self) -> Gathered {
        let (mut given, mut failures) = (Vec::new(), Vec::new());
        for (index, application) in self.intent.applications.iter().enumerate() {
            for placement in &application.placements {
                let Some(environment) = self.intent.environments.get(placement.environment.0) else {
                    continue;
                };
                match self.files(placement, environment) {
                    Ok(None) => {}
                    Ok(Some(files)) => given.push(Given {
                        application: ApplicationId(index),
                        environment: placement.environment,
                        files,
                    }),
                    Err(failure) => {
                        let (name, of) = (&application.name.value, &environment.name.value);
                        let message = format!("`{name}` in `{of}`: {}", failure.message);
                        failures.push(Failure { message, ..failure });
                    }
                }
            }
        }
        failures.dedup();
        Gathered { sources: self.sources, given, failures, unread: self.unread.into_iter().collect() }
    }

    /// The files of an application in an environment; `None` for the short form.
    fn files(
        &mut self,
        placement: &Placement,
        environment: &Environment,
    ) -> Result<Option<Vec<GivenFile>>, Failure> {
        match &placement.source {
            PlacedSource::Workload(_) => Ok(None),
            PlacedSource::Manifests(path) => self.manifests(path).map(Some),
            PlacedSource::Kustomization(path) => self.kustomization(path).map(Some),
            PlacedSource::Helm { chart, release_name, values } => {
                let namespace = &placement.namespace.value;
                let version = self.intent.clusters.get(environment.cluster.0);
                let version = version.and_then(|cluster| cluster.kubernetes_version.as_ref());
                let mut options = vec!["--namespace".to_owned(), namespace.clone()];
                if let Some(version) = version {
                    options.extend(["--kube-version".to_owned(), version.value.to_string()]);
                }
                self.chart(chart, &release_name.value, values, options).map(Some)
            }
        }
    }

    fn manifests(&mut self, path: &Spanned<String>) -> Result<Vec<GivenFile>, Failure> {
        let key = vec!["manifests".to_owned(), path.value.clone()];
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let place = inside(&self.folder, &path.value)?;
        let name = [place.to_string_lossy().into_owned()];
        let (read, rest) = input::read_with_rest(&name, &mut std::io::empty(), input::BYTES_MAX)?;
        self.unread.extend(rest.names(true));
        let mut files = Vec::new();
        for source in read {
            input::stays_in(&self.folder, Path::new(&source.name))?;
            if source.bytes.starts_with(HEAD.as_bytes()) {
                let message =
                    format!("`{}` was compiled from an intent, and is not compiled again", source.name);
                return Err(
                    Failure::new(message).help("keep what is compiled out of the folders in `manifests`")
                );
            }
            let from = from(&self.folder, &source.name);
            files.push(GivenFile { source: self.add(source), from });
        }
        self.known.insert(key, files.clone());
        Ok(files)
    }

    fn kustomization(&mut self, path: &Spanned<String>) -> Result<Vec<GivenFile>, Failure> {
        let place = inside(&self.folder, &path.value)?;
        let arguments = vec!["kustomize".to_owned(), argument(&place)];
        if let Some(known) = self.known.get(&arguments) {
            return Ok(known.clone());
        }
        let bytes = Program::Kubectl.output(&arguments)?;
        self.rendered(arguments, &place, "kubectl kustomize", bytes)
    }

    fn chart(
        &mut self,
        chart: &Spanned<String>,
        release: &str,
        values: &[Spanned<String>],
        options: Vec<String>,
    ) -> Result<Vec<GivenFile>, Failure> {
        let place = inside(&self.folder, &chart.value)?;
        let mut arguments = vec!["template".to_owned(), release.to_owned(), argument(&place)];
        arguments.extend(options);
        for file in values {
            let file = inside(&self.folder, &file.value)?;
            arguments.extend(["--values".to_owned(), argument(&file)]);
        }
        if let Some(known) = self.known.get(&arguments) {
            return Ok(known.clone());
        }
        let bytes = Program::Helm.output(&arguments)?;
        // A chart that makes up passwords would change them with each run.
        if Program::Helm.output(&arguments)? != bytes {
            let name = &chart.value;
            return Err(Failure::new(format!("the chart `{name}` renders to something else each time")).help(
                "say by `values` what it makes up, such as passwords: keep those in Secrets that it is only given the names of",
            ));
        }
        self.rendered(arguments, &place, "helm template", bytes)
    }

    /// Keeps what a program made of a place.
    fn rendered(
        &mut self,
        key: Vec<String>,
        place: &Path,
        program: &str,
        bytes: Vec<u8>,
    ) -> Result<Vec<GivenFile>, Failure> {
        let name = place.to_string_lossy();
        let from = from(&self.folder, &name);
        let source = self.add(Source { name: format!("{name} ({program})"), bytes });
        let files = vec![GivenFile { source, from }];
        self.known.insert(key, files.clone());
        Ok(files)
    }

    fn add(&mut self, source: Source) -> SourceId {
        // There are never as many files.
        let id = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        self.sources.push(source);
        SourceId(id)
    }
}

/// Where a path of the intent leads, which must be there and below the folder of the intent.
pub(crate) fn inside(folder: &Path, path: &str) -> Result<PathBuf, Failure> {
    let is_below = Path::new(path).components().try_fold(0_usize, |depth, component| match component {
        Component::Normal(_) => Some(depth + 1),
        Component::CurDir => Some(depth),
        Component::ParentDir => depth.checked_sub(1),
        Component::RootDir | Component::Prefix(_) => None,
    });
    if is_below.is_none() || path.contains("://") {
        return Err(Failure::new(format!("`{path}` is not below the folder of the intent"))
            .help("keep what is compiled beside the intent, or move the intent to a folder above both"));
    }
    let place = folder.join(path.trim_end_matches('/'));
    input::stays_in(folder, &place)?;
    Ok(place)
}

/// A path as an argument of a program, which takes it for no option.
fn argument(path: &Path) -> String {
    let path = path.to_string_lossy();
    if path.starts_with('-') { format!("./{path}") } else { path.into_owned() }
}

/// A path from the folder of the intent, with `/` between its parts.
fn from(folder: &Path, name: &str) -> String {
    let path = Path::new(name);
    let below = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> = below.iter().filter(|part| *part != ".").map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
