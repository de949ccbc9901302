//! Crossings through a proxy that serves both sides: an Ingress, a route, or a Service with endpoints of its own makes it
//! carry connections to whatever it can reach (convention 8).

use super::{Found, Search, cause};
use crate::derivation::Derivation;
use crate::direction::Direction;
use crate::ends::{any_future, future_on_host_network, pods_in, some_pod, today};
use crate::leak::Leak;
use crate::placement::Meeting;
use crate::region::{Block, EndSpace, Passing, Region, Undecided};
use crate::ways::{Across, Way, Ways};
use watertight_base::ConnectionSet;
use watertight_model::{FactPeer, NamespaceId, When};

/// What a proxy reaches.
struct Reached<'w, 'a> {
    proxy: usize,
    target: Option<usize>,
    egress: &'w Way<'a>,
    ingress: &'w Way<'a>,
    passing: Passing,
}

impl<'a> Search<'_, 'a> {
    /// Each proxy that serves the `from` side, and the first pod that it reaches on the `to` side.
    pub(super) fn by_proxy(&mut self, target: NamespaceId) {
        let snapshot = self.view.snapshot;
        let Some(&source) = self.from.first() else { return };
        let mut workloads = Vec::new();
        for &proxy in self.proxies {
            let pod = &snapshot.pods[proxy];
            let workload = (pod.namespace, &pod.workload);
            if workloads.contains(&workload) {
                continue;
            }
            // Pods of one workload may differ in what policies see: an address, if nothing else.
            if self.view.on_host_network(pod) {
                self.through_its_node(source, proxy, target);
                workloads.push(workload);
            } else if self.through_its_pod(source, proxy, target) || self.onto_a_node(source, proxy, target) {
                workloads.push(workload);
            }
        }
    }

    /// Where nothing enforces policies, a proxy reaches every pod. Where the `from` side has pods, these do too.
    pub(super) fn by_unhindered_proxy(&mut self, target: NamespaceId) {
        let view = self.view;
        let (Some(&source), Some(&proxy)) = (self.from.first(), self.proxies.first()) else { return };
        let Some(target) = some_pod(view, target) else { return };
        if self.from.iter().any(|&source| some_pod(view, source).is_some()) {
            return;
        }
        let (from, ports) = (today(view, proxy), ConnectionSet::full());
        let mut derivation = Derivation::new(view);
        let relays = derivation.relays(source, &from);
        let there = derivation.target(&target);
        let why = ": nothing enforces NetworkPolicy";
        derivation.connects("N54", why, &from, &target, &ports, &[relays, there]);
        self.push_relayed(from, target, &ports, None, derivation);
    }

    /// A proxy on the host network is its node, which reaches every pod on it (rule N35).
    fn through_its_node(&mut self, source: NamespaceId, proxy: usize, target: NamespaceId) {
        let view = self.view;
        let pods = &view.snapshot.pods;
        let meets = |index: usize| view.meeting(&pods[proxy], &pods[index]) != Meeting::Never;
        let met = pods_in(view, target).find(|(index, _)| meets(*index));
        let met = met.map(|(index, _)| today(view, index));
        let Some(target) = met.or_else(|| any_future(view, target)) else { return };
        let ports = ConnectionSet::full();
        let from = today(view, proxy);
        let mut derivation = Derivation::new(view);
        let relays = derivation.relays(source, &from);
        let there = derivation.target(&target);
        let shared = derivation.shared_node(&from, &target, None, &[relays, there]);
        let why = ": no policy decides between a node and its pods";
        derivation.connects("N35", why, &from, &target, &ports, &[relays, there, shared]);
        self.push_relayed(from, target, &ports, None, derivation);
    }

    /// A proxy with a network of its own, through the policies of both sides; whether it gets anywhere.
    fn through_its_pod(&mut self, source: NamespaceId, proxy: usize, target: NamespaceId) -> bool {
        let (view, world) = (self.view, self.world);
        let namespace = view.snapshot.pods[proxy].namespace;
        let outward = Ways::of(view, world, namespace, Direction::Egress);
        let inward = Ways::of(view, world, target, Direction::Ingress);
        let out = outward.resolve(view, world, Across::Pod(target));
        let into = inward.resolve(view, world, Across::Pod(namespace));
        // Where the `from` side comes in by itself, that was the plainer thing to say.
        let name = &view.snapshot.namespace(target).name;
        let is_known = |way: &Way<'a>| {
            let cause = cause(&way.gate, name);
            self.from.iter().any(|&source| self.shown.contains(&(cause.clone(), source)))
        };
        let (known, other): (Vec<_>, Vec<_>) = inward.ways.iter().partition(|way| is_known(way));
        for ingress in other.into_iter().chain(known) {
            for egress in &outward.ways {
                let (Some(needs), Some(more)) = (egress.needs(&out), ingress.needs(&into)) else { continue };
                let needs: Vec<&Block<'a>> = needs.into_iter().chain(more).collect();
                let blocks: Vec<&Block<'a>> = egress.blocks(&out).chain(ingress.blocks(&into)).collect();
                let reached = self.one_pod(target, &needs, &blocks, |target, names| Region {
                    source: EndSpace::today((view, world), &view.snapshot.pods[proxy]),
                    target,
                    arrival: None,
                    ports: ConnectionSet::full(),
                    names,
                });
                if let Some((target, passing)) = reached {
                    self.push_reached(source, Reached { proxy, target, egress, ingress, passing });
                    return true;
                }
            }
        }
        false
    }

    /// A proxy with a network of its own, to pods on the host network: policies of theirs do not fence them (rule N37), and its own
    /// let it out by the addresses of nodes, or do not decide on its own node; whether it gets anywhere.
    fn onto_a_node(&mut self, source: NamespaceId, proxy: usize, target: NamespaceId) -> bool {
        let (view, world) = (self.view, self.world);
        if !view.profile.nodes {
            return false;
        }
        let pods = &view.snapshot.pods;
        let on_host = pods_in(view, target).filter(|(_, pod)| view.on_host_network(pod));
        let there = on_host.map(|(index, _)| (Some(index), today(view, index)));
        let future = future_on_host_network(view, target).map(|peer| (None, peer));
        let ends: Vec<(Option<usize>, FactPeer)> = there.chain(future).collect();
        let outward = Ways::of(view, world, pods[proxy].namespace, Direction::Egress);
        let to_nodes = outward.resolve(view, world, Across::Node);
        for (index, to) in ends {
            let meets = index.is_none_or(|index| view.meeting(&pods[proxy], &pods[index]) != Meeting::Never);
            if meets && view.profile.pod_to_own_node.holds(view.permissive) {
                let (from, ports) = (today(view, proxy), ConnectionSet::full());
                let mut derivation = Derivation::new(view);
                let relays = derivation.relays(source, &from);
                let there = derivation.target(&to);
                let shared = derivation.shared_node(&from, &to, None, &[relays, there]);
                let why = ": no policy decides between a node and its pods";
                derivation.connects("N35", why, &from, &to, &ports, &[relays, there, shared]);
                self.push_relayed(from, to, &ports, None, derivation);
                return true;
            }
            for egress in &outward.ways {
                let Some(needs) = egress.needs(&to_nodes) else { continue };
                let blocks: Vec<&Block<'a>> = egress.blocks(&to_nodes).collect();
                let region = Region {
                    source: EndSpace::today((view, world), &pods[proxy]),
                    target: match index {
                        Some(index) => EndSpace::on_host(view, &pods[index]),
                        None => EndSpace::node(view),
                    },
                    arrival: None,
                    ports: ConnectionSet::full(),
                    names: self.names_of(index),
                };
                match region.pass((view, world), &needs, &blocks, &mut self.budget) {
                    Ok(None) => {}
                    Ok(Some(passing)) => {
                        self.push_onto_a_node(source, proxy, to, egress, passing);
                        return true;
                    }
                    Err(Undecided) => self.undecided(target),
                }
            }
        }
        false
    }

    fn push_onto_a_node(
        &mut self,
        source: NamespaceId,
        proxy: usize,
        to: FactPeer,
        egress: &Way<'a>,
        passing: Passing,
    ) {
        let view = self.view;
        let Passing { source: from, target, ports, names, .. } = passing;
        let from = self.peer(Some(proxy), view.snapshot.pods[proxy].namespace, from);
        let to = FactPeer { address: target.address, named_ports: names, ..to };
        let mut derivation = Derivation::new(view);
        let relays = derivation.relays(source, &from);
        let there = derivation.target(&to);
        let out = derivation.passes(Direction::Egress, egress, &from, &to, &ports, &[relays, there]);
        let into = derivation.unfenced_host(&from, &to, &ports, &[there]);
        derivation.connects("N37", "", &from, &to, &ports, &[relays, there, out, into]);
        self.push_relayed(from, to, &ports, None, derivation);
    }

    fn push_reached(&mut self, source: NamespaceId, reached: Reached<'_, 'a>) {
        let view = self.view;
        let Reached { proxy, target, egress, ingress, passing } = reached;
        let Passing { source: from, target: to, ports, names, .. } = passing;
        let own = view.snapshot.pods[proxy].namespace;
        let from = self.peer(Some(proxy), own, from);
        let namespace = ingress.namespace;
        let to = FactPeer { named_ports: names, ..self.peer(target, namespace, to) };
        let mut derivation = Derivation::new(view);
        let relays = derivation.relays(source, &from);
        let there = derivation.target(&to);
        let out = derivation.passes(Direction::Egress, egress, &from, &to, &ports, &[relays, there]);
        let into = derivation.passes(Direction::Ingress, ingress, &from, &to, &ports, &[relays, there]);
        derivation.connects("N2", "", &from, &to, &ports, &[relays, there, out, into]);
        self.push_relayed(from, to, &ports, Some(ingress), derivation);
    }

    fn push_relayed(
        &mut self,
        from: FactPeer,
        to: FactPeer,
        ports: &ConnectionSet,
        ingress: Option<&Way<'a>>,
        derivation: Derivation<'_, '_>,
    ) {
        let leak = Leak::SharedProxy;
        let gate = ingress.map(|way| &way.gate);
        let highlight = gate.and_then(|gate| self.gate_highlight(leak, gate, &to));
        self.push(Found { leak, when: When::Possible, gate, from, to, ports, highlight }, derivation);
    }
}
