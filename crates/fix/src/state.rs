//! A set of repairs: what is changed of which objects, and which objects are added. Applied, it is a new input.

use crate::binding::{at_home, count_at_home};
use crate::change::{Changes, NewObject};
use crate::input::Input;
use crate::kustomize;
use crate::text::apply;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::Source;
use watertight_model::ObjectRef;
use watertight_yaml::document;

/// A set of repairs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct State {
    pub(crate) changes: BTreeMap<ObjectRef, Changes>,
    pub(crate) new: BTreeMap<ObjectRef, NewObject>,
}

impl State {
    pub(crate) fn of(object: &ObjectRef, changes: Changes) -> Self {
        Self { changes: BTreeMap::from([(object.clone(), changes)]), new: BTreeMap::new() }
    }

    pub(crate) fn adding(objects: Vec<NewObject>) -> Self {
        let new = objects.into_iter().map(|new| (new.object.clone(), new)).collect();
        Self { changes: BTreeMap::new(), new }
    }

    /// These repairs and others. Where both change one thing, the others win.
    pub(crate) fn with(&self, other: &Self) -> Self {
        let mut all = self.clone();
        for (object, changes) in &other.changes {
            let both = all.changes.get(object).map_or_else(|| changes.clone(), |known| known.with(changes));
            all.changes.insert(object.clone(), both);
        }
        all.new.extend(other.new.clone());
        all
    }

    /// How many objects are changed, removed or added.
    pub(crate) fn objects(&self, input: &Input<'_>) -> usize {
        let at_home = self.changes.values().map(|changes| count_at_home(input, changes)).sum::<usize>();
        self.changes.len() + self.new.len() + at_home
    }

    /// All objects that are added: those that are asked for, and those that come with edits.
    pub(crate) fn added(&self, input: &Input<'_>) -> Vec<NewObject> {
        let with_edits = self.changes.iter().flat_map(|(object, changes)| at_home(input, object, changes));
        self.new.values().cloned().chain(with_edits).collect()
    }

    /// The input with all of it done; `None` if an object cannot be edited where it stands. A source that holds no object any
    /// more is empty.
    pub(crate) fn apply(&self, input: &Input<'_>) -> Option<Vec<Source>> {
        let mut edits: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        let mut removed: BTreeMap<usize, usize> = BTreeMap::new();
        for (object, changes) in &self.changes {
            let place = input.place(object)?;
            if changes.removes(place.tree) {
                *removed.entry(place.source).or_default() += 1;
            }
            edits.entry(place.source).or_default().extend(changes.edits(input, object, &place)?);
        }
        // All documents of a file are gone: no edits of parts of it, which would leave comments about nothing.
        let is_gone = |index: &usize| {
            removed.get(index) == Some(&input.documents_of(*index)) && input.holds_no_list(*index)
        };
        let gone: Vec<usize> = removed.keys().copied().filter(is_gone).collect();
        let new = self.added(input);
        let files: BTreeSet<&str> = new.iter().map(|new| new.file.as_str()).collect();
        let files: Vec<&str> = files.into_iter().collect();
        for (index, of_file) in kustomize::edits(input, &files, &gone)? {
            edits.entry(index).or_default().extend(of_file);
        }
        let mut sources = input.sources.to_vec();
        for (index, edits) in edits {
            let source = sources.get_mut(index)?;
            if gone.contains(&index) {
                source.bytes.clear();
            } else {
                source.bytes = apply(&source.bytes, edits)?;
            }
        }
        let mut added: BTreeMap<&str, String> = BTreeMap::new();
        for new in &new {
            let text = added.entry(&new.file).or_default();
            if !text.is_empty() {
                text.push_str("---\n");
            }
            text.push_str(&document(&new.value));
        }
        let added = added.into_iter();
        sources.extend(added.map(|(name, text)| Source { name: name.to_owned(), bytes: text.into_bytes() }));
        Some(sources)
    }
}
