//! Snapshots written back as Kubernetes YAML: so that reading them again can be compared, and other analysers fed.

mod cluster_policies;
mod flow;
mod places;
mod rbac;
mod webhooks;

pub use places::without_places;

use flow::{Value, document, text};
use watertight_base::{Labels, Operator, Requirement, Selector};
use watertight_model::{
    ContainerPort, ContainerRole, Namespace, NamespaceScope, NetworkPolicy, Node, PeerKind, Pod, PodState,
    PolicyPort, PolicyRule, PortMatch, Replicas, Service, ServiceType, Snapshot, TaintEffect, TargetPort,
};

/// The YAML of every object of the snapshot, one document each. Pods of a Deployment or DaemonSet are written as its
/// template, and all others as bare Pods. Places and blind spots are not written, nor fields that the model does not hold.
#[must_use]
pub fn to_yaml(snapshot: &Snapshot) -> String {
    let name_of = |id| snapshot.namespace(id).name.as_str();
    let mut text = String::new();
    for namespace in &snapshot.namespaces {
        if let Some(labels) = &namespace.labels {
            document(&mut text, namespace_manifest(&namespace.name, labels));
        }
    }
    for node in &snapshot.nodes {
        document(&mut text, node_manifest(node));
    }
    for pod in &snapshot.pods {
        document(&mut text, pod_manifest(pod, name_of(pod.namespace)));
    }
    for service in &snapshot.services {
        document(&mut text, service_manifest(service, name_of(service.namespace)));
    }
    for policy in &snapshot.policies {
        document(&mut text, policy_manifest(policy, name_of(policy.namespace)));
    }
    for policy in &snapshot.cluster_policies {
        document(&mut text, cluster_policies::manifest(policy));
    }
    for account in &snapshot.service_accounts {
        document(&mut text, rbac::service_account(account));
    }
    for role in &snapshot.roles {
        document(&mut text, rbac::role(role));
    }
    for binding in &snapshot.role_bindings {
        document(&mut text, rbac::binding(binding));
    }
    for configuration in &snapshot.webhook_configurations {
        document(&mut text, webhooks::configuration(configuration));
    }
    text
}

fn head(api_version: &str, kind: &str, metadata: Vec<(&'static str, Value)>) -> Vec<(&'static str, Value)> {
    vec![("apiVersion", text(api_version)), ("kind", text(kind)), ("metadata", Value::Map(metadata))]
}

fn namespace_manifest(name: &str, labels: &Labels) -> Vec<(&'static str, Value)> {
    let mut labels = labels.clone();
    labels.remove(Namespace::NAME_LABEL);
    let mut metadata = vec![("name", text(name))];
    if !labels.is_empty() {
        metadata.push(("labels", Value::Labels(labels)));
    }
    head("v1", "Namespace", metadata)
}

fn node_manifest(node: &Node) -> Vec<(&'static str, Value)> {
    let mut metadata = vec![("name", text(&node.name))];
    if !node.labels.is_empty() {
        metadata.push(("labels", Value::Labels(node.labels.clone())));
    }
    let mut spec = Vec::new();
    if let Some(first) = node.pod_cidrs.first() {
        spec.push(("podCIDR", text(first)));
        spec.push(("podCIDRs", Value::List(node.pod_cidrs.iter().map(text).collect())));
    }
    if !node.taints.is_empty() {
        let taints = node.taints.iter().map(|taint| {
            let mut fields = vec![("key", text(&taint.key)), ("effect", text(effect_name(taint.effect)))];
            if !taint.value.is_empty() {
                fields.push(("value", text(&taint.value)));
            }
            Value::Map(fields)
        });
        spec.push(("taints", Value::List(taints.collect())));
    }
    let addresses = node
        .addresses
        .iter()
        .map(|address| Value::Map(vec![("type", text("InternalIP")), ("address", text(address))]));
    let mut fields = head("v1", "Node", metadata);
    fields.push(("spec", Value::Map(spec)));
    fields.push(("status", Value::Map(vec![("addresses", Value::List(addresses.collect()))])));
    fields
}

fn effect_name(effect: TaintEffect) -> &'static str {
    match effect {
        TaintEffect::NoSchedule => "NoSchedule",
        TaintEffect::PreferNoSchedule => "PreferNoSchedule",
        TaintEffect::NoExecute => "NoExecute",
    }
}

