//! May this packet pass? The rules of NetworkPolicy, one after the other, between those of the admin tiers.

use crate::candidates::{node_addresses, pod_addresses};
use crate::choices::{Choices, Finality};
use crate::endpoint::{ConcretePod, Endpoint};
use crate::faults::names_all_its_ports;
use crate::matching::{block_matches, selects};
use crate::reading::{Answers, Reading};
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::net::IpAddr;
use watertight_base::{Labels, Protocol, Selector};
use watertight_model::{
    Action, Admission, ContainerPort, ContainerRole, Namespace, NamespaceScope, NetworkPolicy, PeerKind,
    PodState, PolicyPort, PolicyRule, PortMatch, Relation, Snapshot, Tier, TierPeerKind, TierRule,
};

/// Whether policies that the API server would refuse are there (convention 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refused {
    /// They are, and mean what they say.
    With,
    /// They are not.
    Without,
}

/// Which of the snapshot's policies are in force. Those of the admin tiers live in no namespace.
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
pub(crate) enum Direction {
    Egress,
    Ingress,
}

/// A packet in one world: an implementation that has made its choices, and one destination address.
pub(crate) struct Packet<'p> {
    pub(crate) source: &'p Endpoint,
    pub(crate) destination: &'p Endpoint,
    /// The address that is dialled, where it is known.
    pub(crate) address: Option<IpAddr>,
    pub(crate) protocol: Protocol,
    pub(crate) port: u16,
    pub(crate) choices: Choices,
}

