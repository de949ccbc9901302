//! What serves routes is let in by the pods to which it leads, and goes where routes tell it. So two environments with routes
//! do not share one.

use crate::rules;
use std::collections::BTreeMap;
use watertight_base::{Diagnostic, Span};
use watertight_intent::{ClusterId, Environment, EnvironmentId, Intent, PlacedSource, Promise};

/// Environments of one cluster that are walled off from each other and whose routes are served from one namespace.
pub(crate) fn diagnostics(intent: &Intent) -> Vec<Diagnostic> {
    let mut served: BTreeMap<(ClusterId, &str), Vec<(EnvironmentId, &Environment, Span)>> = BTreeMap::new();
    for (index, environment) in intent.environments.iter().enumerate() {
        let Some(ingress) = &environment.ingress else { continue };
        if has_routes(intent, EnvironmentId(index)) {
            let place = (environment.cluster, ingress.namespace.value.as_str());
            let one = (EnvironmentId(index), environment, ingress.namespace.span);
            served.entry(place).or_default().push(one);
        }
    }
    let mut diagnostics = Vec::new();
    for ((_, namespace), environments) in served {
        let walled = |(one, ..): &(EnvironmentId, _, _), (other, ..): &(EnvironmentId, _, _)| {
            intent.boundaries.iter().any(|boundary| {
                let both = [boundary.from, boundary.to];
                both.contains(one)
                    && both.contains(other)
                    && boundary.promises.iter().any(|promise| promise.value == Promise::Network)
            })
        };
        let pair = environments.iter().enumerate().find_map(|(index, one)| {
            let other = environments.get(index + 1..)?.iter().find(|other| walled(one, other))?;
            Some((one, other))
        });
        let Some(((_, one, _), (_, other, at))) = pair else { continue };
        let (one, other) = (&one.name.value, &other.name.value);
        diagnostics.push(
            Diagnostic::error(
                rules::SHARED_INGRESS,
                format!("routes of `{one}` and of `{other}` are served from the namespace `{namespace}`"),
            )
            .at(*at, "goes where either of the two tells it")
            .help(format!(
                "give `{one}` or `{other}` an `ingress` of its own, whose proxy watches its namespaces alone"
            )),
        );
    }
    diagnostics
}

/// Whether an application in short form has a route in an environment.
fn has_routes(intent: &Intent, id: EnvironmentId) -> bool {
    let mut placements = intent.applications.iter().flat_map(|application| &application.placements);
    placements.any(|placement| {
        placement.environment == id
            && matches!(&placement.source, PlacedSource::Workload(workload) if !workload.routes.is_empty())
    })
}
