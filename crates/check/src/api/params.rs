//! Objects from which admission policies take parameters: whoever writes one changes what the policy does
//! (`rules/policy-params.md`). Whatever may be there counts.

use super::matching::means;
use crate::mutation::may_select;
use std::collections::BTreeSet;
use watertight_base::Selector;
use watertight_kubernetes::Resources;
use watertight_model::{ParamKind, ParamRef, RoleRule, Snapshot};

/// The objects from which one binding of a policy takes parameters.
#[derive(Debug)]
pub(crate) struct Params {
    group: String,
    /// Their resource; `None` if the kind is not known, so that it may be any of the group.
    resource: Option<String>,
    /// Their name; `None` if a selector chooses.
    name: Option<String>,
    /// The namespaces in which they count; none if they live in none.
    namespaces: BTreeSet<String>,
}

impl Params {
    /// Those of all policies. Where no namespace is named, each object is judged by those of its own: those of the `from` side
    /// decide about what it may write.
    pub(crate) fn all(snapshot: &Snapshot, resources: &Resources, from: &BTreeSet<&str>) -> Vec<Self> {
        let params = |(kind, at, namespaces): (&ParamKind, &ParamRef, Vec<&Selector>)| {
            let known = resources.iter().find(|it| it.group == kind.group && it.kind == kind.kind);
            let is_judged = |name: &str| {
                let namespace = snapshot.namespace_named(name).map(|id| snapshot.namespace(id));
                namespace.is_some_and(|it| namespaces.iter().all(|selector| may_select(selector, it)))
            };
            let namespaces = match &at.namespace {
                _ if known.is_some_and(|it| !it.namespaced) => BTreeSet::new(),
                Some(namespace) => BTreeSet::from([namespace.clone()]),
                None => from.iter().filter(|name| is_judged(name)).map(|&name| name.to_owned()).collect(),
            };
            let resource = known.map(|it| it.plural.clone());
            Self { group: kind.group.clone(), resource, name: at.name.clone(), namespaces }
        };
        bound(snapshot).into_iter().map(params).collect()
    }

    /// Whether a group and a resource of a rule mean them. No subresource of them is a parameter.
    pub(super) fn are(&self, group: &str, resource: &str) -> bool {
        ["*", &self.group].contains(&group)
            && self.resource.as_ref().map_or(!resource.contains('/'), |own| means(resource, own))
    }

    /// Whether a rule that is granted in a scope is about them.
    pub(super) fn are_written(&self, scope: Option<&str>, rule: &RoleRule) -> bool {
        let mut groups = rule.api_groups.iter();
        let is_named = match (&self.name, rule.resource_names.as_slice()) {
            (_, []) | (None, _) => true,
            (Some(name), names) => names.contains(name),
        };
        is_named
            && scope.is_none_or(|scope| self.namespaces.contains(scope))
            && groups.any(|group| rule.resources.iter().any(|resource| self.are(group, resource)))
    }
}

/// The kind and the place of the parameters of each binding, with the namespaces that it is about. Of policies that validate, only
/// what refuses is a fence.
fn bound(snapshot: &Snapshot) -> Vec<(&ParamKind, &ParamRef, Vec<&Selector>)> {
    let mut bound = Vec::new();
    for binding in &snapshot.mutating_policy_bindings {
        let policies = snapshot.mutating_policies.iter();
        for policy in policies.filter(|policy| policy.origin.object.name == binding.policy) {
            if let Some((kind, at)) = policy.param_kind.as_ref().zip(binding.params.as_ref()) {
                let about = [Some(&policy.about), binding.about.as_ref()].into_iter().flatten();
                bound.push((kind, at, about.map(|about| &about.namespaces).collect()));
            }
        }
    }
    for binding in snapshot.admission_policy_bindings.iter().filter(|binding| binding.denies) {
        let policies = snapshot.admission_policies.iter();
        for policy in policies.filter(|policy| policy.origin.object.name == binding.policy.text) {
            if let Some((kind, at)) = policy.param_kind.as_ref().zip(binding.params.as_ref()) {
                let about = [Some(&policy.constraints), binding.resources.as_ref()].into_iter().flatten();
                bound.push((kind, at, about.map(|about| &about.namespaces).collect()));
            }
        }
    }
    bound
}
