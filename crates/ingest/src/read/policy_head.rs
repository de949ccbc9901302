//! What stands around the spec of a policy, whatever its kind: the fields of the object, and whether it is there to stay.

use super::metadata::ALL_FIELDS;
use super::passing::{passing, report};
use crate::context::{Context, Unclear};
use crate::tree::Mapping;
use watertight_model::Admission;

/// Looks at the object and at its metadata, and says how they would be admitted, save for what is refused.
pub(super) fn read(context: &mut Context, object: &Mapping<'_>) -> Result<Admission, Unclear> {
    context.unknown_fields(object, &["apiVersion", "kind", "metadata", "spec", "status"]);
    let Some(metadata) = context.mapping(object.entry("metadata"))? else { return Ok(Admission::Accepted) };
    context.unknown_fields(&metadata, ALL_FIELDS);
    let marks = passing(context, &metadata)?;
    let help = "what a fence denies must be denied without it: let a policy do that which is there to stay";
    report(context, &marks, "policy", help);
    Ok(if marks.is_empty() { Admission::Accepted } else { Admission::Passing })
}
