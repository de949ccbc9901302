//! Which blind spots matter to a boundary, and which the user has accepted.

use watertight_model::{Assumption, BlindScope, BlindSpot, NamespaceId, Snapshot};

/// What is not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blindness {
    /// What matters: each keeps the verdict from being `isolated`.
    pub(crate) blind_spots: Vec<BlindSpot>,
    /// What the user accepted (convention 5).
    pub(crate) accepted: Vec<Assumption>,
}

/// Sorts a snapshot's blind spots for a boundary. One that can only touch a namespace of neither side does not matter:
/// pods there are no attackers (convention 8).
pub(crate) fn of(
    snapshot: &Snapshot,
    accepted: &[(String, String)],
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Blindness {
    let of_a_side = |name: &String| {
        let id = snapshot.namespace_named(name);
        id.is_none_or(|id| from.contains(&id) || to.contains(&id))
    };
    let matters = |spot: &&BlindSpot| match &spot.scope {
        BlindScope::Everything => true,
        BlindScope::Namespace(name) => of_a_side(name),
        BlindScope::Nothing => false,
    };
    let mut blindness = Blindness { blind_spots: Vec::new(), accepted: Vec::new() };
    for spot in snapshot.blind_spots.iter().filter(matters) {
        let kind = spot.object.as_ref().map(|object| object.kind.as_str());
        match accepted.iter().find(|(accepted, _)| Some(accepted.as_str()) == kind) {
            Some((kind, reason)) => {
                let id = format!("accepted-{kind}");
                let text = format!("objects of kind {kind} do not open the boundary: {reason}");
                let check = format!("kubectl get {} -A", kind.to_lowercase());
                blindness.accepted.push(Assumption { id, text, check });
            }
            None => blindness.blind_spots.push(spot.clone()),
        }
    }
    blindness.accepted.sort();
    blindness.accepted.dedup();
    blindness
}
