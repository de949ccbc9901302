//! Inputs of kustomize. One that only lists resources which were read anyway changes nothing; any other makes objects
//! that are not seen.

use crate::rules;
use crate::tree::{Mapping, Node};
use std::borrow::Cow;
use std::collections::BTreeSet;
use watertight_base::words::listed;
use watertight_base::{Source, Span};
use watertight_model::{BlindScope, BlindSpot, Channel, ObjectRef};

/// Fields that change nothing that any channel looks at in the objects that they are applied to.
const HARMLESS_FIELDS: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "buildMetadata",
    "commonAnnotations",
    "configMapGenerator",
    "generatorOptions",
    "images",
    "openapi",
    "secretGenerator",
    "sortOptions",
];

/// What a kustomization's file is called.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The names of all sources, with `.` and `..` worked out.
#[derive(Debug, Default)]
pub(crate) struct SourceNames(BTreeSet<String>);

impl SourceNames {
    pub(crate) fn new(sources: &[Source]) -> Self {
        Self(sources.iter().filter_map(|source| normal(&source.name)).collect())
    }

    /// Whether a file of this path was read, or the kustomization in the folder of this path, which lists the others.
    fn holds(&self, path: &str) -> bool {
        let folder = if path.is_empty() { String::new() } else { format!("{path}/") };
        self.0.contains(path) || NAMES.iter().any(|name| self.0.contains(&format!("{folder}{name}")))
    }
}

/// A path without `.` and empty parts, and with each `..` taken against the part before it. One that leads out of where
/// the first one starts keeps its leading `..`.
fn normal(path: &str) -> Option<String> {
    if path.contains("://") {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    Some(if path.starts_with('/') { format!("/{joined}") } else { joined })
}

/// Whether a file of this name is a kustomization even if it does not say so.
///
/// Source: <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>.
#[must_use]
pub fn is_named(source: &str) -> bool {
    let file = source.rsplit(['/', '\\']).next().unwrap_or(source);
    NAMES.contains(&file)
}

/// The blind spot of a kustomization, unless it changes nothing.
pub(crate) fn read(mapping: &Mapping<'_>, source: &str, names: &SourceNames) -> Option<BlindSpot> {
    let matters = mapping
        .entries()
        .iter()
        .find(|entry| !HARMLESS_FIELDS.contains(&entry.key.as_ref()) && !is_empty(entry.value));
    if let Some(entry) = matters {
        let key = &entry.key;
        let reason = format!("`{source}` is a kustomization whose `{key}` changes objects or adds some");
        return Some(blind_spot(mapping, reason, entry.key_span));
    }
    let folder = source.rfind(['/', '\\']).map_or("", |slash| &source[..=slash]);
    let resources =
        ["resources", "bases"].into_iter().filter_map(|field| mapping.get(field)?.sequence()).flatten();
    for resource in resources {
        let path = resource.text();
        let read = path.as_ref().and_then(|path| normal(&format!("{folder}{path}")));
        if !read.is_some_and(|path| names.holds(&path)) {
            let path = path.unwrap_or_default();
            let reason =
                format!("`{source}` is a kustomization with the resource `{path}`, which was not read");
            return Some(blind_spot(mapping, reason, resource.span()));
        }
    }
    None
}

fn is_empty(node: Node<'_>) -> bool {
    node.is_null() || node.sequence().is_some_and(|elements| elements.is_empty())
}

fn blind_spot(mapping: &Mapping<'_>, reason: String, span: Span) -> BlindSpot {
    let text = |field: &str, default: &str| {
        mapping.get(field).and_then(Node::text).map_or_else(|| default.to_owned(), Cow::into_owned)
    };
    let object = ObjectRef {
        api_version: text("apiVersion", "kustomize.config.k8s.io/v1beta1"),
        kind: text("kind", "Kustomization"),
        namespace: None,
        name: String::new(),
        uid: None,
    };
    let help = format!(
        "give the output of `kubectl kustomize` instead; only {} change nothing",
        listed(&HARMLESS_FIELDS[2..])
    );
    BlindSpot {
        rule: rules::KUSTOMIZATION,
        reason,
        object: Some(object),
        span: Some(span),
        help,
        scope: BlindScope::Everything,
        hides: &Channel::ALL,
    }
}