fn pod_manifest(pod: &Pod, namespace: &str) -> Vec<(&'static str, Value)> {
    let is_template = matches!(pod.workload.kind.as_str(), "Deployment" | "DaemonSet");
    let name = if is_template { &pod.workload.name } else { &pod.origin.object.name };
    let mut metadata = vec![("name", text(name)), ("namespace", text(namespace))];
    let mut pod_metadata = Vec::new();
    if !pod.labels.is_empty() {
        pod_metadata.push(("labels", Value::Labels(pod.labels.clone())));
    }
    if !is_template {
        metadata.extend(pod_metadata);
        let mut fields = head("v1", "Pod", metadata);
        fields.push(("spec", pod_spec(pod)));
        if let Some(status) = pod_status(pod) {
            fields.push(("status", status));
        }
        return fields;
    }
    let selector = Value::Map(vec![("matchLabels", Value::Labels(pod.labels.clone()))]);
    let template = Value::Map(vec![("metadata", Value::Map(pod_metadata)), ("spec", pod_spec(pod))]);
    let mut spec = vec![("selector", selector), ("template", template)];
    if pod.workload.kind == "Deployment" && pod.replicas == Replicas::Many {
        spec.push(("replicas", Value::Number(2)));
    }
    let mut fields = head("apps/v1", &pod.workload.kind, metadata);
    fields.push(("spec", Value::Map(spec)));
    fields
}

fn pod_status(pod: &Pod) -> Option<Value> {
    let phase = match (pod.state, pod.addresses.as_slice()) {
        (PodState::Finished, _) => "Succeeded",
        (PodState::NoAddress, _) => "Pending",
        (PodState::Active, []) => return None,
        (PodState::Active, _) => "Running",
    };
    let mut status = vec![("phase", text(phase))];
    if let Some(first) = pod.addresses.first() {
        let all = pod.addresses.iter().map(|address| Value::Map(vec![("ip", text(address))]));
        status.push(("podIP", text(first)));
        status.push(("podIPs", Value::List(all.collect())));
    }
    Some(Value::Map(status))
}

fn pod_spec(pod: &Pod) -> Value {
    let mut spec = Vec::new();
    if pod.host_network.is_some() {
        spec.push(("hostNetwork", Value::Flag(true)));
    }
    let scheduling = &pod.scheduling;
    if let Some(node) = &scheduling.node_name {
        spec.push(("nodeName", text(node)));
    }
    if !scheduling.node_selector.is_empty() {
        spec.push(("nodeSelector", Value::Labels(scheduling.node_selector.clone())));
    }
    if let Some(terms) = &scheduling.node_affinity {
        let terms = terms.iter().map(|term| {
            let expressions = term.iter().map(expression).collect();
            Value::Map(vec![("matchExpressions", Value::List(expressions))])
        });
        let required = Value::Map(vec![("nodeSelectorTerms", Value::List(terms.collect()))]);
        let node = Value::Map(vec![("requiredDuringSchedulingIgnoredDuringExecution", required)]);
        spec.push(("affinity", Value::Map(vec![("nodeAffinity", node)])));
    }
    if !scheduling.tolerations.is_empty() {
        let tolerations = scheduling.tolerations.iter().map(|toleration| {
            let mut fields = vec![("operator", text(if toleration.exists { "Exists" } else { "Equal" }))];
            fields.extend(toleration.key.as_ref().map(|key| ("key", text(key))));
            if !toleration.exists {
                fields.push(("value", text(&toleration.value)));
            }
            fields.extend(toleration.effect.map(|effect| ("effect", text(effect_name(effect)))));
            Value::Map(fields)
        });
        spec.push(("tolerations", Value::List(tolerations.collect())));
    }
    // One container a port, since a name stands once in a container.
    let containers = |role| {
        let ports = pod.ports.iter().filter(move |port| port.container == role);
        ports.enumerate().map(move |(index, port)| container(role, index, Some(port))).collect::<Vec<_>>()
    };
    let mut main = containers(ContainerRole::Main);
    if main.is_empty() {
        main.push(container(ContainerRole::Main, 0, None));
    }
    let mut before = containers(ContainerRole::Sidecar);
    before.extend(containers(ContainerRole::Init));
    if !before.is_empty() {
        spec.push(("initContainers", Value::List(before)));
    }
    spec.push(("containers", Value::List(main)));
    Value::Map(spec)
}

fn container(role: ContainerRole, index: usize, port: Option<&ContainerPort>) -> Value {
    let name = match role {
        ContainerRole::Main => format!("main-{index}"),
        ContainerRole::Sidecar => format!("sidecar-{index}"),
        ContainerRole::Init => format!("init-{index}"),
    };
    let mut fields = vec![("name", text(name)), ("image", text("registry.example/app:1"))];
    if role == ContainerRole::Sidecar {
        fields.push(("restartPolicy", text("Always")));
    }
    if let Some(port) = port {
        let mut declared = vec![("containerPort", Value::Number(usize::from(port.number)))];
        declared.push(("protocol", text(port.protocol)));
        declared.extend(port.name.as_ref().map(|name| ("name", text(name))));
        fields.push(("ports", Value::List(vec![Value::Map(declared)])));
    }
    Value::Map(fields)
}

