//! Parts of a box that would be open, and whose pods policies keep away: no pod of a namespace can come to have labels of the part.

use super::closing::{Pair, Part, look_at};
use super::space::Space;
use crate::ends::pods_in;
use crate::region::EndSpace;
use crate::view::View;
use std::collections::{BTreeMap, BTreeSet};
use watertight_admission::{Admission, Known, Others, Wanted};
use watertight_base::{Operator, Requirement, ValueSet};
use watertight_model::{Case, Closer, Cut, CutLabels, NamespaceId, RefusedBy, RefusedPods};

/// Which ends of a box are all pods that could be created in a namespace.
pub(super) struct Futures<'p> {
    pub(super) policies: &'p Admission<'p>,
    /// By source.
    pub(super) sources: Vec<Option<NamespaceId>>,
    /// The first target.
    pub(super) target: Option<NamespaceId>,
    /// A label of which nothing is left, for namespaces of which policies leave no pod.
    pub(super) barred: &'p BTreeMap<NamespaceId, String>,
}

/// What policies make of a part that is open without them.
pub(super) enum Kept {
    /// These are refused, and these close the rest.
    Closed(Vec<RefusedPods>, Vec<Closer>),
    Mixed(Cut),
    Open,
}

/// One end: at which side, and its number.
type Place = (CutLabels, usize);

