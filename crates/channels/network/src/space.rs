//! Where pods and nodes may have their addresses (convention 13).

use watertight_base::AddressSet;
use watertight_model::Snapshot;

/// The addresses that pods and nodes may have, as far as the input tells.
#[derive(Debug, Clone)]
pub(crate) struct AddressSpace {
    /// Pods, those of today and those to come.
    pub(crate) pods: AddressSet,
    /// Nodes, those of today and those to come; the pods' space is in it, since a node's traffic can come under the
    /// address that its tunnel has in the pod network (rule N36).
    pub(crate) nodes: AddressSet,
}

impl AddressSpace {
    /// Reads the space off a snapshot.
    ///
    /// The addresses of pods come and go, so a known one stands for the private block around it: all pods of a cluster
    /// draw from one network, and a policy that admits another part of that network admits the pods of tomorrow. A
    /// node's `podCIDRs` alone prove nothing, since some network plugins hand out addresses of their own; they count
    /// once a pod is seen in them. Where nothing is known, it is all private space.
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        let pod_addresses =
            snapshot.pods.iter().filter(|pod| pod.host_network.is_none()).flat_map(|pod| &pod.addresses);
        let pod_addresses = union(pod_addresses.map(|&address| AddressSet::address(address)));
        let pod_cidrs =
            union(snapshot.nodes.iter().flat_map(|node| &node.pod_cidrs).map(|&cidr| AddressSet::cidr(cidr)));
        let on_nodes =
            snapshot.pods.iter().filter(|pod| pod.host_network.is_some()).flat_map(|pod| &pod.addresses);
        let node_addresses = snapshot.nodes.iter().flat_map(|node| &node.addresses).chain(on_nodes);
        let node_addresses = union(node_addresses.map(|&address| AddressSet::address(address)));

        let pods = if pod_addresses.is_empty() {
            AddressSet::private().union(&pod_cidrs)
        } else if pod_addresses.is_subset(&pod_cidrs) {
            pod_cidrs
        } else {
            widen(&pod_addresses).union(&pod_cidrs)
        };
        let nodes = if node_addresses.is_empty() { AddressSet::private() } else { widen(&node_addresses) };
        Self { nodes: nodes.union(&pods), pods }
    }
}

fn union(sets: impl Iterator<Item = AddressSet>) -> AddressSet {
    sets.fold(AddressSet::empty(), |all, set| all.union(&set))
}

/// The addresses, and each whole block of private space that holds one of them.
fn widen(addresses: &AddressSet) -> AddressSet {
    let blocks = AddressSet::private().cidrs().into_iter().map(AddressSet::cidr);
    blocks.filter(|block| block.meets(addresses)).fold(addresses.clone(), |all, block| all.union(&block))
}
