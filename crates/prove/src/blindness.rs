//! Which blind spots matter to a boundary, and which the user has accepted.

use crate::rewritten;
use std::collections::BTreeSet;
use watertight_model::{Assumption, BlindScope, BlindSpot, Channel, NamespaceId, Snapshot};

/// What is not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blindness {
    /// What matters: each keeps the verdict from being `isolated`.
    pub(crate) blind_spots: Vec<BlindSpot>,
    /// What the user accepted (convention 5).
    pub(crate) accepted: Vec<Assumption>,
}

/// Sorts a snapshot's blind spots of the network channel for a boundary. One that can only touch a namespace of neither side does not matter:
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
    let matters = |spot: &BlindSpot| match &spot.scope {
        BlindScope::Everything => true,
        BlindScope::Namespace(name) => of_a_side(name),
        BlindScope::Nothing => false,
    };
    let spots = snapshot.blind_spots_of(Channel::Network).filter(|spot| matters(spot)).cloned();
    accept(spots.chain(rewritten::of_network(snapshot, [from, to])), accepted)
}

/// Sets aside what the user accepted.
pub(crate) fn accept(spots: impl Iterator<Item = BlindSpot>, accepted: &[(String, String)]) -> Blindness {
    let mut blindness = Blindness { blind_spots: Vec::new(), accepted: Vec::new() };
    for spot in spots {
        let kind = spot.object.as_ref().filter(|_| of_a_kind(&spot)).map(|object| object.kind.as_str());
        match accepted.iter().find(|(accepted, _)| Some(accepted.as_str()) == kind) {
            Some((kind, reason)) => {
                let id = format!("accepted-{kind}");
                let text = format!("objects of kind {kind} do not open the boundary: {reason}");
                let check = format!("kubectl get {} -A", kind.to_lowercase());
                blindness.accepted.push(Assumption { id, text, check });
            }
            None => blindness.blind_spots.push(spot),
        }
    }
    blindness.accepted.sort();
    blindness.accepted.dedup();
    blindness
}

/// What is not seen and could close a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closing {
    /// What matters: each keeps a need from being open.
    pub(crate) blind_spots: Vec<BlindSpot>,
    /// The kinds that are taken as harmless, as the user accepted, each once.
    pub(crate) accepted: Vec<String>,
}

/// Sorts a snapshot's blind spots of the network channel for connections between pods of some namespaces.
///
/// A host that a node dials for a pod closes nothing. To accept a kind says that its objects open nothing, which is enough
/// for a kind of which nothing is known; one that is known to hold policies may close what it does not open.
pub(crate) fn closing(
    snapshot: &Snapshot,
    accepted: &[(String, String)],
    namespaces: &BTreeSet<NamespaceId>,
) -> Closing {
    let matters = |spot: &BlindSpot| match &spot.scope {
        _ if spot.rule == "probe-host" => false,
        BlindScope::Everything => true,
        BlindScope::Namespace(name) => {
            snapshot.namespace_named(name).is_none_or(|id| namespaces.contains(&id))
        }
        BlindScope::Nothing => false,
    };
    let mut closing = Closing { blind_spots: Vec::new(), accepted: Vec::new() };
    let spots = snapshot.blind_spots_of(Channel::Network).filter(|spot| matters(spot)).cloned();
    for spot in spots.chain(rewritten::of_needs(snapshot, namespaces)) {
        let harmless = of_a_kind(&spot) && spot.rule != "unevaluated-kind";
        let kind = spot.object.as_ref().filter(|_| harmless).map(|object| object.kind.as_str());
        match accepted.iter().find(|(accepted, _)| Some(accepted.as_str()) == kind) {
            Some((kind, _)) => closing.accepted.push(kind.clone()),
            None => closing.blind_spots.push(spot),
        }
    }
    closing.accepted.sort();
    closing.accepted.dedup();
    closing
}

/// Whether the spot is about a kind that is not understood, or about what rewrites objects, which is what can be accepted. An object of an evaluated
/// kind whose own meaning is not clear, or that is given twice, cannot be.
fn of_a_kind(spot: &BlindSpot) -> bool {
    ["unevaluated-kind", "unknown-kind", "kustomization", "rewritten-on-apply", "creatable-kind"]
        .contains(&spot.rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use watertight_model::ObjectRef;

    fn spot(rule: &'static str) -> BlindSpot {
        let object = ObjectRef {
            api_version: "x/v1".into(),
            kind: "NetworkPolicy".into(),
            namespace: None,
            name: "p".into(),
            uid: None,
        };
        BlindSpot {
            rule,
            reason: String::new(),
            object: Some(object),
            span: None,
            help: String::new(),
            scope: BlindScope::Everything,
            hides: &[Channel::Network],
        }
    }

    #[test]
    fn a_kind_is_accepted_and_a_broken_object_is_not() {
        let accepted = [("NetworkPolicy".to_owned(), "Calico's own".to_owned())];
        let snapshot = Snapshot {
            blind_spots: vec![spot("ambiguous-object"), spot("invalid-peer"), spot("unevaluated-kind")],
            ..Snapshot::default()
        };
        let blindness = of(&snapshot, &accepted, &[], &[]);
        let left: Vec<_> = blindness.blind_spots.iter().map(|spot| spot.rule).collect();
        assert_eq!(left, ["ambiguous-object", "invalid-peer"]);
        assert_eq!(blindness.accepted.len(), 1);
    }

    #[test]
    fn what_only_another_channel_misses_is_nothing_here() {
        let of_the_api = BlindSpot { hides: &[Channel::Api], ..spot("wrong-type") };
        let of_all = BlindSpot { hides: &Channel::ALL, ..spot("unparsable") };
        let snapshot =
            Snapshot { blind_spots: vec![of_the_api, of_all, spot("invalid-peer")], ..Snapshot::default() };
        let rules = |spots: Vec<BlindSpot>| -> Vec<&str> { spots.iter().map(|spot| spot.rule).collect() };
        let left = of(&snapshot, &[], &[], &[]).blind_spots;
        assert_eq!(rules(left), ["unparsable", "invalid-peer"]);
        let left = closing(&snapshot, &[], &BTreeSet::new()).blind_spots;
        assert_eq!(rules(left), ["unparsable", "invalid-peer"]);
    }
}
