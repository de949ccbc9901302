//! A store that two environments use at one place: behind both walls, it is one thing.

use crate::rules;
use std::collections::BTreeMap;
use watertight_base::Diagnostic;
use watertight_intent::{EnvironmentId, Intent};

/// A warning for each endpoint that another environment has too, by host and port: what is in a store is examined on no channel yet.
pub(crate) fn diagnostics(intent: &Intent) -> Vec<Diagnostic> {
    let name = |id: EnvironmentId| intent.environments.get(id.0).map_or("", |it| it.name.value.as_str());
    let mut known: BTreeMap<(&str, u16), EnvironmentId> = BTreeMap::new();
    let mut diagnostics = Vec::new();
    for endpoint in intent.stores.iter().flat_map(|store| &store.endpoints) {
        let own = endpoint.environment.value;
        let other = *known.entry((endpoint.host.value.as_str(), endpoint.port.value)).or_insert(own);
        if other == own {
            continue;
        }
        let (one, other) = (name(other), name(own));
        let message = format!(
            "`{one}` and `{other}` have one store: `{}:{}`",
            endpoint.host.value, endpoint.port.value
        );
        diagnostics.push(
            Diagnostic::warning(rules::SHARED_STORE, message)
                .at(endpoint.host.span, format!("the store of `{one}` too"))
                .help(format!(
                    "give `{other}` a store of its own, or let logins of each reach nothing of the other: no wall around pods does"
                )),
        );
    }
    diagnostics
}
