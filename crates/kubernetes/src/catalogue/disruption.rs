//! Disruption: stopping pods, or having too many of them.

use super::workloads::{CUSTOM_WORKLOADS, WORKLOADS};
use crate::primitive::{ActsAs, CREATE, DELETE, EDIT, EVER, Need, Primitive, WRITE};
use watertight_model::Gain;

/// One that stops pods.
const fn stops(
    rule: &'static str,
    needs: &'static [Need],
    does: &'static str,
    fix: &'static str,
) -> Primitive {
    Primitive { rule, needs, gain: Gain::StopsPods, acts_as: ActsAs::Nobody, versions: EVER, does, fix }
}

const PIPELINE: &str = "let only production's own pipeline and autoscalers do that there";

pub(super) const ROWS: &[Primitive] = &[
    stops("delete-pods", &[Need::namespaced(DELETE, &[("", "pods")])], "stop the pods of {}", PIPELINE),
    stops(
        "delete-pods",
        &[Need::namespaced(&[CREATE], &[("", "pods/eviction")])],
        "evict the pods of {}, as far as their disruption budgets allow",
        PIPELINE,
    ),
    stops(
        "delete-workloads",
        &[Need::namespaced(DELETE, WORKLOADS)],
        "delete the workloads of {}, and so stop their pods",
        PIPELINE,
    ),
    stops(
        "delete-workloads",
        &[Need::namespaced(DELETE, CUSTOM_WORKLOADS)],
        "delete the workloads of {}, and so stop their pods",
        PIPELINE,
    ),
    // `*/scale` means every kind that can be scaled.
    stops(
        "scale-workloads",
        &[Need::namespaced(
            EDIT,
            &[
                ("apps", "deployments/scale"),
                ("apps", "statefulsets/scale"),
                ("apps", "replicasets/scale"),
                ("", "replicationcontrollers/scale"),
                ("argoproj.io", "rollouts/scale"),
                ("apps.kruise.io", "clonesets/scale"),
                ("apps.kruise.io", "statefulsets/scale"),
                ("apps.openshift.io", "deploymentconfigs/scale"),
                ("leaderworkerset.x-k8s.io", "leaderworkersets/scale"),
            ],
        )],
        "scale the workloads of {}, down to nothing or up to what the quota allows",
        PIPELINE,
    ),
    stops(
        "scale-workloads",
        &[Need::namespaced(
            WRITE,
            &[
                ("autoscaling", "horizontalpodautoscalers"),
                ("autoscaling.k8s.io", "verticalpodautoscalers"),
                ("keda.sh", "scaledobjects"),
            ],
        )],
        "have autoscalers scale the workloads of {}, down to what is too little or up to what the quota allows",
        PIPELINE,
    ),
    // Below what a container uses, its memory limit kills it. Tried on 1.36.
    Primitive {
        rule: "resize-pods",
        needs: &[Need::namespaced(EDIT, &[("", "pods/resize")])],
        gain: Gain::StopsPods,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "change what CPU and memory the pods of {} have, while they run",
        fix: PIPELINE,
    },
];
