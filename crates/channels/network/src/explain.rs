//! Why one peer can or cannot open connections to another: every rule that has a say, per direction.

use crate::derivation::because;
use crate::direction::Direction;
use crate::kinds::Kinds;
use crate::map::{between, inward, outward};
use crate::pair::{Before, Endpoint};
use crate::rule::{Rule, rules_of_cluster_policy};
use crate::sorts::{Groups, Sort, workloads};
use crate::tier::Question;
use crate::view::{Certainty, View};
use crate::world::World;
use watertight_base::{AddressSet, ConnectionSet, PortSet, Protocol};
use watertight_model::{
    Action, DirectionExplanation, EvidenceRole, Explanation, NetworkPolicy, Node, Peer, Pod, PolicyRule,
    RuleEffect, Snapshot, Tier,
};

/// The peers of a map that a name means, sorted.
pub(crate) fn peers_named(view: &View<'_>, name: &str) -> Vec<Peer> {
    if let Ok(address) = name.parse() {
        return vec![Peer::Cidrs(AddressSet::address(address).cidrs())];
    }
    let parts: Vec<&str> = name.split('/').collect();
    if let [kind, node] = parts[..]
        && kind.eq_ignore_ascii_case("node")
        && view.snapshot.nodes.iter().any(|known| known.name == node)
    {
        return vec![Peer::Node { name: node.to_owned() }];
    }
    let means = |sorts: &[Sort<'_>]| {
        sorts.iter().flat_map(Sort::pods).any(|pod| is_pod_named(view.snapshot, pod, &parts))
    };
    let groups = workloads(view, &mut Kinds::of(view));
    groups.into_iter().filter(|(_, pods)| means(pods)).map(|(peer, _)| peer).collect()
}

/// Whether `NAMESPACE/NAME` or `NAMESPACE/KIND/NAME`, cut at the slashes, means this pod: by its workload, or by its own
/// name.
pub(crate) fn is_pod_named(snapshot: &Snapshot, pod: &Pod, parts: &[&str]) -> bool {
    let namespace = &snapshot.namespace(pod.namespace).name;
    let workload = &pod.workload;
    match *parts {
        [within, name] => namespace == within && (workload.name == name || pod.origin.object.name == name),
        [within, kind, name] => {
            namespace == within && workload.kind.eq_ignore_ascii_case(kind) && workload.name == name
        }
        _ => false,
    }
}

/// The explanation of one pair of peers; `None` if one of them is not in the snapshot.
pub(crate) fn explain(
    view: &View<'_>,
    from: &Peer,
    to: &Peer,
    port: Option<(Protocol, u16)>,
) -> Option<Explanation> {
    let groups = workloads(view, &mut Kinds::of(view));
    let (sources, targets) = (Ends::of(view.snapshot, &groups, from)?, Ends::of(view.snapshot, &groups, to)?);
    explain_ends(view, (from, &sources), (to, &targets), port)
}

/// The same for what two peers stand for, or for a part of it.
pub(crate) fn explain_ends(
    view: &View<'_>,
    (from, sources): (&Peer, &Ends<'_, '_>),
    (to, targets): (&Peer, &Ends<'_, '_>),
    port: Option<(Protocol, u16)>,
) -> Option<Explanation> {
    let (source, target) = (sources.one()?, targets.one()?);
    let shown = port.map_or_else(ConnectionSet::full, |(protocol, port)| {
        ConnectionSet::of(protocol, PortSet::single(port))
    });
    let allow = match (sources, targets) {
        (Ends::Pods(sources), Ends::Pods(targets)) => between(view, sources, targets),
        (Ends::Pods(sources), _) => outward(view, sources, target),
        (_, Ends::Pods(targets)) => inward(view, source, targets),
        _ => view.passes(source, target),
    };
    let itself = match (sources, targets) {
        (Ends::Pods([only]), Ends::Pods([same])) => std::ptr::eq(only, same) && only.is_single(),
        _ => false,
    };
    let before = if itself && view.profile.enforces {
        Some(Before::Itself)
    } else {
        view.before_policies(source, target)
    };
    Some(Explanation {
        from: from.clone(),
        to: to.clone(),
        allow: allow.intersection(&shown),
        before_policies: before.map(|before| (before.rule(), before.text().to_owned())),
        egress: direction(view, Direction::Egress, source, target, &shown),
        ingress: direction(view, Direction::Ingress, target, source, &shown),
    })
}

/// What a peer stands for.
pub(crate) enum Ends<'s, 'a> {
    Pods(&'s [Sort<'a>]),
    Node(&'a Node),
    Outside(AddressSet),
}

impl<'s, 'a> Ends<'s, 'a> {
    fn of(snapshot: &'a Snapshot, groups: &'s Groups<'a>, peer: &Peer) -> Option<Self> {
        match peer {
            Peer::Workload { .. } => groups.get(peer).map(|sorts| Self::Pods(sorts)),
            Peer::Node { name } => snapshot.nodes.iter().find(|node| node.name == *name).map(Self::Node),
            Peer::Cidrs(cidrs) => {
                let cidrs = cidrs.iter().map(|&cidr| AddressSet::cidr(cidr));
                Some(Self::Outside(cidrs.fold(AddressSet::empty(), |all, cidr| all.union(&cidr))))
            }
            Peer::Future { .. } => None,
        }
    }

    /// An endpoint that shows what the policies say of all.
    fn one(&self) -> Option<Endpoint<'_>> {
        match self {
            Self::Pods(sorts) => sorts.first().map(Sort::one),
            Self::Node(node) => Some(Endpoint::Node(node)),
            Self::Outside(addresses) => Some(Endpoint::Outside(addresses)),
        }
    }
}

