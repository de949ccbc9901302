//! Objects that are made for a moment only, or never.

use super::field;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::{Entry, Mapping};
use watertight_model::Admission;

/// The annotations of what is not there to stay, each with what it makes of the object.
const PASSING: &[(&str, &str)] = &[
    ("helm.sh/hook", "a hook of Helm"),
    ("argocd.argoproj.io/hook", "a hook of Argo CD"),
    (LOCAL_CONFIG, "marked as local, so that it is not applied"),
];
/// The annotation of files that tools for configuration keep to themselves.
const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";

/// The field of what is being deleted, and goes as soon as nothing holds it.
///
/// Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/>.
const DELETION: &str = "deletionTimestamp";

/// The annotations and the field that say that an object is there for a moment only, or never, with what they make of it: the
/// server may hold no such object when it decides.
pub(super) fn passing<'a>(
    context: &mut Context,
    metadata: &Mapping<'a>,
) -> Result<Vec<(Entry<'a>, &'static str)>, Unclear> {
    let mut found = Vec::new();
    if let Some(entry) = metadata.entry(DELETION).filter(|entry| !entry.value.is_null()) {
        found.push((entry.clone(), "it is being deleted"));
    }
    let Some(annotations) = context.mapping(metadata.entry("annotations"))? else { return Ok(found) };
    for &(key, what) in PASSING {
        let Some(entry) = annotations.entry(key) else { continue };
        // Of a hook any value makes one, and of a mark every value but this.
        if key == LOCAL_CONFIG && entry.value.written().as_deref() == Some("false") {
            continue;
        }
        found.push((entry.clone(), what));
    }
    Ok(found)
}

/// Warns of an object that is there for a moment only, or never, though a fence may rest on it.
pub(super) fn report(context: &mut Context, marks: &[(Entry<'_>, &'static str)], kind: &str, help: &str) {
    for (entry, what) in marks {
        let message = format!("`{}` says that the {kind} is not there to stay", entry.key);
        context.warn(rules::PASSING_POLICY, message, entry.key_span, *what, help);
    }
}

/// Whether an object says so of itself.
pub(super) fn is_passing(context: &mut Context, object: &Mapping<'_>) -> Result<bool, Unclear> {
    match context.mapping(object.entry("metadata"))? {
        Some(metadata) => Ok(!passing(context, &metadata)?.is_empty()),
        None => Ok(false),
    }
}

/// The same of an object by all that it holds.
pub(super) fn admission_of(context: &mut Context, object: &Mapping<'_>) -> Result<Admission, Unclear> {
    let metadata = context.mapping(object.entry("metadata"))?;
    admission(context, metadata.as_ref())
}

/// How an object would be admitted that was read, by what was found in it and by those annotations.
pub(super) fn admission(context: &mut Context, metadata: Option<&Mapping<'_>>) -> Result<Admission, Unclear> {
    let is_passing = match metadata {
        Some(metadata) => !passing(context, metadata)?.is_empty(),
        None => false,
    };
    Ok(match field::admission(context) {
        Admission::Accepted if is_passing => Admission::Passing,
        admission => admission,
    })
}
