//! Objects from which admission policies take parameters: whoever writes one changes what the policy does.
//!
//! Source: <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/#parameter-resources>.

use super::closure::Doubtful;
use super::meets::means;
use crate::matching::ALL;
use std::collections::BTreeSet;
use watertight_admission::{Asked, by_namespace};
use watertight_base::Selector;
use watertight_kubernetes::Resources;
use watertight_model::{Admission, NamespaceId, ParamKind, ParamRef, RoleRule, Snapshot};

/// The objects from which one binding of a policy takes parameters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Params {
    group: String,
    /// Their resource; `None` if the kind is not known, so that it may be any of the group.
    resource: Option<String>,
    /// Their name; `None` if a selector chooses.
    name: Option<String>,
    /// The namespaces in which they count; none if they live in none.
    namespaces: BTreeSet<String>,
}

/// A policy and a binding of it, as far as it is about parameters.
struct Bound<'s> {
    kind: &'s ParamKind,
    at: &'s ParamRef,
    /// Which namespaces both are about.
    namespaces: Vec<&'s Selector>,
}

/// The bindings of policies that take parameters. Of those that validate, only what refuses is a fence.
fn bound(snapshot: &Snapshot, doubtful: Doubtful) -> Vec<Bound<'_>> {
    let there = |admission: Admission| doubtful == Doubtful::With || admission == Admission::Accepted;
    let mut found = Vec::new();
    for binding in snapshot.mutating_policy_bindings.iter().filter(|binding| there(binding.admission)) {
        let policies = snapshot.mutating_policies.iter().filter(|policy| there(policy.admission));
        for policy in policies.filter(|policy| policy.origin.object.name == binding.policy) {
            if let (Some(kind), Some(at)) = (&policy.param_kind, &binding.params) {
                let scopes = std::iter::once(&policy.about).chain(&binding.about);
                found.push(Bound { kind, at, namespaces: scopes.map(|scope| &scope.namespaces).collect() });
            }
        }
    }
    let refusing = snapshot.admission_policy_bindings.iter().filter(|binding| binding.denies);
    for binding in refusing.filter(|binding| there(binding.admission)) {
        let policies = snapshot.admission_policies.iter().filter(|policy| there(policy.admission));
        for policy in policies.filter(|policy| policy.origin.object.name == binding.policy.text) {
            if let (Some(kind), Some(at)) = (&policy.param_kind, &binding.params) {
                let about = std::iter::once(&policy.constraints).chain(&binding.resources);
                found.push(Bound { kind, at, namespaces: about.map(|of| &of.namespaces).collect() });
            }
        }
    }
    found
}

/// The parameters of all policies. Where no namespace is named, each object is judged by those of its own namespace: those of
/// the `from` side decide about what it may write.
pub(super) fn all(
    snapshot: &Snapshot,
    minor: u32,
    from: &BTreeSet<String>,
    doubtful: Doubtful,
) -> Vec<Params> {
    let bound = bound(snapshot, doubtful);
    if bound.is_empty() {
        return Vec::new();
    }
    let resources = Resources::new(minor, &snapshot.custom_resources);
    let least = if doubtful == Doubtful::With { Asked::Maybe } else { Asked::Yes };
    let params = |Bound { kind, at, namespaces }: Bound<'_>| {
        let resource = resources.iter().find(|known| known.group == kind.group && known.kind == kind.kind);
        let is_judged = |name: &&String| {
            let id: Option<NamespaceId> = snapshot.namespace_named(name);
            id.is_some_and(|id| {
                let namespace = Some(snapshot.namespace(id));
                namespaces.iter().all(|selector| by_namespace(selector, namespace) >= least)
            })
        };
        let namespaces = match (&at.namespace, resource.is_none_or(|resource| resource.namespaced)) {
            (_, false) => BTreeSet::new(),
            (Some(namespace), true) => BTreeSet::from([namespace.clone()]),
            (None, true) => from.iter().filter(is_judged).cloned().collect(),
        };
        Params {
            group: kind.group.clone(),
            resource: resource.map(|resource| resource.plural.clone()),
            name: at.name.clone(),
            namespaces,
        }
    };
    bound.into_iter().map(params).collect()
}

impl Params {
    /// Whether a group and a resource of a rule mean them.
    pub(super) fn are(&self, group: &str, resource: &str) -> bool {
        let is_group = group == ALL || group == self.group;
        // No subresource of them is a parameter.
        is_group && self.resource.as_ref().map_or(!resource.contains('/'), |own| means(resource, own))
    }

    /// Whether a right that is granted in a scope, or everywhere, is about them.
    pub(super) fn are_written(&self, scope: Option<&str>, part: &RoleRule) -> bool {
        let is_named = part.resource_names.is_empty()
            || self.name.as_ref().is_none_or(|name| part.resource_names.contains(name));
        let is_there = scope.is_none_or(|scope| self.namespaces.contains(scope));
        let is_meant = |group: &String| part.resources.iter().any(|resource| self.are(group, resource));
        is_named && is_there && part.api_groups.iter().any(is_meant)
    }
}
