//! Connections that few walls hold back: walls are taken out until something gets across, and put back as far as it still
//! does.

use super::SHOWN;
use crate::network::group;
use std::collections::BTreeSet;
use watertight_model::{
    Because, Breach, Evidence, EvidenceRole, NamespaceId, NearWay, Origin, PodSecurity, Snapshot,
};
use watertight_network::{Reading, Refused, crossings};

/// How many searches are made in all: some seconds' worth for a big cluster.
const SEARCHES: usize = 300;

/// Something that may hold connections back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wall {
    /// A NetworkPolicy, as an index into the snapshot.
    Policy(usize),
    /// A policy of the administrator's.
    ClusterPolicy(usize),
    /// What a namespace's labels keep its pods from being.
    PodSecurity(NamespaceId),
}

/// For each namespace of the `to` side the way into it that the fewest walls stand in; those with few walls come first.
pub(crate) fn of_network(
    snapshot: &Snapshot,
    plain: &Reading,
    from: &[NamespaceId],
    to: &[NamespaceId],
) -> Vec<NearWay> {
    let mut look = Look { snapshot, plain, from, left: SEARCHES };
    let mut ways: Vec<(usize, NearWay)> = Vec::new();
    for &target in to {
        for walls in look.standing_before(target) {
            if let Some(breach) = look.opened(&walls, target) {
                ways.push((walls.len(), near_way(snapshot, &walls, breach)));
            }
        }
    }
    ways.sort_by(|(few, one), (more, other)| (few, &one.message).cmp(&(more, &other.message)));
    ways.dedup_by(|(_, one), (_, other)| one == other);
    ways.into_iter().map(|(_, way)| way).take(SHOWN).collect()
}

struct Look<'a> {
    snapshot: &'a Snapshot,
    plain: &'a Reading,
    from: &'a [NamespaceId],
    /// How many more searches are made.
    left: usize,
}

impl Look<'_> {
    /// Sets of walls of which none could be left out, and without which something gets into a namespace.
    fn standing_before(&mut self, target: NamespaceId) -> Vec<Vec<Wall>> {
        let (mut sets, mut others) = (Vec::new(), Vec::new());
        for block in self.blocks(target) {
            match self.fewest(block.clone(), target) {
                Some(walls) => sets.push(walls),
                None => others.extend(block),
            }
        }
        sets.extend(self.fewest(others, target));
        sets
    }

    /// The walls, those together that one owner has and that serve one end.
    fn blocks(&self, target: NamespaceId) -> Vec<Vec<Wall>> {
        let policies_of = |is_owner: &dyn Fn(NamespaceId) -> bool| {
            let policies = self.snapshot.policies.iter().enumerate();
            policies
                .filter(|(_, policy)| is_owner(policy.namespace))
                .map(|(at, _)| Wall::Policy(at))
                .collect()
        };
        let held = |id: &NamespaceId| {
            let labels = self.snapshot.namespace(*id).labels.as_ref();
            labels.is_some_and(|labels| labels.contains_key(PodSecurity::ENFORCE))
        };
        let blocks: [Vec<Wall>; 5] = [
            policies_of(&|owner| owner == target),
            policies_of(&|owner| self.from.contains(&owner)),
            (0..self.snapshot.cluster_policies.len()).map(Wall::ClusterPolicy).collect(),
            self.from.iter().copied().filter(held).map(Wall::PodSecurity).collect(),
            Some(target).into_iter().filter(held).map(Wall::PodSecurity).collect(),
        ];
        blocks.into_iter().filter(|block| !block.is_empty()).collect()
    }

    /// What is left of walls when all are put back that hold nothing back by themselves; none if nothing gets across
    /// without all of them.
    fn fewest(&mut self, mut walls: Vec<Wall>, target: NamespaceId) -> Option<Vec<Wall>> {
        self.opened(&walls, target)?;
        let mut at = 0;
        while at < walls.len() {
            let mut fewer = walls.clone();
            fewer.remove(at);
            if self.opened(&fewer, target).is_some() { walls = fewer } else { at += 1 }
        }
        Some(walls)
    }

    /// The most telling way into a namespace without some walls.
    fn opened(&mut self, without: &[Wall], target: NamespaceId) -> Option<Breach> {
        self.left = self.left.checked_sub(1)?;
        let edited = without_walls(self.snapshot, without);
        let reading = Reading { refused: Refused::Either, ..self.plain.clone() };
        group(crossings(&edited, &reading, self.from, &[target]), false).into_iter().next()
    }
}

fn without_walls(snapshot: &Snapshot, without: &[Wall]) -> Snapshot {
    let gone: BTreeSet<Wall> = without.iter().copied().collect();
    let mut edited = snapshot.clone();
    let mut at = 0..;
    edited.policies.retain(|_| at.next().is_some_and(|at| !gone.contains(&Wall::Policy(at))));
    let mut at = 0..;
    edited.cluster_policies.retain(|_| at.next().is_some_and(|at| !gone.contains(&Wall::ClusterPolicy(at))));
    for wall in without {
        if let Wall::PodSecurity(id) = wall
            && let Some(labels) = &mut edited.namespaces[id.0].labels
        {
            labels.remove(PodSecurity::ENFORCE);
        }
    }
    edited
}

fn near_way(snapshot: &Snapshot, walls: &[Wall], breach: Breach) -> NearWay {
    let because: Vec<Because> = walls.iter().filter_map(|&wall| of_wall(snapshot, wall)).collect();
    let mut names: Vec<String> = walls.iter().map(|&wall| name(snapshot, wall)).collect();
    let last = names.pop().unwrap_or_default();
    let held = if names.is_empty() { last } else { format!("{} and {last} together", names.join(", ")) };
    NearWay {
        rule: breach.rule,
        message: format!("without {held}, {}", breach.message),
        blocked: "nothing else holds it back".to_owned(),
        because,
    }
}

fn name(snapshot: &Snapshot, wall: Wall) -> String {
    match wall {
        Wall::Policy(at) => snapshot.policies[at].origin.object.to_string(),
        Wall::ClusterPolicy(at) => snapshot.cluster_policies[at].origin.object.to_string(),
        Wall::PodSecurity(id) => format!("Pod Security of namespace `{}`", snapshot.namespace(id).name),
    }
}

fn of_wall(snapshot: &Snapshot, wall: Wall) -> Option<Because> {
    let denies = |origin: &Origin, path: &str| Because {
        role: EvidenceRole::Denies,
        object: origin.object.clone(),
        path: path.to_owned(),
        evidence: Some(Evidence::File(origin.span)),
    };
    match wall {
        Wall::Policy(at) => Some(denies(&snapshot.policies[at].origin, "/spec")),
        Wall::ClusterPolicy(at) => Some(denies(&snapshot.cluster_policies[at].origin, "/spec")),
        Wall::PodSecurity(id) => {
            let origin = snapshot.namespace(id).origin.as_ref()?;
            Some(denies(origin, "/metadata/labels/pod-security.kubernetes.io~1enforce"))
        }
    }
}
