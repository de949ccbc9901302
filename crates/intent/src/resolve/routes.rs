//! A host and a path lead to one application of one environment, and somebody serves them.

use crate::findings::Findings;
use crate::intent::{Intent, PlacedSource};
use crate::rules;
use std::collections::BTreeMap;

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    let mut hosts: BTreeMap<&str, &str> = BTreeMap::new();
    let mut paths: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for application in &intent.applications {
        for placement in &application.placements {
            let PlacedSource::Workload(workload) = &placement.source else { continue };
            let Some(environment) = intent.environments.get(placement.environment.0) else { continue };
            let own = environment.name.value.as_str();
            for route in &workload.routes {
                let (host, path) = (route.host.value.as_str(), route.path.value.as_str());
                let other = *hosts.entry(host).or_insert(own);
                if other != own {
                    let message = format!("the host `{host}` is one of `{other}` and of `{own}`");
                    let help = format!(
                        "give each environment hosts of its own, in `overrides` of `{}`",
                        application.name.value
                    );
                    findings.error(
                        rules::SHARED_ROUTE,
                        message,
                        route.host.span,
                        format!("a host of `{other}` too"),
                        help,
                    );
                }
                let name = application.name.value.as_str();
                let taken = *paths.entry((host, path)).or_insert(name);
                if taken != name && other == own {
                    let message = format!("`{host}{path}` leads to `{taken}` and to `{name}`");
                    let help = "give one of them another path";
                    findings.error(
                        rules::SHARED_ROUTE,
                        message,
                        route.host.span,
                        format!("leads to `{taken}` too"),
                        help,
                    );
                }
                let cluster = intent.clusters.get(environment.cluster.0);
                if let Some(cluster) = cluster.filter(|cluster| cluster.ingress.is_none()) {
                    let message = format!(
                        "nobody serves routes in the cluster `{}`, in which `{own}` is",
                        cluster.name.value
                    );
                    let help = "give the cluster in `clusters` an `ingress`, with the `namespace` and the `className` of its controller";
                    findings.error(rules::MISSING_FIELD, message, route.host.span, "served by nobody", help);
                }
            }
        }
    }
}
