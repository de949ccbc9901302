//! An intent, and what it compiles to: the folder of each cluster.

use serde_json::Value;
use watertight_base::{Diagnostic, Severity, Source, SourceId};
use watertight_compile::{FLEET, File, HEAD, Question, compile};
use watertight_intent::{Date, Environment, Intent, PlacedSource, Placement, Workload};
use watertight_model::Principal;

/// A fleet that was compiled.
#[derive(Debug, Clone)]
pub(crate) struct Fleet {
    /// The intent.
    pub(crate) intent: Intent,
    /// All files.
    files: Vec<File>,
}

/// A day on which no exception of the examples, and none that is generated, has expired.
fn today() -> Date {
    Date::new(2026, 11, 20).unwrap()
}

/// The intent of a text, or what is wrong with it.
pub(crate) fn intent(text: &str) -> Result<Intent, Vec<Diagnostic>> {
    let read = watertight_intent::read(SourceId(0), &source(text), today());
    read.intent.ok_or(read.diagnostics)
}

fn source(text: &str) -> Source {
    Source { name: "watertight.yaml".to_owned(), bytes: text.as_bytes().to_vec() }
}

impl Fleet {
    /// Compiles a text.
    ///
    /// # Errors
    /// It is refused, or cannot be compiled: what is wrong with it.
    pub(crate) fn of(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let intent = intent(text)?;
        let compiled =
            compile(Question { intent: &intent, sources: &[source(text)], given: &[], beside: &[] });
        if compiled.diagnostics.iter().any(|found| found.severity == Severity::Error) {
            return Err(compiled.diagnostics);
        }
        Ok(Self { intent, files: compiled.files })
    }

    /// Who belongs to an environment, as the file beside the clusters says: users and groups.
    pub(crate) fn principals(&self, environment: &Environment) -> Vec<Principal> {
        let file = self.files.iter().find(|file| file.path == FLEET).unwrap();
        let source = Source { name: FLEET.to_owned(), bytes: file.text.clone().into_bytes() };
        let described = watertight_compile::Fleet::read(&source).unwrap().unwrap();
        let mut environments = described.environments.into_iter();
        let found = environments.find(|found| found.name == environment.name.value).unwrap();
        let users = found.users.iter().map(|user| Principal::user(user));
        users.chain(found.groups.iter().map(|group| Principal::group(group))).collect()
    }

    /// The files of a cluster's folder.
    pub(crate) fn sources(&self, cluster: usize) -> Vec<Source> {
        let folder = format!("{}/", self.intent.clusters[cluster].name.value);
        let files = self.files.iter().filter(|file| file.path.starts_with(&folder));
        files.map(|file| Source { name: file.path.clone(), bytes: file.text.clone().into_bytes() }).collect()
    }

    /// The objects of a cluster's folder.
    pub(crate) fn objects(&self, cluster: usize) -> Vec<Value> {
        let mut objects: Vec<Value> = Vec::new();
        for source in self.sources(cluster) {
            let text = String::from_utf8(source.bytes).unwrap();
            assert!(text.starts_with(HEAD), "{} does not say that it was compiled", source.name);
            objects.extend(serde_saphyr::from_multiple::<Value>(&text).unwrap());
        }
        objects.retain(|object| object["kind"] != "Kustomization");
        objects
    }

    /// The environments of a cluster.
    pub(crate) fn environments(&self, cluster: usize) -> impl Iterator<Item = (usize, &Environment)> {
        let all = self.intent.environments.iter().enumerate();
        all.filter(move |(_, environment)| environment.cluster.0 == cluster)
    }

    /// Each application in short form in each of its environments of a cluster, with its name.
    pub(crate) fn workloads(&self, cluster: usize) -> impl Iterator<Item = (&str, &Placement, &Workload)> {
        let in_cluster = move |placement: &Placement| {
            self.intent.environments[placement.environment.0].cluster.0 == cluster
        };
        self.intent.applications.iter().flat_map(move |application| {
            let placements = application.placements.iter().filter(move |placement| in_cluster(placement));
            placements.filter_map(|placement| match &placement.source {
                PlacedSource::Workload(workload) => {
                    Some((application.name.value.as_str(), placement, workload.as_ref()))
                }
                _ => None,
            })
        })
    }
}

/// Kind, namespace and name of an object, as people write them: `NetworkPolicy staging/default-deny`.
pub(crate) fn called(object: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (kind, metadata) = (text(&object["kind"]), &object["metadata"]);
    match metadata["namespace"].as_str() {
        Some(namespace) => format!("{kind} {namespace}/{}", text(&metadata["name"])),
        None => format!("{kind} {}", text(&metadata["name"])),
    }
}
