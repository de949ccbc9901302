//! What was not seen, with an id that stays the same from run to run.

use crate::Inputs;
use crate::json::{EvidenceJson, ObjectJson};
use serde::Serialize;
use std::collections::BTreeMap;
use watertight_base::fingerprint;
use watertight_model::BlindSpot;

/// A blind spot. Sorted by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct BlindSpotJson {
    id: String,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<ObjectJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<EvidenceJson>,
    help: String,
}

/// The blind spots, each once, sorted, with ids that differ.
///
/// An id is the rule and, as far as they are known, the object's kind and name, else a digest of the reason and the
/// file. It does not change with lines or with the order of the input; blind spots that share all that are counted up.
pub(crate) fn blind_spots<'a>(
    spots: impl IntoIterator<Item = &'a BlindSpot>,
    inputs: &Inputs<'_>,
) -> Vec<BlindSpotJson> {
    let mut all: Vec<BlindSpotJson> = spots.into_iter().map(|spot| BlindSpotJson::of(spot, inputs)).collect();
    all.sort();
    all.dedup();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for spot in &mut all {
        let times = seen.entry(spot.id.clone()).or_default();
        *times += 1;
        if *times > 1 {
            spot.id = format!("{}:{times}", spot.id);
        }
    }
    all.sort();
    all
}

impl BlindSpotJson {
    fn of(spot: &BlindSpot, inputs: &Inputs<'_>) -> Self {
        let BlindSpot { rule, reason, object, span, help, scope: _, hides: _ } = spot;
        let file = span.and_then(|span| inputs.locate(span)).map_or("", |located| located.file);
        let id = match object {
            Some(object) => {
                let namespace =
                    object.namespace.as_deref().map(|name| format!("{name}/")).unwrap_or_default();
                format!("{rule}:{}:{namespace}{}", object.kind, object.name)
            }
            None => format!("{rule}:{}", fingerprint(&format!("{reason}\n{file}"))),
        };
        Self {
            id,
            reason: reason.clone(),
            object: object.as_ref().map(ObjectJson::from),
            evidence: span.and_then(|span| EvidenceJson::of_span(span, inputs)),
            help: help.clone(),
        }
    }
}
