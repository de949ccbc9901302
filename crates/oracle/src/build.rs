//! Short ways to write snapshots in tests. Places are dummies: everything stands at the first byte of the first source.

use ipnet::IpNet;
use std::collections::BTreeMap;
use std::sync::Arc;
use watertight_base::{Labels, Operator, Protocol, Requirement, Selector, SourceId, Span};
use watertight_model::{
    Action, Admission, ClusterPolicy, ClusterSubject, ContainerPort, ContainerRole, Namespace, NamespaceId,
    NamespaceScope, NetworkPolicy, Node, ObjectRef, Origin, PeerKind, Pod, PodState, PolicyPeer, PolicyPort,
    PolicyRule, PolicyTypes, PortMatch, Replicas, Scheduling, Service, ServiceType, Snapshot, Tier, TierPeer,
    TierPeerKind, TierPort, TierPortKind, TierRule, WorkloadRef,
};

/// The place where everything stands.
#[must_use]
pub fn place() -> Span {
    Span::new(SourceId(0), 0, 0)
}

/// An object that stands at [`place`]; the namespace is empty for objects of the cluster.
#[must_use]
pub fn origin(api_version: &str, kind: &str, namespace: &str, name: &str) -> Origin {
    let object = ObjectRef {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty()),
        name: name.to_owned(),
        uid: None,
    };
    Origin { object, span: place() }
}

/// Labels.
#[must_use]
pub fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// A requirement of a selector.
#[must_use]
pub fn require(key: &str, operator: Operator, values: &[&str]) -> Requirement {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    Requirement { key: key.to_owned(), operator, values }
}

/// The selector of `matchLabels`.
#[must_use]
pub fn matching(pairs: &[(&str, &str)]) -> Selector {
    selecting(pairs.iter().map(|&(key, value)| require(key, Operator::In, &[value])).collect())
}

/// The selector of these requirements.
#[must_use]
pub fn selecting(requirements: Vec<Requirement>) -> Selector {
    Selector { requirements }
}

/// A namespace with an object of its own. The label with its name is added.
#[must_use]
pub fn namespace(name: &str, pairs: &[(&str, &str)]) -> Namespace {
    let mut labels = labels(pairs);
    labels.insert(Namespace::NAME_LABEL.to_owned(), name.to_owned());
    Namespace {
        name: name.to_owned(),
        admission: Admission::Accepted,
        labels: Some(labels),
        label_spans: pairs.iter().map(|&(key, _)| (key.to_owned(), place())).collect(),
        origin: Some(origin("v1", "Namespace", "", name)),
        first_seen: None,
    }
}

/// A namespace without an object of its own.
#[must_use]
pub fn unlabelled_namespace(name: &str) -> Namespace {
    Namespace {
        name: name.to_owned(),
        admission: Admission::Accepted,
        labels: None,
        label_spans: BTreeMap::new(),
        origin: None,
        first_seen: None,
    }
}

/// A bare pod without ports. [`Cluster::pod`] puts it into a namespace.
#[must_use]
pub fn pod(name: &str, pairs: &[(&str, &str)]) -> Pod {
    Pod {
        origin: origin("v1", "Pod", "", name),
        namespace: NamespaceId(0),
        workload: WorkloadRef { kind: "Pod".to_owned(), name: name.to_owned() },
        template: "",
        labels: labels(pairs),
        labels_span: place(),
        host_network: None,
        ports: Vec::new(),
        containers: Arc::default(),
        dialed: Vec::new(),
        networks: Vec::new(),
        addresses: Vec::new(),
        node_addresses: Vec::new(),
        scheduling: Scheduling::default(),
        replicas: Replicas::One,
        state: PodState::Active,
        is_passing: false,
    }
}

/// The pods of a Deployment.
#[must_use]
pub fn deployment(name: &str, pairs: &[(&str, &str)]) -> Pod {
    Pod {
        origin: origin("apps/v1", "Deployment", "", name),
        workload: WorkloadRef { kind: "Deployment".to_owned(), name: name.to_owned() },
        template: "/spec/template",
        replicas: Replicas::Many,
        ..pod(name, pairs)
    }
}

