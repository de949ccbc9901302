//! What the policies about each kind let pass to and from every other kind: asked once for all that they cannot tell apart.
//!
//! The answer of one side depends on who is across only through the peers that its rules name, and where they name blocks
//! or ports by name, through the place and the ports of who is across. So all kinds are cut by these into parts, and one
//! of each part is asked.

use crate::direction::Direction;
use crate::kinds::{Kind, Kinds};
use crate::pair::Endpoint;
use crate::rule::{PeerRef, PolicyRef, Ports, Rule, rules_of_cluster_policy, rules_of_network_policy};
use crate::view::{Certainty, View};
use crate::world::World;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::ConnectionSet;
use watertight_model::{NamespaceId, NamespaceScope, PeerKind, Pod, PortMatch, TierPeerKind, TierPortKind};

/// What both sides of every pair of kinds let pass.
pub(crate) struct Sides {
    out: Table,
    into: Table,
    sets: Vec<ConnectionSet>,
    worlds: usize,
}

/// What the two sides of a pair let pass in one world, as numbers of sets.
pub(crate) type Both = (u32, u32);

/// One direction.
struct Table {
    // By kind: the row that is about it.
    row_of: Vec<usize>,
    rows: Vec<Row>,
}

/// What one side lets pass.
struct Row {
    // By the kind that is across: the part that it is in.
    part_of: Vec<u32>,
    // By world and part.
    passes: Vec<Vec<u32>>,
}

impl Sides {
    /// All sides of all kinds.
    pub(crate) fn of(view: &View<'_>, kinds: &Kinds<'_>) -> Self {
        let asking = Asking::new(view, kinds);
        let mut numbers: BTreeMap<ConnectionSet, u32> = BTreeMap::new();
        let mut number = |set: ConnectionSet| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(set).or_insert(next)
        };
        let mut table = |direction| {
            let (row_of, subjects) = asking.subjects(direction);
            let rows: Vec<_> = subjects.par_iter().map(|&own| asking.row(direction, own)).collect();
            let rows = rows.into_iter().map(|(part_of, passes)| {
                let passes = passes.into_iter().map(|parts| parts.into_iter().map(&mut number).collect());
                Row { part_of, passes: passes.collect() }
            });
            Table { row_of, rows: rows.collect() }
        };
        let (out, into) = (table(Direction::Egress), table(Direction::Ingress));
        let mut sets: Vec<(ConnectionSet, u32)> = numbers.into_iter().collect();
        sets.sort_by_key(|&(_, number)| number);
        Self { out, into, sets: sets.into_iter().map(|(set, _)| set).collect(), worlds: view.worlds.len() }
    }

    /// What both sides let pass in each world, of every pair of these kinds: sorted, each once.
    pub(crate) fn cases(&self, from: &[Kind], to: &[Kind], cases: &mut Vec<Both>) {
        cases.clear();
        for &from in from {
            let out = &self.out.rows[self.out.row_of[from]];
            for &to in to {
                let into = &self.into.rows[self.into.row_of[to]];
                let (there, here) = (out.part_of[to] as usize, into.part_of[from] as usize);
                for world in 0..self.worlds {
                    let case = (out.passes[world][there], into.passes[world][here]);
                    if cases.last() != Some(&case) {
                        cases.push(case);
                    }
                }
            }
        }
        cases.sort_unstable();
        cases.dedup();
    }

    /// What passes in one case.
    pub(crate) fn passes(&self, (out, into): Both) -> ConnectionSet {
        let set = |number: u32| &self.sets[number as usize];
        set(out).intersection(set(into))
    }

    /// What a kind is to the policies about it, in either direction: kinds with the same numbers have the same sides.
    pub(crate) fn subject(&self, kind: Kind) -> (usize, usize) {
        (self.out.row_of[kind], self.into.row_of[kind])
    }
}

