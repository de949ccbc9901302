//! Room for what runs: limits that are no less than requests, and quotas into which an environment fits.

use crate::draft::Draft;
use crate::notes::Notes;
use crate::workload::{Amount, Workload, owned};
use watertight_base::Quantity;
use watertight_intent::Environment;
use watertight_yaml::{Value, mapping};

/// Makes amounts fit, and says where that changes something.
pub(crate) fn fit(draft: &mut Draft, workloads: &mut [Workload], notes: &mut Notes) {
    let Some(bare) = draft.bare() else { return };
    for workload in workloads.iter_mut() {
        requests_below_limits(workload, &bare.environments, notes);
    }
    for environment in &bare.environments {
        let wanted = quota(environment, workloads, notes);
        let own = draft.environments.iter_mut().find(|own| own.name == environment.name.value);
        if let (Some(own), false) = (own, wanted.is_empty()) {
            own.fields.push(("quota", owned(wanted)));
        }
    }
}

/// No request is over its limit, be it written or the default of an environment.
fn requests_below_limits(workload: &mut Workload, environments: &[Environment], notes: &mut Notes) {
    let name = workload.name.clone();
    let least = |of: fn(&Environment) -> Option<Quantity>| environments.iter().filter_map(of).min();
    let cpu = least(|environment| Some(environment.limits.default.cpu?.value));
    let memory = least(|environment| Some(environment.limits.default.memory?.value));
    let resources = &mut workload.resources;
    let pairs: [(&str, &mut Amount, &mut Amount, Option<Quantity>); 2] = [
        ("cpu", &mut resources.requests.cpu, &mut resources.limits.cpu, cpu),
        ("memory", &mut resources.requests.memory, &mut resources.limits.memory, memory),
    ];
    for (what, request, limit, default) in pairs {
        let Some((asked, span)) = *request else { continue };
        match (*limit, default) {
            (Some((most, _)), _) if asked > most => {
                let message = format!("`{name}` asks for more {what} than its limit, which no server takes");
                notes.left_out(span, message, "ask for less, or raise the limit");
                *request = None;
            }
            (None, Some(default)) if asked > default => {
                let message = format!(
                    "`{name}` asks for {asked} of {what} and has no limit: it gets this as its limit, since that of an environment is {default}"
                );
                notes.gap(
                    span,
                    message,
                    "its limit too",
                    "raise the limit in `resources`, if it may take more".to_owned(),
                );
                *limit = *request;
            }
            _ => {}
        }
    }
}

/// The part of a quota that has to be raised.
fn quota(environment: &Environment, workloads: &[Workload], notes: &mut Notes) -> Vec<(&'static str, Value)> {
    let quota = &environment.quota;
    let limits = &environment.limits;
    let value = |amount: Option<watertight_intent::Spanned<Quantity>>| amount.map(|amount| amount.value);
    let max = |workload: &Workload| u64::from(workload.scaling.max.or(workload.scaling.min).unwrap_or(1));
    // One pod more, which a rollout makes before it takes an old one away.
    let sum = |of: &dyn Fn(&Workload) -> Option<Quantity>| {
        let parts = workloads.iter().filter_map(|workload| Some(of(workload)?.times(max(workload))));
        let largest = workloads.iter().filter_map(of).max().unwrap_or(Quantity::ZERO);
        parts.fold(largest, Quantity::plus)
    };
    let written = |amount: Amount| amount.map(|(amount, _)| amount);
    let request = |own: Amount, limit: Amount, default| written(own).or(written(limit)).or(default);
    let requests: [(&str, Option<Quantity>, Quantity); 3] = [
        (
            "cpu",
            value(quota.requests.cpu),
            sum(&|workload| {
                let Workload { resources, .. } = workload;
                request(resources.requests.cpu, resources.limits.cpu, value(limits.default_request.cpu))
            }),
        ),
        (
            "memory",
            value(quota.requests.memory),
            sum(&|workload| {
                let Workload { resources, .. } = workload;
                request(
                    resources.requests.memory,
                    resources.limits.memory,
                    value(limits.default_request.memory),
                )
            }),
        ),
        (
            "ephemeral-storage",
            value(quota.requests.ephemeral_storage),
            sum(&|_| value(limits.default_request.ephemeral_storage)),
        ),
    ];
    let most: [(&str, Option<Quantity>, Quantity); 3] = [
        (
            "cpu",
            value(quota.limits.cpu),
            sum(&|workload| written(workload.resources.limits.cpu).or(value(limits.default.cpu))),
        ),
        (
            "memory",
            value(quota.limits.memory),
            sum(&|workload| written(workload.resources.limits.memory).or(value(limits.default.memory))),
        ),
        (
            "ephemeral-storage",
            value(quota.limits.ephemeral_storage),
            sum(&|_| value(limits.default.ephemeral_storage)),
        ),
    ];
    let mut wanted: Vec<(&'static str, Value)> = Vec::new();
    for (side, bounds) in [("requests", requests), ("limits", most)] {
        let over = bounds.into_iter().filter(|(_, bound, sum)| bound.is_some_and(|bound| *sum > bound));
        let over: Vec<(&str, Value)> = over.map(|(name, _, sum)| (name, sum.to_string().into())).collect();
        if !over.is_empty() {
            wanted.push((side, owned(over)));
        }
    }
    // No request is over its limit, and so neither is their sum.
    let pods = workloads.iter().map(max).sum::<u64>() + 1;
    let bound = quota.objects.iter().find(|(name, _)| *name == "pods").map(|(_, bound)| bound.value);
    if bound.is_some_and(|bound| pods > bound)
        && let Ok(pods) = i64::try_from(pods)
    {
        wanted.push(("objects", mapping([("pods", Value::Integer(pods))])));
    }
    if let (Some(largest), false) = (workloads.iter().max_by_key(|workload| max(workload)), wanted.is_empty())
    {
        let name = &environment.name.value;
        notes.gap(
            largest.span,
            format!("scaled to the most pods and with one more for a rollout, the applications are over the default quota of `{name}`, which is raised to what they take"),
            "among the largest",
            format!("lower the quota of `{name}`, and `max` in its `overrides`, if it is to stay small"),
        );
    }
    wanted
}
