//! Names that other parts of an intent refer to.

use crate::fields::Fields;
use crate::findings::{Findings, meant};
use crate::intent::Spanned;
use crate::rules;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The names of one list: each with its place in it.
#[derive(Debug)]
pub(crate) struct Names {
    /// What the things are called: `environment`.
    noun: &'static str,
    known: BTreeMap<String, usize>,
}

impl Names {
    /// The names of a list. One that is there twice is an error.
    pub(crate) fn of(list: &[Fields<'_>], noun: &'static str, findings: &mut Findings) -> Self {
        let mut known = BTreeMap::new();
        for (index, fields) in list.iter().enumerate() {
            let Some(name) = fields.text("name") else { continue };
            match known.entry(name.value) {
                Entry::Vacant(free) => {
                    free.insert(index);
                }
                Entry::Occupied(taken) => {
                    let message = format!("the {noun} `{}` is there more than once", taken.key());
                    let help = "give it another name, or make one of the two";
                    findings.error(rules::REPEATED_NAME, message, name.span, "the same name again", help);
                }
            }
        }
        Self { noun, known }
    }

    /// The place of a name, if it is known.
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        self.known.get(name).copied()
    }

    /// The place of a name that somebody refers to. If nothing bears it, that is an error.
    pub(crate) fn resolve(&self, name: &Spanned<String>, findings: &mut Findings) -> Option<usize> {
        let found = self.find(&name.value);
        if found.is_none() && !name.value.is_empty() {
            let known: Vec<&str> = self.known.keys().map(String::as_str).collect();
            let message = format!("there is no {} `{}`", self.noun, name.value);
            let help = match known.is_empty() {
                true => format!("list it, or name none: there is no {}", self.noun),
                false => meant(&name.value, &known, &format!("the {}s are", self.noun)),
            };
            findings.error(rules::UNKNOWN_NAME, message, name.span, "nothing bears this name", help);
        }
        found
    }

    /// As [`Self::resolve`], with its place in the list made something else.
    pub(crate) fn id<T>(
        &self,
        name: &Spanned<String>,
        make: impl FnOnce(usize) -> T,
        findings: &mut Findings,
    ) -> Option<Spanned<T>> {
        self.resolve(name, findings).map(|index| Spanned::new(make(index), name.span))
    }
}

/// Reports names in a list that are there before, such as names of ports of one application.
pub(crate) fn repeated(names: &[Spanned<String>], noun: &str, findings: &mut Findings) {
    for (index, name) in names.iter().enumerate() {
        if !name.value.is_empty() && names[..index].iter().any(|earlier| earlier.value == name.value) {
            let message = format!("the {noun} `{}` is there more than once", name.value);
            findings.error(rules::REPEATED_NAME, message, name.span, "the same again", "keep one of the two");
        }
    }
}
