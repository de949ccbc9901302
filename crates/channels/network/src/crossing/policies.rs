//! Crossings of pods with networks of their own, through the policies of both sides: under their own addresses, or under
//! a node's (rule N40).

use super::pairs::Source;
use super::{Found, Search, cause};
use crate::derivation::Derivation;
use crate::direction::Direction;
use crate::ends::{future, pods_in, today};
use crate::leak::Leak;
use crate::region::{Block, EndSpace, Names, Passing, PassingEnd, Region, Side, Undecided};
use crate::ways::{Across, Blocks, Way, Ways};
use std::collections::BTreeSet;
use std::rc::Rc;
use watertight_base::ConnectionSet;
use watertight_model::{FactPeer, NamespaceId, When};

/// A way out of one namespace and a way into another, with all that both ask of a connection.
struct Passage<'w, 'a> {
    source: NamespaceId,
    target: NamespaceId,
    egress: &'w Way<'a>,
    ingress: &'w Way<'a>,
    needs: Vec<&'w Block<'a>>,
    blocks: Vec<&'w Block<'a>>,
    /// Whether it arrives under a node's address (rule N40).
    rewritten: bool,
}

/// The namespaces on the `from` side from which something could come, each with what its ways out ask of one target.
type Outward<'a> = Vec<(Rc<Source<'a>>, Blocks<'a>)>;

