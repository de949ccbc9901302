//! May this packet pass? The rules of NetworkPolicy, one after the other.

use crate::endpoint::{ConcretePod, Endpoint};
use crate::matching::{block_matches, selects};
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::net::IpAddr;
use watertight_base::{Labels, Protocol, Selector};
use watertight_model::{
    Admission, ContainerPort, ContainerRole, Namespace, NamespaceScope, NetworkPolicy, PeerKind, PodState,
    PolicyPort, PolicyRule, PortMatch, Relation, Snapshot,
};

/// How what the specification leaves open is read: the CNI profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// Some conforming implementation: what is open is resolved by the relation, permissively or strictly.
    Conservative,
    /// The profile `none`: nothing enforces policies (rule N54).
    Unenforced,
    /// What the policies say, read alone: ipBlocks are outside the cluster only, hostNetwork pods are ordinary pods,
    /// nodes are ignored, IPv4 only. The two relations are one.
    Declared,
}

/// Whether policies that the API server would refuse are there (convention 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    /// They are, and mean what they say.
    With,
    /// They are not.
    Without,
}

/// Which of the snapshot's policies are in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySet {
    /// Whether refused policies are.
    pub refused: Refused,
    /// The names of namespaces whose policies are left out, such as the `from` side's (convention 12).
    pub without_namespaces: BTreeSet<String>,
}

impl PolicySet {
    /// Every policy, refused ones included.
    #[must_use]
    pub fn all() -> Self {
        Self { refused: Refused::With, without_namespaces: BTreeSet::new() }
    }

    /// Only the policies that the API server would take.
    #[must_use]
    pub fn accepted() -> Self {
        Self { refused: Refused::Without, without_namespaces: BTreeSet::new() }
    }

    /// The same without the policies of these namespaces.
    #[must_use]
    pub fn without<'a>(mut self, namespaces: impl IntoIterator<Item = &'a str>) -> Self {
        self.without_namespaces.extend(namespaces.into_iter().map(str::to_owned));
        self
    }
}

/// One direction of a policy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Egress,
    Ingress,
}

/// Everything that a question needs besides the two ends and the port.
#[derive(Debug, Clone)]
pub struct Evaluator<'a> {
    /// The objects.
    pub snapshot: &'a Snapshot,
    /// The profile.
    pub reading: Reading,
    /// The relation.
    pub relation: Relation,
    /// The policies in force.
    pub policies: PolicySet,
}

impl<'a> Evaluator<'a> {
    /// An evaluator with every policy in force.
    #[must_use]
    pub fn new(snapshot: &'a Snapshot, reading: Reading, relation: Relation) -> Self {
        Self { snapshot, reading, relation, policies: PolicySet::all() }
    }

    /// Whether `source` can open a connection to this port of `destination`. Policies decide only about pods, so two ends
    /// that are both outside can always.
    #[must_use]
    pub fn allowed(&self, source: &Endpoint, destination: &Endpoint, protocol: Protocol, port: u16) -> bool {
        if !self.takes_part(source) || !self.takes_part(destination) {
            return false;
        }
        if is_self_traffic(source, destination) || self.is_node_local(source, destination) {
            return true;
        }
        // N2: both sides must allow the same protocol and port.
        self.egress_allows(source, destination, protocol, port)
            && self.ingress_allows(source, destination, protocol, port)
    }

    /// Whether the policies on the source's side let the connection out. What comes before policies (rules N32, N35,
    /// N55) is no part of it.
    #[must_use]
    pub fn egress_allows(
        &self,
        source: &Endpoint,
        destination: &Endpoint,
        protocol: Protocol,
        port: u16,
    ) -> bool {
        match source {
            Endpoint::Pod(subject) => {
                self.side_allows(Direction::Egress, subject, destination, destination, protocol, port)
            }
            // Only pods are isolated.
            Endpoint::Outside(_) | Endpoint::Node { .. } => true,
        }
    }

    /// Whether the policies on the destination's side let the connection in. What comes before policies is no part of it.
    #[must_use]
    pub fn ingress_allows(
        &self,
        source: &Endpoint,
        destination: &Endpoint,
        protocol: Protocol,
        port: u16,
    ) -> bool {
        match destination {
            Endpoint::Pod(subject) => {
                self.side_allows(Direction::Ingress, subject, source, destination, protocol, port)
            }
            Endpoint::Outside(_) | Endpoint::Node { .. } => true,
        }
    }

