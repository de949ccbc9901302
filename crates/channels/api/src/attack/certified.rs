//! A closure as a certificate has it: all that the attacker comes to, without how.

use super::closure::Closure;
use std::collections::{BTreeMap, BTreeSet};
use watertight_model::{Principal, ReachedFact};

/// Where something is gained, and bound to which names.
type Bounds = (Option<String>, BTreeSet<String>);

impl Closure {
    /// All that the attacker comes to, but for what another fact of it says too. Whatever follows from it is in it, unless
    /// something in it is a breach.
    #[must_use]
    pub fn certified(&self) -> Vec<ReachedFact> {
        let mut by_row: BTreeMap<&String, BTreeSet<Bounds>> = BTreeMap::new();
        for (row, scope, names) in &self.yielded {
            by_row.entry(row).or_default().insert((scope.clone(), names.iter().cloned().collect()));
        }
        let acts_as = |principal: &Principal| ReachedFact::ActsAs {
            principal: principal.clone(),
            impersonated: self.impersonated.contains(principal),
        };
        let mut facts: Vec<ReachedFact> = self.principals().map(acts_as).collect();
        for (row, all) in by_row {
            let is_said = |one: &Bounds| all.iter().any(|other| other != one && says(other, one));
            let needed = all.iter().filter(|one| !is_said(one)).cloned();
            facts.extend(needed.map(|(scope, names)| ReachedFact::Gains { row: row.clone(), scope, names }));
        }
        // Somebody who was held by headers alone first is there twice.
        facts.sort();
        facts.dedup();
        facts
    }
}

/// Whether the first says at least as much as the second.
fn says((scope, names): &Bounds, (of_scope, of_names): &Bounds) -> bool {
    (scope.is_none() || scope == of_scope)
        && (names.is_empty() || !of_names.is_empty() && of_names.is_subset(names))
}
