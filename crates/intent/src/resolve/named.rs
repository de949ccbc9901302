//! The names of the objects that applications become, and how many of them there are: what the API server would refuse.

use crate::findings::Findings;
use crate::intent::{
    Application, Environment, EnvironmentId, Intent, PlacedSource, RoutesOf, Spanned, Workload,
};
use crate::rules;
use std::collections::{BTreeMap, BTreeSet};

/// The most characters of a CronJob's name, to which a controller adds eleven. A Job's name has 63, and eleven of them are
/// for what tells its versions apart.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#writing-a-cronjob-spec>.
const JOB_NAME_MAX: usize = 52;

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    let mut taken: BTreeMap<(EnvironmentId, &str, String), &str> = BTreeMap::new();
    for application in &intent.applications {
        let own = application.name.value.as_str();
        for placement in &application.placements {
            let PlacedSource::Workload(workload) = &placement.source else { continue };
            has_a_name(application, workload, findings);
            let jobs = workload.jobs.iter().chain(workload.cron.iter().map(|cron| &cron.job));
            for job in jobs {
                let name = format!("{own}-{}", job.name.value);
                if name.len() > JOB_NAME_MAX {
                    findings.error(
                        rules::INVALID_VALUE,
                        format!(
                            "the job would be called `{name}`, which has more than {JOB_NAME_MAX} characters"
                        ),
                        job.name.span,
                        format!("{} too many", name.len() - JOB_NAME_MAX),
                        "shorten its name, or that of the application, which stands before it",
                    );
                }
                let place = (placement.environment, placement.namespace.value.as_str(), name);
                match taken.get(&place) {
                    Some(other) if *other != own => {
                        let name = place.2;
                        findings.error(
                            rules::REPEATED_NAME,
                            format!("jobs of `{other}` and of `{own}` would both be called `{name}`"),
                            job.name.span,
                            "the same name again",
                            "give one of the two another name",
                        );
                    }
                    Some(_) => {}
                    None => {
                        taken.insert(place, own);
                    }
                }
            }
        }
    }
    for (index, environment) in intent.environments.iter().enumerate() {
        for namespace in &environment.namespaces {
            room(intent, EnvironmentId(index), environment, &namespace.value, findings);
        }
    }
}

/// The hosts at which it is reached, each of which is a route at a Gateway.
fn hosts(workload: &Workload) -> BTreeSet<&str> {
    workload.routes.iter().map(|route| route.host.value.as_str()).collect()
}

/// Reports names that no ServiceAccount or Service of an application can have.
fn has_a_name(application: &Application, workload: &Workload, findings: &mut Findings) {
    let name = &application.name;
    if name.value == "default" {
        findings.error(
            rules::INVALID_VALUE,
            "an application is called `default`, as is the ServiceAccount of all pods that name none",
            name.span,
            "taken in every namespace",
            "give it another name",
        );
    }
    // Source: <https://kubernetes.io/docs/concepts/services-networking/service/>, names of RFC 1035.
    if !workload.ports.is_empty() && name.value.starts_with(|first: char| first.is_ascii_digit()) {
        findings.error(
            rules::INVALID_VALUE,
            format!("`{}` begins with a digit, as no Service does", name.value),
            name.span,
            "no name of a Service",
            "begin it with a letter: it has `ports`, and so a Service of its name",
        );
    }
}

/// Whether a namespace has room for as many objects of each sort as its applications become.
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
    let has_class =
        environment.ingress.as_ref().is_some_and(|ingress| matches!(ingress.serves, RoutesOf::Class(_)));
    let count = |of: fn(&Workload) -> usize| workloads.iter().map(|workload| of(workload)).sum::<usize>();
    let counts = [
        ("cronjobs.batch", count(|workload| workload.cron.len())),
        ("deployments.apps", workloads.len()),
        (
            "ingresses.networking.k8s.io",
            if has_class { count(|workload| usize::from(!workload.routes.is_empty())) } else { 0 },
        ),
        ("jobs.batch", count(|workload| workload.jobs.len())),
        (
            "horizontalpodautoscalers.autoscaling",
            count(|workload| usize::from(workload.scaling.max.value > workload.scaling.min.value)),
        ),
        (
            "httproutes.gateway.networking.k8s.io",
            if has_class { 0 } else { count(|workload| hosts(workload).len()) },
        ),
        ("poddisruptionbudgets.policy", count(|workload| usize::from(workload.scaling.min.value > 1))),
        ("services", count(|workload| usize::from(!workload.ports.is_empty()))),
    ];
    for (sort, wanted) in counts {
        let bound: Option<&Spanned<u64>> =
            environment.quota.objects.iter().find(|(name, _)| *name == sort).map(|(_, bound)| bound);
        let Some(bound) =
            bound.filter(|bound| u64::try_from(wanted).is_ok_and(|wanted| wanted > bound.value))
        else {
            continue;
        };
        let name = &environment.name.value;
        findings.error(
            rules::IMPOSSIBLE_QUOTA,
            format!(
                "applications become {wanted} {sort} in `{namespace}` of `{name}`, over the quota of {}",
                bound.value
            ),
            bound.span,
            format!("no room for {wanted}"),
            format!("raise `{sort}` in the quota of `{name}`"),
        );
    }
}
