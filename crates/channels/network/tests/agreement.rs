//! The engine against the plain evaluator, on generated clusters: every edge of the map, every way across and every
//! "nothing gets across".
//!
//! The evaluator looks at one concrete world: each pod on one node, with one address, in namespaces with known labels.
//! In `may` the engine must say yes exactly when some world does; in `must`, exactly when all do.
//!
//! `WATERTIGHT_CLUSTERS` sets how many clusters are tried.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a longer run is asked for by the environment, and the settings of profiles are known"
)]

#[path = "support/plain.rs"]
mod plain;

use plain::plain;
use std::net::IpAddr;
use watertight_base::{ConnectionSet, Labels, Protocol};
use watertight_model::{
    ConnectivityMap, Edge, Namespace, NamespaceId, NetworkPolicy, Peer, Relation, Snapshot, When,
};
use watertight_network::{Profile, Reading, Refused, connectivity, crossings};
use watertight_oracle::candidates::{future_pods, namespace_labels, node_addresses, pod_addresses};
use watertight_oracle::generate::{Size, snapshot};
use watertight_oracle::manifests::to_yaml;
use watertight_oracle::placement::{UNSEEN_NODE, meeting_point, nodes_of};
use watertight_oracle::{
    ConcretePod, Endpoint, Evaluator, Identity, PolicySet, Random, Reading as Plain, build, probe, replay,
};

/// Every profile, and those settings that change what is matched or read.
fn profiles() -> Vec<Profile> {
    let set = ["cilium,cidr-match=pods+nodes", "cilium,cluster-network-policy=true"];
    let set = set.map(|text| Profile::parse(text).unwrap());
    Profile::ALL.into_iter().chain(set).collect()
}

/// The clusters and the profiles under which they are looked at. All clusters are under `conservative`, since that is what
/// people get; the others take turns.
fn cases(usual: u64) -> impl Iterator<Item = (u64, Vec<Profile>)> {
    let asked = std::env::var("WATERTIGHT_CLUSTERS").ok().and_then(|text| text.parse().ok());
    let [conservative, others @ ..] = &profiles()[..] else { return Vec::new().into_iter() };
    let turns = others.iter().cycle().copied();
    let cases =
        (0..asked.unwrap_or(usual)).zip(turns).map(|(seed, other)| (seed, vec![*conservative, other]));
    cases.collect::<Vec<_>>().into_iter()
}

/// Every other cluster has policies of the admin tiers. Since the other profiles are an odd number, each meets both.
fn size(seed: u64, plain: Size) -> Size {
    if seed.is_multiple_of(2) { plain } else { plain.with_tiers() }
}

fn side(snapshot: &Snapshot, name: &str) -> Vec<NamespaceId> {
    snapshot.namespace_ids().filter(|&id| snapshot.namespace(id).name.starts_with(name)).collect()
}

/// The worlds in which one end can be: at most `limit` of them, the plainest first.
fn worlds(
    snapshot: &Snapshot,
    pod: &ConcretePod,
    index: Option<usize>,
    random: &mut Random,
    limit: usize,
) -> Vec<Endpoint> {
    let mut nodes: Vec<Option<String>> = match &pod.node {
        Some(node) => vec![Some(node.clone())],
        None => nodes_of(snapshot, index).into_iter().map(Some).collect(),
    };
    if nodes.is_empty() {
        nodes.push(None);
    }
    let mut addresses: Vec<Option<IpAddr>> = vec![None];
    if pod.host_network {
        addresses.extend(node_addresses(snapshot).into_iter().map(Some));
        addresses.extend(pod_addresses(snapshot).into_iter().map(Some));
    } else if pod.addresses.is_empty() {
        addresses.extend(pod_addresses(snapshot).into_iter().map(Some));
    }
    let labels = namespace_labels(snapshot, &pod.namespace, random, 32);
    let mut worlds = Vec::new();
    for node in &nodes {
        for &seen_as in &addresses {
            for assumed in &labels {
                let assumed_namespace_labels = assumed.clone();
                worlds.push(Endpoint::Pod(ConcretePod {
                    node: node.clone(),
                    seen_as,
                    assumed_namespace_labels,
                    ..pod.clone()
                }));
            }
        }
    }
    while worlds.len() > limit {
        worlds.swap_remove(1 + random.below(worlds.len() - 1));
    }
    worlds
}

