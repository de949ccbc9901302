//! What is replayed: the cases of the rule pages, an example, and random clusters.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use watertight_oracle::generate::rbac::Shape;
use watertight_oracle::generate::{self, Size};
use watertight_oracle::manifests::to_yaml;

/// A cluster, and what is said of it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// How it is shown: `rules/create-pods.md, The pipeline of staging…`.
    pub(crate) name: String,
    /// The rule whose page it is from; empty for others.
    pub(crate) page: String,
    /// The verdict that the page expects; `None` where nobody says.
    pub(crate) verdict: Option<String>,
    /// Whether what is of lesser rank counts.
    pub(crate) strict: bool,
    pub(crate) objects: Vec<Value>,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files of a folder and of all below it, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    let parts = paths.into_iter().map(|path| if path.is_dir() { files(&path) } else { Ok(vec![path]) });
    Ok(parts.collect::<Result<Vec<_>>>()?.concat())
}

/// The objects of a file with several documents.
fn objects(text: &str) -> Result<Vec<Value>> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text)?;
    Ok(documents.into_iter().filter(Value::is_object).collect())
}

/// The cases on the API channel of all pages.
pub(crate) fn pages() -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for path in files(&repository().join("rules"))? {
        let page = path.file_stem().context("a page has a name")?.to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path)?;
        for part in text.split("\n### ").skip(1) {
            let (heading, rest) = part.split_once('\n').context("a heading has a text below it")?;
            let expect = blocks(rest, "expect").concat();
            let expected = |key: &str| {
                expect.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": ")).map(str::trim)
            };
            if expected("channel") != Some("api") {
                continue;
            }
            let objects =
                blocks(rest, "yaml").iter().map(|block| objects(block)).collect::<Result<Vec<_>>>()?;
            cases.push(Case {
                name: format!("rules/{page}.md, {heading}"),
                page: page.clone(),
                verdict: expected("verdict").map(str::to_owned),
                strict: expected("strict") == Some("true"),
                objects: objects.concat(),
            });
        }
    }
    Ok(cases)
}

/// The blocks of a language in a text.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let start = format!("```{language}\n");
    let block = |part: &str| part.split_once("\n```").map(|(block, _)| format!("{block}\n"));
    text.split(&start).skip(1).filter_map(block).collect()
}

/// The leaky shop.
pub(crate) fn example() -> Result<Case> {
    let mut all = Vec::new();
    for path in files(&repository().join("examples/shop-leaky"))? {
        if path.extension().is_some_and(|extension| extension == "yaml") {
            all.extend(objects(&std::fs::read_to_string(&path)?)?);
        }
    }
    let (name, page) = ("examples/shop-leaky".to_owned(), String::new());
    Ok(Case { name, page, verdict: None, strict: true, objects: all })
}

/// The random cluster of a seed. In every other one, nobody of staging is bound in production.
pub(crate) fn random(seed: u64) -> Result<Case> {
    let size = Size { pods: 0, policies: 0, nodes: 0, cluster_policies: 0, ..Size::default() };
    let shape = if seed.is_multiple_of(2) { Shape::Any } else { Shape::Chained };
    let snapshot = generate::rbac::add(&generate::snapshot(seed, size), seed, shape);
    let (name, page) = (format!("cluster {seed}"), String::new());
    let mut objects = objects(&to_yaml(&snapshot))?;
    // On a server, every namespace has an object.
    for namespace in snapshot.namespaces.iter().filter(|namespace| namespace.labels.is_none()) {
        objects.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace.name}}));
    }
    // Some levels of Pod Security are none, and a real server refuses those.
    for labels in objects.iter_mut().filter_map(|object| object.pointer_mut("/metadata/labels")) {
        if let Some(labels) = labels.as_object_mut() {
            labels.retain(|key, _| !key.starts_with("pod-security"));
        }
    }
    Ok(Case { name, page, verdict: None, strict: false, objects })
}
