//! What a value of which a part is known may be. A check asks only this of a draft: it could be passed if every one of its
//! conditions may hold.

use crate::{Known, Others};

/// Some texts: these words, and whatever begins with these prefixes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts {
    pub(super) words: &'static [&'static str],
    pub(super) prefixes: &'static [&'static str],
}

impl Texts {
    /// These words alone.
    pub(super) const fn words(words: &'static [&'static str]) -> Self {
        Self { words, prefixes: &[] }
    }

    fn have(&self, text: &str) -> bool {
        self.words.contains(&text) || self.prefixes.iter().any(|prefix| text.starts_with(prefix))
    }
}

/// Whether there may be no such value.
pub(super) fn be_absent(known: &Known) -> bool {
    matches!(known, Known::Nothing | Known::Absent)
}

/// Whether there may be such a value.
pub(super) fn be_there(known: &Known) -> bool {
    *known != Known::Absent
}

/// Whether it may be this truth value.
pub(super) fn be(known: &Known, value: bool) -> bool {
    matches!(known, Known::Nothing) || *known == Known::Bool(value)
}

/// Whether it may be missing, or this truth value.
pub(super) fn be_absent_or(known: &Known, value: bool) -> bool {
    be_absent(known) || be(known, value)
}

/// Whether it may be one of these texts.
pub(super) fn be_one_of(known: &Known, texts: &Texts) -> bool {
    match known {
        Known::Nothing => true,
        Known::Text(some) => some.iter().any(|text| texts.have(text)),
        // Of the texts with a prefix there are more than can be left out.
        Known::OtherText(none) => {
            !texts.prefixes.is_empty() || texts.words.iter().any(|&word| !none.contains(word))
        }
        _ => false,
    }
}

/// Whether it may be missing, or one of these texts.
pub(super) fn be_absent_or_one_of(known: &Known, texts: &Texts) -> bool {
    be_absent(known) || be_one_of(known, texts)
}

/// Whether it may be missing, or nothing but an empty text, which the server does not tell from a missing one.
pub(super) fn be_empty(known: &Known) -> bool {
    be_absent_or_one_of(known, &Texts::words(&[""]))
}

/// Whether one of these texts may be in the list.
pub(super) fn hold_one_of(list: &Known, texts: &Texts) -> bool {
    match list {
        Known::Nothing | Known::List { others: Others::Any, .. } => true,
        Known::List { elements, others: Others::None } => {
            elements.iter().any(|element| be_one_of(element, texts))
        }
        _ => false,
    }
}

/// The elements that are surely in a list.
pub(super) fn elements(list: &Known) -> &[Known] {
    match list {
        Known::List { elements, .. } => elements,
        _ => &[],
    }
}
