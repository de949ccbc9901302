//! Inputs of kustomize. One that only lists resources which were read anyway changes nothing; any other makes objects
//! that are not seen; and what lies beside one that does not list it is not applied.

use crate::rules;
use crate::source::SourceRead;
use crate::tree::{Mapping, Node};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
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

/// What a kustomization lists to be applied: files, and folders of other kustomizations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listing {
    /// The paths that are read, as [`normal`] has them.
    paths: BTreeSet<String>,
    /// Where it lists them; all of it, if it lists nothing.
    span: Span,
}

impl Listing {
    pub(crate) fn of(mapping: &Mapping<'_>, source: &str) -> Self {
        let listed = resources(mapping).filter_map(|resource| path_of(resource, source)).collect();
        let span = mapping.entry("resources").map_or(mapping.span, |entry| entry.key_span);
        Self { paths: listed, span }
    }
}

/// Adds the blind spots of kustomizations that are not what was read together: of each that leaves out what lies beside it or below,
/// and of those that list the same, so that one stands for the other. What is closer to another kustomization is looked for
/// there, and may be listed by any. One that is a blind spot already names files in other ways too.
pub(crate) fn add_unapplied(sources: &[Source], read: &mut [SourceRead]) {
    let listings = || {
        let read = sources.iter().zip(&*read).enumerate();
        read.filter_map(|(index, (source, read))| Some((index, source.name.as_str(), read.listing.as_ref()?)))
    };
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    let mut listed: BTreeMap<&str, &str> = BTreeMap::new();
    let mut reasons: BTreeMap<usize, (String, &str)> = BTreeMap::new();
    for (index, name, listing) in listings() {
        folders.extend(normal(name).map(|path| (folder_of(&path).to_owned(), index)));
        for path in &listing.paths {
            if let Some(other) = listed.insert(path, name) {
                let reason = format!(
                    "`{name}` is a kustomization that lists `{path}`, as `{other}` does: which of them is applied is not known"
                );
                reasons.entry(index).or_insert((
                    reason,
                    "give the output of `kubectl kustomize` for the one that is applied",
                ));
            }
        }
    }
    if folders.is_empty() {
        return;
    }
    let mut unlisted: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (source, read) in sources.iter().zip(&*read) {
        let holds_objects = !read.found.is_empty() && read.listing.is_none();
        let path = normal(&source.name).filter(|path| holds_objects && !listed.contains_key(path.as_str()));
        let nearest =
            path.as_deref().and_then(|path| folders_above(path).find_map(|above| folders.get(above)));
        if let Some(kustomization) = nearest {
            unlisted.entry(*kustomization).or_default().push(&source.name);
        }
    }
    reasons.extend(
        listings().filter_map(|(index, name, _)| Some((index, left_out(name, unlisted.get(&index)?)))),
    );
    for (index, (reason, help)) in reasons {
        let Some(of) = read.get_mut(index) else { continue };
        let Some(listing) = &of.listing else { continue };
        if of.blind_spots.iter().all(|spot| spot.rule != rules::KUSTOMIZATION) {
            let spot = BlindSpot {
                rule: rules::KUSTOMIZATION,
                reason,
                object: None,
                span: Some(listing.span),
                help: help.to_owned(),
                scope: BlindScope::Everything,
                hides: &Channel::ALL,
            };
            of.blind_spots.push(spot);
        }
    }
}

/// The folders above a path, the nearest first, and the one in which all begins last.
fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder_of(path)), |&folder| {
        if folder.is_empty() { None } else { Some(folder_of(folder)) }
    })
}

/// `a/b` of `a/b/c`.
fn folder_of(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..slash])
}

/// Why files that a kustomization does not list are not applied, and what to do.
fn left_out(kustomization: &str, files: &[&str]) -> (String, &'static str) {
    let first = files.first().copied().unwrap_or_default();
    let (what, them) = match files.len() {
        0 | 1 => (format!("`{first}`, which lies beside it or below and was"), "it"),
        2 => (format!("`{first}` and another file, which lie beside it or below and were"), "them"),
        count => (
            format!("`{first}` and {} other files, which lie beside it or below and were", count - 1),
            "them",
        ),
    };
    (
        format!(
            "`{kustomization}` is a kustomization that does not list {what} read: it does not apply {them}"
        ),
        "list what is to be applied in its `resources`, keep elsewhere what is not, or give the output of `kubectl kustomize` instead",
    )
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
    for resource in resources(mapping) {
        if !path_of(resource, source).is_some_and(|path| names.holds(&path)) {
            let path = resource.text().unwrap_or_default();
            let reason =
                format!("`{source}` is a kustomization with the resource `{path}`, which was not read");
            return Some(blind_spot(mapping, reason, resource.span()));
        }
    }
    None
}

/// What a kustomization says that it applies.
fn resources<'a>(mapping: &Mapping<'a>) -> impl Iterator<Item = Node<'a>> {
    let listed = ["resources", "bases"].into_iter().filter_map(|field| mapping.get(field)?.sequence());
    listed.flatten().collect::<Vec<_>>().into_iter()
}

/// The path of a resource of the kustomization in a source; `None` if it is not on this machine.
fn path_of(resource: Node<'_>, source: &str) -> Option<String> {
    let folder = source.rfind(['/', '\\']).map_or("", |slash| &source[..=slash]);
    let path = resource.text().filter(|path| !path.contains("://"))?;
    if path.starts_with('/') { normal(&path) } else { normal(&format!("{folder}{path}")) }
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
