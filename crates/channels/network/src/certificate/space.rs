//! A box of connections: what may be a source, times what may be a target, times ports. What policies are about is
//! compared with all of it at once: all of it, none, or a part, and by what a part can be cut off.

use crate::region::{Asks, Block, EndSpace, Side, Under};
use crate::rule::Ports;
use std::collections::BTreeMap;
use watertight_base::{AddressSet, ConnectionSet, PortSet, Protocol, Requirement, Selector};
use watertight_model::{Cut, CutAddresses, CutLabels, CutPorts, PolicySide, PortMatch, TierPortKind};

/// A box. An end that is `None` was cut away.
#[derive(Debug, Clone)]
pub(super) struct Space<'a> {
    /// Who opens the connection.
    pub(super) sources: Vec<Option<EndSpace<'a>>>,
    /// Where it goes in the end.
    pub(super) targets: Vec<Option<EndSpace<'a>>>,
    /// The node that is dialled in the target's place, with the ports there.
    pub(super) dialed: Option<(EndSpace<'a>, ConnectionSet)>,
    /// The node under whose address it arrives.
    pub(super) arrival: Option<EndSpace<'a>>,
    /// The ports on the target.
    pub(super) ports: ConnectionSet,
    /// Which port names are known to stand for the connection's port, or not to. `true`: in the administrator's policies.
    pub(super) names: BTreeMap<(bool, String), bool>,
}

/// How much of a box something is about.
#[derive(Debug)]
pub(super) enum About {
    /// None of it.
    None,
    /// A part, which can be cut off by this.
    Part(Cut),
    /// All of it.
    All,
}

/// A pair of ends of a box, looked at from one side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// The number of the source.
    pub(super) source: usize,
    /// The number of the target.
    pub(super) target: usize,
    /// Whose policies are asked.
    pub(super) side: PolicySide,
}

impl<'a> Space<'a> {
    /// The end that a policy on this side sees there.
    fn end(&self, look: Look, side: Side) -> Option<&EndSpace<'a>> {
        let target = || self.targets.get(look.target)?.as_ref();
        match (side, look.side) {
            (Side::Source, _) => self.sources.get(look.source)?.as_ref(),
            (Side::Target, PolicySide::Egress) => match &self.dialed {
                Some((node, _)) => Some(node),
                None => target(),
            },
            (Side::Target, PolicySide::Ingress) => target(),
            (Side::Arrival, _) => match &self.arrival {
                Some(node) => Some(node),
                None => self.sources.get(look.source)?.as_ref(),
            },
        }
    }

    /// How much of the box between two ends a rule or a selector is about.
    pub(super) fn about(&self, under: Under<'_, 'a>, look: Look, block: &Block<'a>) -> About {
        let mut part = None;
        for (side, asks) in &block.asks {
            let Some(end) = self.end(look, *side) else { return About::None };
            let asked = match under.1.hidden() {
                [] => asked(end, asks),
                hidden => asked(&end.clone().hiding(hidden), asks),
            };
            match asked {
                Asked::None => return About::None,
                Asked::All => {}
                Asked::Part(of) => part = part.or(Some(self.cut_of(look, *side, of))),
            }
        }
        match (self.on_ports(under, look, block.ports), part) {
            (About::None, _) => About::None,
            (_, Some(cut)) => About::Part(cut),
            (ports, None) => ports,
        }
    }

    fn cut_of(&self, look: Look, side: Side, part: Part) -> Cut {
        let is_source = side == Side::Source || (side == Side::Arrival && self.arrival.is_none());
        match part {
            Part::Addresses(addresses) => {
                let of = match (side, look.side, &self.dialed) {
                    (Side::Arrival, _, _) if !is_source => CutAddresses::Arrival,
                    (Side::Target, PolicySide::Egress, Some(_)) => CutAddresses::Dialed,
                    (Side::Target, _, _) => CutAddresses::Target,
                    _ => CutAddresses::Source,
                };
                Cut::Addresses(of, addresses)
            }
            Part::Labels(requirement) if is_source => Cut::Labels(CutLabels::Source, requirement),
            Part::Labels(requirement) => Cut::Labels(CutLabels::Target, requirement),
            Part::Namespace(requirement) if is_source => Cut::Labels(CutLabels::SourceNamespace, requirement),
            Part::Namespace(requirement) => Cut::Labels(CutLabels::TargetNamespace, requirement),
        }
    }

    /// How much of the ports of the box a rule's ports are.
    fn on_ports(&self, (view, world): Under<'_, 'a>, look: Look, ports: Ports<'a>) -> About {
        let (of, own) = match (look.side, &self.dialed) {
            (PolicySide::Egress, Some((_, ports))) => (CutPorts::Dialed, ports),
            _ => (CutPorts::Target, &self.ports),
        };
        let tier = matches!(ports, Ports::Tier(_)) && view.profile.two_relations;
        let known = |name: &str| match of {
            // A node has no port names (rule N28).
            CutPorts::Dialed => Some(false),
            CutPorts::Target => self.names.get(&(tier, name.to_owned())).copied(),
        };
        let of_names = |means: &dyn Fn(Option<bool>) -> bool| {
            view.ports(world, ports, |name| match means(known(name)) {
                true => ConnectionSet::full(),
                false => ConnectionSet::empty(),
            })
        };
        let surely = of_names(&|known| known == Some(true));
        let possibly = of_names(&|known| known != Some(false));
        if own.is_subset(&surely) {
            return About::All;
        }
        if own.intersection(&possibly).is_empty() {
            return About::None;
        }
        if !own.intersection(&surely).is_empty() {
            return About::Part(Cut::Ports(of, surely));
        }
        let open = names_of(ports).find(|(name, protocol)| {
            let on = protocol.map_or_else(ConnectionSet::full, full);
            known(name).is_none() && !own.intersection(&on).is_empty()
        });
        match open {
            Some((name, _)) => About::Part(Cut::PortName { name: name.to_owned(), tier }),
            None => About::None,
        }
    }

    /// The part of the box of which something is so, or is not.
    pub(super) fn part(&self, cut: &Cut, holds: bool) -> Self {
        let mut part = self.clone();
        match cut {
            Cut::Labels(of, requirement) => {
                let selector = Selector { requirements: vec![requirement.clone()] };
                let (asks, ends) = match of {
                    CutLabels::Source => (Asks::Labels(&selector), &mut part.sources),
                    CutLabels::SourceNamespace => (Asks::Namespace(&selector), &mut part.sources),
                    CutLabels::Target => (Asks::Labels(&selector), &mut part.targets),
                    CutLabels::TargetNamespace => (Asks::Namespace(&selector), &mut part.targets),
                };
                ends.iter_mut().for_each(|end| *end = cut_end(end.take(), &asks, holds));
            }
            Cut::Addresses(of, addresses) => {
                let asks = Asks::Address(addresses.clone());
                let all = |ends: &mut Vec<Option<EndSpace<'a>>>| {
                    ends.iter_mut().for_each(|end| *end = cut_end(end.take(), &asks, holds));
                };
                match of {
                    CutAddresses::Source => all(&mut part.sources),
                    CutAddresses::Target => all(&mut part.targets),
                    CutAddresses::Arrival => part.arrival = cut_end(part.arrival.take(), &asks, holds),
                    CutAddresses::Dialed => {
                        part.dialed = part
                            .dialed
                            .take()
                            .and_then(|(node, ports)| Some((cut_end(Some(node), &asks, holds)?, ports)));
                    }
                }
            }
            Cut::Ports(of, ports) => {
                let cut = |own: &ConnectionSet| match holds {
                    true => own.intersection(ports),
                    false => own.difference(ports),
                };
                match (of, &mut part.dialed) {
                    (CutPorts::Dialed, Some((_, own))) => *own = cut(own),
                    _ => part.ports = cut(&part.ports),
                }
            }
            Cut::PortName { name, tier } => {
                part.names.insert((*tier, name.clone()), holds);
            }
        }
        part
    }
}

