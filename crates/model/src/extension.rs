//! Who else the API server asks: webhooks and mutating policies at admission, servers of API groups, and webhooks that
//! convert custom resources.
//!
//! Sources: <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/>,
//! <https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/>,
//! <https://kubernetes.io/docs/concepts/extend-kubernetes/api-extension/apiserver-aggregation/>.

use crate::{Admission, Host, Origin};
use watertight_base::{Selector, Span};

/// A MutatingWebhookConfiguration or a ValidatingWebhookConfiguration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookConfiguration {
    /// The object.
    pub origin: Origin,
    /// Whether its webhooks can change what they are asked about. All of them can refuse it.
    pub mutates: bool,
    /// Its webhooks.
    pub webhooks: Vec<Webhook>,
    /// Whether the API server would take it.
    pub admission: Admission,
}

/// One webhook of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Where it stands.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// Whom the server asks.
    pub called: Called,
    /// About what.
    pub about: AdmissionScope,
    /// `failurePolicy: Ignore`: what it does not answer is let through.
    pub is_ignored_on_failure: bool,
}

/// What the server calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// Where it stands.
    pub span: Span,
    /// Who answers.
    pub callee: Callee,
}

/// Who answers a call of the server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Callee {
    /// A Service.
    Service {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// Whoever has this host.
    Url(Host),
}

/// About which requests the server asks a webhook or a policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdmissionScope {
    /// One of these must be about the request.
    pub rules: Vec<AdmissionRule>,
    /// And none of these, which policies alone have.
    pub excluded: Vec<AdmissionRule>,
    /// `matchPolicy: Exact`: the rules are about requests of the versions that they name, and about no equivalent ones.
    pub is_exact: bool,
    /// The namespaces by their labels. What lives in no namespace is not asked for any, but for namespaces themselves.
    pub namespaces: Selector,
    /// The objects by their labels.
    pub objects: Selector,
    /// Whether conditions in CEL stand beside that, which are not evaluated here.
    pub has_conditions: bool,
}

/// Some operations on some resources.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdmissionRule {
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT` or `*`.
    pub operations: Vec<String>,
    /// The API groups; `*` is every group.
    pub api_groups: Vec<String>,
    /// Their versions; `*` is every version.
    pub api_versions: Vec<String>,
    /// `pods`, `pods/exec`, `pods/*`, `*/scale`, `*` (no subresource) or `*/*`.
    pub resources: Vec<String>,
    /// The names of the objects, which policies alone have; empty for every name.
    pub names: Vec<String>,
    /// Where they live.
    pub scope: ResourceScope,
}

/// Where the resources of a rule live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResourceScope {
    /// Anywhere.
    #[default]
    Any,
    /// In namespaces.
    Namespaced,
    /// In none.
    Cluster,
}

/// A MutatingAdmissionPolicy. Without a binding it does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutatingPolicy {
    /// The object.
    pub origin: Origin,
    /// About what it is asked.
    pub about: AdmissionScope,
    /// The kind of its parameters.
    pub param_kind: Option<ParamKind>,
    /// Whether the API server would take it.
    pub admission: Admission,
}

/// A MutatingAdmissionPolicyBinding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutatingPolicyBinding {
    /// The object.
    pub origin: Origin,
    /// The name of the policy.
    pub policy: String,
    /// Where its parameters are.
    pub params: Option<ParamRef>,
    /// To what it narrows the policy.
    pub about: Option<AdmissionScope>,
    /// Whether the API server would take it.
    pub admission: Admission,
}

/// The kind of the objects from which a policy takes parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamKind {
    /// The API group; empty for the core group.
    pub group: String,
    /// The kind.
    pub kind: String,
}

/// The objects from which a policy takes parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamRef {
    /// Where it stands.
    pub span: Span,
    /// Its name; `None` if a selector chooses.
    pub name: Option<String>,
    /// Its namespace; `None` for that of the object about which the policy is asked, or for a kind that lives in none.
    pub namespace: Option<String>,
    /// Whether requests are refused where there are none: `parameterNotFoundAction` is `Deny`.
    pub denies_missing: bool,
}

/// An APIService that another server than the API server itself answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiService {
    /// The object.
    pub origin: Origin,
    /// The API group.
    pub group: String,
    /// Its version.
    pub version: String,
    /// Who answers; `None` if the API server does so itself.
    pub called: Option<Called>,
    /// `insecureSkipTLSVerify`: whoever answers is believed.
    pub skips_verification: bool,
    /// Whether the API server would take it.
    pub admission: Admission,
}
