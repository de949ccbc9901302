//! Checks a breach's derivation step by step: does each step hold in some world, the same for all of them?

use crate::candidates::{admits_host_network, admits_probe_hosts, may_be_a_nodes, may_be_a_pods};
use crate::endpoint::{ConcretePod, Endpoint};
use crate::evaluate::{Evaluator, PolicySet};
use crate::reading::Reading;
use crate::{placement, probe};
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;
use watertight_base::{ConnectionSet, Labels, Protocol};
use watertight_model::{Breach, Fact, FactPeer, Namespace, PodState, Relation, Snapshot, Step, When};

/// Checks every step of a breach of the network channel under the may-relation: its pods are there or could be created,
/// its directions allow each range, its shared nodes can be shared, and its connections
/// follow from the steps that they use and from the evaluator. Which environment a namespace belongs to is the caller's
/// to check.
///
/// # Errors
/// Says which step does not hold, and why.
pub fn replay(
    snapshot: &Snapshot,
    reading: Reading,
    policies: &PolicySet,
    breach: &Breach,
) -> Result<(), String> {
    let evaluator = Evaluator { snapshot, reading, relation: Relation::May, policies: policies.clone() };
    let replay = Replay { evaluator, breach, assumed: assumed_labels(snapshot, breach)? };
    for (index, step) in breach.steps.iter().enumerate() {
        if step.id != index + 1 {
            return Err(format!("step {} stands at place {}", step.id, index + 1));
        }
        if let Some(&later) = step.uses.iter().find(|&&used| used == 0 || used >= step.id) {
            return Err(format!("step {} uses step {later}, which is not an earlier one", step.id));
        }
        replay.step(step).map_err(|why| format!("step {}, {}: {why}", step.id, step.fact.kind()))?;
    }
    match breach.steps.last() {
        Some(Step { fact: Fact::Connects { .. }, .. }) => Ok(()),
        Some(step) => Err(format!("the last step is `{}`, which is no connection", step.fact.kind())),
        None => Err("there are no steps".to_owned()),
    }
}

/// The pods that a fact speaks of.
fn peers(fact: &Fact) -> Vec<&FactPeer> {
    match fact {
        Fact::Runs { pod } | Fact::Target { pod } => vec![pod],
        Fact::LeavesForNode { from, .. } => vec![from],
        Fact::Relays { proxy, .. } => vec![proxy],
        Fact::EgressAllowed { from, to, .. }
        | Fact::IngressAllowed { from, to, .. }
        | Fact::SharedNode { from, to, .. }
        | Fact::SharedNetwork { from, to, .. }
        | Fact::Connects { from, to, .. } => vec![from, to],
        Fact::ActsAs { .. }
        | Fact::Granted { .. }
        | Fact::Gains { .. }
        | Fact::Answers { .. }
        | Fact::SameValue { .. } => Vec::new(),
    }
}

/// The labels that the whole derivation assumes of each namespace of unknown labels: one assignment for all uses.
fn assumed_labels(snapshot: &Snapshot, breach: &Breach) -> Result<BTreeMap<String, Labels>, String> {
    let mut assumed: BTreeMap<String, Labels> = BTreeMap::new();
    for peer in breach.steps.iter().flat_map(|step| peers(&step.fact)) {
        let Some(namespace) = snapshot.namespaces.iter().find(|namespace| namespace.name == peer.namespace)
        else {
            return Err(format!("there is no namespace `{}`", peer.namespace));
        };
        for (key, value) in &peer.namespace_labels {
            let contradiction = match &namespace.labels {
                Some(known) => known.get(key) != Some(value),
                None if key == Namespace::NAME_LABEL => *value != peer.namespace,
                None => {
                    check_label(key, value)?;
                    let labels = assumed.entry(peer.namespace.clone()).or_default();
                    labels.insert(key.clone(), value.clone()).is_some_and(|before| before != *value)
                }
            };
            if contradiction {
                return Err(format!("namespace `{}` cannot carry `{key}={value}`", peer.namespace));
            }
        }
    }
    Ok(assumed)
}

