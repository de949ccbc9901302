//! What serves routes is let in by the pods to which it leads, and goes where routes tell it. So two environments with routes
//! do not share one, unless guards close each way in which it could be told: of ingress-nginx, all are known.

use crate::rules;
use std::collections::{BTreeMap, BTreeSet};
use watertight_base::{Diagnostic, Span};
use watertight_intent::{ClusterId, Environment, EnvironmentId, IngressProgram, Intent, Promise, RoutesOf};

/// An environment with routes.
struct Served<'i> {
    id: EnvironmentId,
    environment: &'i Environment,
    /// Where the namespace of its proxy is named.
    at: Span,
}

/// Environments of one cluster that are walled off from each other and whose routes are served from one namespace. `publish` are those
/// with routes.
pub(crate) fn diagnostics(intent: &Intent, publish: &BTreeSet<EnvironmentId>) -> Vec<Diagnostic> {
    let mut places: BTreeMap<(ClusterId, &str), Vec<Served<'_>>> = BTreeMap::new();
    for (index, environment) in intent.environments.iter().enumerate() {
        let (id, Some(ingress)) = (EnvironmentId(index), &environment.ingress) else { continue };
        if publish.contains(&id) {
            let place = (environment.cluster, ingress.namespace.value.as_str());
            places.entry(place).or_default().push(Served { id, environment, at: ingress.namespace.span });
        }
    }
    let shared = |((_, namespace), served): ((ClusterId, &str), Vec<Served<'_>>)| {
        let mut pairs = served.iter().enumerate().flat_map(|(index, one)| {
            served.get(index + 1..).unwrap_or_default().iter().map(move |other| (one, other))
        });
        let (one, other) =
            pairs.find(|(one, other)| are_walled(intent, one.id, other.id) && !goes_by_rules(one, other))?;
        let at = other.at;
        let (one, other) = (&one.environment.name.value, &other.environment.name.value);
        let found = Diagnostic::error(
            rules::SHARED_INGRESS,
            format!("routes of `{one}` and of `{other}` are served from the namespace `{namespace}`"),
        );
        Some(found.at(at, "goes where either of the two tells it").help(format!(
            "give `{one}` or `{other}` an `ingress` of its own, whose proxy watches its namespaces alone; or say `controller: ingress-nginx` where one of that class serves both"
        )))
    };
    places.into_iter().filter_map(shared).collect()
}

/// Whether two environments are served by one ingress-nginx, which goes by its rules where guards keep everything else away
/// (`guards/`). That it is one, alone in its pod and without known faults, is seen where its manifests are: by `prove`.
fn goes_by_rules(one: &Served<'_>, other: &Served<'_>) -> bool {
    let class = |served: &Served<'_>| {
        let ingress = served.environment.ingress.as_ref()?;
        let RoutesOf::Class(class) = &ingress.serves else { return None };
        let is_known = ingress.controller.value == IngressProgram::IngressNginx;
        is_known.then(|| class.value.clone())
    };
    class(one).is_some_and(|own| class(other) == Some(own))
}

/// Whether something is promised on the network between two environments.
fn are_walled(intent: &Intent, one: EnvironmentId, other: EnvironmentId) -> bool {
    intent.boundaries.iter().any(|boundary| {
        let both = [boundary.from, boundary.to];
        let promised = boundary.promises.iter().any(|promise| promise.value == Promise::Network);
        promised && both.contains(&one) && both.contains(&other)
    })
}
