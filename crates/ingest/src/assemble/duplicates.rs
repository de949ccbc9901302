//! The same object given twice: alike, it is one object; else nobody knows which one is meant.

use super::blind_spots::of_unclear;
use crate::context::Unclear;
use crate::read::{Body, Found, ReadClusterPolicy};
use crate::rules;
use std::collections::{BTreeMap, HashMap};
use watertight_base::{Diagnostic, SourceId, Span};
use watertight_model::{BlindSpot, Origin, PeerKind, Places, TierPeerKind};

/// Keeps one of each object that is given alike, and none of those that are given differently.
pub(crate) fn merge(
    found: Vec<Found>,
    diagnostics: &mut Vec<Diagnostic>,
    blind_spots: &mut Vec<BlindSpot>,
) -> Vec<Found> {
    let first = first_of_each(&found);
    // Where each of them went.
    let mut places: Vec<usize> = Vec::with_capacity(found.len());
    let mut kept: Vec<Found> = Vec::with_capacity(found.len());
    let mut ambiguous: BTreeMap<usize, Unclear> = BTreeMap::new();
    for (number, (object, first)) in found.into_iter().zip(first).enumerate() {
        if first == number {
            places.push(kept.len());
            kept.push(object);
            continue;
        }
        let index = places[first];
        places.push(index);
        let name = &object.origin.object;
        let earlier = &kept[index];
        let label = "given here again".to_owned();
        if same(earlier, &object) {
            let message = format!("{name} is given more than once, alike each time");
            let help = "remove all but one";
            diagnostics.push(
                Diagnostic::warning(rules::DUPLICATE_OBJECT, message).at(object.place, label).help(help),
            );
        } else {
            let message = format!("{name} is given more than once, and not alike");
            let help = "keep the one that is meant: none of them is used";
            diagnostics.push(
                Diagnostic::error(rules::AMBIGUOUS_OBJECT, message.clone())
                    .at(object.place, label)
                    .help(help),
            );
            let span = object.place;
            ambiguous.entry(index).or_insert(Unclear {
                rule: rules::AMBIGUOUS_OBJECT,
                reason: message,
                span,
                help: help.to_owned(),
            });
        }
    }
    for (index, unclear) in ambiguous {
        let object = &mut kept[index];
        // What was unclear before stays a blind spot of its own.
        if let (Body::Unclear(before), None) = (&object.body, object.not_evaluated) {
            blind_spots.push(of_unclear(&object.origin, before));
        }
        object.body = Body::Unclear(unclear);
    }
    kept
}

/// For each object the number of the first one of its name: its own, if there is none before it.
fn first_of_each(found: &[Found]) -> Vec<usize> {
    let mut first: HashMap<(&str, Option<&str>, &str), usize> = HashMap::with_capacity(found.len());
    let numbered = found.iter().enumerate().map(|(number, object)| {
        let name = &object.origin.object;
        // Of other kinds only the kind counts, so that two of one name are no riddle.
        if object.generated || name.name.is_empty() || matches!(object.body, Body::Other(_)) {
            return number;
        }
        // A kind has one group among those that are evaluated, so that the version does not tell objects apart.
        *first.entry((&name.kind, name.namespace.as_deref(), &name.name)).or_insert(number)
    });
    numbered.collect()
}

/// Whether two objects of one name say the same, wherever it stands.
fn same(a: &Found, b: &Found) -> bool {
    // Two that are not understood may differ in anything.
    if matches!(a.body, Body::Unclear(_)) || matches!(b.body, Body::Unclear(_)) {
        return false;
    }
    placeless(a.clone()) == placeless(b.clone())
}

const NOWHERE: Span = Span { source: SourceId(0), start: 0, end: 0 };

