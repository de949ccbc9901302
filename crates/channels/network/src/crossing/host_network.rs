//! Crossings by a shared node: a pod on the host network is its node, and no policy decides between a node and the pods
//! on it (rules N35, N37).

use super::{Found, Search, ordinary_pods};
use crate::derivation::Derivation;
use crate::ends::{any_future, future_on_host_network, future_with_probe_host, pods_in, today};
use crate::leak::Leak;
use crate::placement::Meeting;
use crate::view::View;
use std::collections::BTreeSet;
use watertight_base::{ConnectionSet, PortSet, Protocol};
use watertight_model::{DialedFor, DialedHost, FactPeer, Host, NamespaceId, Pod, When};

/// The pods of one namespace that take part: those of today, and one that could be created.
struct Crew {
    today: Vec<usize>,
    future: Option<FactPeer>,
}

impl Crew {
    /// Whoever is there now, else whoever could be.
    fn anyone(&self, view: &View<'_>) -> Option<FactPeer> {
        self.today.first().map(|&pod| today(view, pod)).or_else(|| self.future.clone())
    }

    fn is_nobody(&self) -> bool {
        self.today.is_empty() && self.future.is_none()
    }
}

/// Those of the `from` side that act by their nodes, namespace by namespace. Mostly there are none.
pub(super) struct Crews {
    on_host_network: Vec<Crew>,
    with_probe_host: Vec<Crew>,
}

impl Crews {
    pub(super) fn of(view: &View<'_>, from: &[NamespaceId]) -> Self {
        let crews = |of: fn(&View<'_>, NamespaceId) -> Crew| {
            from.iter().map(|&source| of(view, source)).filter(|crew| !crew.is_nobody()).collect()
        };
        Self { on_host_network: crews(on_host_network), with_probe_host: crews(with_probe_host) }
    }
}

fn on_host_network(view: &View<'_>, namespace: NamespaceId) -> Crew {
    Crew { today: host_network_pods(view, namespace), future: future_on_host_network(view, namespace) }
}

fn with_probe_host(view: &View<'_>, namespace: NamespaceId) -> Crew {
    let dialing = |pod: &Pod| pod.dialed.iter().any(|dialed| dials_a_pod(view, dialed));
    let pods = pods_in(view, namespace).filter(|(_, pod)| dialing(pod) && !view.on_host_network(pod));
    Crew {
        today: pods.map(|(index, _)| index).collect(),
        // Where the host network is open, that is the plainer thing to say.
        future: match future_on_host_network(view, namespace) {
            Some(_) => None,
            None => future_with_probe_host(view, namespace),
        },
    }
}

/// The pods of a namespace with a network of their own.
fn ordinary(view: &View<'_>, namespace: NamespaceId) -> Crew {
    Crew { today: ordinary_pods(view, namespace), future: any_future(view, namespace) }
}

impl Search<'_, '_> {
    /// Pods of the `from` side on the host network: they are their node, whose traffic reaches every pod on it.
    pub(super) fn by_host_network_source(&mut self, target: NamespaceId) {
        self.by_node(Leak::HostNetworkSource, &self.crews.on_host_network, target);
    }

    /// Pods of the `to` side on the host network: policies do not fence them, and a pod on their node reaches them.
    pub(super) fn by_host_network_target(&mut self, target: NamespaceId) {
        let view = self.view;
        let to = on_host_network(view, target);
        if !view.profile.nodes || to.is_nobody() {
            return;
        }
        for &source in self.from {
            if !view.profile.pod_to_own_node.holds(view.permissive) {
                self.onto_the_host_network(source, target);
                continue;
            }
            let pods = pods_in(view, source).map(|(index, _)| index).collect();
            let from = Crew { today: pods, future: any_future(view, source) };
            self.on_one_node(Leak::HostNetworkTarget, &from, &to);
        }
    }

    /// Pods of the `from` side whose probes, images or volumes name another host: their node dials it, and reaches every pod on it.
    pub(super) fn by_probe_host(&mut self, target: NamespaceId) {
        self.by_node(Leak::ProbeHost, &self.crews.with_probe_host, target);
    }

