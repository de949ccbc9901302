//! `metadata`: names, labels, and who owns the object.

use super::{field, owners};
use crate::context::{Context, Unclear};
use crate::kinds::Evaluated;
use crate::rules;
use crate::tree::{Entry, Mapping, Node};
use crate::validate::{labels, names};
use std::borrow::Cow;
use std::collections::BTreeMap;
use watertight_base::{Labels, Span};

/// The controlling owner of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) uid: Option<String>,
}

/// What names an object, as far as it could be read. Nothing is reported: this is for objects of every kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Identity {
    pub(crate) name: Option<String>,
    /// Where the name stands.
    pub(crate) name_span: Option<Span>,
    /// The name is only a prefix: each `kubectl create` makes another object.
    pub(crate) generated: bool,
    pub(crate) namespace: Option<String>,
    pub(crate) uid: Option<String>,
    pub(crate) owner: Option<Owner>,
}

impl Identity {
    /// Reads what it can of an object's metadata.
    pub(crate) fn of(metadata: Option<&Mapping<'_>>) -> Self {
        let Some(metadata) = metadata else { return Self::default() };
        let text = |key: &str| {
            let node = metadata.get(key)?;
            if node.is_null() {
                return None;
            }
            node.written().map(Cow::into_owned).filter(|text| !text.is_empty())
        };
        let name = text("name");
        let prefix = if name.is_none() { text("generateName") } else { None };
        Self {
            name_span: metadata.get("name").map(Node::span),
            generated: prefix.is_some(),
            name: name.or(prefix),
            namespace: text("namespace"),
            uid: text("uid"),
            owner: owner(metadata),
        }
    }
}

/// The controlling `ownerReference`.
fn owner(metadata: &Mapping<'_>) -> Option<Owner> {
    metadata.get("ownerReferences")?.sequence()?.into_iter().find_map(|reference| {
        let reference = reference.mapping()?;
        let controls = reference.get("controller")?.written()?;
        let text = |key: &str| reference.get(key).and_then(Node::text);
        (controls == "true").then(|| Owner {
            kind: text("kind").unwrap_or_default().into_owned(),
            name: text("name").unwrap_or_default().into_owned(),
            uid: text("uid").map(Cow::into_owned),
        })
    })
}

/// The fields of metadata that are read, to find other spellings of them.
const FIELDS: &[&str] =
    &["annotations", "generateName", "labels", "name", "namespace", "ownerReferences", "uid"];

/// Checks the metadata of an object of an evaluated kind: its names, labels and annotations.
pub(crate) fn check_identity(
    context: &mut Context,
    evaluated: &Evaluated,
    metadata: &Mapping<'_>,
) -> Result<(), Unclear> {
    let prefix = field::written(context, metadata, "generateName")?;
    if let Some(prefix) = &prefix {
        names::check_prefix(context, evaluated.names, &prefix.text, prefix.span);
    }
    if let Some(name) = field::written(context, metadata, "name")? {
        names::check_name(context, evaluated.names, &name.text, name.span);
    } else if prefix.is_none() {
        return Err(context.unclear(
            rules::MISSING_FIELD,
            "there is no `metadata.name`",
            metadata.span,
            "no `name` here",
            "give the object a name",
        ));
    }
    if evaluated.namespaced
        && let Some(namespace) = context.text(metadata.entry("namespace"))?.filter(|name| !name.is_empty())
    {
        let span = metadata.get("namespace").map_or(metadata.span, Node::span);
        names::check_namespace(context, &namespace, span);
    }
    context.text(metadata.entry("uid"))?;
    owners::check(context, metadata)?;
    check_maps(context, metadata)
}

/// All fields of metadata, for objects of which each field is looked at.
pub(crate) const ALL_FIELDS: &[&str] = &[
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "labels",
    "managedFields",
    "name",
    "namespace",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// Where `kubectl apply` keeps the object as it was given, with all its values.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Checks the labels and annotations of an object or of a template.
pub(crate) fn check_maps(context: &mut Context, metadata: &Mapping<'_>) -> Result<(), Unclear> {
    context.near_misses(metadata, FIELDS);
    check_label_map(context, Some(metadata), "labels", |_, _| {})?;
    if let Some(annotations) = context.mapping(metadata.entry("annotations"))? {
        for entry in annotations.entries() {
            labels::check_annotation_key(context, &entry.key, entry.key_span);
            if entry.key == LAST_APPLIED {
                context.hidden.push(entry.value.span());
            }
            // Text of every sort is allowed, templates too; only other types are refused.
            if entry.value.text().is_none() {
                context.text_of(entry.value, &entry.key)?;
            }
        }
    }
    Ok(())
}

/// Labels, and where each value stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WrittenLabels {
    pub(crate) labels: Labels,
    pub(crate) spans: BTreeMap<String, Span>,
    /// The whole mapping; `None` if there is none.
    pub(crate) span: Option<Span>,
}

/// The labels in a field of `parent`: `labels` of metadata, `matchLabels`, `nodeSelector`…
pub(crate) fn label_map(
    context: &mut Context,
    parent: Option<&Mapping<'_>>,
    field: &str,
) -> Result<WrittenLabels, Unclear> {
    let mut written = WrittenLabels::default();
    written.span = check_label_map(context, parent, field, |entry, value| {
        let key = entry.key.as_ref();
        written.spans.insert(key.to_owned(), entry.value.span());
        written.labels.insert(key.to_owned(), value.into_owned());
    })?;
    Ok(written)
}

/// The same without the place of each value: the place of all, and the labels.
pub(crate) fn labels_of_pod(
    context: &mut Context,
    metadata: Option<&Mapping<'_>>,
) -> Result<(Option<Span>, Labels), Unclear> {
    let mut labels = Labels::new();
    let span = check_label_map(context, metadata, "labels", |entry, value| {
        labels.insert(entry.key.clone().into_owned(), value.into_owned());
    })?;
    Ok((span, labels))
}

/// Checks the labels in a field of `parent`, shows each, and says where they stand.
fn check_label_map<'m>(
    context: &mut Context,
    parent: Option<&Mapping<'m>>,
    field: &str,
    mut each: impl FnMut(&Entry<'m>, Cow<'m, str>),
) -> Result<Option<Span>, Unclear> {
    let Some(mapping) = context.mapping(parent.and_then(|parent| parent.entry(field)))? else {
        return Ok(None);
    };
    for entry in mapping.entries() {
        labels::check_key(context, &entry.key, entry.key_span);
        let value = context.text_of(entry.value, &entry.key)?.unwrap_or_default();
        labels::check_value(context, &value, entry.value.span());
        each(entry, value);
    }
    Ok(Some(mapping.span))
}
