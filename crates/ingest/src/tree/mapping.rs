//! A mapping, with its keys as JSON has them: text, each once, the last one wins.

use super::Node;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::Span;

/// One `key: value`.
#[derive(Clone)]
pub(crate) struct Entry<'a> {
    /// The key.
    pub(crate) key: Cow<'a, str>,
    /// Where the key stands.
    pub(crate) key_span: Span,
    /// The value.
    pub(crate) value: Node<'a>,
}

/// The entries of a mapping, in the order of the first appearance of each key.
#[derive(Clone)]
pub(crate) struct Mapping<'a> {
    /// The whole mapping.
    pub(crate) span: Span,
    entries: Vec<Entry<'a>>,
    /// The entries that a later one of the same key replaced, each with the span of the key that replaced it.
    duplicates: Vec<(Entry<'a>, Span)>,
}

impl<'a> Mapping<'a> {
    /// The mapping of these entries, in order. Entries that came by a YAML merge may be replaced silently.
    pub(crate) fn new(span: Span, written: impl IntoIterator<Item = (Entry<'a>, Merged)>) -> Self {
        let mut mapping = Self { span, entries: Vec::with_capacity(8), duplicates: Vec::new() };
        // Where each key stands, from the first entry on that is not in order. kubectl sorts keys, and what comes in order
        // comes once.
        let mut places: Option<BTreeMap<Cow<'a, str>, usize>> = None;
        let mut merges: BTreeSet<usize> = BTreeSet::new();
        for (entry, merged) in written {
            let in_order = mapping.entries.last().is_none_or(|last: &Entry<'a>| last.key < entry.key);
            if places.is_none() && !in_order {
                let known = mapping.entries.iter().enumerate();
                places = Some(known.map(|(index, entry)| (entry.key.clone(), index)).collect());
            }
            let earlier = places.as_ref().and_then(|places| places.get(&entry.key)).copied();
            let Some(index) = earlier else {
                if let Some(places) = &mut places {
                    places.insert(entry.key.clone(), mapping.entries.len());
                }
                if merged == Merged::Yes {
                    merges.insert(mapping.entries.len());
                }
                mapping.entries.push(entry);
                continue;
            };
            let earlier_merged = merges.remove(&index);
            if merged == Merged::Yes {
                merges.insert(index);
            }
            let both_written = !earlier_merged && merged == Merged::No;
            let replaced_by = entry.key_span;
            let replaced = std::mem::replace(&mut mapping.entries[index], entry);
            if both_written {
                mapping.duplicates.push((replaced, replaced_by));
            }
        }
        mapping
    }

    /// The entries.
    pub(crate) fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// The entry of a key.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<Node<'a>> {
        self.entry(key).map(|entry| entry.value)
    }

    /// The value at the end of a path of keys, through mappings.
    pub(crate) fn path(&self, keys: &[&str]) -> Option<Node<'a>> {
        let (first, rest) = keys.split_first()?;
        rest.iter().try_fold(self.get(first)?, |node, key| node.mapping()?.get(key))
    }

    /// The entries that a later one of the same key replaced, each with the place of the key that replaced it.
    pub(crate) fn duplicates(&self) -> &[(Entry<'a>, Span)] {
        &self.duplicates
    }
}

/// Whether an entry came by a YAML merge key (`<<`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merged {
    Yes,
    No,
}