    /// N55: a finished pod neither sends nor receives; one without an address will do so some day, which is enough for
    /// may. The profile `declared` ignores nodes and IPv6, and takes a pod without an address as one that has its address.
    fn takes_part(&self, endpoint: &Endpoint) -> bool {
        match endpoint {
            Endpoint::Pod(pod) => match pod.state {
                PodState::Active => true,
                PodState::NoAddress => self.reading == Reading::Declared || self.relation == Relation::May,
                PodState::Finished => false,
            },
            Endpoint::Outside(address) => self.reading != Reading::Declared || address.is_ipv4(),
            Endpoint::Node { .. } => self.reading != Reading::Declared,
        }
    }

    /// N35: traffic from a node to the pods on it is always allowed. The other way is documented as allowed and measured
    /// as not, so it is in may only.
    fn is_node_local(&self, source: &Endpoint, destination: &Endpoint) -> bool {
        if self.reading != Reading::Conservative {
            return false;
        }
        let same_node = source.node_name().is_some() && source.node_name() == destination.node_name();
        let from_the_node = same_node && source.is_on_the_host();
        let to_the_node = same_node && destination.is_on_the_host();
        from_the_node || (to_the_node && self.relation == Relation::May)
    }

    /// What the policies on the side of `subject` say about a connection with `other`.
    fn side_allows(
        &self,
        direction: Direction,
        subject: &ConcretePod,
        other: &Endpoint,
        destination: &Endpoint,
        protocol: Protocol,
        port: u16,
    ) -> bool {
        // N54: nothing enforces.
        if self.reading == Reading::Unenforced {
            return true;
        }
        // N37: most implementations enforce nothing on a hostNetwork pod, and must counts with those that do.
        if subject.host_network && self.is_permissive() {
            return true;
        }
        let mut isolated = false;
        for policy in self.policies_in_force(&subject.namespace) {
            // N1, N5: a policy isolates in the directions of its types only, and its rules for others mean nothing.
            let (applies, rules) = match direction {
                Direction::Egress => (policy.types.egress, &policy.egress),
                Direction::Ingress => (policy.types.ingress, &policy.ingress),
            };
            if !applies || !selects(&policy.subject, &subject.labels) {
                continue;
            }
            isolated = true;
            // N3: one rule of one policy is enough. N6: no rule, nothing allowed.
            for rule in rules {
                if self.rule_matches_peer(rule, policy, other)
                    && self.rule_matches_port(rule, destination, protocol, port)
                {
                    return true;
                }
            }
        }
        !isolated
    }

    /// What is open is resolved permissively.
    fn is_permissive(&self) -> bool {
        self.reading == Reading::Conservative && self.relation == Relation::May
    }

    /// What is open is resolved strictly.
    fn is_strict(&self) -> bool {
        self.reading == Reading::Conservative && self.relation == Relation::Must
    }

