//! Why one peer can or cannot open connections to another: every rule that has a say, per direction.

use crate::derivation::because;
use crate::direction::Direction;
use crate::map::{between, inward, outward};
use crate::pair::{Before, Endpoint};
use crate::sorts::{Groups, Sort, workloads};
use crate::view::View;
use watertight_base::{AddressSet, ConnectionSet, PortSet, Protocol};
use watertight_model::{
    DirectionExplanation, Explanation, NetworkPolicy, Node, Peer, PolicyRule, Role, RuleEffect, Snapshot,
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
    let means = |peer: &Peer, sorts: &[Sort<'_>]| {
        let Peer::Workload { namespace, kind, name, .. } = peer else { return false };
        let pod_named = |wanted: &str| sorts.iter().any(|sort| sort.holds_pod_named(wanted));
        match parts[..] {
            [in_namespace, wanted] => namespace == in_namespace && (name == wanted || pod_named(wanted)),
            [in_namespace, of_kind, wanted] => {
                namespace == in_namespace && kind.eq_ignore_ascii_case(of_kind) && name == wanted
            }
            _ => false,
        }
    };
    workloads(view).into_iter().filter(|(peer, pods)| means(peer, pods)).map(|(peer, _)| peer).collect()
}

/// The explanation of one pair of peers; `None` if one of them is not in the snapshot.
pub(crate) fn explain(
    view: &View<'_>,
    from: &Peer,
    to: &Peer,
    port: Option<(Protocol, u16)>,
) -> Option<Explanation> {
    let groups = workloads(view);
    let (sources, targets) = (Ends::of(view.snapshot, &groups, from)?, Ends::of(view.snapshot, &groups, to)?);
    let (source, target) = (sources.one()?, targets.one()?);
    let shown = port.map_or_else(ConnectionSet::full, |(protocol, port)| {
        ConnectionSet::of(protocol, PortSet::single(port))
    });
    let allow = match (&sources, &targets) {
        (Ends::Pods(sources), Ends::Pods(targets)) => between(view, sources, targets),
        (Ends::Pods(sources), _) => outward(view, sources, target),
        (_, Ends::Pods(targets)) => inward(view, source, targets),
        _ => view.passes(source, target),
    };
    let itself = match (&sources, &targets) {
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
enum Ends<'s, 'a> {
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
    let policies: Vec<&NetworkPolicy> = match own {
        Endpoint::Pod(pod) => view.policies_on(direction, pod).map(|active| active.policy).collect(),
        Endpoint::Node(_) | Endpoint::Outside(_) => Vec::new(),
    };
    let selects = |policy: &&NetworkPolicy| {
        because(Role::Selects, policy.origin.object.clone(), "/spec/podSelector", Some(policy.subject_span))
    };
    let rules = policies.iter().flat_map(|policy| {
        let rules = direction.rules(policy).iter().enumerate();
        rules.map(|(index, rule)| {
            let allows = view.rule_allows(direction, policy, rule, own, other);
            let text = effect(view, policy, rule, other, &allows, direction);
            let allows = allows.intersection(shown);
            let path = format!("/spec/{}/{index}", direction.name());
            let role = if allows.is_empty() { Role::Denies } else { Role::Allows };
            RuleEffect {
                because: because(role, policy.origin.object.clone(), &path, Some(rule.span)),
                allows,
                text,
            }
        })
    });
    DirectionExplanation {
        rules: rules.collect(),
        isolated_by: policies.iter().map(selects).collect(),
        allow: view.fold(&view.worlds, |world| view.side(world, direction, own, other)).intersection(shown),
    }
}

fn effect(
    view: &View<'_>,
    policy: &NetworkPolicy,
    rule: &PolicyRule,
    other: Endpoint<'_>,
    allows: &ConnectionSet,
    direction: Direction,
) -> String {
    if !allows.is_empty() {
        return format!("allows {allows}");
    }
    let means =
        rule.peers.as_ref().is_none_or(|peers| peers.iter().any(|peer| view.peer_is(policy, peer, other)));
    let field = direction.peers_field();
    if means {
        "means this peer, but none of its ports is one here".to_owned()
    } else {
        format!("no element of its `{field}` means this peer")
    }
}
