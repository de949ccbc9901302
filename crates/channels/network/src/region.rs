//! Sets of connections between pods that could exist, and the search for one that nothing stops.
//!
//! A region is a product: what the labels, the namespace's labels and the address of each end may be, times ports. What
//! a rule is about is a product too. So "is there a connection in this region that none of these rules is about?" is
//! answered exactly, with a witness: take a point; if a rule is about it, cut what the rule is about out of the region,
//! side by side, and go on with what is left.

use crate::rule::Ports;
use crate::view::{Certainty, View, known_addresses};
use crate::world::World;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watertight_base::{AddressSet, ConnectionSet, LabelBox, Labels, PortSet, Protocol, Selector};
use watertight_model::{NamespaceId, Pod, PortMatch, TierPortKind};

/// Label maps: one that is there, or all that could be.
#[derive(Debug, Clone)]
pub(crate) enum LabelSpace<'a> {
    Exactly(Cow<'a, Labels>),
    Within(LabelBox),
}

impl LabelSpace<'_> {
    /// Those that the selector selects, or `None` if there are none.
    pub(crate) fn select(&self, selector: &Selector) -> Option<Self> {
        match self {
            Self::Exactly(labels) => selector.matches(labels).then(|| self.clone()),
            Self::Within(space) => space.select(selector).map(Self::Within),
        }
    }

    /// Those that it does not select, as disjoint parts.
    pub(crate) fn avoid(&self, selector: &Selector) -> Vec<Self> {
        match self {
            Self::Exactly(labels) if selector.matches(labels) => Vec::new(),
            Self::Exactly(_) => vec![self.clone()],
            Self::Within(space) => space.avoid(selector).into_iter().map(Self::Within).collect(),
        }
    }

    /// Whether the selector selects all of them, some or none.
    pub(crate) fn certainty(&self, selector: &Selector) -> Certainty {
        match self {
            Self::Exactly(labels) => Certainty::of(selector.matches(labels)),
            Self::Within(space) => match space.select(selector) {
                None => Certainty::No,
                Some(_) if space.avoid(selector).is_empty() => Certainty::Yes,
                Some(_) => Certainty::Maybe,
            },
        }
    }

    /// One of them, with as few labels as possible.
    pub(crate) fn witness(&self) -> Cow<'_, Labels> {
        match self {
            Self::Exactly(labels) => Cow::Borrowed(labels),
            Self::Within(space) => Cow::Owned(space.witness()),
        }
    }
}

/// One thing that a rule asks of an end.
#[derive(Debug, Clone)]
pub(crate) enum Asks<'a> {
    /// That the namespace's labels are selected.
    Namespace(&'a Selector),
    /// That the pod's labels are selected.
    Labels(&'a Selector),
    /// That its address is one of these.
    Address(AddressSet),
}

impl Asks<'_> {
    /// Whether it asks nothing.
    pub(crate) fn is_everything(&self) -> bool {
        match self {
            Self::Namespace(selector) | Self::Labels(selector) => selector.is_everything(),
            Self::Address(_) => false,
        }
    }
}

/// What one end of a connection may be.
#[derive(Debug, Clone)]
pub(crate) struct EndSpace<'a> {
    namespace: LabelSpace<'a>,
    labels: LabelSpace<'a>,
    addresses: AddressSet,
    // Whether more was asked than what is known of it: then the witness has to say it.
    namespace_asked: bool,
    address_asked: bool,
}

impl<'a> EndSpace<'a> {
    /// Every pod that could be created in a namespace; `None` if none could.
    pub(crate) fn future((view, world): Under<'_, 'a>, namespace: NamespaceId) -> Option<Self> {
        let labels = LabelSpace::Within(world.seen_of(view.creatable.labels(namespace)?));
        Some(Self::new(view.namespace_space(namespace), labels, view.addresses_of(None)))
    }

    /// More than any pod of a namespace may be, of today or still to come: whatever labels there are, and whatever address
    /// the cluster has.
    pub(crate) fn anything((view, world): Under<'_, 'a>, namespace: NamespaceId) -> Self {
        let labels = LabelSpace::Within(world.seen_of(&LabelBox::everything()));
        let addresses = view.addresses_of(None).union(&view.space.nodes);
        Self::new(view.namespace_space(namespace), labels, addresses)
    }

    /// One pod of today, wherever its address may be if it is not known.
    pub(crate) fn today((view, world): Under<'_, 'a>, pod: &'a Pod) -> Self {
        let labels = LabelSpace::Exactly(world.seen(&pod.labels));
        Self::new(view.namespace_space(pod.namespace), labels, view.addresses_of(Some(pod)))
    }