struct Replay<'a> {
    evaluator: Evaluator<'a>,
    breach: &'a Breach,
    assumed: BTreeMap<String, Labels>,
}

impl<'a> Replay<'a> {
    fn step(&self, step: &Step) -> Result<(), String> {
        for peer in peers(&step.fact) {
            self.check_peer(peer)?;
        }
        match &step.fact {
            Fact::Runs { .. } | Fact::Target { .. } => Ok(()),
            // Whether the pod is a proxy is for the caller to know; that it is there was checked.
            Fact::Relays { namespace, proxy } if proxy.namespace != *namespace && proxy.pod.is_some() => {
                Ok(())
            }
            Fact::Relays { .. } => {
                Err("a proxy is a pod of today that is not in the namespace itself".to_owned())
            }
            Fact::EgressAllowed { from, to, ports } => {
                self.check_ports(from, to, None, ports, "egress", Evaluator::egress_allows)
            }
            Fact::LeavesForNode { from, address, ports } => self.check_leaving(from, *address, ports),
            Fact::IngressAllowed { from, to, ports } => {
                self.check_ports(from, to, None, ports, "ingress", Evaluator::ingress_allows)
            }
            Fact::SharedNode { from, to, node } => self.check_shared_node(from, to, node.as_deref()),
            Fact::SharedNetwork { from, to, network } => self.check_shared_network(from, to, network),
            Fact::ActsAs { .. }
            | Fact::Granted { .. }
            | Fact::Gains { .. }
            | Fact::Answers { .. }
            | Fact::SameValue { .. } => Err("steps of the API channel are not replayed here".to_owned()),
            Fact::Connects { from, to, ports } => self.check_connection(step, from, to, ports),
        }
    }

    /// Whether the pod is as the snapshot has it, or could be created, and could be seen under its address.
    fn check_peer(&self, peer: &FactPeer) -> Result<(), String> {
        let labels_are_assumed = self.assumed.contains_key(&peer.namespace);
        if self.breach.when == When::Now && (peer.pod.is_none() || labels_are_assumed) {
            return Err(format!("{} is not there now", peer.name));
        }
        match peer.pod {
            Some(index) => self.check_existing(peer, index),
            None => self.check_future(peer),
        }
    }

    fn check_existing(&self, peer: &FactPeer, index: usize) -> Result<(), String> {
        let snapshot = self.evaluator.snapshot;
        let Some(pod) = snapshot.pods.get(index) else {
            return Err(format!("there is no pod {index}"));
        };
        let is_as_there = snapshot.namespace(pod.namespace).name == peer.namespace
            && pod.labels == peer.labels
            && pod.host_network.is_some() == peer.host_network;
        if !is_as_there {
            return Err(format!("{} is not what pod {index} is", peer.name));
        }
        if pod.state == PodState::Finished {
            return Err(format!("{} has finished", peer.name));
        }
        if peer.opened_by_node && pod.dialed.is_empty() {
            return Err(format!("no probe of {} names a host", peer.name));
        }
        Ok(())
    }

    fn check_future(&self, peer: &FactPeer) -> Result<(), String> {
        for (key, value) in &peer.labels {
            check_label(key, value)?;
        }
        for (name, &(_, number)) in &peer.named_ports {
            check_port_name(name)?;
            if number == 0 {
                return Err(format!("port `{name}` has the number 0"));
            }
        }
        let snapshot = self.evaluator.snapshot;
        let known = snapshot.namespaces.iter().find(|namespace| namespace.name == peer.namespace);
        let labels = match known.and_then(|namespace| namespace.labels.clone()) {
            Some(labels) => labels,
            None => self.assumed.get(&peer.namespace).cloned().unwrap_or_default(),
        };
        if peer.opened_by_node && !admits_probe_hosts(&labels, snapshot.kubernetes_version.as_deref()) {
            return Err(format!("Pod Security keeps {} from naming a host in a probe", peer.name));
        }
        if peer.host_network && !admits_host_network(&labels) {
            return Err(format!("Pod Security keeps {} off the host network", peer.name));
        }
        Ok(())
    }

