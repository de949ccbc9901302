//! What is granted otherwise than by a binding, and goes only with what needed it: references of the hostile side into the
//! other, and rights in its own namespaces that lead out of them.

use crate::candidates::Ground;
use crate::change::Changes;
use crate::input::Input;
use crate::state::State;
use std::collections::BTreeSet;
use watertight_model::{Breach, ObjectRef, ReferenceGrant, Role, RoleBinding};

/// By rule, the resource that nobody but a controller of the cluster writes, and by which a right at home leads out.
const LEADS_OUT: [(&str, &str); 2] =
    [("change-load-balancer-addresses", "services/status"), ("proxy-to-any-address", "pods/status")];

/// A ReferenceGrant that names nobody of the hostile side.
pub(crate) fn unnamed(input: &Input<'_>, object: &ObjectRef) -> Option<State> {
    let grantees: BTreeSet<usize> = hostile(input, find(input, object)?).map(|(index, _)| index).collect();
    let changes = Changes { grantees, ..Changes::default() };
    (!changes.grantees.is_empty()).then(|| State::of(object, changes))
}

fn find<'a>(input: &Input<'a>, object: &ObjectRef) -> Option<&'a ReferenceGrant> {
    let mut grants = input.snapshot.reference_grants.iter();
    grants.find(|grant| {
        let other = &grant.origin.object;
        other.namespace == object.namespace && other.name == object.name
    })
}

/// The elements that let the hostile side refer, each with its place in the list and in words.
fn hostile<'a>(
    input: &'a Input<'_>,
    grant: &'a ReferenceGrant,
) -> impl Iterator<Item = (usize, String)> + 'a {
    let of_hostile = grant.from.iter().enumerate().filter(|(_, from)| input.from.contains(&from.namespace));
    of_hostile.map(|(index, from)| (index, format!("{}s of `{}`", from.kind.kind, from.namespace)))
}

/// Who refers no more, in words.
pub(crate) fn referring(input: &Input<'_>, object: &ObjectRef, grantees: &BTreeSet<usize>) -> Vec<String> {
    let named = find(input, object).into_iter().flat_map(|grant| hostile(input, grant));
    named.filter(|(index, _)| grantees.contains(index)).map(|(_, who)| who).collect()
}

/// A role of the hostile side's own namespaces without the right that leads out of them.
pub(crate) fn without_right(ground: &Ground<'_>, done: &State, breach: &Breach) -> Vec<State> {
    let input = ground.input;
    let Some((_, resource)) = LEADS_OUT.iter().find(|(rule, _)| *rule == breach.rule) else {
        return Vec::new();
    };
    let all = breach.steps.iter().flat_map(|step| &step.because);
    let roles = all.filter(|because| ["Role", "ClusterRole"].contains(&because.object.kind.as_str()));
    let less = roles.filter_map(|because| {
        let place = input.place(&because.object)?;
        let nothing = Changes::default();
        let changes = done.changes.get(&because.object).unwrap_or(&nothing);
        let [index] = changes.original_path(place.tree, &because.path)?[..] else { return None };
        let role = role(input, &because.object).filter(|role| is_at_home(input, role))?;
        let at = role.rules.get(index)?.resources.iter().position(|written| written == resource)?;
        let changes = Changes { rights: [(index, at)].into(), ..Changes::default() };
        Some(State::of(&because.object, changes))
    });
    less.collect()
}

fn role<'a>(input: &Input<'a>, object: &ObjectRef) -> Option<&'a Role> {
    let mut roles = input.snapshot.roles.iter();
    roles.find(|role| role.object.namespace == object.namespace && role.object.name == object.name)
}

/// Whether a role is bound in the hostile side's namespaces alone, and not made of others.
fn is_at_home(input: &Input<'_>, role: &Role) -> bool {
    let names_it = |binding: &&RoleBinding| {
        binding.role.name == role.object.name
            && binding.role.cluster == role.object.namespace.is_none()
            && (binding.role.cluster || binding.object.namespace == role.object.namespace)
    };
    let mut bindings = input.snapshot.role_bindings.iter().filter(names_it);
    let is_home = |namespace: &Option<String>| {
        namespace.as_ref().is_some_and(|namespace| input.from.contains(namespace))
    };
    role.aggregates.is_none() && bindings.all(|binding| is_home(&binding.object.namespace))
}

/// What a role grants no more, in words.
pub(crate) fn ungranted(
    input: &Input<'_>,
    object: &ObjectRef,
    rights: &BTreeSet<(usize, usize)>,
) -> Vec<String> {
    let Some(role) = role(input, object) else { return Vec::new() };
    let words = |&(rule, resource): &(usize, usize)| {
        let rule = role.rules.get(rule)?;
        Some(format!("{} on `{}`", rule.verbs.join(", "), rule.resources.get(resource)?))
    };
    rights.iter().filter_map(words).collect()
}
