//! Crossings of pods with networks of their own, through the policies of both sides: under their own addresses, or under
//! a node's (rule N40).

use super::{Found, Search, cause};
use crate::derivation::Derivation;
use crate::direction::Direction;
use crate::ends::{End, ports_of_future, ports_of_today};
use crate::leak::Leak;
use crate::view::{View, block_addresses};
use crate::ways::{Across, Gate, Way, ways};
use std::collections::BTreeSet;
use std::net::IpAddr;
use watertight_base::ConnectionSet;
use watertight_model::{FactPeer, NamespaceId, PeerKind, PolicyRule, When};

/// A crossing through an egress and an ingress way.
struct Passage<'w, 'a> {
    egress: &'w Way<'a>,
    ingress: &'w Way<'a>,
    source: NamespaceId,
    source_end: End<'a>,
    target_end: End<'a>,
    /// The node's address under which the source arrives, if a Service rewrites its own on the way (rule N40).
    rewritten: Option<IpAddr>,
}

impl<'a> Passage<'_, 'a> {
    fn rules(&self) -> [Option<&'a PolicyRule>; 2] {
        [self.egress, self.ingress].map(|way| match way.gate {
            Gate::Unfenced => None,
            Gate::Rule(gate) => Some(gate.rule),
        })
    }

    fn assumes(&self) -> bool {
        self.source_end.assumed.is_some() || self.target_end.assumed.is_some()
    }
}

impl<'a> Search<'_, 'a> {
    /// Pods with networks of their own on both ends.
    pub(super) fn through_policies(&mut self, target: NamespaceId) {
        let view = self.view;
        let outward: Vec<(NamespaceId, Vec<Way<'a>>)> =
            self.from.iter().map(|&source| (source, ways(view, source, Direction::Egress))).collect();
        for ingress in &ways(view, target, Direction::Ingress) {
            let pairs =
                || outward.iter().flat_map(|(source, ways)| ways.iter().map(|egress| (*source, egress)));
            let plain = pairs().filter_map(|(source, egress)| {
                passage(view, (source, egress), (target, ingress), &ingress.gate.across(view, source), None)
            });
            let plain: Vec<Passage<'_, 'a>> = plain.collect();
            if !self.pods_of_today(&plain) {
                self.pods_to_come(&plain);
            }
            // Where the block holds pods too, that was the plainer thing to say.
            let Some(address) = node_address(view, &ingress.gate) else { continue };
            let known = cause(&ingress.gate, &view.snapshot.namespace(target).name);
            let hidden = pairs().filter(|(source, _)| !self.shown.contains(&(known.clone(), *source)));
            let rewritten = hidden.filter_map(|(source, egress)| {
                passage(view, (source, egress), (target, ingress), &Across::Anyone, Some(address))
            });
            let rewritten: Vec<Passage<'_, 'a>> = rewritten.collect();
            self.pods_to_come(&rewritten);
        }
    }

    /// Whether pods of today get across; each target workload is one crossing for each source namespace.
    fn pods_of_today(&mut self, passages: &[Passage<'_, 'a>]) -> bool {
        let mut seen = BTreeSet::new();
        for passage in passages.iter().filter(|passage| !passage.assumes()) {
            let sources = passage.source_end.pods_of_today(self.view);
            let Some(&source) = sources.first() else { continue };
            for target in passage.target_end.pods_of_today(self.view) {
                let pod = &self.view.snapshot.pods[target];
                let ports = ports_of_today(self.view, passage.rules(), pod);
                if ports.is_empty() || !seen.insert((passage.source, pod.workload.clone())) {
                    continue;
                }
                let from = passage.source_end.today(self.view, source);
                let to = passage.target_end.today(self.view, target);
                self.push_passage(passage, When::Now, from, to, &ports);
            }
        }
        !seen.is_empty()
    }

    /// Whether pods get across of which at least one is still to be created, or whose namespace has labels that the
    /// input does not show: one crossing for each source namespace.
    fn pods_to_come(&mut self, passages: &[Passage<'_, 'a>]) {
        let mut seen = BTreeSet::new();
        for passage in passages {
            if seen.contains(&passage.source) {
                continue;
            }
            match self.ends_to_come(passage) {
                Ok(Some((from, to, ports))) => {
                    seen.insert(passage.source);
                    self.push_passage(passage, When::Possible, from, to, &ports);
                }
                Ok(None) => {}
                Err(namespace) => self.undecided(namespace),
            }
        }
    }

    /// Ends that are not both of today, or are under labels that are not known; today's pods are shown where they serve.
    fn ends_to_come(
        &mut self,
        passage: &Passage<'_, 'a>,
    ) -> Result<Option<(FactPeer, FactPeer, ConnectionSet)>, NamespaceId> {
        let (view, source_end, target_end) = (self.view, &passage.source_end, &passage.target_end);
        let (ports, named_ports) = ports_of_future(view, passage.rules());
        if ports.is_empty() {
            return Ok(None);
        }
        let source = match source_end.pods_of_today(view).first() {
            Some(&pod) => Some(source_end.today(view, pod)),
            None => source_end.future_pod(view, &mut self.budget).map_err(|_| source_end.namespace)?,
        };
        let Some(source) = source else { return Ok(None) };
        for target in target_end.pods_of_today(view) {
            let ports = ports_of_today(view, passage.rules(), &view.snapshot.pods[target]);
            if !ports.is_empty() {
                return Ok(Some((source, target_end.today(view, target), ports)));
            }
        }
        let target = target_end.future_pod(view, &mut self.budget).map_err(|_| target_end.namespace)?;
        Ok(target.map(|target| (source, FactPeer { named_ports, ..target }, ports)))
    }

    fn push_passage(
        &mut self,
        passage: &Passage<'_, 'a>,
        when: When,
        from: FactPeer,
        to: FactPeer,
        ports: &ConnectionSet,
    ) {
        let view = self.view;
        let gate = &passage.ingress.gate;
        self.shown.insert((cause(gate, &to.namespace), passage.source));
        let from = FactPeer { address: passage.rewritten.or(from.address), ..from };
        let leak = match Leak::behind(view, gate, passage.source, passage.target_end.namespace) {
            _ if passage.rewritten.is_some() => Leak::IpblockHoldsNodes,
            Leak::UnfencedIngress if to.pod.is_none() => Leak::UnfencedFuturePod,
            leak => leak,
        };
        let or_new = from.pod.is_some()
            && matches!(passage.source_end.future_pod(view, &mut self.budget), Ok(Some(_)));
        let mut derivation = Derivation::new(view);
        let runs = derivation.runs(&from, or_new);
        let target = derivation.target(&to);
        let out =
            derivation.passes(Direction::Egress, &passage.egress.gate, &from, &to, ports, &[runs, target]);
        let into = derivation.passes(Direction::Ingress, gate, &from, &to, ports, &[runs, target]);
        let (rule, how) = match passage.rewritten {
            Some(_) => ("N40", ", through a node port that rewrites its address to a node's"),
            None => ("N2", ""),
        };
        derivation.connects(rule, how, &from, &to, ports, &[runs, target, out, into]);
        let highlight = self.gate_highlight(leak, gate, &to);
        self.push(Found { leak, when, gate: Some(gate), from, to, ports, highlight }, derivation);
    }
}