/// Every way that crosses replays, and where nothing crosses, random pods of the `from` side get nowhere.
#[test]
fn every_way_across_replays_and_nothing_else_gets_across() {
    let (mut breached, mut isolated, mut possible) = (0, 0, 0);
    for (seed, profiles) in cases(80) {
        let mut snapshot = snapshot(seed, size(seed, Size::default()));
        if seed % 4 < 2 {
            without_host_network(&mut snapshot);
        }
        let (from, to) = (side(&snapshot, "staging"), side(&snapshot, "production"));
        let mut random = Random::new(seed ^ 0xa77a_c4ed);
        for profile in profiles {
            let alone: Vec<&str> = from.iter().map(|&id| snapshot.namespace(id).name.as_str()).collect();
            let readings = [
                (Refused::With, Vec::new(), PolicySet::all()),
                (Refused::Without, Vec::new(), PolicySet::accepted()),
                (Refused::With, from.clone(), PolicySet::all().without(alone)),
            ];
            for (refused, without_policies_of, policies) in readings {
                let reading =
                    Reading { refused, without_policies_of, ..Reading::new(profile, Relation::May) };
                let found = crossings(&snapshot, &reading, &from, &to);
                assert!(found.undecided.is_empty());
                // A profile that does not doubt refused policies reads them as they are written.
                let policies = if profile.doubts_refused || refused != Refused::Without {
                    policies
                } else {
                    PolicySet::all()
                };
                for crossing in &found.found {
                    let breach = &crossing.breach;
                    if let Err(why) = replay(&snapshot, plain(&profile), &policies, breach) {
                        panic!(
                            "seed {seed}, {}, {refused:?}: {why}\n{breach:#?}\n{}",
                            profile.label(),
                            to_yaml(&snapshot)
                        );
                    }
                    possible += usize::from(breach.when == When::Possible);
                }
                if found.found.is_empty() {
                    isolated += 1;
                    let plain = plain(&profile);
                    let evaluator =
                        Evaluator { snapshot: &snapshot, reading: plain, relation: Relation::May, policies };
                    attack(&evaluator, &profile, &from, &to, seed, &mut random);
                } else {
                    breached += 1;
                }
            }
        }
    }
    // The generator is worth something only if both answers are common.
    assert!(breached > isolated / 50 && isolated > breached / 50, "{breached} breached, {isolated} isolated");
    assert!(possible > 0);
}

/// Tries pods of today and pods that could be created, in many worlds, on every port that matters.
fn attack(
    evaluator: &Evaluator<'_>,
    profile: &Profile,
    from: &[NamespaceId],
    to: &[NamespaceId],
    seed: u64,
    random: &mut Random,
) {
    let snapshot = evaluator.snapshot;
    let ports = probe::ports(snapshot);
    let (sources, targets) = (ends(snapshot, from, random, true), ends(snapshot, to, random, false));
    for source in &sources {
        for target in &targets {
            for &(protocol, port) in &ports {
                assert!(
                    !evaluator.allowed(source, target, protocol, port),
                    "seed {seed}, {}, {:?}: nothing was to get across, but {protocol}/{port} does from\n{source:#?}\nto\n{target:#?}\n{}",
                    profile.label(),
                    evaluator.policies,
                    to_yaml(snapshot)
                );
            }
        }
    }
}

fn ends(snapshot: &Snapshot, namespaces: &[NamespaceId], random: &mut Random, source: bool) -> Vec<Endpoint> {
    let mut ends = Vec::new();
    for &id in namespaces {
        let today = (0..snapshot.pods.len()).filter(|&pod| snapshot.pods[pod].namespace == id);
        let today = today.filter_map(|pod| Some((Some(pod), ConcretePod::existing(snapshot, pod, 0)?)));
        let future = future_pods(snapshot, &snapshot.namespace(id).name, random, 12)
            .into_iter()
            .map(|pod| (None, pod));
        for (index, mut pod) in today.chain(future) {
            if let Identity::Future(number) = pod.identity {
                // Pods of the two sides are never one and the same.
                pod.identity = Identity::Future(2 * number + u32::from(source));
            }
            ends.extend(worlds(snapshot, &pod, index, random, 4));
            // A Service of its own can bring a pod in under a node's address (rule N40).
            if let (true, Some(&address)) = (source, random.pick(&node_addresses(snapshot))) {
                ends.push(Endpoint::Pod(ConcretePod { seen_as: Some(address), behind_node: true, ..pod }));
            }
        }
    }
    ends
}

/// What the map says of two peers.
fn edge(map: &ConnectivityMap, from: &Peer, to: &Peer) -> ConnectionSet {
    let found = map.edges.iter().find(|edge| edge.from == *from && edge.to == *to);
    found.map(|edge| edge.allow.clone()).unwrap_or_default()
}