    /// Whether a source, or a destination, could be seen under the address that its fact gives.
    fn check_address(&self, peer: &FactPeer, is_source: bool) -> Result<(), String> {
        let Some(address) = peer.address else {
            return Ok(());
        };
        let snapshot = self.evaluator.snapshot;
        let own = peer.pod.and_then(|index| snapshot.pods.get(index)).map_or(&[][..], |pod| &pod.addresses);
        let as_itself = match (peer.host_network, own) {
            (true, _) => own.contains(&address) || may_be_a_nodes(snapshot, address),
            (false, []) => may_be_a_pods(snapshot, address),
            (false, _) => own.contains(&address),
        };
        // N40: a source may be rewritten to a node's address on its way.
        let as_node = peer.behind_node
            && is_source
            && self.evaluator.reading.may_rewrite_sources()
            && may_be_a_nodes(snapshot, address);
        if (as_itself && !peer.behind_node) || as_node {
            Ok(())
        } else {
            Err(format!("{} cannot have the address {address}", peer.name))
        }
    }

    /// The two ends of a fact in one world: two pods, so that a pod of both sides must have two replicas.
    fn ends(
        &self,
        from: &FactPeer,
        to: &FactPeer,
        node: Option<&str>,
    ) -> Result<(Endpoint, Endpoint), String> {
        self.check_address(from, true)?;
        self.check_address(to, false)?;
        let snapshot = self.evaluator.snapshot;
        let second = u32::from(from.pod == to.pod);
        let end = |peer: &FactPeer, number| {
            let mut pod = ConcretePod::of_fact(snapshot, peer, number)
                .ok_or_else(|| format!("{} is not there", peer.name))?;
            pod.assumed_namespace_labels = self.assumed.get(&peer.namespace).cloned().unwrap_or_default();
            if let Some(node) = node {
                pod.node = Some(node.to_owned());
            }
            Ok::<_, String>(Endpoint::Pod(pod))
        };
        Ok((end(from, 0)?, end(to, second)?))
    }

