//! What could close a breach: for each sort of evidence in its derivation, the edits of that object, those that take least
//! first.

use crate::change::{Changes, PeerChange};
use crate::input::Input;
use crate::state::State;
use crate::{binding, fence, grant, refusal, workload};
use ipnet::IpNet;
use std::collections::BTreeSet;
use watertight_base::{AddressSet, Selector};
use watertight_model::{
    Action, Because, Breach, ConnectivityMap, EvidenceRole, Fact, FactPeer, Gateway, Namespace, NamespaceId,
    NamespaceScope, ObjectRef, PeerKind, Pod, PodSecurity, Principal, ServiceType, Step, TierPeerKind,
};

/// Whom the hostile side can act as from the start, and what was open.
pub(crate) struct Ground<'a> {
    pub(crate) input: &'a Input<'a>,
    /// What was surely open.
    pub(crate) before: &'a ConnectivityMap,
    /// The users and groups of the hostile side.
    pub(crate) hostile: &'a [Principal],
}

/// What could close a breach that is left when `done` is: production's side first, and staging's last.
pub(crate) fn of(ground: &Ground<'_>, done: &State, breach: &Breach) -> Vec<State> {
    let mut options = Vec::new();
    let mut last = Vec::new();
    for step in breach.steps.iter().rev() {
        for because in &step.because {
            options.extend(of_evidence(ground, done, step, because));
        }
        match &step.fact {
            Fact::EgressAllowed { from, .. } | Fact::LeavesForNode { from, .. }
                if ground.input.from.contains(&from.namespace) =>
            {
                last.extend(fence::out_of(ground.input, ground.before, &from.namespace));
            }
            Fact::Runs { pod } | Fact::Target { pod } => last.extend(off_the_host(ground.input, pod)),
            _ => {}
        }
    }
    options.extend(refusal::of_ingresses(ground.input, breach));
    if breach.rule == "shared-proxy" {
        last.extend(without_aliases(ground.input));
    }
    options.extend(last);
    options
}

/// What could close a breach besides, and takes what something of the hostile side goes by.
pub(crate) fn with_losses(ground: &Ground<'_>, done: &State, breach: &Breach) -> Vec<State> {
    let mut options = Vec::new();
    for step in breach.steps.iter().rev() {
        let grants = step.because.iter().filter(|because| because.object.kind == "ReferenceGrant");
        options.extend(grants.filter_map(|because| grant::unnamed(ground.input, &because.object)));
        if let Fact::Runs { pod } | Fact::Target { pod } = &step.fact
            && (pod.host_network || pod.opened_by_node)
        {
            options.extend(workload::without_the_host(ground.input, pod));
        }
    }
    options.extend(grant::without_right(ground, done, breach));
    options
}