    /// N1, N19: a policy selects pods of its own namespace only.
    fn policies_in_force(&self, namespace: &str) -> Vec<&'a NetworkPolicy> {
        let mut found = Vec::new();
        for policy in &self.snapshot.policies {
            let is_left_out = self.policies.without_namespaces.contains(namespace)
                || (self.policies.refused == Refused::Without && policy.admission != Admission::Accepted);
            if self.snapshot.namespace(policy.namespace).name == namespace && !is_left_out {
                found.push(policy);
            }
        }
        found
    }

    /// N7, N8: a rule without peers matches everyone, outside and nodes included. N13: one peer of several is enough.
    fn rule_matches_peer(&self, rule: &PolicyRule, policy: &NetworkPolicy, other: &Endpoint) -> bool {
        let Some(peers) = &rule.peers else {
            return true;
        };
        peers.iter().any(|peer| match &peer.kind {
            PeerKind::Pods { namespaces, pods, pods_written: _ } => match other {
                Endpoint::Pod(pod) => self.selectors_match(policy, namespaces, pods, pod),
                Endpoint::Outside(_) | Endpoint::Node { .. } => false,
            },
            PeerKind::IpBlock { cidr, except } => self.ip_block_matches(cidr, except, other),
        })
    }

    /// N10 to N14: selectors match pods, in the policy's own namespace or in those that the namespace selector selects.
    /// N38: whether they match a hostNetwork pod is open.
    fn selectors_match(
        &self,
        policy: &NetworkPolicy,
        namespaces: &NamespaceScope,
        pods: &Selector,
        pod: &ConcretePod,
    ) -> bool {
        if pod.host_network && self.is_strict() {
            return false;
        }
        let namespace_matches = match namespaces {
            NamespaceScope::Own => pod.namespace == self.snapshot.namespace(policy.namespace).name,
            NamespaceScope::Selected(selector) => selects(selector, &self.namespace_labels(pod)),
        };
        namespace_matches && selects(pods, &pod.labels)
    }

    /// The labels of a pod's namespace. N17: the label with its name is always right. Convention 9: what is not known may
    /// be anything, which the world fixes; whoever asks for must asks in every world. It is nothing for `declared`.
    fn namespace_labels(&self, pod: &ConcretePod) -> Labels {
        let object = self.snapshot.namespaces.iter().find(|namespace| namespace.name == pod.namespace);
        let known = object.and_then(|namespace| namespace.labels.as_ref());
        let mut labels = match known {
            Some(labels) => labels.clone(),
            None if self.reading == Reading::Conservative => pod.assumed_namespace_labels.clone(),
            None => Labels::new(),
        };
        labels.insert(Namespace::NAME_LABEL.to_owned(), pod.namespace.clone());
        labels
    }

    /// N36, N43 to N46: whom an ipBlock means.
    fn ip_block_matches(&self, cidr: &IpNet, except: &[IpNet], other: &Endpoint) -> bool {
        let addresses = match other {
            Endpoint::Outside(address) => vec![*address],
            // N43: whether it matches the addresses of pods and nodes is open; read alone it means outside only.
            Endpoint::Pod(_) | Endpoint::Node { .. } if !self.is_permissive() => vec![],
            Endpoint::Pod(pod) => {
                let mut addresses = pod.addresses.clone();
                addresses.extend(pod.seen_as);
                if let (true, Some(node)) = (pod.host_network, &pod.node) {
                    addresses.extend(self.node_addresses(node));
                }
                addresses
            }
            Endpoint::Node { name, seen_as } => {
                let mut addresses = self.node_addresses(name);
                addresses.extend(seen_as);
                addresses
            }
        };
        if self.reading == Reading::Declared && cidr.addr().is_ipv6() {
            return false;
        }
        addresses.into_iter().any(|address| block_matches(cidr, except, address))
    }

    fn node_addresses(&self, name: &str) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        for node in &self.snapshot.nodes {
            if node.name == name {
                addresses.extend(&node.addresses);
            }
        }
        addresses
    }

    /// N8: a rule without ports matches every port of every protocol. N29: what a pod declares limits nothing.
    fn rule_matches_port(
        &self,
        rule: &PolicyRule,
        destination: &Endpoint,
        protocol: Protocol,
        port: u16,
    ) -> bool {
        match &rule.ports {
            None => true,
            Some(ports) => {
                ports.iter().any(|element| self.port_matches(element, destination, protocol, port))
            }
        }
    }

    /// N23 to N28: one element of `ports`.
    fn port_matches(
        &self,
        element: &PolicyPort,
        destination: &Endpoint,
        protocol: Protocol,
        port: u16,
    ) -> bool {
        if element.protocol != protocol {
            return false;
        }
        match &element.port {
            // N24.
            PortMatch::All => true,
            PortMatch::Number(number) => *number == port,
            // N25: an implementation without endPort applies the first port alone.
            PortMatch::Range(first, _) if self.is_strict() => *first == port,
            PortMatch::Range(first, last) => *first <= port && port <= *last,
            PortMatch::Named(name) => self.name_means(name, destination, protocol, port),
        }
    }

    /// N26, N27: a port name means what the destination pod's containers say, in both directions. N28: an address outside
    /// has no port names. N30: whether names on sidecars and init containers count is open, and so is which of two numbers
    /// counts that containers of one pod give a name.
    fn name_means(&self, name: &str, destination: &Endpoint, protocol: Protocol, port: u16) -> bool {
        let Some(pod) = destination.pod() else {
            return false;
        };
        let means = |declared: &ContainerPort| {
            declared.name.as_deref() == Some(name) && declared.protocol == protocol
        };
        let elsewhere = pod.ports.iter().any(|declared| means(declared) && declared.number != port);
        pod.ports.iter().any(|declared| {
            means(declared)
                && declared.number == port
                && (declared.container == ContainerRole::Main || self.is_permissive())
                && !(elsewhere && self.is_strict())
        })
    }
}

/// N32: a pod always reaches itself. N34: another replica of its workload is another pod.
fn is_self_traffic(source: &Endpoint, destination: &Endpoint) -> bool {
    match (source, destination) {
        (Endpoint::Pod(source), Endpoint::Pod(destination)) => source.identity == destination.identity,
        _ => false,
    }
}