    /// Asks one question about the first and the last port of each range, and, since the admin tiers can cut holes into
    /// it, about every port inside at which some rule could change its answer.
    fn check_ports(
        &self,
        from: &FactPeer,
        to: &FactPeer,
        node: Option<&str>,
        ports: &ConnectionSet,
        what: &str,
        question: impl Fn(&Evaluator<'a>, &Endpoint, &Endpoint, Protocol, u16) -> bool,
    ) -> Result<(), String> {
        let (source, destination) = self.ends(from, to, node)?;
        let mut changes = Vec::new();
        if !self.evaluator.snapshot.cluster_policies.is_empty() {
            changes = probe::ports(self.evaluator.snapshot);
            for port in destination.pod().iter().flat_map(|pod| &pod.ports) {
                changes.push((port.protocol, port.number));
            }
        }
        let mut asked = false;
        for (protocol, first, last) in ranges(ports) {
            let inside =
                changes.iter().filter(|&&(other, port)| other == protocol && first < port && port < last);
            for port in [first, last].into_iter().chain(inside.map(|&(_, port)| port)) {
                asked = true;
                if !question(&self.evaluator, &source, &destination, protocol, port) {
                    return Err(format!(
                        "{what} from {} to {} does not allow {protocol} {port}",
                        from.name, to.name
                    ));
                }
            }
        }
        if asked { Ok(()) } else { Err(format!("{what} from {} to {} allows no port", from.name, to.name)) }
    }

    /// N40: the source's policies let it open some connection to a node at that address.
    fn check_leaving(
        &self,
        from: &FactPeer,
        address: Option<IpAddr>,
        ports: &ConnectionSet,
    ) -> Result<(), String> {
        let snapshot = self.evaluator.snapshot;
        if address.is_some_and(|address| !may_be_a_nodes(snapshot, address)) {
            return Err("no node can have that address".to_owned());
        }
        let mut pod = ConcretePod::of_fact(snapshot, from, 0).ok_or("the source is not there")?;
        pod.assumed_namespace_labels = self.assumed.get(&from.namespace).cloned().unwrap_or_default();
        let node = Endpoint::Node { name: placement::UNSEEN_NODE.to_owned(), seen_as: address };
        let source = Endpoint::Pod(pod);
        let first = ranges(ports).into_iter().next().ok_or("it names no port")?;
        let leaves = self.evaluator.egress_allows(&source, &node, first.0, first.1);
        if leaves {
            Ok(())
        } else {
            Err(format!("{} cannot open {} {} to nodes", from.name, first.0, first.1))
        }
    }

    /// N35: one of them is on the host, and nothing keeps them from being on one node.
    fn check_shared_node(&self, from: &FactPeer, to: &FactPeer, node: Option<&str>) -> Result<(), String> {
        let Reading { nodes, pod_to_own_node, .. } = self.evaluator.reading;
        if !nodes {
            return Err("nodes do not count".to_owned());
        }
        if !from.host_network && !pod_to_own_node.contains(&true) {
            return Err("no pod gets to its own node past the policies".to_owned());
        }
        if !from.host_network && !to.host_network && !from.opened_by_node {
            return Err("neither of the pods shares its node's network".to_owned());
        }
        let snapshot = self.evaluator.snapshot;
        let can_meet = match node {
            Some(node) => [from, to]
                .iter()
                .all(|peer| placement::nodes_of(snapshot, peer.pod).iter().any(|name| name == node)),
            None => placement::meeting_point(snapshot, from.pod, to.pod).is_some(),
        };
        if can_meet { Ok(()) } else { Err(format!("{} and {} share no node", from.name, to.name)) }
    }

    /// N56: each of them asks for the network, or could be created so.
    fn check_shared_network(&self, from: &FactPeer, to: &FactPeer, network: &str) -> Result<(), String> {
        for peer in [from, to] {
            let Some(pod) = peer.pod.and_then(|index| self.evaluator.snapshot.pods.get(index)) else {
                continue;
            };
            let mut asked = pod.networks.iter().flat_map(|further| {
                let names = further.names.iter().flatten();
                names.map(|name| match (&name.namespace, further.replaces_default) {
                    (Some(namespace), _) => format!("{namespace}/{}", name.name),
                    (None, false) => format!("{}/{}", peer.namespace, name.name),
                    (None, true) => name.name.clone(),
                })
            });
            if !asked.any(|asked| asked == network) {
                return Err(format!("{} is not on the network {network}", peer.name));
            }
        }
        if from.pod.is_none() && to.pod.is_none() {
            return Err("nobody is on the network".to_owned());
        }
        Ok(())
    }

    fn check_connection(
        &self,
        step: &Step,
        from: &FactPeer,
        to: &FactPeer,
        ports: &ConnectionSet,
    ) -> Result<(), String> {
        let used = self.facts_behind(step);
        let is_this_pair = |source: &FactPeer, destination: &FactPeer| {
            is_same_pod(source, from) && is_same_pod(destination, to)
        };
        let mut runs = false;
        let mut target = false;
        let mut leaves = false;
        let mut enters = false;
        let mut shared_node = None;
        let mut shared_network = false;
        let mut through_node = false;
        let (mut source, mut destination) = (from.clone(), to.clone());
        for fact in used {
            match fact {
                Fact::Runs { pod } | Fact::Relays { proxy: pod, .. } => runs |= is_same_pod(pod, from),
                Fact::Target { pod } => target |= is_same_pod(pod, to),
                // The address under which one side sees the other stands with that side's fact.
                Fact::EgressAllowed { from, to, ports: allowed } if is_this_pair(from, to) => {
                    leaves |= covers(allowed, ports);
                    destination.address = destination.address.or(to.address);
                }
                Fact::IngressAllowed { from, to, ports: allowed } if is_this_pair(from, to) => {
                    enters |= covers(allowed, ports);
                    source.address = source.address.or(from.address);
                }
                Fact::LeavesForNode { from: source, .. } => through_node |= is_same_pod(source, from),
                Fact::SharedNode { from, to, node } if is_this_pair(from, to) => shared_node = Some(node),
                Fact::SharedNetwork { from, to, .. } => shared_network |= is_this_pair(from, to),
                _ => {}
            }
        }
        if !runs || !target {
            return Err("it uses no step that shows whose pods these are".to_owned());
        }
        // N40: the node carries it on, and only the destination's side has anything more to say.
        if through_node && from.behind_node && enters && runs && target {
            return self.check_ports(
                &source,
                &destination,
                None,
                ports,
                "ingress",
                Evaluator::ingress_allows,
            );
        }
        // N56: policies are about the cluster's network alone.
        if shared_network {
            return Ok(());
        }
        // N54: where nothing enforces, nothing else is needed.
        let follows = shared_node.is_some() || (leaves && enters) || !self.evaluator.reading.enforces;
        if !follows {
            return Err("it follows from no shared node and not from both directions".to_owned());
        }
        let node = shared_node.map(|node| node.as_deref().unwrap_or(placement::UNSEEN_NODE));
        self.check_ports(&source, &destination, node, ports, "the connection", Evaluator::allowed)
    }

    /// The facts of all steps that a step uses, directly or through others.
    fn facts_behind(&self, step: &Step) -> Vec<&Fact> {
        let mut waiting = step.uses.clone();
        let mut seen = BTreeSet::new();
        let mut facts = Vec::new();
        while let Some(id) = waiting.pop() {
            if let (true, Some(used)) = (seen.insert(id), self.breach.steps.get(id.saturating_sub(1))) {
                waiting.extend(&used.uses);
                facts.push(&used.fact);
            }
        }
        facts
    }
}

/// Whether two facts speak of one pod: all that decides is the same but the address, which belongs to one direction.
fn is_same_pod(one: &FactPeer, other: &FactPeer) -> bool {
    one.namespace == other.namespace
        && one.pod == other.pod
        && one.labels == other.labels
        && one.host_network == other.host_network
        && one.opened_by_node == other.opened_by_node
        && one.named_ports == other.named_ports
}

fn ranges(ports: &ConnectionSet) -> Vec<(Protocol, u16, u16)> {
    let mut found = Vec::new();
    for protocol in Protocol::ALL {
        for &(first, last) in ports.ports(protocol).ranges() {
            found.push((protocol, first, last));
        }
    }
    found
}

/// Whether each range of `inner` lies in one range of `outer`.
fn covers(outer: &ConnectionSet, inner: &ConnectionSet) -> bool {
    ranges(inner).into_iter().all(|(protocol, first, last)| {
        ranges(outer)
            .into_iter()
            .any(|(other, start, end)| other == protocol && start <= first && last <= end)
    })
}

/// Letters and digits at both ends, and `-`, `_` and `.` between them, at most 63.
fn is_qualified(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let outer = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 63 && text.chars().all(inner) && text.starts_with(outer) && text.ends_with(outer)
}

fn check_label(key: &str, value: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let prefix_is_fine = prefix.is_none_or(|prefix| {
        let part_is_fine = |part: &str| {
            let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            part.chars().all(|c| lower(c) || c == '-') && part.starts_with(lower) && part.ends_with(lower)
        };
        prefix.len() <= 253 && prefix.split('.').all(part_is_fine)
    });
    if prefix_is_fine && is_qualified(name) && (value.is_empty() || is_qualified(value)) {
        Ok(())
    } else {
        Err(format!("no object can carry the label `{key}={value}`"))
    }
}

fn check_port_name(name: &str) -> Result<(), String> {
    let is_fine = (1..=15).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--");
    if is_fine { Ok(()) } else { Err(format!("no port can have the name `{name}`")) }
}