fn service_manifest(service: &Service, namespace: &str) -> Vec<(&'static str, Value)> {
    let metadata = vec![("name", text(&service.origin.object.name)), ("namespace", text(namespace))];
    let kind = match service.kind {
        ServiceType::ClusterIp => "ClusterIP",
        ServiceType::NodePort => "NodePort",
        ServiceType::LoadBalancer => "LoadBalancer",
        ServiceType::ExternalName => "ExternalName",
    };
    let mut spec = Vec::new();
    if service.kind_span.is_some() || service.kind != ServiceType::ClusterIp {
        spec.push(("type", text(kind)));
    }
    if service.kind == ServiceType::ExternalName {
        spec.push(("externalName", text("elsewhere.example")));
    }
    if let Some(selector) = &service.selector {
        spec.push(("selector", Value::Labels(selector.clone())));
    }
    let has_many = service.ports.len() > 1;
    let ports = service.ports.iter().enumerate().map(|(index, port)| {
        let mut fields =
            vec![("port", Value::Number(usize::from(port.port))), ("protocol", text(port.protocol))];
        let target = match &port.target {
            TargetPort::Number(number) => Value::Number(usize::from(*number)),
            TargetPort::Named(name) => text(name),
        };
        fields.push(("targetPort", target));
        fields.extend(port.node_port.map(|number| ("nodePort", Value::Number(usize::from(number)))));
        if has_many {
            fields.push(("name", text(format!("port-{index}"))));
        }
        Value::Map(fields)
    });
    spec.push(("ports", Value::List(ports.collect())));
    if service.keeps_client_address {
        spec.push(("externalTrafficPolicy", text("Local")));
    }
    if !service.external_ips.is_empty() {
        spec.push(("externalIPs", Value::List(service.external_ips.iter().map(text).collect())));
    }
    if !service.source_ranges.is_empty() {
        let ranges = service.source_ranges.iter().map(text).collect();
        spec.push(("loadBalancerSourceRanges", Value::List(ranges)));
    }
    let mut fields = head("v1", "Service", metadata);
    fields.push(("spec", Value::Map(spec)));
    fields
}

fn policy_manifest(policy: &NetworkPolicy, namespace: &str) -> Vec<(&'static str, Value)> {
    let metadata = vec![("name", text(&policy.origin.object.name)), ("namespace", text(namespace))];
    let mut types = Vec::new();
    if policy.types.ingress {
        types.push(text("Ingress"));
    }
    if policy.types.egress {
        types.push(text("Egress"));
    }
    let mut spec = vec![("podSelector", selector(&policy.subject)), ("policyTypes", Value::List(types))];
    if !policy.ingress.is_empty() {
        spec.push((
            "ingress",
            Value::List(policy.ingress.iter().map(|it| policy_rule(it, "from")).collect()),
        ));
    }
    if !policy.egress.is_empty() {
        spec.push(("egress", Value::List(policy.egress.iter().map(|it| policy_rule(it, "to")).collect())));
    }
    let mut fields = head("networking.k8s.io/v1", "NetworkPolicy", metadata);
    fields.push(("spec", Value::Map(spec)));
    fields
}

fn policy_rule(rule: &PolicyRule, peers_field: &'static str) -> Value {
    let mut fields = Vec::new();
    if let Some(peers) = &rule.peers {
        fields.push((peers_field, Value::List(peers.iter().map(|element| peer(&element.kind)).collect())));
    }
    if let Some(ports) = &rule.ports {
        fields.push(("ports", Value::List(ports.iter().map(policy_port).collect())));
    }
    Value::Map(fields)
}

fn peer(kind: &PeerKind) -> Value {
    let mut fields = Vec::new();
    match kind {
        PeerKind::Pods { namespaces, pods, pods_written } => {
            if let NamespaceScope::Selected(namespaces) = namespaces {
                fields.push(("namespaceSelector", selector(namespaces)));
            }
            if *pods_written {
                fields.push(("podSelector", selector(pods)));
            }
        }
        PeerKind::IpBlock { cidr, except } => {
            let mut block = vec![("cidr", text(cidr))];
            if !except.is_empty() {
                block.push(("except", Value::List(except.iter().map(text).collect())));
            }
            fields.push(("ipBlock", Value::Map(block)));
        }
    }
    Value::Map(fields)
}

fn policy_port(port: &PolicyPort) -> Value {
    let mut fields = vec![("protocol", text(port.protocol))];
    match &port.port {
        PortMatch::All => {}
        PortMatch::Number(number) => fields.push(("port", Value::Number(usize::from(*number)))),
        PortMatch::Range(first, last) => {
            fields.push(("port", Value::Number(usize::from(*first))));
            fields.push(("endPort", Value::Number(usize::from(*last))));
        }
        PortMatch::Named(name) => fields.push(("port", text(name))),
    }
    Value::Map(fields)
}

