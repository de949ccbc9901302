//! The ways out of a namespace and into it, as conditions on both ends: true for every pod that could exist, not only
//! for those that do.
//!
//! A pod that could exist is fenced by policies through its labels alone, and its creator picks those. So what one side
//! of a connection lets pass is a list of ways: which rules must be about it, which rules must not. Together the ways of
//! a side let pass exactly what its policies do: a connection takes the Admin tier by an `Accept`, by a `Pass` or by no
//! rule, then the NetworkPolicies by a rule or because none isolates, then the Baseline tier (rule N57).

use crate::direction::Direction;
use crate::profile::Fault;
use crate::region::{Asks, Block, Side};
use crate::rule::{Peer, PeerRef, PolicyRef, Ports, Rule, rules_of_cluster_policy, rules_of_network_policy};
use crate::view::{Certainty, View, block_addresses};
use crate::world::{World, network_addresses};
use watertight_base::Selector;
use watertight_model::{Action, NamespaceId, NamespaceScope, NetworkPolicy, PeerKind, Tier, TierPeerKind};

/// What lets a connection pass on one side.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gate<'a> {
    /// No policy isolates the pod, and none denies.
    Unfenced,
    /// No policy isolates the pod in this direction; this one, which selects it, keeps the Baseline tier from being
    /// asked (rule N63, per pod).
    Spared(&'a NetworkPolicy),
    /// A rule allows it.
    Rule(Rule<'a>),
}

/// Something that is asked of a connection: that a rule is about it, or that a policy selects the pod on this side.
#[derive(Debug, Clone)]
pub(crate) struct Clause<'a> {
    /// The policy that selects the pod, or whose rule it is.
    policy: PolicyRef<'a>,
    /// The selectors of the pod on this side, and of its namespace.
    own: Vec<Asks<'a>>,
    /// The rule, if it is one: it asks something of the other end too.
    rule: Option<Rule<'a>>,
}

/// One way through one side of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Way<'a> {
    /// The namespace of the pods on this side.
    pub(crate) namespace: NamespaceId,
    /// What lets it pass in the end.
    pub(crate) gate: Gate<'a>,
    /// The rule of the Admin tier that leaves it to what comes later, if one has to.
    pub(crate) passed_by: Option<Rule<'a>>,
    // Indices into the clauses of the side: those that must hold, and those that must not.
    needs: Vec<usize>,
    blocks: Vec<usize>,
}

/// All ways through one side, for pods of one namespace that have a network of their own.
#[derive(Debug, Clone)]
pub(crate) struct Ways<'a> {
    namespace: NamespaceId,
    direction: Direction,
    clauses: Vec<Clause<'a>>,
    pub(crate) ways: Vec<Way<'a>>,
}

/// Who is across.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Across {
    /// A pod of this namespace, with a network of its own.
    Pod(NamespaceId),
    /// A node, under whose address a connection comes (rule N40).
    Node,
}

/// The clauses of a side, as blocks, for one that is across; `None` for a rule that does not mean it.
pub(crate) type Blocks<'a> = Vec<Option<Block<'a>>>;

/// A rule of a tier, with its place in the order.
struct Placed<'a> {
    clause: usize,
    rule: Rule<'a>,
    priority: u16,
    policy: usize,
    sure: bool,
}

impl<'a> Ways<'a> {
    pub(crate) fn of(
        view: &View<'a>,
        world: &World<'a>,
        namespace: NamespaceId,
        direction: Direction,
    ) -> Self {
        let mut all = Self { namespace, direction, clauses: Vec::new(), ways: Vec::new() };
        let admin = all.placed(view, world, Tier::Admin, namespace);
        let baseline = match view.asks_baseline(namespace) {
            true => all.placed(view, world, Tier::Baseline, namespace),
            false => Vec::new(),
        };
        let denied = |tier: &[Placed<'a>]| -> Vec<usize> {
            let denies = tier.iter().filter(|placed| placed.rule.action == Action::Deny && placed.sure);
            denies.map(|placed| placed.clause).collect()
        };
        // By an Accept of the Admin tier, which nothing of higher precedence denies or passes on.
        for placed in admin.iter().filter(|placed| placed.rule.action == Action::Accept) {
            let blocks = before(&admin, placed, &[Action::Deny, Action::Pass]);
            all.push(Gate::Rule(placed.rule), None, vec![placed.clause], blocks);
        }
        // Through the Admin tier: by a Pass before what denies, or since nothing denies.
        let mut through = vec![(None, Vec::new(), denied(&admin))];
        if !denied(&admin).is_empty() {
            through.extend(admin.iter().filter(|placed| placed.rule.action == Action::Pass).map(|placed| {
                (Some(placed.rule), vec![placed.clause], before(&admin, placed, &[Action::Deny]))
            }));
        }
        let later = all.later((view, world), namespace, &baseline, &denied(&baseline));
        for (passed_by, needs, blocks) in through {
            for (gate, more_needs, more_blocks) in &later {
                let needs = needs.iter().chain(more_needs).copied().collect();
                let blocks = blocks.iter().chain(more_blocks).copied().collect();
                all.push(*gate, passed_by, needs, blocks);
            }
        }
        all
    }