/// A named port of a main container.
#[must_use]
pub fn named_port(name: &str, protocol: Protocol, number: u16) -> ContainerPort {
    ContainerPort {
        name: Some(name.to_owned()),
        number,
        protocol,
        container: ContainerRole::Main,
        host_port: None,
    }
}

/// A policy that selects every pod of its namespace and isolates in no direction. [`Cluster::policy`] puts it into a
/// namespace.
#[must_use]
pub fn policy(name: &str) -> NetworkPolicy {
    NetworkPolicy {
        origin: origin("networking.k8s.io/v1", "NetworkPolicy", "", name),
        namespace: NamespaceId(0),
        subject: Selector::default(),
        subject_span: place(),
        types: PolicyTypes { ingress: false, egress: false },
        types_span: Some(place()),
        ingress: Vec::new(),
        egress: Vec::new(),
        admission: Admission::Accepted,
    }
}

/// A policy that isolates every pod of its namespace for ingress and allows what the rules allow.
#[must_use]
pub fn ingress(name: &str, rules: Vec<PolicyRule>) -> NetworkPolicy {
    NetworkPolicy { types: PolicyTypes { ingress: true, egress: false }, ingress: rules, ..policy(name) }
}

/// A policy that isolates every pod of its namespace for egress and allows what the rules allow.
#[must_use]
pub fn egress(name: &str, rules: Vec<PolicyRule>) -> NetworkPolicy {
    NetworkPolicy { types: PolicyTypes { ingress: false, egress: true }, egress: rules, ..policy(name) }
}

/// A rule for these peers, on every port.
#[must_use]
pub fn peers(kinds: Vec<PeerKind>) -> PolicyRule {
    let peers = kinds.into_iter().map(|kind| PolicyPeer { span: place(), kind }).collect();
    PolicyRule { span: place(), peers: Some(peers), ports: None }
}

/// A rule for everyone, on every port: `{}`.
#[must_use]
pub fn anyone() -> PolicyRule {
    PolicyRule { span: place(), peers: None, ports: None }
}

/// The same rule on these ports only.
#[must_use]
pub fn on(rule: PolicyRule, ports: Vec<(Protocol, PortMatch)>) -> PolicyRule {
    let ports =
        ports.into_iter().map(|(protocol, port)| PolicyPort { span: place(), protocol, port }).collect();
    PolicyRule { ports: Some(ports), ..rule }
}

/// A peer with `podSelector` only.
#[must_use]
pub fn own_pods(pods: Selector) -> PeerKind {
    PeerKind::Pods { namespaces: NamespaceScope::Own, pods, pods_written: true }
}

/// A peer with `namespaceSelector` only.
#[must_use]
pub fn namespaces(selector: Selector) -> PeerKind {
    PeerKind::Pods {
        namespaces: NamespaceScope::Selected(selector),
        pods: Selector::default(),
        pods_written: false,
    }
}

/// A peer with both selectors.
#[must_use]
pub fn pods_in(namespaces: Selector, pods: Selector) -> PeerKind {
    PeerKind::Pods { namespaces: NamespaceScope::Selected(namespaces), pods, pods_written: true }
}

/// A peer with `ipBlock`.
#[must_use]
pub fn block(cidr: IpNet, except: Vec<IpNet>) -> PeerKind {
    PeerKind::IpBlock { cidr, except }
}

/// A policy of the admin tiers that is about every pod and says nothing yet.
#[must_use]
pub fn cluster_policy(name: &str, tier: Tier, priority: u16) -> ClusterPolicy {
    ClusterPolicy {
        origin: origin("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy", "", name),
        tier,
        priority,
        subject: subject(Selector::default(), Selector::default()),
        ingress: Vec::new(),
        egress: Vec::new(),
        admission: Admission::Accepted,
    }
}

