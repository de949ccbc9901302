//! The cloud identity of an environment, as each provider gives it to pods.

use watertight_intent::{Cluster, Environment};
use watertight_yaml::Value;

/// What a provider looks at.
struct Marks {
    /// The annotation of a ServiceAccount that names the identity.
    annotation: &'static str,
    /// The label without which pods do not get it.
    pod_label: Option<&'static str>,
}

/// Sources: <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>,
/// <https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity>,
/// <https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>.
fn marks(provider: &str) -> Option<Marks> {
    match provider {
        "eks" => Some(Marks { annotation: "eks.amazonaws.com/role-arn", pod_label: None }),
        "gke" => Some(Marks { annotation: "iam.gke.io/gcp-service-account", pod_label: None }),
        "aks" => Some(Marks {
            annotation: "azure.workload.identity/client-id",
            pod_label: Some("azure.workload.identity/use"),
        }),
        _ => None,
    }
}

/// The annotations of a ServiceAccount whose pods act as the identity of the environment.
pub(super) fn account_annotations(
    cluster: &Cluster,
    environment: &Environment,
) -> Vec<(&'static str, String)> {
    let marks = marks(&cluster.provider.value);
    let named = marks.zip(environment.identity.as_ref());
    named.map(|(marks, identity)| (marks.annotation, identity.value.clone())).into_iter().collect()
}

/// The labels of pods that act so.
pub(super) fn pod_labels(cluster: &Cluster, environment: &Environment) -> Option<(String, Value)> {
    environment.identity.as_ref()?;
    marks(&cluster.provider.value)?.pod_label.map(|label| (label.to_owned(), "true".into()))
}
