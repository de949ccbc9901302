//! What may be at an end of a connection: all pods of a namespace that could be, one pod, or a node.

use crate::profile::Profile;
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use watertight_base::{AddressSet, LabelBox, Labels, Requirement, Selector};
use watertight_model::{Admission, ClusterPolicy, Namespace, NamespaceId, Pod, PodState, Snapshot};

/// How many of the members of a set something holds for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Share {
    None,
    Some,
    All,
}

impl Share {
    /// Of a set of one.
    pub(crate) fn of_one(holds: bool) -> Self {
        if holds { Self::All } else { Self::None }
    }
}

/// Labels that something has, or all that it may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LabelSet {
    Known(Labels),
    Any(LabelBox),
}

impl LabelSet {
    /// How many of them a selector selects.
    pub(crate) fn share(&self, selector: &Selector) -> Share {
        match self {
            Self::Known(labels) => Share::of_one(selector.matches(labels)),
            Self::Any(space) => match space.select(selector) {
                None => Share::None,
                Some(_) if space.avoid(selector).is_empty() => Share::All,
                Some(_) => Share::Some,
            },
        }
    }

    /// Those that meet a requirement, or those that do not.
    fn part(&self, requirement: &Requirement, meets: bool) -> Option<Self> {
        let selector = Selector { requirements: vec![requirement.clone()] };
        match self {
            Self::Known(labels) => (selector.matches(labels) == meets).then(|| self.clone()),
            Self::Any(space) if meets => space.select(&selector).map(Self::Any),
            Self::Any(space) => space.avoid(&selector).into_iter().next().map(Self::Any),
        }
    }

    /// The same as a selector sees it that does not see some keys.
    fn hiding(&self, keys: &[&str]) -> Self {
        match self {
            Self::Known(labels) => {
                let seen = labels.iter().filter(|(key, _)| !keys.contains(&key.as_str()));
                Self::Known(seen.map(|(key, value)| (key.clone(), value.clone())).collect())
            }
            Self::Any(space) => Self::Any(space.clone().hiding(keys)),
        }
    }
}

/// One end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct End {
    /// The namespace of the pods; `None` for one that the input does not hold.
    pub(crate) namespace: Option<NamespaceId>,
    /// What labels the namespace may have.
    pub(crate) namespace_labels: LabelSet,
    /// What labels the pods may have.
    pub(crate) labels: LabelSet,
    /// Where they may be.
    pub(crate) addresses: AddressSet,
    /// Whether it is a node, of which policies know the address alone.
    pub(crate) is_node: bool,
}

impl End {
    /// The part of it whose pods' labels meet a requirement, or do not.
    pub(crate) fn by_label(self, requirement: &Requirement, meets: bool) -> Option<Self> {
        Some(Self { labels: self.labels.part(requirement, meets)?, ..self })
    }

    /// The same for the labels of its namespace.
    pub(crate) fn by_namespace_label(self, requirement: &Requirement, meets: bool) -> Option<Self> {
        Some(Self { namespace_labels: self.namespace_labels.part(requirement, meets)?, ..self })
    }

    /// The part of it that is at one of these addresses, or is not.
    pub(crate) fn by_address(self, addresses: &AddressSet, is_there: bool) -> Option<Self> {
        let addresses = match is_there {
            true => self.addresses.intersection(addresses),
            false => self.addresses.difference(addresses),
        };
        (!addresses.is_empty()).then_some(Self { addresses, ..self })
    }

    /// How much of it is at these addresses.
    pub(crate) fn at(&self, addresses: &AddressSet) -> Share {
        match (self.addresses.meets(addresses), self.addresses.is_subset(addresses)) {
            (false, _) => Share::None,
            (true, true) => Share::All,
            (true, false) => Share::Some,
        }
    }

    /// The same as selectors see it that do not see some labels of pods.
    pub(crate) fn hiding(&self, keys: &[&str]) -> Self {
        Self { labels: self.labels.hiding(keys), ..self.clone() }
    }
}

/// A snapshot under a profile: what there is, and where.
#[derive(Debug)]
pub(crate) struct Cluster<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) profile: &'a Profile,
    pod_addresses: AddressSet,
    node_addresses: AddressSet,
    /// The namespaces that may get other labels, each with all that it may have.
    relabelled: BTreeMap<NamespaceId, LabelBox>,
}

