//! Who answers what the API server calls, after how it finds them: the endpoints of a Service, the name behind an ExternalName,
//! and whoever has an address or publishes a host.

use std::collections::BTreeSet;
use watertight_model::{Callee, EndpointTarget, Host, ServiceType, Snapshot};

/// A namespace that has a part in the answer.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Home {
    pub(super) namespace: String,
    /// The Service there that is called; `None` for what is called by its address.
    pub(super) service: Option<String>,
    /// Whether pods of this namespace answer. Else only the Service that leads to them is there.
    pub(super) answers: bool,
}

pub(super) fn homes(snapshot: &Snapshot, callee: &Callee) -> BTreeSet<Home> {
    let mut homes = BTreeSet::new();
    // Services that are still to be looked at, and all that ever were.
    let mut next = match callee {
        Callee::Service { namespace, name } => vec![(namespace.clone(), name.clone())],
        Callee::Url(host) => of_host(snapshot, host, &mut homes),
    };
    let mut seen = BTreeSet::new();
    while let Some(service) = next.pop() {
        if seen.insert(service.clone()) {
            next.extend(of_service(snapshot, service, &mut homes));
        }
    }
    homes
}

/// Those of a Service; gives the Services to which it leads.
fn of_service(
    snapshot: &Snapshot,
    (namespace, name): (String, String),
    homes: &mut BTreeSet<Home>,
) -> Vec<(String, String)> {
    let id = snapshot.namespace_named(&namespace);
    let mut services = snapshot.services.iter();
    let service = services.find(|it| Some(it.namespace) == id && it.origin.object.name == name);
    let alias = service.filter(|service| service.kind == ServiceType::ExternalName);
    let alias = alias.and_then(|service| service.external_name.as_ref());
    // One that is not there may come with pods of its namespace. One without a selector has none.
    let answers = alias.is_none() && service.is_none_or(|service| service.selector.is_some());
    homes.insert(Home { namespace, service: Some(name.clone()), answers });
    if let Some(alias) = alias {
        return of_host(snapshot, &Host::of(alias.text.trim_end_matches('.')), homes);
    }
    let endpoints = snapshot.endpoints.iter();
    for endpoints in endpoints.filter(|it| Some(it.namespace) == id && it.service.as_ref() == Some(&name)) {
        for endpoint in endpoints.subsets.iter().flat_map(|subset| &subset.endpoints) {
            let mut behind = having(snapshot, &endpoint.host);
            if let (true, Some(EndpointTarget::Pod { namespace, .. })) = (behind.is_empty(), &endpoint.target)
            {
                behind.insert(namespace.clone());
            }
            homes.extend(behind.into_iter().map(pods_of));
        }
    }
    Vec::new()
}

/// Those of an address or a name; gives the Services that have it.
fn of_host(snapshot: &Snapshot, host: &Host, homes: &mut BTreeSet<Home>) -> Vec<(String, String)> {
    if let Host::Name(name) = host
        && let Some(service) = in_dns(name)
    {
        return vec![service];
    }
    homes.extend(having(snapshot, host).into_iter().map(pods_of));
    for ingress in &snapshot.ingresses {
        let is_it = |of: &Option<String>| matches!((host, of), (Host::Name(name), Some(of)) if name == of);
        if ingress.rules.iter().any(|rule| is_it(&rule.host)) {
            homes.insert(pods_of(snapshot.namespace(ingress.namespace).name.clone()));
        }
    }
    let services = snapshot.services.iter().filter(|service| {
        let addresses = service.cluster_ips.iter().chain(&service.external_ips);
        service.load_balancers.contains(host) || addresses.into_iter().any(|it| *host == Host::Address(*it))
    });
    let named =
        services.map(|it| (snapshot.namespace(it.namespace).name.clone(), it.origin.object.name.clone()));
    named.collect()
}

fn pods_of(namespace: String) -> Home {
    Home { namespace, service: None, answers: true }
}

/// The namespaces of the pods with this address.
fn having(snapshot: &Snapshot, host: &Host) -> BTreeSet<String> {
    let Host::Address(address) = host else { return BTreeSet::new() };
    let pods = snapshot.pods.iter().filter(|pod| pod.addresses.contains(address));
    pods.map(|pod| snapshot.namespace(pod.namespace).name.clone()).collect()
}

/// The Service that the cluster's DNS means: `[POD.]NAME.NAMESPACE.svc`, alone or with the cluster's own end.
fn in_dns(name: &str) -> Option<(String, String)> {
    let labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
    let at = labels.iter().position(|&label| label == "svc").filter(|&at| at >= 2)?;
    let is_own = labels.get(at + 1).is_none_or(|&label| label == "cluster");
    is_own.then(|| (labels[at - 1].to_owned(), labels[at - 2].to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_named_by_the_clusters_dns() {
        let own = || Some(("shop".to_owned(), "hook".to_owned()));
        for name in ["hook.shop.svc", "hook.shop.svc.cluster.local.", "0.hook.shop.svc.cluster.local"] {
            assert_eq!(in_dns(name), own(), "{name}");
        }
        for name in ["svc.example.com", "shop.svc", "a.b.svc.example.com", "example.com"] {
            assert_eq!(in_dns(name), None, "{name}");
        }
    }
}
