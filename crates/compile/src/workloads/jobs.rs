//! What runs to its end: once before each version, or at certain times.

use super::placed::Placed;
use super::pod::{self, number};
use crate::manifest::{Kind, Manifest, Serves};
use watertight_base::fingerprint;
use watertight_yaml::{document, mapping};

/// How many digits tell the versions of a job apart: with them a name has as many characters more as a CronJob's Jobs have.
const DIGITS: usize = 10;
/// How often a pod of a job may fail.
const BACKOFF_LIMIT: i64 = 3;

/// The Jobs before a version. Nobody can change the template of a Job, so each template has a Job of its own, called by a
/// fingerprint of it: what is the same runs once, however often it is applied. So none is taken away when it has ended.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/job/>.
pub(super) fn jobs(placed: &Placed<'_>) -> Vec<Manifest> {
    let job = |job: &watertight_intent::Job| {
        let template = pod::job(placed, job);
        let digits: String = fingerprint(&document(&template)).chars().take(DIGITS).collect();
        let spec = mapping([("backoffLimit", number(BACKOFF_LIMIT)), ("template", template)]);
        let mut manifest = placed.manifest(Kind::Job, Serves::Workload, job.name.span, vec![("spec", spec)]);
        manifest.name = format!("{}-{}-{digits}", placed.name(), job.name.value);
        manifest
    };
    placed.workload.jobs.iter().map(job).collect()
}

/// The CronJobs. A run that is due while the last one goes on is left out.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/>.
pub(super) fn cron_jobs(placed: &Placed<'_>) -> Vec<Manifest> {
    let cron_job = |cron: &watertight_intent::CronJob| {
        let job =
            mapping([("backoffLimit", number(BACKOFF_LIMIT)), ("template", pod::job(placed, &cron.job))]);
        let spec = mapping([
            ("schedule", cron.schedule.value.as_str().into()),
            ("timeZone", cron.time_zone.value.as_str().into()),
            ("concurrencyPolicy", "Forbid".into()),
            ("successfulJobsHistoryLimit", number(3)),
            ("failedJobsHistoryLimit", number(3)),
            ("jobTemplate", mapping([("spec", job)])),
        ]);
        let asked_by = cron.job.name.span;
        let mut manifest = placed.manifest(Kind::CronJob, Serves::Workload, asked_by, vec![("spec", spec)]);
        manifest.name = format!("{}-{}", placed.name(), cron.job.name.value);
        manifest
    };
    placed.workload.cron.iter().map(cron_job).collect()
}
