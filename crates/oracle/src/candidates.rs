//! What a world can fix where the snapshot does not: labels of namespaces without an object, pods that do not exist yet,
//! addresses. Too many to list them all; a sample is drawn, the plainest first.

use crate::choices::tier_rules;
use crate::endpoint::{ConcretePod, Endpoint};
use crate::matching::{holds, is_private, private_networks, share_a_private_block};
use crate::probe::{addresses, rules, second_address};
use crate::random::Random;
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watertight_base::{Labels, Selector};
use watertight_model::{
    ContainerPort, ContainerRole, Namespace, NamespaceScope, PeerKind, PortMatch, Snapshot, TierPeerKind,
    TierPortKind,
};

/// A label value that no selector mentions.
const FRESH: &str = "fresh-value";

/// For each key that selectors mention, the values that make a difference: absent, each one mentioned, another one.
type Options = BTreeMap<String, Vec<Option<String>>>;

/// Labels that a namespace could carry besides the one with its name: only the empty set for a namespace whose labels
/// are known, else at most `limit` sets.
#[must_use]
pub fn namespace_labels(
    snapshot: &Snapshot,
    namespace: &str,
    random: &mut Random,
    limit: usize,
) -> Vec<Labels> {
    let is_known =
        snapshot.namespaces.iter().any(|candidate| candidate.name == namespace && candidate.labels.is_some());
    if is_known {
        return vec![Labels::new()];
    }
    let mut selectors = Vec::new();
    for rule in snapshot.policies.iter().flat_map(rules) {
        for peer in rule.peers.iter().flatten() {
            if let PeerKind::Pods { namespaces: NamespaceScope::Selected(selector), .. } = &peer.kind {
                selectors.push(selector);
            }
        }
    }
    selectors.extend(tier_selectors(snapshot).into_iter().map(|(namespaces, _)| namespaces));
    let mut choices = choices(&selectors);
    choices.remove(Namespace::NAME_LABEL);
    sample(&choices, random, limit)
}

/// Labels that a pod could carry: at most `limit` sets.
#[must_use]
pub fn pod_labels(snapshot: &Snapshot, random: &mut Random, limit: usize) -> Vec<Labels> {
    let mut selectors = Vec::new();
    for policy in &snapshot.policies {
        selectors.push(&policy.subject);
        for peer in rules(policy).flat_map(|rule| rule.peers.iter().flatten()) {
            if let PeerKind::Pods { pods, .. } = &peer.kind {
                selectors.push(pods);
            }
        }
    }
    selectors.extend(tier_selectors(snapshot).into_iter().map(|(_, pods)| pods));
    sample(&choices(&selectors), random, limit)
}

/// The selectors of the admin tiers, of namespaces and of pods in them: subjects and peers.
fn tier_selectors(snapshot: &Snapshot) -> Vec<(&Selector, &Selector)> {
    let mut selectors = Vec::new();
    for policy in &snapshot.cluster_policies {
        selectors.push((&policy.subject.namespaces, &policy.subject.pods));
        for peer in tier_rules(policy).flat_map(|rule| &rule.peers) {
            if let TierPeerKind::Pods { namespaces, pods } = &peer.kind {
                selectors.push((namespaces, pods));
            }
        }
    }
    selectors
}

fn choices(selectors: &[&Selector]) -> Options {
    let mut mentioned: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for requirement in selectors.iter().flat_map(|selector| &selector.requirements) {
        mentioned.entry(requirement.key.clone()).or_default().extend(requirement.values.iter().cloned());
    }
    let mut choices = Options::new();
    for (key, values) in mentioned {
        let mut options = vec![None, Some(FRESH.to_owned())];
        options.extend(values.into_iter().map(Some));
        choices.insert(key, options);
    }
    choices
}

/// All combinations if there are at most `limit`, else the empty one and random others.
fn sample(choices: &Options, random: &mut Random, limit: usize) -> Vec<Labels> {
    let combinations = choices
        .values()
        .try_fold(1_usize, |product, options| product.checked_mul(options.len()))
        .unwrap_or(usize::MAX);
    let mut found = BTreeSet::new();
    if combinations <= limit {
        for number in 0..combinations {
            let mut rest = number;
            found.insert(combine(choices, |length| {
                let index = rest % length;
                rest /= length;
                index
            }));
        }
    } else {
        found.insert(Labels::new());
        for _ in 1..limit {
            found.insert(combine(choices, |length| random.below(length)));
        }
    }
    found.into_iter().collect()
}