/// The questions to one view.
struct Asking<'q, 'a> {
    view: &'q View<'a>,
    kinds: &'q Kinds<'a>,
    // One world for each way in which labels are seen.
    eyes: Vec<&'q World<'a>>,
    // Whether some world asks for the addresses of what is in the cluster, beyond the blocks of NetworkPolicies.
    asks_for_addresses: bool,
}

impl<'q, 'a> Asking<'q, 'a> {
    fn new(view: &'q View<'a>, kinds: &'q Kinds<'a>) -> Self {
        let mut eyes: Vec<&World<'a>> = Vec::new();
        for world in &view.worlds {
            if !eyes.iter().any(|known| known.hidden() == world.hidden()) {
                eyes.push(world);
            }
        }
        let asks_for_addresses = view.worlds.iter().any(World::asks_for_addresses);
        Self { view, kinds, eyes, asks_for_addresses }
    }

    /// The kinds by what their own policies see of them: for each kind the number of its sort, and one kind of each.
    fn subjects(&self, direction: Direction) -> (Vec<usize>, Vec<Kind>) {
        let mut known = BTreeMap::new();
        let mut subjects = Vec::new();
        let row_of = (0..self.kinds.len()).map(|kind| {
            let seen = match self.kinds.end(kind) {
                Endpoint::Pod(pod) => {
                    // Port names count where connections arrive.
                    let ports = (direction == Direction::Ingress).then(|| self.kinds.ports(kind));
                    let selected: Vec<bool> = self.selected(pod).map(|(_, selected)| selected).collect();
                    Some((pod.namespace, self.view.on_host_network(pod), ports, selected))
                }
                Endpoint::Node(_) | Endpoint::Outside(_) => None,
            };
            *known.entry(seen).or_insert_with(|| {
                subjects.push(kind);
                subjects.len() - 1
            })
        });
        (row_of.collect(), subjects)
    }

    /// The policies that could be about a pod, and whether each is, for each way of seeing labels.
    fn selected<'s>(&'s self, pod: &'s Pod) -> impl Iterator<Item = (PolicyRef<'a>, bool)> {
        let of_network = self.view.every_policy(pod.namespace);
        let of_network = of_network.map(|policy| (PolicyRef::Network(policy), &policy.subject));
        let of_cluster = self.view.snapshot.cluster_policies.iter();
        let of_cluster = of_cluster.map(|policy| (PolicyRef::Cluster(policy), &policy.subject.pods));
        of_network.chain(of_cluster).flat_map(move |(policy, selector)| {
            self.eyes.iter().map(move |world| (policy, selector.matches(&world.seen(&pod.labels))))
        })
    }

    /// What the policies about a kind let pass, by world and part; and the part that each other kind is in.
    fn row(&self, direction: Direction, own: Kind) -> (Vec<u32>, Vec<Vec<ConnectionSet>>) {
        let end = self.kinds.end(own);
        let mut parts = Parts::whole(self.kinds.len());
        if let Endpoint::Pod(pod) = end {
            parts.cut_by(self.kinds.hosts());
            let mut seen = BTreeSet::new();
            for (policy, _) in self.selected(pod).filter(|&(_, selected)| selected) {
                if !seen.insert(std::ptr::from_ref(policy.origin())) {
                    continue;
                }
                match policy {
                    PolicyRef::Network(policy) => {
                        self.cut(&mut parts, rules_of_network_policy(policy, direction))
                    }
                    PolicyRef::Cluster(policy) => {
                        self.cut(&mut parts, rules_of_cluster_policy(policy, direction))
                    }
                }
            }
        }
        let one_of_each = parts.finish();
        let ask = |world| {
            let each =
                one_of_each.iter().map(|&other| self.view.side(world, direction, end, self.kinds.end(other)));
            each.collect()
        };
        (parts.part_of, self.view.worlds.iter().map(ask).collect())
    }

    /// Cuts all kinds by whom some rules mean.
    fn cut(&self, parts: &mut Parts, rules: impl Iterator<Item = Rule<'a>>) {
        for rule in rules {
            if names_ports(rule.ports) {
                parts.cut_by(self.kinds.all_ports());
            }
            let Some((_, peer)) = rule.peer else { continue };
            match peer.kind {
                PeerRef::Network(PeerKind::Pods { namespaces, pods, .. }) => {
                    let PolicyRef::Network(policy) = rule.policy else { continue };
                    let within = |id| self.view.in_scope(policy, namespaces, id);
                    let among: Vec<NamespaceId> = match namespaces {
                        NamespaceScope::Own => vec![policy.namespace],
                        NamespaceScope::Selected(_) => {
                            self.view.snapshot.namespace_ids().filter(|&id| within(id)).collect()
                        }
                    };
                    self.cut_by_pods(parts, &among, pods);
                }
                PeerRef::Tier(TierPeerKind::Pods { namespaces, pods }) => {
                    for least in [Certainty::Maybe, Certainty::Yes] {
                        let sure = |id: &NamespaceId| self.view.namespace_certainty(namespaces, *id) >= least;
                        let among: Vec<NamespaceId> =
                            self.view.snapshot.namespace_ids().filter(sure).collect();
                        self.cut_by_pods(parts, &among, pods);
                    }
                }
                PeerRef::Network(PeerKind::IpBlock { .. }) | PeerRef::Tier(_) => {
                    parts.cut_by(self.kinds.places());
                }
            }
        }
        if self.asks_for_addresses {
            parts.cut_by(self.kinds.places());
        }
    }

    fn cut_by_pods(&self, parts: &mut Parts, among: &[NamespaceId], pods: &watertight_base::Selector) {
        for world in &self.eyes {
            let kinds = among.iter().flat_map(|&id| self.kinds.within(id));
            let meant = kinds.filter(|&&kind| match self.kinds.end(kind) {
                Endpoint::Pod(pod) => pods.matches(&world.seen(&pod.labels)),
                Endpoint::Node(_) | Endpoint::Outside(_) => false,
            });
            parts.cut_out(meant.copied());
        }
    }
}