/// The peer of a map under which a pod goes. Pods of one workload with labels of their own are peers of their own.
fn peer_of(map_peers: &[Peer], snapshot: &Snapshot, pod: usize) -> Option<Peer> {
    let pod = &snapshot.pods[pod];
    let namespace = &snapshot.namespace(pod.namespace).name;
    let is = |peer: &&Peer| match peer {
        Peer::Workload { namespace: of, kind, name, labels } => {
            of == namespace
                && *kind == pod.workload.kind
                && *name == pod.workload.name
                && labels
                    .as_ref()
                    .is_none_or(|labels| labels.iter().all(|(key, value)| pod.labels.get(key) == Some(value)))
        }
        _ => false,
    };
    map_peers.iter().find(is).cloned()
}

/// Each edge of the map, both relations, every pair of pods and every address that matters.
#[test]
fn the_map_says_what_some_world_or_every_world_lets_pass() {
    let small = Size { namespaces: 3, pods: 3, policies: 3, nodes: 2, ..Size::default() };
    let mut probes = 0_usize;
    for (seed, profiles) in cases(30) {
        let snapshot = snapshot(seed, size(seed, small));
        let mut random = Random::new(seed);
        // Refused policies are read both ways at once in a map, which no single world is.
        let snapshot = accepted_only(snapshot);
        for profile in profiles {
            let plain = plain(&profile);
            for relation in [Relation::May, Relation::Must] {
                let map = connectivity(&snapshot, profile, relation);
                let check = Check { seed, snapshot: &snapshot, profile, plain, relation, map: &map };
                probes += check.pods(&mut random) + check.outside();
            }
        }
    }
    assert!(probes > 50_000, "only {probes} probes");
}

fn accepted_only(mut snapshot: Snapshot) -> Snapshot {
    let accepted = watertight_model::Admission::Accepted;
    snapshot.policies.retain(|policy| policy.admission == accepted);
    snapshot.cluster_policies.retain(|policy| policy.admission == accepted);
    snapshot
}

struct Check<'a> {
    seed: u64,
    snapshot: &'a Snapshot,
    profile: Profile,
    plain: Plain,
    relation: Relation,
    map: &'a ConnectivityMap,
}