/// The object without the places that it was read from, and without what only a live one has.
fn placeless(mut object: Found) -> Found {
    forget(&mut object.origin);
    object.place = NOWHERE;
    let origin = object.origin.clone();
    let nowhere = &mut |span: &mut Span| *span = NOWHERE;
    match &mut object.body {
        Body::Namespace(labels, _) => {
            labels.span = None;
            labels.spans.clear();
        }
        Body::Node(read) => read.node.origin = origin,
        Body::Pod(pod) => forget_body(&mut pod.body),
        Body::Workload(workload) => forget_body(&mut workload.body),
        Body::Service(service) => {
            service.origin = origin;
            service.each_place(nowhere);
        }
        Body::Endpoints(endpoints) => {
            endpoints.origin = origin;
            endpoints.each_place(nowhere);
        }
        Body::Ingress(ingress) => {
            ingress.origin = origin;
            ingress.each_place(nowhere);
        }
        Body::IngressClass(class) => class.origin = origin,
        Body::GatewayClass(class) => class.origin = origin,
        Body::Gateway(gateway) => {
            gateway.origin = origin;
            gateway.each_place(nowhere);
        }
        Body::ListenerSet(set) => {
            set.origin = origin;
            set.each_place(nowhere);
        }
        Body::Route(route) => {
            route.origin = origin;
            route.each_place(nowhere);
        }
        Body::ReferenceGrant(grant) => {
            grant.origin = origin;
            grant.each_place(nowhere);
        }
        Body::NetworkAttachment(network) => network.origin = origin,
        Body::Policy(policy) => {
            policy.origin = origin;
            policy.subject_span = NOWHERE;
            policy.types_span = None;
            for rule in policy.ingress.iter_mut().chain(&mut policy.egress) {
                rule.span = NOWHERE;
                rule.ports.iter_mut().flatten().for_each(|port| port.span = NOWHERE);
                for peer in rule.peers.iter_mut().flatten() {
                    peer.span = NOWHERE;
                    if let PeerKind::IpBlock { except, .. } = &mut peer.kind {
                        except.sort_unstable();
                    }
                }
            }
        }
        Body::ClusterPolicy(read) => forget_cluster_policy(read, origin),
        Body::Role(role) => {
            role.object = origin.object;
            role.each_place(nowhere);
        }
        Body::RoleBinding(binding) => {
            binding.object = origin.object;
            binding.each_place(nowhere);
        }
        Body::ServiceAccount(account) => {
            account.object = origin.object;
            account.each_place(nowhere);
        }
        Body::Secret(secret) => {
            secret.object = origin.object;
            secret.each_place(nowhere);
        }
        Body::ConfigMap(settings) => {
            settings.object = origin.object;
            settings.each_place(nowhere);
        }
        Body::CustomResource(resource) => {
            resource.origin = origin;
            resource.conversion.each_place(nowhere);
        }
        Body::Webhooks(configuration) => {
            configuration.origin = origin;
            configuration.each_place(nowhere);
        }
        Body::MutatingPolicy(policy) => policy.origin = origin,
        Body::MutatingPolicyBinding(binding) => {
            binding.origin = origin;
            binding.each_place(nowhere);
        }
        Body::ApiService(service) => {
            service.origin = origin;
            service.called.each_place(nowhere);
        }
        Body::AdmissionPolicy(policy) => {
            policy.origin = origin;
            policy.each_place(nowhere);
        }
        Body::AdmissionPolicyBinding(binding) => {
            binding.origin = origin;
            binding.each_place(nowhere);
        }
        Body::Unclear(_) | Body::Other(_) => {}
    }
    object
}

fn forget(origin: &mut Origin) {
    origin.span = NOWHERE;
    origin.object.uid = None;
    origin.object.api_version.clear();
}

fn forget_cluster_policy(read: &mut ReadClusterPolicy, origin: Origin) {
    read.priority_span = None;
    read.unknown_peers.iter_mut().for_each(|unclear| unclear.span = NOWHERE);
    let policy = &mut read.policy;
    policy.origin = origin;
    policy.subject.span = NOWHERE;
    for rule in policy.ingress.iter_mut().chain(&mut policy.egress) {
        rule.span = NOWHERE;
        rule.ports.iter_mut().flatten().for_each(|port| port.span = NOWHERE);
        for peer in &mut rule.peers {
            peer.span = NOWHERE;
            match &mut peer.kind {
                TierPeerKind::Networks(networks) => networks.sort_unstable(),
                TierPeerKind::DomainNames(names) => names.sort_unstable(),
                TierPeerKind::Pods { .. } | TierPeerKind::Nodes(_) | TierPeerKind::Unknown => {}
            }
        }
    }
}

fn forget_body(body: &mut crate::read::PodBody) {
    body.labels_span = NOWHERE;
    body.host_network = body.host_network.map(|_| NOWHERE);
    let nowhere = &mut |span: &mut Span| *span = NOWHERE;
    body.networks.each_place(nowhere);
    body.dialed.each_place(nowhere);
    body.environment.each_place(nowhere);
    for port in body.ports.iter_mut().filter_map(|port| port.host_port.as_mut()) {
        port.span = NOWHERE;
    }
}
