//! What carries connections for others, on generated clusters: proxies that serve staging, and further networks. Every way
//! across replays; and where there is none, no such proxy gets in, and no network is shared.

#[path = "support/plain.rs"]
mod plain;

use plain::plain;
use std::collections::BTreeSet;
use std::net::IpAddr;
use watertight_model::{
    Container, ContainerRole, Fact, FurtherNetworks, Namespace, NamespaceId, NetworkName, Pod, PodState,
    Relation, Snapshot,
};
use watertight_network::{Profile, Reading, crossings};
use watertight_oracle::candidates::{future_pods, namespace_labels, pod_addresses};
use watertight_oracle::generate::{Size, snapshot};
use watertight_oracle::manifests::to_yaml;
use watertight_oracle::{
    ConcretePod, Endpoint, Evaluator, Identity, PolicySet, Random, build, probe, replay,
};

/// A cluster without pods on the host network, which gets proxies in the namespaces of neither side, and pods on further
/// networks.
fn cluster(seed: u64) -> Snapshot {
    let mut snapshot = snapshot(seed, Size::default());
    let mut random = Random::new(seed ^ 0x0ca2_21e5);
    for namespace in &mut snapshot.namespaces {
        let labels = namespace.labels.get_or_insert_default();
        labels.insert("pod-security.kubernetes.io/enforce".to_owned(), "restricted".to_owned());
        labels.remove("pod-security.kubernetes.io/enforce-version");
        labels.insert(Namespace::NAME_LABEL.to_owned(), namespace.name.clone());
    }
    let sides = [side(&snapshot, "staging"), side(&snapshot, "production")].concat();
    let few_networks = random.chance(30);
    for pod in &mut snapshot.pods {
        pod.host_network = None;
        if !sides.contains(&pod.namespace) && random.chance(60) {
            let name = "proxy".to_owned();
            let image = "docker.io/library/traefik:v3".to_owned();
            pod.containers = [Container { name, role: ContainerRole::Main, image, arguments: vec![] }].into();
        }
        if few_networks && random.chance(20) {
            let namespace = random.one_of([None, Some("lan"), Some("production")]).map(str::to_owned);
            let name = random.one_of(["one", "two"]).to_owned();
            let names = Some(vec![NetworkName { namespace, name }]);
            let text = String::new();
            pod.networks.push(FurtherNetworks { span: build::place(), text, replaces_default: false, names });
        }
    }
    // Else production is open to everybody, and nobody needs to be carried.
    for &id in &side(&snapshot, "production") {
        let policy = build::ingress("shut", vec![]);
        snapshot.policies.push(watertight_model::NetworkPolicy { namespace: id, ..policy });
    }
    snapshot.policies.sort_by_key(|policy| (policy.namespace, policy.origin.object.name.clone()));
    snapshot
}

fn side(snapshot: &Snapshot, name: &str) -> Vec<NamespaceId> {
    snapshot.namespace_ids().filter(|&id| snapshot.namespace(id).name.starts_with(name)).collect()
}

fn is_proxy(pod: &Pod) -> bool {
    pod.containers.iter().any(|container| container.image.contains("traefik"))
}

/// A network by the namespace that defines it and its name.
fn networks(snapshot: &Snapshot, pod: &Pod) -> BTreeSet<(String, String)> {
    let own = &snapshot.namespace(pod.namespace).name;
    let names = pod.networks.iter().flat_map(|further| further.names.iter().flatten());
    names.map(|name| (name.namespace.clone().unwrap_or_else(|| own.clone()), name.name.clone())).collect()
}

/// The pod at each address that it may have.
fn seen(snapshot: &Snapshot, pod: ConcretePod, random: &mut Random) -> Vec<Endpoint> {
    let addresses: Vec<Option<IpAddr>> = match pod.addresses.is_empty() {
        true => pod_addresses(snapshot).into_iter().map(Some).collect(),
        false => vec![None],
    };
    let labels = namespace_labels(snapshot, &pod.namespace, random, 4);
    let all =
        addresses.into_iter().flat_map(|seen_as| labels.iter().map(move |labels| (seen_as, labels.clone())));
    all.map(|(seen_as, assumed_namespace_labels)| {
        Endpoint::Pod(ConcretePod { seen_as, assumed_namespace_labels, ..pod.clone() })
    })
    .collect()
}

