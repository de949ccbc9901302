//! Whether the pods of applications as they are can be created: the LimitRange of their environment makes none of them invalid, and
//! the quota of their namespace has room for all of them.
//!
//! Pods of jobs come and go, and how many a DaemonSet has is for the nodes to say: of those, none and one are counted.

use super::object::{Object, at, containers};
use crate::files::Folders;
use crate::manifest::Manifest;
use crate::rules;
use std::collections::BTreeMap;
use watertight_base::{Diagnostic, Quantity, Severity, Span};
use watertight_ingest::{Content, Tree};
use watertight_intent::{Environment, EnvironmentId, Intent, PlacedSource, Requirements, Resources, Spanned};

/// What is asked of a LimitRange and of quotas, for the namespaces into which something is put. `folders` hold what is made of short
/// forms.
pub(crate) fn check(intent: &Intent, objects: &[Object<'_>], folders: &Folders) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut namespaces: BTreeMap<(EnvironmentId, &str), Vec<&Object<'_>>> = BTreeMap::new();
    for object in objects {
        namespaces.entry((object.environment, &object.namespace)).or_default().push(object);
        if let Some(environment) = intent.environments.get(object.environment.0) {
            diagnostics.extend(invalid(object, environment));
        }
    }
    let made: Vec<&Manifest> = folders.values().flatten().collect();
    for ((id, namespace), objects) in namespaces {
        let Some(environment) = intent.environments.get(id.0) else { continue };
        let mut parts: Vec<Part> =
            objects.iter().filter_map(|object| Part::of_object(object, &objects, environment)).collect();
        parts.extend(of_short_forms(intent, id, namespace));
        diagnostics.extend(pods(&parts, environment));
        diagnostics.extend(storage(&objects, environment));
        let made = made.iter().filter(|made| {
            made.environment == environment.name.value && made.namespace.as_deref() == Some(namespace)
        });
        let kinds = made.map(|made| made.kind.name()).chain(objects.iter().map(|object| object.kind.name));
        diagnostics.extend(counts(&kinds.collect::<Vec<_>>(), namespace, environment));
    }
    diagnostics
}

/// Containers that the LimitRange makes invalid: the server refuses their pods, whatever makes them.
///
/// Source: <https://kubernetes.io/docs/concepts/policy/limit-range/#limitrange-and-admission-checks-for-pods>.
fn invalid(object: &Object<'_>, environment: &Environment) -> Vec<Diagnostic> {
    let Some(spec) = object.template().and_then(|template| template.get("spec")) else { return Vec::new() };
    // Where the pod as a whole has amounts, those of its containers are told otherwise.
    if spec.get("resources").is_some_and(|resources| resources.content != Content::Null) {
        return Vec::new();
    }
    let name = &environment.name.value;
    let mut diagnostics = Vec::new();
    for container in containers(spec) {
        let of = container.get("name").and_then(Tree::text).unwrap_or_default();
        let Requirements { requests, limits } = requirements(container).filled(&environment.limits);
        let bounds = [
            ("asks for", requests, "the limit, which it has by `limits.default`", limits),
            ("may take", limits, "`limits.max`", environment.limits.max),
        ];
        for (verb, less, bound, more) in bounds {
            for ((resource, less), (_, more)) in less.named().into_iter().zip(more.named()) {
                let (Some(less), Some(more)) = (less, more) else { continue };
                if less.value <= more.value {
                    continue;
                }
                // What stands in no file of the application is the environment's.
                let is_given = |amount: Spanned<Quantity>| amount.span.source == object.tree.span.source;
                let bound =
                    if is_given(more) { "its limit".to_owned() } else { format!("{bound} of `{name}`") };
                let message = format!(
                    "the container `{of}` of {} {verb} {} of {resource}, over {bound}: {}",
                    object.label(),
                    less.value,
                    more.value
                );
                let at = if is_given(less) { less.span } else { object.name_span };
                diagnostics.push(
                    Diagnostic::error(rules::IMPOSSIBLE_QUOTA, message)
                        .at(at, "no server takes such a pod")
                        .help(format!("give the container a limit of its own, ask for less, or raise `limits` of `{name}`")),
                );
            }
        }
    }
    diagnostics
}

/// What a container says of itself.
fn requirements(holder: &Tree) -> Requirements {
    let side = |side: &str| {
        let amount = |resource: &str| {
            let amount = at(holder, &["resources", side, resource])?;
            Some(Spanned::new(quantity(amount)?, amount.span))
        };
        Resources {
            cpu: amount("cpu"),
            memory: amount("memory"),
            ephemeral_storage: amount("ephemeral-storage"),
        }
    };
    Requirements { requests: side("requests"), limits: side("limits") }
}

fn quantity(tree: &Tree) -> Option<Quantity> {
    match &tree.content {
        Content::Text(text) => Quantity::parse(text).ok(),
        Content::Number { written, .. } => Quantity::parse(written).ok(),
        _ => None,
    }
}

fn number(tree: Option<&Tree>) -> Option<u64> {
    match &tree?.content {
        Content::Number { whole, .. } => whole.and_then(|whole| u64::try_from(whole).ok()),
        _ => None,
    }
}

/// Amounts of cpu, memory and ephemeral storage.
type Amounts = [Quantity; 3];

/// Pods that are the same.
struct Part {
    requests: Amounts,
    limits: Amounts,
    count: u64,
    /// Whether another version of them needs room for one more.
    surges: bool,
    at: Span,
}

impl Part {
    /// The pods that an object makes, if it makes some that stay. `others` are in its namespace.
    fn of_object(object: &Object<'_>, others: &[&Object<'_>], environment: &Environment) -> Option<Self> {
        let spec = object.template()?.get("spec")?;
        let count = match object.kind.name {
            "Pod" | "DaemonSet" => 1,
            "Deployment" | "StatefulSet" | "ReplicaSet" => {
                let scaled = others.iter().find_map(|other| scaled_to(other, object));
                scaled.or_else(|| number(object.at(&["spec", "replicas"]))).unwrap_or(1)
            }
            _ => return None,
        };
        let side = |of: fn(Requirements) -> Resources| {
            let whole = of(requirements(spec)).named();
            let each = amounts(spec, |container| of(requirements(container).filled(&environment.limits)));
            [0, 1, 2].map(|index| whole[index].1.map_or(each[index], |amount| amount.value))
        };
        Some(Self {
            requests: side(|filled| filled.requests),
            limits: side(|filled| filled.limits),
            count,
            surges: object.is("Deployment") && count > 0 && !makes_room(object, count),
            at: object.name_span,
        })
    }
}

