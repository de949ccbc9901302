//! URLs of the `from` side with a password for a host of the `to` side.

use super::{Place, held};
use crate::sharing::Sides;
use std::collections::BTreeSet;
use watertight_base::Sealed;
use watertight_model::{Host, NamespaceId};

pub(super) fn reason(sides: &Sides<'_>) -> Option<String> {
    let hosts = Hosts::of(sides);
    for Place { object, held, .. } in held(sides) {
        let logins = held.value.trimmed().logins_of_urls();
        if logins.iter().any(|login| login.hosts.iter().any(|host| hosts.are_theirs(host))) {
            return Some(format!(
                "{object} holds a password for a host of the other side under `{}`",
                held.key
            ));
        }
    }
    None
}

/// A value of the `from` side that names a host of the other, or logs in to a host to which the other does
/// (`rules/shared-address.md`). `theirs` is what the other holds.
pub(super) fn reason_of_lesser(sides: &Sides<'_>, theirs: &[Place<'_>]) -> Option<String> {
    let hosts = Hosts::of(sides);
    let logins = theirs.iter().flat_map(|place| place.held.value.logins_of_urls());
    let stores: BTreeSet<Sealed> = logins.flat_map(|login| login.hosts).collect();
    for Place { object, held, .. } in held(sides) {
        let value = held.value.trimmed();
        let names_one = value.hosts().iter().any(|host| hosts.are_theirs(host));
        let mut stored = value.logins_of_urls().into_iter().flat_map(|login| login.hosts);
        if names_one || stored.any(|host| stores.contains(&host)) {
            return Some(format!("{object} names a host of the other side under `{}`", held.key));
        }
    }
    None
}

/// The hosts of the `to` side.
struct Hosts {
    named: BTreeSet<Sealed>,
    namespaces: BTreeSet<Sealed>,
}

impl Hosts {
    fn of(sides: &Sides<'_>) -> Self {
        let mut named = hosts(sides, sides.to);
        // What both publish is found elsewhere, and says nothing here.
        for host in hosts(sides, sides.from) {
            named.remove(&host);
        }
        Self { named, namespaces: sides.to.iter().map(|&id| Sealed::from(sides.name(id))).collect() }
    }

    fn are_theirs(&self, host: &Sealed) -> bool {
        self.named.contains(host) || is_in(host, &self.namespaces)
    }
}

/// The names and addresses of Services, and the hosts that Ingresses and routes publish.
fn hosts(sides: &Sides<'_>, side: &[NamespaceId]) -> BTreeSet<Sealed> {
    let mut hosts: Vec<String> = Vec::new();
    for service in sides.snapshot.services.iter().filter(|service| side.contains(&service.namespace)) {
        hosts.push(format!("{}.{}", service.origin.object.name, sides.name(service.namespace)));
        hosts.extend(service.load_balancers.iter().map(Host::to_string));
        hosts.extend(service.cluster_ips.iter().chain(&service.external_ips).map(ToString::to_string));
    }
    for ingress in sides.snapshot.ingresses.iter().filter(|ingress| side.contains(&ingress.namespace)) {
        hosts.extend(ingress.rules.iter().filter_map(|rule| rule.host.clone()));
    }
    for route in sides.snapshot.routes.iter().filter(|route| side.contains(&route.namespace)) {
        hosts.extend(route.hostnames.iter().cloned());
    }
    hosts.iter().map(|host| Sealed::from(host.to_ascii_lowercase().as_str())).collect()
}

/// Whether the cluster's DNS names by a host what is in one of these namespaces: `….NAMESPACE.svc.…`.
fn is_in(host: &Sealed, namespaces: &BTreeSet<Sealed>) -> bool {
    let service = Sealed::from("svc");
    let labels: Vec<Sealed> = host.labels_of_host().collect();
    // Of several places that look so, the first counts.
    let at = (2..labels.len()).find(|&at| labels[at] == service);
    at.is_some_and(|at| namespaces.contains(&labels[at - 1]))
}
