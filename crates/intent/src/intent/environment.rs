//! An environment: its namespaces, what they may take, and who may act in them.

use super::{ClusterId, IngressController, Spanned, workload::Protocol};
use watertight_base::{Quantity, Span};

/// A named set of namespaces with those who may act in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: Spanned<String>,
    /// Whether it is production. By default, whether it is called `production` or `prod`.
    pub production: Spanned<bool>,
    /// Its cluster.
    pub cluster: ClusterId,
    /// Its namespaces, at least one. By default one of its name.
    pub namespaces: Vec<Spanned<String>>,
    /// How it is separated.
    pub isolation: Spanned<Isolation>,
    /// Whether its pods reach each other.
    pub inside: Spanned<Inside>,
    /// The level of the Pod Security Standards that its namespaces enforce.
    pub pod_security: Spanned<PodSecurity>,
    /// What all pods of each of its namespaces may take together. Empty in production, unless it is given.
    pub quota: Quota,
    /// What one container gets and may take.
    pub limits: Limits,
    /// Whose pods come first.
    pub priority: Priority,
    /// Who may do something in it.
    pub access: Access,
    /// Who serves its routes from outside, if anybody does: by default who does it for its cluster.
    pub ingress: Option<IngressController>,
    /// The cloud identity as which its applications act, as the provider names it. No other environment has the same.
    pub identity: Option<Spanned<String>>,
    /// What its pods may reach outside of the clusters.
    pub egress: Vec<Egress>,
    /// Hosts that its Ingresses and routes may name beside those that its applications publish; `*` as the first label stands for
    /// whatever is below.
    pub hosts: Vec<Spanned<String>>,
    /// Keys of taints that its pods may tolerate, beside those of Kubernetes itself. Pods of production may tolerate any.
    pub tolerations: Vec<Spanned<String>>,
    /// Where it is listed.
    pub span: Span,
}

/// How an environment is separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// By its namespaces, in a cluster that others are in too.
    Namespace,
    /// By a cluster of its own.
    Cluster,
}

/// Whether the pods of an environment reach each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    /// All reach all.
    Open,
    /// Each application reaches what it depends on, and itself.
    Declared,
}

/// A level of the Pod Security Standards.
///
/// Source: <https://kubernetes.io/docs/concepts/security/pod-security-standards/>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PodSecurity {
    /// No known way to more privileges.
    Baseline,
    /// Hardened.
    Restricted,
}

/// Amounts of what pods take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Resources {
    /// Cores.
    pub cpu: Option<Spanned<Quantity>>,
    /// Bytes of memory.
    pub memory: Option<Spanned<Quantity>>,
    /// Bytes on the node's disk.
    pub ephemeral_storage: Option<Spanned<Quantity>>,
}

impl Resources {
    /// Each with the name that it has in a ResourceList, in the order of the schema.
    #[must_use]
    pub fn named(&self) -> [(&'static str, Option<Spanned<Quantity>>); 3] {
        [("cpu", self.cpu), ("memory", self.memory), ("ephemeral-storage", self.ephemeral_storage)]
    }

    /// These, and of `others` what these do not say.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        Self {
            cpu: self.cpu.or(others.cpu),
            memory: self.memory.or(others.memory),
            ephemeral_storage: self.ephemeral_storage.or(others.ephemeral_storage),
        }
    }
}

/// A ResourceQuota.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Quota {
    /// What all pods may ask for.
    pub requests: Resources,
    /// What all pods may take at most.
    pub limits: Resources,
    /// Bytes that all PersistentVolumeClaims may ask for.
    pub storage: Option<Spanned<Quantity>>,
    /// How many objects there may be of a sort, by the name that the sort has in a ResourceQuota. Sorted by name.
    pub objects: Vec<(&'static str, Spanned<u64>)>,
}

/// A LimitRange of the type `Container`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// The limits of a container that has none.
    pub default: Resources,
    /// The requests of a container that has none.
    pub default_request: Resources,
    /// What no container may take more of.
    pub max: Resources,
}

/// A PriorityClass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priority {
    /// The greater comes first. 1000 in production, else 0: what pods without a class have.
    /// Source: <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/>.
    pub value: Spanned<i32>,
    /// Whether its pods may take the place of others.
    pub preemption_policy: Spanned<Preemption>,
}

/// Whether pods may take the place of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preemption {
    /// They may.
    PreemptLowerPriority,
    /// They wait for room.
    Never,
}

/// Who may do something in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Access {
    /// People who work in it.
    pub teams: Vec<Party>,
    /// Identities of pipelines.
    pub ci: Vec<Party>,
    /// Controllers that act for others.
    pub operators: Vec<Party>,
    /// People who are called at night.
    pub on_call: Vec<Party>,
}

impl Access {
    /// All of them.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        self.teams.iter().chain(&self.ci).chain(&self.operators).chain(&self.on_call)
    }
}

/// Some who are given the same rights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// What they are called.
    pub name: Spanned<String>,
    /// Users.
    pub users: Vec<Spanned<String>>,
    /// Groups.
    pub groups: Vec<Spanned<String>>,
    /// ServiceAccounts.
    pub service_accounts: Vec<Spanned<ServiceAccountRef>>,
    /// What they may do. By default `edit`, and for teams of production `view`.
    pub role: Spanned<Role>,
}

/// A ServiceAccount of the environment's cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceAccountRef {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// What somebody may do in the namespaces of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Read all but Secrets.
    View,
    /// Change all but what the wall is made of.
    Edit,
}

/// Addresses outside of the clusters that pods may reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Egress {
    /// The addresses, in the notation of CIDR.
    pub cidr: Spanned<String>,
    /// Addresses among them that are left out.
    pub except: Vec<Spanned<String>>,
    /// The ports, at least one.
    pub ports: Vec<Spanned<u16>>,
    /// The protocol.
    pub protocol: Spanned<Protocol>,
    /// Where it is listed.
    pub span: Span,
}
