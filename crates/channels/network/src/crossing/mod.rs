//! Every way from one set of namespaces into another, for the pods of today and for all that could be created.
//!
//! The search is complete for what the reading lets pass: a connection of a pod on a network of its own goes through one
//! egress way and one ingress way, and all pairs of ways are tried (`policies`); what does not go through policies has a
//! search of its own: the host network (`host_network`), further networks (`networks`), a profile that enforces nothing (below).

mod host_network;
mod networks;
mod nodes;
mod pairs;
mod policies;
mod proxies;

use crate::derivation::Derivation;
use crate::ends::{pods_in, some_pod};
use crate::leak::Leak;
use crate::namespace_labels::{KeptLabels, labels_of_namespace};
use crate::paths::published::{self, NodePort};
use crate::proxy;
use crate::relaying::may_carry;
use crate::view::{View, kept_levels};
use crate::ways::Gate;
use crate::world::World;
use host_network::Crews;
use pairs::Pairs;
pub(crate) use pairs::Sorts;
use std::collections::BTreeSet;
use watertight_base::{ConnectionSet, LabelBox, Span, fingerprint};
use watertight_model::{Breach, FactPeer, NamespaceId, PodSecurity, Root, Snapshot, When};

/// How many selectors all searches for labels may ask together: some seconds' worth.
const SEARCH_BUDGET: usize = 20_000_000;

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

/// Searches every pair of namespaces, in every world, for every way across.
pub(crate) fn crossings(view: &View<'_>, from: &[NamespaceId], to: &[NamespaceId]) -> Crossings {
    search(view, from, to, |search, target| {
        if view.profile.enforces {
            search.through_policies(target);
            search.by_host_network_source(target);
            search.by_host_network_target(target);
            search.by_probe_host(target);
            search.by_proxy(target);
            search.by_shared_network(target);
        } else {
            search.unhindered(target);
            search.by_unhindered_proxy(target);
        }
    })
}

/// Whether policies let pods of some namespaces, with networks of their own, into others; also where that is undecided.
pub(crate) fn admits(view: &View<'_>, from: &[NamespaceId], to: &[NamespaceId]) -> bool {
    let found = search(view, from, to, |search, target| {
        search.through_policies(target);
        search.by_host_network_target(target);
    });
    !found.found.is_empty() || !found.undecided.is_empty()
}

/// The labels that a namespace may come to have, as far as selectors of namespaces ask about them.
pub(crate) fn labels_to_come(snapshot: &Snapshot, namespace: NamespaceId) -> LabelBox {
    let levels = kept_levels();
    let selectors = pairs::namespace_selectors(snapshot).into_iter().chain(&levels);
    labels_of_namespace(snapshot, namespace, selectors)
}

/// What policies keep from a namespace that may get other labels, as certificates have it.
pub(crate) fn kept_labels(snapshot: &Snapshot, namespace: NamespaceId) -> KeptLabels {
    let levels = kept_levels();
    let selectors = pairs::namespace_selectors(snapshot).into_iter().chain(&levels);
    KeptLabels::of(snapshot, namespace, selectors)
}

fn search<'v, 'a>(
    view: &'v View<'a>,
    from: &'v [NamespaceId],
    to: &[NamespaceId],
    look: impl Fn(&mut Search<'_, 'a>, NamespaceId),
) -> Crossings {
    let mut crossings = Crossings::default();
    let mut budget = SEARCH_BUDGET;
    let mut known = BTreeSet::new();
    let serving = proxy::serving(view.snapshot, from, &view.published).into_iter();
    let proxies: Vec<usize> = serving.filter(|&proxy| may_carry(view, proxy, from, to)).collect();
    let node_ports = published::node_ports(view.snapshot);
    let sorts = Sorts::of(view);
    let crews = Crews::of(view, from);
    for world in &view.worlds {
        let mut search = Search {
            view,
            world,
            from,
            crossings: Crossings::default(),
            budget,
            shown: BTreeSet::new(),
            proxies: &proxies,
            node_ports: &node_ports,
            known: &known,
            pairs: Pairs::new(view, world, &sorts, from),
            crews: &crews,
        };
        for &target in to {
            look(&mut search, target);
        }
        let Search { crossings: mut found, budget: left, .. } = search;
        budget = left;
        known.extend(found.found.iter().map(|crossing| crossing.similar.clone()));
        crossings.found.append(&mut found.found);
        crossings.undecided.append(&mut found.undecided);
    }
    crossings
}