impl Futures<'_> {
    /// What they make of a part.
    pub(super) fn of_part<'a>(&self, view: &View<'a>, pairs: &[Pair<'_, 'a>], space: &Space<'a>) -> Kept {
        if self.policies.is_open() {
            return Kept::Open;
        }
        let places = self.places(space);
        let refused =
            |(place, id): &(Place, NamespaceId)| Some((*place, self.refused(view, *id, (*place, space))?));
        let mut refused: BTreeMap<Place, RefusedPods> = places.iter().filter_map(refused).collect();
        let rest = |refused: &BTreeMap<Place, RefusedPods>| {
            let mut rest = space.clone();
            for (side, number) in refused.keys() {
                let ends = if *side == CutLabels::Source { &mut rest.sources } else { &mut rest.targets };
                ends[*number] = None;
            }
            look_at(view, pairs, &rest)
        };
        if !refused.is_empty() {
            match rest(&refused) {
                Part::Closed(mut closers) => {
                    // Without any of which it would be open.
                    for place in refused.keys().copied().collect::<Vec<_>>() {
                        let mut fewer = refused.clone();
                        fewer.remove(&place);
                        if let Part::Closed(others) = rest(&fewer) {
                            (refused, closers) = (fewer, others);
                        }
                    }
                    return Kept::Closed(refused.into_values().collect(), closers);
                }
                Part::Mixed(cut) => return Kept::Mixed(cut),
                Part::Open => {}
            }
        }
        let open = || places.iter().filter(|(place, _)| !refused.contains_key(place));
        let by_known =
            || open().find_map(|(place, _)| self.finer(place.0, end(space, *place)?.label_box()?.keys()));
        // Where no pod at all is left, what is refused of each value of a label may be said by another policy.
        let mut by_barred = open().filter_map(|(place, id)| {
            let (key, labels) = (self.barred.get(id)?, end(space, *place)?.label_box()?);
            let anything = ValueSet::anything();
            let known = labels.keys().find(|(known, _)| *known == key);
            self.finer(place.0, known.or(Some((key, &anything))).into_iter())
        });
        by_barred.next().or_else(by_known).map_or(Kept::Open, Kept::Mixed)
    }

    /// What an engine that errs would say: that policies refuse all of it.
    pub(super) fn forged(&self, view: &View<'_>, closers: Vec<Closer>) -> Case {
        let snapshot = self.policies.snapshot();
        let Some(binding) = snapshot.admission_policy_bindings.first() else { return Case::Closed(closers) };
        let by = |operation| RefusedBy {
            operation,
            subresource: "",
            policy: binding.policy.text.clone(),
            binding: binding.origin.object.name.clone(),
            validation: Some(0),
        };
        let sources: BTreeSet<NamespaceId> = self.sources.iter().flatten().copied().collect();
        let refused = sources.into_iter().map(|id| RefusedPods {
            of: CutLabels::Source,
            namespace: name(view, id),
            by: ["CREATE", "UPDATE"].map(by).to_vec(),
            bare: Vec::new(),
        });
        Case::Refused(refused.collect(), closers)
    }

    /// The ends that are pods to come, and that are left in a part.
    fn places(&self, space: &Space<'_>) -> Vec<(Place, NamespaceId)> {
        let sources = self.sources.iter().enumerate();
        let sources = sources.filter_map(|(number, id)| Some(((CutLabels::Source, number), (*id)?)));
        let target = self.target.map(|id| ((CutLabels::Target, 0), id));
        sources.chain(target).filter(|(place, _)| end(space, *place).is_some()).collect()
    }

    /// What refuses all pods with labels of an end, if no pod of today has such.
    fn refused(
        &self,
        view: &View<'_>,
        id: NamespaceId,
        (place, space): (Place, &Space<'_>),
    ) -> Option<RefusedPods> {
        let labels = end(space, place)?.label_box()?;
        if pods_in(view, id).any(|(_, pod)| labels.contains(&pod.labels)) {
            return None;
        }
        let known: BTreeMap<String, Known> =
            labels.keys().filter_map(|(key, set)| Some((key.clone(), known(set)?))).collect();
        let may_be_none = labels.keys().all(|(_, set)| set.contains(None));
        let with = Known::Map { fields: known, others: Others::Any };
        let namespace = name(view, id);
        let pod = |labels: Known| {
            let pod = Known::with([("metadata", Known::with([("labels", labels)]))]);
            Wanted::pod(&namespace, pod, true)
        };
        let (labelled, bare) = (pod(with), pod(Known::Absent));
        let certified = |wanted: &[&Wanted]| self.policies.certified_by(wanted);
        let (by, bare) = match may_be_none {
            false => (certified(&[&labelled])?, Vec::new()),
            // One answer for those with labels and those without any, if there is one.
            true => match certified(&[&labelled, &bare]) {
                Some(both) => (both, Vec::new()),
                None => (certified(&[&labelled])?, certified(&[&bare])?),
            },
        };
        Some(RefusedPods { of: place.0, namespace, by, bare })
    }

    /// By what labels can be told apart, so that a policy may refuse some of them.
    fn finer<'l>(
        &self,
        of: CutLabels,
        mut labels: impl Iterator<Item = (&'l String, &'l ValueSet)>,
    ) -> Option<Cut> {
        let texts = self.policies.texts();
        labels.find_map(|(key, set)| {
            let (left_out, values) = set.values();
            let is_mixed = set.contains(None) && (left_out || !values.is_empty());
            let one = || match left_out {
                true => texts.iter().find(|text| !values.contains(**text)).map(|text| (*text).to_owned()),
                false => values.first().filter(|_| values.len() > 1).cloned(),
            };
            let (operator, values) = match is_mixed {
                true => (Operator::Exists, Vec::new()),
                false if set.contains(None) => return None,
                false => (Operator::In, vec![one()?]),
            };
            Some(Cut::Labels(of, Requirement { key: key.clone(), operator, values }))
        })
    }
}

fn name(view: &View<'_>, id: NamespaceId) -> String {
    view.snapshot.namespace(id).name.clone()
}

fn end<'s, 'a>(space: &'s Space<'a>, (side, number): Place) -> Option<&'s EndSpace<'a>> {
    let ends = if side == CutLabels::Source { &space.sources } else { &space.targets };
    ends.get(number)?.as_ref()
}

/// What is known of a label of all of these values, if one can say it.
fn known(set: &ValueSet) -> Option<Known> {
    let (left_out, values) = set.values();
    match (set.contains(None), left_out) {
        (true, false) if values.is_empty() => Some(Known::Absent),
        (true, _) => None,
        (false, true) => Some(Known::OtherText(values.clone())),
        (false, false) => Some(Known::Text(values.clone())),
    }
}
