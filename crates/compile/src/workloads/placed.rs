//! An application in short form in one environment, and the labels by which its pods are told from all others.

use crate::manifest::{Kind, Manifest, Serves};
use watertight_base::Span;
use watertight_intent::{Application, Cluster, Environment, EnvironmentId, Intent, PlacedSource, Workload};
use watertight_yaml::{Value, mapping};

/// The application to which a pod belongs. Charts and manifests of others set other labels, so that no selector by this one
/// meets their pods.
const APPLICATION: &str = "watertight.dev/application";
/// What a pod is there for: [`SERVER`], or the name of a job.
const COMPONENT: &str = "watertight.dev/component";
/// Pods of the Deployment: those that serve ports. No job is called so, since a `job-` stands before its name.
const SERVER: &str = "server";

/// An application in short form, in one environment.
pub(crate) struct Placed<'i> {
    pub(crate) intent: &'i Intent,
    pub(crate) application: &'i Application,
    pub(crate) environment: &'i Environment,
    pub(crate) environment_id: EnvironmentId,
    pub(crate) cluster: &'i Cluster,
    pub(crate) namespace: &'i str,
    pub(crate) workload: &'i Workload,
}

/// All applications in short form that run in an environment, in their order.
pub(crate) fn all(intent: &Intent, id: EnvironmentId) -> Vec<Placed<'_>> {
    let Some(environment) = intent.environments.get(id.0) else { return Vec::new() };
    let Some(cluster) = intent.clusters.get(environment.cluster.0) else { return Vec::new() };
    let mut all = Vec::new();
    for application in &intent.applications {
        for placement in application.placements.iter().filter(|placement| placement.environment == id) {
            let PlacedSource::Workload(workload) = &placement.source else { continue };
            all.push(Placed {
                intent,
                application,
                environment,
                environment_id: id,
                cluster,
                namespace: &placement.namespace.value,
                workload,
            });
        }
    }
    all
}

impl<'i> Placed<'i> {
    /// The name of the application.
    pub(crate) fn name(&self) -> &'i str {
        &self.application.name.value
    }

    /// An object of the application, called as it is.
    pub(crate) fn manifest(
        &self,
        kind: Kind,
        serves: Serves,
        asked_by: Span,
        body: Vec<(&'static str, Value)>,
    ) -> Manifest {
        Manifest {
            kind,
            namespace: Some(self.namespace.to_owned()),
            name: self.name().to_owned(),
            environment: self.environment.name.value.clone(),
            labels: vec![
                ("app.kubernetes.io/name", self.name().to_owned()),
                (APPLICATION, self.name().to_owned()),
            ],
            annotations: Vec::new(),
            serves,
            asked_by,
            body,
        }
    }

    /// The labels of a pod of the application: a server, or what is made for a job.
    pub(crate) fn pod_labels(&self, job: Option<&str>) -> Vec<(String, Value)> {
        let component = job.map_or_else(|| SERVER.to_owned(), |job| format!("job-{job}"));
        let labels = [
            ("app.kubernetes.io/managed-by", "watertight"),
            ("app.kubernetes.io/name", self.name()),
            (APPLICATION, self.name()),
            (COMPONENT, component.as_str()),
            ("watertight.dev/environment", &self.environment.name.value),
        ];
        labels.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect()
    }
}

/// A selector of all pods of an application, those of its jobs among them.
pub(crate) fn pods_of(application: &str) -> Value {
    mapping([("matchLabels", mapping([(APPLICATION, application.into())]))])
}

/// The labels of the pods of an application that serve its ports.
pub(crate) fn server_labels(application: &str) -> Value {
    mapping([(APPLICATION, application.into()), (COMPONENT, SERVER.into())])
}

/// A selector of the pods of an application that serve its ports.
pub(crate) fn servers_of(application: &str) -> Value {
    mapping([("matchLabels", server_labels(application))])
}
