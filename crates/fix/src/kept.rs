//! What worked before and has to work afterwards: connections that were surely open, but for those from the hostile side
//! into the other.

use crate::input::Input;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{AddressSet, ConnectionSet};
use watertight_model::{ConnectivityMap, NamespaceId, ObjectRef, PeerKind, Peer, Pod};

/// The connections of one map, each with the object that carries it on.
type Ways<'m> = BTreeMap<(&'m Peer, Option<&'m ObjectRef>), Vec<(&'m Peer, &'m ConnectionSet)>>;

/// A connection that is lost: who opened it, to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) from: Peer,
    pub(crate) to: Peer,
}

/// The first connection of `before` that `after` has no more.
///
/// Addresses of which the input says that they are a pod's or a node's are not outside. Where pods and nodes may be besides
/// is not surely outside either, and counts where somebody wrote a block for it, and not where nobody wrote anything.
pub(crate) fn lost(input: &Input<'_>, before: &ConnectivityMap, after: &ConnectivityMap) -> Option<Lost> {
    let inward = ways(after);
    let edges = before.edges.iter().map(|edge| (&edge.from, &edge.to, None, &edge.allow));
    let paths = before.paths.iter().map(|path| (&path.from, &path.to, Some(&path.via), &path.allow));
    let is_lost = |(from, to, via, allow): &(&Peer, &Peer, Option<&ObjectRef>, &ConnectionSet)| {
        if crosses(input, from, to) {
            return false;
        }
        let allow = if relays(input, from, to) { allow.intersection(&input.carried.to(to)) } else { (*allow).clone() };
        if allow.is_empty() {
            return false;
        }
        match (from, to) {
            (Peer::Node { .. } | Peer::Future { .. }, _) | (_, Peer::Node { .. } | Peer::Future { .. }) => false,
            (Peer::Cidrs(nets), _) => {
                let open = inward.get(&(*to, *via)).into_iter().flatten();
                let open = open.filter(|(_, allowed)| allow.is_subset(allowed)).map(|(peer, _)| *peer);
                is_uncovered(nets, open, &not_outside(input, to, Direction::In))
            }
            (_, Peer::Cidrs(nets)) => {
                let open = after.edges.iter().filter(|edge| edge.from == **from && allow.is_subset(&edge.allow));
                is_uncovered(nets, open.map(|edge| &edge.to), &not_outside(input, from, Direction::Out))
            }
            _ => !inward
                .get(&(*to, *via))
                .into_iter()
                .flatten()
                .any(|(peer, allowed)| *peer == *from && allow.is_subset(allowed)),
        }
    };
    let found = edges.chain(paths).find(is_lost)?;
    Some(Lost { from: found.0.clone(), to: found.1.clone() })
}

fn ways(map: &ConnectivityMap) -> Ways<'_> {
    let mut ways: Ways<'_> = BTreeMap::new();
    for edge in &map.edges {
        ways.entry((&edge.to, None)).or_default().push((&edge.from, &edge.allow));
    }
    for path in &map.paths {
        ways.entry((&path.to, Some(&path.via))).or_default().push((&path.from, &path.allow));
    }
    ways
}

/// Whether it goes from the hostile side into the other.
fn crosses(input: &Input<'_>, from: &Peer, to: &Peer) -> bool {
    is_in(from, &input.from) && is_in(to, &input.to)
}

/// Whether it goes from a proxy that serves the hostile side's routes too into the other side: a way across, but for what it
/// carries on by purpose.
fn relays(input: &Input<'_>, from: &Peer, to: &Peer) -> bool {
    let Peer::Workload { namespace, kind, name, .. } = from else { return false };
    input.relays.contains(&(namespace.clone(), kind.clone(), name.clone())) && is_in(to, &input.to)
}

/// Whether connections from one to the other have to be kept, as far as their ports say.
pub(crate) fn counts(input: &Input<'_>, from: &Peer, to: &Peer) -> bool {
    !crosses(input, from, to) && (!relays(input, from, to) || !input.carried.to(to).is_empty())
}

fn is_in(peer: &Peer, side: &BTreeSet<String>) -> bool {
    match peer {
        Peer::Workload { namespace, .. } | Peer::Future { namespace, .. } => side.contains(namespace),
        Peer::Cidrs(_) | Peer::Node { .. } => false,
    }
}

/// Whether an address is in none of the open networks, and counts.
fn is_uncovered<'p>(
    nets: &[ipnet::IpNet],
    open: impl Iterator<Item = &'p Peer>,
    not_outside: &AddressSet,
) -> bool {
    let all = nets.iter().fold(AddressSet::empty(), |all, &net| all.union(&AddressSet::cidr(net)));
    let rest = open.fold(all.difference(not_outside), |rest, peer| match peer {
        Peer::Cidrs(nets) => nets.iter().fold(rest, |rest, &net| rest.difference(&AddressSet::cidr(net))),
        _ => rest,
    });
    !rest.is_empty()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    In,
    Out,
}

/// The addresses that do not count as outside for the pods of a workload.
fn not_outside(input: &Input<'_>, peer: &Peer, direction: Direction) -> AddressSet {
    let Peer::Workload { namespace, kind, name, .. } = peer else { return input.space.known.clone() };
    let Some(namespace) = input.snapshot.namespace_named(namespace) else { return input.space.known.clone() };
    let pods = input.snapshot.pods.iter().filter(|pod| {
        pod.namespace == namespace && pod.workload.kind == *kind && pod.workload.name == *name
    });
    let written = pods.fold(AddressSet::empty(), |all, pod| all.union(&written(input, namespace, pod, direction)));
    input.space.known.union(&input.space.nodes.difference(&written))
}

/// The addresses that policies about a pod name, by blocks that are not the whole of a family.
fn written(input: &Input<'_>, namespace: NamespaceId, pod: &Pod, direction: Direction) -> AddressSet {
    let about = input
        .snapshot
        .policies
        .iter()
        .filter(|policy| policy.namespace == namespace && policy.subject.matches(&pod.labels));
    let rules =
        about.flat_map(|policy| if direction == Direction::In { &policy.ingress } else { &policy.egress });
    rules.flat_map(|rule| rule.peers.iter().flatten()).fold(AddressSet::empty(), |all, peer| match &peer.kind {
        PeerKind::IpBlock { cidr, except } if cidr.prefix_len() > 0 => {
            let out = except.iter().fold(AddressSet::empty(), |all, &net| all.union(&AddressSet::cidr(net)));
            all.union(&AddressSet::cidr(*cidr).difference(&out))
        }
        _ => all,
    })
}
