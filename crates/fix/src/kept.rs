//! What worked before and has to work afterwards: connections that were surely open, but for those from the hostile side
//! into the other.

use crate::input::Input;
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{AddressSet, ConnectionSet, Labels};
use watertight_model::{
    ConnectivityMap, NamespaceId, NetworkPolicy, ObjectRef, Peer, PeerKind, Pod, PolicyPeer, Service,
    ServiceType, Snapshot,
};

/// The connections of one map, each with the object that carries it on.
type Ways<'m> = BTreeMap<(&'m Peer, Option<&'m ObjectRef>), Vec<(&'m Peer, &'m ConnectionSet)>>;

/// A connection that is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lost {
    /// One from somebody to somebody.
    Way(Box<Way>),
    /// Those that a Service brings in under the addresses of nodes.
    ThroughNodes {
        /// The Service.
        service: ObjectRef,
    },
}

/// Who could connect to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    /// Who: of addresses outside, those that get in no more.
    pub(crate) from: Peer,
    /// To whom: of addresses outside, those that are reached no more.
    pub(crate) to: Peer,
    /// The object that carried it on.
    pub(crate) via: Option<ObjectRef>,
    /// The ports.
    pub(crate) ports: ConnectionSet,
}

/// The connections of `before` that `after` has no more.
///
/// Addresses of which the input says that they are a pod's or a node's are not outside. Where pods and nodes may be besides
/// is not surely outside either, and counts where somebody wrote a block for it, and not where nobody wrote anything.
pub(crate) fn lost<'m>(
    input: &'m Input<'_>,
    before: &'m ConnectivityMap,
    after: &'m ConnectivityMap,
) -> impl Iterator<Item = Lost> + 'm {
    let inward = ways(after);
    let edges = before.edges.iter().map(|edge| (&edge.from, &edge.to, None, &edge.allow));
    let paths = before.paths.iter().map(|path| (&path.from, &path.to, Some(&path.via), &path.allow));
    edges.chain(paths).filter_map(move |(from, to, via, allow)| {
        if crosses(input, from, to) {
            return None;
        }
        let allow =
            if relays(input, from, to) { allow.intersection(&input.carried.to(to)) } else { allow.clone() };
        if allow.is_empty() {
            return None;
        }
        let way = |from: &Peer, to: &Peer, ports| {
            Lost::Way(Box::new(Way { from: from.clone(), to: to.clone(), via: via.cloned(), ports }))
        };
        match (from, to) {
            (Peer::Node { .. } | Peer::Future { .. }, _) | (_, Peer::Node { .. } | Peer::Future { .. }) => {
                None
            }
            (Peer::Cidrs(nets), _) => {
                let open = inward.get(&(to, via)).into_iter().flatten();
                let open = open.filter(|(_, allowed)| allow.is_subset(allowed)).map(|(peer, _)| *peer);
                let nets = uncovered(nets, open, &not_outside(input, to, Direction::In))?;
                Some(way(&Peer::Cidrs(nets), to, allow))
            }
            (_, Peer::Cidrs(nets)) => {
                let open =
                    after.edges.iter().filter(|edge| edge.from == *from && allow.is_subset(&edge.allow));
                let not_outside = not_outside(input, from, Direction::Out);
                let nets = uncovered(nets, open.map(|edge| &edge.to), &not_outside)?;
                Some(way(from, &Peer::Cidrs(nets), allow))
            }
            _ => {
                let open = inward.get(&(to, via)).into_iter().flatten().filter(|(peer, _)| *peer == from);
                let open = open.map(|(_, allowed)| *allowed);
                if open.clone().any(|allowed| allow.is_subset(allowed)) {
                    return None;
                }
                Some(way(from, to, open.fold(allow, |rest, allowed| rest.difference(allowed))))
            }
        }
    })
}

