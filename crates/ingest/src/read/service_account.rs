//! ServiceAccount: that there is one. What it may do, bindings say.

use crate::context::{Context, Unclear};
use crate::tree::Mapping;
use watertight_model::{Origin, ServiceAccount};

/// The fields of a ServiceAccount.
pub(super) const FIELDS: &[&str] =
    &["apiVersion", "automountServiceAccountToken", "imagePullSecrets", "kind", "metadata", "secrets"];

/// The fields of an element of `imagePullSecrets`.
const IMAGE_PULL_SECRET: &[&str] = &["name"];
/// The fields of an element of `secrets`.
const SECRET: &[&str] = &["apiVersion", "fieldPath", "kind", "name", "namespace", "resourceVersion", "uid"];

/// Reads a ServiceAccount.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: &Origin,
) -> Result<ServiceAccount, Unclear> {
    context.boolean(object.entry("automountServiceAccountToken"))?;
    for (list, fields) in [("imagePullSecrets", IMAGE_PULL_SECRET), ("secrets", SECRET)] {
        for node in context.list(object.entry(list))? {
            if let Some(mapping) = context.mapping_of(node, list)? {
                context.unknown_fields(&mapping, fields);
            }
        }
    }
    Ok(ServiceAccount { object: origin.object.clone(), span: origin.span })
}
