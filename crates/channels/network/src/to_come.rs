//! Pods that could be created, as a map shows them: for each namespace one without labels, and one for each selector that
//! would select it and selects none of today's.

use crate::view::{Certainty, View};
use std::collections::BTreeSet;
use std::sync::Arc;
use watertight_base::{Labels, Selector};
use watertight_model::{
    NamespaceId, NamespaceScope, Origin, PeerKind, Pod, PodState, Replicas, Scheduling, TierPeerKind,
    WorkloadRef,
};

/// The pods, by namespace and labels.
pub(crate) fn pods_to_come(view: &View<'_>) -> Vec<Pod> {
    let mut pods = Vec::new();
    for id in view.snapshot.namespace_ids() {
        let namespace = view.snapshot.namespace(id);
        let Some(origin) = namespace.origin.as_ref().or(namespace.first_seen.as_ref()) else { continue };
        pods.extend(labels_to_come(view, id).into_iter().map(|labels| pod(id, labels, origin)));
    }
    pods
}

/// The labels by which a new pod of a namespace would be another than those that are there.
fn labels_to_come(view: &View<'_>, namespace: NamespaceId) -> BTreeSet<Labels> {
    let pods = view.snapshot.pods.iter().filter(|pod| pod.namespace == namespace);
    let there: Vec<&Labels> = pods.map(|pod| &pod.labels).collect();
    let Some(anything) = view.creatable.labels(namespace) else { return BTreeSet::new() };
    let new = selectors_about(view, namespace).into_iter().filter_map(|selector| {
        let selects_one = there.iter().any(|labels| selector.matches(labels));
        anything.select(selector).filter(|_| !selects_one).map(|selected| selected.witness())
    });
    new.chain(std::iter::once(anything.witness())).collect()
}

/// The selectors of pods that could mean a pod of a namespace.
fn selectors_about<'a>(view: &View<'a>, namespace: NamespaceId) -> BTreeSet<&'a Selector> {
    let mut selectors = BTreeSet::new();
    for policy in &view.snapshot.policies {
        let is_own = policy.namespace == namespace;
        selectors.extend(is_own.then_some(&policy.subject));
        let rules = policy.ingress.iter().chain(&policy.egress);
        for peer in rules.flat_map(|rule| rule.peers.iter().flatten()) {
            if let PeerKind::Pods { namespaces, pods, .. } = &peer.kind
                && match namespaces {
                    NamespaceScope::Own => is_own,
                    NamespaceScope::Selected(scope) => {
                        view.namespace_certainty(scope, namespace) != Certainty::No
                    }
                }
            {
                selectors.insert(pods);
            }
        }
    }
    for policy in &view.snapshot.cluster_policies {
        let peers = policy.ingress.iter().chain(&policy.egress).flat_map(|rule| &rule.peers);
        let peers = peers.filter_map(|peer| match &peer.kind {
            TierPeerKind::Pods { namespaces, pods } => Some((namespaces, pods)),
            _ => None,
        });
        for (scope, pods) in peers.chain([(&policy.subject.namespaces, &policy.subject.pods)]) {
            let means = view.namespace_certainty(scope, namespace) != Certainty::No;
            selectors.extend(means.then_some(pods));
        }
    }
    selectors
}

fn pod(namespace: NamespaceId, labels: Labels, origin: &Origin) -> Pod {
    Pod {
        origin: origin.clone(),
        namespace,
        workload: WorkloadRef { kind: "Pod".to_owned(), name: String::new() },
        template: "",
        labels,
        labels_span: origin.span,
        host_network: None,
        ports: Vec::new(),
        containers: Arc::default(),
        dialed: Vec::new(),
        networks: Vec::new(),
        addresses: Vec::new(),
        node_addresses: Vec::new(),
        scheduling: Scheduling::default(),
        replicas: Replicas::One,
        state: PodState::Active,
        is_passing: false,
    }
}
