//! Crossings of pods that arrive under a node's address (rule N40).

use super::{Found, Search, cause, ordinary_pods};
use crate::derivation::Derivation;
use crate::direction::Direction;
use crate::ends::{End, future, ports_of_future, ports_of_today, today};
use crate::leak::Leak;
use crate::view::block_addresses;
use crate::ways::{Across, Gate, ways};
use watertight_base::Labels;
use watertight_model::{FactPeer, NamespaceId, PeerKind, When};

impl Search<'_, '_> {
    /// Pods of the `from` side that come in under a node's address, by a Service that rewrites sources (rule N40): an
    /// ipBlock that holds node addresses admits them, whatever it says of pods.
    pub(super) fn under_node_addresses(&mut self, target: NamespaceId) {
        let view = self.view;
        if !view.profile.rewrites_sources.holds(view.permissive) {
            return;
        }
        for ingress in &ways(view, target, Direction::Ingress) {
            let Gate::Rule(gate) = ingress.gate else { continue };
            let Some(PeerKind::IpBlock { cidr, except }) = gate.peer.map(|(_, peer)| &peer.kind) else {
                continue;
            };
            let block = block_addresses(*cidr, except);
            if !view.block_may_hold_nodes(&block) {
                continue;
            }
            let address = block.intersection(&view.space.nodes).first();
            let Some(end) = End::new(target, &ingress.own, &Across::Anyone) else { continue };
            let today_target = end.pods_of_today(view).into_iter().find_map(|pod| {
                let ports = ports_of_today(view, [Some(gate.rule), None], &view.snapshot.pods[pod]);
                (!ports.is_empty()).then(|| (today(view, pod), ports))
            });
            let found = match today_target {
                Some(found) => Some(found),
                None => match end.future_pod(view) {
                    Ok(to) => {
                        let (ports, named_ports) = ports_of_future(view, [Some(gate.rule), None]);
                        to.map(|to| (FactPeer { named_ports, ..to }, ports))
                            .filter(|(_, ports)| !ports.is_empty())
                    }
                    Err(_) => {
                        self.undecided(target);
                        None
                    }
                },
            };
            let Some((to, ports)) = found else { continue };
            for &source in self.from {
                // Where the block holds pods too, that is the plainer thing to say.
                let name = &view.snapshot.namespace(target).name;
                if self.shown.contains(&(cause(&ingress.gate, name), source)) {
                    continue;
                }
                let from = match ordinary_pods(view, source).first() {
                    Some(&pod) => today(view, pod),
                    None => future(view, source, Labels::new(), &None),
                };
                let from = FactPeer { address, ..from };
                let to = to.clone();
                let mut derivation = Derivation::new(view);
                let runs = derivation.runs(&from, false);
                let there = derivation.target(&to);
                let into =
                    derivation.passes(Direction::Ingress, &ingress.gate, &from, &to, &ports, &[runs, there]);
                let why = ", through a node port that rewrites its address to a node's";
                derivation.connects("N40", why, &from, &to, &ports, &[runs, there, into]);
                let leak = Leak::IpblockHoldsNodes;
                let highlight = self.gate_highlight(leak, &ingress.gate, &to);
                let gate = Some(&ingress.gate);
                self.push(
                    Found { leak, when: When::Possible, gate, from, to, ports: &ports, highlight },
                    derivation,
                );
            }
        }
    }
}