fn direction(
    view: &View<'_>,
    direction: Direction,
    own: Endpoint<'_>,
    other: Endpoint<'_>,
    shown: &ConnectionSet,
) -> DirectionExplanation {
    let allow = view.fold(&view.worlds, |world| view.side(world, direction, own, other)).intersection(shown);
    let (Endpoint::Pod(pod), Some(world)) = (own, view.worlds.first()) else {
        return DirectionExplanation { rules: Vec::new(), isolated_by: Vec::new(), allow };
    };
    let policies: Vec<&NetworkPolicy> =
        view.policies_on(world, direction, pod).iter().map(|active| active.policy).collect();
    let selects = |policy: &&NetworkPolicy| {
        because(
            EvidenceRole::Selects,
            policy.origin.object.clone(),
            "/spec/podSelector",
            Some(policy.subject_span),
        )
    };
    let of_policies = policies.iter().flat_map(|policy| {
        let rules = direction.rules(policy).iter().enumerate();
        rules.map(|(index, rule)| {
            let allows = view.rule_allows(world, direction, policy, rule, own, other);
            let text = effect((view, world), policy, rule, other, &allows, direction);
            let matches = allows.intersection(shown);
            let path = format!("/spec/{}/{index}", direction.name());
            let role = if matches.is_empty() { EvidenceRole::Denies } else { EvidenceRole::Allows };
            let because = because(role, policy.origin.object.clone(), &path, Some(rule.span));
            RuleEffect { because, tier: None, action: Action::Accept, matches, text }
        })
    });
    let question = Question { world, direction, own: pod, other, address: None };
    let mut rules = tier_rules(view, Tier::Admin, question, shown);
    rules.extend(of_policies);
    let mut baseline = tier_rules(view, Tier::Baseline, question, shown);
    for effect in baseline.iter_mut().filter(|effect| !effect.matches.is_empty()) {
        if !policies.is_empty() {
            effect.matches = ConnectionSet::empty();
            effect.text = "NetworkPolicies decide before it is asked (N63)".to_owned();
        } else if view.spared(world, pod) {
            effect.text.push_str(", if it is asked about a pod that a NetworkPolicy selects (N63)");
        }
    }
    rules.append(&mut baseline);
    DirectionExplanation { rules, isolated_by: policies.iter().map(selects).collect(), allow }
}

/// The rules of a tier, as they are where it is read, in the order in which they are asked.
fn tier_rules<'a>(
    view: &View<'a>,
    tier: Tier,
    question: Question<'_, 'a>,
    shown: &ConnectionSet,
) -> Vec<RuleEffect> {
    let Question { world, direction, own, .. } = question;
    let in_tier = world.tiers.iter().map(|active| active.policy);
    let about = in_tier
        .filter(|policy| policy.tier == tier && view.is_subject(world, policy, own) != Certainty::No)
        .collect::<Vec<_>>();
    let mut effects: Vec<RuleEffect> = Vec::new();
    for rule in about.into_iter().flat_map(|policy| rules_of_cluster_policy(policy, direction)) {
        let object = &rule.policy.origin().object;
        let path = format!("/spec/{}/{}", direction.name(), rule.index);
        let matches = anywhere(view, &rule, question).intersection(shown);
        // One entry for all peers of a rule.
        let matches = match effects.pop_if(|last| last.because.object == *object && last.because.path == path)
        {
            Some(others) => others.matches.union(&matches),
            None => matches,
        };
        let before = effects.iter().any(|effect| !effect.matches.intersection(&matches).is_empty());
        let (role, mut text) = match (matches.is_empty(), rule.action) {
            (true, _) => (EvidenceRole::Denies, "it is not about this pair".to_owned()),
            (false, Action::Accept) => (EvidenceRole::Allows, format!("allows {matches}")),
            (false, Action::Deny) => (EvidenceRole::Denies, format!("denies {matches}")),
            (false, Action::Pass) => {
                (EvidenceRole::Allows, format!("leaves {matches} to what comes after its tier"))
            }
        };
        if before {
            text.push_str(", where no rule before it decides");
        }
        let is_read =
            |world: &World<'a>| world.tiers.iter().any(|active| active.policy.origin.object == *object);
        if !matches.is_empty() && !view.worlds.iter().all(is_read) {
            text.push_str(", if the network plugin reads it");
        }
        let because = because(role, object.clone(), &path, Some(rule.span));
        effects.push(RuleEffect { because, tier: Some(tier), action: rule.action, matches, text });
    }
    effects
}

/// What a rule is about, at whatever address the other end is dialled.
fn anywhere<'a>(view: &View<'a>, rule: &Rule<'a>, question: Question<'_, 'a>) -> ConnectionSet {
    let cells = match question.direction {
        Direction::Egress => view.cells_of(question.world, question.other),
        Direction::Ingress => Vec::new(),
    };
    let at = |address| view.tier_rule_matches(rule, Question { address, ..question });
    cells.iter().fold(at(None), |all, cell| all.union(&at(Some(cell))))
}

fn effect<'a>(
    (view, world): (&View<'a>, &World<'a>),
    policy: &NetworkPolicy,
    rule: &PolicyRule,
    other: Endpoint<'_>,
    allows: &ConnectionSet,
    direction: Direction,
) -> String {
    if !allows.is_empty() {
        return format!("allows {allows}");
    }
    let means = rule
        .peers
        .as_ref()
        .is_none_or(|peers| peers.iter().any(|peer| view.peer_is(world, policy, peer, other)));
    let field = direction.peers_field();
    if means {
        "means this peer, but none of its ports is one here".to_owned()
    } else {
        format!("no element of its `{field}` means this peer")
    }
}