    /// A pod of today on the host network, at the addresses of its node.
    pub(crate) fn on_host(view: &View<'a>, pod: &'a Pod) -> Self {
        let node = pod.scheduling.node_name.as_deref().and_then(|name| view.node_named(name));
        let known = known_addresses(node.map_or(&[], |node| &node.addresses));
        let known = known.union(&known_addresses(&pod.addresses));
        let addresses = match known.is_empty() {
            true => view.space.nodes.clone(),
            // The node's tunnel has an address in the pod network.
            false => known.union(&view.space.pods),
        };
        Self { addresses, ..Self::node(view) }
    }

    /// Any node, as the one whose address a connection arrives under.
    pub(crate) fn node(view: &View<'a>) -> Self {
        let nothing = || LabelSpace::Exactly(Cow::Owned(Labels::new()));
        Self::new(nothing(), nothing(), view.space.nodes.clone())
    }

    fn new(namespace: LabelSpace<'a>, labels: LabelSpace<'a>, addresses: AddressSet) -> Self {
        Self { namespace, labels, addresses, namespace_asked: false, address_asked: false }
    }

    /// What labels the pods may have, if they are not just some.
    pub(crate) fn label_box(&self) -> Option<&LabelBox> {
        match &self.labels {
            LabelSpace::Within(labels) => Some(labels),
            LabelSpace::Exactly(_) => None,
        }
    }

    /// It as selectors see it that do not see these keys of a pod's labels.
    pub(crate) fn hiding(self, keys: &[&str]) -> Self {
        let labels = match self.labels {
            LabelSpace::Exactly(labels) => {
                let seen = labels.iter().filter(|(key, _)| !keys.contains(&key.as_str()));
                let seen = seen.map(|(key, value)| (key.clone(), value.clone()));
                LabelSpace::Exactly(Cow::Owned(seen.collect()))
            }
            LabelSpace::Within(space) => LabelSpace::Within(space.hiding(keys)),
        };
        Self { labels, ..self }
    }

    /// What is left of it where this is so; `None` if nothing is.
    pub(crate) fn select(mut self, asks: &Asks<'_>) -> Option<Self> {
        match asks {
            Asks::Namespace(selector) => {
                self.namespace_asked |= self.namespace.certainty(selector) == Certainty::Maybe;
                self.namespace = self.namespace.select(selector)?;
            }
            Asks::Labels(selector) => self.labels = self.labels.select(selector)?,
            Asks::Address(addresses) => {
                self.address_asked = true;
                self.addresses = self.addresses.intersection(addresses);
            }
        }
        (!self.addresses.is_empty()).then_some(self)
    }

    /// What is left of it where this is not so, in parts.
    pub(crate) fn avoid(&self, asks: &Asks<'_>) -> Vec<Self> {
        match asks {
            Asks::Namespace(selector) => {
                let parts = self.namespace.avoid(selector).into_iter();
                let asked = self.namespace_asked || self.namespace.certainty(selector) == Certainty::Maybe;
                parts.map(|namespace| Self { namespace, namespace_asked: asked, ..self.clone() }).collect()
            }
            Asks::Labels(selector) => {
                let parts = self.labels.avoid(selector).into_iter();
                parts.map(|labels| Self { labels, ..self.clone() }).collect()
            }
            Asks::Address(addresses) => {
                let addresses = self.addresses.difference(addresses);
                let part = Self { addresses, address_asked: true, ..self.clone() };
                if part.addresses.is_empty() { Vec::new() } else { vec![part] }
            }
        }
    }

    /// Whether all of it is so.
    pub(crate) fn is_within<'s>(&self, mut asks: impl Iterator<Item = &'s Asks<'s>>) -> bool {
        asks.all(|asks| self.avoid(asks).is_empty())
    }

    fn point(&self) -> EndPoint<'_> {
        EndPoint {
            namespace: self.namespace.witness(),
            labels: self.labels.witness(),
            address: self.addresses.first(),
        }
    }

    /// Labels of the namespace that the input does not show, if some have to be assumed.
    fn assumed(&self) -> Option<Labels> {
        self.namespace_asked.then(|| self.namespace.witness().into_owned())
    }
}

/// One point of an [`EndSpace`].
struct EndPoint<'r> {
    namespace: Cow<'r, Labels>,
    labels: Cow<'r, Labels>,
    address: Option<IpAddr>,
}

impl EndPoint<'_> {
    fn meets(&self, asks: &Asks<'_>) -> bool {
        match asks {
            Asks::Namespace(selector) => selector.matches(&self.namespace),
            Asks::Labels(selector) => selector.matches(&self.labels),
            Asks::Address(addresses) => self.address.is_some_and(|address| addresses.contains(address)),
        }
    }
}

/// Which end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Where it is opened.
    Source,
    /// Where it goes.
    Target,
    /// The source as the target's side sees it, if that differs: a node that the connection comes through (rule N40).
    Arrival,
}

