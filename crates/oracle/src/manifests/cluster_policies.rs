//! The administrator's policies: ClusterNetworkPolicies of `v1alpha2`, and the two older kinds of `v1alpha1`.

use super::flow::{Value, text};
use super::{head, selector};
use watertight_base::{Protocol, Selector};
use watertight_model::{Action, ClusterPolicy, TierPeerKind, TierPort, TierPortKind, TierRule};

/// The fields of the object. An unknown peer is an empty one, and all ports of a protocol are an empty mapping: both are
/// refused by the server, and read as what they were.
pub(super) fn manifest(policy: &ClusterPolicy) -> Vec<(&'static str, Value)> {
    let priority = ("priority", Value::Number(usize::from(policy.priority)));
    let (version, kind, mut spec) = match policy.origin.object.kind.as_str() {
        "AdminNetworkPolicy" => (Version::V1Alpha1, "AdminNetworkPolicy", vec![priority]),
        "BaselineAdminNetworkPolicy" => (Version::V1Alpha1, "BaselineAdminNetworkPolicy", Vec::new()),
        _ => {
            let spec = vec![("tier", text(policy.tier.name())), priority];
            (Version::V1Alpha2, "ClusterNetworkPolicy", spec)
        }
    };
    spec.push(("subject", pods(&policy.subject.namespaces, &policy.subject.pods)));
    for (direction, rules, peers) in [("ingress", &policy.ingress, "from"), ("egress", &policy.egress, "to")]
    {
        if !rules.is_empty() {
            let rules = rules.iter().map(|it| rule(it, peers, version));
            spec.push((direction, Value::List(rules.collect())));
        }
    }
    let metadata = vec![("name", text(&policy.origin.object.name))];
    let api_version = match version {
        Version::V1Alpha1 => "policy.networking.k8s.io/v1alpha1",
        Version::V1Alpha2 => "policy.networking.k8s.io/v1alpha2",
    };
    let mut fields = head(api_version, kind, metadata);
    fields.push(("spec", Value::Map(spec)));
    fields
}

/// The older API has other words for actions and ports (rule N71).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    V1Alpha1,
    V1Alpha2,
}

/// By namespace alone where that says all.
fn pods(namespaces: &Selector, pods: &Selector) -> Value {
    if pods.requirements.is_empty() {
        return Value::Map(vec![("namespaces", selector(namespaces))]);
    }
    let both = vec![("namespaceSelector", selector(namespaces)), ("podSelector", selector(pods))];
    Value::Map(vec![("pods", Value::Map(both))])
}

fn rule(rule: &TierRule, peers_field: &'static str, version: Version) -> Value {
    let action = match (version, rule.action) {
        (Version::V1Alpha1, Action::Accept) => "Allow",
        (_, action) => action.name(),
    };
    let mut fields = vec![
        ("action", text(action)),
        (peers_field, Value::List(rule.peers.iter().map(|it| peer(&it.kind)).collect())),
    ];
    if let Some(ports) = &rule.ports {
        fields.push(match version {
            Version::V1Alpha1 => ("ports", Value::List(ports.iter().map(older_port).collect())),
            Version::V1Alpha2 => ("protocols", Value::List(ports.iter().map(protocol).collect())),
        });
    }
    Value::Map(fields)
}

fn peer(kind: &TierPeerKind) -> Value {
    let field = match kind {
        TierPeerKind::Pods { namespaces, pods: selected } => return pods(namespaces, selected),
        TierPeerKind::Networks(networks) => ("networks", Value::List(networks.iter().map(text).collect())),
        TierPeerKind::Nodes(nodes) => ("nodes", selector(nodes)),
        TierPeerKind::DomainNames(names) => ("domainNames", Value::List(names.iter().map(text).collect())),
        TierPeerKind::Unknown => return Value::Map(Vec::new()),
    };
    Value::Map(vec![field])
}

fn protocol(port: &TierPort) -> Value {
    let number = |number: u16| Value::Number(usize::from(number));
    let (protocol, destination) = match &port.kind {
        TierPortKind::Named(name) => return Value::Map(vec![("destinationNamedPort", text(name))]),
        TierPortKind::All(protocol) => (protocol, None),
        TierPortKind::Number(protocol, port) => (protocol, Some(("number", number(*port)))),
        TierPortKind::Range(protocol, first, last) => {
            let ends = vec![("start", number(*first)), ("end", number(*last))];
            (protocol, Some(("range", Value::Map(ends))))
        }
    };
    let name = match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Sctp => "sctp",
    };
    let fields = destination.map(|field| ("destinationPort", Value::Map(vec![field])));
    Value::Map(vec![(name, Value::Map(fields.into_iter().collect()))])
}

/// All ports of a protocol are a range there.
fn older_port(port: &TierPort) -> Value {
    let number = |number: u16| Value::Number(usize::from(number));
    let range = |protocol: Protocol, first, last| {
        let fields = vec![("protocol", text(protocol)), ("start", number(first)), ("end", number(last))];
        ("portRange", Value::Map(fields))
    };
    let field = match &port.kind {
        TierPortKind::Named(name) => ("namedPort", text(name)),
        TierPortKind::Number(protocol, port) => {
            ("portNumber", Value::Map(vec![("protocol", text(protocol)), ("port", number(*port))]))
        }
        TierPortKind::All(protocol) => range(*protocol, 1, u16::MAX),
        TierPortKind::Range(protocol, first, last) => range(*protocol, *first, *last),
    };
    Value::Map(vec![field])
}

#[cfg(test)]
mod tests {
    use crate::build::{origin, place};
    use crate::manifests::to_yaml;
    use watertight_base::Selector;
    use watertight_model::{
        Action, Admission, ClusterPolicy, ClusterSubject, Snapshot, Tier, TierPeer, TierPeerKind, TierRule,
    };

    #[test]
    fn a_policy_is_written_as_people_would() {
        let namespaces = |label| TierPeerKind::Pods { namespaces: label, pods: Selector::everything() };
        let peer = TierPeer { span: place(), kind: namespaces(Selector::label("env", "staging")) };
        let policy = ClusterPolicy {
            origin: origin("", "ClusterNetworkPolicy", "", "p"),
            tier: Tier::Admin,
            priority: 10,
            subject: ClusterSubject {
                span: place(),
                namespaces: Selector::label("env", "production"),
                pods: Selector::everything(),
            },
            ingress: vec![TierRule { span: place(), action: Action::Deny, peers: vec![peer], ports: None }],
            egress: Vec::new(),
            admission: Admission::Accepted,
        };
        let snapshot = Snapshot { cluster_policies: vec![policy], ..Snapshot::default() };
        let expected = concat!(
            "---\n",
            "apiVersion: \"policy.networking.k8s.io/v1alpha2\"\n",
            "kind: \"ClusterNetworkPolicy\"\n",
            "metadata: {name: \"p\"}\n",
            "spec: {tier: \"Admin\", priority: 10, ",
            "subject: {namespaces: {matchLabels: {\"env\": \"production\"}}}, ",
            "ingress: [{action: \"Deny\", ",
            "from: [{namespaces: {matchLabels: {\"env\": \"staging\"}}}]}]}\n",
        );
        assert_eq!(to_yaml(&snapshot), expected);
    }
}