impl<'a> Search<'_, 'a> {
    /// Pods with networks of their own on both ends.
    pub(super) fn through_policies(&mut self, target: NamespaceId) {
        let (view, world) = (self.view, self.world);
        let inward = Ways::of(view, world, target, Direction::Ingress);
        let by_node = inward.resolve(view, world, Across::Node);
        let rewrites = view.profile.nodes && view.profile.rewrites_sources.holds(view.permissive);
        let sources = self.pairs.sources_of(target, &inward, rewrites.then_some(&by_node));
        let resolve = |source: Rc<Source<'a>>| {
            let blocks = source.ways.resolve(view, world, Across::Pod(target));
            (source, blocks)
        };
        let outward: Outward<'a> = sources.into_iter().map(resolve).collect();
        if outward.is_empty() {
            return;
        }
        let by_source =
            outward.iter().map(|(source, _)| inward.resolve(view, world, Across::Pod(source.namespace)));
        let by_source: Vec<Blocks<'a>> = by_source.collect();
        for ingress in &inward.ways {
            let plain = passages(&outward, (target, ingress), |index| by_source.get(index), false);
            if !self.pods_of_today(&plain) {
                self.pods_to_come(&plain);
            }
            if !rewrites {
                continue;
            }
            // What is let in plainly was the plainer thing to say.
            let known = cause(&ingress.gate, &view.snapshot.namespace(target).name);
            for (source, _) in &outward {
                let Source { namespace, ways, .. } = &**source;
                if !self.shown.contains(&(known.clone(), *namespace)) {
                    self.through_node_ports_of_today((*namespace, ways), (target, ingress), &by_node);
                }
            }
            let mut rewritten = passages(&outward, (target, ingress), |_| Some(&by_node), true);
            rewritten.retain(|passage| !self.shown.contains(&(known.clone(), passage.source)));
            self.pods_to_come(&rewritten);
            let hidden = |search: &Self, source| !search.shown.contains(&(known.clone(), source));
            let Some(enters) = self.enters_from_nodes(target, ingress, &by_node) else { continue };
            for (source, _) in &outward {
                if hidden(self, source.namespace) {
                    self.through_nodes((source.namespace, &source.ways), (target, ingress), &enters);
                }
            }
        }
    }

    pub(super) fn names_of(&self, target: Option<usize>) -> Names<'a> {
        match target {
            Some(index) => Names::Of(&self.view.snapshot.pods[index]),
            None => Names::Chosen(BTreeSet::new()),
        }
    }

    /// One end as facts speak of it.
    pub(super) fn peer(&self, pod: Option<usize>, namespace: NamespaceId, end: PassingEnd) -> FactPeer {
        let peer = match pod {
            Some(index) => today(self.view, index),
            None => future(self.view, namespace, end.labels, &None),
        };
        let namespace_labels = end.assumed.unwrap_or_default();
        FactPeer { namespace_labels, address: end.address, ..peer }
    }

    /// Whether pods of today get across; each target workload is one crossing for each source namespace.
    fn pods_of_today(&mut self, passages: &[Passage<'_, 'a>]) -> bool {
        let view = self.view;
        let mut seen = BTreeSet::new();
        for passage in passages {
            let sources = self.sources_of_today(passage);
            for target in self.targets_of_today(passage) {
                let workload = &view.snapshot.pods[target].workload;
                if seen.contains(&(passage.source, workload)) {
                    continue;
                }
                for &source in &sources {
                    let passing = match self.search(passage, Some(source), Some(target)) {
                        Ok(Some(passing)) => passing,
                        Ok(None) => continue,
                        Err(Undecided) => {
                            self.undecided(passage.target);
                            continue;
                        }
                    };
                    if passing.source.assumed.is_none() && passing.target.assumed.is_none() {
                        seen.insert((passage.source, workload));
                        self.push_passage(passage, When::Now, (Some(source), Some(target)), passing);
                        break;
                    }
                }
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
                Ok(Some((ends, passing))) => {
                    seen.insert(passage.source);
                    self.push_passage(passage, When::Possible, ends, passing);
                }
                Ok(None) => {}
                Err(Undecided) => self.undecided(passage.target),
            }
        }
    }

    /// Ends that are not both of today, or are under labels that are not known; today's pods are shown where they serve.
    #[expect(clippy::type_complexity, reason = "the two ends, and what passes between them")]
    fn ends_to_come(
        &mut self,
        passage: &Passage<'_, 'a>,
    ) -> Result<Option<((Option<usize>, Option<usize>), Passing)>, Undecided> {
        let anyone = self.search(passage, None, None)?;
        // Whatever passes for a pod of today passes for one that could be created, unless that would be refused now.
        let is_anything = |id| self.view.creatable.is_anything(id);
        if anyone.is_none() && is_anything(passage.source) && is_anything(passage.target) {
            return Ok(None);
        }
        let sources = self.sources_of_today(passage);
        let targets = self.targets_of_today(passage);
        for &source in &sources {
            for &target in &targets {
                if let Some(passing) = self.search(passage, Some(source), Some(target))? {
                    return Ok(Some(((Some(source), Some(target)), passing)));
                }
            }
            if let Some(passing) = self.search(passage, Some(source), None)? {
                return Ok(Some(((Some(source), None), passing)));
            }
        }
        for &target in &targets {
            if let Some(passing) = self.search(passage, None, Some(target))? {
                return Ok(Some(((None, Some(target)), passing)));
            }
        }
        Ok(anyone.map(|anyone| ((None, None), anyone)))
    }

    /// The pods of today on the source's side that could pass, one for each set of labels and addresses.
    fn sources_of_today(&self, passage: &Passage<'_, 'a>) -> Vec<usize> {
        let mut seen = BTreeSet::new();
        let mut pods = self.pods_of_one_side(passage, passage.source, Side::Source);
        pods.retain(|&index| {
            let pod = &self.view.snapshot.pods[index];
            seen.insert((&pod.labels, &pod.addresses))
        });
        let depends = |block: &&Block<'a>| {
            block.asks.iter().any(|(side, _)| *side == Side::Target) || !block.ports.is_all()
        };
        if !passage.blocks.iter().any(depends) {
            // Nothing that can stop it looks at both ends, so that all that are left are alike.
            pods.truncate(1);
        }
        pods
    }

    fn targets_of_today(&self, passage: &Passage<'_, 'a>) -> Vec<usize> {
        self.pods_of_one_side(passage, passage.target, Side::Target)
    }

    /// The pods of today for which nothing that concerns this end alone stands in the way.
    fn pods_of_one_side(&self, passage: &Passage<'_, 'a>, namespace: NamespaceId, side: Side) -> Vec<usize> {
        let view = self.view;
        let arrival = if passage.rewritten { side } else { Side::Arrival };
        let here = |of: Side| of == side || (side == Side::Source && of == arrival);
        let fits = |index: usize| {
            let pod = EndSpace::today((view, self.world), &view.snapshot.pods[index]);
            let asks = passage.needs.iter().flat_map(|block| &block.asks);
            let mut asks = asks.filter(|(of, _)| here(*of)).map(|(_, asks)| asks);
            let Some(pod) = asks.try_fold(pod, |pod, asks| pod.select(asks)) else { return false };
            !passage.blocks.iter().any(|block| {
                block.ports.is_all()
                    && block.asks.iter().all(|(of, _)| here(*of))
                    && pod.is_within(block.asks.iter().map(|(_, asks)| asks))
            })
        };
        let pods = pods_in(view, namespace).filter(|(_, pod)| !view.on_host_network(pod));
        pods.map(|(index, _)| index).filter(|&index| fits(index)).collect()
    }

    /// Looks for a connection through a passage, from a pod of today or one to come, to a pod of today or one to come.
    fn search(
        &mut self,
        passage: &Passage<'_, 'a>,
        source: Option<usize>,
        target: Option<usize>,
    ) -> Result<Option<Passing>, Undecided> {
        let view = self.view;
        let end = |pod: Option<usize>, namespace| match pod {
            Some(index) => Some(EndSpace::today((view, self.world), &view.snapshot.pods[index])),
            None => EndSpace::future((view, self.world), namespace),
        };
        let (from, to) = (end(source, passage.source), end(target, passage.target));
        let (Some(from), Some(to)) = (from, to) else { return Ok(None) };
        let start = Region {
            source: from,
            target: to,
            arrival: passage.rewritten.then(|| EndSpace::node(view)),
            ports: ConnectionSet::full(),
            names: self.names_of(target),
        };
        start.pass((view, self.world), &passage.needs, &passage.blocks, &mut self.budget)
    }

    fn push_passage(
        &mut self,
        passage: &Passage<'_, 'a>,
        when: When,
        (source, target): (Option<usize>, Option<usize>),
        passing: Passing,
    ) {
        let view = self.view;
        let gate = &passage.ingress.gate;
        let Passing { source: source_end, target: target_end, arrives_from, ports, names } = passing;
        let from = self.peer(source, passage.source, source_end);
        let from =
            FactPeer { behind_node: passage.rewritten, address: arrives_from.or(from.address), ..from };
        let to = FactPeer { named_ports: names, ..self.peer(target, passage.target, target_end) };
        self.shown.insert((cause(gate, &to.namespace), passage.source));
        let leak = match Leak::behind(view, gate, passage.source, passage.target) {
            Leak::UnfencedIngress | Leak::OpenRule if passage.rewritten => Leak::NodeAddressUnmatched,
            Leak::IpblockHoldsPods if passage.rewritten => Leak::IpblockHoldsNodes,
            Leak::UnfencedIngress if to.pod.is_none() => Leak::UnfencedFuturePod,
            leak => leak,
        };
        let or_new = from.pod.is_some() && matches!(self.search(passage, None, target), Ok(Some(_)));
        let mut derivation = Derivation::new(view);
        let runs = derivation.runs(&from, or_new);
        let there = derivation.target(&to);
        let out = derivation.passes(Direction::Egress, passage.egress, &from, &to, &ports, &[runs, there]);
        let into = derivation.passes(Direction::Ingress, passage.ingress, &from, &to, &ports, &[runs, there]);
        let (rule, how) = if passage.rewritten {
            ("N40", ", through a node port that rewrites its address to a node's")
        } else {
            ("N2", "")
        };
        derivation.connects(rule, how, &from, &to, &ports, &[runs, there, out, into]);
        let highlight = self.gate_highlight(leak, gate, &to);
        self.push(Found { leak, when, gate: Some(gate), from, to, ports: &ports, highlight }, derivation);
    }
}

/// Every way out combined with one way in; `blocks` are what the way in asks of each source.
fn passages<'w, 'a>(
    outward: &'w Outward<'a>,
    (target, ingress): (NamespaceId, &'w Way<'a>),
    blocks: impl Fn(usize) -> Option<&'w Blocks<'a>>,
    rewritten: bool,
) -> Vec<Passage<'w, 'a>> {
    let mut passages = Vec::new();
    for (index, (source, outward)) in outward.iter().enumerate() {
        let Some(inward) = blocks(index) else { continue };
        let Some(into) = ingress.needs(inward) else { continue };
        for egress in &source.ways.ways {
            let Some(out) = egress.needs(outward) else { continue };
            let needs = out.into_iter().chain(into.iter().copied()).collect();
            let blocks = egress.blocks(outward).chain(ingress.blocks(inward)).collect();
            let source = source.namespace;
            passages.push(Passage { source, target, egress, ingress, needs, blocks, rewritten });
        }
    }
    passages
}
