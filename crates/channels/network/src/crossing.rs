//! Every way from one set of namespaces into another, for the pods of today and for all that could be created.
//!
//! The search is complete for what the reading lets pass: a connection of a pod on a network of its own goes through one
//! egress way and one ingress way, and all pairs of ways are tried; what does not go through policies (the host network,
//! rewritten sources, a profile that enforces nothing) has a search of its own below.

use crate::derivation::Derivation;
use crate::direction::Direction;
use crate::ends::{End, future, future_on_host_network, pods_in, ports_of_future, ports_of_today, today};
use crate::leak::Leak;
use crate::placement::Meeting;
use crate::view::{View, block_addresses};
use crate::ways::{Across, Gate, Way, ways};
use std::collections::BTreeSet;
use watertight_base::{ConnectionSet, Labels, Span, fingerprint};
use watertight_model::{Breach, FactPeer, NamespaceId, PeerKind, PodSecurity, When};

/// One way across, with what makes others similar to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// Crossings with the same key have one cause and one cure.
    pub similar: String,
    /// The way.
    pub breach: Breach,
}

/// What the search found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Crossings {
    /// The ways across; none means that there is none, if nothing is undecided.
    pub found: Vec<Crossing>,
    /// Namespaces whose selectors are too tangled for the search to end within its bound, as sentences.
    pub undecided: BTreeSet<String>,
}

/// Searches every pair of namespaces.
pub(crate) fn crossings(view: &View<'_>, from: &[NamespaceId], to: &[NamespaceId]) -> Crossings {
    let mut search = Search { view, from, crossings: Crossings::default() };
    for &target in to {
        if view.profile.enforces {
            search.through_policies(target);
            search.from_host_network(target);
            search.to_host_network(target);
            search.under_node_addresses(target);
        } else {
            search.unhindered(target);
        }
    }
    search.crossings
}

struct Search<'v, 'a> {
    view: &'v View<'a>,
    from: &'v [NamespaceId],
    crossings: Crossings,
}

/// A crossing through an egress and an ingress way.
struct Passage<'w, 'a> {
    egress: &'w Way<'a>,
    ingress: &'w Way<'a>,
    source: NamespaceId,
    source_end: End<'a>,
    target_end: End<'a>,
}

impl<'a> Passage<'_, 'a> {
    fn rules(&self) -> [Option<&'a watertight_model::PolicyRule>; 2] {
        [self.egress, self.ingress].map(|way| match way.gate {
            Gate::Unfenced => None,
            Gate::Rule(gate) => Some(gate.rule),
        })
    }

    fn assumes(&self) -> bool {
        self.source_end.assumed.is_some() || self.target_end.assumed.is_some()
    }
}