/// The pods of today that some are, and of production also those to come.
fn ends(snapshot: &Snapshot, is: impl Fn(&Pod) -> bool, random: &mut Random) -> Vec<Endpoint> {
    let today = (0..snapshot.pods.len()).filter(|&index| is(&snapshot.pods[index]));
    let today: Vec<ConcretePod> =
        today.filter_map(|index| ConcretePod::existing(snapshot, index, 0)).collect();
    today.into_iter().flat_map(|pod| seen(snapshot, pod, random)).collect()
}

fn to_come(snapshot: &Snapshot, namespaces: &[NamespaceId], random: &mut Random) -> Vec<Endpoint> {
    let mut ends = Vec::new();
    for &id in namespaces {
        for mut pod in future_pods(snapshot, &snapshot.namespace(id).name, random, 6) {
            if let Identity::Future(number) = pod.identity {
                pod.identity = Identity::Future(2 * number);
            }
            pod.host_network = false;
            ends.extend(seen(snapshot, pod, random));
        }
    }
    ends
}

#[test]
fn whoever_is_carried_across_is_found_and_replays() {
    let (mut relayed, mut networked, mut neither) = (0, 0, 0);
    for seed in 0..160 {
        let snapshot = cluster(seed);
        let (from, to) = (side(&snapshot, "staging"), side(&snapshot, "production"));
        let mut random = Random::new(seed);
        let mut conservative = Profile::CONSERVATIVE;
        conservative.members = &[];
        for profile in [Profile::CALICO, conservative] {
            let found = crossings(&snapshot, &Reading::new(profile, Relation::May), &from, &to).found;
            for crossing in &found {
                let breach = &crossing.breach;
                assert_eq!(
                    replay(&snapshot, plain(&profile), &PolicySet::all(), breach),
                    Ok(()),
                    "seed {seed}: {breach:#?}\n{}",
                    to_yaml(&snapshot)
                );
                for step in &breach.steps {
                    if let Fact::Relays { proxy, .. } = &step.fact {
                        let pod = &snapshot.pods[proxy.pod.expect("a pod of today")];
                        assert!(is_proxy(pod), "seed {seed}");
                    }
                }
                relayed += usize::from(breach.rule == "shared-proxy");
                networked += usize::from(breach.rule == "shared-network");
            }
            if found.is_empty() {
                neither += 1;
                let evaluator = Evaluator::new(&snapshot, plain(&profile), Relation::May);
                nobody_is_carried(&evaluator, &from, &to, seed, &mut random);
            }
        }
    }
    assert!(relayed > 20 && networked > 10 && neither > 20, "{relayed} {networked} {neither}");
}

/// That no proxy gets in, and no network is there for both sides.
fn nobody_is_carried(
    evaluator: &Evaluator<'_>,
    from: &[NamespaceId],
    to: &[NamespaceId],
    seed: u64,
    random: &mut Random,
) {
    let snapshot = evaluator.snapshot;
    let lives = |pod: &Pod| pod.state != PodState::Finished;
    let proxies = ends(snapshot, |pod| is_proxy(pod) && lives(pod), random);
    let mut targets = ends(snapshot, |pod| to.contains(&pod.namespace), random);
    targets.extend(to_come(snapshot, to, random));
    for proxy in &proxies {
        for target in &targets {
            for &(protocol, port) in &probe::ports(snapshot) {
                assert!(
                    !evaluator.allowed(proxy, target, protocol, port),
                    "seed {seed}: {proxy:#?} gets to {target:#?} on {protocol} {port}\n{}",
                    to_yaml(snapshot)
                );
            }
        }
    }
    let hostile = snapshot.pods.iter().filter(|pod| from.contains(&pod.namespace) && lives(pod));
    let hostile: BTreeSet<(String, String)> = hostile.flat_map(|pod| networks(snapshot, pod)).collect();
    for pod in snapshot.pods.iter().filter(|pod| to.contains(&pod.namespace) && lives(pod)) {
        let own = &snapshot.namespace(pod.namespace).name;
        for network in networks(snapshot, pod) {
            assert!(!hostile.contains(&network) && network.0 == *own, "seed {seed}: {network:?}");
        }
    }
}