/// A subject of pods in namespaces; everything for the pods is a subject of namespaces alone.
#[must_use]
pub fn subject(namespaces: Selector, pods: Selector) -> ClusterSubject {
    ClusterSubject { span: place(), namespaces, pods }
}

/// A rule of the admin tiers for these peers, on every port.
#[must_use]
pub fn tier_rule(action: Action, kinds: Vec<TierPeerKind>) -> TierRule {
    let peers = kinds.into_iter().map(|kind| TierPeer { span: place(), kind }).collect();
    TierRule { span: place(), action, peers, ports: None }
}

/// The same rule on these ports only.
#[must_use]
pub fn tier_on(rule: TierRule, kinds: Vec<TierPortKind>) -> TierRule {
    let ports = kinds.into_iter().map(|kind| TierPort { span: place(), kind }).collect();
    TierRule { ports: Some(ports), ..rule }
}

/// A peer of pods in namespaces; everything for the pods is a peer of namespaces alone.
#[must_use]
pub fn tier_pods(namespaces: Selector, pods: Selector) -> TierPeerKind {
    TierPeerKind::Pods { namespaces, pods }
}

/// A node.
#[must_use]
pub fn node(name: &str) -> Node {
    Node {
        origin: origin("v1", "Node", "", name),
        name: name.to_owned(),
        labels: Labels::new(),
        addresses: Vec::new(),
        pod_cidrs: Vec::new(),
        taints: Vec::new(),
    }
}

/// A Service without selector and ports. [`Cluster::service`] puts it into a namespace.
#[must_use]
pub fn service(name: &str, kind: ServiceType) -> Service {
    Service {
        origin: origin("v1", "Service", "", name),
        namespace: NamespaceId(0),
        kind,
        kind_span: Some(place()),
        selector: None,
        ports: Vec::new(),
        is_headless: false,
        cluster_ips: Vec::new(),
        families: Vec::new(),
        external_name: None,
        external_ips: Vec::new(),
        external_ips_span: None,
        load_balancers: Vec::new(),
        load_balancer_class: None,
        source_ranges: Vec::new(),
        allocates_node_ports: matches!(kind, ServiceType::NodePort | ServiceType::LoadBalancer),
        keeps_client_address: false,
        stays_on_node: false,
        publishes_not_ready: false,
        admission: Admission::Accepted,
    }
}

/// A snapshot in the making: objects come in any order and name their namespace.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    namespaces: BTreeMap<String, Namespace>,
    pods: Vec<(String, Pod)>,
    policies: Vec<(String, NetworkPolicy)>,
    services: Vec<(String, Service)>,
    nodes: Vec<Node>,
    cluster_policies: Vec<ClusterPolicy>,
}

impl Cluster {
    /// Nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a namespace. One that only an object names is there without.
    #[must_use]
    pub fn namespace(mut self, namespace: Namespace) -> Self {
        self.namespaces.insert(namespace.name.clone(), namespace);
        self
    }

    /// Adds a pod.
    #[must_use]
    pub fn pod(mut self, namespace: &str, pod: Pod) -> Self {
        self.pods.push((namespace.to_owned(), pod));
        self
    }

    /// Takes a pod away.
    #[must_use]
    pub fn without_pod(mut self, namespace: &str, name: &str) -> Self {
        self.pods.retain(|(of, pod)| of != namespace || pod.origin.object.name != name);
        self
    }

    /// Adds a policy.
    #[must_use]
    pub fn policy(mut self, namespace: &str, policy: NetworkPolicy) -> Self {
        self.policies.push((namespace.to_owned(), policy));
        self
    }

    /// Adds a policy of the admin tiers.
    #[must_use]
    pub fn cluster_policy(mut self, policy: ClusterPolicy) -> Self {
        self.cluster_policies.push(policy);
        self
    }

