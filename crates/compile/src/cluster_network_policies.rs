//! A second fence, in the tier of the administrator, where the cluster has ClusterNetworkPolicy: no pod of another namespace
//! gets in, and nothing else is reached, whatever NetworkPolicies say.
//!
//! What the first fence lets through is passed on to it, so that both must let it: the environment itself, DNS, those who serve
//! its routes, the connections of exceptions, and what `egress` and `stores` name. What comes in from outside of the cluster is
//! left to the first fence alone: the kind knows only pods as sources.
//!
//! Source: <https://network-policy-api.sigs.k8s.io/api-overview/>.

use crate::manifest::{Kind, Manifest, Serves};
use crate::neighbours::neighbours;
use crate::network_policies::{NAME_LABEL, named_namespace};
use std::collections::BTreeSet;
use watertight_intent::{Boundary, Dns, Environment, EnvironmentId, ExceptionAllows, Intent, Protocol};
use watertight_yaml::{Value, mapping, texts};

/// The priority of the first environment's policy. Each has one of its own, since the order of two with the same one is open;
/// about the same pods no two of them are.
const FIRST_PRIORITY: i64 = 100;
/// The last priority that there is.
const LAST_PRIORITY: i64 = 1000;
/// The most peers and protocols of a rule, and networks of a peer.
const MAX: usize = 25;
/// The most rules about exceptions. A direction has 25 rules, and some are needed besides.
const MAX_EXCEPTIONS: usize = 15;

/// The fence of an environment, where its cluster has the kind and others are in it.
pub(crate) fn fence(intent: &Intent, id: EnvironmentId, environment: &Environment) -> Vec<Manifest> {
    let cluster = intent.clusters.get(environment.cluster.0);
    let Some(cluster) = cluster.filter(|cluster| cluster.cluster_network_policy.value) else {
        return Vec::new();
    };
    if neighbours(intent, id).next().is_none() {
        return Vec::new();
    }
    let before = intent.environments.iter().take(id.0).filter(|other| other.cluster == environment.cluster);
    let priority = i64::try_from(before.count()).unwrap_or(LAST_PRIORITY).saturating_add(FIRST_PRIORITY);
    let spec = mapping([
        ("tier", "Admin".into()),
        ("priority", Value::Integer(priority.min(LAST_PRIORITY))),
        ("subject", namespaces("In", names(environment))),
        ("ingress", Value::List(ingress(intent, id, environment))),
        ("egress", Value::List(egress(intent, id, environment, &cluster.dns))),
    ]);
    vec![Manifest {
        kind: Kind::ClusterNetworkPolicy,
        namespace: None,
        name: format!("watertight-{}", environment.name.value),
        environment: environment.name.value.clone(),
        labels: Vec::new(),
        annotations: Vec::new(),
        serves: Serves::Network,
        asked_by: cluster.cluster_network_policy.span,
        body: vec![("spec", spec)],
    }]
}

fn ingress(intent: &Intent, id: EnvironmentId, environment: &Environment) -> Vec<Value> {
    let mut rules = Vec::new();
    if let Some(ingress) = &environment.ingress {
        let from = namespaces("In", vec![ingress.namespace.value.as_str()]);
        rules.push(entry("pass-ingress-controller", "Pass", "from", vec![from], None));
    }
    let boundaries = intent.boundaries.iter().filter(|boundary| boundary.to == id);
    let opened = boundaries.map(|boundary| (boundary.from, connections(boundary)));
    rules.extend(exceptions(intent, opened.collect(), "from"));
    let others = namespaces("NotIn", names(environment));
    rules.push(entry("deny-others", "Deny", "from", vec![others], None));
    rules
}

fn egress(intent: &Intent, id: EnvironmentId, environment: &Environment, dns: &Dns) -> Vec<Value> {
    let own = || namespaces("In", names(environment));
    // Some plugins match pods by their addresses too, so that those who may be reached come before all networks.
    let mut rules = vec![
        entry("pass-environment", "Pass", "to", vec![own()], None),
        entry("pass-dns", "Pass", "to", vec![resolvers(dns)], Some(ports_of(dns))),
    ];
    let boundaries = intent.boundaries.iter().filter(|boundary| boundary.from == id);
    let opened = boundaries.map(|boundary| (boundary.to, connections(boundary)));
    rules.extend(exceptions(intent, opened.collect(), "to"));
    let others = namespaces("NotIn", names(environment));
    rules.push(entry("deny-others", "Deny", "to", vec![others], None));
    let networks = |cidrs: &[&str]| mapping([("networks", texts(cidrs.iter().copied()))]);
    let outside: Vec<Value> = outside(intent, id, environment).chunks(MAX).map(networks).collect();
    rules.extend(outside.chunks(MAX).map(|peers| entry("pass-outside", "Pass", "to", peers.to_vec(), None)));
    rules.push(entry("deny-outside", "Deny", "to", vec![networks(&["0.0.0.0/0", "::/0"])], None));
    rules
}

