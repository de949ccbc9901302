//! What may come from an application, as data: a closed table. Any other kind is refused, since it could open the wall, or
//! since nobody knows what its controller makes of it.

/// A kind that may come from an application. The order of [`ALL`] is that in which objects are written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Each `apiVersion` in which the fields that are looked at mean the same. The first is the one to write.
    pub(crate) api_versions: &'static [&'static str],
    /// Where the template of its pods is, if it has one; the empty path is the object itself.
    pub(crate) template: Option<&'static [&'static str]>,
}

const fn plain(name: &'static str, api_versions: &'static [&'static str]) -> Kind {
    Kind { name, api_versions, template: None }
}

const fn workload(
    name: &'static str,
    api_versions: &'static [&'static str],
    template: &'static [&'static str],
) -> Kind {
    Kind { name, api_versions, template: Some(template) }
}

const TEMPLATE: &[&str] = &["spec", "template"];
const OF_JOB: &[&str] = &["spec", "jobTemplate", "spec", "template"];
const GATEWAY_API: &[&str] = &[
    "gateway.networking.k8s.io/v1",
    "gateway.networking.k8s.io/v1beta1",
    "gateway.networking.k8s.io/v1alpha2",
];
/// What tells the Prometheus of a cluster whom to ask and what to warn of.
///
/// Source: <https://prometheus-operator.dev/docs/api-reference/api/>.
const MONITORING: &[&str] = &["monitoring.coreos.com/v1"];

/// All of them.
pub(crate) const ALL: [Kind; 21] = [
    plain("ServiceAccount", &["v1"]),
    plain("Secret", &["v1"]),
    plain("ConfigMap", &["v1"]),
    plain("PersistentVolumeClaim", &["v1"]),
    plain("NetworkPolicy", &["networking.k8s.io/v1"]),
    plain("Service", &["v1"]),
    workload("Pod", &["v1"], &[]),
    workload("ReplicaSet", &["apps/v1"], TEMPLATE),
    workload("Deployment", &["apps/v1"], TEMPLATE),
    workload("StatefulSet", &["apps/v1"], TEMPLATE),
    workload("DaemonSet", &["apps/v1"], TEMPLATE),
    workload("Job", &["batch/v1"], TEMPLATE),
    workload("CronJob", &["batch/v1"], OF_JOB),
    plain("HorizontalPodAutoscaler", &["autoscaling/v2", "autoscaling/v1"]),
    plain("PodDisruptionBudget", &["policy/v1"]),
    plain("Ingress", &["networking.k8s.io/v1"]),
    plain("HTTPRoute", GATEWAY_API),
    plain("GRPCRoute", GATEWAY_API),
    plain("ServiceMonitor", MONITORING),
    plain("PodMonitor", MONITORING),
    plain("PrometheusRule", MONITORING),
];

/// Why a kind is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Servers know the kind by another version.
    Version(&'static str),
    /// It does not come from an application, with what to do in its place.
    Kind(&'static str),
}

/// The kind of an object, or why it is refused.
pub(crate) fn find(api_version: &str, kind: &str) -> Result<&'static Kind, Refusal> {
    let group = |version: &str| version.split_once('/').map_or("", |(group, _)| group).to_owned();
    let named = ALL.iter().find(|known| known.name == kind);
    match named {
        Some(known) if known.api_versions.contains(&api_version) => Ok(known),
        Some(known)
            if group(api_version) == group(known.api_versions[0])
                || ["extensions", "policy"].contains(&group(api_version).as_str()) =>
        {
            Err(Refusal::Version(known.api_versions[0]))
        }
        _ => Err(Refusal::Kind(instead_of(&group(api_version), kind))),
    }
}

/// What to do in place of an object that does not come from an application.
fn instead_of(group: &str, kind: &str) -> &'static str {
    match (group, kind) {
        ("rbac.authorization.k8s.io", _) => "say in `access` of the environment who may do what",
        ("", "ResourceQuota") => "say in `quota` of the environment what it may take",
        ("", "LimitRange") => "say in `limits` of the environment what a container may take",
        ("scheduling.k8s.io", _) => "say in `priority` of the environment whose pods come first",
        ("", "Endpoints") | ("discovery.k8s.io", _) => {
            "let a Service select pods, and say in `egress` or `stores` what is outside of the clusters"
        }
        ("", "PersistentVolume") => "let a PersistentVolumeClaim ask for a volume of a StorageClass",
        ("", "ReplicationController") => "write a Deployment",
        ("apiextensions.k8s.io" | "admissionregistration.k8s.io" | "apiregistration.k8s.io", _) => {
            "install it once for the cluster, apart from the environments"
        }
        _ => {
            "leave it out of the application, and apply it apart from the environments if the cluster needs it"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_its_group() {
        assert_eq!(find("v1", "Service").unwrap().name, "Service");
        assert_eq!(find("apps/v1beta1", "Deployment"), Err(Refusal::Version("apps/v1")));
        assert_eq!(find("extensions/v1beta1", "Ingress"), Err(Refusal::Version("networking.k8s.io/v1")));
        assert_eq!(find("policy/v1beta1", "PodDisruptionBudget"), Err(Refusal::Version("policy/v1")));
        for (api_version, kind) in [
            ("serving.knative.dev/v1", "Service"),
            ("projectcalico.org/v3", "NetworkPolicy"),
            ("rbac.authorization.k8s.io/v1", "Role"),
            ("v1", "Node"),
        ] {
            assert!(matches!(find(api_version, kind), Err(Refusal::Kind(_))), "{api_version} {kind}");
        }
    }
}
