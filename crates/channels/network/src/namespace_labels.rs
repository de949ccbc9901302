//! Which labels a namespace may come to have where the hostile side may change them: what it has, and what no policy refuses.

use crate::creatable::{admitted, by_key, labelled, unlabelled, values_of};
use std::collections::BTreeSet;
use watertight_admission::{Admission, Coming, Known, Wanted};
use watertight_base::{LabelBox, Labels, Selector, ValueSet};
use watertight_model::{Namespace, NamespaceId, RefusedObject, Snapshot};

/// A snapshot in which somebody may change the labels of a namespace, and nothing is known of them: a policy that is asked by what
/// it has today may not be asked any more once it has others.
struct Relabelled<'s> {
    name: &'s str,
    /// The labels of today.
    current: &'s Labels,
    snapshot: Snapshot,
}

impl<'s> Relabelled<'s> {
    /// `None` where no policy could keep anything from it, or its labels are not known.
    fn of(snapshot: &'s Snapshot, namespace: NamespaceId) -> Option<Self> {
        let Namespace { name, labels, admission, .. } = snapshot.namespace(namespace);
        let current = labels.as_ref().filter(|_| *admission == watertight_model::Admission::Accepted)?;
        if Admission::new(snapshot).is_open() {
            return None;
        }
        let mut snapshot = snapshot.clone();
        snapshot.namespaces.get_mut(namespace.0)?.labels = None;
        Some(Self { name, current, snapshot })
    }
}

/// The labels that a namespace of today may come to have where somebody may change them: what it has, and what no policy
/// refuses. Of each key that is asked about by itself.
pub(crate) fn labels_of_namespace<'s>(
    snapshot: &Snapshot,
    namespace: NamespaceId,
    selectors: impl IntoIterator<Item = &'s Selector>,
) -> LabelBox {
    let Some(relabelled) = Relabelled::of(snapshot, namespace) else { return LabelBox::everything() };
    let Relabelled { name, current, .. } = relabelled;
    let policies = Admission::new(&relabelled.snapshot);
    let comes =
        |object: Known| policies.could_come_to_be(&Wanted::namespace(name, object)) == Coming::Possibly;
    by_key(selectors).into_iter().fold(LabelBox::everything(), |all, (key, mut named)| {
        let current = current.get(key);
        named.extend(current.map(String::as_str));
        let set = admitted(&policies, comes, key, named).or(current);
        all.clone().within(key, &set).unwrap_or(all)
    })
}

/// What a namespace never gets, as certificates have it.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptLabels {
    /// The namespace.
    pub namespace: NamespaceId,
    current: Labels,
    /// What is refused by itself.
    refused: Vec<Refused>,
}

/// Values of one label that are refused, with what the namespace would be like.
#[derive(Debug, Clone, PartialEq)]
struct Refused {
    key: String,
    values: ValueSet,
    objects: Vec<RefusedObject>,
}

impl KeptLabels {
    /// All that certificates can say of that, of the keys that these selectors ask about.
    pub(crate) fn of<'s>(
        snapshot: &Snapshot,
        namespace: NamespaceId,
        selectors: impl IntoIterator<Item = &'s Selector>,
    ) -> Self {
        let Some(relabelled) = Relabelled::of(snapshot, namespace) else {
            return Self { namespace, current: Labels::new(), refused: Vec::new() };
        };
        let current = relabelled.current;
        let policies = Admission::new(&relabelled.snapshot);
        let certified = |object: Known| policies.certified(&Wanted::namespace(relabelled.name, object));
        let mut refused = Vec::new();
        for (key, mut named) in by_key(selectors) {
            named.extend(current.get(key).map(String::as_str));
            refused.extend(refused_of(key, values_of(&policies, named), certified));
        }
        Self { namespace, current: current.clone(), refused }
    }

    /// The same, if nothing of it were refused.
    pub(crate) fn none(&self) -> Self {
        Self { refused: Vec::new(), ..self.clone() }
    }

    /// How much is refused.
    pub(crate) fn len(&self) -> usize {
        self.refused.len()
    }

    /// The same without one of it.
    pub(crate) fn without(&self, index: usize) -> Self {
        let mut fewer = self.clone();
        fewer.refused.remove(index);
        fewer
    }

    /// The labels that are left.
    pub(crate) fn labels(&self) -> LabelBox {
        self.refused.iter().fold(LabelBox::everything(), |all, Refused { key, values, .. }| {
            let left = values.complement().or(self.current.get(key));
            all.clone().within(key, &left).unwrap_or(all)
        })
    }

    /// What refuses it, each once.
    pub(crate) fn objects(&self) -> Vec<RefusedObject> {
        let mut all: Vec<RefusedObject> = Vec::new();
        for object in self.refused.iter().flat_map(|refused| &refused.objects) {
            if !all.contains(object) {
                all.push(object.clone());
            }
        }
        all
    }
}

/// What is refused of one key: all values but some at once, if that can be said, or else each by itself.
fn refused_of(
    key: &str,
    values: BTreeSet<String>,
    certified: impl Fn(Known) -> Option<RefusedObject>,
) -> Vec<Refused> {
    let with = |value: Known| certified(labelled(key, value));
    let refused = |values, objects| Refused { key: key.to_owned(), values, objects };
    let alone: Vec<(String, Option<RefusedObject>)> =
        values.iter().map(|value| (value.clone(), with(Known::text(value)))).collect();
    let admitted: BTreeSet<String> =
        alone.iter().filter(|(_, object)| object.is_none()).map(|(value, _)| value.clone()).collect();
    let mut all = Vec::new();
    match with(Known::OtherText(admitted.clone())) {
        Some(object) => all.push(refused(ValueSet::all_but(false, admitted), vec![object])),
        None => {
            let others = with(Known::OtherText(values.clone()));
            all.extend(others.map(|object| refused(ValueSet::all_but(false, values.clone()), vec![object])));
            all.extend(alone.into_iter().filter_map(|(value, object)| {
                Some(refused(ValueSet::some(false, [value].into()), vec![object?]))
            }));
        }
    }
    if let (Some(missing), Some(without)) = (with(Known::Absent), certified(unlabelled())) {
        all.push(refused(ValueSet::some(true, BTreeSet::new()), vec![missing, without]));
    }
    all
}
