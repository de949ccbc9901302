//! ValidatingAdmissionPolicies: which requests are refused for sure.
//!
//! A policy counts only if the server surely has it and it surely is about the request; whatever is not decided here may be
//! let pass. Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>, and
//! `pkg/admission/plugin/policy` of `k8s.io/apiserver`.

mod cel;
mod certified;
mod coming;
mod matching;
mod prepared;
mod request;

pub use coming::{Coming, Wanted};
pub use request::{Draft, Operation};

use crate::policies::cel::{Inputs, Outcome, evaluate};
use prepared::{Ignored, Prepared};
use std::cell::LazyCell;
use std::collections::BTreeSet;
use watertight_base::{Diagnostic, Severity, Span};
use watertight_model::{AdmissionPolicyBinding, ObjectRef, Snapshot};

/// The policies of a cluster.
#[derive(Debug)]
pub struct Admission<'s> {
    snapshot: &'s Snapshot,
    policies: Vec<Prepared<'s>>,
    ignored: Vec<Ignored<'s>>,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The policy.
    pub policy: ObjectRef,
    /// The binding that puts it in force.
    pub binding: ObjectRef,
    /// The validation that fails, by its index; `None` if the policy cannot be asked, and refuses what it cannot be asked
    /// about.
    pub validation: Option<usize>,
    /// What is said to whoever asks.
    pub message: String,
    /// Where that stands.
    pub span: Span,
}

impl<'s> Admission<'s> {
    /// The policies of a snapshot.
    #[must_use]
    pub fn new(snapshot: &'s Snapshot) -> Self {
        let (policies, ignored) = prepared::all(snapshot);
        Self { snapshot, policies, ignored }
    }

    /// The objects of the cluster.
    #[must_use]
    pub fn snapshot(&self) -> &'s Snapshot {
        self.snapshot
    }

    /// Whether no policy refuses anything for sure, so that nobody need ask.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.policies.is_empty()
    }

    /// The policies that may refuse something.
    pub fn in_force(&self) -> impl Iterator<Item = &'s ObjectRef> {
        self.policies.iter().map(|policy| &policy.policy.origin.object)
    }

    /// Every text that the policies in force compare something with, and so the values that tell objects apart.
    #[must_use]
    pub fn texts(&self) -> BTreeSet<&str> {
        let mut texts = BTreeSet::new();
        for policy in &self.policies {
            let expressions = policy.validations.iter().map(|(_, expression)| expression);
            let expressions = expressions.chain(&policy.conditions);
            let expressions = expressions.chain(policy.variables.iter().map(|(_, expression)| expression));
            texts.extend(expressions.flat_map(|expression| expression.texts()));
            let of_bindings = policy.bindings.iter().filter_map(|binding| binding.resources.as_ref());
            for resources in of_bindings.chain([&policy.policy.constraints]) {
                let asked = resources.objects.requirements.iter().flat_map(|asked| &asked.values);
                texts.extend(asked.map(String::as_str));
            }
        }
        texts
    }

    /// What is not understood of the policies, and so left out: they may refuse more than is counted on.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let told = self.ignored.iter().map(|Ignored { policy, span, reason }| {
            let message = format!("in {}, an expression is not understood: {reason}", policy.origin.object);
            let label = "nothing counts on this policy";
            let help = "the API server may refuse such a policy; docs/admission.md lists what is understood";
            Diagnostic { severity: Severity::Info, ..Diagnostic::warning("unread-admission-policy", message) }
                .at(*span, label)
                .help(help)
        });
        told.collect()
    }

    /// Why every request that fits the draft is refused; `None` if one may be let pass.
    #[must_use]
    pub fn refuses(&self, draft: &Draft) -> Option<Refusal> {
        if draft.is_exempt() {
            return None;
        }
        // The same for all policies, and only made if one is about the draft.
        let inputs = LazyCell::new(|| draft.inputs(self.snapshot));
        self.policies.iter().find_map(|policy| self.refused_by(policy, draft, &inputs))
    }

    fn refused_by<F: FnOnce() -> Inputs>(
        &self,
        policy: &Prepared<'s>,
        draft: &Draft,
        inputs: &LazyCell<Inputs, F>,
    ) -> Option<Refusal> {
        if !self.matches(policy, draft) {
            return None;
        }
        let is_about = |binding: &&&AdmissionPolicyBinding| {
            let resources = binding.resources.as_ref();
            let is_meant = resources.is_none_or(|of| matching::surely_match(of, draft, self.snapshot, false));
            // Which parameters there are is not known, and without any the policy may let pass.
            is_meant && (policy.policy.param_kind.is_none() || binding.params.is_none())
        };
        let binding = policy.bindings.iter().find(is_about)?;
        let (validation, message, span) = judged(policy, inputs)?;
        Some(Refusal {
            policy: policy.policy.origin.object.clone(),
            binding: binding.origin.object.clone(),
            validation,
            message,
            span,
        })
    }

    fn matches(&self, policy: &Prepared<'s>, draft: &Draft) -> bool {
        matching::surely_match(&policy.policy.constraints, draft, self.snapshot, true)
    }
}

/// The validation that surely fails, and what is said then.
fn judged<F: FnOnce() -> Inputs>(
    policy: &Prepared<'_>,
    inputs: &LazyCell<Inputs, F>,
) -> Option<(Option<usize>, String, Span)> {
    let fails_closed = policy.policy.fails_closed;
    if !fails_closed && !policy.cheap {
        return None;
    }
    let of_conditions = LazyCell::new(|| inputs.of_conditions());
    let mut condition_fails = None;
    for (index, condition) in policy.conditions.iter().enumerate() {
        match verdict(&evaluate(condition, &of_conditions)) {
            Asked::True => {}
            Asked::Error if fails_closed => condition_fails = Some(index),
            Asked::TrueOrError if fails_closed => {}
            _ => return None,
        }
    }
    // A condition that cannot be asked, while none says no, refuses by itself.
    if let Some(place) = condition_fails.and_then(|index| policy.policy.conditions.get(index)) {
        return Some((None, "a match condition cannot be evaluated".to_owned(), place.span));
    }
    let inputs: Inputs = inputs.with_variables(&policy.variables);
    let failing = policy.validations.iter().enumerate().find(|(_, (_, expression))| {
        let asked = verdict(&evaluate(expression, &inputs));
        asked == Asked::False || (fails_closed && matches!(asked, Asked::FalseOrError | Asked::Error))
    });
    let (index, (validation, _)) = failing?;
    let expression = &validation.expression;
    let message = validation.message.clone();
    let message = message.unwrap_or_else(|| format!("failed expression: {}", expression.text.trim()));
    Some((Some(index), message, expression.span))
}

/// What a condition or a validation surely comes out as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    True,
    False,
    Error,
    TrueOrError,
    FalseOrError,
    Open,
}

fn verdict(outcome: &Outcome) -> Asked {
    let (truth, error) = outcome.truths();
    match (truth.yes, truth.no, error) {
        (true, false, false) => Asked::True,
        (false, true, false) => Asked::False,
        (false, false, _) => Asked::Error,
        (true, false, true) => Asked::TrueOrError,
        (false, true, true) => Asked::FalseOrError,
        (true, true, _) => Asked::Open,
    }
}
