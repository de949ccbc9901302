//! A snapshot as one reading sees it: which policies are in force, and how open points are resolved.

use crate::admitted::{Admitted, Standards};
use crate::creatable::Creatable;
use crate::direction::Direction;
use crate::profile::{Fault, all_are_names};
use crate::region::LabelSpace;
use crate::rule::Ports;
use crate::space::AddressSpace;
use crate::world::World;
use crate::{Profile, Reading, Refused, Rights};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use watertight_base::{
    AddressSet, ConnectionSet, LabelBox, Labels, Operator, PortSet, Requirement, Selector,
};
use watertight_model::{
    Admission, ContainerPort, ContainerRole, Namespace, NamespaceId, NamespaceScope, NetworkPolicy, Node,
    Pod, PodSecurity, PortMatch, Relation, Snapshot, TierPortKind,
};

/// A policy in force.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Active<'a> {
    /// The policy.
    pub(crate) policy: &'a NetworkPolicy,
    /// Whether its isolation counts.
    pub(crate) isolates: bool,
    /// Whether what it allows counts. A policy that may or may not be there is read by half: in `may` only what it
    /// allows counts, in `must` only what it isolates.
    pub(crate) allows: bool,
}

/// Whether something is so, as far as the input tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Certainty {
    No,
    Maybe,
    Yes,
}

impl Certainty {
    /// What is known for certain.
    pub(crate) fn of(known: bool) -> Self {
        if known { Self::Yes } else { Self::No }
    }

    /// Whether both are so.
    pub(crate) fn and(self, other: Self) -> Self {
        self.min(other)
    }
}

/// How surely a selector selects a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NamespaceMatch {
    /// By the labels that it has, or by any that it could have.
    Known,
    /// Only if it has such labels, which the input neither shows nor excludes (convention 9).
    Assumed(Labels),
}

/// What selects the namespaces that enforce at least `baseline`, in its latest version.
pub(crate) fn kept_levels() -> [Selector; 2] {
    let one = |key: &str, operator, values: &[&str]| Selector {
        requirements: vec![Requirement {
            key: key.to_owned(),
            operator,
            values: values.iter().map(|&value| value.to_owned()).collect(),
        }],
    };
    [
        one(PodSecurity::ENFORCE, Operator::In, &["baseline", "restricted"]),
        one(PodSecurity::ENFORCE_VERSION, Operator::DoesNotExist, &[]),
    ]
}

/// The selector of the namespace of that name.
fn own_name(name: &str) -> Selector {
    Selector::label(Namespace::NAME_LABEL, name)
}

/// A snapshot under one reading.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) profile: Profile,
    pub(crate) permissive: bool,
    pub(crate) space: AddressSpace,
    pub(crate) standards: Standards,
    doubts_namespaces: bool,
    // The labels of namespaces of which more is known than that they are not known.
    labels_within: BTreeMap<NamespaceId, LabelBox>,
    // By namespace: whether its policies are whatever those who live there want.
    disowned: Vec<bool>,
    // By namespace: the policies in force there.
    policies: Vec<Vec<Active<'a>>>,
    /// At least one; the first is the plain one.
    pub(crate) worlds: Vec<World<'a>>,
    /// Which pods could be created.
    pub(crate) creatable: Creatable<'a>,
    /// Namespaces besides those of the hostile side in which it writes what proxies go by.
    pub(crate) published: Vec<NamespaceId>,
    /// Who may write what proxies go by, if that is known.
    pub(crate) rights: Option<Arc<Rights>>,
}

