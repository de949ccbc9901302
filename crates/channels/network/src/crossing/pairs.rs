//! Which pairs of namespaces are worth a search: those between which each side by itself lets something pass. A cluster
//! has far more pairs than namespaces, and most of them one side shuts alone.
//!
//! Each side is asked about more than there could be: any labels, any address of the cluster, any port. So a pair that is
//! left out holds no way across, and one that stays may still hold none.

use crate::direction::Direction;
use crate::region::{Block, EndSpace, Names, Region};
use crate::rule::Ports;
use crate::view::{Certainty, View};
use crate::ways::{Across, Blocks, Ways};
use crate::world::World;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use watertight_base::{ConnectionSet, Selector};
use watertight_model::{ClusterPolicy, NamespaceId, NamespaceScope, PeerKind, Snapshot, TierPeerKind};

/// Namespaces by what selectors can tell of them: those of one sort are alike to every policy but their own.
pub(crate) struct Sorts(Vec<NamespaceId>);

impl Sorts {
    pub(crate) fn of(view: &View<'_>) -> Self {
        let selectors = namespace_selectors(view.snapshot);
        let mut first: BTreeMap<Vec<Certainty>, NamespaceId> = BTreeMap::new();
        let sort = |id: NamespaceId| {
            if view.labels(id).is_none() {
                // What a selector makes of labels that are not known depends on more than whether it could select them.
                return id;
            }
            let seen = selectors.iter().map(|selector| view.namespace_certainty(selector, id)).collect();
            *first.entry(seen).or_insert(id)
        };
        Self(view.snapshot.namespace_ids().map(sort).collect())
    }

    /// The namespace that stands for those of this one's sort.
    pub(crate) fn of_namespace(&self, namespace: NamespaceId) -> NamespaceId {
        self.0.get(namespace.0).copied().unwrap_or(namespace)
    }
}

/// Every selector of namespaces in a policy.
pub(super) fn namespace_selectors(snapshot: &Snapshot) -> BTreeSet<&Selector> {
    let rules = snapshot.policies.iter().flat_map(|policy| policy.ingress.iter().chain(&policy.egress));
    let of_policies =
        rules.flat_map(|rule| rule.peers.iter().flatten()).filter_map(|peer| match &peer.kind {
            PeerKind::Pods { namespaces: NamespaceScope::Selected(selector), .. } => Some(selector),
            PeerKind::Pods { .. } | PeerKind::IpBlock { .. } => None,
        });
    let of_tiers = snapshot.cluster_policies.iter().flat_map(|policy| {
        let ClusterPolicy { subject, ingress, egress, .. } = policy;
        let peers = ingress.iter().chain(egress).flat_map(|rule| &rule.peers);
        let selectors = peers.filter_map(|peer| match &peer.kind {
            TierPeerKind::Pods { namespaces, .. } => Some(namespaces),
            _ => None,
        });
        selectors.chain([&subject.namespaces])
    });
    of_policies.chain(of_tiers).collect()
}

/// A namespace on the `from` side, and the ways out of it.
pub(super) struct Source<'a> {
    pub(super) namespace: NamespaceId,
    pub(super) ways: Ways<'a>,
    /// More than any of its pods may be.
    anything: EndSpace<'a>,
}

/// The ways out of the `from` side in one world, and what is known of where they lead.
pub(super) struct Pairs<'v, 'a> {
    view: &'v View<'a>,
    world: &'v World<'a>,
    sorts: &'v Sorts,
    sources: Vec<Rc<Source<'a>>>,
    /// The sources of each sort, by number.
    by_sort: BTreeMap<NamespaceId, Vec<usize>>,
    /// Whether a source lets something out to a namespace of this sort, as far as it was asked.
    leaves: BTreeMap<(NamespaceId, NamespaceId), bool>,
}