/// What port names mean on the target.
#[derive(Debug, Clone)]
pub(crate) enum Names<'a> {
    /// What a pod of today says.
    Of(&'a Pod),
    /// It is no pod, and no name means anything there (rule N28).
    Nothing,
    /// These names stand for the connection's own port, and no other name is there: its creator picks names and numbers
    /// (rule N26).
    Chosen(BTreeSet<(&'a str, Protocol)>),
}

/// What a rule stops: everything of which all this is so, on these ports.
#[derive(Debug, Clone)]
pub(crate) struct Block<'a> {
    pub(crate) asks: Vec<(Side, Asks<'a>)>,
    pub(crate) ports: Ports<'a>,
}

/// What a region is looked at under.
pub(crate) type Under<'v, 'a> = (&'v View<'a>, &'v World<'a>);

/// A product of what both ends may be, and ports.
#[derive(Debug, Clone)]
pub(crate) struct Region<'a> {
    pub(crate) source: EndSpace<'a>,
    pub(crate) target: EndSpace<'a>,
    pub(crate) arrival: Option<EndSpace<'a>>,
    pub(crate) ports: ConnectionSet,
    pub(crate) names: Names<'a>,
}

/// A connection that nothing stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Passing {
    pub(crate) source: PassingEnd,
    pub(crate) target: PassingEnd,
    /// The address under which it arrives, if not its own.
    pub(crate) arrives_from: Option<IpAddr>,
    /// All ports that pass between these ends.
    pub(crate) ports: ConnectionSet,
    /// The names that the target's container ports must have.
    pub(crate) names: BTreeMap<String, (Protocol, u16)>,
}

/// One end of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PassingEnd {
    /// The pod's labels.
    pub(crate) labels: Labels,
    /// Labels that the namespace must have, where the input does not show that it has them.
    pub(crate) assumed: Option<Labels>,
    /// Its address, if that matters.
    pub(crate) address: Option<IpAddr>,
}

/// The bound on the search was reached, so that nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Undecided;

