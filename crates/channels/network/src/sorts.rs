//! The workloads as peers of a map, and their pods by sort: those that no policy in force can tell apart are one.

use crate::pair::Endpoint;
use crate::rule::pods_of;
use crate::view::{View, block_addresses};
use crate::world::network_addresses;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watertight_base::{AddressSet, Labels, Protocol, Selector};
use watertight_model::{
    ClusterPolicy, ContainerPort, ContainerRole, NetworkPolicy, Peer, PeerKind, Pod, Replicas, Snapshot,
    TierPeerKind,
};

/// The pods of each peer, by sort.
pub(crate) type Groups<'a> = BTreeMap<Peer, Vec<Sort<'a>>>;

/// Pods of one peer that no policy in force can tell apart: the first stands for all of them, save where it matters on
/// which node each runs. Never empty.
#[derive(Debug)]
pub(crate) struct Sort<'a>(Vec<&'a Pod>);

impl<'a> Sort<'a> {
    /// The pod that stands for all.
    pub(crate) fn one(&self) -> Endpoint<'a> {
        Endpoint::Pod(self.0[0])
    }

    /// Whether there is only one such pod, so that what the sort opens to itself is a pod's traffic to itself.
    pub(crate) fn is_single(&self) -> bool {
        self.0.len() == 1 && self.0[0].replicas == Replicas::One
    }

    /// Whether a pod of that name is among them.
    pub(crate) fn holds_pod_named(&self, name: &str) -> bool {
        self.0.iter().any(|pod| pod.origin.object.name == name)
    }

    /// Every pod, where it matters on which node each runs.
    pub(crate) fn each(&self) -> impl Iterator<Item = Endpoint<'a>> {
        self.0.iter().map(|&pod| Endpoint::Pod(pod))
    }
}

/// What the policies in force see of a pod besides its labels.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Seen<'a> {
    named_ports: Vec<(&'a str, Protocol, u16, bool)>,
    // Which blocks hold it; `None` where its address is not known.
    in_blocks: Option<Vec<bool>>,
    // On the host network, what gives it its address.
    on_host: Option<(&'a [IpAddr], Option<&'a str>)>,
    replicas: bool,
}

impl<'a> Seen<'a> {
    fn of(view: &View<'_>, blocks: &BTreeSet<AddressSet>, pod: &'a Pod) -> Self {
        let on_host = view.on_host_network(pod);
        let holds = |block: &AddressSet| pod.addresses.iter().any(|&address| block.contains(address));
        let known = !on_host && !pod.addresses.is_empty();
        let named = |port: &'a ContainerPort| {
            let main = port.container == ContainerRole::Main;
            Some((port.name.as_deref()?, port.protocol, port.number, main))
        };
        Self {
            named_ports: pod.ports.iter().filter_map(named).collect(),
            in_blocks: known.then(|| blocks.iter().map(holds).collect()),
            on_host: on_host.then_some((pod.addresses.as_slice(), pod.scheduling.node_name.as_deref())),
            replicas: pod.replicas == Replicas::Many,
        }
    }
}

/// The workloads, with their pods. Pods of one workload that selectors can tell apart are peers of their own.
pub(crate) fn workloads<'a>(view: &View<'a>) -> Groups<'a> {
    let keys = selected_keys(view);
    let blocks = blocks(view);
    let mut by_workload: BTreeMap<(&str, &str, &str), BTreeMap<Labels, Vec<&Pod>>> = BTreeMap::new();
    for pod in &view.snapshot.pods {
        if view.silent(Endpoint::Pod(pod)) {
            continue;
        }
        let namespace = &view.snapshot.namespace(pod.namespace).name;
        let seen = pod.labels.iter().filter(|(key, _)| keys.contains(key.as_str()));
        let seen = seen.map(|(key, value)| (key.clone(), value.clone())).collect();
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
            let mut sorts: BTreeMap<Seen<'_>, Vec<&Pod>> = BTreeMap::new();
            for pod in pods {
                sorts.entry(Seen::of(view, &blocks, pod)).or_default().push(pod);
            }
            groups.insert(peer, sorts.into_values().map(Sort).collect());
        }
    }
    groups
}

/// The label keys that some pod selector asks for.
fn selected_keys<'a>(view: &View<'a>) -> BTreeSet<&'a str> {
    let requirements = pod_selectors(view.snapshot).flat_map(|selector| &selector.requirements);
    requirements.map(|requirement| requirement.key.as_str()).collect()
}

/// Every selector of pods in a policy.
pub(crate) fn pod_selectors(snapshot: &Snapshot) -> impl Iterator<Item = &Selector> {
    let of_policies = snapshot.policies.iter().flat_map(pod_selectors_of_policy);
    of_policies.chain(snapshot.cluster_policies.iter().flat_map(pod_selectors_of_cluster_policy))
}

/// The selectors of pods in a NetworkPolicy.
pub(crate) fn pod_selectors_of_policy(policy: &NetworkPolicy) -> impl Iterator<Item = &Selector> {
    let rules = policy.ingress.iter().chain(&policy.egress);
    let peers = rules.flat_map(|rule| rule.peers.iter().flatten());
    peers.filter_map(|peer| pods_of(&peer.kind)).chain([&policy.subject])
}

/// The selectors of pods in an administrator's policy.
pub(crate) fn pod_selectors_of_cluster_policy(policy: &ClusterPolicy) -> impl Iterator<Item = &Selector> {
    let peers = policy.ingress.iter().chain(&policy.egress).flat_map(|rule| &rule.peers);
    let selectors = peers.filter_map(|peer| match &peer.kind {
        TierPeerKind::Pods { pods, .. } => Some(pods),
        _ => None,
    });
    selectors.chain([&policy.subject.pods])
}

fn common_labels(pods: &[&Pod]) -> Labels {
    let mut labels = pods.first().map(|pod| pod.labels.clone()).unwrap_or_default();
    labels.retain(|key, value| pods.iter().all(|pod| pod.labels.get(key) == Some(value)));
    labels
}

/// The blocks of addresses that policies name.
pub(crate) fn blocks(view: &View<'_>) -> BTreeSet<AddressSet> {
    let mut blocks = BTreeSet::new();
    let rules = view.snapshot.policies.iter().flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
    for peer in rules.flat_map(|rule| rule.peers.iter().flatten()) {
        if let PeerKind::IpBlock { cidr, except } = &peer.kind {
            blocks.insert(block_addresses(*cidr, except));
        }
    }
    let rules = view.snapshot.cluster_policies.iter().flat_map(|policy| &policy.egress);
    for peer in rules.flat_map(|rule| &rule.peers) {
        if let TierPeerKind::Networks(networks) = &peer.kind {
            blocks.insert(network_addresses(networks));
        }
    }
    blocks
}