    /// What comes after the Admin tier: gates, with what they need and what blocks them.
    fn later(
        &mut self,
        (view, world): (&View<'a>, &World<'a>),
        namespace: NamespaceId,
        baseline: &[Placed<'a>],
        baseline_denies: &[usize],
    ) -> Vec<(Gate<'a>, Vec<usize>, Vec<usize>)> {
        let mut later = Vec::new();
        let selected = |all: &mut Self, policy: &'a NetworkPolicy| {
            let own = vec![Asks::Labels(&policy.subject)];
            all.clause(Clause { policy: PolicyRef::Network(policy), own, rule: None })
        };
        let mut isolating = Vec::new();
        for active in view.policies(world, namespace, self.direction).filter(|active| active.isolates) {
            isolating.push(selected(self, active.policy));
        }
        // Since no NetworkPolicy isolates the pod, and the Baseline tier does not deny.
        let per_pod = view.profile.final_per_pod;
        let mut unfenced = isolating.clone();
        if !baseline_denies.is_empty() && !per_pod.answers().contains(&false) {
            for policy in view.all_policies(namespace) {
                unfenced.push(selected(self, policy));
            }
        }
        later.push((Gate::Unfenced, Vec::new(), [unfenced.as_slice(), baseline_denies].concat()));
        let decides = !baseline_denies.is_empty() || world.has(Fault::BaselineOverrides);
        for placed in baseline.iter().filter(|_| decides) {
            if placed.rule.action != Action::Deny {
                let denied_before = before(baseline, placed, &[Action::Deny]);
                let overrides = placed.rule.action == Action::Accept && world.has(Fault::BaselineOverrides);
                let isolating = if overrides { &[] } else { unfenced.as_slice() };
                let blocks = [isolating, &denied_before].concat();
                later.push((Gate::Rule(placed.rule), vec![placed.clause], blocks));
            }
        }
        // Since a policy selects the pod at all, so that the Baseline tier is not asked.
        if !baseline_denies.is_empty() && per_pod.answers().contains(&true) {
            for policy in view.all_policies(namespace) {
                let needs = vec![selected(self, policy)];
                later.push((Gate::Spared(policy), needs, isolating.clone()));
            }
        }
        // By a rule of a NetworkPolicy.
        for active in view.policies(world, namespace, self.direction).filter(|active| active.allows) {
            for rule in rules_of_network_policy(active.policy, self.direction) {
                let own = vec![Asks::Labels(&active.policy.subject)];
                let policy = PolicyRef::Network(active.policy);
                let needs = vec![self.clause(Clause { policy, own, rule: Some(rule) })];
                later.push((Gate::Rule(rule), needs, Vec::new()));
            }
        }
        later
    }

    /// The rules of a tier that could be about pods of the namespace, in order.
    fn placed(
        &mut self,
        view: &View<'a>,
        world: &World<'a>,
        tier: Tier,
        namespace: NamespaceId,
    ) -> Vec<Placed<'a>> {
        let mut placed = Vec::new();
        let in_tier = world.tiers.iter().enumerate().filter(|(_, active)| active.policy.tier == tier);
        for (number, active) in in_tier {
            let subject = &active.policy.subject;
            if view.namespace_certainty(&subject.namespaces, namespace) == Certainty::No {
                continue;
            }
            for rule in rules_of_cluster_policy(active.policy, self.direction) {
                let own = vec![Asks::Namespace(&subject.namespaces), Asks::Labels(&subject.pods)];
                let policy = PolicyRef::Cluster(active.policy);
                let clause = self.clause(Clause { policy, own, rule: Some(rule) });
                let priority = active.policy.priority;
                placed.push(Placed { clause, rule, priority, policy: number, sure: active.sure });
            }
        }
        placed
    }

    fn clause(&mut self, clause: Clause<'a>) -> usize {
        self.clauses.push(clause);
        self.clauses.len() - 1
    }

    fn push(&mut self, gate: Gate<'a>, passed_by: Option<Rule<'a>>, needs: Vec<usize>, blocks: Vec<usize>) {
        self.ways.push(Way { namespace: self.namespace, gate, passed_by, needs, blocks });
    }

    /// What a way is blocked by, for one that is across, each with the policy that blocks it.
    pub(crate) fn blocked_by<'b>(
        &'b self,
        way: &'b Way<'a>,
        blocks: &'b Blocks<'a>,
    ) -> impl Iterator<Item = (PolicyRef<'a>, &'b Block<'a>)> {
        let block = |&clause: &usize| Some((self.clauses.get(clause)?.policy, blocks.get(clause)?.as_ref()?));
        way.blocks.iter().filter_map(block)
    }

    /// The clauses, for one that is across.
    pub(crate) fn resolve(&self, view: &View<'a>, world: &World<'a>, across: Across) -> Blocks<'a> {
        let (own, other) = match self.direction {
            Direction::Egress => (Side::Source, Side::Target),
            Direction::Ingress => (Side::Target, Side::Arrival),
        };
        let resolve = |clause: &Clause<'a>| {
            let mut asks: Vec<_> = clause.own.iter().map(|asks| (own, asks.clone())).collect();
            let Some(rule) = &clause.rule else { return Some(Block { asks, ports: Ports::ALL }) };
            asks.extend(asked(view, world, rule, across)?.into_iter().map(|asks| (other, asks)));
            Some(Block { asks, ports: rule.ports })
        };
        self.clauses.iter().map(resolve).collect()
    }
}

