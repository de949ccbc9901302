//! No host that one environment may publish is one of another, or below a wildcard of it in the same cluster: whoever names it
//! would take the other's requests. Of two hosts that both stand in routes, `routes.rs` says it.

use crate::findings::Findings;
use crate::intent::{Intent, PlacedSource, Spanned};
use crate::rules;
use std::collections::BTreeMap;

/// A host with the environment that it is one of, by its place in the intent.
#[derive(Clone, Copy)]
struct Host<'i> {
    environment: usize,
    host: &'i Spanned<String>,
    of_route: bool,
}

pub(super) fn check(intent: &Intent, findings: &mut Findings) {
    if intent.environments.iter().all(|environment| environment.hosts.is_empty()) {
        return;
    }
    // Of each host the first of each environment, what is in `hosts` before what is in routes.
    let mut owners: BTreeMap<&str, Vec<Host<'_>>> = BTreeMap::new();
    let hosts = hosts(intent);
    for host in &hosts {
        let known = owners.entry(&host.host.value).or_default();
        if known.iter().all(|other| other.environment != host.environment) {
            known.push(*host);
        }
    }
    for host in hosts {
        let same = owners.get(host.host.value.as_str()).into_iter().flatten();
        let meets = same.filter(|other| other.host.span.start < host.host.span.start);
        let above = above(&host.host.value);
        let above = above.iter().filter_map(|wildcard| owners.get(wildcard.as_str())).flatten();
        let cluster = |index: usize| intent.environments.get(index).map(|environment| environment.cluster);
        let above = above.filter(|other| cluster(other.environment) == cluster(host.environment));
        let other = meets
            .chain(above)
            .find(|other| other.environment != host.environment && !(other.of_route && host.of_route));
        if let Some(other) = other {
            report(intent, host, *other, findings);
        }
    }
}

/// What environments publish: what `hosts` says, and then the routes of their applications.
fn hosts(intent: &Intent) -> Vec<Host<'_>> {
    let declared = intent.environments.iter().enumerate().flat_map(|(environment, it)| {
        it.hosts.iter().map(move |host| Host { environment, host, of_route: false })
    });
    let placements = intent.applications.iter().flat_map(|application| &application.placements);
    let routed = placements.flat_map(|placement| {
        let routes = match &placement.source {
            PlacedSource::Workload(workload) => workload.routes.as_slice(),
            _ => &[],
        };
        let environment = placement.environment.0;
        routes.iter().map(move |route| Host { environment, host: &route.host, of_route: true })
    });
    declared.chain(routed).filter(|it| !it.host.value.is_empty()).collect()
}

/// The wildcards that stand for a host, or for all that a wildcard stands for.
fn above(host: &str) -> Vec<String> {
    let mut rest = host.strip_prefix("*.").unwrap_or(host);
    let mut above = Vec::new();
    while let Some((_, base)) = rest.split_once('.') {
        above.push(format!("*.{base}"));
        rest = base;
    }
    above
}

fn report(intent: &Intent, host: Host<'_>, other: Host<'_>, findings: &mut Findings) {
    let name = |index: usize| intent.environments.get(index).map_or("", |it| it.name.value.as_str());
    let (own, others) = (name(host.environment), name(other.environment));
    let value = &host.host.value;
    let message = if *value == other.host.value {
        format!("the host `{value}` is one of `{others}` and of `{own}`")
    } else {
        format!("the host `{value}` of `{own}` lies below `{}` of `{others}`", other.host.value)
    };
    let help = "give each environment hosts of its own, none of which is below a wildcard of another";
    findings.error(rules::SHARED_ROUTE, message, host.host.span, format!("a host of `{others}` too"), help);
}

#[cfg(test)]
mod tests {
    use super::above;

    #[test]
    fn a_wildcard_stands_for_all_that_is_below() {
        assert_eq!(above("a.b.example.com"), ["*.b.example.com", "*.example.com", "*.com"]);
        assert_eq!(above("*.b.example.com"), ["*.example.com", "*.com"]);
        assert_eq!(above("localhost"), [""; 0]);
    }
}
