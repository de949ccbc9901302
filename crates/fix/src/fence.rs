//! Policies that are to be added: a fence around a namespace, with a gate for all that surely passed and was not from the
//! hostile side.

use crate::change::{Changes, NewObject, named};
use crate::input::Input;
use crate::kept::{behind, brought_in, counts};
use crate::state::State;
use std::collections::BTreeSet;
use watertight_base::{AddressSet, Labels};
use watertight_model::{ConnectivityMap, NamespaceId, ObjectRef, Peer, Pod};
use watertight_yaml::{Value, mapping, texts};

const API_VERSION: &str = "networking.k8s.io/v1";

/// The fences that a namespace of the side that is to be kept could get. Where nothing isolates any pod, one policy is the fence
/// and the gate; else what is isolated stays as it is, and each workload without a fence gets a gate of its own.
pub(crate) fn around(input: &Input<'_>, before: &ConnectivityMap, namespace: &str) -> Vec<State> {
    let Some(id) = input.snapshot.namespace_named(namespace) else { return Vec::new() };
    let pods: Vec<&Pod> = input.snapshot.pods.iter().filter(|pod| pod.namespace == id).collect();
    let mut policies =
        input.snapshot.policies.iter().filter(|policy| policy.namespace == id && policy.types.ingress);
    if policies.next().is_none() {
        let gate = gate(input, before, id, &pods);
        let rules = if gate.is_empty() { Vec::new() } else { vec![rule("from", gate)] };
        let policy = policy(input, namespace, "default-deny-ingress", None, "ingress", rules);
        return vec![State::adding(vec![policy]).with(&keeping_clients(input, &pods))];
    }
    let deny = policy(input, namespace, "default-deny-ingress", None, "ingress", Vec::new());
    let mut all = vec![deny];
    let mut done: BTreeSet<&Labels> = BTreeSet::new();
    for pod in pods.iter().filter(|pod| !is_isolated(input, pod)) {
        let alike: Vec<&Pod> = pods.iter().copied().filter(|other| other.labels == pod.labels).collect();
        let peers = gate(input, before, id, &alike);
        if pod.labels.is_empty() || peers.is_empty() || !done.insert(&pod.labels) {
            continue;
        }
        let name = format!("allow-ingress-{}", pod.workload.name);
        all.push(policy(input, namespace, &name, Some(&pod.labels), "ingress", vec![rule("from", peers)]));
    }
    let unfenced: Vec<&Pod> = pods.into_iter().filter(|pod| !is_isolated(input, pod)).collect();
    vec![State::adding(all).with(&keeping_clients(input, &unfenced))]
}

/// The Services that bring clients to these pods under the addresses of nodes, which no fence lets in: pods of the hostile side
/// may come under them too. They are to keep the clients' own.
///
/// Source: <https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/#preserving-the-client-source-ip>.
pub(crate) fn keeping_clients(input: &Input<'_>, pods: &[&Pod]) -> State {
    let services = brought_in(input, input.snapshot).filter(|service| {
        behind(input.snapshot, service)
            .any(|behind| pods.iter().any(|pod| pod.origin.object == behind.origin.object))
    });
    let keep = Changes { keeps_clients: true, ..Changes::default() };
    services.fold(State::default(), |all, service| all.with(&State::of(&service.origin.object, keep.clone())))
}

/// The fence that keeps what a namespace of the hostile side opens out of the other side, where nothing there decides about that
/// yet.
pub(crate) fn out_of(input: &Input<'_>, before: &ConnectivityMap, namespace: &str) -> Vec<State> {
    let Some(id) = input.snapshot.namespace_named(namespace) else { return Vec::new() };
    let decides = |policy: &&watertight_model::NetworkPolicy| policy.namespace == id && policy.types.egress;
    if input.snapshot.policies.iter().any(|policy| decides(&policy)) {
        return Vec::new();
    }
    let mut peers = Vec::new();
    let names: Vec<String> =
        namespaces(input).filter(|name| !input.to.contains(*name)).map(str::to_owned).collect();
    if !names.is_empty() {
        peers.push(mapping([("namespaceSelector", named(&names))]));
    }
    let outside = before.edges.iter().any(|edge| {
        matches!(&edge.to, Peer::Cidrs(_))
            && matches!(&edge.from, Peer::Workload { namespace: of, .. } if of == namespace)
    });
    if outside {
        peers.extend(blocks(input));
    }
    let rules = if peers.is_empty() { Vec::new() } else { vec![rule("to", peers)] };
    vec![State::adding(vec![policy(input, namespace, "default-deny-egress", None, "egress", rules)])]
}

/// Who may connect where a rule named nobody.
pub(crate) fn everybody_else(input: &Input<'_>) -> Value {
    let names: Vec<String> =
        namespaces(input).filter(|name| !input.from.contains(*name)).map(str::to_owned).collect();
    let pods = mapping([("namespaceSelector", named(&names))]);
    Value::List(std::iter::once(pods).chain(blocks(input)).collect())
}

