//! What is there today: what all pods of a namespace ask for, scaled to the most, and how many objects there are. It is no less than what
//! `compile` counts (`rules/impossible-quota.md`).

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
        let mut by_namespace: BTreeMap<&str, (Self, Self)> = BTreeMap::new();
        for object in inventory.of(environment) {
            let Some((spec, pods)) = pods(inventory, environment, object) else { continue };
            let (sums, largest) = by_namespace.entry(object.namespace.unwrap_or_default()).or_default();
            let mut each = Self::default();
            containers(spec).for_each(|container| each.add(container, defaults));
            // In a rollout, a new pod comes before an old one goes.
            if object.is("apps", "Deployment") {
                largest.raise(&each, |known, one| known.max(one));
            }
            sums.raise(&each, |known, one| known.plus(one.times(pods)));
        }
        let mut greatest = Self::default();
        for (mut sums, largest) in by_namespace.into_values() {
            sums.raise(&largest, Quantity::plus);
            greatest.raise(&sums, |known, sum| known.max(sum));
        }
        greatest
    }

    /// Puts more in the place of each amount, by that of others.
    fn raise(&mut self, others: &Self, more: impl Fn(Quantity, Quantity) -> Quantity) {
        for (own, others) in [(&mut self.requests, &others.requests), (&mut self.limits, &others.limits)] {
            for (name, other) in others {
                let known = own.entry(name).or_insert(Quantity::ZERO);
                *known = more(*known, *other);
            }
        }
    }

    fn add(&mut self, container: &Tree, defaults: &Environment) {
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
                *sum = sum.plus(amount);
            }
        }
    }
}

/// The containers of pods, also those that end before the others begin: as if they ran at the same time.
fn containers(spec: &Tree) -> impl Iterator<Item = &Tree> {
    let fields = ["initContainers", "containers"].into_iter().filter_map(|field| spec.get(field));
    fields.flat_map(Tree::elements)
}

fn number(tree: &Tree) -> Option<u64> {
    match &tree.content {
        Content::Number { whole: Some(number), .. } => Some(u64::try_from(*number).unwrap_or(0)),
        _ => None,
    }
}

/// The specification of an object's pods, and how many there are at most; nothing if it makes none, or if another object makes it. A
/// DaemonSet is counted as one.
fn pods<'t>(
    inventory: &Inventory<'t>,
    environment: EnvironmentIndex,
    object: &Object<'t>,
) -> Option<(&'t Tree, u64)> {
    let (spec, pods) = template(object)?;
    let is_scaler = |other: &&Object<'t>| {
        let is = |key: &str, text: &str| {
            other.at(&["spec", "scaleTargetRef", key]).and_then(Tree::text) == Some(text)
        };
        other.is("autoscaling", "HorizontalPodAutoscaler")
            && other.namespace == object.namespace
            && is("name", object.name)
            && is("kind", object.kind)
    };
    let scaler = inventory.of(environment).find(is_scaler);
    let most = scaler.and_then(|scaler| scaler.at(&["spec", "maxReplicas"])).and_then(number);
    Some((spec, most.unwrap_or(pods).min(1_000_000)))
}

/// The specification of an object's pods, and how many it asks for itself.
fn template<'t>(object: &Object<'t>) -> Option<(&'t Tree, u64)> {
    let (_, _, spec, replicas) = WORKLOADS.iter().find(|(group, kind, _, _)| object.is(group, kind))?;
    if object.at(&["metadata", "ownerReferences"]).is_some_and(|owners| !owners.elements().is_empty()) {
        return None;
    }
    let replicas = if replicas.is_empty() { None } else { object.at(replicas) };
    Some((object.at(spec)?, replicas.and_then(number).unwrap_or(1)))
}

/// The most of each resource that a container asks for that has no limit of it.
pub(crate) fn without_limits(inventory: &Inventory<'_>, environment: EnvironmentIndex) -> Amounts {
    let mut most = Amounts::new();
    for (spec, _) in inventory.of(environment).filter_map(template) {
        for container in containers(spec) {
            for name in RESOURCES {
                let asked = at(container, &["resources", "requests", name]).and_then(quantity);
                let is_bound = at(container, &["resources", "limits", name]).is_some();
                if let (Some(asked), false) = (asked, is_bound) {
                    let known = most.entry(name).or_insert(asked);
                    *known = (*known).max(asked);
                }
            }
        }
    }
    most
}

/// The most bytes of volumes that are asked for in a namespace of an environment.
pub(crate) fn storage(inventory: &Inventory<'_>, environment: EnvironmentIndex) -> Quantity {
    let asked = |claim: &Tree| at(claim, &["spec", "resources", "requests", "storage"]).and_then(quantity);
    let mut sums: BTreeMap<&str, Quantity> = BTreeMap::new();
    for object in inventory.of(environment) {
        let mut add = |storage: Quantity| {
            let sum = sums.entry(object.namespace.unwrap_or_default()).or_insert(Quantity::ZERO);
            *sum = sum.plus(storage);
        };
        if object.is("", "PersistentVolumeClaim") {
            let storage = object.at(&["spec", "resources", "requests", "storage"]).and_then(quantity);
            storage.into_iter().for_each(&mut add);
        } else if object.is("apps", "StatefulSet") {
            let replicas = object.at(&["spec", "replicas"]).and_then(number).unwrap_or(1);
            let claims = object.at(&["spec", "volumeClaimTemplates"]).map(Tree::elements).unwrap_or_default();
            claims.iter().filter_map(asked).for_each(|storage| add(storage.times(replicas)));
        }
    }
    sums.into_values().max().unwrap_or(Quantity::ZERO)
}

/// Whether a container of the object has no limit of its cores or its memory.
pub(crate) fn containers_without_limits(object: &Object<'_>) -> bool {
    let Some((spec, _)) = template(object) else { return false };
    let lacks = |container: &Tree| {
        ["cpu", "memory"].iter().any(|name| at(container, &["resources", "limits", name]).is_none())
    };
    spec.get("containers").map(Tree::elements).unwrap_or_default().iter().any(lacks)
}

/// The most objects of a sort, as a ResourceQuota counts it, in a namespace of an environment.
pub(crate) fn count(inventory: &Inventory<'_>, environment: EnvironmentIndex, sort: &str) -> u64 {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for object in inventory.of(environment) {
        let pods = || pods(inventory, environment, object).map_or(0, |(_, pods)| pods);
        let counted = if sort == "pods" { pods() } else { counts_as(object, sort) };
        *counts.entry(object.namespace.unwrap_or_default()).or_default() += counted;
    }
    // One pod more for a rollout, and the ConfigMap that the cluster puts into each namespace.
    let more = u64::from(["configmaps", "pods"].contains(&sort));
    counts.into_values().max().map_or(0, |most| most + more)
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
        "secrets" => is("", "Secret"),
        "services" => is("", "Service"),
        _ => 0,
    }
}
