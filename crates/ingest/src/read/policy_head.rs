//! What stands around the spec of a policy, whatever its kind: the fields of the object, and whether it is there to stay.

use super::metadata::ALL_FIELDS;
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::Mapping;
use watertight_model::Admission;

/// The annotations of what is not there to stay, each with what it makes of the policy.
const PASSING: &[(&str, &str)] = &[
    ("helm.sh/hook", "a hook of Helm"),
    ("argocd.argoproj.io/hook", "a hook of Argo CD"),
    (LOCAL_CONFIG, "marked as local, so that it is not applied"),
];
/// The annotation of files that tools for configuration keep to themselves.
const LOCAL_CONFIG: &str = "config.kubernetes.io/local-config";

/// Looks at the object and at its metadata, and says how they would be admitted, save for what is refused.
pub(super) fn read(context: &mut Context, object: &Mapping<'_>) -> Result<Admission, Unclear> {
    context.unknown_fields(object, &["apiVersion", "kind", "metadata", "spec", "status"]);
    let Some(metadata) = context.mapping(object.entry("metadata"))? else { return Ok(Admission::Accepted) };
    context.unknown_fields(&metadata, ALL_FIELDS);
    Ok(if passes(context, &metadata)? { Admission::Passing } else { Admission::Accepted })
}

/// Whether an annotation says that the policy is made for a moment only, or never: the server may hold no such policy when
/// a connection is opened.
fn passes(context: &mut Context, metadata: &Mapping<'_>) -> Result<bool, Unclear> {
    let Some(annotations) = context.mapping(metadata.entry("annotations"))? else { return Ok(false) };
    let mut passes = false;
    for (key, what) in PASSING {
        let Some(entry) = annotations.entry(key) else { continue };
        // Of a hook any value makes one, and of a mark every value but this.
        if *key == LOCAL_CONFIG && entry.value.written().as_deref() == Some("false") {
            continue;
        }
        passes = true;
        context.warn(
            rules::PASSING_POLICY,
            format!("the annotation `{key}` says that the policy is not there to stay"),
            entry.key_span,
            *what,
            format!("remove `{key}` if the policy is a fence: what it denies must be denied without it"),
        );
    }
    Ok(passes)
}
