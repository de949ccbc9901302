//! What is there today: what all pods of a namespace ask for, and how many objects there are.

use super::bounds::{Amounts, RESOURCES, quantity};
use super::inventory::{EnvironmentIndex, Inventory, Object, at};
use super::pods::{Moment, Pods};
use std::collections::BTreeMap;
use watertight_base::Quantity;
use watertight_ingest::{Content, Tree};
use watertight_intent::{Environment, Resources};

/// The Jobs of a CronJob that are there at a time: the finished ones that are kept where it does not say how many, and the one that runs.
///
/// Source: `successfulJobsHistoryLimit` and `failedJobsHistoryLimit` of
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/>.
const JOBS_OF_CRON: [(&str, u64); 2] = [("successfulJobsHistoryLimit", 3), ("failedJobsHistoryLimit", 1)];

/// The versions of a Deployment besides its own that are kept where it does not say how many, each as a ReplicaSet.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#clean-up-policy>.
const REVISIONS: u64 = 10;

/// What all pods of a namespace ask for and may take, and what their volumes ask for.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) requests: Amounts,
    pub(crate) limits: Amounts,
    pub(crate) storage: Option<Quantity>,
}

impl Sums {
    /// The greatest sums of a namespace of an environment at a moment, where a container without amounts has the defaults.
    pub(crate) fn greatest(
        inventory: &Inventory<'_>,
        environment: EnvironmentIndex,
        moment: Moment,
        defaults: &Environment,
    ) -> Self {
        let mut by_namespace: BTreeMap<&str, Self> = BTreeMap::new();
        for object in inventory.of(environment) {
            let sums = by_namespace.entry(object.namespace.unwrap_or_default()).or_default();
            for (claim, number) in claims(object, inventory, moment) {
                let asked = at(claim, &["spec", "resources", "requests", "storage"]).and_then(quantity);
                let Some(asked) = asked.map(|asked| asked.times(number)) else { continue };
                sums.storage = Some(sums.storage.map_or(asked, |sum| sum.plus(asked)));
            }
            if let Some(pods) = Pods::of(object, inventory) {
                sums.add(&pods, pods.number(moment), defaults);
            }
        }
        let mut greatest = Self::default();
        for sums in by_namespace.into_values() {
            for (own, other) in [(&mut greatest.requests, sums.requests), (&mut greatest.limits, sums.limits)]
            {
                for (name, sum) in other {
                    let known = own.entry(name).or_insert(sum);
                    *known = (*known).max(sum);
                }
            }
            greatest.storage = greatest.storage.max(sums.storage);
        }
        greatest
    }

    fn add(&mut self, pods: &Pods<'_>, number: u64, defaults: &Environment) {
        let default = |resources: Resources, name: &str| {
            let mut named = resources.named().into_iter();
            named.find(|(known, _)| *known == name).and_then(|(_, amount)| Some(amount?.value))
        };
        for name in RESOURCES {
            let limit = |container: &Tree| said(container, "limits", name);
            let request = |container: &Tree| said(container, "requests", name).or_else(|| limit(container));
            let of_defaults = &defaults.limits;
            let requested = pods.take(&|it| request(it).or(default(of_defaults.default_request, name)));
            let limited = pods.take(&|it| limit(it).or(default(of_defaults.default, name)));
            for (sums, amount) in [(&mut self.requests, requested), (&mut self.limits, limited)] {
                let Some(amount) = amount else { continue };
                let sum = sums.entry(name).or_insert(Quantity::ZERO);
                *sum = sum.plus(amount.times(number));
            }
        }
    }
}

/// What a container says that it asks for (`requests`) or may take (`limits`).
pub(crate) fn said(container: &Tree, side: &str, name: &str) -> Option<Quantity> {
    at(container, &["resources", side, name]).and_then(quantity)
}

