//! The administrator's policies: what a change of them can do, beside NetworkPolicies and each other.

use crate::law::{Change, Never, law};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{AddressSet, Selector};
use watertight_model::{
    Action, ClusterPolicy, Namespace, PolicyTypes, Snapshot, Tier, TierPeerKind, TierRule,
};
use watertight_oracle::generate::{Size, snapshot};
use watertight_oracle::{Random, build};

fn cluster(seed: u64) -> Snapshot {
    snapshot(seed, Size::default().with_tiers())
}

/// A policy of another cluster of the same vocabulary.
fn donor(seed: u64, random: &mut Random) -> ClusterPolicy {
    let others = (0..).map(|turn| cluster(!seed ^ (turn << 32)).cluster_policies);
    let donors = others.into_iter().find(|all| !all.is_empty()).unwrap();
    let mut policy = random.pick(&donors).unwrap().clone();
    policy.origin.object.name = "added".to_owned();
    policy
}

fn with_policy(snapshot: &Snapshot, policy: ClusterPolicy) -> Snapshot {
    let mut snapshot = snapshot.clone();
    snapshot.cluster_policies.push(policy);
    sorted(snapshot)
}

fn sorted(mut snapshot: Snapshot) -> Snapshot {
    snapshot.cluster_policies.sort_by_key(|policy| (policy.tier, policy.priority));
    snapshot
}

fn rules_of(policy: &mut ClusterPolicy) -> impl Iterator<Item = &mut TierRule> {
    policy.ingress.iter_mut().chain(&mut policy.egress)
}

/// A policy of the tier Admin that comes before all others and does one thing only.
fn above_all(action: Action) -> impl Fn(Snapshot, u64, &mut Random) -> Vec<Change> {
    move |mut before, seed, random| {
        for policy in &mut before.cluster_policies {
            policy.priority += 1;
        }
        let mut added = ClusterPolicy { tier: Tier::Admin, priority: 0, ..donor(seed, random) };
        rules_of(&mut added).for_each(|rule| rule.action = action);
        let after = with_policy(&before, added);
        vec![Change::new(before, after)]
    }
}

#[test]
fn n61_a_deny_of_higher_precedence_never_opens() {
    law(Never::Opens, cluster, above_all(Action::Deny));
}

#[test]
fn n61_an_accept_of_the_highest_precedence_never_closes() {
    law(Never::Closes, cluster, above_all(Action::Accept));
}

/// Rules that are about everything: whom a rule means that denies for a peer that nobody knows (rule N68), and for which
/// rules to come each other action leaves nothing.
fn about_everything(policy: &mut ClusterPolicy, random: &mut Random) {
    let action = random.one_of([Action::Accept, Action::Deny, Action::Pass]);
    let everyone = || build::tier_pods(Selector::everything(), Selector::everything());
    let everywhere = AddressSet::full().cidrs();
    for (is_egress, rules) in [(false, &mut policy.ingress), (true, &mut policy.egress)] {
        let mut peers = vec![everyone()];
        if is_egress {
            let nodes = TierPeerKind::Nodes(Selector::everything());
            peers.extend([TierPeerKind::Networks(everywhere.clone()), nodes]);
        }
        rules.push(match action {
            Action::Deny => build::tier_rule(action, vec![TierPeerKind::Unknown]),
            _ => build::tier_rule(action, peers),
        });
    }
}

/// Whether what comes after a rule about everything that is known may mean yet more: an unknown peer denies what no peer
/// means, and a domain name may be anything.
fn means_more(rule: &TierRule) -> bool {
    let more = |kind: &TierPeerKind| matches!(kind, TierPeerKind::Unknown | TierPeerKind::DomainNames(_));
    rule.peers.iter().any(|peer| more(&peer.kind))
}

