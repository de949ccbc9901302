//! Who may do what through the API: roles and what binds them.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/rbac/>.

use crate::{Admission, ObjectRef, Written};
use std::fmt;
use watertight_base::{Labels, Selector, Span};

/// A ClusterRole, or a Role if its object has a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The object.
    pub object: ObjectRef,
    /// The whole object in its input; `None` for a role that every server has by itself.
    pub span: Option<Span>,
    /// The labels, by which aggregated ClusterRoles select others.
    pub labels: Labels,
    /// The rules, as they are written. Of an aggregated ClusterRole a controller writes them.
    pub rules: Vec<RoleRule>,
    /// Of an aggregated ClusterRole, the selectors of those whose rules it takes over: one of them must match. `None` for
    /// any other role.
    pub aggregates: Option<Vec<Selector>>,
    /// Whether the API server leaves it as it is, though it has one of this name by itself: the annotation
    /// `rbac.authorization.kubernetes.io/autoupdate` says `false`.
    pub is_protected: bool,
    /// Whether the API server would take the object as it is written.
    pub admission: Admission,
}

/// One rule of a role. It grants what any of its verbs, groups, resources and names say together, or what its verbs and
/// URLs say.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RoleRule {
    /// Where it stands; `None` in a role that every server has by itself.
    pub span: Option<Span>,
    /// `get`, `list`… or `*`.
    pub verbs: Vec<String>,
    /// The API groups; empty text is the core group, `*` is every group.
    pub api_groups: Vec<String>,
    /// The resources: `pods`, `pods/log`, `*/scale` or `*`.
    pub resources: Vec<String>,
    /// The names to which it is bound; empty for every name.
    pub resource_names: Vec<String>,
    /// Paths outside the resources: `/healthz`, `/metrics/*` or `*`. Only ClusterRoles have them.
    pub non_resource_urls: Vec<String>,
}

/// A ClusterRoleBinding, or a RoleBinding if its object has a namespace. What it grants, it grants there alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleBinding {
    /// The object.
    pub object: ObjectRef,
    /// The whole object in its input; `None` for a binding that every server has by itself.
    pub span: Option<Span>,
    /// The role.
    pub role: RoleRef,
    /// To whom it is granted.
    pub subjects: Vec<Subject>,
    /// Whether the API server leaves it as it is, though it has one of this name by itself: the annotation
    /// `rbac.authorization.kubernetes.io/autoupdate` says `false`.
    pub is_protected: bool,
    /// Whether the API server would take the object as it is written.
    pub admission: Admission,
}

/// The role that a binding names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRef {
    /// Where it stands; `None` in a binding that every server has by itself.
    pub span: Option<Span>,
    /// Whether it is a ClusterRole, or else a Role of the binding's namespace.
    pub cluster: bool,
    /// Its name.
    pub name: String,
}

/// To whom a binding grants its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Where it stands; `None` in a binding that every server has by itself.
    pub span: Option<Span>,
    /// Who it is.
    pub kind: SubjectKind,
    /// The name.
    pub name: String,
}

/// The kinds of subjects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// Somebody with a name; the API server does not know who there is.
    User,
    /// Everybody in a group; the API server does not know which there are.
    Group,
    /// A ServiceAccount of this namespace. One that names none means that of its RoleBinding.
    ServiceAccount(String),
}

/// Somebody whom a binding can name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Principal {
    /// What they are.
    pub kind: SubjectKind,
    /// The name.
    pub name: String,
}

impl Principal {
    /// A ServiceAccount.
    #[must_use]
    pub fn service_account(namespace: &str, name: &str) -> Self {
        Self { kind: SubjectKind::ServiceAccount(namespace.to_owned()), name: name.to_owned() }
    }

    /// A user.
    #[must_use]
    pub fn user(name: &str) -> Self {
        Self { kind: SubjectKind::User, name: name.to_owned() }
    }

    /// Everybody in a group.
    #[must_use]
    pub fn group(name: &str) -> Self {
        Self { kind: SubjectKind::Group, name: name.to_owned() }
    }
}

impl fmt::Display for Principal {
    /// `User jane`, `Group dev`, `ServiceAccount staging/ci`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            SubjectKind::User => write!(f, "User {}", self.name),
            SubjectKind::Group => write!(f, "Group {}", self.name),
            SubjectKind::ServiceAccount(namespace) => write!(f, "ServiceAccount {namespace}/{}", self.name),
        }
    }
}

/// A ServiceAccount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// The object.
    pub object: ObjectRef,
    /// The whole object in its input.
    pub span: Span,
    /// The cloud identities that its annotations name.
    pub identities: Vec<CloudIdentity>,
}

/// An identity of a cloud as which the pods of a ServiceAccount may act, if the cloud trusts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudIdentity {
    /// Whose.
    pub cloud: Cloud,
    /// Its name, and where the annotation has it.
    pub name: Written,
}

/// A cloud that takes tokens of ServiceAccounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cloud {
    /// AWS: a role.
    Aws,
    /// Azure: the client of a managed identity or an application.
    Azure,
    /// Google Cloud: a service account.
    Google,
}

impl Cloud {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Aws, Self::Azure, Self::Google];

    /// The annotation of a ServiceAccount that names an identity.
    ///
    /// Sources: <https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html>,
    /// <https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html>,
    /// <https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity>.
    #[must_use]
    pub fn annotation(self) -> &'static str {
        match self {
            Self::Aws => "eks.amazonaws.com/role-arn",
            Self::Azure => "azure.workload.identity/client-id",
            Self::Google => "iam.gke.io/gcp-service-account",
        }
    }
}
