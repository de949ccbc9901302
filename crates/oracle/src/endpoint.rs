//! The two ends of a connection, with everything fixed that decides about it.

use std::net::IpAddr;
use watertight_base::Labels;
use watertight_model::{ContainerPort, ContainerRole, FactPeer, PodState, Replicas, Snapshot};

/// One end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// A pod, of the snapshot or not yet there.
    Pod(ConcretePod),
    /// An address outside the cluster.
    Outside(IpAddr),
    /// A node: what runs on it outside any pod.
    Node {
        /// Its name.
        name: String,
        /// An address under which it is seen besides its own, such as a tunnel's (rule N36).
        seen_as: Option<IpAddr>,
    },
}

/// Which pod: two ends with the same identity are one pod, and talk to themselves (rule N32).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// A pod of the snapshot.
    Existing {
        /// Its index in [`Snapshot::pods`].
        pod: usize,
        /// Which of its replicas: two replicas are two pods (rule N34).
        replica: u32,
    },
    /// A pod that does not exist yet; the number tells such pods apart.
    Future(u32),
}

/// One pod in one concrete world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConcretePod {
    /// Which pod it is.
    pub identity: Identity,
    /// The name of its namespace.
    pub namespace: String,
    /// What the world assumes of the namespace's labels where the snapshot does not know them (convention 9). It counts
    /// for nothing in a namespace with an object of its own, nor where unknown labels are taken as absent.
    pub assumed_namespace_labels: Labels,
    /// The labels.
    pub labels: Labels,
    /// Whether it shares its node's network.
    pub host_network: bool,
    /// The declared container ports, which give port names a number.
    pub ports: Vec<ContainerPort>,
    /// Its own addresses.
    pub addresses: Vec<IpAddr>,
    /// An address under which the other side sees it besides its own.
    pub seen_as: Option<IpAddr>,
    /// Whether its connections come through a node port that rewrites their source, so that the other side sees nothing
    /// of the pod, and only the node's address in `seen_as` (rule N40).
    pub behind_node: bool,
    /// The node that it runs on. Two ends share a node if both name the same; for the must-relation the caller names it
    /// only if it is sure.
    pub node: Option<String>,
    /// Whether it can send and receive (rule N55).
    pub state: PodState,
}

impl ConcretePod {
    /// A replica of a pod of the snapshot, on the node that the snapshot fixes, if any. `None` if there is no such pod or
    /// replica.
    #[must_use]
    pub fn existing(snapshot: &Snapshot, index: usize, replica: u32) -> Option<Self> {
        let pod = snapshot.pods.get(index)?;
        if replica > 0 && pod.replicas == Replicas::One {
            return None;
        }
        Some(Self {
            identity: Identity::Existing { pod: index, replica },
            namespace: snapshot.namespace(pod.namespace).name.clone(),
            assumed_namespace_labels: Labels::new(),
            labels: pod.labels.clone(),
            host_network: pod.host_network.is_some(),
            ports: pod.ports.clone(),
            addresses: pod.addresses.clone(),
            seen_as: None,
            behind_node: false,
            node: pod.scheduling.node_name.clone(),
            state: pod.state,
        })
    }

    /// A pod that does not exist yet, with nothing but labels.
    #[must_use]
    pub fn future(number: u32, namespace: &str, labels: Labels) -> Self {
        Self {
            identity: Identity::Future(number),
            namespace: namespace.to_owned(),
            assumed_namespace_labels: Labels::new(),
            labels,
            host_network: false,
            ports: Vec::new(),
            addresses: Vec::new(),
            seen_as: None,
            behind_node: false,
            node: None,
            state: PodState::Active,
        }
    }

    /// The pod of a fact: a replica of a pod of the snapshot, or a pod of that number which does not exist yet. `None` if
    /// the snapshot has no such pod.
    #[must_use]
    pub fn of_fact(snapshot: &Snapshot, peer: &FactPeer, number: u32) -> Option<Self> {
        let mut pod = match peer.pod {
            Some(index) => Self::existing(snapshot, index, number)?,
            None => Self::future(number, &peer.namespace, peer.labels.clone()),
        };
        if peer.pod.is_none() {
            pod.host_network = peer.host_network;
            for (name, &(protocol, port)) in &peer.named_ports {
                pod.ports.push(ContainerPort {
                    name: Some(name.clone()),
                    number: port,
                    protocol,
                    container: ContainerRole::Main,
                    host_port: None,
                });
            }
        }
        pod.assumed_namespace_labels = peer.namespace_labels.clone();
        pod.seen_as = peer.address;
        pod.behind_node = peer.behind_node;
        // What its node opens for it comes from the node's own network.
        pod.host_network |= peer.opened_by_node;
        Some(pod)
    }
}

impl Endpoint {
    /// A replica of a pod of the snapshot.
    #[must_use]
    pub fn existing(snapshot: &Snapshot, index: usize, replica: u32) -> Option<Self> {
        ConcretePod::existing(snapshot, index, replica).map(Self::Pod)
    }

    /// A node, seen under its own addresses.
    #[must_use]
    pub fn node(name: &str) -> Self {
        Self::Node { name: name.to_owned(), seen_as: None }
    }

    /// The same end, which the other side also sees under this address.
    #[must_use]
    pub fn seen_as(self, address: IpAddr) -> Self {
        let seen_as = Some(address);
        match self {
            Self::Pod(pod) => Self::Pod(ConcretePod { seen_as, ..pod }),
            Self::Node { name, .. } => Self::Node { name, seen_as },
            Self::Outside(_) => self,
        }
    }

    /// The pod, if it is one.
    #[must_use]
    pub fn pod(&self) -> Option<&ConcretePod> {
        match self {
            Self::Pod(pod) => Some(pod),
            Self::Outside(_) | Self::Node { .. } => None,
        }
    }

    /// Whether its traffic is a node's: a node, or a pod that shares one's network.
    #[must_use]
    pub fn is_on_the_host(&self) -> bool {
        match self {
            Self::Pod(pod) => pod.host_network,
            Self::Node { .. } => true,
            Self::Outside(_) => false,
        }
    }

    /// The node that it runs on or is, as far as the world fixes it.
    #[must_use]
    pub fn node_name(&self) -> Option<&str> {
        match self {
            Self::Pod(pod) => pod.node.as_deref(),
            Self::Node { name, .. } => Some(name),
            Self::Outside(_) => None,
        }
    }
}