#[test]
fn n60_a_rule_below_a_matching_one_changes_nothing() {
    law(Never::Changes, cluster, |before, seed, random| {
        let mut changes = Vec::new();
        for index in 0..before.cluster_policies.len() {
            let (mut before, donor) = (before.clone(), donor(seed, random));
            let policy = &mut before.cluster_policies[index];
            about_everything(policy, random);
            let last = |rules: &[TierRule]| rules.last().unwrap().action;
            let keeps = |rule: &&TierRule| last(&policy.ingress) == Action::Deny || !means_more(rule);
            let ingress: Vec<TierRule> = donor.ingress.iter().filter(keeps).cloned().collect();
            let egress: Vec<TierRule> = donor.egress.iter().filter(keeps).cloned().collect();
            let (mut after, mut above) = (before.clone(), before.clone());
            let below = &mut after.cluster_policies[index];
            below.ingress.extend(ingress.iter().cloned());
            below.egress.extend(egress.iter().cloned());
            let first = &mut above.cluster_policies[index];
            first.ingress.splice(0..0, ingress);
            first.egress.splice(0..0, egress);
            changes.push(Change { before, after, otherwise: Some(above) });
        }
        changes
    });
}

#[test]
fn n62_a_policy_that_matches_nothing_changes_nothing() {
    law(Never::Changes, cluster, |before, seed, random| {
        let matching = donor(seed, random);
        let mut added = matching.clone();
        let nobody = Selector::label("nowhere", "to-be-found");
        if random.chance(50) {
            added.subject.pods = nobody;
        } else {
            for rule in rules_of(&mut added) {
                let peers = vec![build::tier_pods(Selector::everything(), nobody.clone())];
                rule.peers = build::tier_rule(rule.action, peers).peers;
            }
        }
        let after = with_policy(&before, added);
        let otherwise = Some(with_policy(&before, matching));
        vec![Change { before, after, otherwise }]
    });
}

/// The cluster with new priorities for those that each tier has.
fn renumbered(before: &Snapshot, number: impl Fn(usize, usize) -> u16) -> Snapshot {
    let mut places: BTreeMap<Tier, BTreeSet<u16>> = BTreeMap::new();
    for policy in &before.cluster_policies {
        places.entry(policy.tier).or_default().insert(policy.priority);
    }
    let mut after = before.clone();
    for policy in &mut after.cluster_policies {
        let places = &places[&policy.tier];
        let place = places.iter().position(|priority| *priority == policy.priority).unwrap();
        policy.priority = number(place, places.len());
    }
    sorted(after)
}

#[test]
fn n58_priorities_only_matter_by_their_order() {
    law(Never::Changes, cluster, |before, _, random| {
        if before.cluster_policies.len() < 2 {
            return Vec::new();
        }
        let (first, step) = (random.below(100), 1 + random.below(200));
        let rescaled = |place: usize, _| u16::try_from(first + place * step).unwrap();
        let reversed = |place: usize, all: usize| u16::try_from(all - place).unwrap();
        let (after, otherwise) = (renumbered(&before, rescaled), renumbered(&before, reversed));
        let otherwise = (before.cluster_policies.len() > 2).then_some(otherwise);
        vec![Change { before, after, otherwise }]
    });
}

/// Per direction: where a NetworkPolicy isolates each pod of a namespace for one, no Baseline policy has a say in it.
#[test]
fn n57_baseline_never_changes_what_network_policies_isolate() {
    law(Never::Changes, cluster, |open, seed, random| {
        let mut changes = Vec::new();
        for id in open.namespace_ids().take(2) {
            let is_ingress = random.chance(50);
            let mut added = ClusterPolicy { tier: Tier::Baseline, ..donor(seed, random) };
            if is_ingress {
                added.egress.clear()
            } else {
                added.ingress.clear()
            }
            let name = &open.namespace(id).name;
            added.subject.namespaces = Selector::label(Namespace::NAME_LABEL, name);
            let mut before = open.clone();
            let mut isolates = build::policy("isolates");
            isolates.types = PolicyTypes { ingress: is_ingress, egress: !is_ingress };
            isolates.namespace = id;
            before.policies.push(isolates);
            before.policies.sort_by_key(|policy| (policy.namespace, policy.origin.object.name.clone()));
            let after = with_policy(&before, added);
            changes.push(Change::new(before, after));
        }
        changes
    });
}
