//! Pods under the name of their top controller, and the pods that templates make.

use super::namespace_of;
use crate::read::{Body, Found, LivePod, Other, Owner, PodBody, Workload};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};
use watertight_model::{NamespaceId, Origin, Pod, PodState, Replicas, Snapshot, WorkloadRef};

/// What becomes of an object.
enum Fate {
    /// It is a pod of this workload, and whether that is not there to stay.
    Pod(WorkloadRef, bool),
    /// Its template makes so many pods of this workload.
    Template(WorkloadRef, Replicas),
    /// It is no pod and makes none that others do not show.
    Rest,
}

/// Moves the pods into the snapshot, sorted by namespace, workload and name, and returns what is left.
pub(crate) fn pods(snapshot: &mut Snapshot, found: Vec<Found>) -> Vec<Found> {
    let fates = fates(&found);
    let mut pods = Vec::new();
    let mut rest = Vec::new();
    for (object, fate) in found.into_iter().zip(fates) {
        let namespace = namespace_of(snapshot, &object);
        match (object, fate) {
            (Found { origin, body: Body::Pod(live), .. }, Fate::Pod(workload, is_passing)) => {
                let LivePod { body, addresses, node_addresses, state, .. } = live;
                pods.push(Pod {
                    addresses,
                    node_addresses,
                    state,
                    is_passing,
                    ..pod(origin, namespace, body, workload)
                });
            }
            (
                Found { origin, body: Body::Workload(Workload { body, template, is_passing, .. }), .. },
                Fate::Template(top, replicas),
            ) => pods.push(Pod { template, replicas, is_passing, ..pod(origin, namespace, body, top) }),
            (object, _) => rest.push(object),
        }
    }
    pods.par_sort_by(|a, b| order(a).cmp(&order(b)));
    snapshot.pods = pods;
    rest
}

fn fates(found: &[Found]) -> Vec<Fate> {
    let owners = Owners::new(found);
    let scaled = scaled(found);
    // Workloads that are seen through a pod of theirs, and those seen through one on the host network.
    let mut seen: BTreeSet<usize> = BTreeSet::new();
    let mut seen_on_host: BTreeSet<usize> = BTreeSet::new();
    let mut fates: Vec<Fate> = Vec::with_capacity(found.len());
    for object in found {
        let Body::Pod(live) = &object.body else {
            fates.push(Fate::Rest);
            continue;
        };
        let chain = owners.chain(object);
        if live.state != PodState::Finished {
            seen.extend(&chain);
            if live.body.host_network.is_some() {
                seen_on_host.extend(&chain);
            }
        }
        fates.push(Fate::Pod(top(object, &chain, found), is_passing(live, &chain, found)));
    }
    for (index, object) in found.iter().enumerate() {
        let Body::Workload(workload) = &object.body else { continue };
        let chain = owners.chain(object);
        let in_a_ring = chain.contains(&index);
        let by_owner =
            !in_a_ring && chain.first().is_some_and(|&owner| shows(&found[owner].body, &workload.body));
        let host_network = workload.body.host_network.is_some();
        let by_pods = seen.contains(&index) && (!host_network || seen_on_host.contains(&index));
        if by_pods || by_owner {
            continue;
        }
        let name = &object.origin.object;
        let autoscaled = workload.scalable
            && scaled.contains(&(name.namespace.as_deref(), name.kind.as_str(), name.name.as_str()));
        let replicas = if autoscaled { Some(Replicas::Many) } else { workload.pods };
        if let Some(replicas) = replicas {
            fates[index] = Fate::Template(top(object, &[], found), replicas);
        }
    }
    fates
}

/// Whether a pod is not there to stay: what it is of says so, or it is of nothing that would make another one.
fn is_passing(live: &LivePod, chain: &[usize], found: &[Found]) -> bool {
    let mut owners = chain.iter().filter_map(|&owner| match &found[owner].body {
        Body::Workload(owner) => Some(owner.is_passing),
        _ => None,
    });
    match owners.next() {
        Some(first) => first || owners.any(|passing| passing),
        None => live.is_passing,
    }
}

