//! One object: what it is, which promise it serves, and which line of the intent asks for it.

use watertight_base::Span;
use watertight_yaml::Value;

/// A kind of object, with where it is written. The order is that in which a server needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    PriorityClass,
    Namespace,
    LimitRange,
    ResourceQuota,
    NetworkPolicy,
    ClusterNetworkPolicy,
    PriorityLevelConfiguration,
    FlowSchema,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    Role,
    RoleBinding,
    ServiceAccount,
    Service,
    Deployment,
    HorizontalPodAutoscaler,
    PodDisruptionBudget,
    Job,
    CronJob,
    Ingress,
    HttpRoute,
}

impl Kind {
    /// `apiVersion` and `kind`.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::PriorityClass => ("scheduling.k8s.io/v1", "PriorityClass"),
            Self::Namespace => ("v1", "Namespace"),
            Self::LimitRange => ("v1", "LimitRange"),
            Self::ResourceQuota => ("v1", "ResourceQuota"),
            Self::NetworkPolicy => ("networking.k8s.io/v1", "NetworkPolicy"),
            Self::ClusterNetworkPolicy => ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"),
            Self::PriorityLevelConfiguration => {
                ("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration")
            }
            Self::FlowSchema => ("flowcontrol.apiserver.k8s.io/v1", "FlowSchema"),
            Self::ValidatingAdmissionPolicy => {
                ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy")
            }
            Self::ValidatingAdmissionPolicyBinding => {
                ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding")
            }
            Self::Role => ("rbac.authorization.k8s.io/v1", "Role"),
            Self::RoleBinding => ("rbac.authorization.k8s.io/v1", "RoleBinding"),
            Self::ServiceAccount => ("v1", "ServiceAccount"),
            Self::Service => ("v1", "Service"),
            Self::Deployment => ("apps/v1", "Deployment"),
            Self::HorizontalPodAutoscaler => ("autoscaling/v2", "HorizontalPodAutoscaler"),
            Self::PodDisruptionBudget => ("policy/v1", "PodDisruptionBudget"),
            Self::Job => ("batch/v1", "Job"),
            Self::CronJob => ("batch/v1", "CronJob"),
            Self::Ingress => ("networking.k8s.io/v1", "Ingress"),
            Self::HttpRoute => ("gateway.networking.k8s.io/v1", "HTTPRoute"),
        }
    }

    /// `kind`.
    pub(crate) fn name(self) -> &'static str {
        self.names().1
    }

    /// The file for objects of this kind.
    pub(crate) fn file(self) -> &'static str {
        match self {
            Self::PriorityClass => "priorityclasses.yaml",
            Self::Namespace => "namespaces.yaml",
            Self::LimitRange => "limitranges.yaml",
            Self::ResourceQuota => "resourcequotas.yaml",
            Self::NetworkPolicy => "networkpolicies.yaml",
            Self::ClusterNetworkPolicy => "clusternetworkpolicies.yaml",
            Self::PriorityLevelConfiguration => "prioritylevelconfigurations.yaml",
            Self::FlowSchema => "flowschemas.yaml",
            Self::ValidatingAdmissionPolicy => "validatingadmissionpolicies.yaml",
            Self::ValidatingAdmissionPolicyBinding => "validatingadmissionpolicybindings.yaml",
            Self::Role => "roles.yaml",
            Self::RoleBinding => "rolebindings.yaml",
            Self::ServiceAccount => "serviceaccounts.yaml",
            Self::Service => "services.yaml",
            Self::Deployment => "deployments.yaml",
            Self::HorizontalPodAutoscaler => "horizontalpodautoscalers.yaml",
            Self::PodDisruptionBudget => "poddisruptionbudgets.yaml",
            Self::Job => "jobs.yaml",
            Self::CronJob => "cronjobs.yaml",
            Self::Ingress => "ingresses.yaml",
            Self::HttpRoute => "httproutes.yaml",
        }
    }
}

/// What an object is there for: the channel that it walls off, or what has to work all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serves {
    /// No connection gets across.
    Network,
    /// Nothing is done through the API server.
    Api,
    /// One side cannot take what the other needs.
    Capacity,
    /// An application runs.
    Workload,
    /// A connection that is wanted gets through.
    MustReach,
}

impl Serves {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Api => "api",
            Self::Capacity => "capacity",
            Self::Workload => "workload",
            Self::MustReach => "must-reach",
        }
    }
}

/// One object.
#[derive(Debug, Clone)]
pub(crate) struct Manifest {
    pub(crate) kind: Kind,
    /// The namespace, if it is in one.
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    /// The environment that it belongs to.
    pub(crate) environment: String,
    /// Labels beside those that every object has.
    pub(crate) labels: Vec<(&'static str, String)>,
    /// Annotations beside those that every object has.
    pub(crate) annotations: Vec<(&'static str, String)>,
    pub(crate) serves: Serves,
    /// What of the intent asks for it.
    pub(crate) asked_by: Span,
    /// The fields behind the metadata.
    pub(crate) body: Vec<(&'static str, Value)>,
}

impl Manifest {
    /// The object, as it is written. `place` says where in the intent a span is.
    pub(crate) fn value(&self, place: &dyn Fn(Span) -> String) -> Value {
        let (api_version, kind) = self.kind.names();
        let mut labels: Vec<(String, Value)> = vec![
            ("app.kubernetes.io/managed-by".to_owned(), "watertight".into()),
            ("watertight.dev/environment".to_owned(), self.environment.as_str().into()),
        ];
        labels.extend(self.labels.iter().map(|(key, value)| ((*key).to_owned(), value.as_str().into())));
        labels.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut annotations: Vec<(String, Value)> = vec![
            ("watertight.dev/intent".to_owned(), place(self.asked_by).into()),
            ("watertight.dev/promise".to_owned(), self.serves.name().into()),
        ];
        annotations
            .extend(self.annotations.iter().map(|(key, value)| ((*key).to_owned(), value.as_str().into())));
        annotations.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut metadata: Vec<(String, Value)> = vec![("name".to_owned(), self.name.as_str().into())];
        metadata.extend(self.namespace.iter().map(|name| ("namespace".to_owned(), name.as_str().into())));
        metadata.push(("labels".to_owned(), Value::Mapping(labels)));
        metadata.push(("annotations".to_owned(), Value::Mapping(annotations)));
        let mut members: Vec<(String, Value)> = vec![
            ("apiVersion".to_owned(), api_version.into()),
            ("kind".to_owned(), kind.into()),
            ("metadata".to_owned(), Value::Mapping(metadata)),
        ];
        members.extend(self.body.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
        Value::Mapping(members)
    }
}