impl Check<'_> {
    fn evaluator(&self) -> Evaluator<'_> {
        Evaluator::new(self.snapshot, self.plain, self.relation)
    }

    /// Bare pods only: of a workload with several the map shows what all together can.
    fn pods(&self, random: &mut Random) -> usize {
        let (snapshot, evaluator) = (self.snapshot, self.evaluator());
        let ports = probe::ports(snapshot);
        let mut peers: Vec<Peer> =
            self.map.edges.iter().flat_map(|edge| [edge.from.clone(), edge.to.clone()]).collect();
        peers.sort();
        peers.dedup();
        let alone = |index: &usize| {
            let of = &snapshot.pods[*index];
            snapshot
                .pods
                .iter()
                .filter(|pod| pod.workload == of.workload && pod.namespace == of.namespace)
                .count()
                == 1
        };
        let alone: Vec<usize> = (0..snapshot.pods.len()).filter(alone).collect();
        let mut probes = 0;
        for &source in &alone {
            for &target in &alone {
                let ends = (peer_of(&peers, snapshot, source), peer_of(&peers, snapshot, target));
                let says = match &ends {
                    (Some(from), Some(to)) => edge(self.map, from, to),
                    _ => ConnectionSet::empty(),
                };
                let pairs = self.pairs(source, target, random);
                for &(protocol, port) in &ports {
                    probes += 1;
                    let engine = says.contains(protocol, port);
                    // Under `declared` the two relations are one.
                    let some = self.relation == Relation::May || !self.profile.two_relations;
                    // One world that decides is searched for among all; that there is none is tried on some.
                    let step = if engine == some { 1 } else { pairs.len().div_ceil(40) };
                    let mut answers = pairs
                        .iter()
                        .step_by(step)
                        .map(|(from, to)| evaluator.allowed(from, to, protocol, port));
                    let plain =
                        if some { answers.any(|allowed| allowed) } else { answers.all(|allowed| allowed) };
                    self.agree(engine, plain, protocol, port, &pairs[0]);
                }
            }
        }
        probes
    }

    /// The worlds of a pair of pods. To itself, a pod has one world, and another replica of it is another pod.
    fn pairs(&self, source: usize, target: usize, random: &mut Random) -> Vec<(Endpoint, Endpoint)> {
        let all = |pod: usize, replica: u32, random: &mut Random| {
            let Some(of) = ConcretePod::existing(self.snapshot, pod, replica) else { return Vec::new() };
            let mut worlds = worlds(self.snapshot, &of, Some(pod), random, 400);
            if self.relation == Relation::Must {
                // Two pods share a node only if they surely do: one that is still to be placed is on none.
                for world in &mut worlds {
                    if let Endpoint::Pod(world) = world {
                        world.node.clone_from(&of.node);
                    }
                }
                worlds.dedup();
            }
            worlds
        };
        let sources = all(source, 0, random);
        if source == target {
            let mut pairs: Vec<_> = sources.iter().map(|end| (end.clone(), end.clone())).collect();
            for other in all(target, 1, random) {
                pairs.extend(sources.iter().map(|end| (end.clone(), other.clone())));
            }
            return pairs;
        }
        let targets = all(target, 0, random);
        // On nodes that are still to come, two node selectors that contradict each other are never met together.
        let meet = meeting_point(self.snapshot, Some(source), Some(target)).is_some();
        let apart = |to: &Endpoint| match to {
            Endpoint::Pod(pod) if !meet && pod.node.as_deref() == Some(UNSEEN_NODE) => {
                Endpoint::Pod(ConcretePod { node: Some("another-such-node".to_owned()), ..pod.clone() })
            }
            to => to.clone(),
        };
        sources.iter().flat_map(|from| targets.iter().map(move |to| (from.clone(), apart(to)))).collect()
    }

    fn outside(&self) -> usize {
        let (snapshot, evaluator) = (self.snapshot, self.evaluator());
        let ports = probe::ports(snapshot);
        let mut probes = 0;
        for address in probe::addresses(snapshot) {
            let holds = |peer: &Peer| matches!(peer, Peer::Cidrs(cidrs) if cidrs.iter().any(|cidr| cidr.contains(&address)));
            let outside = Endpoint::Outside(address);
            for index in 0..snapshot.pods.len() {
                let of = &snapshot.pods[index];
                let same = |pod: &&watertight_model::Pod| {
                    pod.workload == of.workload && pod.namespace == of.namespace
                };
                // What the admin tiers say of a namespace whose labels are not known is tried between pods.
                let unknown = snapshot.namespace(of.namespace).labels.is_none();
                if unknown && !snapshot.cluster_policies.is_empty() {
                    continue;
                }
                let Some(pod) = Endpoint::existing(snapshot, index, 0) else { continue };
                if snapshot.pods.iter().filter(same).count() > 1 {
                    continue;
                }
                let is_pod = |peer: &Peer| peer_of(std::slice::from_ref(peer), snapshot, index).is_some();
                let inward = self.map.edges.iter().find(|edge| holds(&edge.from) && is_pod(&edge.to));
                let outward = self.map.edges.iter().find(|edge| holds(&edge.to) && is_pod(&edge.from));
                for &(protocol, port) in &ports {
                    probes += 2;
                    let says = |edge: Option<&watertight_model::Edge>| {
                        edge.is_some_and(|edge| edge.allow.contains(protocol, port))
                    };
                    let pairs = [(outside.clone(), pod.clone()), (pod.clone(), outside.clone())];
                    for (edge, pair) in [inward, outward].into_iter().zip(pairs) {
                        let plain = evaluator.allowed(&pair.0, &pair.1, protocol, port);
                        self.agree(says(edge), plain, protocol, port, &pair);
                    }
                }
            }
        }
        probes
    }

    #[track_caller]
    fn agree(&self, engine: bool, plain: bool, protocol: Protocol, port: u16, pair: &(Endpoint, Endpoint)) {
        // What one enforcer surely does beside addresses of several families, `must` leaves out rather than in.
        let leaves_out = self.relation == Relation::Must && !engine && self.profile.name != "conservative";
        // Where a node can be dialled at several addresses, `may` takes for each policy the one that opens more.
        let joins = self.relation == Relation::May && engine && !self.snapshot.cluster_policies.is_empty();
        let joins = joins && pair.1.pod().is_some_and(|pod| pod.host_network);
        assert!(
            engine == plain || leaves_out || joins,
            "seed {}, {}, {:?}: engine says {engine}, and the evaluator differs on {protocol}/{port} from\n{:#?}\nto\n{:#?}\n{}",
            self.seed,
            self.profile.label(),
            self.relation,
            pair.0,
            pair.1,
            to_yaml(self.snapshot),
        );
    }
}

