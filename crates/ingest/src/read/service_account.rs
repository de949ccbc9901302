//! ServiceAccount: that there is one, and which identities of clouds it names. What it may do, bindings say.

use crate::context::{Context, Unclear};
use crate::tree::{Mapping, Node};
use watertight_model::{Cloud, CloudIdentity, Origin, ServiceAccount, Written};

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
    let annotations = object.path(&["metadata", "annotations"]).and_then(Node::mapping);
    let named = |cloud: Cloud| {
        let node = annotations.as_ref()?.get(cloud.annotation())?;
        let name = node.text().filter(|name| !name.trim().is_empty())?.trim().to_owned();
        Some(CloudIdentity { cloud, name: Written { text: name, span: node.span() } })
    };
    Ok(ServiceAccount {
        object: origin.object.clone(),
        span: origin.span,
        identities: Cloud::ALL.into_iter().filter_map(named).collect(),
    })
}
