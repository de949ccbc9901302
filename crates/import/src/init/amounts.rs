//! What is there today: what all pods of a namespace ask for, and how many objects there are.

use super::bounds::{Amounts, RESOURCES, quantity};
use super::inventory::{EnvironmentIndex, Inventory, Object, at};
use std::collections::BTreeMap;
use watertight_base::Quantity;
use watertight_ingest::{Content, Tree};
use watertight_intent::{Environment, Resources};

/// The kinds of workloads, each with the path to the specification of its pods and that to their number.
const WORKLOADS: [(&str, &str, &[&str], &[&str]); 8] = [
    ("", "Pod", &["spec"], &[]),
    ("apps", "Deployment", &["spec", "template", "spec"], &["spec", "replicas"]),
    ("apps", "ReplicaSet", &["spec", "template", "spec"], &["spec", "replicas"]),
    ("apps", "StatefulSet", &["spec", "template", "spec"], &["spec", "replicas"]),
    ("apps", "DaemonSet", &["spec", "template", "spec"], &[]),
    ("batch", "Job", &["spec", "template", "spec"], &["spec", "parallelism"]),
    ("batch", "CronJob", &["spec", "jobTemplate", "spec", "template", "spec"], &[]),
    ("", "ReplicationController", &["spec", "template", "spec"], &["spec", "replicas"]),
];

/// What all pods of a namespace ask for and may take.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) requests: Amounts,
    pub(crate) limits: Amounts,
}

impl Sums {
    /// The greatest sums of a namespace of an environment, where a container without amounts has the defaults.
    pub(crate) fn greatest(
        inventory: &Inventory<'_>,
        environment: EnvironmentIndex,
        defaults: &Environment,
    ) -> Self {
        let mut by_namespace: BTreeMap<&str, Self> = BTreeMap::new();
        for object in inventory.of(environment) {
            let Some((spec, pods)) = pods(object) else { continue };
            let sums = by_namespace.entry(object.namespace.unwrap_or_default()).or_default();
            for container in spec.get("containers").map(Tree::elements).unwrap_or_default() {
                sums.add(container, pods, defaults);
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
        }
        greatest
    }

    fn add(&mut self, container: &Tree, pods: u64, defaults: &Environment) {
        let written = |side: &str, name: &str| at(container, &["resources", side, name]).and_then(quantity);
        let default = |resources: Resources, name: &str| {
            let mut named = resources.named().into_iter();
            named.find(|(known, _)| *known == name).and_then(|(_, amount)| Some(amount?.value))
        };
        for name in RESOURCES {
            let limit = written("limits", name);
            let request = written("requests", name).or(limit);
            let sides = [
                (&mut self.requests, request.or_else(|| default(defaults.limits.default_request, name))),
                (&mut self.limits, limit.or_else(|| default(defaults.limits.default, name))),
            ];
            for (sums, amount) in sides {
                let Some(amount) = amount else { continue };
                let sum = sums.entry(name).or_insert(Quantity::ZERO);
                *sum = sum.plus(amount.times(pods));
            }
        }
    }
}

/// The specification of an object's pods, and how many there are; nothing if it makes none, or if another object makes it. A
/// DaemonSet is counted as one.
fn pods<'t>(object: &Object<'t>) -> Option<(&'t Tree, u64)> {
    let known = WORKLOADS.iter().find(|(group, kind, _, _)| object.is(group, kind));
    let (_, _, spec, number) = known?;
    if object.at(&["metadata", "ownerReferences"]).is_some_and(|owners| !owners.elements().is_empty()) {
        return None;
    }
    let number = if number.is_empty() { None } else { object.at(number) };
    let number = match number.map(|number| &number.content) {
        Some(Content::Number { whole: Some(number), .. }) => u64::try_from(*number).unwrap_or(0),
        _ => 1,
    };
    Some((object.at(spec)?, number.min(1_000_000)))
}

/// Whether a container of the object has no limit of its cores or its memory.
pub(crate) fn containers_without_limits(object: &Object<'_>) -> bool {
    let Some((spec, _)) = pods(object) else { return false };
    let lacks = |container: &Tree| {
        ["cpu", "memory"].iter().any(|name| at(container, &["resources", "limits", name]).is_none())
    };
    spec.get("containers").map(Tree::elements).unwrap_or_default().iter().any(lacks)
}

/// The most objects of a sort, as a ResourceQuota counts it, in a namespace of an environment.
pub(crate) fn count(inventory: &Inventory<'_>, environment: EnvironmentIndex, sort: &str) -> u64 {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for object in inventory.of(environment) {
        *counts.entry(object.namespace.unwrap_or_default()).or_default() += counts_as(object, sort);
    }
    counts.into_values().max().unwrap_or_default()
}

/// How many of a sort an object is. Services with ports of nodes or with load balancers come to no environment.
fn counts_as(object: &Object<'_>, sort: &str) -> u64 {
    let is = |group: &str, kind: &str| u64::from(object.is(group, kind));
    match sort {
        "configmaps" => is("", "ConfigMap"),
        "cronjobs.batch" => is("batch", "CronJob"),
        "deployments.apps" => is("apps", "Deployment"),
        "ingresses.networking.k8s.io" => is("networking.k8s.io", "Ingress"),
        "jobs.batch" => is("batch", "Job"),
        "persistentvolumeclaims" => is("", "PersistentVolumeClaim"),
        "pods" => pods(object).map_or(0, |(_, pods)| pods),
        "secrets" => is("", "Secret"),
        "services" => is("", "Service"),
        _ => 0,
    }
}