fn enforcers() -> Vec<Profile> {
    let is_enforcer = |profile: &Profile| Profile::ENFORCERS.iter().any(|of| of.name == profile.name);
    profiles().into_iter().filter(is_enforcer).collect()
}

/// Takes all pods off the host network, and lets Pod Security keep them off it: where nodes are open, little else is asked.
fn without_host_network(snapshot: &mut Snapshot) {
    for namespace in &mut snapshot.namespaces {
        let labels = namespace.labels.get_or_insert_default();
        labels.insert("pod-security.kubernetes.io/enforce".to_owned(), "restricted".to_owned());
        labels.remove("pod-security.kubernetes.io/enforce-version");
        labels.insert(Namespace::NAME_LABEL.to_owned(), namespace.name.clone());
    }
    for pod in &mut snapshot.pods {
        pod.host_network = None;
    }
}

/// A cluster in which production is not open from the start: its pods are isolated by one more policy, and Pod Security
/// keeps the host network away.
fn fenced(seed: u64) -> Snapshot {
    let mut snapshot = snapshot(seed, size(seed, Size { policies: 2, ..Size::default() }));
    without_host_network(&mut snapshot);
    for namespace in side(&snapshot, "production") {
        snapshot.policies.push(NetworkPolicy { namespace, ..build::ingress("fence", Vec::new()) });
    }
    snapshot.policies.sort_by_key(|policy| (policy.namespace, policy.origin.object.name.clone()));
    snapshot
}

/// What `conservative` is for: isolated under it means isolated under each enforcer.
#[test]
fn what_is_breached_under_an_enforcer_is_breached_under_conservative() {
    let (mut breached, mut isolated) = (0, 0);
    for seed in 0..300 {
        let snapshot = fenced(seed);
        let (from, to) = (side(&snapshot, "staging"), side(&snapshot, "production"));
        let gets_across = |profile: Profile| {
            !crossings(&snapshot, &Reading::new(profile, Relation::May), &from, &to).found.is_empty()
        };
        if gets_across(Profile::CONSERVATIVE) {
            breached += 1;
            continue;
        }
        isolated += 1;
        for enforcer in enforcers() {
            let name = enforcer.label();
            assert!(!gets_across(enforcer), "seed {seed}: breached under {name}\n{}", to_yaml(&snapshot));
        }
    }
    assert!(breached > 30 && isolated > 30, "{breached} breached, {isolated} isolated");
}

/// The same, connection by connection.
#[test]
fn what_some_enforcer_lets_pass_passes_under_conservative() {
    let mut narrower = 0;
    for seed in 0..100 {
        let snapshot = snapshot(seed, size(seed, Size::default()));
        let wide = connectivity(&snapshot, Profile::CONSERVATIVE, Relation::May);
        for enforcer in enforcers() {
            let narrow = connectivity(&snapshot, enforcer, Relation::May);
            let between_pods =
                |edge: &&Edge| ![&edge.from, &edge.to].iter().any(|peer| matches!(peer, Peer::Cidrs(_)));
            for own in narrow.edges.iter().filter(between_pods) {
                let all = edge(&wide, &own.from, &own.to);
                let name = enforcer.label();
                assert!(own.allow.is_subset(&all), "seed {seed}, {name}: {own:#?}\n{}", to_yaml(&snapshot));
                narrower += usize::from(own.allow != all);
            }
        }
    }
    assert!(narrower > 300, "only {narrower} edges differ from what is widest");
}

/// Labels are only labels: a future pod's labels come as a set that a person could write.
#[test]
fn n18_the_labels_of_a_future_pod_are_ones_that_a_person_could_write() {
    for seed in 0..200 {
        let snapshot = snapshot(seed, Size::default());
        let reading = Reading::new(Profile::CONSERVATIVE, Relation::May);
        let found =
            crossings(&snapshot, &reading, &side(&snapshot, "staging"), &side(&snapshot, "production"));
        let peers = found.found.iter().flat_map(|crossing| &crossing.breach.steps);
        for step in peers {
            if let watertight_model::Fact::Runs { pod } = &step.fact {
                let written = |labels: &Labels| {
                    labels.iter().all(|(key, value)| {
                        watertight_base::label_key(key).is_ok() && watertight_base::label_value(value).is_ok()
                    })
                };
                assert!(written(&pod.labels), "{:?}", pod.labels);
            }
        }
    }
}
