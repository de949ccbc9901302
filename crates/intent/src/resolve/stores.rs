//! A store that an application uses is somewhere for each of its environments.

use crate::findings::Findings;
use crate::intent::{Intent, PlacedSource};
use crate::rules;

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    for application in &intent.applications {
        for placement in &application.placements {
            let PlacedSource::Workload(workload) = &placement.source else { continue };
            let Some(environment) = intent.environments.get(placement.environment.0) else { continue };
            for used in &workload.stores {
                let Some(store) = intent.stores.get(used.value.0) else { continue };
                let is_there = store
                    .endpoints
                    .iter()
                    .any(|endpoint| endpoint.environment.value == placement.environment);
                if !is_there {
                    let (name, place) = (&store.name.value, &environment.name.value);
                    let message = format!("the store `{name}` is nowhere for the environment `{place}`");
                    let help = format!("give `{name}` an endpoint for `{place}`");
                    findings.error(
                        rules::UNKNOWN_NAME,
                        message,
                        used.span,
                        format!("no endpoint for `{place}`"),
                        help,
                    );
                }
            }
        }
    }
}
