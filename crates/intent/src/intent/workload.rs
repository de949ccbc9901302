//! The short form of an application in one environment: all that a Deployment and what is around it need.

use super::{Limits, Resources, Spanned, StoreId};
use watertight_base::Span;

/// An image, and what is around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// The image, by digest.
    pub image: Spanned<String>,
    /// The program; empty for that of the image.
    pub command: Vec<Spanned<String>>,
    /// Its arguments; empty for those of the image, if the program is too.
    pub args: Vec<Spanned<String>>,
    /// The ports that it serves.
    pub ports: Vec<Port>,
    /// Environment variables, without those in Secrets.
    pub env: Vec<EnvVar>,
    /// Environment variables in Secrets.
    pub secrets: Vec<SecretVar>,
    /// What each pod asks for and may take. Where nothing is said, the LimitRange of the environment fills it in.
    pub resources: Requirements,
    /// How many pods there are.
    pub scaling: Scaling,
    /// How the kubelet asks whether it is well.
    pub probes: Probes,
    /// Where it is reached from outside.
    pub routes: Vec<Route>,
    /// What runs once before each version.
    pub jobs: Vec<Job>,
    /// What runs at certain times.
    pub cron: Vec<CronJob>,
    /// The stores that it uses.
    pub stores: Vec<Spanned<StoreId>>,
}

/// What goes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP, the default of Kubernetes.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// Its name, as Kubernetes writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }
}

/// A port that is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: Spanned<String>,
    /// The port of the container.
    pub container_port: Spanned<u16>,
    /// The port of the Service. By default that of the container.
    pub port: Spanned<u16>,
    /// The protocol.
    pub protocol: Spanned<Protocol>,
}

/// An environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvVar {
    /// Its name.
    pub name: Spanned<String>,
    /// Its value.
    pub value: Spanned<String>,
}

/// An environment variable whose value is in a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretVar {
    /// The name of the variable.
    pub name: Spanned<String>,
    /// The Secret in the namespace of the application.
    pub secret: Spanned<String>,
    /// The key in the Secret.
    pub key: Spanned<String>,
}

/// What a container asks for and may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Requirements {
    /// What it is sure to get.
    pub requests: Resources,
    /// What it may take at most.
    pub limits: Resources,
}

impl Requirements {
    /// What a container has once the LimitRange has filled in the rest. Limits without requests are requests too, as the API
    /// server has it: <https://kubernetes.io/docs/concepts/policy/limit-range/>.
    #[must_use]
    pub fn filled(self, limits: &Limits) -> Self {
        Self {
            requests: self.requests.or(self.limits).or(limits.default_request),
            limits: self.limits.or(limits.default),
        }
    }
}

/// How many pods there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaling {
    /// At least: 1 by default, as in a Deployment.
    pub min: Spanned<u32>,
    /// At most: `min` by default.
    pub max: Spanned<u32>,
    /// The share of the requested cores, in percent, above which pods are added: 80 by default, as in a
    /// HorizontalPodAutoscaler. Source:
    /// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/>, `metrics`.
    pub cpu: Spanned<u32>,
}

/// How the kubelet asks whether a container is well.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Probes {
    /// Whether it can be sent requests.
    pub readiness: Option<Probe>,
    /// Whether it must be restarted.
    pub liveness: Option<Probe>,
    /// Whether it has started.
    pub startup: Option<Probe>,
}

/// One question. The defaults are those of a Pod:
/// <https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The name of one of the ports.
    pub port: Spanned<String>,
    /// The path that answers by HTTP; `None` if the port need only open.
    pub path: Option<Spanned<String>>,
    /// How often it is asked, in seconds: 10 by default.
    pub period_seconds: Spanned<u32>,
    /// How long an answer may take, in seconds: 1 by default.
    pub timeout_seconds: Spanned<u32>,
    /// After how many failures it counts: 3 by default.
    pub failure_threshold: Spanned<u32>,
}

/// Where an application is reached from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The host.
    pub host: Spanned<String>,
    /// The paths that begin so: `/` by default.
    pub path: Spanned<String>,
    /// The name of one of the ports.
    pub port: Spanned<String>,
    /// The Secret with the certificate of the host, if there is one.
    pub tls_secret: Option<Spanned<String>>,
    /// Where it is listed.
    pub span: Span,
}

/// What runs once, to its end, before a version of the application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub name: Spanned<String>,
    /// The program; empty for that of the image.
    pub command: Vec<Spanned<String>>,
    /// Its arguments.
    pub args: Vec<Spanned<String>>,
    /// What its pod asks for and may take: what the application does, by default.
    pub resources: Requirements,
}

/// What runs at certain times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CronJob {
    /// Its name, program, arguments and amounts.
    pub job: Job,
    /// When.
    pub schedule: Spanned<String>,
    /// The time zone of the schedule: `Etc/UTC` by default, so that no clock of a node decides.
    pub time_zone: Spanned<String>,
}