impl<'a> Way<'a> {
    /// What must be so, if the rules that it needs can mean the one that is across.
    pub(crate) fn needs<'b>(&self, blocks: &'b Blocks<'a>) -> Option<Vec<&'b Block<'a>>> {
        self.needs.iter().map(|&clause| blocks.get(clause)?.as_ref()).collect()
    }

    /// What must not be so.
    pub(crate) fn blocks<'b>(&self, blocks: &'b Blocks<'a>) -> impl Iterator<Item = &'b Block<'a>> {
        self.blocks.iter().filter_map(|&clause| blocks.get(clause)?.as_ref())
    }
}

/// The rules of a tier that surely take precedence over one of it, and take one of these actions. Those of other
/// policies with the same priority may come later (rule N59); those of its own policy are there if it is.
fn before(tier: &[Placed<'_>], of: &Placed<'_>, actions: &[Action]) -> Vec<usize> {
    let precedes = |placed: &&Placed<'_>| {
        let in_own = placed.policy == of.policy && placed.rule.index < of.rule.index;
        in_own || (placed.sure && placed.priority < of.priority)
    };
    // A rule by node labels is about some nodes, and which one it is is not asked (rule N66).
    let is_sure = |placed: &&Placed<'_>| {
        let peer = placed.rule.peer.map(|(_, peer)| peer.kind);
        !matches!(peer, Some(PeerRef::Tier(TierPeerKind::Nodes(_))))
    };
    let taking = tier.iter().filter(|placed| actions.contains(&placed.rule.action)).filter(is_sure);
    taking.filter(precedes).map(|placed| placed.clause).collect()
}

/// What a rule asks of one that is across; `None` if its peer does not mean it.
fn asked<'a>(view: &View<'a>, world: &World<'a>, rule: &Rule<'a>, across: Across) -> Option<Vec<Asks<'a>>> {
    let Some((_, Peer { kind, .. })) = rule.peer else { return Some(Vec::new()) };
    match (kind, across) {
        (PeerRef::Network(PeerKind::Pods { namespaces, pods, .. }), Across::Pod(namespace)) => {
            let mut asks = match (namespaces, rule.policy) {
                (NamespaceScope::Selected(scope), _) => among(view, namespace, scope)?,
                (NamespaceScope::Own, PolicyRef::Network(policy)) if policy.namespace == namespace => {
                    Vec::new()
                }
                (NamespaceScope::Own, _) => return None,
            };
            asks.push(Asks::Labels(pods));
            Some(asks)
        }
        (PeerRef::Network(PeerKind::IpBlock { cidr, except }), _) => {
            let block = block_addresses(*cidr, except);
            let may = match across {
                Across::Pod(_) => view.block_may_hold_pods(&block),
                Across::Node => view.block_may_hold_nodes(&block),
            };
            may.then(|| vec![Asks::Address(block)])
        }
        (PeerRef::Tier(TierPeerKind::Pods { namespaces, pods }), Across::Pod(namespace)) => {
            let mut asks = among(view, namespace, namespaces)?;
            asks.push(Asks::Labels(pods));
            Some(asks)
        }
        (PeerRef::Tier(TierPeerKind::Networks(networks)), _) if world.networks_match_cluster => {
            Some(vec![Asks::Address(network_addresses(networks))])
        }
        // A name may resolve to anything (rule N70).
        (PeerRef::Tier(TierPeerKind::DomainNames(_)), _) if rule.action == Action::Accept => Some(Vec::new()),
        // Which node a connection comes through is not asked, so a rule by node labels counts where it opens.
        (PeerRef::Tier(TierPeerKind::Nodes(_)), Across::Node) if rule.action != Action::Deny => {
            Some(Vec::new())
        }
        (PeerRef::Network(PeerKind::Pods { .. }) | PeerRef::Tier(_), _) => None,
    }
}

/// That a namespace is selected, as far as that is not certain; `None` if it cannot be.
fn among<'a>(view: &View<'a>, namespace: NamespaceId, selector: &'a Selector) -> Option<Vec<Asks<'a>>> {
    match view.namespace_certainty(selector, namespace) {
        Certainty::No => None,
        Certainty::Maybe => Some(vec![Asks::Namespace(selector)]),
        Certainty::Yes => Some(Vec::new()),
    }
}