fn combine(choices: &Options, mut index_below: impl FnMut(usize) -> usize) -> Labels {
    let mut labels = Labels::new();
    for (key, options) in choices {
        if let Some(Some(value)) = options.get(index_below(options.len())) {
            labels.insert(key.clone(), value.clone());
        }
    }
    labels
}

/// Pods that could be created in a namespace: random labels, port names, and `hostNetwork` where the namespace's labels
/// admit it. Their addresses and nodes are not fixed.
#[must_use]
pub fn future_pods(
    snapshot: &Snapshot,
    namespace: &str,
    random: &mut Random,
    count: usize,
) -> Vec<ConcretePod> {
    let known = snapshot.namespaces.iter().find(|candidate| candidate.name == namespace);
    let known_labels = known.and_then(|namespace| namespace.labels.clone()).unwrap_or_default();
    let port_names = port_names(snapshot);
    let probes = crate::probe::ports(snapshot);
    let mut pods = Vec::new();
    for (number, labels) in (0_u32..).zip(pod_labels(snapshot, random, count)) {
        let mut pod = ConcretePod::future(number, namespace, labels);
        pod.host_network = admits_host_network(&known_labels) && random.chance(30);
        for name in &port_names {
            if let (true, Some(&(protocol, number))) = (random.chance(60), random.pick(&probes)) {
                let container =
                    random.one_of([ContainerRole::Main, ContainerRole::Main, ContainerRole::Sidecar]);
                let name = Some(name.clone());
                pod.ports.push(ContainerPort { name, number, protocol, container, host_port: None });
            }
        }
        pods.push(pod);
    }
    pods
}

/// Every port name that a policy uses.
fn port_names(snapshot: &Snapshot) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for rule in snapshot.policies.iter().flat_map(rules) {
        for element in rule.ports.iter().flatten() {
            if let PortMatch::Named(name) = &element.port {
                names.insert(name.clone());
            }
        }
    }
    for rule in snapshot.cluster_policies.iter().flat_map(tier_rules) {
        for element in rule.ports.iter().flatten() {
            if let TierPortKind::Named(name) = &element.kind {
                names.insert(name.clone());
            }
        }
    }
    names
}

/// Addresses that a pod of unknown address could have, among those that make a difference to some ipBlock or
/// network (convention 13).
#[must_use]
pub fn pod_addresses(snapshot: &Snapshot) -> Vec<IpAddr> {
    let mut found = known_pod_addresses(snapshot);
    found.extend(snapshot.nodes.iter().flat_map(|node| &node.pod_cidrs).map(second_address));
    let asked = addresses(snapshot).into_iter().chain(private_networks());
    found.extend(asked.filter(|&address| may_be_a_pods(snapshot, address)));
    found.into_iter().collect()
}

/// An end, and the same end as it can be seen besides: what is on the host under the address of its node's tunnel, which is
/// one of the pods' (rule N36).
#[must_use]
pub fn seen_as(snapshot: &Snapshot, end: &Endpoint) -> Vec<Endpoint> {
    let mut all = vec![end.clone()];
    if end.is_on_the_host() {
        all.extend(pod_addresses(snapshot).into_iter().map(|address| end.clone().seen_as(address)));
    }
    all
}

/// Addresses that a node could have, likewise.
#[must_use]
pub fn node_addresses(snapshot: &Snapshot) -> Vec<IpAddr> {
    let mut found = known_node_addresses(snapshot);
    found.extend(pod_addresses(snapshot));
    let asked = addresses(snapshot).into_iter().chain(private_networks());
    found.extend(asked.filter(|&address| may_be_a_nodes(snapshot, address)));
    found.into_iter().collect()
}

fn known_pod_addresses(snapshot: &Snapshot) -> BTreeSet<IpAddr> {
    let pods = snapshot.pods.iter().filter(|pod| pod.host_network.is_none());
    pods.flat_map(|pod| pod.addresses.clone()).collect()
}

fn known_node_addresses(snapshot: &Snapshot) -> BTreeSet<IpAddr> {
    let on_nodes = snapshot.pods.iter().filter(|pod| pod.host_network.is_some());
    let of_nodes = snapshot.nodes.iter().flat_map(|node| node.addresses.clone());
    let under_pods = snapshot.pods.iter().flat_map(|pod| pod.node_addresses.clone());
    of_nodes.chain(on_nodes.flat_map(|pod| pod.addresses.clone())).chain(under_pods).collect()
}

/// Whether a node of this name has an address that the input says, in its own object or in that of a pod on it.
fn says_where(snapshot: &Snapshot, node: &str) -> bool {
    snapshot.nodes.iter().any(|object| object.name == node && !object.addresses.is_empty())
        || snapshot.pods.iter().filter(|pod| pod.scheduling.node_name.as_deref() == Some(node)).any(|pod| {
            let is_the_node = pod.host_network.is_some() && !pod.addresses.is_empty();
            is_the_node || !pod.node_addresses.is_empty()
        })
}