/// To how many pods something is scaled at least, if an object says it: how many more there may be, the quota is free to bound.
fn scaled_to(scaler: &Object<'_>, scaled: &Object<'_>) -> Option<u64> {
    let target = scaler.at(&["spec", "scaleTargetRef"]).filter(|_| scaler.is("HorizontalPodAutoscaler"))?;
    let is = |key: &str, text: &str| target.get(key).and_then(Tree::text) == Some(text);
    let is_it = is("kind", scaled.kind.name) && is("name", scaled.name);
    is_it.then(|| number(scaler.at(&["spec", "minReplicas"])).unwrap_or(1))
}

/// Whether the rollout of a Deployment takes a pod away before it makes another.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable>: 25% by default, rounded down.
fn makes_room(deployment: &Object<'_>, count: u64) -> bool {
    if deployment.at(&["spec", "strategy", "type"]).and_then(Tree::text) == Some("Recreate") {
        return true;
    }
    let share = |text: &str| text.strip_suffix('%')?.parse::<u64>().ok().map(|share| count * share / 100);
    let given = deployment.at(&["spec", "strategy", "rollingUpdate", "maxUnavailable"]);
    let unavailable = match given.map(|given| &given.content) {
        Some(Content::Text(text)) => share(text),
        Some(_) => number(given),
        None => Some(count / 4),
    };
    unavailable.is_none_or(|pods| pods > 0)
}

