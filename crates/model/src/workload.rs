//! Pods: those that are there, and those that the templates of workloads make.

use crate::{DialedHost, FurtherNetworks, NamespaceId, Origin};
use std::net::IpAddr;
use std::sync::Arc;
use watertight_base::{Labels, Protocol, Requirement, Span};

/// A pod, or the pods of one workload's template, which are alike in all that matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// The object that says so: the Pod, or the workload whose template it is.
    pub origin: Origin,
    /// The namespace.
    pub namespace: NamespaceId,
    /// The top controller, under whose name people know the pod.
    pub workload: WorkloadRef,
    /// The JSON Pointer from the object to where `metadata` and `spec` of the pod stand: empty for a Pod,
    /// `/spec/template` for a Deployment, `/spec/jobTemplate/spec/template` for a CronJob.
    pub template: &'static str,
    /// The labels.
    pub labels: Labels,
    /// Where the labels stand, or the whole object if there are none.
    pub labels_span: Span,
    /// Where `hostNetwork: true` stands; `None` for a pod with a network of its own.
    pub host_network: Option<Span>,
    /// The declared container ports. A pod listens where it likes (rule N29); these only give port names a number.
    pub ports: Vec<ContainerPort>,
    /// What its containers run, in the order of the file, init containers last. Pods that run the same mostly share the list.
    pub containers: Arc<[Container]>,
    /// The hosts that its node dials for it, in the order of its containers, those of volumes last.
    pub dialed: Vec<DialedHost>,
    /// The networks that it asks for beside the cluster's own, or in its place (rule N56).
    pub networks: Vec<FurtherNetworks>,
    /// The addresses that the input knows, from `status.podIPs`.
    pub addresses: Vec<IpAddr>,
    /// The addresses of its node that the input knows by it, from `status.hostIP` and `status.hostIPs`.
    pub node_addresses: Vec<IpAddr>,
    /// Where it may run.
    pub scheduling: Scheduling,
    /// Whether there may be more than one of it.
    pub replicas: Replicas,
    /// Whether it can send and receive.
    pub state: PodState,
    /// Whether what it comes from is there for a moment only, or never: a hook of Helm or Argo CD, a file marked as local, or what is
    /// being deleted.
    pub is_passing: bool,
}

/// The top controller of a pod: the topmost owner that the input holds, else what the controlling ownerReference
/// names, else the pod.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadRef {
    /// `Deployment`, `Pod`…
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// How many pods a [`Pod`] stands for. Two replicas are two pods: traffic between them is not self traffic (rule N34).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replicas {
    /// One.
    One,
    /// Two or more, or a number that the input does not fix.
    Many,
}

/// What the input knows of a pod's life (rule N55).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PodState {
    /// It runs, or nothing says otherwise.
    Active,
    /// It has no address yet. It will.
    NoAddress,
    /// It succeeded or failed, and sends and receives nothing any more.
    Finished,
}

/// One `containers[].ports[]` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerPort {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its number.
    pub number: u16,
    /// Its protocol.
    pub protocol: Protocol,
    /// In which sort of container it stands.
    pub container: ContainerRole,
    /// Where it listens on the pod's node too.
    pub host_port: Option<HostPort>,
}

/// `hostPort` of a container port: the port of the node that leads to it (rule N42).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPort {
    /// Where it stands.
    pub span: Span,
    /// Its number.
    pub number: u16,
    /// `hostIP`: the one address of the node that it listens on; `None` for all.
    pub address: Option<IpAddr>,
}

/// What a container runs, by which known proxies and what they watch can be told. Nothing in it says where it stands, so
/// that replicas are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its sort.
    pub role: ContainerRole,
    /// Its image, empty if it was missing.
    pub image: String,
    /// `command` and then `args`, as they are written: `$(NAME)` stands for an environment variable that is not read.
    pub arguments: Vec<String>,
}

/// The sort of a container, since implementations differ on whose port names they see (rule N30).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContainerRole {
    /// One of `containers`.
    Main,
    /// One of `initContainers` with `restartPolicy: Always`, which runs beside the others.
    Sidecar,
    /// One of `initContainers` that ends before the others start.
    Init,
}

/// Where a pod may run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scheduling {
    /// `spec.nodeName`: the scheduler is skipped, or has decided.
    pub node_name: Option<String>,
    /// `spec.nodeSelector`.
    pub node_selector: Labels,
    /// `requiredDuringSchedulingIgnoredDuringExecution`: one of these terms must hold, each with all its requirements;
    /// `None` if there are none. Terms with operators that labels alone do not answer (`Gt`, `Lt`, `matchFields`) are
    /// kept as the empty term, which holds everywhere: what is not understood keeps no pod away.
    pub node_affinity: Option<Vec<Vec<Requirement>>>,
    /// `spec.tolerations`.
    pub tolerations: Vec<Toleration>,
    /// Whether the DaemonSet controller places it, which adds tolerations of its own.
    pub daemon: bool,
}

/// What keeps pods off a node unless they tolerate it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taint {
    /// The key.
    pub key: String,
    /// The value, empty if it was missing.
    pub value: String,
    /// The effect.
    pub effect: TaintEffect,
}

/// What a taint does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaintEffect {
    /// The scheduler places no pod there.
    NoSchedule,
    /// The scheduler avoids it if it can: no wall.
    PreferNoSchedule,
    /// As `NoSchedule`, and pods that are there are evicted.
    NoExecute,
}

/// One `spec.tolerations[]` entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toleration {
    /// The key; `None` with `exists` tolerates every key.
    pub key: Option<String>,
    /// `operator: Exists`: every value.
    pub exists: bool,
    /// The value for `operator: Equal`.
    pub value: String,
    /// The effect; `None` is every effect.
    pub effect: Option<TaintEffect>,
}
