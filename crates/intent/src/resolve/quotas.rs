//! Amounts that no cluster could keep: requests over limits, and more pods than a quota has room for.

use crate::findings::Findings;
use crate::intent::{
    Environment, EnvironmentId, Intent, PlacedSource, Requirements, Resources, Spanned, Workload,
};
use crate::rules;
use watertight_base::{Quantity, Span};

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    for (index, environment) in intent.environments.iter().enumerate() {
        let limits = &environment.limits;
        let of = |what: &str| format!("{what} of `{}`", environment.name.value);
        let quota = &environment.quota;
        is_at_most(quota.requests, quota.limits, &of("requests in the quota"), "limits", findings);
        is_at_most(
            limits.default_request,
            limits.default,
            &of("default requests"),
            "default limits",
            findings,
        );
        is_at_most(limits.default, limits.max, &of("default limits"), "`max`", findings);
        is_at_most(limits.default_request, limits.max, &of("default requests"), "`max`", findings);
        for namespace in &environment.namespaces {
            room(intent, EnvironmentId(index), environment, &namespace.value, findings);
        }
    }
    for (environment, name, requirements) in containers(intent) {
        let filled = requirements.filled(&environment.limits);
        let of = |what: &str| format!("{what} of `{name}` in `{}`", environment.name.value);
        is_at_most(filled.requests, filled.limits, &of("requests"), "limits", findings);
        is_at_most(
            filled.limits,
            environment.limits.max,
            &of("limits"),
            "`max` of the environment",
            findings,
        );
    }
}

/// Every container, with where it runs and what it belongs to.
fn containers(intent: &Intent) -> Vec<(&Environment, &str, Requirements)> {
    let mut containers = Vec::new();
    for application in &intent.applications {
        for placement in &application.placements {
            let PlacedSource::Workload(workload) = &placement.source else { continue };
            let Some(environment) = intent.environments.get(placement.environment.0) else { continue };
            containers.push((environment, application.name.value.as_str(), workload.resources));
            let jobs = workload.jobs.iter().chain(workload.cron.iter().map(|cron| &cron.job));
            containers.extend(jobs.map(|job| (environment, job.name.value.as_str(), job.resources)));
        }
    }
    containers
}

/// Reports the first of two amounts where it is more than the second.
fn is_at_most(less: Resources, more: Resources, what: &str, bound: &str, findings: &mut Findings) {
    for ((name, less), (_, more)) in less.named().into_iter().zip(more.named()) {
        let (Some(less), Some(more)) = (less, more) else { continue };
        if less.value > more.value {
            findings.error(
                rules::IMPOSSIBLE_QUOTA,
                format!("the {what} are {} of {name}, over the {bound} of {}", less.value, more.value),
                // Of the two, the one that is written and not filled in is what somebody can change; it stands later.
                if less.span.start >= more.span.start { less.span } else { more.span },
                format!("{} is more than {}", less.value, more.value),
                format!("ask for at most {}, or raise the {bound}", more.value),
            );
        }
    }
}

/// An amount that all pods of a namespace take together, and what of it is the largest part.
struct Sum {
    amount: Quantity,
    /// The most that one pod takes: in a rollout, a new one comes before an old one goes.
    more: Quantity,
    largest: Option<(Quantity, Span)>,
}

impl Sum {
    const NOTHING: Self = Self { amount: Quantity::ZERO, more: Quantity::ZERO, largest: None };

    fn add(&mut self, each: Quantity, count: u32, at: Span) {
        let part = each.times(u64::from(count));
        self.amount = self.amount.plus(part);
        if count > 0 {
            self.more = self.more.max(each);
        }
        if self.largest.is_none_or(|(largest, _)| part > largest) {
            self.largest = Some((part, at));
        }
    }
}

/// Whether a namespace has room for as many pods as its applications may have, and for one more, without which none of them comes to
/// another version.
fn room(
    intent: &Intent,
    id: EnvironmentId,
    environment: &Environment,
    namespace: &str,
    findings: &mut Findings,
) {
    let placed = intent.applications.iter().flat_map(|application| &application.placements);
    let workloads: Vec<&Workload> = placed
        .filter(|placement| placement.environment == id && placement.namespace.value == namespace)
        .filter_map(|placement| match &placement.source {
            PlacedSource::Workload(workload) => Some(workload.as_ref()),
            _ => None,
        })
        .collect();
    let quota = &environment.quota;
    type Side = fn(Requirements) -> Resources;
    let sides: [(&str, Resources, Side); 2] = [
        ("requests", quota.requests, |filled| filled.requests),
        ("limits", quota.limits, |filled| filled.limits),
    ];
    for (side, bounds, of) in sides {
        for (index, (name, bound)) in bounds.named().into_iter().enumerate() {
            let Some(bound) = bound else { continue };
            let mut sum = Sum::NOTHING;
            for workload in &workloads {
                let (_, each) = of(workload.resources.filled(&environment.limits)).named()[index];
                let max = workload.scaling.max;
                sum.add(each.map_or(Quantity::ZERO, |each| each.value), max.value, max.span);
            }
            over(&sum, bound, &format!("{side} of {name}"), environment, findings);
        }
    }
    let pods = quota.objects.iter().find(|(name, _)| *name == "pods");
    if let Some((_, bound)) = pods {
        let mut sum = Sum::NOTHING;
        for workload in &workloads {
            sum.add(Quantity::units(1), workload.scaling.max.value, workload.scaling.max.span);
        }
        let bound = Spanned::new(Quantity::units(bound.value), bound.span);
        over(&sum, bound, "pods", environment, findings);
    }
}

/// Reports a sum over its bound, at the largest part of it.
fn over(sum: &Sum, bound: Spanned<Quantity>, what: &str, environment: &Environment, findings: &mut Findings) {
    let wanted = sum.amount.plus(sum.more);
    let Some((_, at)) = sum.largest.filter(|_| wanted > bound.value) else { return };
    let name = &environment.name.value;
    let with = if sum.amount > bound.value {
        format!("scaled to `max` the {what} come to {}", sum.amount)
    } else {
        format!("scaled to `max` and with one pod more for a rollout the {what} come to {wanted}")
    };
    findings.error(
        rules::IMPOSSIBLE_QUOTA,
        format!("in `{name}`, {with}, over the quota of {}", bound.value),
        at,
        "the largest part",
        format!("lower `max`, ask for less, or raise the quota of `{name}`"),
    );
}
