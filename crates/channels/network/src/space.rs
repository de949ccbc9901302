//! Where pods and nodes may have their addresses (convention 13).

use ipnet::IpNet;
use std::collections::BTreeSet;
use watertight_base::AddressSet;
use watertight_model::{Pod, Snapshot};

/// The addresses that pods and nodes may have, as far as the input tells.
#[derive(Debug, Clone)]
pub struct AddressSpace {
    /// Pods, those of today and those to come.
    pub pods: AddressSet,
    /// Nodes, those of today and those to come; the pods' space is in it, since a node's traffic can come under the
    /// address that its tunnel has in the pod network (rule N36).
    pub nodes: AddressSet,
    /// Those of which the input says that they are a pod's or a node's: nobody outside of the cluster has one.
    pub known: AddressSet,
}

impl AddressSpace {
    /// Reads the space off a snapshot.
    ///
    /// The addresses of pods come and go, and so do nodes with their `podCIDRs`, which are slices of the cluster's pod
    /// network: a slice stands for the /16 (IPv6: /48) around it. Where no pod is seen in such a network, or one is seen
    /// outside, `podCIDRs` prove little, since some network plugins hand out addresses of their own: then a known address
    /// stands for the private block around it, a public one for its whole family, and where none is known, it is all
    /// private space. A node of which no address is known may be anywhere in private space too, wherever the others are. That
    /// pods and nodes are nowhere else is an assumption of the answer.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let pod_addresses =
            snapshot.pods.iter().filter(|pod| pod.host_network.is_none()).flat_map(|pod| &pod.addresses);
        let pod_addresses = pod_addresses.copied().collect::<AddressSet>();
        let slices = snapshot.nodes.iter().flat_map(|node| &node.pod_cidrs);
        let networks: AddressSet = slices.map(|&slice| network_of(slice)).collect();
        let on_nodes =
            snapshot.pods.iter().filter(|pod| pod.host_network.is_some()).flat_map(|pod| &pod.addresses);
        let seen_by_pods = snapshot.pods.iter().flat_map(|pod| &pod.node_addresses);
        let node_addresses = snapshot.nodes.iter().flat_map(|node| &node.addresses);
        let node_addresses = node_addresses.chain(on_nodes).chain(seen_by_pods);
        let node_addresses = node_addresses.copied().collect::<AddressSet>();

        let known = networks.union(&pod_addresses);

        let pods = if pod_addresses.is_empty() {
            AddressSet::private().union(&networks)
        } else if pod_addresses.is_subset(&networks) {
            networks
        } else {
            widen(&pod_addresses).union(&networks).union(&public(&pod_addresses))
        };
        let nodes = match shows_every_node(snapshot) && !node_addresses.is_empty() {
            true => widen(&node_addresses),
            false => node_addresses.union(&AddressSet::private()),
        };
        let known = known.union(&node_addresses);
        Self { nodes: nodes.union(&pods), pods, known }
    }
}

/// Whether an address is known of each node that the input holds, or on which it shows a pod.
fn shows_every_node(snapshot: &Snapshot) -> bool {
    let own = snapshot.nodes.iter().filter(|node| !node.addresses.is_empty()).map(|node| node.name.as_str());
    let shows = |pod: &&Pod| {
        !pod.node_addresses.is_empty() || (pod.host_network.is_some() && !pod.addresses.is_empty())
    };
    let by_pods = snapshot.pods.iter().filter(shows).filter_map(|pod| pod.scheduling.node_name.as_deref());
    let known: BTreeSet<&str> = own.chain(by_pods).collect();
    let held = snapshot.nodes.iter().map(|node| node.name.as_str());
    let named = snapshot.pods.iter().filter_map(|pod| pod.scheduling.node_name.as_deref());
    held.chain(named).all(|name| known.contains(name))
}

/// The pod network of which a node's `podCIDR` is a slice.
fn network_of(slice: IpNet) -> AddressSet {
    let usual = if matches!(slice, IpNet::V4(_)) { 16 } else { 48 };
    let wider = IpNet::new(slice.addr(), usual.min(slice.prefix_len()));
    AddressSet::cidr(wider.unwrap_or(slice))
}

/// All addresses of each family in which one of these is public: how far the network around it goes is not known.
fn public(addresses: &AddressSet) -> AddressSet {
    let outside = addresses.difference(&AddressSet::private());
    let families = [AddressSet::all_v4(), AddressSet::full().difference(&AddressSet::all_v4())];
    families.into_iter().filter(|family| family.meets(&outside)).collect()
}

/// The addresses, and each whole block of private space that holds one of them.
fn widen(addresses: &AddressSet) -> AddressSet {
    let blocks = AddressSet::private().cidrs().into_iter().map(AddressSet::cidr);
    blocks.filter(|block| block.meets(addresses)).fold(addresses.clone(), |all, block| all.union(&block))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use watertight_base::{Labels, SourceId, Span};
    use watertight_model::{
        Namespace, NamespaceId, ObjectRef, Origin, PodState, Replicas, Scheduling, WorkloadRef,
    };

    fn pods_space(address: &str) -> AddressSet {
        let object = ObjectRef {
            api_version: "v1".into(),
            kind: "Pod".into(),
            namespace: Some("a".into()),
            name: "p".into(),
            uid: None,
        };
        let span = Span::new(SourceId(0), 0, 0);
        let pod = Pod {
            origin: Origin { object, span },
            namespace: NamespaceId(0),
            workload: WorkloadRef { kind: "Pod".into(), name: "p".into() },
            template: "",
            labels: Labels::new(),
            labels_span: span,
            host_network: None,
            ports: Vec::new(),
            containers: std::sync::Arc::default(),
            dialed: Vec::new(),
            networks: Vec::new(),
            addresses: vec![address.parse().unwrap()],
            node_addresses: Vec::new(),
            scheduling: Scheduling::default(),
            replicas: Replicas::One,
            state: PodState::Active,
            is_passing: false,
        };
        let namespace = Namespace {
            name: "a".into(),
            labels: None,
            admission: watertight_model::Admission::Accepted,
            label_spans: BTreeMap::new(),
            origin: None,
            first_seen: None,
        };
        AddressSpace::of(&Snapshot { namespaces: vec![namespace], pods: vec![pod], ..Snapshot::default() })
            .pods
    }

    fn may_be_in(address: &str, block: &str) -> bool {
        pods_space(address).meets(&AddressSet::cidr(block.parse::<IpNet>().unwrap()))
    }

    #[test]
    fn n43_a_known_private_address_stands_for_its_private_block() {
        assert!(may_be_in("10.0.1.5", "10.9.0.0/16"));
        assert!(!may_be_in("10.0.1.5", "172.16.0.0/12"));
        assert!(!may_be_in("10.0.1.5", "30.0.2.0/24"));
    }

    #[test]
    fn n43_a_known_public_address_stands_for_its_whole_family() {
        assert!(may_be_in("2600:1f14::5", "2600:1f14:0:1::/64"));
        assert!(!may_be_in("2600:1f14::5", "10.0.0.0/8"));
        assert!(may_be_in("30.0.1.5", "30.0.2.0/24"));
    }
}