struct Search<'v, 'a> {
    view: &'v View<'a>,
    world: &'v World<'a>,
    from: &'v [NamespaceId],
    crossings: Crossings,
    /// How many more selectors may be asked in searches for labels. Real clusters take thousands.
    budget: usize,
    // The causes that are already shown, with the source namespaces: what is admitted plainly needs no second telling.
    shown: BTreeSet<(String, NamespaceId)>,
    // The pods that are known as proxies and serve the `from` side.
    proxies: &'v [usize],
    // What is published on nodes today.
    node_ports: &'v [NodePort<'a>],
    // What plainer worlds have shown.
    known: &'v BTreeSet<String>,
    // The pairs of namespaces that are worth a search.
    pairs: Pairs<'v, 'a>,
    // Who acts by a node.
    crews: &'v Crews,
}

impl Search<'_, '_> {
    /// Nothing enforces policies: every pod reaches every other.
    fn unhindered(&mut self, target: NamespaceId) {
        let view = self.view;
        for &source in self.from {
            let (Some(from), Some(to)) = (some_pod(view, source), some_pod(view, target)) else { continue };
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
            Some(gate) => cause(gate, &to.namespace),
            None if matches!(leak, Leak::HostNetworkSource | Leak::ProbeHost) => from.name.clone(),
            None => to.name.clone(),
        };
        let similar = format!("{}|{cause}", leak.rule());
        if self.known.contains(&similar) {
            return;
        }
        let leak = leak.in_world(self.world);
        let id = fingerprint(&format!("network|{similar}|{}|{}", from.name, to.name));
        let message =
            format!("{} can reach {} on {ports}: {}", quoted(&from), quoted(&to), leak.why(gate, &from, &to));
        let help = leak.help(gate, &from, &to);
        let rule = leak.rule();
        let reached = BTreeSet::from([to.name.clone()]);
        let steps = derivation.finish();
        let object = match gate {
            Some(Gate::Rule(rule)) => Some(rule.policy.origin().object.clone()),
            Some(Gate::Spared(policy)) => Some(policy.origin.object.clone()),
            Some(Gate::Unfenced) | None => None,
        };
        let root = Root { object, part: similar.clone() };
        let breach = Breach { id, rule, root, when, message, help, count: 1, reached, steps, highlight };
        self.crossings.found.push(Crossing { similar, breach });
    }

    /// Notes that a namespace's selectors could not be searched through.
    fn undecided(&mut self, namespace: NamespaceId) {
        let name = &self.view.snapshot.namespace(namespace).name;
        let reason =
            format!("the selectors in force on the pods of `{name}` are too tangled to search through");
        self.crossings.undecided.insert(reason);
    }

    /// The place that shows best what is wrong with a gate.
    fn gate_highlight(&self, leak: Leak, gate: &Gate<'_>, to: &FactPeer) -> Option<(Span, String)> {
        match gate {
            Gate::Rule(gate) => {
                let span = gate.peer.map_or(gate.span, |(_, peer)| peer.span);
                let label = match leak {
                    Leak::OpenRule => "this rule names nobody, and so admits everyone",
                    Leak::SplitPeer => {
                        "this element stands alone: every pod of the namespaces it selects is admitted"
                    }
                    Leak::BroadNamespaceSelector => "this selects the other environment too",
                    Leak::IpblockHoldsPods => "pods may have addresses in this block",
                    Leak::IpblockHoldsNodes => "nodes may have addresses in this block",
                    Leak::SharedProxy => "this admits the proxy",
                    Leak::AdminAdmits => "this lets it pass",
                    Leak::NodeAddressUnmatched => "this rule names nobody, and so admits node addresses",
                    Leak::UnknownNamespaceLabels => "whether this selects the namespace cannot be seen",
                    _ => "this admits it",
                };
                Some((span, label.to_owned()))
            }
            Gate::Unfenced | Gate::Spared(_) => match to.pod {
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

/// What one gate is known by, across runs.
fn cause(gate: &Gate<'_>, target: &str) -> String {
    match gate {
        Gate::Unfenced => target.to_owned(),
        Gate::Spared(policy) => policy.origin.object.to_string(),
        Gate::Rule(rule) => {
            let peer = rule.peer.map_or(String::new(), |(index, _)| index.to_string());
            format!("{}/{}/{peer}", rule.policy.origin().object, rule.index)
        }
    }
}

fn ordinary_pods(view: &View<'_>, namespace: NamespaceId) -> Vec<usize> {
    pods_in(view, namespace).filter(|(_, pod)| !view.on_host_network(pod)).map(|(index, _)| index).collect()
}

fn quoted(peer: &FactPeer) -> String {
    if peer.pod.is_some() { format!("`{}`", peer.name) } else { peer.name.clone() }
}