/// The Services whose clients came in under the addresses of nodes, and do so no more.
///
/// Without `externalTrafficPolicy: Local` a node may put its own address in place of a client's (rule N40). The map has no
/// line for that where addresses outside reach the pods anyhow.
pub(crate) fn lost_through_nodes<'s>(
    input: &'s Input<'_>,
    after: &'s Snapshot,
) -> impl Iterator<Item = Lost> + 's {
    let admits = |snapshot: &Snapshot, service: &Service| {
        let mut pods = behind(snapshot, service).peekable();
        pods.peek().is_some() && pods.all(|pod| admits_nodes(input, snapshot, pod))
    };
    let services = brought_in(input, input.snapshot).filter(move |service| {
        let same = after.services.iter().find(|other| other.origin.object == service.origin.object);
        admits(input.snapshot, service)
            && same.is_none_or(|other| !other.keeps_client_address && !admits(after, other))
    });
    services.map(|service| Lost::ThroughNodes { service: service.origin.object.clone() })
}

/// The Services, but for those of the hostile side, whose clients may come under the address of a node.
pub(crate) fn brought_in<'s>(
    input: &'s Input<'_>,
    snapshot: &'s Snapshot,
) -> impl Iterator<Item = &'s Service> {
    snapshot.services.iter().filter(|service| {
        matches!(service.kind, ServiceType::NodePort | ServiceType::LoadBalancer)
            && !service.keeps_client_address
            && !input.from.contains(&snapshot.namespace(service.namespace).name)
    })
}

/// The pods behind a Service.
pub(crate) fn behind<'s>(snapshot: &'s Snapshot, service: &'s Service) -> impl Iterator<Item = &'s Pod> {
    let is_behind = |pod: &&Pod| {
        let selects =
            |selector: &Labels| selector.iter().all(|(key, value)| pod.labels.get(key) == Some(value));
        pod.namespace == service.namespace && service.selector.as_ref().is_some_and(selects)
    };
    snapshot.pods.iter().filter(is_behind)
}

/// Whether addresses that nodes may have get into a pod.
fn admits_nodes(input: &Input<'_>, snapshot: &Snapshot, pod: &Pod) -> bool {
    let about = |policy: &&NetworkPolicy| {
        policy.namespace == pod.namespace && policy.types.ingress && policy.subject.matches(&pod.labels)
    };
    let mut policies = snapshot.policies.iter().filter(about).peekable();
    let admits = |peer: &PolicyPeer| match &peer.kind {
        PeerKind::IpBlock { cidr, except } => {
            let out = except.iter().fold(AddressSet::empty(), |all, &net| all.union(&AddressSet::cidr(net)));
            AddressSet::cidr(*cidr).difference(&out).meets(&input.space.nodes.difference(&input.space.pods))
                || AddressSet::cidr(*cidr).difference(&out).meets(&input.space.known)
        }
        PeerKind::Pods { .. } => false,
    };
    policies.peek().is_none()
        || policies
            .flat_map(|policy| &policy.ingress)
            .any(|rule| rule.peers.as_ref().is_none_or(|peers| peers.iter().any(admits)))
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

/// The addresses that are in none of the open networks, and count; `None` if there are none.
fn uncovered<'p>(
    nets: &[IpNet],
    open: impl Iterator<Item = &'p Peer>,
    not_outside: &AddressSet,
) -> Option<Vec<IpNet>> {
    let all = nets.iter().fold(AddressSet::empty(), |all, &net| all.union(&AddressSet::cidr(net)));
    let rest = open.fold(all.difference(not_outside), |rest, peer| match peer {
        Peer::Cidrs(nets) => nets.iter().fold(rest, |rest, &net| rest.difference(&AddressSet::cidr(net))),
        _ => rest,
    });
    (!rest.is_empty()).then(|| rest.cidrs())
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
    let pods =
        input.snapshot.pods.iter().filter(|pod| {
            pod.namespace == namespace && pod.workload.kind == *kind && pod.workload.name == *name
        });
    let written =
        pods.fold(AddressSet::empty(), |all, pod| all.union(&written(input, namespace, pod, direction)));
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
    rules.flat_map(|rule| rule.peers.iter().flatten()).fold(AddressSet::empty(), |all, peer| {
        match &peer.kind {
            PeerKind::IpBlock { cidr, except } if cidr.prefix_len() > 0 => {
                let out =
                    except.iter().fold(AddressSet::empty(), |all, &net| all.union(&AddressSet::cidr(net)));
                all.union(&AddressSet::cidr(*cidr).difference(&out))
            }
            _ => all,
        }
    })
}