impl<'a> Search<'_, 'a> {
    /// Pods with networks of their own on both ends.
    fn through_policies(&mut self, target: NamespaceId) {
        let view = self.view;
        let outward: Vec<(NamespaceId, Vec<Way<'a>>)> =
            self.from.iter().map(|&source| (source, ways(view, source, Direction::Egress))).collect();
        for ingress in &ways(view, target, Direction::Ingress) {
            let passages: Vec<Passage<'_, 'a>> = outward
                .iter()
                .flat_map(|(source, ways)| ways.iter().map(move |egress| (*source, egress)))
                .filter_map(|(source, egress)| passage(view, source, target, egress, ingress))
                .collect();
            if !self.pods_of_today(&passages) {
                self.pods_to_come(&passages);
            }
        }
    }

    /// Whether pods of today get across; each target workload is one crossing for each source namespace.
    fn pods_of_today(&mut self, passages: &[Passage<'_, 'a>]) -> bool {
        let mut seen = BTreeSet::new();
        for passage in passages.iter().filter(|passage| !passage.assumes()) {
            let sources = passage.source_end.pods_of_today(self.view);
            let Some(&source) = sources.first() else { continue };
            for target in passage.target_end.pods_of_today(self.view) {
                let pod = &self.view.snapshot.pods[target];
                let ports = ports_of_today(self.view, passage.rules(), pod);
                if ports.is_empty() || !seen.insert((passage.source, pod.workload.clone())) {
                    continue;
                }
                let from = passage.source_end.today(self.view, source);
                let to = passage.target_end.today(self.view, target);
                self.push_passage(passage, When::Now, from, to, &ports);
            }
        }
        !seen.is_empty()
    }

    /// Whether pods get across of which at least one is still to be created, or whose namespace has labels that the
    /// input does not show: one crossing for each source namespace.
    fn pods_to_come(&mut self, passages: &[Passage<'_, 'a>]) {
        let mut seen = BTreeSet::new();
        for passage in passages {
            if seen.contains(&passage.source) {
                continue;
            }
            match self.ends_to_come(passage) {
                Ok(Some((from, to, ports))) => {
                    seen.insert(passage.source);
                    self.push_passage(passage, When::Possible, from, to, &ports);
                }
                Ok(None) => {}
                Err(namespace) => {
                    let name = &self.view.snapshot.namespace(namespace).name;
                    let reason = format!(
                        "the selectors in force on the pods of `{name}` are too tangled to search through"
                    );
                    self.crossings.undecided.insert(reason);
                }
            }
        }
    }

    /// Ends that are not both of today, or are under labels that are not known; today's pods are shown where they serve.
    fn ends_to_come(
        &self,
        passage: &Passage<'_, 'a>,
    ) -> Result<Option<(FactPeer, FactPeer, ConnectionSet)>, NamespaceId> {
        let (view, source_end, target_end) = (self.view, &passage.source_end, &passage.target_end);
        let source = match source_end.pods_of_today(view).first() {
            Some(&pod) => Some(source_end.today(view, pod)),
            None => source_end.future_pod(view).map_err(|_| source_end.namespace)?,
        };
        let Some(source) = source else { return Ok(None) };
        for target in target_end.pods_of_today(view) {
            let ports = ports_of_today(view, passage.rules(), &view.snapshot.pods[target]);
            if !ports.is_empty() {
                return Ok(Some((source, target_end.today(view, target), ports)));
            }
        }
        let target = target_end.future_pod(view).map_err(|_| target_end.namespace)?;
        let (ports, named_ports) = ports_of_future(view, passage.rules());
        let crossing = target.filter(|_| !ports.is_empty());
        Ok(crossing.map(|target| (source, FactPeer { named_ports, ..target }, ports)))
    }

    fn push_passage(
        &mut self,
        passage: &Passage<'_, 'a>,
        when: When,
        from: FactPeer,
        to: FactPeer,
        ports: &ConnectionSet,
    ) {
        let view = self.view;
        let gate = &passage.ingress.gate;
        let leak = match Leak::behind(view, gate, passage.source, passage.target_end.namespace) {
            Leak::UnfencedIngress if to.pod.is_none() => Leak::UnfencedFuturePod,
            leak => leak,
        };
        let or_new = from.pod.is_some() && matches!(passage.source_end.future_pod(view), Ok(Some(_)));
        let mut derivation = Derivation::new(view);
        let runs = derivation.runs(&from, or_new);
        let target = derivation.target(&to);
        let out =
            derivation.passes(Direction::Egress, &passage.egress.gate, &from, &to, ports, &[runs, target]);
        let into = derivation.passes(Direction::Ingress, gate, &from, &to, ports, &[runs, target]);
        derivation.connects("N2", "", &from, &to, ports, &[runs, target, out, into]);
        let highlight = self.gate_highlight(leak, gate, &to);
        self.push(Found { leak, when, gate: Some(gate), from, to, ports, highlight }, derivation);
    }

    /// Pods of the `from` side on the host network: they are their node, whose traffic reaches every pod on it.
    fn from_host_network(&mut self, target: NamespaceId) {
        let view = self.view;
        for &source in self.from {
            let sources: Vec<usize> = host_network_pods(view, source);
            let targets: Vec<usize> = ordinary_pods(view, target);
            let mut seen = BTreeSet::new();
            for &to in &targets {
                let meet = |from: usize| view.meeting(&view.snapshot.pods[from], &view.snapshot.pods[to]);
                let met = sources
                    .iter()
                    .map(|&from| (from, meet(from)))
                    .find(|(_, meeting)| *meeting != Meeting::Never);
                if let Some((from, meeting)) = met
                    && seen.insert(&view.snapshot.pods[to].workload)
                {
                    self.push_shared_node(
                        Leak::HostNetworkSource,
                        When::Now,
                        today(view, from),
                        today(view, to),
                        node_of(meeting),
                    );
                }
            }
            let from = match sources.first() {
                Some(&from) => Some(today(view, from)),
                None => future_on_host_network(view, source),
            };
            if let Some(from) = from.filter(|_| seen.is_empty()) {
                // A pod that could be created may name any node, and a pod of the `to` side may come to any.
                let to = match targets.first() {
                    Some(&to) if from.pod.is_none() => today(view, to),
                    _ => future(view, target, Labels::new(), &None),
                };
                self.push_shared_node(Leak::HostNetworkSource, When::Possible, from, to, None);
            }
        }
    }

    /// Pods of the `to` side on the host network: policies do not fence them, and a pod on their node reaches them.
    fn to_host_network(&mut self, target: NamespaceId) {
        let view = self.view;
        let targets = host_network_pods(view, target);
        for &source in self.from {
            let sources: Vec<usize> = pods_in(view, source).map(|(index, _)| index).collect();
            let mut seen = BTreeSet::new();
            for &to in &targets {
                let meet = |from: usize| view.meeting(&view.snapshot.pods[from], &view.snapshot.pods[to]);
                let met = sources
                    .iter()
                    .map(|&from| (from, meet(from)))
                    .find(|(_, meeting)| *meeting != Meeting::Never);
                if let Some((from, meeting)) = met
                    && seen.insert(&view.snapshot.pods[to].workload)
                {
                    self.push_shared_node(
                        Leak::HostNetworkTarget,
                        When::Now,
                        today(view, from),
                        today(view, to),
                        node_of(meeting),
                    );
                }
            }
            let to = match targets.first() {
                Some(&to) => Some(today(view, to)),
                None => future_on_host_network(view, target),
            };
            if let Some(to) = to.filter(|_| seen.is_empty()) {
                let from = future(view, source, Labels::new(), &None);
                self.push_shared_node(Leak::HostNetworkTarget, When::Possible, from, to, None);
            }
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
        let highlight = self.host_network_highlight(peer, label);
        self.push(Found { leak, when, gate: None, from, to, ports: &ports, highlight }, derivation);
    }

    /// Pods of the `from` side that come in under a node's address, by a Service that rewrites sources (rule N40): an
    /// ipBlock that holds node addresses admits them, whatever it says of pods.
    fn under_node_addresses(&mut self, target: NamespaceId) {
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
            // Where the block holds pods too, that is the plainer thing to say; this way matters besides only if the
            // other one is closed on the `from` side, so it is always searched.
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
                        let name = &view.snapshot.namespace(target).name;
                        let reason = format!(
                            "the selectors in force on the pods of `{name}` are too tangled to search through"
                        );
                        self.crossings.undecided.insert(reason);
                        None
                    }
                },
            };
            let Some((to, ports)) = found else { continue };
            for &source in self.from {
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

    /// Nothing enforces policies: every pod reaches every other.
    fn unhindered(&mut self, target: NamespaceId) {
        let view = self.view;
        for &source in self.from {
            let pod_of = |namespace| match pods_in(view, namespace).next() {
                Some((index, _)) => today(view, index),
                None => future(view, namespace, Labels::new(), &None),
            };
            let (from, to) = (pod_of(source), pod_of(target));
            let when = if from.pod.is_some() && to.pod.is_some() { When::Now } else { When::Possible };
            let ports = ConnectionSet::full();
            let mut derivation = Derivation::new(view);
            let runs = derivation.runs(&from, from.pod.is_some());
            let there = derivation.target(&to);
            derivation.connects(
                "N54",
                ": nothing enforces NetworkPolicy",
                &from,
                &to,
                &ports,
                &[runs, there],
            );
            let leak = Leak::NotEnforced;
            self.push(Found { leak, when, gate: None, from, to, ports: &ports, highlight: None }, derivation);
        }
    }

    fn push(&mut self, found: Found<'_, '_>, derivation: Derivation<'_, '_>) {
        let Found { leak, when, gate, from, to, ports, highlight } = found;
        let cause = match gate {
            Some(Gate::Rule(gate)) => {
                let peer = gate.peer.map_or(String::new(), |(index, _)| index.to_string());
                format!("{}/{}/{peer}", gate.policy.origin.object, gate.index)
            }
            Some(Gate::Unfenced) => to.namespace.clone(),
            None if leak == Leak::HostNetworkSource => from.name.clone(),
            None => to.name.clone(),
        };
        let similar = format!("{}|{cause}", leak.rule());
        let id = fingerprint(&format!("network|{similar}|{}|{}", from.name, to.name));
        let message =
            format!("{} can reach {} on {ports}: {}", quoted(&from), quoted(&to), leak.why(gate, &from, &to));
        let help = leak.help(gate, &from, &to);
        let rule = leak.rule();
        let breach =
            Breach { id, rule, when, message, help, count: 1, steps: derivation.finish(), highlight };
        self.crossings.found.push(Crossing { similar, breach });
    }

    /// The place that shows best what is wrong with a gate.
    fn gate_highlight(&self, leak: Leak, gate: &Gate<'_>, to: &FactPeer) -> Option<(Span, String)> {
        match gate {
            Gate::Rule(gate) => {
                let span = gate.peer.map_or(gate.rule.span, |(_, peer)| peer.span);
                let label = match leak {
                    Leak::OpenRule => "this rule names nobody, and so admits everyone",
                    Leak::SplitPeer => {
                        "this element stands alone: every pod of the namespaces it selects is admitted"
                    }
                    Leak::BroadNamespaceSelector => "this selects the other environment too",
                    Leak::IpblockHoldsPods => "pods may have addresses in this block",
                    Leak::IpblockHoldsNodes => "nodes may have addresses in this block",
                    Leak::UnknownNamespaceLabels => "whether this selects the namespace cannot be seen",
                    _ => "this admits it",
                };
                Some((span, label.to_owned()))
            }
            Gate::Unfenced => match to.pod {
                Some(pod) => {
                    let span = self.view.snapshot.pods[pod].labels_span;
                    Some((span, "no NetworkPolicy that isolates for ingress selects these labels".to_owned()))
                }
                None => {
                    self.namespace_place(&to.namespace, "no NetworkPolicy here selects every pod for ingress")
                }
            },
        }
    }

    fn host_network_highlight(&self, peer: &FactPeer, label: &str) -> Option<(Span, String)> {
        match peer.pod {
            Some(pod) => self.view.snapshot.pods[pod].host_network.map(|span| (span, label.to_owned())),
            None => self.namespace_place(
                &peer.namespace,
                "Pod Security keeps no pod of this namespace off the host network",
            ),
        }
    }

    fn namespace_place(&self, name: &str, label: &str) -> Option<(Span, String)> {
        let namespace = self.view.snapshot.namespace(self.view.snapshot.namespace_named(name)?);
        let span = namespace.label_spans.get(PodSecurity::ENFORCE).copied();
        let span = span.or_else(|| namespace.origin.as_ref().map(|origin| origin.span))?;
        Some((span, label.to_owned()))
    }
}

