//! The Deployment of an application, and how many pods it has: scaled by a HorizontalPodAutoscaler, and kept while nodes are
//! drained by a PodDisruptionBudget.

use super::placed::{Placed, servers_of};
use super::pod::{self, members, number};
use crate::manifest::{Kind, Manifest, Serves};
use watertight_yaml::{Value, mapping};

/// The Deployment. It has no `replicas` where an autoscaler sets them, so that applying it anew undoes nothing:
/// <https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#migrating-deployments-and-statefulsets-to-horizontal-autoscaling>.
pub(super) fn deployment(placed: &Placed<'_>) -> Manifest {
    let scaling = placed.workload.scaling;
    let mut spec = Vec::new();
    if scaling.min.value == scaling.max.value {
        spec.push(("replicas", number(scaling.min.value)));
    }
    let rolling = mapping([("maxSurge", "25%".into()), ("maxUnavailable", number(0))]);
    spec.push(("strategy", mapping([("type", "RollingUpdate".into()), ("rollingUpdate", rolling)])));
    spec.push(("selector", servers_of(placed.name())));
    spec.push(("template", pod::server(placed)));
    let asked_by = placed.workload.image.span;
    placed.manifest(Kind::Deployment, Serves::Workload, asked_by, vec![("spec", members(spec))])
}

/// The autoscaler, if there may be more pods than the least number.
pub(super) fn autoscaler(placed: &Placed<'_>) -> Option<Manifest> {
    let scaling = placed.workload.scaling;
    if scaling.max.value <= scaling.min.value {
        return None;
    }
    let target = mapping([
        ("apiVersion", "apps/v1".into()),
        ("kind", "Deployment".into()),
        ("name", placed.name().into()),
    ]);
    let share = mapping([("type", "Utilization".into()), ("averageUtilization", number(scaling.cpu.value))]);
    let metric = mapping([
        ("type", "Resource".into()),
        ("resource", mapping([("name", "cpu".into()), ("target", share)])),
    ]);
    let spec = mapping([
        ("scaleTargetRef", target),
        ("minReplicas", number(scaling.min.value)),
        ("maxReplicas", number(scaling.max.value)),
        ("metrics", Value::List(vec![metric])),
    ]);
    let asked_by = scaling.max.span;
    Some(placed.manifest(Kind::HorizontalPodAutoscaler, Serves::Workload, asked_by, vec![("spec", spec)]))
}

/// One pod at a time is taken away on purpose, if another one is there. A pod that does not become ready holds up nobody:
/// <https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy>.
pub(super) fn disruption_budget(placed: &Placed<'_>) -> Option<Manifest> {
    let min = placed.workload.scaling.min;
    if min.value < 2 {
        return None;
    }
    let spec = mapping([
        ("maxUnavailable", number(1)),
        ("unhealthyPodEvictionPolicy", "AlwaysAllow".into()),
        ("selector", servers_of(placed.name())),
    ]);
    Some(placed.manifest(Kind::PodDisruptionBudget, Serves::Workload, min.span, vec![("spec", spec)]))
}
