//! Which pods can be on one node: from there on, policies do not decide (rule N35).

use crate::view::View;
use watertight_model::{Node, Pod, Taint, TaintEffect, Toleration};

/// Where two pods can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meeting<'a> {
    /// Surely on one node: both name it.
    Surely(&'a str),
    /// Perhaps, on this node of the input or on one that is not known.
    Perhaps(Option<&'a str>),
    /// Nowhere.
    Never,
}

impl View<'_> {
    /// Whether two pods can be on one node, as the scheduler places them today.
    pub(crate) fn meeting<'p>(&'p self, one: &'p Pod, other: &'p Pod) -> Meeting<'p> {
        match (one.scheduling.node_name.as_deref(), other.scheduling.node_name.as_deref()) {
            (Some(one), Some(other)) if one == other => Meeting::Surely(one),
            (Some(_), Some(_)) => Meeting::Never,
            (Some(name), None) => self.visit(other, name),
            (None, Some(name)) => self.visit(one, name),
            (None, None) => {
                // Pods that fit no node of the input wait for one that is still to come.
                if !self.has_home(one) && !self.has_home(other) {
                    return if want_one_node(one, other) { Meeting::Perhaps(None) } else { Meeting::Never };
                }
                let shared = self.snapshot.nodes.iter().find(|node| admits(node, one) && admits(node, other));
                shared.map_or(Meeting::Never, |node| Meeting::Perhaps(Some(&node.name)))
            }
        }
    }

    /// Whether a pod that the scheduler is still to place can come to the node of that name.
    fn visit<'p>(&'p self, pod: &Pod, name: &'p str) -> Meeting<'p> {
        match self.snapshot.nodes.iter().find(|node| node.name == name) {
            Some(node) if !admits(node, pod) => Meeting::Never,
            _ => Meeting::Perhaps(Some(name)),
        }
    }

    /// Whether a pod without a fixed node may be on this one.
    pub(crate) fn may_run_on(pod: &Pod, node: &Node) -> bool {
        admits(node, pod)
    }

    /// Whether a node of the input admits the pod.
    fn has_home(&self, pod: &Pod) -> bool {
        self.snapshot.nodes.iter().any(|node| admits(node, pod))
    }
}

/// Whether some node could have the labels that both select by.
fn want_one_node(one: &Pod, other: &Pod) -> bool {
    let other = &other.scheduling.node_selector;
    one.scheduling
        .node_selector
        .iter()
        .all(|(key, value)| other.get(key).is_none_or(|wanted| wanted == value))
}

/// Whether the scheduler may place the pod on the node: nodeSelector, required node affinity, taints.
fn admits(node: &Node, pod: &Pod) -> bool {
    let scheduling = &pod.scheduling;
    let selected = scheduling.node_selector.iter().all(|(key, value)| node.labels.get(key) == Some(value));
    let near = scheduling.node_affinity.as_ref().is_none_or(|terms| {
        terms.iter().any(|term| term.iter().all(|requirement| requirement.matches(&node.labels)))
    });
    let tolerated = node.taints.iter().all(|taint| {
        taint.effect == TaintEffect::PreferNoSchedule
            || scheduling.tolerations.iter().any(|toleration| tolerates(toleration, taint))
            // These follow the node's condition: they come and go, and pods that are there may stay.
            || taint.key.starts_with("node.kubernetes.io/")
    });
    selected && near && tolerated
}

/// Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/>.
fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let key = match &toleration.key {
        None => toleration.exists,
        Some(key) => *key == taint.key,
    };
    key && toleration.effect.is_none_or(|effect| effect == taint.effect)
        && (toleration.exists || toleration.value == taint.value)
}
