//! Objects that the hostile side may make of kinds of which no channel knows what they do (convention 5): as little is known of the
//! cluster with one as if it were there.

use std::collections::BTreeSet;
use watertight_api::Closure;
use watertight_model::{BlindScope, BlindSpot, Channel, ObjectRef, Snapshot};

/// What they would hide from a channel.
pub(crate) fn blind_spots(
    snapshot: &Snapshot,
    closure: &Closure,
    to: &BTreeSet<&str>,
    channel: Channel,
) -> Vec<BlindSpot> {
    let made = closure.other_kinds(snapshot, to).into_iter();
    made.filter(|(kind, _)| kind.hides.contains(&channel))
        .map(|(kind, span)| {
            let how = kind.how.unwrap_or("nothing is known of it");
            let name = match kind.kind.starts_with('*') {
                true => "any kind".to_owned(),
                false => format!("`{}`", kind.kind),
            };
            let group = match kind.group.as_str() {
                "*" => "any group".to_owned(),
                group => format!("`{group}`"),
            };
            BlindSpot {
                rule: "creatable-kind",
                reason: format!(
                    "the `from` side may make objects of {name} of {group}, which is not evaluated: {how}"
                ),
                object: Some(ObjectRef {
                    api_version: kind.group.clone(),
                    kind: kind.kind.clone(),
                    namespace: None,
                    name: String::new(),
                    uid: None,
                }),
                span,
                help: format!(
                    "take the right away, or if no such object opens anything, say so: `--accept {}=REASON`",
                    kind.kind
                ),
                scope: BlindScope::Everything,
                hides: kind.hides,
            }
        })
        .collect()
}
