//! The fence on both sides of each namespace: nothing in and nothing out, but for the environment itself, DNS, and what the
//! intent lets out of the clusters.
//!
//! Each side has a fence of its own, since those who may change the objects of one side could take down their own.

use crate::manifest::{Kind, Manifest, Serves};
use watertight_base::Span;
use watertight_intent::{Cluster, Dns, Egress, Environment, Inside, Protocol};
use watertight_yaml::{Value, mapping, texts};

/// The namespace's name as a label, which every API server sets and nobody can change.
///
/// Source: <https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name>.
pub(crate) const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The policies of all namespaces of an environment.
pub(crate) fn network_policies(cluster: &Cluster, environment: &Environment) -> Vec<Manifest> {
    let mut manifests = Vec::new();
    for namespace in &environment.namespaces {
        let policy = |name: &str, asked_by: Span, spec: Vec<(&str, Value)>| {
            let mut whole = vec![("podSelector".to_owned(), mapping([]))];
            whole.extend(spec.into_iter().map(|(key, value)| (key.to_owned(), value)));
            Manifest {
                kind: Kind::NetworkPolicy,
                namespace: Some(namespace.value.clone()),
                name: name.to_owned(),
                environment: environment.name.value.clone(),
                labels: Vec::new(),
                annotations: Vec::new(),
                serves: Serves::Network,
                asked_by,
                body: vec![("spec", Value::Mapping(whole))],
            }
        };
        manifests.push(policy(
            "default-deny",
            namespace.span,
            vec![("policyTypes", texts(["Ingress", "Egress"]))],
        ));
        let peers = || Value::List(vec![mapping([("namespaceSelector", own_namespaces(environment))])]);
        if environment.inside.value == Inside::Open {
            let whole = vec![
                ("policyTypes", texts(["Ingress", "Egress"])),
                ("ingress", Value::List(vec![mapping([("from", peers())])])),
                ("egress", Value::List(vec![mapping([("to", peers())])])),
            ];
            manifests.push(policy("allow-environment", environment.name.span, whole));
        }
        manifests.push(policy(
            "allow-dns",
            environment.name.span,
            vec![("policyTypes", texts(["Egress"])), ("egress", Value::List(vec![dns(&cluster.dns)]))],
        ));
        if let Some(first) = environment.egress.first() {
            let rules = environment.egress.iter().map(outside).collect();
            let spec = vec![("policyTypes", texts(["Egress"])), ("egress", Value::List(rules))];
            manifests.push(policy("allow-egress", first.span, spec));
        }
    }
    manifests
}

/// All namespaces of the environment.
pub(crate) fn own_namespaces(environment: &Environment) -> Value {
    match environment.namespaces.as_slice() {
        [only] => named_namespace(&only.value),
        several => {
            let names = texts(several.iter().map(|namespace| namespace.value.as_str()));
            let requirement =
                mapping([("key", NAME_LABEL.into()), ("operator", "In".into()), ("values", names)]);
            mapping([("matchExpressions", Value::List(vec![requirement]))])
        }
    }
}

/// The pods that resolve names.
fn dns(dns: &Dns) -> Value {
    let (key, value) = &dns.pod_label.value;
    let peer = mapping([
        (
            "namespaceSelector",
            mapping([("matchLabels", mapping([(NAME_LABEL, dns.namespace.value.as_str().into())]))]),
        ),
        ("podSelector", mapping([("matchLabels", mapping([(key.as_str(), value.as_str().into())]))])),
    ]);
    let number = Value::Integer(i64::from(dns.port.value));
    let port = |protocol: &str| mapping([("protocol", protocol.into()), ("port", number.clone())]);
    mapping([("to", Value::List(vec![peer])), ("ports", Value::List(vec![port("UDP"), port("TCP")]))])
}

/// What the intent lets out of the clusters.
fn outside(egress: &Egress) -> Value {
    let mut block = vec![("cidr".to_owned(), Value::from(egress.cidr.value.as_str()))];
    if !egress.except.is_empty() {
        block.push(("except".to_owned(), texts(egress.except.iter().map(|except| except.value.as_str()))));
    }
    let protocol = match egress.protocol.value {
        Protocol::Tcp => "TCP",
        Protocol::Udp => "UDP",
        Protocol::Sctp => "SCTP",
    };
    let port =
        |port: u16| mapping([("protocol", protocol.into()), ("port", Value::Integer(i64::from(port)))]);
    let ports = egress.ports.iter().map(|number| port(number.value)).collect();
    mapping([
        ("to", Value::List(vec![mapping([("ipBlock", Value::Mapping(block))])])),
        ("ports", Value::List(ports)),
    ])
}

/// A selector of one namespace.
pub(crate) fn named_namespace(name: &str) -> Value {
    mapping([("matchLabels", mapping([(NAME_LABEL, name.into())]))])
}
