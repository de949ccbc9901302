//! Random small clusters: first ones that mean something (labels that selectors ask for, port names that pods have),
//! then broken here and there (selectors that dangle, names that no pod has, the wrong family).

pub mod rbac;
pub mod sharing;
mod tiers;
pub mod webhooks;

use crate::build::{self, Cluster, place};
use crate::random::Random;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use watertight_base::{Labels, Operator, Protocol, Requirement, Selector};
use watertight_model::{
    Admission, ContainerPort, ContainerRole, Namespace, NamespaceScope, NetworkPolicy, Node, PeerKind, Pod,
    PodState, PolicyPeer, PolicyPort, PolicyRule, PolicyTypes, PortMatch, Service, ServicePort, ServiceType,
    Snapshot, Taint, TaintEffect, TargetPort, Toleration, WorkloadRef,
};

/// How big a cluster may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// The most namespaces, from 2 to 6.
    pub namespaces: usize,
    /// The most pods in a namespace.
    pub pods: usize,
    /// The most policies in a namespace.
    pub policies: usize,
    /// The most nodes.
    pub nodes: usize,
    /// The most policies of the admin tiers.
    pub cluster_policies: usize,
}

impl Default for Size {
    fn default() -> Self {
        Self { namespaces: 4, pods: 4, policies: 4, nodes: 3, cluster_policies: 0 }
    }
}

impl Size {
    /// The same with up to four policies of the admin tiers.
    #[must_use]
    pub fn with_tiers(self) -> Self {
        Self { cluster_policies: 4, ..self }
    }
}

/// The namespaces that there can be. The first two always are, so that there is a boundary.
const NAMESPACES: [&str; 6] =
    ["staging", "production", "shared", "staging-jobs", "production-data", "monitoring"];
const APPS: [&str; 3] = ["web", "api", "db"];
const ROLES: [&str; 2] = ["client", "server"];
/// Labels that controllers give to pods, and that some enforcers do not see.
const CONTROLLERS_LABELS: [&str; 2] = ["pod-template-hash", "statefulset.kubernetes.io/pod-name"];
const PORT_NAMES: [&str; 3] = ["http", "metrics", "dns"];
const NUMBERS: [u16; 6] = [53, 80, 443, 5432, 8080, 9090];

/// The cluster of a seed.
#[must_use]
pub fn snapshot(seed: u64, size: Size) -> Snapshot {
    let mut generator = Generator { random: Random::new(seed) };
    let mut cluster = Cluster::new();
    let nodes = generator.random.below(size.nodes + 1);
    for index in 0..nodes {
        cluster = cluster.node(generator.node(index));
    }
    let limit = size.namespaces.clamp(2, NAMESPACES.len());
    let count = 2 + generator.random.below(limit - 1);
    for (index, name) in NAMESPACES.iter().copied().take(count).enumerate() {
        // Without an object, a namespace is there by what lives in it: at least one pod.
        let has_object = generator.random.chance(80);
        if has_object {
            cluster = cluster.namespace(generator.namespace(name));
        }
        let at_least = usize::from(!has_object || index < 2);
        let pods = generator.random.below(size.pods + 1).max(at_least);
        for number in 0..pods {
            cluster = cluster.pod(name, generator.pod(number, index, nodes));
        }
        for number in 0..generator.random.below(size.policies + 1) {
            cluster = cluster.policy(name, generator.policy(number));
        }
        if generator.random.chance(40) {
            cluster = cluster.service(name, generator.service());
        }
    }
    // Last, so that the rest of a seed's cluster is the same with and without them.
    for number in 0..generator.random.below(size.cluster_policies + 1) {
        cluster = cluster.cluster_policy(generator.cluster_policy(number));
    }
    cluster.snapshot()
}

struct Generator {
    random: Random,
}