fn of_evidence(ground: &Ground<'_>, done: &State, step: &Step, because: &Because) -> Vec<State> {
    let object = &because.object;
    let input = ground.input;
    let namespace = object.namespace.as_deref().unwrap_or_default();
    match (object.kind.as_str(), &step.fact) {
        ("Namespace", Fact::IngressAllowed { .. })
            if because.role == EvidenceRole::Absent && input.to.contains(&object.name) =>
        {
            fence::around(input, ground.before, &object.name)
        }
        ("RoleBinding" | "ClusterRoleBinding", Fact::Granted { .. }) if !input.from.contains(namespace) => {
            match original(input, done, because).as_deref() {
                Some(&[subject]) => binding::without(ground, object, subject),
                _ => Vec::new(),
            }
        }
        ("Service", _) if input.from.contains(namespace) => service(input, object),
        ("Gateway", _) if input.from.contains(namespace) => gateway(input, object),
        (_, Fact::IngressAllowed { .. }) if because.role == EvidenceRole::Allows => {
            match original(input, done, because).as_deref() {
                Some(&[rule, peer]) => peer_options(input, object, rule, peer),
                Some(&[rule]) => open_rule(input, object, rule),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Where the evidence stands in the object as the user wrote it.
fn original(input: &Input<'_>, done: &State, because: &Because) -> Option<Vec<usize>> {
    let place = input.place(&because.object)?;
    let nothing = Changes::default();
    let changes = done.changes.get(&because.object).unwrap_or(&nothing);
    changes.original_path(place.tree, &because.path)
}

/// What a peer of a policy's ingress can become.
fn peer_options(input: &Input<'_>, object: &ObjectRef, rule: usize, peer: usize) -> Vec<State> {
    let mut changes = Vec::new();
    let is_it = |other: &ObjectRef| {
        other.kind == object.kind && other.namespace == object.namespace && other.name == object.name
    };
    if let Some(policy) = input.snapshot.policies.iter().find(|policy| is_it(&policy.origin.object)) {
        let peers = policy.ingress.get(rule).and_then(|rule| rule.peers.as_ref());
        match peers.and_then(|peers| peers.get(peer)).map(|peer| &peer.kind) {
            Some(PeerKind::Pods { namespaces: NamespaceScope::Selected(selector), .. }) => {
                changes.extend(by_name(input, selector));
            }
            Some(PeerKind::IpBlock { cidr, except }) => {
                let out = |inside: &AddressSet| {
                    let mut block = AddressSet::cidr(*cidr).intersection(inside);
                    for &net in except {
                        block = block.difference(&AddressSet::cidr(net));
                    }
                    block.cidrs()
                };
                let pods: Vec<IpNet> = out(&input.space.pods);
                let nodes: Vec<IpNet> = out(&input.space.nodes);
                let is_rest = |nets: &Vec<IpNet>| !nets.is_empty() && nets != &[*cidr];
                changes.extend([pods, nodes].into_iter().filter(is_rest).map(PeerChange::Except));
            }
            Some(PeerKind::Pods { .. }) => {}
            None => return Vec::new(),
        }
    } else if let Some(policy) =
        input.snapshot.cluster_policies.iter().find(|policy| is_it(&policy.origin.object))
    {
        let rule = policy.ingress.get(rule).filter(|rule| rule.action == Action::Accept);
        match rule.and_then(|rule| rule.peers.get(peer)).map(|peer| &peer.kind) {
            Some(TierPeerKind::Pods { namespaces, .. }) => changes.extend(by_name(input, namespaces)),
            _ => return Vec::new(),
        }
    } else {
        return Vec::new();
    }
    changes.push(PeerChange::Remove);
    let state = |change| {
        let peers = [((rule, peer), change)].into();
        State::of(object, Changes { peers, ..Changes::default() })
    };
    changes.into_iter().map(state).collect()
}

/// The namespaces that a selector surely selects, by name, without those of the hostile side: first without those of proxies
/// that serve it, too.
fn by_name(input: &Input<'_>, selector: &Selector) -> Vec<PeerChange> {
    let selects = |namespace: &&Namespace| {
        let own = [(Namespace::NAME_LABEL.to_owned(), namespace.name.clone())].into();
        !input.from.contains(&namespace.name) && selector.matches(namespace.labels.as_ref().unwrap_or(&own))
    };
    let selected = input.snapshot.namespaces.iter().filter(selects).map(|namespace| namespace.name.clone());
    let all: Vec<String> = selected.collect();
    let relays = |name: &String| input.relays.iter().any(|(namespace, ..)| namespace == name);
    let others: Vec<String> = all.iter().filter(|name| !relays(name)).cloned().collect();
    let mut lists = if others == all { vec![all] } else { vec![others, all] };
    lists.retain(|names| !names.is_empty());
    lists.into_iter().map(PeerChange::Names).collect()
}

/// Peers for a rule that names nobody; with them, Services that bring clients in by nodes keep the clients' own addresses.
fn open_rule(input: &Input<'_>, object: &ObjectRef, rule: usize) -> Vec<State> {
    let is_it = |other: &ObjectRef| other.namespace == object.namespace && other.name == object.name;
    let mut policies = input.snapshot.policies.iter();
    let Some(policy) = policies.find(|policy| is_it(&policy.origin.object)) else { return Vec::new() };
    if object.kind != "NetworkPolicy" || policy.ingress.get(rule).is_none_or(|rule| rule.peers.is_some()) {
        return Vec::new();
    }
    let open_rules = [(rule, fence::everybody_else(input))].into();
    let named = State::of(object, Changes { open_rules, ..Changes::default() });
    let is_about = |pod: &&Pod| pod.namespace == policy.namespace && policy.subject.matches(&pod.labels);
    let pods: Vec<&Pod> = input.snapshot.pods.iter().filter(is_about).collect();
    let with_services = named.with(&fence::keeping_clients(input, &pods));
    if with_services == named { vec![named] } else { vec![named, with_services] }
}

/// A Service of the hostile side that claims addresses, whose backends somebody wrote by hand, or that is another name for a
/// host.
fn service(input: &Input<'_>, object: &ObjectRef) -> Vec<State> {
    let is_it = |other: &ObjectRef| other.namespace == object.namespace && other.name == object.name;
    let mut services = input.snapshot.services.iter();
    let Some(service) = services.find(|service| is_it(&service.origin.object)) else { return Vec::new() };
    let mut changes = Vec::new();
    if !service.external_ips.is_empty() {
        changes.push(Changes { claims_nothing: true, ..Changes::default() });
    }
    if service.selector.is_none() || service.kind == ServiceType::ExternalName {
        changes.push(Changes { removed: true, ..Changes::default() });
    }
    changes.into_iter().map(|changes| State::of(object, changes)).collect()
}

/// A Gateway of the hostile side that asks for addresses.
fn gateway(input: &Input<'_>, object: &ObjectRef) -> Vec<State> {
    let asks = |gateway: &Gateway| gateway.origin.object == *object && !gateway.asked.is_empty();
    let asking = input.snapshot.gateways.iter().filter(|gateway| asks(gateway));
    asking.map(|_| State::of(object, Changes { claims_nothing: true, ..Changes::default() })).collect()
}

/// The hostile side without its aliases of the other side's Services, by which a shared proxy can be led there. An alias of
/// anything else may be what its pods go by, and stays.
///
/// Source: <https://kubernetes.io/docs/concepts/services-networking/service/#externalname>.
fn without_aliases(input: &Input<'_>) -> Option<State> {
    let leads_across = |name: &str| {
        let mut labels = name.trim_end_matches('.').split('.').skip(1);
        labels.next().is_some_and(|label| input.to.contains(label)) && labels.next() == Some("svc")
    };
    let aliases = input.snapshot.services.iter().filter(|service| {
        service.kind == ServiceType::ExternalName
            && input.from.contains(input.name(service.namespace))
            && service.external_name.as_ref().is_some_and(|name| leads_across(&name.text))
    });
    let removed = Changes { removed: true, ..Changes::default() };
    let states = aliases.map(|service| State::of(&service.origin.object, removed.clone()));
    states.reduce(|all, one| all.with(&one))
}

/// The Pod Security label that keeps the pods to come of a namespace off their nodes' network. A namespace whose pods are there
/// on it keeps its level: they would not come up again.
///
/// Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/>.
fn off_the_host(input: &Input<'_>, pod: &FactPeer) -> Option<State> {
    if !pod.host_network && !pod.opened_by_node {
        return None;
    }
    let id = input.snapshot.namespace_named(&pod.namespace)?;
    let mut there = input.snapshot.pods.iter().filter(|pod| pod.namespace == id);
    if there.any(|pod| pod.host_network.is_some()) {
        return None;
    }
    kept_off(input, pod, id)
}

/// The label itself, whatever pods are there.
pub(crate) fn kept_off(input: &Input<'_>, pod: &FactPeer, id: NamespaceId) -> Option<State> {
    let namespace = input.snapshot.namespace(id);
    let object = &namespace.origin.as_ref()?.object;
    let mut labels =
        std::collections::BTreeMap::from([(PodSecurity::ENFORCE.to_owned(), "baseline".to_owned())]);
    let pinned = namespace.labels.iter().flatten().any(|(key, _)| key == PodSecurity::ENFORCE_VERSION);
    if pinned || pod.opened_by_node {
        labels.insert(PodSecurity::ENFORCE_VERSION.to_owned(), "latest".to_owned());
    }
    Some(State::of(object, Changes { labels, ..Changes::default() }))
}

/// The objects of a state that it names, each once: RoleBindings that come with an edit are not among them.
pub(crate) fn objects(state: &State) -> BTreeSet<&ObjectRef> {
    state.changes.keys().chain(state.new.keys()).collect()
}
