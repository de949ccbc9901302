//! On which nodes a pod can be, as far as the snapshot says: a plain reading of the scheduler's walls.
//!
//! What does not surely keep a pod away does not keep it away. Pods that do not exist yet go everywhere: whoever creates
//! them writes their selectors and tolerations.

use crate::matching::all_hold;
use std::collections::BTreeSet;
use watertight_base::Labels;
use watertight_model::{Node, Pod, Snapshot, Taint, TaintEffect};

/// A node that is still to come, or that the snapshot does not hold.
pub const UNSEEN_NODE: &str = "a-node-that-the-input-does-not-hold";

/// The nodes on which a pod of the snapshot, or one that does not exist yet (`None`), can be.
#[must_use]
pub fn nodes_of(snapshot: &Snapshot, pod: Option<usize>) -> Vec<String> {
    let mut nodes = all_nodes(snapshot);
    nodes.retain(|node| can_be_on(snapshot, pod, node) && (node != UNSEEN_NODE || !has_home(snapshot, pod)));
    nodes.into_iter().collect()
}

/// A node on which both can be. On a node whose labels are not known, two node selectors that want different values of
/// one label are never met together.
#[must_use]
pub fn meeting_point(snapshot: &Snapshot, one: Option<usize>, other: Option<usize>) -> Option<String> {
    let one_selector = node_selector(snapshot, one);
    let other_selector = node_selector(snapshot, other);
    let selectors_agree =
        one_selector.iter().all(|(key, value)| other_selector.get(key).is_none_or(|wanted| wanted == value));
    all_nodes(snapshot).into_iter().find(|node| {
        let labels_are_known = find(snapshot, node).is_some();
        // A node that is still to come takes only pods that wait for one.
        let awaited = node != UNSEEN_NODE || (!has_home(snapshot, one) && !has_home(snapshot, other));
        can_be_on(snapshot, one, node)
            && can_be_on(snapshot, other, node)
            && awaited
            && (labels_are_known || selectors_agree)
    })
}

/// Every node that the snapshot speaks of, by an object or since a pod runs on it, and one that is still to come.
fn all_nodes(snapshot: &Snapshot) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = snapshot.nodes.iter().map(|node| node.name.clone()).collect();
    names.extend(snapshot.pods.iter().filter_map(|pod| pod.scheduling.node_name.clone()));
    names.insert(UNSEEN_NODE.to_owned());
    names
}

/// Whether a node that the snapshot holds takes the pod. If none does, the pod waits for one that is still to come.
fn has_home(snapshot: &Snapshot, pod: Option<usize>) -> bool {
    match pod.and_then(|index| snapshot.pods.get(index)) {
        None => false,
        Some(pod) if pod.scheduling.node_name.is_some() => true,
        Some(pod) => snapshot.nodes.iter().any(|node| scheduler_admits(pod, node)),
    }
}

fn find<'a>(snapshot: &'a Snapshot, name: &str) -> Option<&'a Node> {
    snapshot.nodes.iter().find(|node| node.name == name)
}

/// The node selector that the scheduler looks at; it does not look at a pod whose node is written.
fn node_selector(snapshot: &Snapshot, pod: Option<usize>) -> Labels {
    match pod.and_then(|index| snapshot.pods.get(index)) {
        Some(pod) if pod.scheduling.node_name.is_none() => pod.scheduling.node_selector.clone(),
        _ => Labels::new(),
    }
}

fn can_be_on(snapshot: &Snapshot, pod: Option<usize>, name: &str) -> bool {
    let Some(pod) = pod.and_then(|index| snapshot.pods.get(index)) else {
        return true;
    };
    if let Some(written) = &pod.scheduling.node_name {
        return written == name;
    }
    match find(snapshot, name) {
        Some(node) => scheduler_admits(pod, node),
        None => true,
    }
}

