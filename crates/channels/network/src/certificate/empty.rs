//! Namespaces that have no pod, and of which policies leave none: nothing starts or ends there, whatever else holds.

use super::closing::{Closing, Half, NotClosed, Pair};
use super::kept::Futures;
use super::space::Space;
use super::{Hostile, TRIED_MAX, Uncertified};
use crate::Reading;
use crate::creatable::Creatable;
use crate::direction::Direction;
use crate::region::EndSpace;
use crate::unseen::unseen_places;
use crate::view::View;
use crate::ways::{Across, Ways};
use std::collections::BTreeMap;
use std::rc::Rc;
use watertight_admission::Admission;
use watertight_base::ConnectionSet;
use watertight_model::{ClosedFact, NamespaceId, PodState, Snapshot};

/// The namespaces from or into which something could get, and that have no pod and get none.
pub(super) fn empty(snapshot: &Snapshot, hostile: &Hostile<'_>, to: &[NamespaceId]) -> Vec<NamespaceId> {
    let places = unseen_places(snapshot, hostile.published, hostile.from, to);
    let places = places.map(|places| places.namespaces).unwrap_or_default();
    let creatable = Creatable::of(snapshot);
    let lives = |id: NamespaceId| {
        snapshot.pods.iter().any(|pod| pod.namespace == id && pod.state != PodState::Finished)
    };
    let all = hostile.from.iter().chain(to).chain(&places).copied();
    all.filter(|&id| creatable.labels(id).is_none() && !lives(id)).collect()
}

/// What is written with as few empty namespaces as suffices: without any of them, more would pass.
pub(super) fn with_fewest(
    empty: impl FnOnce() -> Vec<NamespaceId>,
    write: impl Fn(&[NamespaceId]) -> Result<Vec<ClosedFact>, Uncertified>,
) -> Result<Vec<ClosedFact>, Uncertified> {
    let without = write(&[]);
    if without.is_ok() {
        return without;
    }
    let mut needed = empty();
    if needed.is_empty() {
        return without;
    }
    let mut facts = write(&needed)?;
    let mut index = 0;
    while index < needed.len().min(TRIED_MAX) {
        let mut fewer = needed.clone();
        fewer.remove(index);
        match write(&fewer) {
            Ok(still) => (needed, facts) = (fewer, still),
            Err(_) => index += 1,
        }
    }
    Ok(facts)
}

/// What refuses all pods of each of these namespaces.
pub(super) fn facts(
    snapshot: &Snapshot,
    reading: &Reading,
    (policies, barred): (&Admission<'_>, &BTreeMap<NamespaceId, String>),
    namespaces: &[NamespaceId],
    closing: &mut Closing,
) -> Result<Vec<ClosedFact>, NotClosed> {
    if namespaces.is_empty() {
        return Ok(Vec::new());
    }
    // No policy of the network keeps a pod from being there.
    let unfenced = Snapshot { policies: Vec::new(), cluster_policies: Vec::new(), ..snapshot.clone() };
    let view = View::new(&unfenced, reading);
    let world = &view.worlds[0];
    let fact = |&id: &NamespaceId| {
        let ways = Rc::new(Ways::of(&view, world, id, Direction::Egress));
        let blocks = ways.resolve(&view, world, Across::Node);
        let out = Pair { world, source: 0, egress: Half { ways, blocks }, ingress: None };
        let whole = Space {
            sources: vec![EndSpace::future((&view, world), id)],
            targets: vec![Some(EndSpace::node(&view))],
            dialed: None,
            arrival: None,
            ports: ConnectionSet::full(),
            names: BTreeMap::new(),
        };
        let futures = Futures { policies, sources: vec![Some(id)], target: None, barred };
        let namespace = snapshot.namespace(id).name.clone();
        Ok(ClosedFact::NoPods { namespace, cases: closing.cases(&view, &[out], &futures, whole)? })
    };
    namespaces.iter().map(fact).collect()
}
