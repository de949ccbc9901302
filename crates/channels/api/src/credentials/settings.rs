//! ConfigMaps, pods and templates of the `to` side that hold credentials, where the `from` side may read them (convention 11).

use super::{Credentials, credentials, places};
use crate::attack::{Closure, Power};
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::fingerprint;
use watertight_model::{Breach, Evidence, ObjectRef, Root, Snapshot, When};

impl Credentials {
    /// Those that it comes to read: one for each binding that lets it, with `all` one for each object.
    #[must_use]
    pub fn in_settings(
        snapshot: &Snapshot,
        closure: &Closure,
        to: &BTreeSet<&str>,
        all: bool,
    ) -> Vec<Breach> {
        let mut held: BTreeMap<&ObjectRef, &str> = BTreeMap::new();
        for credential in credentials(places(snapshot, to)) {
            let place = credential.place;
            if place.object.kind != "Secret" {
                held.entry(place.object).or_insert(&place.held.key);
            }
        }
        let mut breaches: BTreeMap<(&str, ObjectRef, Option<&ObjectRef>), Breach> = BTreeMap::new();
        for (&object, key) in &held {
            for holding in closure.holdings_in(object.namespace.as_deref().unwrap_or_default()) {
                if !holding.shows(object) {
                    continue;
                }
                let power = holding.power();
                let known = (power.rule, power.root.clone(), all.then_some(object));
                breaches
                    .entry(known)
                    .and_modify(|breach| breach.count += 1)
                    .or_insert_with(|| breach(power, object, key));
            }
        }
        breaches.into_values().collect()
    }
}

fn breach(power: Power, object: &ObjectRef, key: &str) -> Breach {
    let message =
        format!("{} ({}), and {object} holds a credential under `{key}`", power.message, power.root);
    let of_root = power.steps.iter().rev().flat_map(|step| &step.because);
    let highlight = of_root.filter(|because| because.object == power.root).find_map(|because| {
        let Some(Evidence::File(span)) = &because.evidence else { return None };
        Some((*span, "grants it".to_owned()))
    });
    Breach {
        id: fingerprint(&format!("{} {message}", power.rule)),
        rule: power.rule,
        root: Root::object(power.root.clone()),
        when: When::Now,
        message,
        help: power.help,
        count: 1,
        reached: BTreeSet::new(),
        steps: power.steps,
        highlight,
    }
}
