//! Names mean nothing by themselves: a cluster in which everything is called otherwise gets the same answer.

use crate::cluster::{ENFORCING, breaches, cluster, question, report, seeds};
use std::collections::BTreeSet;
use watertight_base::{Labels, Selector};
use watertight_model::{
    ConnectivityMap, Fact, FactPeer, Namespace, NamespaceScope, Peer, PeerKind, PodSecurity, PortMatch,
    Relation, Report, Snapshot, TargetPort,
};
use watertight_network::{Profile, connectivity};
use watertight_oracle::build::Cluster;
use watertight_prove::{Question, prove};

/// A new name for each old one; no two get the same.
type Renaming = fn(&str) -> String;

/// Keeps the order of names.
fn prefixed(name: &str) -> String {
    format!("q{name}")
}

/// Turns the order of names about.
fn reversed(name: &str) -> String {
    name.chars().rev().collect()
}

/// The labels whose keys or values mean something to Kubernetes. That of a namespace's name goes with the namespace.
fn is_fixed(key: &str) -> bool {
    key == PodSecurity::ENFORCE || key == PodSecurity::ENFORCE_VERSION
}

fn key(key: &str, new: Renaming) -> String {
    if is_fixed(key) || key == Namespace::NAME_LABEL { key.to_owned() } else { new(key) }
}

fn labels(labels: &Labels, new: Renaming) -> Labels {
    let value = |of: &str, value: &str| if is_fixed(of) { value.to_owned() } else { new(value) };
    labels.iter().map(|(of, old)| (key(of, new), value(of, old))).collect()
}

fn selector(selector: &mut Selector, new: Renaming) {
    for requirement in &mut selector.requirements {
        requirement.key = key(&requirement.key, new);
        for value in &mut requirement.values {
            *value = new(value);
        }
    }
}

/// The same cluster with new names for namespaces, workloads, policies, Services and ports, and new label keys and
/// values. Nodes keep theirs.
fn renamed(snapshot: &Snapshot, new: Renaming) -> Snapshot {
    let home = |id| new(&snapshot.namespace(id).name);
    let mut cluster = snapshot.nodes.iter().cloned().fold(Cluster::new(), Cluster::node);
    for namespace in snapshot.namespaces.iter().filter(|namespace| namespace.labels.is_some()) {
        let mut namespace = namespace.clone();
        namespace.name = new(&namespace.name);
        namespace.labels = namespace.labels.map(|old| labels(&old, new));
        cluster = cluster.namespace(namespace);
    }
    for pod in &snapshot.pods {
        let mut pod = pod.clone();
        pod.origin.object.name = new(&pod.origin.object.name);
        pod.workload.name = new(&pod.workload.name);
        pod.labels = labels(&pod.labels, new);
        for port in &mut pod.ports {
            port.name = port.name.as_deref().map(new);
        }
        cluster = cluster.pod(&home(pod.namespace), pod);
    }
    for policy in &snapshot.policies {
        let mut policy = policy.clone();
        policy.origin.object.name = new(&policy.origin.object.name);
        selector(&mut policy.subject, new);
        for rule in policy.ingress.iter_mut().chain(&mut policy.egress) {
            for peer in rule.peers.iter_mut().flatten() {
                if let PeerKind::Pods { namespaces, pods, .. } = &mut peer.kind {
                    selector(pods, new);
                    if let NamespaceScope::Selected(namespaces) = namespaces {
                        selector(namespaces, new);
                    }
                }
            }
            for port in rule.ports.iter_mut().flatten() {
                if let PortMatch::Named(name) = &mut port.port {
                    *name = new(name);
                }
            }
        }
        cluster = cluster.policy(&home(policy.namespace), policy);
    }
    for service in &snapshot.services {
        let mut service = service.clone();
        service.origin.object.name = new(&service.origin.object.name);
        service.selector = service.selector.map(|old| labels(&old, new));
        for port in &mut service.ports {
            if let TargetPort::Named(name) = &mut port.target {
                *name = new(name);
            }
        }
        cluster = cluster.service(&home(service.namespace), service);
    }
    cluster.snapshot()
}

/// The question after the renaming: each namespace by its new name.
fn renamed_question(snapshot: &Snapshot, profile: Profile, new: Renaming) -> Question {
    let selected = |side: &str| {
        let names = snapshot.namespaces.iter().map(|namespace| namespace.name.as_str());
        let names: Vec<String> = names.filter(|name| name.starts_with(side)).map(new).collect();
        (side.to_owned(), names.join(","))
    };
    Question { environments: ["staging", "production"].map(selected).to_vec(), ..question(profile) }
}