fn cut_end<'a>(end: Option<EndSpace<'a>>, asks: &Asks<'_>, holds: bool) -> Option<EndSpace<'a>> {
    let end = end?;
    if holds { end.select(asks) } else { end.avoid(asks).into_iter().next() }
}

/// How much of an end meets what is asked.
enum Asked {
    None,
    Part(Part),
    All,
}

/// What tells the part of an end that meets something from the rest.
enum Part {
    Labels(Requirement),
    Namespace(Requirement),
    Addresses(AddressSet),
}

fn asked(end: &EndSpace<'_>, asks: &Asks<'_>) -> Asked {
    if end.clone().select(asks).is_none() {
        return Asked::None;
    }
    let one = |requirement: &Requirement| Selector { requirements: vec![requirement.clone()] };
    match asks {
        Asks::Labels(selector) => {
            let cuts = |asked: &&Requirement| !end.avoid(&Asks::Labels(&one(asked))).is_empty();
            let cut = selector.requirements.iter().find(cuts);
            cut.map_or(Asked::All, |cut| Asked::Part(Part::Labels(cut.clone())))
        }
        Asks::Namespace(selector) => {
            let cuts = |asked: &&Requirement| !end.avoid(&Asks::Namespace(&one(asked))).is_empty();
            let cut = selector.requirements.iter().find(cuts);
            cut.map_or(Asked::All, |cut| Asked::Part(Part::Namespace(cut.clone())))
        }
        Asks::Address(_) if end.avoid(asks).is_empty() => Asked::All,
        Asks::Address(addresses) => Asked::Part(Part::Addresses(addresses.clone())),
    }
}

/// The port names of a rule, each with the one protocol for which it is asked, if there is one.
fn names_of(ports: Ports<'_>) -> impl Iterator<Item = (&str, Option<Protocol>)> {
    let (network, tier) = match ports {
        Ports::Network(entries) => (entries.unwrap_or_default(), &[][..]),
        Ports::Tier(entries) => (&[][..], entries.unwrap_or_default()),
    };
    let network = network.iter().filter_map(|entry| match &entry.port {
        PortMatch::Named(name) => Some((name.as_str(), Some(entry.protocol))),
        PortMatch::All | PortMatch::Number(_) | PortMatch::Range(..) => None,
    });
    let tier = tier.iter().filter_map(|entry| match &entry.kind {
        TierPortKind::Named(name) => Some((name.as_str(), None)),
        TierPortKind::All(_) | TierPortKind::Number(..) | TierPortKind::Range(..) => None,
    });
    network.chain(tier)
}

fn full(protocol: Protocol) -> ConnectionSet {
    ConnectionSet::of(protocol, PortSet::full())
}
