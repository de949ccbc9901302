//! What pods may reach outside of the cluster, from egress policies that are there, and what the wall changes for those that no
//! policy closes today.

use super::Found;
use super::inventory::{EnvironmentIndex, Inventory};
use crate::notes::Notes;
use crate::rules;
use crate::workload::owned;
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use watertight_base::{Diagnostic, Protocol, Span};
use watertight_model::{NetworkPolicy, PeerKind, Pod, PolicyPort, PortMatch};
use watertight_yaml::{Value, texts};

/// The longest range of ports that is written one by one.
const RANGE_MAX: u16 = 20;

/// How many workloads a message names.
const NAMED_MAX: usize = 3;

/// Addresses that are let out: the block, what is left out of it, and the protocol.
type Block = (IpNet, Vec<IpNet>, &'static str);

/// `egress` of an environment; nothing where no policy lets anything out.
pub(crate) fn egress(
    found: &Found<'_>,
    inventory: &Inventory<'_>,
    environment: EnvironmentIndex,
    kept: &BTreeSet<usize>,
    notes: &mut Notes,
) -> Option<Value> {
    let mut blocks: BTreeMap<Block, BTreeSet<u16>> = BTreeMap::new();
    for policy in policies(found, environment).filter(|policy| policy.types.egress) {
        let stays = kept.iter().any(|object| {
            let object = &inventory.objects[*object];
            object.is("networking.k8s.io", "NetworkPolicy")
                && object.name == policy.origin.object.name
                && object.namespace == policy.origin.object.namespace.as_deref()
        });
        let is_whole = policy.subject.is_everything();
        // What is for some pods alone stays so where its policy stays.
        if stays && !is_whole {
            continue;
        }
        for rule in &policy.egress {
            let outside = rule.peers.iter().flatten().filter_map(|peer| match &peer.kind {
                PeerKind::IpBlock { cidr, except } => Some((peer.span, *cidr, except)),
                PeerKind::Pods { .. } => None,
            });
            for (span, cidr, except) in outside {
                let Some(ports) = rule.ports.as_deref().and_then(numbers) else {
                    let message = format!(
                        "`{cidr}` is let out on all ports, on many, or by a name, and `egress` lists ports"
                    );
                    notes.push(
                        Diagnostic::warning(rules::TAKEN_BY_WALL, message)
                            .at(span, "not in `egress`")
                            .help("list the ports that are needed there in `egress`"),
                    );
                    continue;
                };
                if !is_whole {
                    let message = format!(
                        "what some pods may reach at `{cidr}`, all of `{}` may",
                        found.environments[environment].name
                    );
                    notes.push(
                        Diagnostic::warning(rules::REPLACED_BY_WALL, message)
                            .at(span, "becomes `egress`")
                            .help("keep the policy in the manifests of an application, and take the `egress` away"),
                    );
                }
                let mut parts: Vec<IpNet> = except
                    .iter()
                    .map(IpNet::trunc)
                    .filter(|part| cidr.trunc().contains(part) && *part != cidr.trunc())
                    .collect();
                parts.sort();
                parts.dedup();
                for (protocol, number) in ports {
                    blocks.entry((cidr.trunc(), parts.clone(), protocol)).or_default().insert(number);
                }
            }
        }
    }
    let rules = blocks.into_iter().map(|((cidr, except, protocol), ports)| {
        let mut fields = vec![("cidr", Value::from(cidr.to_string()))];
        if !except.is_empty() {
            let except: Vec<String> = except.iter().map(IpNet::to_string).collect();
            fields.push(("except", texts(except.iter().map(String::as_str))));
        }
        fields.push((
            "ports",
            Value::List(ports.into_iter().map(|port| Value::Integer(port.into())).collect()),
        ));
        if protocol != "TCP" {
            fields.push(("protocol", protocol.into()));
        }
        owned(fields)
    });
    let rules: Vec<Value> = rules.collect();
    (!rules.is_empty()).then_some(Value::List(rules))
}

/// The ports of a rule, if each is a number or in a short range.
fn numbers(ports: &[PolicyPort]) -> Option<Vec<(&'static str, u16)>> {
    let mut numbers = Vec::new();
    for port in ports {
        let protocol = match port.protocol {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
            Protocol::Sctp => "SCTP",
        };
        let (first, last) = match port.port {
            PortMatch::Number(number) => (number, number),
            PortMatch::Range(first, last) if last.saturating_sub(first) < RANGE_MAX => (first, last),
            PortMatch::Range(..) | PortMatch::All | PortMatch::Named(_) => return None,
        };
        numbers.extend((first..=last).filter(|number| *number > 0).map(|number| (protocol, number)));
    }
    (!numbers.is_empty()).then_some(numbers)
}

fn policies<'f>(found: &Found<'f>, environment: EnvironmentIndex) -> impl Iterator<Item = &'f NetworkPolicy> {
    let snapshot = found.snapshot;
    let namespaces = &found.environments[environment].namespaces;
    snapshot.policies.iter().filter(move |policy| {
        namespaces.iter().any(|own| own.name == snapshot.namespace(policy.namespace).name)
    })
}