fn scheduler_admits(pod: &Pod, node: &Node) -> bool {
    let scheduling = &pod.scheduling;
    let selected = scheduling.node_selector.iter().all(|(key, value)| node.labels.get(key) == Some(value));
    let attracted = match &scheduling.node_affinity {
        None => true,
        Some(terms) => terms.iter().any(|term| all_hold(term, &node.labels)),
    };
    selected && attracted && node.taints.iter().all(|taint| !is_wall(taint) || is_tolerated(pod, taint))
}

/// Taints under `node.kubernetes.io/` follow a node's condition: they come and go, and pods that are there may stay.
fn is_wall(taint: &Taint) -> bool {
    taint.effect != TaintEffect::PreferNoSchedule && !taint.key.starts_with("node.kubernetes.io/")
}

fn is_tolerated(pod: &Pod, taint: &Taint) -> bool {
    pod.scheduling.tolerations.iter().any(|toleration| {
        let key = match &toleration.key {
            Some(key) => *key == taint.key,
            None => toleration.exists,
        };
        let value = toleration.exists || toleration.value == taint.value;
        let effect = toleration.effect.is_none_or(|effect| effect == taint.effect);
        key && value && effect
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{self, Cluster};
    use watertight_model::{Scheduling, Toleration};

    fn pod(name: &str, scheduling: Scheduling) -> Pod {
        Pod { scheduling, ..build::pod(name, &[]) }
    }

    fn selecting(pool: &str) -> Scheduling {
        Scheduling { node_selector: build::labels(&[("pool", pool)]), ..Scheduling::default() }
    }

    fn node(name: &str, pool: &str, taints: &[(&str, TaintEffect)]) -> Node {
        let taints = taints
            .iter()
            .map(|&(key, effect)| Taint { key: key.to_owned(), value: String::new(), effect })
            .collect();
        Node { labels: build::labels(&[("pool", pool)]), taints, ..build::node(name) }
    }

    #[test]
    fn selectors_taints_and_written_nodes_keep_pods_away() {
        let toleration = Toleration {
            key: Some("prod-only".to_owned()),
            exists: true,
            value: String::new(),
            effect: None,
        };
        let snapshot = Cluster::new()
            .node(node("n1", "a", &[]))
            .node(node("n2", "b", &[("prod-only", TaintEffect::NoSchedule)]))
            .node(node("n3", "b", &[("soft", TaintEffect::PreferNoSchedule)]))
            .node(node("n4", "b", &[("node.kubernetes.io/unschedulable", TaintEffect::NoSchedule)]))
            .pod("a", pod("a-any", Scheduling::default()))
            .pod("a", pod("b-pool", selecting("b")))
            .pod("a", pod("c-tolerant", Scheduling { tolerations: vec![toleration], ..selecting("b") }))
            .pod("a", pod("d-bound", Scheduling { node_name: Some("n2".to_owned()), ..selecting("a") }))
            .snapshot();
        let nodes = [0, 1, 2, 3].map(|index| nodes_of(&snapshot, Some(index)).join(" "));
        assert_eq!(nodes, ["n1 n3 n4", "n3 n4", "n2 n3 n4", "n2"]);
        assert_eq!(
            nodes_of(&snapshot, None).join(" "),
            format!("{UNSEEN_NODE} n1 n2 n3 n4"),
            "a future pod tolerates what it likes"
        );
        assert_eq!(meeting_point(&snapshot, Some(0), Some(3)), None);
        assert_eq!(meeting_point(&snapshot, Some(2), Some(3)), Some("n2".to_owned()));
    }

    #[test]
    fn without_nodes_only_a_contradiction_keeps_pods_apart() {
        let snapshot = Cluster::new()
            .pod("a", pod("a-one", selecting("a")))
            .pod("a", pod("b-two", selecting("b")))
            .pod("a", pod("c-any", Scheduling::default()))
            .snapshot();
        assert_eq!(meeting_point(&snapshot, Some(0), Some(1)), None);
        assert_eq!(meeting_point(&snapshot, Some(0), Some(2)), Some(UNSEEN_NODE.to_owned()));
        assert_eq!(meeting_point(&snapshot, Some(0), None), Some(UNSEEN_NODE.to_owned()));
    }
}