    /// Adds a Service.
    #[must_use]
    pub fn service(mut self, namespace: &str, service: Service) -> Self {
        self.services.push((namespace.to_owned(), service));
        self
    }

    /// Adds a node.
    #[must_use]
    pub fn node(mut self, node: Node) -> Self {
        self.nodes.push(node);
        self
    }

    /// The snapshot, in the order that it promises.
    #[must_use]
    pub fn snapshot(mut self) -> Snapshot {
        let mut first_seen: BTreeMap<String, Origin> = BTreeMap::new();
        for (name, pod) in &mut self.pods {
            lives_in(&mut pod.origin, name, &mut first_seen);
        }
        for (name, policy) in &mut self.policies {
            lives_in(&mut policy.origin, name, &mut first_seen);
        }
        for (name, service) in &mut self.services {
            lives_in(&mut service.origin, name, &mut first_seen);
        }
        for (name, origin) in first_seen {
            let namespace =
                self.namespaces.entry(name.clone()).or_insert_with(|| unlabelled_namespace(&name));
            if namespace.origin.is_none() {
                namespace.first_seen = Some(origin);
            }
        }
        let names: BTreeMap<String, NamespaceId> = self
            .namespaces
            .keys()
            .enumerate()
            .map(|(index, name)| (name.clone(), NamespaceId(index)))
            .collect();
        let id_of = |name: &str| names.get(name).copied().unwrap_or(NamespaceId(0));

        let mut snapshot = Snapshot {
            pods: self.pods.into_iter().map(|(name, pod)| Pod { namespace: id_of(&name), ..pod }).collect(),
            policies: self
                .policies
                .into_iter()
                .map(|(name, policy)| NetworkPolicy { namespace: id_of(&name), ..policy })
                .collect(),
            services: self
                .services
                .into_iter()
                .map(|(name, service)| Service { namespace: id_of(&name), ..service })
                .collect(),
            nodes: self.nodes,
            cluster_policies: self.cluster_policies,
            namespaces: self.namespaces.into_values().collect(),
            ..Snapshot::default()
        };
        snapshot
            .pods
            .sort_by_key(|pod| (pod.namespace, pod.workload.clone(), pod.origin.object.name.clone()));
        snapshot.policies.sort_by_key(|policy| (policy.namespace, policy.origin.object.name.clone()));
        snapshot.services.sort_by_key(|service| (service.namespace, service.origin.object.name.clone()));
        snapshot.nodes.sort_by_key(|node| node.name.clone());
        snapshot.cluster_policies.sort_by_key(|policy| {
            let object = &policy.origin.object;
            (policy.tier, policy.priority, object.kind.clone(), object.name.clone())
        });
        let kinds = count_kinds(&snapshot);
        Snapshot { kinds, ..snapshot }
    }
}

/// Notes the namespace in an object's name, and the object as one that lives there.
fn lives_in(origin: &mut Origin, namespace: &str, first_seen: &mut BTreeMap<String, Origin>) {
    origin.object.namespace = Some(namespace.to_owned());
    first_seen.entry(namespace.to_owned()).or_insert_with(|| origin.clone());
}

fn count_kinds(snapshot: &Snapshot) -> BTreeMap<String, usize> {
    let namespaces = snapshot.namespaces.iter().filter_map(|namespace| namespace.origin.as_ref());
    let pods = snapshot.pods.iter().map(|pod| &pod.origin);
    let policies = snapshot.policies.iter().map(|policy| &policy.origin);
    let services = snapshot.services.iter().map(|service| &service.origin);
    let nodes = snapshot.nodes.iter().map(|node| &node.origin);
    let cluster_policies = snapshot.cluster_policies.iter().map(|policy| &policy.origin);
    let objects = namespaces.chain(pods).chain(policies).chain(services).chain(nodes).chain(cluster_policies);
    let mut kinds = BTreeMap::new();
    for origin in objects {
        *kinds.entry(origin.object.kind.clone()).or_insert(0) += 1;
    }
    kinds
}
