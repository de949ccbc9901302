//! Creating an object of a given name: server-side apply asks for `create` and `patch`, both under the name.
//!
//! After `patchResource` of `k8s.io/apiserver` (`pkg/endpoints/handlers/patch.go`): what is applied and not there is
//! created once the authorizer allows `create` on that name. A plain `create` carries no name.

use super::combine::may_be_one;
use super::derivation::Source;
use super::meets::Meets;
use watertight_kubernetes::Need;
use watertight_model::{Principal, RoleRule};

/// What a rule gives of a right.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// The right.
    Whole(RoleRule),
    /// To create objects of some names, which takes `patch` as well.
    Creates(RoleRule),
    /// The `patch` that goes with it.
    Patches(RoleRule),
}

/// One of the two halves, as somebody holds it.
#[derive(Debug, Clone)]
pub(super) struct Half {
    pub(super) principal: Principal,
    pub(super) source: Source,
    pub(super) scope: Option<String>,
    pub(super) part: RoleRule,
    pub(super) patches: bool,
}

impl Half {
    /// Whether one principal may have both.
    fn fits(&self, other: &Self) -> bool {
        let anybody = self.source.is_for_anybody() || other.source.is_for_anybody();
        anybody || may_be_one(&self.principal, &other.principal)
    }

    /// Who has both, and whether anybody may.
    pub(super) fn holder(&self, other: &Self) -> (Principal, bool) {
        match (self.source.is_for_anybody(), other.source.is_for_anybody()) {
            (true, false) => (other.principal.clone(), false),
            (_, anybody) => (self.principal.clone(), anybody && self.source.is_for_anybody()),
        }
    }

    /// Where, and for which names, two halves together are the right.
    pub(super) fn joined(&self, other: &Self, need: &Need) -> Option<(Option<String>, Vec<String>)> {
        if self.patches == other.patches || !self.fits(other) || !need.is_about_both(&self.part, &other.part)
        {
            return None;
        }
        let scope = match (&self.scope, &other.scope) {
            (Some(one), Some(other)) if one != other => return None,
            (one, other) => one.clone().or_else(|| other.clone()),
        };
        let (creates, patches) = if self.patches { (other, self) } else { (self, other) };
        let is_patched = |name: &&String| {
            patches.part.resource_names.is_empty() || patches.part.resource_names.contains(name)
        };
        let names: Vec<String> = creates.part.resource_names.iter().filter(is_patched).cloned().collect();
        (!names.is_empty()).then_some((scope, names))
    }
}
