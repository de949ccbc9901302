//! The two ends of a crossing as facts speak of them: pods of today, and pods that could be created.

use crate::view::View;
use std::collections::BTreeMap;
use watertight_base::Labels;
use watertight_model::{FactPeer, NamespaceId, Pod, PodState};

/// The pods of a namespace that live (rule N55), with their indices.
pub(crate) fn pods_in<'v>(
    view: &'v View<'_>,
    namespace: NamespaceId,
) -> impl Iterator<Item = (usize, &'v Pod)> {
    let pods = &view.snapshot.pods;
    let start = pods.partition_point(|pod| pod.namespace < namespace);
    let within = pods[start..].iter().take_while(move |pod| pod.namespace == namespace);
    within
        .enumerate()
        .map(move |(offset, pod)| (start + offset, pod))
        .filter(|(_, pod)| pod.state != PodState::Finished)
}

/// A pod of today.
pub(crate) fn today(view: &View<'_>, index: usize) -> FactPeer {
    let pod = &view.snapshot.pods[index];
    let namespace = &view.snapshot.namespace(pod.namespace).name;
    FactPeer {
        namespace: namespace.clone(),
        namespace_labels: Labels::new(),
        pod: Some(index),
        name: format!("{} {namespace}/{}", pod.workload.kind, pod.workload.name),
        labels: pod.labels.clone(),
        host_network: pod.host_network.is_some(),
        named_ports: BTreeMap::new(),
        address: None,
        behind_node: false,
        opened_by_node: false,
    }
}

/// A pod that could be created.
pub(crate) fn future(
    view: &View<'_>,
    namespace: NamespaceId,
    labels: Labels,
    assumed: &Option<Labels>,
) -> FactPeer {
    let namespace = &view.snapshot.namespace(namespace).name;
    FactPeer {
        namespace: namespace.clone(),
        namespace_labels: assumed.clone().unwrap_or_default(),
        pod: None,
        name: format!("a new pod in {namespace}"),
        labels,
        host_network: false,
        named_ports: BTreeMap::new(),
        address: None,
        behind_node: false,
        opened_by_node: false,
    }
}

/// Any pod that could be created, if one could.
pub(crate) fn any_future(view: &View<'_>, namespace: NamespaceId) -> Option<FactPeer> {
    let labels = view.creatable.labels(namespace)?.witness();
    Some(future(view, namespace, labels, &None))
}

/// A pod of today or, where there is none, any that could be created.
pub(crate) fn some_pod(view: &View<'_>, namespace: NamespaceId) -> Option<FactPeer> {
    match pods_in(view, namespace).next() {
        Some((index, _)) => Some(today(view, index)),
        None => any_future(view, namespace),
    }
}

/// A pod that could be created and whose probe names another host, unless Pod Security or a policy refuses it: its node dials that
/// host for it.
pub(crate) fn future_with_probe_host(view: &View<'_>, namespace: NamespaceId) -> Option<FactPeer> {
    let admits = view.admitted(namespace).probe_hosts && view.creatable.admits_probe_host(namespace);
    let pod = any_future(view, namespace)?;
    (view.profile.nodes && admits).then(|| FactPeer {
        opened_by_node: true,
        name: format!("a new pod with a probe of another host in {}", pod.namespace),
        ..pod
    })
}

/// A pod on the host network that could be created, unless Pod Security or a policy refuses it. A namespace without an object
/// of its own may enforce nothing.
pub(crate) fn future_on_host_network(view: &View<'_>, namespace: NamespaceId) -> Option<FactPeer> {
    let admits = view.admitted(namespace).host_network && view.creatable.admits_host_network(namespace);
    let pod = any_future(view, namespace)?;
    (view.profile.nodes && admits).then(|| FactPeer {
        host_network: true,
        name: format!("a new hostNetwork pod in {}", pod.namespace),
        ..pod
    })
}
