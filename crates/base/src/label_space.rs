//! The space of all label maps, cut into boxes: what a pod that does not exist yet could carry.
//!
//! A box says for each key what is left of it: missing, one of some values, or anything but some values. The label
//! maps that a selector selects are one box; those that it does not select are a union of disjoint boxes. So every
//! question "is there a label map that these selectors select and those do not?" is answered exactly, with a witness.

use crate::{Labels, Operator, Requirement, Selector};
use std::collections::{BTreeMap, BTreeSet};

/// What one key may be: a set of values, finite or all but finitely many, and whether the key may be missing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueSet {
    missing: bool,
    values: BTreeSet<String>,
    // Whether `values` are those that are left out rather than those that are in.
    complement: bool,
}

impl ValueSet {
    /// The key may be missing or have any value.
    #[must_use]
    pub fn anything() -> Self {
        Self { missing: true, values: BTreeSet::new(), complement: true }
    }

    /// One of these values, or nothing if it may be missing.
    #[must_use]
    pub fn some(missing: bool, values: BTreeSet<String>) -> Self {
        Self { missing, values, complement: false }
    }

    /// Any value but these, or nothing if it may be missing.
    #[must_use]
    pub fn all_but(missing: bool, values: BTreeSet<String>) -> Self {
        Self { missing, values, complement: true }
    }

    /// What a requirement leaves of its key.
    #[must_use]
    pub fn of(requirement: &Requirement) -> Self {
        let values: BTreeSet<String> = requirement.values.iter().cloned().collect();
        match requirement.operator {
            Operator::In => Self { missing: false, values, complement: false },
            Operator::NotIn => Self { missing: true, values, complement: true },
            Operator::Exists => Self { missing: false, values: BTreeSet::new(), complement: true },
            Operator::DoesNotExist => Self { missing: true, values: BTreeSet::new(), complement: false },
        }
    }

    /// What the requirement does not leave of its key.
    #[must_use]
    pub fn complement(&self) -> Self {
        Self { missing: !self.missing, values: self.values.clone(), complement: !self.complement }
    }

    /// What both leave.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let missing = self.missing && other.missing;
        let (values, complement) = match (self.complement, other.complement) {
            (false, false) => (self.values.intersection(&other.values).cloned().collect(), false),
            (false, true) => (self.values.difference(&other.values).cloned().collect(), false),
            (true, false) => (other.values.difference(&self.values).cloned().collect(), false),
            (true, true) => (self.values.union(&other.values).cloned().collect(), true),
        };
        Self { missing, values, complement }
    }

    /// The same, and this value too (`None`: the missing key).
    #[must_use]
    pub fn or(mut self, value: Option<&String>) -> Self {
        match value {
            None => self.missing = true,
            Some(value) if self.complement => drop(self.values.remove(value)),
            Some(value) => drop(self.values.insert(value.clone())),
        }
        self
    }

    /// Whether nothing is left: neither a value nor the missing key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.missing && !self.complement && self.values.is_empty()
    }

    /// Whether `value` (`None`: the missing key) is left.
    #[must_use]
    pub fn contains(&self, value: Option<&String>) -> bool {
        match value {
            None => self.missing,
            Some(value) => self.values.contains(value) != self.complement,
        }
    }

    /// The values that are left or, if the first is `true`, those that are not.
    #[must_use]
    pub fn values(&self) -> (bool, &BTreeSet<String>) {
        (self.complement, &self.values)
    }

    /// Something that is left: the missing key if it may be missing, else a value, one of those named if there is one.
    /// `Err` if nothing is left.
    fn witness(&self) -> Option<Option<String>> {
        if self.missing {
            return Some(None);
        }
        if !self.complement {
            return self.values.first().cloned().map(Some);
        }
        // Of the values `other`, `other1`… at most as many as are left out can be taken.
        let candidates =
            std::iter::once("other".to_owned()).chain((1..=self.values.len()).map(|n| format!("other{n}")));
        candidates.into_iter().find(|candidate| !self.values.contains(candidate)).map(Some)
    }
}

/// Whether a box holds a label map that some selectors all miss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Escape {
    /// It does: this one.
    Found(Labels),
    /// It does not: the selectors cover the box.
    None,
    /// The search took too long. This is never an answer that proves anything.
    Undecided,
}

/// A set of label maps: those whose every key is within its [`ValueSet`]. Keys that are not listed may be anything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LabelBox {
    // INVARIANT (inhabited): no listed key is left with nothing.
    keys: BTreeMap<String, ValueSet>,
}

