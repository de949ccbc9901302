//! Changes of pods. Most of a pod cannot be changed, and of what can be, images alone matter to Pod Security: a pod may stay
//! what it is, whatever its namespace enforces by now, and may have any metadata.

use super::may::elements;
use super::{Check, Standard};
use crate::{Known, Others};

impl Standard {
    /// The check that stops every change from a pod that fits one draft to one that fits the other. The server looks at a
    /// change if it adds a container or changes an image.
    ///
    /// Source: `isSignificantPodUpdate` of
    /// <https://github.com/kubernetes/pod-security-admission/blob/v0.36.3/admission/admission.go>.
    #[must_use]
    pub fn refuses_update(&self, old: &Known, new: &Known) -> Option<Check> {
        self.refuses(new).filter(|_| matters(old.field("spec"), new.field("spec")))
    }
}

/// Whether the server surely looks at the change.
fn matters(old: &Known, new: &Known) -> bool {
    let in_place = |list: &str| differ_in_place(old.field(list), new.field(list));

    in_place("containers")
        || in_place("initContainers")
        || one_is_new(old.field("ephemeralContainers"), new.field("ephemeralContainers"))
}

/// Whether two lists surely differ in length or in an image.
fn differ_in_place(old: &Known, new: &Known) -> bool {
    let lengths = exact(old).zip(exact(new));
    lengths.is_some_and(|(old, new)| {
        old.len() != new.len() || old.iter().zip(new).any(|(old, new)| differ_in(old, new, "image"))
    })
}

/// Whether a container surely was not there, or had another image.
fn one_is_new(old: &Known, new: &Known) -> bool {
    let Some(old) = exact(old) else { return false };
    elements(new)
        .iter()
        .any(|new| old.iter().all(|old| differ_in(old, new, "name") || differ_in(old, new, "image")))
}

/// The elements of a list, if those that are known are all.
fn exact(list: &Known) -> Option<&[Known]> {
    match list {
        Known::Nothing | Known::List { others: Others::Any, .. } => None,
        list => Some(elements(list)),
    }
}

/// Whether a text surely differs.
fn differ_in(old: &Known, new: &Known, field: &str) -> bool {
    match (old.field(field), new.field(field)) {
        (Known::Text(old), Known::Text(new)) => old.is_disjoint(new),
        (Known::Text(some), Known::OtherText(none)) | (Known::OtherText(none), Known::Text(some)) => {
            some.is_subset(none)
        }
        _ => false,
    }
}