impl Packet<'_> {
    /// The end whose policies decide.
    fn subject(&self, direction: Direction) -> &Endpoint {
        match direction {
            Direction::Egress => self.source,
            Direction::Ingress => self.destination,
        }
    }

    /// The end that those policies speak of.
    pub(crate) fn other(&self, direction: Direction) -> &Endpoint {
        match direction {
            Direction::Egress => self.destination,
            Direction::Ingress => self.source,
        }
    }
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
        self.allowed_under(&self.choices(destination), source, destination, protocol, port)
    }

    /// The same, under some of the [`Self::choices`] only: by one of them in may, by all of them in must.
    #[must_use]
    pub fn allowed_under(
        &self,
        choices: &[Choices],
        source: &Endpoint,
        destination: &Endpoint,
        protocol: Protocol,
        port: u16,
    ) -> bool {
        if !self.takes_part(source) || !self.takes_part(destination) {
            return false;
        }
        if is_self_traffic(source, destination) || self.is_node_local(source, destination) {
            return true;
        }
        // N2, N61: both sides must allow the same protocol and port, in the same world.
        self.holds(choices, source, destination, protocol, port, |packet| {
            self.side_allows(Direction::Egress, packet) && self.side_allows(Direction::Ingress, packet)
        })
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
        self.holds(&self.choices(destination), source, destination, protocol, port, |packet| {
            self.side_allows(Direction::Egress, packet)
        })
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
        self.holds(&self.choices(destination), source, destination, protocol, port, |packet| {
            self.side_allows(Direction::Ingress, packet)
        })
    }

    /// Every way to resolve what the reading leaves open and what makes a difference to this destination.
    #[must_use]
    pub fn choices(&self, destination: &Endpoint) -> Vec<Choices> {
        self.reading.open.choices(self.snapshot, destination)
    }

    /// Whether the answer is yes in some world, or, for must, in every one. Read alone, an address is any of those that
    /// the destination has, in both relations.
    fn holds(
        &self,
        choices: &[Choices],
        source: &Endpoint,
        destination: &Endpoint,
        protocol: Protocol,
        port: u16,
        answer: impl Fn(&Packet<'_>) -> bool,
    ) -> bool {
        let addresses = self.dialled(choices, source, destination);
        let mut worlds = choices.iter().flat_map(|&choices| {
            addresses.iter().map(move |&address| Packet {
                source,
                destination,
                address,
                protocol,
                port,
                choices,
            })
        });
        if self.is_strict() {
            worlds.all(|packet| answer(&packet))
        } else {
            worlds.any(|packet| answer(&packet))
        }
    }

    /// The addresses at which a destination can be dialled; one that is not known, if none is. Where the tiers ask what
    /// addresses the source dials, one that is not known is each of those that it could be.
    fn dialled(&self, choices: &[Choices], source: &Endpoint, destination: &Endpoint) -> Vec<Option<IpAddr>> {
        let mut addresses = self.addresses(destination);
        if !self.reading.ipv6 {
            addresses.retain(IpAddr::is_ipv4);
        }
        let counts = self.reading.two_relations
            && choices.iter().any(|choices| self.tiers_ask_for_addresses(source, choices));
        if addresses.is_empty() && counts {
            addresses = match destination.is_on_the_host() {
                true => node_addresses(self.snapshot),
                false => pod_addresses(self.snapshot),
            };
        }
        if addresses.is_empty() { vec![None] } else { addresses.into_iter().map(Some).collect() }
    }

    fn tiers_ask_for_addresses(&self, source: &Endpoint, choices: &Choices) -> bool {
        let asks =
            |rule: &TierRule| rule.peers.iter().any(|peer| matches!(peer.kind, TierPeerKind::Networks(_)));
        let Endpoint::Pod(source) = source else {
            return false;
        };
        let policies = &self.snapshot.cluster_policies;
        policies
            .iter()
            .any(|policy| policy.egress.iter().any(asks) && self.is_subject(policy, source, choices))
    }

    /// The addresses under which an end is seen. Read alone, the policies know those alone that the input shows.
    fn addresses(&self, endpoint: &Endpoint) -> Vec<IpAddr> {
        match endpoint {
            Endpoint::Outside(address) => vec![*address],
            Endpoint::Pod(pod) if self.is_rewritten(pod) => pod.seen_as.into_iter().collect(),
            Endpoint::Pod(pod) => {
                let mut addresses = pod.addresses.clone();
                // What stands for a node's address is no other address of the pod.
                addresses.extend(pod.seen_as.filter(|_| self.reading.two_relations && !pod.behind_node));
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
        }
    }

    /// N55: a finished pod neither sends nor receives; one without an address will do so some day, which is enough for
    /// may. The profile `declared` ignores nodes and IPv6, and takes a pod without an address as one that has its address.
    fn takes_part(&self, endpoint: &Endpoint) -> bool {
        match endpoint {
            Endpoint::Pod(pod) => match pod.state {
                PodState::Active => true,
                PodState::NoAddress => !self.is_strict(),
                PodState::Finished => false,
            },
            Endpoint::Outside(address) => self.reading.ipv6 || address.is_ipv4(),
            Endpoint::Node { .. } => self.reading.nodes,
        }
    }

    /// N35: traffic from a node to the pods on it is always allowed. The other way is documented as allowed, and an open
    /// point.
    fn is_node_local(&self, source: &Endpoint, destination: &Endpoint) -> bool {
        if !self.reading.nodes {
            return false;
        }
        let same_node = source.node_name().is_some() && source.node_name() == destination.node_name();
        let from_the_node = same_node && source.is_on_the_host();
        let to_the_node = same_node && destination.is_on_the_host();
        from_the_node || (to_the_node && self.opens(self.reading.pod_to_own_node))
    }

    /// N57: what the policies of one side say, tier after tier; each direction by itself.
    fn side_allows(&self, direction: Direction, packet: &Packet<'_>) -> bool {
        // Only pods are isolated.
        let Endpoint::Pod(subject) = packet.subject(direction) else {
            return true;
        };
        // N54: nothing enforces.
        if !self.reading.enforces {
            return true;
        }
        // N61: Accept and Deny are final, Pass leaves the tier. N62: no match goes on.
        match self.tier_decides(Tier::Admin, direction, subject, packet) {
            Some(Action::Accept) => return true,
            Some(Action::Deny) => return false,
            Some(Action::Pass) | None => {}
        }
        // Whoever may remove a namespace's policies may also write one that allows everything, and is final.
        if self.policies.without_namespaces.contains(&subject.namespace) {
            return true;
        }
        let baseline = || self.tier_decides(Tier::Baseline, direction, subject, packet);
        if packet.choices.faults.baseline_overrides && baseline() == Some(Action::Accept) {
            return true;
        }
        if let Some(allows) = self.network_policies_decide(direction, subject, packet) {
            return allows;
        }
        // N63.
        let is_final = packet.choices.finality == Finality::PerPod && self.is_selected(subject, packet);
        is_final || baseline() != Some(Action::Deny)
    }

    /// Whether some NetworkPolicy selects the pod, whatever its types.
    fn is_selected(&self, subject: &ConcretePod, packet: &Packet<'_>) -> bool {
        let labels = packet.choices.faults.seen(&subject.labels);
        let policies = self.policies_in_force(&subject.namespace);
        policies.iter().any(|policy| selects(&policy.subject, &labels))
    }

    /// What the NetworkPolicies on the side of `subject` say; `None` if they do not isolate it in this direction.
    fn network_policies_decide(
        &self,
        direction: Direction,
        subject: &ConcretePod,
        packet: &Packet<'_>,
    ) -> Option<bool> {
        // N37: most implementations enforce nothing on a hostNetwork pod.
        if self.is_on_a_nodes_network(subject) && !self.closes(self.reading.covers_host_network) {
            return None;
        }
        let faults = packet.choices.faults;
        let labels = faults.seen(&subject.labels);
        let mut isolated = false;
        for policy in self.policies_in_force(&subject.namespace) {
            // N1, N5: a policy isolates in the directions of its types only, and its rules for others mean nothing.
            let (applies, rules) = match direction {
                Direction::Egress => (policy.types.egress, &policy.egress),
                Direction::Ingress => (policy.types.ingress, &policy.ingress),
            };
            let applies = applies || (faults.unlisted_rules && !rules.is_empty());
            if !applies || !selects(&policy.subject, &labels) {
                continue;
            }
            isolated = true;
            // N3: one rule of one policy is enough. N6: no rule, nothing allowed.
            for rule in rules {
                if self.rule_matches_peer(rule, policy, direction, packet)
                    && self.rule_matches_port(rule, packet)
                {
                    return Some(true);
                }
            }
        }
        isolated.then_some(false)
    }

    /// Whether the relation takes what is open as done, where doing it opens something.
    fn opens(&self, answers: Answers) -> bool {
        self.reading.answer(answers, true, self.relation)
    }

    /// Whether the relation takes what is open as done, where doing it closes something.
    fn closes(&self, answers: Answers) -> bool {
        self.reading.answer(answers, false, self.relation)
    }

    /// What holds must hold in every world.
    fn is_strict(&self) -> bool {
        self.reading.is_strict(self.relation)
    }

    /// Whether a pod is more than an ordinary pod since it shares its node's network. Read alone, none is.
    pub(crate) fn is_on_a_nodes_network(&self, pod: &ConcretePod) -> bool {
        self.reading.nodes && pod.host_network
    }

    /// Whether a pod's connections arrive under a node's address.
    fn is_rewritten(&self, pod: &ConcretePod) -> bool {
        pod.behind_node && self.reading.may_rewrite_sources()
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
    fn rule_matches_peer(
        &self,
        rule: &PolicyRule,
        policy: &NetworkPolicy,
        direction: Direction,
        packet: &Packet<'_>,
    ) -> bool {
        let Some(peers) = &rule.peers else {
            return true;
        };
        peers.iter().any(|peer| match &peer.kind {
            PeerKind::Pods { namespaces, pods, pods_written: _ } => match packet.other(direction) {
                // N40: behind a node there is no pod to be seen.
                Endpoint::Pod(_) if self.comes_through_a_node(direction, packet) => false,
                Endpoint::Pod(pod) => self.selectors_match(policy, namespaces, pods, pod, packet),
                Endpoint::Outside(_) | Endpoint::Node { .. } => false,
            },
            PeerKind::IpBlock { cidr, except } => self.ip_block_matches(cidr, except, direction, packet),
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
        packet: &Packet<'_>,
    ) -> bool {
        if self.is_on_a_nodes_network(pod) && !self.opens(self.reading.selects_host_network) {
            return false;
        }
        let namespace_matches = match namespaces {
            NamespaceScope::Own => pod.namespace == self.snapshot.namespace(policy.namespace).name,
            NamespaceScope::Selected(selector) => selects(selector, &self.namespace_labels(pod)),
        };
        namespace_matches && selects(pods, &packet.choices.faults.seen(&pod.labels))
    }

    /// The labels of a pod's namespace. N17: the label with its name is always right. Convention 9: what is not known may
    /// be anything, which the world fixes; whoever asks for must asks in every world. It is nothing for `declared`.
    pub(crate) fn namespace_labels(&self, pod: &ConcretePod) -> Labels {
        let object = self.snapshot.namespaces.iter().find(|namespace| namespace.name == pod.namespace);
        let known = object.and_then(|namespace| namespace.labels.as_ref());
        let mut labels = match known {
            Some(labels) => labels.clone(),
            None if self.reading.unknown_labels => pod.assumed_namespace_labels.clone(),
            None => Labels::new(),
        };
        labels.insert(Namespace::NAME_LABEL.to_owned(), pod.namespace.clone());
        labels
    }

    /// N36, N43 to N46: whom an ipBlock means: a source under any address that it is seen under, a destination under the
    /// one that is dialled.
    fn ip_block_matches(
        &self,
        cidr: &IpNet,
        except: &[IpNet],
        direction: Direction,
        packet: &Packet<'_>,
    ) -> bool {
        let is_outside = matches!(packet.other(direction), Endpoint::Outside(_));
        // N36, N43: whether it matches pods and nodes is open, by what they are and not by which address they have.
        let matches_it = match packet.other(direction) {
            Endpoint::Outside(_) => true,
            Endpoint::Pod(pod)
                if !self.is_on_a_nodes_network(pod) && !self.comes_through_a_node(direction, packet) =>
            {
                self.opens(self.reading.ip_block_matches_pods)
            }
            Endpoint::Pod(_) | Endpoint::Node { .. } => self.opens(self.reading.ip_block_matches_nodes),
        };
        if !matches_it || (!self.reading.ipv6 && cidr.addr().is_ipv6()) {
            return false;
        }
        let matches = |address: &IpAddr| block_matches(cidr, except, *address);
        match direction {
            Direction::Egress => packet.address.as_ref().is_some_and(matches),
            Direction::Ingress => {
                let seen = self.addresses(packet.source);
                if is_outside || !self.is_strict() {
                    return seen.iter().any(matches);
                }
                // N46: it comes from any address that it has of the family that it dials.
                let is_possible = |address: &&IpAddr| {
                    packet.address.is_none_or(|dialled| dialled.is_ipv4() == address.is_ipv4())
                };
                let mut possible = seen.iter().filter(is_possible).peekable();
                possible.peek().is_some() && possible.all(matches)
            }
        }
    }

    /// Whether the other end is seen as the node that it comes through (rule N40). Read alone, the policies know no nodes.
    pub(crate) fn comes_through_a_node(&self, direction: Direction, packet: &Packet<'_>) -> bool {
        direction == Direction::Ingress && packet.source.pod().is_some_and(|pod| self.is_rewritten(pod))
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
    fn rule_matches_port(&self, rule: &PolicyRule, packet: &Packet<'_>) -> bool {
        let Some(ports) = &rule.ports else {
            return true;
        };
        (packet.choices.faults.unreliable_port_names && names_all_its_ports(rule))
            || ports.iter().any(|element| self.port_matches(element, packet))
    }

    /// N23 to N28: one element of `ports`.
    fn port_matches(&self, element: &PolicyPort, packet: &Packet<'_>) -> bool {
        let Packet { destination, protocol, port, .. } = *packet;
        if element.protocol != protocol {
            return false;
        }
        match &element.port {
            // N24.
            PortMatch::All => true,
            PortMatch::Number(number) => *number == port,
            // N25: an implementation without endPort applies the first port alone.
            PortMatch::Range(first, _) if !self.opens(self.reading.end_port) => *first == port,
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
        let side_names = self.reading.side_names_count;
        let means = |declared: &ContainerPort| {
            declared.name.as_deref() == Some(name) && declared.protocol == protocol
        };
        // Some implementation takes it to mean this number: any of several, where it could count.
        let elsewhere = pod.ports.iter().any(|declared| {
            means(declared)
                && declared.number != port
                && (declared.container == ContainerRole::Main || side_names.contains(&true))
        });
        pod.ports.iter().any(|declared| {
            means(declared)
                && declared.number == port
                && (declared.container == ContainerRole::Main || self.opens(side_names))
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
