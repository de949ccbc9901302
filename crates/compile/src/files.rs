//! Objects into files: a folder for each cluster, in it one for each environment, in it a file for each kind, and a
//! kustomization that lists them.

use crate::manifest::{Kind, Manifest};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Source, Span};
use watertight_intent::{EnvironmentId, Intent};
use watertight_yaml::{Value, document, mapping, texts};

/// A file: its path from the folder into which is compiled, with `/` between its parts, and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The path.
    pub path: String,
    /// The text.
    pub text: String,
}

/// The first line of each file, by which a later run knows what it may replace or take away.
pub const HEAD: &str = "# Compiled by Watertight from an intent: change that, and not this file.\n";

/// Objects by the folder in which they are written.
pub(crate) type Folders = BTreeMap<Vec<String>, Vec<Manifest>>;

/// Objects that were written by others, in a file of their own.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) folder: Vec<String>,
    pub(crate) file: String,
    pub(crate) documents: Vec<Value>,
}

/// Where in the intent a span is: the name of the file, and the line.
pub(crate) fn place(sources: &[Source], span: Span) -> String {
    let Some(source) = sources.get(span.source.0 as usize) else { return String::new() };
    let name = source.name.rsplit(['/', '\\']).next().unwrap_or_default();
    format!("{name}:{}", source.position(span.start).line)
}

/// The folder of an environment.
pub(crate) fn folder(intent: &Intent, id: EnvironmentId) -> Vec<String> {
    let environment = intent.environments.get(id.0);
    let cluster = environment.and_then(|environment| intent.clusters.get(environment.cluster.0));
    let cluster = cluster.map(|cluster| cluster.name.value.clone());
    cluster.into_iter().chain(environment.map(|environment| environment.name.value.clone())).collect()
}

/// The files of all objects, sorted by path.
pub(crate) fn files(folders: Folders, written: Vec<Written>, sources: &[Source]) -> Vec<File> {
    let place = |span: Span| place(sources, span);
    let mut files = Vec::new();
    let mut listed: BTreeMap<Vec<String>, BTreeSet<String>> = BTreeMap::new();
    for Written { folder, file, documents } in written {
        let documents: Vec<String> = documents.iter().map(document).collect();
        let text = format!("{HEAD}{}", documents.join("---\n"));
        files.push(File { path: path(&folder, &file), text });
        list(&mut listed, &folder, &file);
    }
    for (folder, manifests) in folders {
        let mut by_kind: BTreeMap<Kind, Vec<Manifest>> = BTreeMap::new();
        for manifest in manifests {
            by_kind.entry(manifest.kind).or_default().push(manifest);
        }
        for (kind, manifests) in by_kind {
            let documents: Vec<String> =
                manifests.iter().map(|manifest| document(&manifest.value(&place))).collect();
            files.push(File {
                path: path(&folder, kind.file()),
                text: format!("{HEAD}{}", documents.join("---\n")),
            });
            list(&mut listed, &folder, kind.file());
        }
    }
    for (folder, names) in listed {
        let kustomization = mapping([
            ("apiVersion", "kustomize.config.k8s.io/v1beta1".into()),
            ("kind", "Kustomization".into()),
            ("resources", texts(names.iter().map(String::as_str))),
        ]);
        let text = format!("{HEAD}{}", document(&kustomization));
        files.push(File { path: path(&folder, "kustomization.yaml"), text });
    }
    files
}

/// Lists a file in its folder, and each folder in the one above it.
fn list(listed: &mut BTreeMap<Vec<String>, BTreeSet<String>>, folder: &[String], file: &str) {
    listed.entry(folder.to_vec()).or_default().insert(file.to_owned());
    for depth in 1..folder.len() {
        let (above, below) = folder.split_at(depth);
        if let Some(first) = below.first() {
            listed.entry(above.to_vec()).or_default().insert(first.clone());
        }
    }
}

fn path(folder: &[String], file: &str) -> String {
    format!("{}/{file}", folder.join("/"))
}