impl Generator {
    fn node(&mut self, index: usize) -> Node {
        let last = u8::try_from(index).unwrap_or(0);
        let mut node = build::node(&format!("node-{index}"));
        node.labels = build::labels(&[("pool", self.random.one_of(["staging", "production", "shared"]))]);
        if self.random.chance(80) {
            node.addresses.push(IpAddr::V4(Ipv4Addr::new(192, 168, 0, last + 1)));
        }
        if self.random.chance(20) {
            node.addresses.push(IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, u16::from(last) + 1)));
        }
        if self.random.chance(50) {
            node.pod_cidrs.extend(network(IpAddr::V4(Ipv4Addr::new(10, 244, last, 0)), 24));
        }
        if self.random.chance(30) {
            let effect = self.random.one_of([
                TaintEffect::NoSchedule,
                TaintEffect::NoExecute,
                TaintEffect::PreferNoSchedule,
            ]);
            let value = self.random.one_of(["production", "staging"]).to_owned();
            node.taints.push(Taint { key: "only".to_owned(), value, effect });
        }
        node
    }

    fn namespace(&mut self, name: &str) -> Namespace {
        let environment = name.split('-').next().unwrap_or(name);
        let mut labels = vec![];
        if self.random.chance(70) {
            labels.push(("env", environment));
        }
        if self.random.chance(40) {
            labels.push(("team", self.random.one_of(["red", "blue"])));
        }
        if self.random.chance(30) {
            let level = self.random.one_of(["baseline", "restricted", "privileged", "Baseline"]);
            labels.push(("pod-security.kubernetes.io/enforce", level));
            if self.random.chance(40) {
                let version = self.random.one_of(["latest", "v1.30", "1.30"]);
                labels.push(("pod-security.kubernetes.io/enforce-version", version));
            }
        }
        build::namespace(name, &labels)
    }

    fn pod(&mut self, number: usize, namespace: usize, nodes: usize) -> Pod {
        let app = self.random.one_of(APPS);
        // A workload's template must have labels for its selector to match.
        let mut labels = build::labels(&[("app", app)]);
        if self.random.chance(40) {
            labels.insert("role".to_owned(), self.random.one_of(ROLES).to_owned());
        }
        if self.random.chance(30) {
            labels.insert("tier".to_owned(), self.random.one_of(["front", "back"]).to_owned());
        }
        if self.random.chance(10) {
            let key = self.random.one_of(CONTROLLERS_LABELS);
            labels.insert(key.to_owned(), self.random.one_of(["x0", "x1"]).to_owned());
        }
        let name = format!("{app}-{number}");
        let mut pod = match self.random.below(10) {
            0..5 => self.bare_pod(&name, number, namespace),
            5 => {
                let mut pod = build::deployment(&name, &[]);
                pod.origin = build::origin("apps/v1", "DaemonSet", "", &name);
                pod.workload = WorkloadRef { kind: "DaemonSet".to_owned(), name };
                pod.scheduling.daemon = true;
                pod
            }
            _ => build::deployment(&name, &[]),
        };
        if pod.template.is_empty() && self.random.chance(20) {
            labels.remove("app");
        }
        pod.labels = labels;
        if self.random.chance(20) {
            // Its addresses are its node's, so that one of the pod network would be odd.
            pod.host_network = Some(place());
            pod.addresses.clear();
        }
        for _ in 0..self.random.below(3) {
            let port = self.container_port();
            pod.ports.push(port);
        }
        self.schedule(&mut pod, nodes);
        pod
    }

    fn bare_pod(&mut self, name: &str, number: usize, namespace: usize) -> Pod {
        let mut pod = build::pod(name, &[]);
        let third = u8::try_from(namespace % 3).unwrap_or(0);
        let fourth = u8::try_from(10 * namespace + number + 2).unwrap_or(u8::MAX);
        match self.random.below(10) {
            0..4 => {
                pod.addresses.push(IpAddr::V4(Ipv4Addr::new(10, 244, third, fourth)));
                if self.random.chance(20) {
                    let last = u16::from(fourth);
                    pod.addresses.push(IpAddr::V6(Ipv6Addr::new(0xfd00, 0x10, 0, 0, 0, 0, 0, last)));
                }
            }
            4 => pod.state = PodState::NoAddress,
            5 => pod.state = PodState::Finished,
            _ => {}
        }
        pod
    }

    fn container_port(&mut self) -> ContainerPort {
        let name = self.random.one_of(PORT_NAMES);
        let protocol = match name {
            "dns" => self.random.one_of([Protocol::Udp, Protocol::Tcp]),
            _ => Protocol::Tcp,
        };
        let container = match self.random.below(10) {
            0 => ContainerRole::Init,
            1 | 2 => ContainerRole::Sidecar,
            _ => ContainerRole::Main,
        };
        let name = Some(name.to_owned()).filter(|_| self.random.chance(85));
        let number = self.random.one_of(NUMBERS);
        ContainerPort { name, number, protocol, container, host_port: None }
    }

    fn schedule(&mut self, pod: &mut Pod, nodes: usize) {
        if self.random.chance(25) && nodes > 0 && !pod.scheduling.daemon {
            pod.scheduling.node_name = Some(format!("node-{}", self.random.below(nodes)));
        }
        if self.random.chance(20) {
            let pool = self.random.one_of(["staging", "production", "shared"]);
            pod.scheduling.node_selector = build::labels(&[("pool", pool)]);
        }
        if self.random.chance(20) {
            let value = self.random.one_of(["production", "staging"]).to_owned();
            let toleration = match self.random.below(3) {
                0 => Toleration { key: None, exists: true, value: String::new(), effect: None },
                1 => Toleration { key: Some("only".to_owned()), exists: false, value, effect: None },
                _ => {
                    let effect = Some(TaintEffect::NoSchedule);
                    Toleration { key: Some("only".to_owned()), exists: true, value: String::new(), effect }
                }
            };
            pod.scheduling.tolerations.push(toleration);
        }
        if self.random.chance(10) {
            let pools = ["staging", "shared"];
            let operator = self.random.one_of([Operator::In, Operator::NotIn]);
            pod.scheduling.node_affinity = Some(vec![vec![build::require("pool", operator, &pools)]]);
        }
    }

    fn policy(&mut self, number: usize) -> NetworkPolicy {
        // The API server refuses the underscore, and nothing else is wrong with such a policy.
        let is_refused = self.random.chance(8);
        let name = if is_refused { format!("policy_{number}") } else { format!("policy-{number}") };
        let types = match self.random.below(10) {
            0..5 => PolicyTypes { ingress: true, egress: false },
            5..8 => PolicyTypes { ingress: true, egress: true },
            _ => PolicyTypes { ingress: false, egress: true },
        };
        let subject = if self.random.chance(45) { Selector::everything() } else { self.pod_selector() };
        // Rules of a direction that is no type are there now and then, and mean nothing (N5).
        let ingress = if types.ingress || self.random.chance(10) { self.rules() } else { Vec::new() };
        let egress = if types.egress || self.random.chance(10) { self.rules() } else { Vec::new() };
        let admission = if is_refused { Admission::Refused } else { Admission::Accepted };
        NetworkPolicy { subject, types, ingress, egress, admission, ..build::policy(&name) }
    }

    fn rules(&mut self) -> Vec<PolicyRule> {
        let count = self.random.one_of([0, 0, 1, 1, 1, 2]);
        (0..count).map(|_| self.rule()).collect()
    }

    fn rule(&mut self) -> PolicyRule {
        let mut peers = None;
        if self.random.chance(85) {
            let count = self.random.one_of([1, 1, 2]);
            let kinds = (0..count).map(|_| PolicyPeer { span: place(), kind: self.peer() });
            peers = Some(kinds.collect());
        }
        let mut ports = None;
        if self.random.chance(55) {
            let count = self.random.one_of([1, 1, 2]);
            ports = Some((0..count).map(|_| self.port()).collect());
        }
        PolicyRule { span: place(), peers, ports }
    }

    fn peer(&mut self) -> PeerKind {
        match self.random.below(10) {
            0..3 => build::own_pods(self.pod_selector()),
            3..5 => build::namespaces(self.namespace_selector()),
            5..7 => build::pods_in(self.namespace_selector(), self.pod_selector()),
            7 => PeerKind::Pods {
                namespaces: NamespaceScope::Selected(Selector::everything()),
                pods: if self.random.chance(50) { self.pod_selector() } else { Selector::everything() },
                pods_written: true,
            },
            _ => self.ip_block(),
        }
    }

    fn ip_block(&mut self) -> PeerKind {
        let v4 = |a, b, c, d| IpAddr::V4(Ipv4Addr::new(a, b, c, d));
        // Each block with networks that lie strictly inside it.
        let (block, inside) = match self.random.below(8) {
            0 => ((v4(0, 0, 0, 0), 0), vec![(v4(10, 0, 0, 0), 8), (v4(192, 168, 0, 0), 16)]),
            1 => ((v4(10, 0, 0, 0), 8), vec![(v4(10, 244, 0, 0), 16), (v4(10, 244, 1, 0), 24)]),
            2 => ((v4(10, 244, 0, 0), 16), vec![(v4(10, 244, 0, 0), 24), (v4(10, 244, 2, 2), 32)]),
            3 => ((v4(192, 168, 0, 0), 24), vec![(v4(192, 168, 0, 1), 32)]),
            4 => ((v4(203, 0, 113, 0), 24), vec![(v4(203, 0, 113, 128), 25)]),
            5 => ((v4(192, 168, 0, 1), 32), vec![]),
            6 => ((IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0), vec![]),
            _ => ((IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 0)), 8), vec![]),
        };
        let except = inside.into_iter().filter(|_| self.random.chance(35));
        let except: Vec<IpNet> = except.filter_map(|(address, length)| network(address, length)).collect();
        match network(block.0, block.1) {
            Some(cidr) => PeerKind::IpBlock { cidr, except },
            None => build::namespaces(Selector::everything()),
        }
    }

    fn port(&mut self) -> PolicyPort {
        let protocol =
            self.random.one_of([Protocol::Tcp, Protocol::Tcp, Protocol::Tcp, Protocol::Udp, Protocol::Sctp]);
        let number = self.random.one_of(NUMBERS);
        let port = match self.random.below(10) {
            0 => PortMatch::All,
            1..5 => PortMatch::Number(number),
            5 | 6 => PortMatch::Range(number, number.saturating_add(self.random.one_of([0, 1, 10, 30_000]))),
            7 => PortMatch::Named("missing".to_owned()),
            _ => PortMatch::Named(self.random.one_of(PORT_NAMES).to_owned()),
        };
        PolicyPort { span: place(), protocol, port }
    }

    fn pod_selector(&mut self) -> Selector {
        let mut requirements = Vec::new();
        if self.random.chance(70) {
            let value = if self.random.chance(10) { "gone" } else { self.random.one_of(APPS) };
            requirements.push(self.requirement("app", value, APPS[0]));
        }
        if self.random.chance(30) {
            let value = self.random.one_of(ROLES);
            requirements.push(self.requirement("role", value, ROLES[0]));
        }
        if requirements.is_empty() && self.random.chance(70) {
            requirements.push(self.requirement("tier", "front", "back"));
        }
        if self.random.chance(4) {
            let key = self.random.one_of(CONTROLLERS_LABELS);
            requirements.push(self.requirement(key, "x0", "x1"));
        }
        Selector { requirements }
    }

    fn namespace_selector(&mut self) -> Selector {
        let mut requirements = Vec::new();
        match self.random.below(10) {
            0..5 => {
                let value = self.random.one_of(["staging", "production", "shared", "gone"]);
                requirements.push(self.requirement("env", value, "shared"));
            }
            5..7 => {
                let value = self.random.one_of(NAMESPACES);
                requirements.push(self.requirement(Namespace::NAME_LABEL, value, "shared"));
            }
            7..9 => {
                let value = self.random.one_of(["red", "blue"]);
                requirements.push(self.requirement("team", value, "red"));
            }
            _ => {}
        }
        if self.random.chance(15) {
            let value = self.random.one_of(["red", "blue"]);
            requirements.push(self.requirement("team", value, "green"));
        }
        Selector { requirements }
    }

    /// Most requirements are plain `matchLabels` entries.
    fn requirement(&mut self, key: &str, value: &str, other: &str) -> Requirement {
        match self.random.below(10) {
            0 => build::require(key, Operator::NotIn, &[value]),
            1 => build::require(key, Operator::Exists, &[]),
            2 => build::require(key, Operator::DoesNotExist, &[]),
            3 if value != other => build::require(key, Operator::In, &[value, other]),
            4 if value != other => build::require(key, Operator::NotIn, &[value, other]),
            _ => build::require(key, Operator::In, &[value]),
        }
    }

    fn service(&mut self) -> Service {
        let kind = self.random.one_of([
            ServiceType::ClusterIp,
            ServiceType::ClusterIp,
            ServiceType::NodePort,
            ServiceType::LoadBalancer,
        ]);
        let app = self.random.one_of(APPS);
        let mut service = build::service(&format!("{app}-service"), kind);
        service.selector = Some(Labels::from([("app".to_owned(), app.to_owned())]));
        let number = self.random.one_of(NUMBERS);
        let target = if self.random.chance(50) {
            TargetPort::Number(self.random.one_of(NUMBERS))
        } else {
            TargetPort::Named(self.random.one_of(PORT_NAMES).to_owned())
        };
        let node_port = Some(30_000 + number % 2_000)
            .filter(|_| kind == ServiceType::NodePort || kind == ServiceType::LoadBalancer);
        service.ports.push(ServicePort {
            name: String::new(),
            protocol: Protocol::Tcp,
            port: number,
            target,
            node_port,
            span: place(),
        });
        service.keeps_client_address = kind != ServiceType::ClusterIp && self.random.chance(30);
        service
    }
}