impl<'a> Region<'a> {
    fn end(&self, side: Side) -> &EndSpace<'a> {
        match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
            Side::Arrival => self.arrival.as_ref().unwrap_or(&self.source),
        }
    }

    fn with(&self, side: Side, end: EndSpace<'a>) -> Self {
        let mut region = self.clone();
        match side {
            Side::Target => region.target = end,
            Side::Arrival if region.arrival.is_some() => region.arrival = Some(end),
            Side::Source | Side::Arrival => region.source = end,
        }
        region
    }

    /// What is left of it where this is so.
    fn select(&self, side: Side, asks: &Asks<'_>) -> Option<Self> {
        let end = self.end(side).clone().select(asks)?;
        Some(self.with(side, end))
    }

    /// What a rule's ports are on the target of this region.
    fn ports_of(&self, (view, world): Under<'_, '_>, ports: Ports<'_>) -> ConnectionSet {
        view.ports(world, ports, |name| match &self.names {
            Names::Of(pod) => match ports {
                Ports::Network(_) => view.named_port(pod, name),
                Ports::Tier(_) => world.named_port(pod, name),
            },
            Names::Nothing => ConnectionSet::empty(),
            Names::Chosen(names) => {
                let protocols = names.iter().filter(|(chosen, _)| *chosen == name);
                protocols.fold(ConnectionSet::empty(), |all, &(_, protocol)| {
                    all.union(&ConnectionSet::of(protocol, PortSet::full()))
                })
            }
        })
    }

    /// Looks for a connection in it that all of `needs` are about and none of `blocks`.
    pub(crate) fn pass(
        self,
        under: Under<'_, 'a>,
        needs: &[&Block<'a>],
        blocks: &[&Block<'a>],
        budget: &mut usize,
    ) -> Result<Option<Passing>, Undecided> {
        let mut asks = needs.iter().flat_map(|block| &block.asks);
        let within = asks.try_fold(self, |region, (side, asks)| region.select(*side, asks));
        let Some(within) = within else { return Ok(None) };
        for region in within.on_ports(under, needs.iter().map(|block| block.ports)) {
            if let Some(passing) = region.search(under, blocks, budget)? {
                return Ok(Some(passing));
            }
        }
        Ok(None)
    }

    /// The parts of it on the ports of all these rules: several, where port names on a pod that could be created can be
    /// chosen in several ways.
    fn on_ports(self, under: Under<'_, '_>, rules: impl Iterator<Item = Ports<'a>>) -> Vec<Self> {
        let mut regions = vec![self];
        for ports in rules {
            let narrowed = regions.iter().flat_map(|region| region.on_port(under, ports));
            regions = narrowed.filter(|region| !region.ports.is_empty()).collect();
        }
        regions
    }

    fn on_port(&self, under: Under<'_, '_>, ports: Ports<'a>) -> Vec<Self> {
        let Names::Chosen(names) = &self.names else {
            let ports = self.ports.intersection(&self.ports_of(under, ports));
            return vec![Self { ports, ..self.clone() }];
        };
        let choices = port_choices(under, ports).into_iter();
        let region = |(choice, name): (ConnectionSet, Option<(&'a str, Protocol)>)| {
            let names = Names::Chosen(names.iter().copied().chain(name).collect());
            Self { ports: self.ports.intersection(&choice), names, ..self.clone() }
        };
        choices.map(region).collect()
    }

    /// Looks for a connection in it that none of the blocks stops. It takes from `budget` as many units as it asks
    /// blocks.
    fn search(
        self,
        under: Under<'_, '_>,
        blocks: &[&Block<'a>],
        budget: &mut usize,
    ) -> Result<Option<Passing>, Undecided> {
        let mut left = vec![self];
        while let Some(region) = left.pop() {
            *budget = budget.checked_sub(blocks.len() + 1).ok_or(Undecided)?;
            let Some((protocol, port)) = region.ports.first() else { continue };
            let ends = [Side::Source, Side::Target, Side::Arrival].map(|side| region.end(side).point());
            let covers =
                |block: &&&Block<'a>| block.asks.iter().all(|(side, asks)| ends[*side as usize].meets(asks));
            let stops = |block: &&&Block<'a>| {
                covers(block) && region.ports_of(under, block.ports).contains(protocol, port)
            };
            match blocks.iter().find(stops) {
                Some(block) => left.extend(region.without(under, block)),
                None => {
                    let stopped = blocks.iter().filter(covers);
                    let stopped = stopped.map(|block| region.ports_of(under, block.ports));
                    let ports = stopped.fold(region.ports.clone(), |ports, less| ports.difference(&less));
                    return Ok(Some(region.passing(ports, (protocol, port))));
                }
            }
        }
        Ok(None)
    }

    /// The parts of this region that a block does not stop; it does stop a point of it.
    fn without(&self, under: Under<'_, '_>, block: &Block<'a>) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut inside = self.clone();
        for (side, asks) in &block.asks {
            parts.extend(inside.end(*side).avoid(asks).into_iter().map(|end| inside.with(*side, end)));
            match inside.select(*side, asks) {
                Some(narrower) => inside = narrower,
                None => return parts,
            }
        }
        let ports = inside.ports.difference(&inside.ports_of(under, block.ports));
        parts.push(Self { ports, ..inside });
        parts
    }

    fn passing(&self, ports: ConnectionSet, first: (Protocol, u16)) -> Passing {
        let end = |end: &EndSpace<'_>| PassingEnd {
            labels: end.labels.witness().into_owned(),
            assumed: end.assumed(),
            address: end.addresses.first().filter(|at| end.address_asked && !at.is_unspecified()),
        };
        let names = match &self.names {
            Names::Of(_) | Names::Nothing => BTreeMap::new(),
            Names::Chosen(names) => names.iter().map(|&(name, _)| (name.to_owned(), first)).collect(),
        };
        let (protocol, port) = first;
        let ports = if names.is_empty() { ports } else { ConnectionSet::of(protocol, PortSet::single(port)) };
        let arrives_from = self.arrival.as_ref().and_then(|arrival| arrival.addresses.first());
        Passing { source: end(&self.source), target: end(&self.target), arrives_from, ports, names }
    }
}

/// The ways to be one of a rule's ports on a pod that could be created: by number, or by each of its names.
fn port_choices<'a>(
    (view, world): Under<'_, '_>,
    ports: Ports<'a>,
) -> Vec<(ConnectionSet, Option<(&'a str, Protocol)>)> {
    let named: BTreeSet<(&'a str, Protocol)> = match ports {
        Ports::Network(entries) => {
            let entries = entries.into_iter().flatten();
            let named = entries.filter_map(|entry| match &entry.port {
                PortMatch::Named(name) => Some((name.as_str(), entry.protocol)),
                PortMatch::All | PortMatch::Number(_) | PortMatch::Range(..) => None,
            });
            named.collect()
        }
        Ports::Tier(entries) => {
            let entries = entries.into_iter().flatten();
            let names = entries.filter_map(|entry| match &entry.kind {
                TierPortKind::Named(name) => Some(name.as_str()),
                TierPortKind::All(_) | TierPortKind::Number(..) | TierPortKind::Range(..) => None,
            });
            names.flat_map(|name| Protocol::ALL.map(|protocol| (name, protocol))).collect()
        }
    };
    let by_number = view.ports(world, ports, |_| ConnectionSet::empty());
    let by_name = named
        .into_iter()
        .map(|(name, protocol)| (ConnectionSet::of(protocol, PortSet::full()), Some((name, protocol))));
    let by_number = (!by_number.is_empty()).then_some((by_number, None));
    by_number.into_iter().chain(by_name).collect()
}
