//! What a step derives, with all that decides about it, so that the step can be replayed.

use crate::json::ObjectJson;
use serde::Serialize;
use std::collections::BTreeMap;
use watertight_base::{ConnectionSet, Labels, Protocol};
use watertight_model::{Fact, FactPeer, Principal, RoleRule, Snapshot, SubjectKind, ValuePlace};

/// Closed ranges of ports by protocol: `{"TCP": [[1, 65535]]}`. Protocols without a port are left out.
pub(crate) type PortsJson = BTreeMap<&'static str, Vec<(u16, u16)>>;

/// The ports of a set of connections.
pub(crate) fn allow_json(set: &ConnectionSet) -> PortsJson {
    let with_ports = Protocol::ALL.into_iter().filter(|&protocol| !set.ports(protocol).is_empty());
    with_ports.map(|protocol| (protocol.name(), set.ports(protocol).ranges().to_vec())).collect()
}

/// A fact.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum FactJson {
    Runs { pod: PodJson },
    Target { pod: PodJson },
    EgressAllowed { from: PodJson, to: PodJson, ports: PortsJson },
    LeavesForNode { from: PodJson, address: Option<String>, ports: PortsJson },
    IngressAllowed { from: PodJson, to: PodJson, ports: PortsJson },
    Relays { namespace: String, proxy: PodJson },
    SharedNode { from: PodJson, to: PodJson, node: Option<String> },
    SharedNetwork { from: PodJson, to: PodJson, network: String },
    ActsAs { principal: PrincipalJson },
    Granted { principal: PrincipalJson, rule: RuleJson, scope: Option<String> },
    Gains { gain: &'static str, scope: Option<String>, names: Vec<String> },
    Answers { object: ObjectJson, namespace: String },
    SameValue { held: ValuePlaceJson, of: ValuePlaceJson },
    Connects { from: PodJson, to: PodJson, ports: PortsJson },
}

/// Where a value stands; never the value.
#[derive(Debug, Serialize)]
pub(crate) struct ValuePlaceJson {
    object: ObjectJson,
    path: String,
}

/// Somebody whom a binding can name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct PrincipalJson {
    kind: &'static str,
    /// Of a ServiceAccount.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    name: String,
}

/// The part of a role's rule that counts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RuleJson {
    verbs: Vec<String>,
    api_groups: Vec<String>,
    resources: Vec<String>,
    resource_names: Vec<String>,
    #[serde(rename = "nonResourceURLs")]
    non_resource_urls: Vec<String>,
}

/// A pod of the input, or one that could be created.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodJson {
    namespace: String,
    namespace_labels: Labels,
    /// The object that makes the pod; null for one that could be created.
    pod: Option<ObjectJson>,
    name: String,
    labels: Labels,
    host_network: bool,
    named_ports: BTreeMap<String, NamedPortJson>,
    address: Option<String>,
    behind_node: bool,
    opened_by_node: bool,
}

#[derive(Debug, Serialize)]
struct NamedPortJson {
    protocol: &'static str,
    port: u16,
}

impl FactJson {
    /// The fact, with the pods that it speaks of named by `snapshot`.
    pub(crate) fn of(fact: &Fact, snapshot: &Snapshot) -> Self {
        let pod = |peer: &FactPeer| PodJson::of(peer, snapshot);
        match fact {
            Fact::Runs { pod: peer } => Self::Runs { pod: pod(peer) },
            Fact::Target { pod: peer } => Self::Target { pod: pod(peer) },
            Fact::EgressAllowed { from, to, ports } => {
                Self::EgressAllowed { from: pod(from), to: pod(to), ports: allow_json(ports) }
            }
            Fact::LeavesForNode { from, address, ports } => Self::LeavesForNode {
                from: pod(from),
                address: address.map(|address| address.to_string()),
                ports: allow_json(ports),
            },
            Fact::Relays { namespace, proxy } => {
                Self::Relays { namespace: namespace.clone(), proxy: pod(proxy) }
            }
            Fact::IngressAllowed { from, to, ports } => {
                Self::IngressAllowed { from: pod(from), to: pod(to), ports: allow_json(ports) }
            }
            Fact::SharedNode { from, to, node } => {
                Self::SharedNode { from: pod(from), to: pod(to), node: node.clone() }
            }
            Fact::SharedNetwork { from, to, network } => {
                Self::SharedNetwork { from: pod(from), to: pod(to), network: network.clone() }
            }
            Fact::ActsAs { principal } => Self::ActsAs { principal: PrincipalJson::of(principal) },
            Fact::Granted { principal, rule, scope } => Self::Granted {
                principal: PrincipalJson::of(principal),
                rule: RuleJson::of(rule),
                scope: scope.clone(),
            },
            Fact::Gains { gain, scope, names } => {
                Self::Gains { gain: gain.name(), scope: scope.clone(), names: names.clone() }
            }
            Fact::Answers { object, namespace } => {
                Self::Answers { object: ObjectJson::from(object), namespace: namespace.clone() }
            }
            Fact::SameValue { held, of } => {
                Self::SameValue { held: ValuePlaceJson::of(held), of: ValuePlaceJson::of(of) }
            }
            Fact::Connects { from, to, ports } => {
                Self::Connects { from: pod(from), to: pod(to), ports: allow_json(ports) }
            }
        }
    }
}

impl ValuePlaceJson {
    fn of(place: &ValuePlace) -> Self {
        Self { object: ObjectJson::from(&place.object), path: place.path.clone() }
    }
}

impl PrincipalJson {
    pub(crate) fn of(principal: &Principal) -> Self {
        let (kind, namespace) = match &principal.kind {
            SubjectKind::User => ("User", None),
            SubjectKind::Group => ("Group", None),
            SubjectKind::ServiceAccount(namespace) => ("ServiceAccount", Some(namespace.clone())),
        };
        Self { kind, namespace, name: principal.name.clone() }
    }
}

impl RuleJson {
    fn of(rule: &RoleRule) -> Self {
        Self {
            verbs: rule.verbs.clone(),
            api_groups: rule.api_groups.clone(),
            resources: rule.resources.clone(),
            resource_names: rule.resource_names.clone(),
            non_resource_urls: rule.non_resource_urls.clone(),
        }
    }
}

impl PodJson {
    fn of(peer: &FactPeer, snapshot: &Snapshot) -> Self {
        let pod = peer.pod.and_then(|index| snapshot.pods.get(index));
        let named_port =
            |&(protocol, port): &(Protocol, u16)| NamedPortJson { protocol: protocol.name(), port };
        Self {
            namespace: peer.namespace.clone(),
            namespace_labels: peer.namespace_labels.clone(),
            pod: pod.map(|pod| ObjectJson::from(&pod.origin.object)),
            name: peer.name.clone(),
            labels: peer.labels.clone(),
            host_network: peer.host_network,
            named_ports: peer
                .named_ports
                .iter()
                .map(|(name, port)| (name.clone(), named_port(port)))
                .collect(),
            address: peer.address.map(|address| address.to_string()),
            behind_node: peer.behind_node,
            opened_by_node: peer.opened_by_node,
        }
    }
}