/// What makes a crossing, before its derivation.
struct Found<'f, 'a> {
    leak: Leak,
    when: When,
    gate: Option<&'f Gate<'a>>,
    from: FactPeer,
    to: FactPeer,
    ports: &'f ConnectionSet,
    highlight: Option<(Span, String)>,
}

fn passage<'w, 'a>(
    view: &View<'a>,
    source: NamespaceId,
    target: NamespaceId,
    egress: &'w Way<'a>,
    ingress: &'w Way<'a>,
) -> Option<Passage<'w, 'a>> {
    let source_end = End::new(source, &egress.own, &ingress.gate.across(view, source))?;
    let target_end = End::new(target, &ingress.own, &egress.gate.across(view, target))?;
    Some(Passage { egress, ingress, source, source_end, target_end })
}

fn host_network_pods(view: &View<'_>, namespace: NamespaceId) -> Vec<usize> {
    pods_in(view, namespace).filter(|(_, pod)| view.on_host_network(pod)).map(|(index, _)| index).collect()
}

fn ordinary_pods(view: &View<'_>, namespace: NamespaceId) -> Vec<usize> {
    pods_in(view, namespace).filter(|(_, pod)| !view.on_host_network(pod)).map(|(index, _)| index).collect()
}

fn node_of(meeting: Meeting<'_>) -> Option<String> {
    match meeting {
        Meeting::Surely(node) => Some(node.to_owned()),
        Meeting::Perhaps(node) => node.map(str::to_owned),
        Meeting::Never => None,
    }
}

fn quoted(peer: &FactPeer) -> String {
    if peer.pod.is_some() { format!("`{}`", peer.name) } else { peer.name.clone() }
}
