//! What tells containers their environment: templates of pods, and the pods themselves. Where a credential stands in one, whoever may
//! read the object has read it (convention 11); else it is of lesser rank, as any other object is.

use crate::primitive::{ActsAs, EVER, Need, Primitive, READ};
use watertight_model::Gain;

/// The rule of all rows.
pub const RULE: &str = "read-environments";

type Resources = &'static [(&'static str, &'static str)];

const fn row(resources: &'static [Need]) -> Primitive {
    Primitive {
        rule: RULE,
        needs: resources,
        gain: Gain::ReadsObjects,
        acts_as: ActsAs::Nobody,
        versions: EVER,
        does: "read what containers of {} are told",
        fix: "keep credentials in Secrets, and let only those of production read there",
    }
}

/// A pod has the environment of whatever made it, and some of its subresources are the whole pod.
const PODS: Resources =
    &[("", "pods"), ("", "pods/ephemeralcontainers"), ("", "pods/resize"), ("", "pods/status")];
const POD_TEMPLATES: Resources = &[("", "podtemplates")];
const CONTROLLERS: Resources = &[("", "replicationcontrollers"), ("", "replicationcontrollers/status")];
const DEPLOYMENTS: Resources = &[("apps", "deployments"), ("apps", "deployments/status")];
/// Those of a Deployment have its template.
const REPLICA_SETS: Resources = &[("apps", "replicasets"), ("apps", "replicasets/status")];
const STATEFUL_SETS: Resources = &[("apps", "statefulsets"), ("apps", "statefulsets/status")];
const DAEMON_SETS: Resources = &[("apps", "daemonsets"), ("apps", "daemonsets/status")];
/// They keep the templates of StatefulSets and DaemonSets.
const REVISIONS: Resources = &[("apps", "controllerrevisions")];
/// Those of a CronJob have its template.
const JOBS: Resources = &[("batch", "jobs"), ("batch", "jobs/status")];
const CRON_JOBS: Resources = &[("batch", "cronjobs"), ("batch", "cronjobs/status")];

pub(super) const ROWS: &[Primitive] = &[
    row(&[Need::namespaced(READ, PODS)]),
    row(&[Need::namespaced(READ, POD_TEMPLATES)]),
    row(&[Need::namespaced(READ, CONTROLLERS)]),
    row(&[Need::namespaced(READ, DEPLOYMENTS)]),
    row(&[Need::namespaced(READ, REPLICA_SETS)]),
    row(&[Need::namespaced(READ, STATEFUL_SETS)]),
    row(&[Need::namespaced(READ, DAEMON_SETS)]),
    row(&[Need::namespaced(READ, REVISIONS)]),
    row(&[Need::namespaced(READ, JOBS)]),
    row(&[Need::namespaced(READ, CRON_JOBS)]),
];

/// Whether who reads what a row is about reads the template of an object of a kind; a name to which that is bound is to be `name`, or
/// begins with it where the object makes others.
///
/// Source: <https://kubernetes.io/docs/concepts/workloads/controllers/>, a page each.
#[must_use]
pub fn shows(row: &Primitive, kind: &str, name: &str, names: &[String]) -> bool {
    let is = |resources: Resources| row.needs.iter().any(|need| need.resources == resources);
    let own = match kind {
        "Pod" => PODS,
        "PodTemplate" => POD_TEMPLATES,
        "ReplicationController" => CONTROLLERS,
        "Deployment" => DEPLOYMENTS,
        "ReplicaSet" => REPLICA_SETS,
        "StatefulSet" => STATEFUL_SETS,
        "DaemonSet" => DAEMON_SETS,
        "Job" => JOBS,
        "CronJob" => CRON_JOBS,
        _ => &[],
    };
    if row.rule != RULE {
        return false;
    }
    if is(own) {
        return names.is_empty() || names.iter().any(|of| of == name);
    }
    let is_made = is(PODS) && kind != "ConfigMap" && kind != "PodTemplate"
        || is(REPLICA_SETS) && kind == "Deployment"
        || is(REVISIONS) && ["StatefulSet", "DaemonSet"].contains(&kind)
        || is(JOBS) && kind == "CronJob";
    let begins = |of: &String| of.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'));
    is_made && (names.is_empty() || names.iter().any(begins))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(kind: &str, name: &str, names: &[&str]) -> Vec<&'static str> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let rows = ROWS.iter().filter(|row| shows(row, kind, name, &names));
        rows.map(|row| row.needs[0].resources[0].1).collect()
    }

    #[test]
    fn a_template_is_read_where_it_stands_and_where_it_is_copied() {
        assert_eq!(shown("Pod", "web", &[]), ["pods"]);
        assert_eq!(shown("Deployment", "web", &[]), ["pods", "deployments", "replicasets"]);
        assert_eq!(shown("StatefulSet", "web", &[]), ["pods", "statefulsets", "controllerrevisions"]);
        assert_eq!(shown("CronJob", "web", &[]), ["pods", "jobs", "cronjobs"]);
        assert_eq!(shown("PodTemplate", "web", &[]), ["podtemplates"]);
        assert_eq!(shown("Rollout", "web", &[]), ["pods"]);
        assert!(shown("ConfigMap", "web", &[]).is_empty());
    }

    #[test]
    fn names_are_those_of_the_object_or_of_what_it_makes() {
        assert_eq!(shown("Deployment", "web", &["web"]), ["deployments"]);
        assert_eq!(shown("Deployment", "web", &["web-7d4b9c-x2x"]), ["pods", "replicasets"]);
        assert!(shown("Deployment", "web", &["website"]).is_empty());
    }
}
