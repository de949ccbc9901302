//! ServiceAccount: that there is one. What it may do, bindings say.

use crate::context::{Context, Unclear};
use crate::tree::Mapping;
use watertight_model::{Origin, ServiceAccount};

/// The fields of a ServiceAccount.
pub(super) const FIELDS: &[&str] =
    &["apiVersion", "automountServiceAccountToken", "imagePullSecrets", "kind", "metadata", "secrets"];

/// Reads a ServiceAccount.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: &Origin,
) -> Result<ServiceAccount, Unclear> {
    context.boolean(object.entry("automountServiceAccountToken"))?;
    for list in ["imagePullSecrets", "secrets"] {
        for node in context.list(object.entry(list))? {
            context.mapping_of(node, list)?;
        }
    }
    Ok(ServiceAccount { object: origin.object.clone(), span: origin.span })
}