/// Whether some port is given by name.
fn names_ports(ports: Ports<'_>) -> bool {
    match ports {
        Ports::Network(ports) => {
            ports.into_iter().flatten().any(|port| matches!(port.port, PortMatch::Named(_)))
        }
        Ports::Tier(ports) => {
            ports.into_iter().flatten().any(|port| matches!(port.kind, TierPortKind::Named(_)))
        }
    }
}

/// All kinds, cut into parts.
struct Parts {
    part_of: Vec<u32>,
    next: u32,
}

impl Parts {
    fn whole(kinds: usize) -> Self {
        Self { part_of: vec![0; kinds], next: 1 }
    }

    /// Cuts each part by a number that each kind has.
    fn cut_by(&mut self, numbers: &[u32]) {
        let mut moved: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        for (part, &number) in self.part_of.iter_mut().zip(numbers) {
            *part = *moved.entry((*part, number)).or_insert_with(|| fresh(&mut self.next));
        }
    }

    /// Cuts each part in two: these kinds, and the others.
    fn cut_out(&mut self, kinds: impl Iterator<Item = Kind>) {
        let mut moved: BTreeMap<u32, u32> = BTreeMap::new();
        for kind in kinds {
            let part = &mut self.part_of[kind];
            *part = *moved.entry(*part).or_insert_with(|| fresh(&mut self.next));
        }
    }

    /// Numbers the parts from 0 on, and gives one kind of each.
    fn finish(&mut self) -> Vec<Kind> {
        let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
        let mut one_of_each = Vec::new();
        for (kind, part) in self.part_of.iter_mut().enumerate() {
            *part = *numbers.entry(*part).or_insert_with(|| {
                one_of_each.push(kind);
                u32::try_from(one_of_each.len() - 1).unwrap_or(u32::MAX)
            });
        }
        one_of_each
    }
}

fn fresh(next: &mut u32) -> u32 {
    *next += 1;
    *next - 1
}