/// Claims to volumes that an object is, or that come with its pods, each with how many there are.
fn claims<'t>(object: &Object<'t>, inventory: &Inventory<'t>, moment: Moment) -> Vec<(&'t Tree, u64)> {
    if object.is("", "PersistentVolumeClaim") {
        return vec![(object.tree, 1)];
    }
    let Some(pods) = Pods::of(object, inventory) else { return Vec::new() };
    let templates = object.at(&["spec", "volumeClaimTemplates"]).filter(|_| object.is("apps", "StatefulSet"));
    let volumes = pods.spec.get("volumes").map(Tree::elements).unwrap_or_default().iter();
    let of_volumes = volumes.filter_map(|volume| at(volume, &["ephemeral", "volumeClaimTemplate"]));
    let claims = templates.map(Tree::elements).unwrap_or_default().iter().chain(of_volumes);
    claims.map(|claim| (claim, pods.number(moment))).collect()
}

/// Whether a container of the object has no limit of its cores or its memory.
pub(crate) fn containers_without_limits(object: &Object<'_>, inventory: &Inventory<'_>) -> bool {
    let Some(pods) = Pods::of(object, inventory) else { return false };
    let lacks = |container: &Tree| {
        ["cpu", "memory"].iter().any(|name| at(container, &["resources", "limits", name]).is_none())
    };
    pods.containers().any(lacks)
}

/// The most objects of a sort, as a ResourceQuota counts it, in a namespace of an environment.
pub(crate) fn count(
    inventory: &Inventory<'_>,
    environment: EnvironmentIndex,
    sort: &str,
    moment: Moment,
) -> u64 {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for object in inventory.of(environment) {
        let count = counts.entry(object.namespace.unwrap_or_default()).or_default();
        *count = count.saturating_add(counts_as(object, inventory, sort, moment));
    }
    let most = counts.into_values().max().unwrap_or_default();
    // Each namespace has one with the certificates of its cluster: <https://kubernetes.io/docs/reference/labels-annotations-taints/>
    // knows it as `kube-root-ca.crt`.
    if sort == "configmaps" { most + 1 } else { most }
}

/// How many of a sort an object is. Services with ports of nodes or with load balancers come to no environment.
fn counts_as(object: &Object<'_>, inventory: &Inventory<'_>, sort: &str, moment: Moment) -> u64 {
    let is = |group: &str, kind: &str| u64::from(object.is(group, kind));
    match sort {
        "configmaps" => is("", "ConfigMap"),
        "cronjobs.batch" => is("batch", "CronJob"),
        "daemonsets.apps" => is("apps", "DaemonSet"),
        "deployments.apps" => is("apps", "Deployment"),
        "grpcroutes.gateway.networking.k8s.io" => is("gateway.networking.k8s.io", "GRPCRoute"),
        "horizontalpodautoscalers.autoscaling" => is("autoscaling", "HorizontalPodAutoscaler"),
        "httproutes.gateway.networking.k8s.io" => is("gateway.networking.k8s.io", "HTTPRoute"),
        "ingresses.networking.k8s.io" => is("networking.k8s.io", "Ingress"),
        "jobs.batch" if object.is("batch", "CronJob") => {
            let kept = |(key, default): (&str, u64)| match object.at(&["spec", key]).map(|it| &it.content) {
                Some(Content::Number { whole: Some(number), .. }) => u64::try_from(*number).unwrap_or(0),
                _ => default,
            };
            JOBS_OF_CRON.into_iter().map(kept).fold(1, u64::saturating_add)
        }
        "jobs.batch" => is("batch", "Job"),
        "persistentvolumeclaims" => {
            let numbers = claims(object, inventory, moment).into_iter().map(|(_, number)| number);
            numbers.fold(0, u64::saturating_add)
        }
        "poddisruptionbudgets.policy" => is("policy", "PodDisruptionBudget"),
        "pods" => Pods::of(object, inventory).map_or(0, |pods| pods.number(moment)),
        "replicasets.apps" if object.is("apps", "Deployment") => {
            let kept = object.at(&["spec", "revisionHistoryLimit"]).map(|it| &it.content);
            let kept = match kept {
                Some(Content::Number { whole: Some(number), .. }) => u64::try_from(*number).unwrap_or(0),
                _ => REVISIONS,
            };
            kept.saturating_add(1)
        }
        "replicasets.apps" => is("apps", "ReplicaSet"),
        "secrets" => is("", "Secret"),
        "services" => is("", "Service"),
        "statefulsets.apps" => is("apps", "StatefulSet"),
        "tlsroutes.gateway.networking.k8s.io" => is("gateway.networking.k8s.io", "TLSRoute"),
        _ => 0,
    }
}