/// The pods that resolve names.
fn resolvers(dns: &Dns) -> Value {
    let (key, value) = &dns.pod_label.value;
    let pods = mapping([
        ("namespaceSelector", named_namespace(&dns.namespace.value)),
        ("podSelector", mapping([("matchLabels", mapping([(key.as_str(), value.as_str().into())]))])),
    ]);
    mapping([("pods", pods)])
}

fn ports_of(dns: &Dns) -> Vec<Value> {
    [Protocol::Udp, Protocol::Tcp].map(|protocol| port(protocol, dns.port.value)).into()
}

/// What the environment may reach outside of the clusters. Which ports, and what is left out, the first fence says.
fn outside<'i>(intent: &'i Intent, id: EnvironmentId, environment: &'i Environment) -> Vec<&'i str> {
    let of_egress = environment.egress.iter().map(|egress| &egress.cidr);
    let endpoints = intent.stores.iter().flat_map(|store| &store.endpoints);
    let own = endpoints.filter(|endpoint| endpoint.environment.value == id);
    let all: BTreeSet<&str> =
        of_egress.chain(own.flat_map(|endpoint| &endpoint.cidrs)).map(|cidr| cidr.value.as_str()).collect();
    all.into_iter().collect()
}

/// The ports that exceptions of a boundary let through.
fn connections(boundary: &Boundary) -> BTreeSet<(Protocol, u16)> {
    let mut opened = BTreeSet::new();
    for exception in &boundary.exceptions {
        if let ExceptionAllows::Connection { ports, protocol, .. } = &exception.allows {
            opened.extend(ports.iter().map(|port| (protocol.value, port.value)));
        }
    }
    opened
}

/// What exceptions let through, by the environments on the other side. Which pods they are for, the first fence says, and where
/// there are too many for this kind, also which ports.
fn exceptions(
    intent: &Intent,
    opened: Vec<(EnvironmentId, BTreeSet<(Protocol, u16)>)>,
    peers: &'static str,
) -> Vec<Value> {
    let opened = opened.into_iter().filter(|(_, ports)| !ports.is_empty());
    let others: Vec<_> = opened
        .filter_map(|(other, ports)| intent.environments.get(other.0).map(|other| (other, ports)))
        .collect();
    if others.len() > MAX_EXCEPTIONS {
        let all = others.iter().flat_map(|(other, _)| names(other)).collect();
        return vec![entry("pass-exceptions", "Pass", peers, vec![namespaces("In", all)], None)];
    }
    let rule = |(other, opened): &(&Environment, BTreeSet<(Protocol, u16)>)| {
        let ports = || opened.iter().map(|(protocol, number)| port(*protocol, *number)).collect();
        let ports = (opened.len() <= MAX).then(ports);
        let name = format!("pass-exceptions-{}", other.name.value);
        entry(&name, "Pass", peers, vec![namespaces("In", names(other))], ports)
    };
    others.iter().map(rule).collect()
}

fn entry(name: &str, action: &str, direction: &str, peers: Vec<Value>, ports: Option<Vec<Value>>) -> Value {
    let mut members = vec![
        ("name".to_owned(), name.into()),
        ("action".to_owned(), action.into()),
        (direction.to_owned(), Value::List(peers)),
    ];
    members.extend(ports.map(|ports| ("protocols".to_owned(), Value::List(ports))));
    Value::Mapping(members)
}

fn names(environment: &Environment) -> Vec<&str> {
    environment.namespaces.iter().map(|namespace| namespace.value.as_str()).collect()
}

/// Namespaces by their names, as a peer or as a subject.
fn namespaces(operator: &str, names: Vec<&str>) -> Value {
    let requirement =
        mapping([("key", NAME_LABEL.into()), ("operator", operator.into()), ("values", texts(names))]);
    mapping([("namespaces", mapping([("matchExpressions", Value::List(vec![requirement]))]))])
}

fn port(protocol: Protocol, number: u16) -> Value {
    let protocol = match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::Sctp => "sctp",
    };
    let number = mapping([("number", Value::Integer(i64::from(number)))]);
    mapping([(protocol, mapping([("destinationPort", number)]))])
}
