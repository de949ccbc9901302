//! ValidatingAdmissionPolicies and their bindings, as they were read: every default filled in, no expression looked at.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>.

use crate::{Admission, Origin, ParamKind, ParamRef, Written};
use watertight_base::Selector;

/// One ValidatingAdmissionPolicy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmissionPolicy {
    /// The object.
    pub origin: Origin,
    /// Whether a request is refused of which the policy cannot be asked: `failurePolicy` is `Fail`, which is the default.
    pub fails_closed: bool,
    /// `paramKind`.
    pub param_kind: Option<ParamKind>,
    /// The requests that it is about.
    pub constraints: MatchResources,
    /// `matchConditions`: all of these must hold besides.
    pub conditions: Vec<Written>,
    /// `variables`, in their order, each with its expression.
    pub variables: Vec<(Written, Written)>,
    /// What must hold of each such request.
    pub validations: Vec<Validation>,
    /// The `valueExpression` of each audit annotation.
    pub annotations: Vec<Written>,
    /// Whether the API server would take it, as far as it was read: expressions are not looked at.
    pub admission: Admission,
}

/// One element of `validations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validation {
    /// What must be true.
    pub expression: Written,
    /// What is said otherwise.
    pub message: Option<String>,
    /// The same, as an expression.
    pub message_expression: Option<Written>,
}

/// Which requests a policy or a binding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchResources {
    /// The resources; of a binding none are all.
    pub rules: Vec<ResourceRule>,
    /// Those that are left out all the same.
    pub excluded: Vec<ResourceRule>,
    /// The namespaces, by their labels. Objects without a namespace are all selected, but for namespaces.
    pub namespaces: Selector,
    /// The objects, by their labels before or after.
    pub objects: Selector,
    /// Whether requests of other versions of a resource are meant too: `matchPolicy` is `Equivalent`, which is the default.
    pub equivalent: bool,
}

/// One element of `resourceRules` or `excludeResourceRules`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ResourceRule {
    /// `*`, or the groups.
    pub groups: Vec<String>,
    /// `*`, or the versions.
    pub versions: Vec<String>,
    /// `pods`, `pods/status`, `*`, `*/scale`, `pods/*`…
    pub resources: Vec<String>,
    /// `*`, or `CREATE`, `UPDATE`, `DELETE`, `CONNECT`.
    pub operations: Vec<String>,
    /// The names of the objects; empty for all.
    pub names: Vec<String>,
    /// `scope`.
    pub scope: RuleScope,
}

/// Whether a rule is about objects in namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RuleScope {
    /// About all.
    #[default]
    All,
    /// About those in namespaces.
    Namespaced,
    /// About the others, and about namespaces.
    Cluster,
}

/// One ValidatingAdmissionPolicyBinding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmissionPolicyBinding {
    /// The object.
    pub origin: Origin,
    /// `policyName`.
    pub policy: Written,
    /// Whether what is not valid is refused: `Deny` is among the `validationActions`.
    pub denies: bool,
    /// The requests that it narrows the policy to.
    pub resources: Option<MatchResources>,
    /// `paramRef`.
    pub params: Option<ParamRef>,
    /// Whether the API server would take it.
    pub admission: Admission,
}