/// Whether a pod could have this address: one that a pod has, or one of the pod network of which a node's range is a slice.
/// Where all known pods are in such networks, no other; else also one of the private block around a known one, any of the
/// family of a public one, and any private one where none is known.
pub(crate) fn may_be_a_pods(snapshot: &Snapshot, address: IpAddr) -> bool {
    let slices = || snapshot.nodes.iter().flat_map(|node| &node.pod_cidrs);
    let in_a_network = |address: IpAddr| slices().any(|slice| holds(&whole_network(slice), address));
    let known = known_pod_addresses(snapshot);
    if known.contains(&address) || in_a_network(address) {
        return true;
    }
    if known.is_empty() {
        return is_private(address);
    }
    let of_a_public_family = |other: &IpAddr| !is_private(*other) && other.is_ipv4() == address.is_ipv4();
    let networks_explain_all = known.iter().all(|&pod| in_a_network(pod));
    !networks_explain_all
        && known.iter().any(|other| share_a_private_block(*other, address) || of_a_public_family(other))
}

/// A node's range widened to 16 bits, or 48 for IPv6: the cluster's pod network is usually no smaller.
fn whole_network(slice: &IpNet) -> IpNet {
    let usual = if slice.addr().is_ipv4() { 16 } else { 48 };
    IpNet::new(slice.addr(), slice.prefix_len().min(usual)).unwrap_or(*slice)
}

/// Whether the input holds a node, or shows a pod on one, of which it says no address.
fn hides_a_node(snapshot: &Snapshot) -> bool {
    let under_pods = snapshot.pods.iter().filter_map(|pod| pod.scheduling.node_name.as_deref());
    let mut all = snapshot.nodes.iter().map(|node| node.name.as_str()).chain(under_pods);
    all.any(|node| !says_where(snapshot, node))
}

/// Whether a node could have this address: one that a node has or one of the private block around it, any private one if
/// that of some node is not known, or a tunnel's in a pod network (rule N36).
pub(crate) fn may_be_a_nodes(snapshot: &Snapshot, address: IpAddr) -> bool {
    let known = known_node_addresses(snapshot);
    known.contains(&address)
        || known.iter().any(|&node| share_a_private_block(node, address))
        || (is_private(address) && (known.is_empty() || hides_a_node(snapshot)))
        || may_be_a_pods(snapshot, address)
}

/// Whether pods that share the node's network may be created in a namespace with these labels: Pod Security keeps them
/// out at the levels baseline and restricted, in every version. What is no level or no version enforces nothing.
pub(crate) fn admits_host_network(labels: &Labels) -> bool {
    let level = labels.get("pod-security.kubernetes.io/enforce").map(String::as_str);
    let version_is_one = match labels.get("pod-security.kubernetes.io/enforce-version").map(String::as_str) {
        None | Some("latest") => true,
        Some(version) => match version.strip_prefix("v1.") {
            Some(minor) => {
                let leading_zero = minor.len() > 1 && minor.starts_with('0');
                !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()) && !leading_zero
            }
            None => false,
        },
    };
    !(matches!(level, Some("baseline" | "restricted")) && version_is_one)
}

