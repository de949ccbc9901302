//! What serves the routes of an environment runs in no namespace of another one.

use crate::findings::Findings;
use crate::intent::{ClusterId, Environment, Intent, RoutesOf};
use crate::rules;
use std::collections::BTreeMap;

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    let mut owners: BTreeMap<(ClusterId, &str), &str> = BTreeMap::new();
    for environment in &intent.environments {
        for namespace in &environment.namespaces {
            owners.insert((environment.cluster, &namespace.value), &environment.name.value);
        }
    }
    for environment in &intent.environments {
        proxies_are_of_nobody_else(environment, &owners, findings);
    }
}

/// Reports a proxy or a Gateway that stands in a namespace of another environment: whoever acts there would act for all whom
/// it serves, and its namespace is let in by all of them.
fn proxies_are_of_nobody_else(
    environment: &Environment,
    owners: &BTreeMap<(ClusterId, &str), &str>,
    findings: &mut Findings,
) {
    let Some(ingress) = &environment.ingress else { return };
    let gateway = match &ingress.serves {
        RoutesOf::Gateway { namespace, .. } => Some(namespace),
        RoutesOf::Class(_) => None,
    };
    let own = environment.name.value.as_str();
    for namespace in std::iter::once(&ingress.namespace).chain(gateway) {
        let name = namespace.value.as_str();
        let owner = owners.get(&(environment.cluster, name)).filter(|owner| **owner != own);
        if let Some(owner) = owner {
            findings.error(
                rules::SHARED_NAMESPACE,
                format!(
                    "routes of `{own}` are served from the namespace `{name}`, which is one of `{owner}`"
                ),
                namespace.span,
                format!("is a namespace of `{owner}`"),
                "run what serves routes in a namespace of no environment",
            );
        }
    }
}
