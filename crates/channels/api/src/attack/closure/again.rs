//! What is known already, told in another way: by a further binding, by fewer of those who are held, or bound to one of them.

use super::{Gained, Search, is_only_a_step, named};
use crate::access::{Applies, Held};
use crate::attack::apply::Part;
use crate::attack::combine::{Right, Together};
use crate::attack::derivation::{Source, bound_to};
use crate::attack::fact::Derived;
use crate::attack::meets::{Meets, Scopes};
use std::collections::BTreeSet;
use watertight_model::{Fact, Principal, RoleRule};

/// A right that one principal has to a need of a row, and where it comes from.
type Own = (Right, Held, RoleRule);

impl Search<'_, '_> {
    /// Whether it is the first time that a binding is seen to give something for a row; never, if it is not by a binding.
    pub(super) fn is_first(&mut self, primitive: usize, source: &Source) -> bool {
        match source {
            Source::Held { held, .. } => self.seen.insert((primitive, held.applies.binding)),
            Source::Bindable { .. } => false,
        }
    }

    /// A right that is known by another binding. What it yields on the `to` side is shown for this one too, since taking the
    /// other away does not close it; it is followed no further.
    pub(super) fn again(&mut self, primitive: usize, right: Right, source: &Source, part: &RoleRule) {
        let row = self.primitives[primitive];
        let Right { scope, names, principal, .. } = right;
        let is_there = scope.as_ref().is_none_or(|scope| self.to.contains(scope));
        if row.needs.len() > 1 || !is_there || is_only_a_step(row.acts_as, &names) {
            return;
        }
        let uses = vec![self.grant(&principal, source, part)];
        let text = format!("so it can {}{}", row.done(scope.as_deref()), named(&names));
        let fact = Fact::Gains { gain: row.gain, scope: scope.clone(), names };
        let fact = self.add(Derived { fact, rule: row.rule, text, uses, because: Vec::new() });
        let when = self.presence(scope.as_deref(), fact);
        self.closure.gains.push(Gained { fact, primitive: row, scope, when });
    }

    /// Rights that several have together, or those of one of them who is enough alone.
    pub(super) fn of_fewest(&mut self, primitive: usize, together: Together) -> Together {
        let who: BTreeSet<Principal> = together.rights.iter().map(|right| right.principal.clone()).collect();
        if who.len() < 2 {
            return together;
        }
        let Some(own) = who.iter().find_map(|principal| self.own(primitive, &together, principal)) else {
            return together;
        };
        let mut rights = Vec::new();
        for (mut right, held, part) in own {
            let Some(&acts_as) = self.held.get(&right.principal) else { return together };
            let source = Source::Held { acts_as, held };
            right.facts = vec![self.grant(&right.principal, &source, &part)];
            rights.push(right);
        }
        Together { rights, ..together }
    }

    /// Rights of which some are had by roles that can be bound: bound to who has those that one request asks for with them.
    pub(super) fn bound_together(&mut self, primitive: usize, mut together: Together) -> Together {
        let needs = self.primitives[primitive].needs;
        for first in 0..needs.len() {
            let of_request = |&need: &usize| need == first || needs[need].with == Some(first);
            let request: Vec<usize> = (0..needs.len()).filter(of_request).collect();
            let rights = &together.rights;
            let Some(who) = request.iter().map(|&need| &rights[need]).find(|right| !right.anybody) else {
                continue;
            };
            let who = who.principal.clone();
            for need in request {
                let right = &mut together.rights[need];
                if right.anybody && right.principal != who {
                    let facts = right.facts.iter().map(|&fact| &self.closure.facts[fact]);
                    let rebound: Vec<Derived> = facts.filter_map(|fact| bound_to(fact, &who)).collect();
                    right.principal = who.clone();
                    right.facts = rebound.into_iter().map(|fact| self.add(fact)).collect();
                }
            }
        }
        together
    }

    /// What one of them has by bindings to each need, if it is all that they have together.
    fn own(&self, primitive: usize, together: &Together, principal: &Principal) -> Option<Vec<Own>> {
        let row = self.primitives[primitive];
        let applies = self.bindings.get(principal)?;
        let right_to = |need: usize| {
            let covers = |right: &Right| {
                (right.scope.is_none() || right.scope == together.scope)
                    && (right.names.is_empty() || right.names == together.rights[need].names)
            };
            applies
                .iter()
                .find_map(|&applies| self.by_binding(applies, principal, (primitive, need), &covers))
        };
        (0..row.needs.len()).map(right_to).collect()
    }

    /// A right to a need by one binding.
    fn by_binding(
        &self,
        applies: Applies,
        principal: &Principal,
        (primitive, need): (usize, usize),
        is_enough: &impl Fn(&Right) -> bool,
    ) -> Option<Own> {
        let need = &self.primitives[primitive].needs[need];
        let granted = self.access.bindings[applies.binding].binding.object.namespace.as_deref();
        self.access.granted(applies.binding).iter().find_map(|&rule| {
            let held = Held { applies, rule };
            let Some(Part::Whole(part)) = need.met_by(self.access.rule(rule), &self.objects) else {
                return None;
            };
            let rights = need.place.scopes(granted, &part.resource_names).into_iter();
            let right = rights
                .map(|(scope, names)| Right {
                    scope,
                    names,
                    principal: principal.clone(),
                    anybody: false,
                    facts: Vec::new(),
                })
                .find(is_enough)?;
            self.counts(held).then_some((right, held, part))
        })
    }
}