/// Whether pods whose probes name another host may be created: Pod Security refuses them at the levels baseline and
/// restricted from version 1.34 on, if the server is as new. A server whose version is not known is taken as new.
pub(crate) fn admits_probe_hosts(labels: &Labels, server: Option<&str>) -> bool {
    let minor = |version: &str| version.trim_start_matches('v').strip_prefix("1.")?.parse::<u32>().ok();
    let asked = labels.get("pod-security.kubernetes.io/enforce-version").and_then(|version| minor(version));
    let oldest = [asked, server.and_then(minor)].into_iter().flatten().min();
    admits_host_network(labels) || oldest.is_some_and(|oldest| oldest < 34)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{self, Cluster, ingress, matching, namespaces, peers};
    use watertight_base::Protocol;
    use watertight_model::{Action, ClusterPolicy, Tier};

    #[test]
    fn few_choices_are_listed_and_many_are_sampled() {
        let rule = peers(vec![namespaces(matching(&[("env", "prod"), ("team", "a")]))]);
        let snapshot = Cluster::new()
            .pod("ghost", build::pod("x", &[]))
            .policy("ghost", ingress("p", vec![rule]))
            .snapshot();
        let mut random = Random::new(1);
        let all = namespace_labels(&snapshot, "ghost", &mut random, 100);
        assert_eq!(all.len(), 9, "two keys: absent, fresh or the value");
        assert!(all.contains(&build::labels(&[("env", "prod"), ("team", FRESH)])));
        let some = namespace_labels(&snapshot, "ghost", &mut random, 4);
        assert!(some.contains(&Labels::new()) && some.len() <= 4 && some.len() > 1);
    }

    #[test]
    fn known_labels_leave_no_choice() {
        let rule = peers(vec![namespaces(matching(&[("env", "prod")]))]);
        let snapshot = Cluster::new()
            .namespace(build::namespace("known", &[]))
            .policy("known", ingress("p", vec![rule]))
            .snapshot();
        assert_eq!(namespace_labels(&snapshot, "known", &mut Random::new(1), 100), [Labels::new()]);
    }

    #[test]
    fn what_the_admin_tiers_ask_for_makes_a_difference() {
        let rule = build::tier_rule(
            Action::Deny,
            vec![
                build::tier_pods(matching(&[("team", "a")]), matching(&[("role", "x")])),
                TierPeerKind::Networks(vec!["10.1.0.0/16".parse().unwrap()]),
            ],
        );
        let ports =
            vec![TierPortKind::Named("http".to_owned()), TierPortKind::Range(Protocol::Udp, 100, 200)];
        let policy = ClusterPolicy {
            subject: build::subject(matching(&[("env", "prod")]), matching(&[("app", "db")])),
            egress: vec![build::tier_on(rule, ports)],
            ..build::cluster_policy("p", Tier::Admin, 0)
        };
        let snapshot = Cluster::new().pod("ghost", build::pod("x", &[])).cluster_policy(policy).snapshot();
        let mut random = Random::new(1);
        let namespaces = namespace_labels(&snapshot, "ghost", &mut random, 100);
        assert!(namespaces.contains(&build::labels(&[("env", "prod"), ("team", "a")])));
        let pods = pod_labels(&snapshot, &mut random, 100);
        assert!(pods.contains(&build::labels(&[("app", "db"), ("role", "x")])));
        assert_eq!(port_names(&snapshot), BTreeSet::from(["http".to_owned()]));
        let edges: [IpAddr; 2] = ["10.1.0.0".parse().unwrap(), "10.2.0.0".parse().unwrap()];
        assert!(edges.iter().all(|edge| pod_addresses(&snapshot).contains(edge)));
        let asked = crate::probe::ports(&snapshot);
        assert!([99, 100, 200, 201].iter().all(|&port| asked.contains(&(Protocol::Udp, port))));
    }

    #[test]
    fn c13_private_space_stands_in_for_unknown_pod_networks_only() {
        let rule = || peers(vec![build::block("10.0.0.0/8".parse().unwrap(), vec![])]);
        let cluster = || Cluster::new().policy("a", ingress("p", vec![rule()]));
        let unknown = cluster().snapshot();
        let edges: [IpAddr; 2] = ["10.0.0.0".parse().unwrap(), "10.255.255.255".parse().unwrap()];
        assert!(edges.iter().all(|edge| pod_addresses(&unknown).contains(edge)));
        let mut node = build::node("n");
        node.pod_cidrs = vec!["10.244.0.0/24".parse().unwrap()];
        let mut pod = build::pod("x", &[]);
        pod.addresses = vec!["10.244.0.1".parse().unwrap()];
        let unproved = cluster().node(node.clone()).snapshot();
        assert!(may_be_a_pods(&unproved, "192.168.0.1".parse().unwrap()), "no pod's address is known");
        let known = cluster().node(node).pod("a", pod).snapshot();
        assert!(may_be_a_pods(&known, "10.244.0.99".parse().unwrap()));
        assert!(may_be_a_pods(&known, "10.244.7.1".parse().unwrap()), "the pods of another node");
        assert!(!may_be_a_pods(&known, "10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn pod_security_keeps_pods_off_the_host_network_only_where_it_is_valid() {
        let admits = |level: &str, version: &str| {
            let mut labels = build::labels(&[("pod-security.kubernetes.io/enforce", level)]);
            if !version.is_empty() {
                labels.insert("pod-security.kubernetes.io/enforce-version".to_owned(), version.to_owned());
            }
            admits_host_network(&labels)
        };
        for (level, version) in [("baseline", ""), ("restricted", "latest"), ("baseline", "v1.30")] {
            assert!(!admits(level, version), "{level} {version}");
        }
        for (level, version) in
            [("privileged", ""), ("Baseline", ""), ("baseline", "1.30"), ("baseline", "v1.")]
        {
            assert!(admits(level, version), "{level} {version}");
        }
    }
}
