//! Crossings by a shared node: a pod on the host network is its node, and no policy decides between a node and the pods
//! on it (rules N35, N37).

use super::{Found, Search, ordinary_pods};
use crate::derivation::Derivation;
use crate::ends::{future, future_on_host_network, pods_in, today};
use crate::leak::Leak;
use crate::placement::Meeting;
use crate::view::View;
use std::collections::BTreeSet;
use watertight_base::{ConnectionSet, Labels};
use watertight_model::{FactPeer, NamespaceId, When};

/// The pods of one side that take part: those of today, and one that could be created.
struct Crew {
    today: Vec<usize>,
    future: Option<FactPeer>,
}

impl Crew {
    /// Whoever is there now, else whoever could be.
    fn anyone(&self, view: &View<'_>) -> Option<FactPeer> {
        self.today.first().map(|&pod| today(view, pod)).or_else(|| self.future.clone())
    }
}

impl Search<'_, '_> {
    /// Pods of the `from` side on the host network: they are their node, whose traffic reaches every pod on it.
    pub(super) fn by_host_network_source(&mut self, target: NamespaceId) {
        let view = self.view;
        for &source in self.from {
            let from =
                Crew { today: host_network_pods(view, source), future: future_on_host_network(view, source) };
            let to = Crew {
                today: ordinary_pods(view, target),
                future: Some(future(view, target, Labels::new(), &None)),
            };
            self.on_one_node(Leak::HostNetworkSource, &from, &to);
        }
    }

    /// Pods of the `to` side on the host network: policies do not fence them, and a pod on their node reaches them.
    pub(super) fn by_host_network_target(&mut self, target: NamespaceId) {
        let view = self.view;
        for &source in self.from {
            let pods = pods_in(view, source).map(|(index, _)| index).collect();
            let from = Crew { today: pods, future: Some(future(view, source, Labels::new(), &None)) };
            let to =
                Crew { today: host_network_pods(view, target), future: future_on_host_network(view, target) };
            self.on_one_node(Leak::HostNetworkTarget, &from, &to);
        }
    }

    fn on_one_node(&mut self, leak: Leak, from: &Crew, to: &Crew) {
        let view = self.view;
        let pods = &view.snapshot.pods;
        let mut seen = BTreeSet::new();
        for &target in &to.today {
            let met = from.today.iter().map(|&source| (source, view.meeting(&pods[source], &pods[target])));
            let met = met.into_iter().find(|(_, meeting)| *meeting != Meeting::Never);
            if let Some((source, meeting)) = met
                && seen.insert(&pods[target].workload)
            {
                self.push_shared_node(
                    leak,
                    When::Now,
                    today(view, source),
                    today(view, target),
                    node_of(meeting),
                );
            }
        }
        if !seen.is_empty() {
            return;
        }
        // A pod that could be created may name any node, and one of the `to` side may be placed on any. Two pods of
        // today were just seen not to meet, so at least one end is still to come.
        let ends = match leak {
            Leak::HostNetworkSource => match from.today.is_empty() {
                true => (from.future.clone(), to.anyone(view)),
                false => (from.anyone(view), to.future.clone()),
            },
            _ => match to.today.is_empty() {
                true => (from.anyone(view), to.future.clone()),
                false => (from.future.clone(), to.anyone(view)),
            },
        };
        if let (Some(from), Some(to)) = ends {
            self.push_shared_node(leak, When::Possible, from, to, None);
        }
    }

    fn push_shared_node(
        &mut self,
        leak: Leak,
        when: When,
        from: FactPeer,
        to: FactPeer,
        node: Option<String>,
    ) {
        let ports = ConnectionSet::full();
        let mut derivation = Derivation::new(self.view);
        let runs = derivation.runs(&from, false);
        let target = derivation.target(&to);
        let shared = derivation.shared_node(&from, &to, node, &[runs, target]);
        let why = ": no policy decides between a node and its pods";
        derivation.connects("N35", why, &from, &to, &ports, &[runs, target, shared]);
        let (peer, label) = if leak == Leak::HostNetworkSource {
            (&from, "shares the network of its node, which reaches every pod there")
        } else {
            (&to, "shares the network of its node, which no NetworkPolicy fences")
        };
        let highlight = match peer.pod {
            Some(pod) => self.view.snapshot.pods[pod].host_network.map(|span| (span, label.to_owned())),
            None => {
                let label = "Pod Security keeps no pod of this namespace off the host network";
                self.namespace_place(&peer.namespace, label)
            }
        };
        self.push(Found { leak, when, gate: None, from, to, ports: &ports, highlight }, derivation);
    }
}

fn host_network_pods(view: &View<'_>, namespace: NamespaceId) -> Vec<usize> {
    pods_in(view, namespace).filter(|(_, pod)| view.on_host_network(pod)).map(|(index, _)| index).collect()
}

fn node_of(meeting: Meeting<'_>) -> Option<String> {
    match meeting {
        Meeting::Surely(node) => Some(node.to_owned()),
        Meeting::Perhaps(node) => node.map(str::to_owned),
        Meeting::Never => None,
    }
}