/// The network of that many leading bits.
fn network(address: IpAddr, length: u8) -> Option<IpNet> {
    IpNet::new(address, length).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Endpoint, Evaluator, Reading};
    use std::collections::BTreeSet;
    use watertight_model::Relation;

    #[test]
    fn a_seed_is_one_cluster() {
        assert_eq!(snapshot(7, Size::default()), snapshot(7, Size::default()));
        assert_ne!(snapshot(7, Size::default()), snapshot(8, Size::default()));
    }

    #[test]
    fn snapshots_keep_the_order_that_they_promise() {
        for seed in 0..200 {
            let snapshot = snapshot(seed, Size::default());
            assert!(snapshot.namespaces.is_sorted_by(|a, b| a.name < b.name));
            assert!(snapshot.pods.is_sorted_by_key(|pod| (pod.namespace, &pod.workload)));
            assert!(
                snapshot.policies.is_sorted_by_key(|policy| (policy.namespace, &policy.origin.object.name))
            );
            for namespace in &snapshot.namespaces {
                assert_ne!(namespace.origin.is_some(), namespace.first_seen.is_some());
                assert_eq!(namespace.origin.is_some(), namespace.labels.is_some());
            }
            for policy in &snapshot.policies {
                for rule in crate::probe::rules(policy) {
                    assert!(rule.peers.as_ref().is_none_or(|peers| !peers.is_empty()));
                    assert!(rule.ports.as_ref().is_none_or(|ports| !ports.is_empty()));
                }
            }
        }
    }

    /// Clusters in which everything passes, or nothing does, would test nothing.
    #[test]
    fn clusters_are_neither_all_open_nor_all_closed() {
        let (mut open, mut closed) = (0, 0);
        let mut shapes = BTreeSet::new();
        for seed in 0..300 {
            let snapshot = snapshot(seed, Size::default());
            let evaluator = Evaluator::new(&snapshot, Reading::DECLARED, Relation::May);
            for source in 0..snapshot.pods.len() {
                for destination in 0..snapshot.pods.len() {
                    let ends =
                        [source, destination].map(|pod| Endpoint::existing(&snapshot, pod, 0).unwrap());
                    let passes = evaluator.allowed(&ends[0], &ends[1], Protocol::Tcp, 80);
                    if passes { open += 1 } else { closed += 1 }
                }
            }
            for policy in &snapshot.policies {
                for rule in crate::probe::rules(policy) {
                    shapes.insert(("peers", rule.peers.is_some()));
                    shapes.insert(("ports", rule.ports.is_some()));
                }
                shapes.insert(("refused", policy.admission == Admission::Refused));
            }
            shapes.insert(("nodes", snapshot.nodes.is_empty()));
            shapes.insert(("labels", snapshot.namespaces.iter().all(|namespace| namespace.labels.is_some())));
        }
        let share = 100 * open / (open + closed);
        assert!((20..80).contains(&share), "{share} of a hundred pairs are open");
        assert_eq!(shapes.len(), 10);
    }
}
