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
pub(super) struct Sorts(Vec<NamespaceId>);

impl Sorts {
    pub(super) fn of(view: &View<'_>) -> Self {
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
    fn of_namespace(&self, namespace: NamespaceId) -> NamespaceId {
        self.0.get(namespace.0).copied().unwrap_or(namespace)
    }
}

/// Every selector of namespaces in a policy.
fn namespace_selectors(snapshot: &Snapshot) -> BTreeSet<&Selector> {
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
        Self { view, world, sorts, sources, leaves: BTreeMap::new() }
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
        let leaves = &mut self.leaves;
        let mut enters: BTreeMap<NamespaceId, bool> = BTreeMap::new();
        let mut could = |source: &Source<'a>| {
            let namespace = source.namespace;
            if namespace == target {
                return true;
            }
            let enters = enters.entry(sorts.of_namespace(namespace)).or_insert_with(|| {
                let blocks = inward.resolve(view, world, Across::Pod(namespace));
                some_pass((view, world), inward, &blocks, &source.anything, &there)
            });
            *enters
                && *leaves.entry((namespace, sorts.of_namespace(target))).or_insert_with(|| {
                    let blocks = source.ways.resolve(view, world, Across::Pod(target));
                    some_pass((view, world), &source.ways, &blocks, &source.anything, &there)
                })
        };
        self.sources.iter().filter(|source| could(source)).cloned().collect()
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