impl<'v, 'a> Pairs<'v, 'a> {
    pub(super) fn new(
        view: &'v View<'a>,
        world: &'v World<'a>,
        sorts: &'v Sorts,
        from: &[NamespaceId],
    ) -> Self {
        let out = |&namespace: &NamespaceId| {
            let ways = Ways::of(view, world, namespace, Direction::Egress);
            Rc::new(Source { namespace, ways, anything: EndSpace::anything((view, world), namespace) })
        };
        let sources = from.iter().map(out).collect();
        let mut by_sort: BTreeMap<NamespaceId, Vec<usize>> = BTreeMap::new();
        for (number, &namespace) in from.iter().enumerate() {
            by_sort.entry(sorts.of_namespace(namespace)).or_default().push(number);
        }
        Self { view, world, sorts, sources, by_sort, leaves: BTreeMap::new() }
    }

    /// The sources from which something could come through these ways into a namespace, each with its ways out.
    pub(super) fn sources_of(
        &mut self,
        target: NamespaceId,
        inward: &Ways<'a>,
        by_node: Option<&Blocks<'a>>,
    ) -> Vec<Rc<Source<'a>>> {
        let (view, world, sorts) = (self.view, self.world, self.sorts);
        let there = EndSpace::anything((view, world), target);
        // Under a node's address, whoever it comes from looks alike.
        let through_nodes = by_node
            .is_some_and(|blocks| some_pass((view, world), inward, blocks, &EndSpace::node(view), &there));
        if through_nodes {
            return self.sources.clone();
        }
        let mut entering: Vec<usize> = Vec::new();
        for alike in self.by_sort.values() {
            let enters = |number: &usize| {
                let source = &self.sources[*number];
                let blocks = inward.resolve(view, world, Across::Pod(source.namespace));
                some_pass((view, world), inward, &blocks, &source.anything, &there)
            };
            // What holds of one that is the target itself is true of no other.
            let is_target = |number: &usize| self.sources[*number].namespace == target;
            if alike.iter().find(|number| !is_target(number)).is_some_and(enters) {
                entering.extend(alike);
            } else {
                entering.extend(alike.iter().find(|number| is_target(number)));
            }
        }
        entering.sort_unstable();
        let leaves = &mut self.leaves;
        let sort = sorts.of_namespace(target);
        let sources = entering.into_iter().map(|number| &self.sources[number]).filter(|source| {
            source.namespace == target
                || *leaves.entry((source.namespace, sort)).or_insert_with(|| {
                    let blocks = source.ways.resolve(view, world, Across::Pod(target));
                    some_pass((view, world), &source.ways, &blocks, &source.anything, &there)
                })
        });
        sources.cloned().collect()
    }
}

/// Whether one of these ways lets something pass between two ends, on whatever port, as far as this side alone decides.
fn some_pass<'a>(
    under: (&View<'a>, &World<'a>),
    ways: &Ways<'a>,
    blocks: &Blocks<'a>,
    source: &EndSpace<'a>,
    target: &EndSpace<'a>,
) -> bool {
    ways.ways.iter().any(|way| {
        let Some(needs) = way.needs(blocks) else { return false };
        let all = |block: &Block<'_>| block.asks.iter().all(|(_, asks)| asks.is_everything());
        // Mostly it is a policy that selects every pod.
        if way.blocks(blocks).any(|block| block.ports.is_all() && all(block)) {
            return false;
        }
        let needs: Vec<Block<'a>> =
            needs.into_iter().map(|block| Block { ports: Ports::ALL, ..block.clone() }).collect();
        let needs: Vec<&Block<'a>> = needs.iter().collect();
        // What stops some ports alone does not shut the way.
        let blocks: Vec<&Block<'a>> = way.blocks(blocks).filter(|block| block.ports.is_all()).collect();
        let region = Region {
            source: source.clone(),
            target: target.clone(),
            arrival: None,
            ports: ConnectionSet::full(),
            names: Names::Nothing,
        };
        // A search that was not ended has shut nothing.
        !matches!(region.pass(under, &needs, &blocks, &mut BUDGET.clone()), Ok(None))
    })
}

/// How many selectors one such search may ask.
const BUDGET: usize = 10_000;