/// A passage from one namespace through a way out of it, by a way into another; `None` if a gate does not mean the other
/// end.
fn passage<'w, 'a>(
    view: &View<'a>,
    (source, egress): (NamespaceId, &'w Way<'a>),
    (target, ingress): (NamespaceId, &'w Way<'a>),
    asked_of_source: &Across<'a>,
    rewritten: Option<IpAddr>,
) -> Option<Passage<'w, 'a>> {
    let source_end = End::new(source, &egress.own, asked_of_source)?;
    let target_end = End::new(target, &ingress.own, &egress.gate.across(view, target))?;
    Some(Passage { egress, ingress, source, source_end, target_end, rewritten })
}

/// An address that a node may have and that the gate admits by an ipBlock, if Services rewrite sources (rule N40): it
/// admits a pod that comes through a node port, whatever the block says of pods. The pod's own policies have decided
/// about the real destination by then.
fn node_address(view: &View<'_>, gate: &Gate<'_>) -> Option<IpAddr> {
    let Gate::Rule(gate) = gate else { return None };
    let Some(PeerKind::IpBlock { cidr, except }) = gate.peer.map(|(_, peer)| &peer.kind) else { return None };
    let block = block_addresses(*cidr, except);
    let rewrites = view.profile.rewrites_sources.holds(view.permissive) && view.block_may_hold_nodes(&block);
    block.intersection(&view.space.nodes).first().filter(|_| rewrites)
}
