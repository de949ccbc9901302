//! What an intent says, with every default filled in, every name resolved and every amount parsed.

mod application;
mod boundary;
mod cluster;
mod environment;
mod store;
mod workload;

pub use application::{Application, LeftOut, PlacedSource, Placement};
pub use boundary::{Boundary, Exception, ExceptionAllows, Promise, Subject};
pub use cluster::{Cluster, Dns, IngressController, IngressProgram, KubernetesVersion, RoutesOf};
pub use environment::{
    Access, Egress, Environment, Inside, Isolation, Limits, Party, PodSecurity, Preemption, Priority, Quota,
    Resources, Role, ServiceAccountRef,
};
pub use store::{Endpoint, Engine, Store};
pub use workload::{
    CronJob, EnvVar, Job, Port, Probe, Probes, Protocol, Requirements, Route, Scaling, SecretVar, Workload,
};

use watertight_base::Span;

/// A value, and where it stands.
///
/// A default stands where that stands for which it holds: the name of the environment, say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value at a place.
    #[must_use]
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A cluster, by its place in [`Intent::clusters`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClusterId(pub usize);

/// An environment, by its place in [`Intent::environments`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvironmentId(pub usize);

/// An application, by its place in [`Intent::applications`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApplicationId(pub usize);

/// A store, by its place in [`Intent::stores`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreId(pub usize);

/// An intent without errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The name of the fleet.
    pub name: Spanned<String>,
    /// The clusters: those that are listed, and behind them those that environments have by default.
    pub clusters: Vec<Cluster>,
    /// The environments, in their order.
    pub environments: Vec<Environment>,
    /// The applications, in their order.
    pub applications: Vec<Application>,
    /// The stores, in their order.
    pub stores: Vec<Store>,
    /// One wall for each ordered pair of environments, in the order of the environments.
    pub boundaries: Vec<Boundary>,
}