impl<'a> Cluster<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, profile: &'a Profile) -> Self {
        let (pod_addresses, node_addresses) = address_spaces(snapshot);
        Self { snapshot, profile, pod_addresses, node_addresses, relabelled: BTreeMap::new() }
    }

    /// The same where some namespaces may get these labels.
    pub(crate) fn relabelling(self, relabelled: BTreeMap<NamespaceId, LabelBox>) -> Self {
        Self { relabelled, ..self }
    }

    /// The labels that a namespace may have, if it may get others than it has.
    pub(crate) fn labels_to_come(&self, id: NamespaceId) -> Option<&LabelBox> {
        self.relabelled.get(&id)
    }

    /// Whether nodes take part.
    pub(crate) fn has_nodes(&self) -> bool {
        !self.profile.reads_files_alone()
    }

    /// Whether an address may be a pod's.
    pub(crate) fn may_be_a_pod(&self, address: IpAddr) -> bool {
        self.pod_addresses.contains(address)
    }

    /// Whether an address may be a node's.
    pub(crate) fn may_be_a_node(&self, address: IpAddr) -> bool {
        self.node_addresses.contains(address)
    }

    /// Whether the pod is its node, as far as the network goes.
    pub(crate) fn is_on_host_network(&self, pod: &Pod) -> bool {
        self.has_nodes() && pod.host_network.is_some()
    }

    /// The pods of a namespace that live (rule N55).
    pub(crate) fn pods(&self, id: NamespaceId) -> impl Iterator<Item = &'a Pod> {
        let live = move |pod: &&Pod| pod.namespace == id && pod.state != PodState::Finished;
        self.snapshot.pods.iter().filter(live)
    }

    /// The labels that a namespace surely has; `None` if they are not shown, or those of an object that may not be there
    /// (conventions 6 and 9).
    pub(crate) fn known_labels(&self, id: NamespaceId) -> Option<&'a Labels> {
        let namespace = self.snapshot.namespace(id);
        let sure = self.profile.reads_files_alone() || namespace.admission == Admission::Accepted;
        namespace.labels.as_ref().filter(|_| sure)
    }

    /// The labels that a namespace may have, if its object is there as it is written.
    pub(crate) fn written_labels(&self, id: NamespaceId) -> LabelSet {
        self.labels_if(self.snapshot.namespace(id).labels.as_ref(), id)
    }

    /// Whether some implementation reads a policy of the administrator.
    pub(crate) fn may_read(&self, policy: &ClusterPolicy) -> bool {
        let point = match policy.origin.object.kind.as_str() {
            "ClusterNetworkPolicy" => "reads-cluster-network-policy",
            _ => "reads-admin-network-policy",
        };
        self.profile.axis(point).may()
    }

    fn namespace_labels(&self, id: NamespaceId) -> LabelSet {
        self.labels_if(self.known_labels(id), id)
    }

    fn labels_if(&self, known: Option<&Labels>, id: NamespaceId) -> LabelSet {
        if let Some(labels) = known {
            return LabelSet::Known(labels.clone());
        }
        if let Some(labels) = self.relabelled.get(&id) {
            return LabelSet::Any(labels.clone());
        }
        let name = self.snapshot.namespace(id).name.clone();
        let named = Labels::from([(Namespace::NAME_LABEL.to_owned(), name)]);
        match self.profile.reads_files_alone() {
            true => LabelSet::Known(named),
            false => LabelSet::Any(LabelBox::exactly(&named, [Namespace::NAME_LABEL.to_owned()])),
        }
    }

    /// Every pod that a namespace could run: whatever one of today is, another could be. Where the files are read alone, a
    /// pod has an IPv4 address that is not known.
    pub(crate) fn any_pod(&self, id: NamespaceId) -> End {
        End {
            namespace: Some(id),
            namespace_labels: self.namespace_labels(id),
            labels: LabelSet::Any(LabelBox::everything()),
            addresses: self.pod_space(),
            is_node: false,
        }
    }

    /// Every pod of a namespace of which nothing is known but that it is there. No namespace can have its name.
    pub(crate) fn any_stranger(&self) -> End {
        let name = Labels::from([(Namespace::NAME_LABEL.to_owned(), "~".to_owned())]);
        End {
            namespace: None,
            namespace_labels: LabelSet::Known(name),
            labels: LabelSet::Any(LabelBox::everything()),
            addresses: self.pod_space(),
            is_node: false,
        }
    }

    /// A pod that is there.
    pub(crate) fn this_pod(&self, pod: &Pod) -> End {
        let mut addresses: AddressSet = pod.addresses.iter().copied().collect();
        if self.profile.reads_files_alone() {
            addresses = addresses.intersection(&AddressSet::all_v4());
        }
        if addresses.is_empty() {
            addresses = self.pod_space();
        }
        let labels = LabelSet::Known(pod.labels.clone());
        End { labels, addresses, ..self.any_pod(pod.namespace) }
    }

    /// Any node.
    pub(crate) fn any_node(&self) -> End {
        End {
            namespace: None,
            namespace_labels: LabelSet::Known(Labels::new()),
            labels: LabelSet::Known(Labels::new()),
            addresses: self.node_addresses.clone(),
            is_node: true,
        }
    }

    /// A pod on the host network: at the addresses of its node, and that of the node's tunnel in the pod network.
    pub(crate) fn on_its_node(&self, pod: &Pod) -> End {
        let name = pod.scheduling.node_name.as_deref();
        let node = self.snapshot.nodes.iter().find(|node| Some(node.name.as_str()) == name);
        let of_node = node.into_iter().flat_map(|node| &node.addresses);
        let known: AddressSet = of_node.chain(&pod.addresses).copied().collect();
        match known.is_empty() {
            true => self.any_node(),
            false => End { addresses: known.union(&self.pod_addresses), ..self.any_node() },
        }
    }

    fn pod_space(&self) -> AddressSet {
        match self.profile.reads_files_alone() {
            true => AddressSet::address(Ipv4Addr::UNSPECIFIED.into()),
            false => self.pod_addresses.clone(),
        }
    }
}

