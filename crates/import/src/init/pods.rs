//! The pods of an object: how many there are at a moment, and what one of them takes.

use super::inventory::{Inventory, Object};
use watertight_base::Quantity;
use watertight_ingest::{Content, Tree};

/// The kinds of workloads, each with the path to the specification of its pods and that to their number.
const WORKLOADS: [(&str, &str, &[&str], &[&str]); 8] = [
    ("", "Pod", &["spec"], &[]),
    ("apps", "Deployment", &["spec", "template", "spec"], &["spec", "replicas"]),
    ("apps", "ReplicaSet", &["spec", "template", "spec"], &["spec", "replicas"]),
    ("apps", "StatefulSet", &["spec", "template", "spec"], &["spec", "replicas"]),
    ("apps", "DaemonSet", &["spec", "template", "spec"], &[]),
    ("batch", "Job", &["spec", "template", "spec"], &["spec", "parallelism"]),
    (
        "batch",
        "CronJob",
        &["spec", "jobTemplate", "spec", "template", "spec"],
        &["spec", "jobTemplate", "spec", "parallelism"],
    ),
    ("", "ReplicationController", &["spec", "template", "spec"], &["spec", "replicas"]),
];

/// The most pods of an object that are counted.
const PODS_MAX: u64 = 1_000_000;

/// How many more pods a Deployment has while it is rolled out, where it does not say, in percent.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-surge>.
const SURGE: u64 = 25;

/// When pods are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// When all has started.
    Start,
    /// When all is scaled to the most, and a rollout has begun everywhere.
    Most,
}

/// The pods of an object.
pub(crate) struct Pods<'t> {
    /// The specification of one.
    pub(crate) spec: &'t Tree,
    least: u64,
    most: u64,
}

impl<'t> Pods<'t> {
    /// The pods of an object; nothing if it makes none, or if another object makes it. A DaemonSet is counted as one pod, since
    /// nobody says how many nodes there are.
    pub(crate) fn of(object: &Object<'t>, inventory: &Inventory<'t>) -> Option<Self> {
        let known = WORKLOADS.iter().find(|(group, kind, _, _)| object.is(group, kind));
        let (_, _, spec, number) = known?;
        if object.at(&["metadata", "ownerReferences"]).is_some_and(|owners| !owners.elements().is_empty()) {
            return None;
        }
        let spec = object.at(spec)?;
        let replicas = if number.is_empty() { None } else { object.at(number) };
        let replicas = replicas.map_or(1, |replicas| whole(replicas).unwrap_or(1));
        let scaled = inventory.objects.iter().find(|other| scales(other, object));
        let bound = |key: &str| scaled.and_then(|scaler| scaler.at(&["spec", key])).and_then(whole);
        let least = bound("minReplicas").or(scaled.map(|_| 1)).unwrap_or(replicas);
        let most = bound("maxReplicas").unwrap_or(replicas).max(least);
        let most = most.saturating_add(surge(object, most));
        Some(Self { spec, least: least.min(PODS_MAX), most: most.min(PODS_MAX) })
    }

    /// How many there are.
    pub(crate) fn number(&self, moment: Moment) -> u64 {
        match moment {
            Moment::Start => self.least,
            Moment::Most => self.most,
        }
    }

    /// The containers of one of them, those that start before the others too.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &'t Tree> {
        let spec = self.spec;
        let of = move |key: &str| spec.get(key).map(Tree::elements).unwrap_or_default().iter();
        of("initContainers").chain(of("containers"))
    }

    /// What one of them takes of something of which each container takes so much: what those take that run together, or the most
    /// that is taken before, whichever is more.
    ///
    /// Source: <https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers>.
    pub(crate) fn take(&self, of: &dyn Fn(&Tree) -> Option<Quantity>) -> Option<Quantity> {
        let elements = |key: &str| self.spec.get(key).map(Tree::elements).unwrap_or_default();
        let (mut stay, mut before): (Option<Quantity>, Option<Quantity>) = (None, None);
        let plus = |one: Option<Quantity>, other: Option<Quantity>| match (one, other) {
            (Some(one), Some(other)) => Some(one.plus(other)),
            (one, other) => one.or(other),
        };
        for container in elements("initContainers") {
            let with_it = plus(stay, of(container));
            before = before.max(with_it);
            // One that is restarted stays beside the others.
            if container.get("restartPolicy").and_then(Tree::text) == Some("Always") {
                stay = with_it;
            }
        }
        let together = elements("containers").iter().fold(stay, |sum, container| plus(sum, of(container)));
        together.max(before)
    }
}

/// Whether an object scales another one.
fn scales(scaler: &Object<'_>, object: &Object<'_>) -> bool {
    let target = |key: &str| scaler.at(&["spec", "scaleTargetRef", key]).and_then(Tree::text);
    scaler.is("autoscaling", "HorizontalPodAutoscaler")
        && scaler.namespace == object.namespace
        && scaler.environment == object.environment
        && target("kind") == Some(object.kind)
        && target("name") == Some(object.name)
}

/// How many more pods an object has while it is rolled out.
fn surge(object: &Object<'_>, pods: u64) -> u64 {
    let (strategy, default) = match (object.group, object.kind) {
        ("apps", "Deployment") => ("strategy", SURGE),
        ("apps", "DaemonSet") => ("updateStrategy", 0),
        _ => return 0,
    };
    let strategy = object.at(&["spec", strategy]);
    let kind = strategy.and_then(|strategy| strategy.get("type")).and_then(Tree::text);
    if kind.is_some_and(|kind| kind != "RollingUpdate") {
        return 0;
    }
    let percent = |percent: u64| pods.saturating_mul(percent).div_ceil(100);
    let said = strategy.and_then(|strategy| strategy.get("rollingUpdate")?.get("maxSurge"));
    let Some(said) = said else { return percent(default) };
    let share = said.text().and_then(|text| text.strip_suffix('%')).and_then(|text| text.parse().ok());
    share.map(percent).or_else(|| whole(said)).unwrap_or_else(|| percent(default))
}

/// A whole number that is not negative.
fn whole(tree: &Tree) -> Option<u64> {
    match &tree.content {
        Content::Number { whole: Some(number), .. } => u64::try_from(*number).ok(),
        _ => None,
    }
}
