//! Which labels a namespace may get where the hostile side may change them: any, but for those that policies refuse.
//!
//! What it has it may keep, since nobody is asked about that. Every other label comes by a request: the namespace is created
//! anew, or changed as itself or by one of its two subresources, which change labels too. What each of these is refused for, it
//! never gets, in whatever order things are done. Of a namespace as it was before a request nothing is known, and of its labels
//! at that time only that they may be any: so a policy that is asked by them counts for nothing.

use crate::Rejection;
use crate::admission::{Kind, refused_object};
use crate::format::{Fact, KnownField, RefusedObject, Word};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{LabelBox, Labels, ValueSet};
use watertight_model::{Namespace, NamespaceId, Snapshot};

/// How a namespace comes to have labels.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/#Operations>.
const WAYS: [(&str, &str); 4] =
    [("CREATE", ""), ("UPDATE", ""), ("UPDATE", "status"), ("UPDATE", "finalize")];

/// What is said of a label that a namespace does not get.
enum Said<'f> {
    /// It has none of these values.
    Values(&'f str, ValueSet),
    /// It is not missing among others.
    Missing(&'f str),
    /// There are some labels.
    NoLabels,
}

/// The labels that each of the relabelled namespaces may have. The first snapshot is as the input has it, and in the second
/// nothing is known of their labels.
///
/// # Errors
/// A fact is about another namespace, or something that it says may come to be after all.
pub(crate) fn labels_to_come(
    facts: &[Fact],
    relabelled: &BTreeSet<NamespaceId>,
    (input, edited): (&Snapshot, &Snapshot),
) -> Result<BTreeMap<NamespaceId, LabelBox>, Rejection> {
    let mut labels: BTreeMap<NamespaceId, LabelBox> = BTreeMap::new();
    for (number, fact) in facts.iter().enumerate() {
        let Fact::KeepsLabels { namespace, refused } = fact else { continue };
        let reject = |why: String| Rejection::of_fact(number, why);
        let id = input.namespace_named(namespace).filter(|id| relabelled.contains(id));
        let id = id.ok_or_else(|| reject(format!("nobody gives `{namespace}` other labels")))?;
        let kept = kept(input.namespace(id), refused, edited).map_err(reject)?;
        if labels.insert(id, kept).is_some() {
            return Err(reject(format!("`{namespace}` is there twice")));
        }
    }
    let all = relabelled.iter().map(|&id| {
        let own = own_name(&input.namespace(id).name);
        (id, labels.remove(&id).unwrap_or(own))
    });
    Ok(all.collect())
}

/// The labels of which only the name is known, which never changes (convention 9).
fn own_name(name: &str) -> LabelBox {
    let named = Labels::from([(Namespace::NAME_LABEL.to_owned(), name.to_owned())]);
    LabelBox::exactly(&named, [Namespace::NAME_LABEL.to_owned()])
}

/// What is left to a namespace, if all that is said of it is refused.
fn kept(of: &Namespace, refused: &[RefusedObject], edited: &Snapshot) -> Result<LabelBox, String> {
    let name = &of.name;
    let current = of.sure_labels();
    let current = current.ok_or_else(|| format!("the labels that `{name}` has are not known"))?;
    if refused.is_empty() {
        return Err("it says nothing".to_owned());
    }
    let mut left: BTreeMap<&str, ValueSet> = BTreeMap::new();
    let mut leave = |key, set: &ValueSet| {
        let all = left.remove(key).unwrap_or_else(ValueSet::anything);
        let fewer = all.intersection(&set.complement());
        let is_new = fewer != all;
        left.insert(key, fewer);
        is_new
    };
    let (mut missing, mut has_some) = (BTreeSet::new(), false);
    for object in refused {
        let is_new = match said(object, name).ok_or_else(|| format!("it is not about a label of `{name}`"))? {
            Said::Values(key, values) => leave(key, &values),
            Said::Missing(key) => missing.insert(key),
            Said::NoLabels => !std::mem::replace(&mut has_some, true),
        };
        if !is_new {
            return Err("it says something twice".to_owned());
        }
        refused_object(edited, object, &WAYS)
            .map_err(|why| format!("`{name}` may get such labels: {why}"))?;
    }
    // A label is missing where others are there, or where there are none at all.
    if missing.is_empty() == has_some {
        return Err("it does not say of both that no label is missing".to_owned());
    }
    for key in missing {
        leave(key, &ValueSet::some(true, BTreeSet::new()));
    }
    left.iter().try_fold(own_name(name), |labels, (key, set)| {
        let set = set.clone().or(current.get(*key));
        labels.within(key, &set).ok_or_else(|| format!("nothing is left of `{key}`"))
    })
}

/// What an object says of a label of this namespace; `None` if it is another object, or says something else.
fn said<'f>(object: &'f RefusedObject, name: &str) -> Option<Said<'f>> {
    let RefusedObject { group, version, kind, resource, namespace, fields, .. } = object;
    let is_namespace =
        Kind::new([group, version, kind, resource]) == Kind::new(["", "v1", "Namespace", "namespaces"]);
    let [field, named] = fields.as_slice() else { return None };
    let own_name = KnownField {
        path: ["metadata", "name"].map(str::to_owned).to_vec(),
        one_of: Some([name.to_owned()].into()),
        other_than: None,
        is: None,
    };
    if !is_namespace || namespace != name || *named != own_name {
        return None;
    }
    let path: Vec<&str> = field.path.iter().map(String::as_str).collect();
    match (path.as_slice(), &field.one_of, &field.other_than, field.is) {
        (["metadata", "labels"], None, None, Some(Word::Absent)) => Some(Said::NoLabels),
        (["metadata", "labels", key], None, None, Some(Word::Absent)) => Some(Said::Missing(key)),
        (["metadata", "labels", key], Some(values), None, None) => {
            Some(Said::Values(key, ValueSet::some(false, values.clone())))
        }
        (["metadata", "labels", key], None, Some(values), None) => {
            Some(Said::Values(key, ValueSet::all_but(false, values.clone())))
        }
        _ => None,
    }
}