/// Where pods and nodes may be (convention 13), as docs/semantics.md has it under Addresses.
fn address_spaces(snapshot: &Snapshot) -> (AddressSet, AddressSet) {
    let pods = |on_host: bool| {
        let pods = snapshot.pods.iter().filter(move |pod| pod.host_network.is_some() == on_host);
        pods.flat_map(|pod| pod.addresses.iter().copied())
    };
    let of_pods: AddressSet = pods(false).collect();
    let of_nodes = snapshot.nodes.iter().flat_map(|node| node.addresses.iter().copied());
    let by_pods = snapshot.pods.iter().flat_map(|pod| pod.node_addresses.iter().copied());
    let of_nodes: AddressSet = of_nodes.chain(pods(true)).chain(by_pods).collect();
    let slices = snapshot.nodes.iter().flat_map(|node| &node.pod_cidrs);
    let networks = slices.fold(AddressSet::empty(), |all, slice| all.union(&whole_network(slice)));
    let mut pod_space = networks.clone();
    if of_pods.is_empty() {
        pod_space = pod_space.union(&AddressSet::private());
    } else if !of_pods.is_subset(&networks) {
        pod_space = pod_space.union(&with_private_blocks(&of_pods));
        let public = of_pods.difference(&AddressSet::private());
        let v6 = AddressSet::full().difference(&AddressSet::all_v4());
        for family in [AddressSet::all_v4(), v6] {
            if family.meets(&public) {
                pod_space = pod_space.union(&family);
            }
        }
    }
    let nodes = match of_nodes.is_empty() || has_a_node_without_address(snapshot) {
        true => of_nodes.union(&AddressSet::private()),
        false => with_private_blocks(&of_nodes),
    };
    let node_space = nodes.union(&pod_space);
    (pod_space, node_space)
}

/// Whether there is a node, by itself or under a pod, of which neither it nor a pod on it says an address.
fn has_a_node_without_address(snapshot: &Snapshot) -> bool {
    let mut nodes: BTreeMap<&str, bool> = BTreeMap::new();
    for node in &snapshot.nodes {
        *nodes.entry(&node.name).or_default() |= !node.addresses.is_empty();
    }
    for pod in &snapshot.pods {
        let Some(name) = &pod.scheduling.node_name else { continue };
        let own = pod.host_network.is_some() && !pod.addresses.is_empty();
        *nodes.entry(name).or_default() |= own || !pod.node_addresses.is_empty();
    }
    nodes.values().any(|has_one| !has_one)
}

/// A node's share of the pod network stands for the /16 or /48 around it.
fn whole_network(slice: &IpNet) -> AddressSet {
    let length = if slice.addr().is_ipv4() { 16 } else { 48 };
    let whole = IpNet::new(slice.addr(), slice.prefix_len().min(length));
    AddressSet::cidr(whole.unwrap_or(*slice))
}

fn with_private_blocks(addresses: &AddressSet) -> AddressSet {
    let mut all = addresses.clone();
    for block in AddressSet::private().cidrs() {
        let block = AddressSet::cidr(block);
        if block.meets(addresses) {
            all = all.union(&block);
        }
    }
    all
}