/// What a pod takes: its containers together, or more while it begins.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers>.
fn amounts(spec: &Tree, of: impl Fn(&Tree) -> Resources) -> Amounts {
    let of = |container: &Tree| {
        of(container).named().map(|(_, amount)| amount.map_or(Quantity::ZERO, |it| it.value))
    };
    let plus = |one: Amounts, other: Amounts| [0, 1, 2].map(|index| one[index].plus(other[index]));
    let elements = |field: &str| spec.get(field).map(Tree::elements).unwrap_or_default();
    let (mut beside, mut most) = ([Quantity::ZERO; 3], [Quantity::ZERO; 3]);
    for container in elements("initContainers") {
        let with = plus(beside, of(container));
        most = [0, 1, 2].map(|index| most[index].max(with[index]));
        if container.get("restartPolicy").and_then(Tree::text) == Some("Always") {
            beside = with;
        }
    }
    let running = elements("containers").iter().fold(beside, |sum, container| plus(sum, of(container)));
    [0, 1, 2].map(|index| most[index].max(running[index]))
}

/// The pods of applications in their short form.
fn of_short_forms(intent: &Intent, id: EnvironmentId, namespace: &str) -> Vec<Part> {
    let Some(environment) = intent.environments.get(id.0) else { return Vec::new() };
    let placed = intent.applications.iter().flat_map(|application| &application.placements);
    let here =
        placed.filter(|placement| placement.environment == id && placement.namespace.value == namespace);
    let part = |source: &PlacedSource| {
        let PlacedSource::Workload(workload) = source else { return None };
        let Requirements { requests, limits } = workload.resources.filled(&environment.limits);
        let values = |resources: Resources| {
            resources.named().map(|(_, amount)| amount.map_or(Quantity::ZERO, |amount| amount.value))
        };
        Some(Part {
            requests: values(requests),
            limits: values(limits),
            count: u64::from(workload.scaling.min.value),
            surges: true,
            at: workload.scaling.min.span,
        })
    };
    here.filter_map(|placement| part(&placement.source)).collect()
}

/// Whether a quota has room for pods, and for one more of those that need it for another version.
fn pods(parts: &[Part], environment: &Environment) -> Vec<Diagnostic> {
    let quota = &environment.quota;
    let mut diagnostics = Vec::new();
    let mut check = |bound: Option<Spanned<Quantity>>, what: &str, of: &dyn Fn(&Part) -> Quantity| {
        let Some(bound) = bound else { return };
        let sum = parts.iter().fold(Quantity::ZERO, |sum, part| sum.plus(of(part).times(part.count)));
        let more = parts.iter().filter(|part| part.surges).map(of).max().unwrap_or(Quantity::ZERO);
        let Some(largest) = parts.iter().max_by_key(|part| of(part).times(part.count)) else { return };
        let with_more = sum.plus(more);
        if sum > bound.value {
            diagnostics.push(over(what, sum, bound.value, environment, largest.at));
        } else if with_more > bound.value {
            let what = format!("{what} with one pod more, which a rollout needs,");
            let found = over(&what, with_more, bound.value, environment, largest.at);
            diagnostics.push(Diagnostic { severity: Severity::Warning, ..found });
        }
    };
    for index in 0..3 {
        let (name, requests) = quota.requests.named()[index];
        check(requests, &format!("requests of {name}"), &|part| part.requests[index]);
        check(quota.limits.named()[index].1, &format!("limits of {name}"), &|part| part.limits[index]);
    }
    let bound = quota.objects.iter().find(|(sort, _)| *sort == "pods");
    let bound = bound.map(|(_, bound)| Spanned::new(Quantity::units(bound.value), bound.span));
    check(bound, "pods", &|_| Quantity::units(1));
    diagnostics
}