/// Whether a policy of an environment lets pods out to an address, so that `egress` or an application says it.
pub(crate) fn lets_out_to(found: &Found<'_>, environment: EnvironmentIndex, address: IpAddr) -> bool {
    let rules =
        policies(found, environment).filter(|policy| policy.types.egress).flat_map(|policy| &policy.egress);
    let mut peers = rules.filter_map(|rule| rule.peers.as_ref()).flatten();
    peers.any(|peer| match &peer.kind {
        PeerKind::IpBlock { cidr, except } => {
            cidr.contains(&address) && !except.iter().any(|except| except.contains(&address))
        }
        PeerKind::Pods { .. } => false,
    })
}

/// Says what the wall closes that is open today.
pub(crate) fn closed(
    found: &Found<'_>,
    inventory: &Inventory<'_>,
    environment: EnvironmentIndex,
    notes: &mut Notes,
) {
    let name = &found.environments[environment].name;
    let namespaces = &found.environments[environment].namespaces;
    let own =
        |pod: &&Pod| namespaces.iter().any(|own| own.name == found.snapshot.namespace(pod.namespace).name);
    let open = |of: fn(&NetworkPolicy) -> bool| -> Vec<&Pod> {
        let is_closed = |pod: &Pod| {
            policies(found, environment).any(|policy| {
                of(policy) && policy.namespace == pod.namespace && policy.subject.matches(&pod.labels)
            })
        };
        found.snapshot.pods.iter().filter(own).filter(|pod| !is_closed(pod)).collect()
    };
    let Some(place) = inventory.place(environment) else { return };
    let ingress = open(|policy| policy.types.ingress);
    if !ingress.is_empty() {
        let message = format!(
            "{} may be called from everywhere today; behind the wall only `{name}` itself calls, and what its policies and routes let in",
            named(&ingress)
        );
        tell(
            place,
            message,
            "list as a NetworkPolicy in the manifests who else may call, such as monitoring or the ingress controller",
            notes,
        );
    }
    let egress = open(|policy| policy.types.egress);
    if !egress.is_empty() {
        let message = format!(
            "{} may call everywhere today; behind the wall they call `{name}` itself, DNS, and what `egress` and their policies let out",
            named(&egress)
        );
        tell(place, message, "list in `egress` what they need outside of the cluster", notes);
    }
    let on_host: Vec<&Pod> =
        found.snapshot.pods.iter().filter(own).filter(|pod| pod.host_network.is_some()).collect();
    if let Some(span) = on_host.first().and_then(|pod| pod.host_network) {
        let message =
            format!("{} use the network of their node, which the level `baseline` refuses", named(&on_host));
        tell(
            span,
            message,
            "move them into a namespace that is no environment's, such as one for monitoring",
            notes,
        );
    }
}

fn tell(span: Span, message: String, help: &str, notes: &mut Notes) {
    notes.push(Diagnostic::warning(rules::TAKEN_BY_WALL, message).at(span, "behind the wall").help(help));
}

/// The first of some pods by their workloads, and how many there are more.
fn named(pods: &[&Pod]) -> String {
    let names: BTreeSet<String> =
        pods.iter().map(|pod| format!("{} `{}`", pod.workload.kind, pod.workload.name)).collect();
    let shown: Vec<&str> = names.iter().take(NAMED_MAX).map(String::as_str).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(NAMED_MAX) {
        0 => format!("the pods of {shown}"),
        more => format!("the pods of {shown} and {more} more"),
    }
}