fn namespaces<'a>(input: &'a Input<'_>) -> impl Iterator<Item = &'a str> {
    input.snapshot.namespaces.iter().map(|namespace| namespace.name.as_str())
}

fn is_isolated(input: &Input<'_>, pod: &Pod) -> bool {
    input.snapshot.policies.iter().any(|policy| {
        policy.namespace == pod.namespace && policy.types.ingress && policy.subject.matches(&pod.labels)
    })
}

/// Who surely connects to some pods, but for the hostile side: namespaces by name, and addresses outside.
fn gate(input: &Input<'_>, before: &ConnectivityMap, id: NamespaceId, pods: &[&Pod]) -> Vec<Value> {
    let own = input.name(id);
    let is_one = |peer: &Peer| match peer {
        Peer::Workload { namespace, kind, name, .. } => {
            namespace == own
                && pods.iter().any(|pod| pod.workload.kind == *kind && pod.workload.name == *name)
        }
        _ => false,
    };
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut outside = false;
    let edges = before.edges.iter().filter(|edge| is_one(&edge.to) && counts(input, &edge.from, &edge.to));
    let sources = edges.map(|edge| &edge.from);
    for from in sources.chain(before.paths.iter().filter(|path| is_one(&path.to)).map(|path| &path.from)) {
        match from {
            Peer::Workload { namespace, .. } if !input.from.contains(namespace) => {
                names.insert(namespace.clone());
            }
            Peer::Cidrs(_) => outside = true,
            _ => {}
        }
    }
    let mut peers = Vec::new();
    if names.remove(own) {
        peers.push(mapping([("podSelector", mapping([]))]));
    }
    if !names.is_empty() {
        let names: Vec<String> = names.into_iter().collect();
        peers.push(mapping([("namespaceSelector", named(&names))]));
    }
    if outside {
        peers.extend(blocks(input));
    }
    peers
}

/// All addresses but those that a pod or a node may have, a block for each family.
fn blocks(input: &Input<'_>) -> impl Iterator<Item = Value> {
    let v6 = AddressSet::full().difference(&AddressSet::all_v4());
    let families = [("0.0.0.0/0", AddressSet::all_v4()), ("::/0", v6)];
    families.into_iter().filter_map(|(cidr, family)| {
        let inside = family.intersection(&input.space.nodes);
        if family.is_subset(&inside) {
            return None;
        }
        let nets: Vec<String> = inside.cidrs().iter().map(ToString::to_string).collect();
        let mut block = vec![("cidr".to_owned(), cidr.into())];
        if !nets.is_empty() {
            block.push(("except".to_owned(), texts(nets.iter().map(String::as_str))));
        }
        Some(mapping([("ipBlock", Value::Mapping(block))]))
    })
}

fn rule(key: &str, peers: Vec<Value>) -> Value {
    mapping([(key, Value::List(peers))])
}

/// A policy under a name that nobody has.
fn policy(
    input: &Input<'_>,
    namespace: &str,
    name: &str,
    pods: Option<&Labels>,
    direction: &str,
    rules: Vec<Value>,
) -> NewObject {
    let is_taken = |name: &str| {
        let mut policies = input.snapshot.policies.iter().map(|policy| &policy.origin.object);
        policies.any(|object| object.namespace.as_deref() == Some(namespace) && object.name == name)
    };
    let name = std::iter::once(format!("watertight-{name}"))
        .chain((2..).map(|number| format!("watertight-{name}-{number}")))
        .find(|name| !is_taken(name))
        .unwrap_or_default();
    let selector = match pods {
        Some(labels) => {
            let labels = labels.iter().map(|(key, value)| (key.clone(), value.as_str().into()));
            mapping([("matchLabels", Value::Mapping(labels.collect()))])
        }
        None => mapping([]),
    };
    let kind = if direction == "ingress" { "Ingress" } else { "Egress" };
    let mut spec = vec![("podSelector".to_owned(), selector), ("policyTypes".to_owned(), texts([kind]))];
    if !rules.is_empty() {
        spec.push((direction.to_owned(), Value::List(rules)));
    }
    let value = mapping([
        ("apiVersion", API_VERSION.into()),
        ("kind", "NetworkPolicy".into()),
        ("metadata", mapping([("name", name.as_str().into()), ("namespace", namespace.into())])),
        ("spec", Value::Mapping(spec)),
    ]);
    let object = ObjectRef {
        api_version: API_VERSION.to_owned(),
        kind: "NetworkPolicy".to_owned(),
        namespace: Some(namespace.to_owned()),
        name: name.clone(),
        uid: None,
    };
    let file = file_name(input, namespace, &name);
    NewObject { object, file, value }
}

/// A file beside those of a namespace, that is not there.
pub(crate) fn file_name(input: &Input<'_>, namespace: &str, name: &str) -> String {
    let stem = format!("{}{namespace}-{name}", input.folder_of(namespace));
    let is_free = |file: &String| input.sources.iter().all(|source| source.name != *file);
    std::iter::once(format!("{stem}.yaml"))
        .chain((2..).map(|number| format!("{stem}-{number}.yaml")))
        .find(is_free)
        .unwrap_or_default()
}