    fn by_node(&mut self, leak: Leak, crews: &[Crew], target: NamespaceId) {
        if crews.is_empty() {
            return;
        }
        let to = ordinary(self.view, target);
        for from in crews {
            self.on_one_node(leak, from, &to);
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
                let asks = |dialed: &DialedHost| is_host_of(&dialed.host, &pods[target]);
                let when = match leak {
                    Leak::ProbeHost if !pods[source].dialed.iter().any(asks) => When::Possible,
                    _ => When::Now,
                };
                self.push_shared_node(
                    leak,
                    when,
                    FactPeer { opened_by_node: leak == Leak::ProbeHost, ..today(view, source) },
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
            Leak::HostNetworkSource | Leak::ProbeHost => match from.today.is_empty() {
                true => (from.future.clone(), to.anyone(view)),
                false => (from.anyone(view), to.future.clone()),
            },
            _ => match to.today.is_empty() {
                true => (from.anyone(view), to.future.clone()),
                false => (from.future.clone(), to.anyone(view)),
            },
        };
        if let (Some(mut from), Some(to)) = ends {
            from.opened_by_node = leak == Leak::ProbeHost;
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
        let ports = match leak {
            Leak::ProbeHost => ConnectionSet::of(Protocol::Tcp, PortSet::full()),
            _ => ConnectionSet::full(),
        };
        let mut derivation = Derivation::new(self.view);
        let runs = derivation.runs(&from, false);
        let target = derivation.target(&to);
        let shared = derivation.shared_node(&from, &to, node, &[runs, target]);
        let why = ": no policy decides between a node and its pods";
        derivation.connects("N35", why, &from, &to, &ports, &[runs, target, shared]);
        let (peer, label) = if leak == Leak::ProbeHost {
            (&from, "its node dials this host for it, and no policy keeps a node from the pods on it")
        } else if leak == Leak::HostNetworkSource {
            (&from, "shares the network of its node, which reaches every pod there")
        } else {
            (&to, "shares the network of its node, which no NetworkPolicy fences")
        };
        let highlight = match peer.pod {
            Some(pod) => {
                let pod = &self.view.snapshot.pods[pod];
                let dialed = pod.dialed.first().map(|dialed| dialed.span);
                let span = if leak == Leak::ProbeHost { dialed } else { pod.host_network };
                span.map(|span| (span, label.to_owned()))
            }
            None => {
                let label = match leak {
                    Leak::ProbeHost => {
                        "Pod Security keeps no pod of this namespace from naming a host in a probe"
                    }
                    _ => "Pod Security keeps no pod of this namespace off the host network",
                };
                self.namespace_place(&peer.namespace, label)
            }
        };
        self.push(Found { leak, when, gate: None, from, to, ports: &ports, highlight }, derivation);
    }
}

fn host_network_pods(view: &View<'_>, namespace: NamespaceId) -> Vec<usize> {
    pods_in(view, namespace).filter(|(_, pod)| view.on_host_network(pod)).map(|(index, _)| index).collect()
}

/// Whether the host of a probe may be a pod's: by its address, or as a name, which may resolve to anything. That of an image or
/// a volume has to be one that a pod has; where it only may be, it is a blind spot.
fn dials_a_pod(view: &View<'_>, dialed: &DialedHost) -> bool {
    match (dialed.purpose, &dialed.host) {
        (DialedFor::Probe, Host::Address(address)) => view.space.pods.contains(*address),
        (DialedFor::Probe, Host::Name(_)) => true,
        (DialedFor::Contents, host) => view.snapshot.pods.iter().any(|pod| is_host_of(host, pod)),
    }
}

fn is_host_of(host: &Host, pod: &Pod) -> bool {
    matches!(host, Host::Address(address) if pod.addresses.contains(address))
}

fn node_of(meeting: Meeting<'_>) -> Option<String> {
    match meeting {
        Meeting::Surely(node) => Some(node.to_owned()),
        Meeting::Perhaps(node) => node.map(str::to_owned),
        Meeting::Never => None,
    }
}