/// Requirements at the front that `matchLabels` can say, in the order of their keys, are said so; the rest by
/// `matchExpressions`. Read in that order they are the same list.
fn selector(selector: &Selector) -> Value {
    let mut plain = Labels::new();
    let mut rest = selector.requirements.as_slice();
    while let [Requirement { key, operator: Operator::In, values }, after @ ..] = rest {
        let [value] = values.as_slice() else { break };
        if plain.last_key_value().is_some_and(|(last, _)| last >= key) {
            break;
        }
        plain.insert(key.clone(), value.clone());
        rest = after;
    }
    let mut fields = Vec::new();
    if !plain.is_empty() {
        fields.push(("matchLabels", Value::Labels(plain)));
    }
    if !rest.is_empty() {
        fields.push(("matchExpressions", Value::List(rest.iter().map(expression).collect())));
    }
    Value::Map(fields)
}

fn expression(requirement: &Requirement) -> Value {
    let operator = match requirement.operator {
        Operator::In => "In",
        Operator::NotIn => "NotIn",
        Operator::Exists => "Exists",
        Operator::DoesNotExist => "DoesNotExist",
    };
    let mut fields = vec![("key", text(&requirement.key)), ("operator", text(operator))];
    if !requirement.values.is_empty() {
        fields.push(("values", Value::List(requirement.values.iter().map(text).collect())));
    }
    Value::Map(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{self, Cluster, block, egress, ingress, named_port, on, peers};
    use watertight_base::Protocol;

    #[test]
    fn a_policy_is_written_as_people_would() {
        let blocks = peers(vec![block("10.0.0.0/8".parse().unwrap(), vec!["10.1.0.0/16".parse().unwrap()])]);
        let ports = vec![(Protocol::Tcp, PortMatch::Range(80, 90)), (Protocol::Udp, PortMatch::All)];
        let mut policy = egress("p", vec![on(blocks, ports), build::anyone()]);
        policy.subject = build::selecting(vec![
            build::require("app", Operator::In, &["db"]),
            build::require("tier", Operator::NotIn, &["a", "b"]),
            build::require("role", Operator::In, &["x"]),
        ]);
        let yaml = to_yaml(&Cluster::new().policy("a", policy).snapshot());
        let expected = concat!(
            "---\n",
            "apiVersion: \"networking.k8s.io/v1\"\n",
            "kind: \"NetworkPolicy\"\n",
            "metadata: {name: \"p\", namespace: \"a\"}\n",
            "spec: {podSelector: {matchLabels: {\"app\": \"db\"}, matchExpressions: [",
            "{key: \"tier\", operator: \"NotIn\", values: [\"a\", \"b\"]}, ",
            "{key: \"role\", operator: \"In\", values: [\"x\"]}]}, policyTypes: [\"Egress\"], ",
            "egress: [{to: [{ipBlock: {cidr: \"10.0.0.0/8\", except: [\"10.1.0.0/16\"]}}], ",
            "ports: [{protocol: \"TCP\", port: 80, endPort: 90}, {protocol: \"UDP\"}]}, {}]}\n",
        );
        assert_eq!(yaml, expected);
    }

    #[test]
    fn selectors_say_what_was_written() {
        let own = build::own_pods(Selector::default());
        let everywhere = build::namespaces(Selector::default());
        let yaml =
            to_yaml(&Cluster::new().policy("a", ingress("p", vec![peers(vec![own, everywhere])])).snapshot());
        assert!(yaml.contains("from: [{podSelector: {}}, {namespaceSelector: {}}]"), "{yaml}");
    }

    #[test]
    fn pods_are_bare_or_templates() {
        let mut bare = build::pod("bare", &[]);
        bare.addresses = vec!["10.0.0.1".parse().unwrap()];
        let mut deployment = build::deployment("many", &[("app", "x")]);
        deployment.ports = vec![named_port("http", Protocol::Tcp, 80)];
        let yaml = to_yaml(&Cluster::new().pod("a", bare).pod("a", deployment).snapshot());
        let documents: Vec<&str> = yaml.split("---\n").skip(1).collect();
        let [deployment, bare] = documents.as_slice() else { panic!("two documents: {yaml}") };
        assert!(deployment.contains("kind: \"Deployment\"") && deployment.contains("replicas: 2"));
        assert!(deployment.contains("ports: [{containerPort: 80, protocol: \"TCP\", name: \"http\"}]"));
        assert!(bare.contains("status: {phase: \"Running\", podIP: \"10.0.0.1\""));
    }
}
