//! All that somebody may do.

use crate::access::{Access, Applies, Held, Standing};
use crate::user::{is_master, is_node};
use std::collections::BTreeSet;
use watertight_model::{AccessList, AccessSection, ListedRule, User};

impl Access<'_> {
    /// What somebody may do: everywhere, and besides in each namespace, or in one alone.
    ///
    /// As from the API server's SelfSubjectRulesReview, a rule that is granted twice is there twice.
    #[must_use]
    pub fn list(&self, user: &User, namespace: Option<&str>) -> AccessList {
        let mut notes = BTreeSet::new();
        let mut is_complete = !is_node(user);
        if is_master(user) {
            notes.insert("the server asks nobody in the group system:masters".to_owned());
        }
        if is_node(user) {
            notes.insert("the Node authorizer decides about nodes as well, and may allow more".to_owned());
        }
        let mut section = |namespace: Option<&str>| {
            let applying = self.applying(user, namespace);
            notes.extend(applying.iter().filter_map(|applies| self.dangling(*applies)));
            let rules = applying.iter().flat_map(|applies| self.listed(*applies)).collect();
            is_complete &= applying.iter().all(|applies| self.bindings[applies.binding].is_seen);
            for held in applying.into_iter().flat_map(|applies| self.passing(applies)) {
                let of = self.not_in_force(held);
                notes.insert(format!("{of} allows more, and is there for a moment only, or not at all"));
                is_complete = false;
            }
            AccessSection { namespace: namespace.map(str::to_owned), rules }
        };
        let mut sections = vec![section(None)];
        let namespaces = match namespace {
            Some(namespace) => vec![namespace],
            None => self.namespaces().collect(),
        };
        let own = namespaces.into_iter().map(|namespace| section(Some(namespace)));
        sections.extend(own.filter(|section| !section.rules.is_empty()));
        let blind_spots = self.unseen_anywhere(namespace);
        let is_complete = is_complete && blind_spots.is_empty();
        AccessList { sections, is_complete, notes: notes.into_iter().collect(), blind_spots }
    }

    fn listed(&self, applies: Applies) -> impl Iterator<Item = ListedRule> {
        let in_force = self.held(applies).filter(|&held| self.standing(held) == Standing::InForce);
        in_force.map(|held| ListedRule { rule: self.rule(held.rule).clone(), grant: self.grant(held, None) })
    }

    /// The rules of which it is not known whether they are there.
    fn passing(&self, applies: Applies) -> impl Iterator<Item = Held> {
        self.held(applies).filter(|&held| self.standing(held) == Standing::Passing)
    }

    fn held(&self, applies: Applies) -> impl Iterator<Item = Held> {
        self.granted(applies.binding).iter().map(move |&rule| Held { applies, rule })
    }
}