impl<'a> View<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, reading: &Reading) -> Self {
        let permissive = reading.relation == Relation::May || !reading.profile.two_relations;
        let mut policies = vec![Vec::new(); snapshot.namespaces.len()];
        for policy in &snapshot.policies {
            if reading.without_policies_of.contains(&policy.namespace) {
                continue;
            }
            let doubted = reading.profile.doubts_refused && policy.admission != Admission::Accepted;
            let (isolates, allows) = match reading.refused {
                _ if !doubted => (true, true),
                Refused::With => (true, true),
                Refused::Without => continue,
                Refused::Either => (!permissive, permissive),
            };
            policies[policy.namespace.0].push(Active { policy, isolates, allows });
        }
        let disowned = |id: &NamespaceId| reading.without_policies_of.contains(id);
        let disowned = snapshot.namespace_ids().map(|id| disowned(&id)).collect();
        let worlds = World::all(snapshot, reading);
        let doubts_namespaces = reading.profile.doubts_refused && reading.refused != Refused::With;
        let space = AddressSpace::of(snapshot);
        Self {
            snapshot,
            profile: reading.profile,
            permissive,
            space,
            standards: Standards::of(snapshot),
            doubts_namespaces,
            labels_within: reading.labels_within.iter().cloned().collect(),
            disowned,
            policies,
            worlds,
            creatable: Creatable::of(snapshot),
            published: reading.published.clone(),
            rights: reading.rights.clone(),
        }
    }

    /// The policies of a namespace that are in force in a direction: those that list it, and in a world that ignores the
    /// list, those that have rules for it (rule N5).
    pub(crate) fn policies(
        &self,
        world: &World<'_>,
        namespace: NamespaceId,
        direction: Direction,
    ) -> impl Iterator<Item = Active<'a>> {
        let unlisted = world.has(Fault::UnlistedRules);
        let in_force = move |active: &Active<'a>| {
            direction.isolates(active.policy) || (unlisted && !direction.rules(active.policy).is_empty())
        };
        self.policies[namespace.0].iter().copied().filter(in_force)
    }

    /// The policies of a namespace that are there or may be.
    pub(crate) fn every_policy(&self, namespace: NamespaceId) -> impl Iterator<Item = &'a NetworkPolicy> {
        self.policies[namespace.0].iter().map(|active| active.policy)
    }

    /// The policies of a namespace that are there, whatever they isolate.
    pub(crate) fn all_policies(&self, namespace: NamespaceId) -> impl Iterator<Item = &'a NetworkPolicy> {
        self.policies[namespace.0].iter().filter(|active| active.allows).map(|active| active.policy)
    }

    /// Whether the Baseline tier is asked about pods of a namespace. Whoever may write the namespace's policies can keep it
    /// from being asked: a NetworkPolicy that allows everything is final (rule N63).
    pub(crate) fn asks_baseline(&self, namespace: NamespaceId) -> bool {
        !(self.permissive && self.disowned[namespace.0])
    }

    /// Whether a pod may come to a namespace that some levels of Pod Security refuse. One whose labels are not known may
    /// enforce nothing, unless it is known that it keeps a level of the latest version.
    pub(crate) fn admitted(&self, namespace: NamespaceId) -> Admitted {
        match (self.labels(namespace), self.labels_within.get(&namespace)) {
            (None, Some(within)) if kept_levels().iter().all(|kept| within.avoid(kept).is_empty()) => {
                self.standards.at_least_baseline()
            }
            (labels, _) => self.standards.admit(labels),
        }
    }

    /// Whether the pod is its node, as far as the network goes.
    pub(crate) fn on_host_network(&self, pod: &Pod) -> bool {
        self.profile.nodes && pod.host_network.is_some()
    }

    /// Whether policies apply to hostNetwork pods that they select (rule N37): not, where that opens more.
    pub(crate) fn covers_host_network(&self) -> bool {
        self.profile.covers_host_network.holds(!self.permissive)
    }

    /// Whether the namespaces of a peer hold this one. For labels that are not known: whether they could (convention
    /// 9), which is what opens more.
    pub(crate) fn in_scope(
        &self,
        policy: &NetworkPolicy,
        scope: &NamespaceScope,
        namespace: NamespaceId,
    ) -> bool {
        match scope {
            NamespaceScope::Own => policy.namespace == namespace,
            NamespaceScope::Selected(selector) => self.namespace_match(selector, namespace).is_some(),
        }
    }

    /// The labels that a namespace surely has; `None` if they are not known, or are those of an object that may not be
    /// there (convention 6).
    pub(crate) fn labels(&self, namespace: NamespaceId) -> Option<&'a Labels> {
        let namespace = self.snapshot.namespace(namespace);
        let doubted = self.doubts_namespaces && namespace.admission != Admission::Accepted;
        namespace.labels.as_ref().filter(|_| !doubted)
    }

    /// Whether the selector selects the namespace; `None` if it does not.
    pub(crate) fn namespace_match(
        &self,
        selector: &Selector,
        namespace: NamespaceId,
    ) -> Option<NamespaceMatch> {
        let space = self.namespace_space(namespace);
        match space.certainty(selector) {
            Certainty::No => None,
            Certainty::Yes => Some(NamespaceMatch::Known),
            Certainty::Maybe => {
                let could = space.select(selector).filter(|_| self.permissive)?;
                Some(NamespaceMatch::Assumed(could.witness().into_owned()))
            }
        }
    }

    /// Whether the selector selects the namespace, whatever the relation.
    pub(crate) fn namespace_certainty(&self, selector: &Selector, namespace: NamespaceId) -> Certainty {
        self.namespace_space(namespace).certainty(selector)
    }

    /// The labels that a namespace may have.
    pub(crate) fn namespace_space(&self, namespace: NamespaceId) -> LabelSpace<'a> {
        if let Some(labels) = self.labels(namespace) {
            return LabelSpace::Exactly(Cow::Borrowed(labels));
        }
        let name = &self.snapshot.namespace(namespace).name;
        let named = Labels::from([(Namespace::NAME_LABEL.to_owned(), name.clone())]);
        let within = LabelBox::exactly(&named, [Namespace::NAME_LABEL.to_owned()]);
        if let Some(given) = self.labels_within.get(&namespace) {
            return LabelSpace::Within(given.select(&own_name(name)).unwrap_or(within));
        }
        if !self.profile.unknown_labels {
            // Where the files are read alone, labels that they don't show are none.
            return LabelSpace::Exactly(Cow::Owned(named));
        }
        LabelSpace::Within(within)
    }

    /// What a rule's ports allow on a destination: `names` gives the connections behind a port name (rules N23 to N28,
    /// N69).
    pub(crate) fn ports(
        &self,
        world: &World<'_>,
        ports: Ports<'_>,
        names: impl Fn(&str) -> ConnectionSet,
    ) -> ConnectionSet {
        let union = |entries: &mut dyn Iterator<Item = ConnectionSet>| {
            entries.fold(ConnectionSet::empty(), |all, entry| all.union(&entry))
        };
        match ports {
            Ports::Network(None) | Ports::Tier(None) => ConnectionSet::full(),
            Ports::Network(Some(entries))
                if world.has(Fault::UnreliablePortNames) && all_are_names(entries) =>
            {
                ConnectionSet::full()
            }
            Ports::Network(Some(entries)) => union(&mut entries.iter().map(|entry| {
                let ports = match &entry.port {
                    PortMatch::All => PortSet::full(),
                    PortMatch::Number(port) => PortSet::single(*port),
                    PortMatch::Range(first, last) if self.profile.end_port.holds(self.permissive) => {
                        PortSet::range(*first, *last)
                    }
                    PortMatch::Range(first, _) => PortSet::single(*first),
                    PortMatch::Named(name) => names(name).ports(entry.protocol).clone(),
                };
                ConnectionSet::of(entry.protocol, ports)
            })),
            Ports::Tier(Some(entries)) => union(&mut entries.iter().map(|entry| match &entry.kind {
                TierPortKind::All(protocol) => ConnectionSet::of(*protocol, PortSet::full()),
                TierPortKind::Number(protocol, port) => ConnectionSet::of(*protocol, PortSet::single(*port)),
                TierPortKind::Range(protocol, first, last) => {
                    ConnectionSet::of(*protocol, PortSet::range(*first, *last))
                }
                TierPortKind::Named(name) => names(name),
            })),
        }
    }

    /// The connections behind a port name of a pod, of every protocol (rules N26, N27, N30). Where containers give one
    /// name two numbers of a protocol, implementations differ on which one counts: in `may` both, in `must` neither.
    pub(crate) fn named_port(&self, pod: &Pod, name: &str) -> ConnectionSet {
        let init = self.profile.init_port_names.holds(self.permissive);
        let named = || pod.ports.iter().filter(|port| port.name.as_deref() == Some(name));
        let unsure = |port: &ContainerPort| {
            let other =
                |other: &ContainerPort| other.protocol == port.protocol && other.number != port.number;
            !self.permissive && named().any(other)
        };
        let seen = named().filter(|port| (port.container == ContainerRole::Main || init) && !unsure(port));
        seen.fold(ConnectionSet::empty(), |all, port| {
            all.union(&ConnectionSet::of(port.protocol, PortSet::single(port.number)))
        })
    }

    /// Where a pod with a network of its own can be dialled: at the addresses that are known, else wherever pods are. Where
    /// the files are read alone, that is some IPv4 address, of which no network is known to hold it but that of all.
    pub(crate) fn addresses_of(&self, pod: Option<&Pod>) -> AddressSet {
        let known = known_addresses(pod.map_or(&[], |pod| &pod.addresses));
        if !self.profile.ipv6 {
            let known = known.intersection(&AddressSet::all_v4());
            return if known.is_empty() { AddressSet::address(Ipv4Addr::UNSPECIFIED.into()) } else { known };
        }
        if known.is_empty() { self.space.pods.clone() } else { known }
    }

    /// Whether a pod's address may be in `block` (rule N43): the known ones are asked; of an unknown one, whether any
    /// pod could have it (convention 13).
    pub(crate) fn block_holds_pod(&self, block: &AddressSet, pod: &Pod) -> bool {
        if self.on_host_network(pod) {
            let node = pod.scheduling.node_name.as_deref().and_then(|name| self.node_named(name));
            return match node {
                Some(node) if pod.addresses.is_empty() => self.block_holds_node(block, node),
                _ => self.block_holds_node_address(block, &pod.addresses),
            };
        }
        let matches = self.profile.ip_block_matches_pods.holds(self.permissive);
        matches && self.holds_of(block, &self.space.pods, &pod.addresses)
    }

    /// Whether a block holds an end: in `may` if it holds one of the known addresses, or where none is known, one that it
    /// may have; in `must` if it holds all of them (rule N46).
    fn holds_of(&self, block: &AddressSet, space: &AddressSet, known: &[IpAddr]) -> bool {
        match (self.permissive, known.is_empty()) {
            (true, true) => block.meets(space),
            (false, true) => space.is_subset(block),
            (true, false) => known.iter().any(|&address| block.contains(address)),
            (false, false) => known.iter().all(|&address| block.contains(address)),
        }
    }

    /// Whether pods may have addresses in `block`.
    pub(crate) fn block_may_hold_pods(&self, block: &AddressSet) -> bool {
        self.profile.ip_block_matches_pods.holds(self.permissive) && block.meets(&self.space.pods)
    }

    /// Whether a node's address may be in `block` (rule N36).
    pub(crate) fn block_holds_node(&self, block: &AddressSet, node: &Node) -> bool {
        self.block_holds_node_address(block, &node.addresses)
    }

    /// The address that a node is known by, or that of its tunnel in the pod network.
    fn block_holds_node_address(&self, block: &AddressSet, known: &[IpAddr]) -> bool {
        let matches = self.profile.nodes && self.profile.ip_block_matches_nodes.holds(self.permissive);
        let by_tunnel = match self.permissive {
            true => !known.is_empty() && block.meets(&self.space.pods),
            false => !known.is_empty() && !self.space.pods.is_subset(block),
        };
        let holds = self.holds_of(block, &self.space.nodes, known);
        matches && if self.permissive { holds || by_tunnel } else { holds && !by_tunnel }
    }

    /// Whether nodes may have addresses in `block`.
    pub(crate) fn block_may_hold_nodes(&self, block: &AddressSet) -> bool {
        self.profile.nodes
            && self.profile.ip_block_matches_nodes.holds(self.permissive)
            && block.meets(&self.space.nodes)
    }

    pub(crate) fn node_named(&self, name: &str) -> Option<&'a Node> {
        self.snapshot.nodes.iter().find(|node| node.name == name)
    }
}

/// Some addresses as a set.
pub(crate) fn known_addresses(addresses: &[IpAddr]) -> AddressSet {
    addresses.iter().copied().collect()
}

/// The addresses of an ipBlock: the network without its own exceptions (rule N44).
pub(crate) fn block_addresses(cidr: ipnet::IpNet, except: &[ipnet::IpNet]) -> AddressSet {
    except.iter().fold(AddressSet::cidr(cidr), |left, &hole| left.difference(&AddressSet::cidr(hole)))
}