/// Whether an owner's template stands for the template of what it owns. An owner that makes no pods does not, and neither
/// does one that would hide a pod on the host network.
fn shows(owner: &Body, owned: &PodBody) -> bool {
    let Body::Workload(owner) = owner else { return false };
    owner.pods.is_some() && (owner.body.host_network.is_some() || owned.host_network.is_none())
}

fn order(pod: &Pod) -> impl Ord + '_ {
    (pod.namespace, &pod.workload, &pod.origin.object.name, &pod.origin)
}

/// What autoscalers scale: namespace, kind and name.
fn scaled(found: &[Found]) -> BTreeSet<(Option<&str>, &str, &str)> {
    found
        .iter()
        .filter_map(|object| match &object.body {
            Body::Other(Other::Harmless { scales: Some((kind, name)) }) => {
                Some((object.origin.object.namespace.as_deref(), kind.as_str(), name.as_str()))
            }
            _ => None,
        })
        .collect()
}

/// The longest chain of owners that is followed. Real ones have two or three.
const MAX_OWNERS: usize = 32;

/// The objects of the input by namespace, kind and name.
struct Owners<'a> {
    found: &'a [Found],
    by_name: HashMap<(&'a str, &'a str, &'a str), usize>,
}

impl<'a> Owners<'a> {
    fn new(found: &'a [Found]) -> Self {
        let mut by_name = HashMap::with_capacity(found.len());
        for (index, object) in found.iter().enumerate() {
            let name = &object.origin.object;
            if let Some(namespace) = name.namespace.as_deref() {
                by_name.entry((namespace, name.kind.as_str(), name.name.as_str())).or_insert(index);
            }
        }
        Self { found, by_name }
    }

    /// The controlling owner of an object, if the input holds it. One of another uid is another object.
    fn owner(&self, object: &Found) -> Option<usize> {
        let Owner { kind, name, uid } = object.owner.as_ref()?;
        let namespace = object.origin.object.namespace.as_deref()?;
        let index = *self.by_name.get(&(namespace, kind.as_str(), name.as_str()))?;
        let held = self.found[index].origin.object.uid.as_ref();
        (uid.is_none() || held.is_none() || uid.as_ref() == held).then_some(index)
    }

    /// The owners of an object, the nearest first. A ring of owners ends where it closes.
    fn chain(&self, object: &Found) -> Vec<usize> {
        let mut chain = Vec::new();
        let mut next = self.owner(object);
        while let Some(index) = next {
            if chain.contains(&index) || chain.len() == MAX_OWNERS {
                break;
            }
            chain.push(index);
            next = self.owner(&self.found[index]);
        }
        chain
    }
}

/// The topmost owner that the input holds, else what the controlling ownerReference names, else the object itself.
fn top(object: &Found, chain: &[usize], found: &[Found]) -> WorkloadRef {
    let itself = |object: &Found| WorkloadRef {
        kind: object.origin.object.kind.clone(),
        name: object.origin.object.name.clone(),
    };
    if let Some(&index) = chain.last() {
        return itself(&found[index]);
    }
    match &object.owner {
        // A static pod is mirrored by its node, which is no workload.
        Some(owner) if owner.kind != "Node" && !owner.name.is_empty() => {
            let kind = if owner.kind.is_empty() { "Pod" } else { owner.kind.as_str() };
            WorkloadRef { kind: kind.to_owned(), name: owner.name.clone() }
        }
        _ => itself(object),
    }
}

fn pod(origin: Origin, namespace: NamespaceId, body: PodBody, workload: WorkloadRef) -> Pod {
    let PodBody {
        labels, labels_span, host_network, ports, scheduling, containers, networks, dialed, ..
    } = body;
    Pod {
        origin,
        namespace,
        workload,
        template: "",
        labels,
        labels_span,
        host_network,
        ports,
        containers,
        dialed,
        networks,
        addresses: Vec::new(),
        node_addresses: Vec::new(),
        scheduling,
        replicas: Replicas::One,
        state: PodState::Active,
        is_passing: false,
    }
}
