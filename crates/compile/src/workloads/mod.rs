//! What runs: every application in short form becomes a Deployment in each of its environments, with what is around it.

mod deployment;
mod identity;
mod jobs;
mod placed;
mod pod;
mod routes;
mod service;

pub(crate) use placed::{Placed, all as placed_in, pods_of, servers_of};

use crate::manifest::Manifest;
use watertight_intent::{EnvironmentId, Intent};

/// The objects of all applications in short form that run in an environment.
pub(crate) fn workloads(intent: &Intent, environment: EnvironmentId) -> Vec<Manifest> {
    let of = |placed: &Placed<'_>| {
        let mut manifests = vec![service::account(placed), deployment::deployment(placed)];
        manifests.extend(service::service(placed));
        manifests.extend(deployment::autoscaler(placed));
        manifests.extend(deployment::disruption_budget(placed));
        manifests.extend(jobs::jobs(placed));
        manifests.extend(jobs::cron_jobs(placed));
        manifests.extend(routes::routes(placed));
        manifests
    };
    placed::all(intent, environment).iter().flat_map(of).collect()
}
