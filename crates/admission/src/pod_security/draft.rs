//! Drafts of pods that have some power over their node. Each list is whole: a pod that has the power fits one of them.

use super::host::DIALED;
use super::pod::CONTAINERS;
use crate::{Known, Others};

/// Pods in a namespace of their node: `hostNetwork`, `hostPID` or `hostIPC`.
#[must_use]
pub fn in_namespace_of_node(field: &str) -> Vec<Known> {
    vec![with_spec(field, Known::Bool(true))]
}

/// Pods that mount a folder of their node.
#[must_use]
pub fn with_host_path() -> Vec<Known> {
    let volume = Known::with([("hostPath", Known::with([]))]);
    vec![with_spec("volumes", with_element(volume))]
}

/// Pods with a privileged container.
#[must_use]
pub fn privileged() -> Vec<Known> {
    let context = Known::with([("privileged", Known::Bool(true))]);
    with_container(&Known::with([("securityContext", context)]))
}

/// Pods with a probe or a hook that names a host, which their node dials. Ephemeral containers have neither.
#[must_use]
pub fn with_probe_host() -> Vec<Known> {
    let host = || Known::with([("host", Known::OtherText([String::new()].into()))]);
    let container =
        |path: &[&str]| path.iter().rev().fold(host(), |known, &step| Known::with([(step, known)]));
    let lists = ["initContainers", "containers"];
    let of = |list| DIALED.iter().map(move |path| with_spec(list, with_element(container(path))));
    lists.into_iter().flat_map(of).collect()
}

fn with_spec(field: &str, known: Known) -> Known {
    Known::with([("spec", Known::with([(field, known)]))])
}

fn with_element(element: Known) -> Known {
    Known::List { elements: vec![element], others: Others::Any }
}

fn with_container(container: &Known) -> Vec<Known> {
    CONTAINERS.map(|list| with_spec(list, with_element(container.clone()))).into()
}