impl LabelBox {
    /// All label maps.
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }

    /// Just this label map.
    #[must_use]
    pub fn exactly(labels: &Labels, keys: impl IntoIterator<Item = String>) -> Self {
        let keys = keys.into_iter().map(|key| {
            let value = labels.get(&key);
            let set = ValueSet {
                missing: value.is_none(),
                values: value.cloned().into_iter().collect(),
                complement: false,
            };
            (key, set)
        });
        Self { keys: keys.collect() }
    }

    /// The label maps of this box that the selector selects, or `None` if there are none.
    #[must_use]
    pub fn select(&self, selector: &Selector) -> Option<Self> {
        let mut selected = self.clone();
        let all = selector.requirements.iter().all(|asked| selected.narrow(&asked.key, &ValueSet::of(asked)));
        all.then_some(selected)
    }

    /// The label maps of this box that the selector does not select, as disjoint boxes.
    #[must_use]
    pub fn avoid(&self, selector: &Selector) -> Vec<Self> {
        let mut outside = Vec::new();
        let mut inside = self.clone();
        for requirement in &selector.requirements {
            let within = ValueSet::of(requirement);
            let mut without = inside.clone();
            if without.narrow(&requirement.key, &within.complement()) {
                outside.push(without);
            }
            if !inside.narrow(&requirement.key, &within) {
                break;
            }
        }
        outside
    }

    /// Looks for a label map of this box that none of the selectors selects.
    ///
    /// Each step takes one label map of what is left of the box, and if a selector selects it, leaves out all that this
    /// selector selects. The search is exact, and exponential at worst, so it takes from `budget` as many units as it
    /// asks selectors, and ends undecided when nothing is left.
    #[must_use]
    pub fn escape(&self, selectors: &[&Selector], budget: &mut usize) -> Escape {
        let mut left = vec![self.clone()];
        while let Some(part) = left.pop() {
            let Some(rest) = budget.checked_sub(selectors.len() + 1) else { return Escape::Undecided };
            *budget = rest;
            let labels = part.witness();
            match selectors.iter().find(|selector| selector.matches(&labels)) {
                None => return Escape::Found(labels),
                Some(selector) => left.extend(part.avoid(selector)),
            }
        }
        Escape::None
    }

    /// The label maps of this box in which one key is within a set, or `None` if there are none.
    #[must_use]
    pub fn within(mut self, key: &str, set: &ValueSet) -> Option<Self> {
        self.narrow(key, set).then_some(self)
    }

    /// The keys of which something is known, each with what is left of it.
    pub fn keys(&self) -> impl Iterator<Item = (&String, &ValueSet)> {
        self.keys.iter()
    }

    /// The box as somebody takes it who does not see these keys: none of them is there.
    #[must_use]
    pub fn hiding(mut self, keys: &[&str]) -> Self {
        let missing = ValueSet { missing: true, values: BTreeSet::new(), complement: false };
        self.keys.extend(keys.iter().map(|&key| (key.to_owned(), missing.clone())));
        self
    }

    /// Whether this label map is in the box.
    #[must_use]
    pub fn contains(&self, labels: &Labels) -> bool {
        self.keys.iter().all(|(key, set)| set.contains(labels.get(key)))
    }

    /// A label map of the box, with as few labels as possible.
    #[must_use]
    pub fn witness(&self) -> Labels {
        let values = self.keys.iter().filter_map(|(key, set)| Some((key.clone(), set.witness()??)));
        values.collect()
    }

    /// Leaves of one key only what is within; whether anything is left of the box. If not, it is a box no more.
    fn narrow(&mut self, key: &str, within: &ValueSet) -> bool {
        let left = match self.keys.get(key) {
            Some(set) => set.intersection(within),
            None => within.clone(),
        };
        let inhabited = !left.is_empty();
        self.keys.insert(key.to_owned(), left);
        inhabited
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn requirement() -> impl Strategy<Value = Requirement> {
        let operator = prop::sample::select(vec![
            Operator::In,
            Operator::NotIn,
            Operator::Exists,
            Operator::DoesNotExist,
        ]);
        let values = prop::collection::vec(prop::sample::select(vec!["x", "y", "other"]), 1..3);
        (prop::sample::select(vec!["a", "b", "c"]), operator, values).prop_map(|(key, operator, values)| {
            Requirement {
                key: key.to_owned(),
                operator,
                values: match operator {
                    Operator::In | Operator::NotIn => values.into_iter().map(str::to_owned).collect(),
                    Operator::Exists | Operator::DoesNotExist => Vec::new(),
                },
            }
        })
    }

    fn selector() -> impl Strategy<Value = Selector> {
        prop::collection::vec(requirement(), 0..4).prop_map(|requirements| Selector { requirements })
    }

    /// Every label map over the keys and values that the selectors above name, and one value that none names.
    fn all_label_maps() -> Vec<Labels> {
        let mut maps = vec![Labels::new()];
        for key in ["a", "b", "c"] {
            let with_key = |map: &Labels| {
                let map = map.clone();
                ["x", "y", "other", "z"].into_iter().map(move |value| {
                    let mut map = map.clone();
                    map.insert(key.to_owned(), value.to_owned());
                    map
                })
            };
            maps = maps.iter().flat_map(|map| std::iter::once(map.clone()).chain(with_key(map))).collect();
        }
        maps
    }

    #[test]
    fn a_search_that_takes_too_long_is_undecided() {
        // Without a label both are missed at once; with `a` there, one step more is needed.
        let selectors = [Selector::label("a", "other"), Selector::label("b", "x")];
        let selectors: Vec<&Selector> = selectors.iter().collect();
        let there = Requirement { key: "a".into(), operator: Operator::Exists, values: Vec::new() };
        let inside = LabelBox::everything().select(&Selector { requirements: vec![there] }).unwrap();
        assert_eq!(inside.escape(&selectors, &mut 5), Escape::Undecided);
        let mut budget = 6;
        assert!(matches!(inside.escape(&selectors, &mut budget), Escape::Found(_)));
        assert_eq!(budget, 0);
    }

    proptest! {
        #[test]
        fn a_box_holds_what_its_selectors_select(one in selector(), two in selector()) {
            let both = LabelBox::everything().select(&one).and_then(|inside| inside.select(&two));
            for labels in all_label_maps() {
                let held = both.as_ref().is_some_and(|both| both.contains(&labels));
                prop_assert_eq!(held, one.matches(&labels) && two.matches(&labels));
            }
        }

        #[test]
        fn avoid_holds_the_rest_without_overlap(one in selector(), two in selector()) {
            let Some(inside) = LabelBox::everything().select(&one) else { return Ok(()) };
            let outside = inside.avoid(&two);
            for labels in all_label_maps() {
                let held = outside.iter().filter(|part| part.contains(&labels)).count();
                prop_assert_eq!(held, usize::from(one.matches(&labels) && !two.matches(&labels)));
            }
        }

        #[test]
        fn escape_finds_a_witness_exactly_when_there_is_one(want in selector(), avoid in prop::collection::vec(selector(), 0..4)) {
            let selectors: Vec<&Selector> = avoid.iter().collect();
            let fits = |labels: &Labels| want.matches(labels) && !avoid.iter().any(|selector| selector.matches(labels));
            let Some(inside) = LabelBox::everything().select(&want) else { return Ok(()) };
            match inside.escape(&selectors, &mut 10_000) {
                Escape::Found(found) => prop_assert!(fits(&found)),
                Escape::None => prop_assert!(!all_label_maps().iter().any(fits)),
                Escape::Undecided => prop_assert!(false, "four selectors are decided in few steps"),
            }
        }

        #[test]
        fn within_a_set_is_what_the_set_holds(want in selector(), missing: bool, all: bool, value in prop::sample::select(vec!["x", "y"])) {
            let values = std::collections::BTreeSet::from([value.to_owned()]);
            let set = if all { ValueSet::all_but(missing, values) } else { ValueSet::some(missing, values) };
            let Some(inside) = LabelBox::everything().select(&want) else { return Ok(()) };
            let within = inside.clone().within("a", &set);
            let y = "y".to_owned();
            for labels in all_label_maps() {
                let value = labels.get("a");
                prop_assert_eq!(set.clone().or(Some(&y)).contains(value), set.contains(value) || value == Some(&y));
                prop_assert_eq!(set.clone().or(None).contains(value), set.contains(value) || value.is_none());
            }
            for labels in all_label_maps() {
                let held = within.as_ref().is_some_and(|within| within.contains(&labels));
                prop_assert_eq!(held, inside.contains(&labels) && set.contains(labels.get("a")));
            }
        }

        #[test]
        fn a_hidden_key_is_missing_and_others_stay(want in selector(), seen in selector()) {
            let Some(inside) = LabelBox::everything().select(&want) else { return Ok(()) };
            let hidden = inside.clone().hiding(&["a"]);
            for labels in all_label_maps() {
                let mut without = labels.clone();
                without.remove("a");
                prop_assert!(!inside.contains(&labels) || hidden.contains(&without));
                prop_assert!(!hidden.contains(&labels) || labels == without);
            }
            let asks_for_it = seen.requirements.iter().any(|asked| asked.key == "a");
            prop_assert!(asks_for_it || hidden.select(&seen).is_some() == inside.select(&seen).is_some());
        }

        #[test]
        fn a_label_map_is_in_its_own_box(want in selector(), index in 0usize..125) {
            let labels = &all_label_maps()[index];
            let keys = ["a", "b", "c"].map(str::to_owned);
            let own = LabelBox::exactly(labels, keys);
            prop_assert_eq!(own.select(&want).is_some(), want.matches(labels));
        }
    }
}