/// Whether a quota has room for the volumes that are asked for.
fn storage(objects: &[&Object<'_>], environment: &Environment) -> Option<Diagnostic> {
    let bound = environment.quota.storage?;
    let asked = |claim: &Tree| at(claim, &["spec", "resources", "requests", "storage"]).and_then(quantity);
    let mut claims: Vec<(Quantity, Span)> = Vec::new();
    for object in objects {
        if object.is("PersistentVolumeClaim") {
            claims.extend(asked(object.tree).map(|storage| (storage, object.name_span)));
        } else if object.is("StatefulSet") {
            let replicas = number(object.at(&["spec", "replicas"])).unwrap_or(1);
            let templates =
                object.at(&["spec", "volumeClaimTemplates"]).map(Tree::elements).unwrap_or_default();
            let each = templates.iter().filter_map(asked);
            claims.extend(each.map(|storage| (storage.times(replicas), object.name_span)));
        }
    }
    let sum = claims.iter().fold(Quantity::ZERO, |sum, (storage, _)| sum.plus(*storage));
    let (_, largest) = claims.iter().max_by_key(|(storage, _)| *storage)?;
    (sum > bound.value).then(|| over("requests of storage", sum, bound.value, environment, *largest))
}

fn over(what: &str, sum: Quantity, bound: Quantity, environment: &Environment, at: Span) -> Diagnostic {
    let name = &environment.name.value;
    let message = format!("in `{name}` the {what} come to {sum}, over the quota of {bound}");
    Diagnostic::error(rules::IMPOSSIBLE_QUOTA, message)
        .at(at, "the largest part")
        .help(format!("ask for less, or raise `quota` of `{name}`"))
}

/// What a quota calls the objects of a kind.
fn sort(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "ConfigMap" => "configmaps",
        "CronJob" => "cronjobs.batch",
        "DaemonSet" => "daemonsets.apps",
        "Deployment" => "deployments.apps",
        "GRPCRoute" => "grpcroutes.gateway.networking.k8s.io",
        "HTTPRoute" => "httproutes.gateway.networking.k8s.io",
        "HorizontalPodAutoscaler" => "horizontalpodautoscalers.autoscaling",
        "Ingress" => "ingresses.networking.k8s.io",
        "Job" => "jobs.batch",
        "PersistentVolumeClaim" => "persistentvolumeclaims",
        "PodDisruptionBudget" => "poddisruptionbudgets.policy",
        "Secret" => "secrets",
        "Service" => "services",
        "StatefulSet" => "statefulsets.apps",
        _ => return None,
    })
}

/// Whether a quota has room for so many objects.
fn counts(kinds: &[&str], namespace: &str, environment: &Environment) -> Vec<Diagnostic> {
    let name = &environment.name.value;
    let mut diagnostics = Vec::new();
    for (counted, bound) in &environment.quota.objects {
        // Each namespace has a ConfigMap `kube-root-ca.crt`, which the cluster puts there.
        let own = u64::from(*counted == "configmaps");
        let wanted = kinds.iter().map(|kind| u64::from(sort(kind) == Some(counted))).sum::<u64>();
        if wanted == 0 || wanted + own <= bound.value {
            continue;
        }
        let with = if own > 0 { ", and the cluster's own" } else { "" };
        let message = format!(
            "applications become {wanted} {counted} in `{namespace}` of `{name}`{with}, over the quota of {}",
            bound.value
        );
        diagnostics.push(
            Diagnostic::error(rules::IMPOSSIBLE_QUOTA, message)
                .at(bound.span, format!("no room for {}", wanted + own))
                .help(format!("raise `{counted}` in the quota of `{name}`")),
        );
    }
    diagnostics
}
