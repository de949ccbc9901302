//! Crossings by way of nodes: to what is on the host network, and on through a node port. Each side decides by itself about
//! a connection that it sees a node at the other end of (rules N35, N37, N40, N42).

use super::{Found, Search, cause};
use crate::derivation::Derivation;
use crate::direction::Direction;
use crate::ends::{future_on_host_network, pods_in, today};
use crate::leak::Leak;
use crate::paths::published::NodePort;
use crate::region::{Block, EndSpace, Names, Passing, Region, Undecided};
use crate::ways::{Across, Blocks, Way, Ways};
use watertight_base::ConnectionSet;
use watertight_model::{FactPeer, NamespaceId, ObjectRef, Pod, PodState, When};

/// A pod of today, or `None` for one that could be created, and what passes.
pub(super) type OnePod = (Option<usize>, Passing);

impl<'a> Search<'_, 'a> {
    /// Whether a connection that comes from a node enters through a way in, and to which pod. Who sent it to the node does
    /// not matter.
    pub(super) fn enters_from_nodes(
        &mut self,
        target: NamespaceId,
        ingress: &Way<'a>,
        inward: &Blocks<'a>,
    ) -> Option<OnePod> {
        let view = self.view;
        let needs = ingress.needs(inward)?;
        let blocks: Vec<&Block<'a>> = ingress.blocks(inward).collect();
        self.one_pod(target, &needs, &blocks, |target, names| Region {
            source: EndSpace::node(view),
            target,
            arrival: Some(EndSpace::node(view)),
            ports: ConnectionSet::full(),
            names,
        })
    }

    /// Whether connections that pods can open to nodes are carried on by a Service with a node port: the two halves are
    /// decided about by themselves, each on ports of its own (rules N40, N42).
    pub(super) fn through_nodes(
        &mut self,
        (source, outward): (NamespaceId, &Ways<'a>),
        (target, ingress): (NamespaceId, &Way<'a>),
        enters: &OnePod,
    ) {
        let view = self.view;
        let to_nodes = outward.resolve(view, self.world, Across::Node);
        for egress in &outward.ways {
            let Some(needs) = egress.needs(&to_nodes) else { continue };
            let blocks: Vec<&Block<'a>> = egress.blocks(&to_nodes).collect();
            let leaves = self.one_pod(source, &needs, &blocks, |source, _| Region {
                source,
                target: EndSpace::node(view),
                arrival: None,
                ports: ConnectionSet::full(),
                names: Names::Nothing,
            });
            if let Some(leaves) = leaves {
                let ways = (egress, ingress);
                self.push_through_nodes(ways, (source, leaves), (target, enters.clone()), None);
                return;
            }
        }
    }

    /// The same for what is there: a pod of today that reaches a pod of today through a Service of today.
    pub(super) fn through_node_ports_of_today(
        &mut self,
        (source, outward): (NamespaceId, &Ways<'a>),
        (target, ingress): (NamespaceId, &Way<'a>),
        inward: &Blocks<'a>,
    ) {
        let (view, under) = (self.view, (self.view, self.world));
        let to_nodes = outward.resolve(view, self.world, Across::Node);
        for published in self.node_ports {
            let Some((index, enters)) = self.enters_by(published, target, ingress, inward) else { continue };
            for egress in &outward.ways {
                let Some(needs) = egress.needs(&to_nodes) else { continue };
                let blocks: Vec<&Block<'a>> = egress.blocks(&to_nodes).collect();
                for (from, pod) in pods_in(view, source).filter(|(_, pod)| !view.on_host_network(pod)) {
                    let region = Region {
                        source: EndSpace::today(under, pod),
                        target: EndSpace::node(view),
                        arrival: None,
                        ports: published.at.clone(),
                        names: Names::Nothing,
                    };
                    if let Ok(Some(leaves)) = region.pass(under, &needs, &blocks, &mut self.budget) {
                        let (from, to) = ((Some(from), leaves), (Some(index), enters));
                        let ends = ((source, from), (target, to));
                        self.push_through_nodes((egress, ingress), ends.0, ends.1, Some(published.via));
                        return;
                    }
                }
            }
        }
    }

    /// A pod behind a published port that lets in what comes from a node.
    fn enters_by(
        &mut self,
        published: &NodePort<'_>,
        target: NamespaceId,
        ingress: &Way<'a>,
        inward: &Blocks<'a>,
    ) -> Option<(usize, Passing)> {
        let (view, under) = (self.view, (self.view, self.world));
        let needs = ingress.needs(inward)?;
        let blocks: Vec<&Block<'a>> = ingress.blocks(inward).collect();
        let is_ordinary = |pod: &Pod| {
            pod.namespace == target && pod.state == PodState::Active && !view.on_host_network(pod)
        };
        let backends =
            published.backends.iter().filter(|(index, _)| is_ordinary(&view.snapshot.pods[**index]));
        for (&index, ports) in backends {
            let region = Region {
                source: EndSpace::node(view),
                target: EndSpace::today(under, &view.snapshot.pods[index]),
                arrival: Some(EndSpace::node(view)),
                ports: ports.clone(),
                names: self.names_of(Some(index)),
            };
            if let Ok(Some(passing)) = region.pass(under, &needs, &blocks, &mut self.budget) {
                return Some((index, passing));
            }
        }
        None
    }

    /// A pod of a namespace for which a connection passes: of today if there is one, else one that could be created.
    pub(super) fn one_pod(
        &mut self,
        namespace: NamespaceId,
        needs: &[&Block<'a>],
        blocks: &[&Block<'a>],
        region: impl Fn(EndSpace<'a>, Names<'a>) -> Region<'a>,
    ) -> Option<OnePod> {
        let (view, under) = (self.view, (self.view, self.world));
        let future = EndSpace::future(under, namespace).map(|future| region(future, self.names_of(None)));
        let passing = future.map_or(Ok(None), |future| future.pass(under, needs, blocks, &mut self.budget));
        // Whatever passes for a pod of today passes for one that could be created, unless that would be refused now.
        // Where the files are read alone, that is so but for addresses: one to come has none that is known.
        let passing = match passing {
            Ok(None) if view.profile.two_relations && view.creatable.is_anything(namespace) => return None,
            Ok(passing) => passing,
            Err(Undecided) => {
                self.undecided(namespace);
                return None;
            }
        };
        let today = pods_in(view, namespace).filter(|(_, pod)| !view.on_host_network(pod));
        for index in today.map(|(index, _)| index) {
            let pod = EndSpace::today(under, &view.snapshot.pods[index]);
            let today = region(pod, self.names_of(Some(index)));
            if let Ok(Some(passing)) = today.pass(under, needs, blocks, &mut self.budget) {
                return Some((Some(index), passing));
            }
        }
        Some((None, passing?))
    }

    fn push_through_nodes(
        &mut self,
        (egress, ingress): (&Way<'a>, &Way<'a>),
        (source, (from_pod, leaves)): (NamespaceId, OnePod),
        (target, (to_pod, enters)): (NamespaceId, OnePod),
        via: Option<&ObjectRef>,
    ) {
        let view = self.view;
        let from = self.peer(from_pod, source, leaves.source);
        let from = FactPeer { behind_node: true, address: enters.arrives_from, ..from };
        let to = FactPeer { named_ports: enters.names, ..self.peer(to_pod, target, enters.target) };
        self.shown.insert((cause(&ingress.gate, &to.namespace), source));
        let leak = match Leak::behind(view, &ingress.gate, source, target) {
            Leak::UnfencedIngress => Leak::NodeAddressUnmatched,
            _ => Leak::IpblockHoldsNodes,
        };
        let mut derivation = Derivation::new(view);
        let runs = derivation.runs(&from, false);
        let there = derivation.target(&to);
        let at = leaves.target.address;
        let out = derivation.leaves_for_node(egress, &from, at, &leaves.ports, via, &[runs]);
        let into = derivation.passes(Direction::Ingress, ingress, &from, &to, &enters.ports, &[there]);
        let how = ", through a node port that rewrites its address to a node's";
        derivation.connects("N40", how, &from, &to, &enters.ports, &[runs, there, out, into]);
        let highlight = self.gate_highlight(leak, &ingress.gate, &to);
        let assumed = !from.namespace_labels.is_empty() || !to.namespace_labels.is_empty();
        let when = if via.is_some() && !assumed { When::Now } else { When::Possible };
        let (gate, ports) = (Some(&ingress.gate), &enters.ports);
        self.push(Found { leak, when, gate, from, to, ports, highlight }, derivation);
    }

    /// Pods on the host network of the `to` side, where nothing but the source's own policies has a say: those apply to
    /// whatever is on its own node too, and know nodes by their addresses alone (rules N35, N37).
    pub(super) fn onto_the_host_network(&mut self, source: NamespaceId, target: NamespaceId) {
        let (view, world) = (self.view, self.world);
        let outward = Ways::of(view, world, source, Direction::Egress);
        let to_nodes = outward.resolve(view, world, Across::Node);
        let on_host = pods_in(view, target).filter(|(_, pod)| view.on_host_network(pod));
        let there: Vec<usize> = on_host.map(|(index, _)| index).collect();
        let ends = there.iter().map(|&index| (Some(index), today(view, index)));
        let future = future_on_host_network(view, target).map(|peer| (None, peer));
        for (index, to) in ends.chain(future) {
            let space = || match index {
                Some(index) => EndSpace::on_host(view, &view.snapshot.pods[index]),
                None => EndSpace::node(view),
            };
            for egress in &outward.ways {
                let Some(needs) = egress.needs(&to_nodes) else { continue };
                let blocks: Vec<&Block<'a>> = egress.blocks(&to_nodes).collect();
                let names = self.names_of(index);
                let leaves = self.one_pod(source, &needs, &blocks, |source, _| Region {
                    source,
                    target: space(),
                    arrival: None,
                    ports: ConnectionSet::full(),
                    names: names.clone(),
                });
                if let Some((from, passing)) = leaves {
                    self.push_to_the_host_network(source, from, to, egress, passing);
                    return;
                }
            }
        }
    }

    fn push_to_the_host_network(
        &mut self,
        source: NamespaceId,
        from: Option<usize>,
        to: FactPeer,
        egress: &Way<'a>,
        passing: Passing,
    ) {
        let view = self.view;
        let Passing { source: end, target, ports, names, .. } = passing;
        let from = self.peer(from, source, end);
        let to = FactPeer { address: target.address, named_ports: names, ..to };
        let when = match (from.pod, to.pod, from.namespace_labels.is_empty()) {
            (Some(_), Some(_), true) => When::Now,
            _ => When::Possible,
        };
        let mut derivation = Derivation::new(view);
        let runs = derivation.runs(&from, false);
        let there = derivation.target(&to);
        let out = derivation.passes(Direction::Egress, egress, &from, &to, &ports, &[runs, there]);
        let into = derivation.unfenced_host(&from, &to, &ports, &[there]);
        derivation.connects("N37", "", &from, &to, &ports, &[runs, there, out, into]);
        let leak = Leak::HostNetworkTarget;
        let highlight = to.pod.and_then(|pod| {
            let span = view.snapshot.pods[pod].host_network?;
            Some((span, "shares the network of its node, which no NetworkPolicy fences".to_owned()))
        });
        self.push(Found { leak, when, gate: None, from, to, ports: &ports, highlight }, derivation);
    }
}
