//! ConfigMap: its values, if they are asked for.

use super::secret::{base64, held, texts};
use crate::context::{Context, Unclear};
use crate::tree::{Mapping, Node};
use std::collections::BTreeMap;
use watertight_model::{HeldValue, Origin, Settings};

/// Reads a ConfigMap.
pub(crate) fn read(
    context: &mut Context,
    object: &Mapping<'_>,
    origin: &Origin,
) -> Result<Settings, Unclear> {
    let mut values: BTreeMap<String, HeldValue> = BTreeMap::new();
    // One may be a credential of somebody else.
    let fields = ["data", "binaryData"].into_iter().filter_map(|field| object.get(field));
    context.hidden.extend(fields.map(Node::span));
    if context.keeps_values {
        for (key, span, text) in texts(context, object, "data")? {
            values.insert(key.clone(), held("data", key, span, text.as_bytes().to_vec()));
        }
        for (key, span, text) in texts(context, object, "binaryData")? {
            let bytes = base64(context, "binaryData", &key, span, &text)?;
            values.insert(key.clone(), held("binaryData", key, span, bytes));
        }
    }
    let values = values.into_values().filter(|value| !value.value.is_empty()).collect();
    Ok(Settings { object: origin.object.clone(), values })
}
