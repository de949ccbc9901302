//! Namespace (rule N17).

use super::metadata::{WrittenLabels, label_map};
use super::passing::{admission, passing, report};
use crate::context::{Context, Unclear};
use crate::rules;
use crate::tree::Mapping;
use crate::validate::pod_security;
use watertight_model::{Admission, Namespace};

/// Reads the labels of a Namespace, forces the one that the server sets, and says how surely they are there.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    name: &str,
) -> Result<(WrittenLabels, Admission), Unclear> {
    let metadata = context.mapping(object.entry("metadata"))?;
    let mut written = label_map(context, metadata.as_ref(), "labels")?;
    for (key, value) in &written.labels {
        pod_security::check(context, key, value, written.spans.get(key).copied().unwrap_or(object.span));
    }
    if let Some(value) = written.labels.get(Namespace::NAME_LABEL).filter(|value| value.as_str() != name) {
        let span = written.spans.get(Namespace::NAME_LABEL).copied().unwrap_or(object.span);
        context.warn(
            rules::INVALID_LABEL,
            format!("`{}` says `{value}`, and the namespace is `{name}`", Namespace::NAME_LABEL),
            span,
            format!("the API server makes this `{name}`"),
            "remove the label: the API server sets it",
        );
    }
    written.labels.insert(Namespace::NAME_LABEL.to_owned(), name.to_owned());
    if let Some(metadata) = &metadata {
        let marks = passing(context, metadata)?;
        let help = "its labels must be there to stay: put them on a Namespace without this";
        report(context, &marks, "namespace", help);
    }
    Ok((written, admission(context, metadata.as_ref())?))
}