fn renamed_map(map: &ConnectivityMap, new: Renaming) -> ConnectivityMap {
    let peer = |peer: &Peer| match peer.clone() {
        Peer::Workload { namespace, kind, name, labels: of } => Peer::Workload {
            namespace: new(&namespace),
            kind,
            name: new(&name),
            labels: of.map(|old| labels(&old, new)),
        },
        other => other,
    };
    let mut map = map.clone();
    for edge in &mut map.edges {
        (edge.from, edge.to) = (peer(&edge.from), peer(&edge.to));
    }
    for path in &mut map.paths {
        (path.from, path.to) = (peer(&path.from), peer(&path.to));
        path.via.name = new(&path.via.name);
        path.via.namespace = path.via.namespace.as_deref().map(new);
    }
    map.edges.sort();
    map.paths.sort();
    map
}

#[test]
fn consistent_renaming_changes_nothing_in_the_map_but_the_names() {
    for seed in seeds() {
        let snapshot = cluster(seed);
        for new in [prefixed as Renaming, reversed] {
            let again = renamed(&snapshot, new);
            for (profile, relation) in [
                (Profile::CONSERVATIVE, Relation::May),
                (Profile::CONSERVATIVE, Relation::Must),
                (Profile::DECLARED, Relation::May),
            ] {
                let [was, is] = [&snapshot, &again].map(|snapshot| connectivity(snapshot, profile, relation));
                let what = format!("seed {seed}, {} {}", profile.name, relation.name());
                assert_eq!(renamed_map(&was, new), is, "{what}");
            }
        }
    }
}

#[test]
fn consistent_renaming_never_changes_the_verdict() {
    let mut seen = BTreeSet::new();
    for seed in seeds() {
        let snapshot = cluster(seed);
        for profile in Profile::ALL {
            let was = report(&snapshot, profile).boundaries[0].verdict;
            for new in [prefixed as Renaming, reversed] {
                let question = renamed_question(&snapshot, profile, new);
                let is = prove(&renamed(&snapshot, new), &question).unwrap().boundaries[0].verdict;
                assert_eq!(was, is, "seed {seed}, {}\n{snapshot:#?}", profile.name);
            }
            seen.insert(was);
        }
    }
    assert!(seen.len() == 3 || seeds().end < 100, "only {seen:?}");
}

/// A breach without its names: all the rest of what a program would read.
fn shape(report: &Report) -> Vec<String> {
    let pod = |peer: &FactPeer| format!("{:?} {} {:?}", peer.pod, peer.host_network, peer.address);
    let fact = |fact: &Fact| match fact {
        Fact::Runs { pod: one } | Fact::Target { pod: one } => pod(one),
        Fact::EgressAllowed { from, to, ports }
        | Fact::IngressAllowed { from, to, ports }
        | Fact::Connects { from, to, ports } => format!("{} → {} {ports}", pod(from), pod(to)),
        Fact::LeavesForNode { from, address, ports } => format!("{} → {address:?} {ports}", pod(from)),
        Fact::Relays { proxy, .. } => pod(proxy),
        Fact::SharedNode { from, to, node } => format!("{} → {} {node:?}", pod(from), pod(to)),
        Fact::SharedNetwork { from, to, network } => format!("{} → {} {network}", pod(from), pod(to)),
        // The network alone is examined.
        Fact::ActsAs { .. }
        | Fact::Granted { .. }
        | Fact::Gains { .. }
        | Fact::Answers { .. }
        | Fact::SameValue { .. } => String::new(),
    };
    let mut shapes = Vec::new();
    for breach in breaches(report) {
        let mut shape = format!("{} {} {}", breach.rule, breach.when.name(), breach.count);
        for step in &breach.steps {
            shape.push_str(&format!("; {} {} {}", step.rule, step.fact.kind(), fact(&step.fact)));
        }
        shapes.push(shape);
    }
    // Breaches of one rule stand in the order of their sentences, and those hold names.
    shapes.sort();
    shapes
}

/// Which one of several like pods or policies is shown goes by their order, so that here the order is kept.
#[test]
fn renaming_in_the_same_order_leaves_every_step_of_every_breach_as_it_was() {
    let mut compared = 0;
    for seed in seeds() {
        let snapshot = cluster(seed);
        for profile in ENFORCING {
            let was = shape(&report(&snapshot, profile));
            let question = renamed_question(&snapshot, profile, prefixed);
            let is = shape(&prove(&renamed(&snapshot, prefixed), &question).unwrap());
            assert_eq!(was, is, "seed {seed}, {}", profile.name);
            compared += was.len();
        }
    }
    assert!(compared > 0);
}
