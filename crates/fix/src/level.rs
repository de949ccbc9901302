//! Whose pods a level of Pod Security refuses, once a namespace has it: the next time that they start.

use crate::change::Changes;
use crate::input::Input;
use crate::state::State;
use crate::text::at;
use std::collections::{BTreeMap, BTreeSet};
use watertight_admission::pod_security::{Check, NEWEST, Standard};
use watertight_admission::{Known, Others};
use watertight_base::Labels;
use watertight_ingest::{Content, Tree};
use watertight_model::{ObjectRef, PodSecurity, PodSecurityLevel};

/// The workloads of a namespace that its new labels refuse, each with the checks that do, after what else is changed of them.
pub(crate) fn refused(
    input: &Input<'_>,
    state: &State,
    namespace: &ObjectRef,
    labels: &BTreeMap<String, String>,
) -> BTreeMap<ObjectRef, BTreeSet<Check>> {
    let mut refused: BTreeMap<ObjectRef, BTreeSet<Check>> = BTreeMap::new();
    let labels: Labels = labels.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    if PodSecurity::of(&labels).level == PodSecurityLevel::Privileged {
        return refused;
    }
    let Some(id) = input.snapshot.namespace_named(&namespace.name) else { return refused };
    // The newest server asks most.
    let standard = Standard::of(Some(&labels), NEWEST..=NEWEST);
    for pod in input.snapshot.pods.iter().filter(|pod| pod.namespace == id) {
        let object = &pod.origin.object;
        let Some(place) = input.place(object) else { continue };
        let nothing = Changes::default();
        let changes = state.changes.get(object).unwrap_or(&nothing);
        let stays = |check: &Check| match check {
            Check::HostNamespaces | Check::HostPorts => !changes.leaves_host,
            Check::HostProbesAndHostLifecycle => !changes.asks_itself,
            _ => true,
        };
        let template = at(place.tree, pod.template).map_or(Known::Absent, known);
        let failed: BTreeSet<Check> = standard.failed(&template).into_iter().filter(stays).collect();
        if !failed.is_empty() {
            refused.entry(object.clone()).or_default().extend(failed);
        }
    }
    refused
}

/// A value that is there as it is written.
fn known(tree: &Tree) -> Known {
    match &tree.content {
        Content::Null => Known::Absent,
        Content::Boolean(value) => Known::Bool(*value),
        Content::Number { whole, written } => match whole.and_then(|whole| i64::try_from(whole).ok()) {
            Some(whole) => Known::Integer(whole),
            None => written.parse().map_or(Known::Nothing, Known::Number),
        },
        Content::Text(text) => Known::text(text),
        Content::List(elements) => {
            Known::List { elements: elements.iter().map(known).collect(), others: Others::None }
        }
        Content::Mapping(members) => Known::Map {
            fields: members.iter().map(|member| (member.key.clone(), known(&member.value))).collect(),
            others: Others::None,
        },
    }
}
