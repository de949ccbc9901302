//! What an environment may take: quotas, limits, and whose pods come first.

use crate::manifest::{Kind, Manifest, Serves};
use watertight_base::Span;
use watertight_intent::{Environment, Intent, Isolation, Preemption, Resources, Spanned};
use watertight_yaml::{Value, mapping, texts};

/// Classes that every cluster has, which come before all others.
///
/// Source: <https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/>.
const OF_THE_SYSTEM: [&str; 2] = ["system-cluster-critical", "system-node-critical"];

/// The PriorityClass of an environment in a shared cluster. Alone in its cluster, an environment needs none.
pub(crate) fn priority_class(environment: &Environment) -> Option<Manifest> {
    if environment.isolation.value == Isolation::Cluster {
        return None;
    }
    let policy = match environment.priority.preemption_policy.value {
        Preemption::PreemptLowerPriority => "PreemptLowerPriority",
        Preemption::Never => "Never",
    };
    let name = &environment.name.value;
    Some(Manifest {
        kind: Kind::PriorityClass,
        namespace: None,
        name: name.clone(),
        environment: name.clone(),
        labels: Vec::new(),
        annotations: Vec::new(),
        serves: Serves::Capacity,
        asked_by: environment.priority.value.span,
        body: vec![
            ("value", Value::Integer(i64::from(environment.priority.value.value))),
            ("preemptionPolicy", policy.into()),
            ("description", format!("Pods of the environment {name}.").into()),
        ],
    })
}

/// The LimitRange and the ResourceQuotas of each namespace.
pub(crate) fn bounds(intent: &Intent, environment: &Environment) -> Vec<Manifest> {
    let mut manifests = Vec::new();
    for namespace in &environment.namespaces {
        let bound = |kind: Kind, name: &str, asked_by: Span, spec: Value| Manifest {
            kind,
            namespace: Some(namespace.value.clone()),
            name: name.to_owned(),
            environment: environment.name.value.clone(),
            labels: Vec::new(),
            annotations: Vec::new(),
            serves: Serves::Capacity,
            asked_by,
            body: vec![("spec", spec)],
        };
        manifests.push(bound(
            Kind::LimitRange,
            "containers",
            asked(&environment.limits.default, environment),
            limits(environment),
        ));
        if let Some((hard, at)) = hard(environment) {
            manifests.push(bound(Kind::ResourceQuota, "environment", at, mapping([("hard", hard)])));
        }
        if let Some(spec) = no_higher_priority(intent, environment) {
            manifests.push(bound(
                Kind::ResourceQuota,
                "no-higher-priority",
                environment.priority.value.span,
                spec,
            ));
        }
    }
    manifests
}

/// The place of the first amount.
fn asked(resources: &Resources, environment: &Environment) -> Span {
    let first = resources.named().into_iter().find_map(|(_, amount)| amount);
    first.map_or(environment.name.span, |amount| amount.span)
}

/// Amounts as a ResourceList.
pub(crate) fn amounts(resources: &Resources) -> Value {
    let named = resources.named().into_iter();
    Value::Mapping(
        named
            .filter_map(|(name, amount)| {
                Some((name.to_owned(), amount?.value.up_to_milli().to_string().into()))
            })
            .collect(),
    )
}

fn limits(environment: &Environment) -> Value {
    let limits = &environment.limits;
    let mut item = vec![
        ("type".to_owned(), Value::from("Container")),
        ("default".to_owned(), amounts(&limits.default)),
        ("defaultRequest".to_owned(), amounts(&limits.default_request)),
    ];
    if limits.max != Resources::default() {
        item.push(("max".to_owned(), amounts(&limits.max)));
    }
    mapping([("limits", Value::List(vec![Value::Mapping(item)]))])
}

/// All that is bounded in a namespace, and the place of the first of it; `None` if nothing is.
fn hard(environment: &Environment) -> Option<(Value, Span)> {
    let quota = &environment.quota;
    let mut hard: Vec<(String, Spanned<String>)> = Vec::new();
    for (side, resources) in [("requests", &quota.requests), ("limits", &quota.limits)] {
        for (name, amount) in resources.named() {
            let Some(amount) = amount else { continue };
            hard.push((
                format!("{side}.{name}"),
                Spanned::new(amount.value.up_to_milli().to_string(), amount.span),
            ));
        }
    }
    if let Some(storage) = quota.storage {
        hard.push((
            "requests.storage".to_owned(),
            Spanned::new(storage.value.up_to_milli().to_string(), storage.span),
        ));
    }
    for (name, count) in &quota.objects {
        // Sorts of a group have no older name.
        let is_of_a_group = name.contains('.') && !name.starts_with("services.");
        let key = if is_of_a_group { format!("count/{name}") } else { (*name).to_owned() };
        hard.push((key, Spanned::new(count.value.to_string(), count.span)));
    }
    hard.sort_by(|(one, _), (other, _)| one.cmp(other));
    let at = hard.iter().map(|(_, amount)| amount.span).min()?;
    Some((Value::Mapping(hard.into_iter().map(|(key, amount)| (key, amount.value.into())).collect()), at))
}

/// No pod of the environment takes a class that comes before its own.
///
/// Source: <https://kubernetes.io/docs/concepts/policy/resource-quotas/#resource-quota-per-priorityclass>.
fn no_higher_priority(intent: &Intent, environment: &Environment) -> Option<Value> {
    if environment.isolation.value == Isolation::Cluster {
        return None;
    }
    let own = environment.priority.value.value;
    let higher = intent
        .environments
        .iter()
        .filter(|other| other.cluster == environment.cluster && other.priority.value.value > own);
    let mut classes: Vec<&str> = higher.map(|other| other.name.value.as_str()).chain(OF_THE_SYSTEM).collect();
    classes.sort_unstable();
    let requirement = mapping([
        ("scopeName", "PriorityClass".into()),
        ("operator", "In".into()),
        ("values", texts(classes)),
    ]);
    Some(mapping([
        ("hard", mapping([("pods", "0".into())])),
        ("scopeSelector", mapping([("matchExpressions", Value::List(vec![requirement]))])),
    ]))
}
