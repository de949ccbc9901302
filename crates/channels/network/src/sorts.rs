//! The workloads as peers of a map, and their pods by sort: those of a peer that no policy in force can tell apart are one.

use crate::kinds::{Kind, Kinds};
use crate::pair::Endpoint;
use crate::placement::Meeting;
use crate::view::View;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::Labels;
use watertight_model::{NamespaceId, Node, Peer, Pod, Replicas};

/// The pods of each peer, by sort.
pub(crate) type Groups<'a> = BTreeMap<Peer, Vec<Sort<'a>>>;

/// Pods of one peer that no policy in force can tell apart: the first stands for all of them, save where it matters on
/// which node each runs. Never empty.
#[derive(Debug)]
pub(crate) struct Sort<'a> {
    /// What policies see of each.
    pub(crate) kind: Kind,
    pods: Vec<&'a Pod>,
    /// The nodes that they are bound to.
    pub(crate) nodes: BTreeSet<&'a str>,
    // Those that are bound to none.
    floating: Vec<&'a Pod>,
}

impl<'a> Sort<'a> {
    /// These pods of one kind.
    pub(crate) fn of(kind: Kind, pods: Vec<&'a Pod>) -> Self {
        let bound = |pod: &&'a Pod| pod.scheduling.node_name.as_deref();
        let nodes = pods.iter().filter_map(bound).collect();
        let floating = pods.iter().filter(|pod| bound(pod).is_none()).copied().collect();
        Self { kind, pods, nodes, floating }
    }

    /// The pod that stands for all.
    pub(crate) fn one(&self) -> Endpoint<'a> {
        Endpoint::Pod(self.pods[0])
    }

    /// The namespace in which all of them are.
    pub(crate) fn namespace(&self) -> NamespaceId {
        self.pods[0].namespace
    }

    /// Whether there is only one such pod, so that what the sort opens to itself is a pod's traffic to itself.
    pub(crate) fn is_single(&self) -> bool {
        self.pods.len() == 1 && self.pods[0].replicas == Replicas::One
    }

    /// The sort of this pod alone, whatever its kind is.
    pub(crate) fn of_one(pod: &'a Pod) -> Self {
        Self::of(0, vec![pod])
    }

    /// The pods themselves.
    pub(crate) fn pods(&self) -> &[&'a Pod] {
        &self.pods
    }

    /// Whether it has pods of which it is not fixed where they run.
    pub(crate) fn floats(&self) -> bool {
        !self.floating.is_empty()
    }

    /// Whether pods of both meet on a node: in `may` some that can, in `must` all of them for certain.
    pub(crate) fn meets(&self, view: &View<'_>, other: &Self) -> bool {
        if !view.permissive {
            let on_one = self.nodes.len() == 1 && self.nodes == other.nodes;
            return on_one && !self.floats() && !other.floats();
        }
        let perhaps = |one: &Pod, other: &Pod| view.meeting(one, other) != Meeting::Never;
        !self.nodes.is_disjoint(&other.nodes)
            || self.floating.iter().any(|one| other.pods.iter().any(|other| perhaps(one, other)))
            || other.floating.iter().any(|other| self.pods.iter().any(|one| perhaps(one, other)))
    }

    /// Whether its pods are on a node: in `may` whether one can be, in `must` whether all are for certain.
    pub(crate) fn is_on(&self, view: &View<'_>, node: &Node) -> bool {
        let name = node.name.as_str();
        if view.permissive {
            self.nodes.contains(name) || self.floating.iter().any(|pod| View::may_run_on(pod, node))
        } else {
            self.nodes.len() == 1 && self.nodes.contains(name) && !self.floats()
        }
    }
}

/// The workloads, with their pods. Pods of one workload that selectors can tell apart are peers of their own.
pub(crate) fn workloads<'a>(view: &View<'a>, kinds: &mut Kinds<'a>) -> Groups<'a> {
    let mut by_workload: BTreeMap<(&str, &str, &str), BTreeMap<Labels, Vec<&Pod>>> = BTreeMap::new();
    for pod in &view.snapshot.pods {
        if view.silent(Endpoint::Pod(pod)) {
            continue;
        }
        let namespace = &view.snapshot.namespace(pod.namespace).name;
        let seen = kinds.asked_for(&pod.labels).map(|(key, value)| (key.clone(), value.clone())).collect();
        let workload = by_workload.entry((namespace, &pod.workload.kind, &pod.workload.name)).or_default();
        workload.entry(seen).or_default().push(pod);
    }
    let mut groups = Groups::new();
    for ((namespace, kind, name), by_labels) in by_workload {
        let differ = by_labels.len() > 1;
        for pods in by_labels.into_values() {
            let labels = differ.then(|| common_labels(&pods));
            let peer =
                Peer::Workload { namespace: namespace.into(), kind: kind.into(), name: name.into(), labels };
            let mut sorts: BTreeMap<Kind, Vec<&Pod>> = BTreeMap::new();
            for pod in pods {
                sorts.entry(kinds.of_pod(view, pod)).or_default().push(pod);
            }
            groups.insert(peer, sorts.into_iter().map(|(kind, pods)| Sort::of(kind, pods)).collect());
        }
    }
    groups
}

fn common_labels(pods: &[&Pod]) -> Labels {
    let mut labels = pods.first().map(|pod| pod.labels.clone()).unwrap_or_default();
    labels.retain(|key, value| pods.iter().all(|pod| pod.labels.get(key) == Some(value)));
    labels
}
